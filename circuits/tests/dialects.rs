//! What services write is read: gates without a header, the header of trapped ions, programs that declare a whole machine.

use qloom_circuits::qasm::{self, Dialect, Version};
use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation};

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
