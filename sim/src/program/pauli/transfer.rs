//! Transfer matrices of small unitaries: closed forms of rotations, a table of the gates without angles.

use std::sync::OnceLock;

use num_complex::Complex64;
use qloom_circuits::{Gate, Matrix, Pauli};

use crate::kernel::{Four, PauliPair, Signed};

/// The matrix that changes nothing.
pub(crate) const IDENTITY: Four = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];

/// A gate without angles.
#[derive(Debug)]
pub(crate) enum Constant {
    One(Four),
    Two(PauliPair),
    Larger,
}

/// The map of a gate without angles, worked out once for the whole table.
pub(crate) fn of_gate(gate: Gate) -> &'static Constant {
    static TABLE: OnceLock<Vec<Constant>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        Gate::all()
            .map(|gate| match (gate.num_parameters(), gate.num_qubits()) {
                (0, 1) => Constant::One(times(&of_unitary(&gate.matrix(&[])), &IDENTITY)),
                (0, 2) => Constant::Two(pair(&of_unitary(&gate.matrix(&[])))),
                _ => Constant::Larger,
            })
            .collect()
    });
    &table[gate as usize]
}

/// `R_ij = Tr(P_i U P_j U^dagger)/2^k`, row-major, the first qubit the least significant base-4 digit.
pub(crate) fn of_unitary(unitary: &Matrix) -> Vec<f64> {
    let k = unitary.num_qubits();
    let size = 1usize << (2 * k);
    let dimension = 1usize << k;
    let adjoint = unitary.adjoint();
    let mut transfer = vec![0.0; size * size];
    for j in 0..size {
        let image = unitary.times(&product(j, k)).times(&adjoint);
        for i in 0..size {
            // Tr(P_i M): P_i has one entry a row
            let (x, z, y) = masks(i, k);
            let phase = Complex64::I.powu(y);
            let trace: Complex64 = (0..dimension)
                .map(|column| {
                    let sign = if (column & z).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
                    // P|c> = i^y (-1)^{c.z} |c ^ x>, so (P M)_{c'c'} sums P_{c', c} M_{c, c'} with c' = c ^ x
                    phase * sign * image[(column, column ^ x)]
                })
                .sum();
            transfer[i * size + j] = trace.re / dimension as f64;
        }
    }
    transfer
}

fn product(digits: usize, k: usize) -> Matrix {
    (0..k).fold(Matrix::identity(0), |product, q| Pauli::ALL[digits >> (2 * q) & 3].matrix().kronecker(&product))
}

/// X mask, Z mask and number of Ys of a product given by its digits.
fn masks(digits: usize, k: usize) -> (usize, usize, u32) {
    let (mut x, mut z) = (0, 0);
    for q in 0..k {
        let (flips, signs) = Pauli::ALL[digits >> (2 * q) & 3].bits();
        x |= usize::from(flips) << q;
        z |= usize::from(signs) << q;
    }
    (x, z, (x & z).count_ones())
}

/// The two components a rotation about a Pauli turns, the first towards the second; none for the identity.
pub(crate) fn plane(axis: Pauli) -> Option<[u8; 2]> {
    match axis {
        Pauli::I => None,
        Pauli::X => Some([2, 3]),
        Pauli::Y => Some([3, 1]),
        Pauli::Z => Some([1, 2]),
    }
}

/// Multiplies a turn in a plane onto the matrix from the left.
pub(crate) fn turn(matrix: &mut Four, [from, to]: [u8; 2], [cosine, sine]: [f64; 2]) {
    for column in 0..4 {
        let (a, b) = (usize::from(from) * 4 + column, usize::from(to) * 4 + column);
        (matrix[a], matrix[b]) = (cosine * matrix[a] - sine * matrix[b], sine * matrix[a] + cosine * matrix[b]);
    }
}

/// A unitary of one qubit as a phase and a turn about an axis: phase, angle, and the map that brings Z to the axis.
pub(crate) fn axis(unitary: &Matrix) -> (f64, f64, Four) {
    let determinant = unitary[(0, 0)] * unitary[(1, 1)] - unitary[(0, 1)] * unitary[(1, 0)];
    let phase = determinant.arg() / 2.0;
    let special = unitary.scaled(Complex64::cis(-phase));
    let (diagonal, other) = (special[(0, 0)], special[(0, 1)]);
    let long = [-other.im, -other.re, -diagonal.im];
    let sine = long.iter().map(|part| part * part).sum::<f64>().sqrt();
    if sine == 0.0 {
        // a phase alone, of either sign
        return (phase, if diagonal.re < 0.0 { std::f64::consts::TAU } else { 0.0 }, IDENTITY);
    }
    let z = long.map(|part| part / sine);
    // a frame with the axis: across it and one of the directions that lie well apart from it
    let cross = |a: [f64; 3], b: [f64; 3]| [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let apart = if z[0].abs() < 0.6 { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
    let across = cross(z, apart);
    let norm = across.iter().map(|part| part * part).sum::<f64>().sqrt();
    let y = across.map(|part| part / norm);
    let x = cross(y, z);
    let mut frame = IDENTITY;
    for row in 0..3 {
        for (column, direction) in [x, y, z].into_iter().enumerate() {
            frame[4 * (row + 1) + column + 1] = direction[row];
        }
    }
    (phase, 2.0 * sine.atan2(diagonal.re), frame)
}

/// Where the digits I X Y Z go when a Pauli is turned into Z: exchanged in a circle, without signs.
pub(crate) fn to_z(axis: Pauli) -> [u8; 4] {
    match axis {
        Pauli::I | Pauli::Z => [0, 1, 2, 3],
        Pauli::X => [0, 3, 1, 2],
        Pauli::Y => [0, 2, 3, 1],
    }
}

/// The matrix of an exchange of digits.
pub(crate) fn exchange(image: [u8; 4]) -> Four {
    let mut matrix = [0.0; 16];
    for (from, to) in image.into_iter().enumerate() {
        matrix[usize::from(to) * 4 + from] = 1.0;
    }
    matrix
}

/// The exchange undone.
pub(crate) fn undone(image: [u8; 4]) -> [u8; 4] {
    let mut back = [0; 4];
    for (from, to) in image.into_iter().enumerate() {
        back[usize::from(to)] = from as u8;
    }
    back
}

/// A map of two digits in its cheapest form.
pub(crate) fn pair(matrix: &[f64]) -> PauliPair {
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
                return PauliPair::Dense(entries);
            }
        }
    }
    PauliPair::Signed(map)
}

/// The second map after the first.
pub(crate) fn then(first: &PauliPair, second: &PauliPair) -> PauliPair {
    match (first, second) {
        (PauliPair::Signed(first), PauliPair::Signed(second)) => PauliPair::Signed(Signed {
            image: first.image.map(|to| second.image[usize::from(to)]),
            factor: std::array::from_fn(|from| first.factor[from] * second.factor[usize::from(first.image[from])]),
        }),
        _ => PauliPair::Dense(Box::new(times(&*dense(second), &*dense(first)))),
    }
}

/// The 16 by 16 matrix.
pub(crate) fn dense(pair: &PauliPair) -> Box<[f64; 256]> {
    match pair {
        PauliPair::Signed(map) => {
            let mut matrix = Box::new([0.0; 256]);
            for from in 0..16 {
                matrix[usize::from(map.image[from]) * 16 + from] = map.factor[from];
            }
            matrix
        }
        PauliPair::Dense(matrix) => matrix.clone(),
    }
}

/// The map with its digits in the other order.
pub(crate) fn exchanged(pair: &PauliPair) -> PauliPair {
    let swap = |index: usize| index >> 2 | (index & 3) << 2;
    match pair {
        PauliPair::Signed(map) => PauliPair::Signed(Signed {
            image: std::array::from_fn(|from| swap(usize::from(map.image[swap(from)])) as u8),
            factor: std::array::from_fn(|from| map.factor[swap(from)]),
        }),
        PauliPair::Dense(matrix) => {
            PauliPair::Dense(Box::new(std::array::from_fn(|at| matrix[swap(at / 16) * 16 + swap(at % 16)])))
        }
    }
}

/// The product of two row-major square matrices, the right one applied first.
pub(crate) fn times<const N: usize>(left: &[f64], right: &[f64]) -> [f64; N] {
    let size = N.isqrt();
    let mut product = [0.0; N];
    for i in 0..size {
        for k in 0..size {
            let factor = left[i * size + k];
            if factor != 0.0 {
                for j in 0..size {
                    product[i * size + j] += factor * right[k * size + j];
                }
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cx_permutes_with_signs() {
        let transfer = of_unitary(&Gate::Cx.matrix(&[]));
        // first qubit (control) least significant: X on the control becomes X X
        assert_eq!(transfer[5 * 16 + 1], 1.0);
        // Y Y becomes -X Z (control X, target Z)
        assert_eq!(transfer[(1 + 4 * 3) * 16 + (2 + 4 * 2)], -1.0);
        assert!(transfer.iter().all(|entry| [0.0, 1.0, -1.0].contains(entry)));
    }

    #[test]
    fn turns_are_the_rotations() {
        for (gate, axis) in [(Gate::Rx, Pauli::X), (Gate::Ry, Pauli::Y), (Gate::Rz, Pauli::Z)] {
            let mut matrix = IDENTITY;
            turn(&mut matrix, plane(axis).expect("an axis"), [0.3f64.cos(), 0.3f64.sin()]);
            let expected = of_unitary(&gate.matrix(&[0.3]));
            assert!(matrix.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15), "{gate}");
            let image = to_z(axis);
            assert_eq!(image[axis as usize], 3);
            assert_eq!(times::<16>(&exchange(undone(image)), &exchange(image)), IDENTITY);
        }
    }

    #[test]
    fn a_unitary_is_a_phase_and_a_turn_about_its_axis() {
        for gate in [Gate::X, Gate::Y, Gate::Z, Gate::H, Gate::Sx, Gate::T, Gate::Id] {
            let matrix = gate.matrix(&[]).scaled(Complex64::cis(0.3));
            let (_, angle, frame) = axis(&matrix);
            let back: Four = std::array::from_fn(|at| frame[at % 4 * 4 + at / 4]);
            let mut product = back;
            turn(&mut product, [1, 2], [angle.cos(), angle.sin()]);
            let product: Four = times(&frame, &product);
            assert!(product.iter().zip(of_unitary(&matrix)).all(|(a, b)| (a - b).abs() < 1e-15), "{gate}");
        }
    }

    #[test]
    fn pairs_multiply_and_exchange_as_matrices() {
        let maps: Vec<PauliPair> =
            [Gate::Cx.matrix(&[]), Gate::Rxx.matrix(&[0.4])].iter().map(|m| pair(&of_unitary(m))).collect();
        assert!(matches!((&maps[0], &maps[1]), (PauliPair::Signed(_), PauliPair::Dense(_))));
        for first in &maps {
            assert_eq!(exchanged(&exchanged(first)), *first);
            let slow = PauliPair::Dense(dense(first));
            assert_eq!(dense(&exchanged(first)), dense(&exchanged(&slow)));
            for second in &maps {
                let product: [f64; 256] = times(&*dense(second), &*dense(first));
                let found = dense(&then(first, second));
                assert!(product.iter().zip(found.iter()).all(|(a, b)| (a - b).abs() < 1e-15));
            }
        }
    }
}
