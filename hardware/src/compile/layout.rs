//! Where qubits begin.

use super::elide::phases_of_blocks;
use super::gather::consolidate;
use super::island::Parts;
use super::item::Item;
use super::machine::Machine;
use super::route::{Order, route};
use super::{CompileOptions, HardwareError};
use crate::connectivity::Connectivity;
use qloom_circuits::Stream;

pub(super) struct Plan {
    /// Items on physical qubits.
    pub items: Vec<Item>,
    pub initial: Vec<usize>,
    pub last: Vec<usize>,
    pub cost: f64,
}

/// The best of several layouts, each routed, by the cost of the result.
///
/// Every layout keeps each part of the circuit on one island of the machine, so that routing always finds a way.
///
/// # Errors
/// Where the parts of the circuit do not fit the islands.
pub(super) fn search(
    num_qubits: usize,
    items: &[Item],
    machine: &Machine,
    options: &CompileOptions,
    cost: &dyn Fn(&[Item]) -> f64,
) -> Result<Plan, HardwareError> {
    let order = Order::new(items, num_qubits);
    let plan_for = |layout: &[usize], seed: u64| -> Plan {
        let routed = route(items, &order, layout, machine, seed);
        let mut list = routed.items;
        if options.level >= 1 {
            list = consolidate(list, options.level >= 2);
        }
        if options.level >= 2 {
            list = phases_of_blocks(list, machine.connectivity.num_qubits);
        }
        let cost = cost(&list);
        Plan { items: list, initial: layout.to_vec(), last: routed.last, cost }
    };
    let islands = &machine.connectivity.islands;
    let Some(neighbours) = &machine.connectivity.neighbours else { return Ok(plan_for(&islands[0][..num_qubits], 0)) };
    let trials = match options.level {
        0 => 0,
        1 => 4,
        2 => 20,
        _ => 120,
    };
    // Long circuits cost more for each trial.
    let trials = if items.len() > 4000 { trials / 4 } else { trials };
    let mut numbers = Stream::named(options.seed, "layout");
    let mut best: Option<Plan> = None;
    let mut consider = |plan: Plan| {
        if best.as_ref().is_none_or(|least| plan.cost < least.cost) {
            best = Some(plan);
        }
    };
    let parts = Parts::new(num_qubits, items);
    if options.level >= 1 {
        let tries = if machine.is_weighted() { 40 } else { 1 };
        for _ in 0..tries {
            if let Some(layout) = embed(&parts.meets, &machine.connectivity, neighbours, &mut numbers) {
                consider(plan_for(&layout, 0));
            }
        }
    }
    let trivial: Vec<usize> = (0..num_qubits).collect();
    let trivial_fits = parts.fits(&trivial, &machine.connectivity.island_of);
    if trivial_fits {
        consider(plan_for(&trivial, options.seed));
    }
    let reversed: Vec<Item> = items.iter().rev().cloned().collect();
    let backward = Order::new(&reversed, num_qubits);
    let scattered = if options.level == 0 && !trivial_fits { 1 } else { trials };
    for _ in 0..scattered {
        // once a way to share out the islands was not found, the layouts that there are have to do
        let Some(island) = parts.assign(islands, &mut numbers) else { break };
        let mut layout = scatter(&parts.meets, neighbours, islands, &island, &mut numbers);
        for _ in 0..if options.level == 0 { 0 } else { 2 } {
            let seed = numbers.word();
            let there = route(items, &order, &layout, machine, seed);
            layout = route(&reversed, &backward, &there.last, machine, seed).last;
        }
        let seed = numbers.word();
        consider(plan_for(&layout, seed));
    }
    best.ok_or_else(|| HardwareError::NotConnected {
        device: machine.name.clone(),
        parts: parts.sizes(),
        islands: islands.iter().map(Vec::len).collect(),
    })
}

/// A layout in which all pairs that meet are coupled, by backtracking within a budget.
fn embed(
    graph: &[Vec<usize>],
    connectivity: &Connectivity,
    neighbours: &[Vec<usize>],
    numbers: &mut Stream,
) -> Option<Vec<usize>> {
    // Qubits in an order in which each, where possible, meets one before it.
    let mut order: Vec<usize> = Vec::new();
    let mut seen = vec![false; graph.len()];
    while order.len() < graph.len() {
        let placed = |qubit: usize| graph[qubit].iter().filter(|other| seen[**other]).count();
        let next = (0..graph.len()).filter(|qubit| !seen[*qubit]).max_by_key(|qubit| (placed(*qubit), graph[*qubit].len()))?;
        seen[next] = true;
        order.push(next);
    }
    let n = neighbours.len();
    let shift = numbers.below(n);
    let mut layout = vec![usize::MAX; graph.len()];
    let mut used = vec![false; n];
    let mut budget = 200_000usize;
    let alone: Vec<usize> = order.iter().copied().filter(|qubit| graph[*qubit].is_empty()).collect();
    order.retain(|qubit| !graph[*qubit].is_empty());
    if !extend(0, &order, graph, neighbours, shift, &mut layout, &mut used, &mut budget) {
        return None;
    }
    let sound = |physical: &usize| !used[*physical] && connectivity.island_of[*physical].is_some();
    let mut free = (0..n).filter(sound).collect::<Vec<_>>().into_iter();
    for qubit in alone {
        layout[qubit] = free.next()?;
    }
    Some(layout)
}

#[allow(clippy::too_many_arguments)]
fn extend(
    depth: usize,
    order: &[usize],
    graph: &[Vec<usize>],
    neighbours: &[Vec<usize>],
    shift: usize,
    layout: &mut [usize],
    used: &mut [bool],
    budget: &mut usize,
) -> bool {
    let Some(&qubit) = order.get(depth) else { return true };
    let placed: Vec<usize> = graph[qubit].iter().map(|other| layout[*other]).filter(|at| *at != usize::MAX).collect();
    let candidates: Vec<usize> = match placed.first() {
        Some(&anchor) => neighbours[anchor].clone(),
        None => (0..neighbours.len()).map(|k| (k + shift) % neighbours.len()).collect(),
    };
    for physical in candidates {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        let fits = !used[physical]
            && neighbours[physical].len() >= graph[qubit].len()
            && placed.iter().all(|other| neighbours[physical].contains(other));
        if !fits {
            continue;
        }
        (layout[qubit], used[physical]) = (physical, true);
        if extend(depth + 1, order, graph, neighbours, shift, layout, used, budget) {
            return true;
        }
        (layout[qubit], used[physical]) = (usize::MAX, false);
    }
    false
}

/// A random connected patch of the machine for the qubits of each island, with qubits that meet put near each other.
fn scatter(
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
