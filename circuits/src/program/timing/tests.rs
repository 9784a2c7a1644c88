use super::*;
use crate::circuit::Circuit;
use crate::qasm;

/// 20 ns for a gate on one qubit, 100 ns for one on two, 300 ns for a measurement; dt is 0.5 ns.
struct Machine;

impl Durations for Machine {
    fn step_ns(&self) -> Option<f64> {
        Some(0.5)
    }

    fn operation_ns(&self, operation: &Operation) -> Option<f64> {
        match operation {
            Operation::Measure { .. } | Operation::Reset { .. } => Some(300.0),
            gate => Some(if gate.qubits().len() == 1 { 20.0 } else { 100.0 }),
        }
    }
}

/// A device that says nothing.
struct Silent;

impl Durations for Silent {
    fn step_ns(&self) -> Option<f64> {
        None
    }

    fn operation_ns(&self, _: &Operation) -> Option<f64> {
        None
    }
}

fn read(body: &str, durations: &dyn Durations) -> Result<Circuit, String> {
    let text = format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\n{body}");
    let program = qasm::read_program(&text).unwrap_or_else(|errors| panic!("{errors}"));
    program.scheduled(1000, durations).map_err(|errors| errors.to_string())
}

fn delays(body: &str) -> Vec<(f64, Vec<usize>)> {
    let circuit = read(body, &Machine).unwrap_or_else(|error| panic!("{error}"));
    let delay = |operation: &Operation| match operation {
        Operation::Delay { duration_ns, qubits } => Some((*duration_ns, qubits.clone())),
        _ => None,
    };
    circuit.operations().iter().filter_map(delay).collect()
}

#[test]
fn stretches_are_what_is_left() {
    // by hand: of 400 ns the three gates take 60, and four shares are left
    let echo = "stretch a; box[400ns] { x q[0]; delay[a] q[0]; y q[0]; delay[2*a] q[0]; x q[0]; delay[a] q[0]; }";
    assert_eq!(delays(echo), [(85.0, vec![0]), (170.0, vec![0]), (85.0, vec![0])]);
    // between two barriers the longest qubit decides, and each of the others fills its own time
    let aligned = "stretch a; stretch b; barrier q; cx q[0], q[1]; x q[0]; delay[a] q[2]; barrier q;";
    assert_eq!(delays(aligned), [(120.0, vec![2])]);
    // a barrier without a list is one of all
    assert_eq!(delays("stretch a; barrier; x q[1]; delay[a] q[0]; delay[a] q[2]; barrier;"), [(20.0, vec![0]), (20.0, vec![2])]);
    let right = "stretch a; stretch b; barrier q; cx q[0], q[1]; delay[a] q[2]; x q[2]; delay[b] q[2]; delay[b] q[2]; delay[b-a] q[2]; barrier q;";
    assert!(read(right, &Machine).expect_err("two unknowns, one equation").contains("nothing fixes the length of the stretch"));
    // one stretch on two qubits, whose gates differ: the end is where both fit
    let shared = "stretch a; barrier q; x q[0]; delay[a] q[0]; x q[1]; x q[1]; delay[a] q[1]; barrier q[0];";
    assert!(read(shared, &Machine).expect_err("q[1] meets nobody").contains("nothing fixes"));
    // lengths in dt, of blocks of gates, and differences
    let parts = "stretch a; box[1000dt] { delay[a - 40ns] q[0]; delay[durationof({ x q[0]; cx q[0], q[1]; })] q[0]; }";
    assert_eq!(delays(parts), [(380.0, vec![0]), (120.0, vec![0])]);
}

#[test]
fn a_box_ends_together() {
    // natural length: the longest of what is in it
    let natural = "stretch a; box { cx q[0], q[1]; x q[2]; delay[a] q[2]; } cx q[1], q[2];";
    assert_eq!(delays(natural), [(80.0, vec![2])]);
    // a given length is waited for
    let given = "box[150ns] { cx q[0], q[1]; x q[2]; } x q[2];";
    assert_eq!(delays(given), [(50.0, vec![0]), (50.0, vec![1]), (130.0, vec![2])]);
    // boxes in boxes
    let inner = "stretch a; box[300ns] { x q[0]; box[100ns] { x q[0]; delay[a] q[0]; x q[0]; } x q[0]; }";
    assert_eq!(delays(inner), [(60.0, vec![0]), (160.0, vec![0])]);
    let short = read("box[90ns] { cx q[0], q[1]; }", &Machine).expect_err("too short");
    assert!(short.contains("10 ns longer than the box") && short.contains("line 4"), "{short}");
    let full = read("stretch a; box[30ns] { x q[0]; delay[a] q[0]; x q[0]; }", &Machine).expect_err("no room");
    assert!(full.contains("-10 ns") && full.contains("stretch a"), "{full}");
    let unequal = "stretch a; box[100ns] { delay[a] q[0]; x q[1]; delay[a] q[1]; }";
    assert!(read(unequal, &Machine).expect_err("two lengths").contains("miss each other by 20 ns"));
}

/// Stretches of random boxes are found again from a schedule that was drawn.
#[test]
fn drawn_schedules_are_found_again() {
    let mut stream = crate::Stream::named(11, "boxes");
    for _ in 0..300 {
        let lengths: Vec<f64> = (0..3).map(|_| (stream.unit() * 200.0).round()).collect();
        let total = 20.0 + lengths.iter().sum::<f64>() + 100.0;
        let mut body = String::from("stretch a; stretch b; stretch c;\n");
        // each stretch stands with what fixes it: alone on its qubit, a multiple of it, or beside one that another box fixes
        body += &format!("box[{}ns] {{ x q[0]; delay[a] q[0]; }}\n", 20.0 + lengths[0]);
        body += &format!("box[{}ns] {{ delay[2*b] q[1]; x q[1]; delay[a] q[1]; }}\n", 20.0 + 2.0 * lengths[1] + lengths[0]);
        body += &format!("box[{total}ns] {{ delay[a] q[2]; x q[2]; delay[b] q[2]; delay[c + 100ns] q[2]; }}");
        let found = delays(&body);
        let zero =
            |list: &[(f64, usize)]| list.iter().filter(|(ns, _)| *ns > 0.0).map(|&(ns, q)| (ns, vec![q])).collect::<Vec<_>>();
        let [a, b, c] = lengths[..] else { unreachable!("three were drawn") };
        assert_eq!(found, zero(&[(a, 0), (2.0 * b, 1), (a, 1), (a, 2), (b, 2), (c + 100.0, 2)]), "{body}");
    }
}

#[test]
fn what_is_not_known_is_named() {
    for (body, word) in [
        ("delay[10dt] q[0];", "dt_ns"),
        ("stretch a; box[100ns] { x q[0]; delay[a] q[0]; }", "is not known"),
        ("delay[durationof({ x q[0]; })] q[0];", "is not known"),
    ] {
        let error = read(body, &Silent).expect_err(word);
        assert!(error.contains(word), "{error}");
    }
    // where nothing depends on it, no length is needed
    let plain = read("x q[0]; delay[30ns] q[0]; cx q[0], q[1]; box { x q[0]; }", &Machine).expect("known");
    assert!(plain.operations().len() >= 4);
    let conditional = "stretch a; bit c; c = measure q[0]; if (c) { delay[a] q[1]; } barrier q;";
    assert!(read(conditional, &Machine).expect_err("a condition").contains("a stretch under a condition"));
    let beside = "stretch a; bit c; c = measure q[0]; if (c) { x q[1]; } delay[a] q[2]; barrier q;";
    assert!(read(beside, &Machine).expect_err("a condition").contains("known only when it runs"));
}

/// States do not change: gates keep their order on every qubit.
#[test]
fn gates_stay_as_they_are() {
    let body = "stretch a; h q[0]; box[500ns] { cx q[0], q[1]; delay[a] q[0]; rx(0.3) q[1]; } ry(0.7) q[0]; cx q[1], q[2];";
    let circuit = read(body, &Machine).expect("fits");
    let gates = |circuit: &Circuit| -> Vec<Operation> {
        circuit.operations().iter().filter(|operation| matches!(operation, Operation::Gate { .. })).cloned().collect()
    };
    let mut plain = Circuit::new(3);
    plain.h(0).cx(0, 1).rx(0.3, 1).ry(0.7, 0).cx(1, 2);
    assert_eq!(gates(&circuit), plain.operations());
}

/// A loop of many meetings, each with the same stretch.
#[test]
fn many_meetings_have_one_stretch() {
    let body = "stretch a; for int i in [1:30000] { barrier q; x q[1]; delay[a] q[0]; barrier q; cx q[0], q[1]; }";
    let text = format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\n{body}");
    let circuit = qasm::read_program(&text).expect("a program").scheduled(1_000_000, &Machine).expect("one stretch");
    let delays = circuit.operations().iter().filter_map(|operation| match operation {
        Operation::Delay { duration_ns, .. } => Some(*duration_ns),
        _ => None,
    });
    assert!(delays.clone().count() == 30000 && delays.into_iter().all(|ns| ns == 20.0));
}
