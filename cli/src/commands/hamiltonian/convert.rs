//! `qloom hamiltonian convert`: other programs' operators.

use std::path::{Path, PathBuf};

use qloom::chemistry::{Encoding, ForeignOperator, openfermion_text, qiskit_list, read_openfermion, read_qiskit};
use qloom::circuits::{HamiltonianFile, PauliOperator, PauliSum};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::molecule::MappingArgument;
use crate::output::{self, Report};
use crate::{hamiltonian_file, hdf5};

/// Convert an operator between the formats of qloom, OpenFermion and Qiskit
///
/// | format | what it is |
/// | --- | --- |
/// | qloom | JSON as `qloom hamiltonian` reads it |
/// | openfermion | QubitOperator or FermionOperator: text such as "0.5 [X0 Y1] +", JSON or Python dictionaries of terms |
/// | qiskit | SparsePauliOp: lists of labels (the rightmost letter is qubit 0) and coefficients, or what Python prints |
/// | plain | sparse text such as "0.5 * X0 Y3 - Z1 + 2" |
///
/// Repeated terms are added; imaginary parts must cancel. Operators of fermions are mapped to qubits.
///
/// For example: qloom hamiltonian convert operator.txt --from openfermion --out operator.json
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// The operator's file; - is standard input.
    file: PathBuf,
    /// The dataset that holds the operator's text in an HDF5 file, such as those of HamLib (needs a build with --features hdf5).
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// Its format; auto recognises it by the text.
    #[arg(long, default_value = "auto")]
    from: From,
    /// The format to write.
    #[arg(long, default_value = "qloom")]
    to: To,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of qubits (or modes) of the operator, where it is more than its terms show.
    #[arg(long, value_name = "N")]
    qubits: Option<usize>,
    /// The mapping of fermions to qubits, for operators of fermions.
    #[arg(long, default_value = "jordan-wigner")]
    mapping: MappingArgument,
    /// The largest imaginary part of a coefficient that counts as rounding.
    #[arg(long, default_value = "1e-10", value_name = "SIZE")]
    tolerance: f64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum From {
    Auto,
    Qloom,
    Openfermion,
    Qiskit,
    Plain,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum To {
    Qloom,
    Openfermion,
    Qiskit,
    Plain,
}

#[derive(Serialize)]
struct Converted {
    file: PathBuf,
    from: From,
    to: To,
    /// Whether it was an operator of fermions.
    fermions: bool,
    num_qubits: usize,
    /// The identity included.
    num_terms: usize,
    constant: f64,
    one_norm: f64,
}

impl Report for Converted {
    fn text(&self) -> String {
        output::pairs(&[
            ("written", self.file.display().to_string()),
            ("qubits", self.num_qubits.to_string()),
            ("terms", format!("{} (identity included)", self.num_terms)),
            ("constant", format!("{:.12}", self.constant)),
            ("one-norm", format!("{:.12} (identity left out)", self.one_norm)),
        ])
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = match arguments.dataset.is_some() || hdf5::is_named(&arguments.file) {
        true => hdf5::read_text(&arguments.file, arguments.dataset.as_deref())?,
        false => files::read_text(&arguments.file)?,
    };
    let from = if arguments.from == From::Auto { guess(&text) } else { arguments.from };
    let (file, fermions) = read(arguments, from, &text)?;
    let sum = &file.hamiltonian;
    let written = match arguments.to {
        To::Qloom => file.to_json(),
        To::Openfermion => openfermion_text(sum),
        To::Qiskit => qiskit_list(sum),
        To::Plain => format!("{sum}\n"),
    };
    files::write_whole(&arguments.out, written.as_bytes())?;
    let report = Converted {
        file: arguments.out.clone(),
        from,
        to: arguments.to,
        fermions,
        num_qubits: sum.num_qubits(),
        num_terms: sum.terms().len(),
        constant: sum.constant(),
        one_norm: sum.one_norm(),
    };
    output::report(arguments.json, &report)
}

/// The Hamiltonian, and whether it was one of fermions.
fn read(arguments: &Arguments, from: From, text: &str) -> Result<(HamiltonianFile, bool), Failure> {
    let path: &Path = &arguments.file;
    let place = |form: &str| format!("{} is not {form}", path.display());
    let real = |operator: PauliOperator| {
        operator.hermitian(arguments.tolerance).map(HamiltonianFile::from).or_input(format!("{} is not real", path.display()))
    };
    match from {
        From::Auto | From::Qloom => Ok((hamiltonian_file::parse(text, path)?, false)),
        From::Qiskit => {
            let operator = read_qiskit(text, arguments.qubits).or_input(place("a SparsePauliOp"))?;
            Ok((real(operator)?, false))
        }
        From::Plain => {
            let sum = match arguments.qubits {
                Some(qubits) => PauliSum::from_text(text, qubits),
                None => text.parse(),
            };
            Ok((sum.or_input(place("a sum of Pauli terms"))?.into(), false))
        }
        From::Openfermion => match read_openfermion(text, arguments.qubits).or_input(place("an operator of OpenFermion"))? {
            ForeignOperator::Qubits(operator) => Ok((real(operator)?, false)),
            ForeignOperator::Modes(operator) => {
                let modes = arguments.qubits.unwrap_or(operator.num_modes());
                let encoding = Encoding::new(arguments.mapping.into(), modes);
                let mapped = encoding.and_then(|encoding| encoding.map(&operator)).or_input("cannot map the operator")?;
                Ok((real(mapped)?, true))
            }
        },
    }
}

/// The form that a text looks like.
fn guess(text: &str) -> From {
    let start = text.trim_start();
    // labels stand behind the opening brackets; OpenFermion's dictionaries have letters further inside
    let inner = start.trim_start_matches(|found: char| "[{(".contains(found) || found.is_whitespace());
    let first_string = inner.strip_prefix(['"', '\'']).and_then(|rest| rest.split(['"', '\'']).next()).unwrap_or_default();
    let label = !first_string.is_empty() && first_string.chars().all(|letter| "IXYZ".contains(letter));
    if start.starts_with('{') && start.contains("\"n_qubits\"") {
        From::Qloom
    } else if start.starts_with("SparsePauliOp") || (start.starts_with(['[', '{']) && label) {
        From::Qiskit
    } else if start.contains('[') || start.starts_with('{') {
        From::Openfermion
    } else {
        From::Plain
    }
}
