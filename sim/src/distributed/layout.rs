//! Where the qubits of a distributed state are.

use crate::kernel::block::BLOCK_BITS;

/// The place of each qubit: an index bit of every slice, or, from `local` on, a bit of the rank's number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) places: Vec<usize>,
    /// Index bits of a slice.
    pub(super) local: usize,
    /// Bits of the ranks' numbers that are one where their qubit is zero: X on a global qubit moves nothing.
    pub(super) turned: usize,
}

/// Global qubits that change places with local ones.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exchange {
    /// Of each pair the global one, then the local one.
    pub(super) pairs: Vec<(usize, usize)>,
}

impl Layout {
    /// All qubits in order, but for these, which are global.
    pub(super) fn with_global(num_qubits: usize, global: u64) -> Self {
        let local = num_qubits - global.count_ones() as usize;
        let mut places = vec![0; num_qubits];
        let (mut low, mut high) = (0, local);
        for (qubit, place) in places.iter_mut().enumerate() {
            let next = if global >> qubit & 1 == 1 { &mut high } else { &mut low };
            *place = *next;
            *next += 1;
        }
        Self { places, local, turned: 0 }
    }

    /// The last qubits global, so that the slices are in the order of the ranks.
    pub(super) fn in_order(num_qubits: usize, local: usize) -> Self {
        Self { places: (0..num_qubits).collect(), local, turned: 0 }
    }

    /// The qubits that are global.
    pub(super) fn global(&self) -> u64 {
        self.qubits(|place| place >= self.local)
    }

    fn qubits(&self, at: impl Fn(usize) -> bool) -> u64 {
        self.places.iter().enumerate().filter(|(_, place)| at(**place)).fold(0, |mask, (qubit, _)| mask | 1 << qubit)
    }

    /// The values of the global qubits in the slice of a rank, and the rank whose slice has these values.
    pub(super) fn number(&self, rank: usize) -> usize {
        rank ^ self.turned
    }

    /// X on a global qubit.
    pub(super) fn turn(&mut self, qubit: usize) {
        self.turned ^= 1 << (self.places[qubit] - self.local);
    }

    /// The qubits that are one in the slice of a rank.
    pub(super) fn ones(&self, rank: usize) -> u64 {
        let number = self.number(rank);
        self.qubits(|place| place >= self.local && number >> (place - self.local) & 1 == 1)
    }

    /// Where an amplitude is: its rank, and its index in the slice.
    pub(super) fn locate(&self, index: usize) -> (usize, usize) {
        let physical = self.physical(index as u64) as usize;
        (self.number(physical >> self.local), physical & ((1 << self.local) - 1))
    }

    /// A mask over qubits as one over places.
    pub(super) fn physical(&self, mask: u64) -> u64 {
        self.places.iter().enumerate().fold(0, |bits, (qubit, place)| bits | (mask >> qubit & 1) << place)
    }

    /// The first basis index of each block of a rank's slice, in order.
    pub(super) fn blocks(&self, rank: usize) -> Blocks {
        let mut bits = vec![0; self.local - BLOCK_BITS];
        for (qubit, &place) in self.places.iter().enumerate().filter(|(_, place)| (BLOCK_BITS..self.local).contains(place)) {
            bits[place - BLOCK_BITS] = 1 << qubit;
        }
        Blocks { bits, ones: self.ones(rank) as usize }
    }

    /// Carries out an exchange.
    pub(super) fn apply(&mut self, exchange: &Exchange) {
        exchange.pairs.iter().for_each(|&(global, local)| self.places.swap(global, local));
    }
}

/// The blocks of a slice.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    bits: Vec<usize>,
    ones: usize,
}

impl Blocks {
    pub(super) fn count(&self) -> usize {
        1 << self.bits.len()
    }

    /// The first basis index of a block.
    pub(super) fn first(&self, block: usize) -> usize {
        self.bits.iter().enumerate().fold(self.ones, |index, (k, bit)| if block >> k & 1 == 1 { index | bit } else { index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every amplitude is in one place, and the blocks of the slices say which it is.
    fn check(layout: &Layout) {
        let n = layout.places.len();
        let ranks = 1usize << (n - layout.local);
        let mut seen = vec![false; 1 << (n - BLOCK_BITS)];
        for rank in 0..ranks {
            let blocks = layout.blocks(rank);
            assert_eq!(blocks.count(), 1 << (layout.local - BLOCK_BITS));
            for block in 0..blocks.count() {
                let first = blocks.first(block);
                assert_eq!(layout.locate(first + 5), (rank, block << BLOCK_BITS | 5));
                assert!(!std::mem::replace(&mut seen[first >> BLOCK_BITS], true), "one place for each");
                assert_eq!(first as u64 & layout.global(), layout.ones(rank));
            }
        }
        assert!(seen.into_iter().all(|seen| seen));
    }

    #[test]
    fn amplitudes_are_where_blocks_say() {
        let n = BLOCK_BITS + 5;
        let mut layout = Layout::with_global(n, 0b101 << (BLOCK_BITS + 1));
        check(&layout);
        layout.apply(&Exchange { pairs: vec![(BLOCK_BITS + 3, BLOCK_BITS), (BLOCK_BITS + 1, n - 1)] });
        assert_eq!(layout.global(), 1 << BLOCK_BITS | 1 << (n - 1));
        check(&layout);
        layout.turn(n - 1);
        assert_eq!(layout.ones(0), 1 << (n - 1));
        check(&layout);
        check(&Layout::in_order(n, n));
        check(&Layout::in_order(n, BLOCK_BITS));
    }

    #[test]
    fn masks_follow_their_qubits() {
        let mut layout = Layout::in_order(BLOCK_BITS + 3, BLOCK_BITS + 1);
        layout.apply(&Exchange { pairs: vec![(BLOCK_BITS + 2, BLOCK_BITS)] });
        assert_eq!(layout.physical(1 << BLOCK_BITS | 1), 1 << (BLOCK_BITS + 2) | 1);
        assert_eq!(layout.ones(0b10), 1 << BLOCK_BITS);
        assert_eq!(layout.ones(0b01), 1 << (BLOCK_BITS + 1));
    }
}
