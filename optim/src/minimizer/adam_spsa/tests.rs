use super::*;
use crate::minimizer::tests::rng;
use crate::{Function, ObjectiveError};

fn bowl(x: &[f64]) -> f64 {
    (x[0] - 1.0).powi(2) + 3.0 * (x[1] + 0.5).powi(2) + x[0] * x[1]
}

/// The recursion of the fact sheet written out, for two parameters.
fn by_hand(config: &AdamSpsaConfig, iterations: usize) -> [f64; 2] {
    let mut rng = rng();
    let (mut x, mut m, mut v) = ([0.2, 0.4], [0.0; 2], [0.0; 2]);
    for k in 0..iterations {
        let n = k as f64 + 1.0;
        let (a_k, c_k, b_k) =
            (config.a / n.powf(config.alpha), config.c / n.powf(config.gamma), config.beta_1 / n.powf(config.lambda));
        let mut d = [0.0; 2];
        draw_signs(&mut rng, &mut d);
        let difference = bowl(&[x[0] + c_k * d[0], x[1] + c_k * d[1]]) - bowl(&[x[0] - c_k * d[0], x[1] - c_k * d[1]]);
        for j in 0..2 {
            let g = difference / (2.0 * c_k * d[j]);
            m[j] = b_k * m[j] + (1.0 - b_k) * g;
            v[j] = config.beta_2 * v[j] + (1.0 - config.beta_2) * g * g;
            let m_hat = m[j] / (1.0 - b_k.powi(k as i32 + 1));
            let v_hat = v[j] / (1.0 - config.beta_2.powi(k as i32 + 1));
            let plain = k == 0 && config.first_step == FirstStep::Gradient;
            x[j] -= if plain { a_k * g } else { a_k * m_hat / (v_hat.sqrt() + 1e-8) };
        }
    }
    x
}

fn published() -> AdamSpsaConfig {
    AdamSpsaConfig {
        a: 0.18658,
        alpha: 0.9451,
        c: 0.046,
        gamma: 0.1397,
        lambda: 0.0138,
        beta_1: 0.9658,
        beta_2: 0.8594,
        returned: Returned::Last,
        ..AdamSpsaConfig::default()
    }
}

fn run(config: AdamSpsaConfig) -> Minimum {
    AdamSpsa::new(config).expect("valid").minimize(&mut Function::new(bowl), &[0.2, 0.4], &mut rng()).expect("finite")
}

#[test]
fn the_published_recursion() {
    for first_step in [FirstStep::Gradient, FirstStep::Adam] {
        let stages = vec![SpsaStage { max_evaluations: 11, samples: None }];
        let config = AdamSpsaConfig { stages, first_step, ..published() };
        let expected = by_hand(&config, 6);
        let minimum = run(config);
        assert_eq!(minimum.evaluations.values, 2 * 6 + 1);
        for (found, expected) in minimum.point.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{minimum:?} {expected:?}");
        }
    }
}

/// Notes how many samples each value is asked from.
struct Watched(Vec<Option<f64>>);

impl Objective for Watched {
    fn value(&mut self, point: &[f64], samples: Option<f64>) -> Result<f64, ObjectiveError> {
        self.0.push(samples);
        Ok(bowl(point))
    }
}

#[test]
fn gains_and_moments_run_on_across_stages() {
    let stage = |max_evaluations, samples| SpsaStage { max_evaluations, samples };
    let stages = vec![stage(6, Some(1e5)), stage(3, Some(1e6)), stage(2, None)];
    let config = AdamSpsaConfig { stages, ..published() };
    // Three, two and one iterations are six, as in one stage.
    let expected = by_hand(&config, 6);
    let mut watched = Watched(Vec::new());
    let minimum = AdamSpsa::new(config.clone()).expect("valid").minimize(&mut watched, &[0.2, 0.4], &mut rng()).expect("finite");
    for (found, expected) in minimum.point.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{minimum:?} {expected:?}");
    }
    let expected: Vec<Option<f64>> = [vec![Some(1e5); 6], vec![Some(1e6); 4], vec![None; 3]].concat();
    assert_eq!(watched.0, expected);

    let best = run(AdamSpsaConfig { returned: Returned::Best, ..config });
    assert_eq!(best.evaluations.values, 12 + 2, "two an iteration, and the first and each point of the last stage");
}

#[test]
fn the_tail_mean_is_the_mean_of_the_second_half() {
    let stages = |n| vec![SpsaStage { max_evaluations: n, samples: None }];
    let mut mean = [0.0; 2];
    for iterations in 3..=4 {
        // Not rounded: two of the four iterates.
        by_hand(&published(), iterations).iter().zip(&mut mean).for_each(|(x, mean)| *mean += x / 2.0);
    }
    let minimum = run(AdamSpsaConfig { stages: stages(8), returned: Returned::TailMean, ..published() });
    for (found, expected) in minimum.point.iter().zip(mean) {
        assert!((found - expected).abs() < 1e-12);
    }
    assert_eq!(minimum.evaluations.values, 9);
}

#[test]
fn it_descends_under_random_errors() {
    let waves = |x: &[f64]| -(x[0] - 1.0).cos() - 0.5 * (x[1] + 0.5).cos() * (x[0] - 1.0).cos();
    let mut errors = rng();
    let mut noisy = Function::new(|x: &[f64]| {
        let mut error = [0.0];
        draw_signs(&mut errors, &mut error);
        waves(x) + 0.02 * error[0]
    });
    let config = AdamSpsaConfig { stages: vec![SpsaStage { max_evaluations: 1000, samples: None }], ..AdamSpsaConfig::default() };
    let minimum = AdamSpsa::new(config).expect("valid").minimize(&mut noisy, &[0.2, 0.4], &mut rng()).expect("finite");
    // Lowest, at -1.5, where both cosines are 1; at the start it is -1.04.
    assert!(waves(&minimum.point) < -1.45, "{}", waves(&minimum.point));
}

#[test]
fn tables_name_every_constant_and_refuse_others() {
    let text = "[adam-spsa]\na = 1.8658\nalpha = 0.9451\nc = 0.046\ngamma = 0.1397\nlambda = 0.0138\nbeta_1 = 0.9658\nbeta_2 = 0.8594\n\
                stages = [{ max_evaluations = 1191, samples = 1e5 }, { max_evaluations = 357, samples = 1e6 }]";
    let config: crate::MinimizerConfig = toml::from_str(text).expect("right");
    assert!(matches!(&config, crate::MinimizerConfig::AdamSpsa(c) if c.stages.len() == 2 && c.stages[1].samples == Some(1e6)));
    assert!(config.build().is_ok());
    assert!(toml::from_str::<crate::MinimizerConfig>("[adam-spsa]\nbeta1 = 0.5").is_err());
    for bad in [
        AdamSpsaConfig { stages: vec![], ..published() },
        AdamSpsaConfig { beta_1: 1.0, ..published() },
        AdamSpsaConfig { beta_2: -0.1, ..published() },
        AdamSpsaConfig { lambda: f64::INFINITY, ..published() },
        AdamSpsaConfig { stages: vec![SpsaStage { max_evaluations: 0, samples: None }], ..published() },
    ] {
        assert!(matches!(AdamSpsa::new(bad), Err(OptimError::InvalidSetting { .. })));
    }
}
