//! What a search leaves behind: the circuit, the numbers side by side, a page to look at.

use std::path::Path;

use qloom::circuits::{draw, qasm};
use qloom::qas::{EpisodeReport, Found};
use serde::Serialize;

use super::session::Session;
use crate::failure::{Failure, OrFailure};
use crate::output;
use crate::run_folder::{Meta, RunFolder};

/// The best circuit as OpenQASM 2.
pub const QASM: &str = "best.qasm";

/// Width of the drawing, in pixels.
const PICTURE: usize = 1000;

/// What was found, next to what else there is; energies in hartree. The same for every run of one experiment and seed.
#[derive(Debug, Serialize)]
pub struct Outcome {
    name: String,
    seed: u64,
    stop_reason: Option<String>,
    exact_energy: Option<f64>,
    lower_bound: f64,
    hartree_fock_error: Option<f64>,
    random_agent_error: Option<f64>,
    random_agent_noiseless_error: Option<f64>,
    random_agent_evaluations: u64,
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
    episodes: u64,
    successes: u64,
}

impl Outcome {
    pub fn new(session: &Session, stop_reason: Option<&str>) -> Result<Self, Failure> {
        let (search, control) = (&session.search, &session.control);
        let problem = search.problem();
        let found = best(session)?;
        let control_found = control.best().or_work("the random agent's circuit cannot be built")?;
        let number = |of: fn(&Found) -> usize| found.as_ref().map_or(0, of);
        Ok(Self {
            name: problem.name().to_owned(),
            seed: search.seed(),
            stop_reason: stop_reason.map(str::to_owned),
            exact_energy: problem.exact_energy(),
            lower_bound: problem.lower_bound(),
            hartree_fock_error: problem.hartree_fock_energy().and_then(|energy| problem.error(energy)),
            random_agent_noiseless_error: control_found.as_ref().and_then(|found| problem.error(found.reference.noiseless)),
            random_agent_error: control_found.and_then(|found| problem.error(found.energy)),
            random_agent_evaluations: control.evaluations(),
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
            episodes: search.episodes(),
            successes: search.successes(),
        })
    }

    /// The object that `--json` prints: the result, the time it took and where the circuit is.
    pub fn json(&self, meta: &Meta, qasm: &Path) -> serde_json::Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value["seconds"] = meta.seconds.into();
        value["qasm"] = qasm.display().to_string().into();
        value
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let error = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |e| format!("{e:.3e} hartree"));
        let rate = 100.0 * self.successes as f64 / self.episodes.max(1) as f64;
        let mut rows = vec![
            ("Hartree-Fock error", error(self.hartree_fock_error)),
            (
                "random agent's error",
                format!("{} ({} evaluations)", error(self.random_agent_error), self.random_agent_evaluations),
            ),
            ("found error", error(self.error)),
            ("found energy", self.energy.map_or_else(|| "none".to_owned(), |energy| format!("{energy:.10} hartree"))),
            ("depth", self.depth.to_string()),
            ("CNOTs", self.two_qubit_gates.to_string()),
            ("rotations", self.rotations.to_string()),
            ("parameters", self.parameters.to_string()),
            ("evaluations", format!("{} ({} to the circuit)", self.evaluations, self.evaluations_to_best)),
            ("episodes", format!("{} ({rate:.0} % successful)", self.episodes)),
            ("stopped by", self.stop_reason.clone().unwrap_or_default()),
        ];
        if self.noisy {
            let energy = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |energy| format!("{energy:.10} hartree"));
            let exact = [
                ("the same, noisy", format!("{}, error {}", energy(self.noisy_energy), error(self.noisy_error))),
                ("the same, noiseless", format!("{}, error {}", energy(self.noiseless_energy), error(self.noiseless_error))),
                ("random agent's, noiseless", error(self.random_agent_noiseless_error)),
            ];
            rows.splice(4..4, exact);
        }
        rows
    }

    /// The numbers as a person reads them.
    pub fn table(&self, meta: &Meta, folder: &Path) -> String {
        let mut rows = self.rows();
        rows.push(("seconds", format!("{:.1}", meta.seconds)));
        rows.push(("circuit", folder.join(QASM).display().to_string()));
        rows.push(("page", folder.join("report.html").display().to_string()));
        output::pairs(&rows)
    }
}

fn best(session: &Session) -> Result<Option<Found>, Failure> {
    session.search.best().or_work("the best circuit cannot be built")
}

/// Writes the best circuit so far as OpenQASM 2 and 3 and as a drawing; nothing before there is one.
pub fn write_best(folder: &RunFolder, session: &Session) -> Result<(), Failure> {
    let Some(found) = best(session)? else { return Ok(()) };
    let circuit = found.bound();
    let text = |version| qasm::write(&circuit, version, qasm::Dialect::Plain).or_work("cannot write the best circuit");
    folder.write(QASM, text(qasm::Version::V2)?.as_bytes())?;
    folder.write("best.v3.qasm", text(qasm::Version::V3)?.as_bytes())?;
    folder.write("best.svg", draw::svg(&circuit, PICTURE).as_bytes())
}

/// Writes `result.json`, `report.html` and, for an agent that has weights, `policy.safetensors`.
pub fn write(folder: &RunFolder, session: &Session, outcome: &Outcome) -> Result<(), Failure> {
    let mut text = serde_json::to_vec_pretty(outcome).or_work("cannot write the result")?;
    text.push(b'\n');
    folder.write("result.json", &text)?;
    if let Some(policy) = session.search.policy().or_work("cannot write the policy")? {
        folder.write("policy.safetensors", &policy)?;
    }
    folder.write("report.html", page(folder, session, outcome)?.as_bytes())
}

fn page(folder: &RunFolder, session: &Session, outcome: &Outcome) -> Result<String, Failure> {
    let place = "cannot read events.jsonl for the report";
    let text = std::fs::read_to_string(folder.path().join("events.jsonl")).or_work(place)?;
    let events: Vec<EpisodeReport> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>().or_work(place)?;
    let drawing = best(session)?.map_or_else(String::new, |found| draw::svg(&found.bound(), PICTURE));
    let rows: Vec<String> =
        outcome.rows().iter().map(|(name, value)| format!("<tr><th>{name}</th><td>{}</td></tr>", escape(value))).collect();
    let exact = session.search.problem().exact_energy();
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>\
         body{{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}\
         th{{text-align:left;padding:.2rem 1.5rem .2rem 0;font-weight:normal;color:#555}}svg{{max-width:100%;height:auto}}\
         </style></head>\n<body><h1>{title}</h1>\n<table>{rows}</table>\n<h2>Circuit</h2>\n{drawing}\n<h2>Course</h2>\n{plot}\n</body></html>\n",
        title = escape(&outcome.name),
        rows = rows.join("\n"),
        plot = course(&events, exact),
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Error of each episode and of the best so far, on a logarithmic scale, as SVG; nothing without an exact energy.
fn course(events: &[EpisodeReport], exact: Option<f64>) -> String {
    use kuva::prelude::*;
    let Some(exact) = exact else { return String::new() };
    // a page needs no more points than it is wide
    let step = events.len().div_ceil(1500).max(1);
    let floor = 1e-14;
    let points = |of: fn(&EpisodeReport) -> f64| -> Vec<(f64, f64)> {
        events.iter().step_by(step).map(|event| (event.episode as f64, (of(event) - exact).max(floor))).collect()
    };
    if events.is_empty() {
        return String::new();
    }
    let plots = vec![
        Plot::Scatter(
            ScatterPlot::new()
                .with_data(points(|event| event.energy))
                .with_color("#9db7d5")
                .with_size(1.5)
                .with_legend("end of the episode"),
        ),
        Plot::Line(LinePlot::new().with_data(points(|event| event.best_energy)).with_color("#b03a2e").with_legend("best so far")),
    ];
    let layout = Layout::auto_from_plots(&plots)
        .with_log_y()
        .with_title("Error against the exact ground energy")
        .with_x_label("episode")
        .with_y_label("error / hartree");
    render_to_svg(plots, layout)
}
