//! Depolarising and read-out noise, drawn as Pauli errors.

use qloom_circuits::{Circuit, Operation, Pauli, PrimitiveKind};
use rand::{Rng, RngExt};

use crate::error::KnotError;

/// Depolarising noise after gates, and read-out flips.
///
/// A depolarising probability `p` is that of replacement by the maximally mixed state of the gate's qubits: a random Pauli word other than
/// the identity follows with probability `3p/4` or `15p/16`. Diagonal one-qubit gates are changes of frame and have no noise.
#[derive(Clone, Copy, Debug, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Noise {
    /// After each one-qubit gate that is not diagonal.
    pub depolarizing1: f64,
    /// After each two-qubit gate.
    pub depolarizing2: f64,
    /// Probability that a measured bit is read wrongly.
    pub readout: f64,
}

/// A place where an error may happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Location {
    /// Behind this operation; at the number of operations for read-out.
    after: usize,
    qubits: [usize; 2],
    two: bool,
    /// Probability of an error that is not the identity.
    probability: f64,
}

/// One error: a place and a Pauli word, two bits a qubit (x, z).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    location: Location,
    word: u8,
}

impl Noise {
    /// Reads `depolarizing1=1e-4,depolarizing2=1e-3,readout=0.01`; what is left out is zero.
    ///
    /// # Errors
    /// For an unknown name or a probability that is not from 0 to 1.
    ///
    /// ```
    /// let noise = qloom_knots::estimate::Noise::parse("depolarizing2=1e-3, readout=0.01").unwrap();
    /// assert_eq!((noise.depolarizing1, noise.depolarizing2, noise.readout), (0.0, 1e-3, 0.01));
    /// ```
    pub fn parse(text: &str) -> Result<Self, KnotError> {
        let mut noise = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = |reason| KnotError::Noise { found: part.to_owned(), reason };
            let (name, value) = part.split_once('=').ok_or_else(|| wrong("write name=probability"))?;
            let value: f64 = value.trim().parse().map_err(|_| wrong("the probability is no number"))?;
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

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Every place in a circuit without measurements, read-out of all qubits at the end among them.
    pub(super) fn locations(&self, circuit: &Circuit) -> Vec<Location> {
        let mut locations = Vec::new();
        for (after, operation) in circuit.operations().iter().enumerate() {
            let qubits = operation.qubits();
            match qubits[..] {
                [a, b] => {
                    locations.push(Location { after, qubits: [a, b], two: true, probability: self.depolarizing2 * 15.0 / 16.0 });
                }
                [a] if !is_diagonal(operation) => {
                    locations.push(Location { after, qubits: [a, a], two: false, probability: self.depolarizing1 * 0.75 });
                }
                _ => {}
            }
        }
        let after = circuit.operations().len();
        let flips = (0..circuit.num_qubits()).map(|q| Location { after, qubits: [q, q], two: false, probability: self.readout });
        locations.extend(flips);
        locations.retain(|location| location.probability > 0.0);
        locations
    }
}

/// Whether a one-qubit operation is a rotation about Z or a phase.
fn is_diagonal(operation: &Operation) -> bool {
    let Ok(primitives) = operation.primitives() else { return false };
    primitives.iter().all(|primitive| match &primitive.kind {
        PrimitiveKind::Phase(_) => true,
        PrimitiveKind::Rotation(_, paulis) => paulis.iter().all(|(_, pauli)| *pauli == Pauli::Z),
        PrimitiveKind::Unitary(..) => false,
    })
}

/// Probability that nothing happens at all.
pub(super) fn clean(locations: &[Location]) -> f64 {
    locations.iter().map(|location| 1.0 - location.probability).product()
}

/// Draws an error pattern; with `at_least_one` conditioned on some error.
pub(super) fn draw(locations: &[Location], operations: usize, at_least_one: bool, rng: &mut impl Rng) -> Vec<Fault> {
    let mut faults = Vec::new();
    // probability that all places from here on are clean
    let mut rest = if at_least_one { clean(locations) } else { 1.0 };
    for &location in locations {
        let happens = if at_least_one && faults.is_empty() {
            let condition = 1.0 - rest;
            rest /= 1.0 - location.probability;
            rng.random::<f64>() * condition < location.probability
        } else {
            rng.random::<f64>() < location.probability
        };
        if happens {
            let word = match (location.after == operations, location.two) {
                (true, _) => 1,
                (false, true) => rng.random_range(1..16),
                (false, false) => rng.random_range(1..4),
            };
            faults.push(Fault { location, word });
        }
    }
    faults
}

/// The circuit with the errors as gates, and the outcome bits that read-out flips.
pub(super) fn with_faults(circuit: &Circuit, faults: &[Fault]) -> (Circuit, u64) {
    let mut noisy = circuit.without_operations();
    let mut flips = 0;
    let mut faults = faults.iter().peekable();
    for (index, operation) in circuit.operations().iter().enumerate() {
        noisy.push(operation.clone()).expect("the operation comes from the same circuit");
        while let Some(fault) = faults.next_if(|fault| fault.location.after == index) {
            for (place, &qubit) in fault.location.qubits.iter().take(1 + usize::from(fault.location.two)).enumerate() {
                match fault.word >> (2 * place) & 3 {
                    1 => _ = noisy.x(qubit),
                    2 => _ = noisy.z(qubit),
                    3 => _ = noisy.y(qubit),
                    _ => {}
                }
            }
        }
    }
    for fault in faults {
        flips |= 1 << fault.location.qubits[0];
    }
    (noisy, flips)
}
