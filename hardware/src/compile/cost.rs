//! What circuits cost on a machine.

use std::collections::HashMap;

use super::item::Item;
use super::machine::Machine;
use qloom_circuits::synthesis::weyl;
use qloom_circuits::{Matrix, Operation};

/// What lists of blocks cost, with the coordinates of every block that was met.
#[derive(Default)]
pub(super) struct Costs {
    known: HashMap<[u64; 32], [f64; 3]>,
}

impl Costs {
    /// Weyl coordinates of a block; the same matrix is decomposed once.
    fn coordinates(&mut self, matrix: &Matrix) -> [f64; 3] {
        let mut key = [0; 32];
        for (bits, entry) in key.chunks_exact_mut(2).zip(matrix.entries()) {
            (bits[0], bits[1]) = (entry.re.to_bits(), entry.im.to_bits());
        }
        *self.known.entry(key).or_insert_with(|| weyl::decompose(matrix).coordinates)
    }

    /// Native two-qubit gates weighted by their errors, with a little for the rest, and those on the longest way.
    pub fn of(&mut self, items: &[Item], machine: &Machine) -> (f64, f64) {
        let mut level = vec![0.0; machine.connectivity.num_qubits];
        let mut sum = 0.0;
        for item in items {
            let (cost, gates) = match item {
                Item::Two { qubits: [a, b], matrix } => {
                    let coordinates = self.coordinates(matrix);
                    let best = machine.cheapest(*a, *b, &coordinates);
                    best.map_or((0.0, 0.0), |(entangler, cost)| (cost, entangler.count(&coordinates) as f64))
                }
                Item::Wall { operation: Operation::Measure { qubit, .. } } => (machine.readout(*qubit), 0.0),
                Item::Wall { .. } => item.pair().map_or((0.0, 0.0), |[a, b]| (2.0 * machine.weight(a, b), 2.0)),
                Item::One { .. } => (0.001, 0.0),
                Item::Rz { .. } | Item::Phase(_) => (0.0, 0.0),
            };
            sum += cost;
            let qubits = item.qubits();
            let end = qubits.iter().map(|&qubit| level[qubit]).fold(0.0, f64::max) + gates;
            qubits.iter().for_each(|&qubit| level[qubit] = end);
        }
        (sum, level.into_iter().fold(0.0, f64::max))
    }
}
