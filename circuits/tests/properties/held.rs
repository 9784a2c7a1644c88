//! What a program holds: its registers, inputs, outputs and limits, its aliases, and modifiers that are known only when it runs.

use std::collections::HashMap;

use qloom_circuits::program::{Effect, HybridProgram, RunOptions};
use qloom_circuits::qasm::{self, AnyProgram, Limits};
use qloom_circuits::{Circuit, Matrix};

const HEAD: &str = "OPENQASM 3.0; include \"stdgates.inc\";";

fn program(body: &str) -> HybridProgram {
    qasm::read_program(&format!("{HEAD}{body}")).unwrap_or_else(|errors| panic!("{errors}\n{body}"))
}

fn mistake(body: &str) -> String {
    qasm::read_program(&format!("{HEAD}{body}")).expect_err(body).errors[0].message.clone()
}

/// Runs a program that measures nothing: its gates one after the other, and how many steps it took.
fn gates(program: &HybridProgram) -> (Circuit, u64) {
    let options = RunOptions::default();
    let machine = program.machine(&options);
    let mut thread = machine.start().expect("no inputs");
    let mut circuit = Circuit::new(program.num_qubits());
    loop {
        let list = match machine.advance(&mut thread).expect("it runs") {
            Effect::End => return (circuit, thread.steps()),
            Effect::Stretch(index) => program.stretch(index).to_vec(),
            Effect::Gates(list) => list.to_vec(),
            other => panic!("{other:?}"),
        };
        for operation in list {
            circuit.push(operation).expect("it fits");
        }
    }
}

fn unitary(circuit: &Circuit) -> Matrix {
    circuit.unitary(&[]).expect("gates")
}

/// Programs whose modifiers are worked out when they run, and the same in plain statements.
#[test]
fn modifiers_are_what_they_are_when_they_run() {
    for (body, plain) in [
        ("qubit q; for int k in [-2:1] { pow(k) @ t q; }", "qubit q; tdg q; tdg q;"),
        ("qubit q; for int k in [-1:1] { pow(k) @ sx q; h q; }", "qubit q; inv @ sx q; h q; h q; sx q; h q;"),
        ("qubit q; for int k in [0:3] { inv @ pow(k) @ sx q; }", "qubit q; for int k in [1:6] { inv @ sx q; }"),
        ("qubit q; for int k in [1:3] { pow(k / 4.0) @ x q; }", "qubit q; pow(1.5) @ x q;"),
        ("qubit q; for int k in [1:2] { pow(-k / 4.0) @ h q; }", "qubit q; pow(-0.75) @ h q;"),
        (
            "qubit[2] q; for int k in [1:2] { ctrl @ pow(k / 4.0) @ x q[0], q[1]; }",
            "qubit[2] q; ctrl @ pow(0.25) @ x q[0], q[1]; ctrl @ pow(0.5) @ x q[0], q[1];",
        ),
        (
            "qubit[3] q; for int k in [1:2] { negctrl @ ctrl @ ry(k) q[0], q[1], q[2]; }",
            "qubit[3] q; x q[0]; ctrl(2) @ ry(3) q[0], q[1], q[2]; x q[0];",
        ),
        (
            "gate g(a) x, y { rx(a) x; cx x, y; ry(2 * a) y; } qubit[2] q; for int k in [1:2] { inv @ g(k) q[0], q[1]; pow(k) @ g(1) q[1], q[0]; }",
            "qubit[2] q; ry(-2) q[1]; cx q[0], q[1]; rx(-1) q[0]; rx(1) q[1]; cx q[1], q[0]; ry(2) q[0]; ry(-4) q[1]; cx q[0], q[1]; \
             rx(-2) q[0]; rx(1) q[1]; cx q[1], q[0]; ry(2) q[0]; rx(1) q[1]; cx q[1], q[0]; ry(2) q[0];",
        ),
        ("qubit[2] q; for int k in [1:2] { ctrl @ gphase(k) q[k - 1]; }", "qubit[2] q; p(1) q[0]; p(2) q[1];"),
    ] {
        let (found, steps) = gates(&program(body));
        let expected = qasm::read(&format!("{HEAD}{plain}")).unwrap_or_else(|errors| panic!("{errors}\n{plain}"));
        let distance = unitary(&found).distance(&unitary(&expected));
        assert!(distance < 1e-12, "{body}: {distance:e}\n{found:?}");
        assert!(steps > 2, "{body} took {steps} steps");
        // the circuit that is made of the program is the same
        let unrolled = program(body).circuit(1000).expect("nothing is measured");
        assert!(unitary(&unrolled).distance(&unitary(&expected)) < 1e-12, "{body}");
    }
    assert!(mistake("qubit[2] q; pow(0.5) @ cx q[0], q[0];").contains("twice"));
}

#[test]
fn programs_tell_what_they_have() {
    let body =
        "qubit[2] a; qubit b; input int n; input float v; output bit[3] c; int k; c = \"010\"; while (k < n) { k += 1; x b; }";
    let program = program(body);
    let registers: Vec<(&str, usize, usize)> =
        program.qubit_registers().iter().map(|register| (register.name.as_str(), register.start, register.size)).collect();
    assert_eq!((registers, program.num_qubits()), (vec![("a", 0, 2), ("b", 2, 1)], 3));
    let named = |list: Vec<(&str, &qloom_circuits::program::Type)>| -> Vec<String> {
        list.into_iter().map(|(name, kind)| format!("{kind} {name}")).collect()
    };
    assert_eq!(named(program.inputs()), ["int n", "float[64] v"]);
    assert_eq!(named(program.outputs()), ["bit[3] c"]);
    assert_eq!((program.num_stretches(), program.measures(), program.branchings()), (1, false, 0));
    let plain = self::program("int k = 1; qubit q; bit c = measure q; if (c) { int inner = 2; reset q; }");
    assert_eq!(named(plain.outputs()), ["int k", "bit c"]);
    assert_eq!((plain.inputs().len(), plain.measures(), plain.branchings()), (0, true, 2));
}

/// As many as are allowed are taken, one more is refused by what there is too much of.
#[test]
fn limits_are_the_last_that_hold() {
    let three = program("qubit q; x q; y q; z q;");
    assert_eq!(three.circuit(3).expect("three").operations().len(), 3);
    assert!(three.circuit(2).expect_err("one too many").to_string().contains("more than 2 operations"));
    let limits = Limits { bits: 8, operations: 1000 };
    let read = |body: &str| {
        let text = format!("{HEAD} int k; while (k < 0) {{ k += 1; }} {body}");
        match qasm::read_any(&text, &HashMap::new(), limits) {
            Ok(AnyProgram::Circuit(_) | AnyProgram::Hybrid(_)) => Ok(()),
            Err(errors) => Err(errors.errors[0].message.clone()),
        }
    };
    let end = "bit c; c = measure $0; while (c) { c = measure $0; }";
    assert_eq!(read(&format!("x $7; {end}")), Ok(()));
    assert!(read(&format!("x $8; {end}")).is_err_and(|message| message.contains("numbered below 8")));
    let alias = |size: usize| {
        format!("qubit[{size}] a; qubit b; let c = a ++ b; x c[0]; bit d; d = measure b; while (d) {{ d = measure b; }}")
    };
    assert_eq!(read(&alias(7)), Ok(()));
    assert!(read(&alias(8)).is_err());
    assert!(mistake("array[int[8], 1, 1, 1, 1, 1, 1, 1, 1] a;").contains("1 to 7 dimensions"));
    program("array[int[8], 1, 1, 1, 1, 1, 1, 1] a;");
    let options = RunOptions::default();
    let wrong = program("array[int[8], 2, 2] a; int n = sizeof(a, 2);");
    let machine = wrong.machine(&options);
    let mut thread = machine.start().expect("no inputs");
    let message = machine.advance(&mut thread).expect_err("no such dimension").errors[0].message.clone();
    assert!(message.contains("2 is outside what has 2 elements"), "{message}");
}

/// Long registers are tried on shorter ones, and told as what they are.
#[test]
fn long_registers_keep_their_names() {
    for (a, b) in [(70, 80), (80, 70), (65, 70), (70, 65), (66, 67), (67, 66), (3, 1000)] {
        let message = mistake(&format!("bit[{a}] a; bit[{b}] b; bool v; v = a == b;"));
        assert_eq!(message, format!("== does not apply to bit[{a}] and bit[{b}]"));
    }
    for size in [65, 66, 67, 1000] {
        program(&format!("bit[{size}] a; bit[{size}] b; bool v; v = a == b; a = a & b;"));
        let message = mistake(&format!("bit[{size}] a; bool v; v = a;"));
        assert!(message.starts_with(&format!("bit[{size}] is no value of type bool")), "{message}");
        let message = mistake(&format!("bit[{size}] a; int v; v = a + 1;"));
        assert!(message.contains(&format!("bit[{size}] and int")), "{message}");
    }
}

/// An alias of classical values is a name for places that do not move; one of qubits may be taken anew in each turn.
#[test]
fn aliases_name_places() {
    let message = mistake("bit[4] b; int k = 1; let a = b[{k, 2}];");
    assert!(message.contains("the indices of an alias of classical values"), "{message}");
    program("bit[4] b; let a = b[1:2]; a[0] = 1;");
    let (found, _) = gates(&program("qubit[3] q; for int k in [0:1] { let pair = q[k:k + 1]; cx pair[0], pair[1]; }"));
    let expected = qasm::read(&format!("{HEAD} qubit[3] q; cx q[0], q[1]; cx q[1], q[2];")).expect("a circuit");
    assert_eq!(found.operations(), expected.operations());
}

/// A definition that says what the row of its name does is that row, also in a program; one that says something else is refused.
#[test]
fn definitions_of_known_names_are_their_rows() {
    let loops = "int k; while (k < 2) { k += 1; h q; }";
    let (found, _) = gates(&program(&format!("gate h a {{ gphase(-pi / 4); U(pi / 2, 0, pi) a; }} qubit q; {loops}")));
    assert!(found.operations().iter().all(|operation| operation.name() == "h") && found.operations().len() == 2, "{found:?}");
    assert!(mistake(&format!("gate h a {{ U(pi, 0, pi) a; }} qubit q; {loops}")).contains("otherwise"));
}

/// Measured bits that are cast, joined and compared beside known ones become conditions.
#[test]
fn conditions_see_through_casts() {
    let conditions = |body: &str| {
        let circuit = program(body).circuit(100).unwrap_or_else(|errors| panic!("{errors}\n{body}"));
        let found = circuit.operations().iter().filter_map(|operation| match operation {
            qloom_circuits::Operation::Conditional(block) => Some((block.condition.bits.clone(), block.condition.value)),
            _ => None,
        });
        found.collect::<Vec<_>>()
    };
    let head = "qubit[2] q; bit[2] c; c = measure q;";
    assert_eq!(conditions(&format!("{head} if (bit[2](c) == 2) x q[0];")), [(vec![0, 1], 2)]);
    assert_eq!(conditions(&format!("{head} if (bool(c[1])) x q[0];")), [(vec![1], 1)]);
    assert_eq!(conditions(&format!("{head} if (c == 3) x q[0];")), [(vec![0, 1], 3)]);
    assert_eq!(conditions(&format!("{head} if (c == 5) x q[0];")), []);
    // of a register whose other bit is known the measured bit alone is asked
    let half = "qubit q; bit[2] c; c[1] = measure q;";
    assert_eq!(conditions(&format!("{half} if (c == 2) x q;")), [(vec![1], 1)]);
    assert_eq!(conditions(&format!("{half} if (c == 0) x q;")), [(vec![1], 0)]);
    assert_eq!(conditions(&format!("{half} if (c == 1) x q;")), []);
}

/// The outputs of a program that does nothing to qubits.
fn outputs(body: &str) -> Vec<String> {
    let (program, options) = (program(body), RunOptions::default());
    let machine = program.machine(&options);
    let mut thread = machine.start().expect("no inputs");
    assert_eq!(machine.advance(&mut thread).expect("it runs"), Effect::End);
    machine.outputs(&thread).iter().map(ToString::to_string).collect()
}

/// Registers count as numbers up to 64 bits, one bit alone is a bit, arrays of other shapes are other types.
#[test]
fn types_end_where_they_end() {
    assert_eq!(outputs("bit[64] b; b[63] = 1; output uint[64] v; v = b + 1; b[0] = 1;"), ["9223372036854775809"]);
    assert_eq!(outputs("bit[64] b; b[63] = 1; output uint[64] v; v = 1 + b;"), ["9223372036854775809"]);
    assert!(mistake("bit[65] b; uint[64] v; v = b + 1;").contains("+ does not apply to bit[65] and int"));
    assert_eq!(outputs("bit[1] a = \"1\"; bit b = 1; output bit c; output bit d; c = a ^ b; d = b & a;"), ["0", "1"]);
    assert!(mistake("array[int[8], 2] a; array[int[8], 3] b; a = b;").contains("array[int[8], 3]"));
    program("array[int[8], 2] a; array[int[16], 2] b; a = b;");
}

/// Numbers with a sign are written so that they read back, zero included.
#[test]
fn signs_are_written() {
    for (value, written) in [("-0.0", "(-0.0)"), ("-1.5", "(-1.5)"), ("1.5", "= 1.5"), ("0.0", "= 0.0")] {
        let text = qasm::write_program(&program(&format!("output float v = {value};"))).expect("it has a form");
        assert!(text.contains(written), "{value}: {text}");
    }
}

#[test]
fn files_that_include_themselves_end() {
    let files = HashMap::from([("own.inc".to_owned(), "include \"own.inc\";".to_owned())]);
    let text = format!("{HEAD} include \"own.inc\"; bit c; c = measure $0; while (c) {{ c = measure $0; }}");
    let errors = qasm::read_any(&text, &files, Limits::default()).expect_err("endless");
    assert!(errors.to_string().contains("16 levels"), "{errors}");
}
