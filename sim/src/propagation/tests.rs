//! Propagated values against density operators.

use qloom_circuits::{Angle, Channel, Condition, Conditional, Gate, Stream, library};

use super::*;
use crate::config::SimulatorConfig;
use crate::observable::Observable;
use crate::state::{PauliVector, State};

/// The value by a density operator.
fn exact(circuit: &Circuit, sum: &PauliSum) -> f64 {
    let program = PauliVector::compile(circuit).expect("compiles");
    let state = PauliVector::prepared(&program, &[], SimulatorConfig::default(), &mut Default::default()).expect("small");
    state.expectation(&Observable::new(sum)).expect("fits")
}

fn observable(n: usize, stream: &mut Stream) -> PauliSum {
    let mask = (1 << n) - 1;
    let terms = (0..6).map(|_| (PauliString::from_masks(stream.word() & mask, stream.word() & mask), stream.normal()));
    PauliSum::new(n, terms.collect::<Vec<_>>()).expect("valid")
}

/// Everything that can stand in a circuit without conditions.
fn noisy(n: usize, stream: &mut Stream) -> Circuit {
    let mut circuit = library::random(n, 30, stream);
    circuit.add_bits("c", 1);
    let channel = |channel: Result<Channel, _>| channel.expect("physical");
    let push = |circuit: &mut Circuit, channel, qubits: &[usize]| {
        circuit.push(Operation::Channel { channel, qubits: qubits.into() }).expect("fits");
    };
    push(&mut circuit, channel(Channel::amplitude_damping(0.2)), &[0]);
    push(&mut circuit, channel(Channel::depolarizing(0.1, 2)), &[2, 1]);
    circuit.ccx(0, 2, 1).measure(1, 0).ry(0.4, 1).reset(2).h(2);
    circuit.push(Operation::gate(Gate::Cry, &[0.7.into()], &[1, 2])).expect("fits");
    let pauli = PauliString::from_letters((0..n).map(|qubit| (qubit, Pauli::ALL[1 + qubit % 3])));
    circuit.push(Operation::PauliRotation { pauli, angle: 1.1.into() }).expect("fits");
    for operation in library::random(n, 20, stream).operations() {
        circuit.push(operation.clone()).expect("fits");
    }
    circuit
}

#[test]
fn exact_values_are_those_of_density_operators() {
    for seed in 0..20 {
        let mut stream = Stream::named(seed, "circuit");
        let (circuit, sum) = (noisy(4, &mut stream), observable(4, &mut stream));
        let found = propagate(&circuit, &sum, Propagation::default()).expect("propagates");
        assert!((found.value - exact(&circuit, &sum)).abs() < 1e-12, "{found:?} for {}", exact(&circuit, &sum));
        assert_eq!((found.bound, found.dropped), (0.0, 0));
    }
}

#[test]
fn truncated_values_keep_their_bound() {
    let mut tight = 0;
    for seed in 0..6 {
        let mut stream = Stream::named(seed, "truncated");
        let (circuit, sum) = (noisy(5, &mut stream), observable(5, &mut stream));
        let exact = exact(&circuit, &sum);
        for settings in [
            Propagation { least: 1e-2, ..Propagation::default() },
            Propagation { max_weight: Some(3), ..Propagation::default() },
            Propagation { max_terms: 40, ..Propagation::default() },
        ] {
            let found = propagate(&circuit, &sum, settings).expect("propagates");
            assert!((found.value - exact).abs() <= found.bound + 1e-12, "{found:?} for {exact}");
            assert!(found.strings <= settings.max_terms);
            tight += usize::from(found.dropped > 0 && found.value != exact);
        }
    }
    assert!(tight > 6, "truncation was at work");
}

#[test]
fn wide_clifford_circuits_keep_one_string() {
    let n = 64;
    let mut circuit = Circuit::new(n);
    circuit.h(0);
    (1..n).for_each(|qubit| _ = circuit.cx(qubit - 1, qubit));
    let all = PauliString::from_letters((0..n).map(|qubit| (qubit, Pauli::X)));
    let sum = PauliSum::new(n, [(all, 2.0)]).expect("valid");
    let found = propagate(&circuit, &sum, Propagation { max_terms: 1, ..Propagation::default() }).expect("propagates");
    assert_eq!(found, Propagated { value: 2.0, bound: 0.0, strings: 1, dropped: 0 });
}

#[test]
fn what_cannot_be_propagated_is_refused() {
    let sum = PauliSum::z(0, 1);
    let refused = |circuit: &Circuit, settings| propagate(circuit, &sum, settings).expect_err("refused").to_string();
    let plain = Propagation::default();
    assert!(refused(&Circuit::new(2), plain).contains("qubits of the observable"));
    assert!(refused(Circuit::new(1).ry(Angle::free(0), 0), plain).contains("free parameters"));
    assert!(refused(&Circuit::new(1), Propagation { max_terms: 0, ..plain }).contains("at least 1"));
    assert!(refused(&Circuit::new(1), Propagation { least: f64::NAN, ..plain }).contains("0 or more"));
    let mut conditioned = Circuit::new(1);
    conditioned.add_bits("c", 1);
    conditioned.measure(0, 0);
    let condition = Condition { bits: vec![0], value: 1 };
    let block = Conditional { condition, then: vec![Operation::gate(Gate::X, &[], &[0])], otherwise: vec![] };
    conditioned.push(Operation::Conditional(Box::new(block))).expect("fits");
    assert!(refused(&conditioned, plain).contains("a conditioned block"));
}
