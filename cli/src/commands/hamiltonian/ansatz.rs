//! `qloom hamiltonian ansatz`: circuits and pools of chemistry.

use std::path::PathBuf;

use qloom::chemistry::{Excitation, Molecule, Pool, excitations, hardware_efficient_from, product_ansatz};
use qloom::circuits::{Circuit, qasm};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::molecule::{self, EncodingArguments};
use crate::output::{self, Report};

/// Make the circuit of an ansatz for a molecule, or its pool of excitations.
///
/// The circuit prepares the Hartree-Fock determinant and has one free parameter for each excitation and layer; zero everywhere gives the
/// determinant. It is written as OpenQASM 3 with parameters as inputs. A pool is JSON: each excitation with its label and its generator G,
/// as Pauli words with coefficients, for exp(-i theta G); its words commute.
///
/// For example: qloom hamiltonian ansatz H2.FCIDUMP --kind uccsd --out uccsd.qasm --pool uccsd.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The FCIDUMP file; - is standard input.
    file: PathBuf,
    /// Which excitations: uccsd and k-upccgsd in every mapping, those of qubits in the Jordan-Wigner mapping.
    #[arg(long, default_value = "uccsd")]
    kind: Kind,
    /// How often the excitations are repeated, or the layers of the hardware-efficient ansatz.
    #[arg(long, default_value_t = 1, value_name = "K", value_parser = clap::value_parser!(u32).range(0..=1000))]
    layers: u32,
    #[command(flatten)]
    encoding: EncodingArguments,
    /// Write the circuit as OpenQASM 3.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the pool as JSON.
    #[arg(long, value_name = "FILE")]
    pool: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Uccsd,
    KUpccgsd,
    QubitExcitation,
    CoupledExchange,
    HardwareEfficient,
}

impl Kind {
    fn pool(self) -> Option<Pool> {
        match self {
            Kind::Uccsd => Some(Pool::Uccsd),
            Kind::KUpccgsd => Some(Pool::PairedGeneralized),
            Kind::QubitExcitation => Some(Pool::QubitExcitation),
            Kind::CoupledExchange => Some(Pool::CoupledExchange),
            Kind::HardwareEfficient => None,
        }
    }
}

#[derive(Serialize)]
struct Made {
    kind: Kind,
    file: Option<PathBuf>,
    num_qubits: usize,
    /// Of the pool.
    num_excitations: usize,
    num_parameters: usize,
    num_operations: usize,
    two_qubit_gates: usize,
}

impl Report for Made {
    fn text(&self) -> String {
        output::pairs(&[
            ("qubits", self.num_qubits.to_string()),
            ("excitations", self.num_excitations.to_string()),
            ("parameters", self.num_parameters.to_string()),
            ("operations", self.num_operations.to_string()),
        ])
    }
}

/// An excitation as a file holds it.
#[derive(Serialize)]
struct PoolEntry<'a> {
    label: &'a str,
    terms: Vec<(String, f64)>,
}

#[derive(Serialize)]
struct PoolFile<'a> {
    n_qubits: usize,
    excitations: Vec<PoolEntry<'a>>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let integrals = arguments.encoding.active_space(&molecule::read(&arguments.file)?)?;
    let built = arguments.encoding.molecule(&integrals)?;
    let (alpha, beta) = integrals.hartree_fock();
    let pool = match arguments.kind.pool() {
        Some(pool) => excitations(pool, &built, &alpha, &beta).or_input("cannot make the pool")?,
        None => Vec::new(),
    };
    let circuit = circuit(arguments, &built, &pool)?;
    if let Some(path) = &arguments.pool {
        if arguments.kind.pool().is_none() {
            return Err(Failure::input("--pool: the hardware-efficient ansatz has no pool"));
        }
        let n_qubits = built.hamiltonian().num_qubits();
        let entry = |excitation| entry(excitation, n_qubits);
        let file = PoolFile { n_qubits, excitations: pool.iter().map(entry).collect() };
        let text = serde_json::to_string_pretty(&file).or_work("cannot write the pool")?;
        files::write_whole(path, text.as_bytes())?;
    }
    if let Some(path) = &arguments.out {
        let text = qasm::write(&circuit, qasm::Version::V3, qasm::Dialect::Plain).or_work("cannot write the circuit")?;
        files::write_whole(path, text.as_bytes())?;
    }
    let report = Made {
        kind: arguments.kind,
        file: arguments.out.clone(),
        num_qubits: circuit.num_qubits(),
        num_excitations: pool.len(),
        num_parameters: circuit.num_parameters(),
        num_operations: circuit.operations().len(),
        two_qubit_gates: circuit.two_qubit_gates(),
    };
    output::report(arguments.json, &report)
}

fn circuit(arguments: &Arguments, built: &Molecule, pool: &[Excitation]) -> Result<Circuit, Failure> {
    let Some(bits) = built.hartree_fock_bits() else {
        return Err(Failure::input("--sector: the Hartree-Fock determinant is in another sector; an ansatz starts from it"));
    };
    let layers = arguments.layers as usize;
    let circuit = match arguments.kind.pool() {
        Some(_) => product_ansatz(bits, pool, layers),
        None => hardware_efficient_from(bits, layers),
    };
    circuit.or_work("cannot make the circuit")
}

fn entry(excitation: &Excitation, num_qubits: usize) -> PoolEntry<'_> {
    let terms = excitation.generator().terms().iter().map(|(string, c)| (string.word(num_qubits), *c));
    PoolEntry { label: excitation.label(), terms: terms.collect() }
}
