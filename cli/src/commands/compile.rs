//! `qloom compile`: a circuit in a machine's native gates on its qubits.

use std::path::PathBuf;
use std::time::Instant;

use crate::circuit_file::{self, Binding, Form};
use crate::compilation::Effort;
use crate::failure::Failure;
use crate::{files, output};

/// Compile a circuit for a device: native gates, couplings, few two-qubit gates.
///
/// A device is a machine's name (heron, eagle, falcon, trapped-ion, ionq, grid-NxM, line-N, ring-N, all-to-all), IBM's backend properties
/// (.json), the calibration table of IBM's site (.csv), or a TOML file: name = "mine", gates = ["rz", "sx", "x", "cz"], num_qubits = 3,
/// couplings = [[0, 1], [1, 2]]; or name = "mine", machine = "heron" and calibration data. With calibration data the qubits with the best
/// gates are chosen.
///
/// For example: qloom compile circuit.qasm --target heron --optimize 2 --out native.qasm
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// The device: a machine's name, or a device file (.toml, .json, .csv).
    #[arg(long, value_name = "NAME|FILE")]
    target: String,
    #[command(flatten)]
    binding: Binding,
    #[command(flatten)]
    effort: Effort,
    /// The file to write; by default the program goes to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    /// Print one JSON object and nothing else on standard output; "qasm" holds the program if --out names no file.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let circuit = arguments.binding.apply(circuit_file::read(&arguments.file)?)?;
    let start = Instant::now();
    let compiled = arguments.effort.compile(&circuit, &arguments.target)?;
    let seconds = start.elapsed().as_secs_f64();
    let text = arguments.form.write(&compiled.circuit)?;
    if let Some(out) = &arguments.out {
        files::write_whole(out, text.as_bytes())?;
    }
    let (two, depth) = (compiled.circuit.two_qubit_gates(), compiled.circuit.depth());
    if !arguments.json {
        let before = (circuit.two_qubit_gates(), circuit.depth());
        let target = &arguments.target;
        eprintln!("{target}: {two} two-qubit gates (from {}), depth {depth} (from {}), {seconds:.3} s", before.0, before.1);
        eprintln!("qubits begin on {:?} and end on {:?}", compiled.initial_layout, compiled.final_layout);
        if arguments.out.is_none() {
            output::line(text.trim_end());
        }
        return Ok(());
    }
    output::json_line(&CompileReport {
        target: &arguments.target,
        two_qubit_gates: two,
        depth,
        initial_layout: &compiled.initial_layout,
        final_layout: &compiled.final_layout,
        assumptions: &compiled.assumptions,
        seconds,
        out: arguments.out.as_ref().map(|path| path.display().to_string()),
        qasm: arguments.out.is_none().then_some(text.as_str()),
    })
}

/// A compiled circuit in numbers.
#[derive(serde::Serialize)]
struct CompileReport<'a> {
    target: &'a str,
    two_qubit_gates: usize,
    depth: usize,
    initial_layout: &'a [usize],
    final_layout: &'a [usize],
    assumptions: &'a [String],
    seconds: f64,
    out: Option<String>,
    /// The program, where it goes to no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    qasm: Option<&'a str>,
}
