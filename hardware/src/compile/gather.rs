//! Joins gates on the same qubits.

use num_complex::Complex64;

use super::item::Item;
use qloom_circuits::Angle;
use qloom_circuits::Gate;
use qloom_circuits::Matrix;
use qloom_circuits::synthesis::weyl;

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
            let (apart, found) = part(items);
            items = join(meet(apart));
            if items.len() >= before && !found {
                break;
            }
        }
    }
    items
}

/// Blocks that are a gate on each qubit, as these gates; whether there were any.
fn part(items: Vec<Item>) -> (Vec<Item>, bool) {
    let mut apart = Vec::with_capacity(items.len());
    let mut found = false;
    for item in items {
        if let Item::Two { qubits: [a, b], matrix } = &item
            && let Some([first, second]) = factors(matrix)
        {
            apart.push(Item::One { qubit: *a, matrix: first });
            apart.push(Item::One { qubit: *b, matrix: second });
            found = true;
        } else {
            apart.push(item);
        }
    }
    (apart, found)
}

/// The gates on the first and on the second qubit whose product a matrix is.
fn factors(product: &Matrix) -> Option<[Matrix; 2]> {
    let at = |low: (usize, usize), high: (usize, usize)| product[(low.0 | high.0 << 1, low.1 | high.1 << 1)];
    let bits = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let all = || bits.iter().flat_map(|&low| bits.iter().map(move |&high| (low, high)));
    let (low, high) = all().max_by(|a, b| at(a.0, a.1).norm().total_cmp(&at(b.0, b.1).norm()))?;
    let pivot = at(low, high);
    if all().any(|(i, j)| (at(i, j) * pivot - at(i, high) * at(low, j)).norm() > NOTHING) {
        return None;
    }
    let column = Matrix::from_slice(&bits.map(|i| at(i, high)));
    let size = column.entries().iter().map(Complex64::norm_sqr).sum::<f64>().sqrt() / std::f64::consts::SQRT_2;
    let row = Matrix::from_slice(&bits.map(|j| at(low, j) / pivot));
    Some([column.scaled((1.0 / size).into()), row.scaled(size.into())])
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
        let joined = matrix.embedded(&order, 2).times(&first);
        // two blocks that are no fewer gates as one stay apart: other gates may run beside each
        let count = |matrix: &Matrix| weyl::decompose(matrix).cx_count();
        if count(&joined) >= count(matrix) + count(&first) {
            continue;
        }
        items[earlier] = Some(Item::Two { qubits: before, matrix: joined });
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

#[cfg(test)]
mod tests {
    use super::*;
    use qloom_circuits::{Stream, library};

    /// Products come apart into their factors, other blocks stay whole.
    #[test]
    fn products_come_apart() {
        for seed in 0..100 {
            let mut numbers = Stream::named(seed, "factors");
            let [a, b] = [0, 1].map(|_| Gate::U3.matrix(&[numbers.unit(), 3.0 * numbers.unit(), numbers.unit()]));
            let product = a.embedded(&[0], 2).times(&b.embedded(&[1], 2)).scaled(Complex64::cis(numbers.unit()));
            let [first, second] = factors(&product).expect("a product");
            assert!(first.unitarity_error() < 1e-12 && second.unitarity_error() < 1e-12);
            assert!(first.embedded(&[0], 2).times(&second.embedded(&[1], 2)).distance(&product) < 1e-12);
            assert!(factors(&product.times(&Gate::Crz.matrix(&[1e-3]))).is_none());
        }
    }

    /// A block that turns out to be gates on its qubits stands in no one's way.
    #[test]
    fn blocks_meet_behind_a_product() {
        let matrix = Gate::Rxx.matrix(&[0.4]);
        let block = |qubits| Item::Two { qubits, matrix: matrix.clone() };
        let turn = Item::One { qubit: 1, matrix: Gate::H.matrix(&[]) };
        let undo = Item::Two { qubits: [1, 2], matrix: matrix.adjoint() };
        let list = consolidate(vec![block([0, 1]), block([1, 2]), turn.clone(), turn, undo, block([0, 1])], true);
        assert_eq!(list.iter().filter(|item| matches!(item, Item::Two { .. })).count(), 1, "{list:?}");
        let random = library::random(2, 9, &mut Stream::named(1, "circuit")).unitary(&[]).expect("gates");
        let item = Item::Two { qubits: [0, 1], matrix: random.clone() };
        let list = consolidate(vec![item, Item::Two { qubits: [1, 0], matrix: Gate::Swap.matrix(&[]) }], true);
        let [Item::Two { matrix, .. }] = &list[..] else { panic!("one block: {list:?}") };
        assert!(matrix.distance(&Gate::Swap.matrix(&[]).times(&random)) < 1e-12);
    }
}
