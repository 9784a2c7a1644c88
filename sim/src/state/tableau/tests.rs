use std::f64::consts::FRAC_PI_2;

use qloom_circuits::{Angle, Channel, Circuit, Condition, Conditional, Gate, Operation, PauliSum, Stream, library};

use super::*;
use crate::execute::Executable;
use crate::program::Program;
use crate::state::{State, StateVector};

const GATES: [(Gate, usize); 16] = [
    (Gate::H, 1),
    (Gate::S, 1),
    (Gate::Sdg, 1),
    (Gate::X, 1),
    (Gate::Y, 1),
    (Gate::Z, 1),
    (Gate::Sx, 1),
    (Gate::Rx, 1),
    (Gate::Rz, 1),
    (Gate::Cx, 2),
    (Gate::Cz, 2),
    (Gate::Cy, 2),
    (Gate::Swap, 2),
    (Gate::Iswap, 2),
    (Gate::Ecr, 2),
    (Gate::Rzz, 2),
];

/// Random Clifford gates, rotations about strings of any length among them.
fn push_random(circuit: &mut Circuit, count: usize, stream: &mut Stream) {
    let n = circuit.num_qubits();
    for _ in 0..count {
        let angle = FRAC_PI_2 * (stream.below(9) as f64 - 4.0);
        if stream.below(6) == 0 {
            let mask = (1 << n.min(64)) - 1;
            let pauli = PauliString::from_masks(stream.word() & mask, stream.word() & mask);
            circuit.push(Operation::PauliRotation { pauli, angle: angle.into() }).expect("it fits");
            continue;
        }
        let (gate, size) = GATES[stream.below(GATES.len())];
        if size > n {
            continue;
        }
        let mut qubits: Vec<usize> = (0..n).collect();
        stream.shuffle(&mut qubits);
        let angles = vec![Angle::from(angle); gate.num_parameters()];
        circuit.push(Operation::gate(gate, &angles, &qubits[..size])).expect("it fits");
    }
}

fn random(n: usize, count: usize, seed: u64) -> Circuit {
    let mut circuit = Circuit::new(n);
    push_random(&mut circuit, count, &mut Stream::numbered(seed, "clifford", n as u64));
    circuit
}

fn run<S: State>(circuit: &Circuit) -> S {
    let program = S::compile(circuit).expect("Clifford gates");
    S::prepared(&program, &[], SimulatorConfig::default(), &mut S::Workspace::default()).expect("small")
}

#[test]
fn states_are_those_of_amplitudes() {
    for n in 1..=5 {
        for seed in 0..12 {
            let circuit = random(n, 40, seed);
            let (state, dense) = (run::<Tableau>(&circuit), run::<StateVector<f64>>(&circuit));
            let mut terms = Vec::new();
            for k in 0..1u64 << (2 * n) {
                let string = PauliString::from_masks(k >> n, k & ((1 << n) - 1));
                let found = state.pauli(string).expect("inside");
                assert!((found - dense.pauli(string).expect("inside")).abs() < 1e-9, "{n} {seed} {string}: {found}");
                terms.push((string, 0.1 * (k % 7) as f64));
            }
            let observable = Observable::new(&PauliSum::new(n, terms).expect("fits"));
            let difference = state.expectation(&observable).expect("fits") - dense.expectation(&observable).expect("fits");
            assert!(difference.abs() < 1e-8);
            let mut qubits: Vec<usize> = (0..n).collect();
            Stream::named(seed, "order").shuffle(&mut qubits);
            for count in 0..=n {
                let found = state.probabilities(&qubits[..count]).expect("distinct");
                let expected = dense.probabilities(&qubits[..count]).expect("distinct");
                assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{n} {seed} {count}");
            }
            for (found, expected) in state.expectation_z().iter().zip(dense.expectation_z()) {
                assert!((found - expected).abs() < 1e-9);
            }
            let counts = state.sample(4000, &mut Stream::named(seed, "shots"));
            for (outcome, p) in dense.probabilities(&(0..n).collect::<Vec<_>>()).expect("all").iter().enumerate() {
                let sigma = (4000.0 * p * (1.0 - p)).max(0.0).sqrt();
                assert!((counts.get(outcome as u64) as f64 - 4000.0 * p).abs() < 6.0 * sigma + 0.1);
            }
        }
    }
}

#[test]
fn projections_are_those_of_amplitudes() {
    for seed in 0..20 {
        let circuit = random(4, 30, seed);
        for (qubit, outcome) in (0..4).flat_map(|qubit| [(qubit, false), (qubit, true)]) {
            let (mut state, mut dense) = (run::<Tableau>(&circuit), run::<StateVector<f64>>(&circuit));
            if dense.probabilities(&[qubit]).expect("one")[usize::from(outcome)] < 1e-9 {
                assert!(state.project(qubit, outcome).is_err());
                continue;
            }
            state.project(qubit, outcome).expect("possible");
            dense.project(qubit, outcome).expect("possible");
            for k in 0..1u64 << 8 {
                let string = PauliString::from_masks(k >> 4, k & 15);
                let (found, expected) = (state.pauli(string).expect("inside"), dense.pauli(string).expect("inside"));
                assert!((found - expected).abs() < 1e-9, "{seed} {qubit} {outcome} {string}: {found} {expected}");
            }
        }
    }
}

/// Measurements, resets, conditions and Pauli noise, followed exactly: each record is as likely as with amplitudes.
#[test]
fn one_interpreter_follows_both() {
    for seed in 0..12 {
        let mut stream = Stream::named(seed, "program");
        let mut circuit = Circuit::new(3);
        circuit.add_bits("c", 4);
        push_random(&mut circuit, 8, &mut stream);
        circuit.measure(0, 0).reset(1);
        let mut branch = Circuit::new(3);
        push_random(&mut branch, 3, &mut stream);
        let then = branch.operations().to_vec();
        let block = Conditional { condition: Condition { bits: vec![0], value: 1 }, then, otherwise: Vec::new() };
        circuit.push(Operation::Conditional(Box::new(block))).expect("it fits");
        let channel = Channel::pauli([0.1, 0.05, 0.2]).expect("physical");
        circuit.push(Operation::Channel { channel, qubits: [2].into_iter().collect() }).expect("it fits");
        push_random(&mut circuit, 6, &mut stream);
        circuit.measure(0, 1).measure(1, 2).h(0).measure(2, 3).measure(0, 0);
        let config = SimulatorConfig::default();
        let distribution = |found: Vec<(u64, f64)>| {
            let mut all = vec![0.0; 16];
            found.into_iter().for_each(|(record, p)| all[record as usize] += p);
            all
        };
        fn records<S: crate::Branching>(circuit: &Circuit, config: SimulatorConfig) -> Vec<(u64, f64)> {
            let executable = Executable::<S>::new(circuit).expect("it compiles");
            let last = executable.last().to_vec();
            let mut found = Vec::new();
            for branch in executable.branches(10_000, &[], config).expect("few") {
                let qubits: Vec<usize> = last.iter().map(|&(qubit, _)| qubit).collect();
                for (outcome, p) in branch.state.probabilities(&qubits).expect("distinct").iter().enumerate() {
                    let mut record = branch.record.clone();
                    last.iter().enumerate().for_each(|(k, &(_, bit))| record.set(bit, outcome >> k & 1 == 1));
                    found.push((record.word(), p * branch.probability));
                }
            }
            found
        }
        let found = distribution(records::<Tableau>(&circuit, config));
        let expected = distribution(records::<StateVector<f64>>(&circuit, config));
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9), "{seed}: {found:?} {expected:?}");
        let counts = Executable::<Tableau>::new(&circuit).expect("compiles").counts(2000, config, &mut stream).expect("runs");
        for (record, p) in expected.iter().enumerate() {
            let sigma = (2000.0 * p * (1.0 - p)).max(0.0).sqrt();
            assert!((counts.get(record as u64) as f64 - 2000.0 * p).abs() < 6.0 * sigma + 0.1);
        }
    }
}

/// Words of rows end at 64: a circuit and its inverse on more qubits than that lead back.
#[test]
fn wide_circuits_are_undone_by_their_inverses() {
    for n in [63, 64, 65, 130] {
        let circuit = random(n, 600, 5);
        let mut both = circuit.clone();
        for operation in circuit.inverse().expect("gates").operations() {
            both.push(operation.clone()).expect("it fits");
        }
        let state = run::<Tableau>(&both);
        assert!(state.expectation_z().iter().all(|z| *z == 1.0), "{n}");
        assert!(state.equals(&Tableau::zero(n, SimulatorConfig::default()).expect("small")));
        assert!(!state.equals(&run(&circuit)), "{n}");
    }
    let state = run::<Tableau>(&library::ghz(1000));
    let counts = state.sample(200, &mut Stream::named(2, "shots"));
    let mut ones = crate::Record::default();
    (0..1000).for_each(|bit| ones.set(bit, true));
    assert!(counts.get(0) + counts.get(ones) == 200 && counts.get(0).abs_diff(100) < 40);
}

#[test]
fn rows_stay_a_symplectic_basis() {
    let mut state = run::<Tableau>(&random(5, 60, 9));
    for round in 0..5 {
        let outcome = state.expectation_z()[round] < 0.0;
        state.project(round, outcome).expect("possible");
        let rows: Vec<Vec<[bool; 2]>> = [0, state.half]
            .into_iter()
            .flat_map(|start| (0..5).map(move |row| (start, row)))
            .map(|(start, row)| {
                let of = |plane: &[u64], qubit: usize| plane[2 * state.half * qubit + start] >> row & 1 == 1;
                (0..5).map(|qubit| [of(&state.x, qubit), of(&state.z, qubit)]).collect()
            })
            .collect();
        let anticommute =
            |a: &[[bool; 2]], b: &[[bool; 2]]| a.iter().zip(b).filter(|(a, b)| (a[0] && b[1]) != (a[1] && b[0])).count() % 2 == 1;
        for i in 0..10 {
            for j in 0..10 {
                assert_eq!(anticommute(&rows[i], &rows[j]), i.abs_diff(j) == 5, "{i} {j}");
            }
        }
    }
}

#[test]
fn what_is_no_clifford_circuit_is_refused() {
    let message = |circuit: &Circuit| CliffordProgram::new(circuit).expect_err("refused").to_string();
    for circuit in [Circuit::new(1).t(0), Circuit::new(1).rx(0.3, 0), Circuit::new(3).ccx(0, 1, 2)] {
        assert!(message(circuit).contains("no Clifford gate"), "{}", message(circuit));
    }
    let mut wide = Circuit::new(5);
    wide.push(Operation::PauliRotation { pauli: PauliString::from_word("XYZXZ").expect("a word"), angle: 0.4.into() })
        .expect("fits");
    assert!(message(&wide).contains("no Clifford gate"));
    assert!(message(Circuit::new(1).ry(Angle::free(0), 0)).contains("a free parameter"));
    let mut measured = Circuit::new(1);
    measured.add_bits("c", 1);
    measured.measure(0, 0);
    assert!(message(&measured).contains("a measurement"));
    let mut noisy = Circuit::new(1);
    let channel = Channel::amplitude_damping(0.1).expect("physical");
    noisy.push(Operation::Channel { channel, qubits: [0].into_iter().collect() }).expect("fits");
    assert!(Executable::<Tableau>::new(&noisy).is_err_and(|error| error.to_string().contains("Pauli errors")));
    let small = SimulatorConfig { memory_limit: 1000, ..SimulatorConfig::default() };
    assert!(matches!(Tableau::zero(1000, small), Err(SimError::MemoryLimit { .. })));
    let mut state = Tableau::zero(3, SimulatorConfig::default()).expect("small");
    assert!(state.apply(&CliffordProgram::new(&Circuit::new(2)).expect("empty"), &[], &mut ()).is_err());
    assert!(state.apply(&CliffordProgram::new(&Circuit::new(3)).expect("empty"), &[1.0], &mut ()).is_err());
    assert!(state.pauli(PauliString::from_masks(8, 0)).is_err() && state.project(3, false).is_err());
    assert!(state.probabilities(&[0, 0]).is_err() && state.expectation(&Observable::new(&PauliSum::z(0, 2))).is_err());
    assert!(Program::new(Circuit::new(1).t(0)).is_ok());
}
