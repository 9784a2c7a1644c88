//! Pauli vectors against dense density matrices.

use num_complex::Complex64;
use qloom_circuits::{Channel, Circuit, Matrix, Operation, Pauli, PauliString, Qubits, Stream, library};

use super::*;
use crate::{InstructionSet, Program, StateVector};

fn channel(circuit: &mut Circuit, channel: Channel, qubits: &[usize]) {
    circuit.push(Operation::Channel { channel, qubits: qubits.into() }).expect("it fits");
}

/// The density matrix by plain products of Kraus operators.
fn dense(circuit: &Circuit) -> Matrix {
    let n = circuit.num_qubits();
    let mut rho = Matrix::zero(n);
    rho[(0, 0)] = Complex64::ONE;
    let sandwich = |rho: &Matrix, operator: &Matrix| operator.times(rho).times(&operator.adjoint());
    for operation in circuit.operations() {
        match operation {
            Operation::Channel { channel, qubits } => {
                let parts = channel.kraus().iter().map(|k| sandwich(&rho, &k.embedded(qubits, n)));
                rho = parts.reduce(|a, b| a.plus(&b)).expect("some operator");
            }
            Operation::Reset { qubit } => {
                let zero = Matrix::from_slice(&[Complex64::ONE, Complex64::ZERO, Complex64::ZERO, Complex64::ZERO]);
                let one = Matrix::from_slice(&[Complex64::ZERO, Complex64::ONE, Complex64::ZERO, Complex64::ZERO]);
                rho = [zero, one]
                    .map(|k| sandwich(&rho, &k.embedded(&[*qubit], n)))
                    .into_iter()
                    .reduce(|a, b| a.plus(&b))
                    .expect("two");
            }
            gate => {
                for primitive in gate.primitives().expect("a gate") {
                    rho = sandwich(&rho, &primitive.matrix(&[]).embedded(&primitive.qubits(), n));
                }
            }
        }
    }
    rho
}

/// Random gates under noise; with an odd seed under noise that keeps the centre and leaves products of Paulis products.
fn noisy(n: usize, seed: u64) -> Circuit {
    let unital = seed % 2 == 1;
    let mut circuit = Circuit::new(n);
    let gates = library::random(n, 25, &mut qloom_circuits::Stream::named(seed, "circuit"));
    let parameters: Vec<f64> = (0..gates.num_parameters()).map(|k| 0.3 + k as f64).collect();
    for operation in gates.bind(&parameters).expect("as many").operations() {
        circuit.push(operation.clone()).expect("it fits");
        let qubits: Qubits = operation.qubits();
        match qubits[..] {
            [q] if unital => channel(&mut circuit, Channel::depolarizing(0.02, 1).expect("physical"), &[q]),
            [a, b] if unital => channel(&mut circuit, Channel::depolarizing(0.03, 2).expect("physical"), &[a, b]),
            [q] => channel(&mut circuit, Channel::thermal_relaxation(100.0, 120.0, 5.0, 0.07).expect("physical"), &[q]),
            [a, b] => {
                channel(&mut circuit, Channel::depolarizing(0.03, 2).expect("physical"), &[a, b]);
                channel(&mut circuit, Channel::zz_crosstalk(0.1).expect("physical"), &[b, a]);
            }
            _ => {}
        }
    }
    circuit.reset(n - 1);
    circuit
}

#[test]
fn random_noisy_circuits_agree_with_density_matrices() {
    for n in 1..=7 {
        for seed in 0..if n < 6 { 6 } else { 2 } {
            let circuit = noisy(n, seed);
            let expected = dense(&circuit);
            let program = PauliProgram::new(&circuit).expect("supported");
            for instruction_set in InstructionSet::available() {
                let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
                let mut state = PauliVector::zero(n, config).expect("small");
                state.run(&program, &[]).expect("sizes agree");
                let mut prepared = PauliVector::zero(n, config).expect("small");
                prepared.run(&program, &[]).expect("sizes agree");
                prepared.prepare(&program, &[], &mut PauliWorkspace::default()).expect("sizes agree");
                assert!(prepared.values().iter().zip(state.values()).all(|(a, b)| (a - b).abs() < 1e-14));
                let error = state.density_matrix().expect("small").distance(&expected);
                assert!(error < 1e-12, "{n} qubits, seed {seed}, {}: {error:e}", instruction_set.name());
                let purity = expected.times(&expected);
                let purity: f64 = (0..1 << n).map(|k| purity[(k, k)].re).sum();
                assert!((state.purity() - purity).abs() < 1e-12);
                let all: Vec<usize> = (0..n).collect();
                for (k, p) in state.probabilities(&all).expect("all qubits").iter().enumerate() {
                    assert!((p - expected[(k, k)].re).abs() < 1e-12);
                }
            }
        }
    }
}

#[test]
fn every_gate_row_permutes_or_mixes_as_its_matrix_does() {
    for gate in qloom_circuits::Gate::all() {
        let n = gate.num_qubits();
        let mut circuit = Circuit::new(n);
        for qubit in 0..n {
            circuit.u3(0.4 + qubit as f64, 0.2, 0.7, qubit);
        }
        let angles: Vec<_> = (0..gate.num_parameters()).map(|k| qloom_circuits::Angle::Fixed(0.3 + k as f64)).collect();
        let qubits: Vec<usize> = (0..n).rev().collect();
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("it fits");
        let mut pure = StateVector::<f64>::zero(n, SimulatorConfig::default()).expect("small");
        pure.run(&Program::new(&circuit).expect("unitary"), &[]).expect("sizes agree");
        let mut state = PauliVector::zero(n, SimulatorConfig::default()).expect("small");
        state.run(&PauliProgram::new(&circuit).expect("supported"), &[]).expect("sizes agree");
        let expected = PauliVector::from_state_vector(&pure).expect("small");
        let worst = state.values().iter().zip(expected.values()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-12, "{gate}: {worst:e}");
        assert!((state.fidelity(&pure).expect("sizes agree") - 1.0).abs() < 1e-12);
    }
}

#[test]
fn partial_traces_and_expectations() {
    let mut circuit = Circuit::new(3);
    circuit.h(0).cx(0, 2);
    let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
    state.run(&PauliProgram::new(&circuit).expect("supported"), &[]).expect("sizes agree");
    let pair = state.partial_trace(&[2, 0]).expect("qubits");
    assert!((pair.purity() - 1.0).abs() < 1e-14);
    assert!((state.partial_trace(&[0]).expect("a qubit").purity() - 0.5).abs() < 1e-14);
    let yy = PauliString::from_letters([(0, Pauli::Y), (2, Pauli::Y)]);
    assert!((state.pauli(yy).expect("inside") + 1.0).abs() < 1e-14);
    assert!(state.pauli(PauliString::from_letters([(3, Pauli::X)])).is_err());
    assert!(state.partial_trace(&[3]).is_err() && state.partial_trace(&[1, 1]).is_err());
}

#[test]
fn density_matrices_there_and_back() {
    for n in 1..=4 {
        let circuit = noisy(n, 3);
        let expected = dense(&circuit);
        let state = PauliVector::from_density_matrix(&expected, SimulatorConfig::default()).expect("a state");
        let mut run = PauliVector::zero(n, SimulatorConfig::default()).expect("small");
        run.prepare(&PauliProgram::new(&circuit).expect("supported"), &[], &mut PauliWorkspace::default()).expect("sizes agree");
        assert!(state.values().iter().zip(run.values()).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(state.density_matrix().expect("small").distance(&expected) < 1e-14);
        assert!(matches!(
            PauliVector::from_density_matrix(&expected.scaled(2.0.into()), SimulatorConfig::default()),
            Err(SimError::NotNormalised { .. })
        ));
        let mut skew = expected.clone();
        skew[(0, 1)] += 0.1;
        assert!(matches!(
            PauliVector::from_density_matrix(&skew, SimulatorConfig::default()),
            Err(SimError::NotHermitian { .. })
        ));
    }
}

#[test]
fn matrices_with_negative_eigenvalues_are_refused() {
    // of (1 + r.sigma)/2 the eigenvalues are (1 +- |r|)/2, also beside a pure qubit
    let bloch = |n: usize, [x, y, z]: [f64; 3]| {
        let mut matrix = Matrix::zero(n);
        matrix[(0, 0)] = (0.5 + 0.5 * z).into();
        matrix[(1, 1)] = (0.5 - 0.5 * z).into();
        matrix[(0, 1)] = Complex64::new(0.5 * x, -0.5 * y);
        matrix[(1, 0)] = matrix[(0, 1)].conj();
        matrix
    };
    for (n, vector, length) in [
        (1, [0.6, 0.0, 0.8], 1.0),
        (1, [0.6, -0.8, 0.9], 1.81f64.sqrt()),
        (3, [0.0, 0.0, -2.0], 2.0),
        (2, [1.0, 1.0, 1.0], 3f64.sqrt()),
    ] {
        let state = PauliVector::from_density_matrix(&bloch(n, vector), SimulatorConfig::default());
        match state {
            Ok(_) => assert!(length < 1.0 + 1e-9),
            Err(SimError::NotPositive { least, limit }) => {
                assert!((least - 0.5 * (1.0 - length)).abs() < 1e-9 && limit == -1e-8 && length > 1.0);
            }
            Err(other) => panic!("{other}"),
        }
    }
    let said = PauliVector::from_density_matrix(&bloch(1, [0.0, 0.0, 2.0]), SimulatorConfig::default()).expect_err("negative");
    assert!(said.to_string().starts_with("the density matrix has the eigenvalue -") && said.to_string().ends_with("below -1e-8"));
}

#[test]
fn overlaps_are_traces_of_products() {
    let trace = |matrix: &Matrix| -> f64 { (0..matrix.dimension()).map(|k| matrix[(k, k)].re).sum() };
    for n in 1..=4 {
        let (first, second) = (dense(&noisy(n, 1)), dense(&noisy(n, 2)));
        let state = |matrix| PauliVector::from_density_matrix(matrix, SimulatorConfig::default()).expect("a state");
        let overlap = state(&first).overlap(&state(&second)).expect("as many qubits");
        assert!((overlap - trace(&first.times(&second))).abs() < 1e-12);
    }
}

#[test]
fn shots_follow_the_probabilities() {
    let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
    state.run(&PauliProgram::new(&noisy(3, 5)).expect("supported"), &[]).expect("sizes agree");
    let shots = 200_000;
    let sample = || state.sample(shots, &mut Stream::named(11, "shots"));
    let counts = sample();
    assert_eq!((counts.shots(), &counts), (shots, &sample()));
    for (outcome, p) in state.probabilities(&[0, 1, 2]).expect("all qubits").into_iter().enumerate() {
        let (seen, sigma) = (counts.get(outcome as u64) as f64, (shots as f64 * p * (1.0 - p)).max(0.0).sqrt());
        assert!((seen - shots as f64 * p).abs() < 6.0 * sigma + 1e-6, "{outcome}: {seen}");
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (n, seed) in [(7, 2), (7, 3), (8, 2), (8, 3), (9, 2), (9, 3)] {
        let program = PauliProgram::new(&noisy(n, seed)).expect("supported");
        assert!(n < 9 || seed == 3 || program.num_passes(&SimulatorConfig::default()) > 1);
        let states: Vec<PauliVector> = [1, 2, 3]
            .map(|threads| {
                let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
                let mut state = PauliVector::zero(n, config).expect("small");
                state.prepare(&program, &[], &mut PauliWorkspace::default()).expect("sizes agree");
                state
            })
            .into();
        assert!(states.iter().all(|state| state.values() == states[0].values()));
        let mut again = states[2].try_clone().expect("small");
        again.reset();
        again.run(&program, &[]).expect("sizes agree");
        assert!(again.values().iter().zip(states[0].values()).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}

/// The processor's cache chooses the tiles, or the configuration does; the state is the same.
#[test]
fn tiles_follow_the_cache() {
    let (small, large) = (1 << 19, 1 << 21);
    let config = |cache, tile_qubits| SimulatorConfig { cache, tile_qubits, ..SimulatorConfig::default() };
    for (n, cache, tile_qubits, expected) in [
        (10, small, None, 7),
        (10, large, None, 8),
        (11, small, None, 8),
        (10, small, Some(16), 8),
        (10, large, Some(14), 7),
        (9, large, None, 7),
        (9, small, Some(18), 8),
        (8, large, Some(16), 7),
    ] {
        let config = config(cache, tile_qubits);
        assert_eq!(plan::TILES[plan::tile(n, &config)], expected, "{n} {cache} {tile_qubits:?}");
    }
    for n in [9, 10] {
        let program = PauliProgram::new(&noisy(n, 2)).expect("supported");
        let [seven, eight] = [14, 16].map(|tile| config(small, Some(tile)));
        assert!(program.num_passes(&eight) <= program.num_passes(&seven));
        let state = |config: SimulatorConfig| {
            let mut state = PauliVector::zero(n, config).expect("small");
            state.prepare(&program, &[], &mut PauliWorkspace::default()).expect("sizes agree");
            state
        };
        let (a, b) = (state(seven), state(eight));
        assert!(a.values().iter().zip(b.values()).all(|(a, b)| (a - b).abs() < 1e-13), "{n}");
    }
}

#[test]
fn too_much_memory_is_refused() {
    let config = SimulatorConfig { memory_limit: 1 << 30, ..SimulatorConfig::default() };
    assert!(matches!(PauliVector::zero(14, config), Err(SimError::MemoryLimit { .. })));
    assert!(PauliVector::zero(200, config).is_err());
}
