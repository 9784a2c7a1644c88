//! The graph of couplings and its distances.

use std::collections::VecDeque;

use crate::error::HardwareError;

/// Which qubits are coupled, and how many couplings lie between any two.
pub(crate) struct Connectivity {
    /// Number of qubits.
    pub num_qubits: usize,
    /// Coupled qubits of each, in ascending order; none when all are coupled.
    pub neighbours: Option<Vec<Vec<usize>>>,
    /// Couplings between two qubits, row by row; `u16::MAX` when unreachable.
    distances: Vec<u16>,
    /// Pairs in the order of the couplings, sorted.
    directed: Vec<[usize; 2]>,
}

impl Connectivity {
    /// The graph of these couplings, of all pairs if none. Time and memory grow with the square of the number of qubits.
    ///
    /// # Errors
    /// When a coupling names a qubit that there is not, or one qubit twice.
    pub fn new(num_qubits: usize, couplings: Option<&[[usize; 2]]>) -> Result<Self, HardwareError> {
        let mut graph = Self { num_qubits, neighbours: None, distances: Vec::new(), directed: Vec::new() };
        let Some(couplings) = couplings else { return Ok(graph) };
        let mut neighbours = vec![Vec::new(); num_qubits];
        for &[a, b] in couplings {
            if a == b || a.max(b) >= num_qubits {
                return Err(HardwareError::BadCoupling { pair: [a, b], num_qubits });
            }
            if !neighbours[a].contains(&b) {
                neighbours[a].push(b);
                neighbours[b].push(a);
            }
        }
        neighbours.iter_mut().for_each(|list: &mut Vec<usize>| list.sort_unstable());
        graph.directed = couplings.to_vec();
        graph.directed.sort_unstable();
        graph.distances = distances(&neighbours);
        graph.neighbours = Some(neighbours);
        Ok(graph)
    }

    /// Couplings on the shortest way between two qubits; `u16::MAX` if there is none.
    pub fn distance(&self, a: usize, b: usize) -> u16 {
        if self.neighbours.is_none() { u16::from(a != b) } else { self.distances[a * self.num_qubits + b] }
    }

    /// Whether two qubits are coupled in this order.
    pub fn in_order(&self, a: usize, b: usize) -> bool {
        self.neighbours.is_none() || self.directed.binary_search(&[a, b]).is_ok()
    }
}

/// A breadth-first search from every qubit.
fn distances(neighbours: &[Vec<usize>]) -> Vec<u16> {
    let n = neighbours.len();
    let mut distances = vec![u16::MAX; n * n];
    for (start, row) in distances.chunks_exact_mut(n.max(1)).enumerate() {
        let mut queue = VecDeque::from([start]);
        row[start] = 0;
        while let Some(at) = queue.pop_front() {
            for &next in &neighbours[at] {
                if row[next] == u16::MAX {
                    row[next] = row[at] + 1;
                    queue.push_back(next);
                }
            }
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_couplings() {
        let ring = Connectivity::new(6, Some(&[[0, 1], [1, 2], [3, 2], [3, 4], [0, 4]])).expect("sound");
        for (a, b, distance) in [(0, 0, 0), (0, 1, 1), (0, 2, 2), (2, 4, 2), (1, 3, 2), (0, 5, u16::MAX)] {
            assert_eq!((ring.distance(a, b), ring.distance(b, a)), (distance, distance), "{a} {b}");
        }
        assert!(ring.in_order(3, 2) && !ring.in_order(2, 3));
        let all = Connectivity::new(4, None).expect("sound");
        assert_eq!((all.distance(0, 3), all.distance(2, 2)), (1, 0));
        for pair in [[1, 1], [0, 6]] {
            assert!(matches!(Connectivity::new(6, Some(&[pair])), Err(HardwareError::BadCoupling { .. })));
        }
    }
}
