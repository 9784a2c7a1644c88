//! Settings of simulation under noise.

use qloom_circuits::Channel;
use qloom_estimate::{EstimateError, Mitigation, NoisyMeasurement, ShotNoise};
use qloom_hardware::{Device, NoiseModel};
use serde::{Deserialize, Serialize};

use crate::QasError;

/// Settings of the Pauli vector: the noise of gates and of reading out, how often is measured, and what is done about it.
///
/// ```
/// use qloom_estimate::Mitigation;
/// use qloom_qas::SimulatorChoice;
///
/// let choice: SimulatorChoice = toml::from_str(
///     r#"
///     [pauli-vector]
///     device = { name = "small", couplings = [[0, 1]], two_qubit = { time_ns = 400.0, depolarizing = 0.01 } }
///     shots = 1e7
///     invert_readout = true
///     [pauli-vector.mitigation.virtual-distillation]
///     copies = 2
///     "#,
/// )?;
/// let SimulatorChoice::PauliVector(choice) = choice else { unreachable!() };
/// assert!(matches!(choice.mitigation, Mitigation::VirtualDistillation(d) if d.copies == 2));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PauliVectorChoice {
    /// The device whose noise, read-out errors and couplings hold. Default none.
    pub device: Option<Box<Device>>,
    /// Depolarizing noise after each gate, instead of a device. Default none.
    pub depolarizing: Option<DepolarizingNoise>,
    /// Runs for each term of an energy. Default none: energies are exact expectation values.
    pub shots: Option<f64>,
    /// What a finite number of runs does to an energy. Default `published-gpu`.
    pub shot_noise: ShotNoise,
    /// Undo the errors of reading out, which makes the random errors larger. Default false.
    pub invert_readout: bool,
    /// What is done against the noise of gates. Default `none`.
    pub mitigation: Mitigation,
    /// Fresh energies, averaged, that an energy lower than all before has to stand before it is believed: the lowest of
    /// many random numbers is too low. At least 1, default 4.
    pub confirmations: u32,
    /// Standard errors that are added to the mean of the fresh energies. Where random errors grow with the circuit, as under
    /// `probabilistic-error-cancellation`, the luckiest of the large circuits would win without. At least 0, default 0.
    pub caution: f64,
}

impl Default for PauliVectorChoice {
    fn default() -> Self {
        Self {
            device: None,
            depolarizing: None,
            shots: None,
            shot_noise: ShotNoise::default(),
            invert_readout: false,
            mitigation: Mitigation::default(),
            confirmations: 4,
            caution: 0.0,
        }
    }
}

/// Depolarizing noise of all gates alike; probabilities of replacement by the maximally mixed state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepolarizingNoise {
    /// After a gate on one qubit, in [0, 1].
    pub one_qubit: f64,
    /// After a gate on two qubits, in [0, 1].
    pub two_qubit: f64,
    /// What is replaced after a gate on two qubits. Default `each`.
    #[serde(default)]
    pub form: DepolarizingForm,
}

/// What depolarizing noise after a gate on two qubits replaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepolarizingForm {
    /// Each qubit by itself, as in the published transfer matrices.
    #[default]
    Each,
    /// Both at once, as in most simulators.
    Pair,
}

impl PauliVectorChoice {
    /// Noise of gates and of reading out on this many qubits.
    pub(crate) fn noise(&self, num_qubits: usize) -> Result<NoiseModel, QasError> {
        let device = self.device.as_deref();
        let Some(depolarizing) = &self.depolarizing else {
            return Ok(device.map(|device| device.noise(num_qubits)).transpose()?.unwrap_or_default());
        };
        if let Some(device) = device {
            let requirement = "a search has either a device or depolarizing noise; leave one of them out";
            return Err(QasError::invalid("simulator.pauli-vector.device", &device.name, requirement));
        }
        let mut model = NoiseModel::default();
        model.after_gates(1, Channel::depolarizing(depolarizing.one_qubit, 1)?);
        let together = match depolarizing.form {
            DepolarizingForm::Each => 1,
            DepolarizingForm::Pair => 2,
        };
        model.after_gates(2, Channel::depolarizing(depolarizing.two_qubit, together)?);
        Ok(model)
    }

    /// How energies are measured on this many qubits.
    pub(crate) fn measurement(&self, num_qubits: usize) -> Result<NoisyMeasurement, QasError> {
        if self.confirmations == 0 {
            return Err(QasError::invalid("simulator.pauli-vector.confirmations", 0, "it has to be at least 1"));
        }
        if !(self.caution.is_finite() && self.caution >= 0.0) {
            return Err(QasError::invalid("simulator.pauli-vector.caution", self.caution, "it has to be finite and at least 0"));
        }
        Ok(NoisyMeasurement {
            noise: self.noise(num_qubits)?,
            invert_readout: self.invert_readout,
            shots: self.shots,
            shot_noise: self.shot_noise,
            mitigation: self.mitigation.clone(),
        })
    }
}

/// A refused setting with its path in the experiment's file.
pub(crate) fn placed(error: EstimateError) -> QasError {
    match error {
        EstimateError::Setting { setting, value, requirement } => {
            let mitigation = if setting.contains('.') { "mitigation." } else { "" };
            QasError::InvalidSetting {
                setting: format!("simulator.pauli-vector.{mitigation}{setting}").into(),
                value,
                requirement,
            }
        }
        other => other.into(),
    }
}
