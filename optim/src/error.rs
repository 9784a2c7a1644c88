//! What can go wrong in a minimisation.

use thiserror::Error;

use crate::ObjectiveError;

/// Why a minimisation could not be carried out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OptimError {
    /// The objective returned a value that is not finite.
    #[error(
        "evaluation {evaluation} gave the value {value}, which is not finite; \
         check the objective at that point and the size of the parameters"
    )]
    NonFiniteValue {
        /// Number of the evaluation, counted from 1.
        evaluation: usize,
        /// The value returned.
        value: f64,
        /// The point at which it was returned.
        point: Vec<f64>,
    },
    /// The objective returned a gradient with a component that is not finite.
    #[error(
        "evaluation {evaluation} gave the gradient component {value} for parameter {index}, which is not finite; \
         check the objective's derivative at that point"
    )]
    NonFiniteGradient {
        /// Number of the evaluation, counted from 1.
        evaluation: usize,
        /// Index of the parameter whose component is not finite.
        index: usize,
        /// The component returned.
        value: f64,
        /// The point at which it was returned.
        point: Vec<f64>,
    },
    /// The starting point has a component that is not finite.
    #[error("parameter {index} of the starting point is {value}; every component must be finite")]
    NonFiniteStart {
        /// Index of the component.
        index: usize,
        /// The component.
        value: f64,
    },
    /// A method that needs gradients was given an objective without one.
    #[error("{method} needs a gradient and the objective has none; use a method that needs values only, such as COBYLA")]
    NoGradient {
        /// The method asked for.
        method: &'static str,
    },
    /// A method that needs a metric was given an objective without one.
    #[error("{method} needs a metric and the objective has none; use a method that needs gradients only, such as L-BFGS")]
    NoMetric {
        /// The method asked for.
        method: &'static str,
    },
    /// The objective returned a metric with an entry that is not finite.
    #[error("evaluation {evaluation} gave the metric's entry {value}, which is not finite; check the objective at that point")]
    NonFiniteMetric {
        /// Number of the evaluation, counted from 1.
        evaluation: usize,
        /// The entry returned.
        value: f64,
        /// The point at which it was returned.
        point: Vec<f64>,
    },
    /// A setting is outside its range.
    #[error("{method}: {setting} is {value}, but {requirement}")]
    InvalidSetting {
        /// The method configured.
        method: &'static str,
        /// The setting's name.
        setting: &'static str,
        /// The value given.
        value: f64,
        /// What the value has to satisfy.
        requirement: &'static str,
    },
    /// The objective itself failed.
    #[error("evaluation {evaluation} failed: {source}")]
    Objective {
        /// Number of the evaluation, counted from 1.
        evaluation: usize,
        /// The objective's own error.
        source: ObjectiveError,
    },
    /// The method's linear algebra broke down before it had evaluated anything usable.
    #[error("{method} could not start from the given point: {reason}")]
    Breakdown {
        /// The method used.
        method: &'static str,
        /// The library's account of it.
        reason: String,
    },
}
