use proptest::prelude::*;

use super::*;

const ARITHMETIC: [Binary; 8] = [
    Binary::Add,
    Binary::Subtract,
    Binary::Multiply,
    Binary::Divide,
    Binary::Remainder,
    Binary::BitAnd,
    Binary::BitOr,
    Binary::BitXor,
];

fn sized(value: i128, signed: bool, bits: u32) -> Whole {
    Whole::of(value, Some(Width { signed, bits })).expect("a width wraps")
}

fn number(result: Result<Whole, NoWhole>) -> Result<i128, NoWhole> {
    result.map(Whole::value)
}

/// The machine's own types are the reference: of one width, without a choice left.
macro_rules! as_the_machine {
    ($a:expr, $b:expr, $($type:ty),*) => {$({
        let (a, b) = ($a as $type, $b as $type);
        let bits = <$type>::BITS;
        let (left, right) = (sized(a.into(), <$type>::MIN != 0, bits), sized(b.into(), <$type>::MIN != 0, bits));
        prop_assert_eq!((left.value(), right.value()), (i128::from(a), i128::from(b)));
        let expected: [Option<$type>; 8] = [
            Some(a.wrapping_add(b)), Some(a.wrapping_sub(b)), Some(a.wrapping_mul(b)),
            (b != 0).then(|| a.wrapping_div(b)), (b != 0).then(|| a.wrapping_rem(b)), Some(a & b), Some(a | b), Some(a ^ b),
        ];
        for (operator, expected) in ARITHMETIC.into_iter().zip(expected) {
            let expected = expected.map(i128::from).ok_or(NoWhole::DivisionByZero);
            prop_assert_eq!(number(left.combine(operator, right)), expected, "{} {} {}", a, operator.symbol(), b);
        }
        prop_assert_eq!(number(left.negated()), Ok(a.wrapping_neg().into()));
        prop_assert_eq!(number(left.complement()), Ok((!a).into()));
        prop_assert_eq!(left.compare(right), a.cmp(&b));
        prop_assert_eq!(left.count_ones(), a.count_ones());
        prop_assert_eq!((left.bits(), left.to_i64()), (bits, i64::try_from(a).ok()));
        let places = ($b % u64::from(bits + 3)) as u32;
        let by = Whole::plain(places.into());
        let up = if places < bits { a << places } else { 0 };
        let down = if places < bits { a >> places } else if a < (0 as $type) { !0 } else { 0 };
        prop_assert_eq!(number(left.combine(Binary::ShiftLeft, by)), Ok(up.into()), "{} << {}", a, places);
        prop_assert_eq!(number(left.combine(Binary::ShiftRight, by)), Ok(down.into()), "{} >> {}", a, places);
        prop_assert_eq!(number(left.combine(Binary::Power, by)), Ok(a.wrapping_pow(places).into()), "{} ** {}", a, places);
        prop_assert_eq!(left.bit(bits - 1), a >> (bits - 1) & 1 == 1);
    })*};
}

proptest! {
    #[test]
    fn widths_of_the_machine_compute_as_the_machine_does(a in any::<u64>(), b in any::<u64>(), small in any::<bool>()) {
        // small numbers meet in divisions and comparisons more often
        let (a, b) = if small { (a % 5, b % 5) } else { (a, b) };
        as_the_machine!(a, b, u8, i8, u16, i16, u32, i32, u64, i64);
    }

    /// Any width is the low bits, and the sign the highest of them.
    #[test]
    fn every_width_keeps_the_low_bits(value in any::<i64>(), other in any::<i64>(), bits in 1u32..=64, signed in any::<bool>()) {
        let kept = |value: i128| {
            let high = value << (128 - bits);
            if signed { high >> (128 - bits) } else { ((high as u128) >> (128 - bits)) as i128 }
        };
        let (a, b) = (sized(value.into(), signed, bits), sized(other.into(), signed, bits));
        prop_assert_eq!(a.value(), kept(value.into()));
        prop_assert_eq!(number(a.combine(Binary::Add, b)), Ok(kept(i128::from(value) + i128::from(other))));
        prop_assert_eq!(number(a.combine(Binary::Multiply, b)), Ok(kept(i128::from(value) * i128::from(other))));
        prop_assert_eq!(number(a.complement()), Ok(kept(!i128::from(value))));
        prop_assert_eq!((0..bits).filter(|&place| a.bit(place)).count() as u32, a.count_ones());
    }

    /// Numbers without a width are those of 64 bits, and say where they are not enough.
    #[test]
    fn numbers_without_a_width_overflow_loudly(a in any::<i64>(), b in any::<i64>(), shift in 0u32..70) {
        let (left, right) = (Whole::plain(a), Whole::plain(b));
        for (operator, expected) in [
            (Binary::Add, a.checked_add(b)),
            (Binary::Subtract, a.checked_sub(b)),
            (Binary::Multiply, a.checked_mul(b)),
        ] {
            prop_assert_eq!(number(left.combine(operator, right)), expected.map(i128::from).ok_or(NoWhole::Overflow));
        }
        prop_assert_eq!(number(left.negated()), a.checked_neg().map(i128::from).ok_or(NoWhole::Overflow));
        let up = i128::from(a) << shift;
        let fits = i64::try_from(up).is_ok() && (shift < 64 || a == 0);
        let found = number(left.combine(Binary::ShiftLeft, Whole::plain(shift.into())));
        prop_assert_eq!(found, if fits { Ok(up) } else { Err(NoWhole::Overflow) });
        let power = number(left.combine(Binary::Power, Whole::plain((shift % 9).into())));
        prop_assert_eq!(power, a.checked_pow(shift % 9).map(i128::from).ok_or(NoWhole::Overflow));
    }
}

/// The wider of two types; of one width the one without a sign. What has no width takes the other's.
#[test]
fn two_types_meet_in_their_common_one() {
    let width = |signed, bits| Some(Width { signed, bits });
    for (left, right, common) in [
        (width(true, 8), width(true, 16), width(true, 16)),
        (width(false, 8), width(true, 16), width(true, 16)),
        (width(true, 8), width(false, 16), width(false, 16)),
        (width(false, 32), width(true, 16), width(false, 32)),
        (width(true, 32), width(false, 31), width(true, 32)),
        (width(true, 8), width(false, 8), width(false, 8)),
        (width(false, 8), width(true, 8), width(false, 8)),
        (width(true, 8), width(true, 8), width(true, 8)),
        (width(true, 8), None, width(true, 8)),
        (None, width(false, 3), width(false, 3)),
        (None, None, None),
    ] {
        let (a, b) = (Whole::of(1, left).expect("fits"), Whole::of(1, right).expect("fits"));
        assert_eq!(a.combine(Binary::Add, b).expect("fits").width(), common, "{left:?} and {right:?}");
        // shifts and powers alone keep the type of the left side
        for operator in [Binary::ShiftLeft, Binary::ShiftRight, Binary::Power] {
            assert_eq!(a.combine(operator, b).expect("fits").width(), left, "{left:?} {}", operator.symbol());
        }
    }
    // -1 as a number of 8 bits without sign is 255
    assert_eq!(sized(-1, true, 8).compare(sized(255, false, 8)), std::cmp::Ordering::Equal);
    assert_eq!(sized(-1, true, 8).compare(sized(255, false, 16)), std::cmp::Ordering::Greater);
    assert_eq!(sized(-1, true, 16).compare(sized(255, false, 8)), std::cmp::Ordering::Less);
}

#[test]
fn what_is_no_whole_number_is_told() {
    let (two, minus) = (Whole::plain(2), Whole::plain(-1));
    assert_eq!(two.combine(Binary::Power, minus), Err(NoWhole::OtherKind));
    assert_eq!(two.combine(Binary::ShiftLeft, minus), Err(NoWhole::Overflow));
    assert_eq!(two.combine(Binary::ShiftRight, minus), Err(NoWhole::Overflow));
    assert_eq!(number(minus.combine(Binary::ShiftRight, Whole::plain(1 << 40))), Err(NoWhole::Overflow));
    assert_eq!(number(minus.combine(Binary::ShiftRight, Whole::plain(1 << 31))), Ok(-1));
    assert_eq!(number(Whole::plain(0).combine(Binary::ShiftLeft, Whole::plain(1000))), Ok(0));
    assert_eq!(number(sized(3, false, 5).combine(Binary::ShiftLeft, Whole::plain(1000))), Ok(0));
    assert_eq!(two.combine(Binary::ShiftLeft, Whole::plain(1000)), Err(NoWhole::Overflow));
    assert_eq!(number(Whole::plain(1).combine(Binary::Power, Whole::plain(i64::MAX))), Ok(1));
    for operator in [
        Binary::And,
        Binary::Or,
        Binary::Equal,
        Binary::NotEqual,
        Binary::Less,
        Binary::LessEqual,
        Binary::Greater,
        Binary::GreaterEqual,
    ] {
        assert_eq!(two.combine(operator, two), Err(NoWhole::OtherKind));
    }
    assert_eq!(Whole::of(1 << 63, None), Err(NoWhole::Overflow));
    assert_eq!(Whole::of(-(1 << 63), None).map(Whole::value), Ok(i64::MIN.into()));
    assert_eq!(sized(u64::MAX.into(), false, 64).to_i64(), None);
    assert_eq!(sized(u64::MAX.into(), false, 64).to_f64(), 18_446_744_073_709_551_615.0);
    assert_eq!((Whole::plain(5).width(), Whole::plain(5).bits()), (None, 64));
}
