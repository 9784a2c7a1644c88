//! Items in native gates.

use std::f64::consts::PI;

use super::dress::{Dressed, Dresser};
use super::exchange;
use super::item::{self, Item};
use super::machine::Machine;
use super::native::{Basis, Entangler, NEGLIGIBLE};
use crate::error::HardwareError;
use qloom_circuits::Angle;
use qloom_circuits::Circuit;
use qloom_circuits::Gate;
use qloom_circuits::Matrix;
use qloom_circuits::synthesis::near_zero;
use qloom_circuits::synthesis::weyl;
use qloom_circuits::{Conditional, Operation};

/// Writes native gates; one-qubit gates wait for more.
pub(super) struct Emitter<'m> {
    machine: &'m Machine,
    /// Registers and parameters; operations come last.
    circuit: Circuit,
    operations: Vec<Operation>,
    /// The last operation on each qubit.
    last: Vec<Option<usize>>,
    pending: Vec<Option<Matrix>>,
    phase: Angle,
    /// Phases of free angles.
    free_phases: Vec<Angle>,
    dresser: Dresser,
}

impl<'m> Emitter<'m> {
    pub fn new(machine: &'m Machine, original: &Circuit) -> Self {
        let mut circuit = Circuit::new(machine.connectivity.num_qubits);
        circuit.declare_parameters_of(original);
        for register in original.bit_registers() {
            circuit.add_bits(register.name.clone(), register.size);
        }
        Self {
            machine,
            circuit,
            operations: Vec::new(),
            last: vec![None; machine.connectivity.num_qubits],
            pending: vec![None; machine.connectivity.num_qubits],
            phase: Angle::Fixed(0.0),
            free_phases: Vec::new(),
            dresser: Dresser::default(),
        }
    }

    pub fn finish(mut self) -> Result<Circuit, HardwareError> {
        (0..self.machine.connectivity.num_qubits).try_for_each(|qubit| self.flush(qubit))?;
        for operation in std::mem::take(&mut self.operations) {
            // rotations that cancelled
            let gone = matches!(&operation, Operation::Gate { gate: Gate::Rz, angles, .. } if angles[0] == Angle::Fixed(0.0));
            if !gone {
                self.circuit.push(operation)?;
            }
        }
        let value = near_zero(self.phase.value(&[]));
        if value.abs() > NEGLIGIBLE {
            self.circuit.push(Operation::GlobalPhase(Angle::Fixed(value)))?;
        }
        for angle in self.free_phases {
            self.circuit.push(Operation::GlobalPhase(angle))?;
        }
        Ok(self.circuit)
    }

    /// Appends an operation; a rotation about Z joins one that is next to it where their angles add to one.
    fn push(&mut self, operation: Operation) {
        let position = self.operations.len();
        if let Operation::Gate { gate: Gate::Rz, angles, qubits } = &operation
            && let Some(Operation::Gate { gate: Gate::Rz, angles: before, .. }) =
                self.last[qubits[0]].map(|at| &mut self.operations[at])
            && let Some(sum) = before[0].plus(angles[0])
        {
            before[0] = sum;
            return;
        }
        let mut qubits = operation.qubits().to_vec();
        if qubits.is_empty() && matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
            qubits = (0..self.last.len()).collect();
        }
        qubits.iter().for_each(|&qubit| self.last[qubit] = Some(position));
        self.operations.push(operation);
    }

    fn add_phase(&mut self, phase: f64) {
        self.phase = self.phase.shifted(phase);
    }

    fn one(&mut self, qubit: usize, matrix: &Matrix) {
        self.pending[qubit] = Some(match &self.pending[qubit] {
            Some(before) => matrix.times(before),
            None => matrix.clone(),
        });
    }

    /// Writes the gates that wait on a qubit.
    fn flush(&mut self, qubit: usize) -> Result<(), HardwareError> {
        let Some(matrix) = self.pending[qubit].take() else { return Ok(()) };
        let gates = self.machine.basis.make(&matrix);
        let mut product = Matrix::identity(1);
        for (gate, angles) in gates {
            product = gate.matrix(&angles).times(&product);
            let angles: Vec<Angle> = angles.into_iter().map(Angle::Fixed).collect();
            self.push(Operation::gate(gate, &angles, &[qubit]));
        }
        self.add_phase(weyl::phase_between(&product, &matrix));
        Ok(())
    }

    pub fn emit(&mut self, item: &Item) -> Result<(), HardwareError> {
        match item {
            Item::One { qubit, matrix } => self.one(*qubit, matrix),
            Item::Rz { qubit, angle } => {
                self.flush(*qubit)?;
                match self.machine.basis {
                    Basis::ZSx(_) | Basis::ZRx | Basis::ZPrx => {
                        self.push(Operation::gate(Gate::Rz, &[*angle], &[*qubit]));
                    }
                    Basis::Gpi => {
                        self.push(Operation::gate(Gate::Gpi, &[Angle::Fixed(0.0)], &[*qubit]));
                        self.push(Operation::gate(Gate::Gpi, &[angle.scaled(0.5)], &[*qubit]));
                    }
                    Basis::Prx => {
                        let (zero, half) = (Angle::Fixed(0.0), Angle::Fixed(PI));
                        self.push(Operation::gate(Gate::Prx, &[half, zero], &[*qubit]));
                        self.push(Operation::gate(Gate::Prx, &[half, angle.scaled(0.5)], &[*qubit]));
                        self.add_phase(PI);
                    }
                    Basis::U(gate) => {
                        let zero = Angle::Fixed(0.0);
                        self.push(Operation::gate(gate, &[zero, zero, *angle], &[*qubit]));
                        self.free_phases.push(angle.scaled(-0.5));
                    }
                }
            }
            Item::Two { qubits, matrix } => self.two(*qubits, matrix)?,
            Item::Phase(Angle::Fixed(value)) => self.add_phase(*value),
            Item::Phase(angle) => self.free_phases.push(*angle),
            Item::Wall { operation } => {
                item.qubits().iter().try_for_each(|&qubit| self.flush(qubit))?;
                match operation {
                    Operation::Conditional(block) => self.conditional(block)?,
                    other => {
                        self.push(other.clone());
                    }
                }
            }
        }
        Ok(())
    }

    /// The order of a pair's qubits in which a gate is native.
    fn order(&self, gate: Gate, [a, b]: [usize; 2]) -> [usize; 2] {
        if self.machine.in_order(gate, a, b) { [0, 1] } else { [1, 0] }
    }

    fn two(&mut self, qubits: [usize; 2], matrix: &Matrix) -> Result<(), HardwareError> {
        let block = weyl::decompose(matrix);
        let steps = match self.machine.cheapest(qubits[0], qubits[1], &block.coordinates).map(|(entangler, _)| entangler) {
            Some(Entangler::Ising(gate, position)) => self.dresser.ising(gate, position, &block, qubits, self.machine),
            Some(Entangler::Cx(gate)) => {
                let waiting = qubits.map(|qubit| self.pending[qubit].as_ref());
                self.dresser.shortest(gate, block, qubits, self.machine, waiting)
            }
            Some(Entangler::Exchange(gate)) => exchange::exchanges(gate, matrix, self.order(gate, qubits)),
            Some(Entangler::Root(gate)) => exchange::roots(gate, matrix, self.order(gate, qubits)),
            None => {
                return Err(HardwareError::Incomplete {
                    device: self.machine.name.clone(),
                    what: "two-qubit gate",
                    remedy: "add one",
                });
            }
        };
        // what is written, to find its phase
        let mut written = Matrix::identity(2);
        for step in steps {
            match step {
                Dressed::Local(q, local) => {
                    self.one(qubits[q], &local);
                    written = local.embedded(&[q], 2).times(&written);
                }
                Dressed::Native { gate, angles, order } => {
                    qubits.iter().try_for_each(|&qubit| self.flush(qubit))?;
                    let fixed: Vec<Angle> = angles.iter().map(|&angle| Angle::Fixed(angle)).collect();
                    self.push(Operation::gate(gate, &fixed, &order.map(|q| qubits[q])));
                    written = gate.matrix(&angles).embedded(&order, 2).times(&written);
                }
            }
        }
        self.add_phase(weyl::phase_between(&written, matrix));
        Ok(())
    }

    /// The inner operations in native gates.
    fn conditional(&mut self, block: &Conditional) -> Result<(), HardwareError> {
        let mut branches = [Vec::new(), Vec::new()];
        for (operations, branch) in [&block.then, &block.otherwise].into_iter().zip(&mut branches) {
            let mut inner = Emitter {
                machine: self.machine,
                circuit: self.circuit.without_operations(),
                operations: Vec::new(),
                last: vec![None; self.machine.connectivity.num_qubits],
                pending: vec![None; self.machine.connectivity.num_qubits],
                phase: Angle::Fixed(0.0),
                free_phases: Vec::new(),
                dresser: Dresser::default(),
            };
            for operation in operations {
                let mut items = Vec::new();
                match operation {
                    Operation::Gate { .. }
                    | Operation::PauliRotation { .. }
                    | Operation::Unitary { .. }
                    | Operation::GlobalPhase(_) => item::unitary(operation, self.circuit.num_qubits(), &mut items),
                    other => items.push(Item::Wall { operation: other.clone() }),
                }
                items.iter().try_for_each(|item| inner.emit(item))?;
            }
            // A phase of the whole state does not show.
            inner.phase = Angle::Fixed(0.0);
            inner.free_phases.clear();
            *branch = inner.finish()?.operations().to_vec();
        }
        let [then, otherwise] = branches;
        if then.is_empty() && otherwise.is_empty() {
            return Ok(());
        }
        let block = Conditional { condition: block.condition.clone(), then, otherwise };
        self.push(Operation::Conditional(Box::new(block)));
        Ok(())
    }
}
