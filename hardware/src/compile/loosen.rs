//! Which blocks can change places: blocks about fixed axes, with the one-qubit gates between them set free.

use num_complex::Complex64;
use qloom_circuits::synthesis::weyl::{self, Weyl};
use qloom_circuits::{Gate, Matrix};

use super::item::Item;

/// Axes nearer to each other than this are one.
const NEAR: f64 = 1e-10;

/// A direction on the Bloch sphere.
pub(super) type Axis = [f64; 3];

/// Whether two axes are one, up to sign.
pub(super) fn parallel(a: &Axis, b: &Axis) -> bool {
    let cross = (0..3).map(|k| a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);
    cross.map(|part| part * part).sum::<f64>() < NEAR * NEAR
}

/// Whether two axes are one with their sign: a gate that turns one into the other's opposite does not commute with rotations about it.
fn same(a: &Axis, b: &Axis) -> bool {
    parallel(a, b) && a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() > 0.0
}

/// The parts of X, Y and Z in a matrix on one qubit.
fn parts(matrix: &Matrix) -> [Complex64; 3] {
    let [a, b, c, d] = [matrix[(0, 0)], matrix[(0, 1)], matrix[(1, 0)], matrix[(1, 1)]];
    [(b + c) / 2.0, (b - c) * Complex64::i() / 2.0, (a - d) / 2.0]
}

/// The axis of a rotation; any for the identity, which is none.
fn rotation_axis(matrix: &Matrix) -> Option<Axis> {
    let parts = parts(matrix);
    // up to one phase the three parts are real
    let largest = parts.iter().copied().max_by(|a, b| a.norm().total_cmp(&b.norm())).expect("three parts");
    let length = parts.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    (length > 1e-6).then(|| parts.map(|part| (part * largest.conj()).re / (largest.norm() * length)))
}

/// Where a gate takes X: the axis of `gate X gate^dagger`.
fn image_of_x(gate: &Matrix) -> Axis {
    parts(&gate.times(&Gate::X.matrix(&[])).times(&gate.adjoint())).map(|part| part.re)
}

/// For each qubit of an item the axis whose rotations commute with it, where there is one.
pub(super) fn axes(item: &Item) -> [Option<Axis>; 2] {
    match item {
        Item::Two { matrix, .. } => {
            let block = weyl::decompose(matrix);
            if block.rotation_count() != 1 {
                return [None; 2];
            }
            [0, 1].map(|q| {
                let axis = image_of_x(&block.right[q].adjoint());
                same(&axis, &image_of_x(&block.left[q])).then_some(axis)
            })
        }
        Item::One { matrix, .. } => [rotation_axis(matrix), None],
        Item::Rz { .. } => [Some([0.0, 0.0, 1.0]), None],
        Item::Wall { .. } | Item::Phase(_) => [None; 2],
    }
}

/// Takes out of blocks that are one Ising rotation, up to one-qubit gates, the gates that turn its axes.
pub(super) fn loosen(items: Vec<Item>) -> Vec<Item> {
    let mut loose = Vec::with_capacity(items.len());
    for item in items {
        let Item::Two { qubits, matrix } = &item else {
            loose.push(item);
            continue;
        };
        let block = weyl::decompose(matrix);
        if block.rotation_count() != 1 {
            loose.push(item);
            continue;
        }
        let mut core = matrix.clone();
        let mut after = Vec::new();
        for (q, &qubit) in qubits.iter().enumerate() {
            if let Some(turn) = turn(&block, q) {
                core = turn.adjoint().embedded(&[q], 2).times(&core);
                after.push(Item::One { qubit, matrix: turn });
            }
        }
        loose.push(Item::Two { qubits: *qubits, matrix: core });
        loose.extend(after);
    }
    loose
}

/// What acts on a qubit after the rotation about its own axis; none if that keeps the axis.
fn turn(block: &Weyl, q: usize) -> Option<Matrix> {
    let axis = image_of_x(&block.right[q].adjoint());
    (!same(&axis, &image_of_x(&block.left[q]))).then(|| block.left[q].times(&block.right[q]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use qloom_circuits::{Stream, library};

    fn fixed(gate: Gate, angles: &[f64]) -> Item {
        let matrix = gate.matrix(angles);
        match gate.num_qubits() {
            1 => Item::One { qubit: 0, matrix },
            _ => Item::Two { qubits: [0, 1], matrix },
        }
    }

    #[test]
    fn gates_have_their_axes() {
        let (x, z) = ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]);
        for (item, expected) in [
            (fixed(Gate::Cx, &[]), [Some(z), Some(x)]),
            (fixed(Gate::Cz, &[]), [Some(z), Some(z)]),
            (fixed(Gate::Rzz, &[0.3]), [Some(z), Some(z)]),
            (fixed(Gate::Swap, &[]), [None, None]),
            (fixed(Gate::Rx, &[0.7]), [Some(x), None]),
            (fixed(Gate::T, &[]), [Some(z), None]),
        ] {
            for (found, expected) in axes(&item).into_iter().zip(expected) {
                assert_eq!(found.is_some(), expected.is_some(), "{item:?}");
                assert!(found.zip(expected).is_none_or(|(a, b)| parallel(&a, &b)), "{item:?}: {found:?}");
            }
        }
        let mut turned = Gate::H.matrix(&[]).embedded(&[0], 2).times(&Gate::Cx.matrix(&[]));
        assert_eq!(axes(&Item::Two { qubits: [0, 1], matrix: turned.clone() })[0], None, "H takes Z to X");
        let flipped = Gate::X.matrix(&[]).embedded(&[0], 2).times(&Gate::Cz.matrix(&[]));
        assert_eq!(axes(&Item::Two { qubits: [0, 1], matrix: flipped })[0], None, "X turns Z around");
        turned = turned.times(&Gate::H.matrix(&[]).embedded(&[0], 2));
        assert!(axes(&Item::Two { qubits: [0, 1], matrix: turned })[0].is_some_and(|axis| parallel(&axis, &x)));
    }

    /// The product stays, cores have two axes, and what commutes by its axes commutes by its matrices.
    #[test]
    fn cores_keep_the_product_and_commute_along_their_axes() {
        for seed in 0..200 {
            let mut numbers = Stream::named(seed, "loosen");
            let before = library::random(2, 3, &mut numbers).unitary(&[]).expect("gates");
            let turn = Gate::U3.matrix(&[numbers.unit(), numbers.unit(), 0.4]).embedded(&[seed as usize % 2], 2);
            let matrix = turn.times(&Gate::Rxx.matrix(&[numbers.unit() + 0.1])).times(&turn.adjoint());
            for matrix in [before, matrix.clone(), turn.times(&matrix)] {
                let list = loosen(vec![Item::Two { qubits: [0, 1], matrix: matrix.clone() }]);
                let mut product = Matrix::identity(2);
                for item in &list {
                    product = match item {
                        Item::One { qubit, matrix } => matrix.embedded(&[*qubit], 2).times(&product),
                        Item::Two { matrix, .. } => matrix.times(&product),
                        Item::Rz { .. } | Item::Wall { .. } | Item::Phase(_) => panic!("only gates are made"),
                    };
                }
                assert!(product.distance(&matrix) < 1e-9);
                let Item::Two { matrix: core, .. } = &list[0] else { panic!("the block comes first") };
                if weyl::decompose(core).rotation_count() != 1 {
                    continue;
                }
                for (q, axis) in axes(&list[0]).into_iter().enumerate() {
                    let [x, y, z] = axis.expect("a core has axes");
                    let paulis = [Gate::X, Gate::Y, Gate::Z].map(|gate| gate.matrix(&[]));
                    let along = [x, y, z]
                        .iter()
                        .zip(&paulis)
                        .fold(Matrix::zero(1), |sum, (part, pauli)| sum.plus(&pauli.scaled(Complex64::from(*part))));
                    let along = along.embedded(&[q], 2);
                    assert!(along.times(core).distance(&core.times(&along)) < 1e-9, "seed {seed}");
                }
            }
        }
    }
}
