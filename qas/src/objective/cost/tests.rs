use qloom_circuits::{Angle, PauliSum};
use qloom_optim::{LbfgsConfig, MinimizerConfig, NaturalGradientConfig};
use qloom_sim::{Energy, SimulatorConfig, metric_tensor};

use super::*;
use crate::objective::{Objective, ObjectiveConfig};
use crate::{AgentConfig, Event, Problem, RandomConfig, Search, SearchConfig};

/// The energy of two spins, as a cost, and how often it may be asked for.
struct Spins {
    energy: Energy,
    left: u32,
}

fn heisenberg() -> PauliSum {
    "X0 X1 + Y0 Y1 + Z0 Z1".parse().expect("a sum")
}

fn spins(left: u32) -> Box<dyn Cost> {
    Box::new(Spins { energy: Energy::new(&Circuit::new(2), &heisenberg()).expect("gates"), left })
}

impl Cost for Spins {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError> {
        Ok(self.energy.rebuild(circuit)?)
    }

    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
        self.left = self.left.checked_sub(1).ok_or("no more values")?;
        Ok(self.energy.value_and_gradient(angles, gradient)?)
    }
}

fn config(agent: AgentConfig) -> SearchConfig {
    SearchConfig { episodes: 10, agent, ..SearchConfig::default() }
}

fn problem() -> Problem {
    Problem::of_cost("spins", 2, -4.0).expect("two qubits").with_exact_energy(-3.0).expect("finite")
}

fn run(search: &mut Search) {
    while let Event::Episode(_) = search.step().expect("steps") {}
}

#[test]
fn an_energy_as_a_cost_is_searched_like_the_energy() {
    for agent in [AgentConfig::default(), AgentConfig::Random(RandomConfig {})] {
        let mut own = Search::with_cost(config(agent.clone()), problem(), 3, spins(u32::MAX)).expect("valid");
        assert!(own.problem().lower_bound() == -4.0);
        run(&mut own);
        let found = own.best().expect("builds").expect("found");
        let energy = Energy::new(&found.circuit, &heisenberg()).expect("gates").value(&found.angles).expect("finite");
        assert!((energy - found.energy).abs() < 1e-12, "{agent:?} {}", found.energy);
        if agent == AgentConfig::default() {
            assert!((found.energy + 3.0).abs() < 1e-6, "{}", found.energy);
        }
    }
}

#[test]
fn slopes_of_a_cost_are_those_of_the_energy() {
    let mut circuit = Circuit::new(2);
    circuit.ry(0.3, 0).cx(0, 1).rx(-0.8, 1);
    let strings: Vec<PauliString> =
        ["XY", "ZX", "IY", "YZ"].iter().map(|word| PauliString::from_word(word).expect("a word")).collect();
    let mut energy = Energy::new(&circuit, &heisenberg()).expect("gates");
    for at in 0..=3 {
        let expected = energy.slopes(&circuit, at, &strings).expect("gates");
        let found = OwnCost(spins(u32::MAX)).slopes(&circuit, at, &strings).expect("gates");
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{at} {found:?} {expected:?}");
    }
}

/// The energy of two spins with the metric of its states.
struct Curved(Energy, Circuit);

impl Cost for Curved {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError> {
        self.1.clone_from(circuit);
        Ok(self.0.rebuild(circuit)?)
    }

    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
        Ok(self.0.value_and_gradient(angles, gradient)?)
    }

    fn has_metric(&self) -> bool {
        true
    }

    fn metric(&mut self, angles: &[f64], metric: &mut [f64]) -> Result<(), CostError> {
        metric.copy_from_slice(&metric_tensor(&self.1, angles, SimulatorConfig::default())?);
        Ok(())
    }
}

#[test]
fn a_cost_with_a_metric_is_fitted_along_natural_gradients() {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).rx(Angle::free(1), 1).cx(0, 1).rz(Angle::free(0).scaled(2.0), 1).ry(Angle::free(2), 0);
    let fit = |minimizer: &MinimizerConfig| {
        let cost = Curved(Energy::new(&Circuit::new(2), &heisenberg()).expect("gates"), Circuit::new(2));
        let mut objective = Objective::of_cost(ObjectiveConfig::default(), minimizer, Box::new(cost), 1).expect("valid");
        let fit = objective.fit_part(&circuit, vec![0.4, 0.3, -0.5], None, 1.0, None).expect("fits");
        (fit.energy, objective.evaluations())
    };
    let natural = MinimizerConfig::NaturalGradient(NaturalGradientConfig::default());
    let ((found, spent), (expected, _)) = (fit(&natural), fit(&MinimizerConfig::Lbfgs(LbfgsConfig::default())));
    assert!((found - expected).abs() < 1e-8, "{found} {expected}");
    assert!(spent.values > spent.gradients + 3, "metrics are counted: {spent:?}");
    let without = Objective::of_cost(ObjectiveConfig::default(), &natural, spins(u32::MAX), 1).err().expect("refused");
    assert!(without.to_string().contains("this cost has no metric"), "{without}");
    assert!(spins(u32::MAX).metric(&[], &mut []).is_err());
}

#[test]
fn a_search_with_a_cost_goes_on_bit_for_bit() {
    let mut whole = Search::with_cost(config(AgentConfig::default()), problem(), 3, spins(u32::MAX)).expect("valid");
    let mut cut = Search::with_cost(config(AgentConfig::default()), problem(), 3, spins(u32::MAX)).expect("valid");
    for _ in 0..4 {
        cut.step().expect("steps");
        cut = Search::resume_with_cost(config(AgentConfig::default()), problem(), &cut.state(), spins(u32::MAX)).expect("saved");
    }
    run(&mut cut);
    run(&mut whole);
    assert!(cut.state() == whole.state());
}

#[test]
fn what_goes_wrong_in_a_cost_is_told() {
    let error = Search::with_cost(config(AgentConfig::default()), problem(), 3, spins(0)).err().expect("refused");
    assert!(matches!(error, QasError::Cost(_)) && error.to_string().contains("no more values"), "{error}");
    let mut search = Search::with_cost(config(AgentConfig::default()), problem(), 3, spins(40)).expect("valid");
    let error = loop {
        match search.step() {
            Ok(Event::Episode(_)) => {}
            Ok(Event::Finished(reason)) => panic!("ended by {reason:?}"),
            Err(error) => break error,
        }
    };
    assert!(format!("{error:?}").contains("no more values"), "{error:?}");
    assert!(Problem::of_cost("none", 0, 0.0).is_err() && Problem::of_cost("deep", 2, f64::NAN).is_err());
}
