//! Shorter braids with the same trace closure.
//!
//! Everything here keeps the oriented link: free and far-commuting cancellation, conjugation, braid relations, shortest words on three
//! strands, and the removal of strands that hang on one crossing only. The cost is what a circuit pays for: runs of one generator,
//! those of the first generator for free.

mod three_strands;

use qloom_circuits::Stream;

use crate::braid::Braid;

/// How much work simplification does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimplifyConfig {
    /// Random braid-relation slides tried. Default 200.
    pub budget: usize,
    /// Whether the word may be rotated and strands removed: right for a trace closure, wrong for any other. Default true.
    pub closed: bool,
}

impl Default for SimplifyConfig {
    fn default() -> Self {
        Self { budget: 200, closed: true }
    }
}

/// What a braid costs as a circuit: fewer strands first, then runs that need two-qubit gates, then letters.
pub fn cost(braid: &Braid) -> (usize, usize, usize) {
    let paid =
        crate::fibonacci::runs(braid.letters()).iter().filter(|(generator, power)| *generator != 1 && power % 10 != 0).count();
    (braid.strands(), paid, braid.len())
}

/// A braid with the same trace closure (the same braid, if `closed` is false), of lower or equal cost; slides are drawn from the stream.
///
/// ```
/// use qloom_circuits::Stream;
/// use qloom_knots::{Braid, SimplifyConfig, simplify};
/// let long: Braid = "1 1 -1 2 1 1 3 -2 2".parse().unwrap();
/// let short = simplify(&long, SimplifyConfig::default(), &mut Stream::named(0, "slides"));
/// assert_eq!((short.strands(), short.letters()), (2, &[1, 1, 1][..])); // the trefoil
/// ```
pub fn simplify(braid: &Braid, config: SimplifyConfig, stream: &mut Stream) -> Braid {
    let mut best = settle(braid.clone(), config.closed);
    let mut current = best.clone();
    let mut since = 0;
    for _ in 0..config.budget {
        let Some(slid) = slide(&current, config.closed, stream) else { break };
        let next = settle(slid, config.closed);
        let (old, new) = (cost(&current), cost(&next));
        // a slide that costs a run may open the way to a shorter word; not for long
        if new <= old || (since < 3 && new.0 == old.0 && new.2 <= old.2) {
            since = if new < old { 0 } else { since + 1 };
            current = next;
        }
        if cost(&current) < cost(&best) {
            best = current.clone();
        } else if since >= 3 {
            current = best.clone();
            since = 0;
        }
    }
    best
}

/// The braids whose closures, side by side, are the closure of this one: split where a generator does not occur.
///
/// Idle strands become braids on one strand.
pub fn split(braid: &Braid) -> Vec<Braid> {
    let mut used = vec![false; braid.strands() + 1];
    braid.letters().iter().for_each(|letter| used[letter.unsigned_abs() as usize] = true);
    let mut parts = Vec::new();
    let mut first = 1;
    for (generator, &used) in used.iter().enumerate().skip(1) {
        if generator == braid.strands() || !used {
            let inside = |letter: &&i32| (first..generator).contains(&(letter.unsigned_abs() as usize));
            let letters = braid.letters().iter().filter(inside).map(|l| l - l.signum() * (first as i32 - 1)).collect();
            parts.push(rebuilt(generator - first + 1, letters));
            first = generator + 1;
        }
    }
    parts
}

fn rebuilt(strands: usize, letters: Vec<i32>) -> Braid {
    Braid::new(strands, letters).expect("simplification keeps letters inside the strands")
}

/// Applies every move that never lengthens the word, until none does anything.
fn settle(braid: Braid, closed: bool) -> Braid {
    let mut braid = braid;
    loop {
        let before = (braid.strands(), braid.len());
        let mut letters = reduced(braid.letters());
        if closed {
            letters = cyclically_reduced(letters);
        }
        letters = three_strands::shortened(&letters, braid.strands());
        braid = rebuilt(braid.strands(), letters);
        if closed {
            braid = destabilised(braid);
        }
        if (braid.strands(), braid.len()) >= before {
            break;
        }
    }
    let gathered = gathered(braid.letters());
    let braid = rebuilt(braid.strands(), gathered);
    if closed { cheaper_flip(braid) } else { braid }
}

fn commute(a: i32, b: i32) -> bool {
    a.unsigned_abs().abs_diff(b.unsigned_abs()) >= 2
}

/// Cancels inverse letters up to far commutation, in one pass: each letter looks back past those it commutes with.
fn reduced(letters: &[i32]) -> Vec<i32> {
    let mut word = Vec::with_capacity(letters.len());
    for &letter in letters {
        push(&mut word, letter);
    }
    word
}

/// Appends a letter, or removes the inverse one that it meets; returns whether it cancelled.
fn push(word: &mut Vec<i32>, letter: i32) -> bool {
    let partner = word.iter().rposition(|&other| !commute(other, letter));
    if let Some(place) = partner.filter(|&place| word[place] == -letter) {
        word.remove(place);
        return true;
    }
    word.push(letter);
    false
}

/// Rotates the word letter by letter, cancelling across its ends, until a whole turn cancels nothing.
fn cyclically_reduced(letters: Vec<i32>) -> Vec<i32> {
    let mut word = letters;
    let mut still = 0;
    while still < word.len() {
        let first = word.remove(0);
        still = if push(&mut word, first) { 0 } else { still + 1 };
    }
    word
}

/// Moves each letter back to an equal generator where commutation allows, so that runs are long.
pub(crate) fn gathered(letters: &[i32]) -> Vec<i32> {
    let mut word: Vec<i32> = Vec::with_capacity(letters.len());
    for &letter in letters {
        match word.iter().rposition(|&other| !commute(other, letter)) {
            Some(place) if word[place].abs() == letter.abs() => word.insert(place + 1, letter),
            _ => word.push(letter),
        }
    }
    word
}

/// Removes every strand that hangs on a single crossing.
///
/// If generator `k` occurs once, the closure is the connected sum of the closures on the strands up to `k` and from `k + 1` on; sharing
/// one strand instead of a crossing gives the same link (at the ends this is Markov destabilisation).
fn destabilised(braid: Braid) -> Braid {
    let mut braid = braid;
    loop {
        let mut uses = vec![0usize; braid.strands() + 1];
        braid.letters().iter().for_each(|letter| uses[letter.unsigned_abs() as usize] += 1);
        let Some(k) = uses.iter().position(|&count| count == 1) else { return braid };
        let k = k as i32;
        // rotated so that the crossing stands last; the two sides commute until they share a strand, so each is kept together
        let place = braid.letters().iter().position(|letter| letter.abs() == k).unwrap_or(0);
        let around = || braid.letters()[place + 1..].iter().chain(&braid.letters()[..place]);
        let left = around().filter(|letter| letter.abs() < k).copied();
        let right = around().filter(|letter| letter.abs() > k).map(|letter| letter - letter.signum());
        let letters = left.chain(right).collect();
        braid = rebuilt(braid.strands() - 1, letters);
    }
}

/// Turns the braid over (generator `i` becomes `n - i`, a conjugation by the half twist) if that costs less.
fn cheaper_flip(braid: Braid) -> Braid {
    let n = braid.strands() as i32;
    let flipped = rebuilt(braid.strands(), braid.letters().iter().map(|l| l.signum() * (n - l.abs())).collect());
    if cost(&flipped) < cost(&braid) { flipped } else { braid }
}

/// One braid relation at a random place where there is one: `a b a -> b a b` and `a b -a -> -b a b` for neighbours `a`, `b` with
/// signs; none when there is no place.
fn slide(braid: &Braid, closed: bool, stream: &mut Stream) -> Option<Braid> {
    let mut word = braid.letters().to_vec();
    if word.len() < 3 {
        return None;
    }
    let start = if closed { stream.below(word.len()) } else { 0 };
    word.rotate_left(start);
    let offset = stream.below(word.len());
    for turn in 0..word.len() {
        let i = (offset + turn) % word.len();
        if let Some((places, relation)) = relation_at(&word, i) {
            for (place, letter) in places.iter().zip(relation) {
                word[*place] = letter;
            }
            return Some(rebuilt(braid.strands(), word));
        }
    }
    None
}

/// A braid relation that begins at a letter: the places of three letters that can be brought together, and what replaces them.
fn relation_at(word: &[i32], i: usize) -> Option<([usize; 3], [i32; 3])> {
    let a = word[i];
    let next = |from: usize, stays: &dyn Fn(i32) -> bool| (from + 1..word.len()).find(|&place| !stays(word[place]));
    // everything between must commute with the three letters, so that they can be brought together
    let j = next(i, &|letter| commute(letter, a))?;
    let b = word[j];
    if b.unsigned_abs().abs_diff(a.unsigned_abs()) != 1 {
        return None;
    }
    let k = next(j, &|letter| commute(letter, a) && commute(letter, b))?;
    let c = word[k];
    if c.abs() != a.abs() {
        return None;
    }
    let (x, y) = (a.abs(), b.abs());
    let relation = match (a > 0, b > 0, c > 0) {
        (true, true, true) => [y, x, y],
        (false, false, false) => [-y, -x, -y],
        (true, true, false) => [-y, x, y],
        (false, true, true) => [y, x, -y],
        (true, false, false) => [-y, -x, y],
        (false, false, true) => [y, -x, -y],
        (true, false, true) | (false, true, false) => return None,
    };
    together(word, i, j, k).then_some(([i, j, k], relation))
}

/// Whether the three places are neighbours once commuting letters between them are moved away: then writing the new letters at the old
/// places is right only if what lies between commutes with both generators.
fn together(word: &[i32], i: usize, j: usize, k: usize) -> bool {
    let clear = |letter: i32| commute(letter, word[i]) && commute(letter, word[j]);
    word[i + 1..j].iter().chain(&word[j + 1..k]).all(|&letter| clear(letter))
}

#[cfg(test)]
mod tests;
