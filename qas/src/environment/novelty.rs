//! An intrinsic reward: how new the state of a circuit is.

use qloom_circuits::PauliString;
use serde::{Deserialize, Serialize};

use super::Environment;
use crate::QasError;
use crate::objective::Objective;

/// What a step earns for a state that is unlike those seen before: the mean distance of its reduced density matrices from the nearest states
/// of the last ones, of all episodes.
///
/// The distance of two states is the root of the mean, over all qubits or pairs of qubits, of half the squared Frobenius norm of the difference of
/// their reduced density matrices: 0 for equal ones, 1 for pure orthogonal ones. Read off the state whose energy was measured: nothing is counted. Without noise alone.
///
/// Source: J. Lehman, K. O. Stanley, Abandoning objectives: evolution through the search for novelty alone (2011), with reduced density
/// matrices as behaviour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoveltyConfig {
    /// What the novelty is multiplied by, positive. Default 1.
    pub weight: f64,
    /// Qubits of a reduced density matrix, 1 or 2: all qubits, or all pairs. Default 1.
    pub qubits: usize,
    /// How many of the nearest states count, in 1 to 1000. Default 10.
    pub nearest: usize,
    /// How many of the last states are kept, at least `nearest` and at most 100,000. Default 500.
    pub archive: usize,
}

impl Default for NoveltyConfig {
    fn default() -> Self {
        Self { weight: 1.0, qubits: 1, nearest: 10, archive: 500 }
    }
}

impl NoveltyConfig {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range.
    pub(super) fn check(&self, num_qubits: usize) -> Result<(), QasError> {
        if !(self.weight.is_finite() && self.weight > 0.0) {
            return Err(QasError::invalid("environment.reward.novelty.weight", self.weight, "it has to be finite and positive"));
        }
        let most = num_qubits.min(2);
        if !(1..=most).contains(&self.qubits) {
            return Err(QasError::invalid(
                "environment.reward.novelty.qubits",
                self.qubits,
                format!("it has to be in 1 to {most}"),
            ));
        }
        if !(1..=1000).contains(&self.nearest) {
            return Err(QasError::invalid("environment.reward.novelty.nearest", self.nearest, "it has to be in 1 to 1000"));
        }
        if !(self.nearest..=100_000).contains(&self.archive) {
            let need = format!("it has to be in {}, the nearest, to 100000", self.nearest);
            return Err(QasError::invalid("environment.reward.novelty.archive", self.archive, need));
        }
        Ok(())
    }
}

/// The states seen last.
#[derive(Debug, Clone)]
pub(super) struct Novelty {
    config: NoveltyConfig,
    /// Strings whose values are the reduced density matrices, and how much the square of each counts.
    strings: Vec<PauliString>,
    weights: Vec<f64>,
    archive: Archive,
}

/// What is saved of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Archive {
    states: Vec<Vec<f32>>,
    next: usize,
}

impl Novelty {
    pub(super) fn new(config: &NoveltyConfig, num_qubits: usize) -> Self {
        let letters = [(1u64, 0u64), (1, 1), (0, 1)];
        let (mut strings, mut weights) = (Vec::new(), Vec::new());
        // |a - b|^2 / 2 of matrices on k qubits is the sum of squared differences of values over 2^(k + 1); a value of one qubit stands in n - 1 pairs
        let pairs = (num_qubits * (num_qubits - 1) / 2) as f64;
        for qubit in 0..num_qubits {
            for (x, z) in letters {
                strings.push(PauliString::from_masks(x << qubit, z << qubit));
                weights.push(if config.qubits == 1 { 0.25 / num_qubits as f64 } else { (num_qubits - 1) as f64 * 0.125 / pairs });
            }
        }
        if config.qubits == 2 {
            for second in 0..num_qubits {
                for first in 0..second {
                    for (x, z) in letters {
                        for (other_x, other_z) in letters {
                            let (x, z) = (x << first | other_x << second, z << first | other_z << second);
                            strings.push(PauliString::from_masks(x, z));
                            weights.push(0.125 / pairs);
                        }
                    }
                }
            }
        }
        Self { config: config.clone(), strings, weights, archive: Archive::default() }
    }

    pub(super) fn strings(&self) -> &[PauliString] {
        &self.strings
    }

    /// What a state of these values earns, which is then one of those seen; 0 for the first.
    pub(super) fn reward(&mut self, values: &[f64]) -> f64 {
        let state: Vec<f32> = values.iter().zip(&self.weights).map(|(value, weight)| (value * weight.sqrt()) as f32).collect();
        let distance = |other: &Vec<f32>| state.iter().zip(other).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
        let mut distances: Vec<f64> = self.archive.states.iter().map(distance).collect();
        distances.sort_unstable_by(f64::total_cmp);
        distances.truncate(self.config.nearest);
        let novelty = if distances.is_empty() { 0.0 } else { distances.iter().sum::<f64>() / distances.len() as f64 };
        if self.archive.states.len() < self.config.archive {
            self.archive.states.push(state);
        } else {
            self.archive.states[self.archive.next] = state;
        }
        self.archive.next = (self.archive.next + 1) % self.config.archive;
        self.config.weight * novelty
    }

    pub(super) fn save(&self) -> Archive {
        self.archive.clone()
    }

    /// # Errors
    ///
    /// [`QasError::Corrupt`] for states of another size.
    pub(super) fn load(&mut self, archive: &Archive) -> Result<(), QasError> {
        let fits = archive.states.len() <= self.config.archive
            && archive.next < self.config.archive
            && archive.states.iter().all(|state| state.len() == self.strings.len());
        if !fits {
            return Err(QasError::Corrupt { what: "states seen", reason: "they are of another size".to_owned() });
        }
        self.archive = archive.clone();
        Ok(())
    }
}

impl Environment {
    /// What the state earns for being new, where the reward asks for that.
    pub(super) fn earned_by_novelty(&mut self, objective: &mut Objective) -> Result<f64, QasError> {
        let Self { novelty: Some(novelty), circuit, angles, .. } = self else { return Ok(0.0) };
        let values = objective.values(circuit, angles, novelty.strings())?;
        Ok(novelty.reward(&values))
    }

    /// What of earlier episodes later ones depend on.
    pub(crate) fn save(&self) -> Option<Archive> {
        self.novelty.as_ref().map(Novelty::save)
    }

    /// # Errors
    ///
    /// [`QasError::Corrupt`] when it does not fit.
    pub(crate) fn load(&mut self, archive: Option<&Archive>) -> Result<(), QasError> {
        self.novelty.as_mut().zip(archive).map_or(Ok(()), |(novelty, archive)| novelty.load(archive))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances of states of two qubits, by hand.
    #[test]
    fn orthogonal_states_are_one_apart_and_bell_pairs_are_told_by_pairs_alone() {
        let novelty = |qubits| Novelty::new(&NoveltyConfig { qubits, nearest: 1, ..NoveltyConfig::default() }, 2);
        assert_eq!((novelty(1).strings().len(), novelty(2).strings().len()), (6, 15));
        let values = |novelty: &Novelty, of: &dyn Fn(u64, u64) -> f64| -> Vec<f64> {
            novelty.strings().iter().map(|string| of(string.x_mask(), string.z_mask())).collect()
        };
        // |00>, |11>: values of Z strings; the Bell states |00> + |11> and |00> - |11>: XX, YY, ZZ
        let basis = |sign: f64| {
            move |x: u64, z: u64| {
                if x > 0 {
                    0.0
                } else if z == 3 {
                    1.0
                } else {
                    sign
                }
            }
        };
        let bell = |sign: f64| {
            move |x: u64, z: u64| match (x, z) {
                (0, 3) => 1.0,
                (3, 0) => sign,
                (3, 3) => -sign,
                _ => 0.0,
            }
        };
        for qubits in [1, 2] {
            let mut seen = novelty(qubits);
            let (up, down) = (values(&seen, &basis(1.0)), values(&seen, &basis(-1.0)));
            assert_eq!(seen.reward(&up), 0.0, "there is nothing to compare with");
            assert!((seen.reward(&down) - 1.0).abs() < 1e-6);
            assert_eq!(seen.reward(&down), 0.0, "it is known");
            let mut seen = novelty(qubits);
            let (plus, minus) = (values(&seen, &bell(1.0)), values(&seen, &bell(-1.0)));
            seen.reward(&plus);
            assert!((seen.reward(&minus) - f64::from(u8::from(qubits == 2))).abs() < 1e-6);
        }
    }

    #[test]
    fn the_oldest_make_room_and_saved_states_have_to_fit() {
        let config = NoveltyConfig { nearest: 1, archive: 2, weight: 4.0, ..NoveltyConfig::default() };
        let mut seen = Novelty::new(&config, 1);
        let of = |z: f64| [0.0, 0.0, z];
        let earned: Vec<f64> = [1.0, 0.0, -1.0, 1.0].iter().map(|&z| seen.reward(&of(z))).collect();
        // half of the way is 0.5, times 4; the first state has made room for the third
        assert_eq!(earned, [0.0, 2.0, 2.0, 2.0]);
        let saved = seen.save();
        let mut other = Novelty::new(&config, 1);
        other.load(&saved).expect("fits");
        assert_eq!(other.reward(&of(0.5)), seen.reward(&of(0.5)));
        assert!(Novelty::new(&config, 2).load(&saved).is_err());
        assert!(Novelty::new(&NoveltyConfig { archive: 1, ..config }, 1).load(&saved).is_err());
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        let good = NoveltyConfig::default();
        assert!(good.check(1).is_ok());
        for config in [
            NoveltyConfig { weight: 0.0, ..good.clone() },
            NoveltyConfig { weight: f64::INFINITY, ..good.clone() },
            NoveltyConfig { qubits: 0, ..good.clone() },
            NoveltyConfig { qubits: 3, ..good.clone() },
            NoveltyConfig { nearest: 0, ..good.clone() },
            NoveltyConfig { archive: 9, ..good.clone() },
            NoveltyConfig { archive: 100_001, ..good.clone() },
        ] {
            assert!(config.check(3).is_err(), "{config:?}");
        }
        assert!(NoveltyConfig { qubits: 2, ..good }.check(1).is_err(), "one qubit has no pair");
    }
}
