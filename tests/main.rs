//! The promises of the whole, one module each.

/// A crate outside the workspace that depends on the facade by its path compiles and runs the front page.
mod outside_crate;
/// The OpenQASM files of other people give the results on record.
mod qasm_corpus;
