//! `qloom diagnose kernel`: concentration, alignment and the geometric difference of a kernel.

use std::path::PathBuf;

use qloom::learn::{Concentration, Examples, FidelityKernel, KernelDiagnosis, concentration, diagnose_kernel};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_file::{self, LabelledRows};
use crate::map_arguments::MapArguments;
use crate::output::{self, Report};
use crate::table::Table;
use crate::{files, labelled_fit};

/// Compare the fidelity kernel of a table's rows with classical kernels.
///
/// For labels of two kinds: the alignment of the kernel with them; the geometric difference to the linear kernel and to radial ones, which
/// is to be compared with the root of the rows (where it is small, the classical kernel does as well on any labels but those it cannot
/// fit); the complexity
/// of the labels for each kernel; the effective dimension. And how entries off the diagonal concentrate as features are added, one qubit
/// each, in the order of the columns.
///
/// For example: qloom diagnose kernel adhoc_train.csv --map zz --reps 2
#[derive(clap::Args)]
pub struct Arguments {
    /// The table's CSV file with a column of labels of two kinds; - is standard input.
    file: PathBuf,
    /// The column of labels; all others are features.
    #[arg(long, default_value = "label")]
    label: String,
    #[command(flatten)]
    map: MapArguments,
    /// What is added to eigenvalues before they are inverted.
    #[arg(long, default_value_t = 1e-3, allow_negative_numbers = true)]
    regularization: f64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// What the command prints.
#[derive(Serialize)]
struct DiagnosisReport {
    rows: usize,
    num_qubits: usize,
    #[serde(flatten)]
    diagnosis: KernelDiagnosis,
    /// Entries off the diagonal with the first feature alone, the first two, and so on.
    by_qubits: Vec<Concentration>,
}

impl Report for DiagnosisReport {
    fn text(&self) -> String {
        let KernelDiagnosis { smallest_eigenvalue, effective_dimension, alignment, complexity, root_of_rows, classical, .. } =
            &self.diagnosis;
        let rows = [
            ("rows", self.rows.to_string()),
            ("qubits", self.num_qubits.to_string()),
            ("smallest eigenvalue", format!("{smallest_eigenvalue:.3e}")),
            ("effective dimension", format!("{effective_dimension:.3}")),
            ("target alignment", format!("{alignment:.4}")),
            ("complexity of the labels", format!("{complexity:.3}")),
            ("root of the rows", format!("{root_of_rows:.3}")),
        ];
        let mut lines = vec![output::pairs(&rows), "classical kernel     difference    unfitted  complexity".to_owned()];
        lines.extend(
            classical
                .iter()
                .map(|row| format!("{:19}  {:10.3}  {:10.3}  {:10.3}", row.kernel, row.difference, row.unfitted, row.complexity)),
        );
        lines.push("qubits  mean entry  variance".to_owned());
        let row = |(k, found): (usize, &Concentration)| format!("{:6}  {:10.3e}  {:.3e}", k + 1, found.mean, found.variance);
        lines.extend(self.by_qubits.iter().enumerate().map(row));
        lines.join("\n")
    }
}

/// The most rows: eigenvalues are found of several matrices.
const MOST_ROWS: usize = 2000;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = arguments.file.display().to_string();
    let table = Table::read(&files::read_text(&arguments.file)?, &file)?;
    let columns = labelled_file::feature_columns(&table, &arguments.label, &file)?;
    let LabelledRows { rows, labels, .. } = labelled_file::table_rows(&table, &columns, &arguments.label, &file)?;
    let labels =
        labels.ok_or_else(|| Failure::input(format!("{file} has no column \"{}\"; name it by --label", arguments.label)))?;
    let examples = Examples::new(rows.concat(), columns.len(), &labels).or_input(&file)?;
    if examples.classes().len() != 2 {
        let count = examples.classes().len();
        return Err(Failure::input(format!("{file} has labels of {count} kinds; a kernel is compared on labels of two")));
    }
    if rows.len() > MOST_ROWS {
        return Err(Failure::input(format!("{file} has {} rows; at most {MOST_ROWS} are compared, take a part", rows.len())));
    }
    let (map, place) = (arguments.map.settings(), "the kernel cannot be computed");
    let gram = |width: usize| {
        let part: Vec<f64> = rows.iter().flat_map(|row| row[..width].iter().copied()).collect();
        FidelityKernel::new(&map, width, labelled_fit::config()).and_then(|mut kernel| kernel.gram(&part)).or_input(place)
    };
    let whole = gram(columns.len())?;
    let second: Vec<bool> = examples.labels().iter().map(|label| *label == 1).collect();
    let diagnosis = diagnose_kernel(whole.as_ref(), examples.features(), &second, arguments.regularization);
    let by_qubits = (1..=columns.len()).map(|width| Ok(concentration(gram(width)?.as_ref())));
    let report = DiagnosisReport {
        rows: rows.len(),
        num_qubits: columns.len(),
        diagnosis: diagnosis.or_input("--regularization or the kernel")?,
        by_qubits: by_qubits.collect::<Result<_, Failure>>()?,
    };
    output::report(arguments.json, &report)
}
