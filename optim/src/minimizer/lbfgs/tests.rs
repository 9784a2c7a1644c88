use super::*;
use crate::minimizer::tests::rng;
use crate::{Function, FunctionWithGradient, MinimizerConfig};

fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
    let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
    gradient[0] = -2.0 * a - 400.0 * x[0] * b;
    gradient[1] = 200.0 * b;
    a * a + 100.0 * b * b
}

fn lbfgs(config: LbfgsConfig) -> Lbfgs {
    Lbfgs::new(config).expect("valid settings")
}

#[test]
fn rosenbrock_is_solved_and_every_call_is_counted() {
    let mut calls = 0;
    let mut objective = FunctionWithGradient::new(|x: &[f64], g: &mut [f64]| {
        calls += 1;
        rosenbrock(x, g)
    });
    let minimum = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[-1.2, 1.0], &mut rng()).expect("solvable");
    assert!(minimum.value < 1e-12, "{minimum:?}");
    assert!((minimum.point[0] - 1.0).abs() < 1e-5 && (minimum.point[1] - 1.0).abs() < 1e-5);
    assert_eq!(minimum.stop, StopReason::Converged);
    assert_eq!(minimum.evaluations.values, calls);
    assert_eq!(minimum.evaluations.gradients, calls);
}

#[test]
fn ill_conditioned_quadratic_of_forty_parameters() {
    let mut objective = FunctionWithGradient::new(|x: &[f64], g: &mut [f64]| {
        let mut value = 0.0;
        for (i, (x, g)) in x.iter().zip(g).enumerate() {
            let scale = 1.0 + i as f64;
            *g = scale * (x - 0.5);
            value += 0.5 * scale * (x - 0.5).powi(2);
        }
        value
    });
    let minimum = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[0.0; 40], &mut rng()).expect("solvable");
    assert!(minimum.value < 1e-12, "{minimum:?}");
    assert!(minimum.point.iter().all(|x| (x - 0.5).abs() < 1e-6));
}

#[test]
fn the_budget_is_exact_and_the_best_point_comes_back() {
    for budget in 1..12 {
        let mut seen = Vec::new();
        let mut objective = FunctionWithGradient::new(|x: &[f64], g: &mut [f64]| {
            let value = rosenbrock(x, g);
            seen.push(value);
            value
        });
        let config = LbfgsConfig { max_evaluations: budget, ..LbfgsConfig::default() };
        let minimum = lbfgs(config).minimize(&mut objective, &[-1.2, 1.0], &mut rng()).expect("solvable");
        assert_eq!(minimum.stop, StopReason::Budget);
        assert_eq!(minimum.evaluations.values, budget);
        assert_eq!(seen.len() as u64, budget);
        assert_eq!(minimum.value, seen.iter().copied().fold(f64::INFINITY, f64::min));
    }
}

#[test]
fn a_start_at_the_minimum_costs_one_evaluation() {
    let mut objective = FunctionWithGradient::new(rosenbrock);
    let minimum = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[1.0, 1.0], &mut rng()).expect("solvable");
    assert_eq!((minimum.evaluations.values, minimum.stop), (1, StopReason::Converged));
    assert_eq!(minimum.point, [1.0, 1.0]);
}

#[test]
fn no_parameters_means_one_evaluation() {
    let mut objective = FunctionWithGradient::new(|_: &[f64], _: &mut [f64]| -3.0);
    let minimum = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[], &mut rng()).expect("legal");
    assert_eq!((minimum.value, minimum.evaluations.values, minimum.stop), (-3.0, 1, StopReason::NoParameters));
}

#[test]
fn a_value_that_is_not_finite_is_an_error_naming_the_evaluation() {
    let mut calls = 0;
    let mut objective = FunctionWithGradient::new(|x: &[f64], g: &mut [f64]| {
        calls += 1;
        let value = rosenbrock(x, g);
        if calls == 3 { f64::NAN } else { value }
    });
    let error = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[-1.2, 1.0], &mut rng()).expect_err("not finite");
    assert!(matches!(error, OptimError::NonFiniteValue { evaluation: 3, .. }), "{error}");
}

#[test]
fn a_gradient_that_is_not_finite_is_an_error_naming_the_parameter() {
    let mut objective = FunctionWithGradient::new(|x: &[f64], g: &mut [f64]| {
        let value = rosenbrock(x, g);
        g[1] = f64::INFINITY;
        value
    });
    let error = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[-1.2, 1.0], &mut rng()).expect_err("not finite");
    assert!(matches!(error, OptimError::NonFiniteGradient { evaluation: 1, index: 1, .. }), "{error}");
}

#[test]
fn an_objective_without_a_gradient_is_refused() {
    let mut objective = Function::new(|x: &[f64]| x[0] * x[0]);
    let error = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[1.0], &mut rng()).expect_err("no gradient");
    assert!(matches!(error, OptimError::NoGradient { method: "L-BFGS" }));
}

#[test]
fn bad_settings_and_bad_starts_are_refused() {
    let zero = MinimizerConfig::Lbfgs(LbfgsConfig { max_evaluations: 0, ..LbfgsConfig::default() });
    assert!(zero.build().is_err());
    let nan = MinimizerConfig::Lbfgs(LbfgsConfig { gradient_tolerance: f64::NAN, ..LbfgsConfig::default() });
    assert!(nan.build().is_err());
    let mut objective = FunctionWithGradient::new(rosenbrock);
    let error = lbfgs(LbfgsConfig::default()).minimize(&mut objective, &[0.0, f64::NAN], &mut rng()).expect_err("bad start");
    assert!(matches!(error, OptimError::NonFiniteStart { index: 1, .. }));
}

#[test]
fn unknown_keys_are_refused() {
    let error = toml::from_str::<MinimizerConfig>("[lbfgs]\nmax_evals = 3").expect_err("misspelt");
    assert!(error.to_string().contains("max_evals"), "{error}");
}
