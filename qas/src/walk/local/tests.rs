use qloom_circuits::{PauliString, PauliSum};

use super::*;
use crate::{AgentConfig, BestConfig, Event, Problem, Search, SearchConfig, StopReason};

/// A chain of spins in a transverse field at the critical point: `-ZZ` on the bonds, `-X` on the sites, open ends.
fn ising(n: usize) -> Problem {
    let letters = |places: &[usize], letter| PauliString::from_letters(places.iter().map(|&place| (place, letter)));
    let bonds = (1..n).map(|right| (letters(&[right - 1, right], qloom_circuits::Pauli::Z), -1.0));
    let field = (0..n).map(|site| (letters(&[site], qloom_circuits::Pauli::X), -1.0));
    let sum = PauliSum::new(n, bonds.chain(field)).expect("valid");
    // free fermions: 1 - 1 / sin(pi / (4 n + 2)) with open ends
    let exact = 1.0 - 1.0 / (std::f64::consts::PI / (4 * n + 2) as f64).sin();
    Problem::new("ising", sum).expect("valid").with_exact_energy(exact).expect("finite")
}

fn config(local: LocalConfig) -> SearchConfig {
    SearchConfig { episodes: 80, agent: AgentConfig::Local(local), ..SearchConfig::default() }
}

fn run(search: &mut Search) -> StopReason {
    loop {
        if let Event::Finished(reason) = search.step().expect("steps") {
            return reason;
        }
    }
}

#[test]
fn a_chain_of_spins_is_solved_where_no_gate_alone_can_be_the_last() {
    let config = SearchConfig { target_error: Some(1e-6), ..config(LocalConfig::default()) };
    for seed in 1..=2 {
        let mut search = Search::new(config.clone(), ising(4), seed).expect("valid");
        assert_eq!(run(&mut search), StopReason::TargetError);
        let found = search.best().expect("builds").expect("found");
        let energy = qloom_sim::Energy::new(&found.circuit, search.problem().hamiltonian()).expect("gates").value(&found.angles);
        assert!((energy.expect("finite") - found.energy).abs() < 1e-12);
        assert!(found.energy - search.problem().exact_energy().expect("known") < 1e-6);
    }
}

#[test]
fn enough_is_enough_and_then_circuits_get_smaller() {
    let best = BestConfig { enough: Some(0.05), ..BestConfig::default() };
    let mut search = Search::new(SearchConfig { best, ..config(LocalConfig::default()) }, ising(4), 1).expect("valid");
    let mut sizes = Vec::new();
    while let Event::Episode(_) = search.step().expect("steps") {
        let found = search.best().expect("builds").expect("found");
        if search.problem().error(found.energy).expect("known") <= 0.05 {
            sizes.push((found.two_qubit_gates, found.gates));
        }
    }
    assert!(sizes.windows(2).all(|pair| pair[1] <= pair[0]), "{sizes:?}");
    assert!(sizes.first() > sizes.last(), "{sizes:?}");
}

#[test]
fn the_front_falls_as_it_grows() {
    let mut search = Search::new(config(LocalConfig::default()), ising(4), 3).expect("valid");
    run(&mut search);
    let front = search.front().expect("builds");
    assert!(front.len() > 2);
    for pair in front.windows(2) {
        let size = |found: &crate::Found| (found.two_qubit_gates, found.gates);
        assert!(size(&pair[0]) < size(&pair[1]) && pair[0].energy > pair[1].energy);
    }
    let best = search.best().expect("builds").expect("found");
    assert!(front.last().is_some_and(|last| last.energy <= best.energy));
}

#[test]
fn circuits_stay_within_their_room() {
    let local = LocalConfig { max_gates: Some(9), patience: 2, ..LocalConfig::default() };
    let mut search = Search::new(config(local), ising(4), 1).expect("valid");
    run(&mut search);
    let found = search.best().expect("builds").expect("found");
    assert!(found.gates <= 9, "{}", found.gates);
    // a product state has an energy of -4.6 at best here, and -4.76 is exact
    assert!(found.energy < -4.6, "{}", found.energy);
}

#[test]
fn slopes_are_worth_more_than_draws() {
    let error = |choice| {
        let local = LocalConfig { choice, ..LocalConfig::default() };
        let config = SearchConfig { episodes: u64::MAX, evaluations: Some(4000), ..config(local) };
        let mut search = Search::new(config, ising(5), 2).expect("valid");
        run(&mut search);
        search.problem().error(search.best().expect("builds").expect("found").energy).expect("known")
    };
    assert!(error(Choice::Slopes) < error(Choice::Random));
}

/// A chain on a noisy machine whose gates on two qubits fail in one of a hundred cases.
fn under_noise(choice: Choice) -> SearchConfig {
    let simulator = toml::from_str(
        r#"
        [pauli-vector]
        depolarizing = { one_qubit = 1e-3, two_qubit = 1e-2 }
        shots = 1e7
        confirmations = 16
        mitigation = { zero-noise-extrapolation = { scaling = "stretching", scales = [1, 3, 5], degree = 2 } }
        "#,
    );
    let minimizer = toml::from_str("[lbfgs]\nmax_evaluations = 30\ngradient_tolerance = 2e-3\nvalue_tolerance = 3e-5\n");
    let best = BestConfig { tolerance: 2e-3, ..BestConfig::default() };
    let local = LocalConfig { choice, weight: 2, ..LocalConfig::default() };
    SearchConfig {
        simulator: simulator.expect("complete"),
        minimizer: minimizer.expect("complete"),
        best,
        episodes: u64::MAX,
        evaluations: Some(150_000),
        ..config(local)
    }
}

#[test]
fn under_noise_slopes_are_measured_and_lead_near_the_ground_state() {
    let mut search = Search::new(under_noise(Choice::Slopes), ising(4), 1).expect("valid");
    run(&mut search);
    let found = search.best().expect("builds").expect("found");
    let error = |energy| search.problem().error(energy).expect("known");
    // the gap of the chain is 0.69; without mitigation the noise of the gates alone is above this
    assert!(error(found.reference.noiseless) < 2e-2, "{}", error(found.reference.noiseless));
    assert!(error(found.reference.noisy) > 5.0 * error(found.reference.noiseless));
    assert!(search.evaluations() < 200_000, "{}", search.evaluations());
}

#[test]
fn settings_out_of_range_and_gates_without_a_rotation_are_refused() {
    let refused = |local: LocalConfig| matches!(Search::new(config(local), ising(3), 1), Err(QasError::InvalidSetting { .. }));
    assert!(refused(LocalConfig { weight: 0, ..LocalConfig::default() }));
    assert!(refused(LocalConfig { weight: 7, ..LocalConfig::default() }));
    assert!(refused(LocalConfig { slack: f64::NAN, ..LocalConfig::default() }));
    assert!(refused(LocalConfig { spread: 1.5, ..LocalConfig::default() }));
    assert!(refused(LocalConfig { growth: 0, ..LocalConfig::default() }));
    assert!(refused(LocalConfig { max_gates: Some(0), ..LocalConfig::default() }));
    let mut fixed = config(LocalConfig::default());
    fixed.environment.actions.gates = vec!["cx".to_owned(), "h".to_owned()];
    let error = Search::new(fixed, ising(3), 1).err().expect("refused").to_string();
    assert!(error.contains("rotation") && error.contains("ry"), "{error}");
}
