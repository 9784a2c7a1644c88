//! Which items wait for which, and what blocks cost, in flat lists that routing reads.

use qloom_circuits::Operation;
use qloom_circuits::synthesis::weyl;

use super::item::Item;
use super::loosen::{Axis, axes, parallel};
use super::machine::Machine;

/// No node, no qubit.
pub(super) const NONE: u32 = u32::MAX;

/// A list of lists in one piece.
struct Lists {
    start: Vec<u32>,
    entries: Vec<u32>,
}

impl Lists {
    fn new(lists: &[Vec<u32>]) -> Self {
        let mut start = Vec::with_capacity(lists.len() + 1);
        let mut entries = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        start.push(0);
        for list in lists {
            entries.extend(list);
            start.push(entries.len() as u32);
        }
        Self { start, entries }
    }

    fn of(&self, index: usize) -> &[u32] {
        &self.entries[self.start[index] as usize..self.start[index + 1] as usize]
    }
}

/// Items on one qubit that can change places: there are no more of them, so that dependences stay few.
const GROUP: usize = 100;

/// The last items on a qubit: those about one axis, and those before them.
#[derive(Clone, Default)]
struct Wire {
    axis: Option<Axis>,
    members: Vec<u32>,
    /// What members wait for.
    earlier: Vec<u32>,
}

impl Wire {
    fn join(&mut self, index: u32, axis: Option<Axis>) {
        let one = self.axis.zip(axis).is_some_and(|(own, other)| parallel(&own, &other));
        if !one || self.members.len() >= GROUP {
            self.axis = axis;
            self.earlier = std::mem::take(&mut self.members);
        }
        self.members.push(index);
    }
}

/// The items of a circuit by their dependences, as far as routing has to know them.
pub(super) struct Order {
    /// Qubits of the circuit.
    pub num_qubits: usize,
    after: Lists,
    qubits: Lists,
    /// How many items each waits for.
    pub before: Vec<u32>,
    /// The pair that must be coupled; [`NONE`] twice where there is none.
    pub pair: Vec<[u32; 2]>,
    /// Native gates of each block, and of the block with a swap on its pair; equal where no swap can join.
    pub gates: Vec<[f32; 2]>,
    /// Whether a swap joins the item or passes it.
    pub joins: Vec<bool>,
    /// Measurements that nothing waits for: they come last, so that swaps can still join the blocks before them.
    pub late: Vec<bool>,
}

impl Order {
    /// Dependences of items; if `loose`, none between items about one axis of their common qubit.
    pub fn new(items: &[Item], num_qubits: usize, machine: &Machine, loose: bool) -> Self {
        let mut wires: Vec<Wire> = vec![Wire::default(); num_qubits];
        let mut last_on_bit: std::collections::HashMap<usize, u32> = std::collections::HashMap::new();
        let mut after = vec![Vec::new(); items.len()];
        let mut before = vec![0; items.len()];
        for (index, item) in items.iter().enumerate() {
            let this = index as u32;
            let mut earlier: Vec<u32> = Vec::new();
            let axes = if loose { axes(item) } else { [None; 2] };
            for (position, &qubit) in item.qubits().iter().enumerate() {
                let axis = axes.get(position).copied().flatten();
                wires[qubit].join(this, axis);
                earlier.extend(&wires[qubit].earlier);
            }
            if let Item::Wall { operation } = item {
                earlier.extend(operation.bits().into_iter().filter_map(|bit| last_on_bit.insert(bit, this)));
            }
            earlier.sort_unstable();
            earlier.dedup();
            earlier.retain(|&other| other != this);
            before[index] = earlier.len() as u32;
            earlier.into_iter().for_each(|other| after[other as usize].push(this));
        }
        let pair = |item: &Item| item.pair().map_or([NONE; 2], |pair| pair.map(|qubit| qubit as u32));
        let gates = |item: &Item| match item {
            Item::Two { matrix, .. } => {
                let block = weyl::decompose(matrix);
                [machine.fewest(&block.coordinates), machine.fewest(&weyl::mirrored(&block.coordinates))]
            }
            Item::Wall { .. } if item.pair().is_some() => [1.0; 2],
            Item::One { .. } | Item::Rz { .. } | Item::Wall { .. } | Item::Phase(_) => [0.0; 2],
        };
        let late = |(index, item): (usize, &Item)| {
            after[index].is_empty() && matches!(item, Item::Wall { operation: Operation::Measure { .. } })
        };
        let qubits: Vec<Vec<u32>> = items.iter().map(|item| item.qubits().iter().map(|&qubit| qubit as u32).collect()).collect();
        Self {
            num_qubits,
            before,
            pair: items.iter().map(pair).collect(),
            gates: items.iter().map(gates).collect(),
            joins: items.iter().map(|item| !matches!(item, Item::Rz { .. } | Item::Wall { .. })).collect(),
            late: items.iter().enumerate().map(late).collect(),
            after: Lists::new(&after),
            qubits: Lists::new(&qubits),
        }
    }

    /// The same circuit backwards.
    pub fn reversed(&self) -> Self {
        let n = self.len();
        let mut after = vec![Vec::new(); n];
        let mut before = vec![0; n];
        for index in 0..n {
            for &next in self.after(index) {
                after[n - 1 - next as usize].push((n - 1 - index) as u32);
                before[n - 1 - index] += 1;
            }
        }
        let backwards = || (0..n).rev();
        let qubits: Vec<Vec<u32>> = backwards().map(|index| self.qubits(index).to_vec()).collect();
        Self {
            num_qubits: self.num_qubits,
            before,
            pair: backwards().map(|index| self.pair[index]).collect(),
            gates: backwards().map(|index| self.gates[index]).collect(),
            joins: backwards().map(|index| self.joins[index]).collect(),
            late: vec![false; n],
            after: Lists::new(&after),
            qubits: Lists::new(&qubits),
        }
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.before.len()
    }

    /// Items that wait for this one.
    pub fn after(&self, index: usize) -> &[u32] {
        self.after.of(index)
    }

    /// Qubits of an item.
    pub fn qubits(&self, index: usize) -> &[u32] {
        self.qubits.of(index)
    }
}
