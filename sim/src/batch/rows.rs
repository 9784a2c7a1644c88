//! Parameters, cotangents and gradients of batches, checked and arranged by row.

use super::spread::Call;
use crate::error::SimError;

/// The parameters of a batch: those that all rows share, and those that differ.
///
/// The first `shared.len()` parameters of the circuit are the shared ones; a row of `rows`, which is flat and row-major, holds the others.
/// A layer of a network shares its trained angles, and has encoded inputs in its rows.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_sim::{Batch, BatchParameters, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0).ry(Angle::free(1), 0);
/// let mut batch = Batch::<f64>::new(&circuit, &[PauliSum::z(0, 1)], SimulatorConfig::default())?;
/// let mut values = [0.0; 2];
/// batch.values(BatchParameters { shared: &[0.25], rows: &[0.5, 1.0] }, &mut values)?;
/// assert!((values[1] - 1.25f64.cos()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchParameters<'a> {
    /// The first parameters of the circuit, the same in all rows.
    pub shared: &'a [f64],
    /// The other parameters of each row: `rows[k * (num_parameters - shared.len()) + p]`.
    pub rows: &'a [f64],
}

impl<'a> BatchParameters<'a> {
    /// All parameters differ by row: `rows[k * num_parameters + p]`.
    pub fn rows(rows: &'a [f64]) -> Self {
        Self { shared: &[], rows }
    }
}

/// Where the product of cotangents with a Jacobian is written, in the shape of [`BatchParameters`].
#[derive(Debug)]
pub struct BatchGradients<'a> {
    /// By the shared parameters, summed over all rows.
    pub shared: &'a mut [f64],
    /// By the parameters of each row.
    pub rows: &'a mut [f64],
}

/// Numbers by row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) parameters: usize,
    pub(super) observables: usize,
    /// Rows there have to be.
    pub(super) inputs: Option<usize>,
}

/// What works out rows.
pub(super) trait Backend {
    fn sizes(&self) -> Sizes;

    /// As `Worker::values`, for all rows.
    fn values(&mut self, rows: usize, parameters: &[f64], values: &mut [f64]) -> Result<(), SimError>;

    /// As `Worker::pull`, for all rows.
    fn pull(&mut self, rows: usize, parameters: &[f64], cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError>;
}

/// Buffers that are kept from call to call.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// All parameters of all rows.
    full: Vec<f64>,
    /// Cotangents of one observable.
    cotangents: Vec<f64>,
    /// Values and gradients of all rows.
    out: Vec<f64>,
}

pub(super) fn check(what: &'static str, expected: usize, given: usize) -> Result<(), SimError> {
    if expected == given { Ok(()) } else { Err(SimError::SizeMismatch { what, expected, given }) }
}

pub(super) fn finite(what: &'static str, values: &[f64]) -> Result<(), SimError> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(&value) => Err(SimError::NotFinite { what, value }),
        None => Ok(()),
    }
}

impl Sizes {
    /// Refuses what are not the parameters of this many rows.
    pub(super) fn check(self, rows: usize, parameters: BatchParameters<'_>) -> Result<(), SimError> {
        if rows == 0 {
            return Err(SimError::OutOfRange { what: "the number of rows of a batch", value: 0.0, range: "at least 1" });
        }
        if parameters.shared.len() > self.parameters {
            let (expected, given) = (self.parameters, parameters.shared.len());
            return Err(SimError::SizeMismatch { what: "shared parameters", expected, given });
        }
        check("parameter values", rows * (self.parameters - parameters.shared.len()), parameters.rows.len())?;
        if let Some(inputs) = self.inputs {
            check("input states", rows, inputs)?;
        }
        finite("a parameter", parameters.shared)?;
        finite("a parameter", parameters.rows)
    }

    /// Rows in this many values, parameters checked.
    fn rows(self, parameters: BatchParameters<'_>, values: usize) -> Result<usize, SimError> {
        if self.observables == 0 {
            return Err(SimError::OutOfRange { what: "the number of observables of a batch", value: 0.0, range: "at least 1" });
        }
        if !values.is_multiple_of(self.observables) {
            return Err(SimError::SizeMismatch { what: "values of each row", expected: self.observables, given: values });
        }
        self.check(values / self.observables, parameters)?;
        Ok(values / self.observables)
    }

    /// The rows that these parameters are of, where nothing else tells.
    pub(super) fn implied_rows(self, parameters: BatchParameters<'_>) -> usize {
        let by_row = self.parameters.saturating_sub(parameters.shared.len());
        self.inputs.unwrap_or(parameters.rows.len().checked_div(by_row).unwrap_or(1))
    }

    /// The parameters of all rows as one table.
    pub(super) fn full<'a>(self, rows: usize, parameters: BatchParameters<'a>, full: &'a mut Vec<f64>) -> &'a [f64] {
        if parameters.shared.is_empty() {
            return parameters.rows;
        }
        let width = self.parameters - parameters.shared.len();
        full.clear();
        for row in 0..rows {
            full.extend_from_slice(parameters.shared);
            full.extend_from_slice(&parameters.rows[row * width..(row + 1) * width]);
        }
        full
    }

    /// A call of so many rows at a time.
    pub(super) fn call(self, parameters: &[f64], at_a_time: usize) -> Call<'_> {
        Call { parameters, width: self.parameters, observables: self.observables, at_a_time }
    }
}

impl Tables {
    /// Buffer for parameters of [`Sizes::full`].
    pub(super) fn parameters(&mut self) -> &mut Vec<f64> {
        &mut self.full
    }

    pub(super) fn values(
        &mut self,
        backend: &mut impl Backend,
        parameters: BatchParameters<'_>,
        values: &mut [f64],
    ) -> Result<(), SimError> {
        let sizes = backend.sizes();
        let rows = sizes.rows(parameters, values.len())?;
        backend.values(rows, sizes.full(rows, parameters, &mut self.full), values)?;
        finite("the expectation value", values)
    }

    pub(super) fn vjp(
        &mut self,
        backend: &mut impl Backend,
        parameters: BatchParameters<'_>,
        cotangents: &[f64],
        values: &mut [f64],
        gradients: BatchGradients<'_>,
    ) -> Result<(), SimError> {
        let sizes = backend.sizes();
        let rows = sizes.rows(parameters, values.len())?;
        check("cotangents", values.len(), cotangents.len())?;
        check("entries of the gradient by shared parameters", parameters.shared.len(), gradients.shared.len())?;
        check("entries of the gradients by parameters of rows", parameters.rows.len(), gradients.rows.len())?;
        finite("a cotangent", cotangents)?;
        self.out.resize(rows * (sizes.observables + sizes.parameters), 0.0);
        backend.pull(rows, sizes.full(rows, parameters, &mut self.full), cotangents, &mut self.out)?;
        gradients.shared.fill(0.0);
        let (shared, width) = (gradients.shared.len(), sizes.parameters - gradients.shared.len());
        for (row, out) in self.out.chunks_exact(sizes.observables + sizes.parameters).enumerate() {
            let (of_values, derivatives) = out.split_at(sizes.observables);
            values[row * sizes.observables..(row + 1) * sizes.observables].copy_from_slice(of_values);
            gradients.shared.iter_mut().zip(derivatives).for_each(|(sum, derivative)| *sum += derivative);
            gradients.rows[row * width..(row + 1) * width].copy_from_slice(&derivatives[shared..]);
        }
        finite("the expectation value", values)?;
        finite("a derivative", &self.out)
    }

    pub(super) fn values_and_gradients(
        &mut self,
        backend: &mut impl Backend,
        parameters: BatchParameters<'_>,
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> Result<(), SimError> {
        let sizes = backend.sizes();
        let Sizes { parameters: count, observables, .. } = sizes;
        let rows = sizes.rows(parameters, values.len())?;
        check("entries of the gradients", values.len() * count, gradients.len())?;
        self.out.resize(rows * (observables + count), 0.0);
        self.cotangents.clear();
        self.cotangents.resize(values.len(), 0.0);
        for o in 0..observables {
            self.cotangents.iter_mut().enumerate().for_each(|(k, c)| *c = f64::from(u8::from(k % observables == o)));
            backend.pull(rows, sizes.full(rows, parameters, &mut self.full), &self.cotangents, &mut self.out)?;
            for (row, out) in self.out.chunks_exact(observables + count).enumerate() {
                let at = row * observables + o;
                values[at] = out[o];
                gradients[at * count..(at + 1) * count].copy_from_slice(&out[observables..]);
            }
        }
        finite("the expectation value", values)?;
        finite("a derivative", gradients)
    }
}
