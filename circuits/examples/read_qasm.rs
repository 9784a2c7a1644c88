//! Reads OpenQASM files and prints their size, or what is wrong with them, and the time it took.
//!
//! `cargo run --release -p qloom-circuits --example read_qasm -- FILE...`

use std::time::Instant;

use qloom_circuits::qasm;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let start = Instant::now();
        let result = qasm::read(&text);
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        match result {
            Ok(circuit) => {
                let metrics = circuit.metrics();
                println!(
                    "{path}: {} qubits, {} gates, depth {}, {milliseconds:.3} ms",
                    metrics.qubits, metrics.gates, metrics.depth
                );
            }
            Err(errors) => println!("{path}: {} errors\n{errors}", errors.errors.len()),
        }
    }
    Ok(())
}
