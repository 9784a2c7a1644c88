//! Sines and cosines of many angles at once.
//!
//! Reduction by multiples of pi/2 in three parts (Cody and Waite), then the polynomials of the fdlibm kernels on
//! `[-pi/4, pi/4]`: within two units in the last place for angles up to [`LARGEST`], beyond which the standard
//! library takes over.

use std::f64::consts::FRAC_2_PI;

use fearless_simd::{Level, Select, Simd, SimdBase, SimdFloat, SimdMask, dispatch};

/// The largest angle the three-part reduction serves.
pub(super) const LARGEST: f64 = 1e5;

/// pi/2 in three parts, the first two of 33 bits.
const PARTS: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_506_192e-11, 2.022_266_248_795_950_6e-21];

const SINE: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];
const COSINE: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];

/// Replaces `[angle, anything]` by `[cosine, sine]` in every pair.
pub(crate) fn cosines_and_sines(level: Level, pairs: &mut [[f64; 2]]) {
    dispatch!(level, simd => {
        let (mut angles, mut sines) = ([0.0; 64], [0.0; 64]);
        for chunk in pairs.chunks_mut(64) {
            angles.iter_mut().zip(chunk.iter()).for_each(|(angle, pair)| *angle = pair[0]);
            let (angles, sines) = (&mut angles[..chunk.len()], &mut sines[..chunk.len()]);
            in_place(simd, angles, sines);
            for (pair, (cosine, sine)) in chunk.iter_mut().zip(angles.iter().zip(sines.iter())) {
                *pair = [*cosine, *sine];
            }
        }
    });
}

/// Replaces every angle by its cosine, the sines into a buffer of their own.
pub(crate) fn cosines_in_place(level: Level, angles: &mut [f64], sines: &mut Vec<f64>) {
    sines.resize(angles.len(), 0.0);
    dispatch!(level, simd => in_place(simd, angles, sines));
}

/// Replaces every angle by its cosine, the sines beside them.
#[inline(always)]
pub(super) fn in_place<S: Simd>(simd: S, angles: &mut [f64], sines: &mut [f64]) {
    let lanes = S::f64s::LEN;
    let whole = angles.len() / lanes * lanes;
    let (angles, last_angles) = angles.split_at_mut(whole);
    let (sines, last_sines) = sines.split_at_mut(whole);
    for (angles, sines) in angles.chunks_exact_mut(lanes).zip(sines.chunks_exact_mut(lanes)) {
        one(simd, angles, sines);
    }
    if !last_angles.is_empty() {
        let (mut padded, mut beside) = ([0.0; 16], [0.0; 16]);
        padded[..last_angles.len()].copy_from_slice(last_angles);
        one(simd, &mut padded[..lanes], &mut beside[..lanes]);
        last_angles.copy_from_slice(&padded[..last_angles.len()]);
        last_sines.copy_from_slice(&beside[..last_sines.len()]);
    }
}

/// The same for as many angles as a vector has.
#[inline(always)]
fn one<S: Simd>(simd: S, angles: &mut [f64], sines: &mut [f64]) {
    let angle = S::f64s::from_slice(simd, angles);
    if angle.abs().simd_le(S::f64s::splat(simd, LARGEST)).all_true() {
        let (cosine, sine) = vector(simd, angle);
        angles.copy_from_slice(cosine.as_slice());
        sines.copy_from_slice(sine.as_slice());
    } else {
        for (angle, sine) in angles.iter_mut().zip(sines) {
            (*sine, *angle) = angle.sin_cos();
        }
    }
}

/// Cosines and sines of one vector of angles of at most [`LARGEST`].
#[inline(always)]
pub(crate) fn vector<S: Simd>(simd: S, angle: S::f64s) -> (S::f64s, S::f64s) {
    let turns = (angle * FRAC_2_PI).round_ties_even();
    let reduced = (-turns).mul_add(S::f64s::splat(simd, PARTS[0]), angle);
    let reduced = (-turns).mul_add(S::f64s::splat(simd, PARTS[1]), reduced);
    let x = (-turns).mul_add(S::f64s::splat(simd, PARTS[2]), reduced);
    let z = x * x;
    let sine = (polynomial(simd, z, &SINE) * z).mul_add(x, x);
    let half = z * 0.5;
    let whole = S::f64s::splat(simd, 1.0) - half;
    // 1 - z/2 with the rounding error of the subtraction put back.
    let cosine = (polynomial(simd, z, &COSINE) * z).mul_add(z, (S::f64s::splat(simd, 1.0) - whole) - half) + whole;
    // Quadrant 0 to 3.
    let quadrant = (-(turns * 0.25).floor()).mul_add(S::f64s::splat(simd, 4.0), turns);
    let swapped = (quadrant - S::f64s::splat(simd, 2.0)).abs().simd_eq(S::f64s::splat(simd, 1.0));
    let sine_negative = quadrant.simd_ge(S::f64s::splat(simd, 2.0));
    let cosine_negative = (quadrant - 1.5).abs().simd_le(S::f64s::splat(simd, 0.5));
    let new_sine = swapped.select(cosine, sine);
    let new_cosine = swapped.select(sine, cosine);
    (cosine_negative.select(-new_cosine, new_cosine), sine_negative.select(-new_sine, new_sine))
}

/// `c[0] + c[1] z + ...`
#[inline(always)]
fn polynomial<S: Simd>(simd: S, z: S::f64s, c: &[f64; 6]) -> S::f64s {
    let mut sum = S::f64s::splat(simd, c[5]);
    for k in [4, 3, 2, 1, 0] {
        sum = sum.mul_add(z, S::f64s::splat(simd, c[k]));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::cosines_and_sines;
    use crate::config::InstructionSet;

    #[test]
    fn agrees_with_the_standard_library() {
        let angles: Vec<f64> =
            (-4000..4000).map(|k| f64::from(k) * 0.01373 + 1e-9).chain([0.0, -0.0, 9e4, -9.9e4, 1e7, 3e300]).collect();
        for set in InstructionSet::available() {
            let mut pairs: Vec<[f64; 2]> = angles.iter().map(|&angle| [angle, 0.0]).collect();
            cosines_and_sines(set.level(), &mut pairs);
            for (angle, pair) in angles.iter().zip(&pairs) {
                assert!((pair[0] - angle.cos()).abs() < 4e-16, "{} cos {angle}: {}", set.name(), pair[0]);
                assert!((pair[1] - angle.sin()).abs() < 4e-16, "{} sin {angle}: {}", set.name(), pair[1]);
            }
        }
    }
}
