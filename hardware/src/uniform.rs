//! Noise that is the same everywhere, in a few words.

use std::str::FromStr;

use qloom_circuits::Channel;
use serde::{Deserialize, Serialize};

use crate::error::HardwareError;
use crate::noise::{NoiseModel, NoiseRule};

/// Depolarizing noise after gates and read-out errors, the same on all qubits.
///
/// A gate on three and more qubits is made of gates on one and two, which have the noise.
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
        let depolarizes = self.depolarizing1 != 0.0 || self.depolarizing2 != 0.0;
        let mut model = NoiseModel { takes_apart: depolarizes, ..NoiseModel::default() };
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

    /// No gate of the table, and none under controls, is left without noise: each is made of gates on one and two qubits.
    #[test]
    fn gates_on_many_qubits_have_the_noise_of_their_parts() {
        let noise: UniformNoise = "depolarizing1=0.1,depolarizing2=0.2".parse().expect("two words");
        let model = noise.model(6, false).expect("possible");
        let large = qloom_circuits::Gate::all().filter(|gate| gate.num_qubits() > 2);
        let mut operations: Vec<Operation> =
            large.map(|gate| Operation::gate(gate, &[], &(0..gate.num_qubits()).collect::<Vec<_>>())).collect();
        let sx = qloom_circuits::Gate::Sx.matrix(&[]);
        operations.push(Operation::Unitary { matrix: sx, controls: (0..5).collect(), qubits: [5].into_iter().collect() });
        for operation in operations {
            let mut circuit = Circuit::new(6);
            circuit.push(operation.clone()).expect("it fits");
            let mut again = Circuit::new(6);
            let noisy = model.apply(&circuit).expect("it fits");
            let mut gates = 0;
            for part in noisy.operations() {
                if matches!(part, Operation::Channel { .. }) {
                    continue;
                }
                gates += usize::from(!part.qubits().is_empty());
                assert!(part.qubits().len() <= 2, "{operation:?} leaves {part:?}");
                again.push(part.clone()).expect("it fits");
            }
            let channels = noisy.operations().iter().filter(|part| matches!(part, Operation::Channel { .. })).count();
            assert_eq!(channels, gates, "{operation:?}");
            let error = again.unitary(&[]).expect("gates").distance(&circuit.unitary(&[]).expect("gates"));
            assert!(error < 1e-11, "{operation:?}: {error:e}");
        }
    }
}
