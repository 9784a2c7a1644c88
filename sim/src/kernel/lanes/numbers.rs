//! The numbers of a plan for one parameter vector a lane.

use fearless_simd::{Level, Select, Simd, SimdBase, SimdFloat, SimdMask, dispatch};

use super::super::sincos;
use super::super::vector::lanes;
use super::plan::LanePlan;
use crate::kernel::Real;

/// Buffers for angles before they are numbers.
#[derive(Debug, Default)]
pub(crate) struct LaneScratch {
    /// `[parameter][lane]`
    columns: Vec<f64>,
    /// `[segment][lane]`
    scales: Vec<f64>,
}

/// Tangents, cosines, sines and scales; `parameters` has one row for each lane.
pub(crate) fn bind_plan<T: Real>(
    level: Level,
    plan: &LanePlan,
    parameters: &[&[f64]],
    scratch: &mut LaneScratch,
    numbers: &mut [T],
) {
    dispatch!(level, simd => bind(simd, plan, parameters, scratch, numbers));
}

#[inline(always)]
fn bind<S: Simd, T: Real>(simd: S, plan: &LanePlan, parameters: &[&[f64]], scratch: &mut LaneScratch, numbers: &mut [T]) {
    simd.vectorize(
        #[inline(always)]
        || {
            let (count, width) = (lanes::<S, T>(), S::f64s::LEN);
            let LaneScratch { columns, scales } = scratch;
            transpose(simd, parameters, count, columns);
            scales.clear();
            scales.resize(plan.segments * count, 1.0);
            // Below this a cosine is cut, so that no tangent is too large for the precision.
            let least = if T::BYTES == 8 { 1e-17 } else { 1e-9 };
            for (angle, numbers) in plan.angles.iter().zip(numbers.chunks_exact_mut(2 * count)) {
                let (first, second) = numbers.split_at_mut(count);
                for start in (0..count).step_by(width) {
                    let (cosine, sine) = match angle.fixed {
                        Some([cosine, sine]) => (S::f64s::splat(simd, cosine), S::f64s::splat(simd, sine)),
                        None => {
                            let mut sum = S::f64s::splat(simd, angle.constant);
                            for &(parameter, factor) in &angle.terms {
                                let at = parameter * count + start;
                                sum = S::f64s::from_slice(simd, &columns[at..at + width])
                                    .mul_add(S::f64s::splat(simd, factor), sum);
                            }
                            cosine_and_sine(simd, sum)
                        }
                    };
                    match angle.segment {
                        Some(segment) => {
                            let bound = S::f64s::splat(simd, least);
                            let cosine = cosine.abs().simd_lt(bound).select(bound.copysign(cosine), cosine);
                            write(&mut first[start..start + width], sine / cosine);
                            let scale = &mut scales[segment * count + start..segment * count + start + width];
                            (S::f64s::from_slice(simd, scale) * cosine).store_slice(scale);
                        }
                        None => {
                            write(&mut first[start..start + width], cosine);
                            write(&mut second[start..start + width], sine);
                        }
                    }
                }
            }
            let all = &mut numbers[2 * count * plan.angles.len()..];
            all.iter_mut().zip(scales.iter()).for_each(|(to, from)| *to = T::from_f64(*from));
        },
    );
}

#[inline(always)]
fn cosine_and_sine<S: Simd>(simd: S, angle: S::f64s) -> (S::f64s, S::f64s) {
    if angle.abs().simd_le(S::f64s::splat(simd, sincos::LARGEST)).all_true() {
        return sincos::vector(simd, angle);
    }
    let (mut cosine, mut sine) = (angle, angle);
    for lane in 0..S::f64s::LEN {
        (sine[lane], cosine[lane]) = angle[lane].sin_cos();
    }
    (cosine, sine)
}

#[inline(always)]
fn write<S: Simd, T: Real>(to: &mut [T], values: impl SimdBase<S, Element = f64>) {
    to.iter_mut().zip(values.as_slice()).for_each(|(to, from)| *to = T::from_f64(*from));
}

/// `columns[parameter][lane]` from rows of parameters.
#[inline(always)]
fn transpose<S: Simd>(simd: S, rows: &[&[f64]], count: usize, columns: &mut Vec<f64>) {
    let width = S::f64s::LEN;
    let parameters = rows.first().map_or(0, |row| row.len());
    columns.resize(parameters * count, 0.0);
    let whole = parameters - parameters % width;
    for start in (0..count).step_by(width) {
        for first in (0..whole).step_by(width) {
            let mut group = [S::f64s::splat(simd, 0.0); 16];
            for lane in 0..width {
                group[lane] = S::f64s::from_slice(simd, &rows[start + lane][first..first + width]);
            }
            let mut step = 1;
            while step < width {
                let old = group;
                for k in 0..width / 2 {
                    group[2 * k] = old[k].zip_low(old[k + width / 2]);
                    group[2 * k + 1] = old[k].zip_high(old[k + width / 2]);
                }
                step *= 2;
            }
            for k in 0..width {
                let at = (first + k) * count + start;
                group[k].store_slice(&mut columns[at..at + width]);
            }
        }
        for lane in start..start + width {
            for parameter in whole..parameters {
                columns[parameter * count + lane] = rows[lane][parameter];
            }
        }
    }
}
