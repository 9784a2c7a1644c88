//! Hadamard gates on all qubits, and phases that depend on parities.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::vector::{Vector, View, exchange, lane_bits, lanes, signs};
use crate::walsh::walsh;

/// One step of making a table of phases within a list of complex numbers.
#[derive(Clone, Debug)]
pub(crate) enum PhaseStep {
    /// `length` times the product of some phases; 1 of none.
    Constant { place: usize, length: usize, phases: Vec<usize> },
    /// The `half` numbers once more behind themselves.
    Copy { place: usize, half: usize },
    /// The numbers times the product of some phases, and behind them times its conjugate.
    Turn { place: usize, half: usize, phases: Vec<usize> },
    /// Numbers and, behind them, factors become products with the factors and with their conjugates.
    Combine { place: usize, half: usize },
}

/// The product of some phases.
#[inline(always)]
fn product(phases: &[[f64; 2]], numbers: &[usize]) -> [f64; 2] {
    numbers.iter().fold([1.0, 0.0], |[a, b], &k| {
        let [c, d] = phases[k];
        [a * c - b * d, a * d + b * c]
    })
}

/// Carries out the steps in both planes, in order; phases are `[cosine, sine]`.
pub(crate) fn phase_table(level: Level, steps: &[PhaseStep], phases: &[[f64; 2]], re: &mut [f64], im: &mut [f64]) {
    dispatch!(level, _simd => carry_out(steps, phases, re, im));
}

#[inline(always)]
fn carry_out(steps: &[PhaseStep], phases: &[[f64; 2]], re: &mut [f64], im: &mut [f64]) {
    for step in steps {
        match step {
            PhaseStep::Constant { place, length, phases: numbers } => {
                let [c, s] = product(phases, numbers);
                re[*place..place + length].fill(c);
                im[*place..place + length].fill(s);
            }
            PhaseStep::Copy { place, half } => {
                re.copy_within(*place..place + half, place + half);
                im.copy_within(*place..place + half, place + half);
            }
            PhaseStep::Turn { place, half, phases: numbers } => {
                let [c, s] = product(phases, numbers);
                let (re, im) = (&mut re[*place..place + 2 * half], &mut im[*place..place + 2 * half]);
                let ((re, re_high), (im, im_high)) = (re.split_at_mut(*half), im.split_at_mut(*half));
                for (((a, b), high_a), high_b) in re.iter_mut().zip(im).zip(re_high).zip(im_high) {
                    let (ac, bs, aas, bc) = (*a * c, *b * s, *a * s, *b * c);
                    (*a, *b, *high_a, *high_b) = (ac - bs, aas + bc, ac + bs, bc - aas);
                }
            }
            PhaseStep::Combine { place, half } => {
                let (re, im) = (&mut re[*place..place + 2 * half], &mut im[*place..place + 2 * half]);
                let ((re, re_high), (im, im_high)) = (re.split_at_mut(*half), im.split_at_mut(*half));
                for (((a, b), c), d) in re.iter_mut().zip(im).zip(re_high).zip(im_high) {
                    let (ac, bd, ad, bc) = (*a * *c, *b * *d, *a * *d, *b * *c);
                    (*a, *b, *c, *d) = (ac - bd, ad + bc, ac + bd, bc - ad);
                }
            }
        }
    }
}

/// The state times a table of phases and a scale.
pub(crate) fn multiply_phases(level: Level, state: (&mut [f64], &mut [f64]), table: (&[f64], &[f64]), scale: f64) {
    dispatch!(level, _simd => multiply(state, table, scale));
}

#[inline(always)]
fn multiply((re, im): (&mut [f64], &mut [f64]), table: (&[f64], &[f64]), scale: f64) {
    for (((a, b), c), d) in re.iter_mut().zip(im).zip(table.0).zip(table.1) {
        (*a, *b) = ((*a * c - *b * d) * scale, (*a * d + *b * c) * scale);
    }
}

/// The Walsh-Hadamard transform of a plane, in place.
pub(crate) fn walsh_plane(level: Level, plane: &mut [f64]) {
    dispatch!(level, simd => transform(simd, plane));
}

#[inline(always)]
fn transform<S: Simd>(simd: S, plane: &mut [f64]) {
    if plane.len() < lanes::<S, f64>() {
        return walsh(plane);
    }
    let plane = View::new(plane);
    simd.vectorize(
        #[inline(always)]
        || {
            let count = plane.vectors::<S>();
            for v in 0..count {
                // SAFETY: v is below the number of vectors.
                let mut x: Vector<S, f64> = unsafe { plane.load::<S>(simd, v) };
                for bit in 0..lane_bits::<S, f64>() {
                    let other: Vector<S, f64> = x.swizzle_dyn(exchange::<S, f64>(simd, 1 << bit));
                    x = x.mul_add(signs::<S, f64>(simd, 1 << bit), other);
                }
                // SAFETY: as above, and the plane is borrowed exclusively.
                unsafe { plane.store::<S>(v, x) };
            }
            // two index bits a pass
            let mut stride = 1;
            while 4 * stride <= count {
                for v in (0..count).step_by(4 * stride).flat_map(|block| block..block + stride) {
                    let places = [v, v + stride, v + 2 * stride, v + 3 * stride];
                    // SAFETY: blocks of 4 strides fill the plane, whose size is a power of two.
                    let [a, b, c, d]: [Vector<S, f64>; 4] = places.map(|place| unsafe { plane.load::<S>(simd, place) });
                    let (e, f, g, h) = (a + b, a - b, c + d, c - d);
                    for (place, value) in places.into_iter().zip([e + g, f + h, e - g, f - h]) {
                        // SAFETY: as above, and the plane is borrowed exclusively.
                        unsafe { plane.store::<S>(place, value) };
                    }
                }
                stride *= 4;
            }
            if stride < count {
                for v in 0..stride {
                    // SAFETY: the plane has two strides of vectors.
                    let (a, b): (Vector<S, f64>, Vector<S, f64>) =
                        unsafe { (plane.load::<S>(simd, v), plane.load::<S>(simd, v + stride)) };
                    // SAFETY: as above, and the plane is borrowed exclusively.
                    unsafe {
                        plane.store::<S>(v, a + b);
                        plane.store::<S>(v + stride, a - b);
                    }
                }
            }
        },
    );
}
