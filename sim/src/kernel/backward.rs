//! Derivatives by tiles: two states go back through many operations while a piece of both is in cache.

use fearless_simd::Level;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::plane::Plane;
use super::real::Real;
use super::run::{Derivative, Factor, differentiate};
use super::tile::Part;
use super::vector::{View, odd};
use crate::error::SimError;
use crate::op::{Dense, Masks, Op};
use crate::sum::ExactSum;
use crate::team;

/// A program's numbers for one set of angles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a, T> {
    pub(crate) dense: &'a [Dense],
    pub(crate) derivatives: &'a [Derivative],
    pub(crate) factors: &'a [Factor<T>],
}

/// The way back through a stretch of a program, in passes over tiles that hold two states.
#[derive(Clone, Debug)]
pub(crate) struct WayBack {
    /// Tile qubits, none for single operations over whole states; operations, last first.
    pub(crate) passes: Vec<(u64, Vec<Op>)>,
}

/// Buffers for a tile of two states, their numbers and their derivatives.
#[derive(Debug)]
pub(crate) struct TwoStates<T> {
    planes: [Plane<T>; 4],
    ops: Vec<Op>,
    factors: Vec<Factor<T>>,
    derivatives: Vec<Derivative>,
}

impl<T: Real> TwoStates<T> {
    pub(crate) fn new(tile_qubits: usize) -> Result<Self, SimError> {
        let plane = || Plane::zeroed(Plane::<T>::length_for(tile_qubits));
        let planes = [plane()?, plane()?, plane()?, plane()?];
        Ok(Self { planes, ops: Vec::new(), factors: Vec::new(), derivatives: Vec::new() })
    }
}

/// Bits of a tile in memory and in the tile.
struct Bits {
    /// Qubits of the tile, and their index bits.
    inside: Vec<(usize, usize)>,
    /// Those of the other qubits of this part of the state.
    outside: Vec<(usize, usize)>,
    mask: u64,
    ones: u64,
}

impl Bits {
    fn new(mask: u64, part: Part<'_>) -> Self {
        let here = part.places.iter().copied().enumerate().filter(|(_, place)| *place < part.local);
        let (inside, outside) = here.partition(|(qubit, _)| mask >> qubit & 1 == 1);
        Self { inside, outside, mask, ones: part.ones }
    }

    /// Bits gathered from the tile's qubits.
    fn local(&self, mask: u64) -> u64 {
        self.inside.iter().enumerate().fold(0, |local, (k, (qubit, _))| local | (mask >> qubit & 1) << k)
    }

    /// Where a tile begins in memory, and the qubits outside it that are one.
    fn start(&self, tile: usize) -> (usize, u64) {
        let ones = self.outside.iter().enumerate().filter(|(k, _)| tile >> k & 1 == 1);
        ones.fold((0, self.ones), |(start, ones), (_, (qubit, place))| (start | 1 << place, ones | 1 << qubit))
    }

    /// Starts of the contiguous runs of a tile, relative to it, and their length.
    fn runs(&self) -> (Vec<usize>, usize) {
        let contiguous = self.inside.iter().enumerate().take_while(|(k, (_, place))| k == place).count();
        let mut starts = vec![0];
        for (_, place) in &self.inside[contiguous..] {
            starts.extend(starts.clone().iter().map(|start| start | 1 << place));
        }
        (starts, 1 << contiguous)
    }
}

/// [`differentiate`] through the operations of a program, given as they are applied.
pub(crate) fn differentiate_all<T: Real>(
    level: Level,
    ops: &[Op],
    Numbers { dense, derivatives, factors }: Numbers<'_, T>,
    psi: (&mut [T], &mut [T]),
    lambda: (&mut [T], &mut [T]),
    gradient: &mut [f64],
) {
    differentiate(level, ops.iter().rev(), dense, derivatives, factors, psi, lambda, gradient);
}

/// As [`differentiate`], by tiles; the sums over tiles are exact, so that neither threads nor ranks change a bit.
#[allow(clippy::too_many_arguments, reason = "a program, its numbers and two states")]
pub(crate) fn differentiate_by_tiles<T: Real>(
    level: Level,
    way: &WayBack,
    num_qubits: usize,
    numbers: Numbers<'_, T>,
    buffers: &mut [TwoStates<T>],
    psi: (&mut [T], &mut [T]),
    lambda: (&mut [T], &mut [T]),
    gradient: &mut [f64],
) {
    let places: Vec<usize> = (0..num_qubits).collect();
    let part = Part { places: &places, local: num_qubits, ones: 0 };
    let mut sums = vec![ExactSum::default(); gradient.len()];
    for (mask, ops) in &way.passes {
        let (psi, lambda) = ((&mut *psi.0, &mut *psi.1), (&mut *lambda.0, &mut *lambda.1));
        if *mask == 0 {
            let Numbers { dense, derivatives, factors } = numbers;
            let mut whole = vec![0.0; gradient.len()];
            differentiate(level, ops.iter(), dense, derivatives, factors, psi, lambda, &mut whole);
            sums.iter_mut().zip(whole).for_each(|(sum, value)| sum.add(value));
            continue;
        }
        differentiate_pass(level, (*mask, ops), part, numbers, buffers, psi, lambda, &mut sums);
    }
    gradient.iter_mut().zip(&sums).for_each(|(total, sum)| *total += sum.value());
}

/// One pass over tiles of a part of two states, whose derivatives are added to the sums.
#[allow(clippy::too_many_arguments, reason = "a pass, its numbers and parts of two states")]
pub(crate) fn differentiate_pass<T: Real>(
    level: Level,
    (mask, ops): (u64, &[Op]),
    part: Part<'_>,
    numbers: Numbers<'_, T>,
    buffers: &mut [TwoStates<T>],
    psi: (&mut [T], &mut [T]),
    lambda: (&mut [T], &mut [T]),
    sums: &mut [ExactSum],
) {
    let bits = Bits::new(mask, part);
    let (runs, length) = bits.runs();
    let tiles = 1usize << bits.outside.len();
    let planes = [View::new(psi.0), View::new(psi.1), View::new(lambda.0), View::new(lambda.1)];
    let next = AtomicUsize::new(0);
    let width = sums.len();
    let mut members: Vec<(&mut TwoStates<T>, Vec<ExactSum>)> =
        buffers.iter_mut().map(|buffers| (buffers, vec![ExactSum::default(); width])).collect();
    team::run(&mut members, |(buffers, sums)| {
        let mut of_tile = vec![0.0; width];
        loop {
            let tile = next.fetch_add(1, Ordering::Relaxed);
            if tile >= tiles {
                break;
            }
            let (start, ones) = bits.start(tile);
            for (plane, buffer) in planes.iter().zip(&mut buffers.planes) {
                for (run, chunk) in runs.iter().zip(buffer.chunks_exact_mut(length)) {
                    // SAFETY: the runs of different tiles are different parts of the plane, each inside it.
                    unsafe { plane.read(start | run, chunk) };
                }
            }
            localise(ops, &bits, ones, numbers, buffers);
            let TwoStates { planes: [a, b, c, d], ops, factors, derivatives } = &mut **buffers;
            of_tile.fill(0.0);
            differentiate(level, ops.iter(), &[], derivatives, factors, (a, b), (c, d), &mut of_tile);
            sums.iter_mut().zip(&of_tile).filter(|(_, value)| **value != 0.0).for_each(|(sum, value)| sum.add(*value));
            for (plane, buffer) in planes.iter().zip(&buffers.planes) {
                for (run, chunk) in runs.iter().zip(buffer.chunks_exact(length)) {
                    // SAFETY: as above.
                    unsafe { plane.write(start | run, chunk) };
                }
            }
        }
    });
    for (_, of_thread) in &members {
        sums.iter_mut().zip(of_thread).for_each(|(sum, part)| sum.merge(part));
    }
}

/// The operations as they are on one tile: controls and signs of the qubits outside are known.
fn localise<T: Real>(ops: &[Op], bits: &Bits, ones: u64, numbers: Numbers<'_, T>, buffers: &mut TwoStates<T>) {
    let TwoStates { ops: local, factors, derivatives, .. } = buffers;
    local.clear();
    factors.clear();
    factors.extend_from_slice(numbers.factors);
    derivatives.clear();
    derivatives.extend_from_slice(numbers.derivatives);
    let holds = |controls: u64| (controls & !bits.mask) & !ones == 0;
    let mut signed = |slot: u32, z: u64| {
        if odd((z & !bits.mask & ones) as usize) {
            factors[slot as usize][1] = -factors[slot as usize][1];
            derivatives[slot as usize] = derivatives[slot as usize].map(|(parameter, scale)| (parameter, -scale));
        }
    };
    for op in ops {
        match *op {
            Op::Rotation { masks, slot } if holds(masks.controls) => {
                signed(slot, masks.z);
                let masks = Masks { x: bits.local(masks.x), z: bits.local(masks.z), controls: bits.local(masks.controls) };
                local.push(Op::Rotation { masks, slot });
            }
            Op::Parity { parity, controls, slot } if holds(controls) => {
                signed(slot, parity);
                local.push(Op::Parity { parity: bits.local(parity), controls: bits.local(controls), slot });
            }
            Op::Phase { controls, slot } if holds(controls) => local.push(Op::Phase { controls: bits.local(controls), slot }),
            Op::Flip { x, controls } if holds(controls) => {
                local.push(Op::Flip { x: bits.local(x), controls: bits.local(controls) });
            }
            Op::Rotation { .. } | Op::Parity { .. } | Op::Phase { .. } | Op::Flip { .. } => {}
            Op::Dense(_) => unreachable!("dense operations are passes of their own"),
        }
    }
}
