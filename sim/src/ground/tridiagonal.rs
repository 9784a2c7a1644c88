//! Symmetric tridiagonal matrices.

/// Smaller numbers are nothing, so that squares of their inverses are finite.
const TINY: f64 = 1e-120;

/// The lowest eigenvalue of a symmetric tridiagonal matrix by bisection, and its vector by inverse iteration.
pub(super) fn lowest(diagonal: &[f64], off: &[f64]) -> (f64, Vec<f64>) {
    let radius = |i: usize| off.get(i).map_or(0.0, |b| b.abs()) + if i > 0 { off[i - 1].abs() } else { 0.0 };
    let (mut low, mut high) = (f64::INFINITY, f64::INFINITY);
    for (i, &a) in diagonal.iter().enumerate() {
        low = low.min(a - radius(i));
        high = high.min(a);
    }
    // The number of eigenvalues below x is the number of negative pivots of T - x.
    let below = |x: f64| {
        let mut pivot = 1.0f64;
        diagonal.iter().enumerate().any(|(i, &a)| {
            let b = if i > 0 { off[i - 1] } else { 0.0 };
            pivot = a - x - if i > 0 { b * b / pivot } else { 0.0 };
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE;
            }
            pivot < 0.0
        })
    };
    let scale = low.abs().max(high.abs()).max(TINY);
    low -= 1e-12 * scale;
    high += 1e-12 * scale;
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { high = middle } else { low = middle }
    }
    let shift = low - 1e-14 * scale;
    // T - shift is positive definite: elimination without pivoting is stable.
    let size = diagonal.len();
    let mut pivots = vec![0.0; size];
    for i in 0..size {
        let carried = if i > 0 { off[i - 1] * off[i - 1] / pivots[i - 1] } else { 0.0 };
        pivots[i] = diagonal[i] - shift - carried;
        if pivots[i].abs() < f64::MIN_POSITIVE * 1e20 {
            pivots[i] = f64::EPSILON * scale;
        }
    }
    let mut vector = vec![1.0; size];
    for _ in 0..4 {
        for i in 1..size {
            vector[i] -= off[i - 1] / pivots[i - 1] * vector[i - 1];
        }
        for i in (0..size).rev() {
            let next = if i + 1 < size { off[i] * vector[i + 1] } else { 0.0 };
            vector[i] = (vector[i] - next) / pivots[i];
        }
        let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
    }
    (high, vector)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::lowest;

    /// `a` on and `b` beside the diagonal: `a - 2|b| cos(pi/(n + 1))`, its vector half a sine wave.
    #[test]
    fn chains_have_their_sine_waves() {
        for size in [1, 2, 3, 10, 64] {
            for (a, b) in [(0.0, 1.0), (3.0, -0.5), (-2e6, 1e6), (1e-9, 4e-10)] {
                let (energy, vector) = lowest(&vec![a; size], &vec![b; size - 1]);
                let step = PI / (size + 1) as f64;
                let scale = a.abs() + f64::abs(b);
                assert!(
                    (energy - (a - 2.0 * f64::abs(b) * step.cos() * f64::from(u8::from(size > 1)))).abs() < 1e-11 * (1.0 + scale)
                );
                let norm = (2.0 / (size + 1) as f64).sqrt();
                let sign = |k: usize| if b > 0.0 && k % 2 == 1 { -1.0 } else { 1.0 };
                let wave: Vec<f64> = (0..size).map(|k| sign(k) * norm * (step * (k + 1) as f64).sin()).collect();
                let overlap: f64 = vector.iter().zip(&wave).map(|(x, y)| x * y).sum();
                assert!(scale < 1e-6 || (overlap.abs() - 1.0).abs() < 1e-9, "{size} {a} {b}: {overlap}");
            }
        }
    }

    /// Parts that are not coupled: the lower one's state, and nothing of the other.
    #[test]
    fn uncoupled_parts_stay_apart() {
        let (energy, vector) = lowest(&[5.0, 1.0, 1.0, 4.0], &[0.0, -2.0, 0.0]);
        assert!((energy + 1.0).abs() < 1e-12);
        assert!((vector[1] - vector[2]).abs() < 1e-9 && (vector[1].abs() - 0.5f64.sqrt()).abs() < 1e-9, "{vector:?}");
        assert!(vector[0].abs() < 1e-9 && vector[3].abs() < 1e-9, "{vector:?}");
        let (energy, _) = lowest(&[2.0, -7.0, 3.0], &[0.0, 0.0]);
        assert!((energy + 7.0).abs() < 1e-11);
    }
}
