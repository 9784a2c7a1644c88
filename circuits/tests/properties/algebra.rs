//! Matrices, transfer matrices and channels as linear maps.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Channel, CircuitError, Matrix, Pauli};

use super::strategies::unitary;

/// Channels on one qubit of several kinds.
fn channel() -> impl Strategy<Value = Channel> {
    (0.0..1.0f64, 0.0..1.0f64, 0..6).prop_map(|(p, q, kind)| {
        let channel = match kind {
            0 => Channel::depolarizing(p, 1),
            1 => Channel::amplitude_damping(p),
            2 => Channel::generalised_amplitude_damping(p, q),
            3 => Channel::phase_damping(p),
            4 => Channel::pauli([p / 3.0, q / 3.0, (p + q) / 6.0]),
            _ => Channel::coherent(&[Pauli::Y], 2.0 * p),
        };
        channel.expect("physical")
    })
}

/// What a channel makes of a density matrix, by its Kraus operators.
fn through(channel: &Channel, rho: &Matrix) -> Matrix {
    let parts = channel.kraus().iter().map(|k| k.times(rho).times(&k.adjoint()));
    parts.reduce(|a, b| a.plus(&b)).expect("a channel has operators")
}

/// `Tr(P_i rho)` in the order of transfer matrices.
fn coefficients(rho: &Matrix) -> [f64; 4] {
    Pauli::ALL.map(|pauli| {
        let product = pauli.matrix().times(rho);
        (product[(0, 0)] + product[(1, 1)]).re
    })
}

fn state(theta: f64, phi: f64, purity: f64) -> Matrix {
    let (x, y, z) = (purity * theta.sin() * phi.cos(), purity * theta.sin() * phi.sin(), purity * theta.cos());
    let half = |re: f64, im: f64| Complex64::new(re / 2.0, im / 2.0);
    Matrix::from_slice(&[half(1.0 + z, 0.0), half(x, -y), half(x, y), half(1.0 - z, 0.0)])
}

proptest! {
    /// Composition is the product of the transfer matrices, and what the operators do one after the other.
    #[test]
    fn channels_compose(first in channel(), second in channel(), theta in 0.0..3.1f64, phi in 0.0..6.2f64, purity in 0.0..1.0f64) {
        let both = first.then(&second).expect("both on one qubit");
        let rho = state(theta, phi, purity);
        let expected = through(&second, &through(&first, &rho));
        prop_assert!(through(&both, &rho).distance(&expected) < 1e-12);
        let (before, after) = (coefficients(&rho), coefficients(&expected));
        for (row, after) in both.transfer().chunks_exact(4).zip(after) {
            let value: f64 = row.iter().zip(before).map(|(entry, before)| entry * before).sum();
            prop_assert!((value - after).abs() < 1e-12);
        }
    }

    /// The transfer matrix alone is the channel: operators made from it do the same.
    #[test]
    fn a_transfer_matrix_holds_the_channel(channel in channel(), theta in 0.0..3.1f64, phi in 0.0..6.2f64) {
        let again = Channel::from_transfer("again", channel.transfer().to_vec()).expect("it is physical");
        let rho = state(theta, phi, 1.0);
        prop_assert!(through(&again, &rho).distance(&through(&channel, &rho)) < 1e-10);
    }

    #[test]
    fn maps_that_are_no_channels_are_refused(channel in channel(), row in 1usize..4, amount in 0.6..5.0f64) {
        let mut transfer = channel.transfer().to_vec();
        transfer[5 * row] += 1.0 + amount;
        let refused = Channel::from_transfer("stretched", transfer);
        prop_assert!(matches!(refused, Err(CircuitError::NotPhysical { .. })), "{:?}", refused);
        let mut leaking = channel.transfer().to_vec();
        leaking[0] -= 0.1;
        prop_assert!(Channel::from_transfer("leaking", leaking).is_err());
    }

    #[test]
    fn transfer_matrices_of_products_are_products(a in unitary(2), b in unitary(2)) {
        let (ra, rb, rab) = (a.transfer_matrix(), b.transfer_matrix(), a.times(&b).transfer_matrix());
        for row in 0..16 {
            for column in 0..16 {
                let entry: f64 = (0..16).map(|k| ra[16 * row + k] * rb[16 * k + column]).sum();
                prop_assert!((entry - rab[16 * row + column]).abs() < 1e-12);
            }
        }
    }

    /// A matrix put on some qubits of a register acts on their bits and leaves the others alone.
    #[test]
    fn embedded_matrices_act_on_their_bits(matrix in unitary(2), qubits in Just(vec![0usize, 1, 2, 3]).prop_shuffle()) {
        let large = matrix.embedded(&qubits[..2], 4);
        let bits = |index: usize| (index >> qubits[0] & 1) | (index >> qubits[1] & 1) << 1;
        let others = |index: usize| index & !(1 << qubits[0] | 1 << qubits[1]);
        for row in 0..16 {
            for column in 0..16 {
                let expected = if others(row) == others(column) { matrix[(bits(row), bits(column))] } else { Complex64::ZERO };
                prop_assert!((large[(row, column)] - expected).norm() < 1e-15);
            }
        }
    }

    #[test]
    fn controlled_matrices_act_where_all_controls_are_one(matrix in unitary(1)) {
        let large = matrix.controlled(2);
        for row in 0..8usize {
            for column in 0..8usize {
                // controls are the low bits, as the first listed qubits
                let expected = match (row & 3 == 3, column & 3 == 3) {
                    (true, true) => matrix[(row >> 2, column >> 2)],
                    _ if row == column => Complex64::ONE,
                    _ => Complex64::ZERO,
                };
                prop_assert!((large[(row, column)] - expected).norm() < 1e-15, "{} {}", row, column);
            }
        }
    }
}
