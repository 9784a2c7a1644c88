use super::*;

fn kinds() -> Vec<Type> {
    vec![
        Type::Bit,
        Type::Bits(1),
        Type::Bits(8),
        Type::Bool,
        Type::Int(None),
        Type::Int(Some(8)),
        Type::Uint(Some(8)),
        Type::Float(64),
        Type::Angle(8),
        Type::Complex(64),
        Type::Duration,
        Type::Array(Box::new(Type::Int(Some(8))), vec![2]),
        Type::Qubit,
        Type::Qubits(2),
    ]
}

/// From each kind (row) to each (column), in the order of `kinds`: `=` an assignment does it, `c` a cast does, `.` nothing does.
const TABLE: [&str; 14] = [
    "==.====.......",
    "==.cccc.......",
    "..=cccc.c.....",
    "=..=====.=....",
    "=ccc======....",
    "=.cc======....",
    "=.cc======....",
    "...cccc===....",
    "..cc...==.....",
    ".........=....",
    "..........=...",
    "...........=..",
    "............=.",
    ".............=",
];

#[test]
fn kinds_become_one_another_as_the_table_says() {
    let mut rows = Vec::new();
    for from in &kinds() {
        let how = |to: &Type| {
            let value = Value::sample(from);
            let [assigned, cast] = [Conversion::Implicit, Conversion::Explicit].map(|how| convert(&value, to, how));
            if let Ok(value) = &cast {
                assert_eq!(&value.kind(), to, "a cast of {from}");
            }
            match (assigned, cast) {
                (Ok(a), Ok(b)) if a == b => '=',
                (Err(_), Ok(_)) => 'c',
                (Err(a), Err(b)) => {
                    assert!(a.is_of_types() && b.is_of_types());
                    assert!(a.message().starts_with(&format!("{from} is no value of type {to}")), "{}", a.message());
                    assert!(a.message().contains("write a cast") && !b.message().contains("write a cast"));
                    '.'
                }
                (a, b) => panic!("{from} to {to}: {a:?} and {b:?}"),
            }
        };
        rows.push(kinds().iter().map(how).collect::<String>());
    }
    assert_eq!(rows, TABLE);
}

#[test]
fn casts_cut_off_as_the_language_says() {
    let whole = |value: i128, signed, bits| Value::Int(Whole::of(value, Some(Width { signed, bits })).expect("it wraps"));
    let angle = |steps, bits| Value::Angle { steps, bits };
    for (value, to, expected) in [
        // what is not zero is true, and a one
        (Value::int(2), Type::Bit, Value::Bit(true)),
        (Value::int(-1), Type::Bool, Value::Bool(true)),
        (Value::float(0.001), Type::Bool, Value::Bool(true)),
        (Value::bit_string("0000"), Type::Bool, Value::Bool(false)),
        // whole numbers wrap, numbers with a fraction lose it
        (Value::int(300), Type::Int(Some(8)), whole(44, true, 8)),
        (Value::int(200), Type::Int(Some(8)), whole(-56, true, 8)),
        (Value::int(-1), Type::Uint(Some(4)), whole(15, false, 4)),
        (Value::float(2.9), Type::Int(None), Value::int(2)),
        (Value::float(-2.9), Type::Int(None), Value::int(-2)),
        (Value::float(1e20), Type::Uint(Some(8)), whole(100_000_000_000_000_000_000, false, 8)),
        // bits are taken as they are
        (Value::bit_string("1111"), Type::Int(Some(4)), whole(-1, true, 4)),
        (Value::bit_string("1111"), Type::Uint(Some(4)), whole(15, false, 4)),
        (Value::bit_string("1111"), Type::Int(Some(8)), whole(15, true, 8)),
        (whole(-2, true, 4), Type::Bits(4), Value::bit_string("1110")),
        (Value::int(-2), Type::Bits(70), Value::Bits((0..70).map(|place| place != 0).collect())),
        (Value::int(5), Type::Bits(2), Value::bit_string("01")),
        (angle(6, 4), Type::Bits(4), Value::bit_string("0110")),
        (Value::bit_string("0110"), Type::Angle(4), angle(6, 4)),
        // angles keep their most significant bits
        (angle(0b1011, 4), Type::Angle(2), angle(0b10, 2)),
        (angle(0b10, 2), Type::Angle(6), angle(0b10_0000, 6)),
        (Value::float(std::f64::consts::PI), Type::Angle(3), angle(4, 3)),
        (angle(4, 3), Type::Float(64), Value::float(std::f64::consts::PI)),
        // numbers with fewer bits are rounded
        (Value::float(0.1), Type::Float(32), Value::Float(0.1f32.into(), 32)),
        (Value::float(0.1), Type::Float(16), Value::Float(0.0999755859375, 16)),
        (Value::float(0.1), Type::Complex(32), Value::Complex(f64::from(0.1f32).into(), 32)),
        (Value::Bool(true), Type::Complex(64), Value::Complex(Complex64::ONE, 64)),
    ] {
        assert_eq!(convert(&value, &to, Conversion::Explicit), Ok(expected), "{value} of {} as {to}", value.kind());
    }
    for (value, to, how, part) in [
        (Value::int(2), Type::Bit, Conversion::Implicit, "2 is no value of a bit"),
        (Value::float(1e30), Type::Uint(Some(8)), Conversion::Explicit, "does not fit into 64 bits"),
        (Value::float(1e19), Type::Int(None), Conversion::Explicit, "does not fit into 64 bits"),
        (Value::Bits(vec![false; 65].into()), Type::Int(None), Conversion::Explicit, "bit[65] has more than the 64 bits"),
        (Value::float(1e6), Type::Float(16), Conversion::Implicit, "not a finite number"),
        (Value::float(1e300), Type::Complex(32), Conversion::Implicit, "not a finite number"),
        (Value::bit_string("01"), Type::Bits(3), Conversion::Explicit, "bit[2] is no value of type bit[3]"),
        (angle(1, 4), Type::Bits(3), Conversion::Explicit, "angle[4] is no value of type bit[3]"),
    ] {
        let message = convert(&value, &to, how).expect_err("no such value").message();
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn elements_are_converted_one_by_one() {
    let kind = |base| Type::Array(Box::new(base), vec![2]);
    let array = |base: &Type, items: Vec<Value>| Value::Array(Box::new(Array { base: base.clone(), dimensions: vec![2], items }));
    let narrow = Type::Uint(Some(4));
    let numbers = array(&Type::Int(None), vec![Value::int(17), Value::int(-1)]);
    let items = [Value::int(1), Value::int(15)];
    let wrapped = items.iter().map(|item| convert(item, &narrow, Conversion::Implicit).expect("fits")).collect();
    assert_eq!(convert(&numbers, &kind(narrow.clone()), Conversion::Implicit), Ok(array(&narrow, wrapped)));
    let reals = array(&Type::Float(64), vec![Value::float(1.5), Value::float(2.5)]);
    let message = convert(&reals, &kind(narrow), Conversion::Implicit).expect_err("no cast").message();
    assert_eq!(message, "float[64] is no value of type uint[4]; write a cast where one is meant");
}
