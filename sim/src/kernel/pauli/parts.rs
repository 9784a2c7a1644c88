//! Product states of parts of the digits: what is done to a part alone is done before the parts become the whole.

use fearless_simd::{Level, Simd, SimdBase};

use super::pass::{Origin, PassBuffers, run_pass};
use super::two::{GROUP, place};
use super::{Numbers, Pass};
use crate::error::SimError;
use crate::kernel::plane::Plane;
use crate::kernel::vector::{Vector, lanes};

type V<S> = Vector<S, f64>;

/// Some digits whose state is at first a factor of the whole.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The digits, ascending.
    pub(crate) digits: Vec<u8>,
    /// What is done to them alone: a pass in one tile, which numbers them from zero.
    pub(crate) pass: Pass,
    /// Where the values for each group of a tile of the whole begin.
    pub(crate) groups: Vec<u32>,
    /// The strides of the digits outside of a tile of the whole; zero for those of other parts.
    pub(crate) outside: Vec<u32>,
    /// Whether digits 0 and 1 of the whole are here.
    pub(crate) lanes: [bool; 2],
}

impl PassBuffers {
    /// Works out the parts of a product of one-qubit states, which are given by digit.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub(crate) fn prepare(
        &mut self,
        level: Level,
        parts: &[Part],
        numbers: Numbers<'_>,
        states: &[[f64; 4]],
    ) -> Result<(), SimError> {
        let mut all = std::mem::take(&mut self.parts);
        for (at, part) in parts.iter().enumerate() {
            let length = 1usize << (2 * part.pass.digits.len());
            if all.len() == at {
                all.push(Plane::zeroed(length)?);
            } else if all[at].len() < length {
                all[at] = Plane::zeroed(length)?;
            }
            let mut own = [[1.0, 0.0, 0.0, 0.0]; 8];
            for (own, &digit) in own.iter_mut().zip(&part.digits) {
                *own = states[usize::from(digit)];
            }
            run_pass(level, &part.pass, numbers, Some(Origin::Product(&own)), &mut all[at][..length], self, 1);
        }
        self.parts = all;
        Ok(())
    }
}

/// Fills the tile of this number with the product of the parts.
#[inline(always)]
pub(super) fn fill_parts<S: Simd>(
    simd: S,
    (parts, values): (&[Part], &[Plane<f64>]),
    index: usize,
    tile: &mut [f64],
    factors: &mut [f64],
) {
    let factors = &mut factors[..tile.len() / GROUP];
    factors.fill(1.0);
    let start = |part: &Part| {
        let digits = part.outside.iter().enumerate();
        digits.fold(0, |sum, (k, &stride)| sum + (index >> (2 * k) & 3) * stride as usize)
    };
    let (mut low, mut high) = (None, None);
    for (part, values) in parts.iter().zip(values) {
        let values = &values[start(part)..];
        match part.lanes {
            [true, both] => low = Some((part, values, both)),
            [false, true] => high = Some((part, values)),
            [false, false] => {
                for (factor, &at) in factors.iter_mut().zip(&part.groups) {
                    *factor *= values[at as usize];
                }
            }
        }
    }
    let (part, values, both) = low.expect("a part has the first digit");
    for (group, (&factor, &at)) in factors.iter().zip(&part.groups).enumerate() {
        let to = &mut tile[place(GROUP * group)..][..GROUP];
        if both {
            let from = &values[at as usize..][..GROUP];
            for (from, to) in from.chunks_exact(lanes::<S, f64>()).zip(to.chunks_exact_mut(lanes::<S, f64>())) {
                (V::<S>::from_slice(simd, from) * V::<S>::splat(simd, factor)).store_slice(to);
            }
        } else {
            let (other, others) = high.expect("a part has the second digit");
            let (from, rows) = (&values[at as usize..][..4], &others[other.groups[group] as usize..][..4]);
            for (to, row) in to.chunks_exact_mut(4).zip(rows) {
                let scale = row * factor;
                for (to, from) in to.iter_mut().zip(from) {
                    *to = from * scale;
                }
            }
        }
    }
}
