//! The ready-made channels, one constructor a row.

use super::Channel;
use crate::error::CircuitError;
use crate::matrix::Matrix;
use crate::pauli::Pauli;

impl Channel {
    /// With probability `p` the state of `num_qubits` qubits is replaced by the maximally mixed one: every Pauli other than the
    /// identity shrinks by `1 - p`.
    ///
    /// # Errors
    /// When `p` is not in [0, 1] or there are too many qubits.
    pub fn depolarizing(p: f64, num_qubits: usize) -> Result<Self, CircuitError> {
        let p = probability("p of depolarizing", p)?;
        let size = paulis(num_qubits)?;
        let mut diagonal = vec![1.0 - p; size];
        diagonal[0] = 1.0;
        from_diagonal("depolarizing", &diagonal)
    }

    /// With probability `p` a Pauli other than the identity is applied, all alike: the other parameterisation in use.
    ///
    /// It is [`Channel::depolarizing`] of `p 4^k/(4^k - 1)`.
    ///
    /// # Errors
    /// When `p` is not in [0, 1] or there are too many qubits.
    pub fn depolarizing_pauli(p: f64, num_qubits: usize) -> Result<Self, CircuitError> {
        let p = probability("p of depolarizing", p)?;
        let size = paulis(num_qubits)?;
        let rest = 1.0 - p * size as f64 / (size as f64 - 1.0);
        let mut diagonal = vec![rest; size];
        diagonal[0] = 1.0;
        from_diagonal("depolarizing", &diagonal)
    }

    /// X with probability `p`.
    ///
    /// # Errors
    /// When `p` is not in [0, 1].
    pub fn bit_flip(p: f64) -> Result<Self, CircuitError> {
        Self::pauli([p, 0.0, 0.0]).map(|channel| channel.named("bit flip"))
    }

    /// Z with probability `p`.
    ///
    /// # Errors
    /// When `p` is not in [0, 1].
    pub fn phase_flip(p: f64) -> Result<Self, CircuitError> {
        Self::pauli([0.0, 0.0, p]).map(|channel| channel.named("phase flip"))
    }

    /// Y with probability `p`.
    ///
    /// # Errors
    /// When `p` is not in [0, 1].
    pub fn bit_phase_flip(p: f64) -> Result<Self, CircuitError> {
        Self::pauli([0.0, p, 0.0]).map(|channel| channel.named("bit-phase flip"))
    }

    /// X, Y and Z with these probabilities.
    ///
    /// # Errors
    /// When one is not in [0, 1] or their sum is above 1.
    pub fn pauli([x, y, z]: [f64; 3]) -> Result<Self, CircuitError> {
        for p in [x, y, z, x + y + z] {
            probability("a probability of a Pauli channel", p)?;
        }
        from_diagonal("Pauli", &[1.0, 1.0 - 2.0 * (y + z), 1.0 - 2.0 * (x + z), 1.0 - 2.0 * (x + y)])
    }

    /// Decay to `|0>` with probability `gamma`.
    ///
    /// # Errors
    /// When `gamma` is not in [0, 1].
    pub fn amplitude_damping(gamma: f64) -> Result<Self, CircuitError> {
        Self::generalised_amplitude_damping(gamma, 0.0).map(|channel| channel.named("amplitude damping"))
    }

    /// Decay with probability `gamma` towards an equilibrium in which `|1>` has probability `excited`.
    ///
    /// # Errors
    /// When a probability is not in [0, 1].
    pub fn generalised_amplitude_damping(gamma: f64, excited: f64) -> Result<Self, CircuitError> {
        let gamma = probability("gamma of amplitude damping", gamma)?;
        let excited = probability("the excited-state population", excited)?;
        let coherence = (1.0 - gamma).sqrt();
        relaxation("generalised amplitude damping", coherence, 1.0 - gamma, excited)
    }

    /// Coherences shrink by `sqrt(1 - lambda)`, populations stay.
    ///
    /// # Errors
    /// When `lambda` is not in [0, 1].
    pub fn phase_damping(lambda: f64) -> Result<Self, CircuitError> {
        let coherence = (1.0 - probability("lambda of phase damping", lambda)?).sqrt();
        from_diagonal("phase damping", &[1.0, coherence, coherence, 1.0])
    }

    /// Relaxation for a time: populations towards equilibrium with `T1`, coherences to zero with `T2`; all times in one unit.
    ///
    /// # Errors
    /// When a time is not positive (`time` may be 0), `T2` is above `2 T1`, or the population is not in [0, 1].
    pub fn thermal_relaxation(t1: f64, t2: f64, time: f64, excited: f64) -> Result<Self, CircuitError> {
        for (what, value, possible, range) in
            [("T1", t1, t1 > 0.0, "above 0"), ("T2", t2, t2 > 0.0, "above 0"), ("the time", time, time >= 0.0, "0 or more")]
        {
            if !possible {
                return Err(CircuitError::OutOfRange { what, value, range });
            }
        }
        if t2 > 2.0 * t1 {
            return Err(CircuitError::Relaxation { t1, t2 });
        }
        let excited = probability("the excited-state population", excited)?;
        relaxation("thermal relaxation", (-time / t2).exp(), (-time / t1).exp(), excited)
    }

    /// A rotation `exp(-i angle/2 P)` that every gate brings along by mistake.
    ///
    /// # Errors
    /// When there are no letters or too many, or the angle is not finite.
    pub fn coherent(paulis: &[Pauli], angle: f64) -> Result<Self, CircuitError> {
        if !angle.is_finite() {
            return Err(CircuitError::NotFinite { what: "an angle", value: angle });
        }
        let mut product = Matrix::identity(0);
        for pauli in paulis {
            product = pauli.matrix().kronecker(&product);
        }
        let (sine, cosine) = (angle / 2.0).sin_cos();
        let identity = Matrix::identity(paulis.len()).scaled(cosine.into());
        let unitary = identity.plus(&product.scaled(num_complex::Complex64::new(0.0, -sine)));
        Self::from_kraus("coherent rotation", vec![unitary])
    }

    /// The crosstalk `exp(-i angle/2 ZZ)` of two neighbours.
    ///
    /// # Errors
    /// When the angle is not finite.
    pub fn zz_crosstalk(angle: f64) -> Result<Self, CircuitError> {
        Self::coherent(&[Pauli::Z, Pauli::Z], angle).map(|channel| channel.named("ZZ crosstalk"))
    }

    /// Reading out with errors, as a channel: the coherences are lost, 1 is read for 0 and 0 for 1 with these probabilities.
    ///
    /// # Errors
    /// When a probability is not in [0, 1].
    pub fn readout_confusion(one_for_zero: f64, zero_for_one: f64) -> Result<Self, CircuitError> {
        let a = probability("the probability to read 1 for 0", one_for_zero)?;
        let b = probability("the probability to read 0 for 1", zero_for_one)?;
        let entry = |at: usize, weight: f64| {
            let mut entries = [num_complex::Complex64::ZERO; 4];
            entries[at] = weight.sqrt().into();
            Matrix::from_slice(&entries)
        };
        Self::from_kraus("read-out confusion", vec![entry(0, 1.0 - a), entry(2, a), entry(3, 1.0 - b), entry(1, b)])
    }

    fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }
}

fn probability(what: &'static str, value: f64) -> Result<f64, CircuitError> {
    // sums of probabilities may exceed 1 by their rounding
    if (0.0..=1.0 + 1e-12).contains(&value) { Ok(value.min(1.0)) } else { Err(CircuitError::Probability { what, value }) }
}

fn paulis(num_qubits: usize) -> Result<usize, CircuitError> {
    if (1..=Channel::MAX_QUBITS).contains(&num_qubits) {
        return Ok(1 << (2 * num_qubits));
    }
    Err(CircuitError::TooManyQubits { given: num_qubits, limit: Channel::MAX_QUBITS })
}

fn from_diagonal(name: &str, diagonal: &[f64]) -> Result<Channel, CircuitError> {
    let size = diagonal.len();
    let mut transfer = vec![0.0; size * size];
    for (k, &entry) in diagonal.iter().enumerate() {
        transfer[k * (size + 1)] = entry;
    }
    Channel::from_transfer(name, transfer)
}

fn relaxation(name: &str, coherence: f64, population: f64, excited: f64) -> Result<Channel, CircuitError> {
    let mut transfer = vec![0.0; 16];
    transfer[0] = 1.0;
    transfer[5] = coherence;
    transfer[10] = coherence;
    transfer[15] = population;
    transfer[12] = (1.0 - population) * (1.0 - 2.0 * excited);
    Channel::from_transfer(name, transfer)
}
