//! Which items go into which pass.

use super::items::{Item, Kind, qubits};
use super::layer::{self, Pending};
use crate::kernel::{Pass, Shape};
use crate::op::{Op, Sum};

/// Qubits on which something earlier stands in the way, by how it acts there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Blocked {
    z: u64,
    x: u64,
    general: u64,
}

impl Blocked {
    pub(super) fn stops(&self, item: &Item) -> bool {
        let all = self.z | self.x | self.general;
        item.general & all != 0 || item.z & (self.x | self.general) != 0 || item.x & (self.z | self.general) != 0
    }

    pub(super) fn add(&mut self, item: &Item) {
        self.z |= item.z;
        self.x |= item.x;
        self.general |= item.general;
    }

    /// Whether these qubits, if there are any, take nothing more.
    pub(super) fn everything(&self, all: u64) -> bool {
        all != 0 && self.general & all == all
    }
}

/// Qubits that must move freely inside the tile for an item.
fn needs(item: &Item) -> u64 {
    match item.kind {
        Kind::Turn { qubit, .. } | Kind::Not { qubit } => 1 << qubit,
        Kind::Cnot { control, target } => 1 << control | 1 << target,
        Kind::Flip { controls, target } => controls | 1 << target,
        Kind::Phase { .. } => 0,
        Kind::Plain { flips, .. } => flips,
        Kind::Pair(ref pair) => 1 << pair.qubits[0] | 1 << pair.qubits[1],
        Kind::Whole(_) => u64::MAX,
    }
}

/// What an item is worth when a pass is chosen: rotations are the work.
fn worth(item: &Item) -> usize {
    match item.kind {
        Kind::Turn { .. } => 4,
        Kind::Pair(_) => 32,
        Kind::Plain { flips, .. } => usize::from(flips != 0),
        Kind::Flip { .. } => 2,
        Kind::Cnot { .. } | Kind::Not { .. } => 1,
        Kind::Phase { .. } | Kind::Whole(_) => 0,
    }
}

/// How the qubits of a pass are found.
#[derive(Clone, Copy)]
enum Way {
    /// Grown in order from each qubit, in a window of neighbours or among all.
    Windows,
    /// Grown from each item that can come first, by what needs fewest qubits more.
    Fewest,
    /// The better of both, pass by pass.
    Both,
}

/// Qubits from which the fewest passes of several ways are worth their search.
const SEARCHED: usize = 20;

/// The passes for these items and an angle of the whole state.
pub(super) fn passes(items: &[Item], global: Sum, num_qubits: usize, shape: Shape) -> Vec<Pass> {
    let ways = if num_qubits < SEARCHED { &[Way::Windows][..] } else { &[Way::Windows, Way::Fewest, Way::Both] };
    let found = ways.iter().map(|way| split(items, num_qubits, shape, *way));
    let parts = found.min_by_key(Vec::len).expect("there is a way");
    let mut passes = Vec::new();
    let mut pending = Pending::new(global);
    for (active, taken) in parts {
        if let Kind::Whole(op) = taken[0].kind {
            pending.flush(&mut passes, num_qubits, shape);
            passes.push(Pass::Whole(op));
        } else {
            let pass = layer::build(taken, active, num_qubits, shape, &mut pending);
            passes.extend(pass.map(Pass::Tiled));
        }
    }
    pending.flush(&mut passes, num_qubits, shape);
    passes
}

/// All qubits.
fn every(num_qubits: usize) -> u64 {
    if num_qubits == 64 { u64::MAX } else { (1u64 << num_qubits) - 1 }
}

/// The items of pass after pass with its active qubits; an item for the whole state is one by itself.
fn split(items: &[Item], num_qubits: usize, shape: Shape, way: Way) -> Vec<(u64, Vec<&Item>)> {
    let all = every(num_qubits);
    let mut left: Vec<&Item> = items.iter().collect();
    let mut parts = Vec::new();
    while let Some(first) = left.first() {
        if matches!(first.kind, Kind::Whole(_)) {
            parts.push((0, vec![left.remove(0)]));
            continue;
        }
        let (_, active) = match way {
            Way::Windows => choose(&left, num_qubits, shape, all),
            Way::Fewest => fewest(&left, shape, all),
            Way::Both => {
                let (windows, fewest) = (choose(&left, num_qubits, shape, all), fewest(&left, shape, all));
                if fewest.0 > windows.0 { fewest } else { windows }
            }
        };
        let (taken, others) = take(left, active, all);
        parts.push((active, taken));
        left = others;
    }
    parts
}

/// Operations as they are, in passes over tiles of these qubits; or single ones with no tile.
pub(super) fn plain_passes(items: &[Item], num_qubits: usize, shape: Shape) -> Vec<(u64, Vec<Op>)> {
    let all = every(num_qubits);
    let mut items: Vec<&Item> = items.iter().collect();
    let mut passes = Vec::new();
    while !items.is_empty() {
        let (_, active) = choose(&items, num_qubits, shape, all);
        let (taken, left) = take(items, active, all);
        items = left;
        let ops: Vec<Op> = taken
            .iter()
            .filter_map(|item| match item.kind {
                Kind::Plain { op, .. } => Some(op),
                Kind::Turn { .. }
                | Kind::Phase { .. }
                | Kind::Not { .. }
                | Kind::Cnot { .. }
                | Kind::Flip { .. }
                | Kind::Pair(_)
                | Kind::Whole(_) => None,
            })
            .collect();
        if !ops.is_empty() {
            passes.push((tile_qubits(active, num_qubits, shape), ops));
        } else if let Kind::Whole(op) | Kind::Plain { op, .. } = items.remove(0).kind {
            // What fits no tile goes over the whole state.
            passes.push((0, vec![op]));
        }
    }
    passes
}

/// The items that commute to the front and fit the active qubits, and the others.
fn take(items: Vec<&Item>, active: u64, all: u64) -> (Vec<&Item>, Vec<&Item>) {
    let mut blocked = Blocked::default();
    items.into_iter().partition(|item| {
        let taken = !blocked.everything(all) && needs(item) & !active == 0 && !blocked.stops(item);
        if !taken {
            blocked.add(item);
        }
        taken
    })
}

fn fits(active: u64, shape: Shape) -> bool {
    let (run, lanes) = ((1u64 << shape.run) - 1, (1u64 << shape.lanes) - 1);
    // Lanes change places with idle qubits of the tile all together.
    let moving = if active & lanes == 0 { active } else { active | lanes };
    moving.count_ones() as usize <= shape.tile - shape.lanes && (active | run).count_ones() as usize <= shape.tile
}

/// The set of active qubits that takes the most work, with that work, among sets grown from every qubit and every window.
fn choose(items: &[&Item], num_qubits: usize, shape: Shape, all: u64) -> (usize, u64) {
    let mut best = (0, 0);
    for start in 0..num_qubits {
        for window in [shape.tile - shape.lanes, num_qubits] {
            let allowed = (0..window.min(num_qubits)).fold(0u64, |mask, k| mask | 1 << ((start + k) % num_qubits));
            let found = grow(items, 1 << start, allowed, shape, all);
            if found.0 > best.0 {
                best = found;
            }
        }
    }
    best
}

/// The same among sets grown from every item that can come first.
fn fewest(items: &[&Item], shape: Shape, all: u64) -> (usize, u64) {
    let mut best = (0, 0);
    let mut blocked = Blocked::default();
    for item in items {
        if blocked.everything(all) {
            break;
        }
        let mut active = needs(item);
        if !blocked.stops(item) && active != 0 && fits(active, shape) && !matches!(item.kind, Kind::Whole(_)) {
            let value = loop {
                match reach(items, active, shape) {
                    (_, Some(more)) => active |= more,
                    (value, None) => break value,
                }
            };
            if value > best.0 {
                best = (value, active);
            }
        }
        blocked.add(item);
    }
    best
}

/// The work that these qubits take, and the fewest others with which the first item that lacks so few could be done too.
fn reach(items: &[&Item], active: u64, shape: Shape) -> (usize, Option<u64>) {
    let mut blocked = Blocked::default();
    let mut value = 0;
    let mut next: Option<u64> = None;
    for item in items {
        if blocked.everything(active) {
            break;
        }
        if !blocked.stops(item) && !matches!(item.kind, Kind::Whole(_)) {
            let more = needs(item) & !active;
            if more == 0 {
                value += worth(item);
                continue;
            }
            if next.is_none_or(|fewest| more.count_ones() < fewest.count_ones()) && fits(active | more, shape) {
                next = Some(more);
            }
        }
        blocked.add(item);
    }
    (value, next)
}

/// Takes items in order, adding their qubits while they are allowed and fit.
fn grow(items: &[&Item], seed: u64, allowed: u64, shape: Shape, all: u64) -> (usize, u64) {
    let mut active = if fits(seed, shape) { seed } else { 0 };
    let mut blocked = Blocked::default();
    let mut value = 0;
    for item in items {
        if blocked.everything(all) {
            break;
        }
        let needed = needs(item);
        let wider = active | needed;
        if !matches!(item.kind, Kind::Whole(_)) && needed & !allowed == 0 && !blocked.stops(item) && fits(wider, shape) {
            active = wider;
            value += worth(item);
        } else {
            blocked.add(item);
        }
    }
    (value, active)
}

/// The qubits of the tile: the active ones, the lowest run, and others up to its size.
pub(super) fn tile_qubits(active: u64, num_qubits: usize, shape: Shape) -> u64 {
    let mut tile = active | ((1u64 << shape.run) - 1) & ((1u64 << num_qubits) - 1);
    for qubit in 0..num_qubits {
        if tile.count_ones() as usize >= shape.tile {
            break;
        }
        tile |= 1 << qubit;
    }
    debug_assert!(qubits(tile).count() <= shape.tile);
    tile
}
