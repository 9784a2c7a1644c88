//! Shortest words of braids on three strands, used on every stretch of a longer word that touches three neighbouring strands only.
//!
//! Garside's normal form is a power of the half twist `D = 121 = 212` and simple factors `1, 2, 12, 21`. If the power is negative, each
//! inverse half twist is merged with one factor, two-letter factors first: `D^-1` and a factor of two letters make one letter, with a
//! factor of one letter two. No shorter word exists (Berger, Lett. Math. Phys. 22, 1991, treats the same braids).

/// The most letters of a stretch; longer ones are cut.
const LONGEST: usize = 10_000;

/// The word with every such stretch replaced where that makes it shorter.
pub(super) fn shortened(letters: &[i32], strands: usize) -> Vec<i32> {
    let mut word = letters.to_vec();
    // places of the letters of each generator; slot 0 and the last two are empty
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); strands + 3];
    let fill = |word: &[i32], places: &mut [Vec<usize>]| {
        places.iter_mut().for_each(Vec::clear);
        word.iter().enumerate().for_each(|(place, letter)| places[letter.unsigned_abs() as usize].push(place));
    };
    fill(&word, &mut places);
    for low in 1..strands.saturating_sub(1) {
        if places[low].is_empty() && places[low + 1].is_empty() {
            continue;
        }
        // the letters that matter: those of the two generators and of their outer neighbours
        let mut near: Vec<usize> = places[low - 1..=low + 2].concat();
        near.sort_unstable();
        let near = near.into_iter().map(|place| (place, word[place])).collect();
        if let Some(shorter) = shortened_at(near, low as i32) {
            word = merged(&word, &shorter, low as i32);
            fill(&word, &mut places);
        }
    }
    word
}

/// The word with its letters of generators `low - 1` to `low + 2` replaced by others at given places, several at one or none.
fn merged(word: &[i32], near: &[(usize, i32)], low: i32) -> Vec<i32> {
    let mut result = Vec::with_capacity(word.len());
    let mut near = near.iter().peekable();
    for (place, &letter) in word.iter().enumerate() {
        if !(low - 1..=low + 2).contains(&letter.abs()) {
            result.push(letter);
        }
        while let Some((_, letter)) = near.next_if(|(other, _)| *other == place) {
            result.push(*letter);
        }
    }
    result
}

/// The letters of generators `low - 1` to `low + 2` with their places, every stretch of `low` and `low + 1` shortened; none where nothing
/// is shorter.
fn shortened_at(mut word: Vec<(usize, i32)>, low: i32) -> Option<Vec<(usize, i32)>> {
    let inner = |letter: i32| letter.abs() == low || letter.abs() == low + 1;
    let mut changed = false;
    let mut start = 0;
    while start < word.len() {
        if !inner(word[start].1) {
            start += 1;
            continue;
        }
        let Stretch { inside, blocker } = stretch(&word, start, low);
        let local: Vec<i32> = inside.iter().map(|&at| word[at].1 - word[at].1.signum() * (low - 1)).collect();
        let short = shortest(&local);
        if short.len() < local.len() {
            changed = true;
            // the letters inside come together at the front, in front of all that they pass; those stay where they are
            let end = inside.last().map_or(start, |last| last + 1);
            let front = word[start].0;
            let moved = short.iter().map(|letter| (front, letter + letter.signum() * (low - 1)));
            let outside = (start..end).filter(|at| inside.binary_search(at).is_err()).map(|at| word[at]);
            let filled: Vec<(usize, i32)> = moved.chain(outside).collect();
            word.splice(start..end, filled);
            continue; // what was blocked may be near now
        }
        // part of a shortest word is a shortest word: only behind a blocker is there another stretch
        start = blocker.map_or(word.len(), |blocker| blocker + 1);
    }
    changed.then_some(word)
}

/// Letters that can be brought together.
struct Stretch {
    /// Their places, ascending.
    inside: Vec<usize>,
    /// The first letter met that stands in the way of others, or that was too many.
    blocker: Option<usize>,
}

/// The letters `low` and `low + 1` from `start` on that can be brought together in front of all others passed.
fn stretch(word: &[(usize, i32)], start: usize, low: i32) -> Stretch {
    let mut inside = Vec::new();
    // generators that stand in the way of later letters
    let (mut blocks_low, mut blocks_high) = (false, false);
    let mut blocker = None;
    for (place, &(_, letter)) in word.iter().enumerate().skip(start) {
        let generator = letter.abs();
        if generator == low || generator == low + 1 {
            if (generator == low && blocks_low) || (generator == low + 1 && blocks_high) {
                break;
            }
            if inside.len() == LONGEST {
                blocker = blocker.or(Some(place - 1));
                break;
            }
            inside.push(place);
        } else {
            blocker = blocker.or(Some(place));
            blocks_low |= generator == low - 1;
            blocks_high |= generator == low + 2;
            if blocks_low && blocks_high {
                break;
            }
        }
    }
    Stretch { inside, blocker }
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

/// The power of the half twist and the simple factors behind it. Costs `n`: the half twist exchanges the letters of all factors that it
/// passes, which is kept as one flag.
fn normal_form(letters: &[i32]) -> (i32, Vec<Factor>) {
    let mut form = Form { power: 0, factors: Vec::new(), exchanged: false };
    for &letter in letters {
        if letter > 0 {
            form.append(letter);
        } else {
            // x^-1 = D^-1 (x y): the inverse half twist moves to the front through all factors
            form.exchanged = !form.exchanged;
            form.power -= 1;
            form.append(-letter);
            form.append(3 + letter);
        }
    }
    let Form { power, mut factors, exchanged } = form;
    if exchanged {
        factors.iter_mut().for_each(|factor| *factor = factor.exchanged());
    }
    (power, factors)
}

struct Form {
    power: i32,
    factors: Vec<Factor>,
    /// Whether the letters of all factors stand for the other ones.
    exchanged: bool,
}

impl Form {
    /// Multiplies by a positive letter from the right and keeps the factors left-weighted.
    fn append(&mut self, letter: i32) {
        let letter = if self.exchanged { 3 - letter } else { letter };
        match self.factors.last_mut() {
            // the factor x followed by y != x grows; x y followed by x is the half twist
            Some(factor) if !factor.two && factor.first != letter => factor.two = true,
            Some(factor) if factor.two && factor.last() != letter => {
                self.factors.pop();
                // D moves to the front: all factors before it exchange their letters
                self.exchanged = !self.exchanged;
                self.power += 1;
            }
            _ => self.factors.push(Factor { first: letter, two: false }),
        }
    }
}
