//! Products of Paulis on distinct qubits.

use num_complex::Complex64;

use super::Pauli;
use crate::error::CircuitError;
use crate::matrix::Matrix;

/// A product of Paulis, one a qubit, as two bit masks; at most 64 qubits.
///
/// Bit `q` of [`PauliString::x_mask`] is set where the letter on qubit `q` is X or Y, of
/// [`PauliString::z_mask`] where it is Y or Z. There is no sign or phase: Y is Y.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PauliString {
    x: u64,
    z: u64,
}

impl PauliString {
    /// The most qubits a string can act on.
    pub const MAX_QUBITS: usize = 64;

    /// The identity.
    pub const IDENTITY: Self = Self { x: 0, z: 0 };

    /// The string with these masks.
    pub const fn from_masks(x: u64, z: u64) -> Self {
        Self { x, z }
    }

    /// The string with these letters on these qubits; a later letter on the same qubit replaces an earlier one.
    ///
    /// # Panics
    /// When a qubit is 64 or more.
    pub fn from_letters(letters: impl IntoIterator<Item = (usize, Pauli)>) -> Self {
        let mut string = Self::IDENTITY;
        for (qubit, pauli) in letters {
            assert!(qubit < Self::MAX_QUBITS, "a Pauli string acts on qubits 0 to 63, not on {qubit}");
            let (x, z) = pauli.bits();
            string.x = string.x & !(1 << qubit) | u64::from(x) << qubit;
            string.z = string.z & !(1 << qubit) | u64::from(z) << qubit;
        }
        string
    }

    /// Reads a word of I, X, Y, Z whose first (leftmost) character acts on qubit 0.
    ///
    /// # Errors
    /// For another character, or more than 64.
    ///
    /// ```
    /// use qloom_circuits::PauliString;
    /// let string = PauliString::from_word("XIZ").unwrap();
    /// assert_eq!((string.x_mask(), string.z_mask()), (0b001, 0b100));
    /// ```
    pub fn from_word(word: &str) -> Result<Self, CircuitError> {
        let mut string = Self::IDENTITY;
        for (position, found) in word.chars().enumerate() {
            if position >= Self::MAX_QUBITS {
                return Err(CircuitError::TooManyQubits { given: word.chars().count(), limit: Self::MAX_QUBITS });
            }
            let Some(pauli) = Pauli::from_letter(found) else {
                return Err(CircuitError::PauliLetter { text: word.chars().take(80).collect(), found, position });
            };
            let (x, z) = pauli.bits();
            string.x |= u64::from(x) << position;
            string.z |= u64::from(z) << position;
        }
        Ok(string)
    }

    /// The word over `num_qubits` qubits, the leftmost character on qubit 0.
    pub fn word(self, num_qubits: usize) -> String {
        (0..num_qubits).map(|qubit| self.letter(qubit).letter()).collect()
    }

    /// The letter on a qubit.
    pub fn letter(self, qubit: usize) -> Pauli {
        if qubit >= Self::MAX_QUBITS {
            return Pauli::I;
        }
        Pauli::from_bits(self.x >> qubit & 1 == 1, self.z >> qubit & 1 == 1)
    }

    /// Where the letter is X or Y.
    pub const fn x_mask(self) -> u64 {
        self.x
    }

    /// Where the letter is Y or Z.
    pub const fn z_mask(self) -> u64 {
        self.z
    }

    /// The number of letters Y.
    pub const fn count_y(self) -> u32 {
        (self.x & self.z).count_ones()
    }

    /// The number of letters other than I.
    pub const fn weight(self) -> u32 {
        (self.x | self.z).count_ones()
    }

    /// The qubits with a letter other than I, ascending.
    pub fn support(self) -> impl Iterator<Item = usize> {
        let mask = self.x | self.z;
        (0..Self::MAX_QUBITS).filter(move |qubit| mask >> qubit & 1 == 1)
    }

    /// Whether the two strings commute.
    pub const fn commutes_with(self, other: Self) -> bool {
        ((self.x & other.z).count_ones() + (self.z & other.x).count_ones()).is_multiple_of(2)
    }

    /// Whether the letters of the two strings commute on every qubit.
    pub const fn commutes_qubit_wise_with(self, other: Self) -> bool {
        let both = (self.x | self.z) & (other.x | other.z);
        ((self.x ^ other.x) | (self.z ^ other.z)) & both == 0
    }

    /// The product, this string acting last, and its phase: 1, i, -1 or -i.
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use qloom_circuits::PauliString;
    /// let word = |text| PauliString::from_word(text).unwrap();
    /// assert_eq!(word("X").times(word("Y")), (word("Z"), Complex64::I));
    /// ```
    pub fn times(self, other: Self) -> (Self, Complex64) {
        let (product, quarters) = self.product(other);
        (product, [Complex64::ONE, Complex64::I, -Complex64::ONE, -Complex64::I][quarters])
    }

    /// The product and how many quarter turns its phase is.
    fn product(self, other: Self) -> (Self, usize) {
        let product = Self { x: self.x ^ other.x, z: self.z ^ other.z };
        // with P = i^{#Y} X^x Z^z, moving Z^z past X^x' gives (-1)^{|z & x'|}
        let quarters = i64::from(self.count_y()) + i64::from(other.count_y()) - i64::from(product.count_y())
            + 2 * i64::from((self.z & other.x).count_ones());
        (product, quarters.rem_euclid(4) as usize)
    }

    /// The string that a matrix is, and its phase; nothing where it is none, to 1e-11 an entry.
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use qloom_circuits::{Gate, PauliString};
    /// let (h, z) = (Gate::H.matrix(&[]), Gate::Z.matrix(&[]));
    /// let image = h.times(&z).times(&h.adjoint());
    /// let (string, phase) = PauliString::of_matrix(&image).unwrap();
    /// assert_eq!(string, PauliString::from_word("X").unwrap());
    /// assert!((phase - Complex64::ONE).norm() < 1e-12);
    /// assert!(PauliString::of_matrix(&Gate::T.matrix(&[])).is_none());
    /// ```
    pub fn of_matrix(matrix: &Matrix) -> Option<(Self, Complex64)> {
        const NEAR: f64 = 1e-11;
        let x = (0..matrix.dimension()).find(|&row| matrix[(row, 0)].norm_sqr() > 1.0 - NEAR)?;
        let first = matrix[(x, 0)];
        let entry = |column: usize| matrix[(column ^ x, column)] / first;
        let z = (0..matrix.num_qubits()).fold(0, |z, q| z | usize::from(entry(1 << q).re < 0.0) << q);
        let sign = |column: usize| if (column & z).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        // unitary matrices have nothing elsewhere then
        let whole = (0..matrix.dimension()).all(|column| (entry(column) - sign(column)).norm_sqr() < NEAR * NEAR);
        let string = Self { x: x as u64, z: z as u64 };
        whole.then(|| (string, first * Complex64::I.powu(3 * string.count_y())))
    }

    /// Adds a multiple of the string's matrix.
    pub(super) fn add_to(self, matrix: &mut Matrix, coefficient: Complex64) {
        let factor = coefficient * Complex64::I.powu(self.count_y());
        for column in 0..matrix.dimension() {
            // P|j> = i^{#Y} (-1)^{popcount(j & z)} |j ^ x>
            let odd = (column as u64 & self.z).count_ones() % 2 == 1;
            matrix[(column ^ self.x as usize, column)] += if odd { -factor } else { factor };
        }
    }

    /// The product with a string that commutes with this one, and its sign.
    ///
    /// ```
    /// use qloom_circuits::PauliString;
    /// let word = |text| PauliString::from_word(text).unwrap();
    /// assert_eq!(word("XX").times_commuting(word("YY")), (word("ZZ"), -1.0));
    /// ```
    pub fn times_commuting(self, other: Self) -> (Self, f64) {
        debug_assert!(self.commutes_with(other), "the product of strings that do not commute has an imaginary factor");
        let (product, quarters) = self.product(other);
        (product, if quarters == 0 { 1.0 } else { -1.0 })
    }
}

impl std::fmt::Display for PauliString {
    /// Sparse text such as `X0 Y3`; the identity is `I`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.weight() == 0 {
            return f.write_str("I");
        }
        for (position, qubit) in self.support().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{}{qubit}", self.letter(qubit).letter())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PauliSum;

    #[test]
    fn products_have_the_sign_of_their_matrices() {
        let words: Vec<String> =
            (0..16).map(|k| [k & 3, k >> 2].iter().map(|&letter| ['I', 'X', 'Y', 'Z'][letter]).collect()).collect();
        let matrix = |string: PauliString, sign: f64| PauliSum::new(2, [(string, sign)]).expect("it fits").matrix();
        for a in &words {
            for b in &words {
                let string = |word: &str| PauliString::from_word(word).expect("letters");
                let (left, right) = (string(a), string(b));
                if left.commutes_with(right) {
                    let (product, sign) = left.times_commuting(right);
                    let dense = matrix(left, 1.0).times(&matrix(right, 1.0));
                    assert!(dense.distance(&matrix(product, sign)) < 1e-15, "{a} {b}");
                }
            }
        }
    }
}
