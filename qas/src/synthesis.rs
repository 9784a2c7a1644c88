//! Circuits from matrices by best-first search with learned values.
//!
//! A [`Space`] holds what is left of a matrix: a [`CliffordSpace`] Clifford matrices up to one-qubit gates, whose actions are two-qubit gates; a
//! [`UnitarySpace`] small unitaries over a finite set of native gates. [`Compound`] makes further actions of pairs of actions. A [`Learning`] finds what
//! each action leaves to be done ([`ActionValues`]) from states made by random gates, and [`best_first`] takes a matrix apart by them: Q* asks the values
//! once for all successors of a state, A* once for each successor.
//!
//! Source: F. Agostinelli et al., Q* search: heuristic search with deep Q-networks (arXiv:2102.04518); the values are those of their section on
//! approximate value iteration.

mod clifford;
mod compound;
mod learning;
mod search;
mod space;
mod unitary;
mod values;

pub use clifford::CliffordSpace;
pub use compound::{Compound, Reach};
pub use learning::{Learning, LearningConfig, LearningEvent};
pub use search::{Course, Method, SearchLimits, best_first};
pub use space::{AnySpace, AnyState, CliffordConfig, Space, SpaceConfig, UnitaryConfig};
pub use unitary::UnitarySpace;
pub use values::ActionValues;

#[cfg(test)]
mod tests;
