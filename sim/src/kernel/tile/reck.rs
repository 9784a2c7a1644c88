//! Unitaries on two qubits by the Schmidt form of their first column, and what is left by real rotations.

use num_complex::Complex64;
use qloom_circuits::synthesis::magic::{One, Two, half_angle};

/// A state of two qubits as gates on each after `cosine |00> + sine |11>`.
pub(super) struct Schmidt {
    pub(super) alone: [One; 2],
    /// Not less than the sine.
    pub(super) cosine: f64,
    pub(super) sine: f64,
}

impl Schmidt {
    /// Of a state of norm one: the singular values of its amplitudes as a matrix, qubit 0 on the inputs.
    pub(super) fn of([a, b, c, d]: [Complex64; 4]) -> Self {
        // The matrix times one rotation has inputs at right angles, the first the longer.
        let apart = a.norm_sqr() + c.norm_sqr() - b.norm_sqr() - d.norm_sqr();
        let beside = a.conj() * b + c.conj() * d;
        let (of_beside, direction) = (beside.norm_sqr().sqrt(), phase(beside));
        let length = (apart * apart + 4.0 * of_beside * of_beside).sqrt();
        let (cosine, sine) = if length == 0.0 { (1.0, 0.0) } else { half_angle(apart / length, 2.0 * of_beside / length) };
        let low = [[cosine.into(), -sine * direction.conj()], [sine * direction, cosine.into()]];
        let column = |k: usize| {
            let [x, y] = [low[0][k].conj(), low[1][k].conj()];
            [a * x + b * y, c * x + d * y]
        };
        let ([p, q], [r, s]) = (column(0), column(1));
        let cosine = (p.norm_sqr() + q.norm_sqr()).sqrt();
        let (p, q) = (p / cosine, q / cosine);
        let second = p * s - q * r;
        let turned = phase(second);
        Self { alone: [low, [[p, -q.conj() * turned], [q, p.conj() * turned]]], cosine, sine: second.norm_sqr().sqrt() }
    }
}

/// `(A1 A0)^dagger M`; the first column, which is known, is left out.
pub(super) fn without(rows: &Two, [low, high]: &[One; 2]) -> Two {
    let mut found = [[Complex64::ZERO; 4]; 4];
    for column in 1..4 {
        let x = [0, 1, 2, 3].map(|row| rows[row][column]);
        let by_low = |pair: usize, k: usize| low[0][k].conj() * x[pair] + low[1][k].conj() * x[pair + 1];
        for k in 0..2 {
            let [upper, lower] = [by_low(0, k), by_low(2, k)];
            found[k][column] = high[0][0].conj() * upper + high[1][0].conj() * lower;
            found[k + 2][column] = high[0][1].conj() * upper + high[1][1].conj() * lower;
        }
    }
    found
}

/// A unitary on indices 1, 2 and 3 as three real rotations of two slots each, and phases.
///
/// Source: Reck et al., Phys. Rev. Lett. 73, 58 (1994).
pub(super) struct Reck {
    /// The index read into each of the slots 1, 2 and 3.
    pub(super) inputs: [usize; 3],
    /// Phases at first, by index.
    pub(super) before: [Complex64; 3],
    /// The phase of slot 1 between the second rotation and the third.
    pub(super) between: Complex64,
    /// Cosines and sines of the rotations of slots 1 and 2, 2 and 3, and 1 and 2.
    pub(super) turns: [(f64, f64); 3],
    /// Phases of slots 1 and 2 at the end.
    pub(super) after: [Complex64; 2],
    /// The indices of slots 1 and 2 at the end; that of slot 3 is 3.
    pub(super) outputs: [usize; 2],
}

impl Reck {
    /// Of the last three rows and columns. No cosine is below the root of a third.
    pub(super) fn of(rows: &Two) -> Self {
        // The last row decides the first two rotations. Its largest entry is in slot 3, its least in slot 1.
        let sizes = rows[3].map(|entry| entry.norm_sqr());
        let mut inputs = [1, 2, 3];
        inputs.sort_unstable_by(|a, b| sizes[*a].total_cmp(&sizes[*b]));
        let before = [1, 2, 3].map(|index| phase(rows[3][index]));
        let size = inputs.map(|index| sizes[index].sqrt());
        let low = (sizes[inputs[0]] + sizes[inputs[1]]).sqrt();
        let inner = if low == 0.0 { (1.0, 0.0) } else { (size[1] / low, size[0] / low) };
        let all = (low * low + sizes[inputs[2]]).sqrt();
        let outer = (size[2] / all, low / all);
        // The other rows without phases and rotations that come first.
        let rest = [1, 2].map(|row: usize| {
            let [x, y, z] = inputs.map(|index| rows[row][index] * before[index - 1].conj());
            [inner.0 * x - inner.1 * y, outer.0 * (inner.1 * x + inner.0 * y) - outer.1 * z]
        });
        let swapped = rest[0][0].norm_sqr() < rest[1][0].norm_sqr();
        let (outputs, [upper, lower]) = if swapped { ([2, 1], [rest[1], rest[0]]) } else { ([1, 2], rest) };
        let last = phase(lower[1]);
        let between = phase(lower[0] * last.conj());
        Self {
            inputs,
            before,
            between,
            turns: [inner, outer, (upper[0].norm_sqr().sqrt(), lower[0].norm_sqr().sqrt())],
            after: [phase(upper[0]) * between.conj(), last],
            outputs,
        }
    }
}

/// `z / |z|`, one where that is nothing.
fn phase(z: Complex64) -> Complex64 {
    let norm = z.norm_sqr().sqrt();
    if norm == 0.0 { Complex64::ONE } else { z / norm }
}
