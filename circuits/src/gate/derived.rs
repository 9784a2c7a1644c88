//! What follows from a row: matrix, derivative, frequencies.

use num_complex::Complex64;

use super::{Frequencies, Gate, Primitive, PrimitiveKind};
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
        let mut product = Matrix::identity(self.num_qubits());
        for primitive in self.primitives(&angles, &self.positions()) {
            product = primitive.matrix(&[]).embedded(&primitive.qubits(), self.num_qubits()).times(&product);
        }
        product
    }

    /// The derivative of the matrix with respect to one of the angles.
    ///
    /// # Panics
    /// When the number of angles is not the gate's, or `parameter` is none of them.
    ///
    /// ```
    /// use qloom_circuits::Gate;
    /// let slope = Gate::Rx.derivative(&[0.0], 0);
    /// assert_eq!(slope[(0, 1)].im, -0.5); // d/dt of -i sin(t/2) at 0
    /// ```
    pub fn derivative(self, angles: &[f64], parameter: usize) -> Matrix {
        assert!(parameter < self.num_parameters(), "{self} has {} angles, none is number {parameter}", self.num_parameters());
        let n = self.num_qubits();
        let steps = self.primitives(&self.symbols(), &self.positions());
        let mut sum = Matrix::zero(n);
        for (place, varied) in steps.iter().enumerate() {
            let Some(Angle::Free { index, scale, .. }) = varied.angle() else { continue };
            if index != parameter {
                continue;
            }
            let mut product = Matrix::identity(n);
            for (other, step) in steps.iter().enumerate() {
                let factor = if other == place { step.derivative(angles).scaled(scale.into()) } else { step.matrix(angles) };
                product = factor.embedded(&step.qubits(), n).times(&product);
            }
            sum = sum.plus(&product);
        }
        sum
    }

    /// The frequencies of every expectation value as a function of one angle, read off the primitives.
    ///
    /// # Panics
    /// When `parameter` is none of the gate's.
    ///
    /// ```
    /// use qloom_circuits::Gate;
    /// let half_pi = std::f64::consts::FRAC_PI_2;
    /// let rule = Gate::Ry.frequencies(0).shift_rule();
    /// assert_eq!(rule.len(), 2);
    /// assert!((rule[0].0 - 0.5).abs() < 1e-15 && (rule[0].1 - half_pi).abs() < 1e-15);
    /// assert_eq!(Gate::Crx.frequencies(0).shift_rule().len(), 4); // 1/2 and 1
    /// ```
    pub fn frequencies(self, parameter: usize) -> Frequencies {
        assert!(parameter < self.num_parameters(), "{self} has {} angles, none is number {parameter}", self.num_parameters());
        // Every primitive adds its largest, and halves make the base smaller.
        let (mut highest, mut base) = (0.0, f64::INFINITY);
        for primitive in self.primitives(&self.symbols(), &self.positions()) {
            let Some(Angle::Free { index, scale, .. }) = primitive.angle() else { continue };
            if index != parameter || scale == 0.0 {
                continue;
            }
            let halves = matches!(primitive.kind, PrimitiveKind::Rotation(..)) && !primitive.controls.is_empty();
            highest += scale.abs();
            base = f64::min(base, if halves { scale.abs() / 2.0 } else { scale.abs() });
        }
        if base.is_finite() { Frequencies { base, count: (highest / base).round() as usize } } else { Frequencies::NONE }
    }

    /// Qubits `0..n`.
    fn positions(self) -> Vec<usize> {
        (0..self.num_qubits()).collect()
    }

    /// One free parameter for each angle.
    fn symbols(self) -> Vec<Angle> {
        (0..self.num_parameters()).map(Angle::free).collect()
    }
}

impl Primitive {
    /// The derivative of [`Primitive::matrix`] with respect to the angle's value; zero for kinds without an angle.
    pub fn derivative(&self, parameters: &[f64]) -> Matrix {
        let mut matrix = self.matrix(parameters);
        let all = (1 << self.controls.len()) - 1;
        let generator = match &self.kind {
            PrimitiveKind::Phase(_) => Matrix::from_slice(&[Complex64::I]),
            PrimitiveKind::Rotation(_, targets) => {
                let product = targets.iter().fold(Matrix::identity(0), |low, (_, pauli)| pauli.matrix().kronecker(&low));
                product.scaled(Complex64::new(0.0, -0.5))
            }
            PrimitiveKind::Unitary(_, targets) => Matrix::zero(targets.len()),
        };
        let on_ones = generator.controlled(self.controls.len());
        matrix = on_ones.times(&matrix);
        let n = matrix.dimension();
        for row in 0..n {
            for column in 0..n {
                if row & all != all || column & all != all {
                    matrix[(row, column)] = Complex64::ZERO;
                }
            }
        }
        matrix
    }
}
