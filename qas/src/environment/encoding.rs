//! The partial circuit as the network sees it.

use qloom_circuits::Gate;

use super::action::ActionSet;

/// The shape of the binary moment tensor: `moments x rows x qubits`, flattened row by row, and one number more.
///
/// Slice `d` is the circuit's moment `d`. A two-qubit gate of the action set owns N rows, entry
/// `[second qubit][first qubit]` (target, control); a one-qubit gate owns one row, entry `[qubit]`. With CNOT
/// and three rotations there are N + 3 rows. The number after the tensor is the energy feature.
///
/// Gates are placed as soon as possible: in the first moment at which all their qubits are free.
///
/// ```
/// use qloom_qas::{ActionConfig, ActionSet, Encoding};
///
/// let actions = ActionSet::new(&ActionConfig::default(), 4)?;
/// assert_eq!(Encoding::new(&actions, 40).num_inputs(), 40 * 7 * 4 + 1);
/// # Ok::<(), qloom_qas::QasError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Encoding {
    num_qubits: usize,
    rows: usize,
    moments: usize,
    /// First row of each gate of the action set.
    first_rows: Vec<(Gate, usize)>,
}

impl Encoding {
    /// The tensor for circuits of at most `max_gates` gates, hence at most as many moments.
    pub fn new(actions: &ActionSet, max_gates: usize) -> Self {
        let mut rows = 0;
        let mut first_rows = Vec::new();
        for arity in [2, 1] {
            for &gate in actions.gates().iter().filter(|gate| gate.num_qubits() == arity) {
                first_rows.push((gate, rows));
                rows += if arity == 2 { actions.num_qubits() } else { 1 };
            }
        }
        Self { num_qubits: actions.num_qubits(), rows, moments: max_gates, first_rows }
    }

    /// Length of the network's input: every entry of the tensor and the energy feature.
    pub fn num_inputs(&self) -> usize {
        self.moments * self.rows * self.num_qubits + 1
    }

    /// The entry of the flattened tensor that a gate at a moment sets.
    fn entry(&self, gate: Gate, qubits: &[usize], moment: usize) -> u32 {
        let first = self
            .first_rows
            .iter()
            .find(|(known, _)| *known == gate)
            .map(|(_, row)| *row)
            .expect("actions are made of the gates the encoding was built for");
        let (row, column) = match *qubits {
            [qubit] => (first, qubit),
            [control, target] => (first + target, control),
            _ => unreachable!("actions have one or two qubits"),
        };
        ((moment * self.rows + row) * self.num_qubits + column) as u32
    }
}

/// Gates placed so far: the entries they set, and the next free moment of each qubit.
#[derive(Debug, Clone)]
pub struct Placement {
    entries: Vec<u32>,
    free: Vec<usize>,
}

impl Placement {
    /// No gate placed.
    pub fn new(num_qubits: usize) -> Self {
        Self { entries: Vec::new(), free: vec![0; num_qubits] }
    }

    /// Places a gate at the first moment at which its qubits are free.
    pub fn place(&mut self, encoding: &Encoding, actions: &ActionSet, index: usize) {
        let action = actions.get(index);
        let moment = action.qubits.iter().map(|&qubit| self.free[qubit]).max().unwrap_or(0);
        for &qubit in &action.qubits {
            self.free[qubit] = moment + 1;
        }
        self.entries.push(encoding.entry(action.gate, &action.qubits, moment));
    }

    /// The entries that are 1, in the order of placement.
    pub fn entries(&self) -> &[u32] {
        &self.entries
    }

    /// Number of moments in use.
    pub fn depth(&self) -> usize {
        self.free.iter().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::action::ActionConfig;

    #[test]
    fn published_input_sizes() {
        let sizes = [(2, 40), (3, 40), (4, 40), (6, 70), (8, 250)].map(|(qubits, moments)| {
            let actions = ActionSet::new(&ActionConfig::default(), qubits).expect("valid");
            Encoding::new(&actions, moments).num_inputs()
        });
        assert_eq!(sizes, [401, 721, 1121, 3781, 22001]);
    }

    #[test]
    fn gates_are_placed_as_soon_as_possible() {
        let actions = ActionSet::new(&ActionConfig::default(), 3).expect("valid");
        let encoding = Encoding::new(&actions, 10);
        let cnot = |c: usize, t: usize| c * 2 + (t + 3 - c) % 3 - 1;
        let rotation = |qubit: usize, axis: usize| 6 + 3 * qubit + axis;
        let mut placement = Placement::new(3);
        for action in [rotation(0, 1), cnot(0, 2), rotation(1, 0), cnot(1, 2)] {
            placement.place(&encoding, &actions, action);
        }
        // Six rows of three columns a moment.
        let entry = |moment: u32, row: u32, column: u32| (moment * 6 + row) * 3 + column;
        assert_eq!(
            placement.entries(),
            [
                entry(0, 4, 0), // RY on qubit 0: row N + 1
                entry(1, 2, 0), // CNOT 0 -> 2: row 2 (target), column 0 (control)
                entry(0, 3, 1), // RX on qubit 1 moves to the first moment
                entry(2, 2, 1), // CNOT 1 -> 2 waits for qubit 2
            ]
        );
        assert_eq!(placement.depth(), 3);
    }

    #[test]
    fn different_circuits_of_one_length_set_different_entries() {
        let actions = ActionSet::new(&ActionConfig::default(), 4).expect("valid");
        let encoding = Encoding::new(&actions, 1);
        let mut all: Vec<u32> = (0..actions.len())
            .map(|index| {
                let mut placement = Placement::new(4);
                placement.place(&encoding, &actions, index);
                placement.entries()[0]
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), actions.len());
        assert!(all.iter().all(|&entry| (entry as usize) < encoding.num_inputs() - 1));
    }
}
