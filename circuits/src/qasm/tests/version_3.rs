use super::*;

fn circuit(body: &str) -> Circuit {
    let text = format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n{body}");
    read(&text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn same_unitary(body: &str, build: impl Fn(&mut Circuit)) {
    let found = circuit(body);
    let mut expected = Circuit::new(found.num_qubits());
    build(&mut expected);
    let error = found.unitary(&[]).expect("gates").distance(&expected.unitary(&[]).expect("gates"));
    assert!(error < 1e-13, "{body}: {error}");
}

#[test]
fn random_circuits_round_trip_in_version_3() {
    for seed in 0..60 {
        let circuit = library::random(1 + seed as usize % 6, 40, &mut crate::Stream::named(seed, "circuit"));
        let text = write(&circuit, Version::V3, Dialect::Plain).expect("gates have a form");
        let again = read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        assert_eq!(again, circuit, "seed {seed}\n{text}");
    }
}

#[test]
fn free_parameters_round_trip() {
    let mut circuit = Circuit::new(2);
    for k in 0..12 {
        circuit.rx(Angle::free(k).scaled(-1.5).shifted(0.25), k % 2);
    }
    circuit.rzz(Angle::free(3).scaled(-1.0), 0, 1).p(Angle::free(11).shifted(-2.0), 1);
    let text = write(&circuit, Version::V3, Dialect::Plain).expect("gates have a form");
    assert!(text.contains("input float[64] theta_03;"), "{text}");
    assert_eq!(read(&text).expect("what was written"), circuit);
    assert!(matches!(write(&circuit, Version::V2, Dialect::Plain), Err(QasmError::FreeParameters { count: 12, .. })));
}

#[test]
fn modifiers_multiply_as_they_should() {
    same_unitary("qubit[3] q; ctrl @ x q[0], q[1]; ctrl(2) @ x q[0], q[1], q[2];", |c| {
        c.cx(0, 1).ccx(0, 1, 2);
    });
    same_unitary("qubit[3] q; negctrl @ ctrl @ h q[2], q[0], q[1];", |c| {
        let h = Gate::H.matrix(&[]);
        c.x(2);
        c.push(Operation::Unitary { matrix: h, controls: [2, 0].into_iter().collect(), qubits: [1].into_iter().collect() })
            .expect("fits");
        c.x(2);
    });
    same_unitary("qubit q; inv @ s q; inv @ pow(2) @ t q; pow(-3) @ rx(0.2) q;", |c| {
        c.sdg(0).tdg(0).tdg(0).rx(-0.2, 0).rx(-0.2, 0).rx(-0.2, 0);
    });
    same_unitary("qubit q; pow(0.5) @ x q; pow(1/2.0) @ z q; pow(0.25) @ h q; pow(0.75) @ h q;", |c| {
        c.sx(0).s(0).h(0);
    });
    same_unitary("qubit[2] q; ctrl @ pow(0.5) @ x q[0], q[1]; pow(0.5) @ cx q[0], q[1];", |c| {
        c.csx(0, 1).csx(0, 1);
    });
    same_unitary("qubit[2] q; ctrl @ gphase(0.3) q[1]; gphase(0.1);", |c| {
        c.p(0.3, 1);
        c.push(Operation::GlobalPhase(Angle::Fixed(0.1))).expect("fits");
    });
    // By definition U carries the phase theta/2.
    same_unitary("qubit[2] q; ctrl @ U(0.4, 0.2, 0.1) q[0], q[1];", |c| {
        c.cu(0.4, 0.2, 0.1, 0.2, 0, 1);
    });
    same_unitary("qubit[2] q; gate g(a) x, y { inv @ ctrl @ rz(a) x, y; h x; } inv @ g(0.7) q[0], q[1];", |c| {
        c.h(0).crz(0.7, 0, 1);
    });
    same_unitary("qubit[5] q; ctrl(4) @ rx(0.7) q[0], q[1], q[2], q[3], q[4]; ctrl @ crx(0.3) q[0], q[1], q[2];", |c| {
        for (angle, controls, target) in [(0.7, vec![0, 1, 2, 3], 4), (0.3, vec![0, 1], 2)] {
            let matrix = Gate::Rx.matrix(&[angle]);
            let operation = Operation::Unitary { matrix, controls: controls.into(), qubits: [target].into_iter().collect() };
            c.push(operation).expect("fits");
        }
    });
}

#[test]
fn rows_survive_control() {
    let circuit = circuit(
        "qubit[4] q; input float a; ctrl @ rx(2*a) q[0], q[1]; ctrl @ p(a) q[0], q[1]; ctrl @ cx q[0], q[1], q[2]; \
        ctrl(3) @ x q[0], q[1], q[2], q[3]; ctrl @ u1(1) q[2], q[3];",
    );
    let gates: Vec<&str> = circuit.operations().iter().map(Operation::name).collect();
    assert_eq!(gates, ["crx", "cp", "ccx", "c3x", "cp"]);
    assert_eq!(circuit.operations()[0].angles()[0], Angle::free(0).scaled(2.0));
}

#[test]
fn registers_slices_and_aliases() {
    let found = circuit(
        "qubit a; qubit[4] q; let r = q[1:2] ++ q[{0, 3}]; x r; h q[-1]; cx a, q[0:2:3]; swap q[3:-1:2], r[2:3];\
        cx $1, $3;",
    );
    let mut expected = Circuit::new(0);
    expected.add_qubits("a", 1);
    expected.add_qubits("q", 4);
    expected.add_qubits("$", 4);
    expected.x(2).x(3).x(1).x(4).h(4).cx(0, 1).cx(0, 3).swap(4, 1).swap(3, 4).cx(6, 8);
    assert_eq!(found, expected);
    let text = "OPENQASM 3; include \"stdgates.inc\"; qubit[4] q; let r = q[1:2]; swap q[3:-1:2], r[0:1];";
    assert!(read(text).expect_err("a repeated qubit").errors[0].message.contains("twice"));
}

#[test]
fn values_and_loops() {
    let found = circuit(
        "const int n = 3; qubit[n] q; float u = pi / 2; int k = 0; u /= 2; const angle[20] v = 2 * u + n / 2;\
        for uint i in [0:n - 1] { rz(u * i) q[i]; k += 1; } for int j in {2, 0} { if (j == 2) { x q[j]; } else y q[j]; }\
        for int j in [4:-2:1] { rx(k ** 2 % 5) q[j / 2 - 1]; } ry(v) q[0]; rz(arcsin(1.0) + tau + euler) q;",
    );
    let mut expected = Circuit::new(3);
    let x = std::f64::consts::PI / 4.0;
    expected.rz(0.0, 0).rz(x, 1).rz(x * 2.0, 2).x(2).y(0).rx(4.0, 1).rx(4.0, 0).ry(2.0 * x + 1.0, 0);
    for q in 0..3 {
        expected.rz(std::f64::consts::FRAC_PI_2 + std::f64::consts::TAU + std::f64::consts::E, q);
    }
    assert_eq!(found, expected);
}

#[test]
fn conditions_become_blocks() {
    let found = circuit(
        "qubit[2] q; bit[2] c; bit d = measure q[0]; c = measure q; if (c[0] && !d) x q[0]; else { y q[0]; }\
        if (c != 2) { z q[0]; } if (c[1] == 0 || d == true) h q[1]; if (1 < 2) s q[0];",
    );
    let block = |bits: &[usize], value, then: Vec<Operation>, otherwise: Vec<Operation>| {
        Operation::Conditional(Box::new(Conditional { condition: Condition { bits: bits.to_vec(), value }, then, otherwise }))
    };
    let gate = |gate, qubit: usize| Operation::gate(gate, &[], &[qubit]);
    let y = || vec![gate(Gate::Y, 0)];
    let expected = [
        block(&[0], 1, vec![block(&[2], 0, vec![gate(Gate::X, 0)], y())], y()),
        block(&[0, 1], 2, vec![], vec![gate(Gate::Z, 0)]),
        block(&[1], 0, vec![gate(Gate::H, 1)], vec![block(&[2], 1, vec![gate(Gate::H, 1)], vec![])]),
        gate(Gate::S, 0),
    ];
    assert_eq!(&found.operations()[3..], &expected);
    let text = write(&found, Version::V3, Dialect::Plain).expect("everything has a form");
    let again = read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(write(&again, Version::V3, Dialect::Plain).expect("everything has a form"), text);
}

#[test]
fn delays_and_notes_are_kept() {
    let found = circuit("qubit[2] q;\npragma vendor x=1\n@hint fast\nx q[0];\ndelay[1.5us] q; barrier; reset q[1];");
    assert_eq!(found.notes().len(), 2);
    assert_eq!((found.notes()[1].position, found.notes()[1].text.as_str()), (0, "@hint fast"));
    assert_eq!(found.operations()[1], Operation::Delay { duration_ns: 1500.0, qubits: vec![0, 1] });
    let text = write(&found, Version::V3, Dialect::Plain).expect("everything has a form");
    assert!(text.contains("pragma vendor x=1\n@hint fast\nx q[0];"), "{text}");
}

#[test]
fn refusals_name_the_construct() {
    let cases = [
        ("qubit q; bit c; c = measure q; while (c) { c = measure q; }", 3, 32, "a while that depends on measured bits"),
        ("def f() -> int { return f(); }", 3, 25, "recursion"),
        ("qubit measure;", 3, 7, "a word of the language"),
        ("array[int, 3] a; a[3] = 1;", 3, 20, "3 elements"),
        ("complex z = \"01\";", 3, 13, "is no value of type complex"),
        ("qubit q; bit c; c = 1;", 3, 17, "set by anything but a measurement"),
        ("extern f(int) -> int; qubit q; rx(f(1)) q;", 3, 35, "the extern function f"),
        ("qubit q; rx(c) q;", 3, 13, "no value"),
        ("input float a; qubit q; rx(a * a) q;", 3, 28, "free parameter"),
        ("qubit[2] q; pow(0.5) @ swap q[0], q[1];", 3, 13, "fractional"),
        ("qubit[2] q; ctrl @ x q[0];", 3, 22, "2 qubits, not on 1"),
        ("qubit q; delay[3dt] q;", 3, 16, "the device sets"),
        ("qubit q; rx(1 / 0) q;", 3, 17, "zero"),
        ("for int i in [0:1000000000] { }", 3, 9, "steps"),
        ("qubit q; U(1, 2) q;", 3, 10, "takes 3 angles"),
        ("gate h q { x q; }", 3, 6, "otherwise"),
        ("qubit[3] q; x q[1:5];", 3, 19, "outside"),
    ];
    for (body, line, column, part) in cases {
        let found = errors(&format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n{body}"));
        let (l, c, message) = &found[0];
        assert!(message.contains(part) && (*l, *c) == (line, column), "{body}: {found:?}");
    }
}

#[test]
fn files_are_included() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; include \"mine.inc\"; qreg q[1]; mine q[0];";
    let mut files = HashMap::from([("mine.inc".to_string(), "gate mine a { h a; }".to_string())]);
    assert_eq!(read_with(text, &files, Limits::default()).expect("known files").operations().len(), 1);
    files.insert("mine.inc".into(), "\ngate mine a { hh a; }".into());
    let errors = read_with(text, &files, Limits::default()).expect_err("an unknown gate").errors;
    assert!(
        errors.iter().any(|error| error.file.as_deref() == Some("mine.inc") && (error.line, error.column) == (2, 15)),
        "{errors:?}"
    );
    files.insert("mine.inc".into(), "include \"mine.inc\";".into());
    assert!(read_with(text, &files, Limits::default()).expect_err("endless").to_string().contains("16 levels"));
}

/// Names of parameters are kept by reading, writing and drawing, and one parameter stays one.
#[test]
fn named_parameters_round_trip() {
    let text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float[64] alpha;\ninput float[64] β_1;\nqubit[2] q;\n\
        rx(2.0*alpha) q[0];\nrzz(β_1 - pi/2) q[0], q[1];\nrx(2.0*alpha) q[1];\n";
    let text = text.replace("rzz(β_1 - pi/2) q[0], q[1]", "cp(β_1 - pi/2) q[0], q[1]");
    let circuit = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((circuit.num_parameters(), circuit.given_name(1)), (2, Some("β_1")));
    assert_eq!(write(&circuit, Version::V3, Dialect::Plain).expect("gates"), text);
    let drawn = crate::draw::text(&circuit, 100);
    assert!(drawn.contains("2·alpha") && drawn.contains("β_1-π/2"), "{drawn}");
    // a name that version 3 does not take is changed, and no two are one
    let mut odd = Circuit::new(1);
    for name in ["measure", "two words", "two_words", "h"] {
        let parameter = odd.add_parameter(name);
        odd.rx(Angle::free(parameter), 0);
    }
    let again = read(&write(&odd, Version::V3, Dialect::Plain).expect("gates")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((again.num_parameters(), again.operations()), (4, odd.operations()));
    let message = write(&circuit, Version::V2, Dialect::Plain).expect_err("no parameters").to_string();
    assert!(message.contains("2 free parameters"), "{message}");
}
