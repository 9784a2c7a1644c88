//! Clifford circuits, compiled: what each gate makes of the Pauli strings on its qubits.

use std::f64::consts::FRAC_PI_2;

use qloom_circuits::{Circuit, Operation, PauliString, Qubits};
use smallvec::SmallVec;

use super::{Tableau, letters};
use crate::error::SimError;

/// A circuit of Clifford gates, compiled for [`Tableau`]s.
///
/// Any gate, rotation or unitary on up to three qubits is taken if its matrix maps Pauli strings to Pauli strings, and rotations by
/// multiples of a quarter turn about any string.
///
/// ```
/// use qloom_circuits::Circuit;
/// use qloom_sim::CliffordProgram;
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1).rz(std::f64::consts::FRAC_PI_2, 1);
/// assert!(CliffordProgram::new(&circuit).is_ok());
/// circuit.t(0);
/// assert!(CliffordProgram::new(&circuit).is_err());
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CliffordProgram {
    num_qubits: usize,
    /// What the gates of the steps do, each different one once.
    gates: Vec<Local>,
    steps: Vec<Step>,
}

/// What a program does, one after the other.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A gate on few qubits.
    Local { gate: usize, qubits: SmallVec<[usize; 3]> },
    /// A rotation by a number of quarter turns, not a multiple of four.
    Rotation { letters: Vec<(usize, [bool; 2])>, quarters: u8 },
}

/// What a gate on few qubits does. A string is two bits a qubit: whether the letter is X or Y, and whether it is Y or Z.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Local {
    /// The bits of the string before, of which each bit of the string after is the sum.
    pub(crate) outputs: SmallVec<[u8; 6]>,
    /// Products of bits whose sum is 1 where the sign changes.
    pub(crate) sign: SmallVec<[u8; 8]>,
}

/// How far an entry of a transfer matrix may be from 1 or -1.
const TOLERANCE: f64 = 1e-9;
/// Gates on more qubits have no table.
const LOCAL: usize = 3;

const NO_CLIFFORD: SimError =
    SimError::Unsupported { simulation: "a tableau", operation: "a gate that is no Clifford gate", remedy: "use a state vector" };

impl CliffordProgram {
    /// Compiles a circuit of gates without free parameters.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] for anything else.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        let mut table = CliffordTable::default();
        let mut steps = Vec::new();
        for operation in circuit.operations() {
            steps.extend(table.step(operation)?);
        }
        Ok(Self { num_qubits: circuit.num_qubits(), gates: table.gates, steps })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }
}

/// What gates do, each different one once.
#[derive(Debug, Default)]
pub(crate) struct CliffordTable {
    gates: Vec<Local>,
    /// Gates on the first qubits, with their place among `gates`; none where they change no string.
    known: Vec<(Operation, Option<usize>)>,
}

impl CliffordTable {
    /// What an operation does; nothing where it changes no string.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] for what is no Clifford gate, or no gate.
    pub(crate) fn step(&mut self, operation: &Operation) -> Result<Option<Step>, SimError> {
        let unsupported = |operation| SimError::Unsupported {
            simulation: "a tableau's program",
            operation,
            remedy: "execute the circuit, whose measurements, resets and Pauli noise are followed shot by shot",
        };
        match operation {
            Operation::Barrier { .. } | Operation::Delay { .. } | Operation::GlobalPhase(_) => return Ok(None),
            Operation::Measure { .. } => return Err(unsupported("a measurement")),
            Operation::Reset { .. } => return Err(unsupported("a reset")),
            Operation::Conditional(_) => return Err(unsupported("a conditioned block")),
            Operation::Channel { .. } => return Err(unsupported("a noise channel")),
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {}
        }
        if operation.angles().iter().any(|angle| angle.parameter().is_some()) {
            return Err(SimError::Unsupported {
                simulation: "a tableau",
                operation: "a free parameter",
                remedy: "give it a value that makes a Clifford gate",
            });
        }
        let qubits = operation.qubits();
        if qubits.len() > LOCAL {
            return rotation(operation);
        }
        let moved = on_first_qubits(operation, &qubits);
        let gate = match self.known.iter().find(|(other, _)| *other == moved) {
            Some(&(_, gate)) => gate,
            None => {
                let gate = Local::new(&moved, qubits.len())?.map(|local| {
                    self.gates.push(local);
                    self.gates.len() - 1
                });
                self.known.push((moved, gate));
                gate
            }
        };
        Ok(gate.map(|gate| Step::Local { gate, qubits: qubits.iter().copied().collect() }))
    }

    /// What the gates of the steps do.
    pub(crate) fn gates(&self) -> &[Local] {
        &self.gates
    }
}

/// A gate on more than three qubits, which only a rotation about a string can be; none where it turns nothing.
fn rotation(operation: &Operation) -> Result<Option<Step>, SimError> {
    let Operation::PauliRotation { pauli, angle } = operation else { return Err(NO_CLIFFORD) };
    let turns = angle.value(&[]) / FRAC_PI_2;
    if (turns - turns.round()).abs() > TOLERANCE {
        return Err(NO_CLIFFORD);
    }
    let quarters = turns.round().rem_euclid(4.0) as u8;
    Ok((quarters > 0).then(|| Step::Rotation { letters: letters(*pauli), quarters }))
}

/// The operation with its qubits numbered from 0, in their order.
fn on_first_qubits(operation: &Operation, qubits: &Qubits) -> Operation {
    let place = |qubit: usize| qubits.iter().position(|&other| other == qubit).unwrap_or_default();
    let mut moved = operation.clone();
    match &mut moved {
        Operation::Gate { qubits, .. } => qubits.iter_mut().for_each(|qubit| *qubit = place(*qubit)),
        Operation::Unitary { controls, qubits, .. } => {
            controls.iter_mut().chain(qubits).for_each(|qubit| *qubit = place(*qubit));
        }
        Operation::PauliRotation { pauli, .. } => {
            *pauli = PauliString::from_letters(pauli.support().map(|qubit| (place(qubit), pauli.letter(qubit))));
        }
        Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. }
        | Operation::Conditional(_) => {}
    }
    moved
}

impl Local {
    /// None where it changes no string.
    fn new(operation: &Operation, num_qubits: usize) -> Result<Option<Self>, SimError> {
        let mut circuit = Circuit::new(num_qubits);
        circuit.push(operation.clone())?;
        let (transfer, size) = (circuit.unitary(&[])?.transfer_matrix(), 1usize << (2 * num_qubits));
        // by the bits of the string before: those of the string after, and whether there is a minus
        let (mut images, mut negative) = (vec![0usize; size], vec![false; size]);
        for column in 0..size {
            let row = (0..size).find(|row| transfer[row * size + column].abs() > 1.0 - TOLERANCE).ok_or(NO_CLIFFORD)?;
            images[bits(column)] = bits(row);
            negative[bits(column)] = transfer[row * size + column] < 0.0;
        }
        if images.iter().enumerate().all(|(before, after)| before == *after) && !negative.contains(&true) {
            return Ok(None);
        }
        let inputs = 2 * num_qubits;
        let output = |bit: usize| (0..inputs).map(|input| ((images[1 << input] >> bit & 1) as u8) << input).sum();
        // from values to the coefficients of products
        for variable in 0..inputs {
            for at in (0..size).filter(|at| at >> variable & 1 == 1) {
                negative[at] ^= negative[at ^ 1 << variable];
            }
        }
        let sign = (0..size).filter(|&product| negative[product]).map(|product| product as u8).collect();
        Ok(Some(Self { outputs: (0..inputs).map(output).collect(), sign }))
    }

    fn apply(&self, state: &mut Tableau, qubits: &[usize]) {
        let width = 2 * state.half;
        for word in 0..width {
            let mut before = [0u64; 2 * LOCAL];
            for (place, &qubit) in qubits.iter().enumerate() {
                before[2 * place] = state.x[width * qubit + word];
                before[2 * place + 1] = state.z[width * qubit + word];
            }
            let sum = |mask: u8| (0..2 * LOCAL).filter(|bit| mask >> bit & 1 == 1).fold(0, |sum, bit| sum ^ before[bit]);
            let product =
                |mask: &u8| (0..2 * LOCAL).filter(|bit| mask >> bit & 1 == 1).fold(u64::MAX, |all, bit| all & before[bit]);
            state.sign[word] ^= self.sign.iter().map(product).fold(0, |sum, part| sum ^ part);
            for (place, &qubit) in qubits.iter().enumerate() {
                state.x[width * qubit + word] = sum(self.outputs[2 * place]);
                state.z[width * qubit + word] = sum(self.outputs[2 * place + 1]);
            }
        }
    }
}

/// The digits I, X, Y, Z of an index of a transfer matrix as two bits each.
fn bits(index: usize) -> usize {
    // X is 1, Y 3, Z 2
    let digit = |place: usize| [0, 1, 3, 2][index >> (2 * place) & 3] << (2 * place);
    (0..LOCAL).map(digit).sum()
}

impl Tableau {
    /// Applies a program; it has no parameters.
    ///
    /// # Errors
    /// When sizes do not fit.
    pub fn apply(&mut self, program: &CliffordProgram, parameters: &[f64], _: &mut ()) -> Result<(), SimError> {
        if program.num_qubits != self.num_qubits {
            let (expected, given) = (self.num_qubits, program.num_qubits);
            return Err(SimError::SizeMismatch { what: "qubits of the program", expected, given });
        }
        if !parameters.is_empty() {
            return Err(SimError::SizeMismatch { what: "parameters", expected: 0, given: parameters.len() });
        }
        program.steps.iter().for_each(|step| self.step(&program.gates, step));
        Ok(())
    }

    /// Applies one step of a program with these gates.
    pub(crate) fn step(&mut self, gates: &[Local], step: &Step) {
        match step {
            Step::Local { gate, qubits } => gates[*gate].apply(self, qubits),
            Step::Rotation { letters, quarters } => {
                let rows = self.anticommuting(letters);
                match quarters {
                    2 => self.sign.iter_mut().zip(rows).for_each(|(sign, rows)| *sign ^= rows),
                    quarters => self.multiply(&rows, letters, *quarters),
                }
            }
        }
    }
}
