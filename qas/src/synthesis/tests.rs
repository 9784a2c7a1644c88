//! Paths against what is known of shortest circuits, and circuits against their matrices.

use std::collections::HashSet;

use qloom_circuits::synthesis::weyl;
use qloom_circuits::{Circuit, Matrix, Stream};

use super::*;
use crate::QasError;
use crate::environment::coupling::Coupling;

fn clifford(qubits: usize, coupling: Coupling) -> AnySpace {
    AnySpace::new(&SpaceConfig::Clifford(CliffordConfig { qubits, coupling })).expect("valid")
}

fn unitary(qubits: usize, gates: &[&str]) -> AnySpace {
    let text = format!("qubits = {qubits}\ngates = {gates:?}\n");
    AnySpace::new(&SpaceConfig::Unitary(toml::from_str(&text).expect("valid"))).expect("valid")
}

fn small(rounds: u64) -> LearningConfig {
    LearningConfig { hidden: vec![32], rounds, updates: 40, batch: 64, scramble: 5, ..LearningConfig::default() }
}

fn matrix(circuit: &Circuit) -> Matrix {
    circuit.unitary(&[]).expect("valid")
}

/// How far two matrices are apart whatever their phases.
fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let phase = num_complex::Complex64::cis(weyl::phase_between(a, b));
    a.scaled(phase).distance(b)
}

/// The cost of a circuit's matrix by a search that finds the cheapest path.
fn cheapest(space: &impl Space, circuit: &Circuit) -> f32 {
    let mut learning = ActionValues::new(space, &[2], 1e-3, &mut Stream::named(1, "unused")).expect("valid");
    let limits = SearchLimits { weight: 1.0, batch: 1, states: 10_000_000, ..SearchLimits::default() };
    let target = matrix(circuit);
    let course = best_first(space, &mut learning, space.state(&target).expect("valid"), Method::Blind, &limits).expect("valid");
    let path = course.path.expect("valid");
    let made = space.circuit(&target, &path).expect("valid");
    assert!(distance(&matrix(&made), &target) < 1e-9, "{made:?}");
    course.cost
}

/// The group has |Sp(6, 2)| = 1451520 elements but for Paulis, 216 of them products of one-qubit gates.
#[test]
fn actions_reach_every_clifford_class_on_three_qubits() {
    for (coupling, farthest) in [(Coupling::All, 6), (Coupling::Line, 7)] {
        let space = clifford(3, coupling);
        let mut known = HashSet::from([space.goal()]);
        let mut rings = vec![vec![space.goal()]];
        while let Some(ring) = rings.last().filter(|ring| !ring.is_empty()) {
            let next: Vec<AnyState> = ring
                .iter()
                .flat_map(|state| (0..space.actions()).map(|action| space.apply(state, action)))
                .filter(|state| known.insert(state.clone()))
                .collect();
            rings.push(next);
        }
        assert_eq!(known.len(), 1_451_520 / 216);
        // the last ring is empty
        assert_eq!(rings.len() - 2, farthest);
    }
}

#[test]
fn known_circuits_have_their_known_sizes() {
    let circuit = |n, build: fn(&mut Circuit)| {
        let mut circuit = Circuit::new(n);
        build(&mut circuit);
        circuit
    };
    let swap = circuit(3, |circuit| {
        circuit.swap(0, 2);
    });
    assert_eq!(cheapest(&clifford(3, Coupling::All), &swap), 3.0);
    let far = circuit(3, |circuit| {
        circuit.h(1).cx(0, 2).s(2);
    });
    assert_eq!(cheapest(&clifford(3, Coupling::Line), &far), 4.0);
    let iswap = circuit(2, |circuit| {
        circuit.iswap(0, 1);
    });
    assert_eq!(cheapest(&clifford(2, Coupling::All), &iswap), 2.0);
    // a controlled S takes two cx and three gates T
    let controlled = circuit(2, |circuit| {
        circuit.cp(std::f64::consts::FRAC_PI_2, 0, 1);
    });
    assert!((cheapest(&unitary(2, &["t", "cx"]), &controlled) - 2.6).abs() < 1e-5);
    // sx, up to a phase, between two h is s
    let sx = circuit(1, |circuit| {
        circuit.sx(0);
    });
    assert!((cheapest(&unitary(1, &["h", "s"]), &sx) - 0.6).abs() < 1e-6);
    assert!(
        (cheapest(
            &unitary(1, &["rz", "sx"]),
            &circuit(1, |circuit| {
                circuit.h(0);
            })
        ) - 0.6)
            .abs()
            < 1e-6
    );
}

#[test]
fn compound_actions_are_their_parts() {
    let four = clifford(4, Coupling::All);
    assert_eq!(Compound::new(four.clone(), Reach::Gates).expect("valid").actions(), 54);
    // three ways to pair four qubits, nine actions each
    assert_eq!(Compound::new(four.clone(), Reach::Moments).expect("valid").actions(), 54 + 3 * 81);
    assert_eq!(Compound::new(four, Reach::Pairs).expect("valid").actions(), 54 + 54 * 54 - 3 * 81);
    let space = clifford(3, Coupling::All);
    let pairs = Compound::new(space.clone(), Reach::Pairs).expect("valid");
    let mut stream = Stream::named(3, "paths");
    let mut unused = ActionValues::new(&space, &[2], 1e-3, &mut stream).expect("valid");
    let limits = SearchLimits { weight: 1.0, ..SearchLimits::default() };
    for _ in 0..10 {
        let target = matrix(&pairs.draw(8, &mut stream));
        let (mut path, mut state) = (Vec::new(), pairs.state(&target).expect("valid"));
        let course = best_first(&space, &mut unused, state.clone(), Method::Blind, &limits).expect("valid");
        for two in course.path.expect("within the limits").chunks(2) {
            let after = two.iter().fold(state.clone(), |state, &single| space.apply(&state, single));
            let same = |&action: &usize| pairs.cost(action) == two.len() as f32 && pairs.apply(&state, action) == after;
            path.push((0..pairs.actions()).find(same).expect("every pair is an action, in one order or the other"));
            state = after;
        }
        assert_eq!(state, pairs.goal());
        assert!(distance(&matrix(&pairs.circuit(&target, &path).expect("valid")), &target) < 1e-9);
    }
}

#[test]
fn learned_values_find_circuits_that_do_the_same() {
    for (space, gates, learns) in [(clifford(3, Coupling::All), 9, true), (unitary(2, &["h", "s", "cx"]), 6, false)] {
        let mut learning = Learning::new(space, small(10), 5).expect("valid");
        let events: Vec<LearningEvent> = std::iter::from_fn(|| learning.step().expect("valid")).collect();
        // each round sees one action farther
        assert!(events[9].to_go > events[0].to_go + 0.5, "{events:?}");
        let mut stream = Stream::named(9, "targets");
        let (mut asked, mut found) = ([0, 0], 0);
        for _ in 0..10 {
            let circuit = learning.space().draw(gates, &mut stream);
            let target = matrix(&circuit);
            let (space, values) = learning.parts_mut();
            let start = space.state(&target).expect("valid");
            for (number, method) in [Method::QStar, Method::AStar].into_iter().enumerate() {
                let course = best_first(space, values, start.clone(), method, &SearchLimits::default()).expect("valid");
                let Some(path) = course.path else { continue };
                found += 1;
                asked[number] += course.evaluated;
                let cost: f32 = path.iter().map(|&action| space.cost(action)).sum();
                assert!((cost - course.cost).abs() < 1e-4);
                assert!(distance(&matrix(&space.circuit(&target, &path).expect("valid")), &target) < 1e-9);
                assert!(cost >= cheapest(space, &circuit) - 1e-4);
            }
        }
        assert_eq!(found, 20);
        // values of so little learning as those of unitaries lead astray
        assert!(asked[0] < asked[1] || !learns, "Q* asks once for all successors: {asked:?}");
    }
}

#[test]
fn a_learning_that_is_cut_goes_on_bit_for_bit() {
    let new =
        || Learning::new(Compound::new(clifford(3, Coupling::Ring), Reach::Moments).expect("valid"), small(4), 2).expect("valid");
    let mut whole = new();
    let events: Vec<LearningEvent> = std::iter::from_fn(|| whole.step().expect("valid")).collect();
    let mut first = new();
    first.step().expect("valid");
    let state = first.state().expect("valid");
    let mut second = new();
    second.resume(&state).expect("valid");
    let rest: Vec<LearningEvent> = std::iter::from_fn(|| second.step().expect("valid")).collect();
    assert_eq!(rest, events[1..]);
    assert_eq!(second.state().expect("valid"), whole.state().expect("valid"));
    assert!(matches!(new().resume(&state[..state.len() / 2]), Err(QasError::Corrupt { .. })));
    let mut other = Learning::new(clifford(3, Coupling::All), LearningConfig { hidden: vec![33], ..small(4) }, 2).expect("valid");
    assert!(matches!(other.resume(&state), Err(QasError::OtherSearch { .. })));
}

#[test]
fn limits_end_a_search_without_a_path() {
    let space = clifford(5, Coupling::All);
    let mut values = ActionValues::new(&space, &[8], 1e-3, &mut Stream::named(1, "weights")).expect("valid");
    let start = space.state(&matrix(&space.draw(20, &mut Stream::named(1, "target")))).expect("valid");
    for method in [Method::QStar, Method::AStar, Method::Blind] {
        let limits = SearchLimits { states: 300, ..SearchLimits::default() };
        let course = best_first(&space, &mut values, start.clone(), method, &limits).expect("valid");
        assert_eq!(course.path, None);
        assert!(course.states >= 300 && course.states <= 300 + space.actions(), "{}", course.states);
        let one = best_first(&space, &mut values, space.goal(), method, &limits).expect("valid");
        assert_eq!(one.path, Some(Vec::new()));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let space = |text: &str| toml::from_str::<SpaceConfig>(text).map(|config| AnySpace::new(&config));
    assert!(matches!(space("clifford = { qubits = 7 }"), Ok(Err(QasError::InvalidSetting { .. }))));
    assert!(matches!(space("clifford = { qubits = 4, coupling = [[0, 1]] }"), Ok(Err(QasError::InvalidSetting { .. }))));
    assert!(matches!(space("clifford = { qubits = 2, coupling = [[0, 2]] }"), Ok(Err(QasError::InvalidCoupling { .. }))));
    assert!(matches!(space("unitary = { qubits = 2, gates = [\"ccx\"] }"), Ok(Err(QasError::UnsuitableGate { .. }))));
    assert!(matches!(space("unitary = { qubits = 2, gates = [\"no\"] }"), Ok(Err(QasError::UnknownGate { .. }))));
    assert!(matches!(space("unitary = { qubits = 1, gates = [\"cx\"] }"), Ok(Err(QasError::InvalidSetting { .. }))));
    assert!(matches!(space("unitary = { qubits = 1, one_qubit_cost = 0.0 }"), Ok(Err(QasError::InvalidSetting { .. }))));
    assert!(space("clifford = { qubits = 3, gates = 2 }").is_err());
    let three = clifford(3, Coupling::All);
    let mut circuit = Circuit::new(3);
    circuit.t(0);
    assert!(matches!(three.state(&matrix(&circuit)), Err(QasError::InvalidSetting { .. })));
    assert!(matches!(three.state(&Matrix::identity(2)), Err(QasError::InvalidSetting { .. })));
    assert!(matches!(three.circuit(&Matrix::identity(3), &[0]), Err(QasError::InvalidSetting { .. })));
    for config in [
        LearningConfig { hidden: vec![], ..small(1) },
        LearningConfig { batch: 0, ..small(1) },
        LearningConfig { scramble: 0, ..small(1) },
        LearningConfig { learning_rate: f64::NAN, ..small(1) },
        LearningConfig { blind: 1.5, ..small(1) },
        LearningConfig { hidden: vec![8192; 8], ..small(1) },
    ] {
        assert!(matches!(Learning::new(three.clone(), config, 1), Err(QasError::InvalidSetting { .. })));
    }
    assert!(SearchLimits { weight: 2.0, ..SearchLimits::default() }.check().is_err());
    assert!(Compound::new(unitary(3, &["rx", "ry", "rz", "crx"]), Reach::Pairs).is_ok());
}
