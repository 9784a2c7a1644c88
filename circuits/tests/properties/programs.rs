//! Programs with control flow are written so that they do the same again.

use proptest::prelude::*;
use qloom_circuits::{Stream, library, qasm};

use crate::course::course;

const HEAD: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";
gate own(x) a, b { rx(x) a; cx a, b; for int k in [1:2] { p(x / k) b; } }
def turn(qubit t, angle[6] x, int[8] n) -> bit { rx(x) t; if (n > 3) { reset t; return measure t; } bit m; m = measure t; return m; }
def fill(mutable array[int[6], 4] list, int[6] x) { for uint k in [0:3] { list[k] = x + int[6](k); } }
const uint[3] three = 3; const bit[4] pattern = \"0110\";
qubit[3] q; qubit e; bit[3] c; int[8] i = 5; uint[5] u = 17; angle[6] a; float[64] f = 0.25; bool b;
array[int[6], 4] r = {1, -2, 3, -4}; output int[8] result;
let joined = q[0:1] ++ e;
";

fn whole() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..40i32).prop_map(|n| n.to_string()),
        Just("i".to_owned()),
        Just("u".to_owned()),
        Just("int[8](u)".to_owned()),
        Just("r[u % 4]".to_owned()),
        Just("uint[3](c)".to_owned()),
        Just("popcount(u)".to_owned()),
        Just("int[16](three)".to_owned()),
        Just("-i".to_owned()),
        Just("~u".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]), inner).prop_map(
            |(left, operator, right)| match operator {
                // what shifts is small and not negative
                "<<" | ">>" => format!("(({left}) {operator} (({right}) & 3))"),
                _ => format!("({left} {operator} {right})"),
            },
        )
    })
}

fn condition() -> impl Strategy<Value = String> {
    let comparison = (whole(), prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]), whole());
    prop_oneof![
        comparison.prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
        Just("c[1]".to_owned()),
        Just("b".to_owned()),
        Just("c == 5".to_owned()),
        Just("!c[0] && (b || c != 0)".to_owned()),
        Just("pattern[u % 4] == 1".to_owned()),
        Just("f < 1.5".to_owned()),
        Just("a > pi / 2".to_owned()),
    ]
}

fn simple() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..3usize).prop_map(|k| format!("h q[{k}];")),
        Just("rz(a) q;".to_owned()),
        Just("own(f) q[0], q[2];".to_owned()),
        Just("own(0.5) q[0], q[2];".to_owned()),
        Just("ctrl @ own(a) e, joined[0], q[2];".to_owned()),
        Just("negctrl @ pow(2) @ inv @ s q[1], e;".to_owned()),
        Just("cx q[u % 2], q[2];".to_owned()),
        whole().prop_map(|n| format!("pow({n} & 3) @ rx(0.1) q[1];")),
        whole().prop_map(|n| format!("i = int[8]({n});")),
        whole().prop_map(|n| format!("u += uint[5]({n});")),
        whole().prop_map(|n| format!("r[1:2] = r[{{0, 3}}]; r[u % 4] = int[6]({n});")),
        condition().prop_map(|test| format!("b = {test};")),
        Just("a += pi / 8;".to_owned()),
        Just("a <<= 1; a[0] = 1;".to_owned()),
        Just("f = sin(f) * 2.0 - real(0.5im + f);".to_owned()),
        Just("c[1] = measure q[1];".to_owned()),
        Just("c = measure q;".to_owned()),
        Just("c[0:1] = measure joined[1:2];".to_owned()),
        Just("c = rotl(c, 1) ^ \"101\";".to_owned()),
        Just("c[2] = turn(q[0], a, i);".to_owned()),
        Just("b = turn(e, pi / 3, 9) == turn(q[1], a, i + 1);".to_owned()),
        Just("fill(r, int[6](i));".to_owned()),
        Just("reset q[1:2]; barrier q, e;".to_owned()),
        Just("box { x e; delay[12.5ns] q; }".to_owned()),
        Just("if (u >= 0) { bit[2] inner = \"10\"; inner[0] = c[0]; c[1] = inner[0]; }".to_owned()),
        Just("delay[2 * durationof({x $0;}) + 3dt] q[0];".to_owned()),
        Just("@note of a statement\nx q[0];".to_owned()),
    ]
}

/// A statement; loops end, since nothing else counts their turns.
fn statement() -> impl Strategy<Value = String> {
    simple().prop_recursive(3, 24, 4, |inner| {
        let block = prop::collection::vec(inner, 1..4).prop_map(|list| list.join("\n"));
        prop_oneof![
            (condition(), block.clone(), block.clone()).prop_map(|(test, a, b)| format!("if ({test}) {{ {a} }} else {{ {b} }}")),
            (condition(), block.clone()).prop_map(|(test, a)| format!("if ({test}) {{ {a} }}")),
            block.clone().prop_map(|a| format!("for int[8] k in [0:2] {{ rx(k * 0.1) q[k]; {a} }}")),
            (condition(), block.clone()).prop_map(|(test, a)| {
                format!("for uint k in {{2, 0, 1}} {{ if ({test}) {{ continue; }} {a} if (k == 0) break; }}")
            }),
            block.clone().prop_map(|a| format!("for bit k in c {{ if (k) x e; {a} }}")),
            block.clone().prop_map(|a| format!("for int k in r {{ {a} }}")),
            block.clone().prop_map(|a| format!("if (u >= 0) {{ int w = 0; while (w < 3) {{ w += 1; {a} }} }}")),
            (whole(), block.clone(), block).prop_map(|(value, a, b)| {
                format!("switch (int[3]({value})) {{ case 0, 2 {{ {a} }} case -1 {{ h e; }} default {{ {b} }} }}")
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn written_programs_do_the_same(body in prop::collection::vec(statement(), 1..8), outcomes in any::<u64>()) {
        let text = format!("{HEAD}{}\nresult = i;\n", body.join("\n"));
        let program = match qasm::read_program(&text) {
            Ok(program) => program,
            // constants divided by zero are told when the program is read
            Err(errors) => {
                let told = |message: &str| message.contains("zero") || message.contains("64 bits");
                prop_assert!(errors.errors.iter().all(|error| told(&error.message)), "{errors}\n{text}");
                return Ok(());
            }
        };
        let written = qasm::write_program(&program).expect("all that was read has a form");
        let again = qasm::read_program(&written);
        prop_assert!(again.is_ok(), "{}\n{text}\n{written}", again.err().map_or(String::new(), |errors| errors.to_string()));
        let again = again.expect("checked above");
        prop_assert_eq!(course(&program, outcomes), course(&again, outcomes), "{}\n{}", text, written);
    }
}

/// A circuit written as a program and unrolled is the circuit.
#[test]
fn unrolled_circuits_are_themselves() {
    for seed in 0..20 {
        let mut circuit = library::random(3, 30, &mut Stream::named(seed, "circuit"));
        circuit.add_bits("c", 3);
        circuit.measure(0, 0).measure(1, 1).measure(2, 2);
        let text = qasm::write(&circuit, qasm::Version::V3, qasm::Dialect::Plain).expect("gates");
        let branch = "if (c == 2) { x q[0]; } else { h q[1]; } if (c[0] && !c[1]) z q[2]; c[2] = measure q[2];";
        let text = format!("{text}{branch}");
        let expected = qasm::read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let found = qasm::read_program(&text).expect("the same text").circuit(10_000).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn subroutines_and_loops_become_circuits() {
    let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] q; qubit[2] a; bit[3] c; bit[2] syn;
        def syndrome(qubit[3] d, qubit[2] a) -> bit[2] { bit[2] b; for int k in [0:1] { cx d[k], a[k]; cx d[k + 1], a[k]; }
        measure a -> b; return b; }
        x q[0]; syn = syndrome(q, a); if (int[2](syn) == 1) x q[0]; if (int[2](syn) == 3) x q[1]; c = measure q;";
    let written = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] q; qubit[2] a; bit[3] c; bit[2] syn;
        x q[0]; cx q[0], a[0]; cx q[1], a[0]; cx q[1], a[1]; cx q[2], a[1]; syn = measure a;
        if (syn == 1) x q[0]; if (syn == 3) x q[1]; c = measure q;";
    let read = |text: &str| qasm::read(text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(read(text), read(written));
}
