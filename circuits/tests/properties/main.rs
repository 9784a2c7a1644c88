//! Promises about every circuit, checked on circuits, expressions, matrices and observables drawn at random.

mod algebra;
mod circuits;
mod controls;
mod drawings;
mod expressions;
mod features;
mod modifiers;
mod observables;
mod strategies;
mod synthesis;
mod texts;
