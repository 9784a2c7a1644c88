//! Promises about every machine: files that read back, noise that adds up, circuits that do the same when they are rewritten.

mod calibrations;
mod devices;
mod draws;
mod noise;
mod rewriting;
mod scaling;
mod stabilizers;
