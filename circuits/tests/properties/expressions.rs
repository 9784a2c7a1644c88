//! Expressions of OpenQASM have the values that the same arithmetic has here.

use proptest::prelude::*;
use qloom_circuits::qasm::{Dialect, Version, read, write};
use qloom_circuits::{Angle, Circuit, Condition, Conditional, Gate, Operation};

/// A real expression and its value.
#[derive(Clone, Debug)]
struct Real {
    text: String,
    value: f64,
}

fn real() -> impl Strategy<Value = Real> {
    let leaf = prop_oneof![
        (1u32..2000).prop_map(|k| Real { text: format!("{:?}", f64::from(k) / 16.0), value: f64::from(k) / 16.0 }),
        Just(Real { text: "pi".into(), value: std::f64::consts::PI }),
        (1u32..50).prop_map(|k| Real { text: format!("{k}e-1"), value: format!("{k}e-1").parse().expect("a number") }),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), 0..4).prop_map(|(a, b, operator)| {
                let (symbol, value) = match operator {
                    0 => ("+", a.value + b.value),
                    1 => ("-", a.value - b.value),
                    2 => ("*", a.value * b.value),
                    // a division by zero is refused, whatever is made of it
                    _ if b.value == 0.0 => ("/", f64::NAN),
                    _ => ("/", a.value / b.value),
                };
                Real { text: format!("({} {symbol} {})", a.text, b.text), value }
            }),
            inner.clone().prop_map(|a| Real { text: format!("-{}", a.text), value: -a.value }),
            (inner, 0..3).prop_map(|(a, function)| match function {
                0 => Real { text: format!("sin({})", a.text), value: a.value.sin() },
                1 => Real { text: format!("cos({})", a.text), value: a.value.cos() },
                _ => Real { text: format!("exp(sin({}))", a.text), value: a.value.sin().exp() },
            }),
        ]
    })
}

/// A whole-number expression of version 3 and its value, computed in wider numbers.
#[derive(Clone, Debug)]
struct Whole {
    text: String,
    value: i128,
}

fn whole() -> impl Strategy<Value = Whole> {
    let leaf = prop_oneof![
        (0i128..100).prop_map(|k| Whole { text: k.to_string(), value: k }),
        (0i128..256).prop_map(|k| Whole { text: format!("0x{k:x}"), value: k }),
        (0i128..64).prop_map(|k| Whole { text: format!("0b{k:b}"), value: k }),
    ];
    leaf.prop_recursive(4, 20, 2, |inner| {
        (inner.clone(), inner, 0..8).prop_map(|(a, b, operator)| {
            let (symbol, value) = match operator {
                0 => ("+", a.value + b.value),
                1 => ("-", a.value - b.value),
                2 => ("*", a.value * b.value),
                3 if b.value != 0 => ("/", a.value / b.value),
                4 if b.value != 0 => ("%", a.value % b.value),
                5 => ("&", a.value & b.value),
                6 => ("|", a.value | b.value),
                _ => ("^", a.value ^ b.value),
            };
            Whole { text: format!("({} {symbol} {})", a.text, b.text), value }
        })
    })
}

fn angle_of(text: &str) -> Result<f64, String> {
    let circuit = read(text).map_err(|errors| format!("{errors}\n{text}"))?;
    match circuit.operations() {
        [Operation::Gate { angles, .. }] => match angles[0] {
            Angle::Fixed(value) => Ok(value),
            Angle::Free { .. } => Err("a free angle".into()),
        },
        other => Err(format!("{other:?}")),
    }
}

proptest! {
    #[test]
    fn numbers_have_their_values_in_both_versions(real in real()) {
        prop_assume!(real.value.is_finite());
        let version_2 = format!("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[1]; rz({}) q[0];", real.text);
        let version_3 = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; const float[64] value = {}; rz(value) q;", real.text);
        // the same operations in the same order: the same bits
        for text in [version_2, version_3] {
            let found = angle_of(&text).map_err(TestCaseError::fail)?;
            let close = (found - real.value).abs() <= 1e-12 * real.value.abs().max(1.0);
            prop_assert!(close, "{} is {}, not {}", real.text, real.value, found);
        }
    }

    #[test]
    fn whole_numbers_have_their_values(whole in whole()) {
        prop_assume!(whole.value.unsigned_abs() < 1 << 50);
        let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; const int[64] value = {}; rz(value) q;", whole.text);
        match angle_of(&text) {
            Ok(found) => prop_assert_eq!(found, whole.value as f64, "{}", whole.text),
            // a part in the middle may be beyond 64 bits
            Err(message) => prop_assert!(message.contains("64 bits"), "{}", message),
        }
    }

    #[test]
    fn a_parameter_scaled_and_shifted_stays_linear(scale in 1i32..40, shift in -40i32..40, order in any::<bool>()) {
        let (scale, shift) = (f64::from(scale) / 8.0, f64::from(shift) / 8.0);
        let expression = if order { format!("{scale:?} * turn + {shift:?}") } else { format!("{shift:?} + turn * {scale:?}") };
        let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; input float[64] turn; qubit q; rz({expression}) q;");
        let circuit = read(&text).map_err(|errors| TestCaseError::fail(errors.to_string()))?;
        prop_assert_eq!(circuit.operations()[0].angles(), &[Angle::Free { index: 0, scale, offset: shift }]);
    }

    /// Comparisons and truth values choose blocks when the program is read.
    #[test]
    fn comparisons_choose_blocks(a in -20i64..20, b in -20i64..20) {
        for (symbol, holds) in [("<", a < b), ("<=", a <= b), (">", a > b), (">=", a >= b), ("==", a == b), ("!=", a != b)] {
            let text = format!(
                "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; const int a = {a}; const int b = {b}; if (a {symbol} b) {{ x q; }} else {{ y q; z q; }}"
            );
            let circuit = read(&text).map_err(|errors| TestCaseError::fail(errors.to_string()))?;
            prop_assert_eq!(circuit.operations().len(), if holds { 1 } else { 2 }, "{}", text);
        }
    }

    /// A loop runs over its range as the language counts: both ends belong to it.
    #[test]
    fn loops_run_over_their_ranges(start in -6i64..6, step in prop_oneof![-3i64..0, 1i64..4], stop in -6i64..6) {
        let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; for int k in [{start}:{step}:{stop}] {{ rz(k) q; }}");
        let mut expected = Vec::new();
        let mut k = start;
        while if step > 0 { k <= stop } else { k >= stop } {
            expected.push(k as f64);
            k += step;
        }
        let circuit = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        let found: Vec<f64> = circuit.operations().iter().map(|operation| operation.angles()[0].value(&[])).collect();
        prop_assert_eq!(found, expected);
    }
}

/// What runs when the classical bits hold a number.
fn runs(operations: &[Operation], holds: u128, list: &mut Vec<Operation>) {
    for operation in operations {
        match operation {
            Operation::Conditional(block) => {
                let taken = if block.condition.holds(|bit| holds >> bit & 1 == 1) { &block.then } else { &block.otherwise };
                runs(taken, holds, list);
            }
            other => list.push(other.clone()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Registers and bits compared with numbers, on either side, in every order, with not, and, or: as numbers without sign.
    #[test]
    fn registers_are_compared_as_numbers(
        width in 1usize..9,
        bound in 0u64..300,
        operator in 0usize..6,
        swapped in any::<bool>(),
        form in 0usize..4,
        holds in any::<u8>(),
    ) {
        let value = u64::from(holds) & ((1 << width) - 1);
        let (symbol, holds): (&str, bool) = match operator {
            0 => ("==", value == bound),
            1 => ("!=", value != bound),
            2 => ("<", value < bound),
            3 => ("<=", value <= bound),
            4 => (">", value > bound),
            _ => (">=", value >= bound),
        };
        let turned = match symbol { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", same => same };
        let side = if form == 1 { "uint(c)" } else { "c" };
        let compared = if swapped { format!("{bound} {turned} {side}") } else { format!("{side} {symbol} {bound}") };
        let first = value & 1 == 1;
        let (condition, expected) = match form {
            2 => (format!("!({compared})"), !holds),
            3 => (format!("{compared} && c[0] == 1"), holds && first),
            _ => (compared, holds),
        };
        let text = format!(
            "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; bit[{width}] c; if ({condition}) {{ x q; }} else {{ y q; }}"
        );
        let circuit = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        let mut list = Vec::new();
        runs(circuit.operations(), value.into(), &mut list);
        let gate = if expected { Gate::X } else { Gate::Y };
        prop_assert_eq!(list, [Operation::gate(gate, &[], &[0])], "{} with {}", text, value);
    }
}

/// Registers of any width: bits beyond the 64th are zero in every number that is compared.
#[test]
fn wide_registers_are_compared() {
    for (condition, value, expected) in [
        ("c == 3", 3u128, true),
        ("c == 3", 3 | 1 << 64, false),
        ("c < 1024", 1023, true),
        ("c < 1024", 1024, false),
        ("c < 1024", 1 << 90, false),
        ("c >= 1024", 1 << 90, true),
        ("c > 18446744073709551615", 1 << 64, true),
        ("c > 18446744073709551615", u64::MAX.into(), false),
        ("c[99] == 1", 1 << 99, true),
        ("c", 1 << 99, true),
    ] {
        let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; bit[100] c; if ({condition}) {{ x q; }}");
        let circuit = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
        let mut list = Vec::new();
        runs(circuit.operations(), value, &mut list);
        assert_eq!(list.len(), usize::from(expected), "{condition} with {value}");
    }
    let two = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[1]; creg c[70]; if (c == 5) x q[0]; if (c[69] == 1) x q[0];";
    let circuit = read(two).unwrap_or_else(|errors| panic!("{errors}"));
    for (value, count) in [(5u128, 1), (5 | 1 << 69, 1), (1 << 69, 1), (0, 0)] {
        let mut list = Vec::new();
        runs(circuit.operations(), value, &mut list);
        assert_eq!(list.len(), count, "{value}");
    }
}

/// A value of a sized type, computed modulo its width in wider numbers: the rules of C99 without promotion.
#[derive(Clone, Debug)]
struct Sized {
    text: String,
    value: i128,
    signed: bool,
    bits: u32,
}

fn wrapped(value: i128, signed: bool, bits: u32) -> i128 {
    let value = value & ((1 << bits) - 1);
    if signed && value >> (bits - 1) == 1 { value - (1 << bits) } else { value }
}

fn sized() -> impl Strategy<Value = Sized> {
    let leaf = (any::<u64>(), any::<bool>(), 1u32..65).prop_map(|(number, signed, bits)| {
        let name = if signed { "int" } else { "uint" };
        let number = i128::from(number >> 1);
        Sized { text: format!("{name}[{bits}]({number})"), value: wrapped(number, signed, bits), signed, bits }
    });
    leaf.prop_recursive(4, 20, 2, |inner| {
        (inner.clone(), inner, 0..10).prop_map(|(a, b, operator)| {
            let bits = a.bits.max(b.bits);
            let signed = match a.bits.cmp(&b.bits) {
                std::cmp::Ordering::Less => b.signed,
                std::cmp::Ordering::Greater => a.signed,
                std::cmp::Ordering::Equal => a.signed && b.signed,
            };
            let (x, y) = (wrapped(a.value, signed, bits), wrapped(b.value, signed, bits));
            let places = (b.value & 15) as u32;
            let (text, value, signed, bits) = match operator {
                0 => (format!("({} + {})", a.text, b.text), x + y, signed, bits),
                1 => (format!("({} - {})", a.text, b.text), x - y, signed, bits),
                2 => (format!("({} * {})", a.text, b.text), x.wrapping_mul(y), signed, bits),
                3 if y != 0 => (format!("({} / {})", a.text, b.text), x / y, signed, bits),
                4 if y != 0 => (format!("({} % {})", a.text, b.text), x % y, signed, bits),
                5 => (format!("({} & {})", a.text, b.text), x & y, signed, bits),
                6 => (format!("({} << {places})", a.text), a.value << places, a.signed, a.bits),
                7 => (format!("({} >> {places})", a.text), a.value >> places, a.signed, a.bits),
                8 => (format!("(~{})", a.text), !a.value, a.signed, a.bits),
                _ => (format!("(-{})", a.text), -a.value, a.signed, a.bits),
            };
            Sized { text, value: wrapped(value, signed, bits), signed, bits }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sized_numbers_wrap_to_their_width(sized in sized()) {
        let name = if sized.signed { "int" } else { "uint" };
        let text = format!(
            "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; const {name}[{}] a = {}; for int k in [0:{}] {{ if (a[k]) rz(k) q; }} if (a < 0) x q;",
            sized.bits, sized.text, sized.bits - 1
        );
        let circuit = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        let mut bits = 0i128;
        for operation in circuit.operations() {
            if let [Angle::Fixed(place)] = operation.angles() {
                bits |= 1 << (*place as u32);
            }
        }
        prop_assert_eq!(wrapped(bits, sized.signed, sized.bits), sized.value, "{}", sized.text);
        let negative = circuit.operations().iter().any(|operation| operation.angles().is_empty());
        prop_assert_eq!(negative, sized.value < 0);
    }
}

/// Blocks under conditions on any bits of two registers, one of more than 64 bits, nested up to three deep.
fn conditioned() -> impl Strategy<Value = Operation> {
    let gate = (0usize..3, 0usize..4).prop_map(|(gate, qubit)| Operation::gate([Gate::X, Gate::Y, Gate::Z][gate], &[], &[qubit]));
    gate.prop_recursive(3, 12, 3, |inner| {
        let whole = prop_oneof![Just((0..3).collect::<Vec<usize>>()), Just((3..73).collect())];
        let some = prop::collection::vec(0usize..73, 1..4).prop_map(|mut bits| {
            bits.sort_unstable();
            bits.dedup();
            bits
        });
        let condition = (prop_oneof![whole, some], 0u64..10).prop_map(|(bits, value)| Condition { bits, value });
        (condition, prop::collection::vec(inner.clone(), 1..3), prop::collection::vec(inner, 0..2))
            .prop_map(|(condition, then, otherwise)| Operation::Conditional(Box::new(Conditional { condition, then, otherwise })))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// What is written of conditions runs the same operations whatever the bits hold.
    #[test]
    fn written_conditions_run_the_same(list in prop::collection::vec(conditioned(), 1..4), low in 0u128..16, high in any::<u128>()) {
        let mut circuit = Circuit::new(4);
        circuit.add_bits("c", 3);
        circuit.add_bits("wide", 70);
        list.into_iter().for_each(|operation| circuit.push(operation).map(|_| ()).expect("it fits"));
        let text = write(&circuit, Version::V3, Dialect::Plain).expect("every condition has a form");
        let again = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        for holds in [low, low | 1 << 70, high & ((1 << 73) - 1), 0] {
            let (mut before, mut after) = (Vec::new(), Vec::new());
            runs(circuit.operations(), holds, &mut before);
            runs(again.operations(), holds, &mut after);
            prop_assert_eq!(before, after, "{:#x}\n{}", holds, text);
        }
        // every operation waits for the same bits in a drawing as in the circuit
        prop_assert_eq!(again.num_bits(), circuit.num_bits());
        prop_assert!(qloom_circuits::draw::text(&circuit, 120).lines().count() > 1);
    }
}
