//! Circuits without the qubits that nothing is done to, and with rotations put in.

use super::{Circuit, Register};
use crate::angle::Angle;
use crate::error::CircuitError;
use crate::operation::{Conditional, Operation};
use crate::pauli::PauliString;

impl Circuit {
    /// The circuit with a rotation about each of these strings before operation `at`, by free parameters of their own behind those that
    /// there are, in order.
    ///
    /// ```
    /// use qloom_circuits::{Circuit, PauliString};
    /// let mut circuit = Circuit::new(2);
    /// circuit.h(0).cx(0, 1);
    /// let longer = circuit.with_rotations(1, &[PauliString::from_word("XY")?])?;
    /// assert_eq!((longer.operations().len(), longer.num_parameters()), (3, 1));
    /// # Ok::<(), qloom_circuits::CircuitError>(())
    /// ```
    ///
    /// # Errors
    /// When `at` is beyond the end, or a string acts on qubits that the circuit lacks.
    pub fn with_rotations(&self, at: usize, strings: &[PauliString]) -> Result<Circuit, CircuitError> {
        if at > self.operations.len() {
            let range = "at most the number of operations";
            return Err(CircuitError::OutOfRange { what: "the place of a rotation", value: at as f64, range });
        }
        let mut longer = self.without_operations();
        let (before, after) = self.operations.split_at(at);
        let rotation = |(number, &pauli): (usize, &PauliString)| Operation::PauliRotation {
            pauli,
            angle: Angle::free(self.num_parameters + number),
        };
        let rotations = strings.iter().enumerate().map(rotation);
        for operation in before.iter().cloned().chain(rotations).chain(after.iter().cloned()) {
            longer.push(operation)?;
        }
        Ok(longer)
    }

    /// The qubits that some operation other than a barrier or delay acts on, ascending.
    ///
    /// ```
    /// use qloom_circuits::Circuit;
    /// let mut circuit = Circuit::new(156);
    /// circuit.h(40).cx(40, 72).barrier(&[]);
    /// let busy = circuit.busy_qubits();
    /// assert_eq!(busy, [40, 72]);
    /// assert_eq!(circuit.restricted(&busy).num_qubits(), 2);
    /// ```
    pub fn busy_qubits(&self) -> Vec<usize> {
        let mut busy = vec![false; self.num_qubits];
        for operation in &self.operations {
            if !matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
                operation.qubits().iter().for_each(|&qubit| busy[qubit] = true);
            }
        }
        (0..self.num_qubits).filter(|&qubit| busy[qubit]).collect()
    }

    /// The circuit on these qubits alone, numbered in their order; registers keep their names and lose their other qubits.
    ///
    /// Barriers and delays lose the qubits that are not listed; classical bits and parameters stay as they are.
    ///
    /// # Panics
    /// When another operation acts on a qubit that is not listed, or the list is not ascending.
    #[must_use]
    #[track_caller]
    pub fn restricted(&self, qubits: &[usize]) -> Circuit {
        assert!(qubits.windows(2).all(|pair| pair[0] < pair[1]), "qubits are listed in ascending order");
        let mut place = vec![None; self.num_qubits];
        qubits.iter().enumerate().for_each(|(position, &qubit)| place[qubit] = Some(position));
        let mut part = self.without_operations();
        part.num_qubits = qubits.len();
        part.qubit_registers.clear();
        let mut start = 0;
        for register in &self.qubit_registers {
            let size = place[register.start..register.start + register.size].iter().flatten().count();
            if size > 0 {
                part.qubit_registers.push(Register { name: register.name.clone(), start, size });
            }
            start += size;
        }
        let renamed = self.operations.iter().map(|operation| (operation, renamed(operation, &place)));
        let mut position = vec![0; self.operations.len() + 1];
        for (index, (_, operation)) in renamed.enumerate() {
            part.operations.extend(operation);
            position[index + 1] = part.operations.len();
        }
        part.notes = self.notes.clone();
        part.notes.iter_mut().for_each(|note| note.position = position[note.position]);
        part
    }
}

impl Circuit {
    /// The circuit on these qubits of `num_qubits`, in one register: what [`Circuit::restricted`] undoes.
    ///
    /// # Panics
    /// When there are not as many qubits as the circuit has, or one is outside.
    #[must_use]
    #[track_caller]
    pub fn spread(&self, qubits: &[usize], num_qubits: usize) -> Circuit {
        assert_eq!(qubits.len(), self.num_qubits, "one place for each qubit");
        assert!(qubits.iter().all(|qubit| *qubit < num_qubits), "a place is outside");
        let place: Vec<Option<usize>> = qubits.iter().copied().map(Some).collect();
        let mut whole = self.clone();
        whole.qubit_registers = vec![Register { name: "q".into(), start: 0, size: num_qubits }];
        whole.num_qubits = num_qubits;
        whole.operations = self.operations.iter().filter_map(|operation| renamed(operation, &place)).collect();
        whole
    }
}

/// The operation on other numbers; none for a barrier or delay of which no qubit is left.
#[track_caller]
pub(super) fn renamed(operation: &Operation, place: &[Option<usize>]) -> Option<Operation> {
    let name = |qubit: usize| match place[qubit] {
        Some(position) => position,
        None => panic!("qubit {qubit} is not idle: it has to be in the list"),
    };
    let mut renamed_operation = operation.clone();
    match &mut renamed_operation {
        Operation::Gate { qubits, .. } | Operation::Channel { qubits, .. } => qubits.iter_mut().for_each(|q| *q = name(*q)),
        Operation::Unitary { controls, qubits, .. } => controls.iter_mut().chain(qubits).for_each(|q| *q = name(*q)),
        Operation::PauliRotation { pauli, .. } => {
            let letters: Vec<_> = pauli.support().map(|qubit| (name(qubit), pauli.letter(qubit))).collect();
            *pauli = PauliString::from_letters(letters);
        }
        Operation::Measure { qubit, .. } | Operation::Reset { qubit } => *qubit = name(*qubit),
        Operation::Barrier { qubits } | Operation::Delay { qubits, .. } => {
            if !qubits.is_empty() {
                *qubits = qubits.iter().filter_map(|&qubit| place[qubit]).collect();
                if qubits.is_empty() {
                    return None;
                }
            }
        }
        Operation::Conditional(block) => {
            let Conditional { then, otherwise, .. } = block.as_mut();
            for list in [then, otherwise] {
                *list = list.iter().filter_map(|inner| renamed(inner, place)).collect();
            }
        }
        Operation::GlobalPhase(_) => {}
    }
    Some(renamed_operation)
}
