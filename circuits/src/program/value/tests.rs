use proptest::prelude::*;

use super::*;

/// The finite numbers of 16 bits without a sign, ascending, as the standard defines their bits.
fn halves() -> Vec<f64> {
    let number = |bits: u32| {
        let (exponent, fraction) = (bits >> 10 & 31, f64::from(bits & 1023));
        match exponent {
            0 => fraction * 2f64.powi(-24),
            _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent as i32 - 15),
        }
    };
    (0..31 << 10).map(number).collect()
}

/// The nearest of a list, of two that are as near the one at an even place.
fn nearest(list: &[f64], wanted: f64) -> f64 {
    let above = list.partition_point(|number| *number < wanted).clamp(1, list.len() - 1);
    let (low, high) = (list[above - 1], list[above]);
    match (wanted - low).total_cmp(&(high - wanted)) {
        std::cmp::Ordering::Less => low,
        std::cmp::Ordering::Greater => high,
        std::cmp::Ordering::Equal if above % 2 == 0 => high,
        std::cmp::Ordering::Equal => low,
    }
}

#[test]
fn numbers_of_16_bits_are_those_of_the_standard() {
    let list = halves();
    for (place, &number) in list.iter().enumerate() {
        assert_eq!(rounded(number, 16), number);
        assert_eq!(rounded(-number, 16), -number);
        if let Some(&next) = list.get(place + 1) {
            let middle = (number + next) / 2.0;
            assert_eq!(rounded(middle, 16), if place % 2 == 0 { number } else { next }, "the middle of {number} and {next}");
        }
    }
    // from the middle between the largest and what would come next, there is none
    assert_eq!((rounded(65519.9, 16), rounded(65520.0, 16), rounded(-1e9, 16)), (65504.0, f64::INFINITY, f64::NEG_INFINITY));
    assert!(rounded(f64::NAN, 16).is_nan());
}

fn angle(steps: u64, bits: u32) -> Value {
    Value::Angle { steps, bits }
}

fn of_a_kind() -> impl Strategy<Value = Value> {
    let width = (any::<bool>(), 1u32..=64).prop_map(|(signed, bits)| Width { signed, bits });
    prop_oneof![
        any::<bool>().prop_map(Value::Bit),
        any::<bool>().prop_map(Value::Bool),
        prop::collection::vec(any::<bool>(), 1..64).prop_map(|bits| Value::Bits(bits.into())),
        any::<i64>().prop_map(Value::int),
        (any::<i64>(), width).prop_map(|(value, width)| Value::Int(Whole::of(value.into(), Some(width)).expect("it wraps"))),
        (any::<u64>(), 1u32..=64).prop_map(|(steps, bits)| angle(steps >> (64 - bits), bits)),
    ]
}

proptest! {
    #[test]
    fn numbers_of_16_bits_are_the_nearest(mantissa in -2.0..2.0f64, exponent in -26i32..15) {
        let wanted = mantissa * 2f64.powi(exponent);
        prop_assert_eq!(rounded(wanted, 16), nearest(&halves(), wanted.abs()).copysign(wanted));
        prop_assert_eq!(rounded(wanted, 32), f64::from(wanted as f32));
        prop_assert_eq!(rounded(wanted, 64), wanted);
    }

    /// No multiple of the smallest step is nearer, on the circle.
    #[test]
    fn angles_are_the_nearest(radians_given in -50.0..50.0f64, bits in 1u32..=24) {
        let Value::Angle { steps, bits: width } = nearest_angle(radians_given, bits) else { panic!("an angle") };
        prop_assert!(width == bits && steps < 1 << bits);
        let off = (radians(steps, bits) - radians_given).rem_euclid(TAU);
        let step = TAU / f64::from(1u32 << bits);
        prop_assert!(off.min(TAU - off) <= step / 2.0 + 1e-12, "{} steps of {} for {}", steps, step, radians_given);
    }

    /// Every value is its bits, and its bits are the value.
    #[test]
    fn values_are_their_bits(value in of_a_kind()) {
        let bits = value.bits().expect("kept in bits");
        prop_assert_eq!(value.with_bits(&bits), Some(value.clone()));
        let kind = value.kind();
        let expected = kind.dimensions().first().copied().unwrap_or(1);
        prop_assert_eq!(bits.len(), expected, "{}", kind);
        if let Some(whole) = value.whole() {
            // two's complement
            let sum: i128 = bits.iter().enumerate().map(|(place, bit)| i128::from(*bit) << place).sum();
            let modulus = 1i128 << bits.len();
            prop_assert_eq!(whole.rem_euclid(modulus), sum);
            prop_assert_eq!(value.truth(), Ok(whole != 0));
        }
        prop_assert_eq!(value.clone().checked(), Ok(value));
    }
}

#[test]
fn types_have_their_names_and_zeros() {
    let array = Type::Array(Box::new(Type::Uint(Some(4))), vec![2, 3]);
    for (kind, name, zero, sample) in [
        (Type::Bit, "bit", "0", "1"),
        (Type::Bits(4), "bit[4]", "0000", "0001"),
        (Type::Bool, "bool", "false", "true"),
        (Type::Int(None), "int", "0", "1"),
        (Type::Int(Some(8)), "int[8]", "0", "1"),
        (Type::Uint(Some(64)), "uint[64]", "0", "1"),
        (Type::Float(32), "float[32]", "0", "1"),
        (Type::Angle(2), "angle[2]", "0", "1.5707963267948966"),
        (Type::Complex(64), "complex[float[64]]", "0+0im", "1+0im"),
        (Type::Duration, "duration", "0ns", "1ns"),
        (array.clone(), "array[uint[4], 2, 3]", "{{0, 0, 0}, {0, 0, 0}}", "{{1, 1, 1}, {1, 1, 1}}"),
        (Type::Qubit, "qubit", "qubits [0]", "qubits [0]"),
        (Type::Qubits(3), "qubit[3]", "qubits [0, 1, 2]", "qubits [0, 1, 2]"),
    ] {
        assert_eq!(kind.to_string(), name);
        assert_eq!(Value::zero(&kind).kind(), kind);
        assert_eq!(
            (Value::zero(&kind).to_string().as_str(), Value::sample(&kind).to_string().as_str()),
            (zero, sample),
            "{name}"
        );
        assert_eq!(kind.is_quantum(), name.starts_with("qubit"));
    }
    assert_eq!(Type::Uint(None).to_string(), "uint");
    assert_eq!((array.size(), array.dimensions()), (6, vec![2, 3]));
    assert_eq!((Type::Bits(70).size(), Type::Int(None).size(), Type::Int(None).dimensions()), (70, 1, vec![64]));
    let huge = Type::Array(Box::new(Type::Int(None)), vec![usize::MAX, 3]);
    assert_eq!(huge.size(), usize::MAX);
    let lengths = Duration::ns(2.0).plus(&Duration::of(super::super::Symbol::Dt, 3.0));
    assert_eq!(Value::Duration(lengths).to_string(), "2ns and what the device sets");
    assert_eq!(Value::Complex(Complex64::new(0.5, -2.0), 64).to_string(), "0.5-2im");
    assert_eq!(Value::bit_string("10_01").to_string(), "1001");
    assert_eq!(Value::bit_string("1000").bits(), Some(vec![false, false, false, true]));
}

#[test]
fn numbers_that_values_are() {
    let wide = Value::Bits(vec![true; 65].into());
    for (value, whole, real) in [
        (Value::Bit(true), Some(1), None),
        (Value::Bool(true), Some(1), Some(1.0)),
        (Value::bit_string("101"), Some(5), None),
        (Value::Bits(vec![true; 64].into()), Some(u64::MAX.into()), None),
        (wide, None, None),
        (Value::int(-3), Some(-3), Some(-3.0)),
        (Value::float(2.5), None, Some(2.5)),
        (angle(1, 1), None, Some(std::f64::consts::PI)),
        (Value::Complex(Complex64::ONE, 64), None, None),
        (Value::zero(&Type::Duration), None, None),
        (Value::zero(&Type::Qubits(2)), None, None),
    ] {
        assert_eq!((value.whole(), value.real()), (whole, real), "{value}");
    }
    for (kind, truth) in [(Type::Float(64), true), (Type::Angle(4), true), (Type::Bits(70), true), (Type::Bit, true)] {
        assert_eq!(Value::sample(&kind).truth(), Ok(truth), "{kind}");
        assert_eq!(Value::zero(&kind).truth(), Ok(false), "{kind}");
    }
    for kind in [Type::Complex(64), Type::Duration, Type::Qubit, Type::Array(Box::new(Type::Bit), vec![1])] {
        assert!(Value::sample(&kind).truth().is_err_and(|trouble| trouble.is_of_types()), "{kind}");
    }
    for value in [Value::float(f64::NAN), Value::Complex(Complex64::new(0.0, f64::INFINITY), 64)] {
        assert_eq!(value.checked(), Err(Trouble::NotFinite));
    }
    assert_eq!(Value::Duration(Duration::ns(f64::INFINITY)).checked(), Err(Trouble::NotFinite));
    // a full turn, and less than half a step below it, is none
    assert_eq!(nearest_angle(TAU, 3), angle(0, 3));
    assert_eq!(nearest_angle(TAU - 0.1, 3), angle(0, 3));
    assert_eq!(nearest_angle(-TAU / 8.0, 3), angle(7, 3));
    assert_eq!((nearest_angle(TAU / 16.0, 3), nearest_angle(3.0 * TAU / 16.0, 3)), (angle(0, 3), angle(2, 3)));
    assert_eq!(nearest_angle(TAU / 2.0, 64), angle(1 << 63, 64));
}
