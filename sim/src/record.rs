//! Records of classical bits.

use std::cmp::Ordering;

use qloom_circuits::Condition;
use smallvec::SmallVec;

/// Classical bits, as many as are set: all others are 0. Ordered as the numbers whose bit `k` is bit `k` of the record.
///
/// ```
/// use qloom_sim::Record;
/// let mut record = Record::from(5);
/// record.set(69, true);
/// assert!(record.get(69) && record.get(0) && !record.get(1000));
/// assert!(record > Record::from(u64::MAX) && record.word() == 5);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// 64 bits each, the last one not 0: equal records have equal words.
    words: SmallVec<[u64; 1]>,
}

impl Record {
    /// A bit.
    pub fn get(&self, bit: usize) -> bool {
        self.words.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Overwrites a bit.
    pub fn set(&mut self, bit: usize, value: bool) {
        let place = bit / 64;
        if value && self.words.len() <= place {
            self.words.resize(place + 1, 0);
        }
        if let Some(word) = self.words.get_mut(place) {
            *word = *word & !(1 << (bit % 64)) | u64::from(value) << (bit % 64);
        }
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }

    /// The bits of these words, the lowest of the first word first.
    pub(crate) fn from_words(words: &[u64]) -> Self {
        let used = words.iter().rposition(|&word| word != 0).map_or(0, |last| last + 1);
        Self { words: words[..used].iter().copied().collect() }
    }

    /// The first 64 bits as a number, bit 0 the least significant.
    pub fn word(&self) -> u64 {
        self.words.first().copied().unwrap_or_default()
    }

    /// Whether a condition holds.
    pub fn holds(&self, condition: &Condition) -> bool {
        condition.holds(|bit| self.get(bit))
    }
}

impl From<u64> for Record {
    fn from(word: u64) -> Self {
        Self { words: [word].into_iter().filter(|&word| word != 0).collect() }
    }
}

impl Ord for Record {
    fn cmp(&self, other: &Self) -> Ordering {
        self.words.len().cmp(&other.words.len()).then_with(|| self.words.iter().rev().cmp(other.words.iter().rev()))
    }
}

impl PartialOrd for Record {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
