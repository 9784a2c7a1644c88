//! What a search leaves behind: the circuit, the numbers side by side, a page to look at.

use std::path::Path;

use qloom::circuits::{draw, qasm};
use qloom::qas::{EpisodeReport, Found, Problem};
use serde::Serialize;

use super::classifier::{MODEL, Scores};
use super::measured::{self, Measured};
use super::session::Session;
use super::tasks;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::output::{self, Report};
use crate::page::Page;
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::table;

/// The best circuit as OpenQASM 2.
pub const QASM: &str = "best.qasm";

/// The page of the run folder.
const PAGE: &str = "report.html";

/// Width of the drawing, in pixels.
const PICTURE: usize = 1000;

/// What was found, next to what else there is; energies in the problem's unit. The same for every run of one experiment and seed.
#[derive(Debug, Serialize)]
pub struct Outcome {
    name: String,
    seed: u64,
    unit: String,
    stop_reason: Option<String>,
    exact_energy: Option<f64>,
    lower_bound: f64,
    hartree_fock_error: Option<f64>,
    random_agent_error: Option<f64>,
    random_agent_noiseless_error: Option<f64>,
    random_agent_evaluations: u64,
    /// Of the lowest energy of the last test of the agent's policy.
    greedy_error: Option<f64>,
    energy: Option<f64>,
    error: Option<f64>,
    noisy_energy: Option<f64>,
    noisy_error: Option<f64>,
    noiseless_energy: Option<f64>,
    noiseless_error: Option<f64>,
    #[serde(skip)]
    noisy: bool,
    depth: usize,
    two_qubit_gates: usize,
    rotations: usize,
    gates: usize,
    parameters: usize,
    evaluations: u64,
    evaluations_to_best: u64,
    gradients: u64,
    /// Fits that were not made because they had been kept, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_hits: Option<u64>,
    /// Fits that were left out because a score had told that they were for nothing, where there are scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    fits_left_out: Option<u64>,
    episodes: u64,
    successes: u64,
    front: Vec<Point>,
    /// What the classifier with the circuit is worth, where one is sought.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    scores: Option<Scores>,
    #[serde(flatten)]
    measured: Measured,
    /// The lowest energy of the random agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    random_agent_energy: Option<f64>,
}

/// A circuit that no other found surpasses in energy and size at once.
#[derive(Debug, Serialize)]
struct Point {
    two_qubit_gates: usize,
    gates: usize,
    depth: usize,
    parameters: usize,
    energy: f64,
    error: Option<f64>,
    noisy_error: Option<f64>,
    noiseless_error: Option<f64>,
    /// Its file in the run folder.
    file: String,
}

impl Point {
    fn new(rank: usize, found: &Found, problem: &Problem) -> Self {
        Self {
            two_qubit_gates: found.two_qubit_gates,
            gates: found.gates,
            depth: found.depth,
            parameters: found.parameters(),
            energy: found.energy,
            error: problem.error(found.energy),
            noisy_error: problem.error(found.reference.noisy),
            noiseless_error: problem.error(found.reference.noiseless),
            file: format!("front-{:02}.qasm", rank + 1),
        }
    }
}

impl Outcome {
    pub fn new(session: &Session, stop_reason: Option<&str>) -> Result<Self, Failure> {
        let (search, control) = (&session.search, &session.control);
        let problem = search.problem();
        let found = best(session)?;
        let control_found = control.best().or_work("the random agent's circuit cannot be built")?;
        let number = |of: fn(&Found) -> usize| found.as_ref().map_or(0, of);
        let scores = match (&session.classifier, &found) {
            (Some(classifier), Some(found)) => Some(classifier.scores(found, control_found.as_ref())?),
            (Some(_), None) | (None, _) => None,
        };
        let random_agent_energy = control_found.as_ref().filter(|_| problem.exact_energy().is_none()).map(|found| found.energy);
        Ok(Self {
            name: problem.name().to_owned(),
            seed: search.seed(),
            unit: problem.unit().to_owned(),
            stop_reason: stop_reason.map(str::to_owned),
            exact_energy: problem.exact_energy(),
            lower_bound: problem.lower_bound(),
            hartree_fock_error: problem.hartree_fock_energy().and_then(|energy| problem.error(energy)),
            random_agent_noiseless_error: control_found.as_ref().and_then(|found| problem.error(found.reference.noiseless)),
            random_agent_error: control_found.and_then(|found| problem.error(found.energy)),
            random_agent_evaluations: control.evaluations(),
            greedy_error: search.greedy_energy().and_then(|energy| problem.error(energy)),
            energy: found.as_ref().map(|found| found.energy),
            error: found.as_ref().and_then(|found| problem.error(found.energy)),
            noisy_energy: found.as_ref().map(|found| found.reference.noisy),
            noisy_error: found.as_ref().and_then(|found| problem.error(found.reference.noisy)),
            noiseless_energy: found.as_ref().map(|found| found.reference.noiseless),
            noiseless_error: found.as_ref().and_then(|found| problem.error(found.reference.noiseless)),
            noisy: session.is_noisy(),
            depth: number(|found| found.depth),
            two_qubit_gates: number(|found| found.two_qubit_gates),
            rotations: number(|found| found.gates - found.two_qubit_gates),
            gates: number(|found| found.gates),
            parameters: number(Found::parameters),
            evaluations: search.evaluations(),
            evaluations_to_best: found.as_ref().map_or(0, |found| found.evaluations),
            gradients: search.gradients(),
            fits_left_out: search.config().environment.screen.as_ref().map(|_| search.fits_left_out()),
            cache_hits: search.config().objective.cache.as_ref().map(|_| search.cache_hits()),
            episodes: search.episodes(),
            successes: search.successes(),
            front: front(session)?.iter().enumerate().map(|(rank, found)| Point::new(rank, found, problem)).collect(),
            measured: Measured::new(session)?,
            scores,
            random_agent_energy,
        })
    }

    /// What takes the place of errors and energies where a classifier is sought.
    fn classifier_rows(&self, scores: &Scores, loss: impl Fn(Option<f64>) -> String) -> Vec<(&'static str, String)> {
        let (low, high) = scores.confidence_interval;
        let random = scores.random_agent_test_accuracy.map_or_else(|| "none".to_owned(), |share| format!("{share:.4}"));
        let mut rows = vec![
            ("found", format!("{} = {}", self.unit, loss(self.energy))),
            (
                "random agent",
                format!("{} = {} ({} evaluations)", self.unit, loss(self.random_agent_energy), self.random_agent_evaluations),
            ),
            ("rows", format!("{} for training, {} for testing", scores.train_rows, scores.test_rows)),
            ("training accuracy", format!("{:.4}", scores.train_accuracy)),
            ("test accuracy", format!("{:.4} (95 % interval {low:.4} to {high:.4})", scores.test_accuracy)),
            ("random agent's", format!("{random} (test accuracy of its circuit)")),
        ];
        rows.extend(scores.rivals.iter().map(|(name, share)| (*name, format!("{share:.4} (test accuracy without a circuit)"))));
        rows
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let unit = &self.unit;
        let error = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |e| format!("{e:.3e} {unit}"));
        let energy = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |energy| format!("{energy:.10} {unit}"));
        let rate = 100.0 * self.successes as f64 / self.episodes.max(1) as f64;
        let mut rows = vec![
            ("problem", self.name.clone()),
            ("seed", self.seed.to_string()),
            (
                "random agent's error",
                format!("{} ({} evaluations)", error(self.random_agent_error), self.random_agent_evaluations),
            ),
            ("found error", error(self.error)),
            ("found energy", energy(self.energy)),
            ("depth", self.depth.to_string()),
            ("CNOTs", self.two_qubit_gates.to_string()),
            ("rotations", self.rotations.to_string()),
            ("parameters", self.parameters.to_string()),
            ("evaluations", format!("{} ({} to the circuit)", self.evaluations, self.evaluations_to_best)),
            ("episodes", format!("{} ({rate:.0} % successful)", self.episodes)),
            ("stopped by", self.stop_reason.clone().unwrap_or_default()),
        ];
        if let Some(scores) = &self.scores {
            // of a loss there is no exact least one
            let loss = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:.6}"));
            rows.splice(2..5, self.classifier_rows(scores, loss));
        }
        if let Some(hits) = self.cache_hits {
            rows.push(("fits kept", format!("{hits} used again")));
        }
        if let Some(left_out) = self.fits_left_out {
            rows.push(("fits left out", left_out.to_string()));
        }
        rows.extend(self.measured.rows());
        if self.greedy_error.is_some() {
            rows.push(("last test's error", error(self.greedy_error)));
        }
        if self.noisy {
            let exact = [
                ("the same, noisy", format!("{}, error {}", energy(self.noisy_energy), error(self.noisy_error))),
                ("the same, noiseless", format!("{}, error {}", energy(self.noiseless_energy), error(self.noiseless_error))),
                ("random agent's, noiseless", error(self.random_agent_noiseless_error)),
            ];
            rows.splice(5..5, exact);
        }
        // of states and unitaries to make, and of lattices, there is none
        if self.hartree_fock_error.is_some() {
            rows.insert(2, ("Hartree-Fock error", error(self.hartree_fock_error)));
        }
        rows
    }
}

/// What the command prints: the outcome, the time it took and where the circuit is.
#[derive(Debug, Serialize)]
pub struct SearchReport {
    #[serde(flatten)]
    outcome: Outcome,
    seconds: f64,
    /// The best circuit's file.
    qasm: Option<String>,
    /// The file of the classifier with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// The run folder's page.
    #[serde(skip)]
    page: Option<String>,
}

impl SearchReport {
    pub fn new(outcome: Outcome, meta: &Meta, folder: Option<&Path>) -> Self {
        let path = |name: &str| folder.map(|folder| folder.join(name).display().to_string());
        // without any episode there is no circuit
        let qasm = outcome.energy.and_then(|_| path(QASM));
        let model = outcome.scores.as_ref().and_then(|_| path(MODEL));
        Self { outcome, seconds: meta.seconds, qasm, model, page: path(PAGE) }
    }
}

impl Report for SearchReport {
    fn text(&self) -> String {
        let mut rows = self.outcome.rows();
        rows.push(("seconds", format!("{:.1}", self.seconds)));
        rows.extend(self.qasm.clone().map(|path| ("circuit", path)));
        rows.extend(self.model.clone().map(|path| ("model", path)));
        rows.extend(self.page.clone().map(|path| ("page", path)));
        output::pairs(&rows)
    }
}

fn best(session: &Session) -> Result<Option<Found>, Failure> {
    session.search.best().or_work("the best circuit cannot be built")
}

fn front(session: &Session) -> Result<Vec<Found>, Failure> {
    session.search.front().or_work("a circuit of the front cannot be built")
}

/// The front as a table, and each of its circuits as OpenQASM 2.
fn front_files(session: &Session, outcome: &Outcome) -> Result<Vec<NamedFile>, Failure> {
    let mut files = vec![("front.csv".to_owned(), table::write(&outcome.front)?)];
    for (found, point) in front(session)?.iter().zip(&outcome.front) {
        let text = qasm::write(&found.bound(), qasm::Version::V2, qasm::Dialect::Plain)
            .or_work("cannot write a circuit of the front")?;
        files.push((point.file.clone(), text.into_bytes()));
    }
    Ok(files)
}

/// The best circuit so far as OpenQASM 2 and 3 and as a drawing; nothing before there is one.
pub fn best_files(session: &Session) -> Result<Vec<NamedFile>, Failure> {
    let Some(found) = best(session)? else { return Ok(Vec::new()) };
    let circuit = found.bound();
    let text = |version| qasm::write(&circuit, version, qasm::Dialect::Plain).or_work("cannot write the best circuit");
    Ok(vec![
        (QASM.to_owned(), text(qasm::Version::V2)?.into_bytes()),
        ("best.v3.qasm".to_owned(), text(qasm::Version::V3)?.into_bytes()),
        ("best.svg".to_owned(), draw::svg(&circuit, PICTURE).into_bytes()),
    ])
}

/// Writes `result.json`, `report.html` and, for an agent that has weights, `policy.safetensors`.
pub fn write(folder: &mut RunFolder, session: &Session, outcome: &Outcome) -> Result<(), Failure> {
    let mut text = serde_json::to_vec_pretty(outcome).or_work("cannot write the result")?;
    text.push(b'\n');
    let mut files = vec![("result.json".to_owned(), text)];
    if let Some(policy) = session.search.policy().or_work("cannot write the policy")? {
        files.push(("policy.safetensors".to_owned(), policy));
    }
    files.extend(front_files(session, outcome)?);
    files.extend(measured::files(session)?);
    if let (Some(classifier), Some(found)) = (&session.classifier, best(session)?) {
        files.extend(classifier.files(&found)?);
    }
    let events: Vec<EpisodeReport> = folder.events()?;
    let drawing = best(session)?.map_or_else(String::new, |found| draw::svg(&found.bound(), PICTURE));
    let problem = session.search.problem();
    let axis = match &session.classifier {
        None => Axis {
            zero: problem.exact_energy(),
            title: "Error against the exact ground energy",
            label: format!("error / {}", problem.unit()),
        },
        Some(_) => Axis { zero: Some(0.0), title: "What is lowered", label: problem.unit().to_owned() },
    };
    let mut pictures = vec![
        ("Circuit", drawing),
        ("Size", size(outcome, &axis)),
        ("Course", course(&events, &axis, problem.unit() == "hartree")),
    ];
    pictures.extend(tasks::pictures(&events, problem.unit()));
    let page = Page { title: &outcome.name, rows: &outcome.rows(), pictures: &pictures };
    files.push((PAGE.to_owned(), page.html().into_bytes()));
    folder.write(files)
}

/// What energies are drawn against.
struct Axis {
    /// Where they are zero, if it is known.
    zero: Option<f64>,
    title: &'static str,
    label: String,
}

/// Below it nothing is drawn.
const FLOOR: f64 = 1e-14;

/// Energies against gates on two qubits along the front; nothing where no zero is known.
fn size(outcome: &Outcome, axis: &Axis) -> String {
    let Some(zero) = axis.zero else { return String::new() };
    let point = |point: &Point| (point.two_qubit_gates as f64, (point.energy - zero).max(FLOOR));
    let points: Vec<(f64, f64)> = outcome.front.iter().map(point).collect();
    if points.is_empty() {
        return String::new();
    }
    Figure {
        title: "The smallest circuits for what they reach",
        x_label: "gates on two qubits",
        y_label: &axis.label,
        scale: Scale::LogY,
        series: vec![Series { name: "front".to_owned(), color: "#1f5fa8", mark: Mark::Dots(3.0), points }],
    }
    .svg()
}

/// One kilocalorie per mole, in hartree.
const CHEMICAL_ACCURACY: f64 = 1.593_601e-3;

/// Each episode and the best so far as SVG; nothing where no zero is known.
fn course(events: &[EpisodeReport], axis: &Axis, chemical: bool) -> String {
    let Some(zero) = axis.zero else { return String::new() };
    // a page needs no more points than it is wide
    let step = events.len().div_ceil(1500).max(1);
    let points = |of: fn(&EpisodeReport) -> f64| -> Vec<(f64, f64)> {
        events.iter().step_by(step).map(|event| (event.episode as f64, (of(event) - zero).max(FLOOR))).collect()
    };
    let series = |name: &str, color, mark, points| Series { name: name.to_owned(), color, mark, points };
    let mut all = vec![
        series("end of the episode", "#9db7d5", Mark::Dots(1.5), points(|event| event.energy)),
        series("best so far", "#b03a2e", Mark::Line, points(|event| event.best_energy)),
    ];
    if chemical && events.len() > 1 {
        let line = [1.0, events.len() as f64].map(|episode| (episode, CHEMICAL_ACCURACY)).to_vec();
        all.push(series("chemical accuracy", "#666", Mark::Line, line));
    }
    Figure { title: axis.title, x_label: "episode", y_label: &axis.label, scale: Scale::LogY, series: all }.svg()
}
