//! The plat closure of a braid as an oriented planar diagram.

use crate::braid::Braid;
use crate::error::KnotError;
use crate::pd::Diagram;

/// The diagram of the plat closure: ends (1,2), (3,4), ... joined at the bottom and at the top, each component oriented from
/// its first bottom end upwards.
///
/// # Errors
/// When the number of strands is odd.
pub(crate) fn diagram(braid: &Braid) -> Result<Diagram, KnotError> {
    let n = braid.strands();
    if n % 2 == 1 {
        return Err(KnotError::Strands { strands: n, reason: "a plat closure joins strands in pairs; add one or remove one" });
    }
    // arcs between crossings, undirected: bottom cups first
    let mut parent: Vec<usize> = Vec::new();
    let fresh = |parent: &mut Vec<usize>| {
        parent.push(parent.len());
        parent.len() - 1
    };
    let mut top: Vec<usize> = Vec::with_capacity(n);
    for _ in 0..n / 2 {
        let arc = fresh(&mut parent);
        top.extend([arc, arc]);
    }
    let mut crossings: Vec<[usize; 4]> = Vec::with_capacity(braid.len());
    for &letter in braid.letters() {
        let i = letter.unsigned_abs() as usize - 1;
        let (a, b, c, d) = (top[i], top[i + 1], fresh(&mut parent), fresh(&mut parent));
        crossings.push(if letter > 0 { [b, d, c, a] } else { [a, b, d, c] });
        (top[i], top[i + 1]) = (c, d);
    }
    for pair in top.chunks(2) {
        let (a, b) = (find(&mut parent, pair[0]), find(&mut parent, pair[1]));
        parent[a.max(b)] = a.min(b);
    }
    let mut number = vec![usize::MAX; parent.len()];
    let mut arcs = 0;
    for (arc, number) in number.iter_mut().enumerate() {
        if find(&mut parent, arc) == arc {
            *number = arcs;
            arcs += 1;
        }
    }
    for labels in &mut crossings {
        *labels = labels.map(|arc| number[find(&mut parent, arc)]);
    }
    Ok(Diagram::from_unoriented(crossings, arcs))
}

/// The writhe of the plat closure, each component oriented from its first bottom end upwards.
///
/// A crossing whose strands run in opposite vertical directions counts with the opposite sign of its letter.
///
/// # Errors
/// When the number of strands is odd.
///
/// ```
/// let braid = qloom_knots::Braid::new(4, vec![2, -1, 2, 2]).unwrap();
/// assert_eq!(qloom_knots::plat_writhe(&braid), Ok(0)); // the figure-eight knot
/// ```
pub fn writhe(braid: &Braid) -> Result<i64, KnotError> {
    Ok(diagram(braid)?.writhe())
}

/// The representative of the arcs joined with this one.
fn find(parent: &mut [usize], mut arc: usize) -> usize {
    while parent[arc] != arc {
        parent[arc] = parent[parent[arc]];
        arc = parent[arc];
    }
    arc
}
