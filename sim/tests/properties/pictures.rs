//! States of more qubits than dense matrices have, against observables taken back through the circuit, which shares no kernel with them.

use qloom_circuits::{Channel, Circuit, Operation, PauliSum, Stream};
use qloom_sim::{InstructionSet, Observable, PauliVector, Propagation, SimulatorConfig, State, StateVector, propagate};

/// Rotations, controlled phases and entangling gates on random qubits; with noise a channel behind each gate on two qubits.
fn circuit(qubits: usize, seed: u64, noisy: bool) -> Circuit {
    let mut stream = Stream::named(seed, "pictures");
    let mut circuit = Circuit::new(qubits);
    for _ in 0..4 * qubits {
        let a = stream.below(qubits);
        let b = (a + 1 + stream.below(qubits - 1)) % qubits;
        let angle = 6.0 * stream.unit() - 3.0;
        match stream.below(8) {
            0 => circuit.rx(angle, a),
            1 => circuit.ry(angle, a),
            2 => circuit.h(a).t(a),
            3 => circuit.cx(a, b),
            4 => circuit.cp(angle, a, b),
            5 => circuit.rzz(angle, a, b),
            6 => circuit.cz(a, b).s(b),
            _ => circuit.iswap(a, b),
        };
        if noisy {
            let channels = [
                Channel::depolarizing(0.03, 1),
                Channel::amplitude_damping(0.05),
                Channel::phase_damping(0.04),
                Channel::depolarizing(0.02, 1),
            ];
            let channel = channels[stream.below(4)].clone().expect("physical");
            circuit.push(Operation::Channel { channel, qubits: [a].into_iter().collect() }).expect("it fits");
        }
    }
    circuit
}

/// Values of Z of each qubit.
fn expected(circuit: &Circuit) -> Vec<f64> {
    let n = circuit.num_qubits();
    let exact = Propagation { least: 0.0, ..Propagation::default() };
    let value = |sum: &PauliSum| {
        let found = propagate(circuit, sum, exact).expect("small");
        assert!(found.bound < 1e-12, "{}", found.bound);
        found.value
    };
    (0..n).map(|qubit| value(&PauliSum::z(qubit, n))).collect()
}

fn compare<S: State>(circuit: &Circuit, tolerance: f64) {
    let n = circuit.num_qubits();
    let expected = expected(circuit);
    let program = S::compile(circuit).expect("supported");
    for instruction_set in InstructionSet::available() {
        for (threads, tile_qubits) in [(1, None), (2, None), (1, Some(5))] {
            let config = SimulatorConfig { instruction_set, threads, tile_qubits, ..SimulatorConfig::default() };
            let state = S::prepared(&program, &[], config, &mut S::Workspace::default()).expect("small");
            for (qubit, expected) in expected.iter().enumerate() {
                let value = state.expectation(&Observable::new(&PauliSum::z(qubit, n))).expect("its size");
                assert!(
                    (value - expected).abs() < tolerance,
                    "{instruction_set:?}, {threads} threads, tile {tile_qubits:?}: {value}"
                );
            }
        }
    }
}

/// Six digits and more are where maps are divided by their largest entries.
#[test]
fn noisy_states_equal_observables_taken_back() {
    for (qubits, seed) in [(5, 1), (6, 2), (7, 3), (7, 4), (8, 5)] {
        compare::<PauliVector>(&circuit(qubits, seed, true), 1e-11);
    }
}

#[test]
fn pure_states_equal_observables_taken_back() {
    for (qubits, seed) in [(6, 1), (8, 2), (9, 3), (10, 4)] {
        let circuit = circuit(qubits, seed, false);
        compare::<StateVector<f64>>(&circuit, 1e-11);
        compare::<StateVector<f32>>(&circuit, 1e-4);
    }
}
