//! What a circuit in a classifier costs, for searches of circuits.

use qloom_circuits::{Circuit, qasm};
use qloom_sim::SimulatorConfig;

use super::{ClassifierSettings, NO_CIRCUIT};
use crate::error::LearnError;
use crate::examples::Examples;
use crate::kernel::{FrontSettings, KernelLoss};
use crate::kernel_machine::KernelSvmSettings;
use crate::variational::{AnsatzSettings, ClassifierLoss};

/// The loss of a classifier on labelled rows, as a function of the circuit that it trains and of the angles of it.
///
/// Of a variational classifier it is the mean loss of the rows, the circuit behind the feature map; of a kernel machine 1 less the centred
/// alignment of the kernel matrix with the labels, the circuit before the map. It depends on circuit and angles alone: the same ones have
/// the same loss, bit for bit, whatever was asked before.
///
/// ```
/// use qloom_circuits::{Angle, Circuit};
/// use qloom_learn::{CircuitLoss, ClassifierSettings, Examples, MapSettings, VariationalSettings};
/// use qloom_sim::SimulatorConfig;
/// let rows = Examples::new(vec![0.1, 0.2, 2.9, 3.0], 1, &["a", "a", "b", "b"].map(str::to_owned))?;
/// let settings = VariationalSettings { map: MapSettings::Angle {}, layers: 1, ..VariationalSettings::default() };
/// let mut loss = CircuitLoss::new(&ClassifierSettings::Variational(settings), &rows, SimulatorConfig::default())?;
/// let mut circuit = Circuit::new(1);
/// circuit.rx(Angle::free(0), 0);
/// loss.rebuild(&circuit)?;
/// let mut slopes = [0.0];
/// let there = loss.value_and_gradient(&[0.3], &mut slopes)?;
/// assert!(there < loss.value(&[1.5])?);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct CircuitLoss(Kind);

#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Kind {
    Classifier(ClassifierLoss),
    Kernel(KernelLoss),
}

impl CircuitLoss {
    /// The loss of these rows; there is no circuit yet, and the ansatz of the settings is not used.
    ///
    /// # Errors
    /// For classifiers that have no trained circuit, more than one layer of it, shots (whose losses would differ from call to call), kernels of
    /// more than 8 qubits, and what the classifier refuses.
    pub fn new(settings: &ClassifierSettings, examples: &Examples, config: SimulatorConfig) -> Result<Self, LearnError> {
        match settings {
            ClassifierSettings::Variational(settings) => {
                Ok(Self(Kind::Classifier(ClassifierLoss::new(settings, examples, config)?)))
            }
            ClassifierSettings::KernelSvm(settings) => {
                let front = settings.trained.clone().unwrap_or_else(one_front);
                Ok(Self(Kind::Kernel(KernelLoss::new(&settings.encoding(None), &front, examples, config)?)))
            }
            ClassifierSettings::GaussianProcess(_) | ClassifierSettings::Pegasos(_) | ClassifierSettings::Nystroem(_) => {
                Err(NO_CIRCUIT)
            }
        }
    }

    /// Number of qubits of its circuits: one for each feature.
    pub fn num_qubits(&self) -> usize {
        match &self.0 {
            Kind::Classifier(loss) => loss.num_qubits(),
            Kind::Kernel(loss) => loss.num_qubits(),
        }
    }

    /// Takes a circuit.
    ///
    /// # Errors
    /// When it is on another number of qubits, or the simulator refuses it.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), LearnError> {
        match &mut self.0 {
            Kind::Classifier(loss) => loss.rebuild(circuit),
            Kind::Kernel(loss) => loss.rebuild(circuit),
        }
    }

    /// The loss at these angles.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn value(&mut self, angles: &[f64]) -> Result<f64, LearnError> {
        match &mut self.0 {
            Kind::Classifier(loss) => loss.value(angles),
            Kind::Kernel(loss) => loss.value(angles),
        }
    }

    /// The loss at these angles and its derivatives by them: one forward and one backward pass for all rows.
    ///
    /// # Errors
    /// As [`CircuitLoss::value`].
    pub fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, LearnError> {
        match &mut self.0 {
            Kind::Classifier(loss) => loss.value_and_gradient(angles, gradient),
            Kind::Kernel(loss) => loss.value_and_gradient(angles, gradient),
        }
    }

    /// Whether it has a metric: that of a variational classifier without noise.
    pub fn has_metric(&self) -> bool {
        match &self.0 {
            Kind::Classifier(loss) => loss.has_metric(),
            Kind::Kernel(_) => false,
        }
    }

    /// Writes the mean over all rows of the Fubini-Study metrics of their states by the angles, row by row, for natural gradients
    /// (Stokes et al., Quantum 4, 269 (2020)). Costs about `p^2 / 2` runs of a part of the circuit for each row with `p` angles.
    ///
    /// # Errors
    /// Where there is none, for more than 2048 angles, and what the simulation refuses.
    pub fn metric(&mut self, angles: &[f64], metric: &mut [f64]) -> Result<(), LearnError> {
        match &mut self.0 {
            Kind::Classifier(loss) => loss.metric(angles, metric),
            Kind::Kernel(_) => Err(LearnError::Unsupported {
                what: "the alignment of a kernel has no metric",
                remedy: "take a variational classifier, or lbfgs",
            }),
        }
    }
}

/// One layer before the map.
fn one_front() -> FrontSettings {
    FrontSettings { layers: 1, ..FrontSettings::default() }
}

impl ClassifierSettings {
    /// The same classifier with this circuit as what it trains.
    ///
    /// # Errors
    /// For classifiers that have no trained circuit, and circuits that OpenQASM cannot say.
    pub fn with_circuit(&self, circuit: &Circuit) -> Result<Self, LearnError> {
        let qasm = qasm::write(circuit, qasm::Version::V3, qasm::Dialect::Plain)?;
        let ansatz = AnsatzSettings::Circuit { qasm };
        match self {
            ClassifierSettings::Variational(settings) => {
                Ok(ClassifierSettings::Variational(crate::variational::VariationalSettings { ansatz, ..settings.clone() }))
            }
            ClassifierSettings::KernelSvm(settings) => {
                let front = settings.trained.clone().unwrap_or_else(one_front);
                let trained = Some(FrontSettings { ansatz, ..front });
                Ok(ClassifierSettings::KernelSvm(KernelSvmSettings { trained, ..settings.clone() }))
            }
            ClassifierSettings::GaussianProcess(_) | ClassifierSettings::Pegasos(_) | ClassifierSettings::Nystroem(_) => {
                Err(NO_CIRCUIT)
            }
        }
    }
}

#[cfg(test)]
mod tests;
