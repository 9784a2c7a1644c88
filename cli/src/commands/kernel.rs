//! `qloom kernel`: the Gram matrix of a quantum kernel.

mod stored;

use std::path::{Path, PathBuf};
use std::time::Instant;

use faer::Mat;
use qloom::circuits::qasm;
use qloom::learn::{EncodedRows, FidelityKernel, MapSettings, smallest_eigenvalue};
use serde::Serialize;

use self::stored::StoredKernel;
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
/// The file of --out has the arrays `gram` and `rows`, and the names of the columns and the map as text in bytes; with --append the rows of the
/// table are added to the matrix of such a file, and only the entries that it does not have are computed. With --circuits each row's circuit
/// is written as OpenQASM 3: that of an amplitude map prepares the amplitudes by rotations and cx.
///
/// For example: qloom kernel data.csv --map zz --reps 2 --entanglement full --out gram.npz, then
/// qloom kernel more.csv --map zz --reps 2 --append gram.npz
#[derive(clap::Args)]
pub struct Arguments {
    /// The table's CSV file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    map: MapArguments,
    /// Write the matrix as the array `gram` of an .npz file.
    #[arg(long, value_name = "FILE.npz")]
    out: Option<PathBuf>,
    /// Add the rows to the matrix of this file, which --out has written, and write it again, or to --out.
    #[arg(long, value_name = "FILE.npz")]
    append: Option<PathBuf>,
    /// Write the circuit of each row into this folder, which is made: row_1.qasm, row_2.qasm, ...
    #[arg(long, value_name = "DIR")]
    circuits: Option<PathBuf>,
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
    /// Rows of the matrix that were there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    appended_to: Option<usize>,
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

/// The names of the columns of features, and the features row by row.
fn features(path: &Path) -> Result<(Vec<String>, Vec<f64>), Failure> {
    let file = path.display().to_string();
    let table = Table::read(&files::read_text(path)?, &file)?;
    let names: Vec<String> = table.names().filter(|name| *name != "label").map(str::to_owned).collect();
    let columns: Vec<Vec<f64>> = names.iter().map(|name| table.numbers(name, &file)).collect::<Result<_, _>>()?;
    let count = columns.first().map_or(0, Vec::len);
    if count == 0 {
        return Err(Failure::input(format!("{file} has no rows of features; it needs one at least")));
    }
    let rows = (0..count).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    Ok((names, rows))
}

/// The stored kernel that rows of these columns are added to, by the same map.
fn before(path: &Path, columns: &[String], map: &MapSettings) -> Result<StoredKernel, Failure> {
    let stored = StoredKernel::read(path)?;
    let place = path.display();
    if stored.columns != columns {
        let (known, given) = (stored.columns.join(", "), columns.join(", "));
        return Err(Failure::input(format!("{place} is of the columns {known}, and the table has {given}")));
    }
    if stored.map != *map {
        let text = |map: &MapSettings| serde_json::to_string(map).or_work("cannot write the map");
        let (known, given) = (text(&stored.map)?, text(map)?);
        return Err(Failure::input(format!("{place} is of the map {known}, and {given} is asked for; give the same options")));
    }
    Ok(stored)
}

/// How far an entry of a stored matrix may be from that of its rows.
const NEAR: f64 = 1e-9;

/// Refuses a matrix whose first row is not that of its rows.
fn check_first(stored: &StoredKernel, first: &Mat<f64>) -> Result<(), Failure> {
    let off = (0..first.ncols()).find(|&column| (stored.gram[column] - first[(0, column)]).abs() > NEAR);
    match off {
        None => Ok(()),
        Some(column) => Err(Failure::input(format!(
            "the stored matrix is not that of its rows: row 1, column {} is {}, and the kernel is {}; make the file anew",
            column + 1,
            stored.gram[column],
            first[(0, column)]
        ))),
    }
}

/// The matrix with the rows of `new` behind those of the stored one.
fn joined(stored: &StoredKernel, old: &EncodedRows, new: &EncodedRows, threads: usize) -> Mat<f64> {
    let (known, count) = (old.len(), old.len() + new.len());
    let (cross, own) = (new.overlaps(old, threads), new.gram(threads));
    let entry = |row: usize, column: usize| match (row < known, column < known) {
        (true, true) => stored.gram[row * known + column],
        (true, false) => cross[(column - known, row)],
        (false, true) => cross[(row - known, column)],
        (false, false) => own[(row - known, column - known)],
    };
    Mat::from_fn(count, count, entry)
}

/// Writes the circuit of each row.
fn write_circuits(folder: &Path, map: &MapSettings, rows: &[f64], width: usize) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).or_work(folder.display().to_string())?;
    for (number, row) in rows.chunks(width).enumerate() {
        let circuit = map.circuit_of(row).or_input(format!("the circuit of row {}", number + 1))?;
        let text = qasm::write(&circuit, qasm::Version::V3, qasm::Dialect::default()).or_work("cannot write a circuit")?;
        files::write_whole(&folder.join(format!("row_{}.qasm", number + 1)), text.as_bytes())?;
    }
    Ok(())
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (columns, rows) = features(&arguments.file)?;
    let (map, width) = (arguments.map.settings(), columns.len());
    let stored = arguments.append.as_deref().map(|path| before(path, &columns, &map)).transpose()?;
    let config = arguments.engine.config()?;
    let mut kernel = FidelityKernel::new(&map, width, config).or_input("cannot make the kernel")?;
    if let Some(folder) = &arguments.circuits {
        write_circuits(folder, &map, &rows, width)?;
    }
    let (place, mut seconds, mut gram) = ("cannot compute the kernel", Vec::new(), None);
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        gram = Some(match &stored {
            None => kernel.gram(&rows).or_work(place)?,
            Some(stored) => {
                let (old, new) = (kernel.encode(&stored.rows).or_work(place)?, kernel.encode(&rows).or_work(place)?);
                check_first(stored, &kernel.encode(&stored.rows[..width]).or_work(place)?.overlaps(&old, config.threads))?;
                joined(stored, &old, &new, config.threads)
            }
        });
        seconds.push(start.elapsed().as_secs_f64());
    }
    let gram = gram.ok_or_else(|| Failure::input("--repeat 0 computes nothing"))?;
    let appended_to = stored.as_ref().map(StoredKernel::len);
    let rows = [stored.map_or_else(Vec::new, |stored| stored.rows), rows].concat();
    let count = gram.nrows();
    let entries = (0..count * count).map(|at| gram[(at / count, at % count)]).collect();
    let whole = StoredKernel { columns, map, rows, gram: entries };
    let file = arguments.out.clone().or_else(|| arguments.append.clone());
    if let Some(path) = &file {
        whole.write(path)?;
    }
    let report = KernelReport {
        rows: count,
        appended_to,
        num_qubits: kernel.num_qubits(),
        seconds,
        smallest_eigenvalue: smallest_eigenvalue(&gram).or_work("cannot find the eigenvalues")?,
        file,
    };
    output::report(arguments.json, &report)
}
