//! Circuits compiled, translated and made longer do what they did.

use proptest::prelude::*;
use qloom_circuits::qasm::Dialect;
use qloom_circuits::{Gate, Operation};
use qloom_hardware::{CompileOptions, Device, Folding, HardwareError, compile, fold, insert_identities, translate};

use super::draws::{calibrated, circuit, device, distance};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// On any connected map, at any level: native gates on coupled pairs, and the unitary of the circuit between the layouts.
    #[test]
    fn routed_circuits_do_the_same(device in device(5), circuit in circuit(4, 12), level in 0u8..4, seed in any::<u64>()) {
        let compiled = compile(&circuit, &device, &CompileOptions { level, seed }).expect("a connected device");
        let expected = circuit.unitary(&[]).expect("gates");
        let found = compiled.circuit.unitary(&[]).expect("gates");
        let spread = |index: usize, layout: &[usize]| -> usize {
            layout.iter().enumerate().map(|(qubit, &physical)| (index >> qubit & 1) << physical).sum()
        };
        for column in 0..expected.dimension() {
            let from = spread(column, &compiled.initial_layout);
            for row in 0..expected.dimension() {
                let entry = found[(spread(row, &compiled.final_layout), from)];
                prop_assert!((entry - expected[(row, column)]).norm() < 1e-7, "{} {}", row, column);
            }
        }
        let (gates, couplings) = (device.gates.clone().expect("gates"), device.couplings.clone().expect("a map"));
        for operation in compiled.circuit.operations() {
            match operation {
                Operation::Gate { gate, qubits, .. } => {
                    prop_assert!(gates.contains(gate), "{} is not native", gate);
                    if let [a, b] = qubits[..] {
                        // what tells its qubits apart stands in the direction of the map
                        let symmetric = matches!(gate, Gate::Cz | Gate::Rzz | Gate::Rxx);
                        prop_assert!(couplings.contains(&[a, b]) || symmetric && couplings.contains(&[b, a]), "{} on {} {}", gate, a, b);
                    }
                }
                other => prop_assert!(matches!(other, Operation::GlobalPhase(_)), "{:?}", other),
            }
        }
        let mut used = compiled.initial_layout.clone();
        used.sort_unstable();
        used.dedup();
        prop_assert_eq!(used.len(), 4, "one place for each qubit");
    }

    /// One seed, one circuit; calibration data change places, not what is done.
    #[test]
    fn compiling_is_reproducible(device in calibrated(5), circuit in circuit(3, 10), seed in any::<u64>()) {
        let options = CompileOptions { level: 2, seed };
        let first = compile(&circuit, &device, &options).expect("a connected device");
        prop_assert_eq!(compile(&circuit, &device, &options).expect("a connected device"), first.clone());
        prop_assert!(device.check(&first.circuit).is_ok());
    }

    #[test]
    fn translated_circuits_are_native_and_do_the_same(circuit in circuit(3, 10)) {
        for dialect in [Dialect::Quantinuum, Dialect::IonQ, Dialect::Rigetti, Dialect::Plain, Dialect::Braket] {
            let native = translate(&circuit, dialect).expect("gates");
            prop_assert!(native.operations().iter().all(|operation| dialect.is_native(operation)), "{:?}", dialect);
            prop_assert!(distance(&circuit.unitary(&[]).expect("gates"), &native.unitary(&[]).expect("gates")) < 1e-7);
            prop_assert_eq!(translate(&native, dialect).expect("native"), native.clone(), "{:?} is stable", dialect);
            prop_assert_eq!(native.qubit_registers(), circuit.qubit_registers());
        }
    }

    #[test]
    fn folded_circuits_do_the_same(circuit in circuit(3, 10), scale in 1.0..9.0f64) {
        let gates = circuit.operations().len();
        for folding in [Folding::Circuit, Folding::Gates, Folding::LargeGates] {
            let (folded, reached) = fold(&circuit, scale, folding).expect("gates have inverses");
            prop_assert!(distance(&circuit.unitary(&[]).expect("gates"), &folded.unitary(&[]).expect("gates")) < 1e-9);
            prop_assert!(reached >= 1.0 && folded.operations().len() >= gates);
            if folding != Folding::LargeGates && gates > 0 {
                prop_assert!((reached - scale).abs() <= 1.0 / gates as f64 + 1e-12, "{} for {}", reached, scale);
            }
        }
        for odd in [1, 3, 5] {
            let longer = insert_identities(&circuit, odd).expect("gates have inverses");
            prop_assert!(distance(&circuit.unitary(&[]).expect("gates"), &longer.unitary(&[]).expect("gates")) < 1e-9);
        }
    }

    /// Parts that no path joins take no circuit that needs one.
    #[test]
    fn islands_are_refused_or_used_whole(circuit in circuit(4, 12)) {
        let device = Device { num_qubits: Some(4), couplings: Some(vec![[0, 1], [2, 3]]), ..Device::from_name("line-4").expect("a name") };
        match compile(&circuit, &device, &CompileOptions::default()) {
            Ok(compiled) => prop_assert!(device.check(&compiled.circuit).is_ok()),
            Err(error) => prop_assert!(matches!(error, HardwareError::NotConnected { .. }), "{}", error),
        }
    }
}
