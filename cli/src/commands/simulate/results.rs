//! What a simulation gives.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use num_complex::Complex64;
use qloom::sim::{Branching, Counts, Executable, Explanation, Record};

use super::arrays::Whole;
use super::wanted::{Many, Part};
use crate::distribution::Distribution;

/// What a simulation gives.
#[derive(Default)]
pub struct Results {
    /// What held the state.
    pub state: &'static str,
    pub probabilities: Vec<(usize, f64)>,
    pub amplitudes: Option<Vec<(usize, Complex64)>>,
    pub expectation_z: Vec<f64>,
    pub expectation: Option<f64>,
    pub parts: Vec<Part>,
    /// The state, where it is to be written.
    pub whole: Option<Whole>,
    pub counts: Option<Counts>,
    pub seconds: Vec<f64>,
    pub plan_seconds: f64,
    /// Where there is a plan.
    pub explanation: Option<Explanation>,
    /// Of a density operator.
    pub purity: Option<f64>,
    /// Of trajectories.
    pub errors: Option<StandardErrors>,
    /// Of what is no exact state.
    pub bounds: Option<Bounds>,
    /// Of a state over several ranks.
    pub distribution: Option<Distribution>,
}

/// By how much the figures of the same names may be wrong at most, rounding aside, and what was kept and dropped.
#[derive(Default, serde::Serialize)]
pub struct Bounds {
    pub expectation_z: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expectation: Option<f64>,
    /// Of any probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The norm by which the state may be wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<f64>,
    /// Of a matrix product state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widest_bond: Option<usize>,
    /// Of propagation: most Pauli strings at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strings: Option<usize>,
    /// Pauli strings dropped, of all observables together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<u64>,
}

/// Standard errors of the figures of the same names.
pub struct StandardErrors {
    pub probabilities: Vec<f64>,
    pub expectation_z: Vec<f64>,
    pub expectation: Option<f64>,
    pub purity: Option<f64>,
    /// Shots, and how many different states they needed.
    pub shots: u64,
    pub distinct: u64,
}

/// Adds outcomes of all qubits to counts: as they are, or as the record that measurements at the end complete.
pub fn count<S: Branching>(counts: &mut Counts, executable: &Executable<S>, record: &Record, outcomes: &Counts) {
    for (outcome, times) in outcomes.iter() {
        if !executable.measures() {
            counts.add(outcome.clone(), times);
            continue;
        }
        let mut record = record.clone();
        executable.last().iter().for_each(|&(qubit, bit)| record.set(bit, outcome.get(qubit)));
        counts.add(record, times);
    }
}

/// Probabilities that differ by less are a tie.
const TIE: f64 = 1e-12;

/// The largest probabilities, largest first; ties in the order of the index.
pub fn largest(outcomes: impl Iterator<Item = (usize, f64)>, many: Many) -> Vec<(usize, f64)> {
    let rank = |probability: f64| (probability / TIE).round() as u64;
    let mut list: Vec<(usize, f64)> = if many == Many(usize::MAX) {
        outcomes.filter(|(_, probability)| *probability > 0.0).collect()
    } else {
        // the smallest kept stands on top of the heap, of a tie the one of the highest index; positive numbers are in the order of their bits
        let mut heap: BinaryHeap<(Reverse<u64>, usize, u64)> = BinaryHeap::new();
        for (index, probability) in outcomes.filter(|(_, probability)| *probability > 0.0) {
            let entry = (Reverse(rank(probability)), index, probability.to_bits());
            if heap.len() < many.0 {
                heap.push(entry);
            } else if heap.peek().is_some_and(|smallest| entry < *smallest) {
                heap.pop();
                heap.push(entry);
            }
        }
        heap.into_iter().map(|(_, index, bits)| (index, f64::from_bits(bits))).collect()
    };
    list.sort_by_key(|&(index, probability)| (Reverse(rank(probability)), index));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_stand_in_the_order_of_their_index_whatever_rounding_did() {
        let list = [0.0, 0.25 - 1e-16, 0.25, 0.0, 0.25 + 1e-15, 0.25];
        let shown = |many| largest(list.into_iter().enumerate(), many).into_iter().map(|(index, _)| index).collect::<Vec<_>>();
        assert_eq!(shown(Many(usize::MAX)), [1, 2, 4, 5]);
        assert_eq!(shown(Many(2)), [1, 2]);
        assert_eq!(largest([(0, 0.1), (1, 0.7), (2, 0.2)].into_iter(), Many(2)), [(1, 0.7), (2, 0.2)]);
        assert!(shown(Many(0)).is_empty());
    }
}
