//! A reverse-mode tape over matrices.

mod backward;
mod binary;
mod custom;
mod forward;
mod map;

pub use custom::{CustomInputs, Operation};

use std::convert::Infallible;
use std::ops::Range;

use crate::Scalar;
use crate::parameters::{ParameterId, Parameters};

use self::binary::Binary;
use self::map::Map;

/// A matrix on a [`Tape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Var(u32);

/// A row of a matrix whose entries are 0 but for some that are 1: the vector with 1 at each of `ones`, and with
/// `last` added to its final entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinaryRow<'a, T> {
    /// Columns of the entries that are 1.
    pub ones: &'a [u32],
    /// What the final entry is, or is larger by.
    pub last: T,
}

/// A piece of one of the workspace's lists.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    len: usize,
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start..self.start + self.len
    }
}

/// How a node's value comes about.
#[derive(Debug, Clone, Copy)]
enum Op<T> {
    Constant,
    Variable,
    Parameter(ParameterId),
    Product(Var, Var),
    /// The span is of `sparse_rows`.
    SparseProduct(Span, Var),
    AddBias(Var, Var),
    Binary(Binary, Var, Var),
    Map(Map<T>, Var),
    Softmax(Var),
    LogSoftmax(Var),
    /// The span is of `lists`: nodes.
    ConcatColumns(Span),
    SliceColumns(Var, usize),
    /// The span is of `lists`: columns.
    GatherColumns(Var, Span),
    Sum(Var),
    /// The number of the operation, and a span of `lists`: nodes.
    Custom(usize, Span),
}

#[derive(Debug, Clone, Copy)]
struct Node<T> {
    op: Op<T>,
    rows: usize,
    columns: usize,
    start: usize,
    /// Whether a gradient is wanted with respect to it or to something it depends on.
    tracked: bool,
}

impl<T> Node<T> {
    fn len(&self) -> usize {
        self.rows * self.columns
    }

    fn range(&self) -> Range<usize> {
        self.start..self.start + self.len()
    }

    /// Whether it is given, and not computed from others.
    fn is_leaf(&self) -> bool {
        matches!(self.op, Op::Constant | Op::Variable | Op::Parameter(_))
    }
}

/// The memory of a [`Tape`], kept from one training step to the next, so that steps of the same shape allocate
/// nothing.
#[derive(Debug, Default)]
pub struct Workspace<T> {
    nodes: Vec<Node<T>>,
    values: Vec<T>,
    cotangents: Vec<T>,
    lists: Vec<u32>,
    /// A span of `lists` (columns that are 1) and the last entry, for each row.
    sparse_rows: Vec<(Span, T)>,
    scratch: Vec<T>,
}

impl<T: Scalar> Workspace<T> {
    /// Memory of no size yet.
    pub fn new() -> Self {
        Self {
            nodes: Vec::new(),
            values: Vec::new(),
            cotangents: Vec::new(),
            lists: Vec::new(),
            sparse_rows: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

/// Computes with matrices, and notes how, so that [`backward`](Self::backward) can find the gradient of a number
/// with respect to all that it was computed from.
///
/// Matrices are in row-major order; a row is an example of a batch. Shapes that do not fit panic at the caller's
/// line. The order of all sums is fixed, so that results do not depend on the number of threads.
///
/// ```
/// use qloom_nn::{Gradients, Init, Parameters, Tape, Workspace};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// // y = tanh(w x) for w = 0.5 and x = 2: dy/dw = x (1 - tanh(1)^2) = 0.83995.
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// let mut parameters = Parameters::<f64>::new();
/// let w = parameters.add("w", (1, 1), Init::Constant(0.5), &mut rng);
/// let mut gradients = Gradients::zeros(&parameters);
/// let mut workspace = Workspace::new();
///
/// let mut tape = Tape::new(&parameters, &mut workspace);
/// let (x, w) = (tape.constant((1, 1), &[2.0]), tape.parameter(w));
/// let product = tape.matmul(x, w);
/// let y = tape.tanh(product);
/// tape.backward(y, &mut gradients)?;
/// assert!((gradients.values()[0] - 0.83995).abs() < 1e-5);
/// # Ok::<(), qloom_nn::NnError>(())
/// ```
pub struct Tape<'a, T> {
    parameters: &'a Parameters<T>,
    workspace: &'a mut Workspace<T>,
    custom: Vec<&'a dyn Operation<T>>,
}

impl<'a, T: Scalar> Tape<'a, T> {
    /// An empty tape in the memory of a workspace.
    pub fn new(parameters: &'a Parameters<T>, workspace: &'a mut Workspace<T>) -> Self {
        workspace.nodes.clear();
        workspace.values.clear();
        workspace.lists.clear();
        workspace.sparse_rows.clear();
        Self { parameters, workspace, custom: Vec::new() }
    }

    /// A matrix of `shape` (rows, columns) that is given, and with respect to which no gradient is wanted.
    #[track_caller]
    pub fn constant(&mut self, shape: (usize, usize), numbers: &[T]) -> Var {
        self.leaf(Op::Constant, shape, numbers)
    }

    /// A matrix that is given, and with respect to which [`gradient`](Self::gradient) is wanted.
    #[track_caller]
    pub fn variable(&mut self, shape: (usize, usize), numbers: &[T]) -> Var {
        self.leaf(Op::Variable, shape, numbers)
    }

    /// A matrix of zeros, such as the first state of a recurrent cell.
    pub fn zeros(&mut self, shape: (usize, usize)) -> Var {
        self.push(Op::Constant, shape, false, |_, _| ())
    }

    #[track_caller]
    fn leaf(&mut self, op: Op<T>, shape: (usize, usize), numbers: &[T]) -> Var {
        assert!(numbers.len() == shape.0 * shape.1, "{} numbers for a matrix of shape {shape:?}", numbers.len());
        let tracked = matches!(op, Op::Variable);
        self.push(op, shape, tracked, |_, out| out.copy_from_slice(numbers))
    }

    /// A parameter; its gradient goes to the [`Gradients`](crate::Gradients) of [`backward`](Self::backward).
    pub fn parameter(&mut self, id: ParameterId) -> Var {
        let (rows, columns) = self.parameters.shape(id);
        let start = self.workspace.values.len();
        self.workspace.nodes.push(Node { op: Op::Parameter(id), rows, columns, start, tracked: true });
        Var(self.workspace.nodes.len() as u32 - 1)
    }

    /// Numbers of rows and columns.
    pub fn shape(&self, var: Var) -> (usize, usize) {
        let node = self.node(var);
        (node.rows, node.columns)
    }

    /// The entries, row by row.
    pub fn value(&self, var: Var) -> &[T] {
        value_of(self.parameters, &self.workspace.nodes, &self.workspace.values, var)
    }

    /// The gradient of what [`backward`](Self::backward) was called for with respect to a matrix that is not a parameter.
    ///
    /// All 0 for a matrix on which nothing that is trained has an influence, and before the backward pass.
    ///
    /// # Panics
    ///
    /// For a parameter.
    #[track_caller]
    pub fn gradient(&self, var: Var) -> &[T] {
        let node = self.node(var);
        assert!(!matches!(node.op, Op::Parameter(_)), "the gradient of a parameter is in the gradients of the backward pass");
        self.workspace.cotangents.get(node.range()).unwrap_or(&[])
    }

    fn node(&self, var: Var) -> &Node<T> {
        &self.workspace.nodes[var.0 as usize]
    }

    fn tracked(&self, vars: &[Var]) -> bool {
        vars.iter().any(|&var| self.node(var).tracked)
    }

    /// Adds a node; `fill` gets the values before it and its own, which are 0.
    fn push(&mut self, op: Op<T>, shape: (usize, usize), tracked: bool, fill: impl FnOnce(Inputs<'_, T>, &mut [T])) -> Var {
        let (var, Ok(())) = self.try_push(op, shape, tracked, |inputs, out| {
            fill(inputs, out);
            Ok::<(), Infallible>(())
        });
        var
    }

    fn try_push<E>(
        &mut self,
        op: Op<T>,
        (rows, columns): (usize, usize),
        tracked: bool,
        fill: impl FnOnce(Inputs<'_, T>, &mut [T]) -> Result<(), E>,
    ) -> (Var, Result<(), E>) {
        let Workspace { nodes, values, .. } = &mut *self.workspace;
        let start = values.len();
        values.resize(start + rows * columns, T::zero());
        let (earlier, out) = values.split_at_mut(start);
        let result = fill(Inputs { parameters: self.parameters, nodes, values: earlier }, out);
        nodes.push(Node { op, rows, columns, start, tracked });
        (Var(nodes.len() as u32 - 1), result)
    }
}

/// The values that a node can be computed from.
struct Inputs<'w, T> {
    parameters: &'w Parameters<T>,
    nodes: &'w [Node<T>],
    values: &'w [T],
}

impl<'w, T: Scalar> Inputs<'w, T> {
    fn value(&self, var: Var) -> &'w [T] {
        value_of(self.parameters, self.nodes, self.values, var)
    }

    fn shape(&self, var: Var) -> (usize, usize) {
        let node = &self.nodes[var.0 as usize];
        (node.rows, node.columns)
    }
}

fn value_of<'w, T: Scalar>(parameters: &'w Parameters<T>, nodes: &[Node<T>], values: &'w [T], var: Var) -> &'w [T] {
    let node = &nodes[var.0 as usize];
    match node.op {
        Op::Parameter(id) => parameters.get(id),
        Op::Constant
        | Op::Variable
        | Op::Product(..)
        | Op::SparseProduct(..)
        | Op::AddBias(..)
        | Op::Binary(..)
        | Op::Map(..)
        | Op::Softmax(_)
        | Op::LogSoftmax(_)
        | Op::ConcatColumns(_)
        | Op::SliceColumns(..)
        | Op::GatherColumns(..)
        | Op::Sum(_)
        | Op::Custom(..) => &values[node.range()],
    }
}

#[cfg(test)]
mod tests;
