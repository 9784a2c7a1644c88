//! Functions of one number, applied to each entry of a matrix.

use crate::Scalar;

/// Which function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Map<T> {
    Sigmoid,
    Tanh,
    LeakyRelu(T),
    Square,
    Softplus,
    Huber(T),
    Scale(T),
    Exp,
    /// Within these bounds.
    Clamp(T, T),
}

impl<T: Scalar> Map<T> {
    pub(super) fn forward(self, inputs: &[T], out: &mut [T]) {
        let one = T::one();
        let half = T::from_f64(0.5);
        match self {
            Self::Sigmoid => each(inputs, out, |x| one / (one + (-x).exp())),
            Self::Tanh => each(inputs, out, T::tanh),
            Self::LeakyRelu(slope) => each(inputs, out, |x| if x > T::zero() { x } else { slope * x }),
            Self::Square => each(inputs, out, |x| x * x),
            Self::Softplus => each(inputs, out, |x| x.max(T::zero()) + (-x.abs()).exp().ln_1p()),
            Self::Huber(beta) => each(inputs, out, |x| {
                let size = x.abs();
                if size < beta { half * size * size / beta } else { size - half * beta }
            }),
            Self::Scale(factor) => each(inputs, out, |x| factor * x),
            Self::Exp => each(inputs, out, T::exp),
            Self::Clamp(low, high) => each(inputs, out, |x| {
                if x < low {
                    low
                } else if x > high {
                    high
                } else {
                    x
                }
            }),
        }
    }

    /// Adds the product of the upstream cotangent with the derivative.
    pub(super) fn backward(self, inputs: &[T], values: &[T], upstream: &[T], gradient: &mut [T]) {
        let one = T::one();
        let parts = (inputs, values, upstream);
        match self {
            Self::Sigmoid => each_slope(parts, gradient, |_, y| y * (one - y)),
            Self::Tanh => each_slope(parts, gradient, |_, y| one - y * y),
            Self::LeakyRelu(slope) => each_slope(parts, gradient, |x, _| if x > T::zero() { one } else { slope }),
            Self::Square => each_slope(parts, gradient, |x, _| x + x),
            Self::Softplus => each_slope(parts, gradient, |x, _| one / (one + (-x).exp())),
            Self::Huber(beta) => each_slope(parts, gradient, |x, _| (x / beta).max(-one).min(one)),
            Self::Scale(factor) => each_slope(parts, gradient, |_, _| factor),
            Self::Exp => each_slope(parts, gradient, |_, y| y),
            Self::Clamp(low, high) => each_slope(parts, gradient, |x, _| if x < low || x > high { T::zero() } else { one }),
        }
    }
}

fn each<T: Scalar>(inputs: &[T], out: &mut [T], function: impl Fn(T) -> T) {
    out.iter_mut().zip(inputs).for_each(|(y, x)| *y = function(*x));
}

fn each_slope<T: Scalar>((inputs, values, upstream): (&[T], &[T], &[T]), gradient: &mut [T], slope: impl Fn(T, T) -> T) {
    for (((gradient, x), y), up) in gradient.iter_mut().zip(inputs).zip(values).zip(upstream) {
        *gradient = *gradient + *up * slope(*x, *y);
    }
}
