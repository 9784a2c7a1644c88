//! The numbers of a pass for one set of angles.

use fearless_simd::{Level, Simd};

use super::flips;
use super::pairs::{self, LeftPhases, Matrix};
use super::pass::{TileOp, TilePass};
use super::phases::{self, Phases, Scratch};
use super::turns::{self, Ratio};
use crate::kernel::Real;
use crate::kernel::sincos::cosines_and_sines;
use crate::kernel::vector::View;

/// Numbers for the operations of a pass, in order.
#[derive(Debug)]
pub(super) struct Prepared<T> {
    steps: Vec<Step<T>>,
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
        Self { scale: 1.0, phases: LeftPhases { of_qubits: vec![0.0; num_qubits], of_all: 0.0 } }
    }
}

#[derive(Debug)]
enum Step<T> {
    Turns(Vec<Ratio<T>>),
    Pair(Box<Matrix<T>>),
    Flip,
    Phases(Box<Phases<T>>),
}

impl<T: Real> Prepared<T> {
    /// Prepares a pass that follows the ones that left this.
    pub(super) fn new(level: Level, pass: &TilePass, angles: &[f64], left: &mut Left) -> Self {
        let mut steps = Vec::with_capacity(pass.ops.len());
        for op in &pass.ops {
            steps.push(match op {
                TileOp::Turns { turns, .. } => {
                    let mut pairs: Vec<[f64; 2]> = turns.iter().map(|turn| [0.5 * turn.angle.value(angles), 0.0]).collect();
                    cosines_and_sines(level, &mut pairs);
                    let ratio = |pair| {
                        let (ratio, factor) = Ratio::new(pair);
                        left.scale *= factor;
                        ratio
                    };
                    Step::Turns(pairs.into_iter().map(ratio).collect())
                }
                TileOp::Pair { pair, .. } => Step::Pair(Box::new(pairs::matrix(pair, angles, &mut left.phases))),
                TileOp::Flip { .. } => Step::Flip,
                TileOp::Diagonal(diagonal) => {
                    let scale = std::mem::replace(&mut left.scale, 1.0);
                    let angle = diagonal.constant.value(angles);
                    Step::Phases(Box::new(Phases::new(level, diagonal, angles, scale, angle)))
                }
            });
        }
        Self { steps }
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
                                    turns::turn(simd, plane, addresses, ratios, (piece, *pieces));
                                }
                            }
                        }
                    }
                }
                (TileOp::Diagonal(diagonal), Step::Phases(numbers)) => {
                    phases::multiply(simd, (re, im), diagonal, numbers, outside, scratch);
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
