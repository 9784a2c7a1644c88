//! Functions of two numbers, applied to each pair of entries of two matrices.

use crate::Scalar;

/// Which function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    /// Where both are equal, half of the gradient goes to each.
    Minimum,
    /// -(t ln p + (1 - t) ln(1 - p)) of p and t, each logarithm at least -100 as in PyTorch; no gradient for t.
    CrossEntropy,
}

impl Binary {
    pub(super) fn forward<T: Scalar>(self, left: &[T], right: &[T], out: &mut [T]) {
        match self {
            Self::Add => each(left, right, out, |a, b| a + b),
            Self::Sub => each(left, right, out, |a, b| a - b),
            Self::Mul => each(left, right, out, |a, b| a * b),
            Self::Minimum => each(left, right, out, |a, b| if b < a || b.is_nan() { b } else { a }),
            Self::CrossEntropy => {
                let (one, least) = (T::one(), T::from_f64(-100.0));
                each(left, right, out, |p, t| -(t * p.ln().max(least) + (one - t) * (-p).ln_1p().max(least)));
            }
        }
    }

    /// Adds the products of the upstream cotangent with the derivative with respect to `left`.
    pub(super) fn backward_left<T: Scalar>(self, left: &[T], right: &[T], upstream: &[T], gradient: &mut [T]) {
        match self {
            Self::Add | Self::Sub => each_slope((left, right, upstream), gradient, |_, _| T::one()),
            Self::Mul => each_slope((left, right, upstream), gradient, |_, b| b),
            Self::Minimum => each_slope((left, right, upstream), gradient, share),
            Self::CrossEntropy => {
                let least = T::from_f64(1e-12);
                each_slope((left, right, upstream), gradient, |p, t| (p - t) / (p * (T::one() - p)).max(least));
            }
        }
    }

    /// Adds the products of the upstream cotangent with the derivative with respect to `right`.
    pub(super) fn backward_right<T: Scalar>(self, left: &[T], right: &[T], upstream: &[T], gradient: &mut [T]) {
        match self {
            Self::Add => each_slope((left, right, upstream), gradient, |_, _| T::one()),
            Self::Sub => each_slope((left, right, upstream), gradient, |_, _| -T::one()),
            Self::Mul => each_slope((left, right, upstream), gradient, |a, _| a),
            Self::Minimum => each_slope((left, right, upstream), gradient, |a, b| share(b, a)),
            Self::CrossEntropy => {}
        }
    }
}

/// What of a gradient goes to the first of two numbers when the smaller is taken.
fn share<T: Scalar>(a: T, b: T) -> T {
    if a < b {
        T::one()
    } else if b < a {
        T::zero()
    } else {
        T::from_f64(0.5)
    }
}

fn each<T: Scalar>(left: &[T], right: &[T], out: &mut [T], function: impl Fn(T, T) -> T) {
    out.iter_mut().zip(left).zip(right).for_each(|((out, a), b)| *out = function(*a, *b));
}

fn each_slope<T: Scalar>((left, right, upstream): (&[T], &[T], &[T]), gradient: &mut [T], slope: impl Fn(T, T) -> T) {
    for (((gradient, a), b), up) in gradient.iter_mut().zip(left).zip(right).zip(upstream) {
        *gradient = *gradient + *up * slope(*a, *b);
    }
}
