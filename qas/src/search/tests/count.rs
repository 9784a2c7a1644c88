//! Evaluations are counted alike, whoever searches.

use std::sync::atomic::{AtomicU64, Ordering};

use qloom_circuits::Circuit;
use qloom_sim::Energy;

use super::*;
use crate::{
    AgentConfig, AnnealingConfig, Cost, CostError, LocalConfig, MctsConfig, ObserveConfig, PpoConfig, Start, TestConfig,
};

/// The energy of two spins, and how often it was asked for.
struct Counted {
    energy: Energy,
    asked: Arc<AtomicU64>,
}

impl Cost for Counted {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError> {
        Ok(self.energy.rebuild(circuit)?)
    }

    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.energy.value_and_gradient(angles, gradient)?)
    }
}

#[test]
fn what_is_counted_is_what_was_asked_for() {
    let agents = [
        AgentConfig::Random(RandomConfig {}),
        small().agent,
        AgentConfig::Ppo(PpoConfig { episodes: 2, ..PpoConfig::default() }),
        AgentConfig::Mcts(MctsConfig { simulations: 2, train_every: 1, ..MctsConfig::default() }),
        AgentConfig::Mcts(MctsConfig { network: false, ..MctsConfig::default() }),
        AgentConfig::Local(LocalConfig::default()),
        AgentConfig::Annealing(AnnealingConfig::default()),
    ];
    for agent in agents {
        for scaled in [false, true] {
            let mut config = SearchConfig { agent: agent.clone(), episodes: 20, ..small() };
            config.teacher = crate::TeacherConfig::Fixed(crate::FixedConfig { thresholds: vec![1e-12], episodes: vec![] });
            if scaled {
                config.environment.observe = ObserveConfig { slopes: true, ..ObserveConfig::default() };
                config.environment.actions.steepest = 4;
                config.environment.start = Start::BasisState;
                config.test = TestConfig { every: 2, at_end: true };
            }
            let sum: PauliSum = "X0 X1 + Y0 Y1 + 0.7 Z0 Z1 + 0.3 Z0".parse().expect("a sum");
            let asked = Arc::new(AtomicU64::new(0));
            let energy = Energy::new(&Circuit::new(2), &sum).expect("gates");
            let cost = Counted { energy, asked: Arc::clone(&asked) };
            let problem = Problem::of_cost("spins", 2, -4.0).expect("two qubits");
            let mut search = Search::with_cost(config, problem, 3, Box::new(cost)).expect("valid");
            let reports = events(&mut search).len() as u64;
            let (counted, asked) = (search.evaluations(), asked.load(Ordering::Relaxed));
            // what reports say of the last circuit and of new best ones at known angles is asked for once more, and not counted
            assert!(counted > 15 * reports, "{agent:?} {scaled}: {counted} for {reports}");
            assert!(counted + reports <= asked && asked <= counted + 2 * reports, "{agent:?} {scaled}: {counted} of {asked}");
        }
    }
}
