//! One-qubit unitaries.

use std::f64::consts::PI;

use crate::angle::Angle;
use crate::gate::Gate;
use crate::matrix::Matrix;
use crate::operation::Operation;

use super::control::{controlled_rz, controlled_x};
use super::{TOLERANCE, controlled_phase};

/// Angles `(theta, phi, lambda)` and phase `alpha` with `U = e^{i alpha} u3(theta, phi, lambda)`.
pub fn u3_angles(matrix: &Matrix) -> (f64, f64, f64, f64) {
    let (a, b, c, d) = (matrix[(0, 0)], matrix[(0, 1)], matrix[(1, 0)], matrix[(1, 1)]);
    let theta = 2.0 * c.norm().atan2(a.norm());
    let (alpha, phi, lambda) = if c.norm() < TOLERANCE {
        (a.arg(), 0.0, d.arg() - a.arg())
    } else if a.norm() < TOLERANCE {
        (c.arg(), 0.0, (-b).arg() - c.arg())
    } else if a.norm() >= c.norm() {
        // The phase of a small entry is rounding; it may turn this entry, but not the sum of both angles.
        let phi = c.arg() - a.arg();
        (a.arg(), phi, d.arg() - a.arg() - phi)
    } else {
        (a.arg(), c.arg() - a.arg(), (-b).arg() - a.arg())
    };
    (theta, near_zero(phi), near_zero(lambda), alpha)
}

/// The same angle within `(-pi, pi]`.
pub fn near_zero(angle: f64) -> f64 {
    let turns = (angle / (2.0 * PI)).round();
    let reduced = angle - turns * 2.0 * PI;
    if reduced <= -PI { reduced + 2.0 * PI } else { reduced }
}

/// The power of a one-qubit unitary with the phases of its eigenvalues within `(-pi, pi]`.
pub fn power_of(matrix: &Matrix, exponent: f64) -> Matrix {
    let half = (matrix[(0, 0)] * matrix[(1, 1)] - matrix[(0, 1)] * matrix[(1, 0)]).arg() / 2.0;
    let special = matrix.scaled(num_complex::Complex64::cis(-half));
    let (a, b) = (special[(0, 0)], special[(0, 1)]);
    let (x, y, z) = (-b.im, -b.re, -a.im);
    let sine = (x * x + y * y + z * z).sqrt();
    let beta = sine.atan2(a.re);
    // Eigenvalues e^{i (half -+ beta)} with projectors (1 +- n.sigma)/2.
    let power = |phase: f64| num_complex::Complex64::cis(near_zero(phase) * exponent);
    let (plus, minus) = (power(half - beta), power(half + beta));
    let (mean, difference) = ((plus + minus) / 2.0, (plus - minus) / 2.0);
    let (x, y, z) = if sine > TOLERANCE { (x / sine, y / sine, z / sine) } else { (0.0, 0.0, 0.0) };
    let axis =
        Matrix::from_slice(&[z.into(), num_complex::Complex64::new(x, -y), num_complex::Complex64::new(x, y), (-z).into()]);
    Matrix::identity(1).scaled(mean).plus(&axis.scaled(difference))
}

/// A one-qubit unitary where all controls are one; qubits that are idle are used and come back as they were.
pub fn controlled_unitary(matrix: &Matrix, controls: &[usize], target: usize, idle: &[usize]) -> Vec<Operation> {
    let mut list = Vec::new();
    if controls.is_empty() {
        let (theta, phi, lambda, alpha) = u3_angles(matrix);
        let angles = [theta, phi, lambda].map(Angle::Fixed);
        if matrix.distance(&Matrix::identity(1).scaled(num_complex::Complex64::cis(alpha))) > TOLERANCE {
            list.push(Operation::gate(Gate::U3, &angles, &[target]));
        }
        if alpha.abs() > TOLERANCE {
            list.push(Operation::GlobalPhase(Angle::Fixed(alpha)));
        }
        return list;
    }
    // U = e^{i alpha} exp(-i beta n.sigma): turn n to z, rotate under control, turn back.
    let alpha = (matrix[(0, 0)] * matrix[(1, 1)] - matrix[(0, 1)] * matrix[(1, 0)]).arg() / 2.0;
    let special = matrix.scaled(num_complex::Complex64::cis(-alpha));
    let (a, b) = (special[(0, 0)], special[(0, 1)]);
    let (x, y, z) = (-b.im, -b.re, -a.im);
    let sine = (x * x + y * y + z * z).sqrt();
    if sine <= TOLERANCE {
        let phase = if a.re < 0.0 { near_zero(alpha + PI) } else { alpha };
        return if phase.abs() > TOLERANCE { controlled_phase(Angle::Fixed(phase), controls, idle) } else { list };
    }
    // Along z nothing turns; against z the angle is negative.
    let along = (x * x + y * y).sqrt() < TOLERANCE;
    let (mut tilt, turn) = if along { (0.0, 0.0) } else { ((x * x + y * y).sqrt().atan2(z), y.atan2(x)) };
    let mut beta = if along && z < 0.0 { -sine.atan2(a.re) } else { sine.atan2(a.re) };
    if controls.len() > 1 && near_zero(alpha + beta).abs() < TOLERANCE {
        // the state along n has the phase: turn n to -z
        (tilt, beta) = (tilt - PI, -beta);
    }
    let rotate = |gate, angle: f64| (angle.abs() > TOLERANCE).then(|| Operation::gate(gate, &[Angle::Fixed(angle)], &[target]));
    list.extend([rotate(Gate::Rz, -turn), rotate(Gate::Ry, -tilt)].into_iter().flatten());
    let mut after = Vec::new();
    if controls.len() > 1 && near_zero(alpha - beta).abs() < TOLERANCE {
        // One of two states has a phase: no other phase on the controls.
        let all: Vec<usize> = controls.iter().copied().chain([target]).collect();
        if controls.len() > 2 && (near_zero(2.0 * beta).abs() - PI).abs() < TOLERANCE {
            let hadamard = Operation::gate(Gate::H, &[], &[target]);
            list.push(hadamard.clone());
            list.extend(controlled_x(controls, target, idle));
            list.push(hadamard);
        } else {
            list.extend(controlled_phase(Angle::Fixed(near_zero(2.0 * beta)), &all, idle));
        }
    } else {
        list.extend(controlled_rz(Angle::Fixed(2.0 * beta), controls, target, idle));
        if alpha.abs() > TOLERANCE {
            after = controlled_phase(Angle::Fixed(alpha), controls, idle);
        }
    }
    list.extend([rotate(Gate::Ry, tilt), rotate(Gate::Rz, turn)].into_iter().flatten());
    list.extend(after);
    list
}
