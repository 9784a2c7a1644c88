//! What a report says beside the best circuit, next to the same of the random agent.

use qloom::circuits::qasm;
use qloom::qas::{DataQuality, Search, Variety};
use serde::Serialize;

use super::session::Session;
use crate::failure::{Failure, OrFailure};
use crate::run_folder::NamedFile;

/// What is measured where the settings ask for it.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Good circuits that episodes ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    variety: Option<Beside<Good>>,
    /// What an agent has learnt from.
    #[serde(skip_serializing_if = "Option::is_none")]
    experience: Option<Data>,
}

/// Of the search, and of the random agent.
#[derive(Debug, Serialize)]
struct Beside<T> {
    search: T,
    random_agent: T,
}

#[derive(Debug, Serialize)]
struct Good {
    episodes: u64,
    forms: usize,
    kept: usize,
    mean_infidelity: Option<f64>,
    mean_distance: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Data {
    trajectory_quality: Option<f64>,
    state_action_coverage: Option<f64>,
    search: DataQuality,
    random_agent: DataQuality,
}

fn variety(search: &Search) -> Result<Option<Variety>, Failure> {
    search.variety().or_work("the good circuits cannot be simulated")
}

impl Good {
    fn of(found: &Variety) -> Self {
        let Variety { episodes, forms, ref circuits, mean_infidelity, mean_distance } = *found;
        Self { episodes, forms, kept: circuits.len(), mean_infidelity, mean_distance }
    }

    fn text(&self) -> String {
        let mean = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:.3}"));
        let (infidelity, distance) = (mean(self.mean_infidelity), mean(self.mean_distance));
        format!(
            "{} episodes, {} forms; of those kept, gates apart {distance}, infidelity {infidelity}",
            self.episodes, self.forms
        )
    }
}

impl Measured {
    pub fn new(session: &Session) -> Result<Self, Failure> {
        let (search, control) = (&session.search, &session.control);
        let both = variety(search)?.zip(variety(control)?);
        let variety = both.map(|(own, random)| Beside { search: Good::of(&own), random_agent: Good::of(&random) });
        let experience = search.experience().zip(control.experience()).map(|(own, random)| Data {
            trajectory_quality: own.trajectory_quality(&random),
            state_action_coverage: own.state_action_coverage(&random),
            search: own,
            random_agent: random,
        });
        Ok(Self { variety, experience })
    }

    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        if let Some(Beside { search, random_agent }) = &self.variety {
            rows.push(("good circuits", search.text()));
            rows.push(("random agent's", random_agent.text()));
        }
        if let Some(data) = &self.experience {
            let number = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |value| format!("{value:.3}"));
            rows.push(("trajectory quality", number(data.trajectory_quality)));
            rows.push(("states and actions", format!("{} times the random agent's", number(data.state_action_coverage))));
        }
        rows
    }
}

/// The good circuits of different form, the lowest energy first, as OpenQASM 2.
pub fn files(session: &Session) -> Result<Vec<NamedFile>, Failure> {
    let Some(found) = variety(&session.search)? else { return Ok(Vec::new()) };
    let file = |(place, found): (usize, &qloom::qas::Found)| {
        let text = qasm::write(&found.bound(), qasm::Version::V2, qasm::Dialect::Plain).or_work("cannot write a good circuit")?;
        Ok((format!("good-{:03}.qasm", place + 1), text.into_bytes()))
    };
    found.circuits.iter().enumerate().map(file).collect()
}
