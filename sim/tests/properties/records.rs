//! Classical bits, outcomes and how often they fall, against plain lists and big numbers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qloom_circuits::{Condition, Stream};
use qloom_sim::{Counts, Record, binomial, multinomial, walsh};

/// Bits that are set one after the other, some of them several times.
fn writes() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::vec((0usize..150, any::<bool>()), 0..40)
}

fn written(writes: &[(usize, bool)]) -> (Record, Vec<bool>) {
    let (mut record, mut bits) = (Record::default(), vec![false; 150]);
    for &(bit, value) in writes {
        record.set(bit, value);
        bits[bit] = value;
    }
    (record, bits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A record is the number whose binary digits were written, whatever was written before.
    #[test]
    fn records_are_numbers(a in writes(), b in writes()) {
        let ((record, bits), (other, other_bits)) = (written(&a), written(&b));
        prop_assert!(bits.iter().enumerate().all(|(bit, &value)| record.get(bit) == value) && !record.get(10_000));
        let word = bits[..64].iter().enumerate().fold(0, |word, (bit, &one)| word | u64::from(one) << bit);
        prop_assert_eq!(record.word(), word);
        // the most significant bit decides first
        let number = |bits: &[bool]| bits.iter().rev().copied().collect::<Vec<bool>>();
        prop_assert_eq!(record.cmp(&other), number(&bits).cmp(&number(&other_bits)));
        prop_assert_eq!(record == other, bits == other_bits);
        if bits[64..].iter().all(|bit| !bit) {
            prop_assert_eq!(record, Record::from(word));
        }
    }

    /// A condition compares the number that its bits make.
    #[test]
    fn conditions_compare_numbers(writes in writes(), places in prop::collection::vec(0usize..150, 0..70), value in any::<u64>(), own in any::<bool>()) {
        let (record, bits) = written(&writes);
        let number = places.iter().enumerate().fold(0u128, |number, (k, &bit)| number | u128::from(bits[bit]) << k);
        // half of the time the number that is there, as far as 64 bits hold it
        let value = if own { number as u64 } else { value >> (value % 64) };
        let condition = Condition { bits: places, value };
        prop_assert_eq!(record.holds(&condition), number == u128::from(value), "{:?} {}", condition, number);
    }

    /// Counts are a table from outcomes to numbers, in the order of the outcomes.
    #[test]
    fn counts_are_a_table(outcomes in prop::collection::vec((0u64..32, 0u64..50), 0..30)) {
        let (mut counts, mut table) = (Counts::new(5), BTreeMap::<u64, u64>::new());
        for &(outcome, times) in &outcomes {
            counts.add(outcome, times);
            *table.entry(outcome).or_default() += times;
        }
        prop_assert_eq!(counts.shots(), table.values().sum::<u64>());
        prop_assert!((0..32).all(|outcome| counts.get(outcome) == table.get(&outcome).copied().unwrap_or(0)));
        prop_assert!(counts.iter().map(|(outcome, times)| (outcome.word(), times)).eq(table));
        for (outcome, _) in counts.iter() {
            let printed = counts.bitstring(outcome);
            prop_assert_eq!((printed.len(), u64::from_str_radix(&printed, 2)), (5, Ok(outcome.word())));
        }
    }

    /// The transform is the sum it stands for, and undoes itself.
    #[test]
    fn walsh_sums_with_signs(list in prop::collection::vec(-1000i64..1000, 32)) {
        let mut fast = list.clone();
        walsh(&mut fast);
        for (x, found) in fast.iter().enumerate() {
            let sign = |m: usize| if (x & m).count_ones() % 2 == 1 { -1 } else { 1 };
            prop_assert_eq!(*found, list.iter().enumerate().map(|(m, value)| sign(m) * value).sum::<i64>());
        }
        walsh(&mut fast);
        prop_assert!(fast.iter().zip(&list).all(|(twice, once)| *twice == 32 * once));
    }
}

/// Mean and variance of binomial numbers, and the ends of their range.
#[test]
fn binomial_numbers_have_their_moments() {
    let mut stream = Stream::named(3, "binomial");
    for (trials, p) in [(1u64, 0.5), (20, 0.05), (1000, 0.3), (1 << 40, 0.75)] {
        let draws = 20_000;
        let (mean, variance) = (trials as f64 * p, trials as f64 * p * (1.0 - p));
        let scaled: Vec<f64> = (0..draws).map(|_| (binomial(trials, p, &mut stream) as f64 - mean) / variance.sqrt()).collect();
        let found = scaled.iter().sum::<f64>() / draws as f64;
        let square = scaled.iter().map(|x| x * x).sum::<f64>() / draws as f64;
        // five standard deviations; the fourth moment of all of these is below 5
        assert!(found.abs() < 5.0 / (draws as f64).sqrt(), "{trials} {p}: {found}");
        assert!((square - 1.0).abs() < 5.0 * 2.0 / (draws as f64).sqrt(), "{trials} {p}: {square}");
    }
    assert_eq!((binomial(7, 0.0, &mut stream), binomial(7, 1.0, &mut stream), binomial(0, 0.4, &mut stream)), (0, 7, 0));
    assert_eq!(binomial(7, f64::NAN, &mut stream), 7);
}

/// What rounding leaves of a probability that is zero draws nothing, and the last outcome takes what is left.
#[test]
fn rounding_draws_nothing() {
    let mut stream = Stream::named(4, "multinomial");
    for weights in [&[-1e-18, 0.25, -3e-19, 0.75, -1e-17][..], &[0.0, 1e-300, 0.0, 3e-300]] {
        let mut counts = [0u64; 5];
        multinomial(weights, 1 << 20, &mut stream, |outcome, times| counts[outcome] += times);
        assert_eq!((counts[0], counts[2], counts[4]), (0, 0, 0));
        let deviation = ((1u64 << 20) as f64 * 0.25 * 0.75).sqrt();
        assert!((counts[1] as f64 - (1u64 << 18) as f64).abs() < 6.0 * deviation, "{counts:?}");
        assert_eq!(counts[1] + counts[3], 1 << 20);
    }
}
