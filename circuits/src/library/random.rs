//! Random circuits from a seed.

use std::f64::consts::PI;

use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::Gate;
use crate::operation::Operation;

/// A circuit of `num_operations` gates drawn uniformly from the rows that fit, on distinct random qubits, angles in `[-pi, pi)`.
///
/// The same arguments give the same circuit, everywhere.
///
/// # Panics
/// When `num_qubits` is 0 and operations are asked for.
///
/// ```
/// use qloom_circuits::library::random;
/// assert_eq!(random(3, 20, 7), random(3, 20, 7));
/// ```
pub fn random(num_qubits: usize, num_operations: usize, seed: u64) -> Circuit {
    let mut numbers = SplitMix(seed);
    let fitting: Vec<Gate> = Gate::all().filter(|gate| gate.num_qubits() <= num_qubits).collect();
    let mut circuit = Circuit::new(num_qubits);
    for _ in 0..num_operations {
        let gate = fitting[numbers.below(fitting.len())];
        let angles: Vec<Angle> = (0..gate.num_parameters()).map(|_| Angle::Fixed(PI * (2.0 * numbers.unit() - 1.0))).collect();
        let mut unused: Vec<usize> = (0..num_qubits).collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).map(|_| unused.swap_remove(numbers.below(unused.len()))).collect();
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("drawn within the circuit");
    }
    circuit
}

/// Steele, Lea and Flood's SplitMix64 generator.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
