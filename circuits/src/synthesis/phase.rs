//! Diagonal operators as phases of parities: `cx` networks in Gray-code order.

use crate::angle::Angle;
use crate::gate::Gate;
use crate::operation::Operation;

use super::control;

/// `e^{i angle}` where all of `qubits` are one; qubits that are idle are used and come back as they were.
///
/// On few qubits a [`phase_network`], on more a number of gates that grows with the square of theirs.
pub fn controlled_phase(angle: Angle, qubits: &[usize], idle: &[usize]) -> Vec<Operation> {
    match *qubits {
        [] => vec![Operation::GlobalPhase(angle)],
        [qubit] => vec![Operation::gate(Gate::P, &[angle], &[qubit])],
        [control, target] => vec![Operation::gate(Gate::Cp, &[angle], &[control, target])],
        _ if control::cx_of_network(qubits.len()) <= control::cx_of_halving(qubits.len(), idle.len()) => {
            phase_network(angle, qubits)
        }
        _ => control::halved_phase(angle, qubits, idle),
    }
}

/// `e^{i angle}` where all of `qubits` are one, with phases on single qubits and cx only.
///
/// `x1 x2 ... xk = 2^{1-k} sum over parities of -(-1)^{size} parity`: `2^k - 1` phases and `2^k - 2` cx.
pub fn phase_network(angle: Angle, qubits: &[usize]) -> Vec<Operation> {
    if qubits.is_empty() {
        return vec![Operation::GlobalPhase(angle)];
    }
    let part = 0.5f64.powi(qubits.len() as i32 - 1);
    let of_parity = |parity: usize| if parity.count_ones() % 2 == 1 { part } else { -part };
    parity_phases(&|parity| Some(angle.scaled(of_parity(parity))), qubits)
}

/// `diag(e^{i phases[j]})` on `qubits`, the first least significant.
pub fn diagonal(phases: &[f64], qubits: &[usize]) -> Vec<Operation> {
    let size = phases.len() as f64;
    let sum = |parity: usize| -> f64 {
        let signed = |(j, phase): (usize, &f64)| if (j & parity).count_ones() % 2 == 1 { -phase } else { *phase };
        phases.iter().enumerate().map(signed).sum()
    };
    let mut list = Vec::new();
    if phases[0].abs() > super::TOLERANCE {
        list.push(Operation::GlobalPhase(Angle::Fixed(phases[0])));
    }
    let angles: Vec<f64> = (0..phases.len()).map(|parity| -2.0 * sum(parity) / size).collect();
    let angle = |parity: usize| Some(angles[parity]).filter(|angle| angle.abs() > super::TOLERANCE).map(Angle::Fixed);
    list.extend(parity_phases(&angle, qubits));
    list
}

/// The phase `angle(S)` times the parity of the qubits in `S`, for every non-empty subset `S`.
fn parity_phases(angle: &dyn Fn(usize) -> Option<Angle>, qubits: &[usize]) -> Vec<Operation> {
    let mut list = Vec::new();
    // The parities whose highest qubit is `top` are gathered on `top`, one cx between neighbours of the Gray code.
    for (top, &target) in qubits.iter().enumerate() {
        let mut held = 1usize << top;
        let wanted: Vec<(usize, Angle)> = (0..1usize << top)
            .filter_map(|k| {
                let parity = 1 << top | (k ^ (k >> 1));
                angle(parity).map(|angle| (parity, angle))
            })
            .collect();
        let mut go_to = |parity: usize, list: &mut Vec<Operation>| {
            let flips = held ^ parity;
            let controls = (0..top).filter(|bit| flips >> bit & 1 == 1);
            list.extend(controls.map(|bit| Operation::gate(Gate::Cx, &[], &[qubits[bit], target])));
            held = parity;
        };
        for (parity, angle) in wanted {
            go_to(parity, &mut list);
            list.push(Operation::gate(Gate::P, &[angle], &[target]));
        }
        go_to(1 << top, &mut list);
    }
    list
}
