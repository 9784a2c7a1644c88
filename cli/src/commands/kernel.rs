//! `qloom kernel`: the Gram matrix of a quantum kernel.

use std::path::PathBuf;
use std::time::Instant;

use qloom::learn::{FidelityKernel, smallest_eigenvalue};
use serde::Serialize;

use crate::array_file::ArrayFile;
use crate::engine::Engine;
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::map_arguments::MapArguments;
use crate::output::{self, Report};
use crate::table::Table;

/// Compute the fidelity kernel of the rows of a table.
///
/// Each row is encoded into a state by a feature map, one qubit for each column (amplitude: n qubits for 2^n columns); the entry of two rows is the squared overlap of their
/// states. All columns but `label` are features and have to be numbers.
///
/// For example: qloom kernel data.csv --map zz --reps 2 --entanglement full --out gram.npz
#[derive(clap::Args)]
pub struct Arguments {
    /// The table's CSV file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    map: MapArguments,
    /// Write the matrix as the array `gram` of an .npz file.
    #[arg(long, value_name = "FILE.npz")]
    out: Option<PathBuf>,
    /// Compute the matrix N times; "seconds" of the JSON object has the time of each.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    repeat: u64,
    #[command(flatten)]
    pub engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// What the command prints.
#[derive(Serialize)]
struct KernelReport {
    rows: usize,
    num_qubits: usize,
    seconds: Vec<f64>,
    smallest_eigenvalue: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

impl Report for KernelReport {
    fn text(&self) -> String {
        let mut rows = vec![
            ("rows", self.rows.to_string()),
            ("qubits", self.num_qubits.to_string()),
            ("smallest eigenvalue", format!("{:.6e}", self.smallest_eigenvalue)),
            ("shortest time", format!("{:.6} s", self.seconds.iter().copied().fold(f64::INFINITY, f64::min))),
        ];
        if let Some(file) = &self.file {
            rows.push(("matrix", file.display().to_string()));
        }
        output::pairs(&rows)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = arguments.file.display().to_string();
    let table = Table::read(&files::read_text(&arguments.file)?, &file)?;
    let names: Vec<&str> = table.names().filter(|name| *name != "label").collect();
    let columns: Vec<Vec<f64>> = names.iter().map(|name| table.numbers(name, &file)).collect::<Result<_, _>>()?;
    let count = columns.first().map_or(0, Vec::len);
    if count == 0 {
        return Err(Failure::input(format!("{file} has no rows of features; it needs one at least")));
    }
    let data: Vec<f64> = (0..count).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let map = arguments.map.settings();
    let mut kernel = FidelityKernel::new(&map, columns.len(), arguments.engine.config()?).or_input("cannot make the kernel")?;
    let mut seconds = Vec::new();
    let mut gram = None;
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        gram = Some(kernel.gram(&data).or_work("cannot compute the kernel")?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    let gram = gram.ok_or_else(|| Failure::input("--repeat 0 computes nothing"))?;
    if let Some(path) = &arguments.out {
        let entries: Vec<f64> =
            (0..count).flat_map(|row| (0..count).map(move |column| (row, column))).map(|at| gram[at]).collect();
        let mut file = ArrayFile::new(path);
        file.put("gram", &[count as u64, count as u64], &entries)?;
        file.write()?;
    }
    let report = KernelReport {
        rows: count,
        num_qubits: kernel.num_qubits(),
        seconds,
        smallest_eigenvalue: smallest_eigenvalue(&gram).or_work("cannot find the eigenvalues")?,
        file: arguments.out.clone(),
    };
    output::report(arguments.json, &report)
}
