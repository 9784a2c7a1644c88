//! Gradients through noise against differences and against state vectors.

use qloom_circuits::{Angle, Channel, Gate, Operation, PauliString, library};

use super::*;
use crate::{Energy, InstructionSet};

/// Every gate that fits, angles shared, scaled and shifted among `count` parameters.
fn parametrised(n: usize, gates: usize, count: usize, seed: u64) -> Circuit {
    let mut next = 0;
    let mut circuit = Circuit::new(n);
    for qubit in 0..n {
        circuit.h(qubit);
    }
    for operation in library::random(n, gates, &mut qloom_circuits::Stream::named(seed, "circuit")).operations() {
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
fn without_noise_values_and_gradients_are_those_of_state_vectors() {
    for n in 1..=6 {
        for seed in 0..4 {
            let circuit = parametrised(n, 20, 4, seed);
            let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.4 - 0.9 * k as f64).collect();
            let (mut found, mut expected) = (vec![0.0; parameters.len()], vec![0.0; parameters.len()]);
            let mut pure = Energy::new(&circuit, &observable(n)).expect("gates");
            let value = pure.value_and_gradient(&parameters, &mut expected).expect("finite");
            for instruction_set in InstructionSet::available() {
                let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
                let mut noisy = NoisyEnergy::with_config(&circuit, &observable(n), config).expect("supported");
                let other = noisy.value_and_gradient(&parameters, &mut found).expect("finite");
                assert!((value - other).abs() < 1e-11, "{n} qubits, seed {seed}: {value} {other}");
                for (a, b) in found.iter().zip(&expected) {
                    assert!((a - b).abs() < 1e-11, "{n} qubits, seed {seed}: {found:?} {expected:?}");
                }
            }
        }
    }
}

#[test]
fn noisy_gradients_are_differences() {
    for n in 1..=8 {
        for seed in 0..if n < 7 { 3 } else { 1 } {
            let mut circuit = noisy(&parametrised(n, 25, 3, seed));
            if seed == 1 {
                for qubit in 0..n {
                    circuit.measure(qubit, 0);
                }
            }
            let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.4 - 0.9 * k as f64).collect();
            let mut gradient = vec![0.0; parameters.len()];
            let mut energy = NoisyEnergy::new(&circuit, &observable(n)).expect("supported");
            let value = energy.value_and_gradient(&parameters, &mut gradient).expect("finite");
            assert!((value - energy.value(&parameters).expect("finite")).abs() < 1e-13);
            for k in 0..parameters.len() {
                let mut at = |step: f64| {
                    let mut moved = parameters.clone();
                    moved[k] += step;
                    energy.value(&moved).expect("finite")
                };
                let h = 1e-3;
                let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
                assert!((slope - gradient[k]).abs() < 1e-8, "{n} qubits, seed {seed}, {k}: {slope} {}", gradient[k]);
            }
        }
    }
}

#[test]
fn states_kept_at_intervals_give_the_same_gradient() {
    for n in [2, 4, 5, 8] {
        let circuit = noisy(&parametrised(n, 25, 3, 4));
        let parameters = [0.3, -0.8, 1.1];
        let mut gradients = Vec::new();
        for memory_limit in [SimulatorConfig::DEFAULT_MEMORY_LIMIT, 18 * PauliVector::bytes(n) as u64] {
            let config = SimulatorConfig { memory_limit, ..SimulatorConfig::default() };
            let mut energy = NoisyEnergy::with_config(&circuit, &observable(n), config).expect("supported");
            let mut gradient = [0.0; 3];
            let value = energy.value_and_gradient(&parameters, &mut gradient).expect("enough memory");
            let error = value - energy.value(&parameters).expect("enough memory");
            assert!(error.abs() < 1e-12, "{n} qubits: {error:e}");
            gradients.push(gradient);
        }
        assert_eq!(gradients[0], gradients[1]);
    }
    let config = SimulatorConfig { memory_limit: 2 * PauliVector::bytes(6) as u64, ..SimulatorConfig::default() };
    let mut energy = NoisyEnergy::with_config(&parametrised(6, 9, 3, 1), &observable(6), config).expect("supported");
    let refused = energy.value_and_gradient(&[0.0; 3], &mut [0.0; 3]);
    assert!(matches!(refused, Err(SimError::MemoryLimit { .. })));
}

#[test]
fn rebuilding_gives_what_building_gives() {
    let mut energy = NoisyEnergy::new(&noisy(&parametrised(4, 20, 3, 9)), &observable(4)).expect("supported");
    for seed in 0..4 {
        let circuit = noisy(&parametrised(4, 20, 3, seed));
        energy.rebuild(&circuit).expect("as many qubits");
        let parameters = vec![0.2; circuit.num_parameters()];
        let mut fresh = NoisyEnergy::new(&circuit, &observable(4)).expect("supported");
        assert_eq!(energy.value(&parameters), fresh.value(&parameters));
    }
}

#[test]
fn wrong_sizes_and_conditions_are_refused() {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0);
    let mut energy = NoisyEnergy::new(&circuit, &PauliSum::z(0, 2)).expect("supported");
    assert!(energy.value(&[]).is_err() && energy.value(&[f64::NAN]).is_err());
    assert!(energy.value_and_gradient(&[0.1], &mut []).is_err());
    assert!(energy.rebuild(&Circuit::new(3)).is_err());
    assert!(NoisyEnergy::new(&circuit, &PauliSum::z(0, 3)).is_err());
}
