//! Batches against one evaluation at a time.

use crate::random;
use qloom_sim::{Batch, Energy, InstructionSet, Program, Real, SimulatorConfig, StateVector};

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
                batch.values_and_gradients(&parameters, &mut values, &mut gradients).unwrap();
                let mut again = vec![0.0; 2 * sets];
                batch.values(&parameters, &mut again).unwrap();
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

#[test]
fn a_batch_of_inputs_equals_single_runs() {
    let n = 4;
    let (circuit, parameters) = random::circuit(n, 20, 8);
    let inputs: Vec<StateVector<f64>> = (0..11)
        .map(|k| {
            let (prepare, values) = random::circuit(n, 10, 60 + k);
            let mut state = StateVector::zero(n).unwrap();
            Program::new(&prepare).unwrap().run(&values, &mut state).unwrap();
            state
        })
        .collect();
    let rows: Vec<f64> = inputs.iter().flat_map(|_| parameters.iter().copied()).collect();
    let observable = random::observable(n, 6, 3);
    let mut batch = Batch::<f64>::new(&circuit, std::slice::from_ref(&observable), SimulatorConfig::default()).unwrap();
    batch.set_inputs(Some(inputs.iter().map(|state| state.try_clone().unwrap()).collect())).unwrap();
    let mut values = vec![0.0; inputs.len()];
    batch.values(&rows, &mut values).unwrap();
    let states = batch.states(&rows).unwrap();
    for ((mut state, value), given) in inputs.into_iter().zip(values).zip(states) {
        Program::new(&circuit).unwrap().run(&parameters, &mut state).unwrap();
        assert!((state.expectation_of(&observable).unwrap() - value).abs() < 1e-12);
        assert!((state.inner(&given).unwrap() - 1.0).norm() < 1e-12);
    }
}

#[test]
fn wrong_sizes_are_refused() {
    let (circuit, parameters) = random::circuit(3, 10, 8);
    let mut batch = Batch::<f64>::new(&circuit, &[random::observable(3, 4, 1)], SimulatorConfig::default()).unwrap();
    assert!(batch.values(&parameters, &mut [0.0; 2]).is_err());
    assert!(batch.values(&vec![f64::NAN; parameters.len()], &mut [0.0]).is_err());
    assert!(batch.values_and_gradients(&parameters, &mut [0.0], &mut []).is_err());
    assert!(Batch::<f64>::new(&circuit, &[random::observable(4, 4, 1)], SimulatorConfig::default()).is_err());
}
