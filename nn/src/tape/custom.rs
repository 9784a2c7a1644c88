//! Operations defined outside this crate.

use super::{Op, Span, Tape, Var};
use crate::error::OperationError;
use crate::{NnError, Scalar};

/// The inputs of an [`Operation`]: matrices in row-major order with their shapes (rows, columns).
pub type CustomInputs<'a, T> = [(&'a [T], (usize, usize))];

/// A function of matrices with a product of a cotangent with its Jacobian: a batch of circuits, for example, whose
/// inputs are angles and whose outputs are expectation values.
///
/// It may be used several times on a tape. What it needs as scratch memory it keeps behind a `RefCell`.
///
/// ```
/// use qloom_nn::{CustomInputs, Gradients, Operation, OperationError, Parameters, Tape, Workspace};
///
/// /// The cosine of each entry.
/// struct Cosine;
///
/// impl Operation<f64> for Cosine {
///     fn name(&self) -> &'static str {
///         "cosine"
///     }
///     fn forward(&self, inputs: &CustomInputs<'_, f64>, out: &mut [f64]) -> Result<(), OperationError> {
///         out.iter_mut().zip(inputs[0].0).for_each(|(y, x)| *y = x.cos());
///         Ok(())
///     }
///     fn backward(
///         &self,
///         inputs: &CustomInputs<'_, f64>,
///         _: &[f64],
///         cotangent: &[f64],
///         gradients: &mut [Option<&mut [f64]>],
///     ) -> Result<(), OperationError> {
///         if let Some(gradient) = &mut gradients[0] {
///             for ((gradient, x), up) in gradient.iter_mut().zip(inputs[0].0).zip(cotangent) {
///                 *gradient = -up * x.sin();
///             }
///         }
///         Ok(())
///     }
/// }
///
/// let (parameters, mut workspace) = (Parameters::new(), Workspace::new());
/// let mut tape = Tape::new(&parameters, &mut workspace);
/// let angles = tape.variable((1, 2), &[0.0, 0.5]);
/// let cosines = tape.custom(&Cosine, &[angles], (1, 2))?;
/// let sum = tape.sum(cosines);
/// tape.backward(sum, &mut Gradients::zeros(&parameters))?;
/// assert_eq!(tape.gradient(angles), [0.0, -0.5f64.sin()]);
/// # Ok::<(), qloom_nn::NnError>(())
/// ```
pub trait Operation<T> {
    /// What to call it in messages.
    fn name(&self) -> &'static str;

    /// Writes the result, in row-major order, to `out`, which is all 0.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being computed; [`Tape::custom`] then returns [`NnError::Operation`].
    fn forward(&self, inputs: &CustomInputs<'_, T>, out: &mut [T]) -> Result<(), OperationError>;

    /// Writes, for each input with respect to which a gradient is wanted (`Some`), the product of the cotangent with the
    /// Jacobian to `gradients`, which are all 0. `out` is what `forward` wrote, `cotangent` has its length.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being computed; [`Tape::backward`] then returns [`NnError::Operation`].
    fn backward(
        &self,
        inputs: &CustomInputs<'_, T>,
        out: &[T],
        cotangent: &[T],
        gradients: &mut [Option<&mut [T]>],
    ) -> Result<(), OperationError>;
}

impl<'a, T: Scalar> Tape<'a, T> {
    /// Applies an operation defined outside this crate; `shape` is that of its result.
    ///
    /// # Errors
    ///
    /// [`NnError::Operation`] when it fails.
    pub fn custom(&mut self, operation: &'a dyn Operation<T>, inputs: &[Var], shape: (usize, usize)) -> Result<Var, NnError> {
        let span = Span { start: self.workspace.lists.len(), len: inputs.len() };
        self.workspace.lists.extend(inputs.iter().map(|input| input.0));
        let op = Op::Custom(self.custom.len(), span);
        self.custom.push(operation);
        let (var, result) = self.try_push(op, shape, self.tracked(inputs), |values, out| {
            let inputs: Vec<_> = inputs.iter().map(|&input| (values.value(input), values.shape(input))).collect();
            operation.forward(&inputs, out)
        });
        result.map_err(|source| NnError::Operation { name: operation.name(), source })?;
        Ok(var)
    }
}
