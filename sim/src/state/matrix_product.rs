//! Matrix product states: many qubits in a line, as long as few of them are entangled across any cut.

mod factor;
mod gate;
mod measure;
#[cfg(test)]
mod tests;

use num_complex::Complex64;

use crate::config::SimulatorConfig;
use crate::error::SimError;
pub use gate::MatrixProductProgram;

/// A pure state of `n` qubits as a chain of tensors, one a qubit, with bonds no wider than [`SimulatorConfig::bond`] between them.
///
/// Exact as long as the bonds suffice, `2^k` for entanglement of `k` pairs across a cut; beyond that the smallest Schmidt coefficients are
/// dropped, and [`MatrixProduct::error`] bounds by how much. Qubits begin in their order and are moved along the chain where
/// gates need them side by side. A gate on neighbours costs about `16 b^3` multiplications with bonds of width `b`, and about ten times
/// that to decompose; a tensor takes `32 b^2` bytes. Everything is done on one thread, in double precision.
///
/// Source: U. Schollwoeck, Annals of Physics 326, 96 (2011), arXiv:1008.3477.
///
/// ```
/// use qloom_circuits::{PauliString, Pauli, library};
/// use qloom_sim::{MatrixProduct, SimulatorConfig, State};
/// let program = MatrixProduct::compile(&library::ghz(60))?;
/// let state = MatrixProduct::prepared(&program, &[], SimulatorConfig::default(), &mut ())?;
/// let ends = PauliString::from_letters([(0, Pauli::Z), (59, Pauli::Z)]);
/// assert!((state.pauli(ends)? - 1.0).abs() < 1e-12);
/// assert_eq!((state.widest(), state.error()), (2, 0.0));
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MatrixProduct {
    sites: Vec<Site>,
    /// The site of each qubit.
    place: Vec<usize>,
    /// Sites left of this one are isometries from left to right, those right of it from right to left.
    center: usize,
    error: f64,
    config: SimulatorConfig,
}

/// The tensor of a site: entries `[left][bit][right]`.
#[derive(Clone, Debug)]
struct Site {
    left: usize,
    right: usize,
    entries: Vec<Complex64>,
}

impl Site {
    /// The matrix of one value of the bit, row by row.
    fn at(&self, left: usize, bit: usize) -> &[Complex64] {
        &self.entries[(2 * left + bit) * self.right..][..self.right]
    }
}

impl MatrixProduct {
    /// Bytes that a state takes whose bonds are as wide as they can be.
    pub fn bytes_with(num_qubits: usize, bond: usize) -> u128 {
        let width = |cut: usize| (1u128 << cut.min(num_qubits - cut).min(100)).min(bond as u128);
        (0..num_qubits).map(|site| 2 * size_of::<Complex64>() as u128 * width(site) * width(site + 1)).sum()
    }

    /// The state `|0...0>`.
    ///
    /// # Errors
    /// When it would not fit into the memory limit with the widest bonds, or the bond is 0.
    pub fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        if config.bond == 0 {
            return Err(SimError::OutOfRange { what: "the width of a bond", value: 0.0, range: "at least 1" });
        }
        let (needed, limit) = (Self::bytes_with(num_qubits, config.bond), u128::from(config.memory_limit));
        if needed > limit {
            return Err(SimError::MemoryLimit { num_qubits, needed, limit });
        }
        let site = Site { left: 1, right: 1, entries: vec![Complex64::ONE, Complex64::ZERO] };
        Ok(Self { sites: vec![site; num_qubits], place: (0..num_qubits).collect(), center: 0, error: 0.0, config })
    }

    /// A copy.
    ///
    /// # Errors
    /// Never; other states may lack the memory.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        Ok(self.clone())
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.sites.len()
    }

    /// How it is simulated.
    pub fn config(&self) -> SimulatorConfig {
        self.config
    }

    /// The norm by which the state may differ from the exact one at most, rounding aside: the sum of what each dropped part changed. An
    /// expectation value differs by no more than twice that times the norm of its observable.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// The width of the widest bond.
    pub fn widest(&self) -> usize {
        self.sites.iter().map(|site| site.right).max().unwrap_or(1)
    }

    /// All amplitudes in order of basis index, for up to 24 qubits.
    ///
    /// # Errors
    /// When there are more.
    pub fn amplitudes(&self) -> Result<Vec<Complex64>, SimError> {
        const MOST: usize = 24;
        let n = self.num_qubits();
        if n > MOST {
            return Err(SimError::TooManyQubits { what: "a list of amplitudes", given: n, limit: MOST });
        }
        // [index over the sites so far][right]
        let mut rows = vec![Complex64::ONE];
        let mut count = 1;
        for site in &self.sites {
            let mut next = vec![Complex64::ZERO; 2 * count * site.right];
            for index in 0..count {
                for bit in 0..2 {
                    let row = &mut next[(bit * count + index) * site.right..][..site.right];
                    for left in 0..site.left {
                        let factor = rows[index * site.left + left];
                        row.iter_mut().zip(site.at(left, bit)).for_each(|(entry, other)| *entry += factor * other);
                    }
                }
            }
            (rows, count) = (next, 2 * count);
        }
        let mut amplitudes = vec![Complex64::ZERO; 1 << n];
        for (index, amplitude) in amplitudes.iter_mut().enumerate() {
            *amplitude = rows[self.place.iter().enumerate().map(|(qubit, site)| (index >> qubit & 1) << site).sum::<usize>()];
        }
        Ok(amplitudes)
    }
}
