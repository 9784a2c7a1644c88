//! Sums of probabilities.

use fearless_simd::{Level, dispatch};

use super::real::Real;

/// Sums kept side by side: amplitude `k` goes to sum `k % 8`.
pub(crate) const SUMS: usize = 8;

/// Probabilities of a stretch of amplitudes, summed in double precision; the same bits at every instruction set.
pub(crate) fn weights<T: Real>(level: Level, re: &[T], im: &[T]) -> [f64; SUMS] {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    dispatch!(level, _simd => sums(re, im))
}

#[inline(always)]
fn sums<T: Real>(re: &[T], im: &[T]) -> [f64; SUMS] {
    let mut sums = [0.0; SUMS];
    let ((re, re_rest), (im, im_rest)) = (re.as_chunks::<SUMS>(), im.as_chunks::<SUMS>());
    for (re, im) in re.iter().zip(im) {
        for k in 0..SUMS {
            let (a, b) = (re[k].to_f64(), im[k].to_f64());
            sums[k] += a * a + b * b;
        }
    }
    for (sum, (re, im)) in sums.iter_mut().zip(re_rest.iter().zip(im_rest)) {
        let (a, b) = (re.to_f64(), im.to_f64());
        *sum += a * a + b * b;
    }
    sums
}
