//! Blocks made of gates that exchange excitations: iswap and its square root.

use std::f64::consts::FRAC_PI_8;

use qloom_circuits::synthesis::weyl::{self, Piece};
use qloom_circuits::{Gate, Matrix};

use super::dress::{Dressed, around};

/// Coordinates nearer to each other than this are equal.
const NEAR: f64 = 1e-12;

/// The fewest iswap that make a block with these Weyl coordinates: 0 to 3.
///
/// An iswap is a cz with an exchange of its qubits, so two make what two cz make, one cx among it, and three make everything.
pub(super) fn count(coordinates: &[f64; 3]) -> usize {
    match (weyl::cx_count(coordinates), weyl::cx_count(&weyl::mirrored(coordinates))) {
        (0, _) => 0,
        (_, 1) => 1,
        (1 | 2, _) => 2,
        _ => 3,
    }
}

/// The fewest square roots of iswap that make a block with these Weyl coordinates: 0 to 3.
///
/// Source: Huang et al., Phys. Rev. Lett. 130, 070601 (2023): two make all with `x >= y + |z|`.
pub(super) fn root_count(coordinates: &[f64; 3]) -> usize {
    let [x, y, z] = coordinates.map(f64::abs);
    if x < NEAR {
        0
    } else if (x - FRAC_PI_8).abs() < NEAR && (y - FRAC_PI_8).abs() < NEAR && z < NEAR {
        1
    } else if x - y - z > -NEAR {
        2
    } else {
        3
    }
}

/// A block of iswap, as few as [`count`] says, up to a phase.
pub(super) fn exchanges(gate: Gate, matrix: &Matrix, order: [usize; 2]) -> Vec<Dressed> {
    let swap = Gate::Swap.matrix(&[]);
    let number = count(&weyl::decompose(matrix).coordinates);
    // every native gate exchanges the qubits once more than the cx that it stands for
    let block = if number % 2 == 1 { weyl::decompose(&swap.times(matrix)) } else { weyl::decompose(matrix) };
    let native = gate.matrix(&[]).embedded(&order, 2);
    let mut exchanged = false;
    let mut steps = Vec::new();
    for piece in block.pieces_of(number) {
        let own = |q: usize| if exchanged { 1 - q } else { q };
        match piece {
            Piece::Local(q, local) => steps.push(Dressed::Local(own(q), local)),
            Piece::Cx(control, target) => {
                let wanted = swap.times(&Gate::Cx.matrix(&[]).embedded(&[own(control), own(target)], 2));
                dressed(&mut steps, &wanted, &native, Dressed::Native { gate, angles: Vec::new(), order });
                exchanged = !exchanged;
            }
        }
    }
    steps
}

/// A block of square roots of iswap, as few as [`root_count`] says, up to a phase.
pub(super) fn roots(gate: Gate, matrix: &Matrix, order: [usize; 2]) -> Vec<Dressed> {
    let block = weyl::decompose(matrix);
    let native = gate.matrix(&[]).embedded(&order, 2);
    let step = Dressed::Native { gate, angles: Vec::new(), order };
    let mut steps = Vec::new();
    match root_count(&block.coordinates) {
        0 => {
            let product = [0, 1].map(|q: usize| block.left[q].times(&block.right[q]));
            steps.extend(product.into_iter().enumerate().map(|(q, local)| Dressed::Local(q, local)));
        }
        1 => dressed(&mut steps, matrix, &native, step),
        2 => {
            let inner = between_roots(block.coordinates);
            let product = native.times(&inner[1].kronecker(&inner[0])).times(&native);
            let [before, after] = around(matrix, &product);
            locals(&mut steps, before);
            steps.push(step.clone());
            locals(&mut steps, inner);
            steps.push(step);
            locals(&mut steps, after);
        }
        _ => {
            let (part, rest) = parts(block.coordinates);
            locals(&mut steps, block.right);
            dressed(&mut steps, &canonical(part), &native, step);
            let [low, high] = &block.left;
            steps.extend(roots(gate, &high.kronecker(low).times(&canonical(rest)), order));
        }
    }
    steps
}

/// The gates between two square roots of iswap, on the first and on the second qubit, that give these coordinates up to one-qubit gates.
///
/// Source: Huang et al., equations 4 to 8, in squares of sines and cosines of half the angles, which lose no digits near 0 and pi.
fn between_roots([x, y, z]: [f64; 3]) -> [Matrix; 2] {
    // the formulas are for a second coordinate that is not negative
    let (y, z) = if y < 0.0 { (-y, -z) } else { (y, z) };
    let (a, b, c) = ((x + y).sin(), (x - y).sin(), z.sin().powi(2));
    let root = ((x + y - z).sin() * (x + y + z).sin() * (x - y + z).sin() * (x - y - z).sin()).max(0.0).sqrt();
    let (sines, cosines) = (a * b + c, z.cos().powi(2) - a * b);
    let small_sine = if root > 0.0 { c * (a + b).powi(2) / (sines + root) } else { sines };
    let rest = (2.0 * x).cos() + 2.0 * y.sin().powi(2) - 2.0 * c * (1.0 - 2.0 * (x.sin() * y.cos()).powi(2));
    let small_cosine = if root > 0.0 { rest / (cosines + root) } else { cosines };
    let angle = |sine: f64, cosine: f64| 2.0 * sine.max(0.0).sqrt().atan2(cosine.max(0.0).sqrt());
    let part = 2.0 * x.cos() * z.cos() * y.sin();
    let other = ((2.0 * x).cos() * (2.0 * y).cos() * (2.0 * z).cos()).max(0.0).sqrt();
    let turn = Gate::Rz.matrix(&[other.atan2(if z < 0.0 { -part } else { part })]);
    let first = Gate::Rx.matrix(&[angle(small_sine, cosines + root)]);
    [turn.times(&first).times(&turn), Gate::Rx.matrix(&[angle(sines + root, small_cosine)])]
}

/// Coordinates as those of one square root of iswap about two axes and a rest that two make.
fn parts(coordinates: [f64; 3]) -> ([f64; 3], [f64; 3]) {
    let signs = [1.0, -1.0];
    let all = (0..3).flat_map(|axis| signs.into_iter().flat_map(move |a| signs.into_iter().map(move |b| (axis, a, b))));
    let tried = all.map(|(axis, a, b)| {
        let mut part = [0.0; 3];
        (part[(axis + 1) % 3], part[(axis + 2) % 3]) = (a * FRAC_PI_8, b * FRAC_PI_8);
        (part, [0, 1, 2].map(|k: usize| coordinates[k] - part[k]))
    });
    let room = |rest: &[f64; 3]| {
        let [x, y, z] = weyl::decompose(&canonical(*rest)).coordinates.map(f64::abs);
        x - y - z
    };
    tried.max_by(|a, b| room(&a.1).total_cmp(&room(&b.1))).expect("twelve were tried")
}

/// `exp(i (x XX + y YY + z ZZ))`.
fn canonical(coordinates: [f64; 3]) -> Matrix {
    let gates = [Gate::Rxx, Gate::Ryy, Gate::Rzz].into_iter().zip(coordinates);
    gates.fold(Matrix::identity(2), |product, (gate, coordinate)| gate.matrix(&[-2.0 * coordinate]).times(&product))
}

fn locals(steps: &mut Vec<Dressed>, gates: [Matrix; 2]) {
    steps.extend(gates.into_iter().enumerate().map(|(q, local)| Dressed::Local(q, local)));
}

/// A native gate between one-qubit gates that make it another one with its coordinates.
fn dressed(steps: &mut Vec<Dressed>, wanted: &Matrix, native: &Matrix, step: Dressed) {
    let [before, after] = around(wanted, native);
    locals(steps, before);
    steps.push(step);
    locals(steps, after);
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_4, PI};

    use super::*;
    use qloom_circuits::Stream;

    fn check(gate: Gate, matrix: &Matrix, number: usize) {
        let steps = if gate == Gate::Iswap { exchanges(gate, matrix, [1, 0]) } else { roots(gate, matrix, [0, 1]) };
        let made = steps.iter().fold(Matrix::identity(2), |product, step| match step {
            Dressed::Local(q, local) => local.embedded(&[*q], 2).times(&product),
            Dressed::Native { gate, angles, order } => gate.matrix(angles).embedded(order, 2).times(&product),
        });
        let phase = num_complex::Complex64::cis(weyl::phase_between(&made, matrix));
        let coordinates = weyl::decompose(matrix).coordinates;
        let error = made.scaled(phase).distance(matrix);
        assert!(error < 1e-9, "{gate:?} {coordinates:?}: {error}");
        let found = steps.iter().filter(|step| matches!(step, Dressed::Native { .. })).count();
        assert_eq!(found, number, "{gate:?} {coordinates:?}");
    }

    /// Numbers of iswap and of its root for gates whose numbers are known.
    #[test]
    fn known_gates_have_their_counts() {
        let swapped = |gate: Gate| Gate::Swap.matrix(&[]).times(&gate.matrix(&[]));
        for (matrix, whole, root) in [
            (Matrix::identity(2), 0, 0),
            (Gate::Cx.matrix(&[]), 2, 2),
            (Gate::Ecr.matrix(&[]), 2, 2),
            (Gate::Cp.matrix(&[0.3]), 2, 2),
            (swapped(Gate::Cz), 1, 2),
            (Gate::Iswap.matrix(&[]), 1, 2),
            (Gate::SqrtIswap.matrix(&[]), 2, 1),
            (Gate::SqrtIswap.matrix(&[]).adjoint(), 2, 1),
            (Gate::Swap.matrix(&[]), 3, 3),
            (swapped(Gate::Csx), 3, 3),
        ] {
            check(Gate::Iswap, &matrix, whole);
            check(Gate::SqrtIswap, &matrix, root);
        }
    }

    /// All of the Weyl chamber, its corners, edges and faces included, between any one-qubit gates.
    #[test]
    fn the_whole_chamber_is_made() {
        let mut numbers = Stream::named(1, "chamber");
        let steps = 8;
        let at = |k: i32| f64::from(k) * PI / 4.0 / f64::from(steps);
        for (x, y, z) in (0..=steps).flat_map(|x| (0..=x).flat_map(move |y| (-y..=y).map(move |z| (x, y, z)))) {
            let mut local = || Gate::U3.matrix(&[3.0 * numbers.unit(), 6.0 * numbers.unit(), 6.0 * numbers.unit()]);
            let [first, last] = [(); 2].map(|()| local().kronecker(&local()));
            let matrix = last.times(&canonical([at(x), at(y), at(z)])).times(&first);
            let two = x >= y + z.abs();
            let whole = if x == 0 {
                0
            } else if z == 0 && y == steps {
                1
            } else {
                3 - usize::from(z == 0)
            };
            check(Gate::Iswap, &matrix, whole);
            let root = if x == 0 {
                0
            } else if (2 * x, 2 * y, z) == (steps, steps, 0) {
                1
            } else {
                3 - usize::from(two)
            };
            check(Gate::SqrtIswap, &matrix, root);
        }
        assert!((at(steps) - FRAC_PI_4).abs() < NEAR);
    }
}
