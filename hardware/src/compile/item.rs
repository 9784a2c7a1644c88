//! Circuits as one-qubit and two-qubit unitaries, free rotations, and everything else.

use smallvec::SmallVec;

use super::gather;
use crate::error::HardwareError;
use qloom_circuits::Angle;
use qloom_circuits::Circuit;
use qloom_circuits::Matrix;
use qloom_circuits::Pauli;
use qloom_circuits::synthesis;
use qloom_circuits::{Conditional, Operation};
use qloom_circuits::{Gate, Primitive, PrimitiveKind};

/// The most cx that a circuit is lowered to.
const MOST_MADE: u64 = 10_000_000;

/// A step of a circuit on at most two qubits, or one that no gate crosses.
#[derive(Clone, Debug)]
pub(super) enum Item {
    One {
        qubit: usize,
        matrix: Matrix,
    },
    /// `rz` by a free angle.
    Rz {
        qubit: usize,
        angle: Angle,
    },
    Two {
        qubits: [usize; 2],
        matrix: Matrix,
    },
    /// Measurements, resets, barriers, delays, conditions.
    Wall {
        operation: Operation,
    },
    Phase(Angle),
}

impl Item {
    pub fn qubits(&self) -> SmallVec<[usize; 2]> {
        match self {
            Item::One { qubit, .. } | Item::Rz { qubit, .. } => SmallVec::from_slice(&[*qubit]),
            Item::Two { qubits, .. } => SmallVec::from_slice(qubits),
            Item::Wall { operation } => operation.qubits().into_iter().collect(),
            Item::Phase(_) => SmallVec::new(),
        }
    }

    /// The pair that must be coupled.
    pub fn pair(&self) -> Option<[usize; 2]> {
        match self {
            Item::Two { qubits, .. } => Some(*qubits),
            Item::Wall { operation: operation @ Operation::Conditional(_) } => match operation.qubits().as_slice() {
                [a, b] => Some([*a, *b]),
                _ => None,
            },
            Item::One { .. } | Item::Rz { .. } | Item::Wall { .. } | Item::Phase(_) => None,
        }
    }

    /// The same on other qubits.
    pub fn renamed(&self, name: &dyn Fn(usize) -> usize) -> Item {
        match self {
            Item::One { qubit, matrix } => Item::One { qubit: name(*qubit), matrix: matrix.clone() },
            Item::Rz { qubit, angle } => Item::Rz { qubit: name(*qubit), angle: *angle },
            Item::Two { qubits, matrix } => Item::Two { qubits: qubits.map(name), matrix: matrix.clone() },
            Item::Wall { operation } => Item::Wall { operation: rename(operation, name) },
            Item::Phase(angle) => Item::Phase(*angle),
        }
    }
}

fn rename(operation: &Operation, name: &dyn Fn(usize) -> usize) -> Operation {
    let mut renamed = operation.clone();
    match &mut renamed {
        Operation::Gate { qubits, .. } | Operation::Channel { qubits, .. } => qubits.iter_mut().for_each(|q| *q = name(*q)),
        Operation::Unitary { controls, qubits, .. } => {
            controls.iter_mut().chain(qubits).for_each(|qubit| *qubit = name(*qubit));
        }
        Operation::Measure { qubit, .. } | Operation::Reset { qubit } => *qubit = name(*qubit),
        Operation::Barrier { qubits } | Operation::Delay { qubits, .. } => qubits.iter_mut().for_each(|q| *q = name(*q)),
        Operation::Conditional(block) => {
            let Conditional { then, otherwise, .. } = block.as_mut();
            then.iter_mut().chain(otherwise).for_each(|inner| *inner = rename(inner, name));
        }
        Operation::PauliRotation { .. } | Operation::GlobalPhase(_) => {}
    }
    renamed
}

pub(super) fn lower(circuit: &Circuit) -> Result<Vec<Item>, HardwareError> {
    let n = circuit.num_qubits();
    let mut made = 0u64;
    for (position, operation) in circuit.operations().iter().enumerate() {
        made = made.saturating_add(size(operation, n));
        if made > MOST_MADE {
            return Err(HardwareError::TooLarge { position: position + 1, limit: MOST_MADE });
        }
    }
    let mut items = Vec::new();
    for operation in circuit.operations() {
        lower_one(operation, circuit.num_qubits(), &mut items)?;
    }
    Ok(items)
}

/// About how many cx an operation takes, those in conditioned blocks included.
fn size(operation: &Operation, num_qubits: usize) -> u64 {
    match operation {
        Operation::Conditional(block) => {
            let inside = block.then.iter().chain(&block.otherwise);
            inside.fold(0, |sum: u64, inner| sum.saturating_add(size(inner, num_qubits)))
        }
        Operation::Gate { .. } => 1,
        Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
            let primitives = operation.primitives().expect("unitary operations have primitives");
            primitives.iter().fold(0, |sum: u64, primitive| sum.saturating_add(synthesis::size(primitive, num_qubits)))
        }
        Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => 0,
    }
}

fn lower_one(operation: &Operation, num_qubits: usize, items: &mut Vec<Item>) -> Result<(), HardwareError> {
    match operation {
        Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } | Operation::GlobalPhase(_) => {
            unitary(operation, num_qubits, items);
        }
        Operation::Measure { .. } | Operation::Reset { .. } => items.push(Item::Wall { operation: operation.clone() }),
        Operation::Barrier { qubits } => {
            let all = if qubits.is_empty() { (0..num_qubits).collect() } else { qubits.clone() };
            items.push(Item::Wall { operation: Operation::Barrier { qubits: all } });
        }
        Operation::Delay { duration_ns, qubits } => {
            let all = if qubits.is_empty() { (0..num_qubits).collect() } else { qubits.clone() };
            items.push(Item::Wall { operation: Operation::Delay { duration_ns: *duration_ns, qubits: all } });
        }
        Operation::Conditional(block) => conditional(block, num_qubits, items)?,
        Operation::Channel { channel, .. } => {
            return Err(HardwareError::Unsupported {
                operation: format!("the noise channel {}", channel.name()),
                remedy: "remove the noise first",
            });
        }
    }
    Ok(())
}

/// One condition for each operation on at most two qubits.
fn conditional(block: &Conditional, num_qubits: usize, items: &mut Vec<Item>) -> Result<(), HardwareError> {
    let all: Vec<&Operation> = block.then.iter().chain(&block.otherwise).collect();
    let changes = |operation: &&Operation| operation.bits().iter().any(|bit| block.condition.bits.contains(bit));
    if all.len() > 1 && all.iter().any(changes) {
        return Err(HardwareError::Unsupported {
            operation: "a condition on bits that its own block measures".into(),
            remedy: "measure into other bits",
        });
    }
    for (branch, negated) in [(&block.then, false), (&block.otherwise, true)] {
        let mut inner = Vec::new();
        for operation in branch {
            lower_one(operation, num_qubits, &mut inner)?;
        }
        // gates on the same qubits share a condition
        for item in gather::consolidate(inner, true) {
            let list = match item {
                Item::Wall { operation: Operation::Barrier { .. } } | Item::Phase(_) => continue,
                Item::Wall { operation } => vec![operation],
                other => operations_of(&other),
            };
            let (then, otherwise) = if negated { (Vec::new(), list) } else { (list, Vec::new()) };
            let block = Conditional { condition: block.condition.clone(), then, otherwise };
            items.push(Item::Wall { operation: Operation::Conditional(Box::new(block)) });
        }
    }
    Ok(())
}

/// A unitary item as an operation.
fn operations_of(item: &Item) -> Vec<Operation> {
    let unitary = |matrix: &Matrix, qubits: &[usize]| Operation::Unitary {
        matrix: matrix.clone(),
        controls: SmallVec::new(),
        qubits: qubits.into(),
    };
    match item {
        Item::One { qubit, matrix } => vec![unitary(matrix, &[*qubit])],
        Item::Two { qubits, matrix } => vec![unitary(matrix, qubits)],
        Item::Rz { qubit, angle } => vec![Operation::gate(Gate::Rz, &[*angle], &[*qubit])],
        Item::Phase(angle) => vec![Operation::GlobalPhase(*angle)],
        Item::Wall { operation } => vec![operation.clone()],
    }
}

/// A gate of any size on a circuit's qubits as items; qubits that it leaves alone may be used and come back as they were.
pub(super) fn unitary(operation: &Operation, num_qubits: usize, items: &mut Vec<Item>) {
    let primitives = operation.primitives().expect("unitary operations have primitives");
    let free = primitives.iter().any(is_free);
    let qubits = operation.qubits();
    if let (false, 1..=2) = (free, qubits.len()) {
        let mut product = Matrix::identity(qubits.len());
        for primitive in &primitives {
            let local: Vec<usize> = primitive.qubits().iter().map(|q| qubits.iter().position(|p| p == q).unwrap_or(0)).collect();
            product = primitive.matrix(&[]).embedded(&local, qubits.len()).times(&product);
        }
        items.push(match *qubits.as_slice() {
            [qubit] => Item::One { qubit, matrix: product },
            _ => Item::Two { qubits: [qubits[0], qubits[1]], matrix: product },
        });
        return;
    }
    for primitive in primitives {
        spread(&primitive, num_qubits, items);
    }
}

fn is_free(primitive: &Primitive) -> bool {
    primitive.angle().is_some_and(|angle| angle.parameter().is_some())
}

fn spread(primitive: &Primitive, num_qubits: usize, items: &mut Vec<Item>) {
    match (&primitive.kind, primitive.controls.as_slice()) {
        (PrimitiveKind::Phase(angle), []) => items.push(Item::Phase(*angle)),
        (PrimitiveKind::Phase(angle), [qubit]) if is_free(primitive) => {
            items.push(Item::Rz { qubit: *qubit, angle: *angle });
            items.push(Item::Phase(angle.scaled(0.5)));
        }
        // rows of the table on three qubits are made of phases and cx
        (PrimitiveKind::Phase(angle), controls @ ([_] | [_, _] | [_, _, _])) => {
            each(&synthesis::phase_network(*angle, controls), num_qubits, items);
        }
        (PrimitiveKind::Unitary(matrix, targets), [_, _]) if targets.len() == 1 => {
            each(&synthesis::controlled_unitary(matrix, &primitive.controls, targets[0], &[]), num_qubits, items);
        }
        (PrimitiveKind::Unitary(matrix, targets), controls) if targets.len() + controls.len() <= 3 => {
            each(&synthesis::unitary(matrix, controls, targets, &[]), num_qubits, items);
        }
        (PrimitiveKind::Rotation(angle, targets), []) if targets.len() == 1 && is_free(primitive) => {
            let (qubit, pauli) = targets[0];
            let turn = match pauli {
                Pauli::X => Some(Gate::H.matrix(&[])),
                Pauli::Y => Some(Gate::H.matrix(&[]).times(&Gate::Sdg.matrix(&[]))),
                Pauli::Z | Pauli::I => None,
            };
            if let Some(matrix) = &turn {
                items.push(Item::One { qubit, matrix: matrix.clone() });
            }
            items.push(Item::Rz { qubit, angle: *angle });
            if let Some(matrix) = turn {
                items.push(Item::One { qubit, matrix: matrix.adjoint() });
            }
        }
        _ => each(&synthesis::primitive(primitive, num_qubits), num_qubits, items),
    }
}

/// Operations made by synthesis; a free phase or rotation under one control is spread further.
fn each(operations: &[Operation], num_qubits: usize, items: &mut Vec<Item>) {
    for operation in operations {
        let free = operation.angles().iter().any(|angle| angle.parameter().is_some());
        let primitives = operation.primitives().expect("synthesis gives gates");
        if let (true, [primitive], 2) = (free, primitives.as_slice(), operation.qubits().len())
            && let PrimitiveKind::Rotation(angle, targets) = &primitive.kind
            && let ([control], [(target, _)]) = (primitive.controls.as_slice(), targets.as_slice())
        {
            // A controlled rz.
            each(&synthesis::phase_network(*angle, &[*control, *target]), num_qubits, items);
            let half = Primitive { controls: primitive.controls.clone(), kind: PrimitiveKind::Phase(angle.scaled(-0.5)) };
            spread(&half, num_qubits, items);
            continue;
        }
        unitary(operation, num_qubits, items);
    }
}
