//! The path model at any root of unity (Aharonov, Jones and Landau, quant-ph/0511096).
//!
//! At `t = e^{2 pi i/k}`, with `A = i e^{-i pi/(2k)}`, `t^{1/2} = A^{-2} = -e^{i pi/k}` and the loop value `d = 2 cos(pi/k)`, paths are walks of
//! `n` steps on the line of vertices `1..k-1` that begin at 1. `E_i` joins walks that differ in the vertex after step `i` and agree before and
//! behind it; its entry is `sqrt(lambda_y lambda_y')/lambda_z`, `lambda_l = sin(pi l/k)`. For `k = 5` it is equivalent to the Fibonacci strings.

use std::collections::HashMap;
use std::f64::consts::PI;

use num_complex::Complex64;

use crate::braid::{Braid, Closure};
use crate::error::KnotError;

/// The value of the Jones polynomial of a closed braid at `t = e^{2 pi i/k}`, `t^{1/2} = -e^{i pi/k}`, by walks.
///
/// `writhe` is that of the oriented closed link. Costs the square of the number of walks times the crossings for a trace closure, the number
/// of walks times the crossings for a plat closure.
///
/// # Errors
/// For `k` below 3, no strand, an odd number in a plat closure, or more than `2^20` walks.
///
/// ```
/// use qloom_knots::{Closure, path_model};
/// let trefoil = "1 1 1".parse().unwrap();
/// let value = path_model::jones_at_root(&trefoil, Closure::Trace, 3, 4).unwrap();
/// assert!((value.re + 1.0).abs() < 1e-12); // t + t^3 - t^4 at t = i
/// ```
pub fn jones_at_root(braid: &Braid, closure: Closure, writhe: i64, k: u32) -> Result<Complex64, KnotError> {
    let n = braid.strands();
    if k < 3 || n == 0 {
        return Err(KnotError::Strands {
            strands: n,
            reason: "the path model takes at least one strand, and a root of order 3 or more",
        });
    }
    if closure == Closure::Plat && n % 2 == 1 {
        return Err(KnotError::Strands { strands: n, reason: "a plat closure joins strands in pairs; add one or remove one" });
    }
    let model = Model::new(n, k)?;
    let a = Complex64::cis(PI / 2.0 - PI / (2.0 * f64::from(k)));
    let d = 2.0 * (PI / f64::from(k)).cos();
    let run = |start: usize| {
        let mut vector = vec![Complex64::ZERO; model.walks.len()];
        vector[start] = Complex64::ONE;
        for &letter in braid.letters() {
            let (keep, join) = if letter > 0 { (a, a.inv()) } else { (a.inv(), a) };
            vector = model.apply(&vector, letter.unsigned_abs() as usize, keep, join);
        }
        vector[start]
    };
    let sum = match closure {
        Closure::Trace => {
            (0..model.walks.len()).map(|s| run(s) * model.lambda(model.walks[s][n]) / model.lambda(1)).sum::<Complex64>()
        }
        // every cup goes to 2 and comes back; the cups' norm is d^{n/2}
        Closure::Plat => model.index.get(&cups(n)).map_or(Complex64::ZERO, |&s| run(s)) * d.powi(n as i32 / 2),
    };
    // (-A^3)^{-w}
    let framing = (-a * a * a).powi(-(writhe.rem_euclid(4 * i64::from(k)) as i32));
    if d.abs() > 1e-9 {
        Ok(framing * sum / d)
    } else {
        Err(KnotError::Strands { strands: n, reason: "the loop value vanishes at this root" })
    }
}

fn cups(n: usize) -> Vec<u32> {
    (0..=n).map(|step| 1 + (step % 2) as u32).collect()
}

struct Model {
    k: u32,
    walks: Vec<Vec<u32>>,
    index: HashMap<Vec<u32>, usize>,
}

impl Model {
    fn new(n: usize, k: u32) -> Result<Self, KnotError> {
        let mut walks = vec![vec![1]];
        for _ in 0..n {
            let mut longer = Vec::new();
            for walk in &walks {
                let end = walk.last().copied().unwrap_or(1);
                for next in [end - 1, end + 1] {
                    if (1..k).contains(&next) {
                        longer.push([&walk[..], &[next]].concat());
                    }
                }
            }
            if longer.len() > 1 << 20 {
                return Err(KnotError::Strands { strands: n, reason: "more than a million walks; use the exact polynomial" });
            }
            walks = longer;
        }
        let index = walks.iter().cloned().enumerate().map(|(place, walk)| (walk, place)).collect();
        Ok(Self { k, walks, index })
    }

    fn lambda(&self, vertex: u32) -> f64 {
        (PI * f64::from(vertex) / f64::from(self.k)).sin()
    }

    /// `(keep + join E_i)` on a vector.
    fn apply(&self, vector: &[Complex64], i: usize, keep: Complex64, join: Complex64) -> Vec<Complex64> {
        let mut result: Vec<Complex64> = vector.iter().map(|amplitude| keep * amplitude).collect();
        for (place, walk) in self.walks.iter().enumerate() {
            let (z, y) = (walk[i - 1], walk[i]);
            if walk[i + 1] != z || vector[place] == Complex64::ZERO {
                continue;
            }
            for other in [z - 1, z + 1] {
                if (1..self.k).contains(&other) {
                    let entry = (self.lambda(y) * self.lambda(other)).sqrt() / self.lambda(z);
                    let mut changed = walk.clone();
                    changed[i] = other;
                    if let Some(&target) = self.index.get(&changed) {
                        result[target] += join * entry * vector[place];
                    }
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_give_the_polynomials_at_every_root() {
        let rows: Vec<_> = crate::table::rows().iter().filter(|row| row.braid.strands() <= 4).step_by(3).collect();
        assert!(rows.len() > 40);
        for k in 3..=12 {
            for row in &rows {
                let value = jones_at_root(&row.braid, Closure::Trace, row.braid.writhe(), k).expect("few walks");
                let exact = row.jones.at_half_power_root(i64::from(k) + 1, 2 * u64::from(k));
                assert!((value - exact).norm() < 1e-9, "{} at k = {k}: {value} for {exact}", row.name);
            }
        }
    }

    #[test]
    fn plats_and_refusals() {
        let braid = Braid::new(4, vec![2, -1, 2, 2]).expect("a braid");
        let figure_eight = &crate::table::find("4_1").expect("it is there").jones;
        for k in 3..=12 {
            let value = jones_at_root(&braid, Closure::Plat, 0, k).expect("few walks");
            assert!((value - figure_eight.at_half_power_root(i64::from(k) + 1, 2 * u64::from(k))).norm() < 1e-10);
        }
        assert!(jones_at_root(&braid, Closure::Trace, 3, 2).is_err());
        assert!(jones_at_root(&Braid::new(0, vec![]).expect("empty"), Closure::Trace, 0, 5).is_err());
    }
}
