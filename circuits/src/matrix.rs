//! Small dense complex matrices of size `2^n`.

use num_complex::Complex64;

/// A dense `2^n x 2^n` complex matrix, row-major; bit 0 of an index is the first qubit.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    dimension: usize,
    entries: Vec<Complex64>,
}

impl Matrix {
    /// The identity on `num_qubits` qubits.
    pub fn identity(num_qubits: usize) -> Self {
        let mut matrix = Self::zero(num_qubits);
        for i in 0..matrix.dimension {
            matrix[(i, i)] = Complex64::ONE;
        }
        matrix
    }

    /// The zero matrix on `num_qubits` qubits.
    pub fn zero(num_qubits: usize) -> Self {
        let dimension = 1 << num_qubits;
        Self { dimension, entries: vec![Complex64::ZERO; dimension * dimension] }
    }

    /// Takes row-major entries.
    ///
    /// # Panics
    /// When their number is not `4^n`.
    pub fn from_slice(entries: &[Complex64]) -> Self {
        let n = entries.len().max(1).ilog2() / 2;
        assert_eq!(entries.len(), 1 << (2 * n), "a matrix on n qubits has 4^n entries, not {}", entries.len());
        Self { dimension: 1 << n, entries: entries.to_vec() }
    }

    /// Number of rows, `2^n`.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.dimension.ilog2() as usize
    }

    /// The entries, row-major.
    pub fn entries(&self) -> &[Complex64] {
        &self.entries
    }

    /// The matrix product `self * other`.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        assert_eq!(self.dimension, other.dimension, "the sizes of a product must agree");
        let n = self.dimension;
        let mut product = Self { dimension: n, entries: vec![Complex64::ZERO; n * n] };
        match n {
            2 => small_product::<2>(&self.entries, &other.entries, &mut product.entries),
            4 => small_product::<4>(&self.entries, &other.entries, &mut product.entries),
            _ => large_product(n, &self.entries, &other.entries, &mut product.entries),
        }
        product
    }

    /// The sum `self + other`.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        assert_eq!(self.dimension, other.dimension, "the sizes of a sum must agree");
        let entries = self.entries.iter().zip(&other.entries).map(|(a, b)| a + b).collect();
        Self { dimension: self.dimension, entries }
    }

    /// Every entry times a constant.
    #[must_use]
    pub fn scaled(&self, factor: Complex64) -> Self {
        let entries = self.entries.iter().map(|entry| entry * factor).collect();
        Self { dimension: self.dimension, entries }
    }

    /// The conjugate transpose.
    #[must_use]
    pub fn adjoint(&self) -> Self {
        let n = self.dimension;
        let entries = (0..n * n).map(|k| self[(k % n, k / n)].conj()).collect();
        Self { dimension: n, entries }
    }

    /// The Kronecker product with `self` on the more significant qubits.
    #[must_use]
    pub fn kronecker(&self, low: &Self) -> Self {
        let (a, b) = (self.dimension, low.dimension);
        let n = a * b;
        let entries = (0..n * n)
            .map(|k| {
                let (row, column) = (k / n, k % n);
                self[(row / b, column / b)] * low[(row % b, column % b)]
            })
            .collect();
        Self { dimension: n, entries }
    }

    /// The matrix applied where `controls` further qubits, placed before its own, are all one.
    #[must_use]
    pub fn controlled(&self, controls: usize) -> Self {
        let mut matrix = Self::identity(self.num_qubits() + controls);
        let all = (1 << controls) - 1;
        for row in 0..self.dimension {
            for column in 0..self.dimension {
                matrix[(row << controls | all, column << controls | all)] = self[(row, column)];
            }
        }
        matrix
    }

    /// The same action on `qubits` of a register of `num_qubits`; identity elsewhere.
    #[must_use]
    pub fn embedded(&self, qubits: &[usize], num_qubits: usize) -> Self {
        assert_eq!(qubits.len(), self.num_qubits(), "one register qubit for each of the matrix");
        let mut matrix = Self::zero(num_qubits);
        let mask: usize = qubits.iter().map(|q| 1 << q).sum();
        let spread = |local: usize| -> usize { qubits.iter().enumerate().map(|(bit, q)| (local >> bit & 1) << q).sum() };
        for rest in (0..matrix.dimension).filter(|index| index & mask == 0) {
            for row in 0..self.dimension {
                for column in 0..self.dimension {
                    matrix[(rest | spread(row), rest | spread(column))] = self[(row, column)];
                }
            }
        }
        matrix
    }

    /// The Pauli transfer matrix `R_ij = Tr(P_i U P_j U^dagger) / 2^n`, row-major, `4^n` rows.
    ///
    /// Index digits in base 4 are I, X, Y, Z, qubit 0 least significant. For a Kraus operator it is the operator's part of
    /// the channel's matrix. Costs `32^n` time.
    ///
    /// ```
    /// use qloom_circuits::Gate;
    /// let r = Gate::H.matrix(&[]).transfer_matrix();
    /// assert!((r[4 * 1 + 3] - 1.0).abs() < 1e-15); // H takes Z to X
    /// ```
    pub fn transfer_matrix(&self) -> Vec<f64> {
        let n = self.num_qubits();
        let count = 1usize << (2 * n);
        let adjoint = self.adjoint();
        let paulis: Vec<Matrix> = (0..count).map(|index| pauli_product(index, n)).collect();
        let mut transfer = vec![0.0; count * count];
        for column in 0..count {
            let image = self.times(&paulis[column].times(&adjoint));
            for (row, pauli) in paulis.iter().enumerate() {
                // A Pauli product has one entry in each row, in column `k ^ x`.
                let x = (0..n).filter(|bit| matches!(row >> (2 * bit) & 3, 1 | 2)).map(|bit| 1 << bit).sum::<usize>();
                let trace: Complex64 = (0..self.dimension).map(|k| pauli[(k, k ^ x)] * image[(k ^ x, k)]).sum();
                transfer[row * count + column] = trace.re / self.dimension as f64;
            }
        }
        transfer
    }

    /// The largest absolute difference of two entries in the same place; NaN where one of them is.
    pub fn distance(&self, other: &Self) -> f64 {
        assert_eq!(self.dimension, other.dimension, "only matrices of one size are compared");
        let squares = self.entries.iter().zip(&other.entries).map(|(a, b)| (a - b).norm_sqr());
        // the larger of a number and NaN would be the number
        squares.fold(0.0f64, |worst, next| if next > worst || next.is_nan() { next } else { worst }).sqrt()
    }

    /// How far the matrix is from unitary: the largest entry of `|U U^dagger - 1|`.
    pub fn unitarity_error(&self) -> f64 {
        self.times(&self.adjoint()).distance(&Self::identity(self.num_qubits()))
    }
}

/// The product of matrices of a size that is known when this is compiled, row-major.
fn small_product<const N: usize>(left: &[Complex64], right: &[Complex64], product: &mut [Complex64]) {
    for (left, product) in left.chunks_exact(N).zip(product.chunks_exact_mut(N)) {
        let mut row = [Complex64::ZERO; N];
        for (factor, right) in left.iter().zip(right.chunks_exact(N)) {
            for (sum, entry) in row.iter_mut().zip(right) {
                *sum += factor * entry;
            }
        }
        product.copy_from_slice(&row);
    }
}

/// The product of matrices of any size, row-major; zeros of the left one cost nothing.
fn large_product(n: usize, left: &[Complex64], right: &[Complex64], product: &mut [Complex64]) {
    for (left, product) in left.chunks_exact(n).zip(product.chunks_exact_mut(n)) {
        for (factor, right) in left.iter().zip(right.chunks_exact(n)).filter(|(factor, _)| **factor != Complex64::ZERO) {
            for (sum, entry) in product.iter_mut().zip(right) {
                *sum += factor * entry;
            }
        }
    }
}

/// The product of Paulis whose base-4 digits are those of `index`, the first qubit least significant.
pub(crate) fn pauli_product(index: usize, num_qubits: usize) -> Matrix {
    let letters = (0..num_qubits).map(|qubit| crate::pauli::Pauli::ALL[index >> (2 * qubit) & 3]);
    letters.fold(Matrix::identity(0), |low, pauli| pauli.matrix().kronecker(&low))
}

impl std::ops::Index<(usize, usize)> for Matrix {
    type Output = Complex64;
    fn index(&self, (row, column): (usize, usize)) -> &Complex64 {
        &self.entries[row * self.dimension + column]
    }
}

impl std::ops::IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut Complex64 {
        &mut self.entries[row * self.dimension + column]
    }
}

#[cfg(test)]
mod tests;
