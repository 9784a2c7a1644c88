//! `qloom convert`: OpenQASM from one version, dialect or machine to another.

use std::path::{Path, PathBuf};

use qloom::circuits::{Circuit, qasm};
use qloom::hardware::translate;

use super::compile;
use crate::failure::{Failure, OrFailure};
use crate::{circuit_file, files, output};

/// Convert an OpenQASM file to another version, to a service's dialect, or to a machine's native gates.
///
/// For example: qloom convert old.qasm --to qasm3 --out new.qasm
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
    form: Form,
    /// Compile for this machine first; see qloom compile.
    #[arg(long, value_name = "NAME|FILE.toml")]
    target: Option<String>,
    /// How hard the compilation tries.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
    optimize: u8,
    /// Fixes the compilation's random choices.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// The version and dialect of a written program.
#[derive(clap::Args)]
pub struct Form {
    /// The version of OpenQASM.
    #[arg(long, default_value = "qasm3")]
    to: Version,
    /// For whom the program is written.
    #[arg(long, default_value = "plain")]
    dialect: String,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Version {
    Qasm2,
    Qasm3,
}

impl Form {
    /// The circuit as a program of this form.
    pub fn write(&self, circuit: &Circuit) -> Result<String, Failure> {
        let version = match self.to {
            Version::Qasm2 => qasm::Version::V2,
            Version::Qasm3 => qasm::Version::V3,
        };
        let dialect = qasm::Dialect::from_name(&self.dialect).ok_or_else(|| {
            let names: Vec<&str> = qasm::Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
            Failure::input(format!("--dialect {}: there is no such dialect; take one of {}", self.dialect, names.join(", ")))
        })?;
        let native = translate(circuit, dialect).or_input("cannot write the circuit")?;
        qasm::write(&native, version, dialect).or_input("cannot write the circuit")
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut circuit = circuit_file::read(&arguments.file)?;
    if let Some(target) = &arguments.target {
        let target = compile::target(target)?;
        circuit = compile::compile(&circuit, &target, arguments.optimize, arguments.seed)?.circuit;
    }
    let text = arguments.form.write(&circuit)?;
    let out = arguments.written.as_deref().or(arguments.out.as_deref());
    if let Some(out) = out {
        files::write_whole(out, text.as_bytes())?;
    }
    if arguments.json {
        output::json_line(&serde_json::json!({
            "num_qubits": circuit.num_qubits(),
            "two_qubit_gates": circuit.two_qubit_gates(),
            "depth": circuit.depth(),
            "out": out.map(|path: &Path| path.display().to_string()),
            "qasm": out.is_none().then_some(&text),
        }));
    } else if out.is_none() {
        output::line(text.trim_end());
    }
    Ok(())
}
