use qloom_circuits::{PauliString, PauliSum};
use qloom_optim::MinimizerConfig;

use super::*;
use crate::SimulatorChoice;
use crate::environment::halting::NegativeBinomial;
use crate::objective::ObjectiveConfig;

/// -Z0 - Z1, with an excited start: |00> has the highest energy of Z0 + Z1.
fn setup(config: EnvironmentConfig) -> (Environment, Objective) {
    let terms = ["ZI", "IZ"].map(|word| (PauliString::from_word(word).expect("a word"), 1.0));
    let problem = Problem::new("two spins", PauliSum::new(2, terms).expect("valid")).expect("valid");
    let mut objective =
        Objective::new(ObjectiveConfig::default(), &SimulatorChoice::default(), &MinimizerConfig::default(), &problem, 1)
            .expect("valid");
    let environment = Environment::new(config, &problem, &mut objective).expect("valid");
    (environment, objective)
}

const CNOT: usize = 0;
const RX_0: usize = 2;
const RX_1: usize = 5;
const RZ_0: usize = 4;

fn stream() -> Stream {
    Stream::named(1, "halting")
}

#[test]
fn an_episode_that_succeeds() {
    let (mut environment, mut objective) = setup(EnvironmentConfig::default());
    assert_eq!((environment.target(), environment.first_gap()), (-2.0, 4.0));
    let first = environment.reset(Task { threshold: 0.5 }, &mut stream());
    assert_eq!(first, Observation { entries: Vec::new(), energy: 1.0, illegal: Vec::new() });
    let step = environment.step(RX_0, &mut objective).expect("steps");
    assert!((step.energy - 0.0).abs() < 1e-12);
    // From a gap of 4 to a gap of 2.
    assert!((step.reward - 0.5).abs() < 1e-12 && step.ending.is_none());
    assert!((step.observation.energy - 0.5).abs() < 1e-6);
    assert_eq!(step.observation.illegal, [RX_0 as u16]);
    let step = environment.step(RX_1, &mut objective).expect("steps");
    assert!((step.energy + 2.0).abs() < 1e-12);
    assert_eq!((step.reward, step.ending), (5.0, Some(Ending::Success)));
    assert_eq!((environment.taken(), environment.depth()), (&[RX_0 as u16, RX_1 as u16][..], 1));
}

#[test]
fn an_episode_that_runs_out_of_gates() {
    let config = EnvironmentConfig { max_gates: 3, ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config);
    environment.reset(Task { threshold: 0.5 }, &mut stream());
    for (action, ending, reward) in [(CNOT, None, 0.0), (RZ_0, None, 0.0), (CNOT, Some(Ending::Exhausted), -5.0)] {
        let step = environment.step(action, &mut objective).expect("steps");
        assert_eq!((step.ending, step.reward), (ending, reward));
    }
    // The next episode starts afresh.
    let first = environment.reset(Task { threshold: 0.5 }, &mut stream());
    assert!(first.entries.is_empty() && environment.taken().is_empty() && environment.angles().is_empty());
    assert_eq!(environment.energy(), 2.0);
}

#[test]
fn a_halted_episode_has_one_gate_more_than_the_draw_and_an_ordinary_reward() {
    let halting = NegativeBinomial { minimum: 4, maximum: 4, ..NegativeBinomial::default() };
    let config = EnvironmentConfig { halting: Some(HaltingConfig::NegativeBinomial(halting)), ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config);
    environment.reset(Task { threshold: 0.5 }, &mut stream());
    for _ in 0..4 {
        assert_eq!(environment.step(RZ_0, &mut objective).expect("steps").ending, None);
    }
    let last = environment.step(RX_0, &mut objective).expect("steps");
    assert_eq!((last.ending, environment.taken().len()), (Some(Ending::Halted), 5));
    assert!((last.reward - 0.5).abs() < 1e-12);
}

#[test]
fn the_published_energy_feature_is_the_energy() {
    let config = EnvironmentConfig { energy_feature: EnergyFeature::Energy, ..EnvironmentConfig::default() };
    let (mut environment, _) = setup(config);
    assert_eq!(environment.reset(Task { threshold: 0.5 }, &mut stream()).energy, 2.0);
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let problem = Problem::new("one", PauliSum::z(0, 2)).expect("valid");
    let mut objective =
        Objective::new(ObjectiveConfig::default(), &SimulatorChoice::default(), &MinimizerConfig::default(), &problem, 1)
            .expect("valid");
    let mut refused = |config| Environment::new(config, &problem, &mut objective).err().expect("refused");
    let zero = refused(EnvironmentConfig { max_gates: 0, ..EnvironmentConfig::default() });
    assert!(matches!(zero, QasError::InvalidSetting { setting, .. } if setting == "environment.max_gates"));
    let exact = refused(EnvironmentConfig { target: Target::Exact, ..EnvironmentConfig::default() });
    assert!(matches!(exact, QasError::NoExactEnergy { .. }));
}
