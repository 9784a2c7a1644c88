//! Support-vector machines on more rows than a kernel matrix has room for.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// How a machine is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PegasosSettings {
    /// What a row costs that lies on the wrong side of its margin. Default 1.
    pub c: f64,
    /// Steps, each of which looks at one row. Default 1000.
    pub steps: usize,
}

impl Default for PegasosSettings {
    fn default() -> Self {
        Self { c: 1.0, steps: 1000 }
    }
}

/// A machine for two classes without intercept, by steps along the slope of one row at a time (Shalev-Shwartz, Singer, Srebro and Cotter,
/// Math. Program. 127, 3 (2011), figure 3); the kernel is asked for the rows that have counted so far alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pegasos {
    /// Rows that count, ascending.
    support: Vec<usize>,
    /// What each counts, with its sign.
    coefficients: Vec<f64>,
}

impl Pegasos {
    /// Fits to rows of which some are of the second class; `kernels` gives the kernels of a row with a list of rows.
    ///
    /// ```
    /// use qloom_circuits::Stream;
    /// use qloom_learn::{Pegasos, PegasosSettings};
    /// let points = [-2.0, -1.0, 1.0, 2.0];
    /// let kernels = |row: usize, others: &[usize]| Ok(others.iter().map(|k| points[row] * points[*k]).collect());
    /// let settings = PegasosSettings { c: 10.0, steps: 400 };
    /// let fitted = Pegasos::fit(&[false, false, true, true], &settings, kernels, &mut Stream::named(1, "rows"))?;
    /// let values: Vec<f64> = fitted.support().iter().map(|k| 3.0 * points[*k]).collect();
    /// assert!(fitted.decision(&values) > 0.0);
    /// # Ok::<(), qloom_learn::LearnError>(())
    /// ```
    ///
    /// # Errors
    /// For a c that is not positive, no steps or no rows, and what the kernel refuses.
    pub fn fit(
        second: &[bool],
        settings: &PegasosSettings,
        mut kernels: impl FnMut(usize, &[usize]) -> Result<Vec<f64>, LearnError>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        let PegasosSettings { c, steps } = *settings;
        check("c", c, c.is_finite() && c > 0.0, "a positive number")?;
        check("steps", steps as f64, steps > 0, "at least 1")?;
        check("the number of rows", second.len() as f64, !second.is_empty(), "at least 1")?;
        let sign = |row: usize| if second[row] { 1.0 } else { -1.0 };
        // the regularisation of the paper is one over c times the rows
        let scale = c * second.len() as f64;
        let mut counts: std::collections::BTreeMap<usize, u64> = std::collections::BTreeMap::new();
        for step in 1..=steps {
            let row = stream.below(second.len());
            let known: Vec<usize> = counts.keys().copied().collect();
            let values = if known.is_empty() { Vec::new() } else { kernels(row, &known)? };
            let sum: f64 = counts.iter().zip(&values).map(|((k, count), value)| sign(*k) * *count as f64 * value).sum();
            if sign(row) * scale / step as f64 * sum < 1.0 {
                *counts.entry(row).or_default() += 1;
            }
        }
        let coefficients = counts.iter().map(|(row, count)| sign(*row) * scale / steps as f64 * *count as f64).collect();
        Ok(Self { support: counts.into_keys().collect(), coefficients })
    }

    /// Rows that count, ascending.
    pub fn support(&self) -> &[usize] {
        &self.support
    }

    /// What each of them counts, with its sign.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The decision from kernels with the rows that count: positive for the second class.
    ///
    /// # Panics
    /// When there are more or fewer.
    #[track_caller]
    pub fn decision(&self, kernels: &[f64]) -> f64 {
        assert_eq!(kernels.len(), self.coefficients.len(), "kernels with each row that counts");
        kernels.iter().zip(&self.coefficients).map(|(value, weight)| value * weight).sum()
    }
}
