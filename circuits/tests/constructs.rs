//! Every construct of version 3: read, written so that it does the same again, made a circuit or refused as one by its name.

use std::collections::HashMap;

use qloom_circuits::qasm::{self, Limits};

#[path = "support/course.rs"]
mod course;
use course::{course, course_of_circuit};

const HEAD: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n";

/// Programs behind the header, and what is said where they are no circuits.
const PROGRAMS: &[(&str, Option<&str>)] = &[
    // subroutines
    ("qubit q; def f(qubit a) { h a; x a; } f(q);", None),
    ("qubit[2] q; def f(qubit[2] a, float x) { rx(x) a[0]; cx a[0], a[1]; } f(q, 0.25);", None),
    ("qubit q; bit c; def f(qubit a) -> bit { return measure a; } c = f(q);", None),
    ("qubit q; bit[2] c; def f(qubit a) -> bit { h a; bit b; b = measure a; return b; } c[1] = f(q); c[0] = f(q);", None),
    ("qubit q; def f(int n) -> float { return n / 2.0; } rx(f(3)) q;", None),
    ("qubit q; def f(int n) -> int { int sum; for int k in [1:n] { sum += k; } return sum; } rx(f(4)) q;", None),
    ("qubit q; def f(int n) -> int { if (n > 2) { return 1; } return 0; } rx(f(1) + f(3)) q;", None),
    ("qubit q; def f(int n) -> int { while (true) { n -= 1; if (n < 0) { return 7; } } return 0; } rx(f(4)) q;", None),
    ("qubit[2] q; def inner(qubit a) { h a; } def outer(qubit[2] a) { inner(a[1]); inner(a[0]); } outer(q);", None),
    ("qubit q; extern f(int) -> float; rx(f(1)) q;", Some("the extern function f")),
    ("qubit q; bit c; extern f(bit) -> bit; c = measure q; if (f(c)) x q;", Some("the extern function f")),
    ("qubit q; def f(mutable array[int[8], 2] a) { a[0] = 1; } array[int[8], 2] r; f(r); rx(r[0]) q;", Some("changes an array")),
    ("qubit q; def f(readonly array[int[8], 2] a) -> int[8] { return a[1]; } array[int[8], 2] r = {1, 2}; rx(f(r)) q;", None),
    // values that are declared and not returned end a program, and are no circuit
    ("qubit q; bit c; def f(qubit a) -> bit { h a; } c = f(q); x q;", Some("f ends without a return")),
    ("qubit q; def f(qubit a) -> bit { h a; } f(q); x q;", Some("f ends without a return")),
    ("qubit q; def f(int n) -> int { if (n > 2) { return 1; } } rx(f(3)) q; rx(f(2)) q;", Some("f ends without a return")),
    ("qubit q; def f(int n) -> int { if (n > 2) { return 1; } } rx(f(3)) q;", None),
    // indices of what is assigned to
    ("qubit[3] q; bit[2] c; c[measure q[2]] = measure q[1];", Some("an index that depends on measured bits")),
    (
        "qubit q; array[int[8], 3] r; def f(int n) -> int { return n + 1; } r[f(1)] = 3; rx(r[2]) q;",
        Some("an index that depends"),
    ),
    ("qubit[2] q; array[int[8], 2, 2] r; r[measure q[0], measure q[1]] = 3; rx(r[1, 1]) q[0];", Some("an index that depends")),
    // old calls of subroutines
    ("qubit[2] q; def f(int n, qubit a) { rx(n) a; } f(2) q[1];", None),
    // loops
    ("qubit[4] q; for uint i in [0:3] { h q[i]; }", None),
    ("qubit[4] q; for uint i in [3:-1:0] h q[i];", None),
    ("qubit[4] q; for uint i in [0:2:3] { for uint j in [i:3] { rx(i + j) q[j]; } }", None),
    ("qubit[4] q; for uint i in {0, 3} { x q[i]; }", None),
    ("qubit[4] q; array[uint[8], 2] r = {1, 2}; for uint[8] i in r { x q[i]; }", None),
    ("qubit q; for bit b in \"1011\" { if (b) x q; else h q; }", None),
    ("qubit q; int n = 3; while (n > 0) { x q; n -= 1; }", None),
    ("qubit q; int n; while (n < 10) { n += 1; if (n == 2) continue; if (n == 5) break; rx(n) q; }", None),
    ("qubit q; bit c = 1; while (c) { h q; c = measure q; }", Some("set by anything but a measurement")),
    ("qubit q; bit c; c = measure q; while (c) { h q; c = measure q; }", Some("a while that depends on measured bits")),
    ("qubit q; bit c; for int k in [0:2] { c = measure q; if (c) break; h q; }", Some("a jump that depends on measured bits")),
    ("qubit q; bit c; c = measure q; if (c) { end; } x q;", Some("a jump that depends on measured bits")),
    ("qubit q; x q; end; h q;", None),
    // branches
    ("qubit q; int n = 3; if (n == 3) { x q; } else { h q; }", None),
    ("qubit q; bit c; c = measure q; if (c) x q;", None),
    ("qubit q; bit c; c = measure q; if (!c) x q; else { h q; }", None),
    ("qubit[2] q; bit[2] c; c = measure q; if (c == 2) x q[0]; if (c != 1) h q[1];", None),
    ("qubit[2] q; bit[2] c; c = measure q; if (c[0] && !c[1] || c == 3) x q[0];", None),
    ("qubit[3] q; bit[3] c; c = measure q; if (c < 5) x q[0]; if (c >= 2) h q[1]; if (3 > c) z q[2];", None),
    ("qubit[2] q; bit[2] c; c = measure q; if (int[2](c) == 3) x q[0]; if (uint[2](c) != 2) h q[0];", None),
    ("qubit[2] q; bit[2] c; c = measure q; if (int[3](c) == -1) x q[0]; if (int[8](c) == 2) y q[0];", None),
    ("qubit q; bit a; bit b; a = measure q; b = measure q; if (a == b) x q;", Some("with one another")),
    ("qubit q; bit a; bit b; a = measure q; b = measure q; if (a ^ b) x q;", Some("measured bits")),
    ("qubit[70] q; bit[70] c; c = measure q; if (c == 5) x q[0];", None),
    ("qubit q; int n = 2; switch (n) { case 1 { x q; } case 2, 3 { h q; } default { z q; } }", None),
    ("qubit q; bit c; c = measure q; switch (c) { case 1 { x q; } default { h q; } }", Some("a switch on measured bits")),
    ("qubit q; bit c; int n; c = measure q; if (c) { n = 1; } rx(n) q;", Some("a value that depends on measured bits")),
    ("qubit q; bit c; int n; c = measure q; if (c) { n = 1; } n = 2; rx(n) q;", None),
    ("qubit[2] q; bit[2] c; c = measure q; if (~c) x q[0];", Some("a value that depends on measured bits")),
    ("qubit[2] q; bit[2] c; c = measure q; if (~c[0]) x q[0];", None),
    ("qubit[2] q; bit[2] c; c = measure q; c = c; if (c == 1) x q[0];", None),
    ("qubit q; bit c; bit d; c = measure q; if (c) { d = measure q; } if (d) x q;", None),
    (
        "qubit q; bool on; bit a; bit c; a = measure q; c = measure q; if (c) { on = a; } if (on) x q;",
        Some("depends on measured"),
    ),
    ("qubit q; bool on; bit c; c = measure q; on = c; h q; c = measure q; if (on) x q;", Some("depends on measured")),
    ("qubit q; bool on; bit c; c = measure q; on = c; h q; if (on) x q; c = measure q; if (c) y q;", None),
    // classical values
    ("qubit q; angle[8] a = pi / 2; a >>= 1; rz(a) q;", None),
    ("qubit q; complex[float[64]] w = 1.0 + 2.0im; rx(real(w)) q; ry(imag(w * w)) q;", None),
    ("qubit q; array[float[64], 2, 2] r = {{0.1, 0.2}, {0.3, 0.4}}; rx(r[1, 0]) q; r[0] = r[1]; ry(r[0, 1]) q;", None),
    ("qubit q; bit[4] c; c = \"0110\";", Some("set by anything but a measurement")),
    ("qubit[2] q; bit[2] a; bit[2] b; a = measure q; b = a;", Some("set by anything but a measurement")),
    ("qubit q; bool b = true; if (b) x q; b = !b; if (b) h q;", None),
    ("qubit q; const uint[4] n = 9; if (n[3]) x q; if (n[1]) h q;", None),
    ("qubit q; uint[8] n = 200; n += 100; rx(n) q; n <<= 2; ry(n) q; n %= 7; rz(n) q; n **= 2; rx(n) q;", None),
    ("qubit q; float[32] a = 0.1; rx(a) q; float[16] b = 0.1; ry(b) q;", None),
    ("qubit q; input float v; rx(v) q; int n = 1; while (n < 3) { n += 1; }", Some("an input or output")),
    ("qubit q; output int n; n = 2; x q;", Some("an input or output")),
    ("bit[5000] c; bool b = bool(c); int n; bit[4096] d = bit[4096](n); qubit q; if (b) x q;", None),
    ("def f(mutable array[int[8], #dim = 2] a) { a[0, 1] = 1; } array[int[8], 2, 2] r; f(r);", Some("changes an array")),
    // qubits
    ("qubit[4] q; let a = q[0:1] ++ q[3]; x a; h a[2];", None),
    ("qubit[2] q; qubit[2] r; let a = q[1] ++ r; for uint i in [0:2] { x a[i]; }", None),
    ("qubit[4] q; for uint i in [0:2] { let pair = q[{i, i + 1}]; cx pair[0], pair[1]; }", None),
    ("qubit[4] q; for uint i in [0:1] { let part = q[i:i + 2]; x part; }", None),
    ("x $1; cx $0, $2; def f() { h $2; } f();", None),
    ("qubit[3] q; reset q[0:1]; barrier q[2], q[0]; barrier; reset q;", None),
    ("qubit q; measure q; bit c; c = measure q;", None),
    ("qubit[3] q; measure q; for uint k in [0:2] { bit b; b = measure q[k]; if (b) x q[k]; }", None),
    // gates
    (
        "gate g(a, b) x, y { rx(a * b) x; ctrl @ rz(b) x, y; barrier x; gphase(a); } qubit[2] q; g(0.3, 2) q[0], q[1]; inv @ g(1, 1) q[1], q[0];",
        None,
    ),
    ("gate g x { for int k in [0:2] { rx(k) x; } } qubit[2] q; g q; ctrl @ g q[0], q[1];", None),
    ("gate g(a) x { h x; } gate k(a) x { g(a) x; pow(3) @ g(-a) x; } qubit q; for int i in [0:1] { k(i) q; }", None),
    ("gate g x { h x[0]; cx x[0], x[1]; } qubit[2] q; g q;", None),
    ("qubit[3] q; for int k in [1:2] { ctrl(2) @ pow(k) @ s q[0], q[1], q[2]; negctrl @ rx(k) q[0], q[k]; }", None),
    ("qubit q; for int k in [1:2] { gphase(pi / k); rx(k * pi) q; U(k, 0, 0.5) q; }", None),
    // time and calibrations
    ("qubit q; delay[100ns] q; duration d = 2 * 50ns; delay[d] q;", None),
    ("qubit q; delay[10dt] q;", Some("the device sets")),
    ("qubit q; duration d = -5ns; delay[d + 10ns] q; delay[-0ns] q; delay[-2 * d] q;", None),
    (
        "qubit q; stretch g; duration d = -3dt; delay[g - 40ns] q; delay[g - 2dt + d] q; box[1us] { x q; }",
        Some("the device sets"),
    ),
    ("qubit q; stretch g; delay[g] q; delay[2 * g + 5ns] q;", Some("the device sets")),
    ("qubit q; delay[durationof({x q; cx $0, $1;})] q;", Some("the device sets")),
    ("qubit q; box { x q; delay[1us] q; }", None),
    ("qubit q; box[1us] { x q; }", Some("a box with a duration")),
    ("defcalgrammar \"openpulse\"; cal { frame f = newframe(d0, 5e9, 0.0); } defcal x $0 { play(f, w); } x $0;", None),
    ("defcal measure $0 -> bit { return capture($0, { 1 ; }); } qubit q; x q;", None),
    // notes
    ("pragma keep this\nqubit q; def f(qubit a) { x a; }\n@hint fast\nf(q);", None),
];

#[test]
fn constructs_are_written_again_and_do_the_same() {
    let mut wrong = Vec::new();
    for (body, _) in PROGRAMS {
        let text = format!("{HEAD}{body}");
        let program = match qasm::read_program(&text) {
            Ok(program) => program,
            Err(errors) => {
                wrong.push(format!("{body}\n{errors}"));
                continue;
            }
        };
        let written = qasm::write_program(&program).expect("all that is read has a form");
        let again = qasm::read_program(&written).unwrap_or_else(|errors| panic!("{body}\n{written}\n{errors}"));
        if !program.inputs().is_empty() {
            assert_eq!(program.inputs(), again.inputs());
            continue;
        }
        for outcomes in [0, u64::MAX, 0x5555_1234_9abc_def0] {
            if course(&program, outcomes) != course(&again, outcomes) {
                wrong.push(format!("{body}\n{written}\n{:?}\n{:?}", course(&program, outcomes), course(&again, outcomes)));
            }
        }
        assert_eq!(program.outputs(), again.outputs(), "{body}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Indices of targets are measured and called for before the value, from left to right.
#[test]
fn targets_have_indices_that_are_measured() {
    let told = |body: &str, outcomes: u64| {
        let program = qasm::read_program(&format!("{HEAD}{body}")).expect("a program");
        course(&program, outcomes)
    };
    let (steps, outputs) = told("qubit[3] q; output bit[2] c; c[measure q[2]] = measure q[1];", u64::MAX);
    assert_eq!((steps, outputs), (vec!["measure 2".to_owned(), "measure 1".to_owned()], vec!["10".to_owned()]));
    let called = "qubit q; output array[int[8], 3] r; def f(int n) -> int { return n + 1; } r[f(1)] = 3; r[f(-1)] = 2;";
    assert_eq!(told(called, 0).1, ["{2, 0, 3}"]);
    let (_, wrong) = told("qubit q; def f(qubit a) -> bit { h a; } f(q); x q;", 0);
    assert_eq!(wrong, ["f ends without a return"]);
}

/// What is made a circuit does what the program does; what is not is named.
#[test]
fn constructs_are_circuits_or_named() {
    let mut wrong = Vec::new();
    for (body, refusal) in PROGRAMS {
        let Ok(program) = qasm::read_program(&format!("{HEAD}{body}")) else { continue };
        match (program.circuit(10_000), refusal) {
            (Ok(circuit), None) => {
                let gates =
                    |list: Vec<String>| list.into_iter().filter(|step| !step.starts_with("GlobalPhase")).collect::<Vec<_>>();
                for outcomes in [0, u64::MAX, 0x5555_1234_9abc_def0] {
                    let (found, expected) = (gates(course_of_circuit(&circuit, outcomes)), gates(course(&program, outcomes).0));
                    if found != expected {
                        wrong.push(format!("{body}\n{found:?}\n{expected:?}"));
                    }
                }
            }
            (Err(errors), Some(part)) if errors.to_string().contains(part) => {}
            (found, _) => wrong
                .push(format!("{body}: {:?}, expected {refusal:?}", found.map_err(|errors| errors.errors[0].message.clone()))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Programs behind the header, the column of the first mistake in the third line, and a part of what is said.
const MISTAKES: &[(&str, usize, &str)] = &[
    ("qubit q; array[int[8], 2] r; r[measure q] += 5;", 30, "worked out twice"),
    ("int[8] k; def f() -> int { return 1; } k[f()] += 1;", 40, "worked out twice"),
    ("while true { }", 7, "expected \"(\""),
    ("while (\"01\" == 2ns) { }", 8, "does not apply"),
    ("for int i in [0:3 { }", 19, "expected \"]\""),
    ("for int i in 5 { }", 14, "does not count through"),
    ("switch (1.5) { }", 9, "by a whole number"),
    ("switch (1) { default { } case 1 { } }", 26, "nothing follows the default"),
    ("switch (1) { x; }", 14, "expected case or default"),
    ("int n; switch (1) { case n { } }", 26, "known when the program is read"),
    ("continue;", 1, "stands in no loop"),
    ("def f(int) { }", 10, "expected a parameter"),
    ("def f(array[int[8], 2] a) { }", 7, "readonly or mutable"),
    ("def f() -> qubit { }", 5, "returns classical values"),
    ("def f() { return 1; }", 11, "returns no value"),
    ("def f() -> int { return; }", 18, "returns a value of type int"),
    ("if (true) { def f() { } }", 17, "outside of blocks"),
    ("qubit q; def f() { x q; }", 22, "not seen within f"),
    ("qubit q; def f(int n) { } f(q);", 29, "qubit is no value of type int"),
    ("def f(int n) { } f(1, 2);", 18, "takes 1 arguments, not 2"),
    ("extern f(qubit) -> bit;", 8, "takes classical values"),
    ("array[int[8]] a;", 13, "expected \",\""),
    ("array[int[8], 0] a;", 15, "a size is from 1"),
    ("array[array[int[8], 2], 2] a;", 1, "1 to 7 dimensions of classical values"),
    ("array[int[8], 2] a = {1, {2}};", 26, "a list is no value of type int[8]"),
    ("array[int[8], 2] a; a[0, 1, 2] = 1;", 21, "has no elements"),
    ("bit[2] b = \"012\";", 12, "digits 0 and 1"),
    ("complex[int[8]] z;", 9, "expected \"float\""),
    ("int[70] n;", 5, "1 to 64 bits, not 70"),
    ("const int n;", 12, "expected \"=\""),
    ("int k; const int n = k;", 18, "known when the program is read"),
    ("input int n = 3;", 11, "expected ;"),
    ("if (true) { output int n; }", 24, "outside of blocks"),
    ("int n; n = measure n;", 20, "not a quantum register"),
    ("qubit q; int n = q;", 18, "qubit is no value of type int"),
    ("qubit q; q = 3;", 14, "int is no value of type qubit"),
    ("qubit[2] q; bit c; c = measure q;", 20, "2 qubits are measured into 1 bits"),
    ("qubit[2] q; x q[2];", 17, "outside"),
    ("qubit[2] q; x q[0][0];", 15, "has no elements"),
    ("qubit[2] q; x q[1.5];", 17, "an index is a whole number"),
    ("qubit q; bit c; let a = q ++ c;", 17, "not of both"),
    ("qubit q; 3 + q;", 10, "expected a statement"),
    ("qubit q; delay[3] q;", 16, "expected a duration"),
    ("box[3] { }", 5, "expected a duration"),
    ("stretch g = 3ns;", 13, "a stretch has no value"),
    ("cal { never closed", 1, "never closed"),
    ("defcalgrammar openpulse;", 15, "in quotes"),
    ("gate g x { measure x; }", 12, "only gates, barriers and loops"),
    ("gate g x { g x; }", 12, "calls itself"),
    ("gate g a { x a; } gate g b { y b; }", 24, "already a gate"),
    ("gate g x, y { cx x, x; } qubit[2] q;", 21, "named twice"),
    ("include \"none.inc\";", 9, "is not known"),
    ("int n; n();", 8, "not a function"),
    ("sin(0.5);", 1, "this value is not used"),
    ("int n = sin(0.5, 2);", 9, "sin does not apply"),
    ("int n = 1; n[64] = 1;", 14, "outside"),
    ("bit[3] c; c[2:0] = \"11\";", 11, "no elements"),
    ("int else = 1;", 5, "word of the language"),
    ("const int n = 1; int n = 2;", 22, "already a constant"),
    ("int n; const int n = 2;", 18, "already a variable"),
    ("n += 1;", 1, "no variable n"),
    ("bit[70] a; bit[66] b; bit[70] c = a ^ b;", 35, "bit[70] and bit[66]"),
    ("bit[5000] c; int n = int(c);", 26, "more than the 64 bits"),
    ("int n; bit[4097] c = bit[4097](n);", 32, "int is no value of type bit[4097]"),
    ("array[int[8], 100] r; if (r) { }", 27, "no truth value"),
    ("def f(mutable array[int[8], #dim = 1] a) { } array[int[8], 2, 2] r; f(r);", 71, "1 dimensions of int[8]"),
    ("def f(mutable array[int[8], #dim = 1] a) { } array[int[16], 2] r; f(r);", 69, "found array[int[16], 2]"),
];

#[test]
fn mistakes_have_their_place() {
    let mut wrong = Vec::new();
    for (body, column, part) in MISTAKES {
        match qasm::read_program(&format!("{HEAD}{body}")) {
            Ok(_) => wrong.push(format!("{body} is read")),
            Err(errors) => {
                let first = &errors.errors[0];
                if (first.line, first.column) != (3, *column) || !first.message.contains(part) {
                    wrong.push(format!("{body} gives {}:{} {}", first.line, first.column, first.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What ends before a variable is declared leaves it zero, however large it is.
#[test]
fn outputs_that_are_not_reached_are_zero() {
    let text = format!("{HEAD}end; output bit[70] a; output bit[3] b; output array[int[8], 65] r; output float f; output bit c;");
    let (_, outputs) = course(&qasm::read_program(&text).expect("a program"), 0);
    let zeros = |count: usize| vec!["0"; count];
    let expected = [zeros(70).concat(), zeros(3).concat(), format!("{{{}}}", zeros(65).join(", "))];
    assert_eq!(outputs[..3], expected);
    assert_eq!((outputs[3].parse::<f64>(), outputs[4].as_str()), (Ok(0.0), "0"));
}

/// One warning for each place, none twice though loops of gates are read again and again.
#[test]
fn warnings_are_said_once() {
    let warnings = |body: &str| -> Vec<(usize, String)> {
        let program = qasm::read_program(&format!("{HEAD}{body}")).unwrap_or_else(|errors| panic!("{errors}"));
        program.warnings().iter().map(|warning| (warning.column, warning.message.clone())).collect()
    };
    assert!(warnings("qubit q; x q;").is_empty());
    let twice = warnings("const int n = 1; const int n = 2; const int n = 3;");
    let expected = "n is declared a second time in one block, which the language forbids".to_owned();
    assert_eq!(twice, [(28, expected.clone()), (45, expected)]);
    let calibrations = warnings("cal { a } for int k in [0:2] { cal { b } }");
    assert_eq!(calibrations.iter().map(|(column, _)| *column).collect::<Vec<_>>(), [1, 32]);
}

/// A gate has the name of one of the table and is another: it is what it says.
#[test]
fn gates_are_what_they_are_defined_to_be() {
    for (body, plain) in [
        ("gate swap x { U(pi, 0, pi) x; } qubit q; swap q;", "qubit q; U(pi, 0, pi) q;"),
        ("gate h(t) x { U(t, 0, 0) x; } qubit q; h(0.5) q;", "qubit q; U(0.5, 0, 0) q;"),
        ("gate x a, b { U(pi, 0, pi) b; } qubit[2] q; x q[0], q[1];", "qubit[2] q; U(pi, 0, pi) q[1];"),
        ("gate h a { U(pi, 0, pi) a; } qubit q; h q;", "qubit q; U(pi, 0, pi) q;"),
        (
            "gate g a { for int k in [1:2:5] { U(k, 0, 0) a; } } qubit q; g q;",
            "qubit q; U(1, 0, 0) q; U(3, 0, 0) q; U(5, 0, 0) q;",
        ),
        ("gate g a { for int k in [3:-2:0] { U(k, 0, 0) a; } } qubit q; g q;", "qubit q; U(3, 0, 0) q; U(1, 0, 0) q;"),
        ("gate g a { for int k in [1:0] { U(k, 0, 0) a; } U(2, 0, 0) a; } qubit q; g q;", "qubit q; U(2, 0, 0) q;"),
    ] {
        let operations = |body: &str| {
            let program =
                qasm::read_program(&format!("OPENQASM 3.0; {body}")).unwrap_or_else(|errors| panic!("{errors}\n{body}"));
            program.circuit(1000).expect("a circuit").operations().to_vec()
        };
        assert_eq!(operations(body), operations(plain), "{body}");
    }
}

/// Limits are the last that hold: levels of gates, and operations of a controlled call.
#[test]
fn limits_are_the_last_that_hold() {
    let nested = |levels: usize| -> String {
        let gate = |k: usize| format!("gate g{} a {{ g{k} a; }} ", k + 1);
        let gates: String = (0..levels).map(gate).collect();
        format!("{HEAD}gate g0 a {{ x a; }} {gates} qubit q; g{levels} q;")
    };
    assert!(qasm::read_program(&nested(128)).is_ok());
    assert!(qasm::read_program(&nested(129)).expect_err("too deep").to_string().contains("more than 128 levels deep"));
    // 1200 operations, more than the statements that say them
    let gates = format!("gate big a {{ {} }} qubit[2] q;", "x a; y a; ".repeat(200));
    for call in ["pow(3) @ big q[0];", "ctrl @ pow(3) @ big q[0], q[1];", "inv @ pow(3) @ big q[0];"] {
        let text = format!("{HEAD}{gates} {call}");
        assert_eq!(qasm::read(&text).expect("a circuit").operations().len(), 1200);
        for (operations, enough) in [(1199, false), (1200, true)] {
            let limits = Limits { bits: 8, operations };
            assert_eq!(qasm::read_with(&text, &HashMap::new(), limits).is_ok(), enough, "{call} {operations}");
            assert_eq!(qasm::read_program_with(&text, &HashMap::new(), limits).is_ok(), enough, "{call} {operations}");
        }
    }
}
