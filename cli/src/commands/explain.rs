//! `qloom explain`: how a file would be simulated, without doing it.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::program::{HybridProgram, RunOptions};
use qloom::circuits::qasm::AnyProgram;
use qloom::circuits::{Circuit, Operation, Stream, library};
use qloom::sim::{
    DistributedPlan, Executable, FactoredProgram, HybridExecutable, PauliVector, Program, Real, SimError, SimulatorConfig,
    StateVector, Tableau, Workspace, split_last_measurements, state_bytes,
};
use serde::Serialize;

use crate::circuit_file::{self, Binding};
use crate::distribution::{Distribution, Machine};
use crate::engine::{Engine, MANY_QUBITS, PAULI_QUBITS, Precision, STRINGS, Wide, propagation_bytes, refused};
use crate::failure::{Failure, OrFailure};
use crate::noise::Noise;
use crate::output::{self, Report};

const PLACE: &str = "cannot be simulated";

/// Explain how a file would be simulated, without running it: engine, passes, courses, memory, time.
///
/// The time is worked out of the passes over the state and of how fast a small state is passed over on this machine just now; it is an
/// estimate, and for circuits that branch an upper bound.
///
/// For example: qloom explain ghz.qasm
///
/// For example: qloom explain bell.qasm --noise depolarizing2=0.01 --json
///
/// With --ranks or --memory-per-node it explains how the ranks of qloom-mpi would share the state: what each holds and sends, and how long
/// passes and messages take on nodes of the figures given.
///
/// For example: qloom explain qft.qasm --ranks 8 --bandwidth 25 --latency 2
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    binding: Binding,
    #[command(flatten)]
    noise: Noise,
    #[command(flatten)]
    nodes: Machine,
    #[command(flatten)]
    pub engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// How a file would be simulated.
#[derive(Serialize)]
struct ExplainReport {
    /// "circuit" or "program".
    kind: &'static str,
    engine: &'static str,
    why: String,
    num_qubits: usize,
    /// Those that the state has: idle qubits of large circuits are left out.
    simulated_qubits: usize,
    operations: usize,
    /// What vectors, tiles and their pieces are made for: the instruction set and bytes of caches.
    instruction_set: &'static str,
    first_level_cache: u64,
    second_level_cache: u64,
    /// Qubits of a tile where it was chosen by --tile.
    tile: Option<usize>,
    /// Passes over the state; of a program those of gates that were known when it was read, once each.
    passes: Option<usize>,
    /// Measurements and resets that split what follows; of a program those that it names, each perhaps many times in a loop.
    branchings: usize,
    /// The most courses, two to the power of the branchings; none where a program decides.
    courses: Option<f64>,
    /// Of one state.
    state_bytes: f64,
    /// Of all states alive at a time; of a program for each course that is on its way.
    peak_bytes: f64,
    memory_limit: u64,
    fits: bool,
    seconds: Option<f64>,
    refused: Vec<OtherReport>,
}

/// Another engine, and what speaks against it.
#[derive(Serialize)]
struct OtherReport {
    engine: &'static str,
    reason: String,
}

impl Report for ExplainReport {
    fn text(&self) -> String {
        let mut rows = vec![
            ("engine", format!("{}: {}", self.engine, self.why)),
            ("qubits", format!("{}, of which {} are simulated", self.num_qubits, self.simulated_qubits)),
            ("operations", self.operations.to_string()),
            (
                "processor",
                format!(
                    "{}, caches of {} and {} a core{}",
                    self.instruction_set,
                    bytes(self.first_level_cache as f64),
                    bytes(self.second_level_cache as f64),
                    self.tile.map_or(String::new(), |tile| format!(", tiles of {tile} qubits as told"))
                ),
            ),
            ("passes", self.passes.map_or("not known before it runs".to_owned(), |passes| passes.to_string())),
            ("branchings", self.branchings.to_string()),
            ("courses", self.courses.map_or("as the program decides".to_owned(), |courses| format!("at most {courses}"))),
            ("memory", format!("{} a state, {} at the peak", bytes(self.state_bytes), bytes(self.peak_bytes))),
            ("limit", format!("{}: {}", bytes(self.memory_limit as f64), if self.fits { "it fits" } else { "it does not fit" })),
            ("time", self.seconds.map_or("not known before it runs".to_owned(), |seconds| format!("about {seconds:.2e} s"))),
        ];
        rows.extend(self.refused.iter().map(|other| ("not", format!("{}: {}", other.engine, other.reason))));
        output::pairs(&rows).trim_end().to_owned()
    }
}

fn bytes(number: f64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let power = (number.max(1.0).log2() / 10.0).floor().min(4.0);
    format!("{:.4} {}", number / (power * 10.0).exp2(), units[power as usize])
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.engine.config()?;
    let report = match (circuit_file::read_any(&arguments.file)?, arguments.engine.precision) {
        (AnyProgram::Circuit(circuit), precision) => {
            let circuit = arguments.binding.apply(circuit)?;
            if circuit.num_parameters() > 0 {
                let names = circuit_file::parameter_names(&circuit).join(", ");
                return Err(Failure::input(format!("free parameters: {names}; give each a value with --bind name=value")));
            }
            if let Some(report) = match precision {
                Precision::F64 => over_ranks::<f64>(&circuit, arguments, &config)?,
                Precision::F32 => over_ranks::<f32>(&circuit, arguments, &config)?,
            } {
                return output::report(arguments.json, &report);
            }
            match precision {
                Precision::F64 => of_circuit::<f64>(&circuit, arguments, &config)?,
                Precision::F32 => of_circuit::<f32>(&circuit, arguments, &config)?,
            }
        }
        (AnyProgram::Hybrid(program), Precision::F64) => of_program::<f64>(&program, arguments, &config)?,
        (AnyProgram::Hybrid(program), Precision::F32) => of_program::<f32>(&program, arguments, &config)?,
    };
    output::report(arguments.json, &report)
}

/// How ranks would share a state.
#[derive(Serialize)]
struct RanksReport {
    /// "ranks".
    kind: &'static str,
    num_qubits: usize,
    #[serde(flatten)]
    distribution: Distribution,
    /// Of all passes, and of all messages.
    pass_seconds: f64,
    message_seconds: f64,
}

impl Report for RanksReport {
    fn text(&self) -> String {
        let mut rows = vec![("qubits", self.num_qubits.to_string())];
        rows.extend(self.distribution.lines());
        let (passes, messages) = (self.pass_seconds, self.message_seconds);
        rows.push(("time", format!("about {:.3} s: {passes:.3} s of passes, {messages:.3} s of messages", passes + messages)));
        output::pairs(&rows)
    }
}

/// The circuit over the ranks that are asked for, if any are.
fn over_ranks<T: Real>(
    circuit: &Circuit,
    arguments: &Arguments,
    config: &SimulatorConfig,
) -> Result<Option<RanksReport>, Failure> {
    let (gates, _) = split_last_measurements(circuit);
    let Some(ranks) = arguments.nodes.ranks(state_bytes::<T>(gates.num_qubits()) as f64)? else { return Ok(None) };
    if arguments.noise.given() {
        return Err(Failure::input("several ranks hold pure states, without noise; leave --noise and --device out, or --ranks"));
    }
    let program = match Program::new(&gates) {
        Err(SimError::Unsupported { .. }) => {
            return Err(Failure::input(
                "the circuit measures, resets or decides on the way, and what ranks send for it depends on its courses; leave --ranks out: \
                 qloom-mpi simulate FILE --explain tells what was sent",
            ));
        }
        program => program.map_err(|error| refused(PLACE, error))?,
    };
    let plan = DistributedPlan::new::<T>(&program, ranks, config).or_input(PLACE)?;
    let distribution = Distribution::of(&plan, &gates, ranks, config.threads, None).or_input(PLACE)?;
    let [pass_seconds, message_seconds] = arguments.nodes.seconds(&distribution, seconds_a_pass::<T>(config)?);
    Ok(Some(RanksReport { kind: "ranks", num_qubits: gates.num_qubits(), distribution, pass_seconds, message_seconds }))
}

fn of_circuit<T: Real>(circuit: &Circuit, arguments: &Arguments, config: &SimulatorConfig) -> Result<ExplainReport, Failure> {
    let busy = circuit.busy_qubits();
    let n = circuit.num_qubits();
    let simulated = if n <= MANY_QUBITS { n } else { busy.len().max(1) };
    let small = if simulated == n { circuit.clone() } else { circuit.restricted(&if busy.is_empty() { vec![0] } else { busy }) };
    let noisy = arguments.noise.given();
    let engine = match Wide::of(&small, noisy, false, config) {
        Some(Wide::Tableau) => "tableau",
        Some(Wide::Factored) => "factored",
        Some(Wide::Propagation) => "propagation",
        None if !noisy => "state-vector",
        None if simulated <= PAULI_QUBITS => "pauli-vector",
        None => "trajectories",
    };
    let why = match engine {
        "state-vector" => "without noise the state is pure, and exact in 2^n amplitudes".to_owned(),
        "tableau" => "all gates are Clifford gates, and amplitudes do not fit".to_owned(),
        "factored" => "amplitudes of all qubits do not fit, those of the parts that never meet do".to_owned(),
        "propagation" => {
            "amplitudes do not fit; expectation values are taken back through the circuit, shots cannot be drawn".to_owned()
        }
        "pauli-vector" => format!("under noise the state is mixed, and up to {PAULI_QUBITS} qubits exact in 4^n coefficients"),
        _ => format!("under noise and above {PAULI_QUBITS} qubits errors are drawn, one pure state a shot"),
    };
    let (before, _) = split_last_measurements(&small);
    let branchings = before.operations().iter().map(branchings).sum::<usize>();
    let one = match engine {
        "pauli-vector" => PauliVector::bytes(simulated),
        "tableau" => Tableau::bytes(simulated),
        "propagation" => propagation_bytes(STRINGS),
        "factored" => FactoredProgram::new(&before).map_err(|error| refused(PLACE, error))?.bytes(),
        _ => state_bytes::<T>(simulated),
    } as f64;
    // a pure state with a state for each choice that is open
    let states = if matches!(engine, "pauli-vector" | "propagation" | "factored") { 1.0 } else { 1.0 + branchings as f64 };
    let courses = if matches!(engine, "pauli-vector" | "propagation" | "factored") { 1.0 } else { (branchings as f64).exp2() };
    let passes = match engine {
        "pauli-vector" | "tableau" | "propagation" | "factored" => None,
        _ => {
            Executable::<StateVector<T>>::new(&small).map_err(|error| refused(PLACE, error))?.explain(config).passes.len().into()
        }
    };
    let amplitudes = (simulated as f64).exp2();
    let rate = seconds_a_pass::<T>(config)?;
    let seconds = passes.map(|passes: usize| passes as f64 * amplitudes * rate * courses);
    let mut others = Vec::new();
    let mut other = |engine: &'static str, reason: String| others.push(OtherReport { engine, reason });
    let (pauli, limit) = (PauliVector::bytes(simulated), config.memory_limit);
    if engine != "tableau" {
        let can = Executable::<Tableau>::new(&small).map(|_| "all gates are Clifford gates, but amplitudes fit too".to_owned());
        other("tableau", can.unwrap_or_else(|error| error.to_string()));
    }
    match engine {
        "tableau" | "propagation" | "factored" => {
            other(
                "state-vector",
                format!("its amplitudes take {}, more than the limit", bytes(state_bytes::<T>(simulated) as f64)),
            );
            other("pauli-vector", format!("a density operator of {} qubits takes {}", simulated, bytes(pauli as f64)));
        }
        "state-vector" => {
            let fits = if pauli > limit.into() { "more than the limit" } else { "as exact, and slower" };
            other("pauli-vector", format!("a density operator of {} qubits takes {}: {fits}", simulated, bytes(pauli as f64)));
            other("trajectories", "there is no noise to draw errors from; give --noise or --device".to_owned());
        }
        "pauli-vector" => {
            other("state-vector", "it holds pure states, and noise makes them mixed".to_owned());
            other("trajectories", "as right in the mean, with the errors of shots".to_owned());
        }
        _ => {
            other("state-vector", "it holds pure states, and noise makes them mixed".to_owned());
            other("pauli-vector", format!("a density operator of {} qubits takes {}", simulated, bytes(pauli as f64)));
        }
    }
    Ok(ExplainReport {
        kind: "circuit",
        engine,
        why,
        num_qubits: n,
        simulated_qubits: simulated,
        operations: circuit.operations().len(),
        instruction_set: config.instruction_set.name(),
        first_level_cache: config.first_cache,
        second_level_cache: config.cache,
        tile: config.tile_qubits,
        passes,
        branchings,
        courses: Some(courses),
        state_bytes: one,
        peak_bytes: one * states,
        memory_limit: limit,
        fits: one * states <= limit as f64,
        seconds,
        refused: others,
    })
}

/// How often an operation splits a course, both sides of conditions counted.
fn branchings(operation: &Operation) -> usize {
    match operation {
        Operation::Measure { .. } | Operation::Reset { .. } | Operation::Channel { .. } => 1,
        Operation::Conditional(block) => block.then.iter().chain(&block.otherwise).map(branchings).sum(),
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => 0,
    }
}

fn of_program<T: Real>(
    program: &HybridProgram,
    arguments: &Arguments,
    config: &SimulatorConfig,
) -> Result<ExplainReport, Failure> {
    if arguments.noise.given() {
        return Err(Failure::input("noise is for circuits; this file has classical control flow"));
    }
    let options = RunOptions::default();
    // what its gates are refused for is told now
    HybridExecutable::<StateVector<T>>::new(program, &options).map_err(|error| refused(PLACE, error))?;
    let n = program.num_qubits().max(1);
    let stretches = (0..program.num_stretches()).map(|index| program.stretch(index));
    let operations = stretches.clone().map(<[Operation]>::len).sum();
    let mut passes = 0;
    for stretch in stretches {
        let mut circuit = Circuit::new(n);
        for operation in stretch {
            circuit.push(operation.clone()).or_input(PLACE)?;
        }
        passes += Program::new(&circuit).map_err(|error| refused(PLACE, error))?.explain::<T>(config).passes.len();
    }
    let one = state_bytes::<T>(n) as f64;
    let reason = |text: &str| text.to_owned();
    Ok(ExplainReport {
        kind: "program",
        engine: "state-vector",
        why: "classical values and control flow run on pure states; courses that agree share one".to_owned(),
        num_qubits: program.num_qubits(),
        simulated_qubits: n,
        operations,
        instruction_set: config.instruction_set.name(),
        first_level_cache: config.first_cache,
        second_level_cache: config.cache,
        tile: config.tile_qubits,
        passes: Some(passes),
        branchings: program.branchings(),
        courses: if program.branchings() == 0 { Some(1.0) } else { None },
        state_bytes: one,
        peak_bytes: one,
        memory_limit: config.memory_limit,
        fits: one <= config.memory_limit as f64,
        seconds: None,
        refused: vec![
            OtherReport {
                engine: "pauli-vector",
                reason: reason("it is for circuits under noise; from Rust it runs programs too"),
            },
            OtherReport { engine: "trajectories", reason: reason("noise is put into circuits, and this is a program") },
        ],
    })
}

/// Seconds that one pass over one amplitude takes, measured on a small state.
fn seconds_a_pass<T: Real>(config: &SimulatorConfig) -> Result<f64, Failure> {
    const QUBITS: usize = 14;
    let sample = library::random(QUBITS, 400, &mut Stream::named(1, "explain"));
    let program = Program::new(&sample).or_work(PLACE)?;
    let passes = program.explain::<T>(config).passes.len().max(1);
    let mut state = StateVector::<T>::zero(QUBITS, *config).or_work(PLACE)?;
    let mut workspace = Workspace::default();
    state.apply(&program, &[], &mut workspace).or_work(PLACE)?;
    let start = Instant::now();
    state.apply(&program, &[], &mut workspace).or_work(PLACE)?;
    Ok(start.elapsed().as_secs_f64() / (passes as f64 * (QUBITS as f64).exp2()))
}
