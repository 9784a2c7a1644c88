use qloom_circuits::{Angle, Stream};
use qloom_hardware::UniformNoise;

use super::*;
use crate::kernel::MapSettings;
use crate::labelled::ClassifierTraining;
use crate::variational::{ClassReadout, VariationalSettings};

/// Rows whose class is the sign of a product.
fn examples(count: usize) -> Examples {
    let mut stream = Stream::named(9, "rows");
    let features: Vec<f64> = (0..2 * count).map(|_| 3.0 * stream.unit()).collect();
    let label = |row: &[f64]| ((row[0] - 1.5) * (row[1] - 1.5) > 0.0).to_string();
    let labels: Vec<String> = features.chunks(2).map(label).collect();
    Examples::new(features, 2, &labels).expect("both classes")
}

fn circuit() -> Circuit {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).rz(Angle::free(1), 1).cx(0, 1).rx(Angle::free(2), 1).rzz(Angle::free(0), 0, 1);
    circuit
}

fn every_kind() -> Vec<ClassifierSettings> {
    let noise = Some(UniformNoise { depolarizing1: 0.01, depolarizing2: 0.03, readout: 0.0 });
    let variational = VariationalSettings { layers: 1, map: MapSettings::Angle {}, ..VariationalSettings::default() };
    let kernel = KernelSvmSettings { map: MapSettings::Angle {}, ..KernelSvmSettings::default() };
    vec![
        ClassifierSettings::Variational(variational.clone()),
        ClassifierSettings::Variational(VariationalSettings { readout: ClassReadout::PerQubit, noise, ..variational }),
        ClassifierSettings::KernelSvm(kernel.clone()),
        ClassifierSettings::KernelSvm(KernelSvmSettings { noise, ..kernel }),
    ]
}

#[test]
fn slopes_are_differences_and_the_past_does_not_matter() {
    let examples = examples(9);
    for settings in every_kind() {
        let mut loss = CircuitLoss::new(&settings, &examples, SimulatorConfig::default()).expect("fits");
        assert_eq!(loss.num_qubits(), 2);
        loss.rebuild(&circuit()).expect("gates");
        let (at, mut slopes) = ([0.4, -0.9, 1.3], [7.0; 3]);
        let value = loss.value_and_gradient(&at, &mut slopes).expect("finite");
        for place in 0..3 {
            let mut moved = |step: f64| {
                let mut moved = at;
                moved[place] += step;
                loss.value(&moved).expect("finite")
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((difference - slopes[place]).abs() < 1e-8, "{settings:?} {place}: {difference} {}", slopes[place]);
        }
        loss.rebuild(&Circuit::new(2)).expect("no gates");
        assert!((loss.value(&[]).expect("finite") - value).abs() > 1e-6);
        loss.rebuild(&circuit()).expect("gates");
        assert_eq!(loss.value(&at).expect("finite").to_bits(), value.to_bits());
    }
}

/// The loss is that of the classifier which has the circuit as its ansatz, and its angles as weights.
#[test]
fn a_classifier_with_the_circuit_has_that_loss() {
    let (examples, at) = (examples(12), [0.4, -0.9, 1.3]);
    for settings in every_kind() {
        let mut loss = CircuitLoss::new(&settings, &examples, SimulatorConfig::default()).expect("fits");
        loss.rebuild(&circuit()).expect("gates");
        let value = loss.value(&at).expect("finite");
        let with = settings.with_circuit(&circuit()).expect("can be written");
        let mut training =
            ClassifierTraining::at(&with, &at, examples.clone(), SimulatorConfig::default(), 3).expect("three angles");
        while training.step().expect("fits").is_some() {}
        let other = match &settings {
            ClassifierSettings::Variational(_) => training.events()[0].loss,
            _ => 1.0 - training.alignments().expect("trained").after,
        };
        assert!((value - other).abs() < 1e-12, "{settings:?}: {value} {other}");
        // and it is told, saved and resumed as any other
        let told = training.predict(examples.features()).expect("fitted");
        let share = crate::score::accuracy(&told, examples.labels());
        assert_eq!(training.events().last().and_then(|event| event.accuracy), Some(share));
        assert_eq!(training.epochs(), training.events().len());
        let two = ClassifierTraining::at(&with, &at[..2], examples.clone(), SimulatorConfig::default(), 3);
        assert!(two.expect_err("an angle lacks").to_string().contains("2 where 3"));
    }
}

#[test]
fn what_has_no_such_loss_is_refused() {
    let examples = examples(6);
    let refused = |settings: ClassifierSettings, word: &str| {
        let error = CircuitLoss::new(&settings, &examples, SimulatorConfig::default()).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    };
    let one = || VariationalSettings { layers: 1, ..VariationalSettings::default() };
    refused(ClassifierSettings::Variational(VariationalSettings::default()), "layers is 3");
    refused(ClassifierSettings::Variational(VariationalSettings { shots: Some(10), ..one() }), "shots");
    let kernel = KernelSvmSettings { trained: Some(FrontSettings::default()), ..KernelSvmSettings::default() };
    refused(ClassifierSettings::KernelSvm(kernel), "layers of the trained kernel is 2");
    refused(ClassifierSettings::Pegasos(crate::PegasosMachine::default()), "variational");
    let settings = ClassifierSettings::Variational(one());
    let mut loss = CircuitLoss::new(&settings, &examples, SimulatorConfig::default()).expect("fits");
    assert!(loss.rebuild(&Circuit::new(3)).expect_err("another size").to_string().contains("3 where 2"));
}

/// An ansatz from a text: each layer has its own parameters, and what is no ansatz is refused with its place.
#[test]
fn circuits_of_ones_own_are_ansatze() {
    let text = "OPENQASM 3.0; include \"stdgates.inc\"; input float a; input float b; qubit[2] q; ry(2*a) q[0]; cx q[0], q[1]; rz(b) q[1];";
    let ansatz = AnsatzSettings::Circuit { qasm: text.to_owned() };
    let (one, two) = (ansatz.circuit(2, 1).expect("gates"), ansatz.circuit(2, 2).expect("gates"));
    assert_eq!((one.num_parameters(), two.num_parameters()), (2, 4));
    let parts = [one.bind(&[0.3, 0.5]).expect("two"), one.bind(&[-0.7, 1.1]).expect("two")];
    let mut both = Circuit::new(2);
    both.append(&parts[0]).and_then(|both| both.append(&parts[1])).expect("two qubits");
    let (whole, both) = (two.unitary(&[0.3, 0.5, -0.7, 1.1]).expect("gates"), both.unitary(&[]).expect("gates"));
    let far = (0..16).map(|at| (whole[(at / 4, at % 4)] - both[(at / 4, at % 4)]).norm()).fold(0.0, f64::max);
    assert!(far < 1e-14, "{far}");
    for (text, qubits, word) in [
        (text, 3, "2 where 3"),
        ("OPENQASM 3.0; qubit[2] q; bit c; c = measure q[0];", 2, "no gates"),
        ("OPENQASM 3.0; qubit[2] q;\n nonsense q[0];", 2, "nonsense"),
    ] {
        let error = AnsatzSettings::Circuit { qasm: text.to_owned() }.circuit(qubits, 1).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// The metric of a loss is the mean of those of its rows, by the circuit's angles alone, whatever circuits came before.
#[test]
fn metrics_are_means_over_rows() {
    let examples = examples(6);
    for settings in every_kind() {
        let mut loss = CircuitLoss::new(&settings, &examples, SimulatorConfig::default()).expect("fits");
        let mut metric = [7.0; 9];
        let ClassifierSettings::Variational(VariationalSettings { noise: None, .. }) = settings else {
            loss.rebuild(&circuit()).expect("gates");
            assert!(!loss.has_metric() && loss.metric(&[0.4, -0.9, 1.3], &mut metric).is_err());
            continue;
        };
        assert!(loss.has_metric());
        for gates in [Circuit::new(2), circuit()] {
            loss.rebuild(&gates).expect("gates");
            let count = gates.num_parameters();
            let (angles, metric) = (&[0.4, -0.9, 1.3][..count], &mut metric[..count * count]);
            loss.metric(angles, metric).expect("pure");
            let mut expected = vec![0.0; count * count];
            for row in examples.features().chunks(2) {
                let mut whole = Circuit::new(2);
                whole.ry(row[0], 0).ry(row[1], 1).append(&gates).expect("gates");
                let own = qloom_sim::metric_tensor(&whole, angles, SimulatorConfig::default()).expect("gates");
                expected.iter_mut().zip(own).for_each(|(sum, entry)| *sum += entry / 6.0);
            }
            assert!(metric.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{metric:?} {expected:?}");
        }
    }
}
