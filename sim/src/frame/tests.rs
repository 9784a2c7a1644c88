//! Frames against the distributions of density operators.

use std::collections::BTreeMap;

use qloom_circuits::{Channel, Condition, Conditional, Gate, Operation, Pauli, PauliString};

use super::*;
use crate::execute::Executable;
use crate::state::PauliVector;

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

/// The probability of every outcome.
fn exact(circuit: &Circuit, flips: &[[f64; 2]]) -> BTreeMap<u64, f64> {
    let executable = Executable::<PauliVector>::new(circuit).expect("compiles");
    let all: Vec<usize> = (0..circuit.num_qubits()).collect();
    let mut distribution = BTreeMap::new();
    for branch in executable.branches(4096, flips, config()).expect("few branches") {
        let measured = executable.measures();
        for (index, p) in branch.state.probabilities(&all).expect("in range").into_iter().enumerate() {
            // what is read of each last measurement, or of all qubits
            let places: Vec<(usize, usize)> =
                if measured { executable.last().to_vec() } else { all.iter().map(|&q| (q, q)).collect() };
            for read in 0..1u64 << places.len() {
                let (mut record, mut share) = (branch.record.clone(), p * branch.probability);
                for (place, &(qubit, bit)) in places.iter().enumerate() {
                    let (is, reads) = (index >> qubit & 1 == 1, read >> place & 1 == 1);
                    let wrong = flips.get(qubit).copied().unwrap_or_default()[usize::from(is)];
                    share *= if is == reads { 1.0 - wrong } else { wrong };
                    record.set(bit, reads);
                }
                *distribution.entry(record.word()).or_insert(0.0) += share;
            }
        }
    }
    distribution.retain(|_, p| *p > 1e-14);
    distribution
}

/// Every outcome as often as it should be, to six standard errors.
fn agrees(circuit: &Circuit, flips: &[[f64; 2]], seed: u64) {
    const SHOTS: u64 = 60_000;
    let frames = PauliFrames::new(circuit, flips, config()).expect("Clifford");
    let counts = frames.counts(SHOTS, &mut Stream::named(seed, "shots")).expect("shots");
    assert_eq!(counts.shots(), SHOTS);
    let exact = exact(circuit, flips);
    for (outcome, _) in counts.iter() {
        assert!(exact.contains_key(&outcome.word()), "{outcome:?} cannot be");
    }
    for (outcome, p) in exact {
        let (seen, shots) = (counts.get(outcome) as f64, SHOTS as f64);
        let error = (shots * p * (1.0 - p)).sqrt();
        assert!((seen - shots * p).abs() < 6.0 * error + 1.0, "{outcome:b}: {seen} of {shots} for {p}");
    }
}

fn noise(circuit: &mut Circuit, channel: Result<Channel, qloom_circuits::CircuitError>, qubits: &[usize]) {
    circuit.push(Operation::Channel { channel: channel.expect("physical"), qubits: qubits.into() }).expect("fits");
}

/// A drawn circuit on three qubits with everything that frames follow.
fn drawn(stream: &mut Stream) -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.add_bits("c", 5);
    let (mut bit, mut resets) = (0, 0);
    for _ in 0..14 {
        let mut qubits = [0, 1, 2];
        stream.shuffle(&mut qubits);
        let [a, b, c] = qubits;
        match stream.below(16) {
            0 | 1 => _ = circuit.h(a),
            2 => _ = circuit.s(a).sx(b),
            3 => _ = circuit.cx(a, b),
            4 => _ = circuit.cz(a, b).y(a),
            5 => _ = circuit.swap(a, b).sdg(a),
            6 => {
                circuit.push(Operation::gate(Gate::Cy, &[], &[b, c])).expect("fits");
                circuit.push(Operation::gate(Gate::Iswap, &[], &[a, b])).expect("fits");
            }
            7 | 8 => {
                let pauli = PauliString::from_letters([(a, Pauli::X), (b, Pauli::Y), (c, Pauli::Z)]);
                let angle = std::f64::consts::FRAC_PI_2 * (1 + stream.below(3)) as f64;
                circuit.push(Operation::PauliRotation { pauli, angle: angle.into() }).expect("fits");
            }
            9 => noise(&mut circuit, Channel::depolarizing(0.3, 2), &[a, b]),
            10 => noise(&mut circuit, Channel::bit_flip(0.2), &[a]),
            11 => noise(&mut circuit, Channel::depolarizing(0.1, 1), &[b]),
            12 if resets < 2 => {
                resets += 1;
                circuit.reset(a);
            }
            13 if bit > 0 => {
                let block = |gate, qubit| vec![Operation::gate(gate, &[], &[qubit])];
                let condition = Condition { bits: (0..bit.min(2)).collect(), value: stream.below(3) as u64 };
                let block = Conditional { condition, then: block(Gate::Y, a), otherwise: block(Gate::X, b) };
                circuit.push(Operation::Conditional(Box::new(block))).expect("fits");
            }
            _ if bit < 5 => {
                circuit.measure(a, bit);
                bit += 1;
            }
            _ => _ = circuit.h(c),
        }
    }
    circuit
}

#[test]
fn drawn_circuits_have_the_right_distributions() {
    for seed in 0..60 {
        let mut stream = Stream::named(seed, "circuit");
        let circuit = drawn(&mut stream);
        let flips = if seed % 2 == 0 { vec![] } else { vec![[0.1, 0.25], [0.0, 0.0], [0.3, 0.05]] };
        agrees(&circuit, &flips, seed);
    }
}

#[test]
fn wide_rotations_and_unmeasured_qubits() {
    let mut circuit = Circuit::new(5);
    circuit.h(0).cx(0, 3).s(1);
    let pauli = PauliString::from_word("XYZXY").expect("a word");
    circuit.push(Operation::PauliRotation { pauli, angle: std::f64::consts::FRAC_PI_2.into() }).expect("fits");
    noise(&mut circuit, Channel::depolarizing(0.2, 1), &[4]);
    circuit.push(Operation::PauliRotation { pauli, angle: std::f64::consts::PI.into() }).expect("fits");
    circuit.h(2);
    agrees(&circuit, &[[0.0, 0.2]], 3);
}

#[test]
fn tables_do_not_depend_on_threads() {
    let circuit = drawn(&mut Stream::named(11, "circuit"));
    let draw = |threads| {
        let frames = PauliFrames::new(&circuit, &[], SimulatorConfig { threads, ..config() }).expect("Clifford");
        let mut packed = Vec::new();
        frames
            .sample(5000, &mut Stream::named(5, "shots"), |table| {
                packed.extend(table.packed());
                ControlFlow::Continue(())
            })
            .expect("shots");
        packed
    };
    let one = draw(1);
    assert_eq!(one.len(), 5000);
    assert_eq!(one, draw(3));
}

#[test]
fn columns_records_and_bytes_are_the_same_bits() {
    let mut circuit = Circuit::new(70);
    (0..70).for_each(|qubit| _ = circuit.h(qubit));
    circuit.cx(3, 69);
    let frames = PauliFrames::new(&circuit, &[], config()).expect("Clifford");
    let mut sizes = Vec::new();
    frames
        .sample(1500, &mut Stream::named(2, "shots"), |table| {
            sizes.push(table.shots());
            let packed = table.packed();
            assert_eq!(packed.len(), 9 * table.shots());
            for (shot, record) in table.records().enumerate() {
                for bit in 0..70 {
                    let set = table.column(bit)[shot / 64] >> (shot % 64) & 1 == 1;
                    assert_eq!((record.get(bit), packed[9 * shot + bit / 8] >> (bit % 8) & 1 == 1), (set, set));
                }
            }
            ControlFlow::Continue(())
        })
        .expect("shots");
    assert_eq!(sizes, [1024, 476]);
}

#[test]
fn what_frames_do_not_follow_is_refused() {
    let refused = |circuit: &Circuit| PauliFrames::new(circuit, &[], config()).expect_err("refused").to_string();
    assert!(refused(Circuit::new(1).t(0)).contains("no Clifford gate"));
    let mut damped = Circuit::new(1);
    noise(&mut damped, Channel::amplitude_damping(0.1), &[0]);
    assert!(refused(&damped).contains("no mixture of Pauli errors"));
    let mut conditioned = Circuit::new(1);
    conditioned.add_bits("c", 1);
    conditioned.measure(0, 0);
    let condition = Condition { bits: vec![0], value: 1 };
    let block = Conditional { condition, then: vec![Operation::gate(Gate::H, &[], &[0])], otherwise: vec![] };
    conditioned.push(Operation::Conditional(Box::new(block))).expect("fits");
    assert!(refused(&conditioned).contains("more than Pauli gates"));
    let frames = PauliFrames::new(&Circuit::new(1), &[], config()).expect("empty");
    assert!(frames.counts(0, &mut Stream::named(1, "shots")).is_err());
    let stopped = frames.sample(10, &mut Stream::named(1, "shots"), |_| ControlFlow::Break(()));
    assert_eq!(stopped, Err(SimError::Stopped));
    let small = SimulatorConfig { memory_limit: 100, ..config() };
    assert!(matches!(PauliFrames::new(&Circuit::new(90), &[], small), Err(SimError::MemoryLimit { .. })));
}
