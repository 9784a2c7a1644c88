//! `qloom synthesize circuit`: a circuit of one's own made anew.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::qasm;
use qloom::qas::synthesis::{Learning, Method, SearchLimits, Space, best_first};
use serde::Serialize;

use super::session::{VALUES, name};
use super::{Experiment, PLACE};
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::{circuit_file, files};

/// Make a circuit anew with the fewest gates that a search with learned values finds.
///
/// The circuit has as many qubits as the run's space and no free parameters; its matrix is taken apart, so that how it was written does not
/// matter. The result does the same up to a global phase, which is checked.
///
/// For example: qloom synthesize circuit my.qasm --run runs/clifford --out fewer.qasm
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// The run folder of qloom synthesize whose network is asked.
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// How successors are judged.
    #[arg(long, default_value = "q-star", value_parser = method, value_name = "q-star|a-star|blind")]
    method: Method,
    /// The most states that are made; by default as many as in the run.
    #[arg(long, value_name = "N")]
    states: Option<usize>,
    /// Write the circuit to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

fn method(text: &str) -> Result<Method, String> {
    let all = [Method::QStar, Method::AStar, Method::Blind];
    all.into_iter().find(|&method| name(method) == text).ok_or_else(|| "give q-star, a-star or blind".to_owned())
}

/// What was made.
#[derive(Serialize)]
struct CircuitReport {
    two_qubit_before: usize,
    two_qubit: usize,
    gates: usize,
    cost: f32,
    states: usize,
    evaluated: usize,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qasm: Option<String>,
}

impl Report for CircuitReport {
    fn text(&self) -> String {
        let place = self.file.as_ref().map_or_else(String::new, |file| format!(", in {}", file.display()));
        let summary = output::pairs(&[
            ("two-qubit gates", format!("{} ({} before){place}", self.two_qubit, self.two_qubit_before)),
            ("gates", self.gates.to_string()),
            ("states", format!("{} made, {} asked, {:.3} s", self.states, self.evaluated, self.seconds)),
        ]);
        match &self.qasm {
            None => summary,
            Some(text) => format!("{summary}\n\n{}", text.trim_end()),
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let circuit = circuit_file::read(&arguments.file)?;
    if circuit.num_parameters() > 0 {
        let (file, count) = (arguments.file.display(), circuit.num_parameters());
        return Err(Failure::input(format!("{file} has {count} free parameters; a matrix needs numbers in their place")));
    }
    let path = arguments.run.join("experiment.toml");
    let experiment: Experiment =
        toml::from_str(&files::read_text(&path)?).or_input(format!("{} is no experiment of qloom synthesize", path.display()))?;
    let settings = &experiment.synthesis;
    let space = settings.space()?;
    let limits = SearchLimits { states: arguments.states.unwrap_or(settings.search.states), ..settings.search.clone() };
    limits.check().or_input(PLACE)?;
    let mut learning = Learning::new(space, settings.learning.clone(), experiment.seed).or_input(PLACE)?;
    let (space, values) = learning.parts_mut();
    let network = arguments.run.join(VALUES);
    let bytes = std::fs::read(&network).or_input(format!("cannot read {}", network.display()))?;
    values.read_safetensors(&bytes).or_input(network.display().to_string())?;
    if circuit.num_qubits() != space.num_qubits() {
        let (file, found, need) = (arguments.file.display(), circuit.num_qubits(), space.num_qubits());
        return Err(Failure::input(format!("{file} has {found} qubits; the space of the run has {need}")));
    }
    let matrix = circuit.unitary(&[]).or_input(arguments.file.display().to_string())?;
    let start = space.state(&matrix).or_input(arguments.file.display().to_string())?;
    let begun = Instant::now();
    let course = best_first(space, values, start, arguments.method, &limits).or_work("the search failed")?;
    let seconds = begun.elapsed().as_secs_f64();
    let Some(found) = &course.path else {
        let message =
            format!("no circuit was found among {} states; raise --states, or the run's limits of memory", course.states);
        return Err(Failure::Work(anyhow::anyhow!("{message}")));
    };
    let made = space.circuit(&matrix, found).or_work("the circuit cannot be read off its path")?;
    let text = qasm::write(&made, qasm::Version::V3, qasm::Dialect::Plain).or_work("cannot write the circuit")?;
    if let Some(file) = &arguments.out {
        files::write_whole(file, text.as_bytes())?;
    }
    let report = CircuitReport {
        two_qubit_before: circuit.two_qubit_gates(),
        two_qubit: made.two_qubit_gates(),
        gates: made.operations().len(),
        cost: course.cost,
        states: course.states,
        evaluated: course.evaluated,
        seconds,
        qasm: arguments.out.is_none().then_some(text),
        file: arguments.out.clone(),
    };
    output::report(arguments.json, &report)
}
