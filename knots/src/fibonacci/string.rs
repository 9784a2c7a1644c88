//! Legal strings of the path model and their distribution.

use super::PHI;

/// A legal string `b_1 ... b_n`: `b_1` is 1 and no two neighbouring bits are 0. `b_0` is 0 and not kept.
///
/// As text its bits, `b_1` leftmost: `1011`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathString(Vec<bool>);

impl From<PathString> for String {
    fn from(string: PathString) -> Self {
        string.0.iter().map(|&bit| if bit { '1' } else { '0' }).collect()
    }
}

impl TryFrom<String> for PathString {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bits = text.chars().map(|c| c == '1').collect();
        let binary = text.chars().all(|c| c == '0' || c == '1');
        Self::new(bits)
            .filter(|_| binary)
            .ok_or_else(|| format!("\"{text}\" is no path string: it begins with 1 and has no two zeros side by side"))
    }
}

impl PathString {
    /// The string with these bits, `b_1` first; none if it is not legal.
    pub fn new(bits: Vec<bool>) -> Option<Self> {
        let legal = bits.first() == Some(&true) && bits.windows(2).all(|pair| pair[0] || pair[1]);
        legal.then_some(Self(bits))
    }

    /// The bits, `b_1` first.
    pub fn bits(&self) -> &[bool] {
        &self.0
    }

    /// The string `1 0 1 0 ...` of a plat closure's cups.
    pub fn cups(strands: usize) -> Self {
        Self((0..strands).map(|position| position % 2 == 0).collect())
    }

    /// Its probability in the normalised Markov trace: phi or 1 by the last bit, over `phi^n`.
    pub fn probability(&self) -> f64 {
        let last = self.0.last().copied().unwrap_or(false);
        PHI.powi(i32::from(last) - self.0.len() as i32)
    }

    /// Draws a string with its probability; `uniform` gives numbers in `[0, 1)`.
    ///
    /// Bits are drawn from the last to the first: bit `j` before a 1 is 1 with probability
    /// (legal prefixes ending in 1)/(legal prefixes), before a 0 it is 1.
    pub fn sample(strands: usize, uniform: &mut impl FnMut() -> f64) -> Self {
        let mut bits = vec![true; strands];
        // prefixes b_1..b_j that end in 1 or in 0: F_j and F_{j-1}
        let mut ending = vec![(0.0f64, 0.0f64); strands + 1];
        ending[1.min(strands)] = (1.0, 0.0);
        for j in 2..=strands {
            let (one, zero) = ending[j - 1];
            // scaled so that very long strings do not overflow: only ratios matter
            let scale = 1.0 / PHI;
            ending[j] = ((one + zero) * scale, one * scale);
        }
        for j in (2..=strands).rev() {
            let (one, zero) = ending[j];
            let weight = if j == strands { PHI } else { 1.0 };
            let forced = j < strands && !bits[j];
            bits[j - 1] = forced || uniform() * (weight * one + zero) < weight * one;
        }
        Self(bits)
    }

    /// Every legal string of this length in the order of [`super::Space`].
    pub fn all(strands: usize) -> Vec<Self> {
        let mut strings = vec![vec![true]];
        for _ in 1..strands {
            strings = strings
                .into_iter()
                .flat_map(|bits| {
                    let zero = (bits.last() == Some(&true)).then(|| [bits.clone(), vec![false]].concat());
                    [Some([bits, vec![true]].concat()), zero].into_iter().flatten()
                })
                .collect();
        }
        strings.into_iter().map(Self).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_fibonacci_numbers_and_probabilities_sum_to_one() {
        for (strands, count) in [(2, 2), (3, 3), (4, 5), (5, 8), (6, 13), (7, 21), (8, 34)] {
            let strings = PathString::all(strands);
            assert_eq!(strings.len(), count);
            let total: f64 = strings.iter().map(PathString::probability).sum();
            assert!((total - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn samples_follow_the_distribution() {
        let mut state = 1u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let strings = PathString::all(5);
        let mut counts = vec![0.0; strings.len()];
        let draws = 100_000;
        for _ in 0..draws {
            let drawn = PathString::sample(5, &mut uniform);
            counts[strings.iter().position(|s| *s == drawn).expect("it is legal")] += 1.0;
        }
        for (string, count) in strings.iter().zip(counts) {
            let expected = string.probability() * f64::from(draws);
            assert!((count - expected).abs() < 5.0 * expected.sqrt(), "{string:?}: {count} for {expected}");
        }
    }
}
