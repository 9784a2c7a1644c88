//! States as data: what is copied, measured, projected and compared, against density matrices.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Circuit, Matrix, PauliString, PauliSum, Stream};
use qloom_sim::{
    AnyState, Branch, PauliVector, Program, Record, Representation, SimulatorConfig, State, StateVector, low_states, mixture,
    state_bytes,
};

use super::dense::{density, observable, parametrised, trace, value};

fn pure(circuit: &Circuit) -> StateVector<f64> {
    let mut state = StateVector::zero(circuit.num_qubits(), SimulatorConfig::default()).expect("small");
    state.run(&Program::new(circuit).expect("gates"), &[]).expect("bound");
    state
}

fn mixed(circuit: &Circuit) -> PauliVector {
    let mut state = PauliVector::zero(circuit.num_qubits(), SimulatorConfig::default()).expect("small");
    state.run(&PauliVector::compile(circuit).expect("supported"), &[]).expect("bound");
    state
}

/// `P rho P / Tr(P rho)` with the projector on a qubit's outcome.
fn projected(rho: &Matrix, qubit: usize, outcome: bool) -> (f64, Matrix) {
    let mut kept = rho.clone();
    let keeps = |index: usize| (index >> qubit & 1 == 1) == outcome;
    for row in 0..rho.dimension() {
        for column in (0..rho.dimension()).filter(|&column| !keeps(row) || !keeps(column)) {
            kept[(row, column)] = Complex64::ZERO;
        }
    }
    let p = trace(&kept);
    (p, kept.scaled((1.0 / p).into()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// `values()[k]` is `Tr(P rho)` of the string whose base-4 digits, qubit 0 first, are those of `k` in the order I X Y Z.
    #[test]
    fn coefficients_are_in_the_order_of_their_strings(circuit in parametrised(3, 10, 0, true)) {
        let (state, rho) = (mixed(&circuit), density(&circuit, &[]));
        for (index, found) in state.values().iter().enumerate() {
            let word: String = (0..3).map(|qubit| ['I', 'X', 'Y', 'Z'][index >> (2 * qubit) & 3]).collect();
            let string = PauliString::from_word(&word).expect("letters");
            let expected = value(&PauliSum::new(3, [(string, 1.0)]).expect("it fits"), &rho);
            prop_assert!((found - expected).abs() < 1e-12 && (state.pauli(string).expect("inside") - expected).abs() < 1e-12, "{}", word);
        }
    }

    /// Both outcomes of a noisy state, and what is left when nobody looks at them.
    #[test]
    fn outcomes_of_noisy_states_mix_to_what_nobody_looked_at(circuit in parametrised(3, 10, 0, true), qubit in 0usize..3) {
        let (state, rho) = (mixed(&circuit), density(&circuit, &[]));
        let mut branches = Vec::new();
        for outcome in [false, true] {
            let (probability, expected) = projected(&rho, qubit, outcome);
            if probability < 1e-9 {
                continue;
            }
            let mut part = state.try_clone().expect("small");
            part.project(qubit, outcome).expect("it can happen");
            prop_assert!(part.density_matrix().expect("small").distance(&expected) < 1e-11);
            branches.push(Branch { probability, record: Record::default(), state: part });
        }
        let mut dephased = rho.clone();
        for row in 0..8usize {
            for column in (0..8).filter(|column| (row ^ column) >> qubit & 1 == 1) {
                dephased[(row, column)] = Complex64::ZERO;
            }
        }
        let together = mixture(branches).expect("an outcome").density_matrix().expect("small");
        prop_assert!(together.distance(&dephased) < 1e-8);
        prop_assert!(mixture(Vec::new()).is_none());
    }

    /// A qubit measured again says the same, and the state is the projected one.
    #[test]
    fn measuring_projects(circuit in parametrised(4, 10, 0, false), qubit in 0usize..4, seed in any::<u64>()) {
        let before = pure(&circuit);
        let mut stream = Stream::named(seed, "measurement");
        let mut measured = before.try_clone().expect("small");
        let outcome = measured.measure(qubit, &mut stream).expect("a qubit");
        let (_, expected) = projected(&density(&circuit, &[]), qubit, outcome);
        let all: Vec<usize> = (0..4).collect();
        prop_assert!(measured.reduced(&all).expect("qubits").distance(&expected) < 1e-11);
        prop_assert_eq!(measured.measure(qubit, &mut stream).expect("a qubit"), outcome);
        prop_assert!(measured.measure(4, &mut stream).is_err());
        // taking over the amplitudes of another state undoes it
        measured.copy_from(&before);
        prop_assert!(measured.amplitudes().eq(before.amplitudes()));
        measured.reset();
        prop_assert!(measured.amplitudes().enumerate().all(|(k, a)| a == Complex64::from(f64::from(u8::from(k == 0)))));
    }

    /// Inner products are sesquilinear, and their squares are the overlaps and fidelities of density operators.
    #[test]
    fn overlaps_agree_with_inner_products(first in parametrised(3, 10, 0, false), second in parametrised(3, 10, 0, false), noisy in parametrised(3, 10, 0, true)) {
        let (a, b) = (pure(&first), pure(&second));
        let inner = a.inner(&b).expect("sizes agree");
        let expected: Complex64 = a.amplitudes().zip(b.amplitudes()).map(|(x, y)| x.conj() * y).sum();
        prop_assert!((inner - expected).norm() < 1e-13 && (b.inner(&a).expect("sizes agree") - inner.conj()).norm() < 1e-13);
        let [left, right] = [&a, &b].map(|state| PauliVector::from_state_vector(state).expect("small"));
        prop_assert!((left.overlap(&right).expect("sizes agree") - inner.norm_sqr()).abs() < 1e-12);
        prop_assert!((left.purity() - 1.0).abs() < 1e-12);
        let (state, rho) = (mixed(&noisy), density(&noisy, &[]));
        let product = trace(&rho.times(&density(&first, &[])));
        prop_assert!((state.fidelity(&a).expect("sizes agree") - product).abs() < 1e-12);
        prop_assert!((state.overlap(&left).expect("sizes agree") - product).abs() < 1e-12);
    }

    /// Every reader of a state chosen at run time gives what the state of its kind gives.
    #[test]
    fn chosen_states_read_like_their_kind(circuit in parametrised(3, 10, 0, false), qubits in Just(vec![0usize, 1, 2]).prop_shuffle()) {
        let exact = pure(&circuit);
        for representation in Representation::ALL {
            let mut state = AnyState::zero(representation, 3, SimulatorConfig::default()).expect("small");
            state.run(&circuit, &[]).expect("gates");
            let tolerance = if representation == Representation::StateVectorF32 { 1e-5 } else { 1e-11 };
            let near = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < tolerance);
            prop_assert_eq!(state.num_qubits(), 3);
            prop_assert!(near(&state.expectation_z(), &exact.expectation_z()));
            let wanted = &qubits[..2];
            prop_assert!(near(&state.probabilities(wanted).expect("qubits"), &exact.probabilities(wanted).expect("qubits")));
            let string = PauliString::from_word("XYZ").expect("letters");
            prop_assert!((state.pauli(string).expect("inside") - exact.pauli(string).expect("inside")).abs() < tolerance);
        }
    }

    /// All levels of a sum: their number, sum and sum of squares are the dimension and traces of the matrix, their states are orthonormal.
    #[test]
    fn levels_have_the_traces_of_the_matrix(sum in observable(3)) {
        let levels = low_states(&sum, 100, None).expect("it converges");
        let matrix = sum.matrix();
        let scale = 1.0 + sum.one_norm() + sum.constant().abs();
        prop_assert_eq!(levels.len(), 8);
        let moment = |power: i32| levels.iter().map(|level| level.energy.powi(power)).sum::<f64>();
        prop_assert!((moment(1) - trace(&matrix)).abs() < 1e-8 * scale);
        prop_assert!((moment(2) - trace(&matrix.times(&matrix))).abs() < 1e-8 * scale * scale);
        let states: Vec<_> = levels.iter().map(|level| level.state_vector(None).expect("small")).collect();
        for (k, left) in states.iter().enumerate() {
            prop_assert!(levels[k].residual <= 1e-7 * scale);
            for (other, right) in states[..=k].iter().enumerate() {
                let inner = left.inner(right).expect("sizes agree");
                prop_assert!((inner - Complex64::from(f64::from(u8::from(k == other)))).norm() < 1e-6, "{} {}: {}", k, other, inner);
            }
        }
    }
}

/// Bytes of planes, and of coefficients; a single-precision state takes half.
#[test]
fn bytes_are_those_of_the_numbers() {
    for n in [4usize, 10, 30, 47] {
        assert_eq!((state_bytes::<f64>(n), state_bytes::<f32>(n)), (16 << n, 8 << n));
        assert_eq!(Representation::StateVectorF64.bytes(n), state_bytes::<f64>(n));
        assert_eq!(Representation::StateVectorF32.bytes(n), <StateVector<f32> as State>::bytes(n));
        if n < 31 {
            assert_eq!(Representation::PauliVector.bytes(n), 8 << (2 * n));
        }
    }
    // never a number that has wrapped
    assert!(state_bytes::<f64>(1000) >= 1 << 100 && state_bytes::<f64>(99) == 16 << 99);
}
