//! Circuits that are not fitted, rewards for sizes and for what is foretold, orders of the best circuit, and pruning that ends in time.

use super::*;
use crate::size::SizeMeasure;
use crate::{BestConfig, FixedConfig, PromiseConfig, ScreenConfig, SizeWeights, Start, TeacherConfig};

fn random() -> SearchConfig {
    SearchConfig { agent: AgentConfig::Random(RandomConfig {}), ..small() }
}

#[test]
fn hopeless_circuits_are_not_fitted_and_all_is_counted() {
    let mut plain = Search::new(random(), hydrogen(), 3).expect("valid");
    events(&mut plain);
    assert_eq!(plain.fits_left_out(), 0);
    let mut config = random();
    config.environment.screen = Some(ScreenConfig { gradient: Some(1e-6), ..ScreenConfig::default() });
    let mut screened = Search::new(config.clone(), hydrogen(), 3).expect("valid");
    let reports = events(&mut screened);
    assert!(screened.fits_left_out() > 20, "{}", screened.fits_left_out());
    // all of a bound that nothing passes: one evaluation a step, none of fits
    config.environment.screen = Some(ScreenConfig { gradient: Some(1e6), ..ScreenConfig::default() });
    config.best.prune = false;
    let mut closed = Search::new(config.clone(), hydrogen(), 3).expect("valid");
    let steps: usize = events(&mut closed).iter().filter_map(gates).sum();
    assert_eq!((closed.fits_left_out(), closed.evaluations()), (steps as u64, steps as u64 + 1));
    assert!(gates(&reports[0]).is_some());
    // an expressibility is paid for by its states
    config.environment.screen = Some(ScreenConfig { expressibility: Some(1e-9), states: 5, ..ScreenConfig::default() });
    let mut blind = Search::new(config, hydrogen(), 3).expect("valid");
    let steps: usize = events(&mut blind).iter().filter_map(gates).sum();
    assert_eq!((blind.fits_left_out(), blind.evaluations()), (steps as u64, 6 * steps as u64 + 1));
}

fn gates(event: &Event) -> Option<usize> {
    match event {
        Event::Episode(report) => Some(report.gates),
        Event::Finished(_) => None,
    }
}

#[test]
fn screened_and_shaped_it_resumes_bit_for_bit() {
    let mut config = small();
    config.environment.screen = Some(ScreenConfig { gradient: Some(1e-3), expressibility: Some(4.0), states: 4 });
    config.environment.reward.promise = Some(PromiseConfig::default());
    config.environment.reward.price = SizeWeights { depth: 0.01, two_qubit_gates: 0.1, ..SizeWeights::default() };
    config.environment.reward.order = vec![SizeMeasure::Depth, SizeMeasure::Gates];
    config.best = BestConfig { order: vec![SizeMeasure::Parameters, SizeMeasure::Depth], ..BestConfig::default() };
    super::resume::resumes_bit_for_bit(&config);
    config.best = BestConfig { weights: Some(SizeWeights { gates: 1e-3, ..SizeWeights::default() }), ..BestConfig::default() };
    super::resume::resumes_bit_for_bit(&config);
}

/// The fall that is foretold is the one that the rotation of steepest slope brings when it is appended and fitted alone.
#[test]
fn what_is_foretold_comes() {
    let (mut objective, environment) = game(&random(), &hydrogen(), 1).expect("valid");
    let set = environment.actions();
    let number = |gate: &str, qubit: usize| {
        let same = |action: &crate::Action| action.gate.name() == gate && action.qubits == [qubit];
        (0..set.len()).find(|&number| same(set.get(number))).expect("there")
    };
    let mut circuit = qloom_circuits::Circuit::new(2);
    let push =
        |circuit: &mut _, gate: &str, qubit| _ = crate::environment::append(circuit, set, number(gate, qubit)).expect("fits");
    push(&mut circuit, "rx", 0);
    push(&mut circuit, "ry", 1);
    let angles = [0.4, -1.1];
    let energy = objective.energy(&circuit, &angles).expect("runs");
    for (gate, letter, qubit) in [("ry", "YI", 0), ("rx", "IX", 1)] {
        let string = PauliString::from_word(letter).expect("a word");
        let bound = circuit.bind(&angles).expect("fits");
        let slope = objective.slopes(&bound, 2, &[string]).expect("runs")[0];
        let before = objective.evaluations().values;
        let fall = objective.promised_drop(&circuit, &angles, energy, string, slope).expect("runs");
        assert_eq!(objective.evaluations().values, before + 1);
        let mut longer = circuit.clone();
        push(&mut longer, gate, qubit);
        let lowest = (0..20_000)
            .map(|step| {
                let turn = std::f64::consts::TAU * f64::from(step) / 20_000.0;
                objective.energy(&longer, &[angles[0], angles[1], turn]).expect("runs")
            })
            .fold(f64::INFINITY, f64::min);
        assert!((energy - lowest - fall).abs() < 1e-7, "{gate}: {fall} {}", energy - lowest);
        assert!(fall > 0.05, "a fall to speak of");
    }
}

/// Where a CNOT is dear, the best circuit is a product state, though another has the lowest energy.
#[test]
fn weights_outrank_the_energy_and_the_order_breaks_ties() {
    let best = |weights| {
        let mut config = random();
        config.best.weights = weights;
        // out of reach, so that episodes go on to their last gate
        config.teacher = TeacherConfig::Fixed(FixedConfig { thresholds: vec![1e-9], episodes: Vec::new() });
        let mut search = Search::new(config, hydrogen(), 3).expect("valid");
        events(&mut search);
        search.best().expect("builds").expect("found")
    };
    let (plain, dear) = (best(None), best(Some(SizeWeights { two_qubit_gates: 1.0, ..SizeWeights::default() })));
    assert!(plain.two_qubit_gates > 0 && dear.two_qubit_gates == 0);
    assert!(plain.energy < dear.energy - 1e-3);
    // a product of two turned qubits cannot lie below Hartree-Fock by much; the weighted best is that
    assert!((dear.energy - -1.1166843870853405).abs() < 1e-3, "{}", dear.energy);
}

#[test]
fn pruning_ends_with_the_evaluations() {
    for limit in [40, 90, 300] {
        let mut config = random();
        config.evaluations = Some(limit);
        config.environment.start = Start::BasisState;
        let mut search = Search::new(config, hydrogen(), 3).expect("valid");
        events(&mut search);
        // the fit in progress is finished, and no other begins
        assert!((limit..limit + 60).contains(&search.evaluations()), "{limit}: {}", search.evaluations());
    }
}

#[test]
fn settings_outside_their_range_are_refused() {
    let refused = |change: &dyn Fn(&mut SearchConfig), what: &str| {
        let mut config = random();
        change(&mut config);
        let error = Search::new(config, hydrogen(), 1).err().expect("refused").to_string();
        assert!(error.contains(what), "{error}");
    };
    let screen = |screen: ScreenConfig| move |config: &mut SearchConfig| config.environment.screen = Some(screen.clone());
    refused(&screen(ScreenConfig::default()), "environment.screen");
    refused(&screen(ScreenConfig { gradient: Some(0.0), ..Default::default() }), "screen.gradient");
    refused(&screen(ScreenConfig { expressibility: Some(f64::NAN), ..Default::default() }), "screen.expressibility");
    refused(&screen(ScreenConfig { expressibility: Some(1.0), states: 1, ..Default::default() }), "screen.states");
    let promise =
        |promise: PromiseConfig| move |config: &mut SearchConfig| config.environment.reward.promise = Some(promise.clone());
    refused(&promise(PromiseConfig { weight: -1.0, ..Default::default() }), "promise.weight");
    refused(&promise(PromiseConfig { gamma: 1.5, ..Default::default() }), "promise.gamma");
    refused(&promise(PromiseConfig { rotations: 0, ..Default::default() }), "promise.rotations");
    refused(&|config| config.environment.reward.order = vec![SizeMeasure::Depth; 2], "reward.order");
    refused(&|config| config.environment.reward.price.gates = -1.0, "reward.price.gates");
    refused(&|config| config.best.order = Vec::new(), "best.order");
    refused(
        &|config| {
            config.best.weights = Some(SizeWeights::default());
            config.best.enough = Some(1e-3);
        },
        "best.enough",
    );
    // states are not read off a mixed one
    let mut noisy = noisy(qloom_optim::MinimizerConfig::default());
    noisy.environment.screen = Some(ScreenConfig { expressibility: Some(1.0), ..Default::default() });
    assert!(Search::new(noisy, hydrogen(), 1).err().expect("refused").to_string().contains("pure states"));
}
