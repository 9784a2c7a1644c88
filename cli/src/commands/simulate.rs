//! `qloom simulate`: what a circuit does to |0...0>.

mod arrays;
mod noise;
mod program;
mod propagated;
mod pure;
mod ranked;
mod records;
mod report;
mod results;
mod structured;
mod tableau;
mod wanted;

use std::path::{Path, PathBuf};

use qloom::circuits::program::HybridProgram;
use qloom::circuits::qasm::AnyProgram;
use qloom::circuits::{Circuit, PauliString, PauliSum};
use qloom::sim::{Factored, MatrixProduct, PauliVector, SimulatorConfig, Tableau, state_bytes};

use crate::circuit_file::Binding;
use crate::engine::{Engine, MANY_QUBITS, PAULI_QUBITS, Precision, STRINGS, Wide, propagation_bytes};
use crate::failure::Failure;
use crate::noise::Noise;
use crate::{circuit_file, hamiltonian_file, ranks};
use wanted::Wanted;

/// Simulate a circuit from an OpenQASM file.
///
/// Prints the largest probabilities (qubit 0 rightmost) and the expectation value of Z on each qubit, both before final measurements.
/// Measurements, resets and conditions on the way are followed exactly, each course by itself; where the courses are too many, --shots
/// draws them instead. Counts have the classical registers separated by spaces, the first rightmost.
///
/// Under noise (--device or --noise) the state is a Pauli vector up to 12 qubits, and exact; above, or where it is asked for, it is
/// trajectories: pure states with errors drawn for every shot, whose means come with standard errors. Probabilities and expectation
/// values are then what is read, read-out errors included; the purity is that of the state, and so are its parts.
///
/// Programs with classical values and control flow run as they stand: the values of their outputs are printed with their probabilities,
/// and with --shots how often each was drawn. Under noise their state is a Pauli vector, what is measured is what is read. Inputs get their values by --bind; functions that are extern can be bound from Rust alone.
///
/// For example: qloom simulate ghz.qasm --amplitudes all --density 0,1 --entropy 0 --out ghz.npz
///
/// For example: qloom simulate bell.qasm --shots 1000 --seed 7
///
/// Pauli propagation gives expectation values of wide, shallow circuits without a state: what strings it drops, by --least or --strings,
/// adds up to a bound that is printed with the value.
///
/// For example: qloom simulate wide.qasm --observable h.json --state propagation --least 1e-6
///
/// For example: qloom simulate surface_code.qasm --state tableau --noise depolarizing2=0.001 --shots 1e5 --records shots.b8
///
/// For example: qloom simulate bell.qasm --state trajectories --shots 1000 --device devices/mumbai_median.toml
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    binding: Binding,
    /// Also print the expectation value of this observable, a Hamiltonian's JSON file.
    #[arg(long, value_name = "FILE")]
    observable: Option<PathBuf>,
    /// Also draw this many shots, such as 1000 or 1e3.
    #[arg(long, value_name = "N", value_parser = crate::number::shots)]
    shots: Option<u64>,
    /// Steps that one course of a program with control flow may take before it is given up; a turn of a loop is one at least.
    #[arg(long, value_name = "N", default_value_t = 100_000_000)]
    steps: u64,
    /// Seed of the random shots: the same seed gives the same shots.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Also say how the circuit runs: passes over the state, and what each takes.
    #[arg(long)]
    explain: bool,
    /// Run the simulation N times; "seconds" of the JSON object has the time of each.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    repeat: u64,
    /// What holds the state: amplitudes of a pure state, the Pauli coefficients of a density operator (exact under noise), one pure
    /// state a shot (--shots, errors drawn), for Clifford gates and Pauli errors a tableau (thousands of qubits), amplitudes of parts that never
    /// meet (factored), a chain of tensors with bonds up to --bond (matrix-product, with its truncation error), or no state but the
    /// observable itself, taken back through the circuit (propagation, up to 64 qubits); by default what fits the noise, the size and the gates.
    #[arg(long)]
    state: Option<Representation>,
    /// Write the record of every shot instead of counting them, as .01 (a line a shot, bit 0 leftmost) or .b8 (packed, bit 0 lowest); on a
    /// tableau.
    #[arg(long, value_name = "FILE.01|FILE.b8", requires = "shots")]
    records: Option<PathBuf>,
    /// The widest bond of a matrix product state.
    #[arg(long, value_name = "N", default_value_t = SimulatorConfig::DEFAULT_BOND as u64, value_parser = clap::value_parser!(u64).range(1..=4096))]
    bond: u64,
    /// Propagation drops Pauli strings whose coefficient is smaller.
    #[arg(long, value_name = "C", default_value_t = 0.0)]
    least: f64,
    /// Propagation keeps so many Pauli strings at most, those of the largest coefficients.
    #[arg(long, value_name = "N", default_value_t = STRINGS, value_parser = clap::value_parser!(u64).range(1..=1 << 32))]
    strings: u64,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    noise: Noise,
    #[command(flatten)]
    pub engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Representation {
    StateVector,
    PauliVector,
    Trajectories,
    Tableau,
    Factored,
    MatrixProduct,
    Propagation,
}

impl Representation {
    fn name(self) -> &'static str {
        match self {
            Representation::StateVector => "state-vector",
            Representation::PauliVector => "pauli-vector",
            Representation::Trajectories => "trajectories",
            Representation::Tableau => "tableau",
            Representation::Factored => "factored",
            Representation::MatrixProduct => "matrix-product",
            Representation::Propagation => "propagation",
        }
    }
}

/// What holds the state, by the noise, the size and the gates where nothing is said.
fn representation(arguments: &Arguments, circuit: &Circuit, config: &SimulatorConfig) -> Representation {
    if let Some(state) = arguments.state {
        return state;
    }
    let noisy = arguments.noise.given();
    // several ranks have room for more amplitudes together
    let room = config.memory_limit.saturating_mul(ranks::fabric().map_or(1, |fabric| fabric.size() as u64));
    let together = SimulatorConfig { memory_limit: room, ..*config };
    let (chosen, why) = match Wide::of(circuit, noisy, arguments.shots.is_some(), &together) {
        Some(Wide::Tableau) => (Representation::Tableau, "Clifford gates on so many qubits need no amplitudes: "),
        Some(Wide::Factored) => {
            (Representation::Factored, "amplitudes of so many qubits do not fit, those of the parts that never meet do: ")
        }
        Some(Wide::Propagation) => {
            (Representation::Propagation, "amplitudes of so many qubits do not fit, expectation values can be had without: ")
        }
        None if !noisy => return Representation::StateVector,
        None if circuit.num_qubits() <= PAULI_QUBITS => (Representation::PauliVector, "under noise "),
        None => (Representation::Trajectories, "under noise "),
    };
    if !arguments.json {
        eprintln!("{why}the state is --state {}", chosen.name());
    }
    chosen
}

/// The circuit of a program whose delays a device times; none where there is no device, or where control flow is more than a circuit's.
///
/// Without idling, lengths make no difference, so what is wrong with them is no matter.
fn timed(program: &HybridProgram, arguments: &Arguments) -> Result<Option<Circuit>, Failure> {
    let Some(device) = arguments.noise.device()? else { return Ok(None) };
    match circuit_file::scheduled(program, &device, &arguments.file) {
        Ok(circuit) => Ok(Some(circuit)),
        Err(failure) if arguments.noise.idles() => Err(Failure::input(format!(
            "how long qubits wait has to be known before the program runs; mend this or leave out --idle\n{}",
            failure.message()
        ))),
        Err(_) => Ok(None),
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = SimulatorConfig { bond: arguments.bond as usize, ..arguments.engine.config()? };
    let files: Vec<&Path> = std::iter::once(&arguments.file).chain(&arguments.observable).map(PathBuf::as_path).collect();
    ranks::same_input(&files, &config)?;
    let circuit = match circuit_file::read_any(&arguments.file)? {
        AnyProgram::Circuit(circuit) => arguments.binding.apply(circuit)?,
        AnyProgram::Hybrid(program) => match timed(&program, arguments)? {
            Some(circuit) => arguments.binding.apply(circuit)?,
            None => return program::run(&program, arguments, config),
        },
    };
    let name = arguments.file.display();
    if circuit.num_parameters() > 0 {
        let names = circuit_file::parameter_names(&circuit).join(", ");
        return Err(Failure::input(format!("{name} has free parameters: {names}; give each a value with --bind name=value")));
    }
    let observable = arguments.observable.as_deref().map(hamiltonian_file::read).transpose()?.map(|file| file.hamiltonian);
    if let Some(sum) = observable.as_ref().filter(|sum| sum.num_qubits() != circuit.num_qubits()) {
        let (of, circuit) = (sum.num_qubits(), circuit.num_qubits());
        return Err(Failure::input(format!("the observable is on {of} qubits, the circuit on {circuit}; they must agree")));
    }
    arguments.wanted.check(&circuit)?;
    let qubits = qubits_in_use(&circuit, observable.as_ref(), &arguments.wanted);
    let circuit = circuit.restricted(&qubits);
    let observable = observable.map(|sum| restricted(&sum, &qubits));
    let state = representation(arguments, &circuit, &config);
    announce(circuit.num_qubits(), state, arguments, &config);
    let task = Task { circuit: &circuit, qubits, observable: observable.as_ref(), arguments, config };
    if arguments.records.is_some() && !matches!(state, Representation::Tableau) {
        return Err(Failure::input("--records needs --state tableau: Clifford gates, and noise of Pauli errors"));
    }
    let results = match (state, arguments.engine.precision) {
        (Representation::PauliVector, Precision::F64) => noise::exact(&task)?,
        (Representation::PauliVector, Precision::F32) => {
            return Err(Failure::input("--state pauli-vector has double precision; leave --precision out"));
        }
        (Representation::Tableau, _) => tableau::simulate(&task)?,
        (Representation::Propagation, _) => propagated::simulate(&task)?,
        (Representation::Factored, _) => structured::simulate::<Factored>(&task)?,
        (Representation::MatrixProduct, _) => structured::simulate::<MatrixProduct>(&task)?,
        (Representation::Trajectories, Precision::F64) => noise::trajectories::<f64>(&task)?,
        (Representation::Trajectories, Precision::F32) => noise::trajectories::<f32>(&task)?,
        (Representation::StateVector, _) if arguments.noise.given() => {
            return Err(Failure::input("noise needs --state pauli-vector or trajectories; a state vector holds pure states"));
        }
        (Representation::StateVector, Precision::F64) => pure::simulate::<f64>(&task)?,
        (Representation::StateVector, Precision::F32) => pure::simulate::<f32>(&task)?,
    };
    if let Some(path) = arguments.wanted.out.as_ref().filter(|_| ranks::first()) {
        arrays::write(path, &results)?;
    }
    report::print(&task, &results)
}

/// The qubits that are simulated: all of a small circuit, those in use of a large one.
fn qubits_in_use(circuit: &Circuit, observable: Option<&PauliSum>, wanted: &Wanted) -> Vec<usize> {
    let n = circuit.num_qubits();
    if n <= MANY_QUBITS {
        return (0..n).collect();
    }
    let mut busy = circuit.busy_qubits();
    busy.extend(observable.into_iter().flat_map(PauliSum::terms).flat_map(|(string, _)| string.support()));
    busy.extend(wanted.qubits());
    busy.sort_unstable();
    busy.dedup();
    if busy.is_empty() { vec![0] } else { busy }
}

/// The observable on these qubits, which are all that it acts on.
fn restricted(sum: &PauliSum, qubits: &[usize]) -> PauliSum {
    let place = |qubit: usize| qubits.binary_search(&qubit).unwrap_or(0);
    let terms = sum.terms().iter().map(|&(string, coefficient)| {
        let letters: Vec<_> = string.support().map(|qubit| (place(qubit), string.letter(qubit))).collect();
        (PauliString::from_letters(letters), coefficient)
    });
    PauliSum::new(qubits.len(), terms).expect("as many qubits as it acts on, and the same coefficients")
}

/// States from this size on are announced before anything is allocated.
const ANNOUNCED: u128 = 128 << 20;

/// Says on standard error how much memory a large simulation takes.
fn announce(num_qubits: usize, state: Representation, arguments: &Arguments, config: &SimulatorConfig) {
    let (bytes, what) = match (state, arguments.engine.precision) {
        (Representation::PauliVector, _) => (PauliVector::bytes(num_qubits), "Pauli coefficients"),
        (Representation::Tableau, _) => (Tableau::bytes(num_qubits), "rows of a tableau"),
        (Representation::Propagation, _) => (propagation_bytes(arguments.strings), "Pauli strings at most"),
        (Representation::Factored, _) => return,
        (Representation::MatrixProduct, _) => (MatrixProduct::bytes_with(num_qubits, config.bond), "tensors at most"),
        (Representation::StateVector | Representation::Trajectories, Precision::F64) => {
            (state_bytes::<f64>(num_qubits), "amplitudes in double precision")
        }
        (Representation::StateVector | Representation::Trajectories, Precision::F32) => {
            (state_bytes::<f32>(num_qubits), "amplitudes in single precision")
        }
    };
    if bytes >= ANNOUNCED {
        let mib = |bytes: u128| bytes >> 20;
        let limit = mib(config.memory_limit.into());
        eprintln!("{num_qubits} qubits: {what}, {} MiB a state, limit {limit} MiB", mib(bytes));
    }
}

/// One simulation: what, and how.
struct Task<'a> {
    /// On the qubits that are simulated.
    circuit: &'a Circuit,
    /// What these are called, ascending: their numbers in the file.
    qubits: Vec<usize>,
    observable: Option<&'a PauliSum>,
    arguments: &'a Arguments,
    config: SimulatorConfig,
}
