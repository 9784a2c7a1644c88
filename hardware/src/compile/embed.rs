//! Layouts in which all pairs that meet are coupled.

use qloom_circuits::Stream;

use super::machine::Machine;

/// Steps of one search; a search that needs more is begun anew in another order.
const BUDGET: usize = 20_000;

/// In which order qubits are placed and physical qubits tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// From an end of the graph along it, physical qubits in ascending order: lines wind through the rows of a machine.
    Along,
    /// From the qubit with the most partners outwards, physical qubits in ascending order.
    Outwards,
    /// As the first, physical qubits in a random order.
    RandomAlong,
    /// As the second, physical qubits in a random order.
    RandomOutwards,
    /// As the second, good physical qubits before bad ones, with some chance.
    Good,
}

/// A layout of a graph of qubits that meet.
pub(super) struct Embedding {
    /// Physical qubits; `usize::MAX` for those without a place.
    pub layout: Vec<usize>,
    /// Whether all have one.
    pub whole: bool,
}

/// Searches by backtracking within a budget; where none is found, what was placed at the deepest point.
pub(super) fn embed(graph: &[Vec<usize>], machine: &Machine, walk: Walk, numbers: &mut Stream) -> Embedding {
    let connectivity = &machine.connectivity;
    let Some(neighbours) = &connectivity.neighbours else {
        return Embedding { layout: connectivity.islands[0][..graph.len()].to_vec(), whole: true };
    };
    let along = matches!(walk, Walk::Along | Walk::RandomAlong);
    let order = order(graph, along);
    let mut names: Vec<usize> = (0..neighbours.len()).filter(|&physical| connectivity.island_of[physical].is_some()).collect();
    if matches!(walk, Walk::RandomAlong | Walk::RandomOutwards) {
        numbers.shuffle(&mut names);
    }
    if walk == Walk::Good {
        let mut badness: Vec<(f64, usize)> =
            names.iter().map(|&physical| (machine.badness(physical) * (0.5 + numbers.unit()), physical)).collect();
        badness.sort_by(|a, b| a.0.total_cmp(&b.0));
        names = badness.into_iter().map(|(_, physical)| physical).collect();
    }
    let mut rank = vec![usize::MAX; neighbours.len()];
    names.iter().enumerate().for_each(|(position, &physical)| rank[physical] = position);
    let mut search = Search { graph, neighbours, names: &names, rank: &rank, used: vec![false; neighbours.len()] };
    search.run(&order)
}

/// An order in which each qubit, where possible, meets one before it; qubits that meet none are left out.
fn order(graph: &[Vec<usize>], along: bool) -> Vec<usize> {
    let degree = |qubit: usize| graph[qubit].len();
    let mut order: Vec<usize> = Vec::new();
    let mut seen = vec![false; graph.len()];
    let mut placed = vec![0usize; graph.len()];
    let mut last = vec![0usize; graph.len()];
    let wanted = (0..graph.len()).filter(|&qubit| degree(qubit) > 0).count();
    while order.len() < wanted {
        let free = (0..graph.len()).filter(|&qubit| !seen[qubit] && degree(qubit) > 0);
        let next = if along {
            // deepest first; a new part begins at its end
            free.max_by_key(|&qubit| {
                let fresh = std::cmp::Reverse(if placed[qubit] == 0 { degree(qubit) } else { 0 });
                (placed[qubit].min(1), last[qubit], placed[qubit], fresh, std::cmp::Reverse(qubit))
            })
        } else {
            free.max_by_key(|&qubit| (placed[qubit], degree(qubit), std::cmp::Reverse(qubit)))
        };
        let next = next.expect("some are left");
        seen[next] = true;
        order.push(next);
        for &other in &graph[next] {
            placed[other] += 1;
            last[other] = order.len();
        }
    }
    order
}

struct Search<'a> {
    graph: &'a [Vec<usize>],
    neighbours: &'a [Vec<usize>],
    /// Sound physical qubits in the order in which they are tried, and the position of each.
    names: &'a [usize],
    rank: &'a [usize],
    used: Vec<bool>,
}

impl Search<'_> {
    fn run(&mut self, order: &[usize]) -> Embedding {
        let mut layout = vec![usize::MAX; self.graph.len()];
        let mut deepest = layout.clone();
        let mut depth = 0;
        // candidates of each depth, the next to try last
        let mut open: Vec<Vec<usize>> = vec![self.candidates(order, 0, &layout)];
        for _ in 0..BUDGET + 20 * order.len() {
            let level = open.len() - 1;
            if level == order.len() {
                return self.finish(layout, true);
            }
            if let Some(physical) = open[level].pop() {
                layout[order[level]] = physical;
                self.used[physical] = true;
                if level + 1 > depth {
                    depth = level + 1;
                    deepest.clone_from(&layout);
                }
                open.push(self.candidates(order, level + 1, &layout));
                continue;
            }
            open.pop();
            let Some(back) = open.len().checked_sub(1) else { break };
            let qubit = order[back];
            self.used[layout[qubit]] = false;
            layout[qubit] = usize::MAX;
        }
        self.used.fill(false);
        deepest.iter().filter(|physical| **physical != usize::MAX).for_each(|&physical| self.used[physical] = true);
        self.finish(deepest, false)
    }

    /// Physical qubits for the qubit at a position of the order, the best last.
    fn candidates(&self, order: &[usize], position: usize, layout: &[usize]) -> Vec<usize> {
        let Some(&qubit) = order.get(position) else { return Vec::new() };
        let placed: Vec<usize> = self.graph[qubit].iter().map(|&other| layout[other]).filter(|&at| at != usize::MAX).collect();
        let open = self.graph[qubit].len() - placed.len();
        let free = |physical: usize| self.neighbours[physical].iter().filter(|other| !self.used[**other]).count();
        let fits = |physical: &usize| {
            !self.used[*physical]
                && free(*physical) >= open
                && placed.iter().all(|other| self.neighbours[*physical].contains(other))
        };
        let mut found: Vec<usize> = match placed.first() {
            Some(&anchor) => self.neighbours[anchor].iter().copied().filter(fits).collect(),
            None => self.names.iter().copied().filter(fits).collect(),
        };
        found.sort_by_key(|&physical| std::cmp::Reverse(self.rank[physical]));
        found
    }

    /// Puts qubits that meet none on what is left.
    fn finish(&self, mut layout: Vec<usize>, whole: bool) -> Embedding {
        let mut free = self.names.iter().copied().filter(|&physical| !self.used[physical]).collect::<Vec<_>>().into_iter();
        if whole {
            for physical in layout.iter_mut().filter(|physical| **physical == usize::MAX) {
                *physical = free.next().expect("the machine has room");
            }
        }
        Embedding { layout, whole }
    }
}

/// A long way through the machine without meeting itself, at most of this length.
pub(super) fn long_line(wanted: usize, machine: &Machine, walk: Walk, numbers: &mut Stream) -> Vec<usize> {
    let graph: Vec<Vec<usize>> =
        (0..wanted).map(|k| [k.checked_sub(1), (k + 1 < wanted).then_some(k + 1)].into_iter().flatten().collect()).collect();
    embed(&graph, machine, walk, numbers).layout.into_iter().filter(|&physical| physical != usize::MAX).collect()
}
