//! What is done to features before a model sees them, fitted to the training rows alone.

use faer::Mat;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::examples::check_rows;
use crate::windows::Scaling;

/// How columns are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureScale {
    /// Not at all.
    #[default]
    None,
    /// To [0, 1] over the training rows; other rows are cut off at both ends.
    MinMax,
    /// To [0, pi] over the training rows; other rows are cut off at both ends.
    Angle,
    /// To mean 0 and variance 1 over the training rows.
    Standard,
}

/// Steps that turn a row of a table into the features of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// Numbers in a row before the first step.
    width: usize,
    steps: Vec<PreparationStep>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum PreparationStep {
    /// Each column by itself, cut off outside [0, top] or not.
    Scale {
        columns: Vec<Scaling>,
        cut: bool,
        #[serde(default = "one")]
        top: f64,
    },
    /// Along principal components, one row each, after the mean is taken off.
    Project { mean: Vec<f64>, components: Vec<Vec<f64>> },
}

fn one() -> f64 {
    1.0
}

impl Preparation {
    /// Scales the columns of the training rows and, where `components` says how many, keeps their principal components, which are then scaled
    /// to [0, 1]. A column that is constant is only moved. Each component has the sign that makes its largest coefficient positive.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite, or there are fewer components than asked for.
    pub fn fit(features: &[f64], width: usize, scale: FeatureScale, components: Option<usize>) -> Result<Self, LearnError> {
        check_rows(features, width, features.len() / width.max(1))?;
        let mut preparation = Self { width, steps: Vec::new() };
        preparation.scale(features, width, scale);
        if let Some(count) = components {
            let scaled = preparation.apply(features)?;
            let rows = scaled.len() / width;
            check(
                "components",
                count as f64,
                count > 0 && count <= width.min(rows),
                "at least 1, and at most the columns and rows",
            )?;
            let mean: Vec<f64> = (0..width).map(|column| column_of(&scaled, width, column).sum::<f64>() / rows as f64).collect();
            let centred = Mat::from_fn(rows, width, |row, column| scaled[row * width + column] - mean[column]);
            let svd = centred.thin_svd().map_err(|_| LearnError::NoSolution { rows, columns: width })?;
            let component = |k: usize| {
                let mut component: Vec<f64> = (0..width).map(|column| svd.V()[(column, k)]).collect();
                point_along(&mut component);
                component
            };
            preparation.steps.push(PreparationStep::Project { mean, components: (0..count).map(component).collect() });
            let projected = preparation.apply(features)?;
            preparation.scale(&projected, count, FeatureScale::MinMax);
        }
        Ok(preparation)
    }

    fn scale(&mut self, features: &[f64], width: usize, scale: FeatureScale) {
        let rows = (features.len() / width) as f64;
        let top = if scale == FeatureScale::Angle { std::f64::consts::PI } else { 1.0 };
        let scaling = |column: usize| {
            let values = || column_of(features, width, column);
            let (offset, factor) = match scale {
                FeatureScale::None => (0.0, 1.0),
                FeatureScale::MinMax | FeatureScale::Angle => {
                    let (low, high) =
                        values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
                    (low, (high - low) / top)
                }
                FeatureScale::Standard => {
                    let mean = values().sum::<f64>() / rows;
                    (mean, (values().map(|x| (x - mean).powi(2)).sum::<f64>() / rows).sqrt())
                }
            };
            Scaling { offset, factor: if factor > 0.0 { factor } else { 1.0 } }
        };
        match scale {
            FeatureScale::None => {}
            FeatureScale::MinMax | FeatureScale::Angle | FeatureScale::Standard => {
                let columns = (0..width).map(scaling).collect();
                let cut = scale != FeatureScale::Standard;
                self.steps.push(PreparationStep::Scale { columns, cut, top });
            }
        }
    }

    /// Numbers in a row after the last step.
    pub fn outputs(&self) -> usize {
        let last = |width, step: &PreparationStep| match step {
            PreparationStep::Scale { .. } => width,
            PreparationStep::Project { components, .. } => components.len(),
        };
        self.steps.iter().fold(self.width, last)
    }

    /// The features of rows, one after the other.
    ///
    /// # Errors
    /// When the numbers make no whole rows, or one is not finite.
    pub fn apply(&self, features: &[f64]) -> Result<Vec<f64>, LearnError> {
        check_rows(features, self.width, features.len() / self.width.max(1))?;
        let (mut values, mut width) = (features.to_vec(), self.width);
        for step in &self.steps {
            match step {
                PreparationStep::Scale { columns, cut, top } => {
                    check_size(columns.len(), width)?;
                    for row in values.chunks_mut(width) {
                        for (value, scaling) in row.iter_mut().zip(columns) {
                            *value = scaling.apply(*value);
                            if *cut {
                                *value = value.clamp(0.0, top.max(0.0));
                            }
                        }
                    }
                }
                PreparationStep::Project { mean, components } => {
                    check_size(mean.len(), width)?;
                    components.iter().try_for_each(|component| check_size(component.len(), width))?;
                    let along = |row: &[f64], component: &Vec<f64>| -> f64 {
                        row.iter().zip(mean).zip(component).map(|((x, mean), weight)| (x - mean) * weight).sum()
                    };
                    let rows = values.chunks(width);
                    values = rows.flat_map(|row| components.iter().map(move |component| along(row, component))).collect();
                    width = components.len();
                }
            }
        }
        Ok(values)
    }
}

fn check_size(given: usize, expected: usize) -> Result<(), LearnError> {
    if given == expected {
        Ok(())
    } else {
        Err(LearnError::SizeMismatch { what: "columns of a preparation step", expected, given })
    }
}

fn column_of(features: &[f64], width: usize, column: usize) -> impl Iterator<Item = f64> + '_ {
    features.iter().skip(column).step_by(width).copied()
}

/// Turns a vector so that its entry of largest size, the first of several, is positive.
pub(crate) fn point_along(vector: &mut [f64]) {
    let largest = vector.iter().fold(0.0f64, |best, &x| if x.abs() > best.abs() { x } else { best });
    if largest < 0.0 {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Four points of a line in the plane, and a constant.
    const ROWS: [f64; 12] = [0.0, 0.0, 5.0, 1.0, 2.0, 5.0, 2.0, 4.0, 5.0, 4.0, 8.0, 5.0];

    #[test]
    fn columns_are_scaled_by_the_training_rows() {
        let preparation = Preparation::fit(&ROWS, 3, FeatureScale::MinMax, None).expect("finite");
        assert_eq!(preparation.apply(&ROWS).expect("rows")[3..6], [0.25, 0.25, 0.0]);
        assert_eq!(preparation.apply(&[-1.0, 9.0, 6.0]).expect("a row"), [0.0, 1.0, 1.0]);
        let angle = Preparation::fit(&ROWS, 3, FeatureScale::Angle, None).expect("finite");
        assert!((angle.apply(&[3.0, 9.0, 6.0]).expect("a row")[0] - 0.75 * std::f64::consts::PI).abs() < 1e-15);
        assert_eq!(angle.apply(&[3.0, 9.0, 6.0]).expect("a row")[1], std::f64::consts::PI);
        let standard = Preparation::fit(&ROWS, 3, FeatureScale::Standard, None).expect("finite").apply(&ROWS).expect("rows");
        let first: Vec<f64> = column_of(&standard, 3, 0).collect();
        assert!(first.iter().sum::<f64>().abs() < 1e-14);
        assert!((first.iter().map(|x| x * x).sum::<f64>() / 4.0 - 1.0).abs() < 1e-14);
        let none = Preparation::fit(&ROWS, 3, FeatureScale::None, None).expect("finite");
        assert_eq!(none.apply(&ROWS).expect("rows"), ROWS);
    }

    #[test]
    fn the_first_component_of_a_line_is_the_line() {
        let preparation = Preparation::fit(&ROWS, 3, FeatureScale::None, Some(1)).expect("finite");
        assert_eq!(preparation.outputs(), 1);
        let along = preparation.apply(&ROWS).expect("rows");
        for (value, expected) in along.iter().zip([0.0, 0.25, 0.5, 1.0]) {
            assert!((value - expected).abs() < 1e-14, "{along:?}");
        }
        assert!(Preparation::fit(&ROWS, 3, FeatureScale::None, Some(4)).is_err());
        assert!(preparation.apply(&ROWS[..2]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Training rows fill their range whatever it was; components are in order of what they hold and at right angles.
        #[test]
        fn prepared_rows_keep_their_promises(values in prop::collection::vec(-50.0f64..50.0, 24)) {
            let angle = Preparation::fit(&values, 3, FeatureScale::Angle, None).expect("finite").apply(&values).expect("rows");
            prop_assert!(angle.iter().all(|x| (0.0..=std::f64::consts::PI).contains(x)));
            for column in 0..3 {
                let largest = column_of(&angle, 3, column).fold(0.0f64, f64::max);
                prop_assert!((largest - std::f64::consts::PI).abs() < 1e-12);
            }
            let projected = Preparation::fit(&values, 3, FeatureScale::Standard, Some(2)).expect("finite");
            let PreparationStep::Project { components, .. } = &projected.steps[1] else { panic!("components come second") };
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
            prop_assert!(dot(&components[0], &components[1]).abs() < 1e-10);
            prop_assert!(components.iter().all(|component| (dot(component, component) - 1.0).abs() < 1e-10));
            let ready = projected.apply(&values).expect("rows");
            prop_assert!(ready.iter().all(|x| (0.0..=1.0).contains(x)));
            let text = serde_json::to_string(&projected).expect("JSON");
            let read: Preparation = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(read.apply(&values).expect("rows"), ready);
        }
    }
}
