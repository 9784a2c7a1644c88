//! `qloom convert`: OpenQASM from one version, dialect or machine to another.

use std::path::{Path, PathBuf};

use qloom::circuits::Circuit;
use qloom::circuits::qasm::{self, AnyProgram};

use crate::circuit_file::{self, Binding, Form};
use crate::compilation::Effort;
use crate::failure::{Failure, OrFailure};
use crate::{files, output};

/// Convert an OpenQASM file to another version, to a service's dialect, or to a machine's native gates.
///
/// A program with classical control flow is written in plain OpenQASM 3 as it is; for version 2, dialects and machines its loops are
/// unrolled and its subroutines written out, and what depends on measured values in a way that no circuit has is named.
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
    let mut circuit = match circuit_file::read_any(&arguments.file)? {
        AnyProgram::Circuit(circuit) => arguments.binding.apply(circuit)?,
        AnyProgram::Hybrid(program) if arguments.target.is_none() && arguments.form.is_plain() => {
            let text = qasm::write_program(&program).or_input("cannot write the program")?;
            return written(arguments, &text, program.num_qubits(), None);
        }
        // what needs a circuit says what of the program is none
        AnyProgram::Hybrid(_) => arguments.binding.apply(circuit_file::read(&arguments.file)?)?,
    };
    if let Some(target) = &arguments.target {
        circuit = arguments.effort.compile(&circuit, target)?.circuit;
    }
    let text = match &arguments.target {
        Some(_) => arguments.form.write_compiled(&circuit)?,
        None => arguments.form.write(&circuit)?,
    };
    written(arguments, &text, circuit.num_qubits(), Some(&circuit))
}

/// Writes the text to where it is wanted, and the report.
fn written(arguments: &Arguments, text: &str, num_qubits: usize, circuit: Option<&Circuit>) -> Result<(), Failure> {
    let out = arguments.written.as_deref().or(arguments.out.as_deref());
    if let Some(out) = out {
        files::write_whole(out, text.as_bytes())?;
    }
    if arguments.json {
        return output::json_line(&ConvertReport {
            num_qubits,
            two_qubit_gates: circuit.map(Circuit::two_qubit_gates),
            depth: circuit.map(Circuit::depth),
            out: out.map(|path: &Path| path.display().to_string()),
            qasm: out.is_none().then_some(text),
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
    /// Of a circuit; those of a program depend on how it runs.
    two_qubit_gates: Option<usize>,
    depth: Option<usize>,
    out: Option<String>,
    qasm: Option<&'a str>,
}
