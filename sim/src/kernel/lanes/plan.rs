//! What is done to many states side by side, and what is read of them.

use smallvec::SmallVec;

use super::observables::LanePart;
use crate::kernel::Addresses;

/// Most rotations in one block of registers.
pub(crate) const BLOCK: usize = 4;

/// An angle as a function of the parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LaneAngle {
    pub(crate) constant: f64,
    pub(crate) terms: SmallVec<[(usize, f64); 1]>,
    /// Cosine and sine where there are no terms.
    pub(crate) fixed: Option<[f64; 2]>,
    /// The scaling that gets the cosine of a rotation; none for phases.
    pub(crate) segment: Option<usize>,
}

/// A plan with the observables to be read at the end.
///
/// Numbers are vectors: the tangent of rotation `k` is number `2 k`, cosine and sine of phase `k` are `2 k` and
/// `2 k + 1`; the scales come after all of them.
#[derive(Clone, Debug)]
pub(crate) struct LanePlan {
    /// Bits of the places held in the end.
    pub(crate) bits: usize,
    pub(crate) angles: Vec<LaneAngle>,
    pub(crate) segments: usize,
    pub(crate) ops: Vec<LaneOp>,
    /// Whether it starts from states instead of `|0...0>`.
    pub(crate) inputs: bool,
    /// Whether the imaginary parts are used in the end.
    pub(crate) complex: bool,
    /// The observables on places.
    pub(crate) parts: Vec<LanePart>,
    /// For every observable.
    pub(crate) readings: Vec<Vec<Reading>>,
}

/// An operation on places.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LaneOp {
    /// A rotation to places not held so far: those with this bit.
    Grow(Grow),
    /// Rotations about Y on pairs of places in one block of registers.
    Turns(Turns),
    /// Phases of parities.
    Phases(Phases),
}

/// See [`LaneOp::Grow`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grow {
    pub(crate) bit: usize,
    /// Parity of places with the opposite sign, and whether the even ones have it instead.
    pub(crate) sign: usize,
    pub(crate) flipped: bool,
    pub(crate) turn: usize,
    /// A phase of the new places.
    pub(crate) phase: Option<usize>,
    /// Whether the state was complex before.
    pub(crate) complex: bool,
    pub(crate) scale: Option<usize>,
}

/// See [`LaneOp::Turns`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turns {
    pub(crate) addresses: Addresses,
    pub(crate) turns: SmallVec<[usize; BLOCK]>,
    pub(crate) complex: bool,
    pub(crate) scale: Option<usize>,
}

/// See [`LaneOp::Phases`]; places are numbered by an offset and a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Phases {
    pub(crate) addresses: Addresses,
    pub(crate) scale: usize,
    /// Whether the state was complex before.
    pub(crate) complex: bool,
    /// Phases of single offset bits, and of parities of offsets.
    pub(crate) offset_bits: Vec<Option<usize>>,
    pub(crate) offset_parities: Vec<(usize, usize)>,
    /// The same of rows.
    pub(crate) row_bits: Vec<Option<usize>>,
    pub(crate) row_parities: Vec<(usize, usize)>,
    /// Parities over both: set of odd offsets as bits, row mask, phase.
    pub(crate) mixed: Vec<(u8, usize, usize)>,
}

impl LanePlan {
    /// Vectors of numbers.
    pub(crate) fn numbers(&self) -> usize {
        2 * self.angles.len() + self.segments
    }

    /// The number that is the scale of a segment.
    pub(crate) fn scale(&self, segment: usize) -> usize {
        2 * self.angles.len() + segment
    }

    /// Most rows of a layer of phases.
    pub(super) fn most_rows(&self) -> usize {
        let rows = self.ops.iter().map(|op| match op {
            LaneOp::Phases(phases) => phases.addresses.bases.len(),
            LaneOp::Grow(_) | LaneOp::Turns(_) => 0,
        });
        rows.max().unwrap_or(0)
    }
}

/// Sums over pairs that share one block of registers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Offsets `k` and `k | 1 << g` are a pair of group `g`; without groups every place is its own partner.
    pub(crate) addresses: Addresses,
    /// Whether each group takes imaginary parts.
    pub(crate) imaginary: Vec<bool>,
    /// Weights: by base, group and pair.
    pub(crate) weights: Vec<f64>,
}
