//! What follows from a row: the matrix.

use super::Gate;
use crate::angle::Angle;
use crate::matrix::Matrix;

impl Gate {
    /// The unitary matrix, row-major, first listed qubit least significant, angles in radians.
    ///
    /// # Panics
    /// When the number of angles is not the gate's.
    ///
    /// ```
    /// use qloom_circuits::Gate;
    /// let matrix = Gate::Cx.matrix(&[]);
    /// assert_eq!(matrix[(3, 1)].re, 1.0); // control (bit 0) is one: target flips
    /// ```
    pub fn matrix(self, angles: &[f64]) -> Matrix {
        let angles: Vec<Angle> = angles.iter().map(|&value| Angle::Fixed(value)).collect();
        let qubits: Vec<usize> = (0..self.num_qubits()).collect();
        let mut product = Matrix::identity(qubits.len());
        for primitive in self.primitives(&angles, &qubits) {
            product = primitive.matrix(&[]).embedded(&primitive.qubits(), qubits.len()).times(&product);
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_unitary() {
        for gate in Gate::all() {
            let angles: Vec<f64> = (0..gate.num_parameters()).map(|k| 0.3 + 0.7 * k as f64).collect();
            let error = gate.matrix(&angles).unitarity_error();
            assert!(error < 1e-14, "{gate}: {error}");
        }
    }
}
