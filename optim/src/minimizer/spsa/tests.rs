use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use crate::Function;
use crate::StopReason;

/// The directions that a seed gives to a problem of three parameters.
fn directions(seed: u64, count: usize) -> Vec<[f64; 3]> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| {
            let mut direction = [0.0; 3];
            draw_signs(&mut rng, &mut direction);
            direction
        })
        .collect()
}

fn valley(x: &[f64]) -> f64 {
    (x[0] - 1.0).powi(2) + 3.0 * (x[1] + 0.5).powi(2) + (x[2] * x[0]).sin()
}

#[test]
fn the_recursion_of_spall() {
    let config = SpsaConfig {
        max_evaluations: 9,
        a: 0.07,
        stability: 2.0,
        alpha: 0.6,
        c: 0.2,
        gamma: 0.1,
        returned: Returned::Last,
        ..SpsaConfig::default()
    };
    let mut x = [0.3, -0.2, 0.5];
    for (k, d) in directions(11, 5).iter().enumerate() {
        let (step, size) = (0.07 / (k as f64 + 3.0).powf(0.6), 0.2 / (k as f64 + 1.0).powf(0.1));
        let plus = valley(&[x[0] + size * d[0], x[1] + size * d[1], x[2] + size * d[2]]);
        let minus = valley(&[x[0] - size * d[0], x[1] - size * d[1], x[2] - size * d[2]]);
        for j in 0..3 {
            x[j] -= step * (plus - minus) / (2.0 * size * d[j]);
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut spsa = Spsa::new(config).expect("valid");
    let minimum = spsa.minimize(&mut Function::new(valley), &[0.3, -0.2, 0.5], &mut rng).expect("finite");
    for (found, expected) in minimum.point.iter().zip(x) {
        assert!((found - expected).abs() < 1e-13, "{minimum:?} {x:?}");
    }
    assert_eq!(minimum.evaluations.values, 2 * 5 + 1, "nine evaluations are five pairs, and the last point is evaluated");
    assert!((minimum.value - valley(&x)).abs() < 1e-13);
}

#[test]
fn directions_are_signs_of_both_kinds_and_come_from_the_caller() {
    let seen = directions(3, 200);
    assert!(seen.iter().flatten().all(|d| d.abs() == 1.0));
    for j in 0..3 {
        let positive = seen.iter().filter(|d| d[j] > 0.0).count();
        assert!((70..130).contains(&positive), "{positive} of 200");
    }
    let config = SpsaConfig { max_evaluations: 10, returned: Returned::Last, ..SpsaConfig::default() };
    let mut spsa = Spsa::new(config).expect("valid");
    let mut run = |rng: &mut ChaCha8Rng| spsa.minimize(&mut Function::new(valley), &[0.3, -0.2, 0.5], rng).expect("finite").point;
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let (first, second) = (run(&mut rng), run(&mut rng));
    assert_ne!(first, second);
    assert_eq!(run(&mut ChaCha8Rng::seed_from_u64(0)), first);
}

#[test]
fn the_point_returned_is_the_one_asked_for() {
    // A function that rises from the start: the best is the start, the last is not.
    let mut calls = 0;
    let mut rising = Function::new(|_: &[f64]| {
        calls += 1;
        f64::from(calls)
    });
    let config = SpsaConfig { max_evaluations: 6, ..SpsaConfig::default() };
    let best = Spsa::new(config.clone())
        .expect("valid")
        .minimize(&mut rising, &[0.5], &mut ChaCha8Rng::seed_from_u64(0))
        .expect("finite");
    assert_eq!((best.point, best.value, best.evaluations.values), (vec![0.5], 1.0, 1 + 3 * 3));

    let mut seen = Vec::new();
    let mut follow = |returned| {
        seen.clear();
        let mut square = Function::new(|x: &[f64]| {
            seen.push(x[0]);
            x[0] * x[0]
        });
        let config = SpsaConfig { returned, ..config.clone() };
        let minimum =
            Spsa::new(config).expect("valid").minimize(&mut square, &[1.0], &mut ChaCha8Rng::seed_from_u64(0)).expect("finite");
        (minimum, seen.clone())
    };
    let (last, _) = follow(Returned::Last);
    let (mean, pairs) = follow(Returned::TailMean);
    // Of three iterates the last one is the second half, so that here both are one point.
    assert_eq!(mean.point, last.point);
    assert_eq!(pairs.len(), 7);
}

#[test]
fn bad_settings_and_starts_are_refused() {
    for bad in [
        SpsaConfig { a: 0.0, ..SpsaConfig::default() },
        SpsaConfig { c: f64::NAN, ..SpsaConfig::default() },
        SpsaConfig { alpha: -1.0, ..SpsaConfig::default() },
        SpsaConfig { max_evaluations: 0, ..SpsaConfig::default() },
        SpsaConfig { samples: Some(0.0), ..SpsaConfig::default() },
    ] {
        assert!(matches!(Spsa::new(bad), Err(OptimError::InvalidSetting { .. })));
    }
    let mut spsa = Spsa::new(SpsaConfig::default()).expect("valid");
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let result = spsa.minimize(&mut Function::new(|_| f64::NAN), &[0.0], &mut rng);
    assert!(matches!(result, Err(OptimError::NonFiniteValue { .. })));
    let none = spsa.minimize(&mut Function::new(|_| 4.0), &[], &mut rng).expect("legal");
    assert_eq!((none.value, none.stop, none.evaluations.values), (4.0, StopReason::NoParameters, 1));
}
