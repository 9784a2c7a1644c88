//! Matrix products, by the linear-algebra library.

use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Products of fewer multiplications stay on one thread: threads would cost more than they bring.
const SINGLE_THREADED: usize = 1 << 26;

/// Rows of the result that one thread computes at a time. The blocks are the same whatever the number of
/// threads, and no sum is split, so that no number depends on how many threads there are.
const BLOCK: usize = 128;

/// A matrix in row-major order, or its transpose.
#[derive(Clone, Copy)]
pub struct Factor<'a, T> {
    numbers: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T> Factor<'a, T> {
    /// The matrix itself.
    pub(crate) fn new(numbers: &'a [T], (rows, columns): (usize, usize)) -> Self {
        Self { numbers, rows, columns, transposed: false }
    }

    /// Its transpose.
    pub(crate) fn transpose(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    fn view(&self) -> MatRef<'a, T> {
        let view = MatRef::from_row_major_slice(self.numbers, self.rows, self.columns);
        if self.transposed { view.transpose() } else { view }
    }
}

/// Adds the product to `out`, which is in row-major order.
pub(crate) fn multiply<T: ComplexField + Send + Sync>(out: &mut [T], left: Factor<'_, T>, right: Factor<'_, T>) {
    let (left, right) = (left.view(), right.view());
    let (rows, columns) = (left.nrows(), right.ncols());
    if out.is_empty() || left.ncols() == 0 {
        return;
    }
    let block = if rows * columns * left.ncols() < SINGLE_THREADED { rows } else { BLOCK };
    let part = |(index, out): (usize, &mut [T])| {
        let rows = out.len() / columns;
        let out = MatMut::from_row_major_slice_mut(out, rows, columns);
        matmul(out, Accum::Add, left.subrows(index * block, rows), right, T::one_impl(), Par::Seq);
    };
    if block == rows {
        part((0, out));
    } else {
        out.par_chunks_mut(block * columns).enumerate().for_each(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, frequency: f32) -> Vec<f32> {
        (0..count).map(|i| (i as f32 * frequency).sin()).collect()
    }

    #[test]
    fn products_equal_triple_loops() {
        for (rows, inner, columns) in [(1, 1, 1), (3, 4, 5), (130, 7, 2), (2, 0, 3), (64, 64, 24)] {
            let (a, b) = (numbers(rows * inner, 0.37), numbers(inner * columns, 0.11));
            let transpose = |x: &[f32], rows: usize, columns: usize| -> Vec<f32> {
                (0..rows * columns).map(|i| x[i % rows * columns + i / rows]).collect()
            };
            let (a_t, b_t) = (transpose(&a, rows, inner), transpose(&b, inner, columns));
            let lefts = [Factor::new(&a, (rows, inner)), Factor::new(&a_t, (inner, rows)).transpose()];
            let rights = [Factor::new(&b, (inner, columns)), Factor::new(&b_t, (columns, inner)).transpose()];
            for left in lefts {
                for right in rights {
                    let mut out = vec![0.5; rows * columns];
                    multiply(&mut out, left, right);
                    for i in 0..rows {
                        for j in 0..columns {
                            let sum: f32 = (0..inner).map(|k| a[i * inner + k] * b[k * columns + j]).sum();
                            assert!((out[i * columns + j] - 0.5 - sum).abs() < 1e-4);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn large_products_do_not_depend_on_threads() {
        let (rows, inner, columns) = (500, 400, 400);
        const { assert!(500 * 400 * 400 > SINGLE_THREADED) };
        let (a, b) = (numbers(rows * inner, 0.37), numbers(inner * columns, 0.11));
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let mut out = vec![0.0; rows * columns];
            pool.install(|| multiply(&mut out, Factor::new(&a, (rows, inner)), Factor::new(&b, (inner, columns))));
            out
        };
        let one = run(1);
        let exact: f64 = (0..inner).map(|k| f64::from(a[499 * inner + k]) * f64::from(b[k * columns + 399])).sum();
        assert!((f64::from(one[rows * columns - 1]) - exact).abs() < 1e-3);
        assert_eq!(one, run(2));
        assert_eq!(one, run(5));
    }
}
