//! Shortest words of braids on three strands, used on every stretch of a longer word that touches three neighbouring strands only.
//!
//! Garside's normal form is a power of the half twist `D = 121 = 212` and simple factors `1, 2, 12, 21`. If the power is negative, each
//! inverse half twist is merged with one factor, two-letter factors first: `D^-1` and a factor of two letters make one letter, with a
//! factor of one letter two. No shorter word exists (Berger, Lett. Math. Phys. 22, 1991, treats the same braids).

/// The word with every such stretch replaced where that makes it shorter.
pub(super) fn shortened(letters: &[i32], strands: usize) -> Vec<i32> {
    let mut word = letters.to_vec();
    for low in 1..strands.saturating_sub(1) as i32 {
        let mut start = 0;
        while start < word.len() {
            let (inside, end) = stretch(&word, start, low);
            let local: Vec<i32> = inside.iter().map(|&place| word[place] - word[place].signum() * (low - 1)).collect();
            let short = shortest(&local);
            if short.len() < local.len() {
                // the letters inside come together at the front, those that commute with them follow in order
                let moved: Vec<i32> = short.iter().map(|l| l + l.signum() * (low - 1)).collect();
                let outside: Vec<i32> = (start..end).filter(|place| !inside.contains(place)).map(|place| word[place]).collect();
                word.splice(start..end, moved.into_iter().chain(outside));
            }
            start += 1;
        }
    }
    word
}

/// Places from `start` on of letters `low` and `low + 1` that can be brought together in front of all others passed, and where the
/// stretch ends.
fn stretch(word: &[i32], start: usize, low: i32) -> (Vec<usize>, usize) {
    let mut inside = Vec::new();
    // generators that stand in the way of later letters
    let (mut blocks_low, mut blocks_high) = (false, false);
    let mut end = start;
    for (place, &letter) in word.iter().enumerate().skip(start) {
        let generator = letter.abs();
        if generator == low || generator == low + 1 {
            if (generator == low && blocks_low) || (generator == low + 1 && blocks_high) {
                break;
            }
            inside.push(place);
            end = place + 1;
        } else {
            blocks_low |= generator == low - 1;
            blocks_high |= generator == low + 2;
            if blocks_low && blocks_high {
                break;
            }
        }
    }
    (inside, end)
}

/// A shortest word for a braid on three strands, letters 1, 2 and their negatives.
pub(super) fn shortest(letters: &[i32]) -> Vec<i32> {
    let (power, factors) = normal_form(letters);
    if power >= 0 {
        let mut word: Vec<i32> = (0..power).flat_map(|_| [1, 2, 1]).collect();
        factors.iter().for_each(|factor| word.extend(factor.letters()));
        return word;
    }
    let mut spare = (-power) as usize;
    let mut merge = vec![false; factors.len()];
    for wanted in [2, 1] {
        for (merge, factor) in merge.iter_mut().zip(&factors) {
            if spare > 0 && factor.letters().len() == wanted {
                *merge = true;
                spare -= 1;
            }
        }
    }
    // D^-1 moves right through a letter by exchanging 1 and 2; the ones that meet no factor stay in front
    let mut word: Vec<i32> = (0..spare).flat_map(|_| [-1, -2, -1]).collect();
    let mut pending = merge.iter().filter(|&&merge| merge).count();
    for (factor, merge) in factors.iter().zip(merge) {
        // one pending inverse is used up by a merged factor, all others move on to its right
        pending -= usize::from(merge);
        let factor = if pending % 2 == 1 { factor.exchanged() } else { *factor };
        word.extend(if merge { factor.after_inverse_half_twist() } else { factor.letters() });
    }
    word
}

/// A simple factor: first letter, and whether the other one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Factor {
    first: i32,
    two: bool,
}

impl Factor {
    fn letters(&self) -> Vec<i32> {
        if self.two { vec![self.first, 3 - self.first] } else { vec![self.first] }
    }

    fn last(&self) -> i32 {
        if self.two { 3 - self.first } else { self.first }
    }

    fn exchanged(self) -> Self {
        Self { first: 3 - self.first, two: self.two }
    }

    /// `D^-1` times this factor: with `D = x y x`, `D^-1 x y = x^-1` and `D^-1 x = x^-1 y^-1`.
    fn after_inverse_half_twist(&self) -> Vec<i32> {
        if self.two { vec![-self.first] } else { vec![-self.first, self.first - 3] }
    }
}

/// The power of the half twist and the simple factors behind it.
fn normal_form(letters: &[i32]) -> (i32, Vec<Factor>) {
    let mut power = 0;
    let mut factors: Vec<Factor> = Vec::new();
    let exchange = |factors: &mut Vec<Factor>| factors.iter_mut().for_each(|factor| *factor = factor.exchanged());
    for &letter in letters {
        if letter > 0 {
            append(&mut power, &mut factors, letter);
        } else {
            // x^-1 = D^-1 (x y): the inverse half twist moves to the front through all factors
            exchange(&mut factors);
            power -= 1;
            append(&mut power, &mut factors, -letter);
            append(&mut power, &mut factors, 3 + letter);
        }
    }
    (power, factors)
}

/// Multiplies by a positive letter from the right and keeps the factors left-weighted.
fn append(power: &mut i32, factors: &mut Vec<Factor>, letter: i32) {
    match factors.last_mut() {
        // the factor x followed by y != x grows; x y followed by x is the half twist
        Some(factor) if !factor.two && factor.first != letter => factor.two = true,
        Some(factor) if factor.two && factor.last() != letter => {
            factors.pop();
            // D moves to the front: all factors before it exchange their letters
            factors.iter_mut().for_each(|factor| *factor = factor.exchanged());
            *power += 1;
        }
        _ => factors.push(Factor { first: letter, two: false }),
    }
}
