//! Noise models: every channel is accounted for, and waiting adds up to the time of the circuit.

use proptest::prelude::*;
use qloom_circuits::{Channel, Circuit, Operation};
use qloom_hardware::{GateTimes, IdleNoise, NoiseModel, Relaxation, UniformNoise};

use super::draws::{calibrated, channels, circuit};

/// The circuit without its channels.
fn bare(circuit: &Circuit) -> Circuit {
    let mut gates = circuit.without_operations();
    let kept = circuit.operations().iter().filter(|operation| !matches!(operation, Operation::Channel { .. }));
    kept.for_each(|operation| gates.push(operation.clone()).map(|_| ()).expect("it was there"));
    gates
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Noise is put between the gates, and the gates stay as they were.
    #[test]
    fn noise_leaves_the_gates_alone(device in calibrated(4), circuit in circuit(4, 14)) {
        let small = circuit.operations().iter().filter(|operation| operation.qubits().len() <= 2).cloned();
        let mut gates = circuit.without_operations();
        small.for_each(|operation| gates.push(operation).map(|_| ()).expect("it was there"));
        let mut model = device.noise(4).expect("possible figures");
        prop_assert_eq!(bare(&model.apply(&gates).expect("it fits")), gates.clone());
        prop_assert_eq!(model.readout.len(), 4);
        let without = channels(&model.apply(&gates).expect("it fits"));
        model.idle = Some(device.idle_noise(4).expect("possible figures"));
        let with = model.apply(&gates).expect("it fits");
        prop_assert_eq!(bare(&with), gates);
        prop_assert!(channels(&with) >= without, "waiting adds and takes nothing away");
    }

    /// A machine twice as slow has every channel twice.
    #[test]
    fn stretching_repeats_every_channel(circuit in circuit(3, 10), p in 0.001..0.1f64, scale in 1u32..6) {
        let mut model = NoiseModel::default();
        for qubits in 1..=3 {
            model.after_gates(qubits, Channel::depolarizing(p, qubits).expect("physical"));
        }
        let once = channels(&model.apply(&circuit).expect("it fits"));
        prop_assert_eq!(channels(&model.stretched(scale).apply(&circuit).expect("it fits")), scale as usize * once);
    }

    /// What a qubit works and what it waits between its first and last operation is the time in between.
    #[test]
    fn work_and_waiting_add_up(pairs in prop::collection::vec((0usize..4, 1usize..4, any::<bool>()), 1..16)) {
        let mut circuit = Circuit::new(4);
        for (a, step, two) in pairs {
            if two {
                circuit.cx(a, (a + step) % 4);
            } else {
                circuit.h(a);
            }
        }
        let times = GateTimes { one_qubit_ns: 30.0, two_qubit_ns: 200.0, ..GateTimes::default() };
        let t1_ns = 1e4;
        let relaxation = vec![Relaxation { t1_ns, t2_ns: t1_ns, excited_population: 0.0 }];
        let model = NoiseModel { idle: Some(IdleNoise { times, relaxation }), ..NoiseModel::default() };
        let (mut work, mut waits) = ([0.0; 4], [0.0; 4]);
        for operation in model.apply(&circuit).expect("it fits").operations() {
            match operation {
                // 1 - gamma = exp(-t/T1) is the last entry of the transfer matrix
                Operation::Channel { channel, qubits } => waits[qubits[0]] += -t1_ns * channel.transfer()[15].ln(),
                gate => gate.qubits().iter().for_each(|&q| work[q] += if gate.qubits().len() == 1 { 30.0 } else { 200.0 }),
            }
        }
        // the schedule: as early as possible
        let mut free = [0.0f64; 4];
        let mut first = [f64::NAN; 4];
        for operation in circuit.operations() {
            let qubits = operation.qubits();
            let start = qubits.iter().map(|&q| free[q]).fold(0.0, f64::max);
            for &q in &qubits {
                first[q] = if first[q].is_nan() { start } else { first[q] };
                free[q] = start + if qubits.len() == 1 { 30.0 } else { 200.0 };
            }
        }
        let end = free.iter().copied().fold(0.0, f64::max);
        for q in (0..4).filter(|&q| !first[q].is_nan()) {
            let rest = end - first[q] - work[q];
            prop_assert!((waits[q] - rest).abs() < 1e-6, "qubit {}: waits {} of {}", q, waits[q], rest);
        }
    }

    #[test]
    fn uniform_noise_reads_back(a in 0.0..1.0f64, b in 0.0..1.0f64, c in 0.0..1.0f64) {
        let noise = UniformNoise { depolarizing1: a, depolarizing2: b, readout: c };
        let text = format!("depolarizing1={a:?}, depolarizing2={b:?},readout={c:?}");
        prop_assert_eq!(text.parse::<UniformNoise>().map_err(|error| TestCaseError::fail(error.to_string()))?, noise);
        prop_assert_eq!(serde_json::from_str::<UniformNoise>(&serde_json::to_string(&noise).expect("plain data")).expect("the same"), noise);
    }
}
