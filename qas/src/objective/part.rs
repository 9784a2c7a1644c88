//! Fits of some of the angles of a circuit.

use qloom_circuits::Stream;
use qloom_optim::{Minimizer, Minimum, Objective, ObjectiveError, OptimError};

/// An objective of some of its angles, all others held.
struct Part<'a> {
    whole: &'a mut dyn Objective,
    point: Vec<f64>,
    gradient: Vec<f64>,
    varied: &'a [usize],
}

impl Part<'_> {
    fn place(&mut self, point: &[f64]) {
        self.varied.iter().zip(point).for_each(|(&index, &angle)| self.point[index] = angle);
    }
}

impl Objective for Part<'_> {
    fn value(&mut self, point: &[f64], samples: Option<f64>) -> Result<f64, ObjectiveError> {
        self.place(point);
        self.whole.value(&self.point, samples)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        self.place(point);
        let value = self.whole.value_and_gradient(&self.point, &mut self.gradient)?;
        self.varied.iter().zip(gradient).for_each(|(&index, slope)| *slope = self.gradient[index]);
        Some(value)
    }

    fn metric(&mut self, point: &[f64], metric: &mut [f64]) -> Option<Result<(), ObjectiveError>> {
        self.place(point);
        let all = self.point.len();
        let mut whole = vec![0.0; all * all];
        let done = self.whole.metric(&self.point, &mut whole)?;
        let pairs = self.varied.iter().flat_map(|&row| self.varied.iter().map(move |&column| row * all + column));
        pairs.zip(metric).for_each(|(place, entry)| *entry = whole[place]);
        Some(done)
    }
}

/// Minimises over some of the angles, or all of them; the point found has all.
pub(super) fn minimize(
    minimizer: &mut dyn Minimizer,
    whole: &mut dyn Objective,
    start: Vec<f64>,
    varied: Option<&[usize]>,
    stream: &mut Stream,
) -> Result<Minimum, OptimError> {
    let Some(varied) = varied else { return minimizer.minimize(whole, &start, stream) };
    let first: Vec<f64> = varied.iter().map(|&index| start[index]).collect();
    let mut part = Part { whole, gradient: vec![0.0; start.len()], point: start, varied };
    let mut minimum = minimizer.minimize(&mut part, &first, stream)?;
    part.place(&minimum.point);
    minimum.point = part.point;
    Ok(minimum)
}
