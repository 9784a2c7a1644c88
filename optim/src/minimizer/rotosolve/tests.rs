use super::*;
use crate::Function;
use crate::minimizer::tests::rng;

/// A sine curve along each coordinate, with products, as expectation values are.
fn energy(x: &[f64]) -> f64 {
    x[0].cos() * x[1].cos() - 0.5 * (x[0] + 0.3).sin() * (x[2] - 0.1).cos() + 0.2 * x[1].sin() * x[2].sin()
}

fn solve(config: RotosolveConfig) -> Minimum {
    Rotosolve::new(config).expect("valid").minimize(&mut Function::new(energy), &[0.4, 0.9, -1.0], &mut rng()).expect("finite")
}

#[test]
fn three_values_tell_the_lowest_point_of_a_coordinate() {
    for (mean, cosine, sine) in [(0.3f64, 0.5f64, -0.2f64), (-1.0, -0.4, 0.9), (0.0, 0.0, 1.0)] {
        let curve = |t: f64| mean + cosine * t.cos() + sine * t.sin();
        let (shift, value) = sine_minimum(curve(0.0), curve(FRAC_PI_2), curve(-FRAC_PI_2));
        assert!((curve(shift) - value).abs() < 1e-14 && (value - (mean - cosine.hypot(sine))).abs() < 1e-14);
    }
    assert_eq!(sine_minimum(1.0, 1.0, 1.0), (0.0, 1.0));
}

#[test]
fn a_stationary_point_is_reached_and_its_value_is_true() {
    let minimum = solve(RotosolveConfig { max_sweeps: 200, tolerance: 1e-14, ..RotosolveConfig::default() });
    assert!((energy(&minimum.point) - minimum.value).abs() < 1e-12, "{minimum:?}");
    assert_eq!(minimum.stop, StopReason::Converged);
    for k in 0..3 {
        let slope = |h: f64| {
            let mut x = minimum.point.clone();
            x[k] += h;
            energy(&x)
        };
        assert!(((slope(1e-5) - slope(-1e-5)) / 2e-5).abs() < 1e-5, "coordinate {k}");
        assert!(minimum.point[k].abs() <= std::f64::consts::PI + 1e-12);
    }
}

#[test]
fn evaluations_are_counted_and_limited() {
    // One sweep over three coordinates: the start, two a coordinate, and a fresh value before the second and third.
    let one = RotosolveConfig { max_sweeps: 1, refresh: 1, ..RotosolveConfig::default() };
    assert_eq!(solve(one).evaluations.values, 1 + 3 * 2 + 2);
    assert_eq!(solve(RotosolveConfig { max_sweeps: 1, refresh: 8, ..RotosolveConfig::default() }).evaluations.values, 1 + 3 * 2);
    for budget in 1..12 {
        let minimum = solve(RotosolveConfig { max_evaluations: budget, tolerance: 0.0, ..RotosolveConfig::default() });
        assert_eq!((minimum.evaluations.values, minimum.stop), (budget, StopReason::Budget));
        assert!(minimum.value <= energy(&[0.4, 0.9, -1.0]));
        assert!((energy(&minimum.point) - minimum.value).abs() < 1e-12);
    }
}

#[test]
fn bad_settings_are_refused() {
    for bad in [
        RotosolveConfig { max_evaluations: 0, ..RotosolveConfig::default() },
        RotosolveConfig { max_sweeps: 0, ..RotosolveConfig::default() },
        RotosolveConfig { refresh: 0, ..RotosolveConfig::default() },
        RotosolveConfig { tolerance: f64::NAN, ..RotosolveConfig::default() },
    ] {
        assert!(matches!(Rotosolve::new(bad), Err(OptimError::InvalidSetting { .. })));
    }
}
