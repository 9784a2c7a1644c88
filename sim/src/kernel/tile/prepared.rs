//! The numbers of a pass for one set of angles.

use std::ops::Range;

use fearless_simd::{Level, Simd};
use num_complex::Complex64;

use super::flips;
use super::pairs::{self, LeftPhases, Matrix};
use super::pass::{TileOp, TilePass};
use super::phases::{self, Angles, Numbers, Phases, Scratch};
use super::turns::{self, Ratio};
use crate::kernel::Real;
use crate::kernel::sincos::cosines_in_place;
use crate::kernel::vector::View;

/// Numbers for the operations of a pass, in order.
#[derive(Debug)]
pub(super) struct Prepared<T> {
    steps: Vec<Step<T>>,
    /// Of all rotations.
    ratios: Vec<Ratio<T>>,
    /// Of all layers of phases.
    numbers: Numbers<T>,
}

/// What passes leave to later ones.
#[derive(Debug)]
pub(crate) struct Left {
    /// Cosines left out since the last layer of phases.
    scale: f64,
    /// Phases left by pairs to later pairs.
    phases: LeftPhases,
}

impl Left {
    pub(crate) fn new(num_qubits: usize) -> Self {
        Self { scale: 1.0, phases: LeftPhases { of_qubits: vec![Complex64::ONE; num_qubits], of_all: Complex64::ONE } }
    }
}

#[derive(Debug)]
enum Step<T> {
    Turns(Range<usize>),
    Pair(Box<Matrix<T>>),
    Flip,
    Phases(Phases),
}

/// Buffers for angles of a pass, and of one of its layers.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pass: Angles,
    layer: Angles,
}

impl<T: Real> Prepared<T> {
    /// Prepares a pass that follows the ones that left this.
    pub(super) fn new(level: Level, pass: &TilePass, angles: &[f64], left: &mut Left, buffers: &mut Buffers) -> Self {
        let Buffers { pass: Angles { cosines, sines }, layer } = buffers;
        cosines.clear();
        for op in &pass.ops {
            match op {
                TileOp::Turns { turns, .. } => cosines.extend(turns.iter().map(|turn| 0.5 * turn.angle.value(angles))),
                TileOp::Pair { pair, .. } => pairs::needed(pair, angles, cosines),
                TileOp::Flip { .. } | TileOp::Diagonal(_) => {}
            }
        }
        cosines_in_place(level, cosines, sines);
        let mut factors = cosines.iter().zip(sines.iter()).map(|(&re, &im)| Complex64 { re, im });
        let mut next = || factors.next().expect("every angle was asked for");
        let mut steps = Vec::with_capacity(pass.ops.len());
        let mut ratios = Vec::with_capacity(sines.len());
        let mut numbers = Numbers::with_room(pass.ops.iter().filter_map(|op| match op {
            TileOp::Diagonal(diagonal) => Some(diagonal),
            TileOp::Turns { .. } | TileOp::Pair { .. } | TileOp::Flip { .. } => None,
        }));
        for op in &pass.ops {
            steps.push(match op {
                TileOp::Turns { turns, .. } => {
                    let start = ratios.len();
                    ratios.extend(turns.iter().map(|_| {
                        let (ratio, factor) = Ratio::new(next());
                        left.scale *= factor;
                        ratio
                    }));
                    Step::Turns(start..ratios.len())
                }
                TileOp::Pair { pair, .. } => Step::Pair(Box::new(pairs::matrix(level, pair, &mut next, &mut left.phases))),
                TileOp::Flip { .. } => Step::Flip,
                TileOp::Diagonal(diagonal) => {
                    let of_all = (std::mem::replace(&mut left.scale, 1.0), diagonal.constant.value(angles));
                    Step::Phases(numbers.push(level, diagonal, angles, of_all, layer))
                }
            });
        }
        Self { steps, ratios, numbers }
    }

    #[inline(always)]
    pub(super) fn operate<S: Simd>(
        &self,
        simd: S,
        pass: &TilePass,
        outside: u64,
        (re, im): (View<T>, View<T>),
        scratch: &mut Scratch<T>,
    ) {
        let mut at = 0;
        while let (Some(op), Some(step)) = (pass.ops.get(at), self.steps.get(at)) {
            let first = at;
            at += 1;
            match (op, step) {
                (TileOp::Turns { pieces, .. }, Step::Turns(_)) => {
                    while let Some(TileOp::Turns { more: true, .. }) = pass.ops.get(at - 1) {
                        at += 1;
                    }
                    for plane in [re, im] {
                        for piece in 0..*pieces {
                            for (op, step) in pass.ops[first..at].iter().zip(&self.steps[first..at]) {
                                if let (TileOp::Turns { addresses, .. }, Step::Turns(ratios)) = (op, step) {
                                    turns::turn(simd, plane, addresses, &self.ratios[ratios.clone()], (piece, *pieces));
                                }
                            }
                        }
                    }
                }
                (TileOp::Diagonal(diagonal), Step::Phases(phases)) => {
                    phases::multiply(simd, (re, im), (diagonal, phases), &self.numbers, outside, scratch);
                }
                (TileOp::Pair { addresses, .. }, Step::Pair(matrix)) => pairs::multiply(simd, (re, im), addresses, matrix),
                (TileOp::Flip { addresses }, Step::Flip) => flips::exchange(simd, (re, im), addresses),
                (TileOp::Turns { .. }, Step::Phases(_) | Step::Pair(_) | Step::Flip)
                | (TileOp::Pair { .. }, Step::Phases(_) | Step::Turns(_) | Step::Flip)
                | (TileOp::Flip { .. }, Step::Phases(_) | Step::Turns(_) | Step::Pair(_))
                | (TileOp::Diagonal(_), Step::Turns(_) | Step::Pair(_) | Step::Flip) => {
                    unreachable!("the steps of a pass were prepared from its operations")
                }
            }
        }
    }
}
