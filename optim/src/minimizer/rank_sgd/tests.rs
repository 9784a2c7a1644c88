use super::*;
use crate::minimizer::tests::rng;
use crate::{Function, MinimizerConfig};

fn valley(x: &[f64]) -> f64 {
    (x[0] - 1.0).powi(2) + 3.0 * (x[1] + 0.5).powi(2) + 0.5 * x[0] * x[1] + x[2].powi(2)
}

fn run(config: &RankSgdConfig, f: impl FnMut(&[f64]) -> f64) -> Minimum {
    let mut function = Function::new(f);
    RankSgd::new(config.clone()).expect("valid").minimize(&mut function, &[0.0, 0.5, 2.0], &mut rng()).expect("finite")
}

#[test]
fn it_comes_near_the_minimum_of_a_valley() {
    let minimum = run(&RankSgdConfig { max_evaluations: 3000, ..RankSgdConfig::default() }, valley);
    // the gradient is 0 at x2 = 0 and 2 x0 + x1/2 = 2, x0/2 + 6 x1 = -3
    let (x0, x1) = (13.5 / 11.75, -7.0 / 11.75);
    assert!(
        (minimum.point[0] - x0).abs() < 0.05 && (minimum.point[1] - x1).abs() < 0.05 && minimum.point[2].abs() < 0.05,
        "{minimum:?}"
    );
}

#[test]
fn monotone_functions_of_values_change_nothing() {
    for returned in [Returned::Best, Returned::Last, Returned::TailMean] {
        let config = RankSgdConfig { returned, ..RankSgdConfig::default() };
        let (plain, steep) = (run(&config, valley), run(&config, |x| (0.2 * valley(x)).exp() - 7.0));
        assert_eq!(plain.point, steep.point);
        assert_eq!(plain.evaluations, steep.evaluations);
    }
}

#[test]
fn one_step_by_hand() {
    // four directions, the best two ranked: pairs (1,2) (1,3) (1,4) (2,3) (2,4)
    let config = RankSgdConfig { directions: 4, top: 2, ..RankSgdConfig::default() };
    let method = RankSgd::new(config).expect("valid");
    let drawn = [vec![1.0], vec![-2.0], vec![0.5], vec![3.0]];
    // best first: -2, 0.5, 1, 3
    let gradient = method.gradient(&drawn, &[1, 2, 0, 3]);
    let expected = ((0.5 + 2.0) + (1.0 + 2.0) + (3.0 + 2.0) + (1.0 - 0.5) + (3.0 - 0.5)) / 5.0;
    assert!((gradient[0] - expected).abs() < 1e-15);
}

#[test]
fn evaluations_are_those_of_the_settings() {
    let config =
        RankSgdConfig { max_evaluations: 100, directions: 6, candidates: 3, returned: Returned::Last, ..Default::default() };
    assert_eq!(run(&config, valley).evaluations.values, 11 * 9 + 1);
    let config = RankSgdConfig { candidates: 1, ..config };
    assert_eq!(run(&config, valley).evaluations.values, 16 * 6 + 1);
    let config = RankSgdConfig { max_evaluations: 1, ..config };
    assert_eq!(run(&config, valley).evaluations.values, 6 + 1);
}

#[test]
fn drawn_directions_are_normal() {
    let mut rng = rng();
    let numbers: Vec<f64> = (0..50_000).map(|_| normal(&mut rng)).collect();
    let moment = |power: i32| numbers.iter().map(|number| number.powi(power)).sum::<f64>() / numbers.len() as f64;
    assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03 && (moment(4) - 3.0).abs() < 0.2);
}

#[test]
fn what_is_outside_its_range_is_refused() {
    let default = RankSgdConfig::default;
    for bad in [
        RankSgdConfig { max_evaluations: 0, ..default() },
        RankSgdConfig { samples: Some(0.0), ..default() },
        RankSgdConfig { directions: 1, top: 1, ..default() },
        RankSgdConfig { top: 0, ..default() },
        RankSgdConfig { top: 8, ..default() },
        RankSgdConfig { radius: 0.0, ..default() },
        RankSgdConfig { step: f64::NAN, ..default() },
        RankSgdConfig { candidates: 0, ..default() },
        RankSgdConfig { shrink: 1.0, ..default() },
    ] {
        assert!(matches!(RankSgd::new(bad), Err(OptimError::InvalidSetting { .. })));
    }
    let config: MinimizerConfig = toml::from_str("[rank-sgd]\ndirections = 5").expect("a table");
    assert!(matches!(config, MinimizerConfig::RankSgd(config) if config.directions == 5 && config.top == 3));
    assert!(toml::from_str::<MinimizerConfig>("[rank-sgd]\nranks = 5").is_err());
}
