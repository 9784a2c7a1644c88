//! Joins gates on the same qubits.

use num_complex::Complex64;

use super::item::Item;
use qloom_circuits::Angle;
use qloom_circuits::Gate;
use qloom_circuits::Matrix;

/// Matrices nearer than this count as commuting.
const NEAR: f64 = 1e-10;
/// A gate nearer than this to the identity is left out.
const NOTHING: f64 = 1e-12;
/// How many items ahead a partner is looked for.
const WINDOW: usize = 60;

/// Joins runs of fixed gates on one or two qubits to one item each; with `across`, also gates that meet after the ones
/// between are found to commute.
pub(super) fn consolidate(items: Vec<Item>, across: bool) -> Vec<Item> {
    let mut items = join(items);
    if across {
        for _ in 0..4 {
            let before = items.len();
            items = join(meet(items));
            if items.len() >= before {
                break;
            }
        }
    }
    items
}

/// Joins what is next to each other.
fn join(items: Vec<Item>) -> Vec<Item> {
    let qubits = items.iter().flat_map(|item| item.qubits()).max().map_or(0, |qubit| qubit + 1);
    let mut joined: Vec<Option<Item>> = Vec::with_capacity(items.len());
    // The item that gates on a qubit join: the last one on it, unless it is a wall.
    let mut open: Vec<Option<usize>> = vec![None; qubits];
    for item in items {
        match item {
            Item::One { qubit, matrix } => match open[qubit] {
                Some(at) => match joined[at].as_mut() {
                    Some(Item::One { matrix: before, .. }) => *before = matrix.times(before),
                    Some(Item::Two { qubits, matrix: before }) => {
                        let bit = usize::from(qubits[1] == qubit);
                        *before = matrix.embedded(&[bit], 2).times(before);
                    }
                    _ => unreachable!("only gates are open"),
                },
                None => {
                    open[qubit] = Some(joined.len());
                    joined.push(Some(Item::One { qubit, matrix }));
                }
            },
            Item::Two { qubits: [a, b], matrix } => {
                if let (Some(at), true) = (open[a], open[a] == open[b])
                    && let Some(Item::Two { qubits, matrix: before }) = joined[at].as_mut()
                {
                    let order = if *qubits == [a, b] { [0, 1] } else { [1, 0] };
                    *before = matrix.embedded(&order, 2).times(before);
                    continue;
                }
                // One-qubit gates that are open go into the new block.
                let mut product = matrix;
                for (bit, qubit) in [a, b].into_iter().enumerate() {
                    let Some(at) = open[qubit] else { continue };
                    if let Some(Item::One { matrix: before, .. }) = &joined[at] {
                        product = product.times(&before.embedded(&[bit], 2));
                        joined[at] = None;
                    }
                }
                open[a] = Some(joined.len());
                open[b] = Some(joined.len());
                joined.push(Some(Item::Two { qubits: [a, b], matrix: product }));
            }
            other => {
                other.qubits().iter().for_each(|&qubit| open[qubit] = None);
                joined.push(Some(other));
            }
        }
    }
    let near_identity = |item: &Item| match item {
        Item::One { matrix, .. } | Item::Two { matrix, .. } => phase_of_identity(matrix).is_some(),
        Item::Rz { .. } | Item::Wall { .. } | Item::Phase(_) => false,
    };
    let keep = |item: Item| match &item {
        Item::One { matrix, .. } | Item::Two { matrix, .. } if near_identity(&item) => {
            Item::Phase(Angle::Fixed(phase_of_identity(matrix).unwrap_or(0.0)))
        }
        _ => item,
    };
    joined.into_iter().flatten().map(keep).collect()
}

/// The phase of a matrix that is the identity but for it.
fn phase_of_identity(matrix: &Matrix) -> Option<f64> {
    let phase = matrix[(0, 0)].arg();
    let identity = Matrix::identity(matrix.num_qubits()).scaled(Complex64::cis(phase));
    (matrix.distance(&identity) < NOTHING).then_some(phase)
}

/// Moves every two-qubit gate back to an earlier one on the same pair when all between commute with it.
fn meet(items: Vec<Item>) -> Vec<Item> {
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    for later in 1..items.len() {
        let Some(item @ Item::Two { qubits, .. }) = items[later].clone() else { continue };
        let mut target = None;
        for earlier in (later.saturating_sub(WINDOW)..later).rev() {
            let Some(other) = &items[earlier] else { continue };
            let shared = other.qubits().iter().filter(|qubit| qubits.contains(qubit)).count();
            if shared == 2 && matches!(other, Item::Two { .. }) {
                target = Some(earlier);
                break;
            }
            if shared > 0 && !commute(&item, other) {
                break;
            }
        }
        let Some(earlier) = target else { continue };
        let Some(Item::Two { qubits: before, matrix: first }) = items[earlier].clone() else { continue };
        let Item::Two { matrix, .. } = &item else { continue };
        let order = if before == qubits { [0, 1] } else { [1, 0] };
        items[earlier] = Some(Item::Two { qubits: before, matrix: matrix.embedded(&order, 2).times(&first) });
        items[later] = None;
    }
    items.into_iter().flatten().collect()
}

/// Whether two items commute, by their matrices.
fn commute(a: &Item, b: &Item) -> bool {
    let matrix = |item: &Item| match item {
        Item::One { matrix, .. } | Item::Two { matrix, .. } => Some(matrix.clone()),
        // Any angle does for the family of rotations.
        Item::Rz { .. } => Some(Gate::Rz.matrix(&[0.7])),
        Item::Wall { .. } => None,
        Item::Phase(_) => Some(Matrix::identity(0)),
    };
    let (Some(first), Some(second)) = (matrix(a), matrix(b)) else { return false };
    let mut all: Vec<usize> = a.qubits().to_vec();
    for qubit in b.qubits() {
        if !all.contains(&qubit) {
            all.push(qubit);
        }
    }
    let local = |item: &Item| -> Vec<usize> {
        item.qubits().iter().map(|qubit| all.iter().position(|other| other == qubit).unwrap_or(0)).collect()
    };
    let first = first.embedded(&local(a), all.len());
    let second = second.embedded(&local(b), all.len());
    first.times(&second).distance(&second.times(&first)) < NEAR
}
