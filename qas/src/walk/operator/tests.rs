use num_complex::Complex64;
use qloom_circuits::{Matrix, PauliOperator, Stream};

use super::*;
use crate::environment::action::ActionConfig;

fn set(n: usize) -> ActionSet {
    ActionSet::new(&ActionConfig::default(), n).expect("valid")
}

/// `i (T - T+)` of the signed sum of excitations of qubits, each with Z on the qubits of a chain.
fn generator(n: usize, moves: &[(&[usize], &[usize], f64)], chain: &[usize]) -> PauliSum {
    let mut sum = PauliOperator::new(n, []).expect("empty");
    for (from, to, sign) in moves {
        let mut product = PauliOperator::identity(n, Complex64::new(*sign, 0.0));
        for (qubit, imaginary) in from.iter().map(|&q| (q, 0.5)).chain(to.iter().map(|&q| (q, -0.5))) {
            let term = |letter, factor| (PauliString::from_letters([(qubit, letter)]), factor);
            let ladder = [term(Pauli::X, Complex64::new(0.5, 0.0)), term(Pauli::Y, Complex64::new(0.0, imaginary))];
            product = product.times(&PauliOperator::new(n, ladder).expect("fits"));
        }
        sum = sum.plus(&product);
    }
    let parity = PauliString::from_letters(chain.iter().map(|&qubit| (qubit, Pauli::Z)));
    let sum = sum.times(&PauliOperator::new(n, [(parity, Complex64::ONE)]).expect("fits"));
    let difference = sum.plus(&sum.adjoint().scaled(-Complex64::ONE));
    difference.scaled(Complex64::I).hermitian(1e-12).expect("Hermitian")
}

fn circuit(generator: &PauliSum) -> Circuit {
    let set = set(generator.num_qubits());
    let mut circuit = Circuit::new(generator.num_qubits());
    circuit.reserve_parameters(1);
    for gate in Writer::new(&set).expect("all gates").write(generator) {
        gate.append(&mut circuit, 0, &set).expect("fits");
    }
    circuit
}

/// The product of the exponentials of the strings, which commute.
fn exponential(generator: &PauliSum, theta: f64) -> Matrix {
    let n = generator.num_qubits();
    generator.terms().iter().fold(Matrix::identity(n), |product, &(string, factor)| {
        let (sine, cosine) = (theta * factor).sin_cos();
        let matrix = PauliSum::new(n, [(string, 1.0)]).expect("fits").matrix();
        let turn = Matrix::identity(n).scaled(cosine.into()).plus(&matrix.scaled(Complex64::new(0.0, -sine)));
        turn.times(&product)
    })
}

/// How far the circuit is from `exp(-i theta G)` up to a global phase: `1 - |Tr(U+ V)| / 2^n`.
fn distance(generator: &PauliSum, theta: f64) -> f64 {
    let (expected, found) = (exponential(generator, theta), circuit(generator).unitary(&[theta]).expect("gates"));
    let overlap: Complex64 = expected.entries().iter().zip(found.entries()).map(|(a, b)| a.conj() * b).sum();
    1.0 - overlap.norm() / expected.dimension() as f64
}

#[test]
fn excitations_have_the_published_numbers_of_cnots() {
    for (moves, chain, cnots) in [
        (vec![(&[0][..], &[1][..], 1.0)], vec![], 2),
        (vec![(&[2], &[0], -1.0)], vec![], 2),
        (vec![(&[0, 1], &[2, 3], 1.0)], vec![], 13),
        (vec![(&[3, 0], &[1, 2], 1.0)], vec![], 13),
        (vec![(&[0, 1], &[2, 3], 1.0), (&[0, 2], &[1, 3], 1.0)], vec![], 9),
        (vec![(&[0, 1], &[2, 3], 1.0), (&[0, 2], &[1, 3], -1.0)], vec![], 9),
        // of fermions: the parity of the modes between goes in and out
        (vec![(&[0], &[3], 1.0)], vec![1, 2], 7),
        (vec![(&[0, 1], &[2, 3], 1.0)], vec![4], 15),
    ] {
        let n = if chain.contains(&4) { 5 } else { 4 };
        let generator = generator(n, &moves, &chain);
        for theta in [0.7, -2.1] {
            let distance = distance(&generator, theta);
            assert!(distance.abs() < 1e-12, "{moves:?} {chain:?} {distance}");
        }
        assert_eq!(circuit(&generator).two_qubit_gates(), cnots, "{moves:?} {chain:?}");
    }
}

#[test]
fn any_generator_of_commuting_strings_is_written() {
    let mut stream = Stream::named(3, "generators");
    for _ in 0..60 {
        let mut terms: Vec<(PauliString, f64)> = Vec::new();
        for _ in 0..40 {
            let string = PauliString::from_masks(stream.below(16) as u64, stream.below(16) as u64);
            let new = string != PauliString::IDENTITY && terms.iter().all(|(other, _)| *other != string);
            if new && terms.len() < 6 && terms.iter().all(|(other, _)| other.commutes_with(string)) {
                terms.push((string, 2.0 * stream.unit() - 1.0));
            }
        }
        let generator = PauliSum::new(4, terms).expect("fits");
        let distance = distance(&generator, 0.9);
        assert!(distance.abs() < 1e-12, "{generator:?} {distance}");
    }
}

#[test]
fn without_the_gates_nothing_is_written() {
    let config = ActionConfig { gates: ["cx", "ry"].map(str::to_owned).to_vec(), ..ActionConfig::default() };
    let lacking = ActionSet::new(&config, 2).expect("valid");
    assert!(matches!(Writer::new(&lacking), Err(QasError::InvalidSetting { .. })));
}
