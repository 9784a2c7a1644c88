//! Energies and their derivatives against dense matrices and central differences.

use proptest::prelude::*;
use qloom_circuits::{Angle, Circuit, Operation, PauliString, PauliSum};
use qloom_sim::{Energy, InstructionSet, NoisyEnergy, SimError, SimulatorConfig};

use super::dense::{density, observable, parametrised, value};

fn points(count: usize) -> Vec<f64> {
    (0..count).map(|k| 0.7 - 0.45 * k as f64).collect()
}

/// The derivative by differences of fourth order.
fn differences(mut at: impl FnMut(&[f64]) -> f64, point: &[f64]) -> Vec<f64> {
    (0..point.len())
        .map(|k| {
            let mut moved = |h: f64| {
                let mut shifted = point.to_vec();
                shifted[k] += h;
                at(&shifted)
            };
            (8.0 * (moved(1e-3) - moved(-1e-3)) - (moved(2e-3) - moved(-2e-3))) / 12e-3
        })
        .collect()
}

fn agree(gradient: &[f64], expected: &[f64]) -> bool {
    gradient.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pure_energies(circuit in parametrised(4, 14, 3, false), sum in observable(4)) {
        let point = points(3);
        let expected = value(&sum, &density(&circuit, &point));
        for instruction_set in InstructionSet::available() {
            let config = SimulatorConfig { threads: 1, instruction_set, ..SimulatorConfig::default() };
            let mut energy = Energy::with_config(&circuit, &sum, config).expect("gates");
            let mut gradient = vec![0.0; 3];
            let found = energy.value_and_gradient(&point, &mut gradient).expect("finite");
            prop_assert!((found - expected).abs() < 1e-11 && (energy.value(&point).expect("finite") - found).abs() < 1e-12);
            let slopes = differences(|x| energy.value(x).expect("finite"), &point);
            prop_assert!(agree(&gradient, &slopes), "{:?} {:?}", gradient, slopes);
        }
    }

    #[test]
    fn slopes_of_rotations_that_are_not_there(
        circuit in parametrised(4, 10, 2, false), sum in observable(4), at in 0usize..=10, words in prop::collection::vec("[IXYZ]{4}", 1..12)
    ) {
        let bound = circuit.bind(&points(2)).expect("two angles");
        let at = at.min(bound.operations().len());
        let strings: Vec<PauliString> = words.iter().map(|word| PauliString::from_word(word).expect("letters")).collect();
        let mut energy = Energy::new(&bound, &sum).expect("gates");
        let slopes = energy.slopes(&bound, at, &strings).expect("fits");
        for (string, slope) in strings.into_iter().zip(slopes) {
            let mut longer = bound.without_operations();
            longer.reserve_parameters(1);
            let rotation = Operation::PauliRotation { pauli: string, angle: Angle::free(0) };
            let operations = bound.operations();
            for operation in operations[..at].iter().chain([&rotation]).chain(&operations[at..]) {
                longer.push(operation.clone()).expect("fits");
            }
            let mut gradient = [0.0];
            Energy::new(&longer, &sum).expect("gates").value_and_gradient(&[0.0], &mut gradient).expect("finite");
            prop_assert!((gradient[0] - slope).abs() < 1e-12, "{:?} {} {}", string, gradient[0], slope);
        }
    }

    #[test]
    fn noisy_energies(circuit in parametrised(3, 12, 3, true), sum in observable(3)) {
        let point = points(3);
        let expected = value(&sum, &density(&circuit, &point));
        for instruction_set in InstructionSet::available() {
            let config = SimulatorConfig { threads: 1, instruction_set, ..SimulatorConfig::default() };
            let mut energy = NoisyEnergy::with_config(&circuit, &sum, config).expect("supported");
            let mut gradient = vec![0.0; 3];
            let found = energy.value_and_gradient(&point, &mut gradient).expect("finite");
            prop_assert!((found - expected).abs() < 1e-11, "{} {}", found, expected);
            let slopes = differences(|x| energy.value(x).expect("finite"), &point);
            prop_assert!(agree(&gradient, &slopes), "{:?} {:?}", gradient, slopes);
        }
    }

    /// One energy that takes circuit after circuit gives what a fresh one gives.
    #[test]
    fn rebuilding_is_building(circuits in prop::collection::vec(parametrised(3, 10, 2, false), 1..5), sum in observable(3)) {
        let mut reused = Energy::new(&Circuit::new(3), &sum).expect("gates");
        let mut reused_noisy = NoisyEnergy::new(&Circuit::new(3), &sum).expect("supported");
        let point = points(2);
        for circuit in &circuits {
            reused.rebuild(circuit).expect("as many qubits");
            reused_noisy.rebuild(circuit).expect("as many qubits");
            let (mut a, mut b) = (vec![0.0; 2], vec![0.0; 2]);
            let fresh = Energy::new(circuit, &sum).expect("gates").value_and_gradient(&point, &mut a).expect("finite");
            prop_assert_eq!(reused.value_and_gradient(&point, &mut b).expect("finite"), fresh);
            prop_assert_eq!(&a, &b);
            let noisy = reused_noisy.value(&point).expect("finite");
            prop_assert!((noisy - fresh).abs() < 1e-11);
        }
    }
}

#[test]
fn wrong_points_are_refused() {
    let mut circuit = Circuit::new(2);
    circuit.ry(qloom_circuits::Angle::free(0), 0);
    let sum = PauliSum::z(0, 2);
    let mut energy = Energy::new(&circuit, &sum).expect("gates");
    assert!(matches!(energy.value(&[]), Err(SimError::SizeMismatch { expected: 1, given: 0, .. })));
    assert!(matches!(energy.value(&[f64::INFINITY]), Err(SimError::NotFinite { .. })));
    assert!(matches!(energy.value_and_gradient(&[0.1], &mut [0.0; 2]), Err(SimError::SizeMismatch { .. })));
    assert!(matches!(Energy::new(&circuit, &PauliSum::z(0, 3)), Err(SimError::SizeMismatch { .. })));
    assert!(energy.rebuild(&Circuit::new(3)).is_err());
}
