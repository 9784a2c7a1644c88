//! Variational classifiers: a feature map, a trained circuit, and a readout of classes.

mod engine;
mod loss;
mod natural;
mod optimizer;
mod readout;
mod searched;
#[cfg(test)]
mod tests;
mod training;

pub use loss::ClassLoss;
pub use natural::NaturalGradientSettings;
pub use optimizer::ClassifierOptimizer;
pub use readout::ClassReadout;
pub(crate) use searched::{ClassifierLoss, one_layer, same_qubits};
pub use training::{ClassifierEpoch, VariationalState, VariationalTraining};

use qloom_circuits::library::{
    Entanglement, FeatureMap, basic_entangler, efficient_su2, real_amplitudes, strongly_entangling, two_local,
};
use qloom_circuits::{Angle, Circuit, Gate, Operation, Stream, qasm};
use qloom_hardware::{Device, UniformNoise};
use qloom_nn::AdamConfig;
use qloom_sim::{BatchParameters, SimulatorConfig};
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::kernel::{MapSettings, angles_of};
use crate::kernel_machine::check_domain;
use engine::ScoreEngine;

/// A classifier made of a circuit whose angles are trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VariationalSettings {
    /// How rows become states. Default zz with one repetition.
    pub map: MapSettings,
    /// The trained circuit. Default strongly-entangling.
    pub ansatz: AnsatzSettings,
    /// Layers of the trained circuit, or repetitions of one that has a closing layer of rotations. Default 3.
    pub layers: usize,
    /// Puts the map in front of every layer of the trained circuit (Pérez-Salinas et al., Quantum 4, 226 (2020)). Default false.
    pub reupload: bool,
    /// How outcomes become classes. Default mod.
    pub readout: ClassReadout,
    /// What is minimised. Default cross-entropy.
    pub loss: ClassLoss,
    /// Passes over the training rows in mini-batches. Default 100.
    pub epochs: usize,
    /// Rows for each step. Default 10.
    pub batch: usize,
    /// Draws the rows in a new order each epoch. Default true.
    pub shuffle: bool,
    /// How weights are found: in mini-batches by adam, rmsprop or natural-gradient, or on all rows at once by lbfgs, spsa or cobyla, which end by their own
    /// `max_evaluations` and take no epochs, batch or shuffle. Default Adam with learning rate 0.05.
    pub optimizer: ClassifierOptimizer,
    /// Runs of the circuit that the scores of a row are estimated from; each expectation value of a per-qubit readout has runs of its own.
    /// Gradients then follow the parameter-shift rule, with as many runs for each shifted circuit. Default none: exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shots: Option<u64>,
    /// Depolarizing noise after gates and read-out errors. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<UniformNoise>,
    /// The device that the circuit is compiled for and whose errors of gates and of reading out it has. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Box<Device>>,
}

impl Default for VariationalSettings {
    fn default() -> Self {
        Self {
            map: MapSettings::Zz { reps: 1, entanglement: Entanglement::Full },
            ansatz: AnsatzSettings::StronglyEntangling {},
            layers: 3,
            reupload: false,
            readout: ClassReadout::Mod,
            loss: ClassLoss::CrossEntropy,
            epochs: 100,
            batch: 10,
            shuffle: true,
            optimizer: ClassifierOptimizer::Adam(AdamConfig { learning_rate: 0.05, ..AdamConfig::default() }),
            shots: None,
            noise: None,
            device: None,
        }
    }
}

/// A trained circuit by its usual name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AnsatzSettings {
    /// RZ RY RZ on every qubit, and rings of CNOT of growing reach.
    StronglyEntangling {},
    /// RX on every qubit, and a ring of CNOT.
    BasicEntangler {},
    /// RY on every qubit between CNOT on pairs.
    RealAmplitudes {
        /// Which pairs. Default reverse-linear.
        #[serde(default = "reverse_linear")]
        entanglement: Entanglement,
    },
    /// RY and RZ on every qubit between CNOT on pairs.
    EfficientSu2 {
        /// Which pairs. Default reverse-linear.
        #[serde(default = "reverse_linear")]
        entanglement: Entanglement,
    },
    /// Gates of one qubit on every qubit between gates of two on pairs, by their names.
    TwoLocal {
        /// Gates on every qubit, one kind after the other. Default ry, rz.
        #[serde(default = "rotations")]
        rotations: Vec<Gate>,
        /// Gates on pairs, one kind after the other. Default cz.
        #[serde(default = "entanglers")]
        entanglers: Vec<Gate>,
        /// Which pairs. Default full.
        #[serde(default)]
        entanglement: Entanglement,
    },
    /// A circuit of one's own, such as one that a search found.
    Circuit {
        /// One layer as OpenQASM, on a qubit for each feature; its parameters are trained, and each layer has its own.
        qasm: String,
    },
}

fn rotations() -> Vec<Gate> {
    vec![Gate::Ry, Gate::Rz]
}

fn entanglers() -> Vec<Gate> {
    vec![Gate::Cz]
}

fn reverse_linear() -> Entanglement {
    Entanglement::ReverseLinear
}

impl AnsatzSettings {
    /// The circuit on this many qubits.
    ///
    /// # Errors
    /// For gates of a two-local circuit that do not act on one qubit, or on two, and for a circuit of one's own that cannot be read, is not on
    /// this many qubits or has more than gates.
    pub fn circuit(&self, num_qubits: usize, layers: usize) -> Result<Circuit, LearnError> {
        Ok(match self {
            AnsatzSettings::StronglyEntangling {} => strongly_entangling(num_qubits, layers),
            AnsatzSettings::BasicEntangler {} => basic_entangler(num_qubits, layers),
            AnsatzSettings::RealAmplitudes { entanglement } => real_amplitudes(num_qubits, layers, *entanglement),
            AnsatzSettings::EfficientSu2 { entanglement } => efficient_su2(num_qubits, layers, *entanglement),
            AnsatzSettings::TwoLocal { rotations, entanglers, entanglement } => {
                two_local(num_qubits, rotations, entanglers, *entanglement, layers)?
            }
            AnsatzSettings::Circuit { qasm } => layered(&own(qasm, num_qubits)?, layers)?,
        })
    }
}

/// A circuit of one's own.
fn own(text: &str, num_qubits: usize) -> Result<Circuit, LearnError> {
    let circuit = qasm::read(text)?;
    if circuit.num_qubits() != num_qubits {
        return Err(LearnError::SizeMismatch {
            what: "qubits of the ansatz's circuit",
            expected: num_qubits,
            given: circuit.num_qubits(),
        });
    }
    let is_gate = |operation: &Operation| match operation {
        Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => true,
        Operation::GlobalPhase(_) | Operation::Barrier { .. } => true,
        Operation::Channel { .. } | Operation::Measure { .. } | Operation::Reset { .. } => false,
        Operation::Delay { .. } | Operation::Conditional(_) => false,
    };
    if !circuit.operations().iter().all(is_gate) {
        return Err(LearnError::Unsupported {
            what: "the ansatz's circuit has operations that are no gates",
            remedy: "leave gates alone in it",
        });
    }
    Ok(circuit)
}

/// A circuit so many times, each time with parameters of its own.
fn layered(layer: &Circuit, layers: usize) -> Result<Circuit, LearnError> {
    let mut circuit = Circuit::new(layer.num_qubits());
    circuit.reserve_parameters(layers * layer.num_parameters());
    for number in 0..layers {
        let first = number * layer.num_parameters();
        for operation in layer.operations() {
            circuit.push(operation.map_angles(&mut |angle| behind(angle, first)))?;
        }
    }
    Ok(circuit)
}

/// An angle whose parameter is counted from another one.
fn behind(angle: Angle, by: usize) -> Angle {
    match angle {
        Angle::Free { index, scale, offset } => Angle::Free { index: index + by, scale, offset },
        Angle::Fixed(_) => angle,
    }
}

/// The most qubits: readouts have a number for each outcome.
const MOST_QUBITS: usize = 12;

/// A classifier with its weights.
///
/// Its circuit has the weights as first parameters, shared by all rows, and the angles of a row behind them.
#[derive(Debug)]
pub struct VariationalClassifier {
    settings: VariationalSettings,
    map: FeatureMap,
    circuit: Circuit,
    classes: usize,
    weights: Vec<f64>,
    /// What shots are drawn by where rows are told.
    seed: u64,
    engine: ScoreEngine,
}

impl VariationalClassifier {
    /// A classifier of rows of this many features, its weights drawn from [0, 2 pi) by the seed, as are shots where rows are told.
    ///
    /// # Errors
    /// For settings outside their ranges, more than 12 features, or a readout that does not have as many classes.
    pub fn new(
        settings: &VariationalSettings,
        num_features: usize,
        classes: usize,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        check("layers", settings.layers as f64, (1..=1000).contains(&settings.layers), "from 1 to 1000")?;
        let (blocks, layers) = if settings.reupload { (settings.layers, 1) } else { (1, settings.layers) };
        let map = checked_map(settings, num_features, classes)?;
        let ansatz = settings.ansatz.circuit(num_features, layers)?;
        let mut stream = Stream::named(seed, "weights");
        let weights: Vec<f64> = (0..blocks * ansatz.num_parameters()).map(|_| std::f64::consts::TAU * stream.unit()).collect();
        Self::around(settings, (map, &ansatz, blocks), weights, (classes, seed), config)
    }

    /// A classifier with this trained circuit, so many times behind the map, and these weights.
    fn around(
        settings: &VariationalSettings,
        (map, ansatz, blocks): (FeatureMap, &Circuit, usize),
        weights: Vec<f64>,
        (classes, seed): (usize, u64),
        config: SimulatorConfig,
    ) -> Result<Self, LearnError> {
        let circuit = joined(&map, ansatz, blocks, false)?;
        let engine = ScoreEngine::new(settings, &circuit, (weights.len(), classes), config)?;
        Ok(Self { settings: settings.clone(), map, circuit, classes, weights, seed, engine })
    }

    /// Its settings.
    pub fn settings(&self) -> &VariationalSettings {
        &self.settings
    }

    /// What shots are drawn by where rows are told.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The trained angles.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Takes other angles.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub fn set_weights(&mut self, weights: &[f64]) -> Result<(), LearnError> {
        let (expected, given) = (self.weights.len(), weights.len());
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "weights of the classifier", expected, given });
        }
        self.weights.copy_from_slice(weights);
        Ok(())
    }

    /// The circuit: the weights are its first parameters, the angles of a row the others.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// The angles of rows of features.
    pub(crate) fn angles(&self, features: &[f64]) -> Result<Vec<f64>, LearnError> {
        let width = self.map.num_features();
        crate::examples::check_rows(features, width, features.len() / width)?;
        check_domain(features, width)?;
        Ok(angles_of(&self.map, features))
    }

    /// Angles of each row.
    pub(crate) fn angles_of_row(&self) -> usize {
        self.circuit.num_parameters() - self.weights.len()
    }

    /// What the readout gives for each class, row by row: probabilities, or the expectation values of the qubits; with shots the same ones are
    /// drawn each time the same rows are told.
    ///
    /// # Errors
    /// When a feature is not in the domain of the map.
    pub fn scores(&mut self, features: &[f64]) -> Result<Vec<f64>, LearnError> {
        let angles = self.angles(features)?;
        let mut scores = vec![0.0; features.len() / self.map.num_features() * self.classes];
        if !scores.is_empty() {
            let parameters = BatchParameters { shared: &self.weights, rows: &angles };
            self.engine.scores(parameters, &mut scores, &mut Stream::named(self.seed, "shots of telling"))?;
        }
        Ok(scores)
    }

    /// The class of each row: that of the highest score, the first of several.
    ///
    /// # Errors
    /// As [`VariationalClassifier::scores`].
    pub fn predict(&mut self, features: &[f64]) -> Result<Vec<usize>, LearnError> {
        let classes = self.classes;
        let best = |scores: &[f64]| (0..classes).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default();
        Ok(self.scores(features)?.chunks(classes).map(best).collect())
    }
}

/// The map of rows of this many features, a qubit for each.
fn checked_map(settings: &VariationalSettings, num_features: usize, classes: usize) -> Result<FeatureMap, LearnError> {
    check(
        "the number of features",
        num_features as f64,
        (1..=MOST_QUBITS).contains(&num_features),
        "from 1 to 12, one qubit each; keep fewer columns or components",
    )?;
    if classes < 2 {
        return Err(LearnError::TooFewClasses { classes });
    }
    settings.map.build(num_features)
}

/// The map and the ansatz after it (or before it), so many times; the parameters of all ansätze come first.
pub(crate) fn joined(map: &FeatureMap, ansatz: &Circuit, blocks: usize, before: bool) -> Result<Circuit, LearnError> {
    let weights = blocks * ansatz.num_parameters();
    let mut circuit = Circuit::new(map.num_features());
    circuit.reserve_parameters(weights + map.circuit().num_parameters());
    for block in 0..blocks {
        let encoding =
            map.circuit().operations().iter().map(|operation| operation.map_angles(&mut |angle| behind(angle, weights)));
        let first = block * ansatz.num_parameters();
        let trained = ansatz.operations().iter().map(|operation| operation.map_angles(&mut |angle| behind(angle, first)));
        let (encoding, trained): (Vec<Operation>, Vec<Operation>) = (encoding.collect(), trained.collect());
        let (first, second) = if before { (trained, encoding) } else { (encoding, trained) };
        for operation in first.into_iter().chain(second) {
            circuit.push(operation)?;
        }
    }
    Ok(circuit)
}
