//! Circuits as OpenQASM: what is written is read as the same circuit.

use proptest::prelude::*;
use qloom_circuits::qasm::{Dialect, Version, read, write};
use qloom_circuits::{Circuit, Gate, Operation};

use super::strategies::{circuit, phase_free_distance, program, values};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn programs_round_trip_in_version_3(circuit in program(4, 3, 16)) {
        let text = write(&circuit, Version::V3, Dialect::Plain).expect("every operation has a form");
        let again = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(&again, &circuit, "{}", text);
        prop_assert_eq!(write(&again, Version::V3, Dialect::Plain).expect("as before"), text);
    }

    /// Version 2 has no delays and no `else`.
    #[test]
    fn programs_round_trip_in_version_2(circuit in program(4, 1, 16)) {
        let mut plain = circuit.without_operations();
        let kept = circuit.operations().iter().filter(|operation| match operation {
            Operation::Delay { .. } => false,
            Operation::Conditional(block) => block.otherwise.is_empty(),
            _ => true,
        });
        kept.for_each(|operation| plain.push(operation.clone()).map(|_| ()).expect("it was there"));
        let text = write(&plain, Version::V2, Dialect::Plain).expect("every operation has a form");
        let again = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(split(&again), split(&plain), "{}", text);
    }

    #[test]
    fn parameters_survive_version_3(circuit in circuit(3, 10, 2)) {
        let text = write(&circuit, Version::V3, Dialect::Plain).expect("gates have a form");
        let again = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(again.num_parameters(), circuit.num_parameters());
        let (a, b) = (circuit.unitary(&values(2)).expect("gates"), again.unitary(&values(2)).expect("gates"));
        prop_assert!(a.distance(&b) < 1e-12, "{}", text);
    }

    #[test]
    fn every_dialect_without_a_machine_says_the_same(circuit in circuit(3, 8, 0)) {
        for (version, dialect) in [(Version::V2, Dialect::Plain), (Version::V2, Dialect::Ibm), (Version::V3, Dialect::Ibm)] {
            let text = write(&circuit, version, dialect).expect("gates have a form");
            let again = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
            let (a, b) = (circuit.unitary(&[]).expect("gates"), again.unitary(&[]).expect("gates"));
            prop_assert!(phase_free_distance(&a, &b) < 1e-12, "{:?} {:?}\n{}", version, dialect, text);
        }
    }

    /// Whatever stands between the tokens, the circuit is the same.
    #[test]
    fn white_space_and_comments_say_nothing(circuit in program(3, 2, 10), fill in "[ \t\n]{1,3}") {
        let text = write(&circuit, Version::V3, Dialect::Plain).expect("every operation has a form");
        let loose = text.replace(", ", &format!(",{fill}/* between */{fill}")).replace(";\n", &format!("{fill};{fill}// end\n"));
        let again = read(&loose).map_err(|errors| TestCaseError::fail(format!("{errors}\n{loose}")))?;
        prop_assert_eq!(again, circuit);
    }

    /// One character changed, dropped or doubled: an answer, never a panic, and a place inside the text.
    #[test]
    fn damaged_programs_are_read_or_refused_with_a_place(circuit in program(3, 2, 10), at in any::<prop::sample::Index>(), letter in any::<char>(), how in 0..3) {
        let text = write(&circuit, Version::V3, Dialect::Plain).expect("every operation has a form");
        let mut letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        match how {
            0 => letters[at] = letter,
            1 => drop(letters.remove(at)),
            _ => letters.insert(at, letters[at]),
        }
        let damaged: String = letters.into_iter().collect();
        if let Err(errors) = read(&damaged) {
            prop_assert!(!errors.errors.is_empty());
            let lines = damaged.lines().count() + 1;
            for error in &errors.errors {
                prop_assert!((1..=lines).contains(&error.line) && error.column >= 1, "{}", error);
                prop_assert!(!error.message.is_empty());
            }
        }
    }
}

/// Blocks of several operations are one statement each in version 2: compared one by one.
fn split(circuit: &Circuit) -> Vec<Operation> {
    let one_by_one = |operation: &Operation| match operation {
        Operation::Conditional(block) => {
            let single = |inner: &Operation| {
                let mut block = block.as_ref().clone();
                block.then = vec![inner.clone()];
                Operation::Conditional(Box::new(block))
            };
            block.then.iter().map(single).collect::<Vec<_>>()
        }
        other => vec![other.clone()],
    };
    circuit.operations().iter().flat_map(one_by_one).collect()
}

#[test]
fn every_gate_of_a_service_is_written_under_its_name_there() {
    for gate in Gate::all() {
        let Some(name) = gate.name_in(Dialect::Braket) else { continue };
        let angles: Vec<qloom_circuits::Angle> = (0..gate.num_parameters()).map(|k| (0.5 + k as f64).into()).collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
        let mut circuit = Circuit::new(gate.num_qubits());
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("a row fits");
        let text = write(&circuit, Version::V3, Dialect::Braket).expect("Braket has it");
        let call = text.lines().last().expect("a call");
        assert!(call.starts_with(&format!("{name} ")) || call.starts_with(&format!("{name}(")), "{gate}: {text}");
        assert!(!text.contains("gate "), "no definition is needed: {text}");
    }
}
