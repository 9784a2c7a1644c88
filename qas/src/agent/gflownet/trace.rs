//! The orders in which a circuit can have been built.

/// The gates of an episode, as far as it says which of them could have been the last.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    /// Of each action; none where it touches all.
    qubits: Vec<Vec<usize>>,
    /// Of each gate appended, its action.
    gates: Vec<usize>,
    /// Of each qubit, the last gate on it.
    last: Vec<Option<usize>>,
    /// Minus the sum of the logarithms of the numbers of gates that could have been the last.
    backward: f64,
}

impl Trace {
    pub(super) fn new(qubits: &[Vec<usize>]) -> Self {
        let register = qubits.iter().flatten().max().map_or(1, |last| last + 1);
        let all: Vec<usize> = (0..register).collect();
        let whole = |list: &Vec<usize>| if list.is_empty() { all.clone() } else { list.clone() };
        Self { qubits: qubits.iter().map(whole).collect(), gates: Vec::new(), last: vec![None; register], backward: 0.0 }
    }

    /// Appends what an action stands for.
    pub(super) fn append(&mut self, action: usize) {
        for &qubit in &self.qubits[action] {
            self.last[qubit] = Some(self.gates.len());
        }
        self.gates.push(action);
        self.backward -= (self.ends() as f64).ln();
    }

    /// How many gates have none behind them on any of their qubits.
    fn ends(&self) -> usize {
        let is_end = |&gate: &usize| self.qubits[self.gates[gate]].iter().all(|&qubit| self.last[qubit] == Some(gate));
        let mut ends: Vec<usize> = self.last.iter().flatten().copied().filter(is_end).collect();
        ends.sort_unstable();
        ends.dedup();
        ends.len()
    }

    /// The logarithm of the probability to take the gates out in this order, and an empty circuit.
    pub(super) fn finish(&mut self) -> f64 {
        self.gates.clear();
        self.last.fill(None);
        std::mem::take(&mut self.backward)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probabilities of all orders of a circuit sum to 1.
    #[test]
    fn orders_are_taken_back_with_a_probability_of_one_in_all() {
        // a on qubit 0, b on qubit 1, c on qubit 2, a gate on 0 and 1, and one on all
        let qubits = [vec![0], vec![1], vec![2], vec![0, 1], vec![]];
        let of = |order: &[usize]| {
            let mut trace = Trace::new(&qubits);
            order.iter().for_each(|&action| trace.append(action));
            trace.finish().exp()
        };
        assert!((of(&[0, 1, 2]) - 1.0 / 6.0).abs() < 1e-12);
        let orders =
            [[0, 1, 3, 2], [1, 0, 3, 2], [0, 1, 2, 3], [1, 0, 2, 3], [0, 2, 1, 3], [1, 2, 0, 3], [2, 0, 1, 3], [2, 1, 0, 3]];
        assert!((orders.iter().map(|order| of(order)).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!((of(&[4, 4]), of(&[0, 3, 4])), (1.0, 1.0));
        assert_eq!(of(&[0, 4, 1]), 1.0, "what touches all stands between");
    }
}
