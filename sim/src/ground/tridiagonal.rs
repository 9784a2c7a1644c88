//! Symmetric tridiagonal matrices.

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
    low -= 1e-12 * (1.0 + low.abs());
    high += 1e-12 * (1.0 + high.abs());
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { high = middle } else { low = middle }
    }
    let shift = low - 1e-14 * (1.0 + low.abs());
    // T - shift is positive definite: elimination without pivoting is stable.
    let size = diagonal.len();
    let mut pivots = vec![0.0; size];
    for i in 0..size {
        let carried = if i > 0 { off[i - 1] * off[i - 1] / pivots[i - 1] } else { 0.0 };
        pivots[i] = diagonal[i] - shift - carried;
        if pivots[i].abs() < f64::MIN_POSITIVE * 1e20 {
            pivots[i] = f64::EPSILON * (1.0 + shift.abs());
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
