//! From a planar diagram to a braid (P. Vogel, Comment. Math. Helv. 65, 1990).
//!
//! While some face is bordered by two Seifert circles that run the same way around it, one is pushed over the other inside that face.
//! The number of Seifert circles stays, and in the end they are nested and parallel: they are the strands.

use std::collections::VecDeque;

use crate::braid::Braid;
use crate::error::KnotError;
use crate::pd::Diagram;

/// The most crossings the diagram may grow to.
const MAX_CROSSINGS: usize = 200_000;

impl Diagram {
    /// A braid whose trace closure is this oriented link: one strand for each Seifert circle.
    ///
    /// Vogel's algorithm; it adds at most `(s-1)(s-2)` crossings for `s` Seifert circles in a connected piece. Pieces that share no
    /// crossing stand side by side, circles without crossings are idle strands. The chirality is kept (letter `+i` is a positive
    /// crossing).
    ///
    /// # Errors
    /// When the braid would have more than [`Braid::MAX_STRANDS`] strands or 200000 crossings.
    ///
    /// ```
    /// let trefoil = qloom_knots::Diagram::parse("[[1,5,2,4],[3,1,4,6],[5,3,6,2]]").unwrap();
    /// assert_eq!(trefoil.to_braid().unwrap().to_string(), "1 1 1");
    /// ```
    pub fn to_braid(&self) -> Result<Braid, KnotError> {
        let mut strands = 0;
        let mut letters = Vec::new();
        for piece in pieces(self) {
            let mut work = Work::new(&piece);
            while let Some((x, y, left)) = work.incoherent_pair() {
                if work.crossings.len() > MAX_CROSSINGS {
                    return Err(KnotError::Strands {
                        strands,
                        reason: "the braid of this diagram has more than 200000 crossings",
                    });
                }
                work.push_over(x, y, left);
            }
            let (circles, word) = work.read();
            letters.extend(word.iter().map(|letter: &i32| letter + letter.signum() * strands as i32));
            strands += circles;
        }
        Braid::new(strands + self.circles(), letters)
    }
}

/// One crossing of a diagram and its sign.
type Crossing = ([usize; 4], bool);

/// The connected pieces of a diagram that have crossings.
fn pieces(diagram: &Diagram) -> Vec<Vec<Crossing>> {
    let arcs = 2 * diagram.crossings().len();
    let mut seen_at = vec![Vec::new(); arcs];
    for (crossing, labels) in diagram.crossings().iter().enumerate() {
        labels.iter().for_each(|&arc| seen_at[arc].push(crossing));
    }
    let mut taken = vec![false; diagram.crossings().len()];
    let mut pieces = Vec::new();
    for start in 0..taken.len() {
        if taken[start] {
            continue;
        }
        taken[start] = true;
        let mut stack = vec![start];
        let mut piece = Vec::new();
        while let Some(crossing) = stack.pop() {
            piece.push((diagram.crossings()[crossing], diagram.positive()[crossing]));
            for &arc in &diagram.crossings()[crossing] {
                for &next in &seen_at[arc] {
                    if !taken[next] {
                        taken[next] = true;
                        stack.push(next);
                    }
                }
            }
        }
        pieces.push(piece);
    }
    pieces
}

/// A connected diagram that grows.
struct Work {
    crossings: Vec<Crossing>,
    /// Where each arc leaves a crossing and where it enters one.
    ends: Vec<[(usize, usize); 2]>,
}

/// The places where the over-strand enters and leaves.
fn over(positive: bool) -> (usize, usize) {
    if positive { (3, 1) } else { (1, 3) }
}

impl Work {
    fn new(piece: &[Crossing]) -> Self {
        let mut number = std::collections::HashMap::new();
        let mut work = Self { crossings: Vec::new(), ends: vec![[(0, 0); 2]; 2 * piece.len()] };
        for (labels, positive) in piece {
            let labels = labels.map(|arc| {
                let fresh = number.len();
                *number.entry(arc).or_insert(fresh)
            });
            work.crossings.push((labels, *positive));
            work.connect(work.crossings.len() - 1);
        }
        work
    }

    /// Notes the ends of the arcs at a crossing.
    fn connect(&mut self, crossing: usize) {
        let (labels, positive) = self.crossings[crossing];
        let (enters, leaves) = over(positive);
        for (place, &arc) in labels.iter().enumerate() {
            let end = usize::from(place == 0 || place == enters);
            debug_assert!(end == 1 || place == 2 || place == leaves);
            self.ends[arc][end] = (crossing, place);
        }
    }

    /// The arc that follows on the same Seifert circle.
    fn next_on_circle(&self, arc: usize) -> usize {
        let (crossing, place) = self.ends[arc][1];
        let (labels, positive) = &self.crossings[crossing];
        labels[if place == 0 { over(*positive).1 } else { 2 }]
    }

    /// The Seifert circle of each arc, and how many there are.
    fn circles(&self) -> (Vec<usize>, usize) {
        let mut circle = vec![usize::MAX; self.ends.len()];
        let mut count = 0;
        for start in 0..circle.len() {
            let mut arc = start;
            if circle[arc] == usize::MAX {
                while circle[arc] == usize::MAX {
                    circle[arc] = count;
                    arc = self.next_on_circle(arc);
                }
                count += 1;
            }
        }
        (circle, count)
    }

    /// Two arcs of different Seifert circles that run the same way around one face; whether the face is to their left.
    fn incoherent_pair(&self) -> Option<(usize, usize, bool)> {
        let (circle, _) = self.circles();
        let mut seen = vec![[false; 2]; self.ends.len()];
        for start in 0..self.ends.len() {
            for against in [false, true] {
                // walks with the face to the left; the first arc seen in each direction along it
                let mut first: [Option<usize>; 2] = [None; 2];
                let (mut arc, mut backwards) = (start, against);
                while !seen[arc][usize::from(backwards)] {
                    seen[arc][usize::from(backwards)] = true;
                    match first[usize::from(backwards)] {
                        None => first[usize::from(backwards)] = Some(arc),
                        Some(other) if circle[other] != circle[arc] => return Some((other, arc, !backwards)),
                        Some(_) => {}
                    }
                    let (crossing, place) = self.ends[arc][usize::from(!backwards)];
                    let place = (place + 3) % 4;
                    arc = self.crossings[crossing].0[place];
                    backwards = self.ends[arc][0] != (crossing, place);
                }
            }
        }
        None
    }

    /// Pushes arc `x` over arc `y` inside the face to the left (or to the right) of both.
    fn push_over(&mut self, x: usize, y: usize, left: bool) {
        let fresh = self.ends.len();
        let (x2, x3, y2, y3) = (fresh, fresh + 1, fresh + 2, fresh + 3);
        for (old, new) in [(x, x3), (y, y3)] {
            let (crossing, place) = self.ends[old][1];
            self.crossings[crossing].0[place] = new;
        }
        self.ends.resize(fresh + 4, [(0, 0); 2]);
        for (old, new) in [(x, x3), (y, y3)] {
            self.ends[new][1] = self.ends[old][1];
        }
        // left: y runs up, x runs down to its west and makes a finger to the east; right: the same upside down
        if left {
            self.crossings.push(([y2, x2, y3, x], true));
            self.crossings.push(([y, x2, y2, x3], false));
        } else {
            self.crossings.push(([y, x3, y2, x2], true));
            self.crossings.push(([y2, x, y3, x2], false));
        }
        let count = self.crossings.len();
        self.connect(count - 2);
        self.connect(count - 1);
    }

    /// The number of circles and the word, once the circles are parallel.
    fn read(&self) -> (usize, Vec<i32>) {
        let (circle, count) = self.circles();
        // crossings along each circle, and the two circles of each crossing
        let touching: Vec<[usize; 2]> = self.crossings.iter().map(|(l, p)| [circle[l[0]], circle[l[over(*p).0]]]).collect();
        let mut along: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut walked = vec![false; self.ends.len()];
        for start in 0..walked.len() {
            let mut arc = start;
            while !walked[arc] {
                walked[arc] = true;
                along[circle[arc]].push(self.ends[arc][1].0);
                arc = self.next_on_circle(arc);
            }
        }
        let other = |crossing: usize, circle: usize| {
            let [a, b] = touching[crossing];
            if a == circle { b } else { a }
        };
        let neighbours = |circle: usize| {
            let mut near: Vec<usize> = along[circle].iter().map(|&crossing| other(crossing, circle)).collect();
            near.sort_unstable();
            near.dedup();
            near
        };
        // the circles are a path: from one end to the other, each cut just before its first crossing with the next
        let mut at = (0..count).find(|&circle| neighbours(circle).len() == 1).unwrap_or(0);
        let mut level = vec![usize::MAX; count];
        let mut cut = along[at][0];
        for number in 0..count {
            level[at] = number;
            let start = along[at].iter().position(|&crossing| crossing == cut).unwrap_or(0);
            along[at].rotate_left(start);
            let Some(next) = along[at].iter().copied().find(|&crossing| level[other(crossing, at)] == usize::MAX) else { break };
            (at, cut) = (other(next, at), next);
        }
        // a crossing may be read once it stands first on both its circles
        let mut word = Vec::with_capacity(self.crossings.len());
        let mut done = vec![0; count];
        let mut queue: VecDeque<usize> = (0..count).collect();
        while let Some(circle) = queue.pop_front() {
            while let Some(&crossing) = along[circle].get(done[circle]) {
                let partner = other(crossing, circle);
                if along[partner].get(done[partner]) != Some(&crossing) {
                    break;
                }
                done[circle] += 1;
                done[partner] += 1;
                let generator = level[circle].min(level[partner]) as i32 + 1;
                word.push(if self.crossings[crossing].1 { generator } else { -generator });
                queue.push_back(partner);
            }
        }
        debug_assert_eq!(word.len(), self.crossings.len());
        (count, word)
    }
}

#[cfg(test)]
mod tests;
