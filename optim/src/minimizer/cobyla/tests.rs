use super::*;
use crate::minimizer::tests::rng;
use crate::{Function, MinimizerConfig};

fn cobyla(config: CobylaConfig) -> Cobyla {
    Cobyla::new(config).expect("valid settings")
}

#[test]
fn a_quadratic_bowl_is_solved() {
    let mut objective = Function::new(|x: &[f64]| (x[0] - 1.0).powi(2) + 3.0 * (x[1] + 0.5).powi(2));
    let config = CobylaConfig { final_radius: 1e-7, ..CobylaConfig::default() };
    let minimum = cobyla(config).minimize(&mut objective, &[0.0, 0.0], &mut rng()).expect("solvable");
    assert!((minimum.point[0] - 1.0).abs() < 1e-5 && (minimum.point[1] + 0.5).abs() < 1e-5, "{minimum:?}");
    assert_eq!(minimum.stop, StopReason::Converged);
    assert_eq!(minimum.evaluations.gradients, 0);
}

#[test]
fn the_first_simplex_is_powells() {
    // Powell's method evaluates the start, then one step of the initial radius along each axis, each step taken
    // from the best vertex so far. On a function that falls along every axis all vertices are then cumulative.
    let mut points: Vec<Vec<f64>> = Vec::new();
    let mut objective = Function::new(|x: &[f64]| {
        points.push(x.to_vec());
        -x.iter().sum::<f64>()
    });
    let config = CobylaConfig { max_evaluations: 4, initial_radius: 0.5, ..CobylaConfig::default() };
    cobyla(config).minimize(&mut objective, &[0.0; 3], &mut rng()).expect("bounded by the budget");
    assert_eq!(points, [[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.5]]);
}

#[test]
fn trigonometric_valley_is_found_from_zero() {
    // cos(x) cos(y) - 0.5 sin(x + y): stationary at x = y with f = cos^2 x - 0.5 sin 2x, smallest at
    // (1 - sqrt 2) / 2 on the diagonal, lowest off the diagonal at -1.5 or so; any local minimum is stationary.
    let f = |x: &[f64]| x[0].cos() * x[1].cos() - 0.5 * (x[0] + x[1]).sin();
    let config = CobylaConfig { final_radius: 1e-8, max_evaluations: 2000, ..CobylaConfig::default() };
    let minimum = cobyla(config).minimize(&mut Function::new(f), &[0.0, 0.0], &mut rng()).expect("solvable");
    let [x, y] = minimum.point[..] else { panic!("two parameters") };
    let gradient = [-x.sin() * y.cos() - 0.5 * (x + y).cos(), -x.cos() * y.sin() - 0.5 * (x + y).cos()];
    assert!(gradient.iter().all(|g| g.abs() < 1e-5), "{gradient:?} at {minimum:?}");
    assert!(minimum.value < f(&[0.0, 0.0]));
}

#[test]
fn the_budget_is_exact() {
    for budget in [1, 2, 3, 7, 20] {
        let mut calls = 0;
        let mut objective = Function::new(|x: &[f64]| {
            calls += 1;
            (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
        });
        let config = CobylaConfig { max_evaluations: budget, final_radius: 1e-12, ..CobylaConfig::default() };
        let minimum = cobyla(config).minimize(&mut objective, &[-1.2, 1.0], &mut rng()).expect("solvable");
        assert_eq!((minimum.evaluations.values, minimum.stop), (budget, StopReason::Budget));
        assert_eq!(calls, budget);
    }
}

#[test]
fn no_parameters_means_one_evaluation() {
    let mut objective = Function::new(|_: &[f64]| 2.5);
    let minimum = cobyla(CobylaConfig::default()).minimize(&mut objective, &[], &mut rng()).expect("legal");
    assert_eq!((minimum.value, minimum.evaluations.values, minimum.stop), (2.5, 1, StopReason::NoParameters));
}

#[test]
fn a_value_that_is_not_finite_is_an_error() {
    let mut objective = Function::new(|x: &[f64]| if x[0] > 0.5 { f64::NEG_INFINITY } else { -x[0] });
    let error = cobyla(CobylaConfig::default()).minimize(&mut objective, &[0.0], &mut rng()).expect_err("not finite");
    assert!(matches!(error, OptimError::NonFiniteValue { evaluation: 2, .. }), "{error}");
}

#[test]
fn an_objectives_own_error_is_kept() {
    struct Broken;
    impl Objective for Broken {
        fn value(&mut self, _: &[f64], _: Option<f64>) -> Result<f64, crate::ObjectiveError> {
            Err("the instrument is off".into())
        }
    }
    let error = cobyla(CobylaConfig::default()).minimize(&mut Broken, &[0.0], &mut rng()).expect_err("broken");
    assert_eq!(error.to_string(), "evaluation 1 failed: the instrument is off");
}

#[test]
fn bad_settings_are_refused() {
    for config in [
        CobylaConfig { max_evaluations: 0, ..CobylaConfig::default() },
        CobylaConfig { initial_radius: 0.0, ..CobylaConfig::default() },
        CobylaConfig { final_radius: 2.0, ..CobylaConfig::default() },
        CobylaConfig { final_radius: f64::NAN, ..CobylaConfig::default() },
    ] {
        assert!(MinimizerConfig::Cobyla(config).build().is_err());
    }
}
