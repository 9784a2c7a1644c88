//! From files to rows for training and testing.

use qloom::circuits::Stream;
use qloom::learn::{Examples, FeatureSource, Preparation, TextFeatures, stratified_split};

use super::{LabelledData, QuestionData, TableData};
use crate::failure::{Failure, OrFailure};
use crate::labelled_file::{self, LabelledRows};
use crate::table::Table;

/// The texts of the files, each with what messages call it.
pub struct Texts {
    pub train: (String, String),
    pub test: Option<(String, String)>,
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

/// Reads, divides and prepares the data of an experiment.
///
/// # Errors
/// Bad input, at its place.
pub fn prepare(data: &LabelledData, texts: &Texts, seed: u64) -> Result<Prepared, Failure> {
    match data {
        LabelledData::Table(settings) => table(settings, texts, seed),
        LabelledData::Questions(settings) => questions(settings, texts, seed),
    }
}

/// Rows with their classes by number.
struct Parts<T> {
    classes: Vec<String>,
    train: (Vec<T>, Vec<usize>),
    test: (Vec<T>, Vec<usize>),
}

/// The rows of both files, or of one that is divided; `column` is where labels stand.
fn divide<T: Clone>(
    whole: LabelledRows<T>,
    test: Option<(LabelledRows<T>, &str)>,
    fraction: Option<f64>,
    seed: u64,
    (file, column): (&str, &str),
) -> Result<Parts<T>, Failure> {
    let missing = |file: &str| {
        Failure::input(format!("{file} has no labels (column {column}); a model is fitted and tested on rows with labels"))
    };
    let labels = whole.labels.ok_or_else(|| missing(file))?;
    // classes alone: features are still to come
    let named = Examples::new(vec![0.0; labels.len()], 1, &labels).or_input(file)?;
    let classes = named.classes().to_vec();
    if let Some((rows, test_file)) = test {
        if fraction.is_some() {
            return Err(Failure::input("test_file and test_fraction are both given; leave one out"));
        }
        let test_labels = rows.labels.ok_or_else(|| missing(test_file))?;
        let test_labels = labelled_file::numbered(&test_labels, &classes, &rows.lines, (test_file, column))?;
        return Ok(Parts { classes, train: (whole.rows, named.labels().to_vec()), test: (rows.rows, test_labels) });
    }
    let mut stream = Stream::named(seed, "split");
    let fraction = fraction.unwrap_or(TEST_FRACTION);
    let (train, test) = stratified_split(named.labels(), classes.len(), fraction, &mut stream).or_input(file)?;
    let part = |rows: &[usize]| {
        (rows.iter().map(|&row| whole.rows[row].clone()).collect(), rows.iter().map(|&row| named.labels()[row]).collect())
    };
    Ok(Parts { classes, train: part(&train), test: part(&test) })
}

/// Examples whose classes are known already.
fn examples(features: Vec<f64>, width: usize, labels: Vec<usize>, classes: &[String]) -> Result<Examples, Failure> {
    let named = Examples::new(vec![0.0; classes.len()], 1, classes).or_input("the classes")?;
    named.with_rows(features, width, labels).or_input("the features")
}

fn table(settings: &TableData, texts: &Texts, seed: u64) -> Result<Prepared, Failure> {
    let TableData { test_fraction, label, scale, components, .. } = settings;
    let (text, file) = &texts.train;
    let whole = Table::read(text, file)?;
    let columns = labelled_file::feature_columns(&whole, label, file)?;
    let rows = labelled_file::table_rows(&whole, &columns, label, file)?;
    let test = match &texts.test {
        None => None,
        Some((text, file)) => {
            let table = Table::read(text, file)?;
            Some((labelled_file::table_rows(&table, &columns, label, file)?, file.as_str()))
        }
    };
    let parts = divide(rows, test, *test_fraction, seed, (file, label))?;
    let width = columns.len();
    let train = parts.train.0.concat();
    let preparation = Preparation::fit(&train, width, *scale, *components).or_input(file)?;
    let ready = |rows: &[f64]| preparation.apply(rows).or_input(file);
    let outputs = preparation.outputs();
    Ok(Prepared {
        train: examples(ready(&train)?, outputs, parts.train.1, &parts.classes)?,
        test: examples(ready(&parts.test.0.concat())?, outputs, parts.test.1, &parts.classes)?,
        source: FeatureSource::Table { columns, label: label.clone() },
        preparation,
        all_terms: None,
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

fn questions(settings: &QuestionData, texts: &Texts, seed: u64) -> Result<Prepared, Failure> {
    let QuestionData { test_fraction, topics, components, scale, .. } = settings;
    let (_, file) = &texts.train;
    let read = |(text, file): &(String, String)| on_topics(labelled_file::questions(text, file)?, topics, file);
    let test = texts.test.as_ref().map(read).transpose()?;
    let test = test.zip(texts.test.as_ref().map(|(_, file)| file.as_str()));
    let parts = divide(read(&texts.train)?, test, *test_fraction, seed, (file, "1"))?;
    let (train, train_labels) = parts.train;
    let (test, test_labels) = parts.test;
    let terms = TextFeatures::fit(&train, *components, &mut Stream::named(seed, "text")).or_input(file)?;
    let along = terms.apply(&train).or_input(file)?;
    let preparation = Preparation::fit(&along, *components, *scale, None).or_input(file)?;
    let ready = |texts: &[String]| preparation.apply(&terms.apply(texts).or_input(file)?).or_input(file);
    let known = examples(ready(&train)?, *components, train_labels, &parts.classes)?;
    let machine = |products: &dyn Fn(&[String]) -> faer::Mat<f64>| {
        let costs = vec![1.0; parts.classes.len()];
        let settings = qloom::learn::SvmSettings { costs, tolerance: 1e-3 };
        let machine = qloom::learn::SupportVectorMachine::fit(products(&train).as_ref(), known.labels(), &settings)?;
        Ok::<_, qloom::learn::LearnError>(machine.predict(products(&test).as_ref()))
    };
    let all_terms = machine(&|rows| terms.products(rows, &train)).or_work("the linear machine on all terms cannot be fitted")?;
    Ok(Prepared {
        test: examples(ready(&test)?, *components, test_labels, &parts.classes)?,
        train: known,
        source: FeatureSource::Questions(terms.clone()),
        preparation: preparation.clone(),
        all_terms: Some(all_terms),
    })
}
