use super::*;

fn readout() -> Readout {
    Readout::new(&[[0.03, 0.1], [0.2, 0.05], [0.07, 0.07]]).expect("possible errors")
}

fn sign(mask: u64, outcome: usize) -> f64 {
    if (mask & outcome as u64).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
}

const TRUTH: [f64; 8] = [0.1, 0.25, 0.05, 0.2, 0.1, 0.0, 0.2, 0.1];

#[test]
fn probabilities_are_read_qubit_by_qubit() {
    let readout = Readout::new(&[[0.0, 0.0], [0.1, 0.2]]).expect("possible errors");
    let mut probabilities = vec![0.5, 0.0, 0.5, 0.0]; // qubit 0 is 0, qubit 1 either
    readout.apply(&[0, 1], &mut probabilities);
    assert!((probabilities[0] - 0.55).abs() < 1e-15 && (probabilities[2] - 0.45).abs() < 1e-15);
    assert!(!readout.is_perfect() && Readout::default().is_perfect());
}

/// What the transformed observable says is what the mixed probabilities say.
#[test]
fn observables_are_read_as_outcomes_are() {
    let word = |text| PauliString::from_word(text).expect("letters");
    let sum = PauliSum::new(3, [(word("ZZZ"), 0.5), (word("IZI"), -0.3), (word("ZIZ"), 0.2), (word("III"), 0.1)]).expect("fits");
    let value = |sum: &PauliSum, list: &[f64]| -> f64 {
        let terms = sum
            .terms()
            .iter()
            .map(|(string, c)| c * list.iter().enumerate().map(|(outcome, p)| p * sign(string.z_mask(), outcome)).sum::<f64>());
        terms.sum()
    };
    let read = value(&readout().observable(&sum).expect("few terms"), &TRUTH);
    let mut probabilities = TRUTH.to_vec();
    readout().apply(&[0, 1, 2], &mut probabilities);
    assert!((value(&sum, &probabilities) - read).abs() < 1e-15);
}

#[test]
fn corrected_values_have_the_mean_of_the_true_ones() {
    let qubits = [2, 0, 1];
    let mut read = TRUTH.to_vec();
    readout().apply(&qubits, &mut read);
    let values: Vec<f64> = (0..8).map(|k| (k as f64).sin()).collect();
    let mut corrected = values.clone();
    readout().corrected(&qubits, &mut corrected);
    let mean = |p: &[f64], v: &[f64]| p.iter().zip(v).map(|(p, v)| p * v).sum::<f64>();
    assert!((mean(&read, &corrected) - mean(&TRUTH, &values)).abs() < 1e-15);
}

#[test]
fn parities_from_counts_equal_inverted_probabilities() {
    let readout = Readout::new(&[[0.03, 0.08], [0.0, 0.0], [0.1, 0.02]]).and_then(Readout::invertible).expect("possible errors");
    let mut read = TRUTH.to_vec();
    let qubits = [2, 0, 1];
    readout.apply(&qubits, &mut read);
    let mut back = read.clone();
    readout.invert(&qubits, &mut back);
    assert!(back.iter().zip(&TRUTH).all(|(a, b)| (a - b).abs() < 1e-15));
    // counts in the very proportions of the probabilities
    let mut counts = Counts::new(3);
    read.iter().enumerate().for_each(|(outcome, p)| counts.add(outcome as u64, (p * 1e12).round() as u64));
    for mask in 1u64..8 {
        let expected: f64 = TRUTH.iter().enumerate().map(|(outcome, p)| sign(mask, outcome) * p).sum();
        let estimate = readout.parity(&counts, &qubits, mask).expect("there are shots");
        assert!((estimate.value - expected).abs() < 1e-9, "{mask}: {estimate:?} {expected}");
    }
    assert!(readout.parity(&Counts::new(3), &qubits, 1).is_err());
}

#[test]
fn amplification_is_the_product_over_qubits() {
    assert!((readout().amplification([0, 1]) - 1.0 / (0.87 * 0.75)).abs() < 1e-15);
    assert_eq!(readout().amplification([]), 1.0);
}

#[test]
fn impossible_errors_are_refused() {
    for errors in [[-0.1, 0.0], [f64::NAN, 0.0], [0.0, 1.5]] {
        assert!(matches!(Readout::new(&[errors]), Err(EstimateError::OutOfRange { .. })), "{errors:?}");
    }
    for errors in [[0.5, 0.5], [0.7, 0.4]] {
        let readout = Readout::new(&[errors]).expect("errors below 1");
        assert!(matches!(readout.invertible(), Err(EstimateError::OutOfRange { .. })), "{errors:?}");
    }
}

#[test]
fn many_shots_are_read_together() {
    let readout = Readout::new(&[[0.1, 0.3], [0.0, 0.0], [0.02, 0.5]]).expect("probabilities");
    let shots = 1u64 << 45;
    let mut counts = Counts::new(3);
    counts.add(0b000, shots);
    counts.add(0b101, 1);
    let read = readout.counts(&counts, &mut Stream::named(1, "read"));
    assert_eq!(read.shots(), shots + 1);
    for outcome in 0..8u64 {
        let flip = |bit: usize, p: f64| if outcome >> bit & 1 == 1 { p } else { 1.0 - p };
        let (p, n) = (flip(0, 0.1) * flip(1, 0.0) * flip(2, 0.02), shots as f64);
        let deviation = (p * (1.0 - p) * n).sqrt();
        assert!((read.get(outcome) as f64 - p * n).abs() <= 6.0 * deviation + 1.0, "{outcome}");
    }
}

/// A letter is read as its observable: shrunk, and shifted where the two errors differ.
#[test]
fn letters_are_read_as_their_observables() {
    for (qubit, [one, zero]) in [[0.03, 0.1], [0.2, 0.05], [0.07, 0.07]].into_iter().enumerate() {
        let read = readout().letter(qubit, Estimate { value: 0.3, standard_error: 0.02 });
        assert!((read.value - (0.3 * (1.0 - one - zero) + zero - one)).abs() < 1e-15, "{read:?}");
        assert!((read.standard_error - 0.02 * (1.0 - one - zero)).abs() < 1e-15, "{read:?}");
    }
    let beyond = readout().letter(7, Estimate { value: 0.3, standard_error: 0.02 });
    assert_eq!((beyond.value, beyond.standard_error), (0.3, 0.02));
}

/// The error of a parity is that of the mean of the corrected signs of the shots, taken one by one.
#[test]
fn parities_have_the_error_of_a_mean() {
    let mut counts = Counts::new(2);
    [(0u64, 40), (1, 25), (2, 20), (3, 15)].into_iter().for_each(|(outcome, times)| counts.add(outcome, times));
    for errors in [[[0.0, 0.0], [0.0, 0.0]], [[0.1, 0.2], [0.05, 0.3]]] {
        let readout = Readout::new(&errors).expect("possible errors");
        for mask in 1u64..4 {
            let corrected = |outcome: usize| -> f64 {
                let factor = |qubit: usize| {
                    let [a, b] = errors[qubit];
                    (sign(1 << qubit, outcome) - (b - a)) / (1.0 - a - b)
                };
                (0..2).filter(|qubit| mask >> qubit & 1 == 1).map(factor).product()
            };
            let shots: Vec<f64> = counts.iter().flat_map(|(o, n)| vec![corrected(o.word() as usize); n as usize]).collect();
            let mean = shots.iter().sum::<f64>() / 100.0;
            let variance = shots.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 100.0;
            let estimate = readout.parity(&counts, &[0, 1], mask).expect("there are shots");
            assert!((estimate.value - mean).abs() < 1e-14, "{mask}");
            assert!((estimate.standard_error - (variance / 100.0).sqrt()).abs() < 1e-14, "{mask}: {estimate:?} {variance}");
        }
    }
}

/// Unequal errors double the terms with every letter: a million is the most, whatever number is passed over.
#[test]
fn observables_of_too_many_terms_are_refused() {
    let readout = Readout::new(&[[0.1, 0.2]; 21]).expect("possible errors");
    let string = |letters: u64| PauliString::from_masks(0, (1 << letters) - 1);
    let sum = |strings: &[PauliString]| PauliSum::new(21, strings.iter().map(|&string| (string, 1.0))).expect("fits");
    assert_eq!(readout.observable(&sum(&[string(10)])).expect("few").terms().len(), 1024);
    let refused = readout.observable(&sum(&[string(0), string(21)]));
    assert!(
        matches!(refused, Err(EstimateError::TooMany { given, limit: MOST_TERMS, .. }) if given == MOST_TERMS + 1),
        "{refused:?}"
    );
}
