//! Swaps where qubits are not coupled.

use super::item::Item;
use super::machine::Machine;
use qloom_circuits::Gate;
use qloom_circuits::Operation;
use qloom_circuits::Stream;
use qloom_circuits::synthesis::weyl;

/// Two-qubit items looked at beyond the front.
const AHEAD: usize = 20;
const AHEAD_WEIGHT: f64 = 0.5;
/// Gates of a swap by itself.
const SWAP_GATES: f64 = 3.0;
/// A qubit that was just swapped is this much dearer for a while.
const DECAY: f64 = 0.001;

pub(super) struct Routed {
    pub items: Vec<Item>,
    /// Physical qubit of each qubit at the end.
    pub last: Vec<usize>,
}

/// Which items wait for which.
pub(super) struct Order {
    after: Vec<Vec<usize>>,
    before: Vec<usize>,
    /// By how many gates each block grows when a swap on its pair joins it.
    growth: Vec<f64>,
}

impl Order {
    pub fn new(items: &[Item], num_qubits: usize) -> Self {
        let swap = Gate::Swap.matrix(&[]);
        let growth = |item: &Item| match item {
            Item::Two { matrix, .. } => {
                weyl::decompose(&swap.times(matrix)).cx_count() as f64 - weyl::decompose(matrix).cx_count() as f64
            }
            Item::One { .. } | Item::Rz { .. } | Item::Wall { .. } | Item::Phase(_) => SWAP_GATES,
        };
        let mut last: Vec<Option<usize>> = vec![None; num_qubits];
        let mut last_on_bit: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
        let mut after = vec![Vec::new(); items.len()];
        let mut before = vec![0; items.len()];
        for (index, item) in items.iter().enumerate() {
            let mut earlier: Vec<usize> = item.qubits().iter().filter_map(|&qubit| last[qubit].replace(index)).collect();
            if let Item::Wall { operation } = item {
                earlier.extend(operation.bits().into_iter().filter_map(|bit| last_on_bit.insert(bit, index)));
            }
            earlier.sort_unstable();
            earlier.dedup();
            earlier.retain(|&other| other != index);
            before[index] = earlier.len();
            earlier.into_iter().for_each(|other| after[other].push(index));
        }
        Self { after, before, growth: items.iter().map(growth).collect() }
    }
}

/// Routes from a layout, physical qubit by qubit, in which qubits that meet can reach each other.
pub(super) fn route(items: &[Item], order: &Order, layout: &[usize], machine: &Machine, seed: u64) -> Routed {
    let n = machine.connectivity.num_qubits;
    let Some(neighbours) = &machine.connectivity.neighbours else {
        let renamed = items.iter().map(|item| item.renamed(&|qubit| layout[qubit])).collect();
        return Routed { items: renamed, last: layout.to_vec() };
    };
    let mut place = layout.to_vec();
    let mut holder: Vec<Option<usize>> = vec![None; n];
    place.iter().enumerate().for_each(|(qubit, &physical)| holder[physical] = Some(qubit));
    let mut numbers = Stream::named(seed, "routing");
    let mut waiting = order.before.clone();
    let mut ready: Vec<usize> = (0..items.len()).filter(|&index| waiting[index] == 0).collect();
    let mut front: Vec<usize> = Vec::new();
    let mut decay = vec![1.0; n];
    let mut routed = Routed { items: Vec::with_capacity(items.len()), last: Vec::new() };
    // The block that a swap on a qubit could join: its other qubit and its growth; no qubit where there is none.
    const NONE: (usize, f64) = (usize::MAX, 0.0);
    let mut open: Vec<(usize, f64)> = vec![NONE; n];
    // Measurements that nothing waits for come last, so that swaps can still join the blocks before them.
    let mut late: Vec<usize> = Vec::new();
    let is_late = |index: usize| {
        order.after[index].is_empty() && matches!(items[index], Item::Wall { operation: Operation::Measure { .. } })
    };
    // What a swap costs in the score against one step of distance; runs differ in it.
    let weight = [0.3, 0.1, 0.6, 1.0][(seed % 4) as usize];
    let mut since_progress = 0;
    let swap_matrix = Gate::Swap.matrix(&[]);
    loop {
        let mut progress = false;
        while let Some(index) = ready.pop() {
            let item = &items[index];
            if is_late(index) {
                late.push(index);
                continue;
            }
            if item.pair().is_some_and(|[a, b]| machine.connectivity.distance(place[a], place[b]) != 1) {
                front.push(index);
                continue;
            }
            progress = true;
            routed.items.push(item.renamed(&|qubit| place[qubit]));
            match item {
                Item::Two { qubits: [a, b], .. } => {
                    let (p, q) = (place[*a], place[*b]);
                    open[p] = (q, order.growth[index]);
                    open[q] = (p, order.growth[index]);
                }
                Item::Rz { .. } | Item::Wall { .. } => item.qubits().iter().for_each(|&qubit| open[place[qubit]] = NONE),
                Item::One { .. } | Item::Phase(_) => {}
            }
            for &next in &order.after[index] {
                waiting[next] -= 1;
                if waiting[next] == 0 {
                    ready.push(next);
                }
            }
        }
        if front.is_empty() {
            late.sort_unstable();
            routed.items.extend(late.into_iter().map(|index| items[index].renamed(&|qubit| place[qubit])));
            routed.last = place;
            return routed;
        }
        if progress {
            since_progress = 0;
            decay.fill(1.0);
        }
        let pairs: Vec<[usize; 2]> = front.iter().filter_map(|&index| items[index].pair()).collect();
        let ahead = ahead(items, order, &front, &waiting);
        let choice = if since_progress > 4 * n.min(60) {
            // No progress for long: walk the nearest pair together.
            let [a, b] = *pairs
                .iter()
                .min_by_key(|[a, b]| machine.connectivity.distance(place[*a], place[*b]))
                .expect("the front is not empty");
            let toward = |next: &&usize| machine.connectivity.distance(**next, place[b]);
            (place[a], *neighbours[place[a]].iter().min_by_key(toward).expect("connected qubits have neighbours"))
        } else {
            let price = |p: usize, q: usize| if open[p].0 == q && open[q].0 == p { open[p].1 } else { SWAP_GATES };
            best_swap(&pairs, &ahead, &place, neighbours, machine, &decay, &|p, q| weight * price(p, q), &mut numbers)
        };
        let (p, q) = choice;
        routed.items.push(Item::Two { qubits: [p, q], matrix: swap_matrix.clone() });
        let growth = if open[p].0 == q && open[q].0 == p { -open[p].1 } else { -SWAP_GATES };
        open[p] = (q, growth);
        open[q] = (p, growth);
        since_progress += 1;
        holder.swap(p, q);
        for physical in [p, q] {
            if let Some(qubit) = holder[physical] {
                place[qubit] = physical;
            }
            decay[physical] += DECAY;
        }
        if since_progress % 5 == 0 {
            decay.fill(1.0);
        }
        ready.append(&mut front);
    }
}

/// Pairs that follow the front.
fn ahead(items: &[Item], order: &Order, front: &[usize], waiting: &[usize]) -> Vec<[usize; 2]> {
    let mut pairs = Vec::new();
    let mut queue: std::collections::VecDeque<usize> = front.iter().copied().collect();
    let mut left: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
    let mut visited = 0;
    while let Some(index) = queue.pop_front() {
        visited += 1;
        if pairs.len() >= AHEAD || visited > 10 * AHEAD {
            break;
        }
        for &next in &order.after[index] {
            let count = left.entry(next).or_insert(waiting[next]);
            *count -= 1;
            if *count == 0 {
                pairs.extend(items[next].pair());
                queue.push_back(next);
            }
        }
    }
    pairs
}

#[allow(clippy::too_many_arguments)]
fn best_swap(
    pairs: &[[usize; 2]],
    ahead: &[[usize; 2]],
    place: &[usize],
    neighbours: &[Vec<usize>],
    machine: &Machine,
    decay: &[f64],
    price: &dyn Fn(usize, usize) -> f64,
    numbers: &mut Stream,
) -> (usize, usize) {
    let mut best: Vec<(usize, usize)> = Vec::new();
    let mut least = f64::INFINITY;
    for &[a, b] in pairs {
        for p in [place[a], place[b]] {
            for &q in &neighbours[p] {
                let (low, high) = (p.min(q), p.max(q));
                let moved = |qubit: usize| match place[qubit] {
                    at if at == p => q,
                    at if at == q => p,
                    at => at,
                };
                let sum = |list: &[[usize; 2]]| -> f64 {
                    let total: f64 =
                        list.iter().map(|[a, b]| f64::from(machine.connectivity.distance(moved(*a), moved(*b)))).sum();
                    total / list.len().max(1) as f64
                };
                let noise = if machine.is_weighted() { 0.05 * (machine.weight(p, q) - 1.0).min(10.0) } else { 0.0 };
                let score = decay[p].max(decay[q]) * (sum(pairs) + AHEAD_WEIGHT * sum(ahead)) + price(p, q) / SWAP_GATES + noise;
                if score < least - 1e-12 {
                    least = score;
                    best.clear();
                }
                if score < least + 1e-12 && !best.contains(&(low, high)) {
                    best.push((low, high));
                }
            }
        }
    }
    best[numbers.below(best.len())]
}
