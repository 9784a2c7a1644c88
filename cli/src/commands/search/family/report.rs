//! What a family's run prints and keeps.

use serde::Serialize;

use super::session::{By, Session, Trial};
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::spread::Spread;
use crate::table;

/// The trials of one point by one builder. Errors and counts are medians over the trials.
#[derive(Clone, Debug, Serialize)]
struct Row {
    point: String,
    member: bool,
    by: String,
    trials: usize,
    /// Trials whose error is at most that of the trials.
    reached: usize,
    error: Option<f64>,
    error_least: Option<f64>,
    error_most: Option<f64>,
    episodes: f64,
    evaluations: f64,
}

/// What the command prints.
#[derive(Serialize)]
pub struct FamilyReport {
    name: String,
    seed: u64,
    evaluations: u64,
    error: f64,
    points: Vec<Row>,
}

impl Row {
    fn new(trials: &[&Trial], error: f64) -> Option<Self> {
        let first = trials.first()?;
        let errors: Vec<f64> = trials.iter().filter_map(|trial| trial.error).collect();
        let reached = errors.iter().filter(|&&found| found <= error).count();
        let error = Spread::of(errors.into_iter());
        let median =
            |count: fn(&Trial) -> u64| Spread::of(trials.iter().map(|trial| count(trial) as f64)).map(|spread| spread.median);
        Some(Self {
            point: first.point.clone(),
            member: first.member,
            by: first.by.clone(),
            trials: trials.len(),
            reached,
            error: error.map(|spread| spread.median),
            error_least: error.map(|spread| spread.lowest),
            error_most: error.map(|spread| spread.highest),
            episodes: median(|trial| trial.episodes)?,
            evaluations: median(|trial| trial.evaluations)?,
        })
    }
}

impl FamilyReport {
    pub fn new(session: &Session, evaluations: u64) -> Self {
        let error = session.experiment.family.trial_error;
        let mut points = Vec::new();
        let mut rest: Vec<&Trial> = session.trials.iter().collect();
        while let Some(first) = rest.first().copied() {
            let (same, other): (Vec<&Trial>, Vec<&Trial>) =
                rest.into_iter().partition(|trial| trial.point == first.point && trial.by == first.by);
            points.extend(Row::new(&same, error));
            rest = other;
        }
        Self { name: session.experiment.name.clone(), seed: session.experiment.seed, evaluations, error, points }
    }
}

/// Where points are drawn, and what the axis is called: at the number that their names end with where they have all else in common, as the
/// points of a curve do; else one after the other.
fn places(names: &[&str]) -> (Vec<f64>, String) {
    let cut: Option<Vec<(&str, f64)>> = names
        .iter()
        .map(|name| {
            let (before, number) = name.rsplit_once('_')?;
            Some((before, number.parse().ok().filter(|number: &f64| number.is_finite())?))
        })
        .collect();
    match cut {
        Some(cut) if cut.iter().all(|(before, _)| *before == cut[0].0) => {
            (cut.iter().map(|(_, number)| *number).collect(), cut.first().map_or("", |(before, _)| before).to_owned())
        }
        _ => ((1..=names.len()).map(|place| place as f64).collect(), "point, members first".to_owned()),
    }
}

/// Tables and the picture of the run folder.
pub fn files(session: &Session, report: &FamilyReport) -> Result<Vec<NamedFile>, Failure> {
    let mut files = vec![
        ("report.json".to_owned(), serde_json::to_vec_pretty(report).or_work("cannot write the report")?),
        ("points.csv".to_owned(), table::write(&report.points)?),
        ("trials.csv".to_owned(), table::write(&session.trials)?),
    ];
    let colors = [
        (By::Family, "#06c"),
        (By::Policy, "#d33"),
        (By::Walk, "#393"),
        (By::Random, "#777"),
        (By::Drawn, "#777"),
        (By::Start, "#06c"),
    ];
    let mut names: Vec<&str> = Vec::new();
    for row in &report.points {
        if !names.contains(&row.point.as_str()) {
            names.push(&row.point);
        }
    }
    let (places, axis) = places(&names);
    let series = colors.into_iter().filter_map(|(by, color)| {
        let of = report.points.iter().filter(|row| row.by == by.name());
        let place = |row: &Row| places[names.iter().position(|name| *name == row.point).unwrap_or_default()];
        let points: Vec<(f64, f64)> = of.filter_map(|row| Some((place(row), row.error?.max(1e-13)))).collect();
        (!points.is_empty()).then(|| Series { name: by.name().to_owned(), color, mark: Mark::Dots(4.0), points })
    });
    let figure = Figure { title: &report.name, x_label: &axis, y_label: "error", scale: Scale::LogY, series: series.collect() };
    files.push(("points.svg".to_owned(), figure.svg().into_bytes()));
    Ok(files)
}

impl Report for FamilyReport {
    fn text(&self) -> String {
        let width = self.points.iter().map(|row| row.point.chars().count()).max().unwrap_or_default().max(5);
        let mut lines = vec![
            output::pairs(&[
                ("family", format!("{}, seed {}", self.name, self.seed)),
                ("learnt with", format!("{} evaluations", self.evaluations)),
            ]),
            String::new(),
            format!(
                "{:width$}  {:>6}  {:>7}  {:>22}  {:>8}  {:>9}  {:>12}",
                "point", "learnt", "by", "error", "reached", "episodes", "evaluations"
            ),
        ];
        lines.extend(self.points.iter().map(|row| {
            let error = match (row.error, row.error_least, row.error_most) {
                (Some(error), Some(least), Some(most)) if row.trials > 1 => format!("{error:.1e} ({least:.1e}-{most:.1e})"),
                (Some(error), ..) => format!("{error:.1e}"),
                (None, ..) => "-".to_owned(),
            };
            format!(
                "{:width$}  {:>6}  {:>7}  {error:>22}  {:>8}  {:>9.0}  {:>12.0}",
                row.point,
                if row.member { "yes" } else { "no" },
                row.by,
                format!("{}/{}", row.reached, row.trials),
                row.episodes,
                row.evaluations
            )
        }));
        lines.push(format!("reached: trials with an error of at most {:e}; medians over the trials", self.error));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_drawn_along_the_number_in_its_names() {
        assert_eq!(places(&["LiH_1.50", "LiH_4.00", "LiH_1.25"]), (vec![1.5, 4.0, 1.25], "LiH".to_owned()));
        assert_eq!(places(&["LiH_1.50", "H2_2.63"]), (vec![1.0, 2.0], "point, members first".to_owned()));
        assert_eq!(places(&["BeH2_cas", "BeH2_inf"]).0, [1.0, 2.0]);
        assert_eq!(places(&[]).0, [0.0; 0]);
    }
}
