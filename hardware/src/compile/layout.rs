//! Where qubits begin.

use super::elide::phases_of_blocks;
use super::gather::consolidate;
use super::item::Item;
use super::machine::Machine;
use super::route::{Order, route};
use super::{CompileOptions, HardwareError};
use qloom_circuits::Stream;

pub(super) struct Plan {
    /// Items on physical qubits.
    pub items: Vec<Item>,
    pub initial: Vec<usize>,
    pub last: Vec<usize>,
    pub cost: f64,
}

/// The best of several layouts, each routed, by the cost of the result.
pub(super) fn search(
    num_qubits: usize,
    items: &[Item],
    machine: &Machine,
    options: &CompileOptions,
    cost: &dyn Fn(&[Item]) -> f64,
) -> Result<Plan, HardwareError> {
    let order = Order::new(items, num_qubits);
    let trivial: Vec<usize> = (0..num_qubits).collect();
    let plan_for = |layout: &[usize], seed: u64| -> Result<(f64, Plan), HardwareError> {
        let routed = route(items, &order, layout, machine, seed)?;
        let mut list = routed.items;
        if options.level >= 1 {
            list = consolidate(list, options.level >= 2);
        }
        if options.level >= 2 {
            list = phases_of_blocks(list, machine.connectivity.num_qubits);
        }
        let cost = cost(&list);
        Ok((cost, Plan { items: list, initial: layout.to_vec(), last: routed.last, cost }))
    };
    let Some(neighbours) = &machine.connectivity.neighbours else { return plan_for(&trivial, 0).map(|(_, plan)| plan) };
    let trials = match options.level {
        0 => 0,
        1 => 4,
        2 => 20,
        _ => 120,
    };
    // Long circuits cost more for each trial.
    let trials = if items.len() > 4000 { trials / 4 } else { trials };
    let mut numbers = Stream::named(options.seed, "layout");
    let mut best: Option<(f64, Plan)> = None;
    let mut consider = |candidate: Result<(f64, Plan), HardwareError>| match candidate {
        Ok((cost, plan)) => {
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, plan));
            }
            Ok(())
        }
        Err(error) => Err(error),
    };
    let graph = interactions(num_qubits, items);
    if options.level >= 1 {
        let tries = if machine.is_weighted() { 40 } else { 1 };
        for _ in 0..tries {
            if let Some(layout) = embed(&graph, neighbours, &mut numbers) {
                consider(plan_for(&layout, 0))?;
            }
        }
    }
    let mut failure = consider(plan_for(&trivial, options.seed)).err();
    let reversed: Vec<Item> = items.iter().rev().cloned().collect();
    let backward = Order::new(&reversed, num_qubits);
    for _ in 0..trials {
        let mut layout = scatter(&graph, neighbours, &mut numbers)?;
        for _ in 0..2 {
            let seed = numbers.word();
            let Ok(there) = route(items, &order, &layout, machine, seed) else { break };
            let Ok(back) = route(&reversed, &backward, &there.last, machine, seed) else { break };
            layout = back.last;
        }
        let seed = numbers.word();
        match consider(plan_for(&layout, seed)) {
            Ok(()) => failure = None,
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match (best, failure) {
        (Some((_, plan)), _) => Ok(plan),
        (None, Some(error)) => Err(error),
        (None, None) => Err(HardwareError::NotConnected { device: machine.name.clone(), given: num_qubits }),
    }
}

/// Which qubits meet in two-qubit items.
fn interactions(num_qubits: usize, items: &[Item]) -> Vec<Vec<usize>> {
    let mut graph = vec![Vec::new(); num_qubits];
    for [a, b] in items.iter().filter_map(Item::pair) {
        if !graph[a].contains(&b) {
            graph[a].push(b);
            graph[b].push(a);
        }
    }
    graph
}

/// A layout in which all pairs that meet are coupled, by backtracking within a budget.
fn embed(graph: &[Vec<usize>], neighbours: &[Vec<usize>], numbers: &mut Stream) -> Option<Vec<usize>> {
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
    let mut free = (0..n).filter(|physical| !used[*physical]).collect::<Vec<_>>().into_iter();
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

/// A random connected patch of the machine, with qubits that meet put near each other.
fn scatter(graph: &[Vec<usize>], neighbours: &[Vec<usize>], numbers: &mut Stream) -> Result<Vec<usize>, HardwareError> {
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
    let start = numbers.below(n);
    for (position, qubit) in order.into_iter().enumerate() {
        let near = graph[qubit].iter().map(|other| layout[*other]).find(|at| *at != usize::MAX);
        let from = match (position, near) {
            (0, _) => start,
            (_, Some(physical)) => physical,
            (_, None) => layout.iter().copied().find(|at| *at != usize::MAX).unwrap_or(start),
        };
        layout[qubit] = nearest_free(from, neighbours, &used, numbers)
            .unwrap_or_else(|| used.iter().position(|taken| !taken).expect("the machine has at least as many qubits"));
        used[layout[qubit]] = true;
    }
    Ok(layout)
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
