//! Settings of noisy measurements: random errors of finitely many shots, and what is done against the noise of gates.

use serde::{Deserialize, Serialize};

use crate::error::EstimateError;

/// The random error of an energy from N shots a term; all are normal distributions of mean 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShotNoise {
    /// None, whatever the number of shots.
    None,
    /// Each term's expectation value errs by `N^-1/2`, as the published code for graphics processors has it (arXiv:2402.03500).
    #[default]
    PublishedGpu,
    /// As `published-gpu`, and by `(10 N)^-1/2` for coefficients above 0.05, as the other published code has it.
    PublishedCpu,
    /// Each term's expectation value m errs by `((1 - m^2) / N)^1/2`, as it does in truth.
    TermVariance,
}

impl ShotNoise {
    /// The variance of one shot of a term; its mean is asked for only where it matters.
    ///
    /// ```
    /// use qloom_estimate::ShotNoise;
    /// assert_eq!(ShotNoise::PublishedCpu.variance(0.2, || 0.0), 0.1);
    /// assert_eq!(ShotNoise::TermVariance.variance(0.2, || 0.6), 1.0 - 0.36);
    /// ```
    pub fn variance(self, coefficient: f64, mean: impl FnOnce() -> f64) -> f64 {
        match self {
            Self::None => 0.0,
            Self::PublishedCpu if coefficient.abs() > 0.05 => 0.1,
            Self::PublishedCpu | Self::PublishedGpu => 1.0,
            Self::TermVariance => (1.0 - mean().powi(2)).max(0.0),
        }
    }

    /// Whether the error depends on the state.
    pub fn depends_on_state(self) -> bool {
        match self {
            Self::None | Self::PublishedGpu | Self::PublishedCpu => false,
            Self::TermVariance => true,
        }
    }
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
    /// The noise of each gate undone on average, at the cost of larger random errors.
    ProbabilisticErrorCancellation(ProbabilisticErrorCancellation),
}

/// Energies `Tr(H rho^M) / Tr(rho^M)` of M copies: errors that leave the ground state's eigenvector the largest of rho are suppressed
/// with the power M.
///
/// The shots of an energy are shared by the copies, and every read-out of every copy is inverted; the gates that join the copies for the
/// measurement are taken as perfect.
///
/// Source: W. J. Huggins et al., Virtual distillation for quantum error mitigation (2021), arXiv:2011.07064.
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

/// Energies at several scales of the noise of gates, and a curve through them at scale 0. The shots of an energy are shared by the scales.
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
    /// How close to the maximally mixed state's energy an exponential curve may come, as a fraction of the farthest distance from it: a
    /// search otherwise finds circuits whose noisy energies are so near it that the curve errs in their favour. In [0, 1], default 0.5.
    pub closest: f64,
    /// Degree of the polynomial, fitted by least squares; at least 1 and below the number of scales. Default 2.
    pub degree: usize,
}

/// Energies from circuits with drawn operations that undo the noise on average; see [`crate::Cancellation`]. Each shot has a draw of its own, and
/// random errors are larger by the product of what each channel costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProbabilisticErrorCancellation {
    /// By how much the noise of gates is stronger than is known, as a part of it: so much of each channel is left. In [0, 1], default 0.
    pub drift: f64,
}

/// How the noise of gates is scaled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseScaling {
    /// Slower gates: the noise of each acts as many times as the scale says; see [`qloom_hardware::NoiseModel::stretched`].
    #[default]
    Stretching,
    /// More gates: see [`qloom_hardware::insert_identities`]. Every other inserted noise is turned by a gate, so that an error of first
    /// order is left.
    Insertion,
}

/// What is a polynomial of the scale of the noise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtrapolationCurve {
    /// The energy.
    Polynomial,
    /// The logarithm of the energy's distance from that of the maximally mixed state, which is known and which much noise leads to.
    /// Energies that lie on both sides of it, or come too close to it, are taken as `polynomial` instead.
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

/// Products of larger density matrices take too long for a loop of measurements.
const MAX_DISTILLED: usize = 8;

impl Mitigation {
    /// Refuses settings outside their ranges, for states of this many qubits.
    ///
    /// # Errors
    /// [`EstimateError::Setting`] with the path of the setting below this one.
    pub fn check(&self, num_qubits: usize) -> Result<(), EstimateError> {
        match self {
            Self::None => Ok(()),
            Self::VirtualDistillation(distillation) => distillation.check(num_qubits),
            Self::ZeroNoiseExtrapolation(extrapolation) => extrapolation.check(),
            Self::ProbabilisticErrorCancellation(ProbabilisticErrorCancellation { drift }) if (0.0..=1.0).contains(drift) => {
                Ok(())
            }
            Self::ProbabilisticErrorCancellation(ProbabilisticErrorCancellation { drift }) => {
                Err(EstimateError::setting("probabilistic-error-cancellation.drift", drift, "it has to be in [0, 1]"))
            }
        }
    }
}

impl VirtualDistillation {
    fn check(&self, num_qubits: usize) -> Result<(), EstimateError> {
        let setting = "virtual-distillation.copies";
        if !(2..=4).contains(&self.copies) {
            return Err(EstimateError::setting(setting, self.copies, "it has to be in 2 to 4"));
        }
        if num_qubits > MAX_DISTILLED {
            let requirement = format!("at most {MAX_DISTILLED} qubits can be distilled; leave the mitigation out");
            return Err(EstimateError::setting(setting, format!("on {num_qubits} qubits"), requirement));
        }
        Ok(())
    }
}

impl ZeroNoiseExtrapolation {
    fn check(&self) -> Result<(), EstimateError> {
        let mut sorted = self.scales.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let reached = self.scales.iter().all(|scale| match self.scaling {
            NoiseScaling::Stretching => (1..100).contains(scale),
            NoiseScaling::Insertion => scale % 2 == 1 && *scale < 100,
        });
        if !reached || !self.scales.contains(&1) || sorted.len() != self.scales.len() {
            let requirement = "they have to be below 100, different and 1 among them, and odd when gates are inserted";
            return Err(EstimateError::setting("zero-noise-extrapolation.scales", format!("{:?}", self.scales), requirement));
        }
        if !(0.0..=1.0).contains(&self.closest) {
            return Err(EstimateError::setting("zero-noise-extrapolation.closest", self.closest, "it has to be in [0, 1]"));
        }
        if self.degree == 0 || self.degree >= self.scales.len() {
            let requirement = format!("it has to be at least 1 and below the {} scales", self.scales.len());
            return Err(EstimateError::setting("zero-noise-extrapolation.degree", self.degree, requirement));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Mitigation, ShotNoise, VirtualDistillation, ZeroNoiseExtrapolation};

    /// The last settings that hold, and the first that do not.
    #[test]
    fn ranges_end_where_they_say() {
        let distilled = |copies, num_qubits| Mitigation::VirtualDistillation(VirtualDistillation { copies }).check(num_qubits);
        assert!(distilled(2, 8).is_ok() && distilled(4, 1).is_ok());
        for (copies, num_qubits, part) in
            [(2, 9, "at most 8 qubits"), (2, 20, "at most 8 qubits"), (1, 2, "2 to 4"), (5, 2, "2 to 4")]
        {
            let message = distilled(copies, num_qubits).expect_err(part).to_string();
            assert!(message.contains(part) && message.contains("virtual-distillation.copies"), "{message}");
        }
        let extrapolated = |scales: &[u32], degree, closest| {
            let settings =
                ZeroNoiseExtrapolation { scales: scales.to_vec(), degree, closest, ..ZeroNoiseExtrapolation::default() };
            Mitigation::ZeroNoiseExtrapolation(settings).check(30).map_err(|error| error.to_string())
        };
        assert!(extrapolated(&[1, 2, 99], 2, 1.0).is_ok() && extrapolated(&[2, 1], 1, 0.0).is_ok());
        for (scales, degree, closest, part) in [
            (vec![1, 100], 1, 0.5, "below 100"),
            (vec![0, 1], 1, 0.5, "below 100"),
            (vec![1, 3, 3], 1, 0.5, "different"),
            (vec![1, 3], 1, -0.1, "[0, 1]"),
            (vec![1, 3], 2, 0.5, "below the 2 scales"),
            (vec![1, 3], 0, 0.5, "at least 1"),
        ] {
            let message = extrapolated(&scales, degree, closest).expect_err(part);
            assert!(message.contains(part), "{message}");
        }
    }

    /// The published code has the smaller error above the bound, not at it, and for coefficients of either sign.
    #[test]
    fn published_errors_change_above_their_bound() {
        let variance = |coefficient| ShotNoise::PublishedCpu.variance(coefficient, || unreachable!("it is not asked for"));
        assert_eq!([0.05, -0.05, 0.0501, -0.0501].map(variance), [1.0, 1.0, 0.1, 0.1]);
        assert!(ShotNoise::TermVariance.depends_on_state() && !ShotNoise::PublishedCpu.depends_on_state());
        assert_eq!(ShotNoise::TermVariance.variance(1.0, || 1.000_001), 0.0);
    }
}
