//! `qloom hamiltonian`: what an observable is, and its ground energy.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::hamiltonian_file::{self, KRYLOV_QUBITS};
use crate::output;

/// Show the terms, bounds and exact ground energy of a Hamiltonian.
///
/// The file is JSON: {"n_qubits": 2, "constant": 0.5, "terms": [["XZ", 0.25], ...]}; the leftmost letter of a word acts on
/// qubit 0. The ground energy is computed by a Krylov method up to 14 qubits.
///
/// For example: qloom hamiltonian data/molecules/H2_0.7414_4q_jw.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The Hamiltonian's JSON file; - is standard input.
    file: PathBuf,
    /// Also print every term.
    #[arg(long)]
    terms: bool,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = hamiltonian_file::read(&arguments.file)?;
    let sum = &file.hamiltonian;
    let ground = hamiltonian_file::ground_energy(&file)?;
    let computed = sum.num_qubits() <= KRYLOV_QUBITS;
    if arguments.json {
        let mut value = serde_json::json!({
            "name": file.name,
            "num_qubits": sum.num_qubits(),
            "num_terms": sum.terms().len(),
            "constant": sum.constant(),
            "one_norm": sum.one_norm(),
            "lower_bound": sum.lower_bound(),
            "ground_energy": ground,
            "ground_energy_computed": computed,
            "hartree_fock_energy": file.hartree_fock_energy,
        });
        if arguments.terms {
            let terms: Vec<_> = sum.terms().iter().map(|(string, c)| (string.word(sum.num_qubits()), c)).collect();
            value["terms"] = serde_json::json!(terms);
        }
        output::json_line(&value);
        return Ok(());
    }
    let energy = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |e| format!("{e:.12} hartree"));
    let source = if computed { "computed" } else { "as the file says; computed up to 14 qubits only" };
    output::line(&output::pairs(&[
        ("name", file.name.clone().unwrap_or_else(|| "-".to_owned())),
        ("qubits", sum.num_qubits().to_string()),
        ("terms", format!("{} (identity included)", sum.terms().len())),
        ("constant", format!("{:.12}", sum.constant())),
        ("one-norm", format!("{:.12} (identity left out)", sum.one_norm())),
        ("lower bound", format!("{:.12}", sum.lower_bound())),
        ("ground energy", format!("{} ({source})", energy(ground))),
        ("Hartree-Fock", energy(file.hartree_fock_energy)),
    ]));
    if arguments.terms {
        for (string, coefficient) in sum.terms() {
            output::line(&format!("{}  {coefficient:+.12}", string.word(sum.num_qubits())));
        }
    }
    Ok(())
}
