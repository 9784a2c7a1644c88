//! Parametrised circuits.

use crate::angle::Angle;
use crate::circuit::Circuit;

/// The hardware-efficient ansatz: `ry` and `rz` on every qubit, then a line of `cx`, `layers` times, and closing rotations.
///
/// Has `2 n (layers + 1)` free parameters. Source: Kandala et al., Nature 549, 242 (2017), with a line of `cx` as entangler.
///
/// ```
/// use qloom_circuits::library::hardware_efficient;
/// let circuit = hardware_efficient(4, 2);
/// assert_eq!((circuit.num_parameters(), circuit.two_qubit_gates()), (24, 6));
/// ```
pub fn hardware_efficient(num_qubits: usize, layers: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut next = 0;
    for layer in 0..=layers {
        for qubit in 0..num_qubits {
            circuit.ry(Angle::free(next), qubit).rz(Angle::free(next + 1), qubit);
            next += 2;
        }
        if layer < layers {
            (1..num_qubits).for_each(|target| {
                circuit.cx(target - 1, target);
            });
        }
    }
    circuit
}

/// Bricks on even, then odd neighbours in turn: `ry` on both qubits and `cz`, one brick wall a layer.
///
/// Each brick has two free parameters.
pub fn brickwork(num_qubits: usize, layers: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut next = 0;
    for layer in 0..layers {
        for low in (layer % 2..num_qubits.saturating_sub(1)).step_by(2) {
            circuit.ry(Angle::free(next), low).ry(Angle::free(next + 1), low + 1).cz(low, low + 1);
            next += 2;
        }
    }
    circuit
}

/// The second-order Pauli feature map: `h`, `p(2 x_i)`, and `cx p(2 (pi - x_i)(pi - x_j)) cx` on every pair.
///
/// The features are numbers because the pair angles are products. Source: Havlíček et al., Nature 567, 209 (2019).
///
/// # Panics
/// When a feature is not finite.
pub fn zz_feature_map(features: &[f64], repetitions: usize) -> Circuit {
    let mut circuit = Circuit::new(features.len());
    let pi = std::f64::consts::PI;
    for _ in 0..repetitions {
        for (qubit, &x) in features.iter().enumerate() {
            circuit.h(qubit).p(2.0 * x, qubit);
        }
        for low in 0..features.len() {
            for high in low + 1..features.len() {
                let angle = 2.0 * (pi - features[low]) * (pi - features[high]);
                circuit.cx(low, high).p(angle, high).cx(low, high);
            }
        }
    }
    circuit
}
