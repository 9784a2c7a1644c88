//! Runs of operations on one pair of qubits, joined to a dense block where they are much work.

use super::items::{Item, Kind, qubits};
use crate::kernel::{Pair, PairStep};
use crate::op::Sum;

/// What runs that are not joined cost at most, of which one is the best for a program: a block between others costs a fraction of one that
/// stands alone, and a layer of phases as much for many qubits as for two.
pub(super) const APART: [usize; 3] = [13, 6, 3];

/// What a rotation costs in a run.
const TURN: usize = 2;
/// The same for a layer of phases, shared with a few pairs that have one at the same time.
const LAYER: usize = 2;

/// The items with dense blocks for all runs that cost more than `apart`, in an order that does the same, and how many blocks.
pub(super) fn join(items: &[Item], num_qubits: usize, apart: usize) -> (Vec<Item>, usize) {
    let mut joiner = Joiner { apart, open: vec![None; num_qubits], runs: Vec::new(), out: Vec::new(), joined: 0 };
    for item in items {
        joiner.add(item.clone());
    }
    (0..num_qubits).for_each(|qubit| joiner.close(qubit));
    if joiner.joined == 0 {
        return (items.to_vec(), 0);
    }
    let mut items = joiner.out;
    // From the last to the first: whether the next item on a qubit is a pair.
    let mut next = vec![false; num_qubits];
    for item in items.iter_mut().rev() {
        let mask = item.touched();
        let is_pair = match &mut item.kind {
            Kind::Pair(pair) => {
                pair.leaves = pair.qubits.iter().all(|qubit| next[*qubit]);
                true
            }
            Kind::Turn { .. }
            | Kind::Phase { .. }
            | Kind::Not { .. }
            | Kind::Cnot { .. }
            | Kind::Flip { .. }
            | Kind::Plain { .. }
            | Kind::Whole(_) => false,
        };
        qubits(mask).for_each(|qubit| next[qubit] = is_pair);
    }
    (items, joiner.joined)
}

/// Items on at most two qubits that nothing else came between.
#[derive(Default)]
struct Run {
    mask: u64,
    items: Vec<Item>,
}

struct Joiner {
    apart: usize,
    /// The run a qubit is in.
    open: Vec<Option<usize>>,
    runs: Vec<Run>,
    out: Vec<Item>,
    joined: usize,
}

impl Joiner {
    fn add(&mut self, item: Item) {
        let mask = item.touched();
        let whole = matches!(item.kind, Kind::Flip { .. } | Kind::Whole(_) | Kind::Plain { .. } | Kind::Pair(_));
        let wanted = qubits(mask).filter_map(|qubit| self.open[qubit]).fold(mask, |sum, run| sum | self.runs[run].mask);
        if whole || mask.count_ones() > 2 {
            qubits(mask).for_each(|qubit| self.close(qubit));
            self.out.push(item);
            return;
        }
        if wanted.count_ones() > 2 {
            // Runs of two qubits end here; those of one go on with the new pair.
            for qubit in qubits(mask) {
                if self.open[qubit].is_some_and(|run| self.runs[run].mask.count_ones() > 1) {
                    self.close(qubit);
                }
            }
        }
        let first = mask.trailing_zeros() as usize;
        if mask != 0
            && let Some(run) = self.open[first].map(|run| &mut self.runs[run])
            && mask & !run.mask == 0
        {
            run.items.push(item);
            return;
        }
        let mut run = Run { mask, items: Vec::new() };
        for qubit in qubits(mask) {
            if let Some(earlier) = self.open[qubit].take() {
                let earlier = std::mem::take(&mut self.runs[earlier]);
                run.mask |= earlier.mask;
                run.items.extend(earlier.items);
            }
        }
        run.items.push(item);
        qubits(run.mask).for_each(|qubit| self.open[qubit] = Some(self.runs.len()));
        self.runs.push(run);
    }

    /// Ends the run of a qubit.
    fn close(&mut self, qubit: usize) {
        let Some(run) = self.open[qubit].take() else { return };
        let Run { mask, items } = std::mem::take(&mut self.runs[run]);
        qubits(mask).for_each(|qubit| self.open[qubit] = None);
        match pair(mask, &items, self.apart) {
            Some(pair) => {
                self.joined += 1;
                self.out.push(Item { kind: Kind::Pair(Box::new(pair)), z: 0, x: 0, general: mask });
            }
            None => self.out.extend(items),
        }
    }
}

/// The dense block of items on two qubits that cost more than `apart`.
fn pair(mask: u64, items: &[Item], apart: usize) -> Option<Pair> {
    if mask.count_ones() != 2 || work(items) <= apart {
        return None;
    }
    let pair = [mask.trailing_zeros() as usize, mask.ilog2() as usize];
    let bit = |qubit: usize| usize::from(qubit == pair[1]);
    let steps = items.iter().map(|item| match &item.kind {
        Kind::Turn { qubit, angle } => Some(PairStep::Turn(bit(*qubit), angle.clone())),
        Kind::Phase { mask, angle } => {
            let local = qubits(*mask).fold(0, |local, qubit| local | 1 << bit(qubit));
            Some(PairStep::Phase(local, angle.clone()))
        }
        Kind::Not { qubit } => Some(PairStep::Not(bit(*qubit))),
        Kind::Cnot { control, .. } => Some(PairStep::Cnot(bit(*control))),
        Kind::Flip { .. } | Kind::Plain { .. } | Kind::Whole(_) | Kind::Pair(_) => None,
    });
    Some(Pair { qubits: pair, steps: steps.collect::<Option<_>>()?, constant: Sum::default(), leaves: false })
}

/// What the items cost one by one.
fn work(items: &[Item]) -> usize {
    let (mut cost, mut phases) = (0, Vec::<u64>::new());
    for item in items {
        match item.kind {
            Kind::Turn { qubit, .. } => {
                if phases.iter().any(|mask| mask >> qubit & 1 == 1) {
                    phases.clear();
                    cost += LAYER;
                }
                cost += TURN;
            }
            Kind::Phase { mask, .. } => phases.push(mask),
            Kind::Cnot { control, target } => {
                for mask in &mut phases {
                    *mask ^= (*mask >> target & 1) << control;
                }
            }
            Kind::Not { .. } | Kind::Flip { .. } | Kind::Plain { .. } | Kind::Whole(_) | Kind::Pair(_) => {}
        }
    }
    cost
}
