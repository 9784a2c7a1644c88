//! Records of classical bits.

use qloom_circuits::Condition;
use smallvec::{SmallVec, smallvec};

/// Classical bits, all 0 at first; any number of them.
///
/// ```
/// use qloom_sim::Record;
/// let mut record = Record::new(70);
/// record.set(69, true);
/// assert!(record.get(69) && !record.get(0) && record.word() == 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Record {
    words: SmallVec<[u64; 1]>,
}

impl Record {
    /// This many bits.
    pub fn new(num_bits: usize) -> Self {
        Self { words: smallvec![0; num_bits.div_ceil(64).max(1)] }
    }

    /// A bit.
    ///
    /// # Panics
    /// When there are fewer bits.
    pub fn get(&self, bit: usize) -> bool {
        self.words[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Overwrites a bit.
    ///
    /// # Panics
    /// When there are fewer bits.
    pub fn set(&mut self, bit: usize, value: bool) {
        let word = &mut self.words[bit / 64];
        *word = *word & !(1 << (bit % 64)) | u64::from(value) << (bit % 64);
    }

    /// The first 64 bits as a number, bit 0 the least significant.
    pub fn word(&self) -> u64 {
        self.words[0]
    }

    /// Whether a condition holds.
    pub fn holds(&self, condition: &Condition) -> bool {
        condition.holds(|bit| self.get(bit))
    }
}
