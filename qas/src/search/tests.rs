use std::sync::{Arc, Mutex};

use qloom_circuits::{PauliString, PauliSum};

use super::*;
use crate::agent::dqn::DqnConfig;
use crate::agent::random::{Random, RandomConfig};
use crate::{AgentConfig, Dimensions, Observation};

/// Hydrogen at 0.7414 angstrom on two qubits, STO-3G.
fn hydrogen() -> Problem {
    let terms = [
        ("II", -0.3399536134414944),
        ("IZ", 0.3939836794385143),
        ("ZI", 0.3939836794385143),
        ("ZZ", 0.011236585233182272),
        ("XX", 0.18128880821149587),
    ];
    let terms = terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c));
    let sum = PauliSum::new(2, terms).expect("valid");
    Problem::new("hydrogen", sum).expect("valid").with_exact_energy(-1.1372701746609029).expect("finite")
}

#[test]
fn published_lower_bound() {
    assert!((hydrogen().lower_bound() + 1.320446365758868).abs() < 1e-10);
}

fn small() -> SearchConfig {
    let agent = DqnConfig { hidden: vec![16], batch: 8, train_every: 1, epsilon_decay: 0.99, ..DqnConfig::default() };
    let mut config = SearchConfig { episodes: 30, agent: AgentConfig::Dqn(agent), ..SearchConfig::default() };
    config.environment.max_gates = 8;
    config
}

fn events(search: &mut Search) -> Vec<Event> {
    std::iter::from_fn(|| match search.step().expect("steps") {
        event @ Event::Episode(_) => Some(event),
        Event::Finished(_) => None,
    })
    .collect()
}

#[test]
fn one_seed_fixes_everything() {
    let run = |seed| {
        let mut search = Search::new(small(), hydrogen(), seed).expect("valid");
        (events(&mut search), search.state())
    };
    let (first, again, other) = (run(1), run(1), run(2));
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
}

#[test]
fn resumed_it_goes_on_bit_for_bit() {
    for agent in [small().agent, AgentConfig::Random(RandomConfig {})] {
        let config = SearchConfig { agent, ..small() };
        let mut uncut = Search::new(config.clone(), hydrogen(), 5).expect("valid");
        let expected = events(&mut uncut);
        let mut cut = Search::new(config.clone(), hydrogen(), 5).expect("valid");
        let mut seen = Vec::new();
        while let event @ Event::Episode(_) = cut.step().expect("steps") {
            seen.push(event);
            cut = Search::resume(config.clone(), hydrogen(), &cut.state()).expect("just saved");
        }
        assert_eq!(seen, expected);
        assert_eq!(cut.state(), uncut.state());
        assert_eq!(cut.best().expect("builds"), uncut.best().expect("builds"));
    }
}

#[test]
fn the_limits_may_change_on_resuming_and_nothing_else() {
    let mut search = Search::new(small(), hydrogen(), 5).expect("valid");
    events(&mut search);
    let state = search.state();
    let longer = SearchConfig { episodes: 33, ..small() };
    let mut resumed = Search::resume(longer, hydrogen(), &state).expect("only a limit differs");
    assert_eq!(events(&mut resumed).len(), 3);

    let mut wider = small();
    wider.environment.max_gates = 9;
    assert!(matches!(Search::resume(wider, hydrogen(), &state), Err(QasError::OtherSearch { .. })));
    let spin = Problem::new("spin", PauliSum::z(0, 2)).expect("valid");
    assert!(matches!(Search::resume(small(), spin, &state), Err(QasError::OtherSearch { .. })));
    for length in [0, 1, 40, state.len() - 1] {
        assert!(Search::resume(small(), hydrogen(), &state[..length]).is_err(), "{length} bytes of it");
    }
    let mut future = state;
    future[0] = 99;
    assert!(matches!(Search::resume(small(), hydrogen(), &future), Err(QasError::OtherFormat { found: 99, expected: FORMAT })));
}

#[test]
fn the_control_makes_as_many_evaluations() {
    let mut search = Search::new(small(), hydrogen(), 5).expect("valid");
    events(&mut search);
    let mut control = Search::new(small().control(search.evaluations()), hydrogen(), 5).expect("valid");
    events(&mut control);
    assert_eq!(control.stop_reason(), Some(StopReason::Evaluations));
    assert!(control.evaluations() >= search.evaluations());
}

#[test]
fn the_best_circuit_has_the_energy_it_is_said_to_have() {
    let config = SearchConfig { target_error: Some(1e-9), episodes: 2000, ..small() };
    let mut search = Search::new(config, hydrogen(), 3).expect("valid");
    events(&mut search);
    assert_eq!(search.stop_reason(), Some(StopReason::TargetError));
    let best = search.best().expect("builds").expect("found");
    assert!(hydrogen().error(best.energy).expect("known") < 2e-8);
    let bound = best.bound();
    assert_eq!((bound.num_parameters(), bound.operations().len()), (0, best.gates));
    let matrix = hydrogen().hamiltonian().matrix();
    let unitary = bound.unitary(&[]).expect("small");
    let mut energy = 0.0;
    for row in 0..4 {
        for column in 0..4 {
            let (bra, ket) = (unitary.entries()[4 * row].conj(), unitary.entries()[4 * column]);
            energy += (bra * matrix.entries()[4 * row + column] * ket).re;
        }
    }
    assert!((energy - best.energy).abs() < 1e-12);
}

#[test]
fn pruning_leaves_only_gates_that_are_needed() {
    let run = |prune| {
        let mut config = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), episodes: 40, ..small() };
        config.best.prune = prune;
        config.environment.max_gates = 20;
        config.teacher = crate::TeacherConfig::Fixed(crate::FixedConfig { thresholds: vec![1e-12], episodes: vec![] });
        let mut search = Search::new(config, hydrogen(), 3).expect("valid");
        events(&mut search);
        search.best().expect("builds").expect("found")
    };
    let (long, short) = (run(false), run(true));
    assert!((long.energy - short.energy).abs() < 2e-8);
    // Two rotations and a CNOT prepare any real combination of two basis states.
    assert!(short.gates <= 4 && short.gates <= long.gates, "{} {}", short.gates, long.gates);
}

/// Draws at random and notes whether what it chose was ever illegal.
struct Watched {
    inner: Random,
    chosen: Arc<Mutex<Vec<(bool, usize)>>>,
}

impl Agent for Watched {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let action = self.inner.act(observation)?;
        let mut chosen = self.chosen.lock().expect("not poisoned");
        chosen.push((observation.is_legal(action), observation.illegal.len()));
        Ok(action)
    }
    fn observe(&mut self, transition: Transition) {
        self.inner.observe(transition);
    }
    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        self.inner.learn()
    }
    fn exploration(&self) -> f64 {
        1.0
    }
    fn save(&self) -> Vec<u8> {
        self.inner.save()
    }
    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        self.inner.load(bytes)
    }
}

#[test]
fn an_agent_of_ones_own_is_told_what_is_illegal() {
    let chosen = Arc::new(Mutex::new(Vec::new()));
    let build = |dimensions: Dimensions| -> Box<dyn Agent> {
        Box::new(Watched { inner: Random::new(dimensions, 1), chosen: Arc::clone(&chosen) })
    };
    let mut search = Search::with_agent(small(), hydrogen(), 1, |_, sizes| build(sizes)).expect("valid");
    events(&mut search);
    let state = search.state();
    Search::resume_with_agent(small(), hydrogen(), &state, |_, sizes| build(sizes)).expect("just saved");
    let chosen = chosen.lock().expect("not poisoned");
    assert!(chosen.iter().all(|(legal, _)| *legal));
    assert!(chosen.iter().any(|(_, illegal)| *illegal > 0), "some actions were illegal");
}

#[test]
fn settings_that_contradict_the_problem_are_refused() {
    let unknown = Problem::new("spin", PauliSum::z(0, 2)).expect("valid");
    let config = SearchConfig { target_error: Some(1e-3), ..small() };
    assert!(matches!(Search::new(config, unknown, 1), Err(QasError::NoExactEnergy { setting: "target_error" })));
    let mut config = small();
    config.best.tolerance = f64::NAN;
    assert!(matches!(Search::new(config, hydrogen(), 1), Err(QasError::InvalidSetting { .. })));
}

#[test]
fn a_misspelt_key_is_refused() {
    for text in ["epsiodes = 3", "[agent.dqn]\nhiden = [3]", "[agent.dqnn]", "[environment.reward]\nsucess = 1.0"] {
        assert!(toml::from_str::<SearchConfig>(text).is_err(), "{text}");
    }
    let resolved = toml::to_string(&small()).expect("serialises");
    assert_eq!(toml::from_str::<SearchConfig>(&resolved).expect("its own output"), small());
}
