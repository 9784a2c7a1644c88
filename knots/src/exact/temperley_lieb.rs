//! The bracket sum along a braid in the Temperley-Lieb algebra.
//!
//! A state is a planar matching of the `2n` ends of the braid read so far, with a polynomial in `A`. A letter `sigma_i^{+-1}` is
//! `A^{+-1} + A^{-+1} e_i`. A matching that has the cup at `(i, i+1)` already is an eigenstate with factor `-A^{-+3}`; every other
//! one keeps itself times `A^{+-1}` and adds `A^{-+1}` times itself to the matching `e_i m`, which has the cup. So a letter costs one
//! polynomial addition for each matching without the cup, in place.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::accumulator::{Accumulator, Coefficient, OneNorm, Polynomial, Words};
use super::{Bracket, Limits};
use crate::braid::{Braid, Closure};
use crate::error::KnotError;

/// The most strands whose matchings fit into one word.
pub(super) const MAX_STRANDS: usize = 31;

/// The bracket `<D>` of the closure, `<unknot> = 1`.
///
/// # Errors
/// When memory would not suffice, or the caller asked to stop.
pub(super) fn bracket(braid: &Braid, closure: Closure, limits: &mut Limits<'_>) -> Result<Bracket, KnotError> {
    let n = braid.strands();
    assert!((1..=MAX_STRANDS).contains(&n), "the caller chose this method for at most {MAX_STRANDS} strands");
    let mut states = States::new(n);
    let norm = sum::<OneNorm>(&mut states, braid, closure, &mut limits.quiet())?;
    limits.check_work("the Temperley-Lieb sum", (states.matchings.len() * braid.len()) as f64, braid.len(), norm.bits())?;
    match norm.words() {
        Some(1) => finish::<i64>(&mut states, braid, closure, limits),
        Some(2) => finish::<i128>(&mut states, braid, closure, limits),
        Some(4) => finish::<Words<4>>(&mut states, braid, closure, limits),
        Some(8) => finish::<Words<8>>(&mut states, braid, closure, limits),
        Some(_) => finish::<Words<16>>(&mut states, braid, closure, limits),
        None => finish::<num_bigint::BigInt>(&mut states, braid, closure, limits),
    }
}

fn finish<C: Coefficient>(
    states: &mut States,
    braid: &Braid,
    closure: Closure,
    limits: &mut Limits<'_>,
) -> Result<Bracket, KnotError> {
    // the longest polynomial has one coefficient for each crossing and strand
    let length = (braid.len() + braid.strands() + 4) as u64;
    limits.check("the Temperley-Lieb sum", states.matchings.len() as u64 * (length * size_of::<C>() as u64 + 64))?;
    Ok(Bracket::new(&sum::<Polynomial<C>>(states, braid, closure, limits)?))
}

/// Planar matchings met so far, and what `e_i` makes of each.
struct States {
    strands: usize,
    /// Each matching as balanced brackets: bit `p` is set where point `p` opens an arc. Points are the bottom ends from left to
    /// right, then the top ends from right to left.
    matchings: Vec<u64>,
    index: FxHashMap<u64, u32>,
    /// For each generator and matching: the matching `e_i m`, itself if it has the cup, [`UNKNOWN`] before it is needed.
    tables: Vec<Vec<u32>>,
}

const UNKNOWN: u32 = u32::MAX;

impl States {
    fn new(strands: usize) -> Self {
        let identity = (1u64 << strands) - 1;
        Self {
            strands,
            matchings: vec![identity],
            index: [(identity, 0)].into_iter().collect(),
            tables: vec![Vec::new(); strands.saturating_sub(1)],
        }
    }

    fn image(&mut self, generator: usize, state: usize) -> usize {
        if self.tables[generator].len() <= state {
            self.tables[generator].resize(self.matchings.len(), UNKNOWN);
        }
        let known = self.tables[generator][state];
        if known != UNKNOWN {
            return known as usize;
        }
        let image = cup(self.matchings[state], 2 * self.strands - 2 - generator);
        let next = self.matchings.len() as u32;
        let target = *self.index.entry(image).or_insert(next);
        if target == next {
            self.matchings.push(image);
        }
        self.tables[generator][state] = target;
        target as usize
    }
}

/// Joins the arcs that end at points `p` and `p + 1` and puts an arc between the two.
fn cup(matching: u64, p: usize) -> u64 {
    let opens = |point: usize| matching >> point & 1 == 1;
    let (left, right) = (1u64 << p, 1u64 << (p + 1));
    match (opens(p), opens(p + 1)) {
        (true, false) => matching,
        // ")(" : their partners keep their brackets
        (false, true) => matching & !right | left,
        // "((" : the partner of p closes both and now opens nothing; the partner of p + 1 becomes the opening end
        (true, true) => {
            let inner = partner(matching, p + 1);
            matching & !right | 1 << inner
        }
        // "))" : the partner of p becomes the closing end of the arc from the partner of p + 1
        (false, false) => {
            let inner = partner(matching, p);
            matching & !(1 << inner) | left
        }
    }
}

/// The other end of the arc at a point.
fn partner(matching: u64, point: usize) -> usize {
    let opens = matching >> point & 1 == 1;
    let (mut at, mut depth) = (point, 0i32);
    loop {
        depth += if matching >> at & 1 == 1 { 1 } else { -1 };
        if depth == 0 {
            return at;
        }
        at = if opens { at + 1 } else { at - 1 };
    }
}

/// The sum over all states, closed up and divided once by the loop value.
fn sum<V: Accumulator>(states: &mut States, braid: &Braid, closure: Closure, limits: &mut Limits<'_>) -> Result<V, KnotError> {
    let mut values = vec![V::one()];
    for (done, &letter) in braid.letters().iter().enumerate() {
        limits.report(done, braid.len())?;
        apply(states, &mut values, letter);
    }
    let mut by_loops: Vec<V> = vec![V::zero(); 2 * states.strands + 1];
    for (matching, value) in states.matchings.iter().zip(&values) {
        by_loops[loops(*matching, states.strands, closure)].add(value, 0, false);
    }
    // Horner's rule in the loop value; every closure has at least one loop, and one is divided out
    let mut total = V::zero();
    for value in by_loops.iter().skip(1).rev() {
        total = total.times_loops(1);
        total.add(value, 0, false);
    }
    Ok(total)
}

fn apply<V: Accumulator>(states: &mut States, values: &mut Vec<V>, letter: i32) {
    let generator = letter.unsigned_abs() as usize - 1;
    let sign = i64::from(letter.signum());
    let count = values.len();
    let images: Vec<usize> = (0..count).map(|state| states.image(generator, state)).collect();
    values.resize(states.matchings.len(), V::zero());
    // new matchings have the cup: they are nobody's source here
    for state in (0..count).filter(|&state| images[state] == state) {
        values[state].scale(-3 * sign, true);
    }
    if count < PARALLEL {
        for state in (0..count).filter(|&state| images[state] != state) {
            let (source, target) = pair(values, state, images[state]);
            target.add(source, -sign, false);
        }
    } else {
        let mut sources: Vec<(usize, usize)> =
            (0..count).filter(|&state| images[state] != state).map(|state| (images[state], state)).collect();
        sources.sort_unstable();
        let mut targets: Vec<(usize, V)> = Vec::new();
        for group in sources.chunk_by(|a, b| a.0 == b.0) {
            targets.push((group[0].0, std::mem::replace(&mut values[group[0].0], V::zero())));
        }
        let values_now = &*values;
        targets.par_iter_mut().with_min_len(64).for_each(|(target, value)| {
            let first = sources.partition_point(|(image, _)| image < target);
            for (_, source) in sources[first..].iter().take_while(|(image, _)| image == target) {
                value.add(&values_now[*source], -sign, false);
            }
        });
        for (target, value) in targets {
            values[target] = value;
        }
    }
    for state in (0..count).filter(|&state| images[state] != state) {
        values[state].scale(sign, false);
    }
}

/// From this many states on, the additions of one letter are shared between threads.
const PARALLEL: usize = 1000;

fn pair<V>(values: &mut [V], source: usize, target: usize) -> (&V, &mut V) {
    if source < target {
        let (low, high) = values.split_at_mut(target);
        (&low[source], &mut high[0])
    } else {
        let (low, high) = values.split_at_mut(source);
        (&high[0], &mut low[target])
    }
}

/// Number of loops after closing a matching.
fn loops(matching: u64, strands: usize, closure: Closure) -> usize {
    let points = 2 * strands;
    let outside = |point: usize| match closure {
        // bottom end i is point i, top end i is point 2n-1-i
        Closure::Trace => points - 1 - point,
        Closure::Plat => point ^ 1,
    };
    let mut seen = 0u64;
    let mut loops = 0;
    for start in 0..points {
        let mut point = start;
        if seen >> point & 1 == 1 {
            continue;
        }
        loops += 1;
        while seen >> point & 1 == 0 {
            let across = partner(matching, point);
            seen |= 1 << point | 1 << across;
            point = outside(across);
        }
    }
    loops
}
