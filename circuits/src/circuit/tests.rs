use proptest::prelude::*;

use super::*;
use crate::channel::Channel;
use crate::operation::{Condition, Conditional};
use crate::pauli::{Pauli, PauliString};
use crate::stream::Stream;
use crate::{CircuitError, library};

fn drawn(num_qubits: usize, seed: u64) -> Circuit {
    library::random(num_qubits, 12, &mut Stream::named(seed, "circuit"))
}

fn unitary(circuit: &Circuit) -> Matrix {
    circuit.unitary(&[]).expect("gates")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Qubits at other places are the same action there, whatever the order of the places.
    #[test]
    fn spread_circuits_act_on_their_places(seed in any::<u64>(), places in Just(vec![0usize, 1, 2, 3]).prop_shuffle()) {
        let circuit = drawn(3, seed);
        let wide = circuit.spread(&places[..3], 4);
        prop_assert!(unitary(&wide).distance(&unitary(&circuit).embedded(&places[..3], 4)) < 1e-12);
        // and are found again by leaving the idle one out, where the order was kept
        let mut sorted = places[..3].to_vec();
        sorted.sort_unstable();
        let back = wide.restricted(&sorted);
        let rank: Vec<usize> = places[..3].iter().map(|place| sorted.iter().position(|other| other == place).expect("there")).collect();
        prop_assert!(unitary(&back).distance(&unitary(&circuit).embedded(&rank, 3)) < 1e-12);
        let busy = wide.busy_qubits();
        prop_assert!(busy.windows(2).all(|pair| pair[0] < pair[1]) && busy.iter().all(|qubit| sorted.contains(qubit)));
    }

    #[test]
    fn appended_circuits_are_products(seed in any::<u64>()) {
        let (first, second) = (drawn(3, seed), drawn(3, seed.wrapping_add(1)));
        let mut both = first.clone();
        both.append(&second).expect("as wide");
        prop_assert!(unitary(&both).distance(&unitary(&second).times(&unitary(&first))) < 1e-12);
    }

    /// Parameters of what is appended stand behind those of what was there.
    #[test]
    fn appended_parameters_stay_apart(values in prop::collection::vec(-3.0..3.0f64, 5)) {
        let mut first = Circuit::new(2);
        first.rx(Angle::free(0), 0).rzz(Angle::free(1).scaled(2.0), 0, 1);
        let mut second = Circuit::new(2);
        second.ry(Angle::free(2), 1).p(Angle::free(0).shifted(0.5), 0);
        let mut both = first.clone();
        both.append(&second).expect("as wide");
        prop_assert_eq!(both.num_parameters(), 5);
        let expected = second.unitary(&values[2..]).expect("gates").times(&first.unitary(&values[..2]).expect("gates"));
        prop_assert!(both.unitary(&values).expect("gates").distance(&expected) < 1e-12);
        let bound = both.bind(&values).expect("five");
        prop_assert_eq!(bound.num_parameters(), 0);
        prop_assert!(unitary(&bound).distance(&expected) < 1e-12);
    }

    /// Rotations that are put in turn by angles of their own, at their place.
    #[test]
    fn rotations_are_put_in_at_their_place(seed in any::<u64>(), at in 0usize..=12, angle in -3.0..3.0f64) {
        let circuit = drawn(2, seed);
        let string = PauliString::from_letters([(0, Pauli::X), (1, Pauli::Z)]);
        let longer = circuit.with_rotations(at, &[string, PauliString::from_letters([(1, Pauli::Y)])]).expect("inside");
        prop_assert_eq!((longer.operations().len(), longer.num_parameters()), (14, 2));
        prop_assert!(longer.unitary(&[0.0, 0.0]).expect("gates").distance(&unitary(&circuit)) < 1e-12);
        let mut parts = [circuit.without_operations(), circuit.without_operations()];
        for (number, operation) in circuit.operations().iter().enumerate() {
            parts[usize::from(number >= at)].push(operation.clone()).expect("it fits");
        }
        let (sine, cosine) = (angle / 2.0).sin_cos();
        let product = Pauli::Z.matrix().kronecker(&Pauli::X.matrix()).scaled(num_complex::Complex64::new(0.0, -sine));
        let rotation = Matrix::identity(2).scaled(cosine.into()).plus(&product);
        let expected = unitary(&parts[1]).times(&rotation).times(&unitary(&parts[0]));
        prop_assert!(longer.unitary(&[angle, 0.0]).expect("gates").distance(&expected) < 1e-12);
    }
}

fn conditional(bits: &[usize], then: Vec<Operation>) -> Operation {
    let condition = Condition { bits: bits.to_vec(), value: 1 };
    Operation::Conditional(Box::new(Conditional { condition, then, otherwise: Vec::new() }))
}

/// Every way for an operation not to fit, and what is said.
#[test]
fn what_does_not_fit_is_refused() {
    let x = |qubit| Operation::gate(Gate::X, &[], &[qubit]);
    let unitary = |matrix: Matrix, controls: &[usize], qubits: &[usize]| Operation::Unitary {
        matrix,
        controls: controls.into(),
        qubits: qubits.into(),
    };
    let channel = Channel::depolarizing(0.1, 2).expect("physical");
    let cases = [
        (x(2), "qubit 2"),
        (Operation::gate(Gate::Cx, &[], &[1, 1]), "qubit 1"),
        (Operation::gate(Gate::Cx, &[], &[1]), "cx acts on 2 qubits, not on 1"),
        (Operation::gate(Gate::Rx, &[], &[0]), "rx takes 1 angles"),
        (Operation::gate(Gate::Rx, &[f64::NAN.into()], &[0]), "an angle is NaN"),
        (Operation::gate(Gate::Rx, &[Angle::Free { index: 0, scale: f64::INFINITY, offset: 0.0 }], &[0]), "an angle is inf"),
        (Operation::GlobalPhase(f64::NEG_INFINITY.into()), "an angle is -inf"),
        (unitary(Matrix::identity(2), &[], &[0]), "qubits of a matrix: 1 where 2 is needed"),
        (unitary(Matrix::identity(1), &[0], &[0]), "qubit 0"),
        (unitary(Matrix::identity(1).scaled(1.1.into()), &[], &[0]), "differs from a unitary"),
        (unitary(Matrix::identity(1).scaled(f64::NAN.into()), &[], &[0]), "differs from a unitary"),
        (Operation::Channel { channel, qubits: [0].into_iter().collect() }, "qubits of a channel: 1 where 2 is needed"),
        (Operation::Measure { qubit: 0, bit: 1 }, "bit 1"),
        (Operation::Reset { qubit: 9 }, "qubit 9"),
        (Operation::Barrier { qubits: vec![0, 0] }, "qubit 0"),
        (Operation::Delay { duration_ns: -1.0, qubits: vec![0] }, "a duration is -1"),
        (Operation::Delay { duration_ns: f64::INFINITY, qubits: vec![0] }, "a duration is inf"),
        (conditional(&[1], vec![x(0)]), "bit 1"),
        (conditional(&[0], vec![x(3)]), "qubit 3"),
        (conditional(&[0], vec![conditional(&[0, 4], vec![])]), "bit 4"),
    ];
    for (operation, part) in cases {
        let mut circuit = Circuit::new(2);
        circuit.add_bits("c", 1);
        let message = circuit.push(operation.clone()).map(|_| ()).expect_err(part).to_string();
        assert!(message.contains(part), "{message}, expected {part}");
        assert!(circuit.operations().is_empty(), "{operation:?} is not kept");
    }
    // the same qubit may appear in many operations of a block, and its parameters count
    let mut circuit = Circuit::new(2);
    circuit.add_bits("c", 1);
    let turn = Operation::gate(Gate::Rx, &[Angle::free(4)], &[0]);
    circuit.push(conditional(&[0], vec![x(0), x(0), turn])).expect("it fits");
    assert_eq!(circuit.num_parameters(), 5);
    assert_eq!(circuit.operations()[0].qubits().as_slice(), [0]);
}

#[test]
fn numbers_of_parameters_have_to_agree() {
    let mut circuit = Circuit::new(1);
    circuit.rx(Angle::free(1), 0);
    assert!(matches!(circuit.bind(&[0.1]), Err(CircuitError::WrongParameterCount { expected: 2, given: 1 })));
    assert!(matches!(circuit.bind(&[0.1, f64::NAN]), Err(CircuitError::NotFinite { .. })));
    assert!(matches!(circuit.unitary(&[]), Err(CircuitError::WrongParameterCount { expected: 2, given: 0 })));
    assert!(matches!(circuit.with_rotations(2, &[]), Err(CircuitError::OutOfRange { .. })));
    let mut wide = Circuit::new(2);
    wide.x(1);
    assert!(matches!(circuit.append(&wide), Err(CircuitError::QubitOutOfRange { qubit: 1, num_qubits: 1 })));
    circuit.measure(0, 0);
    let refused = circuit.unitary(&[0.0, 0.0]).expect_err("a measurement").to_string();
    assert!(refused.contains("only gates have a matrix"), "{refused}");
    assert_eq!(circuit.pop(), Some(Operation::Measure { qubit: 0, bit: 0 }));
    assert_eq!(circuit.operations().len(), 1);
}

/// Registers, notes and barriers follow their qubits.
#[test]
fn what_is_left_out_leaves_no_trace() {
    let mut circuit = Circuit::default();
    assert_eq!((circuit.add_qubits("a", 2), circuit.add_qubits("b", 1), circuit.add_qubits("c", 3)), (0, 2, 3));
    circuit.barrier(&[2]).add_note("before").x(1).barrier(&[0, 1, 2]).add_note("after").barrier(&[]).h(4).reset(5);
    assert_eq!(circuit.busy_qubits(), [1, 4, 5]);
    let part = circuit.restricted(&[1, 4, 5]);
    let registers: Vec<(&str, usize, usize)> =
        part.qubit_registers().iter().map(|register| (register.name.as_str(), register.start, register.size)).collect();
    assert_eq!(registers, [("a", 0, 1), ("c", 1, 2)]);
    let mut expected = part.without_operations();
    expected.x(0).barrier(&[0]).barrier(&[]).h(1).reset(2);
    assert_eq!(part.operations(), expected.operations());
    let notes: Vec<(usize, &str)> = part.notes().iter().map(|note| (note.position, note.text.as_str())).collect();
    assert_eq!(notes, [(0, "before"), (2, "after")]);
    assert!(std::panic::catch_unwind(|| circuit.restricted(&[1, 4])).is_err(), "qubit 5 is not idle");
    assert!(std::panic::catch_unwind(|| circuit.restricted(&[4, 1, 5])).is_err(), "in order");
    assert!(std::panic::catch_unwind(|| circuit.spread(&[0, 1, 2, 3, 4, 6], 6)).is_err(), "outside");
}

#[test]
fn conditions_hold_for_one_value() {
    let condition = |bits: usize, value| Condition { bits: (0..bits).collect(), value };
    for bits in 0..5 {
        for value in 0..20 {
            let condition = condition(bits, value);
            let met: Vec<u64> = (0..1u64 << bits).filter(|word| condition.holds(|bit| word >> bit & 1 == 1)).collect();
            assert_eq!(met, if value < 1 << bits { vec![value] } else { vec![] });
            assert_eq!(condition.is_impossible(), met.is_empty());
        }
    }
    // bits beyond 64 are wanted to be zero
    assert!(!condition(64, u64::MAX).is_impossible() && condition(64, u64::MAX).holds(|_| true));
    assert!(!condition(65, u64::MAX).holds(|_| true) && condition(65, u64::MAX).holds(|bit| bit < 64));
}
