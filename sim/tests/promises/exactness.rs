//! Every gate and random circuits against dense matrices, at every instruction set and in both precisions.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::random::{self, angles, circuit, rng, unitary};
use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation, Pauli, PauliString, library};
use qloom_sim::{InstructionSet, Program, Real, SimulatorConfig, StateVector};

/// Amplitudes after the circuit from `|0...0>` under one instruction set.
fn simulate<T: Real>(circuit: &Circuit, parameters: &[f64], instruction_set: InstructionSet) -> Vec<Complex64> {
    let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
    let mut state = StateVector::<T>::zero(circuit.num_qubits(), config).unwrap();
    state.run(&Program::new(circuit).unwrap(), parameters).unwrap();
    state.amplitudes().map(|a| Complex64::new(a.re.to_f64(), a.im.to_f64())).collect()
}

fn check(circuit: &Circuit, parameters: &[f64]) {
    let matrix = circuit.unitary(parameters).unwrap();
    let expected: Vec<Complex64> = (0..matrix.dimension()).map(|row| matrix[(row, 0)]).collect();
    for set in InstructionSet::available() {
        let distance = |given: Vec<Complex64>| given.iter().zip(&expected).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
        let double = distance(simulate::<f64>(circuit, parameters, set));
        assert!(double < 1e-12, "{}: {double:e} in {circuit:?}", set.name());
        let single = distance(simulate::<f32>(circuit, parameters, set));
        assert!(single < 1e-5, "{}: {single:e} in {circuit:?}", set.name());
    }
}

/// A state without zeros or symmetry.
fn scrambled(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for qubit in 0..num_qubits {
        circuit.ry(0.3 + 0.37 * qubit as f64, qubit).rz(0.7 - 0.21 * qubit as f64, qubit);
    }
    for qubit in 1..num_qubits {
        circuit.rxx(0.9 + 0.1 * qubit as f64, qubit - 1, qubit);
    }
    circuit
}

#[test]
fn every_gate_equals_its_matrix_on_every_arrangement_of_qubits() {
    let mut rng = rng(1);
    for gate in Gate::all() {
        for trial in 0..6 {
            let n = gate.num_qubits().max([1, 2, 3, 5, 6, 7][trial]);
            let mut circuit = scrambled(n);
            let qubits = random::distinct(gate.num_qubits(), n, &mut rng);
            let values: Vec<Angle> = angles(gate.num_parameters(), &mut rng).into_iter().map(Angle::from).collect();
            circuit.push(Operation::gate(gate, &values, &qubits)).unwrap();
            check(&circuit, &[]);
        }
    }
}

#[test]
fn random_circuits_equal_dense_products() {
    for seed in 0..60 {
        let n = 1 + seed as usize % 8;
        let (circuit, parameters) = circuit(n, 30, seed);
        check(&circuit, &parameters);
    }
}

#[test]
fn dense_unitaries_with_controls_equal_their_matrices() {
    let mut rng = rng(5);
    for trial in 0..20 {
        let (targets, controls) = (1 + trial % 3, trial % 2 + trial % 3);
        let n = targets + controls + 1;
        let qubits = random::distinct(targets + controls, n, &mut rng);
        let mut circuit = scrambled(n);
        let operation = Operation::Unitary {
            matrix: unitary(targets, &mut rng),
            controls: qubits[targets..].into(),
            qubits: qubits[..targets].into(),
        };
        circuit.push(operation).unwrap();
        check(&circuit, &[]);
    }
}

#[test]
fn nearly_diagonal_and_nearly_flipping_matrices_stay_exact() {
    for angle in [1e-16, 1e-13, 1e-9, 1e-5] {
        for near in [0.0, std::f64::consts::PI] {
            let mut reference = Circuit::new(1);
            reference.u3(near + angle, 0.4, -1.3, 0);
            let matrix = reference.unitary(&[]).unwrap();
            let mut circuit = scrambled(2);
            circuit
                .push(Operation::Unitary { matrix, controls: [1].into_iter().collect(), qubits: [0].into_iter().collect() })
                .unwrap();
            check(&circuit, &[]);
        }
    }
}

#[test]
fn pauli_rotations_of_any_weight_equal_their_matrices() {
    let mut rng = rng(9);
    for n in 1..7 {
        for _ in 0..10 {
            let letters: Vec<(usize, Pauli)> = (0..n).map(|q| (q, Pauli::ALL[random::below(4, &mut rng)])).collect();
            let mut circuit = scrambled(n);
            let pauli = PauliString::from_letters(letters);
            circuit.push(Operation::PauliRotation { pauli, angle: Angle::free(0) }).unwrap();
            check(&circuit, &angles(1, &mut rng));
        }
    }
}

#[test]
fn the_identity_does_nothing_and_zero_qubits_are_a_number() {
    let state = simulate::<f64>(&Circuit::new(0), &[], InstructionSet::best());
    assert_eq!(state, [Complex64::ONE]);
    assert_eq!(Circuit::new(0).unitary(&[]).unwrap(), Matrix::identity(0));
}

/// The largest difference between a run and the reference.
fn distance<T: Real>(circuit: &Circuit, parameters: &[f64], config: SimulatorConfig, expected: &[Complex64]) -> f64 {
    let mut state = StateVector::<T>::zero(circuit.num_qubits(), config).unwrap();
    state.run(&Program::new(circuit).unwrap(), parameters).unwrap();
    let given = state.amplitudes().map(|a| Complex64::new(a.re.to_f64(), a.im.to_f64()));
    given.zip(expected).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

#[test]
fn plans_equal_plain_products_at_every_tile_size_and_number_of_threads() {
    for seed in 0..24 {
        let n = 5 + seed as usize % 8;
        let (circuit, parameters) = circuit(n, 20 + 4 * seed as usize, 1000 + seed);
        let expected = random::reference(&circuit, &parameters);
        for instruction_set in InstructionSet::available() {
            for (tile, threads) in [(1, 1), (7, 2), (9, 1), (11, 3), (20, 1)] {
                let config = SimulatorConfig { instruction_set, threads, tile_qubits: Some(tile), ..SimulatorConfig::default() };
                let double = distance::<f64>(&circuit, &parameters, config, &expected);
                assert!(double < 1e-12, "{} {tile} {n} {seed}: {double:e}", instruction_set.name());
                let single = distance::<f32>(&circuit, &parameters, config, &expected);
                assert!(single < 1e-5, "{} {tile} {n} {seed}: {single:e}", instruction_set.name());
            }
        }
    }
}

#[test]
fn small_programs_of_many_runs_are_planned_and_equal_those_of_one_run() {
    for n in 7..=12 {
        let (random, dense) = (circuit(n, 250, 77 + n as u64), pairs(n, 10, 9));
        for ((circuit, parameters), dense) in [(random, false), (dense, true)] {
            let expected = random::reference(&circuit, &parameters);
            let (many, once) = (Program::new(&circuit).unwrap(), Program::once(&circuit).unwrap());
            for instruction_set in InstructionSet::available() {
                let (name, config) =
                    (instruction_set.name(), SimulatorConfig { instruction_set, threads: 1, ..SimulatorConfig::default() });
                assert!(distance::<f64>(&circuit, &parameters, config, &expected) < 1e-12, "{name} {n}");
                assert!(distance::<f32>(&circuit, &parameters, config, &expected) < 1e-5, "{name} {n}");
                let mut state = StateVector::<f64>::zero(n, config).unwrap();
                state.run(&once, &parameters).unwrap();
                assert!(state.amplitudes().zip(&expected).all(|(a, b)| (a - b).norm() < 1e-12), "{name} {n}");
                assert_eq!(once.explain::<f64>(&config).tile, None);
                // From 128 vectors on, where pairs are many; later where they are few.
                let vectors = match name {
                    "avx2" => n - 2,
                    "avx512" => n - 3,
                    _ => continue,
                };
                let tile = many.explain::<f64>(&config).tile;
                assert!(tile.is_none_or(|tile| tile == n) && tile.is_none() | (vectors >= 7), "{name} {n}: {tile:?}");
                assert!(!dense || tile.is_some() == (vectors >= 7), "{name} {n}: {tile:?}");
            }
        }
    }
    let short = Program::new(&circuit(12, 10, 5).0).unwrap();
    assert_eq!(short.explain::<f64>(&SimulatorConfig::default()).tile, None, "few operations are done one by one");
    // Operations under controls, of which a plan makes several, go over parts of a state.
    let fourier = Program::new(&library::qft(12)).unwrap();
    assert_eq!(fourier.explain::<f64>(&SimulatorConfig::default()).tile, None, "so are those under controls");
}

#[test]
fn deep_layers_of_ladders_and_rotations_stay_exact() {
    let n = 12;
    let mut rng = rng(4);
    let mut circuit = Circuit::new(n);
    for layer in 0..12 {
        for qubit in 0..n {
            let angles = angles(3, &mut rng);
            circuit.u3(angles[0], angles[1], angles[2], qubit);
        }
        for qubit in 0..n - 1 {
            circuit.cx((qubit + layer) % n, (qubit + layer + 1) % n);
        }
        circuit.cu1(0.3, layer % n, (layer + 5) % n).swap(layer % n, (layer + 3) % n).ccx(0, 5, 7);
    }
    let expected = random::reference(&circuit, &[]);
    for instruction_set in InstructionSet::available() {
        for tile in [7, 9, 12] {
            let config = SimulatorConfig { instruction_set, tile_qubits: Some(tile), ..SimulatorConfig::default() };
            assert!(distance::<f64>(&circuit, &[], config, &expected) < 1e-12);
            assert!(distance::<f32>(&circuit, &[], config, &expected) < 1e-5);
        }
    }
}

#[test]
fn pieces_of_tiles_change_no_bit() {
    let n = 13;
    let mut rng = rng(17);
    let mut circuit = Circuit::new(n);
    for layer in 0..5 {
        for qubit in 0..n {
            let angles = angles(3, &mut rng);
            circuit.u3(angles[0], angles[1], angles[2], qubit);
        }
        (0..n - 1 - layer).for_each(|qubit| {
            circuit.cx(qubit, qubit + 1 + layer);
        });
    }
    for pair in special_pairs(n, 4, 5).operations() {
        circuit.push(pair.clone()).unwrap();
    }
    let expected = random::reference(&circuit, &[]);
    for instruction_set in InstructionSet::available() {
        pieces::<f64>(&circuit, instruction_set);
        pieces::<f32>(&circuit, instruction_set);
        for first_cache in [1, 1 << 11, 1 << 20] {
            let config = SimulatorConfig { instruction_set, first_cache, ..SimulatorConfig::default() };
            assert!(distance::<f64>(&circuit, &[], config, &expected) < 1e-12, "{} {first_cache}", instruction_set.name());
        }
    }
}

/// The state is the same bit for bit whichever pieces tiles are done in.
fn pieces<T: Real>(circuit: &Circuit, instruction_set: InstructionSet) {
    let planes = |first_cache: u64, tile_qubits| {
        let config = SimulatorConfig { instruction_set, first_cache, tile_qubits, threads: 1, ..SimulatorConfig::default() };
        let mut state = StateVector::<T>::zero(circuit.num_qubits(), config).unwrap();
        state.run(&Program::new(circuit).unwrap(), &[]).unwrap();
        (state.planes().0.to_vec(), state.planes().1.to_vec())
    };
    for tile in [None, Some(12)] {
        let whole = planes(1 << 24, tile);
        for first_cache in [1, 1 << 10, 1 << 12, 1 << 13, 1 << 15] {
            assert!(planes(first_cache, tile) == whole, "{} {first_cache} {tile:?}", instruction_set.name());
        }
    }
}

#[test]
fn tiles_take_half_of_the_second_level_cache() {
    let (program, instruction_set) = (Program::new(&scrambled(20)).unwrap(), InstructionSet::best());
    for (cache, double) in [(256 << 10, 13), (512 << 10, 14), (1 << 20, 15), (2 << 20, 16)] {
        let config = SimulatorConfig { cache, instruction_set, ..SimulatorConfig::default() };
        assert_eq!(program.explain::<f64>(&config).tile, Some(double), "{cache}");
        assert_eq!(program.explain::<f32>(&config).tile, Some(double + 1), "{cache}");
        // A quarter where the state itself is to stay in the cache; one that is told whatever the cache is.
        let small = Program::new(&scrambled(double + 2)).unwrap();
        assert_eq!(small.explain::<f64>(&config).tile, Some(double - 1), "{cache}");
        let told = SimulatorConfig { tile_qubits: Some(11), ..config };
        assert_eq!(program.explain::<f64>(&told).tile, Some(11), "{cache}");
    }
}

/// Layers of many gates on each pair of a random matching, with free angles.
fn pairs(n: usize, depth: usize, seed: u64) -> (Circuit, Vec<f64>) {
    let mut rng = rng(seed);
    let mut circuit = Circuit::new(n);
    for layer in 0..depth {
        let qubits = random::distinct(n, n, &mut rng);
        for pair in qubits.chunks_exact(2) {
            let (a, b) = (pair[0], pair[1]);
            for _ in 0..2 {
                let v = angles(7, &mut rng);
                circuit.u3(v[0], v[1], v[2], a).u3(v[3], v[4], v[5], b).cx(a, b).ry(Angle::free(layer % 5), b).x(a);
                circuit.rz(Angle::free(layer % 3).scaled(0.7), a).cx(b, a).rzz(v[6], a, b);
            }
            circuit.swap(a, b).h(a);
        }
        if layer % 2 == 1 {
            circuit.ccx(qubits[0], qubits[1], qubits[2]).cx(qubits[0], qubits[n - 1]);
        }
    }
    let parameters = angles(circuit.num_parameters(), &mut rng);
    (circuit, parameters)
}

#[test]
fn runs_of_gates_on_pairs_of_qubits_stay_exact() {
    for seed in 0..6 {
        let n = 6 + seed as usize;
        let (circuit, parameters) = pairs(n, 5, 300 + seed);
        let expected = random::reference(&circuit, &parameters);
        for instruction_set in InstructionSet::available() {
            for (tile, threads) in [(1, 2), (8, 3), (10, 1), (20, 1)] {
                let config = SimulatorConfig { instruction_set, threads, tile_qubits: Some(tile), ..SimulatorConfig::default() };
                let double = distance::<f64>(&circuit, &parameters, config, &expected);
                assert!(double < 1e-12, "{} {tile} {n}: {double:e}", instruction_set.name());
                let single = distance::<f32>(&circuit, &parameters, config, &expected);
                assert!(single < 1e-5, "{} {tile} {n}: {single:e}", instruction_set.name());
            }
        }
    }
}

/// Blocks of gates on random pairs, layer after layer, with angles at which gates of the blocks coincide, vanish or exchange the qubits.
fn special_pairs(n: usize, depth: usize, seed: u64) -> Circuit {
    let mut rng = rng(seed);
    let mut circuit = Circuit::new(n);
    for _ in 0..depth {
        for pair in random::distinct(n, n, &mut rng).chunks_exact(2) {
            let (a, b) = (pair[0], pair[1]);
            let kind = random::below(4, &mut rng);
            let special = [0.0, FRAC_PI_2, PI, -FRAC_PI_2, 1e-9, PI + 1e-7, 1e-14, FRAC_PI_2 / 2.0];
            let free = angles(18, &mut rng);
            let v: Vec<f64> = match kind {
                0 => free,
                1 => free.iter().map(|_| FRAC_PI_2 * random::below(4, &mut rng) as f64).collect(),
                _ => free.iter().map(|_| special[random::below(8, &mut rng)]).collect(),
            };
            for v in v.chunks_exact(9) {
                circuit
                    .u3(v[0], v[1], v[2], a)
                    .u3(v[3], v[4], v[5], b)
                    .rxx(v[6], a, b)
                    .rzz(v[7], a, b)
                    .cx(a, b)
                    .ry(v[8], b)
                    .h(a)
                    .cx(b, a);
            }
            if kind == 3 {
                circuit.swap(a, b);
            }
        }
    }
    circuit
}

#[test]
fn what_pairs_leave_to_later_pairs_is_done_there() {
    for (n, depth, seed) in [(13, 9, 1), (14, 6, 2), (15, 4, 3), (16, 4, 4), (16, 3, 5), (13, 40, 6)] {
        let circuit = special_pairs(n, depth, 70 + seed);
        let expected = random::reference(&circuit, &[]);
        for instruction_set in InstructionSet::available() {
            for (tile_qubits, first_cache) in [(None, 1 << 15), (Some(9), 1 << 12)] {
                let config =
                    SimulatorConfig { instruction_set, tile_qubits, first_cache, threads: 2, ..SimulatorConfig::default() };
                let double = distance::<f64>(&circuit, &[], config, &expected);
                assert!(double < 1e-13, "{} {tile_qubits:?} {n} {seed}: {double:e}", instruction_set.name());
                let single = distance::<f32>(&circuit, &[], config, &expected);
                assert!(single < 3e-6, "{} {tile_qubits:?} {n} {seed}: {single:e}", instruction_set.name());
            }
        }
    }
}

#[test]
fn phases_of_the_whole_state_are_kept() {
    for gates in 0..3 {
        let mut circuit = Circuit::new(9);
        circuit.push(Operation::GlobalPhase(Angle::free(0))).unwrap();
        match gates {
            0 => circuit.x(3).cx(3, 8).x(7),
            1 => circuit.u3(0.4, -1.0, 0.2, 0).cx(0, 6).ry(0.3, 6).rz(1.1, 0).cx(6, 0).u3(1.0, 2.0, 3.0, 0).u3(0.1, 0.2, 0.3, 6),
            _ => circuit.z(1).z(2).p(0.3, 0),
        };
        let expected = random::reference(&circuit, &[0.9]);
        for instruction_set in InstructionSet::available() {
            let config = SimulatorConfig { instruction_set, tile_qubits: Some(8), ..SimulatorConfig::default() };
            assert!(distance::<f64>(&circuit, &[0.9], config, &expected) < 1e-14);
        }
    }
}

#[test]
fn a_pair_with_many_rotations_is_one_block() {
    let (circuit, _) = pairs(14, 1, 7);
    let explanation = Program::new(&circuit).unwrap().explain::<f64>(&SimulatorConfig::default());
    assert_eq!(explanation.passes.iter().map(|pass| pass.blocks).sum::<usize>(), 7);
    // Phases of the whole state are in a block too.
    assert_eq!(explanation.passes.iter().map(|pass| pass.phase_layers).sum::<usize>(), 0);
}

#[test]
fn flips_under_many_controls_stay_exact() {
    let n = 11;
    let mut rng = rng(12);
    let mut circuit = Circuit::new(n);
    for layer in 0..8 {
        for qubit in 0..n {
            let angles = angles(2, &mut rng);
            circuit.ry(angles[0], qubit).rz(angles[1], qubit);
        }
        for controls in 2..8 {
            let qubits = random::distinct(controls + 1, n, &mut rng);
            let mut flip = Circuit::new(1);
            flip.x(0);
            let operation = Operation::Unitary {
                matrix: flip.unitary(&[]).unwrap(),
                controls: qubits[1..].into(),
                qubits: qubits[..1].into(),
            };
            circuit.push(operation).unwrap();
            circuit.cx(qubits[0], qubits[1]).cz(qubits[0], qubits[2]).x(qubits[layer % 3]).p(0.4, qubits[0]);
        }
        circuit.ccx(layer, 9, 10).ccx(layer, 10, 9).ccx(9, 10, layer);
    }
    let expected = random::reference(&circuit, &[]);
    for instruction_set in InstructionSet::available() {
        for (tile, threads) in [(1, 1), (7, 1), (9, 2), (10, 3), (11, 1)] {
            let config = SimulatorConfig { instruction_set, threads, tile_qubits: Some(tile), ..SimulatorConfig::default() };
            let double = distance::<f64>(&circuit, &[], config, &expected);
            assert!(double < 1e-12, "{} {tile}: {double:e}", instruction_set.name());
            let single = distance::<f32>(&circuit, &[], config, &expected);
            assert!(single < 1e-5, "{} {tile}: {single:e}", instruction_set.name());
        }
    }
}
