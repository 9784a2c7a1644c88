//! Metrics beside differences of states and of fidelities.

use qloom_circuits::{Gate, Stream, library};

use super::*;
use crate::state::State;

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

fn state(circuit: &Circuit, parameters: &[f64]) -> Vec<Complex64> {
    let program = Program::new(circuit).expect("gates");
    let state = StateVector::<f64>::prepared(&program, parameters, config(), &mut Workspace::default());
    state.expect("small").amplitudes().collect()
}

/// By differences of states.
fn by_differences(circuit: &Circuit, parameters: &[f64]) -> Vec<f64> {
    let step = 1e-4;
    let psi = state(circuit, parameters);
    let slopes: Vec<Vec<Complex64>> = (0..parameters.len())
        .map(|k| {
            let at = |by: f64| {
                let mut moved = parameters.to_vec();
                moved[k] += by;
                state(circuit, &moved)
            };
            let (near, far) = ((at(step), at(-step)), (at(2.0 * step), at(-2.0 * step)));
            let slope = |i: usize| (8.0 * (near.0[i] - near.1[i]) - (far.0[i] - far.1[i])) / (12.0 * step);
            (0..psi.len()).map(slope).collect()
        })
        .collect();
    let dot = |a: &[Complex64], b: &[Complex64]| a.iter().zip(b).map(|(a, b)| a.conj() * b).sum::<Complex64>();
    let entry = |j: usize, k: usize| (dot(&slopes[j], &slopes[k]) - dot(&slopes[j], &psi) * dot(&psi, &slopes[k])).re;
    (0..parameters.len()).flat_map(|j| (0..parameters.len()).map(move |k| (j, k))).map(|(j, k)| entry(j, k)).collect()
}

#[test]
fn metrics_are_those_of_differences() {
    let mut circuits = vec![library::strongly_entangling(3, 2), library::hardware_efficient(4, 1)];
    let mut other = Circuit::new(3);
    other.h(0).ry(Angle::free(0).scaled(2.0), 1).rz(Angle::free(0), 0);
    other.push(Operation::gate(Gate::Crx, &[Angle::free(1)], &[0, 2])).expect("fits");
    other.push(Operation::gate(Gate::Cp, &[Angle::free(2)], &[2, 1])).expect("fits");
    other.push(Operation::gate(Gate::U3, &[Angle::free(3), 0.3.into(), Angle::free(1)], &[0])).expect("fits");
    let pauli = PauliString::from_word("XYZ").expect("a word");
    other.push(Operation::PauliRotation { pauli, angle: Angle::free(2).scaled(-1.5) }).expect("fits");
    other.push(Operation::GlobalPhase(Angle::free(3))).expect("fits");
    other.ccx(0, 1, 2);
    circuits.push(other);
    for circuit in circuits {
        let mut stream = Stream::named(2, "angles");
        let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|_| 3.0 * stream.unit()).collect();
        let metric = metric_tensor(&circuit, &parameters, config()).expect("gates");
        for (found, expected) in metric.iter().zip(by_differences(&circuit, &parameters)) {
            assert!((found - expected).abs() < 1e-10, "{found} {expected}");
        }
    }
}

#[test]
fn what_has_no_metric_is_refused() {
    let mut circuit = Circuit::new(1);
    circuit.ry(Angle::free(0), 0);
    assert!(metric_tensor(&circuit, &[], config()).is_err() && metric_tensor(&circuit, &[f64::NAN], config()).is_err());
    let small = SimulatorConfig { memory_limit: 40, ..config() };
    assert!(matches!(metric_tensor(&circuit, &[0.1], small), Err(SimError::MemoryLimit { .. })));
    circuit.reset(0);
    assert!(metric_tensor(&circuit, &[0.1], config()).is_err_and(|error| error.to_string().contains("a reset")));
}

/// A circuit of two layers of gates with two qubits between, a parameter for data in front (the last one) and between.
fn layered() -> Circuit {
    let data = Angle::free(6);
    let mut circuit = Circuit::new(3);
    circuit.h(0).ry(data, 1).rx(Angle::free(0), 0).ry(Angle::free(1), 1).rz(Angle::free(2).scaled(-1.5), 2);
    circuit.cx(0, 1).ry(data.scaled(2.0), 2).cx(1, 2).ry(Angle::free(3), 0).rx(Angle::free(4), 1);
    circuit.push(Operation::gate(Gate::Crz, &[Angle::free(5)], &[2, 0])).expect("fits");
    circuit
}

fn angles(circuit: &Circuit, name: &str) -> Vec<f64> {
    let mut stream = Stream::named(2, name);
    (0..circuit.num_parameters()).map(|_| 3.0 * stream.unit()).collect()
}

fn prepared(circuit: &Circuit, varied: usize, kind: MetricKind) -> MetricTensor {
    MetricTensor::new(circuit, varied, kind, config()).expect("gates")
}

/// `1 - |<psi(a)|psi(b)>|^2`.
fn infidelity(circuit: &Circuit, a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (state(circuit, a), state(circuit, b));
    1.0 - a.iter().zip(&b).map(|(a, b)| a.conj() * b).sum::<Complex64>().norm_sqr()
}

/// Infidelities of nearby states are quadratic in the step, by the mean metric of rows that share the varied parameters.
#[test]
fn mean_metrics_are_those_of_mean_fidelities() {
    let circuit = layered();
    let mut tensor = prepared(&circuit, 6, MetricKind::Exact);
    assert_eq!(tensor.varied(), 6);
    let (shared, rows) = (angles(&circuit, "shared")[..6].to_vec(), [0.3, 1.1, 2.5]);
    let mut mean = vec![0.0; 36];
    for row in rows {
        tensor.add(&[&shared[..], &[row]].concat(), 1.0 / 3.0, &mut mean).expect("sizes");
    }
    let mean_infidelity = |moves: &[(usize, f64)]| -> f64 {
        let of_row = |row: f64| {
            let here = [&shared[..], &[row]].concat();
            let at = |sign: f64| {
                let mut moved = here.clone();
                moves.iter().for_each(|(parameter, step)| moved[*parameter] += sign * step);
                moved
            };
            // both ways, so that the cubic part goes
            0.5 * (infidelity(&circuit, &here, &at(1.0)) + infidelity(&circuit, &here, &at(-1.0)))
        };
        rows.iter().map(|row| of_row(*row) / 3.0).sum()
    };
    let step = 1e-3;
    for j in 0..6 {
        for k in 0..6 {
            // g_jk h^2 by polarisation
            let second = if j == k {
                mean_infidelity(&[(j, step)])
            } else {
                0.25 * (mean_infidelity(&[(j, step), (k, step)]) - mean_infidelity(&[(j, step), (k, -step)]))
            };
            assert!((second / (step * step) - mean[6 * j + k]).abs() < 1e-6, "{j} {k}: {second} {}", mean[6 * j + k]);
        }
    }
}

/// Entries of blocks are those of the whole metric, and what lies outside stays as it was.
#[test]
fn blocks_are_parts_of_the_exact_metric() {
    let mut again = layered();
    again.cx(0, 2).rz(Angle::free(1), 1).ry(Angle::free(5), 2);
    // a layer each; where the circuit uses parameters 1 and 5 again, all of the later layers are one with the first
    for (circuit, layers) in [(layered(), [0, 0, 0, 1, 1, 2]), (again, [0, 0, 0, 1, 1, 0])] {
        let parameters = angles(&circuit, "angles");
        let mut exact = vec![0.0; 36];
        prepared(&circuit, 6, MetricKind::Exact).add(&parameters, 1.0, &mut exact).expect("sizes");
        let all = by_differences(&circuit, &parameters);
        for (kind, block) in [(MetricKind::BlockDiagonal, layers), (MetricKind::Diagonal, [0, 1, 2, 3, 4, 5])] {
            let mut found = vec![7.0; 36];
            let mut tensor = prepared(&circuit, 6, kind);
            tensor.add(&parameters, 0.5, &mut found).expect("sizes");
            for (place, entry) in found.iter().enumerate() {
                let (row, column) = (place / 6, place % 6);
                let kept = if block[row] == block[column] { exact[place] } else { 0.0 };
                assert!((entry - 7.0 - 0.5 * kept).abs() < 1e-14, "{kind:?} {row} {column}: {entry} {kept}");
                assert!((exact[place] - all[7 * row + column]).abs() < 1e-10, "{row} {column}");
            }
            // tangents are used again from block to block, and from call to call
            assert!(tensor.tangents.len() < 6 || kind != MetricKind::Diagonal, "{}", tensor.tangents.len());
            let mut second = vec![7.0; 36];
            tensor.add(&parameters, 0.5, &mut second).expect("sizes");
            assert_eq!(found, second);
        }
    }
}

/// Qubit by qubit or gate by gate: a circuit has the same layers.
#[test]
fn layers_do_not_depend_on_the_order_of_writing() {
    let (mut by_qubit, mut by_gate) = (Circuit::new(2), Circuit::new(2));
    for qubit in [0, 1] {
        by_qubit.ry(Angle::free(2 * qubit), qubit).rz(Angle::free(2 * qubit + 1), qubit);
    }
    by_gate.ry(Angle::free(2), 1).ry(Angle::free(0), 0).rz(Angle::free(1), 0).rz(Angle::free(3), 1);
    for circuit in [&mut by_qubit, &mut by_gate] {
        circuit.cx(0, 1).rx(Angle::free(5), 1).ry(Angle::free(4), 0);
    }
    let layer = [0, 1, 0, 1, 2, 2];
    let parameters = angles(&by_qubit, "order");
    let exact = metric_tensor(&by_qubit, &parameters, config()).expect("gates");
    // what is kept, and what is left out
    assert!(exact[4 * 6 + 5].abs() > 1e-3 && exact[2 * 6 + 5].abs() > 1e-3, "{exact:?}");
    for circuit in [by_qubit, by_gate] {
        let mut blocks = [0.0; 36];
        prepared(&circuit, 6, MetricKind::BlockDiagonal).add(&parameters, 1.0, &mut blocks).expect("sizes");
        for (place, entry) in blocks.iter().enumerate() {
            let kept = if layer[place / 6] == layer[place % 6] { exact[place] } else { 0.0 };
            assert!((entry - kept).abs() < 1e-14, "{place}: {entry} {kept}");
        }
    }
}

/// A state that is planned in tiles, and sums over several blocks.
#[test]
fn large_states_have_the_metric_of_their_parts() {
    let mut circuit = Circuit::new(13);
    for qubit in 0..13 {
        circuit.ry(Angle::free(2 * qubit), qubit).rz(Angle::free(2 * qubit + 1), qubit);
    }
    let parameters = angles(&circuit, "angles");
    let metric = metric_tensor(&circuit, &parameters, config()).expect("gates");
    for (place, entry) in metric.iter().enumerate() {
        let (row, column) = (place / 26, place % 26);
        let expected = match (row == column, row % 2) {
            (false, _) => 0.0,
            (true, 0) => 0.25,
            (true, _) => 0.25 * parameters[row - 1].sin().powi(2),
        };
        assert!((entry - expected).abs() < 1e-13, "{row} {column}: {entry} {expected}");
    }
}

#[test]
fn sizes_of_a_prepared_metric_are_checked() {
    let circuit = layered();
    let many = MetricTensor::new(&circuit, 8, MetricKind::Exact, config());
    assert!(many.is_err_and(|error| error.to_string().contains("varied parameters")));
    let mut tensor = prepared(&circuit, 2, MetricKind::Exact);
    let parameters = angles(&circuit, "angles");
    assert!(tensor.add(&parameters, 1.0, &mut [0.0; 3]).is_err() && tensor.add(&parameters[1..], 1.0, &mut [0.0; 4]).is_err());
    let wrong = [&parameters[..6], &[f64::INFINITY]].concat();
    assert!(matches!(tensor.add(&wrong, 1.0, &mut [0.0; 4]), Err(SimError::NotFinite { .. })));
    assert!(tensor.add(&parameters, 1.0, &mut [0.0; 4]).is_ok());
    // no parameter varied, and one that no gate turns by
    prepared(&circuit, 0, MetricKind::Exact).add(&parameters, 1.0, &mut []).expect("nothing to add");
    assert!(MetricTensor::new(&Circuit::new(100), 0, MetricKind::BlockDiagonal, config()).is_err());
    let mut unused = Circuit::new(1);
    unused.ry(Angle::free(1), 0);
    for kind in [MetricKind::Exact, MetricKind::BlockDiagonal, MetricKind::Diagonal] {
        let mut metric = [0.0; 4];
        prepared(&unused, 2, kind).add(&[0.1, 0.2], 1.0, &mut metric).expect("sizes");
        assert!((metric[3] - 0.25).abs() < 1e-15 && metric[..3] == [0.0; 3], "{metric:?}");
    }
}
