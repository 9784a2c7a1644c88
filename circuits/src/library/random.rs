//! Random circuits.

use std::f64::consts::PI;

use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::Gate;
use crate::operation::Operation;
use crate::stream::Stream;

/// A circuit of `num_operations` gates drawn uniformly from the rows that fit, on distinct random qubits, angles in `[-pi, pi)`.
///
/// The same stream gives the same circuit, everywhere.
///
/// # Panics
/// When `num_qubits` is 0 and operations are asked for.
///
/// ```
/// use qloom_circuits::Stream;
/// use qloom_circuits::library::random;
/// let circuit = |seed| random(3, 20, &mut Stream::named(seed, "circuit"));
/// assert_eq!(circuit(7), circuit(7));
/// ```
pub fn random(num_qubits: usize, num_operations: usize, stream: &mut Stream) -> Circuit {
    let fitting: Vec<Gate> = Gate::all().filter(|gate| gate.num_qubits() <= num_qubits).collect();
    let mut circuit = Circuit::new(num_qubits);
    for _ in 0..num_operations {
        let gate = fitting[stream.below(fitting.len())];
        let angles: Vec<Angle> = (0..gate.num_parameters()).map(|_| Angle::Fixed(PI * (2.0 * stream.unit() - 1.0))).collect();
        let mut unused: Vec<usize> = (0..num_qubits).collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).map(|_| unused.swap_remove(stream.below(unused.len()))).collect();
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("drawn within the circuit");
    }
    circuit
}
