//! Costs of circuits of one's own, in place of energies.

use qloom_circuits::{Circuit, PauliString};
use qloom_optim::ObjectiveError;

use crate::QasError;

/// Why a cost could not be worked out.
pub type CostError = Box<dyn std::error::Error + Send + Sync>;

/// What a circuit of a search costs, such as the loss of a classifier on its data: a search lowers it as it would an energy.
///
/// It depends on circuit and angles alone, so that a resumed search goes on bit for bit.
///
/// ```
/// use qloom_circuits::{Circuit, PauliSum};
/// use qloom_qas::{Cost, CostError, Event, Problem, Search, SearchConfig};
/// use qloom_sim::Energy;
///
/// /// How far <Z> of both qubits are from 0.6 and -0.8.
/// struct Means([Energy; 2]);
///
/// impl Cost for Means {
///     fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError> {
///         self.0.iter_mut().try_for_each(|energy| Ok(energy.rebuild(circuit)?))
///     }
///     fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
///         gradient.fill(0.0);
///         let (mut cost, mut slopes) = (0.0, vec![0.0; angles.len()]);
///         for (energy, wanted) in self.0.iter_mut().zip([0.6, -0.8]) {
///             let miss = energy.value_and_gradient(angles, &mut slopes)? - wanted;
///             cost += miss * miss;
///             gradient.iter_mut().zip(&slopes).for_each(|(sum, slope)| *sum += 2.0 * miss * slope);
///         }
///         Ok(cost)
///     }
/// }
///
/// let mean = |qubit| Energy::new(&Circuit::new(2), &PauliSum::z(qubit, 2));
/// let problem = Problem::of_cost("means", 2, 0.0)?.with_exact_energy(0.0)?;
/// let config = SearchConfig { target_error: Some(1e-9), ..SearchConfig::default() };
/// let mut search = Search::with_cost(config, problem, 1, Box::new(Means([mean(0)?, mean(1)?])))?;
/// while let Event::Episode(_) = search.step()? {}
/// assert!(search.best()?.expect("found").energy < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Cost: Send {
    /// Takes a circuit, on as many qubits as the problem, with as many free parameters as it has angles.
    ///
    /// # Errors
    ///
    /// When the circuit has no cost.
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError>;

    /// The cost at these angles, in radians, and its derivative by each of them. It has to be finite.
    ///
    /// # Errors
    ///
    /// When it cannot be worked out.
    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError>;

    /// The cost alone; by default the gradient is worked out beside it.
    ///
    /// # Errors
    ///
    /// As [`value_and_gradient`](Self::value_and_gradient).
    fn value(&mut self, angles: &[f64]) -> Result<f64, CostError> {
        self.value_and_gradient(angles, &mut vec![0.0; angles.len()])
    }

    /// Whether it has a metric; without one, as by default, the natural gradient is refused.
    fn has_metric(&self) -> bool {
        false
    }

    /// Writes the metric of the angles, such as the Fubini-Study metric of the states that it is a cost of: row by row, symmetric without
    /// negative eigenvalues, as many rows as there are angles. It is asked for where `has_metric` says so.
    ///
    /// # Errors
    ///
    /// When it cannot be worked out, as by default.
    fn metric(&mut self, angles: &[f64], metric: &mut [f64]) -> Result<(), CostError> {
        let _ = (angles, metric);
        Err("the cost has no metric".into())
    }
}

/// A cost as the objective of a minimiser.
pub(super) struct OwnCost(pub(super) Box<dyn Cost>);

impl OwnCost {
    pub(super) fn rebuild(&mut self, circuit: &Circuit) -> Result<(), QasError> {
        self.0.rebuild(circuit).map_err(QasError::Cost)
    }

    pub(super) fn value(&mut self, angles: &[f64]) -> Result<f64, QasError> {
        self.0.value(angles).map_err(QasError::Cost)
    }

    /// For each string the slope at angle 0 of a rotation about it.
    pub(super) fn slopes(&mut self, circuit: &Circuit, at: usize, strings: &[PauliString]) -> Result<Vec<f64>, QasError> {
        self.rebuild(&circuit.with_rotations(at, strings)?)?;
        let mut slopes = vec![0.0; strings.len()];
        self.0.value_and_gradient(&vec![0.0; strings.len()], &mut slopes).map_err(QasError::Cost)?;
        Ok(slopes)
    }
}

impl qloom_optim::Objective for OwnCost {
    fn value(&mut self, point: &[f64], _: Option<f64>) -> Result<f64, ObjectiveError> {
        self.0.value(point)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        Some(self.0.value_and_gradient(point, gradient))
    }

    fn metric(&mut self, point: &[f64], metric: &mut [f64]) -> Option<Result<(), ObjectiveError>> {
        self.0.has_metric().then(|| self.0.metric(point, metric))
    }
}

#[cfg(test)]
mod tests;
