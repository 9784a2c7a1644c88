//! What the constructs of OpenQASM mean: each program against one that says the same in plain statements, or against its mistake.

use std::collections::HashMap;

use qloom_circuits::qasm::{self, Dialect, Limits, Version};
use qloom_circuits::{Circuit, Operation};

const HEAD_2: &str = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";
const HEAD_3: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n";

fn read(text: &str) -> Circuit {
    qasm::read(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn operations(head: &str, body: &str) -> Vec<Operation> {
    read(&format!("{head}{body}")).operations().to_vec()
}

/// Programs of version 3 and what they come to.
const MEANINGS_3: &[(&str, &str)] = &[
    // registers and broadcasting
    ("qubit[3] q; h q;", "qubit[3] q; h q[0]; h q[1]; h q[2];"),
    ("qubit[2] a; qubit[2] b; cx a, b;", "qubit[2] a; qubit[2] b; cx a[0], b[0]; cx a[1], b[1];"),
    ("qubit[2] a; qubit b; cx a, b;", "qubit[2] a; qubit b; cx a[0], b; cx a[1], b;"),
    ("qreg q[2]; creg c[2]; measure q -> c;", "qubit[2] q; bit[2] c; c[0] = measure q[0]; c[1] = measure q[1];"),
    ("qubit[2] q; bit[2] c = measure q;", "qubit[2] q; bit[2] c; c[0] = measure q[0]; c[1] = measure q[1];"),
    ("qubit[2] q; reset q;", "qubit[2] q; reset q[0]; reset q[1];"),
    // indices
    ("qubit[4] q; x q[-1];", "qubit[4] q; x q[3];"),
    ("qubit[4] q; x q[1:3];", "qubit[4] q; x q[1]; x q[2]; x q[3];"),
    ("qubit[5] q; x q[0:2:4];", "qubit[5] q; x q[0]; x q[2]; x q[4];"),
    ("qubit[5] q; x q[{3, 1}];", "qubit[5] q; x q[3]; x q[1];"),
    ("qubit[4] q; let a = q[1:2]; x a[1];", "qubit[4] q; x q[2];"),
    ("qubit[2] a; qubit[2] b; let c = a ++ b; x c[2];", "qubit[2] a; qubit[2] b; x b[0];"),
    // modifiers
    ("qubit[2] q; ctrl @ x q[0], q[1];", "qubit[2] q; cx q[0], q[1];"),
    ("qubit[3] q; ctrl(2) @ x q[0], q[1], q[2];", "qubit[3] q; ccx q[0], q[1], q[2];"),
    ("qubit[2] q; negctrl @ x q[0], q[1];", "qubit[2] q; x q[0]; cx q[0], q[1]; x q[0];"),
    ("qubit q; inv @ s q;", "qubit q; sdg q;"),
    ("qubit q; inv @ rx(0.5) q;", "qubit q; rx(-0.5) q;"),
    ("qubit q; pow(2) @ t q;", "qubit q; t q; t q;"),
    ("qubit q; pow(0) @ t q;", "qubit q;"),
    ("qubit[2] q; inv @ ctrl @ s q[0], q[1];", "qubit[2] q; ctrl @ sdg q[0], q[1];"),
    // definitions
    ("gate bell a, b { h a; cx a, b; } qubit[2] q; bell q[0], q[1];", "qubit[2] q; h q[0]; cx q[0], q[1];"),
    ("gate turn(t) a { rz(t/2) a; rx(-t) a; } qubit q; turn(0.5) q;", "qubit q; rz(0.25) q; rx(-0.5) q;"),
    ("gate a(t) q { rz(t) q; } gate b(t) q { a(2*t) q; } qubit q; b(0.5) q;", "qubit q; rz(1.0) q;"),
    // values
    ("const int n = 3; qubit[n] q; x q[n - 1];", "qubit[3] q; x q[2];"),
    ("const float angle_1 = pi / 4; qubit q; rz(2 * angle_1) q;", "qubit q; rz(pi / 2) q;"),
    ("qubit q; rz(-2 ** 2) q;", "qubit q; rz(-4) q;"),
    ("qubit q; rz(7 / 2) q;", "qubit q; rz(3) q;"),
    ("qubit q; rz(7 / 2.0) q;", "qubit q; rz(3.5) q;"),
    ("qubit q; rz(1 + 2 * 3) q;", "qubit q; rz(7) q;"),
    ("qubit q; rz((1 + 2) * 3) q;", "qubit q; rz(9) q;"),
    ("qubit q; rz(1e-2) q; rz(.5) q; rz(5.) q;", "qubit q; rz(0.01) q; rz(0.5) q; rz(5.0) q;"),
    ("qubit q; rz(1_000) q; rz(0xff) q; rz(0b101) q; rz(0o17) q;", "qubit q; rz(1000) q; rz(255) q; rz(5) q; rz(15) q;"),
    ("qubit q; rz(π) q; rz(τ) q;", "qubit q; rz(pi) q; rz(2 * pi) q;"),
    ("qubit q; rz(mod(7, 4)) q; rz(mod(7.5, 2)) q; rz(pow(2, 3)) q;", "qubit q; rz(3) q; rz(1.5) q; rz(8) q;"),
    ("int n = 1; n = n + 2; qubit q; rz(n) q;", "qubit q; rz(3) q;"),
    ("int n = 5; n += 2; n *= 3; qubit q; rz(n) q;", "qubit q; rz(21) q;"),
    // control
    ("qubit[3] q; for int k in [0:2] { x q[k]; }", "qubit[3] q; x q[0]; x q[1]; x q[2];"),
    ("qubit[3] q; for int k in {2, 0} { x q[k]; }", "qubit[3] q; x q[2]; x q[0];"),
    ("qubit[3] q; for int k in [2:-1:0] x q[k];", "qubit[3] q; x q[2]; x q[1]; x q[0];"),
    ("qubit q; if (2 > 1) x q; else z q;", "qubit q; x q;"),
    ("qubit q; if (1.5 < 1.5) x q; else z q; if (1.5 > 1.5) x q; else y q;", "qubit q; z q; y q;"),
    ("qubit q; if (1.5 <= 1.5) x q; else z q; if (1.5 >= 1.5) y q; else z q;", "qubit q; x q; y q;"),
    ("qubit q; if (2 < 1) { x q; } else { z q; y q; }", "qubit q; z q; y q;"),
    ("qubit q; bit c; c = measure q; if (c) x q;", "qubit q; bit c; c = measure q; if (c == 1) x q;"),
    ("qubit q; bit c; c = measure q; if (!c) x q;", "qubit q; bit c; c = measure q; if (c == 0) x q;"),
    ("qubit q; bit[2] c; c[0] = measure q; if (c == 2) x q;", "qubit q; bit[2] c; c[0] = measure q; if (c == 2) { x q; }"),
    // whole numbers wrap to their width, and keep it; bits of them are known
    ("qubit q; uint[4] a = 15; a = a + 1; if (a == 0) x q;", "qubit q; x q;"),
    ("qubit q; uint[4] a = 5; uint[4] b = ~a; if (b == 10) x q;", "qubit q; x q;"),
    ("qubit q; int[8] a = 127; a += 1; if (a == -128) x q;", "qubit q; x q;"),
    ("qubit q; uint[8] a = 0; a -= 1; if (a == 255) x q;", "qubit q; x q;"),
    ("qubit q; const uint[8] a = 200; const uint[8] b = 100; if (a + b == 44) x q;", "qubit q; x q;"),
    ("qubit q; const int[8] a = -1; const uint[8] b = 255; if (a == b) x q;", "qubit q; x q;"),
    ("qubit q; const int[8] a = -1; const uint[16] b = 65535; if (a == b) x q;", "qubit q; x q;"),
    ("qubit q; const uint[64] a = 1; if ((a << 63) > 0 && (a << 64) == 0) x q;", "qubit q; x q;"),
    ("qubit q; const uint[8] a = 3; if (a ** 6 == 217) x q;", "qubit q; x q;"),
    ("qubit q; if (uint[4](-1) == 15 && int[4](9) == -7 && uint[4](2.9) == 2) x q;", "qubit q; x q;"),
    ("qubit[4] a; uint[4] v = 5; for uint i in [0:3] { if (bool(v[i])) x a[i]; }", "qubit[4] a; x a[0]; x a[2];"),
    ("qubit q; const uint[6] v = 44; if (v[2:3] == 3 && v[-1] == 1 && v[{5, 3}] == 3 && popcount(v) == 3) x q;", "qubit q; x q;"),
    ("qubit q; float[32] a = 0.1; rz(a) q;", "qubit q; rz(0.10000000149011612) q;"),
    ("qubit q; float[64] a = 0.1; rz(float[32](a)) q;", "qubit q; rz(0.10000000149011612) q;"),
    ("qubit q; float[32] a = 0.25; a += 0.1; rz(a) q;", "qubit q; rz(0.3499999940395355) q;"),
    // timing
    ("qubit q; delay[100ns] q;", "qubit q; delay[0.1us] q;"),
    ("const duration wait = 2us; qubit q; delay[wait / 4] q;", "qubit q; delay[500ns] q;"),
    ("const duration a = 3us; const duration b = 1us; qubit q; delay[a - b] q;", "qubit q; delay[2us] q;"),
    // comments and names
    ("// one\nqubit q; /* two\nlines */ x q;", "qubit q; x q;"),
    ("qubit größe; x größe;", "qubit größe; x größe;"),
];

#[test]
fn constructs_of_version_3_mean_what_they_say() {
    for (program, plain) in MEANINGS_3 {
        assert_eq!(operations(HEAD_3, program), operations(HEAD_3, plain), "{program}");
    }
}

const MEANINGS_2: &[(&str, &str)] = &[
    ("qreg q[2]; u2(0.1, 0.2) q;", "qreg q[2]; u2(0.1, 0.2) q[0]; u2(0.1, 0.2) q[1];"),
    ("qreg q[2]; CX q[0], q[1]; U(0.1, 0.2, 0.3) q[0];", "qreg q[2]; cx q[0], q[1]; u3(0.1, 0.2, 0.3) q[0];"),
    ("qreg q[1]; rz(2^3) q[0];", "qreg q[1]; rz(8) q[0];"),
    ("qreg q[1]; rz(3/2) q[0];", "qreg q[1]; rz(1.5) q[0];"),
    ("qreg q[1]; rz(-pi/2 + sin(0)) q[0];", "qreg q[1]; rz(-pi/2) q[0];"),
    ("gate g(a) x { rx(a) x; } qreg q[1]; g(0.5) q[0];", "qreg q[1]; rx(0.5) q[0];"),
    ("qreg q[2]; barrier q;", "qreg q[2]; barrier q[0], q[1];"),
];

#[test]
fn constructs_of_version_2_mean_what_they_say() {
    for (program, plain) in MEANINGS_2 {
        let (found, expected) = (read(&format!("{HEAD_2}{program}")), read(&format!("{HEAD_2}{plain}")));
        match (found.unitary(&[]), expected.unitary(&[])) {
            (Ok(a), Ok(b)) => assert!(a.distance(&b) < 1e-15, "{program}"),
            _ => assert_eq!(found.operations(), expected.operations(), "{program}"),
        }
    }
}

/// Programs of version 3, the column of the first mistake behind the header, and a part of what is said.
const MISTAKES_3: &[(&str, usize, &str)] = &[
    ("qubit q; x q[1];", 14, "outside"),
    ("qubit[2] q; cx q[0], q[0];", 22, "twice"),
    ("qubit[2] a; qubit[3] b; cx a, b;", 31, "registers of 2 and 3 qubits"),
    ("qubit q; rx q;", 10, "angle"),
    ("qubit q; rx(0.1, 0.2) q;", 10, "angle"),
    ("qubit q; foo q;", 10, "no gate foo"),
    ("qubit q; hadamard q;", 10, "no gate hadamard"),
    ("qubit q; rz(x1) q;", 13, "no value"),
    ("qubit q; rz(1 / 0) q;", 17, "zero"),
    ("qubit q; rz(sqrt(-1)) q;", 13, "finite"),
    ("const int n = 2; n = 3;", 18, "n"),
    ("qubit q; qubit q;", 16, "already"),
    ("bit c; if (c == 1) y q;", 22, "q"),
    ("qubit[0] q;", 7, "at least one"),
    ("qubit q; ctrl @ x q;", 19, "2 qubits"),
    ("qubit q; for int k in [0:0:3] x q;", 18, "zero"),
    ("qubit q; x q", 12, "expected ;"),
    ("qubit q; \"open", 10, "not closed"),
    ("qubit q; delay[5] q;", 16, "duration"),
    ("gate g a { x b; } qubit q; g q;", 14, "b"),
    ("qubit q; x $0x;", 13, "expected ;"),
    ("qubit measure;", 7, "word of the language"),
    ("bit[2] int;", 8, "word of the language"),
    ("gate ctrl a { x a; }", 6, "word of the language"),
    ("gate g(pow) a { rz(pow) a; }", 8, "word of the language"),
    ("for int true in [0:1] { }", 9, "word of the language"),
    ("uint[0] a = 1;", 6, "1 to 64 bits"),
    ("uint[65] a = 1;", 6, "1 to 64 bits"),
    ("float[8] a = 1;", 7, "16, 32 or 64 bits"),
    ("const uint[4] a = 1; qubit q; if (bool(a[4])) x q;", 42, "outside"),
    ("const int a = 9223372036854775807 + 1;", 15, "64 bits"),
];

#[test]
fn mistakes_are_named_at_their_place() {
    let mut wrong = Vec::new();
    for (program, column, part) in MISTAKES_3 {
        let Err(found) = qasm::read(&format!("{HEAD_3}{program}")) else {
            wrong.push(format!("{program} is read"));
            continue;
        };
        let first = &found.errors[0];
        if (first.line, first.column) != (3, *column) || !first.message.contains(part) {
            wrong.push(format!("{program} gives {}:{} {}", first.line, first.column, first.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One run finds every mistake, not the first alone.
/// As many steps as are allowed are taken: the header's include, the register and each gate.
#[test]
fn bounds_are_the_last_that_hold() {
    let text = format!("{HEAD_3}qubit q; x q; y q; z q;");
    let reads = |operations| qasm::read_with(&text, &HashMap::new(), Limits { bits: 8, operations }).is_ok();
    assert_eq!((0..50).find(|&operations| reads(operations)), Some(5));
    let wide =
        |size: u64| qasm::read_with(&format!("{HEAD_3}qubit[{size}] q;"), &HashMap::new(), Limits { bits: 8, operations: 50 });
    assert!(wide(8).is_ok() && wide(9).is_err());
}

/// Names one letter off are put right, however short; names that are far from all are not.
#[test]
fn names_that_are_near_are_suggested() {
    let help =
        |body: &str| qasm::read(&format!("{HEAD_3}{body}")).expect_err("a mistake").errors[0].help.clone().unwrap_or_default();
    for (body, near) in [("qubit q; tt q;", "t"), ("qubit q; sdgg q;", "sdg"), ("qubit[2] q; swpa q[0], q[1];", "swap")] {
        assert_eq!(help(body), format!("did you mean {near}?"), "{body}");
    }
    assert!(!help("qubit q; entangler q;").contains("did you mean"));
}

#[test]
fn all_mistakes_are_found_in_one_run() {
    let text = format!("{HEAD_3}qubit[2] q;\nx q[7];\ny q[0];\nfoo q[0];\nrz(u) q[1];\nbar q[0]\n");
    let errors = qasm::read(&text).expect_err("five mistakes").errors;
    let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
    assert!([4, 6, 7].iter().all(|line| lines.contains(line)), "{lines:?}");
    let shown = errors[0].to_string();
    assert!(shown.contains("x q[7];") && shown.contains('^'), "the line is shown with a mark: {shown}");
}

/// The version is what the text says, or what its words say.
#[test]
fn versions_are_told_by_their_words() {
    for (text, qubits) in [
        ("qubit[2] q; gphase(0.1);", 2),
        ("include \"stdgates.inc\"; qubit q; x q;", 1),
        ("include \"qelib1.inc\"; qreg q[3]; x q[0];", 3),
        ("qreg q[2]; CX q[0], q[1];", 2),
        ("OPENQASM 2; qreg q[1];", 1),
        ("OPENQASM 3; qubit q;", 1),
    ] {
        assert_eq!(read(text).num_qubits(), qubits, "{text}");
    }
    for text in ["OPENQASM 4.0; qubit q;", "OPENQASM 1.0; qreg q[1];", "OPENQASM two; qreg q[1];"] {
        assert!(qasm::read(text).is_err(), "{text}");
    }
}

/// What has no form in a version is refused by name, never left out.
#[test]
fn what_cannot_be_written_is_refused() {
    let free = read("OPENQASM 3.0; include \"stdgates.inc\"; input float[64] turn; qubit q; rz(turn) q;");
    let delay = read("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; delay[10ns] q;");
    let again = "if (c == 1) { c = measure q; } else { z q; }";
    let otherwise = read(&format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; bit c; c = measure q; {again}"));
    for (circuit, part) in [(free, "free parameters"), (delay, "delay"), (otherwise, "its own block measures")] {
        let message = qasm::write(&circuit, Version::V2, Dialect::Plain).expect_err(part).to_string();
        assert!(message.contains(part), "{message}");
        assert!(qasm::write(&circuit, Version::V3, Dialect::Plain).is_ok());
    }
}

/// Hostile sizes are refused before anything is made of them.
#[test]
fn bounds_hold() {
    let limits = qasm::Limits { bits: 100, operations: 1000 };
    let refused = |text: &str| qasm::read_with(text, &Default::default(), limits).expect_err(text).errors[0].message.clone();
    assert!(refused("OPENQASM 3.0; qubit[101] q;").contains("100"));
    assert!(refused("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; for int k in [0:100000] x q;").contains("1000"));
    let doubling: String = (0..30).fold("gate g0 a { U(0, 0, 0) a; U(0, 0, 0) a; } ".to_string(), |text, k| {
        format!("{text}gate g{} a {{ g{k} a; g{k} a; }} ", k + 1)
    });
    assert!(refused(&format!("OPENQASM 3.0; {doubling} qubit q; g30 q;")).contains("1000"));
    let deep = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; rz({}1{}) q;", "(".repeat(5000), ")".repeat(5000));
    assert!(qasm::read(&deep).is_err(), "too deep to follow");
}

/// Every construct with letters changed, dropped and exchanged between constructs: an answer, never a panic, and places inside the text.
#[test]
fn damaged_constructs_are_read_or_refused() {
    let programs: Vec<String> = MEANINGS_3.iter().flat_map(|(a, b)| [a, b]).map(|body| format!("{HEAD_3}{body}")).collect();
    let older = MEANINGS_2.iter().map(|(body, _)| format!("{HEAD_2}{body}"));
    let programs: Vec<Vec<char>> = programs.into_iter().chain(older).map(|text| text.chars().collect()).collect();
    let letters: Vec<char> = "0123456789.[](){};,:=<>!&|~^*/+-@$ \"'abcqxπ_\n".chars().collect();
    let limits = qasm::Limits { bits: 1000, operations: 10_000 };
    let mut stream = qloom_circuits::Stream::named(17, "damage");
    let (mut sound, mut refused) = (0, 0);
    for _ in 0..40_000 {
        let mut text = programs[stream.below(programs.len())].clone();
        for _ in 0..1 + stream.below(4) {
            let at = stream.below(text.len());
            match stream.below(4) {
                0 => text[at] = letters[stream.below(letters.len())],
                1 => drop(text.remove(at)),
                2 => text.insert(at, letters[stream.below(letters.len())]),
                _ => {
                    // a piece of another program
                    let other = &programs[stream.below(programs.len())];
                    let from = stream.below(other.len());
                    let to = (from + 1 + stream.below(20)).min(other.len());
                    text.splice(at..at, other[from..to].iter().copied());
                }
            }
        }
        let text: String = text.into_iter().collect();
        match qasm::read_with(&text, &Default::default(), limits) {
            Ok(circuit) => {
                sound += 1;
                let written =
                    qasm::write(&circuit, Version::V3, Dialect::Plain).expect("whatever is read has a form in version 3");
                let again = qasm::read(&written).unwrap_or_else(|errors| panic!("{errors}\n{text}\n{written}"));
                assert_eq!(again.num_qubits(), circuit.num_qubits(), "{text}\n{written}");
                assert!(qloom_circuits::draw::text(&circuit, 80).lines().count() < 100_000);
            }
            Err(errors) => {
                refused += 1;
                let lines = text.lines().count() + 1;
                let inside = |error: &qasm::Diagnostic| (1..=lines).contains(&error.line) && error.column >= 1;
                assert!((1..=20).contains(&errors.errors.len()) && errors.errors.iter().all(inside), "{errors}");
            }
        }
    }
    assert!(sound > 300 && refused > 2_000, "{sound} read, {refused} refused");
}

/// Whole numbers at the ends of their types.
#[test]
fn sized_numbers_at_their_ends() {
    let value = |kind: &str, expression: &str| {
        let text = format!("{HEAD_3}qubit q; const {kind} a = {expression}; rz(float[64](a)) q;");
        read(&text).operations()[0].angles()[0].value(&[])
    };
    for (kind, expression, expected) in [
        ("uint[64]", "18446744073709551615", 18446744073709551615.0),
        ("uint[64]", "uint[64](-1) * uint[64](-1)", 1.0),
        ("uint[64]", "uint[64](-1) + uint[64](1)", 0.0),
        ("uint[64]", "uint[64](3) ** 64", (3u64.wrapping_pow(64)) as f64),
        ("int[64]", "int[64](9223372036854775807) + int[64](1)", i64::MIN as f64),
        ("int[64]", "-int[64](-9223372036854775807) * 2", -2.0),
        ("int[1]", "1", -1.0),
        ("uint[1]", "uint[1](1) + uint[1](1)", 0.0),
        ("int[8]", "int[8](-128) / int[8](-1)", -128.0),
        ("int[8]", "int[8](-7) % int[8](2)", -1.0),
        ("int[8]", "int[8](-7) >> 1", -4.0),
        ("uint[8]", "~uint[8](0)", 255.0),
        ("uint[16]", "uint[8](255) + uint[16](1)", 256.0),
        ("uint[8]", "uint[8](200) + 100", 44.0),
        ("int[8]", "300", 44.0),
    ] {
        assert_eq!(value(kind, expression), expected, "{kind} {expression}");
    }
    // bits that are picked are a register, of any width
    let many = (0..70).map(|_| "0").collect::<Vec<_>>().join(", ");
    let wide = read(&format!("{HEAD_3}const uint[4] a = 3; qubit q; if (a[{{{many}}}] != 0) x q;"));
    assert_eq!(wide.operations().len(), 1);
    for (program, part) in [
        ("const uint[4] a = 3; qubit q; if (a[3:1] == 0) x q;".to_owned(), "0 bits"),
        ("const int a = 1 << 63;".to_owned(), "64 bits"),
        ("const int a = 2 ** 64;".to_owned(), "64 bits"),
        ("const uint[4] a = 1 / 0;".to_owned(), "zero"),
    ] {
        let message = qasm::read(&format!("{HEAD_3}{program}")).expect_err(&program).to_string();
        assert!(message.contains(part), "{message}");
    }
}

/// Files full of errors end after a stated number of them, in time and memory that do not grow with what follows.
#[test]
fn floods_of_errors_end_early() {
    let start = std::time::Instant::now();
    for text in ["?".repeat(20_000_000), "x y z;".repeat(3_000_000), "qubit q; ?;\n".repeat(1_000_000), "{".repeat(5_000_000)] {
        let text = format!("OPENQASM 3.0;\n{text}");
        assert!(qasm::includes(&text).is_empty());
        let errors = qasm::read(&text).expect_err("nothing but errors").errors;
        assert!((1..=20).contains(&errors.len()));
        assert!(errors.iter().all(|error| error.source_line.len() <= 480 && error.to_string().len() < 2000));
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    // the place in a long line is shown with what is around it
    let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit q; {} y w; {}", "x q; ".repeat(200), "x q; ".repeat(200));
    let error = &qasm::read(&text).expect_err("no w").errors[0];
    let shown = error.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    let caret = lines[3].find('^').expect("a mark");
    assert_eq!((error.line, &lines[2][caret..caret + 1]), (1, "w"), "{shown}");
}
