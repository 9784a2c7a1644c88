//! The operations of a tape.

use std::mem::take;

use super::binary::Binary;
use super::map::Map;
use super::{BinaryRow, Op, Span, Tape, Var};
use crate::Scalar;
use crate::product::Factor;

impl<T: Scalar> Tape<'_, T> {
    /// The matrix product.
    #[track_caller]
    pub fn matmul(&mut self, left: Var, right: Var) -> Var {
        let (from, to) = (self.shape(left), self.shape(right));
        assert!(from.1 == to.0, "a product of matrices of shapes {from:?} and {to:?}");
        self.push(Op::Product(left, right), (from.0, to.1), self.tracked(&[left, right]), |inputs, out| {
            T::add_product(out, Factor::new(inputs.value(left), from), Factor::new(inputs.value(right), to));
        })
    }

    /// The product of almost empty rows with a matrix: the sum of the rows of `weights` that the ones stand for, and
    /// `last` times its final row.
    ///
    /// Costs as many additions of rows as there are ones, where a dense product would cost the number of rows.
    ///
    /// # Panics
    ///
    /// When a one stands beyond the rows of `weights`.
    #[track_caller]
    pub fn sparse_matmul<'r>(&mut self, rows: impl IntoIterator<Item = BinaryRow<'r, T>>, weights: Var) -> Var {
        let (inputs, width) = self.shape(weights);
        let first = self.workspace.sparse_rows.len();
        for row in rows {
            assert!(row.ones.iter().all(|&one| (one as usize) < inputs), "a one beyond the {inputs} rows of the weights");
            let span = Span { start: self.workspace.lists.len(), len: row.ones.len() };
            self.workspace.lists.extend_from_slice(row.ones);
            self.workspace.sparse_rows.push((span, row.last));
        }
        let span = Span { start: first, len: self.workspace.sparse_rows.len() - first };
        assert!(inputs > 0 || span.len == 0, "the weights have no rows");
        let (lists, sparse_rows) = (take(&mut self.workspace.lists), take(&mut self.workspace.sparse_rows));
        let op = Op::SparseProduct(span, weights);
        let var = self.push(op, (span.len, width), self.tracked(&[weights]), |values, out| {
            let weights = values.value(weights);
            for (out, &(ones, last)) in out.chunks_mut(width.max(1)).zip(&sparse_rows[span.range()]) {
                if last != T::zero() {
                    add_scaled(out, &weights[(inputs - 1) * width..], last);
                }
                for &one in &lists[ones.range()] {
                    add(out, &weights[one as usize * width..][..width]);
                }
            }
        });
        (self.workspace.lists, self.workspace.sparse_rows) = (lists, sparse_rows);
        var
    }

    /// Adds a row to each row of a matrix.
    #[track_caller]
    pub fn add_bias(&mut self, matrix: Var, bias: Var) -> Var {
        let (shape, row) = (self.shape(matrix), self.shape(bias));
        assert!(row == (1, shape.1), "a bias of shape {row:?} on a matrix of shape {shape:?}");
        self.push(Op::AddBias(matrix, bias), shape, self.tracked(&[matrix, bias]), |inputs, out| {
            out.copy_from_slice(inputs.value(matrix));
            out.chunks_mut(shape.1.max(1)).for_each(|row| add(row, inputs.value(bias)));
        })
    }

    /// The sum of two matrices of one shape.
    #[track_caller]
    pub fn add(&mut self, left: Var, right: Var) -> Var {
        self.binary(Binary::Add, left, right)
    }

    /// The difference of two matrices of one shape.
    #[track_caller]
    pub fn sub(&mut self, left: Var, right: Var) -> Var {
        self.binary(Binary::Sub, left, right)
    }

    /// The product of two matrices of one shape, entry by entry.
    #[track_caller]
    pub fn mul(&mut self, left: Var, right: Var) -> Var {
        self.binary(Binary::Mul, left, right)
    }

    /// The smaller of each pair of entries of two matrices of one shape; where they are equal, half of the gradient goes to each.
    #[track_caller]
    pub fn minimum(&mut self, left: Var, right: Var) -> Var {
        self.binary(Binary::Minimum, left, right)
    }

    /// Binary cross-entropy of each probability with its label in [0, 1]; no gradient for labels.
    #[track_caller]
    pub(crate) fn cross_entropy_of_probabilities(&mut self, probabilities: Var, labels: Var) -> Var {
        self.binary(Binary::CrossEntropy, probabilities, labels)
    }

    #[track_caller]
    fn binary(&mut self, function: Binary, left: Var, right: Var) -> Var {
        let (shape, other) = (self.shape(left), self.shape(right));
        assert!(shape == other, "matrices of shapes {shape:?} and {other:?} where one shape is needed");
        self.push(Op::Binary(function, left, right), shape, self.tracked(&[left, right]), |inputs, out| {
            function.forward(inputs.value(left), inputs.value(right), out);
        })
    }

    fn map(&mut self, function: Map<T>, input: Var) -> Var {
        self.push(Op::Map(function, input), self.shape(input), self.tracked(&[input]), |inputs, out| {
            function.forward(inputs.value(input), out);
        })
    }

    /// The matrix times a number.
    pub fn scale(&mut self, input: Var, factor: T) -> Var {
        self.map(Map::Scale(factor), input)
    }

    /// 1 / (1 + exp(-x)) of each entry.
    pub fn sigmoid(&mut self, input: Var) -> Var {
        self.map(Map::Sigmoid, input)
    }

    /// The hyperbolic tangent of each entry.
    pub fn tanh(&mut self, input: Var) -> Var {
        self.map(Map::Tanh, input)
    }

    /// Each entry where it is positive, otherwise 0; the slope at 0 is 0.
    pub fn relu(&mut self, input: Var) -> Var {
        self.map(Map::LeakyRelu(T::zero()), input)
    }

    /// Each entry where it is positive, otherwise `slope` times it; the slope at 0 is `slope`.
    pub fn leaky_relu(&mut self, input: Var, slope: T) -> Var {
        self.map(Map::LeakyRelu(slope), input)
    }

    /// The square of each entry.
    pub fn square(&mut self, input: Var) -> Var {
        self.map(Map::Square, input)
    }

    /// ln(1 + exp(x)) of each entry.
    pub fn softplus(&mut self, input: Var) -> Var {
        self.map(Map::Softplus, input)
    }

    /// The exponential of each entry.
    pub fn exp(&mut self, input: Var) -> Var {
        self.map(Map::Exp, input)
    }

    /// Each entry, but at least `low` and at most `high`; the slope is 1 from bound to bound, 0 outside.
    ///
    /// # Panics
    ///
    /// Unless `low` is at most `high`.
    #[track_caller]
    pub fn clamp(&mut self, input: Var, low: T, high: T) -> Var {
        assert!(low <= high, "bounds {low:?} and {high:?}, but the first has to be at most the second");
        self.map(Map::Clamp(low, high), input)
    }

    /// x^2 / (2 beta) of each entry of size below `beta`, otherwise its size minus beta / 2.
    ///
    /// # Panics
    ///
    /// When `beta` is not positive.
    #[track_caller]
    pub fn huber(&mut self, input: Var, beta: T) -> Var {
        assert!(beta > T::zero(), "beta is {beta:?}, but it has to be positive");
        self.map(Map::Huber(beta), input)
    }

    /// Exponentials of each row, divided by their sum.
    pub fn softmax(&mut self, input: Var) -> Var {
        let shape = self.shape(input);
        self.push(Op::Softmax(input), shape, self.tracked(&[input]), |inputs, out| {
            for (out, row) in out.chunks_mut(shape.1.max(1)).zip(inputs.value(input).chunks(shape.1.max(1))) {
                let largest = row.iter().fold(T::neg_infinity(), |largest, x| largest.max(*x));
                out.iter_mut().zip(row).for_each(|(y, x)| *y = (*x - largest).exp());
                let total = out.iter().fold(T::zero(), |sum, y| sum + *y);
                out.iter_mut().for_each(|y| *y = *y / total);
            }
        })
    }

    /// The logarithm of [`softmax`](Self::softmax).
    pub fn log_softmax(&mut self, input: Var) -> Var {
        let shape = self.shape(input);
        self.push(Op::LogSoftmax(input), shape, self.tracked(&[input]), |inputs, out| {
            for (out, row) in out.chunks_mut(shape.1.max(1)).zip(inputs.value(input).chunks(shape.1.max(1))) {
                let largest = row.iter().fold(T::neg_infinity(), |largest, x| largest.max(*x));
                let total = row.iter().fold(T::zero(), |sum, x| sum + (*x - largest).exp()).ln();
                out.iter_mut().zip(row).for_each(|(y, x)| *y = *x - largest - total);
            }
        })
    }

    /// Matrices of as many rows side by side, in the order given.
    ///
    /// # Panics
    ///
    /// When there are none, or their numbers of rows differ.
    #[track_caller]
    pub fn concat_columns(&mut self, parts: &[Var]) -> Var {
        assert!(!parts.is_empty(), "no matrices to put side by side");
        let rows = self.shape(parts[0]).0;
        assert!(parts.iter().all(|&part| self.shape(part).0 == rows), "matrices side by side need the same number of rows");
        let columns: usize = parts.iter().map(|&part| self.shape(part).1).sum();
        let span = Span { start: self.workspace.lists.len(), len: parts.len() };
        self.workspace.lists.extend(parts.iter().map(|part| part.0));
        self.push(Op::ConcatColumns(span), (rows, columns), self.tracked(parts), |inputs, out| {
            let mut start = 0;
            for &part in parts {
                let width = inputs.shape(part).1;
                if width > 0 {
                    for (out, row) in out.chunks_mut(columns).zip(inputs.value(part).chunks(width)) {
                        out[start..start + width].copy_from_slice(row);
                    }
                }
                start += width;
            }
        })
    }

    /// `count` columns from column `start` on.
    #[track_caller]
    pub fn slice_columns(&mut self, input: Var, start: usize, count: usize) -> Var {
        let (rows, columns) = self.shape(input);
        assert!(count > 0 && start + count <= columns, "columns {start} to {} of {columns}", start + count);
        self.push(Op::SliceColumns(input, start), (rows, count), self.tracked(&[input]), |inputs, out| {
            for (out, row) in out.chunks_mut(count).zip(inputs.value(input).chunks(columns)) {
                out.copy_from_slice(&row[start..start + count]);
            }
        })
    }

    /// One entry of each row, at the column given for it: the values of chosen actions, for example.
    ///
    /// The result has one column.
    #[track_caller]
    pub fn gather_columns(&mut self, input: Var, columns: impl IntoIterator<Item = usize>) -> Var {
        let (rows, width) = self.shape(input);
        let start = self.workspace.lists.len();
        self.workspace.lists.extend(columns.into_iter().map(|column| {
            assert!(column < width, "column {column} of {width}");
            column as u32
        }));
        let span = Span { start, len: self.workspace.lists.len() - start };
        assert!(span.len == rows, "{} columns for {rows} rows", span.len);
        let lists = take(&mut self.workspace.lists);
        let var = self.push(Op::GatherColumns(input, span), (rows, 1), self.tracked(&[input]), |inputs, out| {
            for ((out, row), &column) in out.iter_mut().zip(inputs.value(input).chunks(width)).zip(&lists[span.range()]) {
                *out = row[column as usize];
            }
        });
        self.workspace.lists = lists;
        var
    }

    /// The sum of all entries, a matrix of one entry.
    pub fn sum(&mut self, input: Var) -> Var {
        self.push(Op::Sum(input), (1, 1), self.tracked(&[input]), |inputs, out| {
            out[0] = inputs.value(input).iter().fold(T::zero(), |sum, x| sum + *x);
        })
    }

    /// The mean of all entries, a matrix of one entry.
    pub fn mean(&mut self, input: Var) -> Var {
        let count = self.value(input).len();
        let sum = self.sum(input);
        self.scale(sum, T::from_f64(1.0 / count as f64))
    }
}

pub(super) fn add<T: Scalar>(out: &mut [T], row: &[T]) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out = *out + *x);
}

pub(super) fn add_scaled<T: Scalar>(out: &mut [T], row: &[T], factor: T) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out = *out + factor * *x);
}
