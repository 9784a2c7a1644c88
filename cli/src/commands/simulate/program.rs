//! Programs with classical values and control flow.

use std::collections::BTreeMap;
use std::time::Instant;

use qloom::circuits::Stream;
use qloom::circuits::program::{HybridProgram, RunOptions, Value};
use qloom::estimate::{Estimate, Readout};
use qloom::sim::{Branching, Course, HybridExecutable, PauliVector, ProgramNoise, SimError, SimulatorConfig, StateVector};
use serde::Serialize;

use super::{Arguments, Representation};
use crate::engine::{MANY_QUBITS, PAULI_QUBITS, Precision, refused};
use crate::failure::{Failure, OrFailure};
use crate::output;
use crate::progress::Progress;

const PLACE: &str = "cannot simulate";

/// Courses of a program followed one by one before shots are drawn instead: so many of small states, fewer of large ones.
const BEFORE_SHOTS: usize = 4096;

/// The most amplitudes of all courses that are followed before shots are drawn instead.
const AMPLITUDES_BEFORE_SHOTS: usize = 1 << 28;

/// The most operations of a program that is looked at for qubits that are used no more.
const MOST_UNROLLED: usize = 1 << 20;

/// So many qubits have to be saved at least for the state at the end to be given up.
const QUBITS_SAVED: usize = 3;

/// The most courses of a program followed one by one.
const MOST_COURSES: usize = 1 << 20;

/// What a program gives.
#[derive(Serialize)]
struct ProgramReport {
    num_qubits: usize,
    state: &'static str,
    /// Names and types of the outputs.
    outputs: Vec<OutputReport>,
    /// What the outputs can be, the likeliest first; nothing where only shots were drawn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    probabilities: Vec<OutcomeReport>,
    /// The probability of courses that are each too unlikely to be followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    neglected: Option<f64>,
    /// Of the state at the end, over all courses; nothing where qubits that were used no more were given up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expectation_z: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counts: Vec<CountReport>,
    warnings: Vec<String>,
    seconds: f64,
}

#[derive(Serialize)]
struct OutputReport {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Serialize)]
struct OutcomeReport {
    values: BTreeMap<String, serde_json::Value>,
    probability: f64,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct CountReport {
    values: BTreeMap<String, serde_json::Value>,
    count: u64,
    #[serde(skip)]
    text: String,
}

/// A kind of state as reports call it.
trait Named {
    const NAME: &'static str;
}

impl<T: qloom::sim::Real> Named for StateVector<T> {
    const NAME: &'static str = "state-vector";
}

impl Named for PauliVector {
    const NAME: &'static str = "pauli-vector";
}

/// Values of the outputs as text, with what they are in JSON and their share.
type Tally = BTreeMap<String, (Vec<Value>, f64)>;

/// Runs a program and prints its outputs.
///
/// # Errors
/// Bad input for what cannot be asked of a program and for what goes wrong in it; failed work when memory does not suffice or there
/// are too many courses.
pub fn run(program: &HybridProgram, arguments: &Arguments, config: SimulatorConfig) -> Result<(), Failure> {
    check(arguments)?;
    let mut options = RunOptions { steps: arguments.steps, ..RunOptions::default() };
    for (name, value) in arguments.binding.values()? {
        let whole = value.fract() == 0.0 && value.abs() < 9e15;
        options.inputs.insert(name, if whole { Value::int(value as i64) } else { Value::float(value) });
    }
    for warning in program.warnings().iter().filter(|_| !arguments.json) {
        eprintln!("line {}, column {}: {}", warning.line, warning.column, warning.message);
    }
    let mixed = arguments.noise.given() || matches!(arguments.state, Some(Representation::PauliVector));
    let report = match (mixed, arguments.engine.precision) {
        (false, Precision::F64) => simulate::<StateVector<f64>>(program, &options, arguments, config)?,
        (false, Precision::F32) => simulate::<StateVector<f32>>(program, &options, arguments, config)?,
        (true, Precision::F64) => simulate::<PauliVector>(program, &options, arguments, config)?,
        (true, Precision::F32) => {
            return Err(Failure::input("a Pauli vector has double precision; leave out --precision f32"));
        }
    };
    if arguments.json {
        return output::json_line(&report);
    }
    print(&report);
    Ok(())
}

/// Refuses what is asked of circuits alone.
fn check(arguments: &Arguments) -> Result<(), Failure> {
    let refuse = |what: &str| {
        Err(Failure::input(format!(
            "{what} is for circuits; this file has classical control flow, of which the outputs are printed"
        )))
    };
    match arguments {
        Arguments { observable: Some(_), .. } => refuse("--observable"),
        Arguments { explain: true, .. } => refuse("--explain"),
        Arguments { state: Some(Representation::Trajectories), .. } => refuse("--state trajectories"),
        Arguments { state: Some(Representation::Tableau), .. } => refuse("--state tableau"),
        Arguments { state: Some(Representation::Propagation), .. } => refuse("--state propagation"),
        Arguments { state: Some(Representation::Factored), .. } => refuse("--state factored"),
        Arguments { state: Some(Representation::MatrixProduct), .. } => refuse("--state matrix-product"),
        Arguments { state: Some(Representation::StateVector), .. } if arguments.noise.given() => {
            Err(Failure::input("--state state-vector: under noise the state of a program is a Pauli vector; leave out --state"))
        }
        _ if arguments.wanted.out.is_some() || arguments.wanted.amplitudes.is_some() => refuse("--amplitudes or --out"),
        _ if arguments.repeat > 1 => refuse("--repeat"),
        _ => Ok(()),
    }
}

/// What the noise is to a program, and its read-out errors.
fn noise(program: &HybridProgram, arguments: &Arguments) -> Result<(Option<ProgramNoise<'static>>, Readout), Failure> {
    let qubits = program.num_qubits().max(1);
    if !arguments.noise.given() {
        return Ok((None, Readout::new(&[]).or_input(PLACE)?));
    }
    if qubits > PAULI_QUBITS {
        return Err(Failure::input(format!(
            "under noise a program's state is a Pauli vector, of at most {PAULI_QUBITS} qubits; the program has {qubits}"
        )));
    }
    let noise = arguments.noise.of_program(qubits)?;
    let readout = Readout::new(&noise.flips).or_input(PLACE)?;
    Ok((Some(noise), readout))
}

/// A value of Z as it is read.
fn read(readout: &Readout, qubit: usize, value: f64) -> f64 {
    readout.letter(qubit, Estimate { value, standard_error: 0.0 }).value
}

fn simulate<S: Branching + Named>(
    program: &HybridProgram,
    options: &RunOptions,
    arguments: &Arguments,
    config: SimulatorConfig,
) -> Result<ProgramReport, Failure> {
    let start = Instant::now();
    let (noise, readout) = noise(program, arguments)?;
    let fewer = if S::MIXED { None } else { fewer_qubits(program) };
    let held = fewer.as_ref().unwrap_or(program);
    let executable = match noise {
        None => HybridExecutable::<S>::new(held, options),
        Some(noise) => HybridExecutable::<S>::noisy(held, options, noise),
    };
    let executable = executable.map_err(|error| refused(PLACE, error))?;
    let outputs = program.outputs();
    let names: Vec<&str> = outputs.iter().map(|(name, _)| *name).collect();
    let shots = arguments.shots.filter(|shots| *shots > 0);
    let mut exact = Tally::new();
    let mut expectation_z = if fewer.is_some() { Vec::new() } else { vec![0.0; program.num_qubits()] };
    let mut progress = Progress::new("courses")?;
    let mut done = 0;
    let few = (AMPLITUDES_BEFORE_SHOTS >> (held.num_qubits() * if S::MIXED { 2 } else { 1 }).min(60)).clamp(16, BEFORE_SHOTS);
    let limit = if shots.is_some() { few } else { MOST_COURSES };
    let followed = executable.courses(limit, config, &mut |course: Course<S>| {
        for (qubit, sum) in expectation_z.iter_mut().enumerate() {
            if let Ok(weights) = course.state.probabilities(&[qubit]) {
                *sum += course.share * read(&readout, qubit, weights[0] - weights[1]);
            }
        }
        add(&mut exact, &names, course.outputs, course.share);
        done += 1;
        progress.tick(done, limit)
    });
    let neglected = match followed {
        Ok(neglected) => Some(neglected),
        Err(SimError::TooManyBranches { .. } | SimError::MemoryLimit { .. }) if shots.is_some() => {
            eprintln!("the program has more courses than are followed one by one; only shots are drawn");
            exact.clear();
            expectation_z.clear();
            None
        }
        Err(SimError::Stopped) => return Err(Progress::stopped()),
        Err(error) => return Err(refused(PLACE, error)),
    };
    let mut drawn = Tally::new();
    if let Some(shots) = shots {
        let mut stream = Stream::named(arguments.seed, "shots");
        done = 0;
        let mut end = |course: Course<S>| {
            done += course.share as usize;
            add(&mut drawn, &names, course.outputs, course.share);
            progress.tick(done, shots as usize)
        };
        match executable.shots(shots, config, &mut stream, &mut end) {
            Err(SimError::Stopped) => return Err(Progress::stopped()),
            other => other.map_err(|error| refused(PLACE, error))?,
        }
    }
    let values = |list: Vec<Value>| names.iter().map(|name| (*name).to_owned()).zip(list.iter().map(value)).collect();
    let probabilities = sorted(exact).into_iter().take(arguments.wanted.probabilities.0);
    let probabilities =
        probabilities.map(|(text, (list, probability))| OutcomeReport { values: values(list), probability, text });
    let counts = sorted(drawn).into_iter();
    let counts = counts.map(|(text, (list, count))| CountReport { values: values(list), count: count as u64, text });
    Ok(ProgramReport {
        num_qubits: program.num_qubits(),
        state: S::NAME,
        outputs: outputs.iter().map(|(name, kind)| OutputReport { name: (*name).to_owned(), kind: kind.to_string() }).collect(),
        probabilities: probabilities.collect(),
        neglected,
        expectation_z,
        counts: counts.collect(),
        warnings: program.warnings().iter().map(|warning| format!("line {}: {}", warning.line, warning.message)).collect(),
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The program with qubits put in the place of others that are used no more, where that makes its state much smaller.
fn fewer_qubits(program: &HybridProgram) -> Option<HybridProgram> {
    if program.num_qubits() <= MANY_QUBITS {
        return None;
    }
    let fewer = program.compacted(MOST_UNROLLED).filter(|fewer| fewer.num_qubits() + QUBITS_SAVED <= program.num_qubits())?;
    eprintln!(
        "of the {} qubits at most {} are in use at a time, and as many are held; <Z> at the end is left out",
        program.num_qubits(),
        fewer.num_qubits()
    );
    Some(fewer)
}

/// Counts an outcome; what is behind the outputs is of a program with fewer qubits.
fn add(tally: &mut Tally, names: &[&str], mut outputs: Vec<Value>, share: f64) {
    outputs.truncate(names.len());
    let texts: Vec<String> = names.iter().zip(&outputs).map(|(name, value)| format!("{name} = {value}")).collect();
    tally.entry(texts.join(", ")).or_insert_with(|| (outputs, 0.0)).1 += share;
}

/// Outcomes with the largest share first; ties in the order of their text.
fn sorted(tally: Tally) -> Vec<(String, (Vec<Value>, f64))> {
    let mut list: Vec<(String, (Vec<Value>, f64))> = tally.into_iter().collect();
    let rank = |share: f64| (share * 1e12).round();
    list.sort_by(|a, b| rank(b.1.1).total_cmp(&rank(a.1.1)).then_with(|| a.0.cmp(&b.0)));
    list
}

/// A value as JSON has it: bits as text, bit 0 rightmost, angles in radians.
fn value(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(truth) => (*truth).into(),
        Value::Int(whole) => match i64::try_from(whole.value()) {
            Ok(number) => number.into(),
            Err(_) => (whole.value() as u64).into(),
        },
        Value::Float(..) | Value::Angle { .. } => value.real().into(),
        Value::Complex(number, _) => vec![number.re, number.im].into(),
        Value::Array(array) => array.items.iter().map(self::value).collect(),
        other => other.to_string().into(),
    }
}

fn print(report: &ProgramReport) {
    output::line(&format!("{} qubits, a program with classical values", report.num_qubits));
    if !report.probabilities.is_empty() && !report.outputs.is_empty() {
        output::line("probabilities of the outputs:");
        for outcome in &report.probabilities {
            output::line(&format!("  {:.9}  {}", outcome.probability, outcome.text));
        }
    }
    if let Some(neglected) = report.neglected.filter(|neglected| *neglected > 0.0) {
        output::line(&format!("  {neglected:.1e} in all for courses of less than 1e-15 each, which are not followed"));
    }
    for (qubit, value) in report.expectation_z.iter().enumerate() {
        output::line(&format!("<Z{qubit}> = {:+.9}", if value.abs() < 0.5e-9 { 0.0 } else { *value }));
    }
    if !report.counts.is_empty() && !report.outputs.is_empty() {
        output::line("counts of the outputs:");
        for outcome in &report.counts {
            output::line(&format!("  {}  {}", outcome.count, outcome.text));
        }
    }
}
