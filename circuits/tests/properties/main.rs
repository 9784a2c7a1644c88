//! Promises about every circuit, checked on circuits, expressions, matrices and observables drawn at random.

mod algebra;
mod channels;
mod circuits;
mod compact;
mod controls;
#[path = "../support/course.rs"]
mod course;
mod drawings;
mod expressions;
mod features;
mod held;
mod measured;
mod modifiers;
mod observables;
mod precedence;
mod programs;
mod strategies;
mod strings;
mod synthesis;
mod texts;
mod timing;
mod weyl;
