//! Circuits: checked lists of operations.

mod builder;
mod compact;
mod parameter;
mod part;

use crate::angle::Angle;
use crate::error::CircuitError;
use crate::gate::Gate;
use crate::matrix::Matrix;
use crate::operation::Operation;

/// A named run of consecutive classical bits or qubits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Name in OpenQASM.
    pub name: String,
    /// First index.
    pub start: usize,
    /// Number of bits or qubits.
    pub size: usize,
}

/// A list of operations on qubits and classical bits, checked as it grows.
///
/// Mistakes in code panic at the caller's line (`circuit.cx(0, 9)`), input from outside returns errors
/// ([`Circuit::push`]). Free parameters are numbered from 0; the circuit has as many as the largest index used plus one.
///
/// ```
/// use qloom_circuits::{Angle, Circuit};
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1).ry(Angle::free(0), 1);
/// assert_eq!((circuit.operations().len(), circuit.num_parameters()), (3, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Circuit {
    num_qubits: usize,
    num_parameters: usize,
    /// Names of parameters that have one; as many entries as are needed.
    parameter_names: Vec<Option<String>>,
    qubit_registers: Vec<Register>,
    bit_registers: Vec<Register>,
    num_bits: usize,
    operations: Vec<Operation>,
    notes: Vec<Note>,
}

/// A line for other tools, such as a pragma of OpenQASM 3, that stands before an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How many operations stand before it.
    pub position: usize,
    /// The line.
    pub text: String,
}

impl Circuit {
    /// A unitary matrix may differ from `U U^dagger = 1` by this much in any entry.
    pub const UNITARY_TOLERANCE: f64 = 1e-9;

    /// An empty circuit on `num_qubits` qubits, named `q` in OpenQASM, without classical bits.
    pub fn new(num_qubits: usize) -> Self {
        let mut circuit = Self::default();
        if num_qubits > 0 {
            circuit.add_qubits("q", num_qubits);
        }
        circuit
    }

    /// Adds a register of qubits behind those there are, and returns its first index.
    pub fn add_qubits(&mut self, name: impl Into<String>, size: usize) -> usize {
        let start = self.num_qubits;
        self.qubit_registers.push(Register { name: name.into(), start, size });
        self.num_qubits += size;
        start
    }

    /// Adds a register of classical bits behind those there are, and returns its first index.
    pub fn add_bits(&mut self, name: impl Into<String>, size: usize) -> usize {
        let start = self.num_bits;
        self.bit_registers.push(Register { name: name.into(), start, size });
        self.num_bits += size;
        start
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of classical bits.
    pub fn num_bits(&self) -> usize {
        self.num_bits
    }

    /// Number of free parameters.
    pub fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    /// The registers of qubits, covering all of them in order.
    pub fn qubit_registers(&self) -> &[Register] {
        &self.qubit_registers
    }

    /// The registers of classical bits, covering all of them in order.
    pub fn bit_registers(&self) -> &[Register] {
        &self.bit_registers
    }

    /// The operations in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Adds a line for other tools, a pragma or an annotation, behind the operations there are.
    pub fn add_note(&mut self, text: impl Into<String>) -> &mut Self {
        self.notes.push(Note { position: self.operations.len(), text: text.into() });
        self
    }

    /// Lines for other tools, in the order of their positions.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Declares at least this many free parameters, used or not.
    pub fn reserve_parameters(&mut self, count: usize) -> &mut Self {
        self.num_parameters = self.num_parameters.max(count);
        self
    }

    /// A circuit with the same registers and declared parameters, but no operations.
    #[must_use]
    pub fn without_operations(&self) -> Circuit {
        Circuit {
            num_qubits: self.num_qubits,
            num_parameters: self.num_parameters,
            parameter_names: self.parameter_names.clone(),
            qubit_registers: self.qubit_registers.clone(),
            bit_registers: self.bit_registers.clone(),
            num_bits: self.num_bits,
            operations: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Appends an operation.
    ///
    /// # Errors
    /// When a qubit or bit is outside the circuit or repeated, a size is wrong, a number is not finite, or a matrix is not unitary.
    pub fn push(&mut self, operation: Operation) -> Result<&mut Self, CircuitError> {
        let parameters = self.check(&operation)?;
        self.num_parameters = self.num_parameters.max(parameters);
        self.operations.push(operation);
        Ok(self)
    }

    /// Removes and returns the last operation; declared parameters and registers stay.
    pub fn pop(&mut self) -> Option<Operation> {
        self.operations.pop()
    }

    #[track_caller]
    pub(crate) fn push_gate(&mut self, gate: Gate, angles: &[Angle], qubits: &[usize]) -> &mut Self {
        self.push_or_panic(Operation::gate(gate, angles, qubits))
    }

    #[track_caller]
    fn push_or_panic(&mut self, operation: Operation) -> &mut Self {
        match self.push(operation) {
            Ok(circuit) => circuit,
            Err(error) => panic!("{error}"),
        }
    }

    /// Measures a qubit into a classical bit; with too few bits, a register `c` of as many bits as qubits is added if there is none.
    ///
    /// # Panics
    /// When the qubit or the bit is outside the circuit.
    #[track_caller]
    pub fn measure(&mut self, qubit: usize, bit: usize) -> &mut Self {
        if self.bit_registers.is_empty() {
            self.add_bits("c", self.num_qubits);
        }
        self.push_or_panic(Operation::Measure { qubit, bit })
    }

    /// Measures every qubit into the bit of the same index.
    pub fn measure_all(&mut self) -> &mut Self {
        for qubit in 0..self.num_qubits {
            self.measure(qubit, qubit);
        }
        self
    }

    /// Puts a qubit into `|0>`.
    ///
    /// # Panics
    /// When the qubit is outside the circuit.
    #[track_caller]
    pub fn reset(&mut self, qubit: usize) -> &mut Self {
        self.push_or_panic(Operation::Reset { qubit })
    }

    /// Keeps operations on these qubits from moving across; none means all.
    ///
    /// # Panics
    /// When a qubit is outside the circuit.
    #[track_caller]
    pub fn barrier(&mut self, qubits: &[usize]) -> &mut Self {
        self.push_or_panic(Operation::Barrier { qubits: qubits.to_vec() })
    }

    /// Checks an operation and returns how many free parameters it needs declared.
    fn check(&self, operation: &Operation) -> Result<usize, CircuitError> {
        match operation {
            // nearly all are gates, whose qubits stand in a list
            Operation::Gate { qubits, .. } => self.check_qubits(qubits, false)?,
            other => self.check_qubits(&other.qubits(), matches!(other, Operation::Conditional(_)))?,
        }
        let mut parameters = 0;
        for angle in operation.angles() {
            if !angle.is_finite() {
                let value = match *angle {
                    Angle::Fixed(value) => value,
                    Angle::Free { scale, offset, .. } => scale + offset,
                };
                return Err(CircuitError::NotFinite { what: "an angle", value });
            }
            parameters = parameters.max(angle.parameter().map_or(0, |index| index + 1));
        }
        let same = |what, expected, given| {
            if expected == given { Ok(()) } else { Err(CircuitError::SizeMismatch { what, expected, given }) }
        };
        match operation {
            Operation::Gate { gate, angles, qubits } => {
                if qubits.len() != gate.num_qubits() {
                    return Err(CircuitError::WrongQubitCount { gate: *gate, expected: gate.num_qubits(), given: qubits.len() });
                }
                if angles.len() != gate.num_parameters() {
                    return Err(CircuitError::WrongAngleCount {
                        gate: *gate,
                        expected: gate.num_parameters(),
                        given: angles.len(),
                    });
                }
            }
            Operation::Unitary { matrix, qubits, .. } => {
                same("qubits of a matrix", matrix.num_qubits(), qubits.len())?;
                let error = matrix.unitarity_error();
                if error.is_nan() || error > Self::UNITARY_TOLERANCE {
                    return Err(CircuitError::NotUnitary { error, limit: Self::UNITARY_TOLERANCE });
                }
            }
            Operation::Channel { channel, qubits } => same("qubits of a channel", channel.num_qubits(), qubits.len())?,
            Operation::Measure { bit, .. } => self.check_bit(*bit)?,
            Operation::Delay { duration_ns, .. } if !(duration_ns.is_finite() && *duration_ns >= 0.0) => {
                return Err(CircuitError::OutOfRange { what: "a duration", value: *duration_ns, range: "finite and 0 or more" });
            }
            Operation::Conditional(block) => {
                block.condition.bits.iter().try_for_each(|&bit| self.check_bit(bit))?;
                for inner in block.then.iter().chain(&block.otherwise) {
                    parameters = parameters.max(self.check(inner)?);
                }
            }
            Operation::PauliRotation { .. }
            | Operation::GlobalPhase(_)
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {}
        }
        Ok(parameters)
    }

    fn check_bit(&self, bit: usize) -> Result<(), CircuitError> {
        if bit < self.num_bits { Ok(()) } else { Err(CircuitError::BitOutOfRange { bit, num_bits: self.num_bits }) }
    }

    fn check_qubits(&self, qubits: &[usize], repeats: bool) -> Result<(), CircuitError> {
        for (position, &qubit) in qubits.iter().enumerate() {
            if qubit >= self.num_qubits {
                return Err(CircuitError::QubitOutOfRange { qubit, num_qubits: self.num_qubits });
            }
            if !repeats && qubits[..position].contains(&qubit) {
                return Err(CircuitError::RepeatedQubit { qubit });
            }
        }
        Ok(())
    }

    /// Appends the operations of another circuit, its parameters shifted behind those of this one; they keep names that are new.
    ///
    /// # Errors
    /// When the other circuit uses qubits or bits that this one lacks.
    pub fn append(&mut self, other: &Circuit) -> Result<&mut Self, CircuitError> {
        let first = self.num_parameters;
        for operation in &other.operations {
            self.push(operation.map_angles(&mut |angle| match angle {
                Angle::Fixed(_) => angle,
                Angle::Free { index, scale, offset } => Angle::Free { index: index + first, scale, offset },
            }))?;
        }
        self.num_parameters = self.num_parameters.max(first + other.num_parameters);
        let known: Vec<String> = self.parameter_names.iter().flatten().cloned().collect();
        let names = other.parameter_names.iter().map(|name| name.clone().filter(|name| !known.contains(name)));
        if other.parameter_names.iter().any(Option::is_some) {
            self.parameter_names.resize(first, None);
            self.parameter_names.extend(names);
        }
        Ok(self)
    }

    /// The circuit with numbers in place of its free parameters.
    ///
    /// # Errors
    /// When the number of values is not the number of parameters, or a value is not finite.
    pub fn bind(&self, parameters: &[f64]) -> Result<Circuit, CircuitError> {
        if parameters.len() != self.num_parameters {
            return Err(CircuitError::WrongParameterCount { expected: self.num_parameters, given: parameters.len() });
        }
        if let Some(&value) = parameters.iter().find(|value| !value.is_finite()) {
            return Err(CircuitError::NotFinite { what: "a parameter", value });
        }
        let mut bound = self.clone();
        bound.num_parameters = 0;
        bound.parameter_names.clear();
        for operation in &mut bound.operations {
            *operation = operation.map_angles(&mut |angle| Angle::Fixed(angle.value(parameters)));
        }
        Ok(bound)
    }

    /// The unitary of a circuit of gates, dense, by plain matrix products: the reference that fast code is tested against.
    ///
    /// Qubit 0 is the least significant bit of an index. Costs `8^n` per operation.
    ///
    /// # Errors
    /// When an operation is no unitary, or the number of parameter values is wrong.
    pub fn unitary(&self, parameters: &[f64]) -> Result<Matrix, CircuitError> {
        if parameters.len() != self.num_parameters {
            return Err(CircuitError::WrongParameterCount { expected: self.num_parameters, given: parameters.len() });
        }
        let n = self.num_qubits;
        let mut product = Matrix::identity(n);
        for operation in &self.operations {
            for primitive in operation.primitives()? {
                product = primitive.matrix(parameters).embedded(&primitive.qubits(), n).times(&product);
            }
        }
        Ok(product)
    }
}

#[cfg(test)]
mod tests;
