//! Schedules in any unit of time, names of gates and headers, and angles put in place of parameters.

use proptest::prelude::*;
use qloom_circuits::qasm::Dialect;
use qloom_circuits::{Angle, Circuit, CircuitError, Gate, Headers, Operation, Schedule};

use super::strategies::{angle, circuit, program, unitary};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// With durations of any kind: nothing overlaps on a qubit, and the end is that of the last operation.
    #[test]
    fn schedules_take_durations(circuit in program(4, 3, 20), durations in prop::collection::vec(0.5..80.0f64, 20)) {
        let mut schedule = Schedule::new(4, 3);
        let mut busy: Vec<Vec<(f64, f64)>> = vec![Vec::new(); 4];
        let (mut end, mut of_qubit) = (0.0f64, [0.0f64; 4]);
        for (operation, duration) in circuit.operations().iter().zip(&durations) {
            let qubits = operation.qubits();
            let start = schedule.start(&qubits, operation);
            if let Operation::Conditional(block) = operation {
                let known = schedule.known(operation).expect("a block");
                prop_assert!(start >= known && !block.condition.bits.is_empty());
            }
            schedule.occupy(&qubits, operation, start + duration);
            for &qubit in &qubits {
                prop_assert!(busy[qubit].iter().all(|&(_, before)| before <= start));
                busy[qubit].push((start, start + duration));
                of_qubit[qubit] = start + duration;
            }
            end = end.max(start + duration);
        }
        prop_assert_eq!(schedule.end(), end);
        prop_assert!((0..4).all(|qubit| schedule.free(qubit) == of_qubit[qubit]));
        // a qubit taken by itself moves what comes next on it, and nothing else
        schedule.occupy_qubit(2, end + 5.0);
        let x = |qubit| Operation::gate(Gate::X, &[], &[qubit]);
        prop_assert_eq!((schedule.start(&[2], &x(2)), schedule.start(&[1], &x(1))), (end + 5.0, of_qubit[1]));
        prop_assert_eq!(schedule.end(), end + 5.0);
        prop_assert_eq!(schedule.known(&x(0)), None);
    }

    /// Putting angles in place of parameters and taking their value is taking the value at their values.
    #[test]
    fn substitution_is_evaluation(outer in angle(2), inner in prop::collection::vec(angle(3), 2), values in prop::collection::vec(-3.0..3.0f64, 3)) {
        let at: Vec<f64> = inner.iter().map(|angle| angle.value(&values)).collect();
        let put = outer.substitute(&inner);
        prop_assert!((put.value(&values) - outer.value(&at)).abs() < 1e-12);
        prop_assert_eq!(put.parameter(), outer.parameter().and_then(|index| inner[index].parameter()));
    }

    /// Mapping every angle is binding other values.
    #[test]
    fn mapped_angles_are_other_values(circuit in circuit(3, 10, 2)) {
        let swapped = [Angle::free(1).scaled(-2.0), Angle::free(0).shifted(0.25)];
        let mut mapped = circuit.without_operations();
        for operation in circuit.operations() {
            mapped.push(operation.map_angles(&mut |angle| angle.substitute(&swapped))).expect("it fits");
        }
        let (a, b) = (mapped.unitary(&[0.3, -0.8]).expect("gates"), circuit.unitary(&[1.6, 0.55]).expect("gates"));
        prop_assert!(a.distance(&b) < 1e-12);
    }

    /// A matrix that is off is refused by how much, wherever it stands.
    #[test]
    fn matrices_have_to_be_unitary(matrix in unitary(2), factor in 1.001..3.0f64) {
        let push = |matrix, qubits: [usize; 2]| {
            let (controls, qubits) = ([2].into_iter().collect(), qubits.into_iter().collect());
            Circuit::new(3).push(Operation::Unitary { matrix, controls, qubits }).map(|_| ())
        };
        prop_assert!(push(matrix.clone(), [0, 1]).is_ok());
        prop_assert_eq!(push(matrix.clone(), [0, 2]), Err(CircuitError::RepeatedQubit { qubit: 2 }));
        let Err(CircuitError::NotUnitary { error, limit }) = push(matrix.scaled(factor.into()), [0, 1]) else {
            return Err(TestCaseError::fail("it is not unitary"));
        };
        prop_assert!((error - (factor * factor - 1.0)).abs() < 1e-9 && limit < 1e-3);
    }
}

/// Every name leads to one gate, and every service's name back to its gate.
#[test]
fn names_lead_to_gates() {
    for gate in Gate::all() {
        assert_eq!(Gate::from_name(gate.name()), Some(gate));
        for alias in gate.spec().aliases {
            assert_eq!(Gate::from_name(alias), Some(gate), "{alias}");
        }
        for &dialect in Dialect::ALL {
            assert_eq!(gate.name_in(dialect).and_then(|name| dialect.gate(name)), gate.name_in(dialect).map(|_| gate));
        }
        let spec = gate.spec();
        assert_eq!((spec.gate, spec.glyphs.len(), spec.parameters.len()), (gate, gate.num_qubits(), gate.num_parameters()));
    }
    for &dialect in Dialect::ALL {
        assert_eq!(Dialect::from_name(dialect.name()), Some(dialect));
        // what a machine does, it does with one gate on two qubits at least
        assert!(dialect.native_gates().is_none_or(|gates| gates.iter().any(|gate| gate.num_qubits() == 2)));
    }
    assert_eq!((Gate::from_name("cxx"), Dialect::from_name("ibm2")), (None, None));
}

/// Sets of headers are sets: what two define together is what either defines.
#[test]
fn headers_are_sets() {
    let all = [Headers::NONE, Headers::QELIB1, Headers::QELIB1_EXTENDED, Headers::STDGATES];
    let names = |headers: Headers| -> std::collections::BTreeSet<&str> { headers.gates().map(|(name, _)| name).collect() };
    for a in all {
        for b in all {
            let union: std::collections::BTreeSet<&str> = names(a).union(&names(b)).copied().collect();
            assert_eq!(names(a.or(b)), union);
            assert!(a.or(b).contains(a) && a.or(b).contains(b) && a.contains(Headers::NONE));
            assert_eq!(a.intersects(b), a == b && a != Headers::NONE);
        }
    }
    assert!(names(Headers::QELIB1).contains("cu3") && !names(Headers::QELIB1).contains("sx"));
    assert!(names(Headers::STDGATES).contains("cphase") && names(Headers::NONE).is_empty());
}

/// What a circuit refuses beside its gates.
#[test]
fn circuits_name_what_does_not_fit() {
    let mut circuit = Circuit::new(2);
    circuit.add_parameter("gamma");
    circuit.ry(Angle::free(0), 0);
    let message = |error: Option<CircuitError>| error.expect("a mistake").to_string();
    let delay = Operation::Delay { duration_ns: -3.0, qubits: vec![0] };
    let named = |name: &str| circuit.bind_named(&[(name.to_owned(), 0.5)].into()).err();
    let mut larger = Circuit::new(3);
    larger.h(2);
    let mut measured = Circuit::new(2);
    measured.measure(0, 0);
    for (text, parts) in [
        (message(circuit.clone().push(delay).err()), ["duration is -3", "0 or more"]),
        (message(circuit.bind(&[]).err()), ["1 free parameters", "0 values"]),
        (message(circuit.bind(&[f64::INFINITY]).err()), ["parameter is inf", "finite"]),
        (message(named("delta")), ["no parameter delta", "gamma"]),
        (message(measured.bind_named(&[("t".to_owned(), 0.5)].into()).err()), ["no parameter t", "none"]),
        (message(circuit.clone().append(&larger).err()), ["qubit 2", "2 qubits"]),
        (message(circuit.clone().append(&measured).err()), ["bit 0", "0 bits"]),
        (message(measured.inverse().err()), ["measurement has no inverse", "remove it"]),
        (message(measured.unitary(&[]).err()), ["measurement is not unitary", "only gates"]),
    ] {
        assert!(parts.iter().all(|part| text.contains(part)), "{text}: {parts:?}");
    }
}
