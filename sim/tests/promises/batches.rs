//! Batches against one evaluation at a time.

use crate::random;
use qloom_circuits::{Angle, Circuit, Operation};
use qloom_sim::{
    Batch, BatchGradients, BatchParameters, Energy, InstructionSet, Observable, Program, Real, SimulatorConfig, StateVector,
};

fn compare<T: Real>(tolerance: f64) {
    for (n, sets) in [(1, 3), (3, 8), (4, 21), (6, 37)] {
        let (circuit, _) = random::circuit(n, 25, 40 + n as u64);
        let observables = [random::observable(n, 9, 1), random::observable(n, 4, 2)];
        let count = circuit.num_parameters();
        let parameters = random::angles(sets * count, &mut random::rng(n as u64));
        let mut earlier: Option<(Vec<f64>, Vec<f64>)> = None;
        for instruction_set in InstructionSet::available() {
            let mut of_threads = Vec::new();
            for threads in [1, 2, 3] {
                let config = SimulatorConfig { instruction_set, threads, ..SimulatorConfig::default() };
                let mut batch = Batch::<T>::new(&circuit, &observables, config).unwrap();
                let (mut values, mut gradients) = (vec![0.0; 2 * sets], vec![0.0; 2 * sets * count]);
                batch.values_and_gradients(BatchParameters::rows(&parameters), &mut values, &mut gradients).unwrap();
                let mut again = vec![0.0; 2 * sets];
                batch.values(BatchParameters::rows(&parameters), &mut again).unwrap();
                assert!(values.iter().zip(&again).all(|(a, b)| (a - b).abs() < tolerance));
                of_threads.push((values, gradients));
            }
            assert!(of_threads.iter().all(|other| *other == of_threads[0]));
            let (values, gradients) = of_threads.swap_remove(0);
            for (o, observable) in observables.iter().enumerate() {
                let mut energy = Energy::new(&circuit, observable).unwrap();
                for set in 0..sets {
                    let mut gradient = vec![0.0; count];
                    let row = &parameters[set * count..(set + 1) * count];
                    let value = energy.value_and_gradient(row, &mut gradient).unwrap();
                    assert!((values[2 * set + o] - value).abs() < tolerance);
                    for (p, derivative) in gradient.iter().enumerate() {
                        assert!((gradients[(2 * set + o) * count + p] - derivative).abs() < tolerance * 10.0);
                    }
                }
            }
            earlier = Some((values, gradients));
        }
        assert!(earlier.is_some());
    }
}

#[test]
fn a_batch_equals_single_evaluations() {
    compare::<f64>(1e-12);
    compare::<f32>(2e-5);
}

/// Random circuits of gates that are planned: no matrices.
pub fn gates(num_qubits: usize, length: usize, seed: u64) -> Circuit {
    let (random, _) = random::circuit(num_qubits, length, seed);
    let mut circuit = Circuit::new(num_qubits);
    circuit.reserve_parameters(random.num_parameters());
    for operation in random.operations() {
        if !matches!(operation, Operation::Unitary { .. }) {
            circuit.push(operation.clone()).unwrap();
        }
    }
    circuit
}

/// Rotations about Y and `cx` alone, so that amplitudes are real, many of them.
pub fn real_layers(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for layer in 0..depth {
        for qubit in 0..num_qubits {
            circuit.ry(Angle::free(layer * num_qubits + qubit), qubit);
        }
        for qubit in 1..num_qubits {
            circuit.cx(qubit - 1, qubit);
        }
        circuit.x(layer % num_qubits);
    }
    circuit
}

/// Layers of `ry rz` and rings of `rzz`.
pub fn rings(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for layer in 0..depth {
        for qubit in 0..num_qubits {
            let first = 2 * (layer * num_qubits + qubit);
            circuit.ry(Angle::free(first), qubit).rz(Angle::free(first + 1), qubit);
        }
        for qubit in 0..num_qubits {
            circuit.rzz(Angle::free(2 * layer).scaled(-0.7), qubit, (qubit + 1) % num_qubits);
        }
        circuit.ccx(0, 1, 2).cx(2, 0);
    }
    circuit
}

fn values_equal_single_ones<T: Real>(circuit: &Circuit, tolerance: f64, seed: u64, large: f64) {
    let (n, count) = (circuit.num_qubits(), circuit.num_parameters());
    let sets = 19;
    let mut parameters = random::angles(sets * count, &mut random::rng(seed));
    // Half and whole turns, where tangents have no bound, and angles beyond fast sines.
    let special = [std::f64::consts::PI, -std::f64::consts::PI, 0.0, std::f64::consts::TAU, large];
    parameters.iter_mut().step_by(3).zip(special.iter().cycle()).for_each(|(value, special)| *value = *special);
    let observables = [random::observable(n, 12, seed + 1), random::observable(n, 1, seed + 2), random::diagonal(n, 5, seed)];
    let mut expected = Vec::new();
    let mut singles: Vec<Energy> = observables.iter().map(|observable| Energy::new(circuit, observable).unwrap()).collect();
    for set in 0..sets {
        let row = &parameters[set * count..(set + 1) * count];
        expected.extend(singles.iter_mut().map(|single| single.value(row).unwrap()));
    }
    for instruction_set in InstructionSet::available() {
        let mut of_threads = Vec::new();
        for threads in [1, 2, 3] {
            let config = SimulatorConfig { instruction_set, threads, ..SimulatorConfig::default() };
            let mut batch = Batch::<T>::new(circuit, &observables, config).unwrap();
            let mut values = vec![0.0; expected.len()];
            batch.values(BatchParameters::rows(&parameters), &mut values).unwrap();
            for (value, expected) in values.iter().zip(&expected) {
                assert!((value - expected).abs() < tolerance, "{} {n}: {value} {expected}", instruction_set.name());
            }
            of_threads.push(values);
        }
        assert!(of_threads.iter().all(|other| *other == of_threads[0]));
    }
}

#[test]
fn planned_values_equal_single_evaluations() {
    for n in 1..=9 {
        for seed in 0..4 {
            let circuit = gates(n, 5 + 12 * seed as usize, 100 * n as u64 + seed);
            values_equal_single_ones::<f64>(&circuit, 1e-12, seed, 9.0);
            values_equal_single_ones::<f32>(&circuit, 3e-5, seed, 9.0);
        }
    }
    for circuit in [real_layers(5, 8), real_layers(9, 3), rings(3, 4), rings(6, 3), rings(8, 2)] {
        values_equal_single_ones::<f64>(&circuit, 1e-12, 5, -11.0);
        values_equal_single_ones::<f32>(&circuit, 3e-5, 6, 13.0);
    }
    // Where an angle itself is only known to 1e-10.
    values_equal_single_ones::<f64>(&rings(3, 2), 1e-8, 7, 1e6);
}

#[test]
fn rows_that_fill_few_lanes_equal_rows_that_fill_all() {
    let circuit = gates(13, 60, 5);
    let count = circuit.num_parameters();
    let observables = [random::observable(13, 6, 1), random::diagonal(13, 5, 2)];
    let parameters = random::angles(9 * count, &mut random::rng(3));
    let cotangents = random::angles(18, &mut random::rng(4));
    let mut batch = Batch::<f64>::new(&circuit, &observables, SimulatorConfig::default()).unwrap();
    let mut run = |rows: usize| {
        let (mut values, mut gradients) = (vec![0.0; 2 * rows], vec![0.0; rows * count]);
        let into = BatchGradients { shared: &mut [], rows: &mut gradients };
        batch.vjp(BatchParameters::rows(&parameters[..rows * count]), &cotangents[..2 * rows], &mut values, into).unwrap();
        (values, gradients)
    };
    let (all, few, again) = (run(9), run(1), run(9));
    assert_eq!(all, again);
    for (a, b) in few.0.iter().zip(&all.0).chain(few.1.iter().zip(&all.1)) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }
}

#[test]
fn planned_values_from_inputs_equal_single_runs() {
    for n in [1, 2, 5] {
        let circuit = gates(n, 30, 70 + n as u64);
        let inputs: Vec<StateVector<f64>> = (0..13)
            .map(|k| {
                let (prepare, values) = random::circuit(n, 10, 90 + k);
                let mut state = StateVector::zero(n, SimulatorConfig::default()).unwrap();
                state.run(&Program::new(&prepare).unwrap(), &values).unwrap();
                state
            })
            .collect();
        let count = circuit.num_parameters();
        let rows = random::angles(inputs.len() * count, &mut random::rng(4));
        let observable = random::observable(n, 6, 3);
        let mut batch = Batch::<f64>::new(&circuit, std::slice::from_ref(&observable), SimulatorConfig::default()).unwrap();
        batch.set_inputs(Some(inputs.iter().map(|state| state.try_clone().unwrap()).collect())).unwrap();
        let mut values = vec![0.0; inputs.len()];
        batch.values(BatchParameters::rows(&rows), &mut values).unwrap();
        let program = Program::new(&circuit).unwrap();
        for (k, mut state) in inputs.into_iter().enumerate() {
            state.run(&program, &rows[k * count..(k + 1) * count]).unwrap();
            assert!((state.expectation(&Observable::new(&observable)).unwrap() - values[k]).abs() < 1e-12);
        }
        // Without inputs it starts from zeros again.
        batch.set_inputs(None).unwrap();
        batch.values(BatchParameters::rows(&rows), &mut values).unwrap();
        let single = Energy::new(&circuit, &observable).unwrap().value(&rows[..count]).unwrap();
        assert!((single - values[0]).abs() < 1e-12);
    }
}

#[test]
fn states_do_not_depend_on_threads() {
    let circuit = rings(4, 2);
    let parameters = random::angles(21 * circuit.num_parameters(), &mut random::rng(3));
    let of = |threads: usize| {
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        let states = Batch::<f64>::new(&circuit, &[], config).unwrap().states(BatchParameters::rows(&parameters)).unwrap();
        states.iter().map(|state| state.amplitudes().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let one = of(1);
    assert!(of(2) == one && of(3) == one && one.len() == 21);
    let program = Program::new(&circuit).unwrap();
    for (row, amplitudes) in parameters.chunks(circuit.num_parameters()).zip(one) {
        let mut state = StateVector::<f64>::zero(4, SimulatorConfig::default()).unwrap();
        state.run(&program, row).unwrap();
        assert!(state.amplitudes().zip(amplitudes).all(|(a, b)| (a - b).norm() < 1e-12));
    }
}

#[test]
fn a_batch_of_inputs_equals_single_runs() {
    let n = 4;
    let (circuit, parameters) = random::circuit(n, 20, 8);
    let inputs: Vec<StateVector<f64>> = (0..11)
        .map(|k| {
            let (prepare, values) = random::circuit(n, 10, 60 + k);
            let mut state = StateVector::zero(n, SimulatorConfig::default()).unwrap();
            state.run(&Program::new(&prepare).unwrap(), &values).unwrap();
            state
        })
        .collect();
    let rows: Vec<f64> = inputs.iter().flat_map(|_| parameters.iter().copied()).collect();
    let observable = random::observable(n, 6, 3);
    let mut batch = Batch::<f64>::new(&circuit, std::slice::from_ref(&observable), SimulatorConfig::default()).unwrap();
    batch.set_inputs(Some(inputs.iter().map(|state| state.try_clone().unwrap()).collect())).unwrap();
    let mut values = vec![0.0; inputs.len()];
    batch.values(BatchParameters::rows(&rows), &mut values).unwrap();
    let states = batch.states(BatchParameters::rows(&rows)).unwrap();
    for ((mut state, value), given) in inputs.into_iter().zip(values).zip(states) {
        state.run(&Program::new(&circuit).unwrap(), &parameters).unwrap();
        assert!((state.expectation(&Observable::new(&observable)).unwrap() - value).abs() < 1e-12);
        assert!((state.inner(&given).unwrap() - 1.0).norm() < 1e-12);
    }
}

#[test]
fn wrong_sizes_are_refused() {
    let (circuit, parameters) = random::circuit(3, 10, 8);
    let mut batch = Batch::<f64>::new(&circuit, &[random::observable(3, 4, 1)], SimulatorConfig::default()).unwrap();
    assert!(batch.values(BatchParameters::rows(&parameters), &mut [0.0; 2]).is_err());
    assert!(batch.values(BatchParameters::rows(&vec![f64::NAN; parameters.len()]), &mut [0.0]).is_err());
    assert!(batch.values_and_gradients(BatchParameters::rows(&parameters), &mut [0.0], &mut []).is_err());
    assert!(Batch::<f64>::new(&circuit, &[random::observable(4, 4, 1)], SimulatorConfig::default()).is_err());
}
