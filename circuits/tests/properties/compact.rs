//! Circuits on fewer qubits give the bits that are kept the same distribution, exactly.

use std::collections::BTreeMap;

use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Condition, Conditional, Gate, Operation, Stream, qasm};

/// A course that is on its way: what is to be done, the last first, the state, the bits, its probability.
type Course = (Vec<Operation>, Vec<Complex64>, Vec<bool>, f64);

/// The distribution of the first bits by dense matrices, every outcome followed.
fn distribution(circuit: &Circuit, bits: &[usize]) -> BTreeMap<Vec<bool>, f64> {
    let n = circuit.num_qubits();
    let mut zero = vec![Complex64::ZERO; 1 << n];
    zero[0] = Complex64::ONE;
    let start = circuit.operations().iter().rev().cloned().collect();
    let mut waiting: Vec<Course> = vec![(start, zero, vec![false; circuit.num_bits()], 1.0)];
    let mut found = BTreeMap::new();
    while let Some((mut steps, mut state, mut values, probability)) = waiting.pop() {
        let Some(step) = steps.pop() else {
            *found.entry(bits.iter().map(|&bit| values[bit]).collect()).or_insert(0.0) += probability;
            continue;
        };
        match step {
            Operation::Measure { qubit, .. } | Operation::Reset { qubit } => {
                for outcome in [false, true] {
                    let inside = |index: usize| (index >> qubit & 1 == 1) == outcome;
                    let weight: f64 = (0..state.len()).filter(|index| inside(*index)).map(|index| state[index].norm_sqr()).sum();
                    if weight < 1e-12 {
                        continue;
                    }
                    let mut part = vec![Complex64::ZERO; state.len()];
                    for index in (0..state.len()).filter(|index| inside(*index)) {
                        let to = if matches!(step, Operation::Reset { .. }) { index & !(1 << qubit) } else { index };
                        part[to] = state[index] / weight.sqrt();
                    }
                    let mut values = values.clone();
                    if let Operation::Measure { bit, .. } = step {
                        values[bit] = outcome;
                    }
                    waiting.push((steps.clone(), part, values, probability * weight));
                }
            }
            Operation::Conditional(block) => {
                let Condition { bits, value } = &block.condition;
                let holds = bits.iter().enumerate().all(|(k, &bit)| values[bit] == (value >> k & 1 == 1));
                let chosen = if holds { &block.then } else { &block.otherwise };
                steps.extend(chosen.iter().rev().cloned());
                waiting.push((steps, state, std::mem::take(&mut values), probability));
            }
            Operation::Barrier { .. } | Operation::Delay { .. } => waiting.push((steps, state, values, probability)),
            gate => {
                let mut alone = Circuit::new(n);
                alone.push(gate).expect("it fits");
                let matrix = alone.unitary(&[]).expect("a gate");
                let row = |row: usize| (0..state.len()).map(|column| matrix[(row, column)] * state[column]).sum();
                state = (0..state.len()).map(row).collect();
                waiting.push((steps, state, values, probability));
            }
        }
    }
    found
}

/// An operation on qubits near `at`, so that qubits come and go.
fn drawn(at: usize, n: usize, bits: usize, depth: usize, stream: &mut Stream) -> Operation {
    let qubit = (at + stream.below(2)).min(n - 1);
    let other = if qubit == 0 { 1 } else { qubit - 1 };
    match stream.below(if depth == 0 { 10 } else { 6 }) {
        0 | 1 => Operation::gate(Gate::Ry, &[Angle::Fixed(stream.unit() * 3.0)], &[qubit]),
        2 => Operation::gate(Gate::Cx, &[], &[qubit, other]),
        3 => Operation::GlobalPhase(Angle::Fixed(0.3)),
        4 => Operation::Measure { qubit, bit: stream.below(bits) },
        5 if depth > 0 => Operation::gate(Gate::X, &[], &[qubit]),
        5 => Operation::Reset { qubit },
        6 => Operation::Barrier { qubits: vec![] },
        7 => Operation::Measure { qubit, bit: stream.below(bits) },
        _ => {
            let tested: Vec<usize> = (0..1 + stream.below(2)).map(|k| (stream.below(bits) + k) % bits).collect();
            let tested = if tested.len() == 2 && tested[0] == tested[1] { vec![tested[0]] } else { tested };
            let condition = Condition { value: stream.below(1 << tested.len()) as u64, bits: tested };
            let mut list = |length| (0..length).map(|_| drawn(at, n, bits, depth + 1, stream)).collect();
            Operation::Conditional(Box::new(Conditional { condition, then: list(2), otherwise: list(1) }))
        }
    }
}

#[test]
fn compacted_circuits_have_the_same_distribution() {
    let mut stream = Stream::named(5, "compact");
    let mut saved = 0;
    for case in 0..400 {
        let (n, bits) = (3 + stream.below(3), 2 + stream.below(3));
        let mut circuit = Circuit::new(n);
        circuit.add_bits("c", bits);
        for step in 0..3 * n {
            circuit.push(drawn(step / 3, n, bits, 0, &mut stream)).expect("it fits");
        }
        let mut kept: Vec<usize> = (0..bits).collect();
        stream.shuffle(&mut kept);
        kept.truncate(1 + stream.below(bits));
        let compact = circuit.compacted(&kept);
        saved += circuit.num_qubits() - compact.num_qubits();
        let (expected, found) = (distribution(&circuit, &kept), distribution(&compact, &(0..kept.len()).collect::<Vec<_>>()));
        for outcome in expected.keys().chain(found.keys()) {
            let (a, b) = (expected.get(outcome).unwrap_or(&0.0), found.get(outcome).unwrap_or(&0.0));
            assert!((a - b).abs() < 1e-10, "case {case}, {kept:?} {outcome:?}: {a} {b}\n{circuit:?}\n{compact:?}");
        }
    }
    assert!(saved > 200, "{saved} qubits were saved");
}

/// A chain of teleportations takes four qubits and no more, however long it is, and what it delivers stays what it was.
#[test]
fn programs_are_compacted_to_what_is_in_use() {
    let chain = |pairs: usize| {
        let text = format!(
            "OPENQASM 3.0; include \"stdgates.inc\"; const int n = {pairs};
             def pair(qubit[2] p) {{ reset p; h p[0]; cx p[0], p[1]; }}
             qubit first; bit[2] out; qubit[2 * n] q; ry(0.7) first; let io = first;
             for uint i in [0:n - 1] {{
               let p = q[{{2 * i, 2 * i + 1}}]; bit[2] m; pair(p); cx io, p[0]; h io; m[0] = measure io; m[1] = measure p[0];
               if (m[1]) x p[1]; if (m[0]) z p[1];
             }}
             out[1] = measure q[2 * n - 1];"
        );
        qasm::read_program(&text).unwrap_or_else(|errors| panic!("{errors}"))
    };
    let (short, long) = (chain(1), chain(30));
    assert_eq!(long.num_qubits(), 61);
    let compact = long.compacted(10_000).expect("a circuit with bits for outputs");
    assert!(compact.num_qubits() <= 4, "{} qubits", compact.num_qubits());
    assert_eq!(compact.outputs()[0].1.to_string(), "bit[2]");
    // of the short one the exact distribution: cos^2 of half the angle, in bit 1
    let compact = short.compacted(10_000);
    let circuit = compact.as_ref().unwrap_or(&short).circuit(10_000).expect("a circuit");
    let found = distribution(&circuit, &[0, 1]);
    assert!((found[&vec![false, false]] - 0.35f64.cos().powi(2)).abs() < 1e-12, "{found:?}");
    // what is no circuit, has other outputs or no qubit to save stays as it is
    for body in [
        "qubit q; bit c = 1; while (c) { h q; c = measure q; }",
        "qubit[2] q; bit[2] c; int n = 3; c[0] = measure q[0]; c[1] = measure q[1];",
        "qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;",
    ] {
        let program = qasm::read_program(&format!("OPENQASM 3.0; include \"stdgates.inc\"; {body}")).expect("a program");
        assert!(program.compacted(1000).is_none(), "{body}");
    }
}
