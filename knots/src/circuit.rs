//! Braids as circuits: the control-free Hadamard test in the Fibonacci path model.
//!
//! `n` strands take `n` qubits in a line: qubit `i - 1` of a circuit is bit `b_i` of a path string, `b_0 = 0` is left out. Each maximal
//! run `sigma_i^m` is one gate on bits `i-1, i, i+1`; its action on the illegal strings is free, so the string of zeros keeps to itself,
//! gathers a known phase and serves as the reference of an interference experiment without any controlled gate. The conventions of the
//! crate hold: `A = e^{-3 pi i/5}`, `t = e^{2 pi i/5}`, letter `+i` a positive crossing.

mod angles;
mod builder;
mod hadamard;
mod sigma;
#[cfg(test)]
mod tests;

pub use hadamard::{CircuitCost, Part, circuit_cost, decode, hadamard_test, hadamard_test_with_control, sequence};

/// The two-qubit gate of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Native {
    /// `exp(-i theta ZZ/2)` of any angle: three for every run.
    #[default]
    Zz,
    /// Controlled Z: three for a run of power 1, 5 or 9, four for any other.
    Cz,
    /// Controlled X: as many as of CZ.
    Cx,
    /// Echoed cross resonance: as many as of CZ.
    Ecr,
}

/// Which pairs of qubits can interact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Neighbours on the line only.
    #[default]
    Line,
    /// All pairs: preparing the string takes fewer gates.
    AllToAll,
}

/// For what machine a circuit is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// Its two-qubit gate.
    pub native: Native,
    /// Its connections.
    pub layout: Layout,
}
