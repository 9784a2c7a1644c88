use qloom_circuits::{PauliString, PauliSum};
use qloom_optim::MinimizerConfig;

use super::*;
use crate::objective::{Objective, ObjectiveConfig};
use crate::search::config::SimulatorChoice;
use crate::{AgentConfig, AnnealingConfig, Event, GeneticConfig, LayersConfig, LocalConfig, RandomConfig, Search, SearchConfig};

/// Three spins, XX + YY + ZZ on both bonds; the lowest energy is -4.
fn heisenberg() -> Problem {
    let words = ["XXI", "YYI", "ZZI", "IXX", "IYY", "IZZ"];
    let terms = words.map(|word| (PauliString::from_word(word).expect("letters"), 1.0));
    let problem = Problem::new("three spins", PauliSum::new(3, terms).expect("fits")).expect("valid");
    problem.with_exact_energy(-4.0).expect("finite")
}

/// A circuit of gates that are actions, of energy below that of every basis state.
fn circuit() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.rx(std::f64::consts::PI, 0).ry(-1.2, 1).cx(1, 0).barrier(&[]).rz(0.3, 2);
    circuit
}

fn config(fixed: bool, agent: AgentConfig) -> SearchConfig {
    let mut config = SearchConfig { episodes: 4, agent, ..SearchConfig::default() };
    config.environment.start = Start::Qasm(QasmStart { file: "a.qasm".to_owned(), fixed });
    config.environment.max_gates = 9;
    config
}

fn dense(circuit: &Circuit, angles: &[f64]) -> f64 {
    let (unitary, hamiltonian) = (circuit.unitary(angles).expect("gates"), heisenberg().hamiltonian().matrix());
    let column: Vec<_> = (0..8).map(|row| unitary[(row, 0)]).collect();
    (0..8).flat_map(|a| (0..8).map(move |b| (a, b))).map(|(a, b)| (column[a].conj() * hamiltonian[(a, b)] * column[b]).re).sum()
}

fn begun(config: &SearchConfig) -> Result<Search, QasError> {
    Search::new(config.clone(), heisenberg().with_start(circuit()).expect("fits"), 3)
}

/// Everyone begins with the circuit, keeps it or not, and goes on bit for bit.
#[test]
fn agents_and_walks_begin_with_the_circuit() {
    let energy = dense(&circuit(), &[]);
    for agent in [
        AgentConfig::Local(LocalConfig::default()),
        AgentConfig::Annealing(AnnealingConfig::default()),
        AgentConfig::Genetic(GeneticConfig::default()),
        AgentConfig::Random(RandomConfig {}),
    ] {
        for fixed in [false, true] {
            let config = config(fixed, agent.clone());
            let mut search = begun(&config).expect("valid");
            let mut cut = begun(&config).expect("valid");
            while let event @ Event::Episode(_) = search.step().expect("steps") {
                assert_eq!(cut.step().expect("steps"), event);
                let problem = heisenberg().with_start(circuit()).expect("fits");
                cut = Search::resume(config.clone(), problem, &cut.state()).expect("just saved");
            }
            assert_eq!(cut.state(), search.state());
            let best = search.best().expect("builds").expect("one was found");
            assert!(best.energy < energy + 1e-9, "{agent:?} {} {energy}", best.energy);
            assert!((dense(&best.circuit, &best.angles) - best.energy).abs() < 1e-10, "{agent:?} {fixed}");
            let bound = best.bound();
            let metrics = bound.metrics();
            assert_eq!((metrics.gates, metrics.two_qubit_gates, bound.depth()), (best.gates, best.two_qubit_gates, best.depth));
            if fixed {
                assert_eq!(bound.operations()[..5], *circuit().operations());
            }
            let other = heisenberg().with_start(Circuit::new(3)).expect("fits");
            assert!(matches!(Search::resume(config, other, &search.state()), Err(QasError::OtherSearch { .. })));
        }
    }
}

/// Behind fixed gates energies, slopes and occupations are those of the whole circuit, whoever simulates.
#[test]
fn fixed_gates_come_before_all_others() {
    let problem = heisenberg().with_start(circuit()).expect("fits");
    let pauli_vector: crate::PauliVectorChoice = toml::from_str("").expect("defaults");
    for simulator in [SimulatorChoice::default(), SimulatorChoice::PauliVector(Box::new(pauli_vector))] {
        let objective = || {
            let config = ObjectiveConfig::default();
            Objective::new(config, &simulator, &MinimizerConfig::default(), &problem, 1).expect("valid")
        };
        let (mut behind, mut plain) = (objective(), objective());
        behind.begin_with(&circuit()).expect("gates");
        let mut rest = Circuit::new(3);
        rest.ry(0.4, 2).cx(2, 1);
        let mut whole = circuit();
        whole.append(&rest).expect("fits");
        let energy = behind.energy(&rest, &[]).expect("simulates");
        assert!((energy - dense(&whole, &[])).abs() < 1e-12);
        let strings = ["YII", "IXY", "ZIX"].map(|word| PauliString::from_word(word).expect("letters"));
        for at in 0..=2 {
            let slopes = behind.slopes(&rest, at, &strings).expect("simulates");
            let expected = plain.slopes(&whole, at + circuit().operations().len(), &strings).expect("simulates");
            assert!(slopes.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{slopes:?} {expected:?}");
        }
    }
}

#[test]
fn circuits_that_cannot_be_begun_with_are_refused() {
    let agent = || AgentConfig::Random(RandomConfig {});
    let said = |result: Result<Search, QasError>| match result {
        Err(QasError::InvalidSetting { requirement, .. }) => requirement,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken"),
    };
    let with = |circuit: Circuit, fixed: bool| Search::new(config(fixed, agent()), heisenberg().with_start(circuit)?, 1);
    let mut hadamard = Circuit::new(3);
    hadamard.h(0);
    assert!(said(with(hadamard.clone(), false)).contains("fixed = true"));
    assert!(with(hadamard, true).is_ok(), "fixed gates can be any");
    assert!(said(Search::new(config(false, agent()), heisenberg(), 1)).contains("with_start"));
    assert!(said(with(Circuit::new(2), true)).contains("the problem has 3"));
    let mut measured = Circuit::new(3);
    measured.add_bits("c", 1);
    measured.measure(0, 0);
    assert!(said(with(measured, true)).contains("made of gates"));
    let mut free = Circuit::new(3);
    free.ry(qloom_circuits::Angle::free(0), 0);
    assert!(said(with(free, true)).contains("values first"));
    let mut short = config(false, agent());
    short.environment.max_gates = 4;
    assert!(said(begun(&short)).contains("above 4"));
    assert!(said(begun(&config(true, AgentConfig::Layers(LayersConfig::default())))).contains("their own"));
}

fn product(bond: usize, layers: usize, fixed: bool) -> Start {
    Start::MatrixProduct(MatrixProductStart { bond, layers, fixed })
}

/// The state is that of its bond dimension, its gates are counted, and a search goes on from it.
#[test]
fn a_search_begins_with_a_matrix_product_state() {
    // three spins of which a bond of 2 holds every state
    for fixed in [false, true] {
        let mut config = config(fixed, AgentConfig::Random(RandomConfig {}));
        config.environment.start = product(2, 1, fixed);
        config.environment.max_gates = 30;
        config.episodes = 2;
        let mut search = Search::new(config.clone(), heisenberg(), 3).expect("valid");
        let mut cut = Search::new(config.clone(), heisenberg(), 3).expect("valid");
        while let event @ Event::Episode(_) = search.step().expect("steps") {
            assert_eq!(cut.step().expect("steps"), event);
            cut = Search::resume(config.clone(), heisenberg(), &cut.state()).expect("just saved");
        }
        assert_eq!(cut.state(), search.state());
        let best = search.best().expect("builds").expect("one was found");
        assert!((best.energy + 4.0).abs() < 1e-8, "{}", best.energy);
        assert!((dense(&best.circuit, &best.angles) - best.energy).abs() < 1e-10);
        assert!(!fixed || best.two_qubit_gates >= 3);
    }
    let walk = |start: Start| {
        let mut config = config(false, AgentConfig::Local(LocalConfig::default()));
        config.environment.start = start;
        config.environment.max_gates = 30;
        Search::new(config, heisenberg(), 1)
    };
    let mut local = walk(product(2, 1, false)).expect("valid");
    local.step().expect("steps");
    assert!((local.best().expect("builds").expect("the start").energy + 4.0).abs() < 1e-8);
    for (bond, layers) in [(0, 1), (9, 1), (2, 0), (2, 17)] {
        assert!(matches!(walk(product(bond, layers, false)), Err(QasError::InvalidSetting { .. })));
    }
    let mut config = config(false, AgentConfig::Random(RandomConfig {}));
    config.environment.start = product(2, 1, true);
    let amplitudes = [0.6, 0.0, 0.0, 0.8].map(num_complex::Complex64::from);
    assert!(Search::new(config, Problem::state("a state", &amplitudes).expect("normalised"), 1).is_err());
}
