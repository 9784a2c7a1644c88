//! Ready-made circuits against dense matrices and their definitions.

use std::f64::consts::PI;

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Angle, Circuit, Matrix, Pauli, PauliString, PauliSum, library};

/// The state a circuit makes of `|0...0>`: the first column of its matrix.
fn state(circuit: &Circuit) -> Vec<Complex64> {
    let matrix = circuit.unitary(&[]).expect("gates");
    (0..matrix.dimension()).map(|row| matrix[(row, 0)]).collect()
}

/// `exp(i phi D)` of a diagonal sum of products of Z.
fn diagonal_exponential(n: usize, terms: &[(u64, f64)]) -> Matrix {
    let mut matrix = Matrix::zero(n);
    for index in 0..1u64 << n {
        let sign = |mask: u64| if (index & mask).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
        let phase: f64 = terms.iter().map(|(mask, angle)| sign(*mask) * angle).sum();
        matrix[(index as usize, index as usize)] = Complex64::from_polar(1.0, phase);
    }
    matrix
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Havlicek et al., arXiv:1804.11326: `U(x) = exp(i sum phi_S prod Z)`, between walls of Hadamard gates, with `phi_i = x_i` and
    /// `phi_ij = (pi - x_i)(pi - x_j)`; `p(2 phi)` is `exp(-i phi Z)` up to a phase.
    #[test]
    fn the_zz_feature_map_is_its_definition(x in prop::collection::vec(-3.0..3.0f64, 1..4), repetitions in 1usize..4) {
        let n = x.len();
        let mut terms: Vec<(u64, f64)> = x.iter().enumerate().map(|(q, x)| (1 << q, -x)).collect();
        for low in 0..n {
            for high in low + 1..n {
                terms.push((1 << low | 1 << high, -(PI - x[low]) * (PI - x[high])));
            }
        }
        let mut walls = Circuit::new(n);
        (0..n).for_each(|qubit| {
            walls.h(qubit);
        });
        let layer = diagonal_exponential(n, &terms).times(&walls.unitary(&[]).expect("gates"));
        let expected = (1..repetitions).fold(layer.clone(), |product, _| layer.times(&product));
        let found = library::zz_feature_map(&x, repetitions).unitary(&[]).expect("gates");
        prop_assert!(super::strategies::phase_free_distance(&found, &expected) < 1e-12);
    }
}

#[test]
fn the_fourier_transform_is_its_matrix() {
    for n in 1..=5 {
        let size = 1usize << n;
        let found = library::qft(n).unitary(&[]).expect("gates");
        for row in 0..size {
            for column in 0..size {
                let angle = 2.0 * PI * (row * column) as f64 / size as f64;
                let expected = Complex64::from_polar((size as f64).sqrt().recip(), angle);
                assert!((found[(row, column)] - expected).norm() < 1e-12, "{n} qubits, {row}, {column}");
            }
        }
    }
}

#[test]
fn named_states_are_what_their_names_say() {
    for n in 1..=5usize {
        let ghz = state(&library::ghz(n));
        let half = 0.5f64.sqrt();
        for (index, amplitude) in ghz.iter().enumerate() {
            let expected = if index == 0 || index == (1 << n) - 1 { half } else { 0.0 };
            assert!((amplitude - expected).norm() < 1e-14, "GHZ of {n}");
        }
        for (index, amplitude) in state(&library::w_state(n)).iter().enumerate() {
            let expected = if index.count_ones() == 1 { (n as f64).sqrt().recip() } else { 0.0 };
            assert!((amplitude - expected).norm() < 1e-14, "W of {n}");
        }
    }
    assert_eq!(library::ghz(0).num_qubits(), 0);
}

#[test]
fn ansaetze_have_their_shape() {
    for (n, layers) in [(1, 0), (2, 1), (4, 3), (5, 2)] {
        let efficient = library::hardware_efficient(n, layers);
        assert_eq!(efficient.num_parameters(), 2 * n * (layers + 1));
        assert_eq!(efficient.two_qubit_gates(), layers * (n - 1));
        let brick = library::brickwork(n, layers);
        let pairs: usize = (0..layers).map(|layer| (n - 1 + 1 - layer % 2) / 2).sum();
        assert_eq!((brick.two_qubit_gates(), brick.num_parameters()), (pairs, 2 * pairs), "{n} qubits, {layers} layers");
        assert!(efficient.unitary(&vec![0.3; efficient.num_parameters()]).expect("gates").unitarity_error() < 1e-12);
    }
}

/// Gate by gate as the documentation of PennyLane's templates has them, wires modulo their number.
#[test]
fn entangling_layers_are_those_of_the_templates() {
    for (n, layers) in [(1, 2), (2, 3), (3, 4), (5, 6)] {
        let strong = library::strongly_entangling(n, layers);
        let basic = library::basic_entangler(n, layers);
        let (mut expected, mut rings) = (Circuit::new(n), Circuit::new(n));
        for l in 0..layers {
            for q in 0..n {
                let weight = |k| Angle::free((l * n + q) * 3 + k);
                expected.rz(weight(0), q).ry(weight(1), q).rz(weight(2), q);
                rings.rx(Angle::free(l * n + q), q);
            }
            // ranges 1, 2, ..., n - 1, 1, ...
            let range = (1..n).cycle().nth(l).unwrap_or(0);
            for q in 0..n {
                if n > 1 {
                    expected.cx(q, (q + range) % n);
                }
                if n > 2 || (n, q) == (2, 0) {
                    rings.cx(q, (q + 1) % n);
                }
            }
        }
        assert_eq!(strong.operations(), expected.operations(), "{n} qubits");
        assert_eq!(basic.operations(), rings.operations(), "{n} qubits");
    }
}

/// The sum that a rotation about a string is made of: `exp(-i theta P/2) = cos - i sin P`.
#[test]
fn rotations_about_strings_are_exponentials() {
    for index in 1..64u64 {
        let string = PauliString::from_letters((0..3).map(|q| (q, Pauli::ALL[(index >> (2 * q) & 3) as usize])));
        let mut circuit = Circuit::new(3);
        circuit.push(qloom_circuits::Operation::PauliRotation { pauli: string, angle: 0.7.into() }).expect("it fits");
        let generator = PauliSum::new(3, [(string, 1.0)]).expect("it fits").matrix();
        let expected = Matrix::identity(3)
            .scaled(Complex64::new(0.35f64.cos(), 0.0))
            .plus(&generator.scaled(Complex64::new(0.0, -(0.35f64.sin()))));
        assert!(circuit.unitary(&[]).expect("gates").distance(&expected) < 1e-14, "{string}");
    }
}
