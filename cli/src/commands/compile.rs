//! `qloom compile`: a circuit in a machine's native gates on its qubits.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::qasm::AnyProgram;

use crate::circuit_file::{self, Binding, Form};
use crate::compilation::Effort;
use crate::failure::Failure;
use crate::{device_file, files, output};

/// Compile a circuit for a device: native gates, couplings, few two-qubit gates.
///
/// Delays in dt, boxes and stretches of version 3 become delays in nanoseconds by the device's times (`dt_ns`, `time_ns`), those of the gates that
/// the program names: of gates that are not native the compiled ones may take longer.
///
/// A device is a machine's name (heron, eagle, falcon, trapped-ion, ionq, grid-NxM, line-N, ring-N, all-to-all), a JSON file of a service
/// (IBM's backend configuration or properties, Amazon Braket's device properties, Qiskit's Target), the calibration table of IBM's site
/// (.csv), or a TOML file: name = "mine", gates = ["rz", "sx", "x", "cz"], num_qubits = 3, couplings = [[0, 1], [1, 2]]; or name = "mine", machine = "heron"
/// and calibration data. With calibration data the qubits with the best gates and read-out are chosen, and the expected error is said
/// beside that of a layout without them. IBM's two files go together: the configuration has the gates and their directions, the
/// properties have the errors.
///
/// Qiskit has no file format for a Target t = backend.target; this Python writes the one that is read here: json.dump({"description":
/// t.description, "num_qubits": t.num_qubits, "dt": t.dt, "qubit_properties": [q and {"t1": q.t1, "t2": q.t2} for q in t.qubit_properties
/// or []], "instructions": {n: [{"qargs": a, "duration": p and p.duration, "error": p and p.error} for a, p in t[n].items()] for n in
/// t.operation_names}}, open("target.json", "w"))
///
/// For example: qloom compile circuit.qasm --target heron --optimize 2 --out native.qasm, or qloom compile circuit.qasm --target
/// conf_fez.json --calibration props_fez.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// The device: a machine's name, or a device file (.toml, .json, .csv).
    #[arg(long, value_name = "NAME|FILE")]
    target: String,
    /// Calibration data of the device, where its own file has none: a device file of the same machine.
    #[arg(long, value_name = "FILE")]
    calibration: Option<String>,
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
    let program = circuit_file::read_any(&arguments.file)?;
    let device = device_file::read_calibrated(&arguments.target, arguments.calibration.as_deref())?;
    let circuit = match program {
        AnyProgram::Circuit(circuit) => arguments.binding.apply(circuit)?,
        AnyProgram::Hybrid(program) => circuit_file::scheduled(&program, &device, &arguments.file)?,
    };
    let start = Instant::now();
    let compiled = arguments.effort.compile_for(&circuit, &device, &arguments.target)?;
    let seconds = start.elapsed().as_secs_f64();
    let errors = arguments.effort.expected_errors(&circuit, &device, &compiled)?;
    let text = arguments.form.write_compiled(&compiled.circuit)?;
    if let Some(out) = &arguments.out {
        files::write_whole(out, text.as_bytes())?;
    }
    let (two, depth) = (compiled.circuit.two_qubit_gates(), compiled.circuit.depth());
    if !arguments.json {
        let before = (circuit.two_qubit_gates(), circuit.depth());
        let target = &arguments.target;
        eprintln!("{target}: {two} two-qubit gates (from {}), depth {depth} (from {}), {seconds:.3} s", before.0, before.1);
        if let Some([error, blind]) = errors {
            eprintln!("expected error {error:.4}; {blind:.4} with a layout that does not look at the calibration data");
        }
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
        expected_error: errors.map(|[error, _]| error),
        expected_error_without_calibration: errors.map(|[_, blind]| blind),
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
    /// Of the compiled circuit on a calibrated device, and of one whose layout does not look at the calibration data.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_error_without_calibration: Option<f64>,
    seconds: f64,
    out: Option<String>,
    /// The program, where it goes to no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    qasm: Option<&'a str>,
}
