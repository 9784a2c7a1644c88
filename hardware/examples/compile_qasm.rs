//! Compiles OpenQASM files for a machine and prints one JSON object a file; seconds are CPU time where the system tells it.
//!
//! `cargo run --release -p qloom-hardware --example compile_qasm -- MACHINE LEVEL SEED FILE...`. With the word `target`
//! in place of the files it prints the machine.

use qloom_circuits::{Gate, Operation, qasm};
use qloom_hardware::{CompileOptions, Device, compile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("give {what}"));
    let device = Device::from_name(&next("a machine")?)?;
    let options = CompileOptions { level: next("a level, 0 to 3")?.parse()?, seed: next("a seed")?.parse()? };
    for path in arguments {
        if path == "target" {
            println!("{}", serde_json::to_string(&device)?);
            continue;
        }
        let circuit = qasm::read(&std::fs::read_to_string(&path)?)?;
        let start = cpu_seconds();
        let compiled = compile(&circuit, &device, &options)?;
        let seconds = cpu_seconds() - start;
        let metrics = compiled.circuit.metrics();
        let line = serde_json::json!({
            "file": path, "qubits": circuit.num_qubits(), "two_qubit_gates": metrics.two_qubit_gates,
            "two_qubit_depth": compiled.circuit.depth_of(Operation::is_two_qubit), "depth": compiled.circuit.depth_of(lasts),
            "gates": metrics.gates, "seconds": seconds,
        });
        println!("{line}");
    }
    Ok(())
}

/// Whether an operation lasts on a machine whose rotations about Z are virtual.
fn lasts(operation: &Operation) -> bool {
    operation.takes_moment() && !matches!(operation, Operation::Gate { gate: Gate::Rz, .. })
}

/// CPU time of this thread as Linux counts it; time since some moment elsewhere.
fn cpu_seconds() -> f64 {
    let nanoseconds = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = nanoseconds.as_deref().and_then(|text| text.split(' ').next()).and_then(|text| text.parse::<f64>().ok());
    let passed = || std::time::UNIX_EPOCH.elapsed().map_or(0.0, |time| time.as_secs_f64());
    first.map_or_else(passed, |nanoseconds| nanoseconds * 1e-9)
}
