//! The promises of the whole, one module each.

/// Circuits compiled for machines give the outcomes they gave before.
mod compiled_circuits;
/// Every example runs.
mod examples;
/// A batch of circuits is one operation of a network.
mod hybrid;
/// Noise is exact: the numbers of another package's density matrices.
mod noise;
/// A crate outside the workspace that depends on the facade by its path compiles and runs the front page.
mod outside_crate;
/// The OpenQASM files of other people give the results on record.
mod qasm_corpus;
