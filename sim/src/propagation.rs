//! Expectation values of wide, shallow circuits: the observable is taken back through the circuit, string by string.

#[cfg(test)]
mod tests;

use qloom_circuits::{Circuit, Operation, Pauli, PauliString, PauliSum, Primitive, PrimitiveKind};
use smallvec::SmallVec;

use crate::error::SimError;

/// What a [`propagate`] leaves out.
///
/// ```
/// let settings = qloom_sim::Propagation::default();
/// assert_eq!((settings.least, settings.max_weight, settings.max_terms), (0.0, None, 1 << 24));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Propagation {
    /// Strings whose coefficient is smaller, in the observable's unit, are dropped; 0 drops none.
    pub least: f64,
    /// Strings of more letters are dropped.
    pub max_weight: Option<u32>,
    /// So many strings are kept, those of the largest coefficients; at least 1. Each takes 24 bytes, and while strings split three times that.
    pub max_terms: usize,
}

impl Default for Propagation {
    /// Exact, up to 2^24 strings.
    fn default() -> Self {
        Self { least: 0.0, max_weight: None, max_terms: 1 << 24 }
    }
}

/// An expectation value with what was left out of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Propagated {
    /// The expectation value.
    pub value: f64,
    /// The exact value differs by at most this, rounding aside: the sum of the coefficients of all dropped strings.
    pub bound: f64,
    /// Most strings there were at a time.
    pub strings: usize,
    /// How many were dropped.
    pub dropped: u64,
}

/// Gates and channels on more qubits have no transfer matrix of reasonable size.
const DENSE: usize = 5;
/// Entries of transfer matrices nearer to 0 or 1 are that.
const ROUNDING: f64 = 1e-14;
/// A controlled rotation is one rotation for every subset of its controls.
const CONTROLS: usize = 8;

/// `<0|C+ O C|0>` of a circuit `C`, which may have channels, by taking the observable `O` back through it.
///
/// A Clifford gate makes one string of one, a rotation up to two, so that the number of strings grows with the gates in the light cone that
/// are no Clifford gates, and not with the width. What is dropped on the way can change the value by no more than its coefficient, since a
/// unitary or a channel never makes an operator larger: these add up to [`Propagated::bound`]. Measurements and resets act as channels
/// whose outcomes nobody keeps. Costs about 100 ns a string and gate.
///
/// Source: M. S. Rudolph, T. Jones, Y. Teng, A. Angrisani and Z. Holmes, Pauli propagation: a computational framework for simulating
/// quantum systems (2025), arXiv:2505.21606.
///
/// ```
/// use qloom_circuits::{Circuit, PauliSum};
/// use qloom_sim::{Propagation, propagate};
/// let mut circuit = Circuit::new(60);
/// (0..60).for_each(|qubit| _ = circuit.ry(0.3, qubit));
/// (1..60).for_each(|qubit| _ = circuit.cz(qubit - 1, qubit));
/// let value = propagate(&circuit, &PauliSum::z(30, 60), Propagation::default())?;
/// assert!((value.value - 0.3f64.cos()).abs() < 1e-15 && value.bound == 0.0);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
///
/// # Errors
/// When sizes differ, angles are free, a setting is out of its range, or for conditioned blocks and gates on more than five qubits that
/// are no rotations.
pub fn propagate(circuit: &Circuit, observable: &PauliSum, settings: Propagation) -> Result<Propagated, SimError> {
    if observable.num_qubits() != circuit.num_qubits() {
        let (expected, given) = (circuit.num_qubits(), observable.num_qubits());
        return Err(SimError::SizeMismatch { what: "qubits of the observable", expected, given });
    }
    if circuit.num_parameters() > 0 {
        let given = circuit.num_parameters();
        return Err(SimError::SizeMismatch { what: "free parameters of a circuit that is propagated", expected: 0, given });
    }
    if settings.max_terms == 0 {
        return Err(SimError::OutOfRange { what: "the number of strings kept", value: 0.0, range: "at least 1" });
    }
    if !(settings.least >= 0.0 && settings.least.is_finite()) {
        return Err(SimError::OutOfRange { what: "the least coefficient kept", value: settings.least, range: "0 or more" });
    }
    let mut terms = Terms {
        list: observable.terms().to_vec(),
        made: Vec::new(),
        merged: Vec::new(),
        settings,
        bound: 0.0,
        peak: 0,
        dropped: 0,
    };
    terms.list.sort_unstable_by_key(|term| term.0);
    terms.truncate();
    for operation in circuit.operations().iter().rev() {
        terms.operation(operation)?;
    }
    // |0> is an eigenstate of Z, and X and Y have no value in it
    let value = terms.list.iter().filter(|(string, _)| string.x_mask() == 0).map(|(_, coefficient)| coefficient).sum();
    Ok(Propagated { value, bound: terms.bound, strings: terms.peak, dropped: terms.dropped })
}

type Term = (PauliString, f64);

/// The observable as it is before the operations taken back so far.
struct Terms {
    /// In order of string, each once.
    list: Vec<Term>,
    /// Strings that an operation has made.
    made: Vec<Term>,
    merged: Vec<Term>,
    settings: Propagation,
    bound: f64,
    peak: usize,
    dropped: u64,
}

impl Terms {
    fn operation(&mut self, operation: &Operation) -> Result<(), SimError> {
        match operation {
            Operation::Barrier { .. } | Operation::Delay { .. } | Operation::GlobalPhase(_) => Ok(()),
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                operation.primitives()?.iter().rev().try_for_each(|primitive| self.primitive(primitive))
            }
            Operation::Channel { channel, qubits } => {
                if qubits.len() > DENSE {
                    return Err(too_large("a channel on more than five qubits"));
                }
                self.map(qubits, channel.transfer());
                Ok(())
            }
            Operation::Measure { qubit, .. } => {
                let mut transfer = [0.0; 16];
                (transfer[0], transfer[15]) = (1.0, 1.0);
                self.map(&[*qubit], &transfer);
                Ok(())
            }
            Operation::Reset { qubit } => {
                let mut transfer = [0.0; 16];
                (transfer[0], transfer[12]) = (1.0, 1.0);
                self.map(&[*qubit], &transfer);
                Ok(())
            }
            Operation::Conditional(_) => Err(SimError::Unsupported {
                simulation: "Pauli propagation",
                operation: "a conditioned block",
                remedy: "simulate states, or measure at the end",
            }),
        }
    }

    fn primitive(&mut self, primitive: &Primitive) -> Result<(), SimError> {
        let controls = &primitive.controls;
        match &primitive.kind {
            // exp(i a prod (1 - Z)/2)
            PrimitiveKind::Phase(angle) => self.rotations(-2.0 * angle.value(&[]), controls, &[]),
            PrimitiveKind::Rotation(angle, targets) => self.rotations(angle.value(&[]), controls, targets),
            PrimitiveKind::Unitary(..) => {
                let qubits = primitive.qubits();
                if qubits.len() > DENSE {
                    return Err(too_large("a gate on more than five qubits"));
                }
                self.map(&qubits, &primitive.matrix(&[]).transfer_matrix());
                Ok(())
            }
        }
    }

    /// `exp(-i angle/2 Pi P)` with `Pi` the projector on controls that are one: a rotation for every subset of them, all of which commute.
    fn rotations(&mut self, angle: f64, controls: &[usize], targets: &[(usize, Pauli)]) -> Result<(), SimError> {
        if controls.len() > CONTROLS {
            return Err(too_large("a rotation with more than eight controls"));
        }
        let share = angle / (1u32 << controls.len()) as f64;
        for subset in 0..1usize << controls.len() {
            let signed = if subset.count_ones().is_multiple_of(2) { share } else { -share };
            let zs = controls.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).map(|(_, &qubit)| (qubit, Pauli::Z));
            self.rotation(PauliString::from_letters(targets.iter().copied().chain(zs)), signed);
        }
        Ok(())
    }

    /// Takes back `exp(-i angle/2 P)`: `Q` becomes `cos Q - i sin Q P` where it does not commute with `P`.
    fn rotation(&mut self, axis: PauliString, angle: f64) {
        let (sine, cosine) = angle.sin_cos();
        for (string, coefficient) in &mut self.list {
            if string.commutes_with(axis) {
                continue;
            }
            let (product, phase) = string.times(axis);
            // the phase is i or -i
            self.made.push((product, phase.im * sine * *coefficient));
            *coefficient *= cosine;
        }
        self.merge();
    }

    /// Takes back a map of some qubits: each string becomes the row of the transfer matrix that is its own on them.
    fn map(&mut self, qubits: &[usize], transfer: &[f64]) {
        let size = 1usize << (2 * qubits.len());
        // what rounding left of 1 is 1, so that Clifford gates keep every digit
        let exact = |factor: f64| if (factor.abs() - 1.0).abs() < ROUNDING { factor.signum() } else { factor };
        let row = |row: &[f64]| {
            row.iter().map(|&factor| exact(factor)).enumerate().filter(|(_, factor)| factor.abs() > ROUNDING).collect()
        };
        let rows: Vec<SmallVec<[(usize, f64); 4]>> = transfer.chunks(size).map(row).collect();
        let words: Vec<PauliString> = (0..size).map(|index| word(index, qubits)).collect();
        let local = words[size - 1];
        let mask = local.z_mask();
        for (string, coefficient) in &mut self.list {
            if (string.x_mask() | string.z_mask()) & mask == 0 && rows[0][..] == [(0, 1.0)] {
                continue;
            }
            let own = index(*string, qubits);
            let rest = PauliString::from_masks(string.x_mask() & !mask, string.z_mask() & !mask);
            let mut stays = 0.0;
            for &(to, factor) in &rows[own] {
                if to == own {
                    stays = factor * *coefficient;
                } else {
                    let string = PauliString::from_masks(rest.x_mask() | words[to].x_mask(), rest.z_mask() | words[to].z_mask());
                    self.made.push((string, factor * *coefficient));
                }
            }
            *coefficient = stays;
        }
        self.merge();
    }

    /// Takes in what was made, and drops what is too small.
    fn merge(&mut self) {
        if self.made.is_empty() {
            return self.truncate();
        }
        // equal strings are added in the order in which they were made, so that the same sum comes out every time
        self.made.sort_by_key(|term| term.0);
        self.merged.clear();
        let (mut old, mut new) = (self.list.iter().peekable(), self.made.iter().peekable());
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) if a.0 <= b.0 => old.next(),
                (Some(_), None) => old.next(),
                (_, Some(_)) => new.next(),
                (None, None) => break,
            };
            let Some(&(string, coefficient)) = next else { break };
            match self.merged.last_mut() {
                Some(last) if last.0 == string => last.1 += coefficient,
                _ => self.merged.push((string, coefficient)),
            }
        }
        self.made.clear();
        std::mem::swap(&mut self.list, &mut self.merged);
        self.truncate();
    }

    /// Drops strings by size, by letters and by number.
    fn truncate(&mut self) {
        let Propagation { least, max_weight, max_terms } = self.settings;
        let (bound, dropped) = (&mut self.bound, &mut self.dropped);
        let mut keep = |(string, coefficient): &Term, least: f64| {
            let kept = coefficient.abs() >= least && max_weight.is_none_or(|most| string.weight() <= most);
            if !kept && *coefficient != 0.0 {
                *bound += coefficient.abs();
                *dropped += 1;
            }
            kept && *coefficient != 0.0
        };
        self.list.retain(|term| keep(term, least));
        if self.list.len() > max_terms {
            let mut sizes: Vec<f64> = self.list.iter().map(|term| term.1.abs()).collect();
            let (_, &mut smallest, _) = sizes.select_nth_unstable_by(self.list.len() - max_terms, f64::total_cmp);
            self.list.retain(|term| keep(term, smallest));
            // as large as the smallest that is kept
            let mut more = self.list.len().saturating_sub(max_terms);
            self.list.retain(|term| {
                let kept = more == 0 || term.1.abs() > smallest;
                more -= usize::from(!kept);
                kept || keep(term, f64::INFINITY)
            });
        }
        self.peak = self.peak.max(self.list.len());
    }
}

fn too_large(operation: &'static str) -> SimError {
    SimError::Unsupported { simulation: "Pauli propagation", operation, remedy: "write it as gates on fewer qubits" }
}

/// The string of base-4 digits I, X, Y, Z on these qubits, the first least significant.
fn word(index: usize, qubits: &[usize]) -> PauliString {
    PauliString::from_letters(qubits.iter().enumerate().map(|(place, &qubit)| (qubit, Pauli::ALL[index >> (2 * place) & 3])))
}

/// The digits of a string on these qubits.
fn index(string: PauliString, qubits: &[usize]) -> usize {
    let digit = |(place, &qubit): (usize, &usize)| {
        let (x, z) = (string.x_mask() >> qubit & 1, string.z_mask() >> qubit & 1);
        // X is 1, Y 2, Z 3
        ((x ^ z) as usize | (z as usize) << 1) << (2 * place)
    };
    qubits.iter().enumerate().map(digit).sum()
}
