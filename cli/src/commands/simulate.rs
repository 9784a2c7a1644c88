//! `qloom simulate`: what a circuit does to |0...0>.

mod noise;

use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::{Circuit, Operation, PauliSum};
use qloom::sim::{
    Branch, Counts, Explanation, InstructionSet, Observable, Program, Real, SimulatorConfig, StateVector,
    before_last_measurements, branches,
};

use super::hamiltonian;
use crate::failure::{Failure, OrFailure};
use crate::{circuit_file, machine, output};

/// Simulate a circuit from an OpenQASM file.
///
/// Prints the largest probabilities (qubit 0 rightmost) and the expectation value of Z on each qubit, both before final measurements.
/// Measurements, resets and conditions on the way are followed exactly where the histories are few, otherwise give --shots.
///
/// For example: qloom simulate bell.qasm --shots 1000 --seed 7
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// Also print the expectation value of this observable, a Hamiltonian's JSON file.
    #[arg(long, value_name = "FILE")]
    observable: Option<PathBuf>,
    /// Also draw this many shots.
    #[arg(long, value_name = "N")]
    shots: Option<u64>,
    /// Fixes the shots.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Also say how the circuit runs: passes over the state, and what each takes.
    #[arg(long)]
    explain: bool,
    /// Run the simulation this often; "seconds" has one entry a run.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    repeat: u64,
    /// What holds the state: amplitudes of a pure state, or the Pauli coefficients of a density operator, exact under noise.
    #[arg(long, default_value = "state-vector")]
    state: State,
    #[command(flatten)]
    noise: noise::Noise,
    #[command(flatten)]
    engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// How simulations run.
#[derive(clap::Args)]
pub struct Engine {
    /// Number of threads; by default one a processor.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Double (f64) or single (f32) precision.
    #[arg(long, default_value = "f64")]
    precision: Precision,
    /// The instruction set: scalar, avx2, avx512 or neon; by default the best of the machine.
    #[arg(long, value_name = "SET")]
    simd: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum State {
    StateVector,
    PauliVector,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Precision {
    F64,
    F32,
}

impl Engine {
    /// The configuration; also sets the number of threads of the process.
    pub fn config(&self) -> Result<SimulatorConfig, Failure> {
        let threads = self.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), |n| n as usize);
        // only the first call of a process builds the pool; one process runs one command
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        let instruction_set = match &self.simd {
            Some(name) => InstructionSet::from_name(name).or_input("--simd")?,
            None => InstructionSet::best(),
        };
        Ok(SimulatorConfig { memory_limit: machine::memory_limit(), threads, instruction_set, ..SimulatorConfig::default() })
    }
}

/// Probabilities shown.
const LARGEST: usize = 32;

/// Histories of outcomes followed exactly.
const MAX_BRANCHES: usize = 4096;

/// What a simulation gives.
struct Results {
    probabilities: Vec<(usize, f64)>,
    expectation_z: Vec<f64>,
    expectation: Option<f64>,
    counts: Option<Counts>,
    seconds: Vec<f64>,
    plan_seconds: f64,
    /// Where there is a plan: a Pauli vector has none.
    explanation: Option<Explanation>,
    /// Of a density operator.
    purity: Option<f64>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.engine.config()?;
    let circuit = circuit_file::read(&arguments.file)?;
    let name = arguments.file.display();
    if circuit.num_parameters() > 0 {
        let count = circuit.num_parameters();
        return Err(Failure::input(format!("{name} has {count} free parameters; a simulation needs numbers in their place")));
    }
    let observable = arguments.observable.as_deref().map(hamiltonian::read).transpose()?.map(|file| file.hamiltonian);
    if let Some(sum) = observable.as_ref().filter(|sum| sum.num_qubits() != circuit.num_qubits()) {
        let (of, circuit) = (sum.num_qubits(), circuit.num_qubits());
        return Err(Failure::input(format!("the observable is on {of} qubits, the circuit on {circuit}; they must agree")));
    }
    let results = match (arguments.state, arguments.engine.precision) {
        (State::PauliVector, Precision::F64) => under_noise(&circuit, observable.as_ref(), arguments, config)?,
        (State::PauliVector, Precision::F32) => {
            return Err(Failure::input("--state pauli-vector has double precision; leave --precision out"));
        }
        (State::StateVector, _) if arguments.noise.given() => {
            return Err(Failure::input("noise needs --state pauli-vector; a state vector holds pure states"));
        }
        (State::StateVector, Precision::F64) => simulate::<f64>(&circuit, observable.as_ref(), arguments, config)?,
        (State::StateVector, Precision::F32) => simulate::<f32>(&circuit, observable.as_ref(), arguments, config)?,
    };
    print(&circuit, &results, arguments, config);
    Ok(())
}

fn under_noise(
    circuit: &Circuit,
    observable: Option<&PauliSum>,
    arguments: &Arguments,
    config: SimulatorConfig,
) -> Result<Results, Failure> {
    if arguments.shots.is_some() {
        return Err(Failure::input("--shots are drawn from a state vector; the probabilities of a Pauli vector are exact"));
    }
    let noisy = noise::simulate(circuit, &arguments.noise, observable, arguments.repeat, config)?;
    Ok(Results {
        probabilities: largest(noisy.probabilities.iter().copied().enumerate()),
        expectation_z: noisy.expectation_z,
        expectation: noisy.expectation,
        counts: None,
        seconds: noisy.seconds,
        plan_seconds: noisy.plan_seconds,
        explanation: None,
        purity: Some(noisy.purity),
    })
}

fn simulate<T: Real>(
    circuit: &Circuit,
    observable: Option<&PauliSum>,
    arguments: &Arguments,
    config: SimulatorConfig,
) -> Result<Results, Failure> {
    let place = "cannot simulate";
    let plan = Instant::now();
    let measured = before_last_measurements(circuit);
    let program = Program::new(&measured).or_input(place)?;
    let explanation = Some(program.explain::<T>(&config));
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut seconds = Vec::new();
    let ends: Vec<Branch<T>> = if program.is_unitary() {
        let mut state = StateVector::<T>::with_config(circuit.num_qubits(), config).or_work(place)?;
        for _ in 0..arguments.repeat {
            let start = Instant::now();
            state.reset();
            program.run(&[], &mut state).or_work(place)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        vec![Branch { probability: 1.0, bits: 0, state }]
    } else {
        let mut ends = Vec::new();
        for _ in 0..arguments.repeat {
            drop(std::mem::take(&mut ends));
            let start = Instant::now();
            ends = branches(&measured, &[], MAX_BRANCHES, config).or_work(place)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        ends
    };
    let expectation = match observable {
        Some(sum) => {
            let compiled = Observable::new(sum);
            let mut value = 0.0;
            for branch in &ends {
                value += branch.probability * branch.state.expectation(&compiled).or_work(place)?;
            }
            Some(value)
        }
        None => None,
    };
    let mut expectation_z = vec![0.0; circuit.num_qubits()];
    for branch in &ends {
        for (sum, value) in expectation_z.iter_mut().zip(branch.state.expectation_z()) {
            *sum += branch.probability * value;
        }
    }
    let counts = match arguments.shots {
        None => None,
        Some(shots) if circuit.num_bits() == 0 || !measures(circuit.operations()) => match &ends[..] {
            [only] => Some(only.state.sample(shots, arguments.seed)),
            _ => {
                return Err(Failure::input("the circuit resets on the way and measures nothing; add measurements to draw shots"));
            }
        },
        Some(shots) => {
            let program = Program::new(circuit).or_input(place)?;
            Some(program.sample::<T>(&[], shots, arguments.seed, config).or_work(place)?)
        }
    };
    let probabilities = largest(outcomes(&ends));
    Ok(Results { probabilities, expectation_z, expectation, counts, seconds, plan_seconds, explanation, purity: None })
}

/// Whether anything is measured.
fn measures(operations: &[Operation]) -> bool {
    operations.iter().any(|operation| match operation {
        Operation::Measure { .. } => true,
        Operation::Conditional(block) => measures(&block.then) || measures(&block.otherwise),
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => false,
    })
}

/// Every basis state with its probability, averaged over the branches.
fn outcomes<T: Real>(ends: &[Branch<T>]) -> impl Iterator<Item = (usize, f64)> {
    let dimension = ends.first().map_or(0, |branch| branch.state.dimension());
    (0..dimension).map(move |index| {
        let weights = ends.iter().map(|branch| {
            let amplitude = branch.state.amplitude(index);
            branch.probability * (amplitude.re.to_f64().powi(2) + amplitude.im.to_f64().powi(2))
        });
        (index, weights.sum())
    })
}

/// The largest probabilities, largest first; equal ones by index.
fn largest(outcomes: impl Iterator<Item = (usize, f64)>) -> Vec<(usize, f64)> {
    // the smallest kept stands on top of the heap; positive numbers are in the order of their bits
    let mut heap: BinaryHeap<(std::cmp::Reverse<u64>, usize)> = BinaryHeap::with_capacity(LARGEST + 1);
    for (index, probability) in outcomes.filter(|(_, probability)| *probability > 0.0) {
        let smallest = heap.peek().map_or(0, |(key, _)| key.0);
        if heap.len() < LARGEST || probability.to_bits() > smallest {
            heap.push((std::cmp::Reverse(probability.to_bits()), index));
            if heap.len() > LARGEST {
                heap.pop();
            }
        }
    }
    let mut list: Vec<(usize, f64)> = heap.into_iter().map(|(key, index)| (index, f64::from_bits(key.0))).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    list
}

fn bitstring(index: usize, num_qubits: usize) -> String {
    (0..num_qubits).rev().map(|qubit| if index >> qubit & 1 == 1 { '1' } else { '0' }).collect()
}

fn print(circuit: &Circuit, results: &Results, arguments: &Arguments, config: SimulatorConfig) {
    let n = circuit.num_qubits();
    if arguments.json {
        let named = |list: &[(usize, f64)]| -> serde_json::Map<String, serde_json::Value> {
            list.iter().map(|&(index, p)| (bitstring(index, n), p.into())).collect()
        };
        let mut value = serde_json::json!({
            "num_qubits": n,
            "probabilities": named(&results.probabilities),
            "expectation_z": results.expectation_z,
            "seconds": results.seconds,
            "plan_seconds": results.plan_seconds,
            "simd": config.instruction_set.name(),
        });
        if let Some(purity) = results.purity {
            value["purity"] = purity.into();
        }
        if let Some(explanation) = &results.explanation {
            value["passes"] = explanation.passes.len().into();
        }
        if let Some(explanation) = results.explanation.as_ref().filter(|_| arguments.explain) {
            let passes = explanation.passes.iter().map(|pass| {
                serde_json::json!({ "operations": pass.items, "rotations": pass.rotations, "phase_layers": pass.phase_layers })
            });
            value["plan"] = passes.collect();
        }
        if let Some(expectation) = results.expectation {
            value["expectation"] = expectation.into();
        }
        if let Some(counts) = &results.counts {
            let counts: serde_json::Map<String, serde_json::Value> =
                counts.iter().map(|(outcome, count)| (counts.bitstring(outcome), count.into())).collect();
            value["counts"] = counts.into();
        }
        output::json_line(&value);
        return;
    }
    output::line(&format!("{n} qubits, {} operations, {}", circuit.operations().len(), config.instruction_set.name()));
    if let Some(explanation) = results.explanation.as_ref().filter(|_| arguments.explain) {
        let passes = &explanation.passes;
        output::line(&format!("{} passes over the state, planned in {:.6} s:", passes.len(), results.plan_seconds));
        for (index, pass) in passes.iter().enumerate() {
            let (items, rotations, layers) = (pass.items, pass.rotations, pass.phase_layers);
            output::line(&format!(
                "  pass {index}  {items} operations, {rotations} of them rotations, {layers} layers of phases"
            ));
        }
    }
    output::line(&format!("probabilities, the {LARGEST} largest, qubit 0 rightmost:"));
    for &(index, probability) in &results.probabilities {
        output::line(&format!("  {}  {probability:.9}", bitstring(index, n)));
    }
    output::line("expectation value of Z:");
    for (qubit, value) in results.expectation_z.iter().enumerate() {
        output::line(&format!("  qubit {qubit}  {value:+.9}"));
    }
    if let Some(expectation) = results.expectation {
        output::line(&format!("expectation value of the observable: {expectation:+.12}"));
    }
    if let Some(purity) = results.purity {
        output::line(&format!("purity: {purity:.12}"));
    }
    if let Some(counts) = &results.counts {
        output::line(&format!("counts of {} shots, bit 0 rightmost:", counts.shots()));
        for (outcome, count) in counts.iter() {
            output::line(&format!("  {}  {count}", counts.bitstring(outcome)));
        }
    }
}
