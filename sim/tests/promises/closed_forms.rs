//! Circuits whose outcomes are known in closed form, from the textbooks: searches, phases, codes, walks, decay.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use num_complex::Complex64;
use qloom_circuits::{Channel, Circuit, Condition, Conditional, Gate, Matrix, Operation, PauliString, PauliSum, library};
use qloom_sim::{Branching, Executable, Observable, PauliProgram, PauliVector, Program, SimulatorConfig, StateVector, mixture};

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

fn pure(circuit: &Circuit) -> StateVector<f64> {
    let mut state = StateVector::zero(circuit.num_qubits(), config()).expect("small");
    state.run(&Program::new(circuit).expect("gates"), &[]).expect("no parameters");
    state
}

fn noisy(circuit: &Circuit) -> PauliVector {
    let mut state = PauliVector::zero(circuit.num_qubits(), config()).expect("small");
    state.run(&PauliProgram::new(circuit).expect("gates and channels"), &[]).expect("no parameters");
    state
}

fn probability(state: &StateVector<f64>, index: usize) -> f64 {
    state.amplitude(index).norm_sqr()
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-11, "{found}, expected {expected}");
}

/// X on the last qubit where all others, and it, are one, up to Hadamards: a sign for the state of ones.
fn sign_of_ones(circuit: &mut Circuit, qubits: usize) {
    let matrix = Gate::Z.matrix(&[]);
    let controls = (0..qubits - 1).collect();
    circuit.push(Operation::Unitary { matrix, controls, qubits: [qubits - 1].into_iter().collect() }).expect("it fits");
}

fn hadamards(circuit: &mut Circuit, qubits: usize) {
    for qubit in 0..qubits {
        circuit.h(qubit);
    }
}

fn flip_zeros(circuit: &mut Circuit, qubits: usize, word: usize) {
    for qubit in (0..qubits).filter(|qubit| word >> qubit & 1 == 0) {
        circuit.x(qubit);
    }
}

/// Grover's search: after k steps the marked word has probability sin^2((2k + 1) theta), sin theta = 2^(-n/2).
#[test]
fn searches_turn_by_their_angle() {
    for n in 2..=9usize {
        let marked = 0x155 & ((1 << n) - 1);
        let theta = (-(n as f64) / 2.0).exp2().asin();
        let mut circuit = Circuit::new(n);
        hadamards(&mut circuit, n);
        for steps in 0..6 {
            close(probability(&pure(&circuit), marked), ((2 * steps + 1) as f64 * theta).sin().powi(2));
            flip_zeros(&mut circuit, n, marked);
            sign_of_ones(&mut circuit, n);
            flip_zeros(&mut circuit, n, marked);
            hadamards(&mut circuit, n);
            flip_zeros(&mut circuit, n, 0);
            sign_of_ones(&mut circuit, n);
            flip_zeros(&mut circuit, n, 0);
            hadamards(&mut circuit, n);
        }
    }
}

/// Phase estimation: the probability of an outcome is the square of a geometric sum.
#[test]
fn phases_are_estimated_as_geometric_sums_say() {
    let (n, size) = (5usize, 32usize);
    for phase in [0.0, 0.25, 0.3, 1.0 / 3.0, 0.99] {
        let mut circuit = Circuit::new(n + 1);
        circuit.x(n);
        for qubit in 0..n {
            circuit.h(qubit).cp(TAU * phase * f64::from(1u32 << qubit), qubit, n);
        }
        let mut whole = circuit.clone();
        let inverse = library::qft(n).inverse().expect("gates").spread(&(0..n).collect::<Vec<_>>(), n + 1);
        whole.append(&inverse).expect("it fits");
        let state = pure(&whole);
        for outcome in 0..size {
            let off = phase - outcome as f64 / size as f64;
            let sum: Complex64 = (0..size).map(|k| Complex64::cis(TAU * off * k as f64)).sum();
            close(probability(&state, outcome | size), (sum / size as f64).norm_sqr());
        }
    }
}

/// Bernstein and Vazirani: one question tells the whole secret, up to twenty qubits.
#[test]
fn secrets_are_told_by_one_question() {
    for n in [3usize, 13, 20] {
        let secret = 0xb_5a6d & ((1 << n) - 1);
        let mut circuit = Circuit::new(n);
        hadamards(&mut circuit, n);
        for qubit in (0..n).filter(|qubit| secret >> qubit & 1 == 1) {
            circuit.z(qubit);
        }
        hadamards(&mut circuit, n);
        close(probability(&pure(&circuit), secret), 1.0);
    }
}

/// One excitation on a chain whose two ends are coupled: hopping back and forth, with the others left in peace.
#[test]
fn excitations_hop_as_cosines() {
    for turns in 0..12 {
        let angle = 0.37 * f64::from(turns);
        let mut circuit = Circuit::new(3);
        circuit.x(0).rxx(angle, 0, 2).ryy(angle, 0, 2);
        let state = pure(&circuit);
        close(probability(&state, 0b001), angle.cos().powi(2));
        close(probability(&state, 0b100), angle.sin().powi(2));
        // with a second excitation beside it nothing hops
        circuit = Circuit::new(3);
        circuit.x(0).x(2).rxx(angle, 0, 2).ryy(angle, 0, 2);
        close(probability(&pure(&circuit), 0b101), 1.0);
    }
}

/// The swap test reads the overlap of two states.
#[test]
fn swap_tests_read_overlaps() {
    for (a, b) in [(0.0, 0.0), (0.3, 1.1), (0.0, PI), (FRAC_PI_2, 2.0), (-0.7, 0.7)] {
        let mut circuit = Circuit::new(3);
        circuit.ry(a, 1).ry(b, 2).h(0).cswap(0, 1, 2).h(0);
        let zero: f64 = (0..8).step_by(2).map(|index| probability(&pure(&circuit), index)).sum();
        close(zero, (1.0 + ((a - b) / 2.0).cos().powi(2)) / 2.0);
    }
}

fn on_bits(bits: &[usize], value: u64, then: Vec<Operation>) -> Operation {
    let condition = Condition { bits: bits.to_vec(), value };
    Operation::Conditional(Box::new(Conditional { condition, then, otherwise: Vec::new() }))
}

/// Teleportation: whatever is measured, the third qubit ends as the first began.
#[test]
fn states_are_teleported_in_every_course() {
    for (theta, phi) in [(0.0, 0.0), (0.7, 1.9), (2.5, -0.4), (PI, 0.1)] {
        let mut circuit = Circuit::new(3);
        circuit.add_bits("c", 2);
        circuit.ry(theta, 0).rz(phi, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1);
        circuit.push(on_bits(&[1], 1, vec![Operation::gate(Gate::X, &[], &[2])])).expect("it fits");
        circuit.push(on_bits(&[0], 1, vec![Operation::gate(Gate::Z, &[], &[2])])).expect("it fits");
        // what is done after the decisions keeps them on the way
        circuit.h(0);
        let expected = [("IIX", theta.sin() * phi.cos()), ("IIY", theta.sin() * phi.sin()), ("IIZ", theta.cos())];
        let branches = Executable::<StateVector<f64>>::new(&circuit).expect("gates").branches(100, &[], config()).expect("four");
        assert_eq!(branches.len(), 4);
        for branch in &branches {
            close(branch.probability, 0.25);
            for (word, value) in expected {
                let sum = PauliSum::new(3, [(PauliString::from_word(word).expect("letters"), 1.0)]).expect("one term");
                close(branch.state.expectation(&Observable::new(&sum)).expect("three qubits"), value);
            }
        }
    }
}

/// The repetition code mends one flip of three: a logical error is two or three, 3p^2 - 2p^3; on both kinds of state.
#[test]
fn codes_mend_what_they_can() {
    fn wrong<S: Branching>(p: f64) -> f64 {
        let mut circuit = Circuit::new(5);
        circuit.add_bits("c", 2);
        circuit.x(0).cx(0, 1).cx(0, 2);
        for qubit in 0..3 {
            let channel = Channel::bit_flip(p).expect("a probability");
            circuit.push(Operation::Channel { channel, qubits: [qubit].into_iter().collect() }).expect("it fits");
        }
        circuit.cx(0, 3).cx(1, 3).cx(1, 4).cx(2, 4).measure(3, 0).measure(4, 1);
        for (value, qubit) in [(1, 0), (3, 1), (2, 2)] {
            circuit.push(on_bits(&[0, 1], value, vec![Operation::gate(Gate::X, &[], &[qubit])])).expect("it fits");
        }
        circuit.cx(0, 1).cx(0, 2);
        let executable = Executable::<S>::new(&circuit).expect("gates and channels");
        let branches = executable.branches(10_000, &[], config()).expect("few");
        branches.iter().map(|branch| branch.probability * branch.state.probabilities(&[0]).expect("a qubit")[0]).sum()
    }
    for p in [0.0, 0.01, 0.1, 0.3, 0.5] {
        let expected = p * p * (3.0 - 2.0 * p);
        close(wrong::<PauliVector>(p), expected);
        close(wrong::<StateVector<f64>>(p), expected);
    }
}

/// Channels one after the other: what each shrinks is shrunk to its power, and the rest is left.
#[test]
fn decay_is_geometric() {
    let repeated = |channel: &Channel, times: usize, start: &dyn Fn(&mut Circuit)| {
        let mut circuit = Circuit::new(1);
        start(&mut circuit);
        for _ in 0..times {
            circuit.push(Operation::Channel { channel: channel.clone(), qubits: [0].into_iter().collect() }).expect("it fits");
        }
        let state = noisy(&circuit);
        let read = |word: &str| state.pauli(PauliString::from_word(word).expect("a letter")).expect("one qubit");
        [read("X"), read("Y"), read("Z")]
    };
    for times in 0..8 {
        let power = |base: f64| base.powi(times as i32);
        let one = |circuit: &mut Circuit| {
            circuit.x(0);
        };
        let plus = |circuit: &mut Circuit| {
            circuit.h(0);
        };
        let damped = Channel::amplitude_damping(0.2).expect("a probability");
        close(repeated(&damped, times, &one)[2], 1.0 - 2.0 * power(0.8));
        close(repeated(&damped, times, &plus)[0], power(0.8f64.sqrt()));
        let flipped = Channel::phase_flip(0.1).expect("a probability");
        let [x, _, z] = repeated(&flipped, times, &plus);
        close(x, power(0.8));
        close(z, 0.0);
        let depolarized = Channel::depolarizing(0.15, 1).expect("a probability");
        close(repeated(&depolarized, times, &one)[2], -power(0.85));
        let relaxed = Channel::thermal_relaxation(50.0, 70.0, 7.0, 0.1).expect("times");
        let equilibrium = 1.0 - 2.0 * 0.1;
        close(repeated(&relaxed, times, &one)[2], equilibrium - (1.0 + equilibrium) * (-7.0 * times as f64 / 50.0).exp());
        close(repeated(&relaxed, times, &plus)[0], (-7.0 * times as f64 / 70.0).exp());
    }
}

/// A cat state under dephasing of every qubit keeps its parity between all pairs and loses its coherence to the power of its size.
#[test]
fn cats_lose_their_coherence_by_size() {
    for n in 2..=7usize {
        let mut circuit = library::ghz(n);
        for qubit in 0..n {
            let channel = Channel::phase_flip(0.05).expect("a probability");
            circuit.push(Operation::Channel { channel, qubits: [qubit].into_iter().collect() }).expect("it fits");
        }
        let state = noisy(&circuit);
        let all = (1u64 << n) - 1;
        close(state.pauli(PauliString::from_masks(all, 0)).expect("it fits"), 0.9f64.powi(n as i32));
        close(state.pauli(PauliString::from_masks(0, 0b11)).expect("it fits"), 1.0);
        // half of the purity is that of the coherence
        close(state.purity(), (1.0 + 0.81f64.powi(n as i32)) / 2.0);
        let mixed: Matrix = state.density_matrix().expect("small");
        close(mixed[(0, all as usize)].re, 0.5 * 0.9f64.powi(n as i32));
    }
}

/// A measured half of a pair leaves the other mixed, and the courses put together are the state that nobody looked at.
#[test]
fn measuring_and_forgetting_is_dephasing() {
    let mut looked = Circuit::new(2);
    looked.add_bits("c", 1);
    looked.h(0).cx(0, 1).measure(0, 0).h(0).h(1);
    let executable = Executable::<PauliVector>::new(&looked).expect("gates");
    let branches = executable.branches(10, &[], config()).expect("two");
    assert_eq!(branches.len(), 2);
    let mut dephased = Circuit::new(2);
    dephased.h(0).cx(0, 1);
    let channel = Channel::phase_flip(0.5).expect("a probability");
    dephased.push(Operation::Channel { channel, qubits: [0].into_iter().collect() }).expect("it fits");
    dephased.h(0).h(1);
    let whole = mixture(branches).expect("some");
    assert!(whole.density_matrix().expect("small").distance(&noisy(&dephased).density_matrix().expect("small")) < 1e-12);
}
