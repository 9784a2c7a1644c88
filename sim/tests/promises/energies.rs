//! Expectation values, gradients and ground energies.

use crate::random;

use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, PauliString, PauliSum};
use qloom_sim::{Energy, InstructionSet, Observable, Program, SimulatorConfig, StateVector, ground_energy};

fn dense_expectation(circuit: &Circuit, parameters: &[f64], sum: &PauliSum) -> f64 {
    let unitary = circuit.unitary(parameters).unwrap();
    let matrix = sum.matrix();
    let dimension = matrix.dimension();
    let mut total = Complex64::ZERO;
    for row in 0..dimension {
        for column in 0..dimension {
            total += unitary[(row, 0)].conj() * matrix[(row, column)] * unitary[(column, 0)];
        }
    }
    total.re
}

#[test]
fn expectation_equals_the_dense_product_at_every_instruction_set() {
    for n in 1..8 {
        let (circuit, parameters) = random::circuit(n, 15, 100 + n as u64);
        let sum = random::observable(n, 40, n as u64);
        let expected = dense_expectation(&circuit, &parameters, &sum);
        for instruction_set in InstructionSet::available() {
            let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
            let value = Energy::with_config(&circuit, &sum, config).unwrap().value(&parameters).unwrap();
            assert!((value - expected).abs() < 1e-12 * (1.0 + sum.one_norm()), "{n}: {value} {expected}");
            let mut single = StateVector::<f32>::zero(n, config).unwrap();
            single.run(&Program::new(&circuit).unwrap(), &parameters).unwrap();
            let value = single.expectation(&Observable::new(&sum)).unwrap();
            assert!((value - expected).abs() < 1e-5 * (1.0 + sum.one_norm()), "{n}: {value} {expected}");
        }
    }
}

#[test]
fn gradient_equals_central_differences_at_every_instruction_set() {
    for n in 1..7 {
        let (circuit, parameters) = random::circuit(n, 25, 200 + n as u64);
        let sum = random::observable(n, 20, 50 + n as u64);
        for instruction_set in InstructionSet::available() {
            let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
            let mut energy = Energy::with_config(&circuit, &sum, config).unwrap();
            let mut gradient = vec![0.0; parameters.len()];
            let value = energy.value_and_gradient(&parameters, &mut gradient).unwrap();
            assert!((value - energy.value(&parameters).unwrap()).abs() < 1e-12 * (1.0 + sum.one_norm()));
            for (index, &derivative) in gradient.iter().enumerate() {
                let step = 1e-5;
                let mut at = |shift: f64| {
                    let mut shifted = parameters.clone();
                    shifted[index] += shift;
                    energy.value(&shifted).unwrap()
                };
                let expected = (at(step) - at(-step)) / (2.0 * step);
                assert!((derivative - expected).abs() < 1e-7 * (1.0 + sum.one_norm()), "{n} {index}: {derivative} {expected}");
            }
        }
    }
}

#[test]
fn gradient_equals_the_parameter_shift_rule() {
    let n = 5;
    let mut circuit = Circuit::new(n);
    let mut parameter = 0;
    for layer in 0..3 {
        for qubit in 0..n {
            circuit.ry(Angle::free(parameter), qubit).rz(Angle::free(parameter + 1), qubit).rx(Angle::free(parameter + 2), qubit);
            parameter += 3;
        }
        for qubit in 1..n {
            circuit.cx(qubit - 1, qubit).rzz(Angle::free(parameter), (qubit + layer) % n, (qubit + layer + 1) % n);
            parameter += 1;
        }
    }
    let parameters = random::angles(parameter, &mut random::rng(3));
    let sum = random::observable(n, 30, 7);
    let mut energy = Energy::new(&circuit, &sum).unwrap();
    let mut gradient = vec![0.0; parameter];
    energy.value_and_gradient(&parameters, &mut gradient).unwrap();
    for index in 0..parameter {
        let mut at = |shift: f64| {
            let mut shifted = parameters.clone();
            shifted[index] += shift;
            energy.value(&shifted).unwrap()
        };
        let expected = (at(std::f64::consts::FRAC_PI_2) - at(-std::f64::consts::FRAC_PI_2)) / 2.0;
        assert!((gradient[index] - expected).abs() < 1e-12 * (1.0 + sum.one_norm()), "{index}");
    }
}

#[test]
fn rebuild_and_initial_state_equal_a_fresh_start() {
    let sum = random::observable(4, 12, 1);
    let (first, _) = random::circuit(4, 10, 1);
    let (second, parameters) = random::circuit(4, 20, 2);
    let mut energy = Energy::new(&first, &sum).unwrap();
    energy.rebuild(&second).unwrap();
    let fresh = Energy::new(&second, &sum).unwrap().value(&parameters).unwrap();
    assert_eq!(energy.value(&parameters).unwrap(), fresh);

    let mut flipped = Circuit::new(4);
    flipped.x(1).x(3);
    let mut initial = StateVector::zero(4, SimulatorConfig::default()).unwrap();
    initial.run(&Program::new(&flipped).unwrap(), &[]).unwrap();
    energy.set_initial_state(initial).unwrap();
    flipped.append(&second).unwrap();
    let whole = Energy::new(&flipped, &sum).unwrap().value(&parameters).unwrap();
    assert!((energy.value(&parameters).unwrap() - whole).abs() < 1e-13);
}

#[test]
fn wrong_input_is_refused() {
    let sum = PauliSum::z(0, 2);
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0);
    let mut energy = Energy::new(&circuit, &sum).unwrap();
    assert!(energy.value(&[]).is_err());
    assert!(energy.value(&[f64::NAN]).is_err());
    assert!(energy.value_and_gradient(&[0.1], &mut []).is_err());
    assert!(energy.rebuild(&Circuit::new(3)).is_err());
    assert!(Energy::new(&circuit, &PauliSum::z(0, 3)).is_err());
    circuit.measure(0, 0);
    assert!(Energy::new(&circuit, &sum).is_err());
}

/// All eigenvalues, ascending, by Jacobi rotations on the dense real form.
pub fn dense_energies(sum: &PauliSum) -> Vec<f64> {
    let matrix = sum.matrix();
    let half = matrix.dimension();
    let size = 2 * half;
    // [[A, -B], [B, A]] has every eigenvalue of A + iB twice.
    let mut a: Vec<Vec<f64>> = (0..size)
        .map(|i| {
            (0..size)
                .map(|j| {
                    let entry = matrix[(i % half, j % half)];
                    match (i < half, j < half) {
                        (true, true) | (false, false) => entry.re,
                        (true, false) => -entry.im,
                        (false, true) => entry.im,
                    }
                })
                .collect()
        })
        .collect();
    for _ in 0..60 {
        for p in 0..size {
            for q in p + 1..size {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = 0.5 * (2.0 * a[p][q]).atan2(a[q][q] - a[p][p]);
                let (s, c) = theta.sin_cos();
                for row in &mut a {
                    let (x, y) = (row[p], row[q]);
                    (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                }
                let (above, below) = a.split_at_mut(q);
                for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
    }
    let mut energies: Vec<f64> = (0..size).map(|i| a[i][i]).collect();
    energies.sort_by(f64::total_cmp);
    energies.into_iter().step_by(2).collect()
}

#[test]
fn ground_energy_equals_dense_diagonalisation() {
    for n in 1..5 {
        for seed in 0..4 {
            let sum = random::observable(n, 1 + 6 * seed as usize, 10 * n as u64 + seed);
            let (given, expected) = (ground_energy(&sum).unwrap(), dense_energies(&sum)[0]);
            assert!((given - expected).abs() < 1e-10, "{n} {seed}: {given} {expected}");
        }
    }
}

#[test]
fn ground_energy_of_degenerate_and_trivial_sums() {
    let strings = |words: &[(&str, f64)]| {
        let terms: Vec<_> = words.iter().map(|(word, c)| (PauliString::from_word(word).unwrap(), *c)).collect();
        PauliSum::new(words[0].0.len(), terms).unwrap()
    };
    assert!((ground_energy(&strings(&[("ZZZZ", 1.0)])).unwrap() + 1.0).abs() < 1e-12);
    assert!((ground_energy(&strings(&[("II", 2.5)])).unwrap() - 2.5).abs() < 1e-12);
    assert!(ground_energy(&PauliSum::new(3, []).unwrap()).unwrap().abs() < 1e-12);
    // Heisenberg ring of four spins: ground energy -8 in units of J with Pauli matrices.
    let words: Vec<String> = ['X', 'Y', 'Z']
        .iter()
        .flat_map(|&letter| {
            (0..4).map(move |q| (0..4).map(|k| if k == q || k == (q + 1) % 4 { letter } else { 'I' }).collect::<String>())
        })
        .collect();
    let pairs: Vec<(&str, f64)> = words.iter().map(|word| (word.as_str(), 1.0)).collect();
    assert!((ground_energy(&strings(&pairs)).unwrap() + 8.0).abs() < 1e-10);
}

#[test]
fn ground_energies_of_molecules_equal_their_records() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
    let folders = ["data/molecules", "../shared/data/chemistry/pauli"].map(|path| format!("{root}{path}"));
    let Some(entries) = folders.iter().find_map(|folder| std::fs::read_dir(folder).ok()) else {
        println!("no molecule data found in {folders:?}: nothing compared");
        return;
    };
    let mut compared = 0;
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let (Some(n), Some(expected)) = (record["n_qubits"].as_u64(), record["ground_energy"].as_f64()) else { continue };
        if n > 12 {
            continue;
        }
        let terms: Vec<(PauliString, f64)> = record["terms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|term| (PauliString::from_word(term[0].as_str().unwrap()).unwrap(), term[1].as_f64().unwrap()))
            .chain(record["constant"].as_f64().map(|constant| (PauliString::IDENTITY, constant)))
            .collect();
        let given = ground_energy(&PauliSum::new(n as usize, terms).unwrap()).unwrap();
        assert!((given - expected).abs() < 1e-10, "{}: {given} {expected}", path.display());
        compared += 1;
    }
    assert!(compared > 0, "no record had a ground energy");
}

#[test]
fn gradient_by_tiles_equals_central_differences_for_every_number_of_threads() {
    let n = 16;
    let (circuit, parameters) = random::circuit(n, 60, 321);
    let sum = random::observable(n, 12, 8);
    let mut gradients = Vec::new();
    for threads in [1, 2, 3] {
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        let mut energy = Energy::with_config(&circuit, &sum, config).unwrap();
        let mut gradient = vec![0.0; parameters.len()];
        let value = energy.value_and_gradient(&parameters, &mut gradient).unwrap();
        assert!((value - energy.value(&parameters).unwrap()).abs() < 1e-12 * (1.0 + sum.one_norm()));
        for (index, &derivative) in gradient.iter().enumerate() {
            let step = 1e-5;
            let mut at = |shift: f64| {
                let mut shifted = parameters.clone();
                shifted[index] += shift;
                energy.value(&shifted).unwrap()
            };
            let expected = (at(step) - at(-step)) / (2.0 * step);
            assert!((derivative - expected).abs() < 1e-7 * (1.0 + sum.one_norm()), "{index}: {derivative} {expected}");
        }
        gradients.push(gradient);
    }
    assert!(gradients.iter().all(|gradient| *gradient == gradients[0]));
}
