//! Matrices as gates, exactly.

use proptest::prelude::*;
use qloom_circuits::synthesis::weyl;
use qloom_circuits::{Angle, Circuit, Matrix, Operation, synthesis};

use super::strategies::{angle, unitary};

fn matrix_of(operations: &[Operation], n: usize) -> Matrix {
    let mut circuit = Circuit::new(n);
    for operation in operations {
        circuit.push(operation.clone()).expect("it fits");
    }
    circuit.unitary(&[]).expect("gates")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn unitaries_become_gates_with_their_phase(one in unitary(1), two in unitary(2), three in unitary(3)) {
        for (matrix, n) in [(one, 1), (two, 2), (three, 3)] {
            let qubits: Vec<usize> = (0..n).collect();
            let found = matrix_of(&synthesis::unitary(&matrix, &[], &qubits, &[]), n);
            prop_assert!(found.distance(&matrix) < 1e-9, "{} qubits: {:e}", n, found.distance(&matrix));
        }
    }

    #[test]
    fn controlled_unitaries_act_under_their_controls(matrix in unitary(1), controls in 1usize..4) {
        let list: Vec<usize> = (0..controls).collect();
        let found = matrix_of(&synthesis::unitary(&matrix, &list, &[controls], &[]), controls + 1);
        let expected = matrix.controlled(controls);
        prop_assert!(found.distance(&expected) < 1e-9, "{:e}", found.distance(&expected));
    }

    #[test]
    fn weyl_coordinates_are_in_their_chamber_and_multiply_back(matrix in unitary(2)) {
        let weyl = weyl::decompose(&matrix);
        let [x, y, z] = weyl.coordinates;
        let quarter = std::f64::consts::FRAC_PI_4 + 1e-9;
        prop_assert!(quarter >= x && x >= y.abs() - 1e-9 && y.abs() >= z.abs() - 1e-9, "{:?}", weyl.coordinates);
        let product = weyl::product(&weyl.pieces());
        let phase = weyl::phase_between(&product, &matrix);
        let turned = product.scaled(num_complex::Complex64::from_polar(1.0, phase));
        prop_assert!(turned.distance(&matrix) < 1e-7, "{:e}", turned.distance(&matrix));
        prop_assert!(weyl.cx_count() <= 3 && weyl.rotation_count() <= 3);
    }

    /// The angles of `u3` and a phase are the matrix.
    #[test]
    fn one_qubit_gates_have_their_angles(matrix in unitary(1)) {
        let (theta, phi, lambda, phase) = synthesis::u3_angles(&matrix);
        let mut circuit = Circuit::new(1);
        circuit.u3(theta, phi, lambda, 0);
        circuit.push(Operation::GlobalPhase(Angle::Fixed(phase))).expect("a phase");
        let found = circuit.unitary(&[]).expect("gates");
        prop_assert!(found.distance(&matrix) < 1e-12, "{:e}", found.distance(&matrix));
    }

    #[test]
    fn powers_multiply(matrix in unitary(1), a in -2.0..2.0f64, b in -2.0..2.0f64) {
        let (pa, pb) = (synthesis::power_of(&matrix, a), synthesis::power_of(&matrix, b));
        prop_assert!(pa.times(&pb).distance(&synthesis::power_of(&matrix, a + b)) < 1e-9);
        prop_assert!(synthesis::power_of(&matrix, 1.0).distance(&matrix) < 1e-9);
    }

    /// `e^{i angle}` where all qubits are one, with and without a free angle.
    #[test]
    fn controlled_phases_are_diagonal(angle in angle(1), n in 1usize..5) {
        let qubits: Vec<usize> = (0..n).collect();
        for operations in [synthesis::controlled_phase(angle, &qubits, &[]), synthesis::phase_network(angle, &qubits)] {
            let mut circuit = Circuit::new(n);
            circuit.reserve_parameters(1);
            for operation in operations {
                circuit.push(operation).expect("it fits");
            }
            let found = circuit.unitary(&[0.4]).expect("gates");
            let last = (1 << n) - 1;
            let mut expected = Matrix::identity(n);
            expected[(last, last)] = num_complex::Complex64::from_polar(1.0, angle.value(&[0.4]));
            prop_assert!(found.distance(&expected) < 1e-12, "{:e}", found.distance(&expected));
        }
    }
}
