//! The bracket sum over a planar diagram, crossing by crossing.
//!
//! Crossings are taken in an order that keeps few arcs open; a state is the planar matching of the open arcs, so there are at most
//! Catalan(f/2) of them for f open arcs. The order is the best of several greedy ones.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::accumulator::{Accumulator, Coefficient, OneNorm, Polynomial, Words};
use super::{Bracket, Limits};
use crate::error::KnotError;
use crate::pd::Diagram;

/// A planar matching: for each open arc the position of the open arc it is joined with.
type Matching = SmallVec<[u8; 24]>;

/// The most open arcs that positions of one byte, with four more for a crossing, can name.
const MAX_OPEN: usize = 250;

/// An order of the crossings and what it costs.
pub(super) struct Order {
    crossings: Vec<usize>,
    /// Estimated number of state updates.
    pub(super) cost: f64,
    /// The most arcs open at a time.
    pub(super) width: usize,
}

impl Order {
    /// The best of greedy orders from several first crossings.
    pub(super) fn new(diagram: &Diagram) -> Self {
        let count = diagram.crossings().len();
        let step = count.div_ceil(24).max(1);
        let orders = (0..count).step_by(step).map(|first| Self::greedy(diagram, first));
        let best = orders.min_by(|a, b| a.cost.total_cmp(&b.cost));
        best.unwrap_or(Self { crossings: Vec::new(), cost: 0.0, width: 0 })
    }

    fn greedy(diagram: &Diagram, first: usize) -> Self {
        let crossings = diagram.crossings();
        let mut neighbours: Vec<[usize; 2]> = vec![[usize::MAX; 2]; 2 * crossings.len()];
        for (crossing, arcs) in crossings.iter().enumerate() {
            for &arc in arcs {
                let free = usize::from(neighbours[arc][0] != usize::MAX);
                neighbours[arc][free] = crossing;
            }
        }
        let mut order = Self { crossings: Vec::with_capacity(crossings.len()), cost: 0.0, width: 0 };
        let mut done = vec![false; crossings.len()];
        let mut open: Vec<usize> = Vec::new();
        let mut is_open = vec![false; 2 * crossings.len()];
        let mut next = first;
        while order.crossings.len() < crossings.len() {
            done[next] = true;
            order.crossings.push(next);
            for &arc in &crossings[next] {
                is_open[arc] = !is_open[arc];
                if is_open[arc] {
                    open.push(arc);
                }
            }
            open.retain(|&arc| is_open[arc]);
            order.width = order.width.max(open.len());
            order.cost += 1.65f64.powi(open.len() as i32);
            // the crossing that closes the most open arcs, the one of the oldest arc among equals
            let mut best = (0, usize::MAX);
            for &arc in &open {
                for crossing in neighbours[arc] {
                    if !done[crossing] {
                        let closes = crossings[crossing].iter().filter(|&&arc| is_open[arc]).count();
                        if closes > best.0 {
                            best = (closes, crossing);
                        }
                    }
                }
            }
            next = if best.0 > 0 { best.1 } else { done.iter().position(|&done| !done).unwrap_or(0) };
        }
        order
    }
}

/// The bracket `<D>`, `<unknot> = 1`.
///
/// # Errors
/// When more than 250 arcs would be open, memory would not suffice, or the caller asked to stop.
pub(super) fn bracket(diagram: &Diagram, order: &Order, limits: &mut Limits<'_>) -> Result<Bracket, KnotError> {
    if order.width > MAX_OPEN {
        limits.check("the frontier sum", u64::MAX)?;
    }
    let (norm, updates) = sum::<OneNorm>(diagram, order, &mut limits.quiet())?;
    limits.check_work("the frontier sum", updates as f64, diagram.crossings().len(), norm.bits())?;
    match norm.words() {
        Some(1) => finish::<i64>(diagram, order, limits),
        Some(2) => finish::<i128>(diagram, order, limits),
        Some(4) => finish::<Words<4>>(diagram, order, limits),
        Some(8) => finish::<Words<8>>(diagram, order, limits),
        Some(_) => finish::<Words<16>>(diagram, order, limits),
        None => finish::<num_bigint::BigInt>(diagram, order, limits),
    }
}

fn finish<C: Coefficient>(diagram: &Diagram, order: &Order, limits: &mut Limits<'_>) -> Result<Bracket, KnotError> {
    Ok(Bracket::new(&sum::<Polynomial<C>>(diagram, order, limits)?.0))
}

/// The sum, and how many updates of a state it took.
fn sum<V: Accumulator>(diagram: &Diagram, order: &Order, limits: &mut Limits<'_>) -> Result<(V, u64), KnotError> {
    let crossings = diagram.crossings();
    if crossings.is_empty() {
        return Ok((V::one().times_loops(diagram.circles().saturating_sub(1)), 0));
    }
    let mut open: Vec<usize> = Vec::new();
    let mut states: Vec<(Matching, V)> = vec![(Matching::new(), V::one())];
    let mut updates = 0;
    for (position, &crossing) in order.crossings.iter().enumerate() {
        limits.report(position, crossings.len())?;
        let last = position + 1 == crossings.len();
        let step = Step::new(&open, crossings[crossing]);
        let mut index: FxHashMap<Matching, usize> = FxHashMap::default();
        let mut next: Vec<(Matching, V)> = Vec::with_capacity(states.len());
        updates += 2 * states.len() as u64;
        for (matching, value) in states {
            for (power, smoothing) in [(1, [1, 0, 3, 2]), (-1, [3, 2, 1, 0])] {
                let (image, mut loops) = step.apply(&matching, smoothing);
                if last {
                    loops -= 1; // the loop value is divided out once
                }
                let fresh = next.len();
                let slot = *index.entry(image).or_insert_with_key(|image| {
                    next.push((image.clone(), V::zero()));
                    fresh
                });
                let target = &mut next[slot].1;
                match loops {
                    0 => target.add(&value, power, false),
                    1 => {
                        target.add(&value, power - 2, true);
                        target.add(&value, power + 2, true);
                    }
                    _ => target.add(&value.clone().times_loops(loops), power, false),
                }
            }
        }
        limits.check("the frontier sum", next.len() as u64 * (64 + 8 * crossings.len() as u64))?;
        states = next;
        open = step.open;
    }
    let total = states.pop().map_or_else(V::zero, |(_, value)| value);
    Ok((total.times_loops(diagram.circles()), updates))
}

/// How one crossing changes the open arcs.
struct Step {
    /// Pairs of points to be joined: positions of open arcs, then `before + place` for the ends at the crossing.
    glue: SmallVec<[(u8, u8); 4]>,
    /// For each point its position afterwards; 255 if it is glued.
    position: SmallVec<[u8; 32]>,
    before: usize,
    /// The arcs open afterwards.
    open: Vec<usize>,
}

impl Step {
    fn new(open: &[usize], arcs: [usize; 4]) -> Self {
        let before = open.len();
        let point = |place: usize| (before + place) as u8;
        let mut glue = SmallVec::new();
        for place in 0..4 {
            if let Some(earlier) = (0..place).find(|&other| arcs[other] == arcs[place]) {
                glue.push((point(earlier), point(place)));
            } else if let Some(at) = open.iter().position(|&arc| arc == arcs[place]) {
                glue.push((at as u8, point(place)));
            }
        }
        let glued = |p: usize| glue.iter().any(|&(a, b): &(u8, u8)| usize::from(a) == p || usize::from(b) == p);
        let mut position: SmallVec<[u8; 32]> = SmallVec::new();
        let mut next = Vec::with_capacity(before + 4);
        for p in 0..before + 4 {
            if glued(p) {
                position.push(u8::MAX);
            } else {
                position.push(next.len() as u8);
                next.push(if p < before { open[p] } else { arcs[p - before] });
            }
        }
        Self { glue, position, before, open: next }
    }

    /// The matching after the crossing is smoothed so that place `p` joins place `smoothing[p]`, and the loops that closed.
    fn apply(&self, matching: &Matching, smoothing: [u8; 4]) -> (Matching, usize) {
        let mut partner: SmallVec<[u8; 32]> = matching.iter().copied().collect();
        partner.extend(smoothing.iter().map(|&place| self.before as u8 + place));
        let mut loops = 0;
        for &(p, q) in &self.glue {
            let (a, b) = (partner[usize::from(p)], partner[usize::from(q)]);
            if a == q {
                loops += 1;
            } else {
                partner[usize::from(a)] = b;
                partner[usize::from(b)] = a;
            }
        }
        let mut image = Matching::from_elem(0, self.open.len());
        for (p, &position) in self.position.iter().enumerate() {
            if position != u8::MAX {
                image[usize::from(position)] = self.position[usize::from(partner[p])];
            }
        }
        (image, loops)
    }
}
