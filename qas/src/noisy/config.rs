//! Settings of simulation under noise.

use qloom_circuits::Channel;
use qloom_hardware::{Device, NoiseModel};
use serde::{Deserialize, Serialize};

use crate::QasError;

/// Settings of the Pauli vector: the noise of gates and of reading out, how often is measured, and what is done about it.
///
/// ```
/// use qloom_qas::{Mitigation, SimulatorChoice};
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

/// The random error of an energy from N runs a term; all are normal distributions of mean 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShotNoise {
    /// None, whatever the number of runs.
    None,
    /// Each term's expectation value errs by `N^-1/2`, as the published code for graphics processors has it.
    #[default]
    PublishedGpu,
    /// As `published-gpu`, and by `(10 N)^-1/2` for coefficients above 0.05, as the other published code has it.
    PublishedCpu,
    /// Each term's expectation value m errs by `((1 - m^2) / N)^1/2`, as it does in truth.
    TermVariance,
}

/// What is done against the noise of gates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mitigation {
    /// Nothing.
    #[default]
    None,
    /// Several copies of the state measured together.
    VirtualDistillation(VirtualDistillation),
    /// The circuit with more noise, continued to none.
    ZeroNoiseExtrapolation(ZeroNoiseExtrapolation),
}

/// Energies `Tr(H rho^M) / Tr(rho^M)` of M copies: errors that leave the ground state's eigenvector the largest of rho are suppressed
/// with the power M.
///
/// The runs of an energy are shared by the copies, and every read-out of every copy is inverted; the gates that join the copies for the
/// measurement are taken as perfect.
///
/// Source: W. J. Huggins et al., Virtual distillation for quantum error mitigation (2021).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VirtualDistillation {
    /// Number of copies M, in 2 to 4. Default 2.
    pub copies: u32,
}

impl Default for VirtualDistillation {
    fn default() -> Self {
        Self { copies: 2 }
    }
}

/// Energies at several scales of the noise of gates, and a curve through them at scale 0. The runs of an energy are shared by the scales.
///
/// Sources: K. Temme, S. Bravyi and J. M. Gambetta, Error mitigation for short-depth quantum circuits (2017); A. He et al., Zero-noise
/// extrapolation for quantum-gate error mitigation with identity insertions (2020).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZeroNoiseExtrapolation {
    /// Scales below 100, each once, 1 among them; odd ones when gates are inserted. Default `[1, 3, 5]`.
    pub scales: Vec<u32>,
    /// How the noise is scaled. Default `stretching`.
    pub scaling: NoiseScaling,
    /// What is a polynomial of the scale. Default `exponential`.
    pub curve: ExtrapolationCurve,
    /// How close to the maximally mixed state's energy an exponential curve may come, as a fraction of the farthest distance from it: a search
    /// otherwise finds circuits whose noisy energies are so near it that the curve errs in their favour. In [0, 1], default 0.5.
    pub closest: f64,
    /// Degree of the polynomial, fitted by least squares; at least 1 and below the number of scales. Default 2.
    pub degree: usize,
}

/// How the noise of gates is scaled; either way the energy stays a sine curve of each angle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseScaling {
    /// Slower gates: the noise of each acts as many times as the scale says. It leaves no error of first order.
    ///
    /// Source: A. Kandala et al., Error mitigation extends the computational reach of a noisy quantum processor (2019).
    #[default]
    Stretching,
    /// More gates: for a scale of 2 k + 1 each gate on two qubits is followed k times by its inverse and itself again, and each gate on one
    /// qubit k times by two X gates. Every other inserted noise is turned by a gate, so that an error of first order is left.
    Insertion,
}

/// What is a polynomial of the scale of the noise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtrapolationCurve {
    /// The energy.
    Polynomial,
    /// The logarithm of the energy's distance from that of the maximally mixed state, which is known and which much noise leads to. Energies
    /// that lie on both sides of it, or come too close to it, are taken as `polynomial` instead.
    #[default]
    Exponential,
}

impl Default for ZeroNoiseExtrapolation {
    fn default() -> Self {
        Self {
            scales: vec![1, 3, 5],
            scaling: NoiseScaling::default(),
            curve: ExtrapolationCurve::default(),
            closest: 0.5,
            degree: 2,
        }
    }
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

    /// Refuses settings outside their ranges.
    pub(crate) fn check(&self, num_qubits: usize) -> Result<(), QasError> {
        if self.shots.is_some_and(|shots| !(shots.is_finite() && shots >= 1.0)) {
            let shots = self.shots.unwrap_or_default();
            return Err(QasError::invalid("simulator.pauli-vector.shots", shots, "it has to be finite and at least 1"));
        }
        if self.confirmations == 0 {
            return Err(QasError::invalid("simulator.pauli-vector.confirmations", 0, "it has to be at least 1"));
        }
        match &self.mitigation {
            Mitigation::None => Ok(()),
            Mitigation::VirtualDistillation(distillation) => {
                let setting = "simulator.pauli-vector.mitigation.virtual-distillation.copies";
                if !(2..=4).contains(&distillation.copies) {
                    return Err(QasError::invalid(setting, distillation.copies, "it has to be in 2 to 4"));
                }
                if num_qubits > MAX_DISTILLED {
                    let requirement = format!("at most {MAX_DISTILLED} qubits can be distilled; leave the mitigation out");
                    return Err(QasError::invalid(setting, format!("on {num_qubits} qubits"), requirement));
                }
                let faulty = self.noise(num_qubits)?.readout.iter().any(|errors| *errors != [0.0, 0.0]);
                if faulty && !self.invert_readout {
                    let requirement = "copies are joined by their read-outs, whose errors have to be inverted: set it to true";
                    return Err(QasError::invalid("simulator.pauli-vector.invert_readout", false, requirement));
                }
                Ok(())
            }
            Mitigation::ZeroNoiseExtrapolation(extrapolation) => {
                let setting = "simulator.pauli-vector.mitigation.zero-noise-extrapolation.scales";
                let scales = &extrapolation.scales;
                let mut sorted = scales.clone();
                sorted.sort_unstable();
                sorted.dedup();
                let reached = scales.iter().all(|scale| match extrapolation.scaling {
                    NoiseScaling::Stretching => (1..100).contains(scale),
                    NoiseScaling::Insertion => scale % 2 == 1 && *scale < 100,
                });
                if !reached || !scales.contains(&1) || sorted.len() != scales.len() {
                    let requirement = "they have to be below 100, different and 1 among them, and odd when gates are inserted";
                    return Err(QasError::invalid(setting, format!("{scales:?}"), requirement));
                }
                if !(0.0..=1.0).contains(&extrapolation.closest) {
                    let setting = "simulator.pauli-vector.mitigation.zero-noise-extrapolation.closest";
                    return Err(QasError::invalid(setting, extrapolation.closest, "it has to be in [0, 1]"));
                }
                if extrapolation.degree == 0 || extrapolation.degree >= scales.len() {
                    let setting = "simulator.pauli-vector.mitigation.zero-noise-extrapolation.degree";
                    let requirement = format!("it has to be at least 1 and below the {} scales", scales.len());
                    return Err(QasError::invalid(setting, extrapolation.degree, requirement));
                }
                Ok(())
            }
        }
    }
}

/// Products of larger density matrices take too long for a search.
const MAX_DISTILLED: usize = 8;
