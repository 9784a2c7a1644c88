//! The Fibonacci path model at the fifth root of unity.
//!
//! Strings `b_0 b_1 ... b_n` with `b_0 = 0`, `b_1 = 1` and no two neighbouring zeros span a space of dimension `F_{n+1}`
//! (`F_1 = F_2 = 1`). `rho(sigma_i^{+-1}) = A^{+-1} + A^{-+1} E_i` with `A = e^{-3 pi i/5}` acts on bits `i-1, i, i+1` and changes the
//! middle one only. The Markov trace with weight phi for a last bit 1 and 1 for a last bit 0 gives the Jones polynomial:
//! `V = (-A^3)^{-w} phi^{n-1} E`, `E = sum_s p(s) <s|rho(W)|s>` (Aharonov, Jones and Landau, quant-ph/0511096; Shor and Jordan,
//! arXiv:0707.2831).

mod space;
mod string;
#[cfg(test)]
mod tests;
mod vector;

pub use space::Space;
pub(crate) use space::runs;
pub use string::PathString;
pub use vector::{RandomVector, random_vector};

use std::f64::consts::PI;

use num_complex::Complex64;

use crate::braid::{Braid, Closure};

/// The golden ratio, the loop value at the fifth root.
pub const PHI: f64 = 1.618_033_988_749_895;

/// `A = e^{-3 pi i/5}`.
pub fn a() -> Complex64 {
    Complex64::cis(-3.0 * PI / 5.0)
}

/// `rho(sigma)^power` as its four numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SigmaPower {
    /// On `011` and `110`.
    pub unequal: Complex64,
    /// On `010`.
    pub vacuum: Complex64,
    /// `<101|.|101>`.
    pub zero: Complex64,
    /// `<111|.|111>`.
    pub one: Complex64,
    /// `<101|.|111>` and its transpose.
    pub mixed: Complex64,
}

impl SigmaPower {
    /// The power of the generator; it has period 10.
    ///
    /// From the eigenvalues: `A` on the complement of the image of `E`, `-A^{-3}` on it.
    pub fn new(power: i32) -> Self {
        let power = power.rem_euclid(10);
        let unequal = Complex64::cis(-3.0 * PI / 5.0 * f64::from(power));
        let vacuum = Complex64::cis(4.0 * PI / 5.0 * f64::from(power));
        // E/phi projects on (phi^{-1/2}, 1)/norm: entries phi^{-2}, phi^{-1}, phi^{-3/2}
        let difference = vacuum - unequal;
        Self {
            unequal,
            vacuum,
            zero: unequal + difference * PHI.powi(-2),
            one: unequal + difference * PHI.powi(-1),
            mixed: difference * PHI.powf(-1.5),
        }
    }
}

/// The factor between the matrix element and the polynomial: `V = factor * E`.
///
/// `E` is the normalised Markov trace for a trace closure, and `<0101..0| rho(W) |0101..0>` for a plat closure; `writhe` is that of the
/// oriented closed link. Its modulus is `phi^{n-1}` or `phi^{n/2-1}`: an error of `E` grows by as much.
pub fn polynomial_factor(braid: &Braid, closure: Closure, writhe: i64) -> Complex64 {
    let loops = match closure {
        Closure::Trace => braid.strands() as i32 - 1,
        Closure::Plat => braid.strands() as i32 / 2 - 1,
    };
    // (-A^3)^{-w}: -A^3 = e^{i pi - 9 pi i/5} = e^{-4 pi i/5}
    let turns = (4 * writhe).rem_euclid(10);
    Complex64::cis(PI / 5.0 * turns as f64) * PHI.powi(loops)
}
