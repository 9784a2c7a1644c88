//! Gates under many controls: what they do, and that they are as few as counted.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Angle, Gate, Matrix, Operation, Pauli, Primitive, PrimitiveKind, Stream, synthesis};

use super::strategies::unitary;

/// A state after operations, amplitude by amplitude: an independent check that is as fast as a state is long.
pub fn run(mut state: Vec<Complex64>, operations: &[Operation], parameters: &[f64]) -> Vec<Complex64> {
    for primitive in operations.iter().flat_map(|operation| operation.primitives().expect("gates")) {
        apply(&mut state, &primitive, parameters);
    }
    state
}

fn apply(state: &mut [Complex64], primitive: &Primitive, parameters: &[f64]) {
    let controls: usize = primitive.controls.iter().map(|qubit| 1 << qubit).sum();
    let bare = Primitive { controls: Default::default(), kind: primitive.kind.clone() };
    let (matrix, targets) = (bare.matrix(parameters), bare.qubits());
    let mask: usize = targets.iter().map(|qubit| 1 << qubit).sum();
    for base in (0..state.len()).filter(|index| index & controls == controls && index & mask == 0) {
        let place = |k: usize| base | targets.iter().enumerate().map(|(bit, qubit)| (k >> bit & 1) << qubit).sum::<usize>();
        let before: Vec<Complex64> = (0..1 << targets.len()).map(|k| state[place(k)]).collect();
        for row in 0..before.len() {
            state[place(row)] = (0..before.len()).map(|column| matrix[(row, column)] * before[column]).sum();
        }
    }
}

fn random_state(n: usize, seed: u64) -> Vec<Complex64> {
    let mut stream = Stream::named(seed, "state");
    (0..1 << n).map(|_| Complex64::new(stream.normal(), stream.normal())).collect()
}

fn two_qubit_gates(operations: &[Operation]) -> u64 {
    let cx = |operation: &Operation| match operation {
        Operation::Gate { gate: Gate::Ccx, .. } => 6,
        Operation::Gate { gate: Gate::Rccx, .. } => 3,
        Operation::Gate { gate: Gate::Crz | Gate::Cp, .. } => 2,
        other => u64::from(other.qubits().len() == 2),
    };
    operations.iter().map(cx).sum()
}

/// A primitive with `k` controls: X, a phase gate, any gate, a rotation, a phase, an exchange, any two-qubit gate.
fn primitive(kind: usize, controls: &[usize], targets: [usize; 2], one: &Matrix, two: &Matrix, angle: Angle) -> Primitive {
    let single = |matrix: Matrix| PrimitiveKind::Unitary(matrix, [targets[0]].into_iter().collect());
    let pair = |matrix: Matrix| PrimitiveKind::Unitary(matrix, targets.into_iter().collect());
    let kind = match kind {
        0 => single(Gate::X.matrix(&[])),
        1 => single(Gate::Sx.matrix(&[])),
        2 => single(one.clone()),
        3 => PrimitiveKind::Rotation(angle, [(targets[0], Pauli::Y), (targets[1], Pauli::X)].into_iter().collect()),
        4 => PrimitiveKind::Phase(angle),
        5 => pair(Gate::Swap.matrix(&[])),
        6 => single(Gate::H.matrix(&[])),
        _ => pair(two.clone()),
    };
    Primitive { controls: controls.iter().copied().collect(), kind }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is idle: the same action, idle qubits untouched, no more cx than counted.
    #[test]
    fn many_controls_act_where_all_are_one(
        kind in 0usize..8,
        controls in 1usize..7,
        idle in 0usize..3,
        order in Just((0..13usize).collect::<Vec<_>>()).prop_shuffle(),
        one in unitary(1),
        two in unitary(2),
        free in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let n = controls + 2 + idle;
        let order: Vec<usize> = order.into_iter().filter(|qubit| *qubit < n).collect();
        let angle = if free { Angle::free(0).scaled(0.75).shifted(0.2) } else { Angle::Fixed(1.3) };
        let primitive = primitive(kind, &order[2..2 + controls], [order[0], order[1]], &one, &two, angle);
        let operations = synthesis::primitive(&primitive, n);
        let start = random_state(n, seed);
        let mut expected = start.clone();
        apply(&mut expected, &primitive, &[0.9]);
        let found = run(start, &operations, &[0.9]);
        let error = found.iter().zip(&expected).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
        prop_assert!(error < 1e-9, "kind {}, {} controls, {} idle: {:e}", kind, controls, idle, error);
        let (made, counted) = (two_qubit_gates(&operations), synthesis::size(&primitive, n));
        prop_assert!(made <= 2 * counted.max(8), "kind {}: {} made, {} counted", kind, made, counted);
    }
}

/// The number of cx grows linearly with a borrowed qubit, quadratically without, and can be counted where it could not be made.
#[test]
fn sizes_are_polynomial() {
    let x = |controls: usize| {
        primitive(0, &(2..2 + controls).collect::<Vec<_>>(), [0, 1], &Matrix::identity(1), &Matrix::identity(2), 0.0.into())
    };
    for controls in [8, 16, 32, 64] {
        let borrowed = synthesis::size(&x(controls), controls + 2);
        assert!(borrowed <= 80 * controls as u64, "{controls} controls and a borrowed qubit: {borrowed}");
        let alone: Vec<usize> = (1..=controls).collect();
        let primitive = Primitive { controls: alone.iter().copied().collect(), ..x(0) };
        let made = two_qubit_gates(&synthesis::primitive(&primitive, controls + 1));
        assert!(made <= 60 * (controls * controls) as u64, "{controls} controls alone: {made}");
        assert!(made <= 2 * synthesis::size(&primitive, controls + 1));
    }
    let wide = Primitive { controls: (2..4000).collect(), kind: PrimitiveKind::Phase(0.3.into()) };
    assert!(synthesis::size(&wide, 4000) > 10_000_000);
    assert!(synthesis::size(&Primitive { controls: (2..4000).collect(), ..x(0) }, 4000) < 200_000);
    let dense = Primitive { controls: Default::default(), kind: PrimitiveKind::Unitary(Matrix::identity(9), (0..9).collect()) };
    assert!(synthesis::size(&dense, 9) > 10_000_000);
}
