//! Strings that flip the same qubits as turns of one qubit.

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliString};

/// Where there are more qubits to flip than this, only stars are looked at among the trees.
const MOST_FLIPPED: usize = 4;
/// Where there are more strings than this, the way between them is not the shortest but goes to the nearest.
const MOST_STOPS: usize = 8;

/// A tree of CNOTs after which each string turns the root about Y, controlled by the parity of others.
pub(super) struct Frame {
    pub(super) target: usize,
    /// CNOTs as (control, target), in the order in which they are applied.
    pub(super) tree: Vec<(usize, usize)>,
    /// Masks of the controlling parity, with the factor of each turn, in the order of the shortest way.
    pub(super) turns: Vec<(u64, f64)>,
}

impl Frame {
    /// The frame of fewest CNOTs of strings with the same qubits flipped, of which an odd number of letters are Y in all or in none.
    pub(super) fn cheapest(group: &[(PauliString, f64)]) -> Self {
        let flipped: Vec<usize> = (0..PauliString::MAX_QUBITS).filter(|q| group[0].0.x_mask() >> q & 1 == 1).collect();
        let mut best: Option<(usize, Self)> = None;
        for &root in &flipped {
            for tree in trees(root, &flipped) {
                let frame = Self::new(root, tree, group);
                let cost = frame.cnots();
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, frame));
                }
            }
        }
        best.expect("a string that flips no qubit is written as a ladder").1
    }

    fn new(target: usize, tree: Vec<(usize, usize)>, group: &[(PauliString, f64)]) -> Self {
        let mut turns = Vec::with_capacity(group.len());
        for &(string, factor) in group {
            let mut image = (string, factor);
            if string.count_y() % 2 == 0 {
                image = quarter_turned(image, target, Pauli::Z);
            }
            for &(control, end) in &tree {
                image = conjugated(image, control, end);
            }
            debug_assert_eq!(image.0.letter(target), Pauli::Y, "the tree leads to a turn about Y");
            turns.push((image.0.z_mask() & !(1 << target), image.1));
        }
        let mut turns = shortest(turns);
        if turns.last().is_some_and(|last| last.0 == 0) {
            turns.reverse();
        }
        Self { target, tree, turns }
    }

    /// The qubit whose CNOT ends the way, where one gate can do for it and the first CNOT of the way back along the tree.
    pub(super) fn last_control(&self) -> Option<usize> {
        let (last, _) = *self.turns.last()?;
        let mut way_back = self.tree.iter().rev();
        // CNOTs with the root as control change places with each other, and with nothing else that is met first
        way_back.by_ref().take_while(|(control, _)| *control == self.target).map(|&(_, end)| end).find(|end| last >> end & 1 == 1)
    }

    fn cnots(&self) -> usize {
        let way: u32 = self.turns.windows(2).map(|pair| (pair[0].0 ^ pair[1].0).count_ones()).sum();
        let ends =
            self.turns.first().map_or(0, |turn| turn.0.count_ones()) + self.turns.last().map_or(0, |turn| turn.0.count_ones());
        2 * self.tree.len() + (way + ends) as usize - usize::from(self.last_control().is_some())
    }
}

/// The CNOTs of all trees with this root that reach the qubits, the farthest from the root first; of stars alone where there are many.
fn trees(root: usize, qubits: &[usize]) -> Vec<Vec<(usize, usize)>> {
    let others: Vec<usize> = qubits.iter().copied().filter(|&qubit| qubit != root).collect();
    if qubits.len() > MOST_FLIPPED {
        return vec![others.iter().map(|&qubit| (root, qubit)).collect()];
    }
    let mut all = Vec::new();
    for code in 0..qubits.len().pow(others.len() as u32) {
        let parent = |place: usize| qubits[code / qubits.len().pow(place as u32) % qubits.len()];
        let depth = |mut place: usize| {
            for depth in 1..=others.len() {
                if parent(place) == root {
                    return Some(depth);
                }
                place = others.iter().position(|&other| other == parent(place))?;
            }
            None
        };
        let depths: Option<Vec<usize>> = (0..others.len()).map(depth).collect();
        let Some(depths) = depths else { continue };
        let mut places: Vec<usize> = (0..others.len()).collect();
        places.sort_by_key(|&place| (std::cmp::Reverse(depths[place]), place));
        all.push(places.into_iter().map(|place| (parent(place), others[place])).collect());
    }
    all
}

/// The stops in the order of the shortest way from no parity through all of them and back.
fn shortest(stops: Vec<(u64, f64)>) -> Vec<(u64, f64)> {
    let count = stops.len();
    let distance = |a: u64, b: u64| (a ^ b).count_ones();
    if count > MOST_STOPS {
        let (mut left, mut here, mut way) = (stops, 0, Vec::with_capacity(count));
        while let Some(next) = (0..left.len()).min_by_key(|&index| (distance(here, left[index].0), index)) {
            here = left[next].0;
            way.push(left.remove(next));
        }
        return way;
    }
    // least[set][last]: the shortest way from 0 through the stops of a set that ends at one of them, and the stop before
    let mut least = vec![vec![(u32::MAX, usize::MAX); count]; 1 << count];
    for (index, stop) in stops.iter().enumerate() {
        least[1 << index][index] = (distance(0, stop.0), usize::MAX);
    }
    for set in 1..1usize << count {
        for last in (0..count).filter(|last| set >> last & 1 == 1) {
            let (length, _) = least[set][last];
            if length == u32::MAX {
                continue;
            }
            for next in (0..count).filter(|next| set >> next & 1 == 0) {
                let longer = length + distance(stops[last].0, stops[next].0);
                let entry = &mut least[set | 1 << next][next];
                if longer < entry.0 {
                    *entry = (longer, last);
                }
            }
        }
    }
    let mut set = (1usize << count) - 1;
    let whole = |last: &usize| least[set][*last].0 + distance(stops[*last].0, 0);
    let mut last = (0..count).min_by_key(whole).expect("a group has a string");
    let mut way = Vec::with_capacity(count);
    while last != usize::MAX {
        way.push(stops[last]);
        let before = least[set][last].1;
        set &= !(1 << last);
        last = before;
    }
    way.reverse();
    way
}

/// `C P C` of a CNOT.
fn conjugated((string, factor): (PauliString, f64), control: usize, target: usize) -> (PauliString, f64) {
    let (x, z) = (string.x_mask(), string.z_mask());
    let bit = |mask: u64, qubit: usize| mask >> qubit & 1;
    let flips = bit(x, control) & bit(z, target) & (bit(x, target) ^ bit(z, control) ^ 1);
    let image = PauliString::from_masks(x ^ bit(x, control) << target, z ^ bit(z, target) << control);
    (image, if flips == 1 { -factor } else { factor })
}

/// `R P R^dagger` of the quarter turn `R = exp(-i pi/4 A)` of a qubit about an axis.
pub(super) fn quarter_turned((string, factor): (PauliString, f64), qubit: usize, axis: Pauli) -> (PauliString, f64) {
    let about = PauliString::from_letters([(qubit, axis)]);
    if about.commutes_with(string) {
        return (string, factor);
    }
    // R P R^dagger = -i A P
    let (image, phase) = about.times(string);
    (image, factor * (-Complex64::I * phase).re)
}
