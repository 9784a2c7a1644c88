//! Where layouts begin before routing mends them.

use qloom_circuits::Stream;

use super::embed::{Walk, embed, long_line};
use super::island::Parts;
use super::machine::Machine;

/// First layouts that follow the shape of a circuit: along a line through the machine, and around as much of the circuit as embeds.
pub(super) struct Places<'a> {
    parts: &'a Parts,
    machine: &'a Machine,
    /// Qubits in orders in which those that meet are near each other.
    orders: Vec<Vec<usize>>,
    line: Option<Vec<usize>>,
}

impl<'a> Places<'a> {
    pub fn new(parts: &'a Parts, machine: &'a Machine) -> Self {
        let n = parts.meets.len();
        Self { parts, machine, orders: vec![(0..n).collect(), breadth_first(&parts.meets)], line: None }
    }

    /// The layout of a trial; none where chance shall choose.
    pub fn next(&mut self, trial: usize, numbers: &mut Stream) -> Option<Vec<usize>> {
        let n = self.parts.meets.len();
        let layout = match trial % 4 {
            0 | 2 if trial < 16 => {
                let most = self.machine.connectivity.num_qubits;
                let line = self.line.get_or_insert_with(|| long_line(most.min(n + n / 2), self.machine, Walk::Along, numbers));
                let slack = line.len().checked_sub(n)?;
                let first = numbers.below(slack + 1);
                let order = &self.orders[trial / 2 % 2];
                let mut layout = vec![0; n];
                order.iter().zip(&line[first..]).for_each(|(&qubit, &physical)| layout[qubit] = physical);
                layout
            }
            1 => {
                let walk = if trial % 8 == 1 { Walk::RandomOutwards } else { Walk::RandomAlong };
                let found = embed(&self.parts.meets, self.machine, walk, numbers);
                fill(found.layout, self.parts, self.machine, numbers)?
            }
            _ => return None,
        };
        self.parts.fits(&layout, &self.machine.connectivity.island_of).then_some(layout)
    }
}

/// Qubits by their distance from one with few partners.
fn breadth_first(graph: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(graph.len());
    let mut seen = vec![false; graph.len()];
    while order.len() < graph.len() {
        let start = (0..graph.len()).filter(|&qubit| !seen[qubit]).min_by_key(|&qubit| graph[qubit].len());
        let mut at = order.len();
        order.push(start.expect("some are left"));
        seen[order[at]] = true;
        while let Some(&qubit) = order.get(at) {
            at += 1;
            let mut next: Vec<usize> = graph[qubit].iter().copied().filter(|&other| !seen[other]).collect();
            next.sort_by_key(|&other| graph[other].len());
            next.iter().for_each(|&other| seen[other] = true);
            order.extend(next);
        }
    }
    order
}

/// Puts the qubits without a place near those that they meet.
fn fill(mut layout: Vec<usize>, parts: &Parts, machine: &Machine, numbers: &mut Stream) -> Option<Vec<usize>> {
    let neighbours = machine.connectivity.neighbours.as_ref()?;
    let mut used: Vec<bool> = machine.connectivity.island_of.iter().map(Option::is_none).collect();
    layout.iter().filter(|physical| **physical != usize::MAX).for_each(|&physical| used[physical] = true);
    let any = layout.iter().copied().find(|&physical| physical != usize::MAX)?;
    loop {
        let near = |qubit: usize| parts.meets[qubit].iter().filter(|other| layout[**other] != usize::MAX).count();
        let Some(qubit) = (0..layout.len()).filter(|&qubit| layout[qubit] == usize::MAX).max_by_key(|&qubit| near(qubit)) else {
            return Some(layout);
        };
        let from = parts.meets[qubit].iter().map(|other| layout[*other]).find(|&at| at != usize::MAX).unwrap_or(any);
        layout[qubit] = nearest_free(from, neighbours, &used, numbers)?;
        used[layout[qubit]] = true;
    }
}

/// A random connected patch of the machine for the qubits of each island, with qubits that meet put near each other.
pub(super) fn scatter(
    graph: &[Vec<usize>],
    neighbours: &[Vec<usize>],
    islands: &[Vec<usize>],
    island: &[usize],
    numbers: &mut Stream,
) -> Vec<usize> {
    let (n, wanted) = (neighbours.len(), graph.len());
    let mut layout = vec![usize::MAX; wanted];
    let mut used = vec![false; n];
    let mut order: Vec<usize> = Vec::new();
    let mut seen = vec![false; wanted];
    let mut queue = std::collections::VecDeque::new();
    while order.len() < wanted {
        let Some(qubit) = queue.pop_front() else {
            let left: Vec<usize> = (0..wanted).filter(|qubit| !seen[*qubit]).collect();
            let start = left[numbers.below(left.len())];
            seen[start] = true;
            queue.push_back(start);
            continue;
        };
        order.push(qubit);
        for &other in &graph[qubit] {
            if !seen[other] {
                seen[other] = true;
                queue.push_back(other);
            }
        }
    }
    // where the patch of each island begins, chosen when its first qubit comes
    let mut start: Vec<Option<usize>> = vec![None; islands.len()];
    for qubit in order {
        let near = graph[qubit].iter().map(|other| layout[*other]).find(|at| *at != usize::MAX);
        let members = &islands[island[qubit]];
        let from = *start[island[qubit]].get_or_insert_with(|| members[numbers.below(members.len())]);
        let free = nearest_free(near.unwrap_or(from), neighbours, &used, numbers);
        layout[qubit] = free.expect("the island has room for its qubits");
        used[layout[qubit]] = true;
    }
    layout
}

fn nearest_free(from: usize, neighbours: &[Vec<usize>], used: &[bool], numbers: &mut Stream) -> Option<usize> {
    let mut reached = vec![false; neighbours.len()];
    reached[from] = true;
    let mut ring = vec![from];
    while !ring.is_empty() {
        let free: Vec<usize> = ring.iter().copied().filter(|physical| !used[*physical]).collect();
        if !free.is_empty() {
            return Some(free[numbers.below(free.len())]);
        }
        let mut next = Vec::new();
        for &at in &ring {
            for &other in &neighbours[at] {
                if !reached[other] {
                    reached[other] = true;
                    next.push(other);
                }
            }
        }
        ring = next;
    }
    None
}
