//! How many shots each setting gets.

/// What the share of a setting goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Allocation {
    /// Every setting the same.
    Uniform,
    /// By the sum of the absolute coefficients: the best that is known before anything is measured.
    #[default]
    Weight,
    /// By the standard deviation of one shot: least error for the whole (Neyman), where the deviations are known or were
    /// measured before.
    Deviation,
}

/// Shares out `total` shots by these weights, rounded so that the sum is kept and every setting gets at least one shot.
///
/// ```
/// assert_eq!(qloom_estimate::allocate(10, &[3.0, 1.0, 1.0]), [6, 2, 2]);
/// assert_eq!(qloom_estimate::allocate(10, &[1.0, 0.0]), [9, 1]);
/// ```
///
/// Fewer shots than settings are one shot a setting. Weights that are not finite or negative count as 0; all 0 is all equal.
pub fn allocate(total: u64, weights: &[f64]) -> Vec<u64> {
    let count = weights.len() as u64;
    let spare = total.saturating_sub(count);
    let usable = |weight: f64| if weight.is_finite() && weight > 0.0 { weight } else { 0.0 };
    let largest = weights.iter().copied().map(usable).fold(0.0, f64::max);
    let scaled: Vec<f64> = weights.iter().map(|&w| if largest > 0.0 { usable(w) / largest } else { 1.0 }).collect();
    let sum: f64 = scaled.iter().sum();
    // the exact shares of the whole, less the shot everybody has
    let wanted: Vec<f64> = scaled.iter().map(|w| (w / sum * total as f64 - 1.0).max(0.0)).collect();
    let wanted_sum: f64 = wanted.iter().sum();
    let shares: Vec<f64> = wanted.iter().map(|w| if wanted_sum > 0.0 { w / wanted_sum * spare as f64 } else { 0.0 }).collect();
    let mut shots: Vec<u64> = shares.iter().map(|share| 1 + share.floor() as u64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| shares[b].fract().total_cmp(&shares[a].fract()).then(a.cmp(&b)));
    let missing = (spare + count).saturating_sub(shots.iter().sum());
    for &index in order.iter().cycle().take(if weights.is_empty() { 0 } else { missing as usize }) {
        shots[index] += 1;
    }
    shots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shot_is_given_out() {
        for (total, weights) in [
            (1_000_003, vec![0.3, 0.1, 2.0, 1e-9]),
            (7, vec![1.0, 1.0, 1.0]),
            (100, vec![0.0, 0.0]),
            (100, vec![f64::NAN, -1.0, 1.0]),
        ] {
            let shots = allocate(total, &weights);
            assert_eq!(shots.iter().sum::<u64>(), total, "{weights:?}");
            assert!(shots.iter().all(|&count| count > 0));
        }
        assert_eq!(allocate(2, &[1.0, 2.0, 3.0]), [1, 1, 1]);
        // what is no weight gets the one shot
        assert_eq!(allocate(100, &[f64::NAN, -1.0, 1.0]), [1, 1, 98]);
        assert_eq!(allocate(100, &[f64::INFINITY, 1.0, -0.5]), [1, 98, 1]);
        // shares that are whole numbers are given out as they are
        assert_eq!(allocate(1000, &[5.0, 3.0, 2.0]), [500, 300, 200]);
        assert!(allocate(5, &[]).is_empty());
    }
}
