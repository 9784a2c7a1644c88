use qloom_circuits::{PauliString, PauliSum};

use super::*;
use crate::Target;

fn heisenberg() -> Problem {
    let word = |word| PauliString::from_word(word).expect("a word");
    let sum = PauliSum::new(2, [(word("XX"), 1.0), (word("YY"), 1.0), (word("ZZ"), 1.0)]).expect("valid");
    Problem::new("two spins", sum).expect("valid").with_exact_energy(-3.0).expect("finite")
}

fn search(max_gates: usize) -> SearchConfig {
    let mut config = SearchConfig::default();
    config.environment.max_gates = max_gates;
    config.environment.target = Target::Exact;
    config
}

fn measured(search: &SearchConfig, settings: &HorizonConfig) -> Result<Vec<Horizon>, QasError> {
    effective_horizon(search, &heisenberg(), settings, 3, &mut |_, _| ControlFlow::Continue(()))
}

/// The singlet is four gates away: what the smallest m is, and that the threads are nothing to it.
#[test]
fn the_horizon_of_two_spins_does_not_depend_on_the_threads() {
    let settings = HorizonConfig { threshold: 1e-6, ..HorizonConfig::default() };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("small");
        pool.install(|| measured(&search(5), &settings)).expect("measures")
    };
    let found = on(1);
    assert_eq!(found, on(3));
    assert_eq!(found.iter().map(|found| found.iterations).collect::<Vec<_>>(), [1, 2]);
    for found in &found {
        let last = found.tried.last().expect("one was tried");
        let rollouts = found.rollouts.expect("it is small");
        assert!(2 * last.successes >= settings.runs && last.rollouts == rollouts && !found.given_up, "{found:?}");
        // eight actions: three rotations and a CNOT, twice
        let expected = found.iterations as f64 + (rollouts as f64).log(8.0);
        assert!((found.horizon.expect("as m") - expected).abs() < 1e-12);
        assert!(found.evaluations > 100);
    }
}

#[test]
fn what_cannot_be_reached_has_no_horizon_and_evaluations_are_a_limit() {
    let settings = HorizonConfig { threshold: 1e-6, iterations: 1, rollouts: 4, runs: 3, ..HorizonConfig::default() };
    let found = &measured(&search(1), &settings).expect("measures")[0];
    assert_eq!((found.rollouts, found.horizon, found.given_up), (None, None, false));
    let tried: Vec<_> = found.tried.iter().map(|tried| (tried.rollouts, tried.runs, tried.successes)).collect();
    assert_eq!(tried, [(1, 2, 0), (2, 2, 0), (4, 2, 0)], "after two failures of three, half can no longer succeed");
    let short = HorizonConfig { evaluations: 50, ..settings };
    let found = &measured(&search(6), &short).expect("measures")[0];
    assert!(found.given_up && found.evaluations >= 50 && found.rollouts.is_none());
}

#[test]
fn settings_outside_their_ranges_are_refused_and_watchers_heard() {
    let good = HorizonConfig::default();
    for settings in [
        HorizonConfig { threshold: 0.0, ..good.clone() },
        HorizonConfig { threshold: f64::NAN, ..good.clone() },
        HorizonConfig { iterations: 0, ..good.clone() },
        HorizonConfig { iterations: 6, ..good.clone() },
        HorizonConfig { rollouts: 0, ..good.clone() },
        HorizonConfig { runs: 1001, ..good.clone() },
        HorizonConfig { evaluations: 0, ..good.clone() },
    ] {
        assert!(matches!(measured(&search(3), &settings), Err(QasError::InvalidSetting { .. })), "{settings:?}");
    }
    let mut halting = search(3);
    halting.environment.halting = Some(crate::HaltingConfig::NegativeBinomial(crate::NegativeBinomial::default()));
    assert!(measured(&halting, &good).is_err());
    let stopped = effective_horizon(&search(3), &heisenberg(), &good, 1, &mut |_, _| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(QasError::Stopped)));
}
