//! `qloom compile`: a circuit in a machine's native gates on its qubits.

use std::path::{Path, PathBuf};
use std::time::Instant;

use qloom::circuits::Circuit;
use qloom::hardware::{self, CompileOptions, Compiled, Target};

use super::convert::Form;
use crate::failure::{Failure, OrFailure};
use crate::{circuit_file, files, output};

/// Compile a circuit for a machine: native gates, couplings, few two-qubit gates.
///
/// Machines by name: heron, eagle, falcon, trapped-ion, ionq, grid-NxM, line-N, ring-N, all-to-all. A TOML file describes any other:
/// name = "mine", gates = ["rz", "sx", "x", "cz"], num_qubits = 3, couplings = [[0, 1], [1, 2]], errors = [0.01, 0.02].
///
/// For example: qloom compile circuit.qasm --target heron --optimize 2 --out native.qasm
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// The machine: a name, or a TOML file.
    #[arg(long, value_name = "NAME|FILE.toml")]
    target: String,
    /// How hard to try: 0 translates and routes, 3 tries many layouts.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
    optimize: u8,
    /// Fixes every random choice.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The file to write; by default the program goes to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// The machine of this name or file.
pub fn target(text: &str) -> Result<Target, Failure> {
    if text.ends_with(".toml") {
        let file = files::read_text(Path::new(text))?;
        return toml::from_str(&file).or_input(format!("{text} describes no machine"));
    }
    Target::from_name(text).or_input("--target")
}

/// Compiles, with the exit code of bad input where the circuit does not fit the machine.
pub fn compile(circuit: &Circuit, target: &Target, level: u8, seed: u64) -> Result<Compiled, Failure> {
    hardware::compile(circuit, target, &CompileOptions { level, seed }).or_input("cannot compile")
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let circuit = circuit_file::read(&arguments.file)?;
    let target = target(&arguments.target)?;
    let start = Instant::now();
    let compiled = compile(&circuit, &target, arguments.optimize, arguments.seed)?;
    let seconds = start.elapsed().as_secs_f64();
    let text = arguments.form.write(&compiled.circuit)?;
    if let Some(out) = &arguments.out {
        files::write_whole(out, text.as_bytes())?;
    }
    let (two, depth) = (compiled.circuit.two_qubit_gates(), compiled.circuit.depth());
    if arguments.json {
        output::json_line(&serde_json::json!({
            "target": target.name,
            "two_qubit_gates": two,
            "depth": depth,
            "initial_layout": compiled.initial_layout,
            "final_layout": compiled.final_layout,
            "seconds": seconds,
            "out": arguments.out.as_ref().map(|path| path.display().to_string()),
        }));
        return Ok(());
    }
    if arguments.out.is_none() {
        output::line(text.trim_end());
    }
    let before = (circuit.two_qubit_gates(), circuit.depth());
    eprintln!("{}: {two} two-qubit gates (from {}), depth {depth} (from {}), {seconds:.3} s", target.name, before.0, before.1);
    eprintln!("qubits begin on {:?} and end on {:?}", compiled.initial_layout, compiled.final_layout);
    Ok(())
}
