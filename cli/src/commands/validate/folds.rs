//! Folds, each told by a model that did not see it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use qloom::circuits::Stream;
use qloom::learn::{accuracy, classical, mean_roc_auc, stratified_folds};

use crate::failure::{Failure, OrFailure};
use crate::labelled_data::{self, Labelled, LabelledSettings, Prepared};
use crate::labelled_fit::{self, Told};

/// Settings with what was changed of the experiment.
pub struct Combination {
    /// As key=value.
    pub changes: Vec<String>,
    pub train: LabelledSettings,
}

/// How settings are chosen.
pub struct Choice<'a> {
    pub combinations: &'a [Combination],
    pub inner_folds: usize,
    pub seed: u64,
}

/// The fold of each row.
pub struct Folds {
    of_row: Vec<usize>,
    pub count: usize,
}

impl Folds {
    /// # Errors
    /// Bad input when a class has fewer rows than there are folds.
    pub fn new(rows: &Labelled, count: usize, seed: u64) -> Result<Self, Failure> {
        let stream = &mut Stream::named(seed, "folds");
        let of_row = stratified_folds(&rows.labels, rows.classes.len(), count, stream).or_input("the folds")?;
        Ok(Self { of_row, count })
    }

    /// The rows outside a fold, and those in it.
    pub fn rows(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.of_row.len()).partition(|&row| self.of_row[row] != fold)
    }
}

/// What cross-validation gives.
pub struct Validated {
    /// The class told of each row.
    pub told: Vec<usize>,
    /// Accuracy and, where a fold has all classes, mean area under the curve of each fold.
    pub folds: Vec<(f64, Option<f64>)>,
    /// Mean accuracy on the training rows.
    pub train_accuracy: f64,
    /// What was chosen for each fold, with its accuracy in the inner folds.
    pub chosen: Vec<(Vec<String>, Option<f64>)>,
    /// Mean accuracies of classifiers without circuits.
    pub rivals: BTreeMap<&'static str, f64>,
}

/// Tells every fold by a model fitted to the others.
///
/// # Errors
/// Bad input when settings and rows do not fit, and the end that was asked for.
pub fn cross_validated(
    rows: &Labelled,
    folds: &Folds,
    choice: &Choice<'_>,
    tick: &mut impl FnMut() -> ControlFlow<()>,
) -> Result<Validated, Failure> {
    let mut all = Validated {
        told: vec![0; rows.len()],
        folds: Vec::new(),
        train_accuracy: 0.0,
        chosen: Vec::new(),
        rivals: BTreeMap::new(),
    };
    let share = 1.0 / folds.count as f64;
    for fold in 0..folds.count {
        let (seen, left) = folds.rows(fold);
        let (train, test) = (rows.part(&seen), rows.part(&left));
        let (combination, inner) = chosen(&train, choice, tick)?;
        let (told, prepared) = told(combination, &train, &test, choice.seed, tick)?;
        left.iter().zip(&told.test).for_each(|(row, class)| all.told[*row] = *class);
        let area = mean_roc_auc(&told.scores, &test.labels, rows.classes.len());
        all.folds.push((accuracy(&told.test, &test.labels), area));
        all.train_accuracy += share * told.train_accuracy;
        all.chosen.push((combination.changes.clone(), inner));
        let rivals = classical::classify(&prepared.train, prepared.test.features()).or_work("the rivals cannot be fitted")?;
        let all_terms = prepared.all_terms.map(|told| ("linear_svm_all_terms", told));
        for (name, told) in rivals.into_iter().chain(all_terms) {
            *all.rivals.entry(name).or_default() += share * accuracy(&told, &test.labels);
        }
    }
    Ok(all)
}

fn told(
    combination: &Combination,
    train: &Labelled,
    test: &Labelled,
    seed: u64,
    tick: &mut impl FnMut() -> ControlFlow<()>,
) -> Result<(Told, Prepared), Failure> {
    let LabelledSettings { data, model } = &combination.train;
    let prepared = labelled_data::prepare(data, train, test, seed)?;
    Ok((labelled_fit::fit(model, &prepared, seed, tick)?, prepared))
}

/// The combination with the highest mean accuracy in the inner folds, the first of several; where there is one, that.
fn chosen<'a>(
    rows: &Labelled,
    choice: &Choice<'a>,
    tick: &mut impl FnMut() -> ControlFlow<()>,
) -> Result<(&'a Combination, Option<f64>), Failure> {
    if let [only] = choice.combinations {
        return Ok((only, None));
    }
    let folds = Folds::new(rows, choice.inner_folds, choice.seed)?;
    let mut best: Option<(&Combination, f64)> = None;
    for combination in choice.combinations {
        let mut mean = 0.0;
        for fold in 0..folds.count {
            let (seen, left) = folds.rows(fold);
            let (train, test) = (rows.part(&seen), rows.part(&left));
            let (told, _) = told(combination, &train, &test, choice.seed, tick)?;
            mean += accuracy(&told.test, &test.labels) / folds.count as f64;
        }
        if best.is_none_or(|(_, before)| mean > before + 1e-12) {
            best = Some((combination, mean));
        }
    }
    let (combination, mean) = best.ok_or_else(|| Failure::input("the grid is empty"))?;
    Ok((combination, Some(mean)))
}
