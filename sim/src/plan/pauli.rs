//! Passes over the coefficients: which qubits share a tile that stays in cache, and when digits leave the lanes.
//!
//! A tile holds some digits: two of them number the sixteen lanes, where no map acts, the others number groups of sixteen.
//! Lanes are exchanged with other digits when the maps left need them.

use crate::config::SimulatorConfig;
use crate::kernel::{Many, PauliPart, PauliPass, PauliStep, Two};

/// What comes one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Item {
    Two(u32),
    Many(u32),
}

/// The maps of a program in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Maps<'a> {
    pub(crate) items: &'a [Item],
    /// The qubits of each item.
    pub(crate) masks: &'a [u32],
    pub(crate) twos: &'a [Two],
    pub(crate) many: &'a [Many],
    /// The qubits that are digits, which are numbered in order.
    pub(crate) set: u32,
}

/// How many of a set are below a digit.
fn rank(set: u32, digit: u8) -> u8 {
    (set & ((1 << digit) - 1)).count_ones() as u8
}

/// Digits of a tile at least; fewer qubits are padded.
const LEAST: usize = 4;

/// Digits of a part at most.
const PART: usize = 6;

/// Digits from which a state begins as a product of parts; with 5 nothing is gained, and with 4 a part has a tile as large.
const IN_PARTS: usize = 6;

/// Digits of a state in memory.
pub(crate) fn digits(num_qubits: usize) -> usize {
    num_qubits.max(LEAST)
}

/// The two sizes of tiles of states that have more digits, 128 KiB and 512 KiB.
pub(crate) const TILES: [usize; 2] = [7, 8];

/// Which of [`TILES`]: the larger where the state is so large that fewer passes count for more, which they do later where two such tiles are more
/// than the second-level cache; or as the configuration says. It does not depend on the number of threads, for which several tiles are needed
/// from 8 qubits on.
pub(crate) fn tile(num_qubits: usize, config: &SimulatorConfig) -> usize {
    let [_, large] = TILES;
    let from = if 16u64 << (2 * large) <= config.cache { 10 } else { 11 };
    usize::from(num_qubits > large && config.tile_qubits.map_or(num_qubits >= from, |tile| tile >= 2 * large))
}

/// Passes that do the items in an order their qubits allow.
pub(crate) fn passes(maps: Maps<'_>, digits: usize, tile: usize) -> Vec<PauliPass> {
    let mut remaining: Vec<u32> = (0..maps.items.len() as u32).collect();
    let mut passes = Vec::new();
    assert!(tile >= 7.min(digits), "five qubits of a dense map and two of the lanes fit into a tile");
    let size = tile.min(digits);
    loop {
        let set = if size == digits { (1u32 << digits) - 1 } else { choose(&remaining, maps.masks, digits, size) };
        let (taken, rest) = divide(&remaining, maps.masks, set);
        passes.push(pass(&taken, maps, set, digits));
        remaining = rest;
        if remaining.is_empty() {
            return passes;
        }
    }
}

/// What makes a state from a product of one-qubit states: parts, then passes on all digits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// None where nothing can be done to parts alone.
    pub(crate) parts: Vec<PauliPart>,
    pub(crate) passes: Vec<PauliPass>,
}

/// Does what it can to parts of the digits, whose product is the state after it; an item on a few of all digits costs a
/// fraction of what it costs on all.
pub(crate) fn start(maps: Maps<'_>, digits: usize, tile: usize) -> Start {
    let (sets, taken) = parts(maps, digits);
    if !taken.contains(&true) {
        return Start { parts: Vec::new(), passes: passes(maps, digits, tile) };
    }
    let (rest, masks) = those(maps, |item| !taken[item]);
    let passes = passes(Maps { items: &rest, masks: &masks, ..maps }, digits, tile);
    let list = sets.into_iter().map(|set| {
        let (items, masks) = those(maps, |item| taken[item] && maps.masks[item] & set != 0);
        part(Maps { items: &items, masks: &masks, ..maps }, set, &passes[0])
    });
    Start { parts: list.collect(), passes }
}

/// Some of the items and their qubits.
fn those(maps: Maps<'_>, wanted: impl Fn(usize) -> bool) -> (Vec<Item>, Vec<u32>) {
    (0..maps.items.len()).filter(|&item| wanted(item)).map(|item| (maps.items[item], maps.masks[item])).unzip()
}

/// Sets of digits, and for each item whether it is done to one of them alone. Sets grow in the order of the items.
fn parts(maps: Maps<'_>, digits: usize) -> (Vec<u32>, Vec<bool>) {
    let most = PART.min(digits.saturating_sub(2)) as u32;
    let mut sets: Vec<u32> = (0..digits).map(|digit| 1 << digit).collect();
    let mut taken = vec![false; maps.items.len()];
    if digits < IN_PARTS {
        return (sets, taken);
    }
    let mut blocked = 0;
    for ((item, &mask), taken) in maps.items.iter().zip(maps.masks).zip(&mut taken) {
        let union = sets.iter().filter(|&set| set & mask != 0).fold(0, |union, set| union | set);
        *taken = matches!(item, Item::Two(_)) && mask & blocked == 0 && union.count_ones() <= most;
        if *taken {
            sets.retain(|set| set & union == 0);
            sets.push(union);
        } else {
            blocked |= mask;
        }
    }
    // few sets are faster to multiply
    let mut merged: Vec<u32> = Vec::new();
    for set in sets {
        match merged.iter_mut().find(|other| (**other | set).count_ones() <= most) {
            Some(other) => *other |= set,
            None => merged.push(set),
        }
    }
    (merged, taken)
}

/// A part with the items that are done to it, all of which are maps of two digits.
fn part(maps: Maps<'_>, set: u32, first: &PauliPass) -> PauliPart {
    let digits: Vec<u8> = (0..32).filter(|digit| set >> digit & 1 == 1).collect();
    let masks: Vec<u32> = maps
        .masks
        .iter()
        .map(|mask| digits.iter().filter(|&digit| mask >> digit & 1 == 1).fold(0, |own, &digit| own | 1 << rank(set, digit)))
        .collect();
    let size = digits.len().max(LEAST);
    let pass = passes(Maps { masks: &masks, set, ..maps }, size, size.max(TILES[0])).remove(0);
    let stride = |digit: u8| if set >> digit & 1 == 1 { 1u32 << (2 * rank(set, digit)) } else { 0 };
    let mut groups = vec![0];
    for &digit in &first.digits[2..] {
        let length = groups.len();
        for value in 1..4 {
            groups.extend_from_within(..length);
            groups[value * length..].iter_mut().for_each(|group| *group += value as u32 * stride(digit));
        }
    }
    let outside = first.outside.iter().map(|&digit| stride(digit)).collect();
    PauliPart { digits, pass, groups, outside, lanes: [set & 1 == 1, set & 2 == 2] }
}

/// The items that fit into the digits without overtaking others, and the rest.
fn divide(remaining: &[u32], masks: &[u32], set: u32) -> (Vec<u32>, Vec<u32>) {
    let mut blocked = 0;
    remaining.iter().partition(|&&item| {
        let mask = masks[item as usize];
        let fits = mask & !set == 0 && mask & blocked == 0;
        if !fits {
            blocked |= mask;
        }
        fits
    })
}

/// How many items fit into the digits, and the first that would with few more digits.
fn reach(remaining: &[u32], masks: &[u32], set: u32, room: u32) -> (usize, Option<u32>) {
    let (mut blocked, mut count, mut next) = (0u32, 0, None::<(u32, u32)>);
    for &item in remaining {
        let mask = masks[item as usize];
        if mask & blocked == 0 {
            let more = (mask & !set).count_ones();
            if more == 0 {
                count += 1;
                continue;
            }
            if more <= room && next.is_none_or(|(fewest, _)| more < fewest) {
                next = Some((more, mask));
            }
        }
        blocked |= mask;
        if set & !blocked == 0 && blocked.count_ones() >= set.count_ones() + room {
            break;
        }
    }
    (count, next.map(|(_, mask)| mask))
}

/// The digits of the next pass: grown from each item that could come first, by what needs fewest more.
fn choose(remaining: &[u32], masks: &[u32], digits: usize, size: usize) -> u32 {
    let lanes = 0b11u32;
    let (mut best, mut seen) = ((0, lanes), 0u32);
    for &seed in remaining {
        let mask = masks[seed as usize];
        let first = mask & seen == 0;
        seen |= mask;
        if !first {
            continue;
        }
        let mut set = lanes | mask;
        loop {
            let room = size as u32 - set.count_ones();
            let (count, next) = reach(remaining, masks, set, room);
            match next {
                Some(more) => set |= more,
                None => {
                    if count > best.0 {
                        best = (count, set);
                    }
                    break;
                }
            }
        }
        if seen.count_ones() as usize == digits {
            break;
        }
    }
    let mut set = best.1;
    for digit in 0..digits {
        if (set.count_ones() as usize) < size {
            set |= 1 << digit;
        }
    }
    set
}

/// Digits as they lie in a tile.
struct Layout {
    /// The digit at each position.
    digits: Vec<u8>,
    /// The position of each digit.
    places: [u8; 32],
}

impl Layout {
    fn exchange(&mut self, with: [u8; 2], steps: &mut Vec<PauliStep>) {
        for (lane, other) in with.into_iter().enumerate() {
            self.digits.swap(lane, usize::from(other));
        }
        for (place, &digit) in self.digits.iter().enumerate() {
            self.places[usize::from(digit)] = place as u8;
        }
        steps.push(PauliStep::Exchange { with });
    }

    fn lanes(&self) -> u32 {
        1 << self.digits[0] | 1 << self.digits[1]
    }
}

fn pass(taken: &[u32], Maps { items, masks, twos, many, set: all }: Maps<'_>, set: u32, digits: usize) -> PauliPass {
    let inside: Vec<u8> = (0..digits as u8).filter(|digit| set >> digit & 1 == 1).collect();
    let outside = (0..digits as u8).filter(|digit| set >> digit & 1 == 0).collect();
    let mut layout = Layout { digits: inside.clone(), places: [0; 32] };
    inside.iter().enumerate().for_each(|(place, &digit)| layout.places[usize::from(digit)] = place as u8);
    let mut steps = Vec::with_capacity(2 * taken.len() + 2);
    let (mut remaining, mut kept) = (taken.to_vec(), Vec::with_capacity(taken.len()));
    loop {
        let (mut blocked, lanes) = (0, layout.lanes());
        for &item in &remaining {
            let mask = masks[item as usize];
            match items[item as usize] {
                Item::Two(index) if mask & (blocked | lanes) == 0 => {
                    let positions = twos[index as usize].qubits.map(|qubit| layout.places[usize::from(rank(all, qubit))]);
                    steps.push(PauliStep::Two { positions, index });
                }
                Item::Many(index) if mask & blocked == 0 => {
                    let qubits = &many[index as usize].qubits;
                    let positions = qubits.iter().map(|&qubit| usize::from(layout.places[qubit])).collect();
                    steps.push(PauliStep::Many { positions, index });
                }
                Item::Two(_) | Item::Many(_) => {
                    blocked |= mask;
                    kept.push(item);
                }
            }
        }
        std::mem::swap(&mut remaining, &mut kept);
        kept.clear();
        let Some(&first) = remaining.first() else { break };
        let with = to_lanes(&layout, &remaining, masks, masks[first as usize]);
        layout.exchange(with, &mut steps);
    }
    while layout.digits[..2] != [0, 1] {
        // a lane with the other's digit is given up first
        let with = match [layout.places[0], layout.places[1]] {
            [1, 0] => [2, 3],
            [1, second] => [0, second],
            [first, 0] => [first, 1],
            places => places,
        };
        layout.exchange(with, &mut steps);
    }
    let source = groups(&inside);
    let target = groups(&layout.digits);
    PauliPass { digits: inside, outside, steps, source, target }
}

/// An exchange that frees the digits of an item from the lanes, for digits that are needed last.
fn to_lanes(layout: &Layout, remaining: &[u32], masks: &[u32], busy: u32) -> [u8; 2] {
    let mut chosen = [layout.digits[0], layout.digits[1]];
    let mut needed = [u32::MAX; 32];
    for (time, &item) in remaining.iter().enumerate().rev() {
        let mut mask = masks[item as usize];
        while mask != 0 {
            needed[mask.trailing_zeros() as usize] = time as u32;
            mask &= mask - 1;
        }
    }
    // later first; of equals the one in the lanes now, then the lowest
    let rank = |digit: u8| (needed[usize::from(digit)], layout.places[usize::from(digit)] < 2, u8::MAX - digit);
    let mut best: [Option<u8>; 2] = [None; 2];
    for &digit in layout.digits.iter().filter(|&&digit| busy >> digit & 1 == 0) {
        if best[0].is_none_or(|other| rank(digit) > rank(other)) {
            best = [Some(digit), best[0]];
        } else if best[1].is_none_or(|other| rank(digit) > rank(other)) {
            best[1] = Some(digit);
        }
    }
    let mut new: Vec<u8> = best.into_iter().flatten().filter(|digit| !chosen.contains(digit)).collect();
    new.sort_unstable_by(|a, b| b.cmp(a));
    for (lane, digit) in chosen.iter_mut().enumerate() {
        if !best.contains(&Some(*digit)) {
            let home = new.iter().position(|&other| usize::from(other) == lane);
            match home {
                Some(at) => *digit = new.remove(at),
                None => *digit = new.pop().unwrap_or(*digit),
            }
        }
    }
    chosen.map(|digit| layout.places[usize::from(digit)])
}

/// Where the groups of a tile lie in memory, given the digit at each of its positions.
pub(crate) fn groups(digits: &[u8]) -> Vec<u32> {
    let mut groups = vec![0u32; 1 << (2 * (digits.len() - 2))];
    for (position, &digit) in digits[2..].iter().enumerate() {
        let length = 1 << (2 * position);
        for value in 1..4 {
            let stride = (value as u32) << (2 * (u32::from(digit) - 2));
            for at in 0..length {
                groups[value * length + at] = groups[at] + stride;
            }
        }
    }
    groups
}
