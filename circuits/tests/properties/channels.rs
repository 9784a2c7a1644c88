//! Channels against their Kraus operators in Nielsen and Chuang, chapter 8, and against each other.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Channel, CircuitError, Gate, Matrix, Pauli};

/// A real 2x2 matrix, row-major.
fn real(entries: [f64; 4]) -> Matrix {
    Matrix::from_slice(&entries.map(Complex64::from))
}

fn pauli(letter: Pauli, weight: f64) -> Matrix {
    letter.matrix().scaled(weight.sqrt().into())
}

/// `sum_k` of the parts of the transfer matrix.
fn transfer(kraus: &[Matrix]) -> Vec<f64> {
    let parts = kraus.iter().map(Matrix::transfer_matrix);
    parts.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect()).expect("operators")
}

fn worst(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn same(a: Result<Channel, CircuitError>, b: Result<Channel, CircuitError>) -> bool {
    worst(a.expect("physical").transfer(), b.expect("physical").transfer()) < 1e-13
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn channels_have_the_operators_of_the_textbook(p in 0.0..1.0f64, q in 0.0..1.0f64) {
        let (keep, lose) = ((1.0 - p).sqrt(), p.sqrt());
        let damping = [real([1.0, 0.0, 0.0, keep]), real([0.0, lose, 0.0, 0.0])];
        let heating = [real([keep, 0.0, 0.0, 1.0]), real([0.0, 0.0, lose, 0.0])];
        let both = damping.iter().map(|k| k.scaled((1.0 - q).sqrt().into())).chain(heating.iter().map(|k| k.scaled(q.sqrt().into())));
        let (x, y, z) = (Pauli::X, Pauli::Y, Pauli::Z);
        let depolarizing = [pauli(Pauli::I, 1.0 - 0.75 * p), pauli(x, p / 4.0), pauli(y, p / 4.0), pauli(z, p / 4.0)];
        for (channel, kraus) in [
            (Channel::bit_flip(p), vec![pauli(Pauli::I, 1.0 - p), pauli(x, p)]),
            (Channel::phase_flip(p), vec![pauli(Pauli::I, 1.0 - p), pauli(z, p)]),
            (Channel::bit_phase_flip(p), vec![pauli(Pauli::I, 1.0 - p), pauli(y, p)]),
            (Channel::depolarizing(p, 1), depolarizing.to_vec()),
            (Channel::amplitude_damping(p), damping.to_vec()),
            (Channel::generalised_amplitude_damping(p, q), both.collect()),
            (Channel::phase_damping(p), vec![real([1.0, 0.0, 0.0, keep]), real([0.0, 0.0, 0.0, lose])]),
        ] {
            let channel = channel.expect("physical");
            let error = worst(channel.transfer(), &transfer(&kraus));
            prop_assert!(error < 1e-14, "{}: {:e}", channel.name(), error);
            prop_assert!(worst(channel.transfer(), &transfer(channel.kraus())) < 1e-13, "{}", channel.name());
        }
    }

    /// Two of a kind, one after the other, are one of the same kind.
    #[test]
    fn channels_of_a_kind_compose(p in 0.0..1.0f64, q in 0.0..1.0f64, t1 in 10.0..100.0f64, ratio in 0.1..2.0f64, excited in 0.0..1.0f64) {
        let join = |a: Result<Channel, CircuitError>, b: Result<Channel, CircuitError>| a.expect("physical").then(&b.expect("physical"));
        let either = p + q - p * q;
        prop_assert!(same(join(Channel::amplitude_damping(p), Channel::amplitude_damping(q)), Channel::amplitude_damping(either)));
        prop_assert!(same(join(Channel::phase_damping(p), Channel::phase_damping(q)), Channel::phase_damping(either)));
        for n in 1..=2 {
            prop_assert!(same(join(Channel::depolarizing(p, n), Channel::depolarizing(q, n)), Channel::depolarizing(either, n)));
        }
        prop_assert!(same(join(Channel::bit_flip(p), Channel::bit_flip(q)), Channel::bit_flip(p + q - 2.0 * p * q)));
        let relaxed = |time: f64| Channel::thermal_relaxation(t1, ratio * t1, time, excited);
        prop_assert!(same(join(relaxed(20.0 * p), relaxed(20.0 * q)), relaxed(20.0 * (p + q))));
        let crosstalk = join(Channel::zz_crosstalk(p), Channel::zz_crosstalk(q)).expect("physical");
        prop_assert!(worst(crosstalk.transfer(), &Gate::Rzz.matrix(&[p + q]).transfer_matrix()) < 1e-13);
    }

    /// The limits of relaxation: damping alone, dephasing alone, and equilibrium after a long time.
    #[test]
    fn relaxation_has_its_limits(t in 0.0..50.0f64, t1 in 10.0..100.0f64, excited in 0.0..1.0f64) {
        let gamma = 1.0 - (-t / t1).exp();
        prop_assert!(same(Channel::thermal_relaxation(t1, 2.0 * t1, t, 0.0), Channel::amplitude_damping(gamma)));
        prop_assert!(same(Channel::thermal_relaxation(f64::INFINITY, t1, t, excited), Channel::phase_damping(1.0 - (-2.0 * t / t1).exp())));
        let settled = Channel::thermal_relaxation(t1, t1, 1e4 * t1, excited).expect("physical");
        prop_assert!((settled.transfer()[12] - (1.0 - 2.0 * excited)).abs() < 1e-14 && settled.transfer()[15].abs() < 1e-14);
    }
}

/// Every mistake names its number and what numbers there are.
#[test]
fn what_no_channel_has_is_named() {
    let relaxation = |t1: f64, t2: f64, time: f64| Channel::thermal_relaxation(t1, t2, time, 0.0);
    for (channel, parts) in [
        (Channel::depolarizing(-0.1, 1), ["p of depolarizing is -0.1", "between 0 and 1"]),
        (Channel::depolarizing(0.1, 0), ["0 qubits", "3"]),
        (Channel::depolarizing_pauli(1.5, 1), ["1.5", "between 0 and 1"]),
        (Channel::pauli([0.5, 0.4, 0.3]), ["1.2", "between 0 and 1"]),
        (Channel::generalised_amplitude_damping(0.1, 2.0), ["excited-state population is 2", "between 0 and 1"]),
        (Channel::readout_confusion(0.0, -1.0), ["read 0 for 1 is -1", "between 0 and 1"]),
        (relaxation(0.0, 1.0, 1.0), ["T1 is 0", "above 0"]),
        (relaxation(5.0, -1.0, 1.0), ["T2 is -1", "above 0"]),
        (relaxation(5.0, 5.0, -2.0), ["time is -2", "0 or more"]),
        (relaxation(f64::NAN, 5.0, 1.0), ["T1 is NaN", "above 0"]),
        (relaxation(5.0, 10.5, 1.0), ["T2 = 10.5", "2 T1 = 10"]),
        (Channel::coherent(&[Pauli::X], f64::INFINITY), ["an angle is inf", "finite"]),
        (Channel::coherent(&[Pauli::X; 4], 0.1), ["4 qubits", "3"]),
        (Channel::from_kraus("two", vec![Matrix::identity(1), Matrix::identity(2)]), ["Kraus operator", "4 where 2"]),
        (Channel::from_kraus("twice", vec![Matrix::identity(1); 2]), ["preserve the trace", "1e0"]),
        (Channel::from_transfer("odd", vec![1.0; 20]), ["entries of a transfer matrix", "20"]),
        (
            Channel::from_transfer("nan", [vec![1.0], vec![f64::NAN; 15]].concat()),
            ["entry of a transfer matrix is NaN", "finite"],
        ),
    ] {
        let message = channel.expect_err("a mistake").to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}: {parts:?}");
    }
    let one = Channel::bit_flip(0.1).expect("physical");
    let message = one.then(&Channel::depolarizing(0.1, 2).expect("physical")).expect_err("two sizes").to_string();
    assert!(message.contains("2 where 1"), "{message}");
}
