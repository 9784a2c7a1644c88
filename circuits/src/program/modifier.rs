//! Calls of gates as operations: controls, inverses and powers.

use num_complex::Complex64;

use crate::angle::Angle;
use crate::error::CircuitError;
use crate::gate::{Action, Gate, Primitive, PrimitiveKind};
use crate::matrix::Matrix;
use crate::operation::{Operation, Qubits};
use crate::synthesis;

/// A modifier with its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Applied {
    /// So many controls; `true` where they must be one.
    Control(usize, bool),
    Inverse,
    /// A whole power.
    Repeat(i64),
    /// A fractional power.
    Power(f64),
}

/// How many controls modifiers add.
pub(crate) fn controls_of(modifiers: &[Applied]) -> usize {
    modifiers.iter().map(|modifier| if let Applied::Control(count, _) = modifier { *count } else { 0 }).sum()
}

/// What a call applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Callee {
    /// `gphase`.
    Phase,
    Row(Gate),
    /// A gate that the program defines.
    Defined(usize),
}

/// Why a call cannot be made of operations.
#[derive(Clone, Debug)]
pub(crate) enum Unrealised {
    TooLarge,
    PowerTooLarge,
    NoPower,
    NoInverse(CircuitError),
}

impl Unrealised {
    pub fn message(&self, limit: usize) -> String {
        match self {
            Unrealised::TooLarge => format!("this expands to more than {limit} operations, the limit"),
            Unrealised::PowerTooLarge => format!("this power has more than {limit} operations, the limit"),
            Unrealised::NoPower => {
                "a fractional power is only taken of one-qubit gates without free parameters, controlled or not".into()
            }
            Unrealised::NoInverse(error) => error.to_string(),
        }
    }
}

/// Where the gates of a program are defined.
pub(crate) trait GateLibrary {
    type Error;
    /// The most operations that a call may expand to.
    fn limit(&self) -> usize;
    fn num_qubits(&self) -> usize;
    /// Whether rows carry the global phases of version 3.
    fn has_phases(&self) -> bool;
    /// The operations of a defined gate; the global phase counts when `exact`.
    fn expand(&self, index: usize, on: &Arguments<'_>, exact: bool, list: &mut Vec<Operation>) -> Result<(), Self::Error>;
    fn refuse(&self, why: Unrealised) -> Self::Error;
}

/// What a gate is applied to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arguments<'a> {
    pub angles: &'a [Angle],
    pub qubits: &'a [usize],
}

/// The operations of a call. When `exact`, the global phase counts, because a control will be added.
pub(crate) fn realise<L: GateLibrary>(
    library: &L,
    callee: Callee,
    modifiers: &[Applied],
    on: &Arguments<'_>,
    exact: bool,
    list: &mut Vec<Operation>,
) -> Result<(), L::Error> {
    let refuse = |why: Unrealised| Err(library.refuse(why));
    if list.len() > library.limit() {
        return refuse(Unrealised::TooLarge);
    }
    let Some((outer, rest)) = modifiers.split_first() else {
        match callee {
            Callee::Phase => list.push(Operation::GlobalPhase(on.angles[0])),
            Callee::Row(gate) => {
                if exact && library.has_phases() {
                    list.extend(phase_of(gate, on.angles));
                }
                list.push(Operation::gate(gate, on.angles, on.qubits));
            }
            Callee::Defined(index) => library.expand(index, on, exact, list)?,
        }
        return Ok(());
    };
    let mut inner = Vec::new();
    match *outer {
        Applied::Control(count, positive) => {
            let (controls, targets) = on.qubits.split_at(count);
            realise(library, callee, rest, &Arguments { qubits: targets, ..*on }, true, &mut inner)?;
            let flips: Vec<Operation> = controls.iter().map(|&qubit| Operation::gate(Gate::X, &[], &[qubit])).collect();
            if !positive {
                list.extend(flips.iter().cloned());
            }
            for operation in &inner {
                list.extend(controlled(operation, controls, library.num_qubits()));
                if list.len() > library.limit() {
                    return refuse(Unrealised::TooLarge);
                }
            }
            if !positive {
                list.extend(flips);
            }
        }
        Applied::Inverse => {
            realise(library, callee, rest, on, exact, &mut inner)?;
            for operation in inner.iter().rev() {
                list.extend(operation.inverse().map_err(|error| library.refuse(Unrealised::NoInverse(error)))?);
            }
        }
        Applied::Repeat(times) => {
            realise(library, callee, rest, on, exact, &mut inner)?;
            if times < 0 {
                let inverses: Result<Vec<_>, _> = inner.iter().rev().map(Operation::inverse).collect();
                inner = inverses.map_err(|error| library.refuse(Unrealised::NoInverse(error)))?.concat();
            }
            for _ in 0..times.unsigned_abs() {
                if inner.is_empty() {
                    break;
                }
                list.extend(inner.iter().cloned());
                if list.len() > library.limit() {
                    return refuse(Unrealised::PowerTooLarge);
                }
            }
        }
        Applied::Power(exponent) => {
            realise(library, callee, rest, on, true, &mut inner)?;
            match power(&inner, exponent) {
                Some(operations) => list.extend(operations),
                None => return refuse(Unrealised::NoPower),
            }
        }
    }
    Ok(())
}

/// What the definition of OpenQASM 3 multiplies a row by: `U(theta, ..)` has `e^{i theta/2}`, `u2` and `u3` of
/// `stdgates.inc` have `e^{-i (phi + lambda)/2}`. It shows under controls only.
fn phase_of(gate: Gate, angles: &[Angle]) -> Vec<Operation> {
    let scaled = |angle: Angle, scale: f64| Operation::GlobalPhase(angle.scaled(scale));
    gate.phase_in_version_3().iter().map(|&(position, scale)| scaled(angles[position], scale)).collect()
}

/// The operation where all controls are one; barriers stay.
fn controlled(operation: &Operation, controls: &[usize], num_qubits: usize) -> Vec<Operation> {
    let both = |qubits: &[usize]| -> Qubits { controls.iter().chain(qubits).copied().collect() };
    match operation {
        Operation::Gate { gate, angles, qubits } => match row_with_controls(*gate, controls.len()) {
            Some(row) => vec![Operation::Gate { gate: row, angles: angles.clone(), qubits: both(qubits) }],
            None => {
                gate.primitives(angles, qubits).into_iter().flat_map(|primitive| add(primitive, controls, num_qubits)).collect()
            }
        },
        Operation::Unitary { matrix, controls: own, qubits } => {
            vec![Operation::Unitary { matrix: matrix.clone(), controls: both(own), qubits: qubits.clone() }]
        }
        Operation::PauliRotation { .. } | Operation::GlobalPhase(_) => {
            let primitives = operation.primitives().unwrap_or_default();
            primitives.into_iter().flat_map(|primitive| add(primitive, controls, num_qubits)).collect()
        }
        Operation::Barrier { .. }
        | Operation::Delay { .. }
        | Operation::Channel { .. }
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Conditional(_) => vec![operation.clone()],
    }
}

/// The row that is this gate, or one that does the same, under so many controls.
fn row_with_controls(gate: Gate, controls: usize) -> Option<Gate> {
    let (count, base) = match gate.spec().action {
        Action::Controlled { controls: count, gate: base } => (count + controls, base),
        Action::Fixed(_) | Action::Rotation(_) | Action::Phase | Action::Sequence(_) => (controls, gate),
    };
    let same = |other: Gate| other == base || std::ptr::eq(&other.spec().action, &base.spec().action) || twins(other, base);
    Gate::all().find(|row| match row.spec().action {
        Action::Controlled { controls, gate } => controls == count && same(gate),
        Action::Fixed(_) | Action::Rotation(_) | Action::Phase | Action::Sequence(_) => false,
    })
}

fn twins(a: Gate, b: Gate) -> bool {
    let point = [0.37, -1.21, 0.83, 2.05];
    let angles = a.num_parameters();
    angles == b.num_parameters()
        && a.num_qubits() == b.num_qubits()
        && a.matrix(&point[..angles]).distance(&b.matrix(&point[..angles])) < 1e-14
}

fn add(primitive: Primitive, controls: &[usize], num_qubits: usize) -> Vec<Operation> {
    let controls: Qubits = controls.iter().chain(&primitive.controls).copied().collect();
    match primitive.kind {
        PrimitiveKind::Phase(angle) => match (controls.as_slice(), angle) {
            ([_] | [_, _], _) | (_, Angle::Free { .. }) => {
                synthesis::primitive(&Primitive { controls, kind: PrimitiveKind::Phase(angle) }, num_qubits)
            }
            (_, Angle::Fixed(value)) => {
                let (target, rest) = controls.split_last().expect("at least one control was added");
                let matrix = Matrix::from_slice(&[Complex64::ONE, Complex64::ZERO, Complex64::ZERO, Complex64::cis(value)]);
                vec![Operation::Unitary { matrix, controls: rest.into(), qubits: [*target].into_iter().collect() }]
            }
        },
        PrimitiveKind::Rotation(angle @ Angle::Free { .. }, targets) => {
            synthesis::primitive(&Primitive { controls, kind: PrimitiveKind::Rotation(angle, targets) }, num_qubits)
        }
        PrimitiveKind::Rotation(Angle::Fixed(_), ref targets) => {
            let qubits: Qubits = targets.iter().map(|(qubit, _)| *qubit).collect();
            let bare = Primitive { controls: Qubits::new(), kind: primitive.kind };
            vec![Operation::Unitary { matrix: bare.matrix(&[]), controls, qubits }]
        }
        PrimitiveKind::Unitary(matrix, qubits) => vec![Operation::Unitary { matrix, controls, qubits }],
    }
}

/// A fractional power of operations whose product is a one-qubit gate, controlled or not.
fn power(operations: &[Operation], exponent: f64) -> Option<Vec<Operation>> {
    let mut primitives = Vec::new();
    for operation in operations {
        primitives.extend(operation.primitives().ok()?);
    }
    if primitives.iter().any(|primitive| primitive.angle().is_some_and(|angle| angle.parameter().is_some())) {
        return None;
    }
    let targets = |primitive: &Primitive| -> Qubits {
        match &primitive.kind {
            PrimitiveKind::Phase(_) => Qubits::new(),
            PrimitiveKind::Rotation(_, targets) => targets.iter().map(|(qubit, _)| *qubit).collect(),
            PrimitiveKind::Unitary(_, qubits) => qubits.clone(),
        }
    };
    // One target for all; controls the same for all but for phases, which may count the target among theirs.
    let target =
        primitives.iter().flat_map(targets).next().or_else(|| primitives.iter().find_map(|p| p.controls.last().copied()));
    let Some(target) = target else {
        // Global phases only.
        let sum: f64 = primitives.iter().filter_map(Primitive::angle).map(|angle| angle.value(&[])).sum();
        return Some(vec![Operation::GlobalPhase(Angle::Fixed(synthesis::near_zero(sum) * exponent))]);
    };
    let others = |primitive: &Primitive| -> Qubits {
        let mut controls: Qubits = primitive.controls.iter().copied().filter(|qubit| *qubit != target).collect();
        controls.sort_unstable();
        controls
    };
    let controls = primitives.first().map(others)?;
    let mut product = Matrix::identity(1);
    for primitive in &primitives {
        if others(primitive) != controls || targets(primitive).iter().any(|qubit| *qubit != target) {
            return None;
        }
        let local = match &primitive.kind {
            PrimitiveKind::Phase(angle) => {
                let phase = Complex64::cis(angle.value(&[]));
                let first = if primitive.controls.contains(&target) { Complex64::ONE } else { phase };
                Matrix::from_slice(&[first, Complex64::ZERO, Complex64::ZERO, phase])
            }
            PrimitiveKind::Rotation(..) | PrimitiveKind::Unitary(..) => {
                Primitive { controls: Qubits::new(), kind: primitive.kind.clone() }.matrix(&[])
            }
        };
        product = local.times(&product);
    }
    let matrix = synthesis::power_of(&product, exponent);
    let qubits: Qubits = [target].into_iter().collect();
    Some(match synthesis::row_of(&matrix, controls.len()) {
        Some(row) => vec![Operation::gate(row, &[], &controls.iter().copied().chain([target]).collect::<Vec<_>>())],
        None => vec![Operation::Unitary { matrix, controls, qubits }],
    })
}
