//! Circuits of native gates: one-qubit gates are gathered and written as one `rz` or `u3` where a two-qubit gate needs them done.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, PI};

use num_complex::Complex64;
use qloom_circuits::{Circuit, Operation};

use super::Native;
use super::sigma::times;

type Matrix = [[Complex64; 2]; 2];

/// `diag(e^{-i angle/2}, e^{i angle/2})`.
pub(super) fn rz(angle: f64) -> Matrix {
    [[Complex64::cis(-angle / 2.0), Complex64::ZERO], [Complex64::ZERO, Complex64::cis(angle / 2.0)]]
}

/// Rotation about Y.
pub(super) fn ry(angle: f64) -> Matrix {
    let (sine, cosine) = (angle / 2.0).sin_cos();
    [[cosine.into(), (-sine).into()], [sine.into(), cosine.into()]]
}

/// Hadamard.
pub(super) fn hadamard() -> Matrix {
    let r = Complex64::from(FRAC_1_SQRT_2);
    [[r, r], [r, -r]]
}

fn flip() -> Matrix {
    [[Complex64::ZERO, Complex64::ONE], [Complex64::ONE, Complex64::ZERO]]
}

fn diagonal(matrix: &Matrix) -> bool {
    matrix[0][1].norm() + matrix[1][0].norm() < 1e-14
}

/// Gates are right up to one global phase.
pub(super) struct Builder {
    pub circuit: Circuit,
    native: Native,
    pending: Vec<Matrix>,
}

impl Builder {
    pub(super) fn new(circuit: Circuit, native: Native) -> Self {
        Self { pending: vec![rz(0.0); circuit.num_qubits()], circuit, native }
    }

    /// A one-qubit gate.
    pub(super) fn one(&mut self, qubit: usize, matrix: Matrix) {
        self.pending[qubit] = times(matrix, self.pending[qubit]);
    }

    /// Writes what is pending on a qubit.
    pub(super) fn flush(&mut self, qubit: usize) {
        let matrix = std::mem::replace(&mut self.pending[qubit], rz(0.0));
        if diagonal(&matrix) {
            let angle = (matrix[1][1] / matrix[0][0]).arg();
            if angle.abs() > 1e-14 {
                self.circuit.rz(angle, qubit);
            }
            return;
        }
        let theta = 2.0 * matrix[1][0].norm().atan2(matrix[0][0].norm());
        // with a vanishing first entry the global phase is free
        let (phi, lambda) = if matrix[0][0].norm() > 1e-9 {
            ((matrix[1][0] / matrix[0][0]).arg(), (-matrix[0][1] / matrix[0][0]).arg())
        } else {
            (matrix[1][0].arg(), (-matrix[0][1]).arg())
        };
        self.circuit.u3(theta, phi, lambda, qubit);
    }

    /// Writes all that is pending.
    pub(super) fn finish(mut self) -> Circuit {
        (0..self.pending.len()).for_each(|qubit| self.flush(qubit));
        self.circuit
    }

    /// Makes room for a diagonal gate: pending diagonal gates commute with it and wait on.
    fn prepare(&mut self, qubit: usize) {
        if !diagonal(&self.pending[qubit]) {
            self.flush(qubit);
        }
    }

    /// `exp(-i angle ZZ/2)`; any angle with a ZZ machine, +-pi/2 else.
    pub(super) fn zz(&mut self, outer: usize, middle: usize, angle: f64) {
        match self.native {
            Native::Zz => {
                self.prepare(outer);
                self.prepare(middle);
                self.circuit.rzz(angle, outer, middle);
            }
            Native::Cz | Native::Cx | Native::Ecr => {
                debug_assert!((angle.abs() - FRAC_PI_2).abs() < 1e-12, "a fixed gate has a fixed angle");
                self.quarter(outer, middle);
                if angle < 0.0 {
                    // exp(i pi/2 ZZ) is Z on both, up to a phase
                    self.one(outer, rz(PI));
                    self.one(middle, rz(PI));
                }
            }
        }
    }

    /// `exp(-i pi/4 ZZ)` by the native gate.
    fn quarter(&mut self, outer: usize, middle: usize) {
        match self.native {
            Native::Zz => self.zz(outer, middle, FRAC_PI_2),
            Native::Cz => {
                self.prepare(outer);
                self.prepare(middle);
                self.circuit.cz(outer, middle);
                self.one(outer, rz(FRAC_PI_2));
                self.one(middle, rz(FRAC_PI_2));
            }
            Native::Cx => {
                self.one(middle, hadamard());
                self.prepare(outer);
                self.flush(middle);
                self.circuit.cx(outer, middle);
                self.one(middle, hadamard());
                self.one(outer, rz(FRAC_PI_2));
                self.one(middle, rz(FRAC_PI_2));
            }
            Native::Ecr => {
                // ECR = X exp(-i pi/4 ZX), X and Z on the first qubit
                self.one(middle, hadamard());
                self.flush(outer);
                self.flush(middle);
                self.circuit.ecr(outer, middle);
                self.one(outer, flip());
                self.one(middle, hadamard());
            }
        }
    }

    /// Controlled X by one native gate.
    pub(super) fn cx(&mut self, control: usize, target: usize) {
        if self.native == Native::Cx {
            self.prepare(control);
            self.flush(target);
            self.circuit.cx(control, target);
            return;
        }
        self.one(target, hadamard());
        self.quarter(control, target);
        self.one(control, rz(-FRAC_PI_2));
        self.one(target, rz(-FRAC_PI_2));
        self.one(target, hadamard());
    }

    /// The gates that `build` appends, as a block of operations; nothing stays pending before or after.
    pub(super) fn block(&mut self, build: impl FnOnce(&mut Self)) -> Vec<Operation> {
        (0..self.pending.len()).for_each(|qubit| self.flush(qubit));
        let mut inner = Self::new(self.circuit.without_operations(), self.native);
        build(&mut inner);
        inner.finish().operations().to_vec()
    }
}
