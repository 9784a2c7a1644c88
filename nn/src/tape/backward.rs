//! The backward pass.

use super::forward::{add, add_scaled};
use super::{Inputs, Node, Op, Operation, Span, Tape, Var, Workspace};
use crate::parameters::{Gradients, Parameters};
use crate::product::Factor;
use crate::{NnError, Scalar};

impl<T: Scalar> Tape<'_, T> {
    /// Adds the gradient of a matrix of one entry, with respect to all parameters, to `gradients`.
    ///
    /// [`gradient`](Self::gradient) then tells those with respect to all else. A second call on one tape begins
    /// with zeros there, but adds to `gradients`.
    ///
    /// # Errors
    ///
    /// [`NnError::Operation`] when an operation defined outside this crate fails.
    ///
    /// # Panics
    ///
    /// When the matrix has not one entry, or `gradients` are those of other parameters.
    #[track_caller]
    pub fn backward(&mut self, of: Var, gradients: &mut Gradients<T>) -> Result<(), NnError> {
        assert!(self.shape(of) == (1, 1), "the gradient of a matrix of shape {:?}, not of a number", self.shape(of));
        assert!(
            gradients.values().len() == self.parameters.values().len(),
            "{} gradients for {} parameters",
            gradients.values().len(),
            self.parameters.values().len()
        );
        let Workspace { nodes, values, cotangents, lists, sparse_rows, scratch } = &mut *self.workspace;
        cotangents.clear();
        cotangents.resize(values.len(), T::zero());
        if matches!(nodes[of.0 as usize].op, Op::Parameter(_)) {
            let mut sink = Sink { parameters: self.parameters, nodes, values, earlier: cotangents, gradients };
            sink.with(of, |gradient| gradient[0] = gradient[0] + T::one());
            return Ok(());
        }
        cotangents[nodes[of.0 as usize].start] = T::one();
        for node in nodes[..=of.0 as usize].iter().rev().filter(|node| node.tracked && !node.is_leaf()) {
            let (earlier, rest) = cotangents.split_at_mut(node.start);
            let upstream = &rest[..node.len()];
            let mut sink = Sink { parameters: self.parameters, nodes, values, earlier, gradients };
            match node.op {
                Op::SparseProduct(rows, weights) => {
                    let (inputs, width) = sink.shape(weights);
                    sink.with(weights, |gradient| {
                        for (up, &(ones, last)) in upstream.chunks(width.max(1)).zip(&sparse_rows[rows.range()]) {
                            if last != T::zero() {
                                add_scaled(&mut gradient[(inputs - 1) * width..], up, last);
                            }
                            for &one in &lists[ones.range()] {
                                add(&mut gradient[one as usize * width..][..width], up);
                            }
                        }
                    });
                }
                Op::GatherColumns(input, columns) => {
                    let width = sink.shape(input).1;
                    sink.with(input, |gradient| {
                        for ((row, up), &column) in gradient.chunks_mut(width).zip(upstream).zip(&lists[columns.range()]) {
                            row[column as usize] = row[column as usize] + *up;
                        }
                    });
                }
                Op::ConcatColumns(parts) => concat(&mut sink, upstream, node.columns, &lists[parts.range()]),
                Op::Custom(number, parts) => custom(&mut sink, self.custom[number], node, upstream, (lists, parts), scratch)?,
                Op::Constant
                | Op::Variable
                | Op::Parameter(_)
                | Op::Product(..)
                | Op::AddBias(..)
                | Op::Binary(..)
                | Op::Map(..)
                | Op::Softmax(_)
                | Op::LogSoftmax(_)
                | Op::SliceColumns(..)
                | Op::Sum(_) => plain(&mut sink, node, upstream),
            }
        }
        Ok(())
    }
}

/// Where the products of cotangents with Jacobians are added.
struct Sink<'w, 'c, T> {
    parameters: &'w Parameters<T>,
    nodes: &'w [Node<T>],
    values: &'w [T],
    earlier: &'c mut [T],
    gradients: &'c mut Gradients<T>,
}

impl<'w, T: Scalar> Sink<'w, '_, T> {
    fn inputs(&self) -> Inputs<'w, T> {
        Inputs { parameters: self.parameters, nodes: self.nodes, values: self.values }
    }

    fn value(&self, var: Var) -> &'w [T] {
        self.inputs().value(var)
    }

    fn shape(&self, var: Var) -> (usize, usize) {
        self.inputs().shape(var)
    }

    /// Calls `add` with the gradient with respect to a node, if one is wanted.
    fn with(&mut self, var: Var, add: impl FnOnce(&mut [T])) {
        let node = &self.nodes[var.0 as usize];
        if let Op::Parameter(id) = node.op {
            add(&mut self.gradients.values_mut()[self.parameters.entry(id).range()]);
        } else if node.tracked {
            add(&mut self.earlier[node.range()]);
        }
    }
}

/// The backward pass of operations that need nothing but matrices.
fn plain<T: Scalar>(sink: &mut Sink<'_, '_, T>, node: &Node<T>, upstream: &[T]) {
    let width = node.columns.max(1);
    match node.op {
        Op::Product(left, right) => {
            let up = Factor::new(upstream, (node.rows, node.columns));
            let a = Factor::new(sink.value(left), sink.shape(left));
            let b = Factor::new(sink.value(right), sink.shape(right));
            sink.with(left, |gradient| T::add_product(gradient, up, b.transpose()));
            sink.with(right, |gradient| T::add_product(gradient, a.transpose(), up));
        }
        Op::AddBias(matrix, bias) => {
            sink.with(matrix, |gradient| add(gradient, upstream));
            sink.with(bias, |gradient| upstream.chunks(width).for_each(|up| add(gradient, up)));
        }
        Op::Binary(function, left, right) => {
            let (a, b) = (sink.value(left), sink.value(right));
            sink.with(left, |gradient| function.backward_left(a, b, upstream, gradient));
            sink.with(right, |gradient| function.backward_right(a, b, upstream, gradient));
        }
        Op::Map(function, input) => {
            let (x, y) = (sink.value(input), &sink.values[node.range()]);
            sink.with(input, |gradient| function.backward(x, y, upstream, gradient));
        }
        Op::Softmax(input) => {
            let values = &sink.values[node.range()];
            sink.with(input, |gradient| {
                for ((row, y), up) in gradient.chunks_mut(width).zip(values.chunks(width)).zip(upstream.chunks(width)) {
                    let mean = y.iter().zip(up).fold(T::zero(), |sum, (y, up)| sum + *y * *up);
                    row.iter_mut().zip(y.iter().zip(up)).for_each(|(g, (y, up))| *g = *g + *y * (*up - mean));
                }
            });
        }
        Op::LogSoftmax(input) => {
            let values = &sink.values[node.range()];
            sink.with(input, |gradient| {
                for ((row, y), up) in gradient.chunks_mut(width).zip(values.chunks(width)).zip(upstream.chunks(width)) {
                    let total = up.iter().fold(T::zero(), |sum, up| sum + *up);
                    row.iter_mut().zip(y.iter().zip(up)).for_each(|(g, (y, up))| *g = *g + *up - y.exp() * total);
                }
            });
        }
        Op::SliceColumns(input, start) => {
            let columns = sink.shape(input).1;
            sink.with(input, |gradient| {
                for (row, up) in gradient.chunks_mut(columns).zip(upstream.chunks(width)) {
                    add(&mut row[start..start + node.columns], up);
                }
            });
        }
        Op::Sum(input) => sink.with(input, |gradient| gradient.iter_mut().for_each(|g| *g = *g + upstream[0])),
        Op::Constant
        | Op::Variable
        | Op::Parameter(_)
        | Op::SparseProduct(..)
        | Op::ConcatColumns(_)
        | Op::GatherColumns(..)
        | Op::Custom(..) => {}
    }
}

fn concat<T: Scalar>(sink: &mut Sink<'_, '_, T>, upstream: &[T], columns: usize, parts: &[u32]) {
    let mut start = 0;
    for &part in parts {
        let width = sink.shape(Var(part)).1;
        if width > 0 {
            sink.with(Var(part), |gradient| {
                for (row, up) in gradient.chunks_mut(width).zip(upstream.chunks(columns)) {
                    add(row, &up[start..start + width]);
                }
            });
        }
        start += width;
    }
}

fn custom<T: Scalar>(
    sink: &mut Sink<'_, '_, T>,
    operation: &dyn Operation<T>,
    node: &Node<T>,
    upstream: &[T],
    (lists, parts): (&[u32], Span),
    scratch: &mut Vec<T>,
) -> Result<(), NnError> {
    let vars = || lists[parts.range()].iter().map(|&part| Var(part));
    let inputs: Vec<_> = vars().map(|var| (sink.value(var), sink.shape(var))).collect();
    let total = inputs.iter().map(|(numbers, _)| numbers.len()).sum();
    scratch.clear();
    scratch.resize(total, T::zero());
    let mut rest = &mut scratch[..];
    let mut gradients: Vec<Option<&mut [T]>> = Vec::with_capacity(inputs.len());
    for (var, (numbers, _)) in vars().zip(&inputs) {
        let (first, after) = rest.split_at_mut(numbers.len());
        rest = after;
        gradients.push(sink.nodes[var.0 as usize].tracked.then_some(first));
    }
    operation
        .backward(&inputs, &sink.values[node.range()], upstream, &mut gradients)
        .map_err(|source| NnError::Operation { name: operation.name(), source })?;
    for (var, found) in vars().zip(gradients) {
        if let Some(found) = found {
            sink.with(var, |gradient| add(gradient, found));
        }
    }
    Ok(())
}
