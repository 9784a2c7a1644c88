//! Amplitudes between memory and tile, with the map from logical indices to places and the exchange of lanes.

use fearless_simd::{Simd, SimdBase};

use super::Part;
use super::pass::{Places, TilePass};
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, lane_bits, lanes, opaque};

/// Addresses of the vectors of a tile.
#[derive(Debug)]
pub(super) struct Route {
    /// Bits of a vector index outside the tile, and the qubits there.
    outside: Vec<(usize, u64)>,
    /// Qubits that are one in all tiles.
    ones: u64,
    lane_bits: usize,
    /// In memory: `high | low`, vectors relative to the tile.
    memory: [Vec<usize>; 2],
    /// In the tile on entry and on exit: `high ^ low`.
    entry: [Vec<u32>; 2],
    exit: [Vec<u32>; 2],
    /// Where lanes are exchanged: the members of a group of vectors, in memory, on entry and on exit.
    members: Option<[Vec<usize>; 3]>,
}

impl Route {
    pub(super) fn new(pass: &TilePass, part: Part<'_>, lane_bits: usize) -> Self {
        let bits: Vec<usize> = pass.memory_qubits.iter().map(|qubit| part.places[*qubit] - lane_bits).collect();
        debug_assert!(bits.iter().all(|bit| *bit < part.local), "the qubits of a tile are in this part of the state");
        let inside = |place: &usize| *place < lane_bits || bits.contains(&(place - lane_bits));
        let mut outside: Vec<(usize, u64)> = (part.places.iter().enumerate())
            .filter(|(_, place)| **place < part.local && !inside(place))
            .map(|(qubit, place)| (place - lane_bits, 1 << qubit))
            .collect();
        outside.sort_unstable();
        let loose: Vec<usize> = (0..bits.len()).filter(|position| !pass.exchanged.contains(position)).collect();
        let (low, high) = loose.split_at(loose.len().min(6));
        let memory = |positions: &[usize]| table(positions, 0, |position| 1usize << bits[position], |a, b| a | b);
        let places = |positions: &[usize], places: &Places, constant: u32| {
            table(positions, constant, |position| places.columns[position], |a, b| a ^ b)
        };
        let both = |map: &Places| [places(high, map, map.constant), places(low, map, 0)];
        let members = (!pass.exchanged.is_empty()).then(|| {
            let inside = |map: &Places| places(&pass.exchanged, map, 0).into_iter().map(|place| place as usize).collect();
            [memory(&pass.exchanged), inside(&pass.entry), inside(&pass.exit)]
        });
        Self {
            outside,
            ones: part.ones,
            lane_bits,
            memory: [memory(high), memory(low)],
            entry: both(&pass.entry),
            exit: both(&pass.exit),
            members,
        }
    }

    pub(super) fn tiles(&self) -> usize {
        1 << self.outside.len()
    }

    /// The first vector of a tile.
    pub(super) fn outside(&self, tile: usize) -> usize {
        self.outside.iter().enumerate().fold(0, |index, (k, (bit, _))| index | (tile >> k & 1) << bit)
    }

    /// The basis bits of the qubits outside the tile.
    pub(super) fn qubits_outside(&self, tile: usize) -> u64 {
        let ones = self.outside.iter().enumerate().filter(|(k, _)| tile >> k & 1 == 1);
        ones.fold(self.ones, |mask, (_, (_, qubit))| mask | qubit)
    }

    /// Copies a plane's part into the tile; whether anything in it was not zero.
    #[inline(always)]
    pub(super) fn fill<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) -> bool {
        debug_assert_eq!(self.lane_bits, lane_bits::<S, T>());
        simd.vectorize(
            #[inline(always)]
            || match &self.members {
                None => self.fill_plainly(simd, start, plane, tile),
                Some(members) => self.fill_exchanged(simd, start, plane, tile, members),
            },
        )
    }

    #[inline(always)]
    fn fill_plainly<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) -> bool {
        // Copies, so that stores cannot change them.
        let (plane, tile) = (plane, tile);
        let mut any = Vector::<S, T>::splat(simd, T::default());
        // Most tiles show at once that they are not zero, and are looked at no further.
        let mut found = false;
        for (high, place) in self.entry[0].iter().enumerate() {
            found = found || any.reduce_sum() != T::default();
            let row = Row::new(&self.memory, start, high, 64);
            for (index, place_low) in self.entry[1].iter().enumerate() {
                row.ask::<S, T>(plane, index, 0);
                let to = opaque((place ^ place_low) as usize);
                // SAFETY: both indices are made of the bits of their plane: below 2^n and 2^tile amplitudes.
                unsafe {
                    let value = plane.load(simd, opaque(row.vector(index)));
                    if !found {
                        any += value.abs();
                    }
                    tile.store::<S>(to, value);
                }
            }
        }
        found || any.reduce_sum() != T::default()
    }

    #[inline(always)]
    fn fill_exchanged<S: Simd, T: Real>(
        &self,
        simd: S,
        start: usize,
        plane: View<T>,
        tile: View<T>,
        [memory, entry, _]: &[Vec<usize>; 3],
    ) -> bool {
        let (plane, tile) = (plane, tile);
        let (memory, entry) = (local(memory), local(entry));
        let mut any = Vector::<S, T>::splat(simd, T::default());
        let mut found = false;
        for (high, place) in self.entry[0].iter().enumerate() {
            found = found || any.reduce_sum() != T::default();
            let row = Row::new(&self.memory, start, high, 8);
            for (index, place_low) in self.entry[1].iter().enumerate() {
                let from = row.vector(index);
                let to = (place ^ place_low) as usize;
                let mut group = [Vector::<S, T>::splat(simd, T::default()); 16];
                for k in 0..lanes::<S, T>() {
                    row.ask::<S, T>(plane, index, memory[k]);
                    // SAFETY: as above.
                    group[k] = unsafe { plane.load(simd, opaque(from | memory[k])) };
                    if !found {
                        any += group[k].abs();
                    }
                }
                transpose::<S, T>(&mut group);
                for k in 0..lanes::<S, T>() {
                    // SAFETY: as above.
                    unsafe { tile.store::<S>(opaque(to ^ entry[k]), group[k]) };
                }
            }
        }
        found || any.reduce_sum() != T::default()
    }

    /// Copies the tile back.
    #[inline(always)]
    pub(super) fn empty<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) {
        simd.vectorize(
            #[inline(always)]
            || match &self.members {
                None => self.empty_plainly(simd, start, plane, tile),
                Some(members) => self.empty_exchanged(simd, start, plane, tile, members),
            },
        );
    }

    #[inline(always)]
    fn empty_plainly<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) {
        let (plane, tile) = (plane, tile);
        for (high, place) in self.exit[0].iter().enumerate() {
            let row = Row::new(&self.memory, start, high, 64);
            for (index, place_low) in self.exit[1].iter().enumerate() {
                row.ask::<S, T>(plane, index, 0);
                let from = opaque((place ^ place_low) as usize);
                // SAFETY: as in `fill`; no other thread has this tile.
                unsafe { plane.store::<S>(opaque(row.vector(index)), tile.load(simd, from)) };
            }
        }
    }

    #[inline(always)]
    fn empty_exchanged<S: Simd, T: Real>(
        &self,
        simd: S,
        start: usize,
        plane: View<T>,
        tile: View<T>,
        [memory, _, exit]: &[Vec<usize>; 3],
    ) {
        let (plane, tile) = (plane, tile);
        let (memory, exit) = (local(memory), local(exit));
        for (high, place) in self.exit[0].iter().enumerate() {
            let row = Row::new(&self.memory, start, high, 8);
            for (index, place_low) in self.exit[1].iter().enumerate() {
                let to = row.vector(index);
                let from = (place ^ place_low) as usize;
                let mut group = [Vector::<S, T>::splat(simd, T::default()); 16];
                for k in 0..lanes::<S, T>() {
                    // Sixteen lines a group are asked for faster than they come.
                    if lanes::<S, T>() < 16 {
                        row.ask::<S, T>(plane, index, memory[k]);
                    }
                    // SAFETY: as in `fill`; no other thread has this tile.
                    group[k] = unsafe { tile.load(simd, opaque(from ^ exit[k])) };
                }
                transpose::<S, T>(&mut group);
                for k in 0..lanes::<S, T>() {
                    // SAFETY: as above.
                    unsafe { plane.store::<S>(opaque(to | memory[k]), group[k]) };
                }
            }
        }
    }
}

/// The vectors of a plane under one entry of the high table, and those some steps later.
struct Row<'a> {
    low: &'a [usize],
    here: usize,
    next: usize,
    ahead: usize,
}

impl<'a> Row<'a> {
    #[inline(always)]
    fn new([high, low]: &'a [Vec<usize>; 2], start: usize, index: usize, ahead: usize) -> Self {
        let here = start | high[index];
        Self { low, here, next: high.get(index + 1).map_or(here, |next| start | next), ahead: ahead.min(low.len()) }
    }

    #[inline(always)]
    fn vector(&self, index: usize) -> usize {
        self.here | self.low[index]
    }

    /// Asks for the line of a vector that is needed later; of vectors that share one, once.
    #[inline(always)]
    fn ask<S: Simd, T: Real>(&self, plane: View<T>, index: usize, member: usize) {
        let later = index + self.ahead;
        let vector = match self.low.get(later) {
            Some(low) => self.here | low,
            None => self.next | self.low[later - self.low.len()],
        } | member;
        if lanes::<S, T>() * T::BYTES >= 64 || vector & 1 == 0 {
            plane.prefetch::<S>(opaque(vector));
        }
    }
}

/// The members of a group, where the compiler knows that nothing is stored.
#[inline(always)]
fn local(members: &[usize]) -> [usize; 16] {
    let mut list = [0; 16];
    list[..members.len()].copy_from_slice(members);
    list
}

/// All combinations of the bits at these positions.
fn table<N: Copy>(positions: &[usize], constant: N, bit: impl Fn(usize) -> N, join: impl Fn(N, N) -> N) -> Vec<N> {
    let mut table = vec![constant];
    for &position in positions {
        for index in 0..table.len() {
            table.push(join(table[index], bit(position)));
        }
    }
    table
}

/// Exchanges the bits that number the vectors with those that number the lanes.
#[inline(always)]
fn transpose<S: Simd, T: Real>(group: &mut [Vector<S, T>; 16]) {
    let half = lanes::<S, T>() / 2;
    for _ in 0..lane_bits::<S, T>() {
        let old = *group;
        for k in 0..half {
            group[2 * k] = old[k].zip_low(old[k + half]);
            group[2 * k + 1] = old[k].zip_high(old[k + half]);
        }
    }
}
