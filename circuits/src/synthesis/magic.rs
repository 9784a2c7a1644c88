//! Two-qubit unitaries taken apart in the magic basis, in numbers of fixed size.

use num_complex::Complex64;

/// A matrix on one qubit, row by row.
pub type One = [[Complex64; 2]; 2];
/// A matrix on two qubits, row by row; bit 0 of an index is the first qubit.
pub type Two = [[Complex64; 4]; 4];

/// One-qubit gates around what is diagonal in the magic basis, which together are a unitary, its phase included.
///
/// Columns of the basis, up to `sqrt 2`: `|00> + |11>`, `i (|01> + |10>)`, `|10> - |01>` with qubit 0 on the right, and `i (|00> - |11>)`.
/// Source: Kraus and Cirac, Phys. Rev. A 63, 062309 (2001); eigenvectors by the Jacobi angles of Cardoso and Souloumiac, SIAM J. Matrix Anal.
/// Appl. 17, 161 (1996), for real and imaginary part together, so that eigenvalues that coincide do no harm.
///
/// ```
/// use num_complex::Complex64;
/// use qloom_circuits::synthesis::magic::Magic;
/// let (o, i) = (Complex64::ZERO, Complex64::ONE);
/// let cx = [[i, o, o, o], [o, o, o, i], [o, o, i, o], [o, i, o, o]]; // qubit 0 controls
/// let parts = Magic::of(&cx);
/// assert!(parts.eigenvalues.iter().all(|value| (value.norm() - 1.0).abs() < 1e-15));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Magic {
    /// What acts first, on qubit 0 and on qubit 1; of determinant one.
    pub right: [One; 2],
    /// Eigenvalues of what acts between, by column of the basis; of modulus one.
    pub eigenvalues: [Complex64; 4],
    /// What acts last; of determinant one.
    pub left: [One; 2],
}

type Real = [[f64; 4]; 4];

/// Most rounds of rotations; four or five are enough.
const ROUNDS: usize = 30;

/// Squares of entries that are but rounding.
const NOTHING: f64 = 1e-31;

impl Magic {
    /// The parts of a unitary. One or two microseconds.
    pub fn of(unitary: &Two) -> Self {
        let up = to_basis(unitary);
        let mut square = [[Complex64::ZERO; 4]; 4];
        for row in 0..4 {
            for column in row..4 {
                for line in &up {
                    square[row][column] += line[row] * line[column];
                }
            }
        }
        let mut vectors = diagonalise(&mut square);
        if determinant(&vectors) < 0.0 {
            vectors.iter_mut().for_each(|row| row[0] = -row[0]);
        }
        let (mut eigenvalues, mut rotated, mut transposed) = ([Complex64::ONE; 4], [[0.0; 4]; 4], [[0.0; 4]; 4]);
        for column in 0..4 {
            let value = root(square[column][column]);
            eigenvalues[column] = value;
            for row in 0..4 {
                let mut sum = Complex64::ZERO;
                for k in 0..4 {
                    sum += up[row][k] * vectors[k][column];
                }
                rotated[row][column] = sum.re * value.re + sum.im * value.im;
                transposed[column][row] = vectors[row][column];
            }
        }
        if determinant(&rotated) < 0.0 {
            eigenvalues[0] = -eigenvalues[0];
            rotated.iter_mut().for_each(|row| row[0] = -row[0]);
        }
        Self { right: factors(&from_basis(&transposed)), eigenvalues, left: factors(&from_basis(&rotated)) }
    }
}

/// `B^dagger M B` for the basis `B`.
fn to_basis(matrix: &Two) -> Two {
    let mut wide = [[Complex64::ZERO; 4]; 4];
    for (to, y) in wide.iter_mut().zip(matrix) {
        *to = [y[0] + y[3], times_i(y[1] + y[2]), y[1] - y[2], times_i(y[0] - y[3])];
    }
    let mut found = [[Complex64::ZERO; 4]; 4];
    for column in 0..4 {
        let (a, b, c, d) = (wide[0][column], wide[1][column], wide[2][column], wide[3][column]);
        found[0][column] = 0.5 * (a + d);
        found[1][column] = -0.5 * times_i(b + c);
        found[2][column] = 0.5 * (b - c);
        found[3][column] = -0.5 * times_i(a - d);
    }
    found
}

/// `B M B^dagger` of a real matrix.
fn from_basis(matrix: &Real) -> Two {
    let mut wide = [[Complex64::ZERO; 4]; 4];
    for (to, &[a, b, c, d]) in wide.iter_mut().zip(matrix) {
        *to = [Complex64::new(a, -d), Complex64::new(c, -b), Complex64::new(-c, -b), Complex64::new(a, d)];
    }
    let mut found = [[Complex64::ZERO; 4]; 4];
    for column in 0..4 {
        let (a, b, c, d) = (wide[0][column], wide[1][column], wide[2][column], wide[3][column]);
        found[0][column] = 0.5 * (a + times_i(d));
        found[1][column] = 0.5 * (times_i(b) + c);
        found[2][column] = 0.5 * (times_i(b) - c);
        found[3][column] = 0.5 * (a - times_i(d));
    }
    found
}

/// Makes a symmetric matrix diagonal whose real and imaginary part commute; of it only what is not below the diagonal is read and
/// written. Gives the eigenvectors in columns.
fn diagonalise(matrix: &mut Two) -> Real {
    let mut vectors = [[0.0; 4]; 4];
    (0..4).for_each(|k| vectors[k][k] = 1.0);
    // A copy, which can be in registers.
    let mut own = *matrix;
    for _ in 0..ROUNDS {
        let first = turn(&mut own, &mut vectors, [0, 1, 2, 3]);
        let second = turn(&mut own, &mut vectors, [0, 2, 1, 3]);
        let third = turn(&mut own, &mut vectors, [0, 3, 1, 2]);
        // The next round's angles are of the order of their squares.
        if first.max(second).max(third) < 1e-9 {
            break;
        }
    }
    *matrix = own;
    vectors
}

/// Rotates the first two and the last two of the indices, so that the entries at both pairs are least; gives the larger sine.
#[inline(always)]
fn turn(matrix: &mut Two, vectors: &mut Real, [a, b, c, d]: [usize; 4]) -> f64 {
    // Neither of the two changes what the other depends on.
    let [first, second] = [angle(matrix, a, b), angle(matrix, c, d)];
    rotate(matrix, [(a, c), (b, c)], first);
    rotate(matrix, [(a, d), (b, d)], first);
    rotate(matrix, [(a, c), (a, d)], second);
    rotate(matrix, [(b, c), (b, d)], second);
    within(matrix, vectors, a, b, first);
    within(matrix, vectors, c, d, second);
    first.1.abs().max(second.1.abs())
}

/// Rotates two entries.
#[inline(always)]
fn rotate(matrix: &mut Two, [(i, j), (k, l)]: [(usize, usize); 2], (cosine, sine): (f64, f64)) {
    let ((i, j), (k, l)) = ((i.min(j), i.max(j)), (k.min(l), k.max(l)));
    let (x, y) = (matrix[i][j], matrix[k][l]);
    matrix[i][j] = cosine * x + sine * y;
    matrix[k][l] = cosine * y - sine * x;
}

/// Rotates the entries of two indices alone, and the vectors.
#[inline(always)]
fn within(matrix: &mut Two, vectors: &mut Real, p: usize, q: usize, (cosine, sine): (f64, f64)) {
    let (apart, beside) = (matrix[p][p] - matrix[q][q], matrix[p][q]);
    let change = 2.0 * cosine * sine * beside - sine * sine * apart;
    matrix[p][p] += change;
    matrix[q][q] -= change;
    matrix[p][q] = (1.0 - 2.0 * sine * sine) * beside - cosine * sine * apart;
    for row in vectors {
        (row[p], row[q]) = (cosine * row[p] + sine * row[q], cosine * row[q] - sine * row[p]);
    }
}

/// Cosine and sine of the rotation after which the entry at `p` and `q` is least.
#[inline(always)]
fn angle(matrix: &Two, p: usize, q: usize) -> (f64, f64) {
    let (apart, beside) = (matrix[p][p] - matrix[q][q], 2.0 * matrix[p][q]);
    let size = beside.norm_sqr();
    if size < NOTHING {
        return (1.0, 0.0);
    }
    let difference = apart.norm_sqr() - size;
    let mixed = 2.0 * (apart.re * beside.re + apart.im * beside.im);
    let length = (difference * difference + mixed * mixed).sqrt();
    // Two times halved: of the angle whose tangent is mixed over difference.
    let (cosine, sine) = if length == 0.0 { (1.0, 0.0) } else { half_angle(difference / length, mixed / length) };
    half_angle(cosine, sine)
}

/// Cosine and sine of half of an angle between minus and plus half a turn, of which cosine and sine are given; exact for small angles too.
///
/// ```
/// let (cosine, sine) = qloom_circuits::synthesis::magic::half_angle(0.0, 1.0);
/// assert!((cosine - 0.5f64.sqrt()).abs() < 1e-15 && (sine - 0.5f64.sqrt()).abs() < 1e-15);
/// ```
#[inline(always)]
pub fn half_angle(cosine: f64, sine: f64) -> (f64, f64) {
    if cosine > 0.0 {
        let found = (0.5 + 0.5 * cosine).sqrt();
        (found, 0.5 * sine / found)
    } else {
        let found = (0.5 - 0.5 * cosine).sqrt().copysign(sine);
        (0.5 * sine / found, found)
    }
}

/// The square root of `z / |z|`.
fn root(z: Complex64) -> Complex64 {
    let norm = z.norm_sqr().sqrt();
    let (re, im) = half_angle(z.re / norm, z.im / norm);
    Complex64::new(re, im)
}

fn determinant(m: &Real) -> f64 {
    let low = |a: usize, b: usize| m[0][a] * m[1][b] - m[0][b] * m[1][a];
    let high = |a: usize, b: usize| m[2][a] * m[3][b] - m[2][b] * m[3][a];
    low(0, 1) * high(2, 3) - low(0, 2) * high(1, 3) + low(0, 3) * high(1, 2) + low(1, 2) * high(0, 3) - low(1, 3) * high(0, 2)
        + low(2, 3) * high(0, 1)
}

/// The factors of a product of gates of determinant one on qubit 0 and on qubit 1.
fn factors(product: &Two) -> [One; 2] {
    let part = |row: usize, column: usize| {
        let (first, second) = (&product[2 * row], &product[2 * row + 1]);
        [first[2 * column], first[2 * column + 1], second[2 * column], second[2 * column + 1]]
    };
    // Of the second gate one of the two entries of a row is large.
    let [first, second] = [part(0, 0), part(0, 1)];
    let size = |[a, b, ..]: [Complex64; 4]| a.norm_sqr() + b.norm_sqr();
    let [a, b, c, d] = if size(first) >= size(second) { first } else { second };
    let determinant = a * d - b * c;
    let factor = root(determinant).conj() / determinant.norm_sqr().sqrt().sqrt();
    let low = [[a * factor, b * factor], [c * factor, d * factor]];
    let mut high = [[Complex64::ZERO; 2]; 2];
    for (row, entries) in high.iter_mut().enumerate() {
        for (column, entry) in entries.iter_mut().enumerate() {
            let [a, b, c, d] = part(row, column);
            *entry = 0.5 * (low[0][0].conj() * a + low[0][1].conj() * b + low[1][0].conj() * c + low[1][1].conj() * d);
        }
    }
    [low, high]
}

fn times_i(z: Complex64) -> Complex64 {
    Complex64::new(-z.im, z.re)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Gate;
    use crate::matrix::Matrix;

    fn matrix(rows: &One) -> Matrix {
        Matrix::from_slice(rows.as_flattened())
    }

    /// The parts multiplied, in the plain way.
    fn product(parts: &Magic) -> Matrix {
        let (o, r, i) = (Complex64::ZERO, Complex64::new(0.5f64.sqrt(), 0.0), Complex64::new(0.0, 0.5f64.sqrt()));
        let basis = Matrix::from_slice(&[r, o, o, i, o, i, r, o, o, i, -r, o, r, o, o, -i]);
        let mut between = Matrix::zero(2);
        (0..4).for_each(|k| between[(k, k)] = parts.eigenvalues[k]);
        let both = |[first, second]: &[One; 2]| matrix(second).kronecker(&matrix(first));
        both(&parts.left).times(&basis).times(&between).times(&basis.adjoint()).times(&both(&parts.right))
    }

    fn check(unitary: &Matrix) {
        let rows = [0, 1, 2, 3].map(|row| [0, 1, 2, 3].map(|column| unitary[(row, column)]));
        let parts = Magic::of(&rows);
        let error = product(&parts).distance(unitary);
        assert!(error < 1e-14, "{error}");
        for gate in parts.left.iter().chain(&parts.right) {
            assert!(matrix(gate).times(&matrix(gate).adjoint()).distance(&Matrix::identity(1)) < 1e-14);
        }
    }

    #[test]
    fn the_parts_make_the_unitary() {
        let angle = |k: usize| 0.1 + 1.7 * ((k * k * 7 + 3 * k) as f64).sin();
        let local = |k: usize| {
            let gate = |k: usize| Gate::U.matrix(&[angle(k), angle(k + 1), angle(k + 2)]);
            gate(k).kronecker(&gate(k + 50))
        };
        let gates = [Gate::Cx, Gate::Cz, Gate::Iswap, Gate::Swap, Gate::Dcx, Gate::Ecr, Gate::Csx, Gate::Ch];
        let mut cores: Vec<Matrix> = gates.iter().map(|gate| gate.matrix(&[])).collect();
        cores.push(Matrix::identity(2));
        cores.push(Matrix::identity(2).scaled(Complex64::cis(0.7)));
        for tiny in [1e-18, 1e-16, 1e-12, 1e-9, 1e-8, 1e-5, 1e-3] {
            cores.extend([Gate::Rxx, Gate::Rzz].map(|gate| gate.matrix(&[tiny])));
            cores.push(Gate::Swap.matrix(&[]).times(&Gate::Ryy.matrix(&[tiny])));
        }
        for (k, core) in cores.iter().enumerate() {
            check(core);
            check(&local(k).times(core));
            check(&core.times(&local(k + 7)));
            check(&local(k + 1).times(core).times(&local(k + 2)));
        }
        for k in 0..200 {
            let turns =
                Gate::Rxx.matrix(&[angle(k)]).times(&Gate::Ryy.matrix(&[angle(k + 3)])).times(&Gate::Rzz.matrix(&[angle(k + 5)]));
            check(&local(k).times(&turns).times(&local(k + 9)).scaled(Complex64::cis(angle(k))));
        }
    }
}
