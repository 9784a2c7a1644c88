//! Items in native gates.

use std::collections::HashMap;
use std::f64::consts::{FRAC_PI_2, PI};

use super::item::{self, Item};
use super::machine::Machine;
use crate::error::HardwareError;
use qloom_circuits::Angle;
use qloom_circuits::Circuit;
use qloom_circuits::Gate;
use qloom_circuits::Matrix;
use qloom_circuits::synthesis::weyl::{self, Piece, RotationPiece};
use qloom_circuits::synthesis::{near_zero, u3_angles};
use qloom_circuits::{Conditional, Operation};

/// Angles nearer to zero than this are left out.
const NEGLIGIBLE: f64 = 1e-12;

/// How one-qubit gates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// `rz` and the square root of X, with X when the flag is set.
    ZSx(bool),
    /// `rz` and one phased rotation.
    ZPrx,
    /// Three pulses with phases.
    Gpi,
    /// `u3` or `u`.
    U(Gate),
}

impl Basis {
    pub fn of(gates: &[Gate]) -> Option<Self> {
        let has = |list: &[Gate]| list.iter().all(|gate| gates.contains(gate));
        if has(&[Gate::Rz, Gate::Sx]) {
            Some(Basis::ZSx(has(&[Gate::X])))
        } else if has(&[Gate::Rz, Gate::Prx]) {
            Some(Basis::ZPrx)
        } else if has(&[Gate::Gpi, Gate::Gpi2]) {
            Some(Basis::Gpi)
        } else {
            [Gate::U3, Gate::U].into_iter().find(|gate| gates.contains(gate)).map(Basis::U)
        }
    }

    /// A one-qubit gate, up to a global phase, in order of application.
    fn make(self, matrix: &Matrix) -> Vec<(Gate, Vec<f64>)> {
        let (theta, phi, lambda, _) = u3_angles(matrix);
        let turn = |angle: f64| -> Vec<(Gate, Vec<f64>)> {
            let angle = near_zero(angle);
            if angle.abs() < NEGLIGIBLE { Vec::new() } else { vec![(Gate::Rz, vec![angle])] }
        };
        let none = theta.abs() < NEGLIGIBLE;
        let flip = (theta - PI).abs() < NEGLIGIBLE;
        match self {
            Basis::ZSx(_) if none => turn(phi + lambda),
            Basis::ZSx(true) if flip => [vec![(Gate::X, vec![])], turn(phi - lambda - PI)].concat(),
            Basis::ZSx(_) if (theta - FRAC_PI_2).abs() < NEGLIGIBLE => {
                [turn(lambda - FRAC_PI_2), vec![(Gate::Sx, vec![])], turn(phi + FRAC_PI_2)].concat()
            }
            Basis::ZSx(_) => {
                let half = vec![(Gate::Sx, vec![])];
                [turn(lambda), half.clone(), turn(theta + PI), half, turn(phi + PI)].concat()
            }
            Basis::ZPrx if none => turn(phi + lambda),
            Basis::ZPrx => [vec![(Gate::Prx, vec![theta, near_zero(FRAC_PI_2 - lambda)])], turn(phi + lambda)].concat(),
            Basis::Gpi if none => {
                let half = near_zero(phi + lambda) / 2.0;
                if half.abs() < NEGLIGIBLE { Vec::new() } else { vec![(Gate::Gpi, vec![0.0]), (Gate::Gpi, vec![half])] }
            }
            Basis::Gpi if flip => vec![(Gate::Gpi, vec![near_zero((phi - lambda - PI) / 2.0)])],
            Basis::Gpi => vec![
                (Gate::Gpi2, vec![near_zero(-lambda)]),
                (Gate::Gpi, vec![near_zero((phi - lambda - theta) / 2.0)]),
                (Gate::Gpi2, vec![phi]),
            ],
            Basis::U(_) if none && near_zero(phi + lambda).abs() < NEGLIGIBLE => Vec::new(),
            Basis::U(gate) => vec![(gate, vec![theta, phi, lambda])],
        }
    }
}

/// How two-qubit gates are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entangler {
    /// A gate that is a cx between one-qubit gates.
    Cx(Gate),
    /// A gate that is an Ising rotation between one-qubit gates; the position of its angle.
    Ising(Gate, usize),
}

impl Entangler {
    /// The ways that these gates give, Ising rotations first.
    pub fn all(gates: &[Gate]) -> Vec<Self> {
        let pairs = || gates.iter().copied().filter(|gate| gate.num_qubits() == 2);
        let ising = |gate: Gate| {
            (0..gate.num_parameters()).find(|&position| {
                let mut angles = vec![0.0; gate.num_parameters()];
                angles[position] = 0.6;
                let weyl = weyl::decompose(&gate.matrix(&angles));
                weyl.rotation_count() == 1 && (weyl.coordinates[0] - 0.3).abs() < 1e-9
            })
        };
        let angled = pairs().filter_map(|gate| ising(gate).map(|position| Entangler::Ising(gate, position)));
        let fixed = pairs().filter(|gate| gate.num_parameters() == 0 && weyl::decompose(&gate.matrix(&[])).cx_count() == 1);
        angled.chain(fixed.map(Entangler::Cx)).collect()
    }

    /// The native gate.
    pub fn gate(self) -> Gate {
        match self {
            Entangler::Cx(gate) | Entangler::Ising(gate, _) => gate,
        }
    }

    /// How many native gates make a block with these Weyl coordinates.
    pub fn count(self, coordinates: &[f64; 3]) -> usize {
        match self {
            Entangler::Cx(_) => weyl::cx_count(coordinates),
            Entangler::Ising(..) => weyl::rotation_count(coordinates),
        }
    }
}

/// What lists of blocks cost, with the coordinates of every block that was met.
#[derive(Default)]
pub(super) struct Costs {
    known: HashMap<[u64; 32], [f64; 3]>,
}

impl Costs {
    /// Weyl coordinates of a block; the same matrix is decomposed once.
    fn coordinates(&mut self, matrix: &Matrix) -> [f64; 3] {
        let mut key = [0; 32];
        for (bits, entry) in key.chunks_exact_mut(2).zip(matrix.entries()) {
            (bits[0], bits[1]) = (entry.re.to_bits(), entry.im.to_bits());
        }
        *self.known.entry(key).or_insert_with(|| weyl::decompose(matrix).coordinates)
    }

    /// Native two-qubit gates weighted by their errors, with a little for the rest, and those on the longest way.
    pub fn of(&mut self, items: &[Item], machine: &Machine) -> (f64, f64) {
        let mut level = vec![0.0; machine.connectivity.num_qubits];
        let mut sum = 0.0;
        for item in items {
            let (cost, gates) = match item {
                Item::Two { qubits: [a, b], matrix } => {
                    let coordinates = self.coordinates(matrix);
                    let best = machine.cheapest(*a, *b, &coordinates);
                    best.map_or((0.0, 0.0), |(entangler, cost)| (cost, entangler.count(&coordinates) as f64))
                }
                Item::Wall { .. } => item.pair().map_or((0.0, 0.0), |[a, b]| (2.0 * machine.weight(a, b), 2.0)),
                Item::One { .. } => (0.001, 0.0),
                Item::Rz { .. } | Item::Phase(_) => (0.0, 0.0),
            };
            sum += cost;
            let qubits = item.qubits();
            let end = qubits.iter().map(|&qubit| level[qubit]).fold(0.0, f64::max) + gates;
            qubits.iter().for_each(|&qubit| level[qubit] = end);
        }
        (sum, level.into_iter().fold(0.0, f64::max))
    }
}

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
                    Basis::ZSx(_) | Basis::ZPrx => {
                        self.push(Operation::gate(Gate::Rz, &[*angle], &[*qubit]));
                    }
                    Basis::Gpi => {
                        self.push(Operation::gate(Gate::Gpi, &[Angle::Fixed(0.0)], &[*qubit]));
                        self.push(Operation::gate(Gate::Gpi, &[angle.scaled(0.5)], &[*qubit]));
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

    fn two(&mut self, qubits: [usize; 2], matrix: &Matrix) -> Result<(), HardwareError> {
        let decomposition = weyl::decompose(matrix);
        // What is written, to find its phase.
        let mut written = Matrix::identity(2);
        match self.machine.cheapest(qubits[0], qubits[1], &decomposition.coordinates).map(|(entangler, _)| entangler) {
            Some(Entangler::Ising(gate, position)) => {
                for piece in decomposition.rotations() {
                    match piece {
                        RotationPiece::Local(q, local) => {
                            self.one(qubits[q], &local);
                            written = local.embedded(&[q], 2).times(&written);
                        }
                        RotationPiece::Ising(coordinate) => {
                            let wanted = Gate::Rxx.matrix(&[-2.0 * coordinate]);
                            let mut angles = vec![0.0; gate.num_parameters()];
                            angles[position] = -2.0 * coordinate;
                            self.dressed(gate, &angles, qubits, [0, 1], &wanted, &mut written)?;
                        }
                    }
                }
            }
            Some(Entangler::Cx(gate)) => {
                for piece in decomposition.pieces() {
                    match piece {
                        Piece::Local(q, local) => {
                            self.one(qubits[q], &local);
                            written = local.embedded(&[q], 2).times(&written);
                        }
                        Piece::Cx(control, target) => {
                            let wanted = Gate::Cx.matrix(&[]).embedded(&[control, target], 2);
                            self.dressed(gate, &[], qubits, [control, target], &wanted, &mut written)?;
                        }
                    }
                }
            }
            None => {
                return Err(HardwareError::Incomplete {
                    device: self.machine.name.clone(),
                    what: "two-qubit gate",
                    remedy: "add one",
                });
            }
        }
        self.add_phase(weyl::phase_between(&written, matrix));
        Ok(())
    }

    /// `wanted` as the native gate between one-qubit gates.
    fn dressed(
        &mut self,
        gate: Gate,
        angles: &[f64],
        qubits: [usize; 2],
        order: [usize; 2],
        wanted: &Matrix,
        written: &mut Matrix,
    ) -> Result<(), HardwareError> {
        let order = if self.machine.in_order(gate, qubits[order[0]], qubits[order[1]]) { order } else { [order[1], order[0]] };
        let native = gate.matrix(angles).embedded(&order, 2);
        let (outer, inner) = (weyl::decompose(wanted), weyl::decompose(&native));
        for (q, qubit) in qubits.into_iter().enumerate() {
            let local = inner.right[q].adjoint().times(&outer.right[q]);
            self.one(qubit, &local);
            *written = local.embedded(&[q], 2).times(written);
        }
        qubits.iter().try_for_each(|&qubit| self.flush(qubit))?;
        let on = [qubits[order[0]], qubits[order[1]]];
        let fixed: Vec<Angle> = angles.iter().map(|&angle| Angle::Fixed(angle)).collect();
        self.push(Operation::gate(gate, &fixed, &on));
        *written = native.times(written);
        for (q, qubit) in qubits.into_iter().enumerate() {
            let local = outer.left[q].times(&inner.left[q].adjoint());
            self.one(qubit, &local);
            *written = local.embedded(&[q], 2).times(written);
        }
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
