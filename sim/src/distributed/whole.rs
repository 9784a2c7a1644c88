//! Single operations on the slice of one rank.

use super::layout::Layout;
use crate::kernel::{Factor, Real};
use crate::op::{Dense, Masks, Op};

/// The qubits that have to be local for an operation by itself.
pub(super) fn needs(op: &Op, dense: &[Dense]) -> u64 {
    match *op {
        Op::Rotation { masks, .. } => masks.x,
        Op::Flip { x, .. } => x,
        Op::Parity { .. } | Op::Phase { .. } => 0,
        Op::Dense(index) => dense[index as usize].qubits.iter().fold(0, |mask, qubit| mask | 1 << qubit),
    }
}

/// The operation's inverse as an operation with other numbers: the factors with their sines turned, and a matrix's adjoint.
pub(super) fn inverse<T: Real>(op: &Op, dense: &[Dense], factors: &[Factor<T>]) -> (Op, Vec<Dense>, Vec<Factor<T>>) {
    let turned = |slot: u32| vec![[factors[slot as usize][0], -factors[slot as usize][1]]];
    match *op {
        Op::Rotation { masks, slot } => (Op::Rotation { masks, slot: 0 }, Vec::new(), turned(slot)),
        Op::Parity { parity, controls, slot } => (Op::Parity { parity, controls, slot: 0 }, Vec::new(), turned(slot)),
        Op::Phase { controls, slot } => (Op::Phase { controls, slot: 0 }, Vec::new(), turned(slot)),
        Op::Flip { .. } => (*op, Vec::new(), Vec::new()),
        Op::Dense(index) => {
            let mut adjoint = dense[index as usize].clone();
            let dimension = 1usize << adjoint.qubits.len();
            let entries = &dense[index as usize].entries;
            let entry = |k: usize| entries[k % dimension * dimension + k / dimension].conj();
            adjoint.entries = (0..dimension * dimension).map(entry).collect();
            (Op::Dense(0), vec![adjoint], Vec::new())
        }
    }
}

/// Applies an operation to a slice; `ones` are the qubits that are one in all of it.
///
/// Signs and controls of global qubits are known, the others are bits of the slice's index.
pub(super) fn apply<T: Real>(
    level: fearless_simd::Level,
    op: &Op,
    dense: &[Dense],
    factors: &[Factor<T>],
    (layout, ones): (&Layout, u64),
    (re, im): (&mut [T], &mut [T]),
) {
    let global = layout.global();
    let holds = |controls: u64| controls & global & !ones == 0;
    let local = |mask: u64| layout.physical(mask & !global);
    let turned = |slot: u32, signs: u64| {
        let [cosine, sine] = factors[slot as usize];
        if (signs & global & ones).count_ones() % 2 == 1 { [cosine, -sine] } else { [cosine, sine] }
    };
    let run = |op: Op, dense: &[Dense], factor: Factor<T>, planes: (&mut [T], &mut [T])| {
        T::apply(level, &[op], dense, &[factor], planes.0, planes.1);
    };
    let none = [T::default(); 2];
    match *op {
        Op::Rotation { masks, slot } if holds(masks.controls) => {
            let here = Masks { x: local(masks.x), z: local(masks.z), controls: local(masks.controls) };
            run(Op::Rotation { masks: here, slot: 0 }, &[], turned(slot, masks.z), (re, im));
        }
        Op::Parity { parity, controls, slot } if holds(controls) => {
            let here = Op::Parity { parity: local(parity), controls: local(controls), slot: 0 };
            run(here, &[], turned(slot, parity), (re, im));
        }
        Op::Phase { controls, slot } if holds(controls) => {
            run(Op::Phase { controls: local(controls), slot: 0 }, &[], factors[slot as usize], (re, im));
        }
        Op::Flip { x, controls } if holds(controls) => {
            run(Op::Flip { x: local(x), controls: local(controls) }, &[], none, (re, im));
        }
        Op::Dense(index) => {
            let Dense { entries, qubits, controls } = &dense[index as usize];
            if holds(*controls) {
                let qubits = qubits.iter().map(|&qubit| layout.places[qubit]).collect();
                let here = Dense { entries: entries.clone(), qubits, controls: local(*controls) };
                run(Op::Dense(0), &[here], none, (re, im));
            }
        }
        Op::Rotation { .. } | Op::Parity { .. } | Op::Phase { .. } | Op::Flip { .. } => {}
    }
}
