//! `qloom evolve`: a state under a Hamiltonian, by a product formula and exactly.

mod start;

use std::path::{Path, PathBuf};
use std::time::Instant;

use qloom::circuits::library::{ProductFormula, drawn_evolution, evolution, multi_product_weights};
use qloom::circuits::{Circuit, PauliSum, Stream};
use qloom::sim::{
    DistributedState, Fabric, Observable, Program, SimError, SimulatorConfig, State, StateVector, Workspace, evolve_watched,
};
use serde::Serialize;

use crate::circuit_file::Form;
use crate::engine::{Engine, Precision, refused};
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::progress::Progress;
use crate::{files, hamiltonian_file, ranks};

/// Let a state evolve in time under a Hamiltonian, by the circuit of a product formula, beside the exact evolution.
///
/// The circuit has one Pauli rotation a term and step (order 1), two (order 2) or ten (order 4); with --order drawn its --steps rotations are drawn
/// at random by the size of their coefficients (qDRIFT), one circuit for each --seed. Up to 20 qubits the exact state is worked out too,
/// in Krylov spaces, and the error is the distance to it. Time is in the inverse unit of the Hamiltonian's coefficients, with hbar = 1.
///
/// With several --steps, values of a symmetric formula are added with the weights that cancel the leading errors (a multi-product formula).
///
/// For example: qloom evolve ising.json --time 2 --order 2 --steps 40 --start 0000 --out evolved.qasm
///
/// For example: qloom evolve ising.json --time 2 --order 2 --steps 4,8,12 --observable magnetisation.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The Hamiltonian, a JSON file.
    hamiltonian: PathBuf,
    /// For how long; negative is backwards.
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    time: f64,
    /// The product formula: of order 1, 2 or 4, or rotations drawn at random.
    #[arg(long, default_value = "2")]
    order: Order,
    /// Steps of the formula, of --order drawn its rotations; several numbers, separated by commas, for a multi-product formula.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "10", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    steps: Vec<u64>,
    /// Where it begins: bits, qubit 0 rightmost, or an OpenQASM file; by default all qubits are 0.
    #[arg(long, value_name = "BITS|FILE")]
    start: Option<String>,
    /// Also give the expectation value of this observable at the end, a Hamiltonian's JSON file.
    #[arg(long, value_name = "FILE")]
    observable: Option<PathBuf>,
    /// Write the circuit, its start included.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    /// Seed of what --order drawn draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Order {
    #[value(name = "1")]
    First,
    #[value(name = "2")]
    Second,
    #[value(name = "4")]
    Fourth,
    Drawn,
}

/// Circuits of so many qubits at most are compared with the exact evolution.
const EXACT_QUBITS: usize = 20;
/// The most rotations of one circuit.
const ROTATIONS: u128 = 5_000_000;

/// What came of the evolution.
#[derive(Serialize)]
struct EvolveReport {
    num_qubits: usize,
    terms: usize,
    time: f64,
    /// Steps of each circuit.
    steps: Vec<u64>,
    /// The weight of each number of steps.
    weights: Vec<f64>,
    /// Pauli rotations of each circuit.
    rotations: Vec<usize>,
    /// The values by the formula.
    values: Values,
    /// The values of the exact evolution, up to 20 qubits.
    exact: Option<Values>,
    /// The norm of the difference of the states, global phases included; of the circuit with most steps.
    error: Option<f64>,
    /// 1 less the overlap of the states.
    infidelity: Option<f64>,
    /// The norm by which the exact state may be wrong itself, estimated.
    exact_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    seconds: f64,
    exact_seconds: Option<f64>,
}

/// Values at the end.
#[derive(Serialize)]
struct Values {
    /// Of the Hamiltonian.
    energy: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    observable: Option<f64>,
    expectation_z: Vec<f64>,
}

impl Report for EvolveReport {
    fn text(&self) -> String {
        let list = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let rotations: Vec<String> = self.rotations.iter().map(usize::to_string).collect();
        let mut lines = vec![format!(
            "{} qubits, {} terms, time {}: {} steps, {} rotations, {:.3} s",
            self.num_qubits,
            self.terms,
            self.time,
            list(&self.steps),
            rotations.join(", "),
            self.seconds
        )];
        if let [_, _, ..] = self.weights[..] {
            let weights: Vec<String> = self.weights.iter().map(|weight| format!("{weight:+.6}")).collect();
            lines.push(format!("weights of the multi-product formula: {}", weights.join(", ")));
        }
        if let (Some(error), Some(infidelity)) = (self.error, self.infidelity) {
            let most = if self.steps.len() > 1 { " with most steps" } else { "" };
            lines.push(format!("distance to the exact state{most} {error:.3e}, infidelity {infidelity:.3e}"));
        }
        let row = |name: String, value: f64, exact: Option<f64>| match exact {
            Some(exact) => format!("{name:<12}{value:>+16.9}{exact:>+16.9}{:>+12.2e}", value - exact),
            None => format!("{name:<12}{value:>+16.9}"),
        };
        lines.push(match &self.exact {
            Some(_) => format!("{:<12}{:>16}{:>16}{:>12}", "value", "by the formula", "exact", "difference"),
            None => format!("{:<12}{:>16}", "value", "by the formula"),
        });
        let exact = self.exact.as_ref();
        lines.push(row("energy".to_owned(), self.values.energy, exact.map(|exact| exact.energy)));
        if let Some(value) = self.values.observable {
            lines.push(row("observable".to_owned(), value, exact.and_then(|exact| exact.observable)));
        }
        for (qubit, &z) in self.values.expectation_z.iter().enumerate() {
            lines.push(row(format!("Z of {qubit}"), z, exact.map(|exact| exact.expectation_z[qubit])));
        }
        if let Some(file) = &self.file {
            lines.push(format!("the circuit is in {}", file.display()));
        }
        lines.join("\n")
    }
}

const PLACE: &str = "cannot evolve";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.engine.config()?;
    if matches!(arguments.engine.precision, Precision::F32) {
        return Err(Failure::input("evolve has double precision; leave --precision out"));
    }
    let files: Vec<&Path> = std::iter::once(&arguments.hamiltonian).chain(&arguments.observable).map(PathBuf::as_path).collect();
    ranks::same_input(&files, &config)?;
    let hamiltonian = hamiltonian_file::read(&arguments.hamiltonian)?.hamiltonian;
    let n = hamiltonian.num_qubits();
    let observable = arguments.observable.as_deref().map(hamiltonian_file::read).transpose()?.map(|file| file.hamiltonian);
    if let Some(sum) = observable.as_ref().filter(|sum| sum.num_qubits() != n) {
        let of = sum.num_qubits();
        return Err(Failure::input(format!("the observable is on {of} qubits, the Hamiltonian on {n}; they must agree")));
    }
    let start = start::circuit(arguments.start.as_deref(), n)?;
    let weights = weights(arguments)?;
    let observables = Observables { energy: Observable::new(&hamiltonian), other: observable.as_ref().map(Observable::new) };
    let clock = Instant::now();
    let (mut values, mut last, mut rotations) = (Vec::new(), None, Vec::new());
    for &steps in &arguments.steps {
        let circuit = formula(arguments, &hamiltonian, steps)?;
        rotations.push(circuit.operations().iter().filter(|operation| !operation.qubits().is_empty()).count());
        let mut whole = start.clone();
        for operation in circuit.operations() {
            whole.push(operation.clone()).or_input(PLACE)?;
        }
        let program = Program::once(&whole).map_err(|error| refused(PLACE, error))?;
        let state = match ranks::fabric().filter(|_| n > EXACT_QUBITS) {
            Some(fabric) => {
                values.push(observables.over_ranks(&program, config, fabric).map_err(|error| refused(PLACE, error))?);
                None
            }
            None => {
                let state = StateVector::<f64>::prepared(&program, &[], config, &mut Workspace::default())
                    .map_err(|error| refused(PLACE, error))?;
                values.push(observables.of(&state)?);
                Some(state)
            }
        };
        let most = arguments.steps.iter().max() == Some(&steps);
        last = if most { Some((whole, state)) } else { last };
    }
    let seconds = clock.elapsed().as_secs_f64();
    let (whole, state) = last.ok_or_else(|| Failure::input("--steps: give a number"))?;
    let exact = if n <= EXACT_QUBITS { Some(exact(&start, &observables, arguments.time, config)?) } else { None };
    if let Some(path) = arguments.out.as_ref().filter(|_| ranks::first()) {
        files::write_whole(path, arguments.form.write(&whole)?.as_bytes())?;
    }
    let distances = exact.as_ref().zip(state.as_ref()).map(|(exact, state)| distances(state, &exact.state)).transpose()?;
    let report = EvolveReport {
        num_qubits: n,
        terms: hamiltonian.terms().len(),
        time: arguments.time,
        steps: arguments.steps.clone(),
        values: combined(&values, &weights),
        weights,
        rotations,
        error: distances.map(|distances| distances.0),
        infidelity: distances.map(|distances| distances.1),
        exact_error: exact.as_ref().map(|exact| exact.error),
        exact_seconds: exact.as_ref().map(|exact| exact.seconds),
        exact: exact.map(|exact| exact.values),
        file: arguments.out.clone(),
        seconds,
    };
    output::report(arguments.json, &report)
}

/// The weights of a multi-product formula, or 1.
fn weights(arguments: &Arguments) -> Result<Vec<f64>, Failure> {
    let [_, _, ..] = arguments.steps[..] else { return Ok(vec![1.0]) };
    if !matches!(arguments.order, Order::Second) {
        return Err(Failure::input("several --steps need --order 2, whose errors are even powers of the step"));
    }
    let steps: Vec<usize> = arguments.steps.iter().map(|&steps| steps as usize).collect();
    multi_product_weights(&steps).or_input("--steps")
}

/// The circuit without its start.
fn formula(arguments: &Arguments, hamiltonian: &PauliSum, steps: u64) -> Result<Circuit, Failure> {
    let formula = match arguments.order {
        Order::First => ProductFormula::First,
        Order::Second => ProductFormula::Second,
        Order::Fourth => ProductFormula::Fourth,
        Order::Drawn => {
            check(steps, steps.into())?;
            let mut stream = Stream::named(arguments.seed, "evolution");
            return drawn_evolution(hamiltonian, arguments.time, steps as usize, &mut stream).or_input(PLACE);
        }
    };
    let each = match formula {
        ProductFormula::First => 1,
        ProductFormula::Second => 2,
        ProductFormula::Fourth => 10,
    };
    check(steps, u128::from(steps) * hamiltonian.terms().len() as u128 * each)?;
    evolution(hamiltonian, arguments.time, steps as usize, formula).or_input(PLACE)
}

/// Refuses circuits that take too long to make.
fn check(steps: u64, rotations: u128) -> Result<(), Failure> {
    if rotations > ROTATIONS {
        return Err(Failure::input(format!("{steps} steps take {rotations} rotations, more than {ROTATIONS}; take fewer steps")));
    }
    Ok(())
}

/// What is read of states.
struct Observables {
    energy: Observable,
    other: Option<Observable>,
}

impl Observables {
    fn of(&self, state: &StateVector<f64>) -> Result<Values, Failure> {
        Ok(Values {
            energy: state.expectation(&self.energy).or_work(PLACE)?,
            observable: self.other.as_ref().map(|observable| state.expectation(observable)).transpose().or_work(PLACE)?,
            expectation_z: state.expectation_z(),
        })
    }

    /// Of the state that a program makes over several ranks.
    fn over_ranks(&self, program: &Program, config: SimulatorConfig, fabric: &dyn Fabric) -> Result<Values, SimError> {
        let mut state = DistributedState::<f64>::zero(program.num_qubits(), config, fabric)?;
        state.apply(program, &[])?;
        Ok(Values {
            energy: state.expectation(&self.energy)?,
            observable: self.other.as_ref().map(|observable| state.expectation(observable)).transpose()?,
            expectation_z: state.expectation_z()?,
        })
    }
}

/// Values added with weights.
fn combined(values: &[Values], weights: &[f64]) -> Values {
    let sum = |part: &dyn Fn(&Values) -> f64| values.iter().zip(weights).map(|(values, weight)| weight * part(values)).sum();
    let observed = values.first().is_some_and(|values| values.observable.is_some());
    let qubits = values.first().map_or(0, |values| values.expectation_z.len());
    Values {
        energy: sum(&|values| values.energy),
        observable: observed.then(|| sum(&|values| values.observable.unwrap_or_default())),
        expectation_z: (0..qubits).map(|qubit| sum(&|values| values.expectation_z[qubit])).collect(),
    }
}

/// The exact end.
struct Exact {
    state: StateVector<f64>,
    values: Values,
    error: f64,
    seconds: f64,
}

fn exact(start: &Circuit, observables: &Observables, time: f64, config: SimulatorConfig) -> Result<Exact, Failure> {
    let clock = Instant::now();
    let program = Program::once(start).map_err(|error| refused("--start", error))?;
    let mut state =
        StateVector::<f64>::prepared(&program, &[], config, &mut Workspace::default()).map_err(|error| refused(PLACE, error))?;
    let mut progress = Progress::new("thousandths of the exact evolution")?;
    let mut watch = |part: f64| progress.tick((1000.0 * part) as usize, 1000);
    let found = match evolve_watched(&mut state, &observables.energy, time, &mut watch) {
        Err(SimError::Stopped) => return Err(Progress::stopped()),
        other => other.map_err(|error| refused(PLACE, error))?,
    };
    progress.finish();
    Ok(Exact { values: observables.of(&state)?, state, error: found.error, seconds: clock.elapsed().as_secs_f64() })
}

/// The norm of the difference of two states, and 1 less their overlap.
fn distances(state: &StateVector<f64>, exact: &StateVector<f64>) -> Result<(f64, f64), Failure> {
    let squares: f64 = state.amplitudes().zip(exact.amplitudes()).map(|(a, b)| (a - b).norm_sqr()).sum();
    // what is left of the state beside the exact one, which does not cancel as 1 less the overlap would
    let overlap = exact.inner(state).or_work(PLACE)?;
    let beside: f64 = state.amplitudes().zip(exact.amplitudes()).map(|(a, b)| (a - overlap * b).norm_sqr()).sum();
    Ok((squares.sqrt(), beside))
}
