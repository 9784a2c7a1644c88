//! Where an experiment finds its problem.

use serde::{Deserialize, Serialize};

/// Where an experiment finds its problem; the caller reads the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemConfig {
    /// The Hamiltonian of a file: the ground state is sought, or an excited one.
    Hamiltonian(HamiltonianConfig),
    /// A state to be made by another circuit.
    State(StateConfig),
    /// A unitary to be made by another circuit.
    Unitary(UnitaryConfig),
    /// A mixed state to be diagonalised.
    Diagonal(DiagonalConfig),
}

/// A Hamiltonian by the name of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HamiltonianConfig {
    /// Path of the file, as the caller understands it.
    pub file: String,
    /// Unit of its energies, for reports. Default `hartree`.
    #[serde(default = "hartree")]
    pub unit: String,
    /// OpenQASM files of circuits whose states are avoided, such as the best circuits of earlier runs for the states below: with `k` of
    /// them the `k`-th excited state is sought. Default none: the ground state. Without noise alone.
    #[serde(default)]
    pub avoid: Vec<String>,
    /// By how much each avoided state is lifted, in the unit of the energies; it has to be more than the state sought is above the
    /// lowest. Default 1.
    #[serde(default = "one")]
    pub lift: f64,
    /// JSON file of the operators that `adapt` and `product` take, in the encoding of the Hamiltonian; `qloom hamiltonian ansatz --pool`
    /// writes it. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
}

impl HamiltonianConfig {
    /// The ground state of a file's Hamiltonian, in hartree.
    pub fn of_file(file: impl Into<String>) -> Self {
        Self { file: file.into(), unit: hartree(), avoid: Vec::new(), lift: one(), pool: None }
    }
}

/// A state by the name of a circuit's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateConfig {
    /// OpenQASM file of a circuit that makes the state from `|0...0>`; at most 14 qubits. Energies are infidelities.
    pub file: String,
    /// What it is called. Default the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A unitary by the name of a circuit's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitaryConfig {
    /// OpenQASM file of a circuit of gates; at most 7 qubits. Energies are process infidelities: global phases do not matter.
    pub file: String,
    /// What it is called. Default the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A mixed state by the name of a circuit's file, and its qubits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiagonalConfig {
    /// OpenQASM file of a circuit that makes a pure state from `|0...0>`; at most 14 qubits.
    pub file: String,
    /// The qubits whose state is diagonalised, from 1 to 8 of them, all others traced out: qubit k of the circuit that is found acts on the
    /// k-th of these. Energies are purities less the purity of the outcomes.
    pub qubits: Vec<usize>,
    /// What it is called. Default the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

fn hartree() -> String {
    "hartree".to_owned()
}

fn one() -> f64 {
    1.0
}
