//! Expressions of OpenQASM have the values that the same arithmetic has here.

use proptest::prelude::*;
use qloom_circuits::qasm::read;
use qloom_circuits::{Angle, Operation};

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
