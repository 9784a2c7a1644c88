//! Series that each have a label, and models that tell it.

mod file;
mod model;
mod rival;
#[cfg(test)]
mod tests;
mod training;

pub use file::{SequenceColumns, SequenceModelFile};
pub use model::{Pooling, SequenceModel};
pub use rival::rivals;
pub use training::{SequenceEvent, SequenceState, SequenceTraining};

use crate::error::LearnError;
use crate::examples::Examples;

/// Series of any length, each with a class.
///
/// ```
/// use qloom_learn::Sequences;
/// let labels = ["up", "down"].map(String::from);
/// let sequences = Sequences::new(1, vec![vec![0.1, 0.2, 0.3], vec![0.9, 0.4]], &labels)?;
/// assert_eq!((sequences.steps(0), sequences.steps(1)), (3, 2));
/// assert_eq!(sequences.classes(), ["down", "up"]);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sequences {
    inputs: usize,
    /// Of each series its rows, one after the other.
    rows: Vec<Vec<f64>>,
    labels: Vec<usize>,
    classes: Vec<String>,
}

impl Sequences {
    /// Series as rows of `inputs` numbers, one after the other, with their labels; the classes are the labels in order, of numbers where
    /// all are.
    ///
    /// # Errors
    /// When there are not as many labels as series, a series is empty or no whole number of rows, a number is not finite, an input is the
    /// same in all rows of all series, or all labels are the same.
    pub fn new(inputs: usize, rows: Vec<Vec<f64>>, labels: &[String]) -> Result<Self, LearnError> {
        let named = Examples::new(vec![0.0; labels.len()], 1, labels)?;
        check(inputs, &rows, labels.len())?;
        for input in 0..inputs {
            let mut values = rows.iter().flat_map(|series| series.iter().skip(input).step_by(inputs));
            let first = values.next().copied().unwrap_or_default();
            if values.all(|value| *value == first) {
                let length = rows.iter().map(Vec::len).sum::<usize>() / inputs;
                return Err(LearnError::Constant { what: "an input", length, value: first });
            }
        }
        Ok(Self { inputs, rows, labels: named.labels().to_vec(), classes: named.classes().to_vec() })
    }

    /// Other series of the same classes, these being their numbers.
    ///
    /// # Errors
    /// When there are not as many labels as series, a series is empty or no whole number of rows, or a number is not finite.
    ///
    /// # Panics
    /// For a class that there is not.
    #[track_caller]
    pub fn others(&self, rows: Vec<Vec<f64>>, labels: Vec<usize>) -> Result<Self, LearnError> {
        assert!(labels.iter().all(|&label| label < self.classes.len()), "one of the classes");
        check(self.inputs, &rows, labels.len())?;
        Ok(Self { inputs: self.inputs, rows, labels, classes: self.classes.clone() })
    }

    /// Numbers of a row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows of a series.
    pub fn steps(&self, index: usize) -> usize {
        self.rows[index].len() / self.inputs
    }

    /// The numbers of all series, row by row.
    pub fn rows(&self) -> Vec<&[f64]> {
        self.rows.iter().map(Vec::as_slice).collect()
    }

    /// The class of each series, numbered from 0.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Some of the series, with the same classes.
    ///
    /// # Panics
    /// For an index beyond the last.
    #[track_caller]
    pub fn part(&self, indices: &[usize]) -> Self {
        let rows = indices.iter().map(|&index| self.rows[index].clone()).collect();
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        Self { inputs: self.inputs, rows, labels, classes: self.classes.clone() }
    }
}

/// Refuses what are not this many series of finite rows.
fn check(inputs: usize, rows: &[Vec<f64>], labels: usize) -> Result<(), LearnError> {
    if rows.len() != labels {
        return Err(LearnError::SizeMismatch { what: "series with labels", expected: labels, given: rows.len() });
    }
    for series in rows {
        if series.is_empty() || inputs == 0 || !series.len().is_multiple_of(inputs) {
            let (expected, given) = (inputs.max(1), series.len());
            return Err(LearnError::SizeMismatch { what: "numbers of the rows of a series", expected, given });
        }
        if let Some(place) = series.iter().position(|value| !value.is_finite()) {
            let (row, value) = (place / inputs + 1, series[place]);
            return Err(LearnError::NotFinite { what: "a series with a label", row, value });
        }
    }
    Ok(())
}
