//! The graph of couplings and its distances.

use std::cell::OnceCell;
use std::collections::VecDeque;

use crate::error::HardwareError;

/// Which qubits are coupled, how many couplings lie between any two, and which can reach each other.
pub(crate) struct Connectivity {
    /// Number of qubits.
    pub num_qubits: usize,
    /// Coupled qubits of each, in ascending order; none when all are coupled.
    pub neighbours: Option<Vec<Vec<usize>>>,
    /// The qubits that reach each other, in ascending order, the largest island first; qubits out of order are on none.
    pub islands: Vec<Vec<usize>>,
    /// The island of each qubit; none for a qubit out of order.
    pub island_of: Vec<Option<usize>>,
    /// Couplings from a qubit to every other, counted when first asked for; `u16::MAX` when unreachable.
    distances: Vec<OnceCell<Vec<u16>>>,
    /// Pairs in the order of the couplings, sorted.
    directed: Vec<[usize; 2]>,
}

impl Connectivity {
    /// The graph of these couplings, of all pairs if none, without the faulty qubits.
    ///
    /// # Errors
    /// When a coupling names a qubit that there is not, or one qubit twice.
    pub fn new(num_qubits: usize, couplings: Option<&[[usize; 2]]>, faulty: &[usize]) -> Result<Self, HardwareError> {
        let mut sound = vec![true; num_qubits];
        faulty.iter().filter(|qubit| **qubit < num_qubits).for_each(|&qubit| sound[qubit] = false);
        let mut graph = Self {
            num_qubits,
            neighbours: None,
            islands: Vec::new(),
            island_of: Vec::new(),
            distances: Vec::new(),
            directed: Vec::new(),
        };
        if let Some(couplings) = couplings {
            let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); num_qubits];
            for &[a, b] in couplings {
                if a == b || a.max(b) >= num_qubits {
                    return Err(HardwareError::BadCoupling { pair: [a, b], num_qubits });
                }
                if sound[a] && sound[b] {
                    neighbours[a].push(b);
                    neighbours[b].push(a);
                    graph.directed.push([a, b]);
                }
            }
            for list in &mut neighbours {
                list.sort_unstable();
                list.dedup();
            }
            graph.directed.sort_unstable();
            graph.distances = vec![OnceCell::new(); num_qubits];
            graph.islands = islands(&neighbours, &sound);
            graph.neighbours = Some(neighbours);
        } else {
            graph.islands = vec![(0..num_qubits).filter(|&qubit| sound[qubit]).collect()];
        }
        graph.island_of = vec![None; num_qubits];
        for (island, members) in graph.islands.iter().enumerate() {
            members.iter().for_each(|&qubit| graph.island_of[qubit] = Some(island));
        }
        Ok(graph)
    }

    /// Couplings on the shortest way between two qubits; `u16::MAX` if there is none.
    pub fn distance(&self, a: usize, b: usize) -> u16 {
        match &self.neighbours {
            None => u16::from(a != b),
            Some(neighbours) => self.distances[a].get_or_init(|| distances(a, neighbours))[b],
        }
    }

    /// Whether two qubits are coupled in this order.
    pub fn in_order(&self, a: usize, b: usize) -> bool {
        self.neighbours.is_none() || self.directed.binary_search(&[a, b]).is_ok()
    }
}

/// Qubits that reach each other, the largest island first.
fn islands(neighbours: &[Vec<usize>], sound: &[bool]) -> Vec<Vec<usize>> {
    let mut seen: Vec<bool> = sound.iter().map(|sound| !sound).collect();
    let mut islands: Vec<Vec<usize>> = Vec::new();
    for start in 0..neighbours.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut members = vec![start];
        let mut next = 0;
        while let Some(&at) = members.get(next) {
            next += 1;
            for &other in &neighbours[at] {
                if !std::mem::replace(&mut seen[other], true) {
                    members.push(other);
                }
            }
        }
        members.sort_unstable();
        islands.push(members);
    }
    islands.sort_by_key(|members| std::cmp::Reverse(members.len()));
    islands
}

/// A breadth-first search from a qubit.
fn distances(start: usize, neighbours: &[Vec<usize>]) -> Vec<u16> {
    let mut row = vec![u16::MAX; neighbours.len()];
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
    row
}

#[cfg(test)]
mod tests;
