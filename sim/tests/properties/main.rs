//! Promises about states and their evolution, checked against density matrices computed here by plain products.

mod dense;
mod endings;
mod execution;
mod gradients;
mod hybrid;
mod measuring;
mod noise;
mod pictures;
mod programs;
mod records;
mod refusals;
mod states;
