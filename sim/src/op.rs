//! Operations by shape: what kernels execute, plans rewrite and programs hold.

use num_complex::Complex64;
use qloom_circuits::Angle;
use smallvec::{SmallVec, smallvec};

/// Bit masks of an operation over the qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Where the Pauli string is X or Y.
    pub(crate) x: u64,
    /// Where the Pauli string is Y or Z.
    pub(crate) z: u64,
    /// Qubits that must be one.
    pub(crate) controls: u64,
}

/// One operation, by shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    /// `exp(-i theta/2 P)` with a string that flips bits.
    Rotation { masks: Masks, slot: u32 },
    /// `exp(-i theta/2 Z...Z)`.
    Parity { parity: u64, controls: u64, slot: u32 },
    /// `e^{i theta}` where all controls are one.
    Phase { controls: u64, slot: u32 },
    /// X on every bit of `x` where all controls are one.
    Flip { x: u64, controls: u64 },
    /// A dense unitary of the program's list.
    Dense(u32),
}

/// A dense unitary, row-major, on its qubits where all controls are one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dense {
    pub(crate) entries: Vec<Complex64>,
    pub(crate) qubits: Vec<usize>,
    pub(crate) controls: u64,
}

/// The angle of an operation, and what its cosine and sine are taken of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slot {
    pub(crate) angle: Angle,
    /// 1/2 for rotations, 1 for phases.
    pub(crate) factor: f64,
}

impl Slot {
    /// The parameter it depends on, and the derivative of the angle.
    pub(crate) fn parameter(&self) -> Option<(usize, f64)> {
        match self.angle {
            Angle::Fixed(_) => None,
            Angle::Free { index, scale, .. } => Some((index, scale)),
        }
    }
}

/// Unitary operations of a circuit, and what they refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'a> {
    pub(crate) num_qubits: usize,
    pub(crate) ops: &'a [Op],
    pub(crate) dense: &'a [Dense],
    pub(crate) slots: &'a [Slot],
}

impl Op {
    /// The qubits that must be one where it acts.
    pub(crate) fn controls(&self, dense: &[Dense]) -> u64 {
        match *self {
            Op::Rotation { masks, .. } => masks.controls,
            Op::Parity { controls, .. } | Op::Phase { controls, .. } | Op::Flip { controls, .. } => controls,
            Op::Dense(index) => dense[index as usize].controls,
        }
    }

    /// The qubits it acts on.
    pub(crate) fn touches(&self, dense: &[Dense]) -> u64 {
        match *self {
            Op::Rotation { masks, .. } => masks.x | masks.z | masks.controls,
            Op::Parity { parity, controls, .. } => parity | controls,
            Op::Phase { controls, .. } => controls,
            Op::Flip { x, controls } => x | controls,
            Op::Dense(index) => {
                let dense = &dense[index as usize];
                dense.qubits.iter().fold(dense.controls, |mask, qubit| mask | 1 << qubit)
            }
        }
    }
}

/// A linear combination of the angles of slots.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) constant: f64,
    pub(crate) terms: SmallVec<[(u32, f64); 1]>,
}

impl Sum {
    pub(crate) fn constant(constant: f64) -> Self {
        Self { constant, terms: SmallVec::new() }
    }

    pub(crate) fn slot(slot: u32, factor: f64) -> Self {
        Self { constant: 0.0, terms: smallvec![(slot, factor)] }
    }

    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self { constant: self.constant * factor, terms: self.terms.iter().map(|&(slot, c)| (slot, c * factor)).collect() }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.constant += other.constant;
        self.terms.extend(other.terms.iter().copied());
    }

    /// The sum for these angles, one a slot.
    pub(crate) fn value(&self, angles: &[f64]) -> f64 {
        self.terms.iter().fold(self.constant, |sum, &(slot, factor)| sum + factor * angles[slot as usize])
    }
}
