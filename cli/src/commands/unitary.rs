//! `qloom unitary`: the matrix of a circuit.

use std::path::PathBuf;

use qloom::circuits::Matrix;
use qloom::sim::SimulatorConfig;
use serde::Serialize;

use crate::array_file::ArrayFile;
use crate::engine::refused;
use crate::failure::Failure;
use crate::output::{self, Report};
use crate::{circuit_file, machine};

/// Print the unitary matrix of a circuit of gates.
///
/// Qubit 0 is the least significant bit of a row's and a column's number; the global phase is as in the file. Up to 12 qubits.
///
/// For example: qloom unitary qft.qasm --out qft.npz
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// Write the matrix as the array `unitary` of an .npz file instead of printing it.
    #[arg(long, value_name = "FILE.npz")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// The matrix, row by row, empty where it was written to a file.
#[derive(Serialize)]
struct UnitaryReport {
    num_qubits: usize,
    real: Vec<Vec<f64>>,
    imaginary: Vec<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

impl Report for UnitaryReport {
    fn text(&self) -> String {
        if let Some(file) = &self.file {
            return format!("the unitary of {} qubits is in {}", self.num_qubits, file.display());
        }
        let number = |value: f64| if value.abs() < 0.5e-9 { 0.0 } else { value };
        let rows = self.real.iter().zip(&self.imaginary).map(|(real, imaginary)| {
            let entries = real.iter().zip(imaginary).map(|(&re, &im)| format!("{:+.9}{:+.9}i", number(re), number(im)));
            entries.collect::<Vec<_>>().join("  ")
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let circuit = circuit_file::read(&arguments.file)?;
    if circuit.num_parameters() > 0 {
        let (name, count) = (arguments.file.display(), circuit.num_parameters());
        return Err(Failure::input(format!("{name} has {count} free parameters; a matrix needs numbers in their place")));
    }
    let config = SimulatorConfig { memory_limit: machine::memory_limit(), ..SimulatorConfig::default() };
    let matrix = qloom::sim::unitary(&circuit, config).map_err(|error| refused("cannot make the unitary", error))?;
    if let Some(path) = &arguments.out {
        let rows = matrix.dimension() as u64;
        let mut file = ArrayFile::new(path);
        file.put("unitary", &[rows, rows], matrix.entries())?;
        file.write()?;
    }
    let rows = |entry: fn(&num_complex::Complex64) -> f64| match arguments.out {
        Some(_) => Vec::new(),
        None => matrix_rows(&matrix, entry),
    };
    let report = UnitaryReport {
        num_qubits: circuit.num_qubits(),
        real: rows(|value| value.re),
        imaginary: rows(|value| value.im),
        file: arguments.out.clone(),
    };
    output::report(arguments.json, &report)
}

fn matrix_rows(matrix: &Matrix, entry: fn(&num_complex::Complex64) -> f64) -> Vec<Vec<f64>> {
    matrix.entries().chunks(matrix.dimension()).map(|row| row.iter().map(entry).collect()).collect()
}
