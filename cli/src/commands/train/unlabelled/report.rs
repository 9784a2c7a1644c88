//! What is found in rows: the report, a table and a picture.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qloom::learn::{Examples, Found, adjusted_rand_index, roc_auc};
use serde::Serialize;

use super::Session;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::labelled_fit;
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::table;

/// What the command prints.
#[derive(Serialize)]
pub struct UnlabelledReport {
    name: String,
    seed: u64,
    rows: usize,
    features: usize,
    /// Of components: shares of the variance in the space of the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    variance_shares: Option<Vec<f64>>,
    /// Of one class: rows outside, and for each label the share of its rows that are.
    #[serde(skip_serializing_if = "Option::is_none")]
    outside: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outside_by_label: Option<BTreeMap<String, f64>>,
    /// Of one class and labels of two kinds: the area under the curve of the rarer label against the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<f64>,
    /// Of clusters: rows of each, and how they agree with the labels: 1 of the same groups, about 0 of groups by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_rows: Option<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adjusted_rand_index: Option<f64>,
    seconds: f64,
    /// The model's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<PathBuf>,
}

impl Report for UnlabelledReport {
    fn text(&self) -> String {
        let mut rows = vec![("rows", self.rows.to_string()), ("features", self.features.to_string())];
        if let Some(shares) = &self.variance_shares {
            let shares: Vec<String> = shares.iter().map(|share| format!("{share:.4}")).collect();
            rows.push(("shares of the variance", shares.join(", ")));
        }
        if let Some(outside) = self.outside {
            rows.push(("rows outside", outside.to_string()));
        }
        for (label, share) in self.outside_by_label.iter().flatten() {
            rows.push(("outside", format!("{share:.4} of the rows with label {label}")));
        }
        if let Some(area) = self.roc_auc {
            rows.push(("area under ROC", format!("{area:.4}")));
        }
        if let Some(counts) = &self.cluster_rows {
            let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
            rows.push(("rows of clusters", counts.join(", ")));
        }
        if let Some(index) = self.adjusted_rand_index {
            rows.push(("adjusted Rand index", format!("{index:.4} (clusters against labels)")));
        }
        if let Some(model) = &self.model {
            rows.push(("model", model.display().to_string()));
        }
        output::pairs(&rows)
    }
}

/// The report, and the files of the run folder.
///
/// # Errors
/// When the model cannot be evaluated or a file cannot be made.
pub(super) fn all(session: &Session, seconds: f64, folder: Option<&Path>) -> Result<(UnlabelledReport, Vec<NamedFile>), Failure> {
    let count = session.rows.len() / session.columns.len();
    let mut report = UnlabelledReport {
        name: session.name.clone(),
        seed: session.seed,
        rows: count,
        features: session.preparation.outputs(),
        variance_shares: None,
        outside: None,
        outside_by_label: None,
        roc_auc: None,
        cluster_rows: None,
        adjusted_rand_index: None,
        seconds,
        model: None,
    };
    let Some(model) = &session.model else { return Ok((report, Vec::new())) };
    report.model = folder.map(|folder| folder.join("model.json"));
    // labels of one kind compare with nothing
    let known = session.labels.as_ref().and_then(|labels| Examples::new(vec![0.0; count], 1, labels).ok());
    let found = model.tell(&session.rows, labelled_fit::config()).or_work("the model cannot be evaluated")?;
    match &found {
        Found::Components(_) => report.variance_shares = model.variance_shares().map(<[f64]>::to_vec),
        Found::Decisions(decisions) => {
            report.outside = Some(decisions.iter().filter(|decision| **decision < 0.0).count());
            if let Some(known) = &known {
                outliers(&mut report, decisions, known);
            }
        }
        Found::Clusters(_) => {
            let clusters = model.clusters().unwrap_or_default();
            let last = clusters.iter().max().map_or(0, |last| last + 1);
            let rows = |cluster: usize| clusters.iter().filter(|other| **other == cluster).count();
            report.cluster_rows = Some((0..last).map(rows).collect());
            report.adjusted_rand_index = known.as_ref().map(|known| adjusted_rand_index(clusters, known.labels()));
        }
    }
    if folder.is_none() {
        return Ok((report, Vec::new()));
    }
    let mut files = vec![
        ("report.json".to_owned(), serde_json::to_vec_pretty(&report).or_work("cannot write the report")?),
        ("found.csv".to_owned(), table_of(&found, session.labels.as_deref())?),
    ];
    if let Found::Components(points) = &found {
        files.extend(picture(session, points, known.as_ref()));
    }
    Ok((report, files))
}

fn outliers(report: &mut UnlabelledReport, decisions: &[f64], known: &Examples) {
    let rows_of = |class: usize| known.labels().iter().enumerate().filter(move |(_, label)| **label == class).map(|(row, _)| row);
    let share = |(class, name): (usize, &String)| {
        let (outside, all) = (rows_of(class).filter(|row| decisions[*row] < 0.0).count(), rows_of(class).count());
        (name.clone(), outside as f64 / all.max(1) as f64)
    };
    report.outside_by_label = Some(known.classes().iter().enumerate().map(share).collect());
    if known.classes().len() == 2 {
        let rare = usize::from(rows_of(1).count() < rows_of(0).count());
        let scores: Vec<f64> = decisions.iter().map(|decision| -decision).collect();
        let rare: Vec<bool> = known.labels().iter().map(|label| *label == rare).collect();
        report.roc_auc = roc_auc(&scores, &rare);
    }
}

/// One line for each row, with its label where there are some.
fn table_of(found: &Found, labels: Option<&[String]>) -> Result<Vec<u8>, Failure> {
    let (names, rows): (Vec<String>, Vec<Vec<String>>) = match found {
        Found::Components(points) => (
            (1..=points.first().map_or(0, Vec::len)).map(|number| format!("component_{number}")).collect(),
            points.iter().map(|point| point.iter().map(|x| format!("{x:?}")).collect()).collect(),
        ),
        Found::Decisions(decisions) => {
            (vec!["decision".to_owned()], decisions.iter().map(|decision| vec![format!("{decision:?}")]).collect())
        }
        Found::Clusters(clusters) => {
            (vec!["cluster".to_owned()], clusters.iter().map(|cluster| vec![cluster.to_string()]).collect())
        }
    };
    let names = [vec!["row".to_owned()], names, labels.map(|_| "label".to_owned()).into_iter().collect()].concat();
    let line = |(row, values): (usize, &Vec<String>)| {
        let label = labels.map(|labels| labels[row].clone());
        [vec![(row + 1).to_string()], values.clone(), label.into_iter().collect()].concat()
    };
    table::write_words(&names, &rows.iter().enumerate().map(line).collect::<Vec<_>>())
}

const COLORS: [&str; 6] = ["#06c", "#c22", "#282", "#a60", "#808", "#555"];

/// Rows along the first two components, by label; nothing of one component.
fn picture(session: &Session, points: &[Vec<f64>], known: Option<&Examples>) -> Option<NamedFile> {
    if points.first().is_none_or(|point| point.len() < 2) {
        return None;
    }
    let names = known.map_or_else(|| vec!["rows".to_owned()], |known| known.classes().to_vec());
    let series = names.into_iter().enumerate().map(|(class, name)| {
        let mine = |row: &usize| known.is_none_or(|known| known.labels()[*row] == class);
        let points = (0..points.len()).filter(mine).map(|row| (points[row][0], points[row][1])).collect();
        Series { name, color: COLORS[class % COLORS.len()], mark: Mark::Dots(3.0), points }
    });
    let (x_label, y_label) = ("component 1", "component 2");
    let figure = Figure { title: &session.name, x_label, y_label, scale: Scale::Linear, series: series.collect() };
    Some(("components.svg".to_owned(), figure.svg().into_bytes()))
}
