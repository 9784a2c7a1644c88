//! Planar diagrams: crossings as four arcs, counter-clockwise from the incoming under-strand.

mod kinks;

use std::collections::HashMap;

use crate::braid::Braid;
use crate::error::KnotError;

/// An oriented planar diagram of a link.
///
/// Crossing `[i, j, k, l]`: `i` is the incoming under-strand, the others follow counter-clockwise; the under-strand runs from `i` to
/// `k`. The crossing is positive when the over-strand runs from `l` to `j`. Components without crossings are counted apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// Arcs of each crossing, relabelled to `0..2c`.
    crossings: Vec<[usize; 4]>,
    /// Whether each crossing is positive.
    positive: Vec<bool>,
    components: usize,
    circles: usize,
}

/// One end of an arc: a crossing and a place in it.
type End = (usize, usize);

impl Diagram {
    /// Reads a PD code: four integers a crossing, in any brackets; an empty code is the unknot.
    ///
    /// # Errors
    /// When something is no integer, an arc is not seen exactly twice, or the diagram cannot be oriented or drawn in the plane.
    ///
    /// ```
    /// let trefoil = qloom_knots::Diagram::parse("[[1,5,2,4],[3,1,4,6],[5,3,6,2]]").unwrap();
    /// assert_eq!((trefoil.crossings().len(), trefoil.writhe(), trefoil.components()), (3, 3, 1));
    /// ```
    pub fn parse(text: &str) -> Result<Self, KnotError> {
        let cleaned: String = text.replace("PD", " ").replace('X', " ");
        let numbers = crate::text::integers(&cleaned, "a PD code")?;
        let (groups, rest) = numbers.as_chunks::<4>();
        if !rest.is_empty() {
            let mut arcs = [0; 4];
            arcs[..rest.len()].copy_from_slice(rest);
            let reason = "every crossing has four arcs, the last has fewer";
            return Err(KnotError::Crossing { crossing: groups.len() + 1, arcs, reason });
        }
        Self::from_labels(groups)
    }

    /// A diagram from its crossings with any labels; no crossing is the unknot.
    ///
    /// # Errors
    /// As [`Diagram::parse`].
    pub fn from_labels(labels: &[[i64; 4]]) -> Result<Self, KnotError> {
        let mut ends: HashMap<i64, Vec<End>> = HashMap::new();
        for (crossing, arcs) in labels.iter().enumerate() {
            for (place, &arc) in arcs.iter().enumerate() {
                ends.entry(arc).or_default().push((crossing, place));
            }
        }
        let mut names: Vec<i64> = ends.keys().copied().collect();
        names.sort_unstable();
        if let Some(&arc) = names.iter().find(|arc| ends[arc].len() != 2) {
            return Err(KnotError::ArcCount { arc, times: ends[&arc].len() });
        }
        let number: HashMap<i64, usize> = names.iter().enumerate().map(|(index, &arc)| (arc, index)).collect();
        let crossings: Vec<[usize; 4]> = labels.iter().map(|arcs| arcs.map(|arc| number[&arc])).collect();
        let ends: Vec<[End; 2]> = names.iter().map(|arc| [ends[arc][0], ends[arc][1]]).collect();
        let (positive, components) = orient(&crossings, &ends, labels)?;
        check_planar(&crossings, &ends, labels)?;
        let circles = usize::from(labels.is_empty());
        Ok(Self { crossings, positive, components: components + circles, circles })
    }

    /// The trace closure of a braid; every strand upwards.
    pub fn of_trace_closure(braid: &Braid) -> Self {
        let mut next = braid.strands();
        let mut top: Vec<usize> = (0..next).collect();
        let mut crossings: Vec<[usize; 4]> = Vec::with_capacity(braid.len());
        for &letter in braid.letters() {
            let i = letter.unsigned_abs() as usize - 1;
            let (a, b, c, d) = (top[i], top[i + 1], next, next + 1);
            next += 2;
            crossings.push(if letter > 0 { [b, d, c, a] } else { [a, b, d, c] });
            (top[i], top[i + 1]) = (c, d);
        }
        // the arc on top of strand i is the arc at its bottom
        let mut name: Vec<usize> = (0..next).collect();
        for (bottom, &end) in top.iter().enumerate() {
            name[end] = bottom;
        }
        let mut compact = HashMap::new();
        for arc in crossings.iter_mut().flatten() {
            let fresh = compact.len();
            *arc = *compact.entry(name[*arc]).or_insert(fresh);
        }
        let circles = (0..braid.strands()).filter(|&strand| top[strand] == strand).count();
        let positive = braid.letters().iter().map(|&letter| letter > 0).collect();
        Self { crossings, positive, components: braid.components(), circles }
    }

    /// A diagram from unoriented crossings (under-strand at places 0 and 2), each component oriented from where it is met first.
    ///
    /// Every arc below `arcs` is seen twice or, as a circle, not at all; the caller made the diagram planar.
    pub(crate) fn from_unoriented(mut crossings: Vec<[usize; 4]>, arcs: usize) -> Self {
        let mut ends: Vec<Vec<End>> = vec![Vec::new(); arcs];
        for (crossing, labels) in crossings.iter().enumerate() {
            for (place, &arc) in labels.iter().enumerate() {
                ends[arc].push((crossing, place));
            }
        }
        // where each strand of each crossing enters: [under, over]
        let mut enters: Vec<[Option<usize>; 2]> = vec![[None; 2]; crossings.len()];
        let mut components = 0;
        for first in 0..2 * crossings.len() {
            let (mut crossing, mut place) = (first / 2, first % 2);
            if enters[crossing][place].is_some() {
                continue;
            }
            components += 1;
            while enters[crossing][place % 2].is_none() {
                enters[crossing][place % 2] = Some(place);
                let exit = (crossing, (place + 2) % 4);
                let both = &ends[crossings[crossing][exit.1]];
                (crossing, place) = if both[0] == exit { both[1] } else { both[0] };
            }
        }
        let circles = ends.iter().filter(|ends| ends.is_empty()).count();
        let mut compact = HashMap::new();
        let mut positive = Vec::with_capacity(crossings.len());
        for (labels, enters) in crossings.iter_mut().zip(&enters) {
            if enters[0] == Some(2) {
                labels.rotate_left(2);
            }
            // the over-strand runs from l to j when it enters at place 3, seen from where the under-strand enters
            positive.push((enters[1] == Some(3)) == (enters[0] == Some(0)));
            for arc in labels {
                let fresh = compact.len();
                *arc = *compact.entry(*arc).or_insert(fresh);
            }
        }
        Self { crossings, positive, components: components + circles, circles }
    }

    /// The mirror image: over and under exchanged at every crossing.
    #[must_use]
    pub fn mirror(&self) -> Self {
        // the under-strand of the image enters where the over-strand did
        let turn = |(arcs, &positive): (&[usize; 4], &bool)| {
            let mut arcs = *arcs;
            arcs.rotate_left(if positive { 3 } else { 1 });
            arcs
        };
        let crossings = self.crossings.iter().zip(&self.positive).map(turn).collect();
        let positive = self.positive.iter().map(|positive| !positive).collect();
        Self { crossings, positive, ..*self }
    }

    /// The arcs of each crossing, labelled from 0.
    pub fn crossings(&self) -> &[[usize; 4]] {
        &self.crossings
    }

    /// The sign of each crossing, true for positive.
    pub fn positive(&self) -> &[bool] {
        &self.positive
    }

    /// Number of components, those without crossings included.
    pub fn components(&self) -> usize {
        self.components
    }

    /// Number of components without crossings.
    pub fn circles(&self) -> usize {
        self.circles
    }

    /// Positive crossings minus negative ones.
    pub fn writhe(&self) -> i64 {
        self.positive.iter().map(|&positive| if positive { 1 } else { -1 }).sum()
    }
}

/// Follows every component and finds the direction of each over-strand, and the number of components.
fn orient(crossings: &[[usize; 4]], ends: &[[End; 2]], labels: &[[i64; 4]]) -> Result<(Vec<bool>, usize), KnotError> {
    // direction of each strand through a crossing: does it enter at place 0 (under), and at place 3 or at place 1 (over)?
    let mut over_enters: Vec<Option<usize>> = vec![None; crossings.len()];
    let mut under_seen = vec![false; crossings.len()];
    let mut components = 0;
    let follow = |start: End, over_enters: &mut Vec<Option<usize>>, under_seen: &mut Vec<bool>| -> Result<(), KnotError> {
        let (mut crossing, mut place) = start;
        loop {
            if place % 2 == 0 {
                if place == 2 {
                    let reason = "the first arc must be the incoming under-strand, but the strand that leads here leaves by it";
                    return Err(KnotError::Crossing { crossing: crossing + 1, arcs: labels[crossing], reason });
                }
                if under_seen[crossing] {
                    return Ok(());
                }
                under_seen[crossing] = true;
            } else {
                if over_enters[crossing].is_some() {
                    return Ok(());
                }
                over_enters[crossing] = Some(place);
            }
            let exit = (crossing, (place + 2) % 4);
            let [first, second] = ends[crossings[exit.0][exit.1]];
            (crossing, place) = if first == exit { second } else { first };
        }
    };
    for crossing in 0..crossings.len() {
        if !under_seen[crossing] {
            components += 1;
            follow((crossing, 0), &mut over_enters, &mut under_seen)?;
        }
    }
    // components that never pass under: their labels ascend along them
    for crossing in 0..crossings.len() {
        if over_enters[crossing].is_none() {
            components += 1;
            let [_, j, _, l] = labels[crossing];
            let forward = if (j - l).abs() == 1 { l < j } else { l > j };
            follow((crossing, if forward { 3 } else { 1 }), &mut over_enters, &mut under_seen)?;
        }
    }
    Ok((over_enters.iter().map(|&place| place == Some(3)).collect(), components))
}

/// A planar diagram with `c` crossings in `k` connected pieces has `c + 2k` faces.
fn check_planar(crossings: &[[usize; 4]], ends: &[[End; 2]], labels: &[[i64; 4]]) -> Result<(), KnotError> {
    let across = |end: End| {
        let [first, second] = ends[crossings[end.0][end.1]];
        if first == end { second } else { first }
    };
    let mut seen = vec![[false; 4]; crossings.len()];
    let mut faces = 0;
    for crossing in 0..crossings.len() {
        for place in 0..4 {
            let mut end = (crossing, place);
            if seen[crossing][place] {
                continue;
            }
            faces += 1;
            while !seen[end.0][end.1] {
                seen[end.0][end.1] = true;
                let (next, arrived) = across(end);
                end = (next, (arrived + 1) % 4);
            }
        }
    }
    let mut reached = vec![false; crossings.len()];
    let mut pieces = 0;
    for start in 0..crossings.len() {
        if reached[start] {
            continue;
        }
        pieces += 1;
        let mut stack = vec![start];
        reached[start] = true;
        while let Some(crossing) = stack.pop() {
            for place in 0..4 {
                let (next, _) = across((crossing, place));
                if !reached[next] {
                    reached[next] = true;
                    stack.push(next);
                }
            }
        }
    }
    if faces == crossings.len() + 2 * pieces {
        return Ok(());
    }
    Err(KnotError::Crossing {
        crossing: 1,
        arcs: labels[0],
        reason: "the diagram these crossings make cannot be drawn in the plane; check the order of the arcs",
    })
}
