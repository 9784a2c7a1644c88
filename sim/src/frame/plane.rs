//! One bit of many shots.

use std::ops::{BitAndAssign, BitXorAssign, Not};

use qloom_circuits::Stream;

/// Words of a plane.
pub(super) const WORDS: usize = 16;

/// One bit of each of 1024 shots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plane([u64; WORDS]);

impl Plane {
    /// Fair coins.
    pub(super) fn random(stream: &mut Stream) -> Self {
        let mut words = [0; WORDS];
        words.iter_mut().for_each(|word| *word = stream.word());
        Self(words)
    }

    pub(super) fn words(&self) -> &[u64; WORDS] {
        &self.0
    }

    pub(super) fn flip(&mut self, shot: usize) {
        self.0[shot / 64] ^= 1 << (shot % 64);
    }

    fn get(&self, shot: usize) -> bool {
        self.0[shot / 64] >> (shot % 64) & 1 == 1
    }

    /// Records 1 for 0 and 0 for 1 with these probabilities.
    pub(super) fn misread(&mut self, flips: [f64; 2], stream: &mut Stream) {
        let most = flips[0].max(flips[1]);
        let mut hits = Hits::new(most, 64 * WORDS);
        while let Some(shot) = hits.next(stream) {
            let wanted = flips[usize::from(self.get(shot))];
            if wanted == most || stream.unit() * most < wanted {
                self.flip(shot);
            }
        }
    }
}

impl BitXorAssign for Plane {
    fn bitxor_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word ^= other);
    }
}

impl BitAndAssign for Plane {
    fn bitand_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }
}

impl Not for Plane {
    type Output = Self;

    fn not(mut self) -> Self {
        self.0.iter_mut().for_each(|word| *word = !*word);
        self
    }
}

/// Which of many trials succeed, each with the same probability: the gaps between them are drawn, so that rare ones cost little.
pub(super) struct Hits {
    next: usize,
    trials: usize,
    /// `1/ln(1 - p)`.
    scale: f64,
}

impl Hits {
    pub(super) fn new(probability: f64, trials: usize) -> Self {
        let trials = if probability > 0.0 { trials } else { 0 };
        Self { next: 0, trials, scale: 1.0 / (-probability.min(1.0)).ln_1p() }
    }

    pub(super) fn next(&mut self, stream: &mut Stream) -> Option<usize> {
        if self.next >= self.trials {
            return None;
        }
        // 1 - unit lies in (0, 1], so that the gap is a finite number from 0 on
        let gap = ((1.0 - stream.unit()).ln() * self.scale) as usize;
        let hit = self.next.saturating_add(gap);
        self.next = hit.saturating_add(1);
        (hit < self.trials).then_some(hit)
    }
}
