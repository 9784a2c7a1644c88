//! Times one circuit with this simulator: `states-qloom FILE f64|f32|noise avx2|...`.
//!
//! The first line on standard output is the probability of all zeros. Every number read from standard input is a count
//! of runs; its answer is the processor time of one of them in seconds, the state prepared each time, planning excluded.

use std::io::{BufRead, Write};

use qloom_circuits::{Channel, Circuit, Operation, qasm};
use qloom_sim::{
    InstructionSet, PauliProgram, PauliVector, PauliWorkspace, Program, Real, SimulatorConfig, StateVector, Workspace,
};
use rustix::time::{ClockId, clock_gettime};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().collect();
    let [_, file, kind, set] = &words[..] else { return Err("FILE f64|f32|noise INSTRUCTION-SET".into()) };
    let circuit = qasm::read(&std::fs::read_to_string(file)?)?;
    let config =
        SimulatorConfig { threads: 1, instruction_set: InstructionSet::from_name(set)?, cache: cache(), ..SimulatorConfig::default() };
    match kind.as_str() {
        "f64" => pure::<f64>(&circuit, config),
        "f32" => pure::<f32>(&circuit, config),
        "noise" => noisy(&circuit, config),
        other => Err(format!("f64, f32 or noise, not {other}").into()),
    }
}

/// The second-level cache as the system says it, in bytes.
fn cache() -> u64 {
    let text = std::fs::read_to_string("/sys/devices/system/cpu/cpu0/cache/index2/size").unwrap_or_default();
    text.trim().strip_suffix('K').and_then(|size| size.parse::<u64>().ok()).map_or(SimulatorConfig::DEFAULT_CACHE, |size| size << 10)
}

fn pure<T: Real>(circuit: &Circuit, config: SimulatorConfig) -> Outcome {
    let program = Program::new(circuit)?;
    let mut state = StateVector::<T>::zero(circuit.num_qubits(), config)?;
    let mut workspace = Workspace::default();
    state.apply(&program, &[], &mut workspace)?;
    let zeros = state.amplitude(0);
    println!("{}", zeros.re.to_f64().powi(2) + zeros.im.to_f64().powi(2));
    answer(|| {
        state.reset();
        state.apply(&program, &[], &mut workspace)?;
        Ok(())
    })
}

/// Depolarizing after every gate: 0.01 on one qubit, 0.02 on two.
fn noisy(circuit: &Circuit, config: SimulatorConfig) -> Outcome {
    let mut under_noise = Circuit::new(circuit.num_qubits());
    for operation in circuit.operations() {
        under_noise.push(operation.clone())?;
        if let Operation::Gate { qubits, .. } = operation {
            let channel = Channel::depolarizing(0.01 * qubits.len() as f64, qubits.len())?;
            under_noise.push(Operation::Channel { channel, qubits: qubits.clone() })?;
        }
    }
    let program = PauliProgram::new(&under_noise)?;
    let mut state = PauliVector::zero(circuit.num_qubits(), config)?;
    let mut workspace = PauliWorkspace::default();
    state.prepare(&program, &[], &mut workspace)?;
    let all: Vec<usize> = (0..circuit.num_qubits()).collect();
    println!("{}", state.probabilities(&all)?[0]);
    answer(|| {
        state.prepare(&program, &[], &mut workspace)?;
        Ok(())
    })
}

fn answer(mut run: impl FnMut() -> Outcome) -> Outcome {
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line?.trim().parse()?;
        let start = seconds();
        for _ in 0..count {
            run()?;
        }
        println!("{:e}", (seconds() - start) / f64::from(count));
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Processor time of this process.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}
