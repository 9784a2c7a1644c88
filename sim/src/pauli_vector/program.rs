//! Circuits with channels compiled to maps of Pauli coefficients.

use qloom_circuits::{Circuit, Operation, Primitive, PrimitiveKind, Qubits};

use super::transfer;
use crate::error::SimError;
use crate::kernel::Signed;

/// One map of the coefficients.
#[derive(Clone, Debug)]
pub(super) enum Map {
    One { qubit: usize, matrix: [f64; 16] },
    Signed { low: usize, high: usize, map: Signed },
    Two { low: usize, high: usize, matrix: Box<[f64; 256]> },
    Many { qubits: Qubits, matrix: Vec<f64> },
}

/// A circuit of gates, channels and resets as maps; neighbouring maps of one qubit are one, noise on two qubits is multiplied
/// into the gate before it.
#[derive(Clone, Debug)]
pub struct PauliProgram {
    num_qubits: usize,
    pub(super) maps: Vec<Map>,
}

/// Unitaries and channels on more qubits have no transfer matrix of reasonable size.
const MAX_DENSE: usize = 5;

impl PauliProgram {
    /// Compiles a circuit without free parameters; a measurement loses the coherences of its qubit.
    ///
    /// # Errors
    /// For free parameters, conditions, or a unitary on more than five qubits that is no product of rotations.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        if circuit.num_parameters() > 0 {
            let given = circuit.num_parameters();
            return Err(SimError::SizeMismatch { what: "free parameters of a noisy circuit", expected: 0, given });
        }
        let mut builder = Builder { pending: vec![None; circuit.num_qubits()], maps: Vec::new() };
        for operation in circuit.operations() {
            builder.operation(operation)?;
        }
        (0..circuit.num_qubits()).for_each(|qubit| builder.flush(qubit));
        Ok(Self { num_qubits: circuit.num_qubits(), maps: builder.maps })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of maps after merging.
    pub fn num_maps(&self) -> usize {
        self.maps.len()
    }
}

struct Builder {
    /// The product of the maps of each qubit that nothing on other qubits has waited for.
    pending: Vec<Option<[f64; 16]>>,
    maps: Vec<Map>,
}

impl Builder {
    fn operation(&mut self, operation: &Operation) -> Result<(), SimError> {
        match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                let primitives = operation.primitives()?;
                let together = operation.qubits();
                if together.len() <= 2 && primitives.len() > 1 {
                    // one map for a gate of several steps
                    let mut whole = Circuit::new(together.len());
                    let local = |qubit: usize| together.iter().position(|&q| q == qubit).unwrap_or(0);
                    for primitive in &primitives {
                        let qubits: Qubits = primitive.qubits().into_iter().map(local).collect();
                        let matrix = primitive.matrix(&[]);
                        whole.push(Operation::Unitary { matrix, controls: Qubits::new(), qubits })?;
                    }
                    let matrix = transfer::of_unitary(&whole.unitary(&[])?);
                    self.push(&together, matrix);
                    return Ok(());
                }
                primitives.iter().try_for_each(|primitive| self.primitive(primitive))
            }
            Operation::Channel { channel, qubits } => {
                self.push(qubits, channel.transfer().to_vec());
                Ok(())
            }
            Operation::Measure { qubit, .. } => {
                let mut matrix = vec![0.0; 16];
                (matrix[0], matrix[15]) = (1.0, 1.0);
                self.push(&[*qubit], matrix);
                Ok(())
            }
            Operation::Reset { qubit } => {
                let mut matrix = vec![0.0; 16];
                (matrix[0], matrix[12]) = (1.0, 1.0);
                self.push(&[*qubit], matrix);
                Ok(())
            }
            Operation::GlobalPhase(_) | Operation::Barrier { .. } | Operation::Delay { .. } => Ok(()),
            Operation::Conditional(_) => Err(SimError::Unsupported {
                simulation: "a Pauli vector",
                operation: "a condition on measured bits",
                remedy: "simulate a state vector, or measure at the end",
            }),
        }
    }

    fn primitive(&mut self, primitive: &Primitive) -> Result<(), SimError> {
        let qubits = primitive.qubits();
        match &primitive.kind {
            PrimitiveKind::Phase(_) if qubits.is_empty() => return Ok(()),
            PrimitiveKind::Phase(_) | PrimitiveKind::Rotation(..) | PrimitiveKind::Unitary(..) => {}
        }
        if qubits.len() > MAX_DENSE {
            return Err(SimError::Unsupported {
                simulation: "a Pauli vector",
                operation: "a gate on more than five qubits",
                remedy: "write it as gates on fewer",
            });
        }
        self.push(&qubits, transfer::of_unitary(&primitive.matrix(&[])));
        Ok(())
    }

    fn push(&mut self, qubits: &[usize], matrix: Vec<f64>) {
        match *qubits {
            [qubit] => {
                let before = self.pending[qubit].take();
                self.pending[qubit] = Some(match before {
                    Some(before) => transfer::times(&matrix, &before),
                    None => transfer::times(&matrix, &IDENTITY),
                });
            }
            [first, second] => {
                let (low, high) = (first.min(second), first.max(second));
                let matrix = if first < second { matrix } else { exchanged(&matrix) };
                let (low_pending, high_pending) = (self.pending[low].is_some(), self.pending[high].is_some());
                if !low_pending
                    && !high_pending
                    && let Some(before) = self.maps.pop_if(|map| on(map) == Some((low, high)))
                {
                    let product = transfer::times::<256>(&matrix, &dense(&before));
                    self.maps.push(two(low, high, &product));
                    return;
                }
                self.flush(low);
                self.flush(high);
                self.maps.push(two(low, high, &matrix));
            }
            _ => {
                qubits.iter().for_each(|&qubit| self.flush(qubit));
                self.maps.push(Map::Many { qubits: qubits.into(), matrix });
            }
        }
    }

    fn flush(&mut self, qubit: usize) {
        if let Some(matrix) = self.pending[qubit].take() {
            self.maps.push(Map::One { qubit, matrix });
        }
    }
}

const IDENTITY: [f64; 16] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];

/// The two qubits of a map of two.
fn on(map: &Map) -> Option<(usize, usize)> {
    match map {
        Map::Signed { low, high, .. } | Map::Two { low, high, .. } => Some((*low, *high)),
        Map::One { .. } | Map::Many { .. } => None,
    }
}

fn dense(map: &Map) -> [f64; 256] {
    let mut matrix = [0.0; 256];
    match map {
        Map::Signed { map, .. } => {
            for from in 0..16 {
                matrix[usize::from(map.image[from]) * 16 + from] = map.factor[from];
            }
        }
        Map::Two { matrix: entries, .. } => matrix = **entries,
        Map::One { .. } | Map::Many { .. } => {}
    }
    matrix
}

/// A map of two digits in its cheapest form.
fn two(low: usize, high: usize, matrix: &[f64]) -> Map {
    let mut map = Signed { image: [0; 16], factor: [0.0; 16] };
    let mut taken = [false; 16];
    for from in 0..16 {
        let mut column = (0..16).filter(|row| matrix[row * 16 + from].abs() > 1e-15);
        match (column.next(), column.next()) {
            (Some(row), None) if !taken[row] => {
                taken[row] = true;
                map.image[from] = row as u8;
                map.factor[from] = matrix[row * 16 + from];
            }
            _ => {
                let mut entries = Box::new([0.0; 256]);
                entries.copy_from_slice(matrix);
                return Map::Two { low, high, matrix: entries };
            }
        }
    }
    Map::Signed { low, high, map }
}

/// The matrix of two digits with their order exchanged.
fn exchanged(matrix: &[f64]) -> Vec<f64> {
    let swap = |index: usize| index >> 2 | (index & 3) << 2;
    (0..256).map(|at| matrix[swap(at / 16) * 16 + swap(at % 16)]).collect()
}
