use super::*;
use crate::minimizer::tests::rng;
use crate::{Function, FunctionWithGradient, Lbfgs, LbfgsConfig, ObjectiveError};

/// A bowl `sum_k w_k x_k^2 / 2` with a metric of one's own.
struct Bowl {
    weights: Vec<f64>,
    metric: fn(usize, usize, &[f64]) -> f64,
}

impl Objective for Bowl {
    fn value(&mut self, x: &[f64], _: Option<f64>) -> Result<f64, ObjectiveError> {
        Ok(x.iter().zip(&self.weights).map(|(x, weight)| 0.5 * weight * x * x).sum())
    }

    fn value_and_gradient(&mut self, x: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        gradient.iter_mut().zip(x).zip(&self.weights).for_each(|((slope, x), weight)| *slope = weight * x);
        Some(self.value(x, None))
    }

    fn metric(&mut self, x: &[f64], metric: &mut [f64]) -> Option<Result<(), ObjectiveError>> {
        let n = x.len();
        (0..n * n).for_each(|entry| metric[entry] = (self.metric)(entry / n, entry % n, &self.weights));
        Some(Ok(()))
    }
}

fn minimise(config: NaturalGradientConfig, objective: &mut dyn Objective, start: &[f64]) -> Result<Minimum, OptimError> {
    NaturalGradient::new(config).expect("valid").minimize(objective, start, &mut rng())
}

/// With the Hessian as metric and whole steps it is Newton's method, which ends a bowl in one step whatever its axes.
#[test]
fn with_the_hessian_one_step_ends_a_bowl() {
    let mut bowl =
        Bowl { weights: vec![1e3, 1.0, 1e-2], metric: |row, column, weights| if row == column { weights[row] } else { 0.0 } };
    let config = NaturalGradientConfig { step: 1.0, damping: 1e-14, ..NaturalGradientConfig::default() };
    let minimum = minimise(config, &mut bowl, &[1.0, -2.0, 30.0]).expect("valid");
    assert!(minimum.value < 1e-20 && minimum.stop == StopReason::Converged, "{minimum:?}");
    // the start, the metric of three parameters, and the step
    assert_eq!((minimum.evaluations.values, minimum.evaluations.gradients), (5, 2));
}

#[test]
fn with_no_metric_of_its_own_it_is_plain_descent() {
    let mut bowl = Bowl { weights: vec![1.0, 3.0], metric: |row, column, _| f64::from(u8::from(row == column)) };
    let config = NaturalGradientConfig { step: 0.25, damping: 1e-300, ..NaturalGradientConfig::default() };
    let minimum = minimise(config, &mut bowl, &[4.0, 4.0]).expect("valid");
    assert!(minimum.value < 1e-14 && minimum.stop == StopReason::Converged, "{minimum:?}");
    let steps = (minimum.evaluations.gradients - 1) as i32;
    // each step leaves three quarters and one quarter of the two
    assert!((4.0 * 0.75f64.powi(steps) - minimum.point[0]).abs() < 1e-12);
}

#[test]
fn steps_that_do_not_lower_the_value_are_halved() {
    let mut bowl = Bowl { weights: vec![1.0], metric: |_, _, _| 1.0 };
    let config = NaturalGradientConfig { step: 3.0, ..NaturalGradientConfig::default() };
    let minimum = minimise(config, &mut bowl, &[1.0]).expect("valid");
    assert!(minimum.value < 1e-14, "{minimum:?}");
}

#[test]
fn its_limits_are_kept_and_what_it_lacks_is_said() {
    let bowl = || Bowl { weights: vec![1.0, 5.0], metric: |row, column, _| f64::from(u8::from(row == column)) };
    for most in 1..12 {
        let config = NaturalGradientConfig { max_evaluations: most, step: 0.1, ..NaturalGradientConfig::default() };
        let minimum = minimise(config, &mut bowl(), &[1.0, 1.0]).expect("valid");
        assert!(minimum.evaluations.values <= most && minimum.stop == StopReason::Budget, "{minimum:?}");
        assert!(minimum.value <= 3.0);
    }
    let default = NaturalGradientConfig::default;
    let mut plain = FunctionWithGradient::new(|x: &[f64], gradient: &mut [f64]| {
        gradient[0] = 2.0 * x[0];
        x[0] * x[0]
    });
    assert!(matches!(minimise(default(), &mut plain, &[1.0]), Err(OptimError::NoMetric { .. })));
    assert!(matches!(minimise(default(), &mut Function::new(|x: &[f64]| x[0]), &[1.0]), Err(OptimError::NoGradient { .. })));
    assert!(matches!(minimise(default(), &mut bowl(), &[f64::NAN, 1.0]), Err(OptimError::NonFiniteStart { .. })));
    let mut negative = Bowl { weights: vec![1.0], metric: |_, _, _| -1.0 };
    assert!(matches!(minimise(default(), &mut negative, &[1.0]), Err(OptimError::Breakdown { .. })));
    let mut broken = Bowl { weights: vec![1.0], metric: |_, _, _| f64::NAN };
    assert!(matches!(minimise(default(), &mut broken, &[1.0]), Err(OptimError::NonFiniteMetric { .. })));
    for config in [
        NaturalGradientConfig { max_evaluations: 0, ..default() },
        NaturalGradientConfig { step: 0.0, ..default() },
        NaturalGradientConfig { damping: 0.0, ..default() },
        NaturalGradientConfig { gradient_tolerance: -1.0, ..default() },
    ] {
        assert!(matches!(NaturalGradient::new(config), Err(OptimError::InvalidSetting { .. })));
    }
    // the same minimum as another method's
    let other = Lbfgs::new(LbfgsConfig::default()).expect("valid").minimize(&mut bowl(), &[1.0, 1.0], &mut rng()).expect("valid");
    assert!((minimise(default(), &mut bowl(), &[1.0, 1.0]).expect("valid").value - other.value).abs() < 1e-12);
}
