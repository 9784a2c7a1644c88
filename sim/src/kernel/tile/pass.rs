//! What passes over tiles do: their qubits, operations and address tables.

use crate::op::{Op, Sum};

/// What the plan depends on besides the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    /// Qubits of a tile.
    pub(crate) tile: usize,
    /// Qubits that number the lanes of a vector.
    pub(crate) lanes: usize,
    /// Lowest qubits that are in every tile, so that memory is read in runs.
    pub(crate) run: usize,
    /// Most rotations in one block of registers.
    pub(crate) block: usize,
    /// Bits of a vector index that number a piece of a plane that stays in the first-level cache.
    pub(crate) piece: usize,
    /// The same of both planes together.
    pub(crate) both: usize,
}

/// One pass over the state.
#[derive(Clone, Debug)]
pub(crate) enum Pass {
    /// Tiles, each with the same list of operations.
    Tiled(TilePass),
    /// One operation by itself over the whole state.
    Whole(Op),
}

/// A pass over tiles.
#[derive(Clone, Debug)]
pub(crate) struct TilePass {
    /// Qubits of the tile that number vectors in memory, ascending.
    pub(crate) memory_qubits: Vec<usize>,
    /// Positions in `memory_qubits` whose bits change places with the lanes while in the tile; none or one for each lane bit.
    pub(crate) exchanged: Vec<usize>,
    /// Where the logical vector indices are when the tile is filled.
    pub(crate) entry: Places,
    /// Where they are when it is emptied.
    pub(crate) exit: Places,
    pub(crate) ops: Vec<TileOp>,
    /// Items taken.
    pub(crate) items: usize,
}

/// A linear map from logical vector indices to places in the tile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places {
    pub(crate) columns: Vec<u32>,
    pub(crate) constant: u32,
}

/// A stretch of a program as passes.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) num_qubits: usize,
    pub(crate) shape: Shape,
    pub(crate) passes: Vec<Pass>,
    /// In rotations of all amplitudes.
    pub(crate) cost: usize,
}

/// Where vectors are: `bases[h] ^ offsets[l]` for the logical index made of `l` and `h`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Addresses {
    pub(crate) offsets: Vec<u32>,
    pub(crate) bases: Vec<u32>,
}

impl Addresses {
    /// The bases of one of so many equal pieces.
    #[inline(always)]
    pub(crate) fn piece(&self, (piece, pieces): (usize, usize)) -> &[u32] {
        let length = self.bases.len() / pieces;
        &self.bases[piece * length..(piece + 1) * length]
    }
}

/// An operation on a tile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TileOp {
    /// Rotations about Y on the qubits of a block of registers, the least significant offset bit first. The bases are cut into
    /// `pieces` equal parts, and with `more` the next operation is done on the same piece before the next piece is begun.
    Turns { addresses: Addresses, turns: Vec<Turn>, pieces: usize, more: bool },
    /// A gate on two qubits, the first the least significant offset bit; pieces as for rotations.
    Pair { addresses: Addresses, pair: Pair, pieces: usize, more: bool },
    /// Pairs of vectors that change places.
    Flip { addresses: Addresses },
    /// Phases, and the scale carried so far.
    Diagonal(Diagonal),
}

/// The angle of a rotation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) angle: Sum,
}

/// Phases of parities over lane bits, vector bits and the qubits outside the tile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Diagonal {
    pub(crate) addresses: Addresses,
    /// Angle of the whole state.
    pub(crate) constant: Sum,
    /// Bits of a lane number.
    pub(crate) lane_bits: usize,
    /// Offset bits.
    pub(crate) inner_bits: usize,
    /// Bits of the base index.
    pub(crate) row_bits: usize,
    /// Terms that do not touch lanes or offset bits.
    pub(crate) rows: Vec<Member>,
    /// Terms on lanes and offset bits alone.
    pub(crate) inner: Vec<Group>,
    /// The other terms, by the bits of lanes and offsets they touch.
    pub(crate) groups: Vec<Group>,
    /// So many groups, the first, touch lanes alone.
    pub(crate) lane_groups: usize,
    /// The group that touches a single offset bit, for each of them.
    pub(crate) singles: [Option<usize>; Diagonal::OFFSETS],
    /// The group from which on they touch several bits.
    pub(crate) several: usize,
    /// Whether a term depends on qubits outside the tile, so that the phases are not the same on all tiles.
    pub(crate) varies: bool,
}

impl Diagonal {
    /// Most offset bits.
    pub(crate) const OFFSETS: usize = 4;

    /// Puts terms that do not depend on row and tile apart, and the others in order.
    pub(crate) fn order(&mut self) {
        let groups = std::mem::take(&mut self.groups);
        let alone = |group: &Group| group.members.iter().all(|member| member.row == 0 && member.outside == 0);
        (self.inner, self.groups) = groups.into_iter().partition(alone);
        let single = |group: &Group| group.lanes == 0 && group.offsets.is_power_of_two();
        self.groups.sort_by_key(|group| match (group.offsets == 0, single(group)) {
            (true, _) => 0,
            (false, true) => group.offsets,
            (false, false) => usize::MAX,
        });
        self.lane_groups = self.groups.iter().filter(|group| group.offsets == 0).count();
        let singles = self.groups.iter().enumerate().filter(|(_, group)| single(group));
        singles.for_each(|(index, group)| self.singles[group.offsets.trailing_zeros() as usize] = Some(index));
        self.varies = (self.groups.iter().flat_map(|group| &group.members)).chain(&self.rows).any(|member| member.outside != 0);
        self.several = self.lane_groups + self.singles.iter().flatten().count();
    }
}

/// Terms with the same pattern of lanes and offset bits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) lanes: usize,
    pub(crate) offsets: usize,
    pub(crate) members: Vec<Member>,
}

/// One phase: its bits of the base index, its qubits outside the tile, its angle.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Member {
    pub(crate) row: usize,
    pub(crate) outside: u64,
    pub(crate) angle: Sum,
}

/// Operations on two qubits, done as one 4 x 4 matrix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    /// The first is the least significant bit of a row of the matrix.
    pub(crate) qubits: [usize; 2],
    pub(crate) steps: Vec<PairStep>,
    /// An angle of the whole state, done with it.
    pub(crate) constant: Sum,
    /// Whether pairs come next on both of its qubits, so that what each qubit has alone can be left to them.
    pub(crate) leaves: bool,
}

/// One operation on a pair; its qubits are 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PairStep {
    /// `exp(-i angle/2 Y)` on a qubit.
    Turn(usize, Sum),
    /// `e^{i angle}` where the parity of the mask is odd.
    Phase(usize, Sum),
    /// X on a qubit.
    Not(usize),
    /// CX with this control, the other qubit the target.
    Cnot(usize),
}
