mod noise;
mod optimizer;

use qloom_circuits::PauliSum;
use qloom_sim::{Batch, BatchGradients};
use serde_json::Value;

use super::*;
use crate::examples::Examples;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden.json")).expect("JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// Values and derivatives of Qiskit's and PennyLane's circuits.
#[test]
fn ansaetze_equal_other_packages() {
    let golden = golden();
    for (name, circuit) in [
        ("real_amplitudes_reverse_linear_reps3", real_amplitudes(4, 3, Entanglement::ReverseLinear)),
        ("real_amplitudes_full_reps1", real_amplitudes(4, 1, Entanglement::Full)),
        ("efficient_su2_reverse_linear_reps3", efficient_su2(4, 3, Entanglement::ReverseLinear)),
        ("strongly_entangling_layers_3", strongly_entangling(4, 3)),
    ] {
        let expected = &golden["ansatz"][name];
        let observables: Vec<PauliSum> = (0..4).map(|qubit| PauliSum::z(qubit, 4)).collect();
        let weights: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.3 * (1.0 + k as f64).sin()).collect();
        let weights: Vec<f64> = weights.iter().map(|w| (w * 1e12).round() / 1e12).collect();
        let mut batch = Batch::<f64>::new(&circuit, &observables, SimulatorConfig::default()).expect("gates");
        let (mut values, mut slopes) = (vec![0.0; 4], vec![0.0; weights.len()]);
        let parameters = BatchParameters { shared: &[], rows: &weights };
        let gradients = BatchGradients { shared: &mut [], rows: &mut slopes };
        batch.vjp(parameters, &[1.0, 0.0, 0.0, 0.0], &mut values, gradients).expect("finite");
        for (value, expected) in values.iter().zip(numbers(&expected["expval_Z"])) {
            assert!((value - expected).abs() < 1e-10, "{name}: {value} {expected}");
        }
        if let Some(list) = expected.get("grad_of_Z0") {
            let list = numbers(list);
            assert_eq!(list.len(), slopes.len());
            assert!(slopes.iter().zip(&list).all(|(a, b)| (a - b).abs() < 1e-10), "{name}");
        }
    }
}

/// Rows in the plane whose class is the side of a line that they lie on.
fn sides(count: usize) -> Examples {
    let mut stream = Stream::named(4, "rows");
    let features: Vec<f64> = (0..2 * count).map(|_| 3.0 * stream.unit()).collect();
    let labels: Vec<String> = features.chunks(2).map(|row| (row[0] > row[1]).to_string()).collect();
    Examples::new(features, 2, &labels).expect("both sides")
}

fn fitted(settings: &VariationalSettings, examples: &Examples) -> VariationalTraining {
    let mut training = VariationalTraining::new(settings, examples, SimulatorConfig::default(), 5).expect("it fits");
    while training.step().expect("finite").is_some() {}
    training
}

#[test]
fn every_readout_and_loss_learns_a_line() {
    let examples = sides(60);
    for readout in [ClassReadout::Parity, ClassReadout::Mod, ClassReadout::PerQubit] {
        for loss in [ClassLoss::CrossEntropy, ClassLoss::Hinge, ClassLoss::Squared] {
            let map = MapSettings::Angle {};
            let settings = VariationalSettings { map, readout, loss, epochs: 30, ..VariationalSettings::default() };
            let mut training = fitted(&settings, &examples);
            let told = training.classifier.predict(examples.features()).expect("rows");
            let accuracy = crate::score::accuracy(&told, examples.labels());
            assert!(accuracy > 0.8, "{readout:?} {loss:?}: {accuracy}");
        }
    }
}

#[test]
fn a_resumed_training_ends_as_an_uncut_one() {
    let (examples, settings) = (sides(23), VariationalSettings { epochs: 4, ..VariationalSettings::default() });
    let whole = fitted(&settings, &examples);
    let mut first = VariationalTraining::new(&settings, &examples, SimulatorConfig::default(), 5).expect("it fits");
    first.step().expect("finite");
    first.step().expect("finite");
    let state = first.state();
    let mut second = VariationalTraining::new(&settings, &examples, SimulatorConfig::default(), 5).expect("it fits");
    second.resume(&state).expect("its own state");
    while second.step().expect("finite").is_some() {}
    assert_eq!(second.state(), whole.state());
    let other = VariationalSettings { layers: 1, ..settings };
    let mut other = VariationalTraining::new(&other, &examples, SimulatorConfig::default(), 5).expect("it fits");
    assert!(other.resume(&state).is_err());
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let new = |settings: &VariationalSettings, width: usize, classes: usize| {
        VariationalClassifier::new(settings, width, classes, SimulatorConfig::default(), 1).map(|_| ())
    };
    let settings = VariationalSettings::default();
    assert!(new(&settings, 2, 4).is_ok() && new(&settings, 2, 5).is_err() && new(&settings, 13, 2).is_err());
    assert!(new(&settings, 2, 1).is_err());
    assert!(new(&VariationalSettings { layers: 0, ..settings.clone() }, 2, 2).is_err());
    let none = VariationalSettings { epochs: 0, ..settings };
    assert!(VariationalTraining::new(&none, &sides(5), SimulatorConfig::default(), 1).is_err());
}

/// A circuit that meets its row again in every layer, and one that a single turn of a qubit cannot be.
#[test]
fn rows_that_are_uploaded_again_give_more_frequencies() {
    let mut stream = Stream::named(9, "rows");
    let features: Vec<f64> = (0..60).map(|_| std::f64::consts::TAU * stream.unit()).collect();
    let labels: Vec<String> = features.iter().map(|x| ((3.0 * x).sin() > 0.0).to_string()).collect();
    let examples = Examples::new(features, 1, &labels).expect("both");
    let accuracy = |reupload| {
        let map = MapSettings::Angle {};
        let settings = VariationalSettings { map, layers: 6, reupload, epochs: 150, ..VariationalSettings::default() };
        let mut training = fitted(&settings, &examples);
        assert_eq!(training.classifier.weights().len(), 18);
        assert_eq!(training.classifier.circuit().num_parameters(), 19);
        let told = training.classifier.predict(examples.features()).expect("rows");
        crate::score::accuracy(&told, examples.labels())
    };
    let (once, again) = (accuracy(false), accuracy(true));
    assert!(again > 0.85 && once < 0.8, "{once} {again}");
}
