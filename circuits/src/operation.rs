//! Operations: what a circuit is a list of.

use smallvec::SmallVec;

use crate::angle::Angle;
use crate::channel::Channel;
use crate::gate::Gate;
use crate::matrix::Matrix;
use crate::pauli::PauliString;

/// Qubit indices; the first is the least significant index bit of a matrix.
pub type Qubits = SmallVec<[usize; 3]>;

/// Angles of a gate in the order of its row.
pub type Angles = SmallVec<[Angle; 1]>;

/// One instruction of a circuit.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// A gate of the table.
    Gate {
        /// Which gate.
        gate: Gate,
        /// Its angles.
        angles: Angles,
        /// Its qubits.
        qubits: Qubits,
    },
    /// `exp(-i angle/2 P)`.
    PauliRotation {
        /// The Pauli string `P` over the circuit's qubits.
        pauli: PauliString,
        /// The angle.
        angle: Angle,
    },
    /// A constant unitary on `qubits`, applied where all `controls` are one.
    Unitary {
        /// The matrix on `qubits`.
        matrix: Matrix,
        /// Control qubits, possibly none.
        controls: Qubits,
        /// Target qubits, the first least significant.
        qubits: Qubits,
    },
    /// Multiplies the state by `e^{i angle}`.
    GlobalPhase(Angle),
    /// A noise channel.
    Channel {
        /// The channel.
        channel: Channel,
        /// Its qubits.
        qubits: Qubits,
    },
    /// Measures a qubit in the computational basis into a classical bit.
    Measure {
        /// The qubit.
        qubit: usize,
        /// The classical bit.
        bit: usize,
    },
    /// Puts a qubit into `|0>`.
    Reset {
        /// The qubit.
        qubit: usize,
    },
    /// Keeps operations on these qubits from moving across; no qubits means all.
    Barrier {
        /// The qubits.
        qubits: Vec<usize>,
    },
    /// Idle time.
    Delay {
        /// Duration in nanoseconds.
        duration_ns: f64,
        /// The qubits that wait.
        qubits: Vec<usize>,
    },
    /// Operations that run if classical bits have a value, and others if not.
    Conditional(Box<Conditional>),
}

/// A classically conditioned block.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    /// When the first block runs.
    pub condition: Condition,
    /// What runs if the condition holds.
    pub then: Vec<Operation>,
    /// What runs if it does not.
    pub otherwise: Vec<Operation>,
}

/// Classical bits compared with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The bits, the first least significant, any number of them.
    pub bits: Vec<usize>,
    /// The value they must have; bits beyond the 64th must be zero.
    pub value: u64,
}

impl Condition {
    /// What the bit at a position of the list must be.
    pub fn wanted(&self, position: usize) -> bool {
        position < 64 && self.value >> position & 1 == 1
    }

    /// Whether the bits have the value; false where the value has more digits than there are bits.
    ///
    /// ```
    /// use qloom_circuits::Condition;
    /// let condition = Condition { bits: (0..100).collect(), value: 2 };
    /// assert!(condition.holds(|bit| bit == 1) && !condition.holds(|bit| bit == 1 || bit == 65));
    /// ```
    pub fn holds(&self, bit: impl Fn(usize) -> bool) -> bool {
        !self.is_impossible() && self.bits.iter().enumerate().all(|(position, &index)| bit(index) == self.wanted(position))
    }

    /// Whether the value has more digits than there are bits.
    pub fn is_impossible(&self) -> bool {
        self.bits.len() < 64 && self.value >> self.bits.len() != 0
    }
}

impl Operation {
    /// A gate of the table; sizes are checked by [`crate::Circuit::push`].
    pub fn gate(gate: Gate, angles: &[Angle], qubits: &[usize]) -> Self {
        Operation::Gate { gate, angles: angles.into(), qubits: qubits.into() }
    }

    /// Every qubit the operation touches; empty for a barrier or delay on all and for a global phase.
    pub fn qubits(&self) -> Qubits {
        match self {
            Operation::Gate { qubits, .. } | Operation::Channel { qubits, .. } => qubits.clone(),
            Operation::PauliRotation { pauli, .. } => pauli.support().collect(),
            Operation::Unitary { controls, qubits, .. } => controls.iter().chain(qubits).copied().collect(),
            Operation::GlobalPhase(_) => Qubits::new(),
            Operation::Measure { qubit, .. } | Operation::Reset { qubit } => [*qubit].into_iter().collect(),
            Operation::Barrier { qubits } | Operation::Delay { qubits, .. } => qubits.iter().copied().collect(),
            Operation::Conditional(block) => {
                let mut qubits = Qubits::new();
                for operation in block.then.iter().chain(&block.otherwise) {
                    for qubit in operation.qubits() {
                        if !qubits.contains(&qubit) {
                            qubits.push(qubit);
                        }
                    }
                }
                qubits
            }
        }
    }

    /// Every classical bit of the operation, to be changed.
    pub(crate) fn bits_mut(&mut self, change: &mut dyn FnMut(&mut usize)) {
        match self {
            Operation::Measure { bit, .. } => change(bit),
            Operation::Conditional(block) => {
                block.condition.bits.iter_mut().for_each(&mut *change);
                block.then.iter_mut().chain(&mut block.otherwise).for_each(|inner| inner.bits_mut(change));
            }
            Operation::Gate { .. }
            | Operation::PauliRotation { .. }
            | Operation::Unitary { .. }
            | Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {}
        }
    }

    /// The angles of the operation, in order.
    pub fn angles(&self) -> &[Angle] {
        match self {
            Operation::Gate { angles, .. } => angles,
            Operation::PauliRotation { angle, .. } | Operation::GlobalPhase(angle) => std::slice::from_ref(angle),
            Operation::Unitary { .. }
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. }
            | Operation::Conditional(_) => &[],
        }
    }

    /// The same operation with every angle, also of conditioned operations, mapped.
    #[must_use]
    pub fn map_angles(&self, map: &mut dyn FnMut(Angle) -> Angle) -> Self {
        let mut operation = self.clone();
        match &mut operation {
            Operation::Gate { angles, .. } => angles.iter_mut().for_each(|angle| *angle = map(*angle)),
            Operation::PauliRotation { angle, .. } | Operation::GlobalPhase(angle) => *angle = map(*angle),
            Operation::Conditional(block) => {
                for inner in block.then.iter_mut().chain(&mut block.otherwise) {
                    *inner = inner.map_angles(map);
                }
            }
            Operation::Unitary { .. }
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {}
        }
        operation
    }
}
