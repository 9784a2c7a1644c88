//! Primitives classified by shape.

use std::f64::consts::TAU;

use num_complex::Complex64;
use qloom_circuits::{Angle, Matrix, Pauli, Primitive, PrimitiveKind};

use super::Program;
use crate::op::{Dense, Masks, Op};

/// Entries below this are zero when a matrix is classified.
const ZERO: f64 = 1e-15;
/// Largest number of qubits of a matrix that is looked at for structure.
const STRUCTURED: usize = 4;

impl Program {
    pub(super) fn lower(&mut self, primitive: &Primitive) {
        let controls = primitive.controls.iter().fold(0u64, |mask, qubit| mask | 1 << qubit);
        match &primitive.kind {
            PrimitiveKind::Phase(angle) => self.phase(controls, *angle),
            PrimitiveKind::Rotation(angle, targets) => {
                let (mut x, mut z) = (0u64, 0u64);
                for (qubit, pauli) in targets {
                    let (flips, signs) = pauli.bits();
                    x |= u64::from(flips) << qubit;
                    z |= u64::from(signs) << qubit;
                }
                let slot = self.slot(*angle, 0.5);
                self.ops.push(if x == 0 {
                    Op::Parity { parity: z, controls, slot }
                } else {
                    Op::Rotation { masks: Masks { x, z, controls }, slot }
                });
            }
            PrimitiveKind::Unitary(matrix, qubits) => self.unitary(matrix, qubits, controls),
        }
    }

    fn phase(&mut self, controls: u64, angle: Angle) {
        if angle != Angle::Fixed(0.0) {
            let slot = self.slot(angle, 1.0);
            self.ops.push(Op::Phase { controls, slot });
        }
    }

    fn unitary(&mut self, matrix: &Matrix, qubits: &[usize], controls: u64) {
        if qubits.len() <= STRUCTURED {
            if let Some(columns) = monomial(matrix)
                && let Some((linear, shift)) = affine(&columns, qubits.len())
            {
                self.permutation(linear, shift, qubits, controls);
                let phases =
                    columns.iter().enumerate().take(matrix.dimension()).map(|(column, &row)| (row, matrix[(row, column)].arg()));
                self.diagonal(phases, qubits, controls);
                return;
            }
            if let [qubit] = *qubits {
                self.one_qubit(matrix, qubit, controls);
                return;
            }
        }
        self.ops.push(Op::Dense(self.dense.len() as u32));
        self.dense.push(Dense { entries: matrix.entries().to_vec(), qubits: qubits.to_vec(), controls });
    }

    /// Flips for the map `index -> linear * index + shift` over bits; `linear[i]` is row `i` as a mask.
    fn permutation(&mut self, mut linear: [usize; STRUCTURED], shift: usize, qubits: &[usize], controls: u64) {
        let count = qubits.len();
        let start = self.ops.len();
        // Row operations that reduce the map to the identity, undone in reverse order, are the map.
        for pivot in 0..count {
            let mut add = |row: usize, other: usize, linear: &mut [usize; STRUCTURED]| {
                linear[row] ^= linear[other];
                self.ops.push(Op::Flip { x: 1 << qubits[row], controls: controls | 1 << qubits[other] });
            };
            if linear[pivot] >> pivot & 1 == 0 {
                let other = (pivot + 1..count).find(|&row| linear[row] >> pivot & 1 == 1).expect("a permutation has full rank");
                add(pivot, other, &mut linear);
            }
            for row in 0..count {
                if row != pivot && linear[row] >> pivot & 1 == 1 {
                    add(row, pivot, &mut linear);
                }
            }
        }
        self.ops[start..].reverse();
        let x = qubits.iter().enumerate().fold(0, |mask, (bit, qubit)| mask | (shift as u64 >> bit & 1) << qubit);
        if x != 0 {
            self.ops.push(Op::Flip { x, controls });
        }
    }

    /// Phases for a diagonal: the angle of every subset of qubits by inclusion and exclusion.
    fn diagonal(&mut self, angles: impl Iterator<Item = (usize, f64)>, qubits: &[usize], controls: u64) {
        let mut coefficients = [0.0; 1 << STRUCTURED];
        for (index, angle) in angles {
            coefficients[index] = angle;
        }
        for bit in 0..qubits.len() {
            for index in 0..1usize << qubits.len() {
                if index >> bit & 1 == 1 {
                    coefficients[index] -= coefficients[index ^ 1 << bit];
                }
            }
        }
        for (subset, &angle) in coefficients[..1 << qubits.len()].iter().enumerate() {
            let angle = angle - TAU * (angle / TAU).round();
            if angle.abs() > ZERO {
                let mask =
                    qubits.iter().enumerate().fold(controls, |mask, (bit, qubit)| mask | (subset as u64 >> bit & 1) << qubit);
                self.phase(mask, Angle::Fixed(angle));
            }
        }
    }

    /// `diag(p0, p1) RY(theta) diag(1, q)`.
    fn one_qubit(&mut self, matrix: &Matrix, qubit: usize, controls: u64) {
        let (a, b, c, d) = (matrix[(0, 0)], matrix[(0, 1)], matrix[(1, 0)], matrix[(1, 1)]);
        let unit = |value: Complex64| if value.norm() < ZERO { Complex64::ONE } else { value / value.norm() };
        let (p0, p1) = (unit(a), unit(c));
        let q = if a.norm() >= c.norm() { unit(d / p1) } else { unit(-b / p0) };
        self.phase(controls | 1 << qubit, Angle::Fixed(q.arg()));
        let theta = 2.0 * c.norm().atan2(a.norm());
        let slot = self.slot(Angle::Fixed(theta), 0.5);
        let (x, z) = Pauli::Y.bits();
        self.ops.push(Op::Rotation { masks: Masks { x: u64::from(x) << qubit, z: u64::from(z) << qubit, controls }, slot });
        self.phase(controls, Angle::Fixed(p0.arg()));
        self.phase(controls | 1 << qubit, Angle::Fixed((p1 / p0).arg()));
    }
}

/// The row of the one entry in each column, if every column has one.
fn monomial(matrix: &Matrix) -> Option<[usize; 1 << STRUCTURED]> {
    let mut rows = [0; 1 << STRUCTURED];
    for column in 0..matrix.dimension() {
        let mut entries = (0..matrix.dimension()).filter(|&row| matrix[(row, column)].norm() > ZERO);
        rows[column] = entries.next()?;
        if entries.next().is_some() {
            return None;
        }
    }
    Some(rows)
}

/// The permutation as a linear map over bits (rows as masks) and a shift, if it is one.
fn affine(rows: &[usize; 1 << STRUCTURED], num_qubits: usize) -> Option<([usize; STRUCTURED], usize)> {
    let shift = rows[0];
    let image = |column: usize| rows[column] ^ shift;
    let mut linear = [0; STRUCTURED];
    for bit in 0..num_qubits {
        for (row, mask) in linear.iter_mut().enumerate().take(num_qubits) {
            *mask |= (image(1 << bit) >> row & 1) << bit;
        }
    }
    let apply =
        |column: usize| (0..num_qubits).fold(0, |index, row| index | ((linear[row] & column).count_ones() as usize & 1) << row);
    (0..1usize << num_qubits).all(|column| apply(column) == image(column)).then_some((linear, shift))
}
