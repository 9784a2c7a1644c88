//! Lists of operations applied forwards, and backwards with derivatives.

use fearless_simd::{Level, Simd, dispatch};

use super::real::Real;
use super::vector::View;
use super::{dense, diagonal, flip, overlap, rotation};
use crate::op::{Dense, Masks, Op};

/// Cosine and sine of the angle of an operation, halved for rotations.
pub(crate) type Factor<T> = [T; 2];

/// Applies the operations in order to the planes.
pub(crate) fn apply<T: Real>(level: Level, ops: &[Op], dense: &[Dense], factors: &[Factor<T>], re: &mut [T], im: &mut [T]) {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    dispatch!(level, simd => {
        let mut rest = ops;
        while let [op, others @ ..] = rest {
            let done = step(simd, op, others, dense, factors, re, im, false);
            rest = &rest[done..];
        }
    });
}

/// What the derivative of a slot adds to: a parameter and a factor.
pub(crate) type Derivative = Option<(usize, f64)>;

/// Takes `psi` and `lambda` back through the operations, given last first, and adds the derivatives to `gradient`.
///
/// Enter with `psi` the final state and `lambda = H psi`; leave with both at the start.
#[allow(clippy::too_many_arguments, reason = "a program, its numbers and two states")]
pub(crate) fn differentiate<'a, T: Real>(
    level: Level,
    ops: impl Iterator<Item = &'a Op>,
    dense: &[Dense],
    derivatives: &[Derivative],
    factors: &[Factor<T>],
    psi: (&mut [T], &mut [T]),
    lambda: (&mut [T], &mut [T]),
    gradient: &mut [f64],
) {
    assert!(psi.0.len() == psi.1.len() && psi.0.len() == lambda.0.len() && psi.0.len() == lambda.1.len());
    dispatch!(level, simd => {
        for op in ops {
            let (slot, masks, factor) = match *op {
                Op::Rotation { masks, slot } => (Some(slot), masks, 1.0),
                Op::Parity { parity, controls, slot } => (Some(slot), Masks { x: 0, z: parity, controls }, 1.0),
                Op::Phase { controls, slot } => (Some(slot), Masks { x: 0, z: 0, controls }, -2.0),
                Op::Flip { .. } | Op::Dense(_) => (None, Masks { x: 0, z: 0, controls: 0 }, 0.0),
            };
            if let Some((parameter, scale)) = slot.and_then(|slot| derivatives[slot as usize]) {
                let left = (View::read_only(lambda.0), View::read_only(lambda.1));
                let right = (View::read_only(psi.0), View::read_only(psi.1));
                let overlap = overlap::imaginary_overlap(simd, left, right, masks);
                gradient[parameter] += factor * scale * overlap.to_f64();
            }
            step(simd, op, &[], dense, factors, psi.0, psi.1, true);
            step(simd, op, &[], dense, factors, lambda.0, lambda.1, true);
        }
    });
}

/// One operation, or its inverse, and those after it that can be done together with it; gives how many are done.
#[allow(clippy::too_many_arguments, reason = "operations, their numbers and a state")]
#[inline(always)]
fn step<S: Simd, T: Real>(
    simd: S,
    op: &Op,
    others: &[Op],
    dense: &[Dense],
    factors: &[Factor<T>],
    re: &mut [T],
    im: &mut [T],
    inverse: bool,
) -> usize {
    let (real, imaginary) = (View::new(re), View::new(im));
    let turned = |slot: u32| {
        let [cosine, sine] = factors[slot as usize];
        if inverse { (cosine, -sine) } else { (cosine, sine) }
    };
    match *op {
        Op::Rotation { masks, slot } => {
            let (cosine, sine) = turned(slot);
            rotation::rotate(simd, real, imaginary, masks, cosine, sine);
        }
        Op::Parity { parity, controls, slot } => {
            let (cosine, sine) = turned(slot);
            diagonal::multiply(simd, real, imaginary, parity, controls, [cosine, sine]);
        }
        Op::Phase { controls, slot } => {
            let (cosine, sine) = turned(slot);
            diagonal::phase(simd, real, imaginary, controls, [cosine, sine]);
        }
        Op::Flip { x, controls } => {
            if exchanges(x, controls, others) {
                flip::swap(simd, (real, imaginary), [x, controls]);
                return 3;
            }
            flip::flip(simd, real, imaginary, x, controls);
        }
        Op::Dense(index) => dense::multiply(re, im, &dense[index as usize], inverse),
    }
    1
}

/// Whether a CX and the next two operations exchange its qubits.
#[inline(always)]
fn exchanges(x: u64, controls: u64, others: &[Op]) -> bool {
    let [Op::Flip { x: a, controls: b }, Op::Flip { x: c, controls: d }, ..] = *others else { return false };
    (a, b) == (controls, x) && (c, d) == (x, controls) && x.is_power_of_two() && controls.is_power_of_two()
}
