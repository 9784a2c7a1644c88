//! Programs whose branches and copies of bits depend on what is measured: as circuits they do what they do as programs, or are refused.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use qloom_circuits::qasm;

use crate::course::{course, course_of_circuit};

const HEAD: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q; bit[2] c; bit d; bool yes; bool no; bit[2] own;
def pass(bit b, qubit a) -> bit { if (b) { x a; } return b; }
def look(qubit a) -> bit { h a; return measure a; }
";

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["c[0]", "c[1]", "d", "yes", "no", "c == 2", "c != 1", "c < 2", "!d", "~c[0]", "2 > c"]);
    leaf.prop_map(str::to_owned).prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn simple() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "d = measure q[2];",
            "c = measure q[0:1];",
            "c[0] = measure q[0];",
            "c[1] = measure q[1];",
            "yes = measure q[0];",
            "yes = c[0];",
            "yes = d;",
            "no = c[1];",
            "no = yes;",
            "yes = false;",
            "d = d;",
            "yes = pass(c[0], q[1]);",
            "d = look(q[2]);",
            "no = look(q[0]);",
            "d = pass(look(q[0]), q[1]);",
            "measure q;",
            "h q[0];",
            "reset q[1];",
            "{ bit b; b = measure q[2]; if (b) z q[2]; }",
        ])
        .prop_map(|text| if text.starts_with('{') { format!("if (true) {text}") } else { text.to_owned() }),
        condition().prop_map(|test| format!("if ({test}) y q[1];")),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    simple().prop_recursive(2, 10, 3, |inner| {
        let block = prop::collection::vec(inner, 1..3).prop_map(|list| list.concat());
        prop_oneof![
            (condition(), block.clone()).prop_map(|(test, then)| format!("if ({test}) {{ {then} }}")),
            (condition(), block.clone(), block.clone())
                .prop_map(|(test, then, otherwise)| format!("if ({test}) {{ {then} }} else {{ {otherwise} }}")),
            block.prop_map(|body| format!("for int k in [0:1] {{ {body} }}")),
        ]
    })
}

/// Half of what is drawn is no circuit; what is one takes the same course for the same outcomes.
#[test]
fn circuits_of_measured_bits_take_the_course_of_the_program() {
    let (mut made, mut refused) = (0, 0);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let programs = prop::collection::vec(statement(), 1..7).prop_map(|list| format!("{HEAD}{}", list.join("\n")));
    for _ in 0..4000 {
        let text = programs.new_tree(&mut runner).expect("nothing is filtered").current();
        let program = qasm::read_program(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let Ok(circuit) = program.circuit(100_000) else {
            refused += 1;
            continue;
        };
        made += 1;
        for outcomes in [0, u64::MAX, 0xa5c3_9617_f00f_1e2d, 0x1234_5678_9abc_def0, 0xeca8_6420_fdb9_7531] {
            assert_eq!(course_of_circuit(&circuit, outcomes), course(&program, outcomes).0, "{outcomes:x}\n{text}");
        }
    }
    assert!(made > 800 && refused > 400, "{made} circuits, {refused} refused");
}
