//! Operations rewritten into rotations about Y, phases of parities, X and CX.

use smallvec::SmallVec;

use crate::kernel::Pair;
use crate::op::{Masks, Op, Stretch, Sum};

/// What an item does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// `exp(-i angle/2 Y)`.
    Turn {
        qubit: usize,
        angle: Sum,
    },
    /// `e^{i angle}` where the parity of the mask is odd.
    Phase {
        mask: u64,
        angle: Sum,
    },
    Not {
        qubit: usize,
    },
    Cnot {
        control: usize,
        target: usize,
    },
    /// An operation as it is, which flips these qubits.
    Plain {
        op: Op,
        flips: u64,
    },
    /// X where all of several controls are one.
    Flip {
        controls: u64,
        target: usize,
    },
    /// Several of the others on two qubits, as one matrix.
    Pair(Box<Pair>),
    /// An operation that none of these express in few steps.
    Whole(Op),
}

/// An item, and how it acts on each qubit: two items commute where they act in the same of the first two ways.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// Diagonal in Z here.
    pub(crate) z: u64,
    /// Diagonal in X here.
    pub(crate) x: u64,
    /// Neither.
    pub(crate) general: u64,
}

impl Item {
    pub(super) fn touched(&self) -> u64 {
        self.z | self.x | self.general
    }
}

/// Items in order, and angles that multiply the whole state.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) items: Vec<Item>,
    pub(crate) global: Sum,
}

/// Most controls of a phase that are spread over parities.
const SPREAD: usize = 5;

/// Items for these operations; X under several controls stays one item where it is on at most `flips` qubits.
pub(crate) fn decompose(stretch: Stretch<'_>, flips: usize) -> List {
    let mut list = List::default();
    for op in stretch.ops {
        match *op {
            Op::Rotation { masks, slot } => list.rotation(op, masks, slot),
            Op::Parity { parity, controls, slot } if controls.count_ones() as usize <= SPREAD => {
                // e^{-i theta/2} and e^{i theta} on odd parity, under the controls
                list.all_of(bits(controls), &Sum::slot(slot, -0.5));
                list.all_of(bits(controls).chain([parity]), &Sum::slot(slot, 1.0));
            }
            Op::Phase { controls, slot } if controls.count_ones() as usize <= SPREAD => {
                list.all_of(bits(controls), &Sum::slot(slot, 1.0));
            }
            Op::Flip { x, controls } if controls.count_ones() > 1 && (controls.count_ones() as usize) < flips => {
                qubits(x).for_each(|target| list.push(Kind::Flip { controls, target }));
            }
            Op::Flip { x, controls } if controls.count_ones() as usize <= SPREAD => {
                for target in qubits(x) {
                    match controls.count_ones() {
                        0 => list.push(Kind::Not { qubit: target }),
                        1 => list.push(Kind::Cnot { control: controls.trailing_zeros() as usize, target }),
                        _ => {
                            // X = RY(pi/2) Z RY(-pi/2)
                            list.turn(target, Sum::constant(-std::f64::consts::FRAC_PI_2));
                            list.all_of(bits(controls | 1 << target), &Sum::constant(std::f64::consts::PI));
                            list.turn(target, Sum::constant(std::f64::consts::FRAC_PI_2));
                        }
                    }
                }
            }
            Op::Parity { .. } | Op::Phase { .. } | Op::Flip { .. } | Op::Dense(_) => list.whole(op, op.touches(stretch.dense)),
        }
    }
    list
}

/// The operations as they are, last first.
pub(crate) fn reversed(stretch: Stretch<'_>) -> Vec<Item> {
    let item = |op: &Op| {
        let (flips, x, general) = match *op {
            Op::Rotation { masks, .. } => (masks.x, 0, masks.x),
            Op::Parity { .. } | Op::Phase { .. } => (0, 0, 0),
            Op::Flip { x, .. } => (x, x, 0),
            Op::Dense(_) => return Item { kind: Kind::Whole(*op), z: 0, x: 0, general: op.touches(stretch.dense) },
        };
        Item { kind: Kind::Plain { op: *op, flips }, z: op.touches(stretch.dense) & !flips, x, general }
    };
    stretch.ops.iter().rev().map(item).collect()
}

/// The qubits of a mask, ascending.
pub(crate) fn qubits(mask: u64) -> impl Iterator<Item = usize> + Clone {
    let rest = |mask: &u64| Some(mask & (mask - 1)).filter(|rest| *rest != 0);
    std::iter::successors(Some(mask).filter(|mask| *mask != 0), rest).map(|mask| mask.trailing_zeros() as usize)
}

fn bits(mask: u64) -> impl Iterator<Item = u64> + Clone {
    qubits(mask).map(|qubit| 1 << qubit)
}

impl List {
    fn push(&mut self, kind: Kind) {
        let (z, x, general) = match &kind {
            Kind::Turn { qubit, .. } => (0, 0, 1 << qubit),
            Kind::Phase { mask, .. } => (*mask, 0, 0),
            Kind::Not { qubit } => (0, 1 << qubit, 0),
            Kind::Cnot { control, target } => (1 << control, 1 << target, 0),
            Kind::Flip { controls, target } => (*controls, 1 << target, 0),
            Kind::Plain { .. } | Kind::Pair(_) | Kind::Whole(_) => unreachable!("these know their qubits from the program"),
        };
        self.items.push(Item { kind, z, x, general });
    }

    fn whole(&mut self, op: &Op, general: u64) {
        self.items.push(Item { kind: Kind::Whole(*op), z: 0, x: 0, general });
    }

    /// `exp(-i angle/2 Y)`, joined with such a rotation just before it.
    fn turn(&mut self, qubit: usize, angle: Sum) {
        let before = self.items.iter().rposition(|item| item.touched() >> qubit & 1 == 1);
        if let Some(position) = before
            && let Kind::Turn { qubit: same, angle: earlier } = &mut self.items[position].kind
            && *same == qubit
        {
            earlier.add(&angle);
            if earlier.terms.is_empty() && earlier.constant == 0.0 {
                self.items.remove(position);
            }
            return;
        }
        self.push(Kind::Turn { qubit, angle });
    }

    fn phase(&mut self, mask: u64, angle: Sum) {
        if mask != 0 {
            self.push(Kind::Phase { mask, angle });
        }
    }

    /// `e^{i angle}` where all of these parities are odd, as a sum over the parities of their combinations.
    fn all_of(&mut self, parities: impl Iterator<Item = u64>, angle: &Sum) {
        let parities: SmallVec<[u64; 8]> = parities.collect();
        if parities.is_empty() {
            self.global.add(angle);
            return;
        }
        let share = angle.scaled((0.5f64).powi(parities.len() as i32 - 1));
        for subset in 1u32..1 << parities.len() {
            let mask = parities.iter().enumerate().filter(|(k, _)| subset >> k & 1 == 1).fold(0, |mask, (_, p)| mask ^ p);
            self.phase(mask, if subset.count_ones() % 2 == 1 { share.clone() } else { share.scaled(-1.0) });
        }
    }

    /// `exp(-i theta/2 P)` by conjugation with CX, CZ and phases, under controls.
    fn rotation(&mut self, op: &Op, masks: Masks, slot: u32) {
        let Masks { x, mut z, controls } = masks;
        if controls.count_ones() as usize > SPREAD {
            return self.whole(op, x | z | controls);
        }
        let pivot = x.trailing_zeros() as usize;
        let at = 1u64 << pivot;
        let others: SmallVec<[usize; 4]> = qubits(x & !at).collect();
        let mut sign = 1.0;
        for &other in &others {
            // CX from the pivot: Y Y becomes -X Z, X X becomes X, Z moves to the pivot.
            if z >> other & 1 == 1 {
                if z & at != 0 {
                    sign = -sign;
                }
                z ^= at;
            }
            self.push(Kind::Cnot { control: pivot, target: other });
        }
        let rest = z & !at;
        let half_turn = Sum::constant(std::f64::consts::PI);
        let quarter = Sum::constant(std::f64::consts::FRAC_PI_2);
        let signs = |list: &mut Self| qubits(rest).for_each(|other| list.all_of(bits(at | 1 << other), &half_turn));
        signs(self);
        if z & at == 0 {
            self.phase(at, quarter.clone());
        }
        if controls == 0 {
            self.turn(pivot, Sum::slot(slot, sign));
        } else {
            self.turn(pivot, Sum::slot(slot, 0.5 * sign));
            self.all_of(bits(controls | at), &half_turn);
            self.turn(pivot, Sum::slot(slot, -0.5 * sign));
            self.all_of(bits(controls | at), &half_turn);
        }
        if z & at == 0 {
            self.phase(at, quarter.scaled(-1.0));
        }
        signs(self);
        for &other in others.iter().rev() {
            self.push(Kind::Cnot { control: pivot, target: other });
        }
    }
}
