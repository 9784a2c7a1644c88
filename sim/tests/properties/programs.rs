//! Programs: the same amplitudes however they are run.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::Circuit;
use qloom_sim::{InstructionSet, Program, SimError, SimulatorConfig, StateVector, Workspace};

use super::dense::parametrised;

fn column(circuit: &Circuit, point: &[f64]) -> Vec<Complex64> {
    let matrix = circuit.unitary(point).expect("gates");
    (0..matrix.dimension()).map(|row| matrix[(row, 0)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_way_of_running_gives_the_unitarys_column(circuit in parametrised(5, 16, 2, false), threads in 1usize..4, tile in 2usize..8) {
        let point = [0.4, 2.2];
        let (program, expected) = (Program::new(&circuit).expect("gates"), column(&circuit, &point));
        for instruction_set in InstructionSet::available() {
            for tile_qubits in [None, Some(tile)] {
                let config = SimulatorConfig { threads, instruction_set, tile_qubits, ..SimulatorConfig::default() };
                let mut double = StateVector::<f64>::zero(5, config).expect("small");
                double.apply(&program, &point, &mut Workspace::default()).expect("it fits");
                prop_assert!(double.amplitudes().zip(&expected).all(|(a, b)| (a - b).norm() < 1e-12));
                let mut single = StateVector::<f32>::zero(5, config).expect("small");
                single.apply(&program, &point, &mut Workspace::default()).expect("it fits");
                let near = |(a, b): (num_complex::Complex32, &Complex64)| (a.re as f64 - b.re).hypot(a.im as f64 - b.im) < 1e-5;
                prop_assert!(single.amplitudes().zip(&expected).all(near));
            }
        }
    }

    /// A workspace serves any state of its kind, one after the other.
    #[test]
    fn workspaces_can_be_shared(circuits in prop::collection::vec(parametrised(4, 10, 1, false), 1..4)) {
        let mut workspace = Workspace::default();
        for circuit in &circuits {
            let program = Program::new(circuit).expect("gates");
            let mut state = StateVector::<f64>::zero(4, SimulatorConfig::default()).expect("small");
            state.apply(&program, &[0.9], &mut workspace).expect("it fits");
            prop_assert!(state.amplitudes().zip(column(circuit, &[0.9])).all(|(a, b)| (a - b).norm() < 1e-12));
            state.reset();
            prop_assert_eq!(state.amplitude(0), Complex64::ONE);
        }
    }

    /// Amplitudes go in and come out as they are.
    #[test]
    fn amplitudes_are_kept(parts in prop::collection::vec((-1.0..1.0f64, -1.0..1.0f64), 8)) {
        let norm = parts.iter().map(|(re, im)| re * re + im * im).sum::<f64>().sqrt();
        prop_assume!(norm > 0.1);
        let amplitudes: Vec<Complex64> = parts.iter().map(|&(re, im)| Complex64::new(re, im) / norm).collect();
        let state = StateVector::from_amplitudes(&amplitudes, SimulatorConfig::default()).expect("normalised");
        prop_assert!(state.amplitudes().zip(&amplitudes).all(|(a, b)| a == *b));
        let copy = state.try_clone().expect("small");
        prop_assert!((copy.inner(&state).expect("sizes agree") - Complex64::ONE).norm() < 1e-12);
        let longer: Vec<Complex64> = amplitudes.iter().map(|a| a * 1.1).collect();
        let refused = StateVector::from_amplitudes(&longer, SimulatorConfig::default());
        prop_assert!(matches!(refused, Err(SimError::NotNormalised { .. })), "{:?}", refused);
    }
}

#[test]
fn what_memory_cannot_hold_is_refused_with_the_bytes() {
    let config = SimulatorConfig { memory_limit: 1 << 20, ..SimulatorConfig::default() };
    match StateVector::<f64>::zero(17, config) {
        Err(SimError::MemoryLimit { num_qubits: 17, needed, limit }) => assert_eq!((needed, limit), (1 << 21, 1 << 20)),
        other => panic!("{other:?}"),
    }
    assert!(StateVector::<f64>::zero(16, config).is_ok());
    assert!(StateVector::<f32>::zero(17, config).is_ok(), "half the bytes");
}
