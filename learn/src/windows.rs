//! Series cut into windows, and how well their next values are told.

use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// How a series is cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowSettings {
    /// Values that a model sees before it tells the next. Default 4.
    pub window: usize,
    /// Steps from the last value seen to the one to tell. Default 1.
    pub horizon: usize,
    /// The share of the windows, in order, that a model is trained on. Default 0.67.
    pub train_fraction: f64,
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self { window: 4, horizon: 1, train_fraction: 0.67 }
    }
}

/// What is done to the values before anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Nothing.
    #[default]
    None,
    /// The smallest and largest value of the training part become -1 and 1.
    MinMax,
    /// Mean 0 and variance 1 over the training part.
    Standard,
}

/// A scaling `(x - offset) / factor`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// What is taken off.
    pub offset: f64,
    /// What is divided by.
    pub factor: f64,
}

impl Scaling {
    /// Leaves values as they are.
    pub const NONE: Self = Self { offset: 0.0, factor: 1.0 };

    /// The scaling of this kind for these values.
    ///
    /// # Errors
    /// For a constant series, or values that are not finite.
    pub fn of(scale: Scale, what: &'static str, values: &[f64]) -> Result<Self, LearnError> {
        check_values(what, values)?;
        Ok(match scale {
            Scale::None => Self::NONE,
            Scale::MinMax => {
                let (low, high) = extremes(values);
                Self { offset: 0.5 * (low + high), factor: 0.5 * (high - low) }
            }
            Scale::Standard => {
                let mean = mean(values);
                Self { offset: mean, factor: variance(values, mean).sqrt() }
            }
        })
    }

    /// A value scaled.
    pub fn apply(self, value: f64) -> f64 {
        (value - self.offset) / self.factor
    }

    /// The value that is scaled to this.
    pub fn undo(self, value: f64) -> f64 {
        value * self.factor + self.offset
    }
}

fn extremes(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
}

/// Refuses what is not finite or constant.
pub(crate) fn check_values(what: &'static str, values: &[f64]) -> Result<(), LearnError> {
    if let Some((place, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(LearnError::NotFinite { what, row: place + 1, value });
    }
    match values.first() {
        Some(&value) if values.iter().all(|other| *other == value) => {
            Err(LearnError::Constant { what, length: values.len(), value })
        }
        Some(_) | None => Ok(()),
    }
}

/// Windows of a series in order of time, each with the value to tell.
///
/// Window `i` holds rows `i .. i + window`, one after the other, `inputs` numbers a row; its target is row `i + window - 1 + horizon`
/// of the series to tell. As in the published programs the last possible window is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    settings: WindowSettings,
    inputs: usize,
    values: Vec<f64>,
    targets: Vec<f64>,
    /// What was last known of the target when it is to be told.
    last: Vec<f64>,
    training: usize,
}

impl Windows {
    /// Windows of a series whose own next value is to be told.
    ///
    /// # Errors
    /// As [`Windows::new`].
    pub fn of_series(series: &[f64], settings: &WindowSettings) -> Result<Self, LearnError> {
        Self::new(&[series], series, settings)
    }

    /// Windows of input series, `inputs` of one length, for a target series of that length.
    ///
    /// # Errors
    /// For settings outside their ranges, series of different lengths, values that are not finite or all the same, or fewer values than
    /// one window for training and one for testing need.
    pub fn new(inputs: &[&[f64]], target: &[f64], settings: &WindowSettings) -> Result<Self, LearnError> {
        let &WindowSettings { window, horizon, train_fraction } = settings;
        check("window", window as f64, window > 0, "at least 1")?;
        check("horizon", horizon as f64, horizon > 0, "at least 1")?;
        check("train_fraction", train_fraction, train_fraction > 0.0 && train_fraction < 1.0, "between 0 and 1")?;
        check("inputs", inputs.len() as f64, !inputs.is_empty(), "at least 1")?;
        let length = target.len();
        for input in inputs {
            if input.len() != length {
                return Err(LearnError::SizeMismatch { what: "values of an input series", expected: length, given: input.len() });
            }
            check_values("the input", input)?;
        }
        check_values("the target", target)?;
        let count = length.saturating_sub(window + horizon);
        let training = (train_fraction * count as f64).floor() as usize;
        if training == 0 || training == count {
            return Err(LearnError::SeriesTooShort { length, window, horizon });
        }
        let row = |time: usize| inputs.iter().map(move |input| input[time]);
        let values = (0..count).flat_map(|first| (first..first + window).flat_map(row)).collect();
        let targets = (0..count).map(|first| target[first + window - 1 + horizon]).collect();
        let last = (0..count).map(|first| target[first + window - 1]).collect();
        Ok(Self { settings: *settings, inputs: inputs.len(), values, targets, last, training })
    }

    /// How the series was cut.
    pub fn settings(&self) -> &WindowSettings {
        &self.settings
    }

    /// Numbers of a row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Number of windows, for training and testing together.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Number of windows for training, the first ones.
    pub fn training(&self) -> usize {
        self.training
    }

    /// The numbers of a window, row by row.
    pub fn window(&self, index: usize) -> &[f64] {
        let size = self.settings.window * self.inputs;
        &self.values[index * size..(index + 1) * size]
    }

    /// The rows of all windows as one series for each input.
    pub fn columns(&self) -> Vec<Vec<f64>> {
        let first = self.window(0).chunks(self.inputs);
        let later = (1..self.len()).flat_map(|index| self.window(index).chunks(self.inputs).next_back());
        let rows: Vec<&[f64]> = first.chain(later).collect();
        (0..self.inputs).map(|input| rows.iter().map(|row| row[input]).collect()).collect()
    }

    /// The value to tell for each window.
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// What a forecast knows that says nothing changes: the target series at the end of each window.
    pub fn persistence(&self) -> &[f64] {
        &self.last
    }
}

/// Root of the mean square error over the standard deviation of the targets.
///
/// ```
/// // always the mean: 1
/// assert!((qloom_learn::nrmse(&[2.0, 2.0], &[1.0, 3.0]) - 1.0).abs() < 1e-15);
/// ```
///
/// # Panics
/// When there are not as many values as targets, or none.
#[track_caller]
pub fn nrmse(values: &[f64], targets: &[f64]) -> f64 {
    assert!(values.len() == targets.len() && !values.is_empty(), "one value for each target, and at least one");
    let error = values.iter().zip(targets).map(|(value, target)| (value - target).powi(2)).sum::<f64>() / values.len() as f64;
    (error / variance(targets, mean(targets))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_as_published() {
        let series: Vec<f64> = (0..240).map(|k| (k as f64).sin()).collect();
        let windows = Windows::of_series(&series, &WindowSettings::default()).expect("long enough");
        assert_eq!((windows.len(), windows.training()), (235, 157));
        assert_eq!((windows.window(3), windows.targets()[3]), (&series[3..7], series[7]));
        assert_eq!(windows.persistence()[3], series[6]);
        let drive: Vec<f64> = (0..240).map(|k| (k as f64).cos()).collect();
        let settings = WindowSettings { window: 2, horizon: 3, ..WindowSettings::default() };
        let both = Windows::new(&[&series, &drive], &drive, &settings).expect("long enough");
        assert_eq!(both.window(1), [series[1], drive[1], series[2], drive[2]]);
        assert_eq!((both.targets()[1], both.len()), (drive[5], 235));
        assert_eq!(both.columns(), [&series[..236], &drive[..236]]);
    }

    #[test]
    fn bad_series_are_refused_with_their_place() {
        let windows = |series: &[f64]| Windows::of_series(series, &WindowSettings::default()).expect_err("bad").to_string();
        assert!(windows(&[1.0, 2.0, f64::NAN, 4.0]).contains("value 3"));
        assert!(windows(&[1.0; 50]).contains("all 50 values are 1"));
        assert!(windows(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).contains("a series of 6 values"));
        let long: Vec<f64> = (0..30).map(f64::from).collect();
        for settings in [
            WindowSettings { window: 0, ..WindowSettings::default() },
            WindowSettings { window: 30, ..WindowSettings::default() },
            WindowSettings { horizon: 0, ..WindowSettings::default() },
            WindowSettings { train_fraction: 1.0, ..WindowSettings::default() },
            WindowSettings { train_fraction: f64::NAN, ..WindowSettings::default() },
        ] {
            assert!(Windows::of_series(&long, &settings).is_err(), "{settings:?}");
        }
        assert!(Windows::new(&[&long[..29]], &long, &WindowSettings::default()).is_err());
    }

    #[test]
    fn scalings_are_undone() {
        let values = [3.0, -1.0, 0.5, 7.0];
        for scale in [Scale::None, Scale::MinMax, Scale::Standard] {
            let scaling = Scaling::of(scale, "the input", &values).expect("they differ");
            assert!(values.iter().all(|&value| (scaling.undo(scaling.apply(value)) - value).abs() < 1e-14));
        }
        let scaling = Scaling::of(Scale::MinMax, "the input", &values).expect("they differ");
        assert_eq!((scaling.apply(-1.0), scaling.apply(7.0)), (-1.0, 1.0));
        assert!(Scaling::of(Scale::MinMax, "the input", &[2.0, 2.0]).is_err());
    }
}
