//! Many controls with few gates: X, rotations and phases, with idle qubits borrowed where there are any.
//!
//! Source: Barenco et al., Phys. Rev. A 52, 3457 (1995), lemmas 7.2, 7.4, 7.5 and 7.9; Toffolis up to phases after Maslov, Phys. Rev. A 93,
//! 022311 (2016). Below about seven qubits networks of parities need fewer cx and are taken instead.

use crate::angle::Angle;
use crate::gate::Gate;
use crate::operation::Operation;

use super::phase::{controlled_phase, phase_network};

/// How X under many controls is made.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// A phase network on all qubits between two Hadamards.
    Network,
    /// A ladder of Toffolis over as many borrowed qubits as there are controls, less two.
    Ladder,
    /// Two halves, twice, over one borrowed qubit.
    Halves,
    /// A phase of pi, halved until two qubits are left, between two Hadamards.
    Phase,
}

/// The cheapest way and how many cx it takes.
fn way_of_x(controls: usize, idle: usize) -> (Way, u64) {
    let mut best = (Way::Network, cx_of_network(controls + 1));
    let mut consider = |way, cost| {
        if cost < best.1 {
            best = (way, cost);
        }
    };
    if controls >= 3 {
        if idle >= controls - 2 {
            consider(Way::Ladder, 12 * controls as u64 - 18);
        }
        if idle == 0 {
            consider(Way::Phase, cx_of_halving(controls + 1, 0));
        } else if controls >= 4 {
            let first = controls.div_ceil(2);
            let others = controls - first + 1;
            let half = |controls| way_of_x(controls, idle - 1 + controls.max(2) - 2).1;
            consider(Way::Halves, 2 * (half(first) + half(others)));
        }
    }
    best
}

/// How many cx X under so many controls takes when so many qubits can be borrowed.
pub(super) fn cx_of_x(controls: usize, idle: usize) -> u64 {
    match controls {
        0 | 1 => controls as u64,
        2 => 6,
        _ => way_of_x(controls, idle).1,
    }
}

/// How many cx a phase on so many qubits takes.
pub(super) fn cx_of_phase(qubits: usize, idle: usize) -> u64 {
    if qubits < 2 { 0 } else { cx_of_network(qubits).min(cx_of_halving(qubits, idle)) }
}

/// How many cx a rotation about Z under so many controls takes.
pub(super) fn cx_of_rz(controls: usize, idle: usize) -> u64 {
    match controls {
        0 => 0,
        1 => 2,
        _ => 4 + 2 * cx_of_x(controls - 1, idle + 1),
    }
}

pub(super) fn cx_of_network(qubits: usize) -> u64 {
    if qubits < 40 { (1u64 << qubits).saturating_sub(2) } else { u64::MAX }
}

/// One step of halving takes a qubit off, until a network is cheaper.
pub(super) fn cx_of_halving(qubits: usize, idle: usize) -> u64 {
    let mut total = 0;
    for (dropped, left) in (3..=qubits).rev().enumerate() {
        if left < qubits && network_is_cheaper(left, idle + dropped) {
            return total + cx_of_network(left);
        }
        total += 4 + 2 * cx_of_x(left - 2, idle + dropped + 1);
    }
    total + cx_of_network(qubits.min(2))
}

/// Whether a network beats the next step of halving with a network behind it; from 40 qubits on it never does.
fn network_is_cheaper(qubits: usize, idle: usize) -> bool {
    let growth = || cx_of_network(qubits) - cx_of_network(qubits - 1);
    qubits < 3 || qubits < 40 && growth() <= 4 + 2 * cx_of_x(qubits - 2, idle + 1)
}

/// X on the target where all controls are one, in rows up to `ccx` and `rccx`; idle qubits are used and come back as they were.
///
/// Linear in the number of controls if at least one qubit is idle, quadratic if none.
pub(super) fn controlled_x(controls: &[usize], target: usize, idle: &[usize]) -> Vec<Operation> {
    let gate = |gate, on: &[usize]| Operation::gate(gate, &[], on);
    match *controls {
        [] => return vec![gate(Gate::X, &[target])],
        [control] => return vec![gate(Gate::Cx, &[control, target])],
        [first, second] => return vec![gate(Gate::Ccx, &[first, second, target])],
        _ => {}
    }
    let all: Vec<usize> = controls.iter().copied().chain([target]).collect();
    let between = |middle: Vec<Operation>| [vec![gate(Gate::H, &[target])], middle, vec![gate(Gate::H, &[target])]].concat();
    let pi = Angle::Fixed(std::f64::consts::PI);
    match way_of_x(controls.len(), idle.len()).0 {
        Way::Network => between(phase_network(pi, &all)),
        Way::Phase => between(halved_phase(pi, &all, &[])),
        Way::Ladder => ladder(controls, target, &idle[..controls.len() - 2]),
        Way::Halves => {
            let (first, rest) = controls.split_at(controls.len().div_ceil(2));
            let (&borrowed, idle) = idle.split_first().expect("this way is taken where a qubit is idle");
            let others: Vec<usize> = rest.iter().copied().chain([borrowed]).collect();
            let beside: Vec<usize> = rest.iter().chain([&target]).chain(idle).copied().collect();
            let lower = controlled_x(first, borrowed, &beside);
            let beside: Vec<usize> = first.iter().chain(idle).copied().collect();
            let upper = controlled_x(&others, target, &beside);
            [lower.clone(), upper.clone(), lower, upper].concat()
        }
    }
}

/// Lemma 7.2: the borrowed qubits gather the product of the controls, twice, so that whatever they held cancels.
fn ladder(controls: &[usize], target: usize, borrowed: &[usize]) -> Vec<Operation> {
    let top = controls.len() - 1;
    let toffoli = Operation::gate(Gate::Ccx, &[], &[controls[top], borrowed[top - 2], target]);
    let step = |rung: usize| {
        let below = if rung == 0 { controls[0] } else { borrowed[rung - 1] };
        Operation::gate(Gate::Rccx, &[], &[controls[rung + 1], below, borrowed[rung]])
    };
    let down: Vec<Operation> = (0..top - 1).rev().map(step).collect();
    let up = (1..top - 1).map(step);
    let gather: Vec<Operation> = down.iter().cloned().chain(up).collect();
    let undo = gather.iter().rev().flat_map(|operation| operation.inverse().expect("a gate"));
    let mut list = vec![toffoli.clone()];
    list.extend(gather.iter().cloned());
    list.push(toffoli);
    list.extend(undo);
    list
}

/// A phase on many qubits: lemma 7.5, until a network is cheaper.
///
/// With `x` the product of all but the last two qubits, `e^{i angle x q t}` is made of halves on `q t`, `(x + q) t` and `x t`.
pub(super) fn halved_phase(angle: Angle, qubits: &[usize], idle: &[usize]) -> Vec<Operation> {
    let mut list = Vec::new();
    let (mut rest, mut angle) = (qubits.to_vec(), angle);
    let mut free = idle.to_vec();
    while rest.len() >= 3 && (rest.len() == qubits.len() || !network_is_cheaper(rest.len(), free.len())) {
        let target = rest.pop().expect("at least three");
        let last = rest.pop().expect("at least three");
        angle = angle.scaled(0.5);
        let beside: Vec<usize> = free.iter().copied().chain([target]).collect();
        let flip = controlled_x(&rest, last, &beside);
        for sign in [1.0, -1.0] {
            list.push(Operation::gate(Gate::Cp, &[angle.scaled(sign)], &[last, target]));
            list.extend(flip.iter().cloned());
        }
        free.push(last);
        rest.push(target);
    }
    list.extend(if rest.len() < 3 { controlled_phase(angle, &rest, &[]) } else { phase_network(angle, &rest) });
    list
}

/// Lemma 7.9: a rotation about Z under many controls, linear with nothing idle.
pub(super) fn controlled_rz(angle: Angle, controls: &[usize], target: usize, idle: &[usize]) -> Vec<Operation> {
    let Some((&last, rest)) = controls.split_last() else { return vec![Operation::gate(Gate::Rz, &[angle], &[target])] };
    if rest.is_empty() {
        return vec![Operation::gate(Gate::Crz, &[angle], &[last, target])];
    }
    let beside: Vec<usize> = idle.iter().copied().chain([last]).collect();
    let flip = controlled_x(rest, target, &beside);
    let half = |sign: f64| vec![Operation::gate(Gate::Crz, &[angle.scaled(0.5 * sign)], &[last, target])];
    [half(1.0), flip.clone(), half(-1.0), flip].concat()
}
