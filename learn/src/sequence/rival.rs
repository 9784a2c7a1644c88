//! Models without circuits that tell the classes of series.

use super::Sequences;
use super::model::Pooling;
use super::training::SequenceTraining;
use crate::classical;
use crate::error::LearnError;
use crate::examples::Examples;
use crate::network::ModelSettings;
use crate::readout::{ReadoutSettings, RidgeSettings};
use crate::reservoir::EchoState;
use crate::rival::CANDIDATES;
use crate::windows::{Scale, Scaling};

/// Numbers that are said of each input of a series.
const STATISTICS: usize = 6;

/// What each rival says of the test series after it was fitted to the training series: `majority`, the most frequent class; the classifiers
/// of [`classical::classify`] on summary statistics, mean, deviation, least, largest, mean absolute change and correlation with the value
/// before, of each input; and `echo-state`, with so many nodes, at most 1000, and the same pooling.
///
/// # Errors
/// When a fit does not converge or a matrix is too large.
pub fn rivals(
    train: &Sequences,
    test: &Sequences,
    (nodes, pooling): (usize, Pooling),
    seed: u64,
) -> Result<Vec<(&'static str, Vec<usize>)>, LearnError> {
    let classes = train.classes().len();
    let count = |class: &usize| train.labels().iter().filter(|label| *label == class).count();
    let most = (0..classes).rev().max_by_key(count).unwrap_or_default();
    let mut told = vec![("majority", vec![most; test.len()])];
    let width = STATISTICS * train.inputs();
    let (known, asked) = standardised(summaries(train), summaries(test), width)?;
    let named = Examples::new(vec![0.0; classes], 1, train.classes())?;
    let examples = named.with_rows(known, width, train.labels().to_vec())?;
    told.extend(classical::classify(&examples, &asked)?);
    told.push(("echo-state", echo_state(train, test, (nodes, pooling), seed)?));
    Ok(told)
}

fn echo_state(
    train: &Sequences,
    test: &Sequences,
    (nodes, pooling): (usize, Pooling),
    seed: u64,
) -> Result<Vec<usize>, LearnError> {
    let shortest = (0..train.len()).map(|index| train.steps(index)).chain((0..test.len()).map(|index| test.steps(index))).min();
    let settings = EchoState { nodes: nodes.clamp(1, 1000), ..EchoState::default() };
    let settings = EchoState { wash_out: settings.wash_out.min(shortest.unwrap_or_default() / 2), ..settings };
    let readout = ReadoutSettings::Ridge(RidgeSettings { candidates: CANDIDATES.to_vec(), ..RidgeSettings::default() });
    let parts = (train.clone(), test.clone());
    let mut training = SequenceTraining::new(&ModelSettings::EchoState(settings), pooling, &readout, parts, seed)?;
    training.step()?;
    let [_, told] = training.told()?;
    Ok(told)
}

fn summaries(sequences: &Sequences) -> Vec<f64> {
    let inputs = sequences.inputs();
    let of = |rows: &&[f64]| {
        (0..inputs).flat_map(|input| summary(&rows.iter().skip(input).step_by(inputs).copied().collect::<Vec<f64>>())).collect()
    };
    sequences.rows().iter().flat_map(|rows| -> Vec<f64> { of(rows) }).collect()
}

fn summary(values: &[f64]) -> [f64; STATISTICS] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let pairs = values.len().saturating_sub(1).max(1) as f64;
    let change = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() / pairs;
    let product = values.windows(2).map(|pair| (pair[1] - mean) * (pair[0] - mean)).sum::<f64>() / pairs;
    let correlation = if variance > 0.0 { product / variance } else { 0.0 };
    [mean, variance.sqrt(), least, largest, change, correlation]
}

/// Columns with mean 0 and variance 1 over the training rows; those that are constant there are 0.
fn standardised(mut known: Vec<f64>, mut asked: Vec<f64>, width: usize) -> Result<(Vec<f64>, Vec<f64>), LearnError> {
    for column in 0..width {
        let values: Vec<f64> = known.iter().skip(column).step_by(width).copied().collect();
        let scaling = if values.iter().any(|value| *value != values[0]) {
            Some(Scaling::of(Scale::Standard, "a summary statistic", &values)?)
        } else {
            None
        };
        for list in [&mut known, &mut asked] {
            let change = |value: &mut f64| *value = scaling.map_or(0.0, |scaling| scaling.apply(*value));
            list.iter_mut().skip(column).step_by(width).for_each(change);
        }
    }
    Ok((known, asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_those_of_the_definition() {
        let [mean, deviation, least, largest, change, correlation] = summary(&[1.0, 3.0, 1.0, 3.0, 2.0]);
        assert_eq!((mean, least, largest, change), (2.0, 1.0, 3.0, 7.0 / 4.0));
        assert!((deviation - 0.8f64.sqrt()).abs() < 1e-15);
        // products of neighbours -1, -1, -1, 0 over their number, over the variance
        assert!((correlation + 0.75 / 0.8).abs() < 1e-15);
        assert_eq!(summary(&[5.0])[4..], [0.0, 0.0]);
    }

    #[test]
    fn columns_are_standardised_by_the_training_rows() {
        let (known, asked) = standardised(vec![1.0, 7.0, 3.0, 7.0], vec![4.0, 8.0], 2).expect("finite");
        assert_eq!((known, asked), (vec![-1.0, 0.0, 1.0, 0.0], vec![2.0, 0.0]));
    }
}
