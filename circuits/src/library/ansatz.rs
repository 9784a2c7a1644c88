//! Parametrised circuits.

use super::feature_map::Entanglement;
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::error::CircuitError;
use crate::gate::Gate;
use crate::operation::Operation;

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

/// Rotations `ry` on every qubit, and `repetitions` times `cx` on the pairs of a pattern and rotations again.
///
/// Has `n (repetitions + 1)` free parameters, layer by layer. Order and gates are those of Qiskit's `RealAmplitudes`.
///
/// ```
/// use qloom_circuits::library::{Entanglement, real_amplitudes};
/// let circuit = real_amplitudes(4, 3, Entanglement::ReverseLinear);
/// assert_eq!((circuit.num_parameters(), circuit.two_qubit_gates()), (16, 9));
/// ```
pub fn real_amplitudes(num_qubits: usize, repetitions: usize, entanglement: Entanglement) -> Circuit {
    two_local(num_qubits, &[Gate::Ry], &[Gate::Cx], entanglement, repetitions).expect("a rotation and an entangler")
}

/// As [`real_amplitudes`] with `rz` on every qubit after the `ry`: `2 n (repetitions + 1)` free parameters, in each layer those of `ry` first,
/// as in Qiskit's `EfficientSU2`.
pub fn efficient_su2(num_qubits: usize, repetitions: usize, entanglement: Entanglement) -> Circuit {
    two_local(num_qubits, &[Gate::Ry, Gate::Rz], &[Gate::Cx], entanglement, repetitions).expect("rotations and an entangler")
}

/// Gates of one qubit on every qubit, one kind after the other, and `repetitions` times gates of two qubits on the pairs of a pattern, one kind after
/// the other, and the first again.
///
/// Parameters are numbered in the order of the gates, as in Qiskit's `n_local` (`TwoLocal`); gates without angles have none.
///
/// ```
/// use qloom_circuits::Gate;
/// use qloom_circuits::library::{Entanglement, two_local};
/// let circuit = two_local(3, &[Gate::Ry, Gate::Rz], &[Gate::Rzz], Entanglement::Linear, 2)?;
/// assert_eq!((circuit.num_parameters(), circuit.two_qubit_gates()), (3 * 6 + 2 * 2, 4));
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
///
/// # Errors
/// For a gate among the first that does not act on one qubit, or among the second that does not act on two.
pub fn two_local(
    num_qubits: usize,
    rotations: &[Gate],
    entanglers: &[Gate],
    entanglement: Entanglement,
    repetitions: usize,
) -> Result<Circuit, CircuitError> {
    for (gates, expected) in [(rotations, 1), (entanglers, 2)] {
        if let Some(gate) = gates.iter().find(|gate| gate.num_qubits() != expected) {
            return Err(CircuitError::WrongQubitCount { gate: *gate, expected: gate.num_qubits(), given: expected });
        }
    }
    let mut circuit = Circuit::new(num_qubits);
    let singles: Vec<Vec<usize>> = (0..num_qubits).map(|qubit| vec![qubit]).collect();
    let pairs = entanglement.groups(num_qubits, 2);
    let mut next = 0;
    for layer in 0..=repetitions {
        let entangling = if layer < repetitions { entanglers } else { &[] };
        for (gates, places) in [(rotations, &singles), (entangling, &pairs)] {
            for gate in gates {
                for qubits in places {
                    let angles: Vec<Angle> = (next..next + gate.num_parameters()).map(Angle::free).collect();
                    next += angles.len();
                    circuit.push(Operation::gate(*gate, &angles, qubits))?;
                }
            }
        }
    }
    Ok(circuit)
}

/// In layer `l` a rotation `rz(c) ry(b) rz(a)` of every qubit, `a` first, then `cx` from every qubit to the one `1 + l mod (n - 1)` further
/// on a ring.
///
/// Has `3 n layers` free parameters, layer by layer, three to a qubit. Order and gates are those of PennyLane's `StronglyEntanglingLayers`
/// (Schuld et al., Phys. Rev. A 101, 032308 (2020)).
///
/// ```
/// use qloom_circuits::library::strongly_entangling;
/// let circuit = strongly_entangling(4, 3);
/// assert_eq!((circuit.num_parameters(), circuit.two_qubit_gates()), (36, 12));
/// ```
pub fn strongly_entangling(num_qubits: usize, layers: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for layer in 0..layers {
        for qubit in 0..num_qubits {
            let first = 3 * (layer * num_qubits + qubit);
            circuit.rz(Angle::free(first), qubit).ry(Angle::free(first + 1), qubit).rz(Angle::free(first + 2), qubit);
        }
        if num_qubits > 1 {
            let step = 1 + layer % (num_qubits - 1);
            for qubit in 0..num_qubits {
                circuit.cx(qubit, (qubit + step) % num_qubits);
            }
        }
    }
    circuit
}

/// In each layer `rx` on every qubit, then `cx` from every qubit to the next on a ring; two qubits have one `cx` a layer.
///
/// Has `n layers` free parameters. Order and gates are those of PennyLane's `BasicEntanglerLayers`.
pub fn basic_entangler(num_qubits: usize, layers: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for layer in 0..layers {
        for qubit in 0..num_qubits {
            circuit.rx(Angle::free(layer * num_qubits + qubit), qubit);
        }
        let links = if num_qubits > 2 { num_qubits } else { num_qubits.saturating_sub(1) };
        for qubit in 0..links {
            circuit.cx(qubit, (qubit + 1) % num_qubits);
        }
    }
    circuit
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;

    #[test]
    fn small_rings_repeat_no_gate_on_one_qubit() {
        for (circuit, parameters, entangling) in [
            (strongly_entangling(1, 2), 6, 0),
            (strongly_entangling(2, 2), 12, 4),
            (basic_entangler(1, 2), 2, 0),
            (basic_entangler(2, 2), 4, 2),
            (basic_entangler(3, 2), 6, 6),
            (efficient_su2(3, 1, Entanglement::Full), 12, 3),
            (real_amplitudes(2, 1, Entanglement::Circular), 4, 1),
        ] {
            assert_eq!((circuit.num_parameters(), circuit.two_qubit_gates()), (parameters, entangling));
        }
    }

    /// States of Qiskit's circuits at the same parameters.
    #[test]
    fn two_local_circuits_equal_another_package() {
        let golden: serde_json::Value = serde_json::from_str(include_str!("../../tests/two_local.json")).expect("JSON");
        for case in golden["circuits"].as_array().expect("a list") {
            let gates = |key: &str| -> Vec<Gate> {
                let names = case[key].as_array().expect("names").iter().map(|name| name.as_str().expect("a name"));
                names.map(|name| Gate::from_name(name).expect(name)).collect()
            };
            let list = |key: &str| {
                case[key].as_array().expect("numbers").iter().map(|x| x.as_f64().expect("a number")).collect::<Vec<f64>>()
            };
            let whole = |key: &str| case[key].as_u64().expect("a count") as usize;
            let pattern: Entanglement = serde_json::from_value(case["entanglement"].clone()).expect("a pattern");
            let (qubits, repetitions) = (whole("qubits"), whole("repetitions"));
            let circuit = two_local(qubits, &gates("rotations"), &gates("entanglers"), pattern, repetitions).expect("gates");
            let parameters = list("parameters");
            assert_eq!(circuit.num_parameters(), parameters.len(), "{case}");
            let state = circuit.unitary(&parameters).expect("gates");
            let expected = list("re").into_iter().zip(list("im")).map(|(re, im)| Complex64::new(re, im));
            let overlap: Complex64 = expected.enumerate().map(|(k, a)| a.conj() * state[(k, 0)]).sum();
            assert!((overlap.norm() - 1.0).abs() < 1e-12, "{case}: {overlap}");
        }
        let wrong = two_local(3, &[Gate::Cx], &[Gate::Cx], Entanglement::Full, 1).expect_err("two qubits");
        assert_eq!(wrong.to_string(), "cx acts on 2 qubits, not on 1");
        assert!(two_local(3, &[Gate::Ry], &[Gate::Ry], Entanglement::Full, 1).is_err());
    }
}
