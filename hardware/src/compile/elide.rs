//! Gates that need not be done: swaps become names, phases before measurements vanish.

use super::item::Item;
use super::machine::Machine;
use qloom_circuits::Matrix;
use qloom_circuits::Operation;
use qloom_circuits::synthesis::weyl;

/// Which blocks are swapped for new names of their qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swapped {
    /// Blocks that are a swap between one-qubit gates.
    Whole,
    /// Also blocks that take three gates, and fewer without a swap.
    Large,
    /// All that take fewer gates without a swap.
    All,
}

/// Replaces blocks that are swaps between one-qubit gates by new names for the qubits behind them, and others that need fewer gates
/// without a swap as `swapped` says; where no block follows, always.
///
/// Returns the items and, for each qubit, the name it has at the end.
pub(super) fn swaps(items: Vec<Item>, num_qubits: usize, swapped: Swapped, machine: &Machine) -> (Vec<Item>, Vec<usize>) {
    let mut names: Vec<usize> = (0..num_qubits).collect();
    let kept = rename(items, &mut names, machine, |_, with, less| match swapped {
        Swapped::Whole => with == 3.0 && less == 0.0,
        Swapped::Large => with == 3.0 && less < with,
        Swapped::All => less < with,
    });
    let mut blocked = vec![false; num_qubits];
    let mut last = vec![false; kept.len()];
    for (index, item) in kept.iter().enumerate().rev() {
        if let Some(pair) = item.pair() {
            last[index] = pair.iter().all(|&qubit| !blocked[qubit]);
            pair.iter().for_each(|&qubit| blocked[qubit] = true);
        }
    }
    let kept = rename(kept, &mut names, machine, |index, with, less| last[index] && less < with);
    (kept, names)
}

/// Renames qubits behind the blocks that `chosen` picks by position and number of native gates, as they are and without a swap.
fn rename(items: Vec<Item>, names: &mut [usize], machine: &Machine, chosen: impl Fn(usize, f32, f32) -> bool) -> Vec<Item> {
    let mut fresh: Vec<usize> = (0..names.len()).collect();
    let swap = qloom_circuits::Gate::Swap.matrix(&[]);
    let mut kept = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let item = item.renamed(&|qubit| fresh[qubit]);
        if let Item::Two { qubits: [a, b], matrix } = &item {
            let coordinates = weyl::decompose(matrix).coordinates;
            if chosen(index, machine.fewest(&coordinates), machine.fewest(&weyl::mirrored(&coordinates))) {
                // the matrix is the swap behind what is left
                kept.push(Item::Two { qubits: [*a, *b], matrix: swap.times(matrix) });
                for name in &mut fresh {
                    *name = match *name {
                        at if at == *a => *b,
                        at if at == *b => *a,
                        at => at,
                    };
                }
                continue;
            }
        }
        kept.push(item);
    }
    names.iter_mut().for_each(|name| *name = fresh[*name]);
    kept
}

fn is_diagonal(matrix: &Matrix) -> bool {
    let n = matrix.dimension();
    (0..n * n).all(|k| k / n == k % n || matrix.entries()[k].norm() < 1e-12)
}

/// Leaves out diagonal gates whose qubits are all measured next: no outcome depends on them.
pub(super) fn phases_before_measurement(items: Vec<Item>, num_qubits: usize) -> Vec<Item> {
    let mut measured = vec![false; num_qubits];
    let mut kept = Vec::with_capacity(items.len());
    for item in items.into_iter().rev() {
        let qubits = item.qubits();
        let all = !qubits.is_empty() && qubits.iter().all(|&qubit| measured[qubit]);
        let vanishes = match &item {
            Item::One { matrix, .. } | Item::Two { matrix, .. } => all && is_diagonal(matrix),
            Item::Rz { .. } => all,
            Item::Wall { .. } | Item::Phase(_) => false,
        };
        if vanishes {
            continue;
        }
        let barrier = matches!(item, Item::Wall { operation: Operation::Barrier { .. } });
        let measurement = matches!(item, Item::Wall { operation: Operation::Measure { .. } });
        if !barrier {
            qubits.iter().for_each(|&qubit| measured[qubit] = measurement);
        }
        kept.push(item);
    }
    kept.reverse();
    kept
}

/// Blocks whose qubits are both measured next are free up to a diagonal gate: two cx make any.
pub(super) fn phases_of_blocks(items: Vec<Item>, num_qubits: usize) -> Vec<Item> {
    let mut measured = vec![false; num_qubits];
    let mut items = items;
    for item in items.iter_mut().rev() {
        let qubits = item.qubits();
        if let Item::Two { matrix, .. } = item
            && qubits.iter().all(|&qubit| measured[qubit])
            && weyl::decompose(matrix).cx_count() == 3
            && let Some(better) = without_phase(matrix)
        {
            *matrix = better;
        }
        let barrier = matches!(item, Item::Wall { operation: Operation::Barrier { .. } });
        let measurement = matches!(item, Item::Wall { operation: Operation::Measure { .. } });
        // Diagonal one-qubit gates pass as well, but they are gone by now.
        if !barrier {
            qubits.iter().for_each(|&qubit| measured[qubit] = measurement);
        }
    }
    items
}

/// The matrix times an Ising rotation about ZZ that leaves a gate of two cx.
///
/// Source: Shende, Bullock and Markov, Phys. Rev. A 70, 012310 (2004): two cx suffice when a trace is real.
fn without_phase(matrix: &Matrix) -> Option<Matrix> {
    let turned = |angle: f64| qloom_circuits::Gate::Rzz.matrix(&[angle]).times(matrix);
    let value = |angle: f64| weyl::trace(&turned(angle)).im;
    let step = std::f64::consts::PI / 16.0;
    for k in 0..32 {
        let (mut low, mut high) = (k as f64 * step, (k + 1) as f64 * step);
        let at_low = value(low);
        if at_low * value(high) > 0.0 {
            continue;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if at_low * value(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let candidate = turned(low);
        if weyl::decompose(&candidate).cx_count() <= 2 {
            return Some(candidate);
        }
    }
    None
}
