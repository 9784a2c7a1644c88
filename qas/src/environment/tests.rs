use qloom_circuits::{PauliString, PauliSum};
use qloom_optim::MinimizerConfig;

use super::*;
use crate::SimulatorChoice;
use crate::environment::action::ActionConfig;
use crate::environment::edit::Edit;
use crate::environment::feature::ObserveConfig;
use crate::environment::fit::{Between, FitConfig};
use crate::environment::halting::{HaltingConfig, NegativeBinomial};
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
    let first =
        environment.reset(Task { threshold: 0.5, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    assert_eq!(first, Observation { entries: Vec::new(), energy: 1.0, features: Vec::new(), illegal: Vec::new() });
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
    environment.reset(Task { threshold: 0.5, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    for (action, ending, reward) in [(CNOT, None, 0.0), (RZ_0, None, 0.0), (CNOT, Some(Ending::Exhausted), -5.0)] {
        let step = environment.step(action, &mut objective).expect("steps");
        assert_eq!((step.ending, step.reward), (ending, reward));
    }
    // The next episode starts afresh.
    let first =
        environment.reset(Task { threshold: 0.5, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    assert!(first.entries.is_empty() && environment.taken().is_empty() && environment.angles().is_empty());
    assert_eq!(environment.energy(), 2.0);
}

#[test]
fn a_halted_episode_has_one_gate_more_than_the_draw_and_an_ordinary_reward() {
    let halting = NegativeBinomial { minimum: 4, maximum: 4, ..NegativeBinomial::default() };
    let config = EnvironmentConfig { halting: Some(HaltingConfig::NegativeBinomial(halting)), ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config);
    environment.reset(Task { threshold: 0.5, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
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
    let (mut environment, mut objective) = setup(config);
    assert_eq!(
        environment
            .reset(Task { threshold: 0.5, max_gates: None, noise: None }, &mut stream(), &mut objective)
            .expect("sees")
            .energy,
        2.0
    );
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

fn all_features() -> ObserveConfig {
    ObserveConfig { slopes: true, occupations: true, threshold: true, angles: true, budget: false, hamiltonian: false }
}

#[test]
fn features_say_what_they_are_said_to() {
    let config = EnvironmentConfig { observe: all_features(), max_gates: 5, ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config);
    // eight actions, two qubits, the threshold, sine and cosine of five gates
    assert_eq!(environment.dimensions().features, 8 + 2 + 1 + 10);
    let before = objective.evaluations().values;
    let task = Task { threshold: 0.4, max_gates: None, noise: None };
    let first = environment.reset(task, &mut stream(), &mut objective).expect("sees").features;
    assert_eq!(objective.evaluations().values, before + 1, "the slopes are one evaluation, occupations none");
    assert!(first[..10].iter().all(|&number| number.abs() < 1e-6), "the energy is at its highest, no slope and no qubit is one");
    // the gap is 4 of 4, and 0.4 suffices
    let scaled = |size: f64| (1.0 + size.log10() / 8.0) as f32;
    assert!((first[10] - scaled(0.9)).abs() < 1e-6);
    // an angle of a rotation is put by hand: RX by 0.6 on qubit 0, where Y turns on the slope 0 and X has -sin
    environment.append(RX_0).expect("fits");
    environment.angles = vec![0.6];
    let seen = environment.observe(false, &mut objective).expect("sees");
    let slope = scaled(0.6f64.sin() / 4.0);
    // RX on qubit 0 would repeat: it is illegal and shown as 0; the CNOT from qubit 0 opens the turn about XX
    assert_eq!((seen.illegal, seen.features[RX_0]), (vec![RX_0 as u16], 0.0));
    assert!(seen.features[RX_0 + 1].abs() < 1e-6 && seen.features[RX_1..8].iter().all(|&number| number.abs() < 1e-6));
    assert!(seen.features[CNOT] < slope && (seen.features[1] - slope).abs() < 1.0);
    assert!((seen.features[8] - (0.3f32).sin().powi(2)).abs() < 1e-6 && seen.features[9].abs() < 1e-6);
    assert!((seen.features[11] - 0.6f32.sin()).abs() < 1e-6 && (seen.features[12] - 0.6f32.cos()).abs() < 1e-6);
    assert!(seen.features[13..].iter().all(|&number| number == 0.0));
}

#[test]
fn slopes_of_rotations_are_derivatives() {
    let observe = ObserveConfig { slopes: true, ..ObserveConfig::default() };
    let (mut environment, mut objective) = setup(EnvironmentConfig { observe, ..EnvironmentConfig::default() });
    environment.reset(Task { threshold: 0.1, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    for (action, angle) in [(RX_0, 0.8), (RX_1, -0.5), (CNOT, 0.0)] {
        environment.append(action).expect("fits");
        environment.angles.extend(environment.actions.has_angle(action as u16).then_some(angle));
    }
    let seen = environment.observe(false, &mut objective).expect("sees");
    let step = 1e-5;
    for action in RX_0..8 {
        let mut circuit = environment.circuit.clone();
        append(&mut circuit, &environment.actions, action).expect("fits");
        let mut energy = |angle: f64| {
            let angles = [&environment.angles[..], &[angle]].concat();
            objective.energy(&circuit, &angles).expect("small")
        };
        let slope = (energy(step) - energy(-step)) / (2.0 * step);
        let shown = 1e-8f64.powf(1.0 - f64::from(seen.features[action])) * environment.first_gap();
        assert!((shown - slope.abs()).abs() < 1e-4 * slope.abs() + 2e-7, "{action} {shown} {slope}");
    }
}

#[test]
fn an_episode_may_begin_with_the_lowest_basis_state() {
    let config = EnvironmentConfig { start: Start::BasisState, max_gates: 4, ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config.clone());
    assert_eq!((environment.first_gap(), environment.first_energy()), (0.0, -2.0));
    let first =
        environment.reset(Task { threshold: -1.0, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    assert_eq!((first.entries.len(), environment.taken().len(), environment.depth()), (2, 2, 1));
    assert!(first.illegal.len() == 2, "to turn a qubit again would repeat");
    let step = environment.step(RZ_0, &mut objective).expect("steps");
    assert_eq!((step.ending, environment.taken().len()), (None, 3));
    assert_eq!(environment.step(CNOT, &mut objective).expect("steps").ending, Some(Ending::Exhausted));
    let problem = Problem::new("two", PauliSum::z(0, 2)).expect("valid");
    let refused = Environment::new(EnvironmentConfig { max_gates: 1, ..config }, &problem, &mut objective).err();
    assert!(matches!(refused, Some(QasError::InvalidSetting { .. })), "one gate is the start's");
}

#[test]
fn lags_are_those_of_the_published_codes() {
    let energies = |lag| {
        let (mut environment, mut objective) = setup(EnvironmentConfig { lag, ..EnvironmentConfig::default() });
        environment.reset(Task { threshold: 0.1, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
        // the fit of the second step leaves 0, a saddle, only when it is pushed
        let mut energies = Vec::new();
        for action in [RX_0, RX_1, CNOT, RZ_0] {
            let step = environment.step(action, &mut objective).expect("steps");
            environment.angles.iter_mut().filter(|angle| **angle == 0.0).for_each(|angle| *angle = 0.1);
            let (taken, circuit, angles) = environment.valued();
            assert_eq!(taken.len(), circuit.operations().len());
            assert_eq!(angles.len(), circuit.num_parameters());
            energies.push((step.energy, taken.len()));
        }
        energies
    };
    let near = |found: &[(f64, usize)], expected: &[(f64, usize)]| {
        found.iter().zip(expected).all(|(found, expected)| (found.0 - expected.0).abs() < 1e-6 && found.1 == expected.1)
    };
    let now = energies(Lag::None);
    assert!(near(&now[..2], &[(0.0, 1), (-2.0, 2)]), "{now:?}");
    // the first rotation acts in the second step, the second in the third
    let fit = energies(Lag::Fit);
    assert!(near(&fit[..2], &[(2.0, 1), (0.0, 2)]) && fit[2].1 == 3, "{fit:?}");
    // and here the energy is that of the circuit without the gate
    let energy = energies(Lag::Energy);
    assert!(near(&energy[..3], &[(2.0, 0), (0.0, 1), (-2.0, 2)]), "{energy:?}");
}

#[test]
fn the_steepest_rotations_are_actions() {
    let actions = ActionConfig { steepest: 3, ..ActionConfig::default() };
    let observe = ObserveConfig { slopes: true, ..ObserveConfig::default() };
    let config = EnvironmentConfig { actions, observe, max_gates: 4, ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config.clone());
    let dimensions = environment.dimensions();
    assert_eq!((dimensions.actions, dimensions.features), (8 + 3, 8 + 3));
    let first =
        environment.reset(Task { threshold: 0.01, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    // the energy is at its highest: nothing has a slope
    assert_eq!(first.illegal, [8, 9, 10]);
    environment.append(RX_0).expect("fits");
    environment.append(RX_1).expect("fits");
    environment.angles = vec![0.9, 0.4];
    let seen = environment.observe(false, &mut objective).expect("sees");
    // about X of qubit 0, then about what is as steep there, the longer rotations for their price below
    assert!(!seen.illegal.contains(&8) && seen.features[8] >= seen.features[9]);
    let gates: Vec<u16> = environment.features.rotation(environment.ranking[0]).gates().collect();
    let before = objective.evaluations().values;
    let step = environment.step(8, &mut objective).expect("steps");
    assert_eq!(environment.taken(), [&[RX_0 as u16, RX_1 as u16][..], &gates].concat());
    assert!(step.energy < 0.0 && objective.evaluations().values > before + 1);
    // there is room for one gate, and for no rotation with CNOTs around it
    assert!(environment.ranking.iter().all(|&number| environment.features.rotation(number).around.is_empty()));
    for (steepest, weight) in [(1001, 4), (1, 0), (1, 7)] {
        let actions = ActionConfig { steepest, weight, ..ActionConfig::default() };
        let problem = Problem::new("two", PauliSum::z(0, 2)).expect("valid");
        let refused = Environment::new(EnvironmentConfig { actions, ..config.clone() }, &problem, &mut objective).err();
        assert!(matches!(refused, Some(QasError::InvalidSetting { .. })));
    }
}

#[test]
fn gates_appended_before_are_taken_out_and_exchanged() {
    let edits = vec![Edit::DeleteLast, Edit::DeleteCheapest, Edit::ReplaceCheapest, Edit::DeleteLast];
    let actions = ActionConfig { edits, ..ActionConfig::default() };
    let config = EnvironmentConfig { actions, max_gates: 8, ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config.clone());
    let [last, cheapest, replace] = [8, 9, 10];
    assert_eq!(environment.dimensions().actions, 11, "each edit is one action");
    assert_eq!((environment.describe(last), environment.describe(RX_0)), (("delete-last", vec![]), ("rx", vec![0])));
    let first =
        environment.reset(Task { threshold: -1.0, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
    assert_eq!(first.illegal, [8, 9, 10], "there is nothing to take out");
    let mut step = |environment: &mut Environment, action: usize| environment.step(action, &mut objective).expect("steps");
    for action in [RX_0, RZ_0, CNOT] {
        assert!(step(&mut environment, action).observation.illegal.iter().all(|&action| action < 8));
    }
    // both qubits are flipped, and the turn about Z does nothing
    let taken = step(&mut environment, cheapest);
    assert!((taken.energy + 2.0).abs() < 1e-9 && environment.taken() == [RX_0 as u16, CNOT as u16]);
    assert_eq!(
        (taken.observation.illegal, taken.observation.entries.len()),
        (vec![CNOT as u16], 2),
        "the last gate is known again"
    );
    // at this angle less is lost without the CNOT, and in its place the first qubit is turned on
    environment.angles = vec![2.5];
    let replaced = step(&mut environment, replace);
    assert!(replaced.energy.abs() < 1e-9 && environment.taken() == [RX_0 as u16; 2], "{:?}", environment.taken());
    let undone = step(&mut environment, last);
    assert_eq!((environment.taken(), undone.ending), (&[RX_0 as u16][..], None));
    assert_eq!(environment.angles().len(), environment.circuit().num_parameters());
    // eight choices are the end, however few gates there are
    assert_eq!(step(&mut environment, CNOT).ending, None);
    assert_eq!(step(&mut environment, last).ending, Some(Ending::Exhausted));
    let problem = Problem::new("two", PauliSum::z(0, 2)).expect("valid");
    let lagging = EnvironmentConfig { lag: Lag::Fit, ..config.clone() };
    assert!(Environment::new(lagging, &problem, &mut objective).is_err());
    let gates = ["cx", "h"].map(str::to_owned).to_vec();
    let without = EnvironmentConfig { actions: ActionConfig { gates, ..config.actions.clone() }, ..config };
    assert!(Environment::new(without, &problem, &mut objective).is_err(), "no rotation to put in");
}

/// Between full fits energies are those of the angles kept, and the last step of an episode has the energy of a full fit.
#[test]
fn fits_may_be_put_off_to_the_end() {
    let played = |fit: FitConfig| {
        let (mut environment, mut objective) = setup(EnvironmentConfig { fit, max_gates: 5, ..EnvironmentConfig::default() });
        environment.reset(Task { threshold: 1e-9, max_gates: None, noise: None }, &mut stream(), &mut objective).expect("sees");
        let play = |environment: &mut Environment, objective: &mut Objective, action| {
            let step = environment.step(action, objective).expect("steps");
            // the energy told is that of the angles kept
            let found = objective.energy(environment.circuit(), environment.angles()).expect("small");
            assert!((found - step.energy).abs() < 1e-10);
            step.energy
        };
        let energies: Vec<f64> =
            [RX_0, RX_0 + 1, CNOT, RZ_0, RX_1].into_iter().map(|action| play(&mut environment, &mut objective, action)).collect();
        energies
    };
    let full = played(FitConfig::default());
    for between in [Between::NewAngles, Between::Nothing] {
        for every in [0, 2] {
            let energies = played(FitConfig { every, between });
            assert!((energies[4] - full[4]).abs() < 1e-7, "{energies:?} {full:?}");
            assert!(energies.iter().zip(&full).all(|(energy, full)| energy > &(full - 1e-7)));
        }
    }
    assert!(
        FitConfig { every: 3, ..FitConfig::default() }.is_full(6) && !FitConfig { every: 3, ..FitConfig::default() }.is_full(7)
    );
}

#[test]
fn a_budget_ends_the_episode_and_is_seen() {
    let observe = ObserveConfig { budget: true, ..ObserveConfig::default() };
    let config = EnvironmentConfig { observe, max_gates: 5, ..EnvironmentConfig::default() };
    let (mut environment, mut objective) = setup(config);
    let task = Task { threshold: 1e-9, max_gates: Some(2), noise: None };
    let first = environment.reset(task, &mut stream(), &mut objective).expect("sees");
    assert_eq!(first.features, [0.4]);
    let step = environment.step(CNOT, &mut objective).expect("steps");
    assert_eq!((step.observation.features, step.ending), (vec![0.2], None));
    let step = environment.step(RZ_0, &mut objective).expect("steps");
    assert_eq!((step.observation.features, step.ending), (vec![0.0], Some(Ending::Exhausted)));
    // more than there is room for is as much as there is
    let wide = environment.reset(Task { max_gates: Some(99), ..task }, &mut stream(), &mut objective).expect("sees");
    assert_eq!(wide.features, [1.0]);
}
