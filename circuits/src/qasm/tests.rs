mod version_3;

use super::*;
use crate::angle::Angle;
use crate::gate::Gate;
use crate::library;
use crate::operation::{Condition, Conditional, Operation};

#[test]
fn random_circuits_round_trip_in_version_2() {
    for seed in 0..60 {
        let circuit = library::random(1 + seed as usize % 6, 40, &mut crate::Stream::named(seed, "circuit"));
        let text = write(&circuit, Version::V2, Dialect::Plain).expect("gates have a form");
        let again = read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        assert_eq!(again, circuit, "seed {seed}\n{text}");
    }
}

#[test]
fn definitions_say_what_rows_do() {
    for gate in Gate::all() {
        let angles: Vec<Angle> = (0..gate.num_parameters()).map(|k| Angle::Fixed(0.4 + 0.9 * k as f64)).collect();
        let values: Vec<f64> = angles.iter().map(|angle| angle.value(&[])).collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).rev().collect();
        let mut circuit = Circuit::new(gate.num_qubits());
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("a row fits");
        let text = write(&circuit, Version::V2, Dialect::Plain).expect("gates have a form");
        assert_eq!(read(&text).expect("what was written"), circuit);
        // Under names that mean nothing the definitions are expanded.
        let defined =
            |row: &Gate| text.contains(&format!("gate {} ", row.name())) || text.contains(&format!("gate {}(", row.name()));
        let renamed = Gate::all().filter(defined).fold(text.clone(), |text, row| {
            let words: Vec<String> = text.split(' ').map(|word| rename(word, row.name())).collect();
            words.join(" ")
        });
        let expanded = read(&renamed).unwrap_or_else(|errors| panic!("{errors}\n{renamed}"));
        let expected = gate.matrix(&values).embedded(&qubits, gate.num_qubits());
        let found = expanded.unitary(&[]).expect("gates");
        let overlap: num_complex::Complex64 = expected.entries().iter().zip(found.entries()).map(|(a, b)| a * b.conj()).sum();
        let error = found.scaled(overlap / overlap.norm()).distance(&expected);
        assert!(error < 1e-12, "{gate}: {error}\n{renamed}");
    }
}

fn rename(word: &str, name: &str) -> String {
    let lines: Vec<String> = word
        .split('\n')
        .map(|piece| match piece.strip_prefix(name) {
            Some(rest) if rest.is_empty() || rest.starts_with('(') => format!("my_{name}{rest}"),
            Some(_) | None => piece.to_string(),
        })
        .collect();
    lines.join("\n")
}

fn errors(text: &str) -> Vec<(usize, usize, String)> {
    let errors = read(text).expect_err(text).errors;
    errors.into_iter().map(|error| (error.line, error.column, error.message)).collect()
}

#[test]
fn errors_have_places() {
    let head = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\n";
    let cases = [
        ("h q[2];", 4, 5, "outside"),
        ("hh q[0];", 4, 1, "no gate hh"),
        ("cx q[0], q[0];", 4, 10, "twice"),
        ("rx q[0];", 4, 1, "takes 1 angles"),
        ("rx(1/0) q[0];", 4, 6, "division by zero"),
        ("rx(ln(-1)) q[0];", 4, 4, "finite"),
        ("h q[0]\nh q[1];", 4, 6, "expected ;"),
        ("qreg q[3];", 4, 6, "already"),
        ("measure q -> c;", 4, 14, "no register c"),
        ("creg c[3]; measure q -> c;", 4, 20, "2 qubits"),
        ("if (q == 1) x q[0];", 4, 5, "not a classical"),
        ("gate a x { h y; } a q[0];", 4, 14, "no qubit"),
        ("gate a(t) x { rx(u) x; }", 4, 18, "no value"),
        ("include \"other.inc\";", 4, 9, "not known"),
        ("opaque o a; o q[0];", 4, 13, "opaque"),
        ("h q[0]; /* never closed", 4, 9, "never closed"),
        ("h q[0]; \u{1}", 4, 9, "unexpected"),
        ("qreg huge[99999999999];", 4, 6, "more than"),
    ];
    for (body, line, column, part) in cases {
        let found = errors(&format!("{head}{body}"));
        let (l, c, message) = &found[0];
        assert!(message.contains(part) && (*l, *c) == (line, column), "{body}: {found:?}");
    }
}

#[test]
fn several_errors_in_one_run() {
    let found = errors("OPENQASM 2.0;\nqreg q[1];\nU(0,0) q[0];\nCX q[0], q[1];\nnothing q;");
    assert_eq!(found.iter().map(|error| error.0).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn expansion_is_bounded() {
    let mut text = String::from("OPENQASM 2.0; qreg q[1]; gate g0 a { U(0,0,0) a; U(0,0,0) a; }\n");
    for level in 1..80 {
        text += &format!("gate g{level} a {{ g{0} a; g{0} a; }}\n", level - 1);
    }
    let found = errors(&format!("{text} g79 q[0];"));
    assert!(found[0].2.contains("limit"), "{found:?}");
    let deep = format!("OPENQASM 2.0; qreg q[1]; U({}1{},0,0) q[0];", "(".repeat(100_000), ")".repeat(100_000));
    assert!(errors(&deep)[0].2.contains("nesting"));
    let long = format!("OPENQASM 2.0; qreg q[1]; U({}1,0,0) q[0];", "1+".repeat(100_000));
    assert!(errors(&long)[0].2.contains("nesting"));
}

#[test]
fn language_of_version_2() {
    let text = "OPENQASM 2.0;\n// comment\ninclude \"qelib1.inc\";\nqreg a[2]; qreg b[2]; creg c[2];\n\
        gate twist(t, u) x, y { rx(t/2 - u) x; barrier x, y; cx x, y; }\n\
        cx a, b; cx a[0], b; twist(pi, 2^3^0*-1) a, b; barrier a, b[1]; measure a -> c; if (c == 2) h b; reset b[0];";
    let circuit = read(text).unwrap_or_else(|errors| panic!("{errors}"));
    let mut expected = Circuit::new(0);
    expected.add_qubits("a", 2);
    expected.add_qubits("b", 2);
    expected.add_bits("c", 2);
    let angle = std::f64::consts::FRAC_PI_2 + 2.0;
    expected.cx(0, 2).cx(1, 3).cx(0, 2).cx(0, 3);
    for k in 0..2 {
        expected.rx(angle, k).barrier(&[k, k + 2]).cx(k, k + 2);
    }
    expected.barrier(&[0, 1, 3]).measure(0, 0).measure(1, 1);
    let block = Conditional {
        condition: Condition { bits: vec![0, 1], value: 2 },
        then: vec![Operation::gate(Gate::H, &[], &[2]), Operation::gate(Gate::H, &[], &[3])],
        otherwise: Vec::new(),
    };
    expected.push(Operation::Conditional(Box::new(block))).expect("in range");
    expected.reset(2);
    assert_eq!(circuit, expected);
}

#[test]
fn dialects_take_native_gates_only() {
    let circuit = library::ghz(2);
    assert!(matches!(write(&circuit, Version::V2, Dialect::Braket), Err(QasmError::WrongVersion { .. })));
    let braket = write(&circuit, Version::V3, Dialect::Braket).expect("gates have a form");
    assert_eq!(braket, "OPENQASM 3.0;\nqubit[2] q;\nh q[0];\ncnot q[0], q[1];\n");
    assert_eq!(Dialect::from_name("ionq"), Some(Dialect::IonQ));
    for dialect in [Dialect::Quantinuum, Dialect::IonQ, Dialect::Rigetti] {
        let error = write(&circuit, Version::V2, dialect).expect_err("h is native nowhere").to_string();
        assert!(error.contains("operation 0 (h)") && error.contains("native"), "{error}");
    }
}
