//! Evaluations: counted, checked, limited, and the best of them remembered.

use std::cell::RefCell;

use crate::{Evaluations, Minimum, Objective, ObjectiveError, OptimError, StopReason};

/// Why a library run was cut short from inside the objective.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// The budget is used up: not an error.
    BudgetSpent,
    /// The minimisation has failed.
    Failed(OptimError),
}

/// An objective as the library sees it: `&self`, counted, with a hard budget.
///
/// The library checks its own limits between iterations only. Here the evaluation that would exceed the
/// budget is refused, so the budget is exact, and the best point seen so far is what the caller gets.
pub(crate) struct Evaluator<'a> {
    inner: RefCell<Inner<'a>>,
}

struct Inner<'a> {
    objective: &'a mut dyn Objective,
    method: &'static str,
    budget: u64,
    samples: Option<f64>,
    count: Evaluations,
    best_value: f64,
    best_point: Vec<f64>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(objective: &'a mut dyn Objective, method: &'static str, budget: u64) -> Self {
        Self {
            inner: RefCell::new(Inner {
                objective,
                method,
                budget,
                samples: None,
                count: Evaluations::default(),
                best_value: f64::INFINITY,
                best_point: Vec::new(),
            }),
        }
    }

    pub(crate) fn value(&self, point: &[f64]) -> Result<f64, Interruption> {
        let mut inner = self.inner.borrow_mut();
        let evaluation = inner.admit()?;
        let value = inner.evaluate(point);
        inner.count.values += 1;
        inner.check(evaluation, value, point)
    }

    pub(crate) fn value_and_gradient(&self, point: &[f64], gradient: &mut [f64]) -> Result<f64, Interruption> {
        let mut inner = self.inner.borrow_mut();
        let evaluation = inner.admit()?;
        let method = inner.method;
        let value =
            inner.objective.value_and_gradient(point, gradient).ok_or(Interruption::Failed(OptimError::NoGradient { method }))?;
        inner.count.values += 1;
        inner.count.gradients += 1;
        if value.is_ok()
            && let Some(index) = gradient.iter().position(|g| !g.is_finite())
        {
            let value = gradient[index];
            return Err(Interruption::Failed(OptimError::NonFiniteGradient { evaluation, index, value, point: point.to_vec() }));
        }
        inner.check(evaluation, value, point)
    }

    /// Counts as a value for each parameter.
    pub(crate) fn metric(&self, point: &[f64], metric: &mut [f64]) -> Result<(), Interruption> {
        let mut inner = self.inner.borrow_mut();
        let evaluation = inner.admit()?;
        let cost = point.len() as u64;
        if inner.count.values + cost > inner.budget {
            return Err(Interruption::BudgetSpent);
        }
        let method = inner.method;
        let done = inner.objective.metric(point, metric).ok_or(Interruption::Failed(OptimError::NoMetric { method }))?;
        inner.count.values += cost;
        done.map_err(|source| Interruption::Failed(OptimError::Objective { evaluation, source }))?;
        match metric.iter().find(|entry| !entry.is_finite()) {
            Some(&value) => Err(Interruption::Failed(OptimError::NonFiniteMetric { evaluation, value, point: point.to_vec() })),
            None => Ok(()),
        }
    }

    /// Values are averaged from this many samples from now on.
    pub(crate) fn set_samples(&self, samples: Option<f64>) {
        self.inner.borrow_mut().samples = samples;
    }

    /// The minimum of a method that chooses its point itself.
    pub(crate) fn conclude(
        self,
        result: Result<(f64, Vec<f64>), Interruption>,
        method: &'static str,
        stop: StopReason,
    ) -> Result<Minimum, OptimError> {
        match result {
            Ok((value, point)) => Ok(Minimum { point, value, evaluations: self.inner.into_inner().count, stop }),
            Err(Interruption::BudgetSpent) => {
                let nothing = OptimError::Breakdown { method, reason: "nothing was evaluated".to_owned() };
                self.into_minimum(StopReason::Budget).ok_or(nothing)
            }
            Err(Interruption::Failed(error)) => Err(error),
        }
    }

    /// The best evaluation so far; `None` when there was none.
    pub(crate) fn into_minimum(self, stop: StopReason) -> Option<Minimum> {
        let inner = self.inner.into_inner();
        (inner.count.values > 0).then_some(Minimum {
            point: inner.best_point,
            value: inner.best_value,
            evaluations: inner.count,
            stop,
        })
    }
}

impl Inner<'_> {
    fn evaluate(&mut self, point: &[f64]) -> Result<f64, ObjectiveError> {
        self.objective.value(point, self.samples)
    }

    fn admit(&self) -> Result<usize, Interruption> {
        if self.count.values >= self.budget {
            return Err(Interruption::BudgetSpent);
        }
        Ok(self.count.values as usize + 1)
    }

    fn check(&mut self, evaluation: usize, value: Result<f64, ObjectiveError>, point: &[f64]) -> Result<f64, Interruption> {
        let value = value.map_err(|source| Interruption::Failed(OptimError::Objective { evaluation, source }))?;
        if !value.is_finite() {
            return Err(Interruption::Failed(OptimError::NonFiniteValue { evaluation, value, point: point.to_vec() }));
        }
        if value < self.best_value {
            self.best_value = value;
            self.best_point.clear();
            self.best_point.extend_from_slice(point);
        }
        Ok(value)
    }
}

/// Evaluates an objective of no parameters, and checks a starting point of some.
///
/// Returns the minimum when there is nothing to vary, `None` when there is.
pub(crate) fn without_parameters(
    objective: &mut dyn Objective,
    start: &[f64],
    method: &'static str,
    samples: Option<f64>,
) -> Result<Option<Minimum>, OptimError> {
    if let Some(index) = start.iter().position(|x| !x.is_finite()) {
        return Err(OptimError::NonFiniteStart { index, value: start[index] });
    }
    if !start.is_empty() {
        return Ok(None);
    }
    let evaluator = Evaluator::new(objective, method, 1);
    evaluator.set_samples(samples);
    match evaluator.value(start) {
        Ok(_) | Err(Interruption::BudgetSpent) => Ok(evaluator.into_minimum(StopReason::NoParameters)),
        Err(Interruption::Failed(error)) => Err(error),
    }
}
