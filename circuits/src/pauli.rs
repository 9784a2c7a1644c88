//! Pauli operators: one letter, strings as two bit masks, real sums (the one observable type), and complex ones with their algebra.

mod json;
mod operator;
mod string;
mod sum;
mod text;

pub use json::HamiltonianFile;
pub use operator::PauliOperator;
pub use string::PauliString;
pub use sum::PauliSum;

use num_complex::Complex64;

use crate::matrix::Matrix;

/// One Pauli matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pauli {
    /// The identity.
    I,
    /// `[[0, 1], [1, 0]]`.
    X,
    /// `[[0, -i], [i, 0]]`.
    Y,
    /// `[[1, 0], [0, -1]]`.
    Z,
}

impl Pauli {
    /// The four in the order I, X, Y, Z of transfer matrices.
    pub const ALL: [Pauli; 4] = [Pauli::I, Pauli::X, Pauli::Y, Pauli::Z];

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Pauli::I => 'I',
            Pauli::X => 'X',
            Pauli::Y => 'Y',
            Pauli::Z => 'Z',
        }
    }

    /// The Pauli of a capital letter.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|pauli| pauli.letter() == letter)
    }

    /// The 2 by 2 matrix.
    pub fn matrix(self) -> Matrix {
        let (o, l, i) = (Complex64::ZERO, Complex64::ONE, Complex64::I);
        Matrix::from_slice(&match self {
            Pauli::I => [l, o, o, l],
            Pauli::X => [o, l, l, o],
            Pauli::Y => [o, -i, i, o],
            Pauli::Z => [l, o, o, -l],
        })
    }

    /// Whether it flips a basis state, and whether it gives it a sign.
    pub fn bits(self) -> (bool, bool) {
        (matches!(self, Pauli::X | Pauli::Y), matches!(self, Pauli::Y | Pauli::Z))
    }

    /// The Pauli with these bits.
    pub fn from_bits(x: bool, z: bool) -> Self {
        match (x, z) {
            (false, false) => Pauli::I,
            (true, false) => Pauli::X,
            (true, true) => Pauli::Y,
            (false, true) => Pauli::Z,
        }
    }
}
