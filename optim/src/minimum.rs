//! The outcome of a minimisation.

use serde::{Deserialize, Serialize};

/// How often the objective was asked for what.
///
/// A call that returns value and gradient together counts once in each field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluations {
    /// Number of values computed.
    pub values: u64,
    /// Number of gradients computed.
    pub gradients: u64,
}

impl std::ops::AddAssign for Evaluations {
    fn add_assign(&mut self, other: Self) {
        self.values += other.values;
        self.gradients += other.gradients;
    }
}

/// Why a method stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// A tolerance of the method was met.
    Converged,
    /// The number of evaluations allowed was used up.
    Budget,
    /// No further decrease could be found: typically the value is exact to rounding, and the tolerance
    /// asked for more.
    Stalled,
    /// There was no parameter to vary, so the objective was evaluated once.
    NoParameters,
}

/// The point a minimisation has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// The point.
    pub point: Vec<f64>,
    /// The objective's value at the point.
    pub value: f64,
    /// What the whole minimisation cost.
    pub evaluations: Evaluations,
    /// Why it stopped.
    pub stop: StopReason,
}
