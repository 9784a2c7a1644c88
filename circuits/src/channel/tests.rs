//! Every ready-made channel: physical, and its two forms the same map.

use super::*;
use crate::pauli::Pauli;

fn every() -> Vec<Channel> {
    [
        Channel::depolarizing(0.1, 1),
        Channel::depolarizing(0.02, 2),
        Channel::depolarizing_pauli(0.3, 1),
        Channel::depolarizing_pauli(0.05, 2),
        Channel::bit_flip(0.2),
        Channel::phase_flip(0.1),
        Channel::bit_phase_flip(1.0),
        Channel::pauli([0.1, 0.2, 0.3]),
        Channel::amplitude_damping(0.25),
        Channel::generalised_amplitude_damping(0.3, 0.1),
        Channel::phase_damping(0.4),
        Channel::thermal_relaxation(100.0, 150.0, 10.0, 0.07),
        Channel::coherent(&[Pauli::X], 0.1),
        Channel::zz_crosstalk(0.2),
        Channel::readout_confusion(0.03, 0.2),
    ]
    .into_iter()
    .map(|channel| channel.expect("physical"))
    .collect()
}

#[test]
fn kraus_operators_and_transfer_matrix_are_one_map() {
    for channel in every() {
        let again = transfer_of(channel.kraus());
        let worst = again.iter().zip(channel.transfer()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-13, "{}: {worst:e}", channel.name());
        let trace = channel.kraus().iter().map(|k| k.adjoint().times(k)).reduce(|a, b| a.plus(&b)).expect("some");
        let error = trace.distance(&Matrix::identity(channel.num_qubits()));
        assert!(error < 1e-14, "{} breaks the trace by {error:e}", channel.name());
    }
}

#[test]
fn reading_out_mixes_populations_and_drops_coherences() {
    let confusion = Channel::readout_confusion(0.1, 0.3).expect("physical");
    let expected = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.6];
    assert!(confusion.transfer().iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15));
    assert!(Channel::readout_confusion(-0.1, 0.0).is_err());
}

/// Channels of Paulis have Paulis as Kraus operators, so that simulations by shots know the probabilities beforehand.
#[test]
fn channels_of_paulis_are_mixtures_of_unitaries() {
    for channel in [Channel::depolarizing(0.3, 2), Channel::pauli([0.1, 0.2, 0.3]), Channel::depolarizing(0.1, 3)] {
        let channel = channel.expect("physical");
        for kraus in channel.kraus() {
            let square = kraus.adjoint().times(kraus);
            let one = Matrix::identity(channel.num_qubits()).scaled(square[(0, 0)]);
            assert!(square.distance(&one) < 1e-15, "{}", channel.name());
        }
    }
    let weights: Vec<f64> =
        Channel::pauli([0.1, 0.2, 0.3]).expect("physical").kraus().iter().map(|k| k.adjoint().times(k)[(0, 0)].re).collect();
    assert!(weights.iter().zip([0.4, 0.1, 0.2, 0.3]).all(|(a, b)| (a - b).abs() < 1e-15), "{weights:?}");
}

#[test]
fn parameterisations_agree() {
    let replaced = Channel::depolarizing(0.04, 1).expect("physical");
    let applied = Channel::depolarizing_pauli(0.03, 1).expect("physical");
    assert!(replaced.transfer().iter().zip(applied.transfer()).all(|(a, b)| (a - b).abs() < 1e-15));
}

#[test]
fn what_is_not_physical_is_refused_with_its_amount() {
    let mut transfer = vec![0.0; 16];
    (transfer[0], transfer[5], transfer[10], transfer[15]) = (1.0, 1.0, 1.0, -1.0); // a transposition, not completely positive
    match Channel::from_transfer("transpose", transfer.clone()) {
        Err(CircuitError::NotPhysical { amount, .. }) => assert!((amount - 1.0).abs() < 1e-12, "{amount}"),
        other => panic!("{other:?}"),
    }
    transfer[1] = 0.1;
    assert!(matches!(Channel::from_transfer("leak", transfer), Err(CircuitError::NotPhysical { .. })));
    assert!(matches!(Channel::thermal_relaxation(10.0, 21.0, 1.0, 0.0), Err(CircuitError::Relaxation { .. })));
    assert!(matches!(Channel::bit_flip(1.1), Err(CircuitError::Probability { .. })));
    assert!(matches!(Channel::pauli([0.5, 0.5, 0.5]), Err(CircuitError::Probability { .. })));
    assert!(Channel::amplitude_damping(f64::NAN).is_err());
    assert!(Channel::depolarizing(0.1, 4).is_err());
    assert!(Channel::from_kraus("none", Vec::new()).is_err());
    for odd in [f64::NAN, f64::INFINITY] {
        let message =
            Channel::from_kraus("odd", vec![Matrix::identity(1).scaled(odd.into())]).expect_err("no numbers").to_string();
        assert!(message.contains("preserve the trace"), "{message}");
    }
    assert!(Channel::from_kraus("half", vec![Matrix::identity(1).scaled(0.5.into())]).is_err());
}
