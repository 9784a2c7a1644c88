//! What a run folder of a search says of the run.

use std::path::Path;

use qloom::qas::EpisodeReport;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::failure::Failure;
use crate::files;

/// A run in one row.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub run: String,
    pub experiment: String,
    pub problem: String,
    pub agent: String,
    pub seed: u64,
    pub error: Option<f64>,
    pub two_qubit_gates: Option<u32>,
    pub gates: Option<u32>,
    pub depth: Option<u32>,
    pub evaluations: u64,
    pub evaluations_to_best: Option<u64>,
    pub episodes: u64,
    pub seconds: f64,
    pub random_agent_error: Option<f64>,
    pub hartree_fock_error: Option<f64>,
    pub stopped_by: Option<String>,
}

/// A run: the row, its course, and gates on two qubits and error of each circuit of its front.
pub struct Run {
    pub row: Row,
    pub events: Vec<EpisodeReport>,
    pub front: Vec<(u32, f64)>,
}

/// What `result.json` holds, of which an unfinished run has none.
#[derive(Deserialize)]
struct Outcome {
    name: String,
    error: Option<f64>,
    two_qubit_gates: u32,
    gates: u32,
    depth: u32,
    evaluations: u64,
    evaluations_to_best: u64,
    episodes: u64,
    random_agent_error: Option<f64>,
    hartree_fock_error: Option<f64>,
    #[serde(default)]
    front: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    two_qubit_gates: u32,
    error: Option<f64>,
}

#[derive(Deserialize)]
struct Meta {
    command: String,
    seed: u64,
    seconds: f64,
    stop_reason: Option<String>,
}

/// Reads a run folder, finished or not, without touching it.
///
/// # Errors
/// Bad input when it is no run folder of a search, or a file of it cannot be read, by its name.
pub fn read(path: &Path) -> Result<Run, Failure> {
    let place = path.display();
    if !path.join("meta.json").is_file() {
        return Err(Failure::input(format!(
            "{place} is no run folder: it has no meta.json; name a folder that qloom search has made"
        )));
    }
    let meta: Meta = json(&path.join("meta.json"))?;
    if meta.command != "search" {
        return Err(Failure::input(format!("{place} is a run of qloom {}; a report takes runs of qloom search", meta.command)));
    }
    let file = path.join("experiment.toml");
    let settings: toml::Table =
        toml::from_str(&files::read_text(&file)?).map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    let agent = (settings.get("search").and_then(|search| search.get("agent")))
        .and_then(|agent| agent.as_table()?.keys().next().cloned())
        .unwrap_or_else(|| "local".to_owned());
    let experiment = settings.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let events = events(&path.join("events.jsonl"))?;
    let last = events.last();
    let result: Option<Outcome> = path.join("result.json").is_file().then(|| json(&path.join("result.json"))).transpose()?;
    let row = Row {
        run: place.to_string(),
        problem: result.as_ref().map_or_else(String::new, |result| result.name.clone()),
        experiment,
        agent,
        seed: meta.seed,
        error: result.as_ref().map_or_else(|| last.and_then(|event| event.best_error), |result| result.error),
        two_qubit_gates: result.as_ref().map(|result| result.two_qubit_gates),
        gates: result.as_ref().map(|result| result.gates),
        depth: result.as_ref().map(|result| result.depth),
        evaluations: result.as_ref().map_or_else(|| last.map_or(0, |event| event.evaluations), |result| result.evaluations),
        evaluations_to_best: result.as_ref().map(|result| result.evaluations_to_best),
        episodes: result.as_ref().map_or(events.len() as u64, |result| result.episodes),
        seconds: meta.seconds,
        random_agent_error: result.as_ref().and_then(|result| result.random_agent_error),
        hartree_fock_error: result.as_ref().and_then(|result| result.hartree_fock_error),
        stopped_by: meta.stop_reason,
    };
    let front = result.map_or_else(Vec::new, |result| result.front);
    let front = front.iter().filter_map(|point| Some((point.two_qubit_gates, point.error?))).collect();
    Ok(Run { row, events, front })
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    serde_json::from_str(&files::read_text(path)?).map_err(|error| Failure::input(format!("{}: {error}", path.display())))
}

/// The events; a last line that is still being written is left out.
fn events(path: &Path) -> Result<Vec<EpisodeReport>, Failure> {
    let text = files::read_text(path)?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    (whole.lines().enumerate())
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| Failure::input(format!("{}:{}: {error}", path.display(), index + 1)))
        })
        .collect()
}
