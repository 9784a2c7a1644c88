//! The function to be minimised.

use std::error::Error;

/// What an objective returns when it cannot be evaluated.
pub type ObjectiveError = Box<dyn Error + Send + Sync + 'static>;

/// A function from R^n to R, with a gradient if it has one.
pub trait Objective {
    /// The value at `point`, averaged from `samples` samples, or from as many as the objective has of itself when none is
    /// given. An objective without random errors need not care for it.
    ///
    /// # Errors
    ///
    /// Whatever keeps the function from being evaluated; the minimisation then stops with
    /// [`OptimError::Objective`](crate::OptimError::Objective).
    fn value(&mut self, point: &[f64], samples: Option<f64>) -> Result<f64, ObjectiveError>;

    /// The value at `point`, with the gradient written to `gradient` (as long as `point`); `None` when the
    /// objective has no gradient, which is the default.
    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        let _ = (point, gradient);
        None
    }

    /// The metric at `point`, written to `metric` row by row: symmetric, without negative eigenvalues, as many rows as the point has
    /// parameters; such as the Fubini-Study metric of states. `None` when the objective has none, which is the default.
    fn metric(&mut self, point: &[f64], metric: &mut [f64]) -> Option<Result<(), ObjectiveError>> {
        let _ = (point, metric);
        None
    }
}

/// An objective made from a closure that returns the value.
///
/// ```
/// use qloom_optim::{Function, Objective};
///
/// let mut square = Function::new(|x: &[f64]| x[0] * x[0]);
/// assert_eq!(square.value(&[3.0], None).unwrap(), 9.0);
/// ```
#[derive(Debug, Clone)]
pub struct Function<F>(F);

impl<F: FnMut(&[f64]) -> f64> Function<F> {
    /// Wraps a closure.
    pub fn new(function: F) -> Self {
        Self(function)
    }
}

impl<F: FnMut(&[f64]) -> f64> Objective for Function<F> {
    fn value(&mut self, point: &[f64], _: Option<f64>) -> Result<f64, ObjectiveError> {
        Ok((self.0)(point))
    }
}

/// An objective made from a closure that writes the gradient and returns the value.
#[derive(Debug, Clone)]
pub struct FunctionWithGradient<F> {
    function: F,
    scratch: Vec<f64>,
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> FunctionWithGradient<F> {
    /// Wraps a closure.
    pub fn new(function: F) -> Self {
        Self { function, scratch: Vec::new() }
    }
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Objective for FunctionWithGradient<F> {
    fn value(&mut self, point: &[f64], _: Option<f64>) -> Result<f64, ObjectiveError> {
        self.scratch.resize(point.len(), 0.0);
        Ok((self.function)(point, &mut self.scratch))
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        Some(Ok((self.function)(point, gradient)))
    }
}
