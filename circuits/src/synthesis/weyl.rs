//! Two-qubit unitaries: the Weyl (KAK) decomposition, and the fewest cx for each.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use num_complex::Complex64;

use super::magic::Magic;
use crate::gate::Gate;
use crate::matrix::Matrix;

/// `e^{i phase} (left) exp(i (x XX + y YY + z ZZ)) (right)` with one-qubit factors, qubit 0 first, and
/// `pi/4 >= x >= |y| >= |z|` up to rounding.
///
/// Source: Kraus and Cirac, Phys. Rev. A 63, 062309 (2001); numerically by diagonalising in the magic basis.
#[derive(Clone, Debug)]
pub struct Weyl {
    /// What acts last, on the first and on the second qubit.
    pub left: [Matrix; 2],
    /// Angles of XX, YY and ZZ, in radians.
    pub coordinates: [f64; 3],
    /// What acts first, on the first and on the second qubit.
    pub right: [Matrix; 2],
}

/// A step of a two-qubit circuit on qubits 0 and 1.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A matrix on one of the two qubits, 0 or 1.
    Local(usize, Matrix),
    /// Control and target.
    Cx(usize, usize),
}

/// Coordinates nearer to zero than this count as zero: such a rotation differs from the identity by as much.
const NEGLIGIBLE: f64 = 1e-12;

/// The factors of a Kronecker product, qubit 0 first, each of determinant one up to a common phase.
pub(super) fn factors(product: &Matrix) -> [Matrix; 2] {
    let best = (0..16).max_by(|&a, &b| product.entries()[a].norm().total_cmp(&product.entries()[b].norm())).unwrap_or(0);
    let (row, column) = (best / 4, best % 4);
    let bits = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let low: Vec<Complex64> = bits.iter().map(|(i, j)| product[(row & 2 | i, column & 2 | j)]).collect();
    let high: Vec<Complex64> = bits.iter().map(|(i, j)| product[(row & 1 | i << 1, column & 1 | j << 1)]).collect();
    [low, high].map(|entries| {
        let matrix = Matrix::from_slice(&entries);
        let determinant = matrix[(0, 0)] * matrix[(1, 1)] - matrix[(0, 1)] * matrix[(1, 0)];
        matrix.scaled(determinant.sqrt().inv())
    })
}

fn magic(unitary: &Matrix) -> Magic {
    Magic::of(&[0, 1, 2, 3].map(|row| [0, 1, 2, 3].map(|column| unitary[(row, column)])))
}

/// The trace of the transposed times itself in the magic basis, for determinant one, up to sign: real exactly where two
/// cx suffice.
pub fn trace(unitary: &Matrix) -> Complex64 {
    let eigenvalues = magic(unitary).eigenvalues;
    let determinant: Complex64 = eigenvalues.iter().product();
    eigenvalues.iter().map(|value| value * value).sum::<Complex64>() * Complex64::cis(-determinant.arg() / 2.0)
}

/// Up to a global phase; a Clifford gate has factors that are Clifford gates.
pub fn decompose(unitary: &Matrix) -> Weyl {
    let Magic { right, eigenvalues, left } = magic(unitary);
    let [a, b, c, d] = eigenvalues.map(Complex64::arg);
    let coordinates = [(a + b - c - d) / 4.0, (b + d - a - c) / 4.0, (a + d - b - c) / 4.0];
    let [left, right] = [left, right].map(|gates| gates.map(|gate| Matrix::from_slice(gate.as_flattened())));
    let mut weyl = Weyl { left, coordinates, right };
    weyl.reduce();
    super::clifford::with_clifford_factors(unitary, weyl)
}

fn pauli(axis: usize) -> Matrix {
    crate::pauli::Pauli::ALL[axis + 1].matrix()
}

/// A Clifford gate that exchanges two axes up to sign: X and Y, X and Z, or Y and Z.
fn exchange(first: usize, second: usize) -> Matrix {
    match first + second {
        1 => Gate::S.matrix(&[]),
        2 => Gate::H.matrix(&[]),
        _ => Gate::Sx.matrix(&[]),
    }
}

impl Weyl {
    /// Brings the coordinates into order and near zero; the global phase is not followed.
    fn reduce(&mut self) {
        for axis in 0..3 {
            let turns = (self.coordinates[axis] / FRAC_PI_2).round();
            self.coordinates[axis] -= turns * FRAC_PI_2;
            if turns.rem_euclid(2.0) == 1.0 {
                self.left = [0, 1].map(|q: usize| self.left[q].times(&pauli(axis)));
            }
        }
        for (first, second) in [(0, 1), (1, 2), (0, 1)] {
            if self.coordinates[first].abs() < self.coordinates[second].abs() {
                self.coordinates.swap(first, second);
                let v = exchange(first, second);
                self.left = [0, 1].map(|q: usize| self.left[q].times(&v.adjoint()));
                self.right = [0, 1].map(|q: usize| v.times(&self.right[q]));
            }
        }
        // A Pauli on one qubit turns two signs; the largest becomes positive.
        if self.coordinates[0] < 0.0 {
            let keep = 2;
            let turn = pauli(keep);
            self.left[0] = self.left[0].times(&turn);
            self.right[0] = turn.times(&self.right[0]);
            self.coordinates[0] = -self.coordinates[0];
            self.coordinates[1] = -self.coordinates[1];
        }
    }

    /// The fewest cx that make this unitary: 0 to 3.
    pub fn cx_count(&self) -> usize {
        cx_count(&self.coordinates)
    }

    /// Number of Ising rotations by any angle that make this unitary: 0 to 3.
    pub fn rotation_count(&self) -> usize {
        rotation_count(&self.coordinates)
    }

    /// The unitary as the fewest cx between one-qubit gates, in order of application, up to a global phase.
    ///
    /// Source: Vatan and Williams, Phys. Rev. A 69, 032315 (2004).
    pub fn pieces(&self) -> Vec<Piece> {
        self.pieces_of(self.cx_count())
    }

    /// The same with this number of cx, at most 3: more than the fewest where an even or odd number is wanted.
    ///
    /// # Panics
    /// When it is less than the fewest, or 1 for a unitary that is no cx between one-qubit gates.
    #[track_caller]
    pub fn pieces_of(&self, number: usize) -> Vec<Piece> {
        let fewest = self.cx_count();
        assert!((fewest..=3).contains(&number) && (number != 1 || fewest == 1), "{number} cx do not make what takes {fewest}");
        let [x, y, z] = self.coordinates;
        let gate = |gate: Gate, angle: f64| gate.matrix(&[angle]);
        let both = |matrix: Matrix| [Piece::Local(0, matrix.clone()), Piece::Local(1, matrix)];
        let mut list: Vec<Piece> = (0..2).map(|q| Piece::Local(q, self.right[q].clone())).collect();
        match number {
            0 => {}
            1 => list.extend([
                Piece::Local(0, Gate::H.matrix(&[])),
                Piece::Cx(0, 1),
                Piece::Local(0, gate(Gate::Rz, -FRAC_PI_2)),
                Piece::Local(1, gate(Gate::Rx, -FRAC_PI_2)),
                Piece::Local(0, Gate::H.matrix(&[])),
            ]),
            2 => {
                list.extend(both(Gate::Sx.matrix(&[])));
                list.extend([
                    Piece::Cx(0, 1),
                    Piece::Local(0, gate(Gate::Rx, -2.0 * x)),
                    Piece::Local(1, gate(Gate::Rz, -2.0 * y)),
                    Piece::Cx(0, 1),
                ]);
                list.extend(both(Gate::Sx.matrix(&[]).adjoint()));
            }
            _ => list.extend([
                Piece::Local(1, gate(Gate::Rz, FRAC_PI_2)),
                Piece::Cx(1, 0),
                Piece::Local(0, gate(Gate::Rz, -2.0 * z - FRAC_PI_2)),
                Piece::Local(1, gate(Gate::Ry, -2.0 * x - FRAC_PI_2)),
                Piece::Cx(0, 1),
                Piece::Local(1, gate(Gate::Ry, 2.0 * y + FRAC_PI_2)),
                Piece::Cx(1, 0),
                Piece::Local(0, gate(Gate::Rz, -FRAC_PI_2)),
            ]),
        }
        list.extend((0..2).map(|q| Piece::Local(q, self.left[q].clone())));
        merge(list)
    }

    /// The same, with Ising rotations: `rotation(angle)` gives a unitary with coordinates `(angle, 0, 0)`.
    ///
    /// Returns the list of one-qubit gates and angles.
    pub fn rotations(&self) -> Vec<RotationPiece> {
        let mut list: Vec<RotationPiece> = (0..2).map(|q| RotationPiece::Local(q, self.right[q].clone())).collect();
        for axis in 0..3 {
            if self.coordinates[axis].abs() <= NEGLIGIBLE {
                continue;
            }
            let v = if axis == 0 { Matrix::identity(1) } else { exchange(0, axis) };
            list.extend((0..2).map(|q| RotationPiece::Local(q, v.clone())));
            list.push(RotationPiece::Ising(self.coordinates[axis]));
            list.extend((0..2).map(|q| RotationPiece::Local(q, v.adjoint())));
        }
        list.extend((0..2).map(|q| RotationPiece::Local(q, self.left[q].clone())));
        list
    }
}

/// The fewest cx that make a unitary with these coordinates: 0 to 3. Signs do not matter.
pub fn cx_count(coordinates: &[f64; 3]) -> usize {
    let [x, y, z] = coordinates.map(f64::abs);
    if z > NEGLIGIBLE {
        3
    } else if y < NEGLIGIBLE && x < NEGLIGIBLE {
        0
    } else if y < NEGLIGIBLE && (x - FRAC_PI_4).abs() < NEGLIGIBLE {
        1
    } else {
        2
    }
}

/// Number of Ising rotations by any angle that make a unitary with these coordinates: 0 to 3.
pub fn rotation_count(coordinates: &[f64; 3]) -> usize {
    coordinates.iter().filter(|coordinate| coordinate.abs() > NEGLIGIBLE).count()
}

/// Absolute coordinates of a unitary with these coordinates followed by a swap of its qubits, in descending order.
///
/// ```
/// use qloom_circuits::{Gate, synthesis::weyl};
/// let cx = weyl::decompose(&Gate::Cx.matrix(&[])).coordinates;
/// assert_eq!(weyl::cx_count(&weyl::mirrored(&cx)), 2); // cx and swap together
/// ```
pub fn mirrored(coordinates: &[f64; 3]) -> [f64; 3] {
    let [x, y, z] = coordinates.map(|coordinate| FRAC_PI_4 - coordinate.abs());
    [z, y, x]
}

/// A step of a circuit of Ising rotations.
#[derive(Clone, Debug)]
pub enum RotationPiece {
    /// A matrix on one of the two qubits, 0 or 1.
    Local(usize, Matrix),
    /// `exp(i x XX)`.
    Ising(f64),
}

/// Joins one-qubit gates next to each other.
fn merge(list: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    let mut pending = [Matrix::identity(1), Matrix::identity(1)];
    for piece in list {
        match piece {
            Piece::Local(q, matrix) => pending[q] = matrix.times(&pending[q]),
            Piece::Cx(..) => {
                for (q, matrix) in pending.iter_mut().enumerate() {
                    merged.push(Piece::Local(q, std::mem::replace(matrix, Matrix::identity(1))));
                }
                merged.push(piece);
            }
        }
    }
    merged.extend(pending.into_iter().enumerate().map(|(q, matrix)| Piece::Local(q, matrix)));
    merged
}

/// The product of pieces as a matrix.
pub fn product(pieces: &[Piece]) -> Matrix {
    let mut product = Matrix::identity(2);
    for piece in pieces {
        let step = match piece {
            Piece::Local(q, matrix) => matrix.embedded(&[*q], 2),
            Piece::Cx(control, target) => Gate::Cx.matrix(&[]).embedded(&[*control, *target], 2),
        };
        product = step.times(&product);
    }
    product
}

/// The phase by which `of` differs from `from`.
pub fn phase_between(from: &Matrix, of: &Matrix) -> f64 {
    let overlap: Complex64 = from.entries().iter().zip(of.entries()).map(|(a, b)| a.conj() * b).sum();
    overlap.arg()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(unitary: &Matrix, count: usize) {
        let weyl = decompose(unitary);
        let pieces = weyl.pieces();
        let found = product(&pieces);
        let error = found.scaled(Complex64::cis(phase_between(&found, unitary))).distance(unitary);
        assert!(error < 1e-8, "{error} at {:?}", weyl.coordinates);
        for number in weyl.cx_count().max(2)..=3 {
            let found = product(&weyl.pieces_of(number));
            let error = found.scaled(Complex64::cis(phase_between(&found, unitary))).distance(unitary);
            assert!(error < 1e-8, "{error} with {number} cx at {:?}", weyl.coordinates);
        }
        assert_eq!(weyl.cx_count(), count, "{:?}", weyl.coordinates);
        let [x, y, z] = weyl.coordinates;
        assert!(x <= FRAC_PI_4 + 1e-12 && x >= y.abs() && y.abs() >= z.abs());
    }

    #[test]
    fn known_gates_have_their_counts() {
        for (gate, count) in
            [(Gate::Cx, 1), (Gate::Cz, 1), (Gate::Ecr, 1), (Gate::Swap, 3), (Gate::Iswap, 2), (Gate::Dcx, 2), (Gate::Csx, 2)]
        {
            check(&gate.matrix(&[]), count);
        }
        check(&Matrix::identity(2), 0);
        check(&Gate::Rzz.matrix(&[-FRAC_PI_2]), 1);
        check(&Gate::Rxx.matrix(&[0.3]), 2);
        check(&Gate::XxPlusYy.matrix(&[0.3, 0.7]), 2);
    }

    /// The coordinates after a swap are those of the product with its matrix.
    #[test]
    fn swaps_mirror_coordinates() {
        let swap = Gate::Swap.matrix(&[]);
        let fixed = [Gate::Cx, Gate::Swap, Gate::Iswap, Gate::Csx].map(|gate| gate.matrix(&[]));
        let random = (0..100).map(|seed| {
            let circuit = crate::library::random(2, 1 + seed as usize % 12, &mut crate::Stream::named(seed, "circuit"));
            circuit.unitary(&[]).expect("gates")
        });
        for matrix in random.chain(fixed) {
            let found = mirrored(&decompose(&matrix).coordinates);
            let product = decompose(&swap.times(&matrix));
            for (a, b) in found.iter().zip(product.coordinates) {
                assert!((a - b.abs()).abs() < 1e-9, "{found:?} {:?}", product.coordinates);
            }
            let counts = (product.cx_count(), product.rotation_count());
            assert_eq!((cx_count(&found), rotation_count(&found)), counts, "{found:?}");
        }
    }

    #[test]
    fn random_unitaries_are_restored() {
        for seed in 0..300 {
            let unitary = crate::library::random(2, 1 + seed as usize % 12, &mut crate::Stream::named(seed, "circuit"))
                .unitary(&[])
                .expect("gates");
            let count = decompose(&unitary).cx_count();
            check(&unitary, count);
        }
    }
}
