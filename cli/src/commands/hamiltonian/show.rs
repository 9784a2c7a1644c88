//! `qloom hamiltonian FILE`: what an observable is, and its ground energy.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::hamiltonian_file::{self, KRYLOV_QUBITS};
use crate::output::{self, Report};

/// The file shown when no command is given.
#[derive(clap::Args)]
pub struct Arguments {
    /// The Hamiltonian's JSON file; - is standard input.
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Also print every term.
    #[arg(long)]
    terms: bool,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// What an observable is.
#[derive(serde::Serialize)]
struct Description {
    name: Option<String>,
    num_qubits: usize,
    num_terms: usize,
    constant: f64,
    one_norm: f64,
    lower_bound: f64,
    ground_energy: Option<f64>,
    /// Whether it was computed here; otherwise it is the file's.
    ground_energy_computed: bool,
    hartree_fock_energy: Option<f64>,
    /// Words and coefficients, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Vec<(String, f64)>>,
}

impl Report for Description {
    fn text(&self) -> String {
        let energy = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |e| format!("{e:.12} hartree"));
        let source = match self.ground_energy_computed {
            true => "computed",
            false => "from the file; computed up to 14 qubits only",
        };
        let mut text = output::pairs(&[
            ("name", self.name.clone().unwrap_or_else(|| "-".to_owned())),
            ("qubits", self.num_qubits.to_string()),
            ("terms", format!("{} (identity included)", self.num_terms)),
            ("constant", format!("{:.12}", self.constant)),
            ("one-norm", format!("{:.12} (identity left out)", self.one_norm)),
            ("lower bound", format!("{:.12}", self.lower_bound)),
            ("ground energy", format!("{} ({source})", energy(self.ground_energy))),
            ("Hartree-Fock", energy(self.hartree_fock_energy)),
        ]);
        for (word, coefficient) in self.terms.iter().flatten() {
            text.push_str(&format!("\n{word}  {coefficient:+.12}"));
        }
        text
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = arguments.file.as_ref().ok_or_else(|| Failure::input("name a Hamiltonian file"))?;
    let file = hamiltonian_file::read(path)?;
    let sum = &file.hamiltonian;
    let description = Description {
        name: file.name.clone(),
        num_qubits: sum.num_qubits(),
        num_terms: sum.terms().len(),
        constant: sum.constant(),
        one_norm: sum.one_norm(),
        lower_bound: sum.lower_bound(),
        ground_energy: hamiltonian_file::ground_energy(&file)?,
        ground_energy_computed: sum.num_qubits() <= KRYLOV_QUBITS,
        hartree_fock_energy: file.hartree_fock_energy,
        terms: arguments.terms.then(|| sum.terms().iter().map(|(string, c)| (string.word(sum.num_qubits()), *c)).collect()),
    };
    output::report(arguments.json, &description)
}
