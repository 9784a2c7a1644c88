//! Pauli strings against their matrices, and mistakes in observables by what they name.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{CircuitError, Matrix, Pauli, PauliOperator, PauliString, PauliSum};

use super::strategies::string;

fn matrix(string: PauliString, n: usize) -> Matrix {
    (0..n).fold(Matrix::identity(0), |low, qubit| string.letter(qubit).matrix().kronecker(&low))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Products with their phase, and whether two strings commute, as matrices have it.
    #[test]
    fn products_are_those_of_matrices(a in string(3), b in string(3)) {
        let (left, right) = (matrix(a, 3), matrix(b, 3));
        let (product, phase) = a.times(b);
        prop_assert!(left.times(&right).distance(&matrix(product, 3).scaled(phase)) < 1e-15);
        prop_assert_eq!(a.commutes_with(b), left.times(&right).distance(&right.times(&left)) < 1e-15);
        if a.commutes_with(b) {
            let (same, sign) = a.times_commuting(b);
            prop_assert!(same == product && Complex64::from(sign) == phase);
        }
        // qubit by qubit: equal letters, or nothing on one side
        let alike = (0..3).all(|qubit| match (a.letter(qubit), b.letter(qubit)) {
            (Pauli::I, _) | (_, Pauli::I) => true,
            (x, y) => x == y,
        });
        prop_assert_eq!(a.commutes_qubit_wise_with(b), alike);
        prop_assert!(!alike || a.commutes_with(b));
        let sum = PauliSum::new(3, [(a, 0.5), (b, -2.0)]).expect("it fits");
        prop_assert!(sum.matrix().distance(&left.scaled(0.5.into()).plus(&right.scaled((-2.0).into()))) < 1e-15);
    }

    /// Letters, weights and masks count the same thing.
    #[test]
    fn letters_are_counted(string in string(6)) {
        let letters: Vec<(usize, Pauli)> = (0..6).map(|qubit| (qubit, string.letter(qubit))).collect();
        let count = |of: &dyn Fn(Pauli) -> bool| letters.iter().filter(|(_, letter)| of(*letter)).count();
        prop_assert_eq!(string.weight() as usize, count(&|letter| letter != Pauli::I));
        prop_assert_eq!(string.count_y() as usize, count(&|letter| letter == Pauli::Y));
        let support: Vec<usize> = letters.iter().filter(|(_, letter)| *letter != Pauli::I).map(|(qubit, _)| *qubit).collect();
        prop_assert_eq!(string.support().collect::<Vec<_>>(), support);
        prop_assert_eq!(PauliString::from_letters(letters.iter().copied().rev()), string);
        for (qubit, letter) in letters {
            let (x, z) = letter.bits();
            prop_assert_eq!((string.x_mask() >> qubit & 1 == 1, string.z_mask() >> qubit & 1 == 1), (x, z));
            prop_assert_eq!((Pauli::from_bits(x, z), Pauli::from_letter(letter.letter())), (letter, Some(letter)));
        }
    }

    /// No state is below the bound, and one on a product state of the letters reaches it where all terms commute qubit by qubit.
    #[test]
    fn bounds_are_reached_by_commuting_terms(signs in prop::collection::vec(-2.0..2.0f64, 4), constant in -3.0..3.0f64) {
        let z = |mask: u64| PauliString::from_masks(0, mask);
        let terms = signs.iter().enumerate().map(|(qubit, &c)| (z(1 << qubit), c)).chain([(z(0), constant)]);
        let sum = PauliSum::new(4, terms).expect("it fits");
        let lowest = (0..16).map(|k| sum.matrix()[(k, k)].re).fold(f64::INFINITY, f64::min);
        prop_assert!((sum.lower_bound() - lowest).abs() < 1e-13);
        prop_assert!((sum.one_norm() - signs.iter().map(|c| c.abs()).sum::<f64>()).abs() < 1e-14 && sum.constant() == constant);
    }
}

#[test]
fn mistakes_in_observables_are_named() {
    let outside = PauliString::from_word("IIX").expect("letters");
    let complex = PauliOperator::new(1, [(PauliString::from_word("Y").expect("a letter"), Complex64::new(1.0, 0.25))]);
    let errors: [(CircuitError, &[&str]); 9] = [
        (PauliSum::new(2, [(outside, 1.0)]).expect_err("outside"), &["qubit 2", "2 qubits", "use 0 to 1"]),
        (PauliSum::new(3, [(outside, f64::NAN)]).expect_err("not a number"), &["coefficient is NaN", "finite"]),
        (PauliSum::new(3, [(outside, f64::MAX), (outside, f64::MAX)]).expect_err("too large"), &["sum of coefficients is inf"]),
        (PauliSum::new(65, []).expect_err("too many"), &["65 qubits", "64"]),
        (PauliOperator::new(65, []).expect_err("too many"), &["65 qubits", "64"]),
        (PauliString::from_word("XQZ").expect_err("Q"), &["\"XQZ\"", "'Q'", "character 1", "I, X, Y and Z"]),
        (PauliString::from_word(&"X".repeat(70)).expect_err("too long"), &["70 qubits", "64"]),
        (complex.expect("it fits").hermitian(1e-9).expect_err("complex"), &["Y0", "2.5e-1", "1e-9"]),
        ("X0 Y1 +".parse::<PauliSum>().expect_err("unfinished"), &["line 1", "column"]),
    ];
    for (error, parts) in errors {
        let message = error.to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}: {parts:?}");
    }
}
