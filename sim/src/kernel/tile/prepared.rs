//! The numbers of a plan for one set of angles.

use std::ops::Range;

use fearless_simd::{Level, Simd};
use num_complex::Complex64;

use super::flips;
use super::interaction::{self, Interaction};
use super::pairs::{self, Matrix};
use super::pass::{Pass, Plan, TileOp, TilePass};
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

/// Numbers for all passes.
#[derive(Debug)]
pub struct PlanNumbers<T> {
    /// By pass; none for single operations.
    pub(super) passes: Vec<Option<Prepared<T>>>,
}

/// What passes leave to later ones.
#[derive(Debug)]
struct Left {
    /// Cosines left out since the last layer of phases.
    scale: f64,
    /// By pairs to later pairs.
    pairs: pairs::Left,
}

impl<T: Real> PlanNumbers<T> {
    pub(super) fn new(level: Level, plan: &Plan, angles: &[f64]) -> Self {
        let mut left = Left { scale: 1.0, pairs: pairs::Left::new(plan.num_qubits) };
        let mut buffers = Buffers::default();
        let passes = plan.passes.iter().map(|pass| match pass {
            Pass::Whole(_) => None,
            Pass::Tiled(pass) => Some(Prepared::new(level, pass, angles, &mut left, &mut buffers)),
        });
        Self { passes: passes.collect() }
    }
}

#[derive(Debug)]
enum Step<T> {
    Turns(Range<usize>),
    Pair(Box<Matrix<T>>),
    Interaction(Box<Interaction>),
    Flip,
    Phases(Phases),
}

/// Buffers for angles of a pass, and of one of its layers.
#[derive(Debug, Default)]
struct Buffers {
    pass: Angles,
    layer: Angles,
}

impl<T: Real> Prepared<T> {
    /// Prepares a pass that follows the ones that left this.
    fn new(level: Level, pass: &TilePass, angles: &[f64], left: &mut Left, buffers: &mut Buffers) -> Self {
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
                TileOp::Pair { pair, .. } => {
                    let rows = pairs::product(level, pair, &mut next, &left.pairs);
                    if pair.leaves {
                        Step::Interaction(Box::new(Interaction::new::<T>(&rows, pair.qubits, &mut left.pairs)))
                    } else {
                        Step::Pair(Box::new(pairs::matrix(rows, pair, &mut left.pairs)))
                    }
                }
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
                (TileOp::Pair { pieces, .. }, Step::Pair(_) | Step::Interaction(_)) => {
                    while let Some(TileOp::Pair { more: true, .. }) = pass.ops.get(at - 1) {
                        at += 1;
                    }
                    for piece in 0..*pieces {
                        for (op, step) in pass.ops[first..at].iter().zip(&self.steps[first..at]) {
                            let TileOp::Pair { addresses, .. } = op else { continue };
                            match step {
                                Step::Pair(matrix) => pairs::multiply(simd, (re, im), addresses, matrix, (piece, *pieces)),
                                Step::Interaction(gate) => {
                                    interaction::interact(simd, (re, im), addresses, gate, (piece, *pieces));
                                }
                                Step::Turns(_) | Step::Flip | Step::Phases(_) => {}
                            }
                        }
                    }
                }
                (TileOp::Flip { addresses }, Step::Flip) => flips::exchange(simd, (re, im), addresses),
                (TileOp::Turns { .. }, Step::Phases(_) | Step::Pair(_) | Step::Interaction(_) | Step::Flip)
                | (TileOp::Pair { .. }, Step::Phases(_) | Step::Turns(_) | Step::Flip)
                | (TileOp::Flip { .. }, Step::Phases(_) | Step::Turns(_) | Step::Pair(_) | Step::Interaction(_))
                | (TileOp::Diagonal(_), Step::Turns(_) | Step::Pair(_) | Step::Interaction(_) | Step::Flip) => {
                    unreachable!("the steps of a pass were prepared from its operations")
                }
            }
        }
    }
}
