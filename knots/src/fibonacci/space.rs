//! State vectors in the space of legal strings, and the braid generators on them.
//!
//! Strings are ordered as numbers with 1 before 0 at every place, `b_1` most significant. So all strings with a common prefix are
//! contiguous, and a generator on bits `i-1, i, i+1` works on contiguous runs of one length.

use num_complex::Complex64;
use rayon::prelude::*;

use super::SigmaPower;
use crate::braid::Braid;
use crate::error::KnotError;

/// The space of `n` strands: sizes of the contiguous runs.
#[derive(Clone, Debug)]
pub struct Space {
    strands: usize,
    /// `fibonacci[k] = F_k`, with `F_1 = F_2 = 1`.
    fibonacci: Vec<usize>,
}

impl Space {
    /// The space of `n` strands.
    ///
    /// # Errors
    /// For no strand, or so many that the dimension does not fit.
    pub fn new(strands: usize) -> Result<Self, KnotError> {
        if strands == 0 || strands > 80 {
            return Err(KnotError::Strands { strands, reason: "the path model takes 1 to 80 strands" });
        }
        let mut fibonacci = vec![0, 1];
        for k in 2..=strands + 2 {
            fibonacci.push(fibonacci[k - 1] + fibonacci[k - 2]);
        }
        Ok(Self { strands, fibonacci })
    }

    /// Number of legal strings, `F_{n+1}`.
    pub fn dimension(&self) -> usize {
        self.fibonacci[self.strands + 1]
    }

    /// Applies `rho(sigma_i)^power`; the generator `i` counts from 1.
    ///
    /// # Panics
    /// When the vector or the generator does not belong to the space.
    pub fn apply(&self, vector: &mut [Complex64], generator: usize, power: i32) {
        assert_eq!(vector.len(), self.dimension(), "the vector belongs to another number of strands");
        assert!((1..self.strands).contains(&generator), "generator {generator} needs more strands");
        let gate = SigmaPower::new(power);
        if generator == 1 {
            // bits 0 1 b_2: strings with b_2 = 1 come first
            let (one, zero) = vector.split_at_mut(self.fibonacci[self.strands]);
            scale(one, gate.unequal);
            scale(zero, gate.vacuum);
            return;
        }
        self.split(vector, 1, generator, &gate);
    }

    /// Walks all prefixes up to the bit before the generator's; `block` holds the strings with bit `at` one and a common prefix.
    fn split(&self, block: &mut [Complex64], at: usize, generator: usize, gate: &SigmaPower) {
        // strings that continue behind bit `at`: b_{at+1} = 1 first
        let ones = self.fibonacci[self.strands - at + 1];
        let (one, zero) = block.split_at_mut(ones);
        if at + 1 == generator {
            // b_{i-1} = 1: bit i one, then zero
            let inner = self.fibonacci[self.strands - generator + 1];
            let (together, vacuum_end) = one.split_at_mut(inner);
            mix(together, zero, gate);
            scale(vacuum_end, gate.unequal);
            return;
        }
        let mut go_zero = || {
            // b_{at+1} = 0 forces b_{at+2} = 1
            if at + 2 == generator {
                // b_{i-1} = 0, b_i = 1: then b_{i+1}
                let inner = self.fibonacci[self.strands - generator + 1];
                let (unequal, vacuum) = zero.split_at_mut(inner);
                scale(unequal, gate.unequal);
                scale(vacuum, gate.vacuum);
            } else {
                self.split(zero, at + 2, generator, gate);
            }
        };
        if one.len() > PARALLEL {
            rayon::join(|| self.split(one, at + 1, generator, gate), go_zero);
        } else {
            self.split(one, at + 1, generator, gate);
            go_zero();
        }
    }

    /// Applies a whole braid, run by run.
    ///
    /// # Panics
    /// When the vector or the braid does not belong to the space.
    pub fn apply_braid(&self, vector: &mut [Complex64], braid: &Braid) {
        for (generator, power) in runs(braid.letters()) {
            self.apply(vector, generator, power);
        }
    }

    /// `<s| rho(W) |s>` for one string. Costs `F_{n+1}` per run of letters.
    ///
    /// # Panics
    /// When the braid or the string does not belong to the space.
    pub fn matrix_element(&self, braid: &Braid, string: &super::PathString) -> Complex64 {
        let index = self.index(string);
        let mut vector = vec![Complex64::ZERO; self.dimension()];
        vector[index] = Complex64::ONE;
        self.apply_braid(&mut vector, braid);
        vector[index]
    }

    /// The place of a string in the vectors of the space.
    ///
    /// # Panics
    /// When the string has another length.
    pub fn index(&self, string: &super::PathString) -> usize {
        let bits = string.bits();
        assert_eq!(bits.len(), self.strands, "the string belongs to another number of strands");
        // before a string with a zero at place k come those with a one there and any legal rest
        (1..bits.len()).filter(|&k| !bits[k]).map(|k| self.fibonacci[self.strands - k + 1]).sum()
    }

    /// `E`, the normalised Markov trace of the braid, by one run for each legal string. Costs `F_{n+1}^2` per run of letters.
    pub fn trace(&self, braid: &Braid) -> Complex64 {
        let strings = super::PathString::all(self.strands);
        let values: Vec<Complex64> = strings
            .par_iter()
            .enumerate()
            .map(|(index, string)| {
                let mut vector = vec![Complex64::ZERO; self.dimension()];
                vector[index] = Complex64::ONE;
                self.apply_braid(&mut vector, braid);
                vector[index] * string.probability()
            })
            .collect();
        values.into_iter().sum()
    }
}

/// Above this many amplitudes the two halves of a block are worked on side by side.
const PARALLEL: usize = 1 << 14;

/// Maximal runs of one generator as (generator, power); the power is the sum of signs.
pub(crate) fn runs(letters: &[i32]) -> Vec<(usize, i32)> {
    let mut runs: Vec<(usize, i32)> = Vec::new();
    for letter in letters {
        let generator = letter.unsigned_abs() as usize;
        match runs.last_mut() {
            Some((last, power)) if *last == generator => *power += letter.signum(),
            _ => runs.push((generator, letter.signum())),
        }
    }
    runs
}

fn scale(block: &mut [Complex64], factor: Complex64) {
    block.iter_mut().for_each(|amplitude| *amplitude *= factor);
}

fn mix(one: &mut [Complex64], zero: &mut [Complex64], gate: &SigmaPower) {
    if one.len() > PARALLEL {
        let half = one.len() / 2;
        let ((a, b), (c, d)) = (one.split_at_mut(half), zero.split_at_mut(half));
        rayon::join(|| mix(a, c, gate), || mix(b, d, gate));
        return;
    }
    for (x, y) in one.iter_mut().zip(zero.iter_mut()) {
        let (u, v) = (*x, *y);
        *x = gate.one * u + gate.mixed * v;
        *y = gate.mixed * u + gate.zero * v;
    }
}
