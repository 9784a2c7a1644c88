//! Feature maps by name.

use num_complex::Complex64;
use qloom_circuits::Circuit;
use qloom_circuits::library::{Entanglement, FeatureMap, state_preparation};
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// How a row of data becomes a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MapSettings {
    /// Phases of single features.
    Z {
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
    },
    /// Phases of single features and of pairs.
    Zz {
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
        /// Which pairs. Default full.
        #[serde(default)]
        entanglement: Entanglement,
    },
    /// Phases on words of Pauli letters.
    Pauli {
        /// The words, such as `["Z", "ZZ"]`.
        words: Vec<String>,
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
        /// Which groups of qubits. Default full.
        #[serde(default)]
        entanglement: Entanglement,
        /// What angles are multiplied by. Default 2.
        #[serde(default = "two_angles")]
        alpha: f64,
    },
    /// One rotation for each feature.
    Angle {},
    /// The features as amplitudes, to length 1 and filled up with zeros: n qubits for up to 2^n features. For kernels alone.
    Amplitude {},
    /// Instantaneous polynomial circuits.
    Iqp {
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
        /// Which pairs. Default full.
        #[serde(default)]
        entanglement: Entanglement,
    },
}

fn two() -> usize {
    2
}

fn two_angles() -> f64 {
    2.0
}

impl MapSettings {
    /// Qubits for this many features.
    pub fn num_qubits(&self, num_features: usize) -> usize {
        match self {
            MapSettings::Amplitude {} => num_features.max(2).next_power_of_two().trailing_zeros() as usize,
            MapSettings::Z { .. }
            | MapSettings::Zz { .. }
            | MapSettings::Pauli { .. }
            | MapSettings::Angle {}
            | MapSettings::Iqp { .. } => num_features,
        }
    }

    /// The circuit that makes the state of one row; of the amplitude map one that prepares its amplitudes, up to a global phase.
    ///
    /// ```
    /// use qloom_learn::MapSettings;
    /// let circuit = MapSettings::Amplitude {}.circuit_of(&[3.0, 0.0, 0.0, 4.0])?;
    /// assert!((circuit.unitary(&[])?[(3, 0)].re - 0.8).abs() < 1e-15);
    /// # Ok::<(), qloom_learn::LearnError>(())
    /// ```
    ///
    /// # Errors
    /// As [`MapSettings::build`], when a feature is not finite, and for a row of amplitudes that are all 0.
    pub fn circuit_of(&self, row: &[f64]) -> Result<Circuit, LearnError> {
        if *self == (MapSettings::Amplitude {}) {
            let mut amplitudes: Vec<Complex64> = row.iter().map(|x| Complex64::from(*x)).collect();
            amplitudes.resize(1 << self.num_qubits(row.len()), Complex64::ZERO);
            return Ok(state_preparation(&amplitudes)?);
        }
        Ok(self.build(row.len())?.bound(row)?)
    }

    /// The map for this many features.
    ///
    /// # Errors
    /// For no feature, more than 20, no repetition or more than 1000, a letter that is no Pauli letter, and the amplitude map, which is no circuit
    /// of rotations.
    pub fn build(&self, num_features: usize) -> Result<FeatureMap, LearnError> {
        if *self == (MapSettings::Amplitude {}) {
            return Err(LearnError::Unsupported {
                what: "the amplitude map has no circuit of rotations",
                remedy: "use it for kernels, or take angle, z, zz, pauli or iqp",
            });
        }
        check(
            "the number of features",
            num_features as f64,
            (1..=20).contains(&num_features),
            "from 1 to 20, one qubit each; keep fewer columns or components",
        )?;
        let fits = |reps: usize| check("reps", reps as f64, (1..=1000).contains(&reps), "from 1 to 1000");
        Ok(match self {
            MapSettings::Z { reps } => {
                fits(*reps)?;
                FeatureMap::z(num_features, *reps)
            }
            MapSettings::Zz { reps, entanglement } => {
                fits(*reps)?;
                FeatureMap::zz(num_features, *reps, *entanglement)
            }
            MapSettings::Pauli { words, reps, entanglement, alpha } => {
                fits(*reps)?;
                check("alpha", *alpha, alpha.is_finite(), "a finite number")?;
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                FeatureMap::pauli(num_features, *reps, &words, *entanglement, *alpha)?
            }
            MapSettings::Angle {} => FeatureMap::angle(num_features),
            MapSettings::Amplitude {} => unreachable!("it was refused"),
            MapSettings::Iqp { reps, entanglement } => {
                fits(*reps)?;
                FeatureMap::iqp(num_features, *reps, *entanglement)
            }
        })
    }
}
