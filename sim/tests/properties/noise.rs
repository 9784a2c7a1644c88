//! Channels on both kinds of state.

use proptest::prelude::*;
use qloom_circuits::{Channel, Circuit, Operation};
use qloom_sim::{InstructionSet, PauliVector, SimulatorConfig, State};

use super::dense::{density, parametrised};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The same for every instruction set and tile, and equal to dense products.
    #[test]
    fn noisy_circuits_equal_dense_products(circuit in parametrised(4, 14, 2, true), tile in 2usize..6) {
        let point = [0.3, -1.1];
        let expected = density(&circuit, &point);
        for instruction_set in InstructionSet::available() {
            for tile_qubits in [None, Some(tile)] {
                let config = SimulatorConfig { instruction_set, tile_qubits, ..SimulatorConfig::default() };
                let mut state = PauliVector::zero(4, config).expect("small");
                state.run(&PauliVector::compile(&circuit).expect("supported"), &point).expect("it fits");
                let worst = state.density_matrix().expect("small").distance(&expected);
                prop_assert!(worst < 1e-11, "{worst:e}");
            }
        }
    }

    /// Channels that commute with everything but shrink it: full depolarizing ends in the maximally mixed state.
    #[test]
    fn full_depolarizing_forgets_everything(circuit in parametrised(3, 10, 0, true)) {
        let mut lost = circuit.clone();
        for qubit in 0..3 {
            let channel = Channel::depolarizing(1.0, 1).expect("physical");
            lost.push(Operation::Channel { channel, qubits: [qubit].into_iter().collect() }).expect("it fits");
        }
        let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
        state.run(&PauliVector::compile(&lost).expect("supported"), &[]).expect("bound");
        prop_assert!((state.purity() - 0.125).abs() < 1e-12);
        prop_assert!(state.expectation_z().iter().all(|z| z.abs() < 1e-12));
    }
}

#[test]
fn resets_and_lost_measurements_are_channels() {
    let mut circuit = Circuit::new(2);
    circuit.add_bits("c", 1);
    circuit.h(0).cx(0, 1).measure(0, 0).h(1).reset(1).ry(0.3, 1);
    let mut state = PauliVector::zero(2, SimulatorConfig::default()).expect("small");
    state.run(&PauliVector::compile(&circuit).expect("supported"), &[]).expect("bound");
    assert!(state.density_matrix().expect("small").distance(&density(&circuit, &[])) < 1e-14);
}
