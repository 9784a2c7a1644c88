//! Maps of Pauli coefficients, done on tiles.
//!
//! Index digit `q` (base 4, order I X Y Z) belongs to qubit `q`, its stride is `4^q`. A tile holds some of the digits; the two
//! lowest of a tile number the sixteen lanes of a group, and maps act on higher ones only: on whole vectors.

mod backward;
mod exchange;
mod parts;
mod pass;
mod signed;
mod two;

use qloom_circuits::Qubits;

pub(crate) use backward::{Slopes, Wanted, go_back, product_slopes, record, start};
pub(crate) use parts::Part;
pub(crate) use pass::{Origin, PassBuffers, run_pass};
pub(crate) use two::place;

/// A map of one digit, a row-major 4 by 4 matrix with first row 1, 0, 0, 0.
pub(crate) type Four = [f64; 16];

/// No map, no turn.
pub(crate) const NONE: u32 = u32::MAX;

/// A map of two digits that sends every product of Paulis to one product.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signed {
    /// Where entry `low + 4 high` goes; every entry once.
    pub(crate) image: [u8; 16],
    /// What it is multiplied by.
    pub(crate) factor: [f64; 16],
}

/// A map of two digits, the first the less significant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pair {
    /// A permutation with factors.
    Signed(Signed),
    /// A row-major 16 by 16 matrix.
    Dense(Box<[f64; 256]>),
}

/// What happens to two digits: a map of each, a turn about `Z Z`, a constant map of both (listed elsewhere).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Two {
    pub(crate) qubits: [u8; 2],
    /// Maps of one digit by index, or [`NONE`].
    pub(crate) before: [u32; 2],
    /// A slot, or [`NONE`].
    pub(crate) turn: u32,
}

/// A dense row-major map of several digits, the first the least significant.
#[derive(Clone, Debug)]
pub(crate) struct Many {
    pub(crate) qubits: Qubits,
    pub(crate) matrix: Vec<f64>,
}

/// One pass: tiles are filled, steps done on each, and emptied.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    /// The digits of a tile, ascending; the first two are 0 and 1.
    pub(crate) digits: Vec<u8>,
    /// The digits outside.
    pub(crate) outside: Vec<u8>,
    /// What is done, in order.
    pub(crate) steps: Vec<Step>,
    /// Where each group of sixteen lies in memory, in groups, before the steps.
    pub(crate) source: Vec<u32>,
    /// As `source`, after the steps.
    pub(crate) target: Vec<u32>,
}

/// One step in a tile; positions count the digits of the tile as it lies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A map of two digits.
    Two { positions: [u8; 2], index: u32 },
    /// A dense map of several digits.
    Many { positions: Qubits, index: u32 },
    /// Digits exchanged with those of the lanes: position 0 with the first, position 1 with the second, if they differ.
    Exchange { with: [u8; 2] },
}

/// What steps refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a> {
    pub(crate) maps: &'a [Four],
    pub(crate) turns: &'a [[f64; 2]],
    pub(crate) twos: &'a [Two],
    pub(crate) thens: &'a [Pair],
    pub(crate) many: &'a [Many],
}

impl<'a> Numbers<'a> {
    /// The maps before a map of two digits.
    fn before(&self, two: &Two) -> [Option<&'a Four>; 2] {
        two.before.map(|map| (map != NONE).then(|| &self.maps[map as usize]))
    }

    /// Its turn.
    fn turn(&self, two: &Two) -> Option<[f64; 2]> {
        (two.turn != NONE).then(|| self.turns[two.turn as usize])
    }
}
