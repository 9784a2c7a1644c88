//! `qloom mitigate`: what noise does to an expectation value, and how much of it each method undoes.

use std::path::PathBuf;

use qloom::circuits::{Circuit, PauliString, PauliSum, Stream};
use qloom::estimate::{
    Cancellation, Estimate, Extrapolation, Grouping, Measurements, Readout, ScaledValue, Symmetries, allocate, extrapolate,
    virtual_distillation,
};
use qloom::hardware::{Folding, NoiseModel, fold};
use qloom::sim::{Observable, PauliProgram, PauliVector, Program, SimulatorConfig, StateVector, before_last_measurements};

use crate::engine::Engine;
use crate::failure::{Failure, OrFailure};
use crate::noise::Noise;
use crate::{circuit_file, hamiltonian_file, output};

/// Compare error mitigation of an expectation value under noise.
///
/// Simulates the circuit without noise and with it, exactly on a Pauli vector, and prints for each method its value and how far it is
/// from the value without noise: nothing, inversion of read-out errors, zero-noise extrapolation by folded gates (read-out inverted) along
/// a straight line, a polynomial through all points and an exponential, probabilistic error cancellation with the noise known, virtual
/// distillation, and post-selection on symmetries. With --shots, the methods that are sampled have standard errors.
///
/// For example: qloom mitigate ansatz.qasm --observable data/molecules/H2_0.7414_4q_jw.json --device devices/mumbai_median.toml
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// The observable, a Hamiltonian's JSON file.
    #[arg(long, value_name = "FILE")]
    observable: PathBuf,
    #[command(flatten)]
    noise: Noise,
    /// Scales of the noise to extrapolate from, each 1 or more: how many times as long the folded circuits are.
    #[arg(long, value_name = "S,S,...", value_delimiter = ',', default_values_t = [1.0, 3.0, 5.0])]
    scales: Vec<f64>,
    /// What is folded: the circuit, every gate, or gates on two and more qubits.
    #[arg(long, default_value = "gates")]
    fold: Fold,
    /// A symmetry of the state with its value, such as ZZIZ=-1; the leftmost letter is qubit 0. Give one option for each. What does not
    /// commute with the observable, or has another value in the state without noise, is no symmetry: a warning says so.
    #[arg(long, value_name = "WORD=VALUE", value_parser = symmetry)]
    symmetry: Vec<(String, i8)>,
    /// Shots for each value that is measured, such as 1000 or 1e3; exact values if left out.
    #[arg(long, value_name = "N", value_parser = crate::number::shots)]
    shots: Option<u64>,
    /// Seed of the random shots: the same seed gives the same shots.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Fold {
    Circuit,
    Gates,
    LargeGates,
}

fn symmetry(text: &str) -> Result<(String, i8), String> {
    let wrong = || format!("\"{text}\": write a word of I, X, Y, Z and its value, such as ZZIZ=-1");
    let (word, value) = text.split_once('=').ok_or_else(wrong)?;
    Ok((word.trim().to_owned(), value.trim().parse().map_err(|_| wrong())?))
}

/// One line of the table.
struct Row {
    name: &'static str,
    /// The value, or why there is none.
    estimate: Result<Estimate, String>,
}

/// All methods next to the value without noise.
#[derive(serde::Serialize)]
struct MitigationReport {
    num_qubits: usize,
    noiseless: f64,
    shots: Option<u64>,
    methods: Vec<MethodReport>,
    /// Why some methods may mislead.
    warnings: Vec<String>,
}

/// A method's value and how far it is from the value without noise, or why there is none.
#[derive(serde::Serialize)]
struct MethodReport {
    name: &'static str,
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl MethodReport {
    fn new(row: &Row, exact: f64) -> Self {
        let estimate = row.estimate.as_ref().ok();
        Self {
            name: row.name,
            value: estimate.map(|estimate| estimate.value),
            standard_error: estimate.map(|estimate| estimate.standard_error),
            error: estimate.map(|estimate| estimate.value - exact),
            reason: row.estimate.as_ref().err().cloned(),
        }
    }
}

/// What all methods start from.
struct Experiment<'a> {
    circuit: &'a Circuit,
    observable: &'a PauliSum,
    model: &'a NoiseModel,
    config: SimulatorConfig,
    shots: Option<u64>,
}

const PLACE: &str = "cannot simulate";

/// The most circuits that are drawn to cancel errors.
const DRAWS: u64 = 1000;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.engine.config()?;
    let circuit = before_last_measurements(&circuit_file::read(&arguments.file)?);
    let observable = hamiltonian_file::read(&arguments.observable)?.hamiltonian;
    if observable.num_qubits() != circuit.num_qubits() {
        let (of, on) = (observable.num_qubits(), circuit.num_qubits());
        return Err(Failure::input(format!("the observable is on {of} qubits, the circuit on {on}; they must agree")));
    }
    if !arguments.noise.given() {
        return Err(Failure::input("without noise there is nothing to mitigate; give --device or --noise"));
    }
    let model = arguments.noise.model(&circuit)?;
    let mut pure = StateVector::<f64>::zero(circuit.num_qubits(), config).or_work(PLACE)?;
    pure.run(&Program::once(&circuit).or_input(PLACE)?, &[]).or_input(PLACE)?;
    let exact = pure.expectation(&Observable::new(&observable)).or_work(PLACE)?;
    let (circuit, observable) = (&circuit, &observable);
    let symmetries = arguments.symmetries(circuit.num_qubits())?;
    let warnings = doubts(&symmetries, observable, &pure)?;
    warnings.iter().for_each(|warning| eprintln!("{warning}"));
    let experiment = Experiment { circuit, observable, model: &model, config, shots: arguments.shots };
    let rows = experiment.rows(arguments, &symmetries)?;
    if arguments.json {
        let methods = rows.iter().map(|row| MethodReport::new(row, exact)).collect();
        let (num_qubits, shots) = (circuit.num_qubits(), arguments.shots);
        return output::json_line(&MitigationReport { num_qubits, noiseless: exact, shots, methods, warnings });
    }
    output::line(&format!("without noise           {exact:+.9}"));
    output::line("method                          value   from noiseless   standard error");
    for row in &rows {
        match &row.estimate {
            Ok(Estimate { value, standard_error }) => {
                let error = value - exact;
                output::line(&format!("{:22} {value:+14.9} {error:+16.9} {standard_error:16.9}", row.name));
            }
            Err(reason) => output::line(&format!("{:22} {reason}", row.name)),
        }
    }
    Ok(())
}

impl Arguments {
    /// The symmetries as operators on this many qubits.
    fn symmetries(&self, num_qubits: usize) -> Result<Vec<(PauliString, i8)>, Failure> {
        let mut generators = Vec::new();
        for (word, value) in &self.symmetry {
            let string = PauliString::from_word(word).or_input("--symmetry")?;
            if string.support().any(|qubit| qubit >= num_qubits) {
                return Err(Failure::input(format!("--symmetry {string}: the circuit has {num_qubits} qubits")));
            }
            generators.push((string, *value));
        }
        Ok(generators)
    }
}

/// How far from its value a symmetry of a state may be.
const ROUNDING: f64 = 1e-9;

/// What speaks against the symmetries: post-selecting on what is none gives another observable's value.
fn doubts(generators: &[(PauliString, i8)], observable: &PauliSum, state: &StateVector<f64>) -> Result<Vec<String>, Failure> {
    let mut doubts = Vec::new();
    for (string, value) in generators {
        let clash = observable.terms().iter().find(|(term, coefficient)| *coefficient != 0.0 && !string.commutes_with(*term));
        if let Some((term, _)) = clash {
            doubts.push(format!(
                "--symmetry {string}={value}: it does not commute with the term {term} of the observable, so post-selection is wrong"
            ));
        }
        let sum = PauliSum::new(observable.num_qubits(), [(*string, 1.0)]).or_input("--symmetry")?;
        let found = state.expectation(&Observable::new(&sum)).or_work(PLACE)?;
        if (found - f64::from(*value)).abs() > ROUNDING {
            doubts.push(format!(
                "--symmetry {string}={value}: without noise the state has {found:.6} instead, so post-selection is wrong"
            ));
        }
    }
    Ok(doubts)
}

impl Experiment<'_> {
    fn rows(&self, arguments: &Arguments, generators: &[(PauliString, i8)]) -> Result<Vec<Row>, Failure> {
        let mut stream = Stream::named(arguments.seed, "shots");
        let noisy = self.state(self.circuit)?;
        let readout = Readout::new(&self.model.readout).or_input(PLACE)?;
        let measured = Measurements::new(self.observable, Grouping::QubitWise).with_readout(readout.clone());
        let inverted = measured.clone().with_inversion(readout);
        let mut rows = vec![Row { name: "nothing", estimate: self.measure(&measured, &noisy, &mut stream) }];
        let inverted = match inverted {
            Ok(inverted) => inverted,
            Err(reason) => {
                rows.push(Row { name: "read-out inversion", estimate: Err(reason.to_string()) });
                measured
            }
        };
        rows.push(Row { name: "read-out inversion", estimate: self.measure(&inverted, &noisy, &mut stream) });
        let folding = match arguments.fold {
            Fold::Circuit => Folding::Circuit,
            Fold::Gates => Folding::Gates,
            Fold::LargeGates => Folding::LargeGates,
        };
        let mut points = Vec::new();
        for &scale in &arguments.scales {
            let (folded, scale) = fold(self.circuit, scale, folding).or_input("--scales")?;
            let estimate = self.measure(&inverted, &self.state(&folded)?, &mut stream).map_err(Failure::input)?;
            points.push(ScaledValue { scale, estimate });
        }
        let asymptote = self.observable.constant();
        for (name, curve) in [
            ("line to zero noise", Extrapolation::Polynomial { degree: 1 }),
            ("Richardson", Extrapolation::Richardson),
            ("exponential", Extrapolation::Exponential { asymptote, degree: 1 }),
        ] {
            rows.push(Row { name, estimate: extrapolate(&points, curve).map_err(|error| error.to_string()) });
        }
        rows.push(Row { name: "error cancellation", estimate: self.cancelled(&inverted, &mut stream)? });
        let distilled = virtual_distillation(&noisy, self.observable, 2);
        let exactly = |value| Estimate { value, standard_error: 0.0 };
        rows.push(Row { name: "virtual distillation", estimate: distilled.map(exactly).map_err(|error| error.to_string()) });
        if !generators.is_empty() {
            let symmetries = Symmetries::new(generators).or_input("--symmetry")?;
            let kept = symmetries.expectation(self.observable, |string| noisy.pauli(string).unwrap_or(f64::NAN));
            let estimate = kept.map(|kept| exactly(kept.value)).map_err(|error| error.to_string());
            rows.push(Row { name: "post-selection", estimate });
        }
        Ok(rows)
    }

    /// The mean of signed circuits: without shots that of all, which has no noise, else that of as many draws as there are shots, or of
    /// `DRAWS` that share them.
    fn cancelled(&self, measurements: &Measurements, stream: &mut Stream) -> Result<Result<Estimate, String>, Failure> {
        let cancellation = match Cancellation::new(&self.model.apply(self.circuit).or_input(PLACE)?) {
            Ok(cancellation) => cancellation,
            Err(reason) => return Ok(Err(reason.to_string())),
        };
        let Some(shots) = self.shots else { return Ok(self.measure(measurements, &self.evolved(self.circuit)?, stream)) };
        let draws = shots.min(DRAWS);
        let each = Experiment { shots: Some(shots / draws), ..*self };
        let (constant, mut sum, mut squares) = (self.observable.constant(), 0.0, 0.0);
        for _ in 0..draws {
            let draw = cancellation.draw(stream).or_work(PLACE)?;
            let estimate = match each.measure(measurements, &self.evolved(&draw.circuit)?, stream) {
                Ok(estimate) => estimate,
                Err(reason) => return Ok(Err(reason)),
            };
            // the constant is no outcome
            let value = constant + draw.sign * cancellation.overhead() * (estimate.value - constant);
            (sum, squares) = (sum + value, squares + value * value);
        }
        let count = draws as f64;
        let value = sum / count;
        let spread = (squares / count - value * value).max(0.0) / (count - 1.0).max(1.0);
        Ok(Ok(Estimate { value, standard_error: spread.sqrt() }))
    }

    /// The state after the circuit under its noise, before reading out.
    fn state(&self, circuit: &Circuit) -> Result<PauliVector, Failure> {
        self.evolved(&self.model.apply(circuit).or_input(PLACE)?)
    }

    /// The state after a circuit with its channels.
    fn evolved(&self, noisy: &Circuit) -> Result<PauliVector, Failure> {
        let circuit = self.circuit;
        let mut state = PauliVector::zero(circuit.num_qubits(), self.config).or_work(PLACE)?;
        state.run(&PauliProgram::new(noisy).or_work(PLACE)?, &[]).or_work(PLACE)?;
        Ok(state)
    }

    fn measure(&self, measurements: &Measurements, state: &PauliVector, stream: &mut Stream) -> Result<Estimate, String> {
        let estimate = match self.shots {
            None => measurements.limit(state).map(|value| Estimate { value, standard_error: 0.0 }),
            Some(total) => {
                let weights: Vec<f64> = measurements.settings().iter().map(qloom::estimate::Setting::weight).collect();
                measurements.estimate(state, &allocate(total, &weights), stream)
            }
        };
        estimate.map_err(|error| error.to_string())
    }
}
