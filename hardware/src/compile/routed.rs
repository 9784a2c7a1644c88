//! What routing is asked for and what it gives.

use super::item::Item;
use qloom_circuits::{Gate, Matrix};

/// Which of the blocks that could come next draw their qubits together; the others count as what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Front {
    All,
    /// On each qubit one, the earliest in the circuit.
    Earliest,
    /// On each qubit one, the nearest.
    Nearest,
}

/// How swaps are chosen; runs differ in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// What the gates of a swap count against one step of distance.
    pub price: f32,
    /// Two-qubit items looked at beyond the front.
    pub ahead: usize,
    /// What these count together against the front.
    pub ahead_weight: f32,
    /// What each step of distance counts against the one before it: below one, near pairs draw more than far ones.
    pub fade: f32,
    /// What it counts that a swap makes the circuit deeper, for each gate.
    pub depth: f32,
}

/// A step of a routed circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An item by its position.
    Item(u32),
    /// A swap of physical qubits.
    Swap(u32, u32),
}

/// A routed circuit in outline.
#[derive(Clone, Debug)]
pub(super) struct Routed {
    pub steps: Vec<Step>,
    /// Physical qubit of each qubit at the end.
    pub last: Vec<usize>,
    /// Native two-qubit gates weighted by their errors, estimated: each swap is joined to the block beside it.
    pub gates: f32,
    /// Two-qubit gates on the longest way, estimated.
    pub depth: f32,
}

/// A routed circuit in full, on physical qubits.
pub(super) fn materialize(items: &[Item], steps: &[Step], layout: &[usize], num_qubits: usize) -> Vec<Item> {
    let swap: Matrix = Gate::Swap.matrix(&[]);
    let mut place = layout.to_vec();
    let mut holder = vec![usize::MAX; num_qubits];
    layout.iter().enumerate().for_each(|(qubit, &physical)| holder[physical] = qubit);
    let mut list = Vec::with_capacity(steps.len());
    for &step in steps {
        match step {
            Step::Item(index) => list.push(items[index as usize].renamed(&|qubit| place[qubit])),
            Step::Swap(p, q) => {
                let qubits = [p as usize, q as usize];
                list.push(Item::Two { qubits, matrix: swap.clone() });
                holder.swap(qubits[0], qubits[1]);
                for physical in qubits {
                    if holder[physical] != usize::MAX {
                        place[holder[physical]] = physical;
                    }
                }
            }
        }
    }
    list
}
