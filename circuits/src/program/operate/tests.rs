use proptest::prelude::*;

use super::*;
use crate::program::Type;

const ALL: [Binary; 19] = [
    Binary::Add,
    Binary::Subtract,
    Binary::Multiply,
    Binary::Divide,
    Binary::Remainder,
    Binary::Power,
    Binary::ShiftLeft,
    Binary::ShiftRight,
    Binary::BitAnd,
    Binary::BitOr,
    Binary::BitXor,
    Binary::And,
    Binary::Or,
    Binary::Equal,
    Binary::NotEqual,
    Binary::Less,
    Binary::LessEqual,
    Binary::Greater,
    Binary::GreaterEqual,
];
const ORDERS: [Binary; 6] =
    [Binary::Equal, Binary::NotEqual, Binary::Less, Binary::LessEqual, Binary::Greater, Binary::GreaterEqual];

fn angle(steps: u64, bits: u32) -> Value {
    Value::Angle { steps, bits }
}

fn truths(left: &Value, right: &Value) -> Vec<Option<bool>> {
    let truth = |operator| match binary(operator, left, right) {
        Ok(Value::Bool(truth)) => Some(truth),
        _ => None,
    };
    ORDERS.into_iter().map(truth).collect()
}

fn orders_of<T: PartialOrd>(a: T, b: T) -> Vec<Option<bool>> {
    [a == b, a != b, a < b, a <= b, a > b, a >= b].into_iter().map(Some).collect()
}

fn word(number: u64, size: usize) -> Value {
    Value::Bits((0..size).map(|place| number >> place & 1 == 1).collect())
}

proptest! {
    /// Angles of any width are fractions of 2^64 of a turn.
    #[test]
    fn angles_are_fractions_of_a_turn(a in any::<u64>(), b in any::<u64>(), wide in 1u32..=64, other in 1u32..=64, times in 0i64..1000) {
        let (left, right) = (angle(a >> (64 - wide), wide), angle(b >> (64 - other), other));
        let turn = |value: &Value| match *value {
            Value::Angle { steps, bits } => steps << (64 - bits),
            _ => panic!("an angle"),
        };
        let (x, y) = (turn(&left), turn(&right));
        prop_assert_eq!(truths(&left, &right), orders_of(x, y));
        for (operator, expected) in [
            (Binary::Add, x.wrapping_add(y)), (Binary::Subtract, x.wrapping_sub(y)),
            (Binary::BitAnd, x & y), (Binary::BitOr, x | y), (Binary::BitXor, x ^ y),
        ] {
            let found = binary(operator, &left, &right).expect("of one kind");
            prop_assert_eq!(turn(&found), expected, "{} {} {}", left, operator.symbol(), right);
            prop_assert_eq!(found.kind(), Type::Angle(wide.max(other)));
        }
        let ratio = binary(Binary::Divide, &left, &right);
        match x.checked_div(y) {
            Some(expected) => {
                let found = ratio.expect("no zero");
                prop_assert_eq!(found.kind(), Type::Uint(Some(wide.max(other))));
                // a quotient may be wider than the narrower of the two, never than the wider
                prop_assert_eq!(found.whole(), Some(expected.into()));
            }
            None => prop_assert_eq!(ratio, Err(Trouble::DivisionByZero)),
        }
        let product = x.wrapping_mul(times as u64);
        prop_assert_eq!(binary(Binary::Multiply, &left, &Value::int(times)).map(|value| turn(&value)), Ok(product));
        prop_assert_eq!(binary(Binary::Multiply, &Value::int(times), &left).map(|value| turn(&value)), Ok(product));
        let step = 64 - wide;
        let quotient = binary(Binary::Divide, &left, &Value::int(times)).map(|value| turn(&value));
        prop_assert_eq!(quotient, (x >> step).checked_div(times as u64).map(|steps| steps << step).ok_or(Trouble::DivisionByZero));
        let places = (times % 70) as u32;
        let up = binary(Binary::ShiftLeft, &left, &Value::int(places.into())).map(|value| turn(&value));
        prop_assert_eq!(up, Ok(x.checked_shl(places).unwrap_or(0)));
        let down = binary(Binary::ShiftRight, &left, &Value::int(places.into())).map(|value| turn(&value));
        prop_assert_eq!(down, Ok((x >> step).checked_shr(places).unwrap_or(0) << step));
        prop_assert_eq!(unary(Unary::Minus, &left).map(|value| turn(&value)), Ok(x.wrapping_neg()));
        prop_assert_eq!(unary(Unary::Complement, &left).map(|value| turn(&value) >> step), Ok(!(x >> step) & (u64::MAX >> step)));
    }

    /// Registers are bit strings: what is shifted out is lost, zeros come in, and they compare as numbers.
    #[test]
    fn registers_are_bit_strings(a in any::<u64>(), b in any::<u64>(), size in 1usize..=64, places in 0usize..70) {
        let mask = u64::MAX >> (64 - size);
        let (a, b) = (a & mask, b & mask);
        let (left, right) = (word(a, size), word(b, size));
        for (operator, expected) in [(Binary::BitAnd, a & b), (Binary::BitOr, a | b), (Binary::BitXor, a ^ b)] {
            prop_assert_eq!(binary(operator, &left, &right), Ok(word(expected, size)));
        }
        prop_assert_eq!(unary(Unary::Complement, &left), Ok(word(!a & mask, size)));
        prop_assert_eq!(truths(&left, &right), orders_of(a, b));
        let text = left.to_string();
        let zeros = "0".repeat(places.min(size));
        let up = format!("{}{zeros}", &text[places.min(size)..]);
        let down = format!("{zeros}{}", &text[..size - places.min(size)]);
        let by = Value::int(places as i64);
        prop_assert_eq!(binary(Binary::ShiftLeft, &left, &by).map(|value| value.to_string()), Ok(up));
        prop_assert_eq!(binary(Binary::ShiftRight, &left, &by).map(|value| value.to_string()), Ok(down));
        // against numbers, from both sides
        let number = (b >> 1) as i64;
        prop_assert_eq!(truths(&left, &Value::int(number)), orders_of(i128::from(a), number.into()));
        prop_assert_eq!(truths(&Value::int(-number), &left), orders_of(-i128::from(number), a.into()));
    }

    #[test]
    fn narrow_numbers_are_rounded_once(a in -1e3..1e3f32, b in -1e3..1e3f32) {
        let (left, right) = (Value::Float(a.into(), 32), Value::Float(b.into(), 32));
        for (operator, expected) in
            [(Binary::Add, a + b), (Binary::Subtract, a - b), (Binary::Multiply, a * b), (Binary::Divide, a / b)]
        {
            prop_assert_eq!(binary(operator, &left, &right), Ok(Value::Float(expected.into(), 32)), "{}", operator.symbol());
        }
        prop_assert_eq!(truths(&left, &right), orders_of(a, b));
        // of two widths the larger
        let sum = binary(Binary::Add, &left, &Value::float(b.into())).expect("numbers");
        prop_assert_eq!(sum, Value::float(f64::from(a) + f64::from(b)));
    }
}

#[test]
fn registers_beyond_a_word_compare() {
    let wide = |places: &[usize]| Value::Bits((0..70).map(|place| places.contains(&place)).collect());
    assert_eq!(truths(&wide(&[69]), &wide(&[68, 67, 0])), orders_of(1, 0));
    assert_eq!(truths(&wide(&[3]), &wide(&[3])), orders_of(0, 0));
    assert_eq!(truths(&wide(&[3]), &Value::int(8)), orders_of(0, 0));
    assert_eq!(truths(&wide(&[64]), &Value::int(i64::MAX)), orders_of(1, 0));
    assert_eq!(truths(&Value::int(9), &wide(&[3])), orders_of(1, 0));
    // arithmetic is that of at most 64 bits
    for (left, right) in [(wide(&[0]), Value::int(1)), (Value::int(1), wide(&[0]))] {
        let trouble = binary(Binary::Add, &left, &right).expect_err("too wide");
        assert!(trouble.is_of_types() && trouble.message().contains("bit[70]"), "{}", trouble.message());
    }
    assert_eq!(binary(Binary::Add, &word(5, 4), &Value::int(1)).map(|sum| sum.to_string()), Ok("6".into()));
}

/// The kinds of values, and for each pair which of the 19 operators apply.
#[test]
fn operators_apply_to_what_they_are_defined_on() {
    let kinds = [
        Type::Bit,
        Type::Bits(3),
        Type::Bool,
        Type::Int(Some(8)),
        Type::Float(64),
        Type::Angle(8),
        Type::Complex(64),
        Type::Duration,
        Type::Qubit,
    ];
    let logic = "&&,||";
    let arithmetic = "+,-,*,/,%,**,<<,>>,&,|,^,==,!=,<,<=,>,>=";
    let real = "+,-,*,/,%,**,==,!=,<,<=,>,>=";
    let complex = "+,-,*,/,**,==,!=";
    let of = |left: &Type, right: &Type| -> String {
        let truth = |kind: &Type| !matches!(kind, Type::Complex(_) | Type::Duration | Type::Qubit);
        let both = if truth(left) && truth(right) { logic } else { "" };
        let own = match (left, right) {
            (Type::Qubit, _) | (_, Type::Qubit) => "",
            (Type::Duration, Type::Duration) => "+,-,/,==,!=,<,<=,>,>=",
            (Type::Duration, Type::Float(_) | Type::Int(_) | Type::Bool) => "*,/",
            (Type::Float(_) | Type::Int(_) | Type::Bool, Type::Duration) => "*",
            (Type::Bit | Type::Bits(_), Type::Int(_)) => arithmetic,
            (Type::Int(_), Type::Bit | Type::Bits(_)) => arithmetic,
            (Type::Bits(_), Type::Bits(_)) => "&,|,^,==,!=,<,<=,>,>=",
            (Type::Bit, Type::Bit | Type::Bool | Type::Bits(_)) | (Type::Bits(_), Type::Bit | Type::Bool) => {
                "+,-,*,/,%,**,&,|,^,==,!=,<,<=,>,>="
            }
            (Type::Bool | Type::Int(_), Type::Bool | Type::Int(_)) => arithmetic,
            (Type::Bool, Type::Bit | Type::Bits(_)) => arithmetic,
            (Type::Bit | Type::Bits(_) | Type::Duration, _) | (_, Type::Bit | Type::Bits(_) | Type::Duration) => "",
            (Type::Angle(_), Type::Angle(_)) => "+,-,/,&,|,^,==,!=,<,<=,>,>=",
            (Type::Angle(_), Type::Complex(_)) | (Type::Complex(_), Type::Angle(_)) => "",
            (Type::Complex(_), _) | (_, Type::Complex(_)) => complex,
            (Type::Angle(_), Type::Int(_)) => "+,-,*,/,%,**,<<,>>,==,!=,<,<=,>,>=",
            (Type::Angle(_), _) | (_, Type::Angle(_)) | (Type::Float(_), _) | (_, Type::Float(_)) => real,
            (Type::Array(..) | Type::Qubits(_) | Type::Uint(_), _) | (_, Type::Array(..) | Type::Qubits(_) | Type::Uint(_)) => "",
        };
        [own, both].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(",")
    };
    for left in &kinds {
        for right in &kinds {
            let applies = |operator: &Binary| match binary(*operator, &Value::sample(left), &Value::sample(right)) {
                Err(trouble) => !trouble.is_of_types(),
                Ok(_) => true,
            };
            let mut expected: Vec<String> = of(left, right).split(',').map(str::to_owned).collect();
            let mut found: Vec<String> = ALL.iter().filter(|o| applies(o)).map(|operator| operator.symbol().to_owned()).collect();
            expected.retain(|symbol| !symbol.is_empty());
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{left} and {right}");
        }
    }
}

#[test]
fn signs_and_complements() {
    let minus = |value: Value| unary(Unary::Minus, &value).map(|value| value.to_string());
    assert_eq!(minus(Value::Bool(true)), Ok("-1".into()));
    assert_eq!(minus(Value::float(0.5)), Ok("-0.5".into()));
    assert_eq!(minus(Value::Complex(Complex64::new(1.0, -2.0), 64)), Ok("-1+2im".into()));
    assert_eq!(minus(Value::Duration(Duration::ns(3.0))), Ok("-3ns".into()));
    assert_eq!(minus(Value::int(i64::MIN)), Err(Trouble::Overflow));
    for (operator, kind) in [
        (Unary::Minus, Type::Bit),
        (Unary::Minus, Type::Bits(2)),
        (Unary::Complement, Type::Float(64)),
        (Unary::Complement, Type::Duration),
        (Unary::Minus, Type::Qubit),
    ] {
        let trouble = unary(operator, &Value::sample(&kind)).expect_err("none");
        assert_eq!(trouble.message(), format!("{} does not apply to {kind}", operator.symbol()));
    }
    assert_eq!(unary(Unary::Complement, &Value::Bit(true)), Ok(Value::Bit(false)));
    assert_eq!(unary(Unary::Complement, &Value::Bool(false)), Ok(Value::Bool(true)));
    assert_eq!(unary(Unary::Not, &Value::float(0.5)), Ok(Value::Bool(false)));
    assert_eq!(unary(Unary::Plus, &Value::int(4)), Ok(Value::int(4)));
}

#[test]
fn numbers_become_angles_where_both_have_to_be() {
    let quarter = angle(64, 8);
    let pi = Value::float(std::f64::consts::PI);
    assert_eq!(binary(Binary::Add, &quarter, &pi), Ok(angle(192, 8)));
    assert_eq!(binary(Binary::Subtract, &pi, &quarter), Ok(angle(64, 8)));
    assert_eq!(binary(Binary::Less, &quarter, &pi), Ok(Value::Bool(true)));
    assert_eq!(binary(Binary::Greater, &pi, &quarter), Ok(Value::Bool(true)));
    // a factor stays a number
    assert_eq!(binary(Binary::Multiply, &quarter, &Value::float(2.0)), Ok(pi.clone()));
    assert_eq!(binary(Binary::Divide, &quarter, &Value::int(-1)), Ok(Value::float(-std::f64::consts::FRAC_PI_2)));
    assert_eq!(binary(Binary::Divide, &quarter, &Value::int(0)), Err(Trouble::DivisionByZero));
    for operator in [Binary::Divide, Binary::Remainder] {
        assert_eq!(binary(operator, &pi, &Value::float(0.0)), Err(Trouble::DivisionByZero));
    }
    let i = Value::Complex(Complex64::I, 64);
    assert_eq!(binary(Binary::Multiply, &i, &i), Ok(Value::Complex((-1.0).into(), 64)));
    assert_eq!(binary(Binary::Divide, &i, &Value::int(0)), Err(Trouble::DivisionByZero));
    assert_eq!(binary(Binary::Subtract, &Value::int(2), &i), Ok(Value::Complex(Complex64::new(2.0, -1.0), 64)));
    assert_eq!(binary(Binary::NotEqual, &i, &Value::int(1)), Ok(Value::Bool(true)));
    let narrow = Value::Complex(Complex64::new(0.1f32.into(), 0.0), 32);
    let sum = binary(Binary::Add, &narrow, &Value::int(1)).expect("numbers");
    assert_eq!(sum, Value::Complex(f64::from(0.1f32 + 1.0).into(), 32));
    assert_eq!(binary(Binary::Power, &Value::float(1e200), &Value::int(2)), Err(Trouble::NotFinite));
}

#[test]
fn lengths_of_time_compare_where_they_are_known() {
    let ns = |ns: f64| Value::Duration(Duration::ns(ns));
    let steps = |factor: f64| Value::Duration(Duration::of(crate::program::Symbol::Dt, factor));
    assert_eq!(truths(&ns(2.0), &ns(3.0)), orders_of(2, 3));
    assert_eq!(truths(&ns(3.0), &ns(3.0)), orders_of(3, 3));
    assert_eq!(truths(&steps(2.0), &steps(2.0)), orders_of(2, 2));
    assert_eq!(truths(&steps(2.0), &ns(2.0)), [None; 6]);
    assert_eq!(binary(Binary::Divide, &steps(3.0), &steps(2.0)), Ok(Value::float(1.5)));
    assert_eq!(binary(Binary::Divide, &ns(3.0), &ns(0.0)), Err(Trouble::DivisionByZero));
    assert_eq!(binary(Binary::Divide, &ns(3.0), &Value::int(0)), Err(Trouble::DivisionByZero));
    assert_eq!(binary(Binary::Divide, &ns(3.0), &Value::int(2)), Ok(ns(1.5)));
    assert_eq!(binary(Binary::Multiply, &Value::float(0.5), &ns(3.0)), Ok(ns(1.5)));
    assert_eq!(binary(Binary::Subtract, &ns(3.0), &ns(4.0)), Ok(ns(-1.0)));
    assert!(binary(Binary::Divide, &steps(1.0), &ns(1.0)).is_err_and(|trouble| !trouble.is_of_types()));
    assert!(binary(Binary::ShiftLeft, &Value::Bit(true), &Value::int(-1)).is_err_and(|t| t.message().contains("0 places")));
}
