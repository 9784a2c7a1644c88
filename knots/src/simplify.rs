//! Shorter braids with the same trace closure.
//!
//! Everything here keeps the oriented link: free and far-commuting cancellation, conjugation, braid relations, shortest words on three
//! strands, and the removal of strands that hang on one crossing only. The cost is what a circuit pays for: runs of one generator,
//! those of the first generator for free.

mod three_strands;
mod word;

use qloom_circuits::Stream;

use self::word::{cyclically_reduced, reduced, slide};
use crate::braid::Braid;

pub(crate) use self::word::gathered;

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
/// Costs about the number of letters and strands a slide.
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
        let Some(slid) = slide(current.letters(), config.closed, stream) else { break };
        let next = settle(rebuilt(current.strands(), slid), config.closed);
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
    // fewer letters may need more runs
    if cost(&best) <= cost(braid) { best } else { braid.clone() }
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

#[cfg(test)]
mod tests;
