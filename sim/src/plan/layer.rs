//! The operations inside a tile: layers of phases and blocks of rotations, with their address tables.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::items::{Item, Kind, qubits};
use super::schedule::{Blocked, tile_qubits};
use crate::kernel::{Addresses, Diagonal, Group, Member, Pair, PairStep, Pass, Places, Shape, TileOp, TilePass, Turn};
use crate::op::Sum;

/// Phases taken but not yet applied, by parity mask.
#[derive(Debug, Default)]
pub(super) struct Pending {
    terms: BTreeMap<u64, Sum>,
    /// Angles on the whole state.
    constant: Sum,
    /// Whether rotations came after the last layer of phases, so that a scale is carried.
    scaled: bool,
}

impl Pending {
    pub(super) fn new(constant: Sum) -> Self {
        Self { constant, ..Self::default() }
    }

    /// Gives a dense block the phases on its qubits, and those of the whole state.
    fn give(&mut self, pair: &mut Pair) {
        let bits = pair.qubits.map(|qubit| 1u64 << qubit);
        for (local, mask) in [(1, bits[0]), (2, bits[1]), (3, bits[0] | bits[1])] {
            if let Some(angle) = self.terms.remove(&mask) {
                pair.steps.insert(0, PairStep::Phase(local, angle));
            }
        }
        pair.constant.add(&std::mem::take(&mut self.constant));
    }

    fn add(&mut self, mask: u64, angle: &Sum) {
        let sum = self.terms.entry(mask).or_default();
        sum.add(angle);
        if sum.terms.is_empty() && sum.constant == 0.0 {
            self.terms.remove(&mask);
        }
    }

    /// Moves the phases past a CX.
    fn past_cnot(&mut self, control: usize, target: usize) {
        let moved: Vec<u64> = self.terms.keys().copied().filter(|mask| mask >> target & 1 == 1).collect();
        let sums: Vec<Sum> = moved.iter().filter_map(|mask| self.terms.remove(mask)).collect();
        for (mask, sum) in moved.iter().zip(&sums) {
            self.add(mask ^ 1 << control, sum);
        }
    }

    /// Moves the phases past an X: odd parities become even ones.
    fn past_not(&mut self, qubit: usize) {
        for (_, sum) in self.terms.iter_mut().filter(|(mask, _)| *mask >> qubit & 1 == 1) {
            self.constant.add(sum);
            *sum = sum.scaled(-1.0);
        }
    }

    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.constant == Sum::default()
    }

    /// Applies what is left: in the last pass, or in one of its own.
    pub(super) fn flush(&mut self, passes: &mut Vec<Pass>, num_qubits: usize, shape: Shape) {
        if self.is_empty() && !self.scaled {
            return;
        }
        if let Some(Pass::Tiled(pass)) = passes.last_mut() {
            let tile = Tile::of_pass(pass, shape);
            let places = pass.exit.clone();
            pass.ops.push(tile.diagonal(self, &places));
            return;
        }
        let tile = Tile::new(0, num_qubits, shape);
        let diagonal = tile.diagonal(self, &tile.places);
        passes.push(Pass::Tiled(tile.finish(vec![diagonal], 0)));
    }
}

/// Spreads places over cache sets, so that vectors a power of two apart do not collide.
fn skewed(place: u32) -> u32 {
    place ^ (place >> 6 & 63)
}

/// The qubits of a tile and where they are.
struct Tile {
    memory_qubits: Vec<usize>,
    exchanged: Vec<usize>,
    /// Logical qubit of each lane bit.
    lane_qubits: Vec<usize>,
    /// Logical qubit of each bit of a vector index.
    vector_qubits: Vec<usize>,
    /// Now.
    places: Places,
    entry: Places,
}

impl Tile {
    fn new(active: u64, num_qubits: usize, shape: Shape) -> Self {
        let tile = tile_qubits(active, num_qubits, shape);
        let lanes = (1u64 << shape.lanes) - 1;
        let memory_qubits: Vec<usize> = qubits(tile & !lanes).collect();
        let exchanged: Vec<usize> = if active & lanes == 0 {
            Vec::new()
        } else {
            let idle = memory_qubits.iter().enumerate().filter(|(_, qubit)| active >> **qubit & 1 == 0);
            idle.map(|(position, _)| position).take(shape.lanes).collect()
        };
        assert!(
            exchanged.is_empty() || exchanged.len() == shape.lanes,
            "a tile keeps as many qubits idle as there are lane bits"
        );
        Self::with_exchange(memory_qubits, exchanged, shape)
    }

    fn with_exchange(memory_qubits: Vec<usize>, exchanged: Vec<usize>, shape: Shape) -> Self {
        let mut lane_qubits: Vec<usize> = (0..shape.lanes).collect();
        let mut vector_qubits = memory_qubits.clone();
        for (lane, &position) in exchanged.iter().enumerate() {
            std::mem::swap(&mut lane_qubits[lane], &mut vector_qubits[position]);
        }
        let places = Places { columns: (0..vector_qubits.len()).map(|bit| skewed(1 << bit)).collect(), constant: 0 };
        Self { memory_qubits, exchanged, lane_qubits, vector_qubits, entry: places.clone(), places }
    }

    fn of_pass(pass: &TilePass, shape: Shape) -> Self {
        Self::with_exchange(pass.memory_qubits.clone(), pass.exchanged.clone(), shape)
    }

    fn finish(self, ops: Vec<TileOp>, items: usize) -> TilePass {
        let Self { memory_qubits, exchanged, places, entry, .. } = self;
        TilePass { memory_qubits, exchanged, entry, exit: places, ops, items }
    }

    fn bit(&self, qubit: usize) -> usize {
        self.vector_qubits.iter().position(|&q| q == qubit).expect("active qubits number vectors of the tile")
    }

    /// Address tables with these vector bits as offsets.
    fn addresses(&self, places: &Places, inner: &[usize]) -> Addresses {
        self.addresses_where(places, inner, &[])
    }

    /// The same, the bases with these bits constant together.
    fn addresses_by_pieces(&self, places: &Places, inner: &[usize], rest: &[usize]) -> Addresses {
        let Addresses { bases, offsets } = self.addresses(places, &[inner, rest].concat());
        // The offsets are those of the block for each value of the other bits, the bases those within one piece.
        let bases =
            offsets.iter().step_by(1 << inner.len()).flat_map(|piece| bases.iter().map(move |base| base ^ piece)).collect();
        Addresses { bases, offsets: offsets[..1 << inner.len()].to_vec() }
    }

    /// The same where these other bits are one.
    fn addresses_where(&self, places: &Places, inner: &[usize], ones: &[usize]) -> Addresses {
        let table = |bits: &[usize], constant: u32| {
            let mut table = vec![constant];
            for &bit in bits {
                let column = places.columns[bit];
                table.extend(table.clone().iter().map(|place| place ^ column));
            }
            table
        };
        let outer: Vec<usize> = (0..self.vector_qubits.len()).filter(|bit| !inner.contains(bit) && !ones.contains(bit)).collect();
        let constant = ones.iter().fold(places.constant, |place, bit| place ^ places.columns[*bit]);
        Addresses { offsets: table(inner, 0), bases: table(&outer, constant) }
    }

    /// All pending phases as one operation.
    fn diagonal(&self, pending: &mut Pending, places: &Places) -> TileOp {
        pending.scaled = false;
        let pick =
            |mask: u64, list: &[usize]| list.iter().enumerate().fold(0, |bits, (k, q)| bits | (mask >> q & 1) << k) as usize;
        let inside = self.lane_qubits.iter().chain(&self.vector_qubits).fold(0u64, |bits, q| bits | 1 << q);
        let terms = std::mem::take(&mut pending.terms);
        let parts: Vec<Part> = terms
            .keys()
            .map(|&mask| Part {
                lanes: pick(mask, &self.lane_qubits),
                vector: pick(mask, &self.vector_qubits),
                outside: mask & !inside,
            })
            .collect();
        let bits = self.vector_qubits.len();
        let inner_bits = bits.min(Diagonal::OFFSETS);
        let chosen = offset_bits(&parts, bits, inner_bits);
        let (inner, outer): (Vec<usize>, Vec<usize>) = (0..bits).partition(|bit| chosen >> bit & 1 == 1);
        let mut diagonal = Diagonal {
            addresses: self.addresses(places, &inner),
            constant: std::mem::take(&mut pending.constant),
            lane_bits: self.lane_qubits.len(),
            inner_bits,
            row_bits: outer.len(),
            ..Diagonal::default()
        };
        for (&Part { lanes, vector, outside }, angle) in parts.iter().zip(terms.into_values()) {
            let (offsets, row) = (pick(vector as u64, &inner), pick(vector as u64, &outer));
            let member = Member { row, outside, angle };
            if lanes == 0 && offsets == 0 {
                diagonal.rows.push(member);
            } else if let Some(group) = diagonal.groups.iter_mut().find(|group| group.lanes == lanes && group.offsets == offsets)
            {
                group.members.push(member);
            } else {
                diagonal.groups.push(Group { lanes, offsets, members: vec![member] });
            }
        }
        diagonal.order();
        TileOp::Diagonal(diagonal)
    }
}

/// The qubits of a phase: lane bits, bits of the vector index, and qubits outside the tile.
#[derive(Clone, Copy)]
struct Part {
    lanes: usize,
    vector: usize,
    outside: u64,
}

/// Which bits of the vector index are offsets of a layer, so that its factors take few products: one bit after the other,
/// the lowest of equals. Bits without phases take none.
fn offset_bits(parts: &[Part], bits: usize, count: usize) -> usize {
    let mut chosen = 0usize;
    for _ in 0..count {
        let free = (0..bits).filter(|bit| chosen >> bit & 1 == 0);
        let best = free.min_by_key(|bit| products(parts, chosen | 1 << bit)).expect("a layer has no more offset bits than bits");
        chosen |= 1 << best;
    }
    chosen
}

/// Products for the factors of one row.
fn products(parts: &[Part], offsets: usize) -> usize {
    let (mut patterns, mut constant, mut count) = (SmallVec::<[(usize, usize); 16]>::new(), false, 0);
    for part in parts {
        let pattern = (part.lanes, part.vector & offsets);
        if pattern == (0, 0) {
            continue;
        }
        if part.vector & !offsets == 0 && part.outside == 0 {
            constant = true;
        } else if !patterns.contains(&pattern) {
            patterns.push(pattern);
            count += match (pattern.1.count_ones(), pattern.0) {
                (0, _) => 1,
                (1, 0) => 4,
                _ => 17,
            };
        }
    }
    count + if constant { 16 } else { 0 }
}

/// The pass that does these items, or none where all of them are phases that wait.
pub(super) fn build(items: Vec<&Item>, active: u64, num_qubits: usize, shape: Shape, pending: &mut Pending) -> Option<TilePass> {
    let count = items.len();
    let mut tile = Tile::new(active, num_qubits, shape);
    let (mut ops, mut run) = (Vec::new(), Run::default());
    let mut moved = false;
    let mut rest = items;
    while !rest.is_empty() {
        let mut blocked = Blocked::default();
        let (mut ready, mut pairs, mut flips, mut left) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut items = rest.into_iter();
        while let Some(item) = items.next() {
            if blocked.everything(active) {
                // Nothing else turns in this layer.
                left.push(item);
                left.extend(items);
                break;
            }
            if blocked.stops(item) {
                blocked.add(item);
                left.push(item);
                continue;
            }
            match item.kind {
                Kind::Phase { mask, ref angle } => pending.add(mask, angle),
                Kind::Not { qubit } => {
                    moved = true;
                    let bit = tile.bit(qubit);
                    tile.places.constant ^= tile.places.columns[bit];
                    pending.past_not(qubit);
                }
                Kind::Cnot { control, target } => {
                    moved = true;
                    let (control_bit, target_bit) = (tile.bit(control), tile.bit(target));
                    tile.places.columns[control_bit] ^= tile.places.columns[target_bit];
                    pending.past_cnot(control, target);
                }
                Kind::Turn { qubit, ref angle } => {
                    ready.push((qubit, Turn { angle: angle.clone() }));
                    blocked.add(item);
                }
                Kind::Pair(ref pair) => {
                    pairs.push((**pair).clone());
                    blocked.add(item);
                }
                Kind::Flip { controls, target } => {
                    flips.push((controls, target));
                    blocked.add(item);
                }
                Kind::Plain { .. } | Kind::Whole(_) => unreachable!("these are in no list of rotations and phases"),
            }
        }
        rest = left;
        if ready.is_empty() && pairs.is_empty() && flips.is_empty() {
            debug_assert!(rest.is_empty());
            break;
        }
        pairs.iter_mut().for_each(|pair: &mut Pair| pending.give(pair));
        let turned = ready.iter().map(|(qubit, _)| qubit).chain(pairs.iter().flat_map(|pair| &pair.qubits));
        let turned = turned.chain(flips.iter().map(|(_, target)| target)).fold(0u64, |mask, qubit| mask | 1 << qubit);
        if pending.terms.keys().any(|mask| mask & turned != 0) {
            run.end(&tile, shape, &mut ops);
            let places = tile.places.clone();
            ops.push(tile.diagonal(pending, &places));
        }
        if run.places != tile.places {
            run.end(&tile, shape, &mut ops);
            run.places = tile.places.clone();
        }
        run.pairs.extend(pairs.into_iter().map(|pair| (pair.qubits.map(|qubit| tile.bit(qubit)), pair)));
        if !(flips.is_empty() && ready.is_empty()) {
            run.end(&tile, shape, &mut ops);
        }
        for (controls, target) in flips {
            let ones: Vec<usize> = qubits(controls).map(|qubit| tile.bit(qubit)).collect();
            ops.push(TileOp::Flip { addresses: tile.addresses_where(&tile.places, &[tile.bit(target)], &ones) });
        }
        if ready.is_empty() {
            continue;
        }
        ready.sort_by_key(|(qubit, _)| tile.bit(*qubit));
        let group = shape.piece.max(shape.block);
        let group = ready.len().div_ceil(ready.len().div_ceil(group));
        ready.chunks(group).for_each(|group| turn(&tile, group, shape, &mut ops));
        pending.scaled = true;
    }
    run.end(&tile, shape, &mut ops);
    (!ops.is_empty() || moved).then(|| tile.finish(ops, count))
}

/// Pairs with nothing between them.
#[derive(Default)]
struct Run {
    places: Places,
    /// With the bits of their qubits.
    pairs: Vec<([usize; 2], Pair)>,
}

impl Run {
    /// Puts out the pairs, as many as have few bits done on one piece of the tile before the next piece.
    fn end(&mut self, tile: &Tile, shape: Shape, ops: &mut Vec<TileOp>) {
        let mut left = &self.pairs[..];
        while !left.is_empty() {
            let (count, bits) = together(left, shape.both);
            let (taken, others) = left.split_at(count);
            left = others;
            let free = (0..tile.vector_qubits.len()).filter(|bit| bits >> bit & 1 == 0);
            let rest: Vec<usize> = free.skip(shape.both.saturating_sub(bits.count_ones() as usize)).collect();
            let rest = if count > 1 { rest } else { Vec::new() };
            for (index, (bits, pair)) in taken.iter().enumerate() {
                let addresses = tile.addresses_by_pieces(&self.places, bits, &rest);
                ops.push(TileOp::Pair { addresses, pair: pair.clone(), pieces: 1 << rest.len(), more: index + 1 < count });
            }
        }
        self.pairs.clear();
    }
}

/// How many of the pairs have no more than so many bits together, at least one, and these bits.
fn together(pairs: &[([usize; 2], Pair)], most: usize) -> (usize, u64) {
    let (mut bits, mut count) = (0u64, 0);
    for ([low, high], _) in pairs {
        let wider = bits | 1 << low | 1 << high;
        if count > 0 && wider.count_ones() as usize > most {
            break;
        }
        (bits, count) = (wider, count + 1);
    }
    (count, bits)
}

/// Blocks for these rotations, all done on a piece of the tile before the next.
fn turn(tile: &Tile, group: &[(usize, Turn)], shape: Shape, ops: &mut Vec<TileOp>) {
    let bits: Vec<usize> = group.iter().map(|(qubit, _)| tile.bit(*qubit)).collect();
    let size = group.len().div_ceil(group.len().div_ceil(shape.block));
    let all = tile.vector_qubits.len();
    // A piece has the bits of its rotations and the lowest others, which lie in lines together.
    let free = (0..all).filter(|bit| !bits.contains(bit));
    let rest: Vec<usize> = free.skip(shape.piece.saturating_sub(bits.len())).collect();
    let rest = if group.len() > size { rest } else { Vec::new() };
    let together = shape.piece < shape.tile;
    for (index, (block, bits)) in group.chunks(size).zip(bits.chunks(size)).enumerate() {
        ops.push(TileOp::Turns {
            addresses: tile.addresses_by_pieces(&tile.places, bits, &rest),
            turns: block.iter().map(|(_, turn)| turn.clone()).collect(),
            pieces: 1 << rest.len(),
            more: together && (index + 1) * size < group.len(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, offset_bits, products};

    #[test]
    fn offsets_are_bits_that_need_few_products() {
        let part = |lanes, vector, outside| Part { lanes, vector, outside };
        // Bits 0 and 2 have phases, one of them together with a bit that is no offset, one with a qubit outside.
        let parts = [part(0, 0b1, 0), part(0, 0b10_0001, 0), part(0, 0b100, 1), part(1, 0, 0)];
        assert_eq!(offset_bits(&parts, 7, 4), 0b101_1010, "bits without phases, the lowest first");
        assert_eq!(products(&parts, 0b101_1010), 16, "a factor of the lanes that is the same everywhere");
        assert_eq!(products(&parts, 0b1), 4 + 16);
        assert_eq!(products(&parts, 0b101), 2 * 4 + 16);
        assert_eq!(offset_bits(&[], 6, 4), 0b1111);
        // A phase of lanes and rows is one product a row, one of lanes and offsets one for each.
        assert_eq!(products(&[part(1, 0b1000, 0)], 0b1), 1);
        assert_eq!(products(&[part(1, 0b1001, 0)], 0b1), 17);
    }
}
