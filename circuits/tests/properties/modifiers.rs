//! Modifiers, definitions and parts of circuits, each against the matrices they stand for.

use proptest::prelude::*;
use qloom_circuits::qasm::{self, Dialect, Version, read};
use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation};

use super::strategies::{circuit, gate, phase_free_distance, program};

/// A modifier of version 3.
#[derive(Clone, Copy, Debug)]
enum Modifier {
    Control,
    NegatedControl,
    Inverse,
    Power(i32),
}

impl Modifier {
    fn text(self) -> String {
        match self {
            Modifier::Control => "ctrl @ ".into(),
            Modifier::NegatedControl => "negctrl @ ".into(),
            Modifier::Inverse => "inv @ ".into(),
            Modifier::Power(exponent) => format!("pow({exponent}) @ "),
        }
    }

    fn controls(self) -> usize {
        match self {
            Modifier::Control | Modifier::NegatedControl => 1,
            Modifier::Inverse | Modifier::Power(_) => 0,
        }
    }

    /// The matrix under the modifier; a control is the first qubit.
    fn of(self, matrix: &Matrix) -> Matrix {
        match self {
            Modifier::Control => matrix.controlled(1),
            Modifier::NegatedControl => {
                let n = matrix.num_qubits() + 1;
                let flip = Gate::X.matrix(&[]).embedded(&[0], n);
                flip.times(&matrix.controlled(1)).times(&flip)
            }
            Modifier::Inverse => matrix.adjoint(),
            Modifier::Power(exponent) => {
                let base = if exponent < 0 { matrix.adjoint() } else { matrix.clone() };
                (0..exponent.abs()).fold(Matrix::identity(matrix.num_qubits()), |product, _| base.times(&product))
            }
        }
    }
}

fn modifier() -> impl Strategy<Value = Modifier> {
    prop_oneof![
        Just(Modifier::Control),
        Just(Modifier::NegatedControl),
        Just(Modifier::Inverse),
        (-3i32..4).prop_map(Modifier::Power),
    ]
}

/// A gate of `stdgates.inc` whose phase is the same in the table and in version 3, on qubits 0 and up.
fn standard() -> impl Strategy<Value = Operation> {
    let known = |gate: &Gate| {
        gate.num_qubits() <= 2
            && gate.spec().headers.contains(qloom_circuits::Headers::STDGATES)
            && ![Gate::U2, Gate::U3, Gate::U1].contains(gate)
    };
    let gates: Vec<Gate> = Gate::all().filter(known).collect();
    (prop::sample::select(gates), prop::collection::vec(-3.0..3.0f64, 4)).prop_map(|(gate, angles)| {
        let angles: Vec<Angle> = angles[..gate.num_parameters()].iter().map(|&value| Angle::Fixed(value)).collect();
        Operation::gate(gate, &angles, &(0..gate.num_qubits()).collect::<Vec<_>>())
    })
}

fn call(operation: &Operation) -> (String, Matrix) {
    let Operation::Gate { gate, angles, .. } = operation else { panic!("a gate") };
    let values: Vec<f64> = angles.iter().map(|angle| angle.value(&[])).collect();
    let printed: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    let arguments = if printed.is_empty() { String::new() } else { format!("({})", printed.join(", ")) };
    (format!("{}{arguments}", gate.name()), gate.matrix(&values))
}

fn operands(count: usize) -> String {
    (0..count).map(|k| format!("q[{k}]")).collect::<Vec<_>>().join(", ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Up to three modifiers on a gate, global phase included: controls count it.
    #[test]
    fn modifiers_change_matrices(operation in standard(), modifiers in prop::collection::vec(modifier(), 0..4)) {
        let (name, mut matrix) = call(&operation);
        for modifier in modifiers.iter().rev() {
            matrix = modifier.of(&matrix);
        }
        let n = matrix.num_qubits();
        prop_assume!(n <= 4);
        let text: String = modifiers.iter().map(|modifier| modifier.text()).collect();
        let program = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit[{n}] q; {text}{name} {};", operands(n));
        let found = read(&program).map_err(|errors| TestCaseError::fail(errors.to_string()))?;
        let error = found.unitary(&[]).expect("gates").distance(&matrix);
        prop_assert!(error < 1e-10, "{}: {:e}", program, error);
        prop_assert_eq!(n, operation.qubits().len() + modifiers.iter().map(|modifier| modifier.controls()).sum::<usize>());
    }

    /// A definition does what its body does, in itself, under a control and nested in another.
    #[test]
    fn definitions_are_their_bodies(body in prop::collection::vec(standard(), 1..5), control in any::<bool>(), nested in any::<bool>()) {
        let mut matrix = Matrix::identity(2);
        let mut text = String::new();
        for operation in &body {
            let (name, local) = call(operation);
            let qubits: Vec<usize> = (0..local.num_qubits()).collect();
            matrix = local.embedded(&qubits, 2).times(&matrix);
            text += &format!("{name} {}; ", ["a", "a, b"][qubits.len() - 1]);
        }
        let mut definitions = format!("gate inner a, b {{ {text}}} ");
        if nested {
            definitions += "gate outer a, b { inner b, a; inner a, b; } ";
            matrix = matrix.times(&matrix.embedded(&[1, 0], 2));
        }
        if control {
            matrix = matrix.controlled(1);
        }
        let n = matrix.num_qubits();
        let (prefix, name) = (if control { "ctrl @ " } else { "" }, if nested { "outer" } else { "inner" });
        let program = format!("OPENQASM 3.0; include \"stdgates.inc\"; {definitions}qubit[{n}] q; {prefix}{name} {};", operands(n));
        let found = read(&program).map_err(|errors| TestCaseError::fail(format!("{errors}\n{program}")))?;
        let error = found.unitary(&[]).expect("gates").distance(&matrix);
        prop_assert!(error < 1e-10, "{}: {:e}", program, error);
    }

    /// A fractional power of a one-qubit gate, taken as often as its denominator says, is the gate.
    #[test]
    fn fractional_powers_multiply_to_the_gate(operation in standard(), parts in 1u32..6, control in any::<bool>()) {
        prop_assume!(operation.qubits().len() == 1);
        let (name, matrix) = call(&operation);
        let (n, prefix) = if control { (2, "ctrl @ ") } else { (1, "") };
        let matrix = if control { matrix.controlled(1) } else { matrix };
        let program = format!(
            "OPENQASM 3.0; include \"stdgates.inc\"; qubit[{n}] q; for int k in [1:{parts}] {{ {prefix}pow(1/{parts}.0) @ {name} {}; }}",
            operands(n)
        );
        let found = read(&program).map_err(|errors| TestCaseError::fail(format!("{errors}\n{program}")))?;
        let error = found.unitary(&[]).expect("gates").distance(&matrix);
        prop_assert!(error < 1e-9, "{}: {:e}", program, error);
    }

    /// A circuit spread over a larger machine is itself again when it is restricted to its qubits, and does nothing elsewhere.
    #[test]
    fn spread_and_restricted_are_inverse(program in program(4, 3, 16), places in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut places = places[..4].to_vec();
        places.sort_unstable();
        let spread = program.spread(&places, 9);
        let busy = spread.busy_qubits();
        prop_assert!(busy.iter().all(|qubit| places.contains(qubit)));
        let again = spread.restricted(&places);
        prop_assert_eq!(again.operations(), program.operations());
        prop_assert_eq!(spread.depth(), program.depth());
        // nothing but waiting is lost with the qubits that nothing else is done to
        let part = spread.restricted(&busy);
        let kept = |circuit: &Circuit| circuit.metrics().counts.into_iter().filter(|(name, _)| name != "barrier" && name != "delay").collect::<Vec<_>>();
        prop_assert_eq!(kept(&part), kept(&program));
        prop_assert_eq!(part.num_qubits(), busy.len());
    }

    /// Parameters bound by name and by position are the same, in any order and in parts; texts keep names and sharing.
    #[test]
    fn names_are_positions(circuit in circuit(3, 12, 3), values in prop::collection::vec(-2.0..2.0f64, 3), first in 0usize..3) {
        let mut named = Circuit::new(3);
        for name in ["alpha", "Beta_2", "γ"] {
            named.add_parameter(name);
        }
        circuit.operations().iter().for_each(|operation| named.push(operation.clone()).map(|_| ()).expect("it was there"));
        let by_name = |chosen: &[usize]| chosen.iter().map(|&k| (named.parameter_name(k), values[k])).collect();
        let all = named.bind_named(&by_name(&[0, 1, 2])).expect("its names");
        let bound = named.bind(&values).expect("three values");
        prop_assert_eq!(all.operations(), bound.operations());
        let rest: Vec<usize> = (0..3).filter(|k| *k != first).collect();
        let half = named.bind_named(&by_name(&[first])).expect("its name");
        prop_assert_eq!(half.num_parameters(), 2);
        let whole = half.bind_named(&by_name(&rest)).expect("the other names");
        let (a, b) = (whole.unitary(&[]).expect("gates"), all.unitary(&[]).expect("gates"));
        prop_assert!(a.distance(&b) < 1e-12);
        let text = qasm::write(&named, Version::V3, Dialect::Plain).expect("gates have a form");
        let again = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        for k in 0..3 {
            prop_assert_eq!(again.given_name(k), named.given_name(k));
        }
        prop_assert!(phase_free_distance(&again.bind(&values).expect("three").unitary(&[]).expect("gates"), &b) < 1e-11);
        let twice = named.clone().append(&named).expect("as many qubits").clone();
        prop_assert_eq!((twice.num_parameters(), twice.given_name(0), twice.given_name(3)), (6, Some("alpha"), None));
    }

    /// Angles add as numbers do, where their sum is an angle.
    #[test]
    fn angles_add(a in angle(), b in angle(), values in prop::collection::vec(-2.0..2.0f64, 2)) {
        match a.plus(b) {
            Some(sum) => {
                let expected = a.value(&values) + b.value(&values);
                prop_assert!((sum.value(&values) - expected).abs() < 1e-12 && sum == b.plus(a).expect("as well"));
            }
            None => prop_assert!(a.parameter() != b.parameter()),
        }
        prop_assert_eq!(a.plus(a.scaled(-1.0)), Some(Angle::Fixed(0.0)));
    }

    /// The inverse of the inverse does what the gate does, and inverses of rows undo them under controls too.
    #[test]
    fn inverses_undo_under_controls(operation in gate(3, 0), controls in 0usize..2) {
        let n = 3 + controls;
        let under = |operation: &Operation| -> Matrix {
            let mut circuit = Circuit::new(3);
            circuit.push(operation.clone()).expect("it fits");
            let all: Vec<usize> = (3..n).chain(0..3).collect();
            circuit.unitary(&[]).expect("a gate").controlled(controls).embedded(&all, n)
        };
        let undone = operation.inverse().expect("a gate").iter().fold(under(&operation), |product, undo| under(undo).times(&product));
        prop_assert!(undone.distance(&Matrix::identity(n)) < 1e-11);
        let again: Vec<Operation> =
            operation.inverse().expect("a gate").iter().rev().flat_map(|undo| undo.inverse().expect("a gate")).collect();
        let twice = again.iter().fold(Matrix::identity(n), |product, part| under(part).times(&product));
        prop_assert!(twice.distance(&under(&operation)) < 1e-11);
    }
}

/// A number, or one of two parameters scaled and shifted.
fn angle() -> impl Strategy<Value = Angle> {
    let free = (0usize..2, 1i32..9, -8i32..8)
        .prop_map(|(index, scale, offset)| Angle::free(index).scaled(f64::from(scale) / 4.0).shifted(f64::from(offset) / 4.0));
    prop_oneof![(-64i32..64).prop_map(|k| Angle::Fixed(f64::from(k) / 8.0)), free]
}

/// Numbers that a writer prints are read as the same bits, as angles and by themselves.
#[test]
fn printed_numbers_are_read_bit_for_bit() {
    let mut stream = qloom_circuits::Stream::named(11, "numbers");
    for round in 0..20_000 {
        let value = match round % 4 {
            0 => (stream.unit() - 0.5) * 20.0,
            1 => f64::from_bits(stream.word()),
            2 => std::f64::consts::PI * (stream.below(64) as f64) / (1 + stream.below(16)) as f64,
            _ => (stream.unit() - 0.5) * 1e-9,
        };
        if !value.is_finite() {
            continue;
        }
        let mut circuit = Circuit::new(1);
        circuit.rz(value, 0);
        for version in [Version::V2, Version::V3] {
            let text = qasm::write(&circuit, version, Dialect::Plain).expect("a gate");
            let again = read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
            let Angle::Fixed(found) = again.operations()[0].angles()[0] else { panic!("a number") };
            assert_eq!(found.to_bits(), value.to_bits(), "{text}");
        }
        assert_eq!(qasm::number(&format!("{value:?}")).map(f64::to_bits), Ok(value.to_bits()));
    }
    for (text, value) in [("pi/4", std::f64::consts::FRAC_PI_4), ("2*(1 + 0.5)", 3.0), ("-1e-3", -1e-3), (" 0x10 ", 16.0)] {
        assert_eq!(qasm::number(text).expect(text), value);
    }
    for wrong in ["", "1 2", "x", "1/0", "q[0]", "1ns", "pi;", "sin(1, 2)"] {
        assert!(qasm::number(wrong).is_err(), "{wrong}");
    }
}
