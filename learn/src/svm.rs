//! Support-vector machines on kernel matrices.

use faer::MatRef;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// How a machine is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct SvmSettings {
    /// What a row costs that lies on the wrong side of its margin, one for each class.
    pub costs: Vec<f64>,
    /// How far the conditions of optimality may be missed.
    pub tolerance: f64,
}

/// A machine for any number of classes, one against one: each pair of classes has a machine and a vote.
///
/// ```
/// use faer::Mat;
/// use qloom_learn::{SupportVectorMachine, SvmSettings};
/// let points = [-2.0, -1.0, 1.0, 3.0];
/// let gram = Mat::from_fn(4, 4, |row, column| points[row] * points[column]);
/// let settings = SvmSettings { costs: vec![10.0; 2], tolerance: 1e-9 };
/// let machine = SupportVectorMachine::fit(gram.as_ref(), &[0, 0, 1, 1], &settings)?;
/// let cross = Mat::from_fn(1, 4, |_, column| 0.5 * points[column]);
/// assert_eq!(machine.predict(cross.as_ref()), [1]);
/// assert!((machine.decisions(cross.as_ref())[0] + 0.5).abs() < 1e-6); // half a margin on the side of the second class
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportVectorMachine {
    classes: usize,
    /// Rows it was fitted to.
    rows: usize,
    /// The pairs (0, 1), (0, 2), ... (1, 2), ...
    pairs: Vec<PairMachine>,
}

/// What decides between two classes: the sum of coefficients times kernels plus the bias is positive for the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairMachine {
    /// Rows with a coefficient that is not 0.
    pub(crate) support: Vec<usize>,
    pub(crate) coefficients: Vec<f64>,
    pub(crate) bias: f64,
}

impl PairMachine {
    /// The value for each row of kernels with the rows it was fitted to.
    pub(crate) fn values(&self, cross: MatRef<'_, f64>) -> Vec<f64> {
        let value = |row: usize| {
            let terms = self.support.iter().zip(&self.coefficients).map(|(&column, weight)| weight * cross[(row, column)]);
            terms.sum::<f64>() + self.bias
        };
        (0..cross.nrows()).map(value).collect()
    }
}

impl SupportVectorMachine {
    /// Fits to the kernel matrix of rows with these classes, numbered from 0; costs name how many there are.
    ///
    /// By sequential minimal optimisation with pairs chosen by second-order information (Fan, Chen and Lin, J. Mach. Learn. Res. 6, 1889
    /// (2005)), which is also what LIBSVM and scikit-learn do. Costs the number of rows for each step.
    ///
    /// # Errors
    /// When sizes do not fit, a cost or the tolerance is not positive, an entry is not finite, a class has no row, or the steps do not end.
    pub fn fit(gram: MatRef<'_, f64>, labels: &[usize], settings: &SvmSettings) -> Result<Self, LearnError> {
        let (rows, classes) = (labels.len(), settings.costs.len());
        for (expected, given) in [(rows, gram.nrows()), (rows, gram.ncols())] {
            if expected != given {
                return Err(LearnError::SizeMismatch { what: "rows and columns of the kernel matrix", expected, given });
            }
        }
        for (setting, value) in settings.costs.iter().map(|&cost| ("c", cost)).chain([("tolerance", settings.tolerance)]) {
            check(setting, value, value.is_finite() && value > 0.0, "a positive number")?;
        }
        if classes < 2 {
            return Err(LearnError::TooFewClasses { classes });
        }
        for column in 0..rows {
            if let Some(row) = (0..rows).find(|&row| !gram[(row, column)].is_finite()) {
                return Err(LearnError::OutsideDomain {
                    row: row + 1,
                    column: column + 1,
                    value: gram[(row, column)],
                    requirement: "finite",
                });
            }
        }
        let of_class: Vec<Vec<usize>> =
            (0..classes).map(|class| (0..rows).filter(|&row| labels[row] == class).collect()).collect();
        if let Some(class) = of_class.iter().position(Vec::is_empty) {
            return Err(LearnError::EmptyClass { class: class + 1 });
        }
        let mut pairs = Vec::new();
        for first in 0..classes {
            for second in first + 1..classes {
                let members: Vec<usize> = of_class[first].iter().chain(&of_class[second]).copied().collect();
                let size = of_class[first].len();
                let sign = |place: usize| if place < size { 1.0 } else { -1.0 };
                let cost = |place: usize| settings.costs[if place < size { first } else { second }];
                let problem = Problem {
                    gram,
                    signs: (0..members.len()).map(sign).collect(),
                    costs: (0..members.len()).map(cost).collect(),
                    members,
                };
                let count = problem.members.len();
                pairs.push(problem.solve(settings.tolerance, (vec![0.0; count], vec![-1.0; count]))?);
            }
        }
        Ok(Self { classes, rows, pairs })
    }

    /// Number of rows that some machine keeps.
    pub fn support(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.pairs.iter().flat_map(|pair| pair.support.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The machine for kernels with its support vectors alone, in ascending order.
    pub fn on_support(&self) -> Self {
        let kept = self.support();
        let place = |row: &usize| kept.binary_search(row).expect("a support vector");
        let pair = |pair: &PairMachine| PairMachine { support: pair.support.iter().map(place).collect(), ..pair.clone() };
        Self { classes: self.classes, rows: kept.len(), pairs: self.pairs.iter().map(pair).collect() }
    }

    /// Refuses a machine, read from a file, whose parts do not fit each other.
    ///
    /// # Errors
    /// When a support vector is not there or lists differ in length.
    pub fn check(&self, classes: usize, rows: usize) -> Result<(), LearnError> {
        let pairs = classes * classes.saturating_sub(1) / 2;
        let fits = self.classes == classes
            && self.rows == rows
            && self.pairs.len() == pairs
            && self
                .pairs
                .iter()
                .all(|pair| pair.support.len() == pair.coefficients.len() && pair.support.iter().all(|&row| row < rows));
        if fits {
            Ok(())
        } else {
            Err(LearnError::Damaged { reason: "the machine does not fit its classes and rows".to_owned() })
        }
    }

    /// For each row of kernels with the rows it was fitted to, the value of each pair's machine; positive for the first class of the pair.
    ///
    /// # Panics
    /// When the matrix has another number of columns than the machine has rows.
    #[track_caller]
    pub fn decisions(&self, cross: MatRef<'_, f64>) -> Vec<f64> {
        assert_eq!(cross.ncols(), self.rows, "kernels with each of the machine's rows");
        let value = |row: usize, pair: &PairMachine| {
            let terms = pair.support.iter().zip(&pair.coefficients).map(|(&column, weight)| weight * cross[(row, column)]);
            terms.sum::<f64>() + pair.bias
        };
        (0..cross.nrows()).flat_map(|row| self.pairs.iter().map(move |pair| value(row, pair))).collect()
    }

    /// The class with most votes for each row of kernels, the first of those with as many.
    ///
    /// # Panics
    /// As [`SupportVectorMachine::decisions`].
    #[track_caller]
    pub fn predict(&self, cross: MatRef<'_, f64>) -> Vec<usize> {
        self.decisions(cross).chunks(self.pairs.len().max(1)).map(|values| elected(values, self.classes)).collect()
    }
}

/// The pairs of classes, in order.
pub(crate) fn pairs(classes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..classes).flat_map(move |first| (first + 1..classes).map(move |second| (first, second)))
}

/// The class with most votes by the values of all pairs, the first of those with as many.
pub(crate) fn elected(values: &[f64], classes: usize) -> usize {
    let mut votes = vec![0usize; classes];
    pairs(classes).zip(values).for_each(|((first, second), value)| votes[if *value > 0.0 { first } else { second }] += 1);
    (0..classes).max_by_key(|&class| (votes[class], std::cmp::Reverse(class))).unwrap_or_default()
}

/// One score for each class from the values of all pairs: votes, and less than half a vote by the sum of values, so that scores of rows can be
/// compared. As `decision_function` of scikit-learn with `decision_function_shape="ovr"`.
pub(crate) fn class_scores(values: &[f64], classes: usize) -> Vec<f64> {
    let (mut votes, mut sums) = (vec![0.0; classes], vec![0.0; classes]);
    for ((first, second), value) in pairs(classes).zip(values) {
        votes[if *value > 0.0 { first } else { second }] += 1.0;
        sums[first] += value;
        sums[second] -= value;
    }
    votes.iter().zip(&sums).map(|(vote, sum)| vote + sum / (3.0 * (sum.abs() + 1.0))).collect()
}

/// The dual problem of machines: the least `a Q a / 2 + p a` with `0 <= a <= c` and `sum s a` fixed, where `Q = s K s`; for two classes p is -1.
pub(crate) struct Problem<'a> {
    pub(crate) gram: MatRef<'a, f64>,
    /// The row of the matrix that each unknown belongs to; a row may be there twice.
    pub(crate) members: Vec<usize>,
    pub(crate) signs: Vec<f64>,
    pub(crate) costs: Vec<f64>,
}

/// Curvatures below it count as this.
const LEAST_CURVATURE: f64 = 1e-12;

/// Steps for each row before the solver gives up, and the fewest it tries.
const STEPS: (usize, usize) = (10_000, 10_000_000);

impl Problem<'_> {
    fn kernel(&self, a: usize, b: usize) -> f64 {
        self.gram[(self.members[a], self.members[b])]
    }

    /// Solves from unknowns that keep the conditions, with the slopes that they have.
    pub(crate) fn solve(&self, tolerance: f64, start: (Vec<f64>, Vec<f64>)) -> Result<PairMachine, LearnError> {
        let count = self.members.len();
        let (mut alpha, mut slope) = start;
        let limit = STEPS.1.max(STEPS.0 * count);
        for _ in 0..limit {
            let Some((i, j)) = self.pair(&alpha, &slope, tolerance) else {
                return Ok(self.machine(&alpha, &slope));
            };
            let before = (alpha[i], alpha[j]);
            self.step(&mut alpha, &slope, i, j);
            let (di, dj) = (self.signs[i] * (alpha[i] - before.0), self.signs[j] * (alpha[j] - before.1));
            let (column_i, column_j) = (self.gram.col(self.members[i]), self.gram.col(self.members[j]));
            for ((slope, sign), &row) in slope.iter_mut().zip(&self.signs).zip(&self.members) {
                *slope += sign * (column_i[row] * di + column_j[row] * dj);
            }
        }
        Err(LearnError::NotConverged { what: "the support-vector machine", steps: limit })
    }

    /// Whether a coefficient may grow along its sign, and shrink along it.
    fn free(&self, alpha: &[f64], place: usize) -> (bool, bool) {
        let (grows, shrinks) = (alpha[place] < self.costs[place], alpha[place] > 0.0);
        if self.signs[place] > 0.0 { (grows, shrinks) } else { (shrinks, grows) }
    }

    /// The pair to change next; none where the conditions hold.
    fn pair(&self, alpha: &[f64], slope: &[f64], tolerance: f64) -> Option<(usize, usize)> {
        let up = |place: usize| -self.signs[place] * slope[place];
        let places = 0..alpha.len();
        let mut first: Option<usize> = None;
        for place in places.clone().filter(|&place| self.free(alpha, place).0) {
            if first.is_none_or(|best| up(place) > up(best)) {
                first = Some(place);
            }
        }
        let first = first?;
        let column = self.gram.col(self.members[first]);
        let (mut lowest, mut best, mut second) = (f64::INFINITY, 0.0, None);
        for place in places.filter(|&place| self.free(alpha, place).1) {
            lowest = lowest.min(up(place));
            let gap = up(first) - up(place);
            if gap > 0.0 {
                let curvature = self.kernel(first, first) + self.kernel(place, place) - 2.0 * column[self.members[place]];
                let gain = gap * gap / curvature.max(LEAST_CURVATURE);
                if gain > best {
                    (best, second) = (gain, Some(place));
                }
            }
        }
        if up(first) - lowest < tolerance { None } else { second.map(|second| (first, second)) }
    }

    /// Moves two coefficients to their best values within the box.
    fn step(&self, alpha: &mut [f64], slope: &[f64], i: usize, j: usize) {
        let curvature = self.kernel(i, i) + self.kernel(j, j) - 2.0 * self.kernel(i, j);
        let mut move_by = (-self.signs[i] * slope[i] + self.signs[j] * slope[j]) / curvature.max(LEAST_CURVATURE);
        // i moves by its sign times this, j by minus its sign times this
        let room =
            |sign: f64, place: usize, alpha: &[f64]| if sign > 0.0 { self.costs[place] - alpha[place] } else { alpha[place] };
        let (room_i, room_j) = (room(self.signs[i], i, alpha), room(-self.signs[j], j, alpha));
        move_by = move_by.min(room_i).min(room_j);
        for (place, sign, limit) in [(i, self.signs[i], room_i), (j, -self.signs[j], room_j)] {
            // at a bound exactly, so that it counts as one
            alpha[place] = match (move_by >= limit, sign > 0.0) {
                (true, true) => self.costs[place],
                (true, false) => 0.0,
                (false, _) => (alpha[place] + sign * move_by).clamp(0.0, self.costs[place]),
            };
        }
    }

    fn machine(&self, alpha: &[f64], slope: &[f64]) -> PairMachine {
        let (mut sum, mut free) = (0.0, 0);
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (place, slope) in slope.iter().enumerate() {
            let value = self.signs[place] * slope;
            match self.free(alpha, place) {
                (true, true) => (sum, free) = (sum + value, free + 1),
                (true, false) => high = high.min(value),
                (false, _) => low = low.max(value),
            }
        }
        let offset = if free > 0 { sum / f64::from(free) } else { 0.5 * (low + high) };
        let kept: Vec<usize> = (0..alpha.len()).filter(|&place| alpha[place] > 0.0).collect();
        PairMachine {
            support: kept.iter().map(|&place| self.members[place]).collect(),
            coefficients: kept.iter().map(|&place| self.signs[place] * alpha[place]).collect(),
            bias: -offset,
        }
    }
}

#[cfg(test)]
mod tests;
