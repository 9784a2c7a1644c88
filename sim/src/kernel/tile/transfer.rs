//! Amplitudes between memory and tile, with the map from logical indices to places and the exchange of lanes.

use fearless_simd::{Simd, SimdBase};

use super::Part;
use super::pass::{Places, TilePass};
use crate::kernel::vector::{Vector, View, lane_bits, lanes, opaque};
use crate::real::Real;

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
            || self.fill_here(simd, start, plane, tile),
        )
    }

    #[inline(always)]
    fn fill_here<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) -> bool {
        // Copies, so that stores cannot change them.
        let (start, plane, tile) = (start, plane, tile);
        let mut any = Vector::<S, T>::splat(simd, T::default());
        let low = self.memory[1].len();
        // Most tiles show at once that they are not zero, and are looked at no further.
        let mut found = false;
        for (high, place_high) in self.entry[0].iter().enumerate() {
            found = found || any.reduce_sum() != T::default();
            for (index, place_low) in self.entry[1].iter().enumerate() {
                let from = opaque(start | self.memory[0][high] | self.memory[1][index]);
                let to = opaque((place_high ^ place_low) as usize);
                match &self.members {
                    None => {
                        let ahead = index + 64;
                        let next = self.memory[0]
                            .get(high + ahead / low)
                            .map_or(from, |next| start | next | self.memory[1][ahead % low]);
                        plane.prefetch::<S>(next);
                        // SAFETY: both indices are made of the bits of their plane: below 2^n and 2^tile amplitudes.
                        unsafe {
                            let value = plane.load(simd, from);
                            if !found {
                                any += value.abs();
                            }
                            tile.store::<S>(to, value);
                        }
                    }
                    Some([memory, entry, _]) => {
                        let ahead = index + 8;
                        let next = self.memory[0]
                            .get(high + ahead / low)
                            .map_or(from, |next| start | next | self.memory[1][ahead % low]);
                        let mut group = [Vector::<S, T>::splat(simd, T::default()); 16];
                        for k in 0..lanes::<S, T>() {
                            plane.prefetch::<S>(opaque(next | memory[k]));
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
            }
        }
        found || any.reduce_sum() != T::default()
    }

    /// Copies the tile back.
    #[inline(always)]
    pub(super) fn empty<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) {
        simd.vectorize(
            #[inline(always)]
            || self.empty_here(simd, start, plane, tile),
        );
    }

    #[inline(always)]
    fn empty_here<S: Simd, T: Real>(&self, simd: S, start: usize, plane: View<T>, tile: View<T>) {
        let (start, plane, tile) = (start, plane, tile);
        let low = self.memory[1].len();
        for (high, (memory_high, place_high)) in self.memory[0].iter().zip(&self.exit[0]).enumerate() {
            for (index, (memory_low, place_low)) in self.memory[1].iter().zip(&self.exit[1]).enumerate() {
                let to = opaque(start | memory_high | memory_low);
                let ahead = index + if self.members.is_some() { 8 } else { 64 };
                let next = self.memory[0].get(high + ahead / low).map_or(to, |next| start | next | self.memory[1][ahead % low]);
                let from = opaque((place_high ^ place_low) as usize);
                // SAFETY: as in `fill`; no other thread has this tile.
                unsafe {
                    match &self.members {
                        None => {
                            plane.prefetch::<S>(next);
                            plane.store::<S>(to, tile.load(simd, from));
                        }
                        Some([memory, _, exit]) => {
                            let mut group = [Vector::<S, T>::splat(simd, T::default()); 16];
                            for k in 0..lanes::<S, T>() {
                                // Sixteen lines a group are asked for faster than they come.
                                if lanes::<S, T>() < 16 {
                                    plane.prefetch::<S>(opaque(next | memory[k]));
                                }
                                group[k] = tile.load(simd, opaque(from ^ exit[k]));
                            }
                            transpose::<S, T>(&mut group);
                            for k in 0..lanes::<S, T>() {
                                plane.store::<S>(opaque(to | memory[k]), group[k]);
                            }
                        }
                    }
                }
            }
        }
    }
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
