//! The loss of a classifier as a function of its trained circuit, for searches of circuits.

use qloom_circuits::Circuit;
use qloom_sim::{MetricKind, SimulatorConfig};

use super::natural::MeanMetric;
use super::training::Rows;
use super::{VariationalClassifier, VariationalSettings, checked_map};
use crate::error::LearnError;
use crate::examples::Examples;

/// The mean loss of labelled rows when a circuit stands behind the feature map, as a function of the circuit and of its angles.
///
/// It depends on nothing else: the same circuit and angles have the same loss, bit for bit, whatever was asked before.
#[derive(Debug)]
pub(crate) struct ClassifierLoss {
    rows: Rows,
    config: SimulatorConfig,
    /// With the circuit of the last `rebuild`.
    classifier: VariationalClassifier,
    /// Made when a metric of this circuit is wanted.
    mean: Option<MeanMetric>,
}

impl ClassifierLoss {
    /// The loss of these rows, with the map, the readout, the loss and the noise of these settings; there is no circuit yet.
    ///
    /// # Errors
    /// What a classifier refuses, more than one layer (the circuit is all of them), and shots, whose losses would differ from call to call.
    pub fn new(settings: &VariationalSettings, examples: &Examples, config: SimulatorConfig) -> Result<Self, LearnError> {
        if settings.shots.is_some() {
            return Err(LearnError::Unsupported {
                what: "the loss of a circuit that is searched for has to be exact, and shots are given",
                remedy: "leave out shots, and train the circuit that is found with them",
            });
        }
        one_layer("layers", settings.layers)?;
        let map = checked_map(settings, examples.width(), examples.classes().len())?;
        let (classes, nothing) = (examples.classes().len(), Circuit::new(map.num_features()));
        let classifier = VariationalClassifier::around(settings, (map, &nothing, 1), Vec::new(), (classes, 0), config)?;
        let rows = Rows::new(classifier.angles(examples.features())?, examples.labels(), 0);
        Ok(Self { rows, config, classifier, mean: None })
    }

    /// Number of qubits of its circuits.
    pub fn num_qubits(&self) -> usize {
        self.classifier.map.num_features()
    }

    /// Takes a circuit.
    ///
    /// # Errors
    /// When it is on another number of qubits, or the simulator refuses it.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), LearnError> {
        same_qubits(circuit, self.num_qubits())?;
        let weights = vec![0.0; circuit.num_parameters()];
        let VariationalClassifier { settings, map, classes, .. } = &self.classifier;
        self.classifier =
            VariationalClassifier::around(settings, (map.clone(), circuit, 1), weights, (*classes, 0), self.config)?;
        self.mean = None;
        Ok(())
    }

    /// The mean loss at these angles.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn value(&mut self, angles: &[f64]) -> Result<f64, LearnError> {
        let losses = self.rows.all_losses(&mut self.classifier, angles, None)?;
        Ok(losses.mean(self.rows.len()))
    }

    /// The mean loss and its derivatives by the angles: one forward and one backward pass for all rows.
    ///
    /// # Errors
    /// As [`ClassifierLoss::value`].
    pub fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, LearnError> {
        gradient.fill(0.0);
        let losses = self.rows.all_losses(&mut self.classifier, angles, Some(gradient))?;
        Ok(losses.mean(self.rows.len()))
    }

    /// Whether the states of rows are pure, and have a metric.
    pub fn has_metric(&self) -> bool {
        let VariationalSettings { noise, device, .. } = self.classifier.settings();
        noise.is_none() && device.is_none()
    }

    /// The mean of the metrics of all rows' states by the angles.
    ///
    /// # Errors
    /// For noise, too many angles, and what the simulation refuses.
    pub fn metric(&mut self, angles: &[f64], metric: &mut [f64]) -> Result<(), LearnError> {
        if !self.has_metric() {
            return Err(LearnError::Unsupported {
                what: "only pure states have a metric, and the classifier has noise",
                remedy: "leave out noise and device, or take lbfgs",
            });
        }
        let Self { rows, config, classifier, mean } = self;
        let mean = match mean {
            Some(mean) => mean,
            none => none.insert(MeanMetric::new(classifier.circuit(), angles.len(), MetricKind::Exact, *config)?),
        };
        metric.fill(0.0);
        mean.add(angles, &rows.angles, metric)
    }
}

/// Refuses more layers than one.
pub(crate) fn one_layer(setting: &'static str, layers: usize) -> Result<(), LearnError> {
    let requirement = "1: the circuit that is searched for is all of them";
    crate::error::check(setting, layers as f64, layers == 1, requirement)
}

/// Refuses a circuit on another number of qubits.
pub(crate) fn same_qubits(circuit: &Circuit, expected: usize) -> Result<(), LearnError> {
    let given = circuit.num_qubits();
    if given == expected { Ok(()) } else { Err(LearnError::SizeMismatch { what: "qubits of the circuit", expected, given }) }
}
