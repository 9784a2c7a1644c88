use qloom_circuits::{Channel, Gate, PauliString, PauliSum, Stream, library};
use qloom_sim::NoisyEnergy;

use super::*;

/// Every gate that fits, angles shared, scaled and shifted among `count` parameters.
fn parametrised(n: usize, gates: usize, count: usize, seed: u64) -> Circuit {
    let mut next = 0;
    let mut circuit = Circuit::new(n);
    for qubit in 0..n {
        circuit.h(qubit);
    }
    for operation in library::random(n, gates, &mut Stream::named(seed, "circuit")).operations() {
        let operation = operation.map_angles(&mut |angle| {
            next += 1;
            match next % 4 {
                0 => angle,
                k => Angle::free(next % count).scaled([1.0, 0.7, -1.3][k - 1]).shifted(0.1 * k as f64),
            }
        });
        circuit.push(operation).expect("it fits");
    }
    if n > 2 {
        let word = PauliString::from_letters((0..n).map(|q| (q, qloom_circuits::Pauli::ALL[1 + q % 3])));
        circuit.push(Operation::PauliRotation { pauli: word, angle: Angle::free(0).scaled(0.5) }).expect("it fits");
    }
    for qubit in 0..n {
        circuit.ry(Angle::free(qubit % count), qubit).push(Operation::gate(Gate::T, &[], &[qubit])).expect("it fits");
    }
    circuit
}

/// Relaxation after each gate, correlated noise after larger ones, a reset and a measurement on the way.
fn noisy(circuit: &Circuit) -> Circuit {
    let mut noisy = circuit.without_operations();
    noisy.add_bits("record", 1);
    let put = |channel: Channel, qubits: &[usize], noisy: &mut Circuit| {
        noisy.push(Operation::Channel { channel, qubits: qubits.into() }).expect("it fits");
    };
    for (position, operation) in circuit.operations().iter().enumerate() {
        noisy.push(operation.clone()).expect("it fits");
        let qubits = operation.qubits();
        for &qubit in &qubits {
            put(Channel::thermal_relaxation(100.0, 120.0, 3.0, 0.07).expect("physical"), &[qubit], &mut noisy);
        }
        if let [a, b] = qubits[..] {
            put(Channel::zz_crosstalk(0.1).expect("physical"), &[a, b], &mut noisy);
            put(Channel::depolarizing(0.02, 2).expect("physical"), &[b, a], &mut noisy);
        }
        if position == 12 {
            noisy.reset(qubits[0]);
        }
        if position == 20 {
            noisy.push(Operation::Measure { qubit: qubits[0], bit: 0 }).expect("a bit");
        }
    }
    noisy
}

fn observable(n: usize) -> PauliSum {
    let words = (0..5u64).map(|k| {
        let scramble = |k: u64| k.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) & ((1 << n) - 1);
        (PauliString::from_masks(scramble(k + 1), scramble(k + 100)), 0.3 + k as f64)
    });
    PauliSum::new(n, words.chain((0..n).map(|q| (PauliString::from_masks(0, 1 << q), 1.0)))).expect("finite")
}

#[test]
fn shifts_give_the_gradient_of_reverse_mode() {
    for n in 1..=5 {
        for seed in 0..4 {
            let circuit = noisy(&parametrised(n, 18, 3, seed));
            let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.4 - 0.9 * k as f64).collect();
            let mut expected = vec![0.0; parameters.len()];
            let mut energy = NoisyEnergy::new(&circuit, &observable(n)).expect("supported");
            energy.value_and_gradient(&parameters, &mut expected).expect("finite");
            let shift = ParameterShift::new(&circuit).expect("no conditions");
            let mut apart = NoisyEnergy::new(shift.circuit(), &observable(n)).expect("supported");
            let found = shift.gradient(&parameters, |angles| apart.value(angles)).expect("finite");
            for (a, b) in found.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-10, "{n} qubits, seed {seed}: {found:?} {expected:?}");
            }
        }
    }
}

#[test]
fn shifts_call_with_the_circuit_and_refuse_conditions() {
    let mut circuit = Circuit::new(1);
    circuit.add_bits("record", 1);
    circuit.rx(Angle::free(0), 0).measure(0, 0);
    let gradient =
        parameter_shift(&circuit, &[0.3], |circuit, angles| NoisyEnergy::new(circuit, &PauliSum::z(0, 1))?.value(angles));
    assert!((gradient.expect("supported")[0] + 0.3f64.sin()).abs() < 1e-14);
    let mut block = Circuit::new(1);
    block.rx(Angle::free(0), 0);
    let condition = qloom_circuits::Condition { bits: vec![0], value: 1 };
    let then = block.operations().to_vec();
    let conditional = qloom_circuits::Conditional { condition, then, otherwise: Vec::new() };
    circuit.push(Operation::Conditional(Box::new(conditional))).expect("it fits");
    assert!(matches!(ParameterShift::new(&circuit), Err(EstimateError::Unsupported { .. })));
}
