//! What a classifier's training gives: the report, tables, pictures, circuits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qloom::circuits::{Angle, Circuit, qasm};
use qloom::learn::{Alignments, accuracy, classical, confusion, mean_roc_auc, wilson_interval};
use serde::Serialize;

use super::session::Session;
use crate::array_file::ArrayFile;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Grid, Mark, Scale, Series};
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::table;

/// What the command prints.
#[derive(Serialize)]
pub struct LabelledReport {
    name: String,
    seed: u64,
    classes: Vec<String>,
    train_rows: usize,
    test_rows: usize,
    features: usize,
    /// Steps done: 1 of a kernel machine.
    epochs: usize,
    /// The loss of the last epoch; of a kernel machine the share of training rows that are told wrong.
    loss: Option<f64>,
    /// Shares of rows that are told right; none before the first step.
    train_accuracy: Option<f64>,
    test_accuracy: Option<f64>,
    /// Wilson's 95 % interval of the test accuracy.
    confidence_interval: Option<(f64, f64)>,
    /// The area under the curve of each class against the others, averaged over the classes, on the test rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<f64>,
    /// Centred alignments of the kernel with the labels of the training rows, where its angles were trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_alignment: Option<Alignments>,
    /// Test rows of each class, down, told as each class, across.
    confusion: Vec<Vec<usize>>,
    seconds: f64,
    /// The model's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<PathBuf>,
    /// Test accuracies of classifiers without circuits on the same features.
    rivals: BTreeMap<&'static str, f64>,
}

impl Report for LabelledReport {
    fn text(&self) -> String {
        let share = |value: Option<f64>| value.map_or("none yet".to_owned(), |value| format!("{value:.4}"));
        let mut rows = vec![
            ("rows", format!("{} for training, {} for testing", self.train_rows, self.test_rows)),
            ("features", self.features.to_string()),
            ("classes", self.classes.join(", ")),
            ("training accuracy", share(self.train_accuracy)),
            ("test accuracy", share(self.test_accuracy)),
        ];
        if let Some((low, high)) = self.confidence_interval {
            rows.push(("95 % interval", format!("{low:.4} to {high:.4}")));
        }
        if let Some(area) = self.roc_auc {
            rows.push(("area under ROC", format!("{area:.4}")));
        }
        if let Some(Alignments { map, before, after }) = self.kernel_alignment {
            rows.push(("kernel alignment", format!("{after:.4} after training, {before:.4} before, {map:.4} of the map alone")));
        }
        rows.extend(self.rivals.iter().map(|(name, share)| (*name, format!("{share:.4} (test accuracy without a circuit)"))));
        rows.push(("time", format!("{:.3} s", self.seconds)));
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
pub fn all(session: &Session, seconds: f64, folder: Option<&Path>) -> Result<(LabelledReport, Vec<NamedFile>), Failure> {
    let (training, test) = (&session.training, &session.test);
    let examples = training.examples();
    let place = "the model cannot be evaluated";
    let events = training.events();
    let told = match events {
        [] => None,
        _ => Some((
            training.predict(examples.features()).or_work(place)?,
            training.predict(test.features()).or_input("the test rows cannot be told")?,
        )),
    };
    let rivals = classical::classify(examples, test.features()).or_work("the rivals cannot be fitted")?;
    let all_terms = session.all_terms.clone().map(|told| ("linear_svm_all_terms", told));
    let score = |(name, told): (&'static str, Vec<usize>)| (name, accuracy(&told, test.labels()));
    let right = |told: &[usize]| told.iter().zip(test.labels()).filter(|(told, label)| told == label).count();
    let classes = test.classes().len();
    let report = LabelledReport {
        name: session.name.clone(),
        seed: session.seed,
        classes: examples.classes().to_vec(),
        train_rows: examples.len(),
        test_rows: test.len(),
        features: examples.width(),
        epochs: events.len(),
        loss: events.last().map(|event| event.loss),
        train_accuracy: told.as_ref().map(|(train, _)| accuracy(train, examples.labels())),
        test_accuracy: told.as_ref().map(|(_, told)| accuracy(told, test.labels())),
        confidence_interval: told.as_ref().map(|(_, told)| wilson_interval(right(told), test.len())),
        roc_auc: match told {
            Some(_) => mean_roc_auc(&training.scores(test.features()).or_work(place)?, test.labels(), classes),
            None => None,
        },
        kernel_alignment: training.alignments(),
        confusion: told.as_ref().map_or_else(Vec::new, |(_, told)| confusion(told, test.labels(), classes)),
        seconds,
        model: folder.filter(|_| told.is_some()).map(|folder| folder.join("model.json")),
        rivals: rivals.into_iter().chain(all_terms).map(score).collect(),
    };
    let files = if folder.is_some() { files(session, &report, told)? } else { Vec::new() };
    Ok((report, files))
}

/// A line of predictions.csv.
#[derive(Serialize)]
struct PredictionRow<'a> {
    row: usize,
    part: &'static str,
    label: &'a str,
    prediction: &'a str,
}

/// The largest kernel matrix that is drawn.
const MOST_DRAWN: usize = 400;

fn files(session: &Session, report: &LabelledReport, told: Option<(Vec<usize>, Vec<usize>)>) -> Result<Vec<NamedFile>, Failure> {
    let training = &session.training;
    let classes = &report.classes;
    let mut files = vec![("report.json".to_owned(), serde_json::to_vec_pretty(report).or_work("cannot write the report")?)];
    let Some((train, test)) = told else { return Ok(files) };
    let parts = [("train", &train, training.examples().labels()), ("test", &test, session.test.labels())];
    let rows = parts.iter().flat_map(|(part, told, labels)| {
        let row = |(row, (told, label)): (usize, (&usize, &usize))| PredictionRow {
            row: row + 1,
            part,
            label: &classes[*label],
            prediction: &classes[*told],
        };
        told.iter().zip(*labels).enumerate().map(row).collect::<Vec<_>>()
    });
    files.push(("predictions.csv".to_owned(), table::write(&rows.collect::<Vec<_>>())?));
    files.push(("confusion.csv".to_owned(), confusion_table(report)?));
    let counts: Vec<Vec<f64>> = report.confusion.iter().map(|row| row.iter().map(|count| *count as f64).collect()).collect();
    let grid = Grid { title: &session.name, values: counts, names: classes.clone(), numbers: true };
    files.push(("confusion.svg".to_owned(), grid.svg().into_bytes()));
    files.extend(kernel_files(session)?);
    files.extend(boundary(session)?);
    let events = training.events();
    if events.len() > 1 {
        files.push(("losses.csv".to_owned(), table::write(events)?));
        // the fit after the epochs of a kernel's angles has another kind of loss
        let aligned = report.kernel_alignment.is_some();
        let drawn = events.iter().filter(|event| !aligned || event.accuracy.is_none());
        let points = drawn.map(|event| (event.epoch as f64, event.loss)).collect();
        let series = vec![Series { name: "training".to_owned(), color: "#06c", mark: Mark::Line, points }];
        let y_label = if aligned { "1 - alignment" } else { "loss" };
        let figure = Figure { title: &session.name, x_label: "epoch", y_label, scale: Scale::Linear, series };
        files.push(("losses.svg".to_owned(), figure.svg().into_bytes()));
    }
    if let Some(circuit) = circuit(session)? {
        let text = qasm::write(&circuit, qasm::Version::V3, qasm::Dialect::default()).or_work("cannot write the circuit")?;
        files.push(("circuit.qasm".to_owned(), text.into_bytes()));
    }
    Ok(files)
}

/// The kernel matrix of the training rows, as an array and as a picture; nothing of a circuit, or where it was not computed by this process.
fn kernel_files(session: &Session) -> Result<Vec<NamedFile>, Failure> {
    let training = &session.training;
    let Some(gram) = training.gram() else { return Ok(Vec::new()) };
    let labels = training.examples().labels();
    let count = labels.len();
    let entries: Vec<f64> = (0..count * count).map(|at| gram[(at / count, at % count)]).collect();
    let mut array = ArrayFile::new(Path::new("gram.npz"));
    array.put("gram", &[count as u64, count as u64], &entries)?;
    array.put("labels", &[count as u64], &labels.iter().map(|label| *label as u64).collect::<Vec<_>>())?;
    // rows of one class stand together
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&row| labels[row]);
    let drawn: Vec<usize> = order.into_iter().step_by(count.div_ceil(MOST_DRAWN)).collect();
    let values = drawn.iter().map(|&row| drawn.iter().map(|&column| gram[(row, column)]).collect()).collect();
    let title = format!("{}: kernel of the training rows, by class", session.name);
    let grid = Grid { title: &title, values, names: Vec::new(), numbers: false };
    Ok(vec![("gram.npz".to_owned(), array.into_bytes()?), ("gram.svg".to_owned(), grid.svg().into_bytes())])
}

/// Points of a decision boundary along each axis.
const BOUNDARY: usize = 60;

/// Colours of what is told, and of training rows.
const COLORS: [(&str, &str); 4] = [("#cde", "#06c"), ("#fdd", "#c22"), ("#dfd", "#282"), ("#eee", "#555")];

/// For two features what is told of each point of the plane, with the training rows; nothing otherwise.
fn boundary(session: &Session) -> Result<Option<NamedFile>, Failure> {
    let examples = session.training.examples();
    if examples.width() != 2 {
        return Ok(None);
    }
    let range = |column: usize| {
        let values = examples.features().iter().skip(column).step_by(2);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
        let margin = 0.05 * (high - low).max(1e-6);
        (low - margin, high + margin)
    };
    let at = |(low, high): (f64, f64), step: usize| low + (high - low) * step as f64 / (BOUNDARY - 1) as f64;
    let (x, y) = (range(0), range(1));
    let points: Vec<[f64; 2]> = (0..BOUNDARY * BOUNDARY).map(|k| [at(x, k / BOUNDARY), at(y, k % BOUNDARY)]).collect();
    // a point may lie outside the domain of the map: then there is no picture
    let Ok(told) = session.training.predict(&points.concat()) else { return Ok(None) };
    let classes = examples.classes();
    let of_class =
        |name: String, color, radius, points: Vec<(f64, f64)>| Series { name, color, mark: Mark::Dots(radius), points };
    let told_as = classes.iter().enumerate().map(|(class, name)| {
        let mine = told.iter().zip(&points).filter(|(told, _)| **told == class).map(|(_, [x, y])| (*x, *y));
        of_class(format!("told as {name}"), COLORS[class % COLORS.len()].0, 4.0, mine.collect())
    });
    let rows = classes.iter().enumerate().map(|(class, name)| {
        let rows = examples.features().chunks(2).zip(examples.labels());
        let mine = rows.filter(|(_, label)| **label == class).map(|(row, _)| (row[0], row[1]));
        of_class(name.clone(), COLORS[class % COLORS.len()].1, 3.0, mine.collect())
    });
    let series = told_as.chain(rows).filter(|series| !series.points.is_empty()).collect();
    let figure = Figure { title: &session.name, x_label: "feature 1", y_label: "feature 2", scale: Scale::Linear, series };
    Ok(Some(("boundary.svg".to_owned(), figure.svg().into_bytes())))
}

/// The trained circuit with its weights as numbers, or the feature map of a kernel machine; the angles of a row stay open.
fn circuit(session: &Session) -> Result<Option<Circuit>, Failure> {
    let place = "cannot write the circuit";
    let Some((circuit, weights)) = session.training.circuit() else {
        return session.training.map_circuit().or_work(place);
    };
    let (known, all) = (weights.len(), circuit.num_parameters());
    let mut bound = circuit.without_operations();
    for operation in circuit.operations() {
        let fixed = operation.map_angles(&mut |angle| match angle.parameter() {
            Some(parameter) if parameter < known => {
                let mut values = weights.to_vec();
                values.resize(all, 0.0);
                Angle::Fixed(angle.value(&values))
            }
            Some(_) | None => angle,
        });
        bound.push(fixed).or_work(place)?;
    }
    Ok(Some(bound))
}

fn confusion_table(report: &LabelledReport) -> Result<Vec<u8>, Failure> {
    /// One count.
    #[derive(Serialize)]
    struct Count<'a> {
        label: &'a str,
        prediction: &'a str,
        rows: usize,
    }
    let names = &report.classes;
    let counts =
        report.confusion.iter().zip(names).flat_map(|(row, label)| {
            row.iter().zip(names).map(move |(rows, prediction)| Count { label, prediction, rows: *rows })
        });
    table::write(&counts.collect::<Vec<_>>())
}
