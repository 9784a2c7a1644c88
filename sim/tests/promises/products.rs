//! Products of cotangents with Jacobians of batches, against single evaluations, rows of Jacobians and differences.

use crate::{batches, random};
use proptest::prelude::*;
use qloom_circuits::{Angle, Channel, Circuit, Operation, PauliSum};
use qloom_sim::{
    Batch, BatchGradients, BatchParameters, Energy, InstructionSet, NoisyEnergy, PauliBatch, Real, SimError, SimulatorConfig,
    StateVector,
};

/// A circuit, observables, and numbers of rows.
struct Case {
    circuit: Circuit,
    observables: Vec<PauliSum>,
    rows: usize,
    /// Parameters of all rows, the first `shared` the same in each.
    full: Vec<f64>,
    shared: usize,
    cotangents: Vec<f64>,
}

/// What a product gives: values, the gradient by shared parameters, gradients by row.
#[derive(Clone, Debug, PartialEq)]
struct Product {
    values: Vec<f64>,
    shared: Vec<f64>,
    rows: Vec<f64>,
}

impl Case {
    fn new(circuit: Circuit, observables: usize, rows: usize, shared: usize, seed: u64) -> Self {
        let (n, count) = (circuit.num_qubits(), circuit.num_parameters());
        let shared = shared.min(count);
        let observables: Vec<PauliSum> = (0..observables)
            .map(|o| match o % 4 {
                0 => PauliSum::z(o % n, n),
                1 => random::diagonal(n, 3, seed + o as u64),
                k => random::observable(n, 4 * k, seed + o as u64),
            })
            .collect();
        let mut rng = random::rng(seed);
        let mut full = random::angles(rows * count, &mut rng);
        for row in 1..rows {
            full.copy_within(..shared, row * count);
        }
        let cotangents = random::angles(rows * observables.len(), &mut rng);
        Self { circuit, observables, rows, full, shared, cotangents }
    }

    /// The parameters that differ by row.
    fn by_row(&self) -> Vec<f64> {
        let count = self.circuit.num_parameters();
        (0..self.rows).flat_map(|row| self.full[row * count + self.shared..(row + 1) * count].iter().copied()).collect()
    }

    fn product(
        &self,
        vjp: impl FnOnce(BatchParameters<'_>, &[f64], &mut [f64], BatchGradients<'_>) -> Result<(), SimError>,
    ) -> Product {
        let by_row = self.by_row();
        let (mut values, mut shared, mut rows) =
            (vec![0.0; self.cotangents.len()], vec![9.0; self.shared], vec![9.0; by_row.len()]);
        let parameters = BatchParameters { shared: &self.full[..self.shared], rows: &by_row };
        vjp(parameters, &self.cotangents, &mut values, BatchGradients { shared: &mut shared, rows: &mut rows }).unwrap();
        Product { values, shared, rows }
    }

    fn of_states<T: Real>(&self, config: SimulatorConfig) -> Product {
        let mut batch = Batch::<T>::new(&self.circuit, &self.observables, config).unwrap();
        let product =
            self.product(|parameters, cotangents, values, gradients| batch.vjp(parameters, cotangents, values, gradients));
        // A second call, into buffers that are used, gives the same, and so do values alone but for rounding.
        let again =
            self.product(|parameters, cotangents, values, gradients| batch.vjp(parameters, cotangents, values, gradients));
        assert_eq!(product, again);
        let mut values = vec![0.0; product.values.len()];
        let by_row = self.by_row();
        batch.values(BatchParameters { shared: &self.full[..self.shared], rows: &by_row }, &mut values).unwrap();
        let tolerance = if T::BYTES == 8 { 1e-11 } else { 1e-4 };
        assert!(values.iter().zip(&product.values).all(|(a, b)| (a - b).abs() < tolerance));
        product
    }

    fn of_pauli_vectors(&self, config: SimulatorConfig) -> Product {
        let mut batch = PauliBatch::new(&self.circuit, &self.observables, config).unwrap();
        self.product(|parameters, cotangents, values, gradients| batch.vjp(parameters, cotangents, values, gradients))
    }

    /// The same from single energies and their gradients.
    fn expected(&self, mut single: impl FnMut(&PauliSum, &[f64], &mut [f64]) -> f64) -> Product {
        let (count, width) = (self.circuit.num_parameters(), self.observables.len());
        let (mut values, mut shared, mut rows) = (Vec::new(), vec![0.0; self.shared], Vec::new());
        for row in 0..self.rows {
            let parameters = &self.full[row * count..(row + 1) * count];
            let mut sum = vec![0.0; count];
            for (o, observable) in self.observables.iter().enumerate() {
                let mut gradient = vec![0.0; count];
                values.push(single(observable, parameters, &mut gradient));
                sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += self.cotangents[row * width + o] * g);
            }
            shared.iter_mut().zip(&sum).for_each(|(shared, sum)| *shared += sum);
            rows.extend_from_slice(&sum[self.shared..]);
        }
        Product { values, shared, rows }
    }

    fn single(&self) -> Product {
        self.expected(|observable, parameters, gradient| {
            Energy::new(&self.circuit, observable).unwrap().value_and_gradient(parameters, gradient).unwrap()
        })
    }
}

impl Product {
    fn close(&self, other: &Self, tolerance: f64) -> bool {
        let pairs = [(&self.values, &other.values), (&self.shared, &other.shared), (&self.rows, &other.rows)];
        let scale = other.shared.iter().chain(&other.rows).fold(1.0f64, |most, value| most.max(value.abs()));
        pairs.iter().all(|(a, b)| a.len() == b.len() && a.iter().zip(*b).all(|(a, b)| (a - b).abs() < tolerance * scale))
    }
}

fn configs() -> impl Iterator<Item = SimulatorConfig> {
    InstructionSet::available().into_iter().flat_map(|instruction_set| {
        [1, 2, 3].map(|threads| SimulatorConfig { instruction_set, threads, ..SimulatorConfig::default() })
    })
}

/// Relaxation after each operation, in which no operation is lost.
fn noisy(circuit: &Circuit) -> Circuit {
    let mut noisy = circuit.without_operations();
    for operation in circuit.operations() {
        noisy.push(operation.clone()).unwrap();
        for qubit in operation.qubits() {
            let channel = Channel::amplitude_damping(0.04).unwrap();
            noisy.push(Operation::Channel { channel, qubits: [qubit].into_iter().collect() }).unwrap();
        }
    }
    noisy
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn products_of_state_vectors_equal_single_evaluations(
        n in 1usize..=8, length in 0usize..40, observables in 1usize..7, rows in 1usize..21, shared in 0usize..5, seed in 0u64..1000,
    ) {
        let case = Case::new(random::circuit(n, length, seed).0, observables, rows, shared, seed);
        let expected = case.single();
        let mut of_set: Option<(&str, Product)> = None;
        for config in configs() {
            let name = config.instruction_set.name();
            let product = case.of_states::<f64>(config);
            prop_assert!(product.close(&expected, 1e-11), "{name}: {product:?} {expected:?}");
            if let Some((_, other)) = of_set.as_ref().filter(|(other, _)| *other == name) {
                prop_assert_eq!(other, &product);
            }
            of_set = Some((name, product));
            prop_assert!(case.of_states::<f32>(config).close(&expected, 2e-4), "{name}, single precision");
        }
    }

    #[test]
    fn products_of_pauli_vectors_equal_single_evaluations(
        n in 1usize..=5, length in 0usize..15, observables in 1usize..5, rows in 1usize..6, shared in 0usize..5, seed in 0u64..1000,
    ) {
        let case = Case::new(noisy(&random::circuit(n, length, seed).0), observables, rows, shared, seed);
        let expected = case.expected(|observable, parameters, gradient| {
            NoisyEnergy::new(&case.circuit, observable).unwrap().value_and_gradient(parameters, gradient).unwrap()
        });
        let mut of_set: Option<(&str, Product)> = None;
        for config in configs() {
            let product = case.of_pauli_vectors(config);
            prop_assert!(product.close(&expected, 1e-11), "{product:?} {expected:?}");
            if let Some((_, other)) = of_set.as_ref().filter(|(name, _)| *name == config.instruction_set.name()) {
                prop_assert_eq!(other, &product);
            }
            of_set = Some((config.instruction_set.name(), product));
        }
    }
}

/// Circuits without matrices, whose way back follows the plan; half and whole turns, where tangents have no bound, among the angles.
#[test]
fn planned_products_equal_single_evaluations() {
    let mut circuits: Vec<Circuit> = (0..24).map(|k| batches::gates(1 + k % 8, 4 + 2 * k, 300 + k as u64)).collect();
    circuits.extend([batches::real_layers(5, 8), batches::real_layers(9, 3), batches::rings(3, 4), batches::rings(7, 2)]);
    for (seed, circuit) in circuits.into_iter().enumerate() {
        let mut case = Case::new(circuit, 1 + seed % 7, 5 + seed % 13, 0, seed as u64);
        let special = [std::f64::consts::PI, -std::f64::consts::PI, 0.0, std::f64::consts::TAU, 9.0];
        case.full.iter_mut().step_by(3).zip(special.iter().cycle()).for_each(|(value, special)| *value = *special);
        let expected = case.single();
        for config in configs() {
            let product = case.of_states::<f64>(config);
            assert!(product.close(&expected, 1e-11), "{seed}, {}: {product:?} {expected:?}", config.instruction_set.name());
            assert!(case.of_states::<f32>(config).close(&expected, 2e-4), "{seed}, {}", config.instruction_set.name());
        }
    }
}

#[test]
fn large_states_take_the_same_path() {
    for (n, rows, length) in [(12, 9, 25), (13, 3, 25), (14, 2, 30), (15, 5, 20)] {
        let case = Case::new(random::circuit(n, length, n as u64).0, 5, rows, 2, 3);
        let expected = case.single();
        let products: Vec<Product> =
            [1, 2, 3].map(|threads| case.of_states::<f64>(SimulatorConfig { threads, ..SimulatorConfig::default() })).into();
        assert!(products.iter().all(|other| *other == products[0]), "{n} qubits");
        assert!(products[0].close(&expected, 1e-10), "{n} qubits");
        assert!(case.of_states::<f32>(SimulatorConfig::default()).close(&expected, 1e-3), "{n} qubits");
    }
}

#[test]
fn states_that_do_not_fit_in_lanes_are_worked_out_by_row() {
    let case = Case::new(random::circuit(6, 25, 2).0, 3, 7, 2, 5);
    // Two states of 64 amplitudes and no more.
    let config = SimulatorConfig { memory_limit: 2 << 10, ..SimulatorConfig::default() };
    assert!(case.of_states::<f64>(config).close(&case.single(), 1e-11));
    let refused = Batch::<f64>::new(&case.circuit, &case.observables, SimulatorConfig { memory_limit: 1000, ..config });
    assert!(matches!(refused, Err(SimError::MemoryLimit { num_qubits: 6, needed: 1024, limit: 1000 })), "{refused:?}");
    // One state is enough for values alone.
    let mut batch =
        Batch::<f64>::new(&case.circuit, &case.observables, SimulatorConfig { memory_limit: 1500, ..config }).unwrap();
    let (mut values, mut gradients) = (vec![0.0; 21], vec![0.0; case.full.len()]);
    batch.values(BatchParameters::rows(&case.full), &mut values).unwrap();
    let gradients = BatchGradients { shared: &mut [], rows: &mut gradients };
    let refused = batch.vjp(BatchParameters::rows(&case.full), &case.cotangents, &mut values, gradients);
    assert!(matches!(refused, Err(SimError::MemoryLimit { needed: 2048, limit: 1500, .. })), "{refused:?}");
}

#[test]
fn memory_decides_how_many_pauli_vectors_are_held() {
    let case = Case::new(noisy(&random::circuit(4, 12, 2).0), 3, 5, 2, 5);
    let plenty = case.of_pauli_vectors(SimulatorConfig { threads: 3, ..SimulatorConfig::default() });
    for states in [16, 30, 60] {
        let config = SimulatorConfig { memory_limit: states * 2048, threads: 3, ..SimulatorConfig::default() };
        assert_eq!(case.of_pauli_vectors(config), plenty);
    }
    let config = SimulatorConfig { memory_limit: 3 * 2048, threads: 3, ..SimulatorConfig::default() };
    let mut batch = PauliBatch::new(&case.circuit, &case.observables, config).unwrap();
    let (mut values, mut gradients) = (vec![0.0; 15], vec![0.0; case.full.len()]);
    batch.values(BatchParameters::rows(&case.full), &mut values).unwrap();
    assert!(values.iter().zip(&plenty.values).all(|(a, b)| (a - b).abs() < 1e-12));
    let gradients = BatchGradients { shared: &mut [], rows: &mut gradients };
    let refused = batch.vjp(BatchParameters::rows(&case.full), &case.cotangents, &mut values, gradients);
    assert!(matches!(refused, Err(SimError::MemoryLimit { .. })), "{refused:?}");
    let refused = PauliBatch::new(&case.circuit, &case.observables, SimulatorConfig { memory_limit: 2000, ..config });
    assert!(matches!(refused, Err(SimError::MemoryLimit { needed: 2048, limit: 2000, .. })), "{refused:?}");
}

#[test]
fn products_are_differences() {
    for noise in [false, true] {
        let circuit = random::circuit(4, 30, 11).0;
        let case = Case::new(if noise { noisy(&circuit) } else { circuit }, 4, 3, 2, 1);
        let config = SimulatorConfig::default();
        let mut pure = (!noise).then(|| Batch::<f64>::new(&case.circuit, &case.observables, config).unwrap());
        let mut mixed = PauliBatch::new(&case.circuit, &case.observables, config).unwrap();
        // Values times cotangents with one parameter moved: shared ones come first.
        let mut moved = |k: usize, step: f64| {
            let (mut shared, mut rows) = (case.full[..case.shared].to_vec(), case.by_row());
            let entry = if k < case.shared { &mut shared[k] } else { &mut rows[k - case.shared] };
            *entry += step;
            let mut values = vec![0.0; case.cotangents.len()];
            let parameters = BatchParameters { shared: &shared, rows: &rows };
            match &mut pure {
                Some(batch) => batch.values(parameters, &mut values).unwrap(),
                None => mixed.values(parameters, &mut values).unwrap(),
            }
            values.iter().zip(&case.cotangents).map(|(v, c)| v * c).sum::<f64>()
        };
        let product = if noise { case.of_pauli_vectors(config) } else { case.of_states::<f64>(config) };
        let h = 1e-3;
        for (k, slope) in product.shared.iter().chain(&product.rows).enumerate() {
            let difference = (8.0 * (moved(k, h) - moved(k, -h)) - (moved(k, 2.0 * h) - moved(k, -2.0 * h))) / (12.0 * h);
            assert!((difference - slope).abs() < 1e-7, "parameter {k}: {difference} {slope}");
        }
    }
}

#[test]
fn products_are_rows_of_jacobians() {
    for noise in [false, true] {
        let circuit = random::circuit(4, 20, 5).0;
        let case = Case::new(if noise { noisy(&circuit) } else { circuit }, 5, 6, 0, 9);
        let (width, count) = (case.observables.len(), case.circuit.num_parameters());
        let (mut values, mut jacobian) = (vec![0.0; case.rows * width], vec![0.0; case.rows * width * count]);
        let (parameters, config) = (BatchParameters::rows(&case.full), SimulatorConfig::default());
        let product = if noise {
            let mut batch = PauliBatch::new(&case.circuit, &case.observables, config).unwrap();
            batch.values_and_gradients(parameters, &mut values, &mut jacobian).unwrap();
            assert_eq!((batch.num_parameters(), batch.num_observables()), (count, width));
            case.of_pauli_vectors(config)
        } else {
            let mut batch = Batch::<f64>::new(&case.circuit, &case.observables, config).unwrap();
            batch.values_and_gradients(parameters, &mut values, &mut jacobian).unwrap();
            assert_eq!((batch.num_parameters(), batch.num_observables()), (count, width));
            case.of_states::<f64>(config)
        };
        let rows = (0..case.rows * count).map(|k| {
            let of_observable = |o: usize| jacobian[(k / count * width + o) * count + k % count];
            (0..width).map(|o| case.cotangents[k / count * width + o] * of_observable(o)).sum()
        });
        assert!(product.close(&Product { values, shared: Vec::new(), rows: rows.collect() }, 1e-11));
    }
}

#[test]
fn products_from_input_states_equal_single_ones() {
    for (n, limit) in [(3, u64::MAX), (3, 600), (13, u64::MAX)] {
        let case = Case::new(random::circuit(n, 20, 7).0, 3, 6, 1, 2);
        let config = SimulatorConfig { memory_limit: limit, ..SimulatorConfig::default() };
        let inputs: Vec<StateVector<f64>> = (0..case.rows as u64)
            .map(|k| {
                let (prepare, values) = random::circuit(n, 10, 90 + k);
                Energy::new(&prepare, &PauliSum::z(0, n)).unwrap().state(&values).unwrap().try_clone().unwrap()
            })
            .collect();
        let mut number = 0;
        let expected = case.expected(|observable, parameters, gradient| {
            let mut energy = Energy::new(&case.circuit, observable).unwrap();
            energy.set_initial_state(inputs[number / 3].try_clone().unwrap()).unwrap();
            number += 1;
            energy.value_and_gradient(parameters, gradient).unwrap()
        });
        let mut batch = Batch::<f64>::new(&case.circuit, &case.observables, config).unwrap();
        batch.set_inputs(Some(inputs.iter().map(|state| state.try_clone().unwrap()).collect())).unwrap();
        let product =
            case.product(|parameters, cotangents, values, gradients| batch.vjp(parameters, cotangents, values, gradients));
        assert!(product.close(&expected, 1e-11), "{n} qubits");
        let parameters = BatchParameters::rows(&case.full[..4 * 5]);
        let refused = batch.values(parameters, &mut [0.0; 15]);
        assert!(matches!(refused, Err(SimError::SizeMismatch { what: "input states", expected: 5, given: 6 })), "{refused:?}");
    }
}

#[test]
fn states_of_shared_and_other_parameters() {
    for n in [2, 13] {
        let mut circuit = Circuit::new(n);
        circuit.ry(Angle::free(0), 0).ry(Angle::free(1), 1).cx(0, 1);
        let parameters = BatchParameters { shared: &[0.4], rows: &[0.1, 0.2, 0.3] };
        let states = Batch::<f64>::new(&circuit, &[], SimulatorConfig::default()).unwrap().states(parameters).unwrap();
        let mut noise = PauliBatch::new(&circuit, &[], SimulatorConfig::default()).unwrap();
        let vectors = if n < 13 { noise.states(parameters).unwrap() } else { Vec::new() };
        assert_eq!((states.len(), vectors.len()), (3, if n < 13 { 3 } else { 0 }));
        for (k, state) in states.iter().enumerate() {
            let expected = 0.2f64.cos() * (0.05 * (k + 1) as f64).cos();
            assert!((state.amplitude(0).re - expected).abs() < 1e-15);
        }
        for (k, vector) in vectors.iter().enumerate() {
            assert!((vector.expectation_z()[1] - 0.4f64.cos() * (0.1 * (k + 1) as f64).cos()).abs() < 1e-15);
        }
        let all_shared = BatchParameters { shared: &[0.4, 0.1], rows: &[] };
        let states = Batch::<f64>::new(&circuit, &[], SimulatorConfig::default()).unwrap().states(all_shared).unwrap();
        assert_eq!(states.len(), 1);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_numbers() {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).ry(Angle::free(1), 1);
    let observables = [PauliSum::z(0, 2), PauliSum::z(1, 2)];
    let mut batch = Batch::<f64>::new(&circuit, &observables, SimulatorConfig::default()).unwrap();
    let mut vjp = |shared: &[f64], rows: &[f64], cotangents: &[f64], values: usize, gradients: [usize; 2]| {
        let [mut of_shared, mut of_rows] = gradients.map(|length| vec![0.0; length]);
        let gradients = BatchGradients { shared: &mut of_shared, rows: &mut of_rows };
        batch.vjp(BatchParameters { shared, rows }, cotangents, &mut vec![0.0; values], gradients).unwrap_err().to_string()
    };
    let said = vjp(&[0.1], &[], &[], 0, [1, 0]);
    assert_eq!(said, "the number of rows of a batch is 0; it must be at least 1");
    assert_eq!(vjp(&[0.1], &[0.2], &[1.0; 4], 4, [1, 1]), "parameter values: 1 where 2 is needed");
    assert_eq!(vjp(&[0.1; 3], &[], &[1.0; 2], 2, [3, 0]), "shared parameters: 3 where 2 is needed");
    assert_eq!(vjp(&[0.1], &[0.2], &[1.0; 3], 3, [1, 1]), "values of each row: 3 where 2 is needed");
    assert_eq!(vjp(&[0.1], &[0.2], &[1.0; 3], 2, [1, 1]), "cotangents: 3 where 2 is needed");
    assert_eq!(vjp(&[0.1], &[0.2], &[1.0; 2], 2, [0, 1]), "entries of the gradient by shared parameters: 0 where 1 is needed");
    let said = vjp(&[0.1], &[0.2], &[1.0; 2], 2, [1, 2]);
    assert_eq!(said, "entries of the gradients by parameters of rows: 2 where 1 is needed");
    let mut none = Batch::<f64>::new(&circuit, &[], SimulatorConfig::default()).unwrap();
    let said = none.values(BatchParameters { shared: &[0.1], rows: &[0.2] }, &mut []).unwrap_err().to_string();
    assert_eq!(said, "the number of observables of a batch is 0; it must be at least 1");
    assert_eq!(vjp(&[f64::NAN], &[0.2], &[1.0; 2], 2, [1, 1]), "a parameter is NaN; it must be a finite number");
    assert_eq!(vjp(&[0.1], &[f64::INFINITY], &[1.0; 2], 2, [1, 1]), "a parameter is inf; it must be a finite number");
    assert_eq!(vjp(&[0.1], &[0.2], &[1.0, f64::NAN], 2, [1, 1]), "a cotangent is NaN; it must be a finite number");
    let refused = PauliBatch::new(&circuit, &[PauliSum::z(0, 3)], SimulatorConfig::default());
    assert!(matches!(refused, Err(SimError::SizeMismatch { expected: 2, given: 3, .. })), "{refused:?}");
}
