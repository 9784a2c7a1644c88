//! Noise that is the same everywhere, in a few words.

use std::str::FromStr;

use qloom_circuits::Channel;
use serde::{Deserialize, Serialize};

use crate::error::HardwareError;
use crate::noise::{NoiseModel, NoiseRule};

/// Depolarizing noise after gates and read-out errors, the same on all qubits.
///
/// A depolarizing probability is that of replacement by the maximally mixed state. As text: `depolarizing1=1e-4, depolarizing2=1e-3,
/// readout=0.01`; what is left out is 0.
///
/// ```
/// use qloom_hardware::UniformNoise;
/// let noise: UniformNoise = "depolarizing2=1e-3, readout=0.01".parse()?;
/// assert_eq!((noise.depolarizing1, noise.depolarizing2, noise.readout), (0.0, 1e-3, 0.01));
/// assert_eq!(noise.model(2, false)?.readout, [[0.01, 0.01]; 2]);
/// # Ok::<(), qloom_hardware::HardwareError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UniformNoise {
    /// After each one-qubit gate.
    pub depolarizing1: f64,
    /// After each two-qubit gate, on both qubits together.
    pub depolarizing2: f64,
    /// Probability that a measured bit is read wrongly, whatever it is.
    pub readout: f64,
}

impl UniformNoise {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The noise model for this many qubits; with `virtual_z` diagonal one-qubit gates are virtual, without noise.
    ///
    /// # Errors
    /// When a probability is outside 0 to 1.
    pub fn model(&self, num_qubits: usize, virtual_z: bool) -> Result<NoiseModel, HardwareError> {
        let mut model = NoiseModel::default();
        for (qubits, p) in [(1, self.depolarizing1), (2, self.depolarizing2)] {
            if p != 0.0 {
                let rule = NoiseRule::after_all(Channel::depolarizing(p, qubits)?);
                model.rules.push(NoiseRule { num_qubits: Some(qubits), virtual_z, ..rule });
            }
        }
        if !(0.0..=1.0).contains(&self.readout) {
            return Err(HardwareError::OutOfRange { what: "the read-out error", value: self.readout, range: "0 to 1" });
        }
        if self.readout > 0.0 {
            model.readout = vec![[self.readout; 2]; num_qubits];
        }
        Ok(model)
    }
}

impl FromStr for UniformNoise {
    type Err = HardwareError;

    fn from_str(text: &str) -> Result<Self, HardwareError> {
        let mut noise = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = |reason| HardwareError::Noise { found: part.to_owned(), reason };
            let (name, value) = part.split_once('=').ok_or_else(|| wrong("write name=probability"))?;
            let value: f64 = value.trim().parse().map_err(|_| wrong("the probability is not a number"))?;
            if !(0.0..=1.0).contains(&value) {
                return Err(wrong("a probability is from 0 to 1"));
            }
            let place = match name.trim() {
                "depolarizing1" => &mut noise.depolarizing1,
                "depolarizing2" => &mut noise.depolarizing2,
                "readout" => &mut noise.readout,
                _ => return Err(wrong("the names are depolarizing1, depolarizing2 and readout")),
            };
            *place = value;
        }
        Ok(noise)
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Circuit, Operation};

    use super::*;

    #[test]
    fn wrong_words_are_refused_with_what_is_possible() {
        for (text, part) in [
            ("depolarizing2", "name=probability"),
            ("depolarizing3=0.1", "the names are"),
            ("readout=2", "from 0 to 1"),
            ("readout=x", "not a number"),
            ("readout=nan", "from 0 to 1"),
        ] {
            let message = text.parse::<UniformNoise>().expect_err(text).to_string();
            assert!(message.contains(text) && message.contains(part), "{message}");
        }
        assert!("".parse::<UniformNoise>().expect("nothing").is_none());
        assert!(UniformNoise { readout: -0.1, ..UniformNoise::default() }.model(1, false).is_err());
    }

    #[test]
    fn virtual_gates_have_no_noise() {
        let noise: UniformNoise = "depolarizing1=0.1,depolarizing2=0.2".parse().expect("two words");
        let mut circuit = Circuit::new(2);
        circuit.h(0).rz(0.3, 0).s(1).cx(0, 1);
        let channels = |virtual_z| {
            let noisy = noise.model(2, virtual_z).and_then(|model| model.apply(&circuit)).expect("it fits");
            noisy.operations().iter().filter(|operation| matches!(operation, Operation::Channel { .. })).count()
        };
        assert_eq!((channels(false), channels(true)), (4, 2));
    }
}
