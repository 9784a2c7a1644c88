//! What services write is read: gates without a header, the header of trapped ions, programs that declare a whole machine.

use std::f64::consts::{FRAC_PI_2, PI};

use qloom_circuits::qasm::{self, Construct, Dialect, Form, QasmError, Version};
use qloom_circuits::{Angle, Circuit, Condition, Conditional, Gate, Matrix, Operation};

fn read(text: &str) -> Circuit {
    qasm::read(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let overlap: num_complex::Complex64 = a.entries().iter().zip(b.entries()).map(|(x, y)| x.conj() * y).sum();
    a.scaled(overlap / overlap.norm()).distance(b)
}

/// Every row of the table in every dialect and version that has a form for it, on qubits in two orders.
#[test]
fn what_a_dialect_writes_is_read_as_the_same() {
    let mut written = 0;
    for gate in Gate::all() {
        let angles: Vec<Angle> =
            [0.37, -1.21, 0.83, 2.05][..gate.num_parameters()].iter().map(|&value| Angle::Fixed(value)).collect();
        let forwards: Vec<usize> = (0..gate.num_qubits()).collect();
        let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
        for qubits in [forwards, backwards] {
            let mut circuit = Circuit::new(gate.num_qubits());
            circuit.push(Operation::gate(gate, &angles, &qubits)).expect("it fits");
            for &dialect in Dialect::ALL {
                for version in [Version::V2, Version::V3] {
                    let Ok(text) = qasm::write(&circuit, version, dialect) else { continue };
                    written += 1;
                    let again = read(&text);
                    let error = distance(&circuit.unitary(&[]).expect("a gate"), &again.unitary(&[]).expect("gates"));
                    assert!(error < 1e-12, "{gate} in {} {version:?}: {error:e}\n{text}", dialect.name());
                    if dialect == Dialect::Braket && gate.name_in(dialect).is_some() {
                        assert!(!text.contains("include") && again.operations() == circuit.operations(), "{text}");
                    }
                }
            }
        }
    }
    assert!(written > 400, "{written} programs");
}

#[test]
fn programs_of_braket_need_no_header() {
    let circuit = read(include_str!("../../data/faults/lx28.qasm"));
    assert_eq!(circuit.operations()[..2], [Operation::gate(Gate::H, &[], &[0]), Operation::gate(Gate::Cx, &[], &[0, 1])]);
    // names that are no gates there stay free, and a program with a header has only what that defines
    let own = read(
        "OPENQASM 3.0; qubit[2] v; bit i; gate swap a, b { cnot a, b; cnot b, a; cnot a, b; } swap v[0], v[1]; i = measure v[0];",
    );
    assert_eq!(own.num_qubits(), 2);
    let message =
        qasm::read("OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] q; cnot q[0], q[1];").expect_err("no cnot").to_string();
    assert!(message.contains("cnot"), "{message}");
}

/// Gates of `hqslib1.inc`, against what they are by definition.
#[test]
fn the_header_of_trapped_ions_is_whole() {
    let head = "OPENQASM 2.0; include \"hqslib1.inc\"; qreg q[3]; creg c[2];";
    let unitary = |body: &str| read(&format!("{head}{body}")).unitary(&[]).expect("gates");
    for (gate, plain) in [
        ("ZZ q[0], q[1];", "rzz(pi/2) q[0], q[1];"),
        ("RZZ(0.3*pi) q[0], q[1];", "rzz(0.3*pi) q[0], q[1];"),
        ("Rz(0.2) q[1];", "rz(0.2) q[1];"),
        ("U1q(0.3, 0.2) q[0];", "rz(-0.2) q[0]; rx(0.3) q[0]; rz(0.2) q[0];"),
        ("Rxxyyzz(0.1, 0.2, 0.3) q[0], q[1];", "rxx(0.1) q[0], q[1]; ryy(0.2) q[0], q[1]; rzz(0.3) q[0], q[1];"),
        ("sx q[0]; sxdg q[1];", "rx(pi/2) q[0]; rx(-pi/2) q[1];"),
        ("crx(0.4) q[0], q[2];", "h q[2]; crz(0.4) q[0], q[2]; h q[2];"),
        ("cswap q[0], q[1], q[2];", "cx q[2], q[1]; ccx q[0], q[1], q[2]; cx q[2], q[1];"),
    ] {
        assert!(distance(&unitary(gate), &unitary(plain)) < 1e-12, "{gate}");
    }
    let zz = unitary("ZZ q[0], q[1];");
    let phase = zz[(1, 1)] / zz[(0, 0)];
    assert!((phase - num_complex::Complex64::I).norm() < 1e-15, "exp(-i pi/4 ZZ) turns 01 against 00 by i");
    let conditioned = read(&format!("{head} measure q[0] -> c[1]; if (c[1] == 1) x q[1];"));
    assert_eq!(conditioned.operations().len(), 2);
    assert_eq!(read(include_str!("../../data/faults/tk_native_hqslib1.qasm")).operations().len(), 4);
}

/// A program for a whole machine keeps what it does on the qubits in use.
#[test]
fn idle_qubits_can_be_left_out() {
    let whole = read(include_str!("../../data/faults/bell_heron.qasm"));
    let busy = whole.busy_qubits();
    assert_eq!((whole.num_qubits(), &busy[..]), (156, &[152, 153][..]));
    let part = whole.restricted(&busy);
    assert_eq!((part.num_qubits(), part.num_bits(), part.operations().len()), (2, 2, whole.operations().len()));
    assert_eq!(part.spread(&busy, 156).operations(), whole.operations());
    let text = qasm::write(&part, Version::V3, Dialect::Plain).expect("gates");
    assert!(text.contains("qubit[2] q;"), "{text}");
}

/// A gate that the dialect's machines do, on qubit 0.
fn native(dialect: Dialect) -> Operation {
    match dialect {
        Dialect::IonQ => Operation::gate(Gate::Gpi, &[Angle::Fixed(0.3)], &[0]),
        _ => Operation::gate(Gate::Rz, &[Angle::Fixed(0.3)], &[0]),
    }
}

fn conditioned(bits: &[usize], then: Vec<Operation>) -> Operation {
    let condition = Condition { bits: bits.to_vec(), value: 1 };
    Operation::Conditional(Box::new(Conditional { condition, then, otherwise: vec![] }))
}

/// A circuit that has the construct, and of those that a service refuses no other.
fn with(construct: Construct, dialect: Dialect) -> Circuit {
    let mut circuit = Circuit::default();
    circuit.add_qubits("q", 2);
    circuit.add_bits("c", 1);
    let push = |circuit: &mut Circuit, operation: Operation| {
        circuit.push(operation).expect("it fits");
    };
    push(&mut circuit, native(dialect));
    match construct {
        Construct::Reuse => {
            circuit.measure(0, 0);
            push(&mut circuit, native(dialect));
        }
        Construct::Reset => drop(circuit.reset(1)),
        Construct::Barrier => drop(circuit.barrier(&[0, 1])),
        Construct::Delay => push(&mut circuit, Operation::Delay { duration_ns: 10.0, qubits: vec![0] }),
        Construct::Condition => {
            circuit.measure(1, 0);
            push(&mut circuit, conditioned(&[0], vec![native(dialect)]));
        }
        Construct::Nested => {
            circuit.add_bits("d", 1);
            circuit.measure(1, 0);
            push(&mut circuit, conditioned(&[0], vec![conditioned(&[1], vec![native(dialect)])]));
        }
        Construct::Measured => {
            circuit.measure(1, 0);
            circuit.add_bits("d", 1);
            push(&mut circuit, conditioned(&[0], vec![Operation::Measure { qubit: 0, bit: 1 }]));
        }
        Construct::Parameter => {
            let gate = if dialect == Dialect::IonQ { Gate::Gpi } else { Gate::Rz };
            push(&mut circuit, Operation::gate(gate, &[Angle::free(0)], &[0]));
        }
        Construct::GlobalPhase => push(&mut circuit, Operation::GlobalPhase(Angle::Fixed(0.4))),
        Construct::Definition => {
            let angles = [0.1, 0.2, 0.3].map(Angle::Fixed);
            push(&mut circuit, Operation::gate(Gate::Cu3, &angles, &[1, 0]));
        }
        Construct::Registers => {
            circuit.add_qubits("r", 1);
            circuit.add_bits("d", 1);
            circuit.measure(2, 1);
        }
        Construct::Pragma => drop(circuit.add_note("pragma vendor keep")),
        other => panic!("{other:?} is new"),
    }
    circuit
}

/// Every cell: what is refused is named with the dialect and the remedy, what is replaced leaves no trace and does the same.
#[test]
fn dialects_take_what_their_table_says() {
    let mut refused = 0;
    for &construct in Construct::ALL {
        for &dialect in Dialect::ALL {
            let circuit = with(construct, dialect);
            for version in [Version::V2, Version::V3] {
                let written = qasm::write(&circuit, version, dialect);
                let case = format!("{construct} in {} {version:?}", dialect.name());
                if matches!(written, Err(QasmError::WrongVersion { .. })) {
                    continue;
                }
                // version 2 has none of these, whatever the dialect
                let missing = matches!(construct, Construct::Delay | Construct::Nested | Construct::Parameter);
                match (construct.form(dialect), written) {
                    (Form::Refused, Err(error)) => {
                        refused += 1;
                        let said = error.to_string();
                        if construct == Construct::Parameter {
                            assert!(said.contains("bind them to numbers"), "{case}: {said}");
                        } else {
                            // the outermost that is refused is named
                            let outer = matches!(construct, Construct::Nested | Construct::Measured)
                                && Construct::Condition.form(dialect) == Form::Refused;
                            let named = if outer { Construct::Condition } else { construct };
                            assert!(said.contains(&named.to_string()), "{case}: {said}");
                            assert!(said.contains(&format!("the dialect {} does not take; ", dialect.name())), "{case}: {said}");
                        }
                    }
                    (Form::Written | Form::Replaced, Err(_)) if version == Version::V2 && missing => {}
                    (Form::Written | Form::Replaced, Ok(text)) => {
                        let again = read(&text);
                        assert_eq!(
                            (again.num_qubits(), again.num_bits()),
                            (circuit.num_qubits(), circuit.num_bits()),
                            "{case}\n{text}"
                        );
                        if construct.form(dialect) == Form::Replaced {
                            let traces = ["gate ", "U(", "gphase", "qubit[1] r", "bit[1] d", "\npragma"];
                            assert!(traces.iter().all(|trace| !text.contains(trace)), "{case}\n{text}");
                        }
                        if let (Ok(found), Ok(expected)) = (again.unitary(&[]), circuit.unitary(&[])) {
                            assert!(distance(&expected, &found) < 1e-12, "{case}\n{text}");
                        }
                    }
                    (form, written) => panic!("{case}: {form:?}, but {written:?}"),
                }
            }
        }
    }
    assert!(refused > 30, "{refused} cells refuse");
}

/// The named remedies help: a condition on part of a register, and one in another, are told as what they are.
#[test]
fn conditions_on_parts_of_registers_are_nested() {
    let mut circuit = Circuit::default();
    circuit.add_qubits("q", 2);
    circuit.add_bits("c", 3);
    circuit.measure(0, 0).measure(1, 2);
    circuit.push(conditioned(&[0, 2], vec![Operation::gate(Gate::X, &[], &[0])])).expect("it fits");
    assert!(qasm::write(&circuit, Version::V3, Dialect::Plain).is_ok());
    for dialect in [Dialect::Ibm, Dialect::Braket] {
        assert!(matches!(qasm::write(&circuit, Version::V3, dialect), Err(QasmError::Refused { position: 2, .. })));
    }
    let mut own = Circuit::default();
    own.add_qubits("q", 2);
    own.add_bits("c", 2);
    own.measure(0, 0).measure(1, 1);
    own.push(conditioned(&[0, 1], vec![Operation::gate(Gate::X, &[], &[0])])).expect("it fits");
    let text = qasm::write(&own, Version::V3, Dialect::Ibm).expect("one level");
    assert_eq!(text.matches("if (").count(), 1);
}

/// Braket has one register of each kind, no definitions and no header; its own pragmas stay.
#[test]
fn braket_gets_what_it_takes() {
    let mut circuit = read(
        "OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] a; qubit b; bit d; bit[2] c; input float[64] w;
         U(w, 0.2, 0.3) b; gphase(0.4); cu(0.1, w, 0.3, 0.4) a[1], b; c = measure a; d = measure b;",
    );
    circuit.add_note("pragma braket result probability").add_note("#pragma vendor x");
    let text = qasm::write(&circuit, Version::V3, Dialect::Braket).expect("gates and measurements");
    assert!(text.starts_with("OPENQASM 3.0;\ninput float[64] w;\nqubit[3] q;\nbit[3] c;\n"), "{text}");
    assert!(text.ends_with("c[0] = measure q[2];\npragma braket result probability\n// #pragma vendor x\n"), "{text}");
    let unitary = |circuit: &Circuit| {
        let mut gates = circuit.without_operations();
        for operation in circuit.operations().iter().filter(|operation| !matches!(operation, Operation::Measure { .. })) {
            gates.push(operation.clone()).expect("it fits");
        }
        gates.unitary(&[0.7]).expect("gates")
    };
    assert!(distance(&unitary(&circuit), &unitary(&read(&text))) < 1e-12, "{text}");
}

/// Verbatim boxes hold the gates up to the first measurement, also when they are read and written again; other dialects have comments.
#[test]
fn verbatim_boxes_are_kept() {
    let text = "OPENQASM 3.0;\nbit[2] b;\n#pragma braket verbatim\nbox {\nrx(pi/2) $0;\nbarrier $0, $1;\ncz $0, $1;\n}\n\
        b[0] = measure $0;\nb[1] = measure $1;\n";
    let circuit = read(text);
    assert_eq!((circuit.num_qubits(), circuit.operations().len()), (2, 5));
    // a circuit, where any other box makes a program
    let kind =
        |text: &str| matches!(qasm::read_any(text, &Default::default(), Default::default()), Ok(qasm::AnyProgram::Circuit(_)));
    assert!(kind(text) && !kind(&text.replace("#pragma braket verbatim\n", "")));
    for dialect in [Dialect::Braket, Dialect::Rigetti] {
        assert_eq!(qasm::write(&circuit, Version::V3, dialect).expect("native gates"), text);
    }
    let old = qasm::write(&circuit, Version::V2, Dialect::Rigetti).expect("native gates");
    assert!(old.contains("\n// #pragma braket verbatim\n") && !old.contains("box"), "{old}");
    let mut late = Circuit::new(1);
    late.add_bits("b", 1);
    late.add_note("#pragma braket verbatim").measure(0, 0).x(0);
    let late = qasm::write(&late, Version::V3, Dialect::Plain).expect("gates");
    assert!(late.contains("#pragma braket verbatim\nb[0]") && !late.contains("box"), "{late}");
}

/// IonQ takes turns; what is written says so in its definitions, and as JSON.
#[test]
fn angles_of_ions_are_turns() {
    let mut circuit = Circuit::new(2);
    circuit.add_bits("b", 2);
    circuit.gpi(FRAC_PI_2, 0).gpi2(-PI, 1).ms(0.0, FRAC_PI_2, -FRAC_PI_2, 1, 0).measure(1, 0);
    for version in [Version::V2, Version::V3] {
        let text = qasm::write(&circuit, version, Dialect::IonQ).expect("native gates");
        assert!(text.contains("\ngpi(0.25) q[0];\n") && text.contains("\nms(0.5, 0.25, 0.25) q[1], q[0];\n"), "{text}");
        assert!(text.contains("gate gpi(phi) q { p(-2*pi*phi) q; x q; p(2*pi*phi) q; }"), "{text}");
    }
    let job: serde_json::Value = serde_json::from_str(&qasm::write_ionq(&circuit).expect("native gates")).expect("JSON");
    let half = job["input"]["circuit"][1]["phase"].as_f64().expect("a phase");
    assert_eq!((job["input"]["qubits"].as_u64(), half.abs()), (Some(2), 0.5));
    let expected = serde_json::json!({ "gate": "ms", "targets": [1, 0], "phases": [0.5, 0.25], "angle": 0.25 });
    assert_eq!(job["input"]["circuit"][2], expected);
    assert_eq!((&job["input"]["gateset"], &job["metadata"]["measured"]), (&"native".into(), &"[1,null]".into()));
    let mut reset = circuit.clone();
    reset.reset(0);
    let mut again = circuit.clone();
    again.gpi(0.0, 1);
    let mut foreign = circuit.clone();
    foreign.h(0);
    for (wrong, said) in [(reset, "a qubit that nothing"), (again, "measure at the end"), (foreign, "translate")] {
        let error = qasm::write_ionq(&wrong).expect_err("not as JSON").to_string();
        assert!(error.contains("operation 4") && error.contains(said), "{error}");
    }
}
