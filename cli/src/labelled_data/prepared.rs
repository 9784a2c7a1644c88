//! From files to rows for training and testing.

use qloom::circuits::Stream;
use qloom::learn::{Examples, FeatureSource, Preparation, TextFeatures, stratified_split};

use super::{LabelledData, QuestionData, TableData, Texts};
use crate::failure::{Failure, OrFailure};
use crate::labelled_file::{self, LabelledRows};
use crate::table::Table;

/// Rows as they stand in a file, with their classes by number.
#[derive(Clone)]
pub struct Labelled {
    rows: Rows,
    /// The class of each row.
    pub labels: Vec<usize>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// What messages call the file.
    file: String,
}

#[derive(Clone)]
enum Rows {
    Numbers { columns: Vec<String>, rows: Vec<Vec<f64>> },
    Texts(Vec<String>),
}

impl Labelled {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Some of the rows.
    pub fn part(&self, kept: &[usize]) -> Self {
        let rows = match &self.rows {
            Rows::Numbers { columns, rows } => {
                Rows::Numbers { columns: columns.clone(), rows: kept.iter().map(|&row| rows[row].clone()).collect() }
            }
            Rows::Texts(texts) => Rows::Texts(kept.iter().map(|&row| texts[row].clone()).collect()),
        };
        let labels = kept.iter().map(|&row| self.labels[row]).collect();
        Self { rows, labels, classes: self.classes.clone(), file: self.file.clone() }
    }

    /// The same rows with other labels.
    pub fn with_labels(&self, labels: Vec<usize>) -> Self {
        Self { labels, ..self.clone() }
    }
}

/// What a model is fitted to and tested on, features prepared.
pub struct Prepared {
    pub train: Examples,
    pub test: Examples,
    pub source: FeatureSource,
    pub preparation: Preparation,
    /// What a linear machine on all terms of the questions says of the test rows.
    pub all_terms: Option<Vec<usize>>,
}

/// The share of each class for testing, where nothing else is said.
const TEST_FRACTION: f64 = 0.3;

/// Reads the rows of the files; those to test on have the classes of the others.
///
/// # Errors
/// Bad input, at its place.
pub fn read(data: &LabelledData, texts: &Texts) -> Result<(Labelled, Option<Labelled>), Failure> {
    match data {
        LabelledData::Table(TableData { label, .. }) => {
            let (text, file) = &texts.train;
            let table = Table::read(text, file)?;
            let columns = labelled_file::feature_columns(&table, label, file)?;
            let rows = |text: &str, file: &str| -> Result<LabelledRows<Vec<f64>>, Failure> {
                labelled_file::table_rows(&Table::read(text, file)?, &columns, label, file)
            };
            let wrap = |rows| Rows::Numbers { columns: columns.clone(), rows };
            let test = texts.test.as_ref().map(|(text, file)| rows(text, file)).transpose()?;
            numbered(rows(text, file)?, test, wrap, (texts, label))
        }
        LabelledData::Questions(QuestionData { topics, .. }) => {
            let rows = |(text, file): &(String, String)| on_topics(labelled_file::questions(text, file)?, topics, file);
            numbered(rows(&texts.train)?, texts.test.as_ref().map(rows).transpose()?, Rows::Texts, (texts, "1"))
        }
    }
}

/// Rows with their classes by number; `column` is where labels stand.
fn numbered<T>(
    whole: LabelledRows<T>,
    test: Option<LabelledRows<T>>,
    wrap: impl Fn(Vec<T>) -> Rows,
    (texts, column): (&Texts, &str),
) -> Result<(Labelled, Option<Labelled>), Failure> {
    let missing = |file: &str| {
        Failure::input(format!("{file} has no labels (column {column}); a model is fitted and tested on rows with labels"))
    };
    let file = &texts.train.1;
    let labels = whole.labels.ok_or_else(|| missing(file))?;
    // classes alone: features are still to come
    let named = Examples::new(vec![0.0; labels.len()], 1, &labels).or_input(file)?;
    let classes = named.classes().to_vec();
    let test = match test.zip(texts.test.as_ref()) {
        None => None,
        Some((rows, (_, file))) => {
            let labels = rows.labels.ok_or_else(|| missing(file))?;
            let labels = labelled_file::numbered(&labels, &classes, &rows.lines, (file, column))?;
            Some(Labelled { rows: wrap(rows.rows), labels, classes: classes.clone(), file: file.clone() })
        }
    };
    let whole = Labelled { rows: wrap(whole.rows), labels: named.labels().to_vec(), classes, file: file.clone() };
    Ok((whole, test))
}

/// The rows to train and to test on: of both files, or of one that is divided.
///
/// # Errors
/// Bad input, at its place.
pub fn divide(data: &LabelledData, texts: &Texts, seed: u64) -> Result<(Labelled, Labelled), Failure> {
    let (whole, test) = read(data, texts)?;
    let fraction = match data {
        LabelledData::Table(TableData { test_fraction, .. }) | LabelledData::Questions(QuestionData { test_fraction, .. }) => {
            *test_fraction
        }
    };
    match test {
        Some(_) if fraction.is_some() => Err(Failure::input("test_file and test_fraction are both given; leave one out")),
        Some(test) => Ok((whole, test)),
        None => {
            let mut stream = Stream::named(seed, "split");
            let (classes, fraction) = (whole.classes.len(), fraction.unwrap_or(TEST_FRACTION));
            let (train, test) = stratified_split(&whole.labels, classes, fraction, &mut stream).or_input(&whole.file)?;
            Ok((whole.part(&train), whole.part(&test)))
        }
    }
}

/// Features of both parts, prepared by what the training rows are.
///
/// # Errors
/// Bad input when the settings do not fit the rows.
pub fn prepare(data: &LabelledData, train: &Labelled, test: &Labelled, seed: u64) -> Result<Prepared, Failure> {
    match (data, &train.rows, &test.rows) {
        (LabelledData::Table(settings), Rows::Numbers { columns, rows }, Rows::Numbers { rows: test_rows, .. }) => {
            let (file, known) = (&train.file, rows.concat());
            let preparation = Preparation::fit(&known, columns.len(), settings.scale, settings.components).or_input(file)?;
            let width = preparation.outputs();
            let ready = |rows: &[f64], of: &Labelled| examples(preparation.apply(rows).or_input(file)?, width, of);
            Ok(Prepared {
                train: ready(&known, train)?,
                test: ready(&test_rows.concat(), test)?,
                source: FeatureSource::Table { columns: columns.clone(), label: settings.label.clone() },
                preparation: preparation.clone(),
                all_terms: None,
            })
        }
        (LabelledData::Questions(settings), Rows::Texts(known), Rows::Texts(asked)) => {
            questions(settings, (train, known), (test, asked), seed)
        }
        (LabelledData::Table(_) | LabelledData::Questions(_), Rows::Numbers { .. } | Rows::Texts(_), _) => {
            unreachable!("rows are of the kind of their data")
        }
    }
}

/// Examples of the classes of these rows.
fn examples(features: Vec<f64>, width: usize, of: &Labelled) -> Result<Examples, Failure> {
    let named = Examples::new(vec![0.0; of.classes.len()], 1, &of.classes).or_input("the classes")?;
    named.with_rows(features, width, of.labels.clone()).or_input("the features")
}

fn questions(
    settings: &QuestionData,
    (train, known): (&Labelled, &[String]),
    (test, asked): (&Labelled, &[String]),
    seed: u64,
) -> Result<Prepared, Failure> {
    let (file, components) = (&train.file, settings.components);
    let terms = TextFeatures::fit(known, components, &mut Stream::named(seed, "text")).or_input(file)?;
    let along = terms.apply(known).or_input(file)?;
    let preparation = Preparation::fit(&along, components, settings.scale, None).or_input(file)?;
    let ready = |texts: &[String]| preparation.apply(&terms.apply(texts).or_input(file)?).or_input(file);
    let examples_of = |texts: &[String], of: &Labelled| examples(ready(texts)?, components, of);
    let machine = || {
        let settings = qloom::learn::SvmSettings { costs: vec![1.0; train.classes.len()], tolerance: 1e-3 };
        let products = terms.products(known, known);
        let machine = qloom::learn::SupportVectorMachine::fit(products.as_ref(), &train.labels, &settings)?;
        Ok::<_, qloom::learn::LearnError>(machine.predict(terms.products(asked, known).as_ref()))
    };
    let all_terms = machine().or_work("the linear machine on all terms cannot be fitted")?;
    Ok(Prepared {
        train: examples_of(known, train)?,
        test: examples_of(asked, test)?,
        source: FeatureSource::Questions(terms.clone()),
        preparation: preparation.clone(),
        all_terms: Some(all_terms),
    })
}

/// The questions on the topics alone.
fn on_topics(rows: LabelledRows<String>, topics: &[String], file: &str) -> Result<LabelledRows<String>, Failure> {
    let Some(labels) = rows.labels.as_ref().filter(|_| !topics.is_empty()) else { return Ok(rows) };
    if let Some(topic) = topics.iter().find(|topic| !labels.contains(topic)) {
        let mut known = labels.clone();
        known.sort();
        known.dedup();
        known.truncate(20);
        return Err(Failure::input(format!("{file} has no question on \"{topic}\"; its topics are {}", known.join(", "))));
    }
    let kept: Vec<usize> = (0..labels.len()).filter(|&row| topics.contains(&labels[row])).collect();
    Ok(LabelledRows {
        rows: kept.iter().map(|&row| rows.rows[row].clone()).collect(),
        lines: kept.iter().map(|&row| rows.lines[row]).collect(),
        labels: Some(kept.iter().map(|&row| labels[row].clone()).collect()),
    })
}
