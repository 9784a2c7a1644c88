//! Stabilizer states: Clifford circuits on thousands of qubits.

mod clifford;
mod measure;
#[cfg(test)]
mod tests;

use qloom_circuits::PauliString;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::observable::Observable;
pub use clifford::CliffordProgram;
pub(crate) use clifford::{CliffordTable, Local as CliffordGate, Step as CliffordStep};

/// A stabilizer state of `n` qubits: the `n` Pauli strings that leave it as it is, and `n` more (destabilizers) that pair up with them.
///
/// It takes `n^2/2` bytes. A gate costs `n/32` words of a few columns, a measurement `n^2/16` words. What is no Clifford gate is refused.
///
/// Source: S. Aaronson and D. Gottesman, Improved simulation of stabilizer circuits (2004), arXiv:quant-ph/0406196.
///
/// ```
/// use qloom_circuits::{Stream, library};
/// use qloom_sim::{CliffordProgram, SimulatorConfig, Tableau};
/// let mut state = Tableau::zero(500, SimulatorConfig::default())?;
/// state.apply(&CliffordProgram::new(&library::ghz(500))?, &[], &mut ())?;
/// assert_eq!(state.probabilities(&[0, 499])?, [0.5, 0.0, 0.0, 0.5]);
/// let counts = state.sample(100, &mut Stream::named(1, "shots"));
/// assert_eq!(counts.iter().count(), 2); // all zeros, all ones
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tableau {
    num_qubits: usize,
    /// Words of one half of the rows: first the destabilizers, then the stabilizers.
    half: usize,
    /// For each qubit the rows whose letter on it is X or Y.
    x: Vec<u64>,
    /// For each qubit the rows whose letter on it is Y or Z.
    z: Vec<u64>,
    /// The rows with a minus.
    sign: Vec<u64>,
    config: SimulatorConfig,
}

impl Tableau {
    /// Bytes a tableau of this many qubits takes.
    ///
    /// ```
    /// assert_eq!(qloom_sim::Tableau::bytes(1024), 524_544); // n^2/2, and the signs
    /// ```
    pub fn bytes(num_qubits: usize) -> u128 {
        let row = 16 * num_qubits.div_ceil(64) as u128;
        row * (2 * num_qubits as u128 + 1)
    }

    /// The state `|0...0>`.
    ///
    /// # Errors
    /// When it needs more memory than the configuration allows, or the allocator refuses; nothing is allocated then.
    pub fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        let needed = Self::bytes(num_qubits);
        let half = num_qubits.div_ceil(64);
        let plane = || {
            let length = 2 * half * num_qubits;
            let mut plane = Vec::new();
            plane.try_reserve_exact(length).map_err(|_| SimError::Allocation { bytes: needed })?;
            plane.resize(length, 0);
            Ok::<_, SimError>(plane)
        };
        if needed > u128::from(config.memory_limit) {
            return Err(SimError::MemoryLimit { num_qubits, needed, limit: config.memory_limit.into() });
        }
        let mut state = Self { num_qubits, half, x: plane()?, z: plane()?, sign: vec![0; 2 * half], config };
        for qubit in 0..num_qubits {
            let (word, bit) = (qubit / 64, 1 << (qubit % 64));
            state.x[2 * half * qubit + word] = bit;
            state.z[2 * half * qubit + half + word] = bit;
        }
        Ok(state)
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
        self.num_qubits
    }

    /// How it is simulated.
    pub fn config(&self) -> SimulatorConfig {
        self.config
    }

    /// Where the rows of a qubit's column are.
    fn column(&self, qubit: usize) -> std::ops::Range<usize> {
        2 * self.half * qubit..2 * self.half * (qubit + 1)
    }

    /// The stabilizers, each a sign (true for minus) and on every qubit whether the letter is X or Y, and whether it is Y or Z.
    pub fn stabilizers(&self) -> impl Iterator<Item = (bool, Vec<[bool; 2]>)> + '_ {
        (0..self.num_qubits).map(|row| {
            let (word, bit) = (self.half + row / 64, row % 64);
            let of = |plane: &[u64], qubit: usize| plane[2 * self.half * qubit + word] >> bit & 1 == 1;
            let letters = (0..self.num_qubits).map(|qubit| [of(&self.x, qubit), of(&self.z, qubit)]);
            (self.sign[word] >> bit & 1 == 1, letters.collect())
        })
    }

    /// The rows that anticommute with a string whose letters, X or Y and Y or Z, are given by qubit.
    fn anticommuting(&self, letters: &[(usize, [bool; 2])]) -> Vec<u64> {
        let mut rows = vec![0; 2 * self.half];
        for &(qubit, [x, z]) in letters {
            let column = self.column(qubit);
            if x {
                rows.iter_mut().zip(&self.z[column.clone()]).for_each(|(row, z)| *row ^= z);
            }
            if z {
                rows.iter_mut().zip(&self.x[column]).for_each(|(row, x)| *row ^= x);
            }
        }
        rows
    }

    /// Multiplies the rows of a mask from the right by `i^exponent` and a string whose letters are given by qubit.
    fn multiply(&mut self, mask: &[u64], letters: &[(usize, [bool; 2])], exponent: u8) {
        // powers of i of each row, as two planes
        let all = |set: bool| if set { u64::MAX } else { 0 };
        let mut low = vec![all(exponent & 1 == 1); mask.len()];
        let mut high: Vec<u64> = self.sign.iter().map(|sign| sign ^ all(exponent & 2 == 2)).collect();
        for &(qubit, letter) in letters {
            let column = self.column(qubit);
            let (xs, zs) = (&mut self.x[column.clone()], &mut self.z[column]);
            for (row, (x, z)) in xs.iter_mut().zip(zs).enumerate() {
                let [is_x, is_y, is_z] = [*x & !*z, *x & *z, !*x & *z];
                let (plus, minus) = match letter {
                    [false, false] => continue,
                    [true, false] => (is_z, is_y),
                    [true, true] => (is_x, is_z),
                    [false, true] => (is_y, is_x),
                };
                high[row] ^= low[row] & plus;
                low[row] ^= plus;
                low[row] ^= minus;
                high[row] ^= low[row] & minus;
                *x ^= mask[row] & all(letter[0]);
                *z ^= mask[row] & all(letter[1]);
            }
        }
        for ((sign, high), mask) in self.sign.iter_mut().zip(high).zip(mask) {
            *sign = *sign & !mask | high & mask;
        }
    }

    /// The sign of the product of these stabilizers, in their order, which is a string with these letters or its negative.
    fn product_is_negative(&self, rows: &[u64], letters: &[(usize, [bool; 2])]) -> bool {
        let stabilizers = self.half..2 * self.half;
        let mut power: u32 = self.sign[stabilizers].iter().zip(rows).map(|(sign, rows)| 2 * (sign & rows).count_ones()).sum();
        for qubit in 0..self.num_qubits {
            let start = 2 * self.half * qubit + self.half;
            let mut before = 0u64;
            for (word, rows) in rows.iter().enumerate() {
                let (x, z) = (self.x[start + word] & rows, self.z[start + word] & rows);
                // Y is i X Z; then each X passes the Zs before it
                power += (x & z).count_ones() + 2 * ((parities(z) ^ z ^ before) & x).count_ones();
                if z.count_ones() % 2 == 1 {
                    before = !before;
                }
            }
        }
        power += 3 * letters.iter().filter(|(_, letter)| *letter == [true, true]).count() as u32;
        debug_assert!(power.is_multiple_of(2), "commuting strings have real products");
        power & 2 == 2
    }

    /// 1 or -1 where a string or its negative is a product of stabilizers, 0 otherwise.
    fn expected(&self, letters: &[(usize, [bool; 2])]) -> f64 {
        let rows = self.anticommuting(letters);
        let (destabilizers, stabilizers) = rows.split_at(self.half);
        if stabilizers.iter().any(|&row| row != 0) {
            return 0.0;
        }
        if self.product_is_negative(destabilizers, letters) { -1.0 } else { 1.0 }
    }

    /// `Tr(P rho)` of one Pauli string: -1, 0 or 1.
    ///
    /// # Errors
    /// When the string acts outside the register.
    pub fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
        if let Some(qubit) = string.support().find(|&qubit| qubit >= self.num_qubits) {
            return Err(SimError::QubitOutOfRange { qubit, num_qubits: self.num_qubits });
        }
        Ok(self.expected(&letters(string)))
    }

    /// `Tr(H rho)`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        if observable.num_qubits() != self.num_qubits {
            let (expected, given) = (self.num_qubits, observable.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of the observable", expected, given });
        }
        Ok(observable.strings().map(|(string, coefficient)| coefficient * self.expected(&letters(string))).sum())
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        (0..self.num_qubits).map(|qubit| self.expected(&[(qubit, [false, true])])).collect()
    }
}

/// The letters of a string by qubit.
fn letters(string: PauliString) -> Vec<(usize, [bool; 2])> {
    let bit = |mask: u64, qubit: usize| mask >> qubit & 1 == 1;
    string.support().map(|qubit| (qubit, [bit(string.x_mask(), qubit), bit(string.z_mask(), qubit)])).collect()
}

/// Bit `k` of the result is the parity of the bits 0 to `k`.
fn parities(mut word: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        word ^= word << shift;
    }
    word
}
