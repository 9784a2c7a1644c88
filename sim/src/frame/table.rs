//! Outcomes of shots as a table of bits.

use super::plane::Plane;
use crate::record::Record;

/// Outcomes of up to 1024 shots.
///
/// ```
/// use qloom_circuits::{Circuit, Stream};
/// use qloom_sim::{PauliFrames, SimulatorConfig};
/// use std::ops::ControlFlow;
/// let mut circuit = Circuit::new(2);
/// circuit.x(1);
/// let frames = PauliFrames::new(&circuit, &[], SimulatorConfig::default())?;
/// frames.sample(3, &mut Stream::named(1, "shots"), |table| {
///     assert_eq!((table.shots(), table.num_bits(), table.packed()), (3, 2, vec![0b10, 0b10, 0b10]));
///     ControlFlow::Continue(())
/// })?;
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShotTable {
    shots: usize,
    bits: Vec<Plane>,
}

impl ShotTable {
    pub(super) fn new(shots: usize, bits: Vec<Plane>) -> Self {
        Self { shots, bits }
    }

    /// Number of shots.
    pub fn shots(&self) -> usize {
        self.shots
    }

    /// Bits of an outcome.
    pub fn num_bits(&self) -> usize {
        self.bits.len()
    }

    /// One bit of all shots: bit `s % 64` of word `s / 64` is that of shot `s`; those beyond [`ShotTable::shots`] mean nothing.
    pub fn column(&self, bit: usize) -> &[u64] {
        self.bits[bit].words()
    }

    /// The outcome of each shot.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.rows().take(self.shots).map(|words| Record::from_words(&words))
    }

    /// Every outcome in as many bytes as it needs, bit 0 the least significant of the first: the format `b8` of Stim.
    pub fn packed(&self) -> Vec<u8> {
        let bytes = self.num_bits().div_ceil(8);
        let mut packed = Vec::with_capacity(bytes * self.shots);
        for words in self.rows().take(self.shots) {
            packed.extend(words.iter().flat_map(|word| word.to_le_bytes()).take(bytes));
        }
        packed
    }

    /// The bits of one shot after the other, 64 in a word.
    fn rows(&self) -> impl Iterator<Item = Vec<u64>> + '_ {
        (0..self.shots.div_ceil(64)).flat_map(move |place| {
            let mut rows = vec![Vec::new(); 64];
            for part in self.bits.chunks(64) {
                let mut block = [0; 64];
                block.iter_mut().zip(part).for_each(|(row, plane)| *row = plane.words()[place]);
                transpose(&mut block);
                rows.iter_mut().zip(block).for_each(|(row, word)| row.push(word));
            }
            rows
        })
    }
}

/// Exchanges rows and columns of a square of bits: halves, then quarters, and so on.
///
/// Source: H. S. Warren, Hacker's Delight (2012), section 7-3.
fn transpose(block: &mut [u64; 64]) {
    let (mut width, mut mask) = (32, u64::MAX >> 32);
    while width > 0 {
        for row in (0..64).filter(|row| row & width == 0) {
            let moved = (block[row] >> width ^ block[row | width]) & mask;
            block[row] ^= moved << width;
            block[row | width] ^= moved;
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::transpose;

    #[test]
    fn transposed_is_by_bits() {
        let mut word = 0x9e37_79b9_7f4a_7c15_u64;
        let before: [u64; 64] = std::array::from_fn(|_| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            word
        });
        let mut after = before;
        transpose(&mut after);
        for (row, from) in before.iter().enumerate() {
            for (column, to) in after.iter().enumerate() {
                assert_eq!(to >> row & 1, from >> column & 1);
            }
        }
    }
}
