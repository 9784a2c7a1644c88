use qloom_circuits::Stream;
use qloom_hardware::{Device, UniformNoise};
use qloom_sim::{Program, State, StateVector, Workspace, metric_tensor};

use super::*;
use crate::examples::Examples;
use crate::kernel::MapSettings;
use crate::variational::{
    AnsatzSettings, ClassLoss, ClassReadout, ClassifierOptimizer, VariationalClassifier, VariationalTraining,
};

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

/// Rows in the plane whose class is the side of a line that they lie on.
fn sides(count: usize) -> Examples {
    let mut stream = Stream::named(4, "rows");
    let features: Vec<f64> = (0..2 * count).map(|_| 3.0 * stream.unit()).collect();
    let labels: Vec<String> = features.chunks(2).map(|row| (row[0] > row[1]).to_string()).collect();
    Examples::new(features, 2, &labels).expect("both sides")
}

/// Natural gradients on a circuit that meets its row again in every layer.
fn settings(natural: NaturalGradientSettings) -> VariationalSettings {
    let optimizer = ClassifierOptimizer::NaturalGradient(natural);
    let map = MapSettings::Angle {};
    VariationalSettings { map, layers: 2, reupload: true, epochs: 1, batch: 100, optimizer, ..VariationalSettings::default() }
}

fn training(settings: &VariationalSettings, examples: &Examples) -> VariationalTraining {
    VariationalTraining::new(settings, examples, config(), 5).expect("it fits")
}

fn parameters(classifier: &VariationalClassifier, weights: &[f64], row: &[f64]) -> Vec<f64> {
    [weights, &classifier.angles(row).expect("a row")].concat()
}

/// The mean of the metrics of rows, each worked out as that of all parameters.
fn mean_metric(classifier: &VariationalClassifier, examples: &Examples) -> Vec<Vec<f64>> {
    let (weights, all) = (classifier.weights(), classifier.circuit().num_parameters());
    let mut mean = vec![vec![0.0; weights.len()]; weights.len()];
    for row in examples.features().chunks(2) {
        let metric = metric_tensor(classifier.circuit(), &parameters(classifier, weights, row), config()).expect("gates");
        for (j, line) in mean.iter_mut().enumerate() {
            line.iter_mut().enumerate().for_each(|(k, entry)| *entry += metric[j * all + k] / examples.len() as f64);
        }
    }
    mean
}

/// The slopes of the mean loss of all rows.
fn slopes(training: &mut VariationalTraining) -> Vec<f64> {
    let weights = training.classifier.weights().to_vec();
    let mut gradient = vec![0.0; weights.len()];
    training.rows.all_losses(&mut training.classifier, &weights, Some(&mut gradient)).expect("finite");
    gradient
}

/// Gauss and Jordan, with the largest pivot of each column.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs())).expect("a row");
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let (line, value) = (matrix[column].clone(), right[column]);
        for row in (0..n).filter(|row| *row != column) {
            let factor = matrix[row][column] / line[column];
            matrix[row].iter_mut().zip(&line).for_each(|(entry, own)| *entry -= factor * own);
            right[row] -= factor * value;
        }
    }
    (0..n).map(|row| right[row] / matrix[row][row]).collect()
}

/// A small step along any direction makes the rows' states as unlike as the mean metric says, to fourth order.
#[test]
fn the_mean_metric_is_that_of_mean_fidelities() {
    let examples = sides(7);
    let training = training(&settings(NaturalGradientSettings::default()), &examples);
    let classifier = training.classifier();
    let weights = classifier.weights().to_vec();
    let angles = classifier.angles(examples.features()).expect("rows");
    let mut metric = vec![0.0; weights.len() * weights.len()];
    let mut mean = MeanMetric::new(classifier.circuit(), weights.len(), MetricKind::Exact, config()).expect("gates");
    mean.add(&weights, &angles, &mut metric).expect("finite");
    let program = Program::new(classifier.circuit()).expect("gates");
    let state = |weights: &[f64], row: &[f64]| {
        let parameters = parameters(classifier, weights, row);
        StateVector::<f64>::prepared(&program, &parameters, config(), &mut Workspace::default()).expect("small")
    };
    let mut stream = Stream::named(8, "directions");
    for _ in 0..5 {
        let direction: Vec<f64> = weights.iter().map(|_| stream.normal()).collect();
        let infidelity = |step: f64| -> f64 {
            let moved: Vec<f64> = weights.iter().zip(&direction).map(|(weight, along)| weight + step * along).collect();
            let of_row = |row: &[f64]| 1.0 - state(&weights, row).inner(&state(&moved, row)).expect("qubits").norm_sqr();
            examples.features().chunks(2).map(of_row).sum::<f64>() / 7.0
        };
        let length: f64 =
            (0..metric.len()).map(|k| direction[k / weights.len()] * metric[k] * direction[k % weights.len()]).sum();
        let second = 0.5 * (infidelity(1e-3) + infidelity(-1e-3)) / 1e-6;
        assert!((second - length).abs() < 1e-4 * length, "{second} {length}");
    }
}

/// A step is the solution of the damped metric, worked out another way; without the entries that a kind leaves out.
#[test]
fn a_step_solves_the_damped_metric() {
    let examples = sides(9);
    for (readout, loss) in [(ClassReadout::Mod, ClassLoss::CrossEntropy), (ClassReadout::PerQubit, ClassLoss::Squared)] {
        for kind in [MetricKind::Exact, MetricKind::BlockDiagonal, MetricKind::Diagonal] {
            let natural = NaturalGradientSettings { learning_rate: 0.3, damping: 0.02, metric: kind };
            let settings = VariationalSettings { readout, loss, ..settings(natural) };
            let mut training = training(&settings, &examples);
            let before = training.classifier().weights().to_vec();
            let (mut metric, gradient) = (mean_metric(training.classifier(), &examples), slopes(&mut training));
            for (j, row) in metric.iter_mut().enumerate() {
                for (k, entry) in row.iter_mut().enumerate() {
                    // RZ, RY and RZ of both qubits: a layer holds the same of both
                    let of_layer = |weight: usize| (weight / 6, weight % 3);
                    let kept = match kind {
                        MetricKind::Exact => true,
                        MetricKind::BlockDiagonal => of_layer(j) == of_layer(k),
                        MetricKind::Diagonal => j == k,
                    };
                    *entry = if kept { *entry } else { 0.0 } + if j == k { 0.02 } else { 0.0 };
                }
            }
            let direction = solved(metric, gradient);
            training.step().expect("finite").expect("an epoch");
            for ((after, before), along) in training.classifier().weights().iter().zip(&before).zip(direction) {
                assert!((after - (before - 0.3 * along)).abs() < 1e-9, "{kind:?}: {after} {before} {along}");
            }
            assert!(training.step().expect("finite").is_none(), "one epoch");
        }
    }
}

/// Two circuits that differ in what their parameters are called and scaled by: a natural step leads to the same scores as the damping goes to 0,
/// while the step of a plain gradient does not.
#[test]
fn a_step_does_not_depend_on_how_angles_are_written() {
    let examples = sides(11);
    let circuit = |first: &str, second: &str| {
        format!(
            "OPENQASM 3.0; include \"stdgates.inc\"; input float a; input float b; input float c; qubit[2] q; \
             ry({first}) q[0]; rx({second}) q[1]; cx q[0], q[1]; ry(c) q[1];"
        )
    };
    let start = [0.7, 1.9, -0.4];
    // weights in which the same circuit is written,
    let written = [(circuit("a", "b"), start), (circuit("2*a", "b/5"), [start[0] / 2.0, start[1] * 5.0, start[2]])];
    let scores = |qasm: &str, weights: &[f64], damping: f64, plain: bool| {
        let natural = NaturalGradientSettings { learning_rate: 0.2, damping, ..NaturalGradientSettings::default() };
        let ansatz = AnsatzSettings::Circuit { qasm: qasm.to_owned() };
        let settings = VariationalSettings { ansatz, layers: 1, reupload: false, ..settings(natural) };
        let mut classifier = VariationalClassifier::new(&settings, 2, 2, config(), 5).expect("it fits");
        classifier.set_weights(weights).expect("three");
        let mut training = training(&settings, &examples);
        training.classifier.set_weights(weights).expect("three");
        let state = training.state();
        training.resume(&state).expect("its own state");
        if plain {
            let gradient = slopes(&mut training);
            let moved: Vec<f64> = weights.iter().zip(gradient).map(|(weight, slope)| weight - 0.2 * slope).collect();
            classifier.set_weights(&moved).expect("three");
        } else {
            training.step().expect("finite");
            classifier.set_weights(training.classifier().weights()).expect("three");
        }
        classifier.scores(examples.features()).expect("rows")
    };
    let apart = |damping: f64, plain: bool| {
        let [one, other] = [0, 1].map(|k| scores(&written[k].0, &written[k].1, damping, plain));
        one.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let differences = [1e-2, 1e-4, 1e-6, 1e-9].map(|damping| apart(damping, false));
    assert!(differences.windows(2).all(|pair| pair[1] < 0.1 * pair[0]), "{differences:?}");
    assert!(differences[0] > 1e-4 && differences[3] < 1e-6, "{differences:?}");
    assert!(apart(1.0, true) > 1e-2, "a plain step depends on it");
}

#[test]
fn natural_gradients_learn_a_line_and_go_on_where_they_were() {
    let examples = sides(33);
    for metric in [MetricKind::Exact, MetricKind::BlockDiagonal, MetricKind::Diagonal] {
        let natural = NaturalGradientSettings { metric, ..NaturalGradientSettings::default() };
        let settings = VariationalSettings { epochs: 12, batch: 10, ..settings(natural) };
        let mut whole = training(&settings, &examples);
        let mut first = training(&settings, &examples);
        for _ in 0..5 {
            first.step().expect("finite");
        }
        let state = serde_json::to_string(&first.state()).expect("JSON");
        let mut second = training(&settings, &examples);
        second.resume(&serde_json::from_str(&state).expect("JSON")).expect("its own state");
        while whole.step().expect("finite").is_some() {}
        while second.step().expect("finite").is_some() {}
        assert_eq!(second.state(), whole.state(), "{metric:?}");
        let (begun, ended) = (whole.events()[0], whole.events()[11]);
        assert!(ended.loss < 0.8 * begun.loss && ended.accuracy > Some(0.8), "{metric:?}: {begun:?} {ended:?}");
        // the moments of another optimiser
        let adam = VariationalSettings { optimizer: VariationalSettings::default().optimizer, ..settings.clone() };
        let mut adam = training(&adam, &examples);
        adam.step().expect("finite");
        assert!(second.resume(&adam.state()).is_err_and(|error| error.to_string().contains("optimiser")));
    }
}

#[test]
fn what_has_no_metric_is_refused() {
    let usual = NaturalGradientSettings::default();
    let refused = |settings: VariationalSettings, word: &str| {
        let error = VariationalTraining::new(&settings, &sides(5), config(), 1).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    };
    let noise = UniformNoise { depolarizing1: 0.0, depolarizing2: 0.01, readout: 0.0 };
    refused(VariationalSettings { noise: Some(noise), ..settings(usual) }, "leave out noise");
    let device = Some(Box::new(Device::from_name("line-3").expect("a name")));
    refused(VariationalSettings { device, ..settings(usual) }, "pure states");
    refused(VariationalSettings { shots: Some(100), ..settings(usual) }, "shots only estimate");
    for damping in [0.0, -1.0, 1e-10, f64::NAN, f64::INFINITY] {
        refused(settings(NaturalGradientSettings { damping, ..usual }), "damping of natural-gradient is");
    }
    for learning_rate in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        refused(settings(NaturalGradientSettings { learning_rate, ..usual }), "learning_rate of natural-gradient is");
    }
    refused(VariationalSettings { layers: 400, ..settings(usual) }, "at most 2048");
    for (text, word) in [("{\"metrics\": 1}", "metrics"), ("{\"metric\": \"block\"}", "block-diagonal")] {
        let error = serde_json::from_str::<NaturalGradientSettings>(text).expect_err(word).to_string();
        assert!(error.contains(word), "{error}");
    }
    let read: NaturalGradientSettings = serde_json::from_str("{\"metric\": \"diagonal\"}").expect("a kind");
    assert_eq!(read, NaturalGradientSettings { metric: MetricKind::Diagonal, ..usual });
}
