//! Complex matrices as products, column by column.

use num_complex::Complex64;

/// A matrix by its columns.
pub(super) type Columns = Vec<Vec<Complex64>>;

/// Parts of a column so much smaller than the column are rounding.
const ROUNDING: f64 = 1e-14;
/// Turns through all pairs of columns at most.
const ROUNDS: usize = 60;

fn dot(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    a.iter().zip(b).map(|(a, b)| a.conj() * b).sum()
}

fn square(a: &[Complex64]) -> f64 {
    a.iter().map(Complex64::norm_sqr).sum()
}

/// `A = Q R` with orthonormal columns of `Q`, as many as `A` has directions, and the rows of `R`.
pub(super) fn orthonormal(columns: Columns) -> (Columns, Columns) {
    let count = columns.len();
    let (mut basis, mut rows): (Columns, Columns) = (Vec::new(), Vec::new());
    let largest = columns.iter().map(|column| square(column)).fold(0.0, f64::max).sqrt();
    for (place, mut column) in columns.into_iter().enumerate() {
        // twice, against rounding
        for _ in 0..2 {
            for (direction, row) in basis.iter().zip(&mut rows) {
                let part = dot(direction, &column);
                row[place] += part;
                column.iter_mut().zip(direction).for_each(|(entry, other)| *entry -= part * other);
            }
        }
        let norm = square(&column).sqrt();
        if norm > ROUNDING * largest {
            column.iter_mut().for_each(|entry| *entry /= norm);
            basis.push(column);
            let mut row = vec![Complex64::ZERO; count];
            row[place] = norm.into();
            rows.push(row);
        }
    }
    (basis, rows)
}

/// `A = U S V+`: columns of `U`, singular values from the largest, columns of `V`.
///
/// Columns are turned in pairs until all are orthogonal, which finds small singular values to the precision of the large ones.
/// Source: M. R. Hestenes, J. SIAM 6, 51 (1958).
pub(super) fn singular(columns: Columns) -> (Columns, Vec<f64>, Columns) {
    // first to a small square: directions of the columns, then of the rows
    let (outer, rows) = orthonormal(columns);
    let size = outer.len();
    let width = rows.first().map_or(0, Vec::len);
    // R+ by its columns is the conjugate of R by its rows
    let conjugate = |list: &Columns| -> Columns { list.iter().map(|row| row.iter().map(Complex64::conj).collect()).collect() };
    let mut turned = conjugate(&rows);
    let mut turns: Columns =
        (0..size).map(|k| (0..size).map(|j| Complex64::from(f64::from(u8::from(j == k)))).collect()).collect();
    for _ in 0..ROUNDS {
        let mut still = true;
        for first in 0..size {
            for second in first + 1..size {
                still &= !turn(&mut turned, &mut turns, first, second);
            }
        }
        if still {
            break;
        }
    }
    // R+ W = B with orthogonal columns, so that R = W B+ and A = (Q W) B+
    let mut order: Vec<(f64, usize)> =
        turned.iter().map(|column| square(column).sqrt()).enumerate().map(|(k, s)| (s, k)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let height = outer.first().map_or(0, Vec::len);
    let mut left = Vec::with_capacity(size);
    let mut right = Vec::with_capacity(size);
    let mut values = Vec::with_capacity(size);
    for (value, k) in order {
        let mut column = vec![Complex64::ZERO; height];
        for (direction, factor) in outer.iter().zip(&turns[k]) {
            column.iter_mut().zip(direction).for_each(|(entry, other)| *entry += factor * other);
        }
        left.push(column);
        let scale = if value > 0.0 { 1.0 / value } else { 0.0 };
        right.push(turned[k].iter().map(|entry| entry * scale).collect());
        debug_assert_eq!(turned[k].len(), width);
        values.push(value);
    }
    (left, values, right)
}

/// Turns two columns, and what is kept of all turns, so that they become orthogonal; tells whether they were not.
fn turn(columns: &mut Columns, turns: &mut Columns, first: usize, second: usize) -> bool {
    let (a, b) = (square(&columns[first]), square(&columns[second]));
    let overlap = dot(&columns[first], &columns[second]);
    let size = overlap.norm();
    if size <= 1e-15 * (a * b).sqrt() || size == 0.0 {
        return false;
    }
    let zeta = (b - a) / (2.0 * size);
    let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = cosine * tangent;
    let phase = overlap / size;
    for list in [columns, turns] {
        let (before, after) = list.split_at_mut(second);
        for (one, other) in before[first].iter_mut().zip(&mut after[0]) {
            let moved = *other * phase.conj();
            (*one, *other) = (*one * cosine - moved * sine, *one * sine + moved * cosine);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Stream;

    use super::*;

    fn drawn(rows: usize, columns: usize, rank: usize, stream: &mut Stream) -> Columns {
        let mut vector =
            |length: usize| -> Vec<Complex64> { (0..length).map(|_| Complex64::new(stream.normal(), stream.normal())).collect() };
        let parts: Vec<(Vec<Complex64>, Vec<Complex64>)> = (0..rank).map(|_| (vector(rows), vector(columns))).collect();
        let entry = |row: usize, column: usize| {
            parts.iter().enumerate().map(|(k, (a, b))| a[row] * b[column] * 0.1f64.powi(k as i32)).sum()
        };
        (0..columns).map(|column| (0..rows).map(|row| entry(row, column)).collect()).collect()
    }

    #[test]
    fn factors_multiply_to_the_matrix_and_are_orthonormal() {
        let mut stream = Stream::named(5, "matrix");
        for (rows, columns, rank) in [(1, 1, 1), (4, 4, 4), (8, 3, 3), (3, 8, 3), (12, 12, 5), (6, 6, 1)] {
            let matrix = drawn(rows, columns, rank, &mut stream);
            let (left, values, right) = singular(matrix.clone());
            assert_eq!(values.iter().filter(|value| **value > 1e-11).count(), rank);
            assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
            for row in 0..rows {
                for column in 0..columns {
                    let product: Complex64 = (0..values.len()).map(|k| left[k][row] * values[k] * right[k][column].conj()).sum();
                    assert!((product - matrix[column][row]).norm() < 1e-12);
                }
            }
            for list in [&left, &right] {
                for (j, a) in list.iter().enumerate().take(rank) {
                    for (k, b) in list.iter().enumerate().take(rank) {
                        assert!((dot(a, b) - f64::from(u8::from(j == k))).norm() < 1e-10);
                    }
                }
            }
            let (basis, triangle) = orthonormal(matrix.clone());
            assert_eq!((basis.len(), triangle.len()), (rank, rank));
        }
        assert!(singular(vec![vec![Complex64::ZERO; 3]; 2]).1.is_empty());
    }
}
