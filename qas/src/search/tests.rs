mod count;
mod front;
mod kept;
mod resume;
mod screened;

use std::sync::{Arc, Mutex};

use qloom_circuits::{PauliString, PauliSum};

use super::*;
use crate::agent::dqn::DqnConfig;
use crate::agent::random::{Random, RandomConfig};
use crate::search::best::Candidate;
use crate::size::Size;
use crate::{AgentConfig, Dimensions, Observation, Transition};

/// Hydrogen at 0.7414 angstrom on two qubits, STO-3G.
fn hydrogen() -> Problem {
    let terms = [
        ("II", -0.3399536134414944),
        ("IZ", 0.3939836794385143),
        ("ZI", 0.3939836794385143),
        ("ZZ", 0.011236585233182272),
        ("XX", 0.18128880821149587),
    ];
    let terms = terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c));
    let sum = PauliSum::new(2, terms).expect("valid");
    Problem::new("hydrogen", sum).expect("valid").with_exact_energy(-1.1372701746609029).expect("finite")
}

#[test]
fn published_lower_bound() {
    assert!((hydrogen().lower_bound() + 1.320446365758868).abs() < 1e-10);
}

fn small() -> SearchConfig {
    let agent = DqnConfig { hidden: vec![16], batch: 8, train_every: 1, epsilon_decay: 0.99, ..DqnConfig::default() };
    let mut config = SearchConfig { episodes: 30, agent: AgentConfig::Dqn(agent), ..SearchConfig::default() };
    config.environment.max_gates = 8;
    config
}

fn events(search: &mut Search) -> Vec<Event> {
    std::iter::from_fn(|| match search.step().expect("steps") {
        event @ Event::Episode(_) => Some(event),
        Event::Finished(_) => None,
    })
    .collect()
}

#[test]
fn one_seed_fixes_everything() {
    let run = |seed| {
        let mut search = Search::new(small(), hydrogen(), seed).expect("valid");
        (events(&mut search), search.state())
    };
    let (first, again, other) = (run(1), run(1), run(2));
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
}

/// Few shots on a noisy device, mitigated.
fn noisy(minimizer: qloom_optim::MinimizerConfig) -> SearchConfig {
    let text = r#"
        device = { name = "d", provenance = "made up", num_qubits = 3, couplings = [[0, 1], [1, 2]], qubit = { t1_ns = [1e5], t2_ns = [1.2e5],
                   readout = [[0.02, 0.03]] }, one_qubit = { time_ns = 35.0, depolarizing = 1e-3 },
                   two_qubit = { time_ns = 400.0, depolarizing = 1e-2 } }
        shots = 1e5
        invert_readout = true
        mitigation = { zero-noise-extrapolation = { scales = [1, 3], degree = 1 } }
    "#
    .replace("\n                   ", " ");
    let choice: crate::PauliVectorChoice = toml::from_str(&text).expect("complete");
    let mut config =
        SearchConfig { simulator: crate::SimulatorChoice::PauliVector(Box::new(choice)), minimizer, episodes: 12, ..small() };
    config.best.tolerance = 2e-3;
    config
}

fn stochastic_minimizers() -> [qloom_optim::MinimizerConfig; 3] {
    use qloom_optim::{AdamSpsaConfig, LbfgsConfig, MinimizerConfig, RotosolveConfig, SpsaStage};
    let stages = vec![
        SpsaStage { max_evaluations: 20, samples: Some(1e3) },
        SpsaStage { max_evaluations: 6, samples: Some(1e4) },
        SpsaStage { max_evaluations: 4, samples: None },
    ];
    [
        MinimizerConfig::AdamSpsa(AdamSpsaConfig { stages, ..AdamSpsaConfig::default() }),
        MinimizerConfig::Lbfgs(LbfgsConfig { max_evaluations: 10, ..LbfgsConfig::default() }),
        MinimizerConfig::Rotosolve(RotosolveConfig { max_sweeps: 2, ..RotosolveConfig::default() }),
    ]
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let [minimizer, ..] = stochastic_minimizers();
            let mut search = Search::new(noisy(minimizer), hydrogen(), 5).expect("valid");
            (events(&mut search), search.state())
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn noisy_and_noiseless_energies_of_the_best_circuit_are_reported_right() {
    let [_, minimizer, _] = stochastic_minimizers();
    let config = noisy(minimizer);
    let mut search = Search::new(config.clone(), hydrogen(), 5).expect("valid");
    let reports = events(&mut search);
    let best = search.best().expect("builds").expect("found");
    let pure = SearchConfig { simulator: crate::SimulatorChoice::default(), ..config.clone() };
    let mut exact = Objective::new(pure.objective, &pure.simulator, &pure.minimizer, &hydrogen(), 1).expect("valid");
    let noiseless = exact.energy(&best.circuit, &best.angles).expect("small");
    assert!((best.reference.noiseless - noiseless).abs() < 1e-12);
    let crate::SimulatorChoice::PauliVector(choice) = config.simulator else { panic!("noisy") };
    let model = choice.device.as_ref().expect("there is one").noise(2).expect("it fits");
    // Both read-outs flip with 0.02 and 0.03: Z becomes 0.95 Z + 0.01, and so does X.
    let mut noisy = 0.0;
    let circuit = model.apply(&best.circuit).expect("it fits");
    let mean = |word: &str| {
        let sum = PauliSum::new(2, [(PauliString::from_word(word).expect("a word"), 1.0)]).expect("valid");
        let mut energy = qloom_sim::NoisyEnergy::new(&circuit, &sum).expect("small");
        energy.value(&best.angles).expect("finite")
    };
    for (string, coefficient) in hydrogen().hamiltonian().terms() {
        let word = string.word(2);
        let first = word.replace(|c| c != 'I', "*");
        noisy += coefficient
            * match first.as_str() {
                "II" => 1.0,
                "**" => {
                    let (one, other) = (format!("{}I", &word[..1]), format!("I{}", &word[1..]));
                    0.9025 * mean(&word) + 0.0095 * (mean(&one) + mean(&other)) + 0.0001
                }
                _ => 0.95 * mean(&word) + 0.01,
            };
    }
    assert!((best.reference.noisy - noisy).abs() < 1e-12, "{} {noisy}", best.reference.noisy);
    assert!(noisy > noiseless + 1e-3, "the noise is felt");
    // The energy that the search believes is a mitigated one from few runs, near the noiseless.
    assert!((best.energy - noiseless).abs() < 0.02 && best.energy != noiseless);
    for event in reports {
        let Event::Episode(report) = event else { panic!("episodes alone") };
        assert!(report.noiseless_energy != report.noisy_energy && report.best_noiseless_error.is_some());
    }
}

#[test]
fn the_couplings_of_a_device_forbid_actions() {
    let [minimizer, ..] = stochastic_minimizers();
    let sum = PauliSum::new(3, [(PauliString::from_word("ZZZ").expect("a word"), 1.0)]).expect("valid");
    let three = Problem::new("three", sum).expect("valid");
    let pairs = |config: &SearchConfig| {
        let coupled = config.coupled_environment(3).expect("they fit");
        let actions = ActionSet::new(&coupled.actions, 3).expect("valid");
        let two = (0..actions.len()).map(|k| actions.get(k).qubits.clone()).filter(|qubits| qubits.len() == 2);
        two.collect::<Vec<_>>()
    };
    let mut config = noisy(minimizer);
    assert_eq!(pairs(&config), [vec![0, 1], vec![1, 2], vec![1, 0], vec![2, 1]]);
    let search = Search::new(config.clone(), three.clone(), 1).expect("valid");
    assert_eq!(search.environment.actions().len(), 4 + 9, "the search itself has no others");
    config.environment.actions.coupling = vec![[2, 1], [0, 2]].into();
    assert_eq!(pairs(&config), [vec![1, 2], vec![2, 1]], "both have to allow a pair");
    config.environment.actions.coupling = vec![[0, 2]].into();
    assert!(matches!(Search::new(config, three, 1), Err(QasError::InvalidSetting { .. })));
    let [minimizer, ..] = stochastic_minimizers();
    let four = Problem::new("four", PauliSum::z(0, 4)).expect("valid");
    assert!(matches!(Search::new(noisy(minimizer), four, 1), Err(QasError::Hardware(_))), "the device has three qubits");
}

#[test]
fn lucky_energies_are_not_believed() {
    // Without angles every circuit of CNOTs on |00> has the same energy; the lowest of many draws would be far below it.
    let [minimizer, ..] = stochastic_minimizers();
    let mut config = noisy(minimizer);
    config.environment.actions.gates = vec!["cx".to_owned()];
    config.best.tolerance = 0.0;
    let crate::SimulatorChoice::PauliVector(choice) = &mut config.simulator else { panic!("noisy") };
    (choice.shots, choice.confirmations, choice.mitigation) = (Some(100.0), 400, qloom_estimate::Mitigation::None);
    config.best.prune = false;
    config.episodes = 40;
    let mut search = Search::new(config, hydrogen(), 5).expect("valid");
    let lowest = (events(&mut search).iter())
        .map(|event| match event {
            Event::Episode(report) => report.energy,
            Event::Finished(_) => f64::INFINITY,
        })
        .fold(f64::INFINITY, f64::min);
    let best = search.best().expect("builds").expect("found");
    // One energy errs by 0.06, the mean of 400 by 0.003.
    assert!(lowest < best.energy - 0.05, "single draws reach {lowest}, believed is {}", best.energy);
}

#[test]
fn the_control_makes_as_many_evaluations() {
    let mut search = Search::new(small(), hydrogen(), 5).expect("valid");
    events(&mut search);
    let mut control = Search::new(small().control(search.evaluations()), hydrogen(), 5).expect("valid");
    events(&mut control);
    assert_eq!(control.stop_reason(), Some(StopReason::Evaluations));
    assert!(control.evaluations() >= search.evaluations());
}

#[test]
fn the_best_circuit_has_the_energy_it_is_said_to_have() {
    let config = SearchConfig { target_error: Some(1e-9), episodes: 2000, ..small() };
    let mut search = Search::new(config, hydrogen(), 3).expect("valid");
    events(&mut search);
    assert_eq!(search.stop_reason(), Some(StopReason::TargetError));
    let best = search.best().expect("builds").expect("found");
    assert!(hydrogen().error(best.energy).expect("known") < 2e-8);
    let bound = best.bound();
    assert_eq!((bound.num_parameters(), bound.operations().len()), (0, best.gates));
    let matrix = hydrogen().hamiltonian().matrix();
    let unitary = bound.unitary(&[]).expect("small");
    let mut energy = 0.0;
    for row in 0..4 {
        for column in 0..4 {
            let (bra, ket) = (unitary.entries()[4 * row].conj(), unitary.entries()[4 * column]);
            energy += (bra * matrix.entries()[4 * row + column] * ket).re;
        }
    }
    assert!((energy - best.energy).abs() < 1e-12);
}

#[test]
fn pruning_leaves_only_gates_that_are_needed() {
    let run = |prune| {
        let mut config = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), episodes: 40, ..small() };
        config.best.prune = prune;
        config.environment.max_gates = 20;
        config.teacher = crate::TeacherConfig::Fixed(crate::FixedConfig { thresholds: vec![1e-12], episodes: vec![] });
        let mut search = Search::new(config, hydrogen(), 3).expect("valid");
        events(&mut search);
        search.best().expect("builds").expect("found")
    };
    let (long, short) = (run(false), run(true));
    assert!((long.energy - short.energy).abs() < 2e-8);
    // Two rotations and a CNOT prepare any real combination of two basis states.
    assert!(short.gates <= 4 && short.gates <= long.gates, "{} {}", short.gates, long.gates);
}

/// A CNOT whose control is 1 for certain is half a turn of its target; the search has no gate to do without, and one to simplify.
#[test]
fn a_gate_of_known_control_becomes_a_turn() {
    let word = |word| PauliString::from_word(word).expect("a word");
    // both spins down is lowest
    let sum = PauliSum::new(2, [(word("ZI"), 1.0), (word("IZ"), 0.5)]).expect("valid");
    let problem = Problem::new("two spins", sum).expect("valid");
    let (mut objective, environment) = game(&small(), &problem, 1).expect("valid");
    let set = environment.actions();
    let number = |gate: &str, qubits: &[usize]| {
        let same = |action: &crate::Action| action.gate.name() == gate && action.qubits == qubits;
        (0..set.len()).find(|&number| same(set.get(number))).expect("there") as u16
    };
    let (actions, angles) = (vec![number("rx", &[0]), number("cx", &[0, 1])], vec![std::f64::consts::PI]);
    let mut circuit = qloom_circuits::Circuit::new(2);
    actions.iter().for_each(|&action| _ = crate::environment::append(&mut circuit, set, usize::from(action)).expect("fits"));
    let reference = objective.reference(&circuit, &angles).expect("runs");
    let mut keeper = Keeper::new();
    let preference = Preference::of_energy(1e-8);
    keeper.consider(-1.5, Size { two_qubit_gates: 1, gates: 2, ..Size::default() }, set, &preference);
    keeper.keep(Candidate { actions, angles, energy: -1.5, reference, evaluations: 0 });
    keeper.prune(set, &preference, &mut objective, u64::MAX).expect("runs");
    let found = keeper.found(set).expect("builds").expect("kept");
    assert_eq!((found.two_qubit_gates, found.gates), (0, 2));
    assert!((found.energy + 1.5).abs() < 1e-8);
}

/// Two gates that cancel, with others between that commute with them or not: random circuits on an Ising chain.
#[test]
fn no_pair_that_cancels_is_kept() {
    let word = |word| PauliString::from_word(word).expect("a word");
    let terms = [("ZZI", -1.0), ("IZZ", -1.0), ("XII", -0.8), ("IXI", -0.8), ("IIX", -0.8)].map(|(text, c)| (word(text), c));
    let problem = Problem::new("Ising chain", PauliSum::new(3, terms).expect("valid")).expect("valid");
    let (mut objective, environment) = game(&small(), &problem, 1).expect("valid");
    let set = environment.actions();
    let mut stream = Stream::named(2, "test");
    let preference = Preference::of_energy(1e-8);
    for round in 0..40 {
        let mut actions: Vec<u16> = (0..10).map(|_| stream.below(set.len()) as u16).collect();
        // a CNOT twice, some way apart
        let (cx, at) = (stream.below(6) as u16, stream.below(8));
        actions.insert(at, cx);
        actions.insert(at + 1 + round % 3, cx);
        let has_angle = |action: &&u16| set.get(usize::from(**action)).gate.num_parameters() == 1;
        let angles: Vec<f64> = actions.iter().filter(has_angle).map(|_| stream.unit()).collect();
        let circuit = |actions: &[u16]| {
            let mut circuit = qloom_circuits::Circuit::new(3);
            actions
                .iter()
                .for_each(|&action| _ = crate::environment::append(&mut circuit, set, usize::from(action)).expect("fits"));
            circuit
        };
        let energy = objective.energy(&circuit(&actions), &angles).expect("runs");
        let reference = objective.reference(&circuit(&actions), &angles).expect("runs");
        let mut keeper = Keeper::new();
        keeper.consider(energy, Size::default(), set, &preference);
        let before = actions.len();
        keeper.keep(Candidate { actions, angles, energy, reference, evaluations: 0 });
        keeper.prune(set, &preference, &mut objective, u64::MAX).expect("runs");
        let found = keeper.found(set).expect("builds").expect("kept");
        assert!(found.gates < before && found.energy <= energy + 1e-8);
        // by another cancellation: no two equal CNOTs with nothing on their qubits between them
        let operations = found.circuit.operations();
        for (index, operation) in operations.iter().enumerate() {
            let next = operations[index + 1..].iter().find(|other| other.qubits().iter().any(|q| operation.qubits().contains(q)));
            let two = operation.qubits().len() == 2;
            assert!(!two || next != Some(operation), "{round}: a pair at {index} of {}", found.gates);
        }
    }
}

/// Episodes that end with their first gate never find a pair; the gates that are missing come from extending the best.
#[test]
fn extending_finds_what_short_episodes_cannot() {
    let run = |extend_every| {
        let mut config = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), episodes: 30, ..small() };
        config.best.extend_every = extend_every;
        config.teacher = crate::TeacherConfig::Fixed(crate::FixedConfig { thresholds: vec![1e9], episodes: vec![] });
        let mut search = Search::new(config, hydrogen(), 3).expect("valid");
        events(&mut search);
        search.best().expect("builds").expect("found")
    };
    let exact = hydrogen().exact_energy().expect("known");
    let (short, long) = (run(0), run(10));
    assert!(short.gates <= 1 && short.energy > exact + 1e-2, "{} {}", short.gates, short.energy);
    assert!(long.gates > 1 && long.energy < exact + 1e-6, "{} {}", long.gates, long.energy - exact);
}

/// Draws at random and notes whether what it chose was ever illegal.
struct Watched {
    inner: Random,
    chosen: Arc<Mutex<Vec<(bool, usize)>>>,
}

impl Agent for Watched {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let action = self.inner.act(observation)?;
        let mut chosen = self.chosen.lock().expect("not poisoned");
        chosen.push((observation.is_legal(action), observation.illegal.len()));
        Ok(action)
    }
    fn observe(&mut self, transition: Transition) {
        self.inner.observe(transition);
    }
    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        self.inner.learn()
    }
    fn exploration(&self) -> f64 {
        1.0
    }
    fn save(&self) -> Vec<u8> {
        self.inner.save()
    }
    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        self.inner.load(bytes)
    }
}

#[test]
fn an_agent_of_ones_own_is_told_what_is_illegal() {
    let chosen = Arc::new(Mutex::new(Vec::new()));
    let build = |dimensions: Dimensions| -> Box<dyn Agent> {
        Box::new(Watched { inner: Random::new(dimensions, 1), chosen: Arc::clone(&chosen) })
    };
    let mut search = Search::with_agent(small(), hydrogen(), 1, |_, sizes| build(sizes)).expect("valid");
    events(&mut search);
    let state = search.state();
    Search::resume_with_agent(small(), hydrogen(), &state, |_, sizes| build(sizes)).expect("just saved");
    let chosen = chosen.lock().expect("not poisoned");
    assert!(chosen.iter().all(|(legal, _)| *legal));
    assert!(chosen.iter().any(|(_, illegal)| *illegal > 0), "some actions were illegal");
}

#[test]
fn settings_that_contradict_the_problem_are_refused() {
    let unknown = Problem::new("spin", PauliSum::z(0, 2)).expect("valid");
    let config = SearchConfig { target_error: Some(1e-3), ..small() };
    assert!(matches!(Search::new(config, unknown, 1), Err(QasError::NoExactEnergy { setting: "target_error" })));
    let mut config = small();
    config.best.tolerance = f64::NAN;
    assert!(matches!(Search::new(config, hydrogen(), 1), Err(QasError::InvalidSetting { .. })));
}

#[test]
fn a_misspelt_key_is_refused() {
    for text in ["epsiodes = 3", "[agent.dqn]\nhiden = [3]", "[agent.dqnn]", "[environment.reward]\nsucess = 1.0"] {
        assert!(toml::from_str::<SearchConfig>(text).is_err(), "{text}");
    }
    let resolved = toml::to_string(&small()).expect("serialises");
    assert_eq!(toml::from_str::<SearchConfig>(&resolved).expect("its own output"), small());
}
