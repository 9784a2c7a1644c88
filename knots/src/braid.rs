//! Braid words and their closures.

use crate::error::KnotError;

/// How a braid becomes a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closure {
    /// Every top end is joined to the bottom end of the same strand (Markov closure).
    #[default]
    Trace,
    /// Neighbouring ends (1,2), (3,4), ... are joined at the top and at the bottom.
    Plat,
}

/// A word in the braid group: letter `+i` is the positive (right-handed) crossing of strands `i` and `i+1`.
///
/// The trace closure of `[1, 1, 1]` is the right-handed trefoil.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Braid {
    strands: usize,
    letters: Vec<i32>,
}

impl Braid {
    /// The most strands a braid may have.
    pub const MAX_STRANDS: usize = 10_000;

    /// A braid on this many strands.
    ///
    /// # Errors
    /// When a letter is 0 or beyond the strands, or there are more than [`Braid::MAX_STRANDS`].
    pub fn new(strands: usize, letters: Vec<i32>) -> Result<Self, KnotError> {
        if strands > Self::MAX_STRANDS {
            return Err(KnotError::Strands { strands, reason: "at most 10000 are supported" });
        }
        for (index, &letter) in letters.iter().enumerate() {
            if letter == 0 || letter.unsigned_abs() as usize >= strands.max(1) {
                return Err(KnotError::Letter { letter: letter.into(), position: index + 1, strands });
            }
        }
        Ok(Self { strands, letters })
    }

    /// A braid on as many strands as its letters need, at least one.
    ///
    /// # Errors
    /// When a letter is 0 or needs more than [`Braid::MAX_STRANDS`].
    pub fn from_letters(letters: Vec<i32>) -> Result<Self, KnotError> {
        let strands = letters.iter().map(|letter| letter.unsigned_abs() as usize + 1).max().unwrap_or(1);
        Self::new(strands, letters)
    }

    /// Reads a word such as `1 -2 1 -2` or `[1,-2,1,-2]`.
    ///
    /// # Errors
    /// When something is no integer, or a letter is 0 or out of range.
    ///
    /// ```
    /// let braid: qloom_knots::Braid = "[1, -2, 1, -2]".parse().unwrap();
    /// assert_eq!((braid.strands(), braid.writhe()), (3, 0));
    /// ```
    pub fn parse(text: &str) -> Result<Self, KnotError> {
        let letters = crate::text::word(text, "a braid word")?;
        let mut word = Vec::with_capacity(letters.len());
        for (index, letter) in letters.into_iter().enumerate() {
            let small = i32::try_from(letter).ok().filter(|l| l.unsigned_abs() < Self::MAX_STRANDS as u32);
            word.push(small.ok_or(KnotError::Letter { letter, position: index + 1, strands: Self::MAX_STRANDS })?);
        }
        Self::from_letters(word)
    }

    /// Number of strands.
    pub fn strands(&self) -> usize {
        self.strands
    }

    /// The letters in order, from the bottom of the diagram to the top.
    pub fn letters(&self) -> &[i32] {
        &self.letters
    }

    /// Number of crossings.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether there is no crossing.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Positive letters minus negative ones: the writhe of the trace closure.
    pub fn writhe(&self) -> i64 {
        self.letters.iter().map(|letter| i64::from(letter.signum())).sum()
    }

    /// Where each strand that begins at position `i` ends.
    pub fn permutation(&self) -> Vec<usize> {
        let mut at: Vec<usize> = (0..self.strands).collect();
        for letter in &self.letters {
            let i = letter.unsigned_abs() as usize;
            at.swap(i - 1, i);
        }
        let mut end = vec![0; self.strands];
        for (position, &start) in at.iter().enumerate() {
            end[start] = position;
        }
        end
    }

    /// Number of components of the trace closure.
    pub fn components(&self) -> usize {
        let permutation = self.permutation();
        let mut seen = vec![false; self.strands];
        let mut components = 0;
        for start in 0..self.strands {
            let mut strand = start;
            if !seen[start] {
                components += 1;
            }
            while !seen[strand] {
                seen[strand] = true;
                strand = permutation[strand];
            }
        }
        components
    }

    /// The inverse braid: letters reversed and negated.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { strands: self.strands, letters: self.letters.iter().rev().map(|letter| -letter).collect() }
    }

    /// The mirror image: every letter negated, so that `V(t)` becomes `V(1/t)`.
    #[must_use]
    pub fn mirror(&self) -> Self {
        Self { strands: self.strands, letters: self.letters.iter().map(|letter| -letter).collect() }
    }
}

impl std::str::FromStr for Braid {
    type Err = KnotError;
    fn from_str(text: &str) -> Result<Self, KnotError> {
        Self::parse(text)
    }
}

impl std::fmt::Display for Braid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, letter) in self.letters.iter().enumerate() {
            write!(f, "{}{letter}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
