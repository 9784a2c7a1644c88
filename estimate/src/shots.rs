//! Expectation values by shots: what is measured together, how often, and what comes out.

mod allocation;
mod setting;
#[cfg(test)]
mod tests;

pub use allocation::{Allocation, allocate};
pub use setting::{Grouping, Setting};

use qloom_circuits::PauliSum;
use qloom_sim::{State, multinomial, walsh};
use rand::Rng;

use crate::distribution::distribution;
use crate::error::EstimateError;
use crate::estimate::Estimate;
use crate::readout::Readout;

/// An observable's terms grouped into settings that one shot measures together.
///
/// ```
/// use qloom_circuits::{Circuit, PauliString, PauliSum};
/// use qloom_estimate::{Grouping, Measurements};
/// use qloom_sim::{Program, SimulatorConfig, StateVector};
/// let word = |text| PauliString::from_word(text).unwrap();
/// let observable = PauliSum::new(2, [(word("XX"), 0.5), (word("YY"), -0.5), (word("ZZ"), 1.0), (word("II"), 2.0)])?;
/// assert_eq!(Measurements::new(&observable, Grouping::QubitWise).settings().len(), 3);
/// let measurements = Measurements::new(&observable, Grouping::Commuting); // XX, YY and ZZ commute
/// assert_eq!(measurements.settings().len(), 1);
/// let mut bell = Circuit::new(2);
/// bell.h(0).cx(0, 1);
/// let mut state = StateVector::<f64>::zero(2, SimulatorConfig::default())?;
/// state.run(&Program::new(&bell)?, &[])?;
/// let mut rng = <rand::rngs::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(1);
/// let estimate = measurements.estimate(&state, &[100], &mut rng)?;
/// assert!((estimate.value - 4.0).abs() < 1e-12); // 2 + 1/2 + 1/2 + 1 in every shot of this state
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Measurements {
    num_qubits: usize,
    constant: f64,
    settings: Vec<Setting>,
    readout: Readout,
    inversion: Option<Readout>,
}

impl Measurements {
    /// The most qubits: a distribution over outcomes has `2^n` entries.
    pub const MAX_QUBITS: usize = 30;

    /// Groups the terms, largest coefficient first, each into the first group it fits (Crawford et al., arXiv:1908.06942).
    pub fn new(observable: &PauliSum, grouping: Grouping) -> Self {
        let settings = setting::group(observable, grouping);
        let constant = observable.constant();
        Self { num_qubits: observable.num_qubits(), constant, settings, readout: Readout::default(), inversion: None }
    }

    /// Reads out with these errors.
    #[must_use]
    pub fn with_readout(mut self, readout: Readout) -> Self {
        self.readout = readout;
        self
    }

    /// Corrects every shot by the inverse of these errors.
    ///
    /// # Errors
    /// When they cannot be undone; see [`Readout::invertible`].
    pub fn with_inversion(mut self, errors: Readout) -> Result<Self, EstimateError> {
        self.inversion = Some(errors.invertible()?);
        Ok(self)
    }

    /// The settings, one circuit each.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Mean and variance of one shot of each setting, exactly.
    ///
    /// # Errors
    /// When the state has another number of qubits or more than [`Measurements::MAX_QUBITS`], or memory does not suffice.
    pub fn moments(&self, state: &impl State) -> Result<Vec<(f64, f64)>, EstimateError> {
        self.settings
            .iter()
            .map(|setting| {
                let (probabilities, values) = self.shot(state, setting)?;
                let (mut mean, mut square) = (0.0, 0.0);
                for (p, value) in probabilities.iter().zip(&values) {
                    mean += p * value;
                    square += p * value * value;
                }
                Ok((mean, (square - mean * mean).max(0.0)))
            })
            .collect()
    }

    /// The value that endless shots give, read-out errors included.
    ///
    /// # Errors
    /// As [`Measurements::moments`].
    pub fn limit(&self, state: &impl State) -> Result<f64, EstimateError> {
        Ok(self.constant + self.moments(state)?.iter().map(|(mean, _)| mean).sum::<f64>())
    }

    /// Draws this many shots of each setting; the standard error is that of the outcomes drawn.
    ///
    /// Costs the distributions and `2^n` binomial numbers a setting, whatever the number of shots.
    ///
    /// # Errors
    /// When there is no number of shots for every setting, one is 0, or as [`Measurements::moments`].
    pub fn estimate(&self, state: &impl State, shots: &[u64], rng: &mut impl Rng) -> Result<Estimate, EstimateError> {
        if shots.len() != self.settings.len() {
            let (expected, given) = (self.settings.len(), shots.len());
            return Err(EstimateError::SizeMismatch { what: "numbers of shots, one a setting", expected, given });
        }
        let (mut total, mut variance) = (self.constant, 0.0);
        for (setting, &shots) in self.settings.iter().zip(shots) {
            if shots == 0 {
                return Err(EstimateError::OutOfRange { what: "the number of shots", value: 0.0, range: "at least 1" });
            }
            let (probabilities, values) = self.shot(state, setting)?;
            let (mut sum, mut squares) = (0.0, 0.0);
            multinomial(&probabilities, shots, rng, |outcome, count| {
                sum += count as f64 * values[outcome];
                squares += count as f64 * values[outcome] * values[outcome];
            });
            let mean = sum / shots as f64;
            total += mean;
            variance += (squares / shots as f64 - mean * mean).max(0.0) / shots as f64;
        }
        Ok(Estimate { value: total, standard_error: variance.sqrt() })
    }

    /// Probability of every outcome as read, and the value it stands for.
    fn shot(&self, state: &impl State, setting: &Setting) -> Result<(Vec<f64>, Vec<f64>), EstimateError> {
        if state.num_qubits() != self.num_qubits {
            let (expected, given) = (self.num_qubits, state.num_qubits());
            return Err(EstimateError::SizeMismatch { what: "qubits of a measured state", expected, given });
        }
        if self.num_qubits > Self::MAX_QUBITS {
            let (given, limit) = (self.num_qubits, Self::MAX_QUBITS);
            return Err(EstimateError::TooMany { what: "qubits of a distribution of outcomes", given, limit });
        }
        let mut probabilities = distribution(state, setting)?;
        let qubits: Vec<usize> = (0..self.num_qubits).collect();
        self.readout.apply(&qubits, &mut probabilities);
        let mut values = vec![0.0; probabilities.len()];
        for &(mask, coefficient) in setting.terms() {
            values[mask as usize] += coefficient;
        }
        walsh(&mut values);
        if let Some(inversion) = &self.inversion {
            inversion.corrected(&qubits, &mut values);
        }
        Ok((probabilities, values))
    }
}
