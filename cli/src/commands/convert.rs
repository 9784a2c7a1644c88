//! `qloom convert`: OpenQASM from one version, dialect or machine to another.

use std::path::{Path, PathBuf};

use crate::circuit_file::{self, Binding, Form};
use crate::compilation::Effort;
use crate::failure::Failure;
use crate::{files, output};

/// Convert an OpenQASM file to another version, to a service's dialect, or to a machine's native gates.
///
/// For example: qloom convert old.qasm --to qasm3 --out new.qasm, or qloom convert bell.qasm --dialect ionq
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// The file to write; by default the program goes to standard output.
    #[arg(value_name = "OUT", conflicts_with = "out")]
    written: Option<PathBuf>,
    /// The same as OUT.
    #[arg(long, value_name = "OUT")]
    out: Option<PathBuf>,
    #[command(flatten)]
    binding: Binding,
    #[command(flatten)]
    form: Form,
    /// Compile for this device first: a machine's name, or a device file (.toml, .json, .csv); see qloom compile.
    #[arg(long, value_name = "NAME|FILE")]
    target: Option<String>,
    #[command(flatten)]
    effort: Effort,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut circuit = arguments.binding.apply(circuit_file::read(&arguments.file)?)?;
    if let Some(target) = &arguments.target {
        circuit = arguments.effort.compile(&circuit, target)?.circuit;
    }
    let text = arguments.form.write(&circuit)?;
    let out = arguments.written.as_deref().or(arguments.out.as_deref());
    if let Some(out) = out {
        files::write_whole(out, text.as_bytes())?;
    }
    if arguments.json {
        return output::json_line(&ConvertReport {
            num_qubits: circuit.num_qubits(),
            two_qubit_gates: circuit.two_qubit_gates(),
            depth: circuit.depth(),
            out: out.map(|path: &Path| path.display().to_string()),
            qasm: out.is_none().then_some(text.as_str()),
        });
    }
    if out.is_none() {
        output::line(text.trim_end());
    }
    Ok(())
}

/// A converted program, or the file it is in.
#[derive(serde::Serialize)]
struct ConvertReport<'a> {
    num_qubits: usize,
    two_qubit_gates: usize,
    depth: usize,
    out: Option<String>,
    qasm: Option<&'a str>,
}
