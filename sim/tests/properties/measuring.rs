//! What can be read off a state.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Circuit, Matrix, Operation, PauliString, PauliSum, Stream, library};
use qloom_sim::{
    AnyState, Counts, Observable, PauliVector, Program, Representation, SimError, SimulatorConfig, State, StateVector,
    ground_energy, multinomial,
};

use super::dense::{density, observable, parametrised, trace, value};

fn state(circuit: &Circuit) -> StateVector<f64> {
    let mut state = StateVector::zero(circuit.num_qubits(), SimulatorConfig::default()).expect("small");
    state.run(&Program::new(circuit).expect("gates"), &[]).expect("bound");
    state
}

fn marginal(rho: &Matrix, qubits: &[usize]) -> Vec<f64> {
    let mut list = vec![0.0; 1 << qubits.len()];
    for index in 0..rho.dimension() {
        let outcome = qubits.iter().enumerate().fold(0, |bits, (k, &qubit)| bits | (index >> qubit & 1) << k);
        list[outcome] += rho[(index, index)].re;
    }
    list
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pure_states_are_read_as_density_matrices(circuit in parametrised(4, 12, 0, false), sum in observable(4), qubits in Just(vec![0usize, 1, 2, 3]).prop_shuffle(), count in 0usize..5) {
        let (state, rho) = (state(&circuit), density(&circuit, &[]));
        prop_assert!((state.expectation(&Observable::new(&sum)).expect("sizes agree") - value(&sum, &rho)).abs() < 1e-11);
        let probabilities = state.probabilities(&qubits[..count]).expect("qubits");
        for (found, expected) in probabilities.iter().zip(marginal(&rho, &qubits[..count])) {
            prop_assert!((found - expected).abs() < 1e-12);
        }
        for (qubit, z) in state.expectation_z().into_iter().enumerate() {
            prop_assert!((z - value(&PauliSum::z(qubit, 4), &rho)).abs() < 1e-12);
        }
        for &(string, _) in sum.terms() {
            let alone = PauliSum::new(4, [(string, 1.0)]).expect("it fits");
            prop_assert!((state.pauli(string).expect("inside") - value(&alone, &rho)).abs() < 1e-12);
        }
        prop_assert!((state.norm() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn noisy_states_are_read_as_density_matrices(circuit in parametrised(3, 12, 0, true), sum in observable(3), qubits in Just(vec![0usize, 1, 2]).prop_shuffle(), count in 0usize..4) {
        let rho = density(&circuit, &[]);
        let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
        state.run(&PauliVector::compile(&circuit).expect("supported"), &[]).expect("bound");
        prop_assert!((state.expectation(&Observable::new(&sum)).expect("sizes agree") - value(&sum, &rho)).abs() < 1e-11);
        for (found, expected) in state.probabilities(&qubits[..count]).expect("qubits").iter().zip(marginal(&rho, &qubits[..count])) {
            prop_assert!((found - expected).abs() < 1e-12);
        }
        prop_assert!(state.density_matrix().expect("small").distance(&rho) < 1e-12);
        prop_assert!((state.purity() - trace(&rho.times(&rho))).abs() < 1e-12);
        let again = PauliVector::from_density_matrix(&rho, SimulatorConfig::default()).expect("Hermitian");
        prop_assert!((state.overlap(&again).expect("sizes agree") - state.purity()).abs() < 1e-12);
    }

    /// The partial trace is that of the matrix.
    #[test]
    fn parts_of_noisy_states_are_partial_traces(circuit in parametrised(3, 10, 0, true), kept in prop::sample::subsequence(vec![0usize, 1, 2], 1..3)) {
        let rho = density(&circuit, &[]);
        let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
        state.run(&PauliVector::compile(&circuit).expect("supported"), &[]).expect("bound");
        let part = state.partial_trace(&kept).expect("qubits").density_matrix().expect("small");
        let bits = |index: usize| kept.iter().enumerate().fold(0, |bits, (k, &qubit)| bits | (index >> qubit & 1) << k);
        let others = |index: usize| kept.iter().fold(index, |index, &qubit| index & !(1 << qubit));
        let mut expected = Matrix::zero(kept.len());
        for row in 0..8 {
            for column in (0..8).filter(|&column| others(row) == others(column)) {
                expected[(bits(row), bits(column))] += rho[(row, column)];
            }
        }
        prop_assert!(part.distance(&expected) < 1e-12);
    }

    /// Projection keeps the outcome's part, normalised; what cannot happen is refused.
    #[test]
    fn projection_keeps_one_outcome(circuit in parametrised(3, 10, 0, false), qubit in 0usize..3, outcome in any::<bool>()) {
        let mut state = state(&circuit);
        let p = state.probabilities(&[qubit]).expect("a qubit")[usize::from(outcome)];
        prop_assume!(p > 1e-6);
        let before: Vec<Complex64> = state.amplitudes().collect();
        state.project(qubit, outcome).expect("it can happen");
        for (index, amplitude) in state.amplitudes().enumerate() {
            let kept = (index >> qubit & 1 == 1) == outcome;
            let expected = if kept { before[index] / p.sqrt() } else { Complex64::ZERO };
            prop_assert!((amplitude - expected).norm() < 1e-12);
        }
        prop_assert!(state.project(qubit, !outcome).is_err());
    }

    /// Unitaries by columns are products of the gates' matrices, global phase included.
    #[test]
    fn unitaries_are_products_of_gates(circuit in parametrised(3, 12, 0, false)) {
        let fast = qloom_sim::unitary(&circuit, SimulatorConfig::default()).expect("gates");
        prop_assert!(fast.distance(&circuit.unitary(&[]).expect("gates")) < 1e-12);
    }

    /// What is left of a state when qubits are traced out, for pure states and density operators alike.
    #[test]
    fn reduced_states_are_partial_traces(circuit in parametrised(4, 12, 0, false), qubits in Just(vec![0usize, 1, 2, 3]).prop_shuffle(), kept in 1usize..4) {
        let state = state(&circuit);
        let qubits = &qubits[..kept];
        let reduced = state.reduced(qubits).expect("qubits");
        let mixed = PauliVector::from_state_vector(&state).expect("small").partial_trace(qubits).expect("qubits");
        prop_assert!(reduced.distance(&mixed.density_matrix().expect("small")) < 1e-13);
        prop_assert!(state.reduced(&[0, 0]).is_err() && state.reduced(&[4]).is_err());
    }

    /// Every outcome is drawn about as often as it is likely, in one pass over the state.
    #[test]
    fn samples_follow_the_probabilities(circuit in parametrised(3, 8, 0, false), seed in any::<u64>()) {
        let state = state(&circuit);
        let (shots, exact) = (5000u64, state.probabilities(&[0, 1, 2]).expect("qubits"));
        let counts = state.sample(shots, &mut Stream::named(seed, "shots"));
        let some = state.sample_qubits(&[2, 0], shots, &mut Stream::named(seed, "some")).expect("qubits");
        prop_assert_eq!((counts.shots(), some.shots()), (shots, shots));
        for (outcome, p) in exact.iter().enumerate() {
            let frequency = counts.get(outcome as u64) as f64 / shots as f64;
            prop_assert!((frequency - p).abs() < 6.0 * (p / shots as f64).sqrt().max(1e-4), "{} {}", frequency, p);
        }
        for (outcome, p) in state.probabilities(&[2, 0]).expect("qubits").iter().enumerate() {
            let frequency = some.get(outcome as u64) as f64 / shots as f64;
            prop_assert!((frequency - p).abs() < 6.0 * (p / shots as f64).sqrt().max(1e-4));
        }
    }

    /// However many shots there are, all of them fall somewhere.
    #[test]
    fn multinomials_share_out_every_shot(weights in prop::collection::vec(0.0..1.0f64, 1..20), shots in any::<u64>(), seed in any::<u64>()) {
        prop_assume!(weights.iter().any(|weight| *weight > 0.0));
        let mut total = 0u64;
        multinomial(&weights, shots >> 4, &mut Stream::named(seed, "shots"), |outcome, times| {
            assert!(weights[outcome] > 0.0 && times > 0);
            total += times;
        });
        prop_assert_eq!(total, shots >> 4);
    }

    #[test]
    fn rearranged_counts_move_their_bits(outcomes in prop::collection::vec((0u64..16, 1u64..50), 1..8), places in Just(vec![0usize, 1, 2, 3]).prop_shuffle()) {
        let mut counts = Counts::new(4);
        outcomes.iter().for_each(|&(outcome, times)| counts.add(outcome, times));
        let there: Vec<(usize, usize)> = places.iter().copied().enumerate().collect();
        let back: Vec<(usize, usize)> = there.iter().map(|&(from, to)| (to, from)).collect();
        prop_assert_eq!(counts.rearranged(&there, 4).rearranged(&back, 4), counts.clone());
        prop_assert_eq!(counts.rearranged(&there, 4).shots(), counts.shots());
    }

    /// The lowest eigenvalue: no state is below it, and a power iteration finds it.
    #[test]
    fn the_ground_energy_is_the_lowest_eigenvalue(sum in observable(3)) {
        let found = ground_energy(&sum).expect("it converges");
        let matrix = sum.matrix();
        // shift so that the lowest eigenvalue becomes the largest in size
        let shift = sum.one_norm() + sum.constant().abs() + 1.0;
        let mut power = Matrix::identity(3).scaled(Complex64::new(shift, 0.0)).plus(&matrix.scaled(Complex64::new(-1.0, 0.0)));
        for _ in 0..14 {
            power = power.times(&power);
            let size = power.entries().iter().map(|entry| entry.norm()).fold(0.0, f64::max);
            power = power.scaled(Complex64::new(1.0 / size, 0.0));
        }
        let lowest = trace(&power.times(&matrix)) / trace(&power);
        prop_assert!((found - lowest).abs() < 1e-3 * shift, "{} {}", found, lowest);
        prop_assert!(found <= lowest + 1e-9);
    }

    /// A state chosen at run time is the state of its kind.
    #[test]
    fn chosen_states_are_those_of_their_kind(circuit in parametrised(3, 8, 0, false), sum in observable(3)) {
        let expected = value(&sum, &density(&circuit, &[]));
        for (representation, tolerance) in [
            (Representation::StateVectorF32, 1e-5),
            (Representation::StateVectorF64, 1e-11),
            (Representation::PauliVector, 1e-11),
        ] {
            let mut state = AnyState::zero(representation, 3, SimulatorConfig::default()).expect("small");
            state.run(&circuit, &[]).expect("gates");
            prop_assert_eq!(state.representation(), representation);
            let found = state.expectation(&Observable::new(&sum)).expect("sizes agree");
            prop_assert!((found - expected).abs() < tolerance);
            prop_assert_eq!(state.sample(100, &mut Stream::named(1, "shots")).shots(), 100);
        }
    }
}

#[test]
fn wrong_sizes_are_refused_by_every_reader() {
    let state = state(&library::ghz(3));
    let four = PauliSum::z(3, 4);
    assert!(matches!(state.expectation(&Observable::new(&four)), Err(SimError::SizeMismatch { .. })));
    assert!(matches!(state.probabilities(&[3]), Err(SimError::QubitOutOfRange { qubit: 3, num_qubits: 3 })));
    assert!(state.probabilities(&[1, 1]).is_err());
    assert!(state.pauli(PauliString::from_masks(0, 1 << 5)).is_err());
    assert!(state.sample_qubits(&[7], 10, &mut Stream::named(1, "shots")).is_err());
    assert!(state.inner(&self::state(&library::ghz(2))).is_err());
    let pauli = PauliVector::from_state_vector(&state).expect("small");
    assert!(matches!(pauli.probabilities(&[3]), Err(SimError::QubitOutOfRange { .. })));
    assert!(pauli.expectation(&Observable::new(&four)).is_err());
    assert!(pauli.fidelity(&self::state(&library::ghz(2))).is_err());
    let mut skew = Matrix::identity(1).scaled(Complex64::new(0.5, 0.0));
    skew[(0, 1)] = Complex64::ONE;
    assert!(matches!(PauliVector::from_density_matrix(&skew, SimulatorConfig::default()), Err(SimError::NotHermitian { .. })));
}

#[test]
fn what_a_state_cannot_do_is_refused_and_never_skipped() {
    let mut circuit = Circuit::new(1);
    circuit.add_bits("c", 1);
    circuit.measure(0, 0).x(0);
    let then = vec![Operation::gate(qloom_circuits::Gate::X, &[], &[0])];
    let condition = qloom_circuits::Condition { bits: vec![0], value: 1 };
    let block = qloom_circuits::Conditional { condition, then, otherwise: vec![] };
    circuit.push(Operation::Conditional(Box::new(block))).expect("it fits");
    assert!(matches!(StateVector::<f64>::compile(&circuit), Err(SimError::Unsupported { .. })));
    assert!(matches!(PauliVector::compile(&circuit), Err(SimError::Unsupported { .. })));
}
