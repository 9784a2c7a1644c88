//! Series cut into windows, and how well their next values are told.

use std::ops::Range;

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

/// Windows of one series or several in order of time, each with the value to tell.
///
/// Window `i` of a series holds its rows `i .. i + window`, one after the other, `inputs` numbers a row; its target is row
/// `i + window - 1 + horizon` of the series to tell. As in the published programs the last possible window is left out. The training
/// windows of all series come first, then the test windows of all, each series in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    settings: WindowSettings,
    inputs: usize,
    values: Vec<f64>,
    targets: Vec<f64>,
    /// What was last known of the target when it is to be told.
    last: Vec<f64>,
    series: Vec<SeriesWindows>,
}

/// One of the series that [`Windows`] were cut from.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesWindows {
    /// The rows of its windows, one list an input.
    pub columns: Vec<Vec<f64>>,
    /// Which windows of all are its training windows.
    pub train: Range<usize>,
    /// Which are its test windows, which follow in time.
    pub test: Range<usize>,
}

impl SeriesWindows {
    /// Its windows in order of time.
    pub fn windows(&self) -> impl Iterator<Item = usize> {
        self.train.clone().chain(self.test.clone())
    }
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
        let columns = inputs.iter().map(|input| input[..count + window - 1].to_vec()).collect();
        let series = vec![SeriesWindows { columns, train: 0..training, test: training..count }];
        Ok(Self { settings: *settings, inputs: inputs.len(), values, targets, last, series })
    }

    /// The windows of several series as those of one task; no window reaches from one series into the next.
    ///
    /// ```
    /// use qloom_learn::{WindowSettings, Windows};
    /// let wave = |length: u32| (0..length).map(|t| f64::from(t).sin()).collect::<Vec<f64>>();
    /// let settings = WindowSettings { train_fraction: 0.5, ..WindowSettings::default() };
    /// let cut = |length| Windows::of_series(&wave(length), &settings);
    /// let both = Windows::joined(&[cut(25)?, cut(15)?])?;
    /// assert_eq!((both.len(), both.training()), (20 + 10, 10 + 5));
    /// # Ok::<(), qloom_learn::LearnError>(())
    /// ```
    ///
    /// # Errors
    /// For none, and for series that were cut with other settings or have another number of inputs.
    pub fn joined(parts: &[Windows]) -> Result<Self, LearnError> {
        let Some(first) = parts.first() else {
            return Err(LearnError::SizeMismatch { what: "series to join", expected: 1, given: 0 });
        };
        let (settings, inputs) = (first.settings, first.inputs);
        if let Some(other) = parts.iter().find(|part| part.inputs != inputs || part.settings != settings) {
            let (expected, given) = (inputs, other.inputs);
            return Err(LearnError::SizeMismatch { what: "inputs of a series that is joined to others", expected, given });
        }
        let mut joined = Self { settings, inputs, values: Vec::new(), targets: Vec::new(), last: Vec::new(), series: Vec::new() };
        let take = |joined: &mut Self, part: &Windows, range: &Range<usize>| {
            let before = joined.targets.len();
            range.clone().for_each(|index| joined.values.extend_from_slice(part.window(index)));
            joined.targets.extend_from_slice(&part.targets[range.clone()]);
            joined.last.extend_from_slice(&part.last[range.clone()]);
            before..joined.targets.len()
        };
        for part in parts {
            for one in &part.series {
                let train = take(&mut joined, part, &one.train);
                joined.series.push(SeriesWindows { columns: one.columns.clone(), train, test: 0..0 });
            }
        }
        let all = parts.iter().flat_map(|part| part.series.iter().map(move |one| (part, one)));
        for (number, (part, one)) in all.enumerate() {
            let test = take(&mut joined, part, &one.test);
            joined.series[number].test = test;
        }
        Ok(joined)
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
        self.series.last().map_or(0, |last| last.train.end)
    }

    /// The series that were cut.
    pub fn series(&self) -> &[SeriesWindows] {
        &self.series
    }

    /// The numbers of a window, row by row.
    pub fn window(&self, index: usize) -> &[f64] {
        let size = self.settings.window * self.inputs;
        &self.values[index * size..(index + 1) * size]
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
    use proptest::prelude::*;

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
        assert_eq!(both.series()[0].columns, [&series[..236], &drive[..236]]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Every window lies within one series, with the target that follows it there; training windows come first.
        #[test]
        fn windows_never_cross_from_one_series_to_the_next(lengths in prop::collection::vec(12usize..40, 1..5), window in 1usize..4, horizon in 1usize..4) {
            let settings = WindowSettings { window, horizon, train_fraction: 0.6 };
            // the value says which series it is of, and at what time
            let value = |series: usize, time: usize| (1000 * series + time) as f64;
            let rows = |series: usize| (0..lengths[series]).map(|time| value(series, time)).collect::<Vec<f64>>();
            let parts: Vec<Windows> =
                (0..lengths.len()).map(|series| Windows::of_series(&rows(series), &settings).expect("long enough")).collect();
            let joined = Windows::joined(&parts).expect("alike");
            prop_assert_eq!(joined.len(), lengths.iter().map(|length| length - window - horizon).sum::<usize>());
            let mut seen = vec![false; joined.len()];
            for (series, one) in joined.series().iter().enumerate() {
                prop_assert!(one.train.end <= joined.training() && one.test.start >= joined.training());
                for (place, index) in one.windows().enumerate() {
                    let wanted: Vec<f64> = (place..place + window).map(|time| value(series, time)).collect();
                    prop_assert_eq!(joined.window(index), &wanted[..]);
                    prop_assert_eq!(joined.targets()[index], value(series, place + window - 1 + horizon));
                    prop_assert_eq!(joined.persistence()[index], value(series, place + window - 1));
                    prop_assert!(!std::mem::replace(&mut seen[index], true));
                }
            }
            prop_assert!(seen.iter().all(|seen| *seen));
        }
    }

    #[test]
    fn series_that_do_not_belong_together_are_not_joined() {
        let series: Vec<f64> = (0..30).map(f64::from).collect();
        let cut = |settings: &WindowSettings| Windows::of_series(&series, settings).expect("long enough");
        let settings = WindowSettings::default();
        let two = Windows::new(&[&series, &series], &series, &settings).expect("long enough");
        let other = cut(&WindowSettings { window: 3, ..settings });
        assert!(Windows::joined(&[]).is_err() && Windows::joined(&[cut(&settings), two]).is_err());
        assert!(Windows::joined(&[cut(&settings), other]).is_err());
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
