//! Devices and circuits drawn at random.

use proptest::prelude::*;
use qloom_circuits::{Circuit, Gate, Matrix, Operation, Stream, library};
use qloom_hardware::{Device, GateCalibration, PlacedGate, QubitCalibration};

/// Pairs that connect `n` qubits: a tree, and some more.
pub fn couplings(n: usize) -> impl Strategy<Value = Vec<[usize; 2]>> {
    let tree = (1..n).map(|child| (0..child).prop_map(move |parent| [parent, child])).collect::<Vec<_>>();
    let more = prop::collection::vec((0..n, 0..n), 0..n);
    (tree, more, any::<u64>()).prop_map(|(tree, more, turn)| {
        let mut list = tree;
        for (a, b) in more {
            if a != b && !list.contains(&[a, b]) && !list.contains(&[b, a]) {
                list.push([a, b]);
            }
        }
        // some pairs are listed in the other direction
        list.iter_mut().enumerate().filter(|(k, _)| turn >> (k % 64) & 1 == 1).for_each(|(_, pair)| pair.reverse());
        list
    })
}

/// Native gates that make every gate.
pub fn gates() -> impl Strategy<Value = Vec<Gate>> {
    let one = prop_oneof![
        Just(vec![Gate::Rz, Gate::Sx, Gate::X]),
        Just(vec![Gate::U]),
        Just(vec![Gate::Rz, Gate::Prx]),
        Just(vec![Gate::Gpi, Gate::Gpi2]),
        Just(vec![Gate::Rz, Gate::Rx]),
        Just(vec![Gate::Prx]),
    ];
    let two = prop::sample::select(vec![Gate::Cx, Gate::Cz, Gate::Ecr, Gate::Rzz, Gate::Rxx]);
    (one, two).prop_map(|(mut list, two)| {
        list.push(two);
        list
    })
}

/// A device on `n` qubits without calibration data.
pub fn device(n: usize) -> impl Strategy<Value = Device> {
    (couplings(n), gates()).prop_map(move |(couplings, gates)| Device {
        num_qubits: Some(n),
        couplings: Some(couplings),
        gates: Some(gates),
        ..Device::new("drawn")
    })
}

/// A device with calibration data of everything.
pub fn calibrated(n: usize) -> impl Strategy<Value = Device> {
    let qubits = prop::collection::vec((1e4..3e5f64, 0.1..2.0f64, 0.0..0.1f64, 0.0..0.2f64, 0.0..0.2f64), n);
    let general = (10.0..100.0f64, 0.0..0.01f64, 100.0..800.0f64, 0.0..0.05f64);
    let placed = prop::collection::vec((any::<prop::sample::Index>(), 50.0..900.0f64, 1e-3..0.1f64), 0..4);
    (device(n), qubits, general, placed, any::<bool>()).prop_map(|(mut device, qubits, general, placed, virtual_z)| {
        let (time1, p1, time2, p2) = general;
        let gate = |time_ns, depolarizing| GateCalibration { time_ns, depolarizing, ..GateCalibration::default() };
        device.qubit = Some(QubitCalibration {
            t1_ns: qubits.iter().map(|q| q.0).collect(),
            t2_ns: qubits.iter().map(|q| q.0 * q.1).collect(),
            excited_population: qubits.iter().map(|q| q.2).collect(),
            readout: qubits.iter().map(|q| [q.3, q.4]).collect(),
            readout_ns: 700.0,
        });
        device.one_qubit = Some(gate(time1, p1));
        device.two_qubit = Some(gate(time2, p2));
        device.virtual_z = virtual_z;
        let pairs = device.couplings.clone().unwrap_or_default();
        for (at, time, p) in placed {
            let qubits = at.get(&pairs).to_vec();
            if !device.gate.iter().any(|row| row.qubits == qubits) {
                device.gate.push(PlacedGate { qubits, time_ns: Some(time), depolarizing_joint: p, ..PlacedGate::default() });
            }
        }
        device
    })
}

/// A circuit of rows of the table.
pub fn circuit(n: usize, length: usize) -> impl Strategy<Value = Circuit> {
    (0..length, any::<u64>()).prop_map(move |(length, seed)| library::random(n, length, &mut Stream::named(seed, "circuit")))
}

/// Largest difference of two unitaries after the best global phase.
pub fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let overlap: num_complex::Complex64 = a.entries().iter().zip(b.entries()).map(|(x, y)| x.conj() * y).sum();
    a.scaled(overlap / overlap.norm()).distance(b)
}

pub fn channels(circuit: &Circuit) -> usize {
    circuit.operations().iter().filter(|operation| matches!(operation, Operation::Channel { .. })).count()
}
