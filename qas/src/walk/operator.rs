//! Operators of a pool written in the gates of a search.

mod frame;

use std::f64::consts::FRAC_PI_2;

use qloom_circuits::{Angle, Circuit, Gate, Operation, Pauli, PauliString, PauliSum};

use self::frame::Frame;
use crate::QasError;
use crate::environment::action::ActionSet;

/// A gate of an operator, by the number of its action; its angle is `fixed + factor theta`, if it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WrittenGate {
    action: u16,
    fixed: f64,
    factor: f64,
}

impl WrittenGate {
    /// The angle for this one of the operator; `None` for a gate without.
    pub(super) fn angle(&self, theta: f64, set: &ActionSet) -> Option<f64> {
        set.has_angle(self.action).then_some(self.fixed + self.factor * theta)
    }

    pub(super) fn action(&self) -> u16 {
        self.action
    }

    /// Appends the gate, theta being the free parameter of this index.
    pub(super) fn append(&self, circuit: &mut Circuit, parameter: usize, set: &ActionSet) -> Result<(), QasError> {
        let action = set.get(usize::from(self.action));
        let angle = if self.factor == 0.0 {
            Angle::Fixed(self.fixed)
        } else {
            Angle::free(parameter).scaled(self.factor).shifted(self.fixed)
        };
        let angles = if action.gate.num_parameters() == 1 { vec![angle] } else { Vec::new() };
        circuit.push(Operation::gate(action.gate, &angles, &action.qubits))?;
        Ok(())
    }
}

/// Writes operators in CNOTs on any pair of qubits and rotations about all axes.
pub(super) struct Writer<'a> {
    set: &'a ActionSet,
    gates: Vec<WrittenGate>,
}

impl<'a> Writer<'a> {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the action set lacks one of these gates.
    pub(super) fn new(set: &'a ActionSet) -> Result<Self, QasError> {
        let n = set.num_qubits();
        let pairs = (0..n).flat_map(|c| (0..n).filter(move |&t| t != c).map(move |t| (Gate::Cx, vec![c, t])));
        let turns = (0..n).flat_map(|q| [Gate::Rx, Gate::Ry, Gate::Rz].map(|gate| (gate, vec![q])));
        for (gate, qubits) in pairs.chain(turns) {
            if find(set, gate, &qubits).is_none() {
                return Err(QasError::invalid(
                    "environment.actions",
                    format!("without {} on {qubits:?}", gate.name()),
                    "operators of a pool are written in cx on any pair of qubits and rx, ry, rz: take these gates and coupling = \"all\"",
                ));
            }
        }
        Ok(Self { set, gates: Vec::new() })
    }

    /// The gates of `exp(-i theta G)`, up to a global phase.
    ///
    /// The strings of an excitation flip the same qubits. CNOTs along a tree make them turns of one qubit about Y, each controlled by the
    /// parity of some others, between which CNOTs lead; the tree of fewest CNOTs is taken. An excitation of two qubits has 2 CNOTs, one
    /// of four has 13, a coupled exchange of four 9.
    ///
    /// Sources: I. Magoulas and F. A. Evangelista, CNOT-efficient circuits for arbitrary rank many-body fermionic and qubit excitations
    /// (2023), and Y. S. Yordanov et al., Efficient quantum circuits for quantum computational chemistry (2020), for the counts of qubit
    /// excitations; M. Ramôa et al., Reducing the resources required by ADAPT-VQE using coupled exchange operators (2025).
    pub(super) fn write(&mut self, generator: &PauliSum) -> Vec<WrittenGate> {
        let mut left: Vec<(PauliString, f64)> = generator.terms().to_vec();
        while let Some(&(first, _)) = left.first() {
            let key = |string: &PauliString| (string.x_mask(), string.count_y() % 2);
            let alike = first.x_mask() != 0;
            let (group, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(string, _)| if alike { key(string) == key(&first) } else { *string == first });
            left = others;
            match group[..] {
                [one] => self.ladder(one),
                [one, other] if self.crossed_pair(one, other) => {}
                _ => self.frames(&group),
            }
        }
        std::mem::take(&mut self.gates)
    }

    fn push(&mut self, gate: Gate, qubits: &[usize], fixed: f64, factor: f64) {
        let action = find(self.set, gate, qubits).expect("the writer has looked for all gates");
        self.gates.push(WrittenGate { action, fixed, factor });
    }

    fn cx(&mut self, control: usize, target: usize) {
        self.push(Gate::Cx, &[control, target], 0.0, 0.0);
    }

    fn turn(&mut self, gate: Gate, qubit: usize, angle: f64) {
        self.push(gate, &[qubit], angle, 0.0);
    }

    /// One string: its letters turned to Z, the parity brought to the last qubit, turned about Z there, and back.
    fn ladder(&mut self, (string, factor): (PauliString, f64)) {
        let support: Vec<usize> = string.support().collect();
        let target = *support.last().expect("a string of a generator is not the identity");
        if let [qubit] = support[..] {
            self.push(rotation(string.letter(qubit)), &[qubit], 0.0, 2.0 * factor);
            return;
        }
        let basis = |writer: &mut Self, sign: f64| {
            for &qubit in &support {
                match string.letter(qubit) {
                    Pauli::X => writer.turn(Gate::Ry, qubit, -sign * FRAC_PI_2),
                    Pauli::Y => writer.turn(Gate::Rx, qubit, sign * FRAC_PI_2),
                    Pauli::Z | Pauli::I => {}
                }
            }
        };
        basis(self, 1.0);
        support.windows(2).for_each(|pair| self.cx(pair[0], pair[1]));
        self.push(Gate::Rz, &[target], 0.0, 2.0 * factor);
        support.windows(2).rev().for_each(|pair| self.cx(pair[0], pair[1]));
        basis(self, -1.0);
    }

    /// Two strings on the same two qubits that differ on both: turned to XX and ZZ, which one CNOT makes X and Z of a qubit each.
    fn crossed_pair(&mut self, (one, factor): (PauliString, f64), (other, factor_other): (PauliString, f64)) -> bool {
        let support: Vec<usize> = one.support().collect();
        let [a, b] = support[..] else { return false };
        if other.support().ne([a, b]) || [a, b].iter().any(|&qubit| one.letter(qubit) == other.letter(qubit)) {
            return false;
        }
        let mut signs = [1.0, 1.0];
        let mut turns = Vec::new();
        for qubit in [a, b] {
            let (found, [first, second]) = turns_to_x_and_z(one, other, qubit);
            turns.extend(found.into_iter().map(|axis| (rotation(axis), qubit)));
            signs[0] *= first;
            signs[1] *= second;
        }
        turns.iter().for_each(|&(gate, qubit)| self.turn(gate, qubit, FRAC_PI_2));
        self.cx(a, b);
        self.push(Gate::Rx, &[a], 0.0, 2.0 * factor * signs[0]);
        self.push(Gate::Rz, &[b], 0.0, 2.0 * factor_other * signs[1]);
        self.cx(a, b);
        turns.iter().rev().for_each(|&(gate, qubit)| self.turn(gate, qubit, -FRAC_PI_2));
        true
    }

    /// Strings that flip the same qubits, by the frame of fewest CNOTs.
    fn frames(&mut self, group: &[(PauliString, f64)]) {
        let frame = Frame::cheapest(group);
        let (target, imaginary) = (frame.target, group[0].0.count_y() % 2 == 1);
        if !imaginary {
            // X of the target becomes Y; it stands at the root of the tree, so that it commutes with nothing in between
            self.turn(Gate::Rz, target, FRAC_PI_2);
        }
        let reaches_back = frame.last_control();
        for &(control, end) in &frame.tree {
            self.cx(control, end);
        }
        if reaches_back.is_some() {
            self.turn(Gate::Ry, target, FRAC_PI_2);
        }
        let mut here = 0;
        for &(parity, factor) in &frame.turns {
            self.parity(here ^ parity, target);
            self.push(Gate::Ry, &[target], 0.0, 2.0 * factor);
            here = parity;
        }
        let mut way_back: Vec<(usize, usize)> = frame.tree.iter().rev().copied().collect();
        if let Some(control) = reaches_back {
            // the last CNOT as a controlled Z, which makes one gate with the CNOT that undoes the tree there: a controlled Y
            self.parity(here & !(1 << control), target);
            self.turn(Gate::Ry, target, -FRAC_PI_2);
            self.turn(Gate::Rz, control, -FRAC_PI_2);
            self.cx(target, control);
            self.turn(Gate::Rz, control, FRAC_PI_2);
            self.turn(Gate::Rz, target, -FRAC_PI_2);
            way_back.retain(|&edge| edge != (target, control));
        } else {
            self.parity(here, target);
        }
        for (control, end) in way_back {
            self.cx(control, end);
        }
        if !imaginary {
            self.turn(Gate::Rz, target, -FRAC_PI_2);
        }
    }

    /// CNOTs from all qubits of a mask.
    fn parity(&mut self, mask: u64, target: usize) {
        (0..self.set.num_qubits()).filter(|qubit| mask >> qubit & 1 == 1).for_each(|qubit| self.cx(qubit, target));
    }
}

/// The number of the action of this gate on these qubits.
fn find(set: &ActionSet, gate: Gate, qubits: &[usize]) -> Option<u16> {
    let angles = vec![Angle::Fixed(0.0); gate.num_parameters()];
    set.index_of(&Operation::gate(gate, &angles, qubits)).map(|number| number as u16)
}

/// The rotation about a letter.
fn rotation(axis: Pauli) -> Gate {
    match axis {
        Pauli::X => Gate::Rx,
        Pauli::Y => Gate::Ry,
        Pauli::Z | Pauli::I => Gate::Rz,
    }
}

/// The axes of at most two quarter turns of a qubit that take the letter of one string there to X and that of the other to Z, and the
/// signs they get.
fn turns_to_x_and_z(one: PauliString, other: PauliString, qubit: usize) -> (Vec<Pauli>, [f64; 2]) {
    let axes = [Pauli::X, Pauli::Y, Pauli::Z];
    let double = axes.iter().flat_map(|first| axes.map(|second| vec![*first, second]));
    for turns in [Vec::new()].into_iter().chain(axes.map(|axis| vec![axis])).chain(double) {
        let image = |string: PauliString| {
            let letter = (PauliString::from_letters([(0, string.letter(qubit))]), 1.0);
            turns.iter().fold(letter, |term, &axis| frame::quarter_turned(term, 0, axis))
        };
        let ((first, sign_first), (second, sign_second)) = (image(one), image(other));
        if (first.letter(0), second.letter(0)) == (Pauli::X, Pauli::Z) {
            return (turns, [sign_first, sign_second]);
        }
    }
    unreachable!("two quarter turns take any two letters to any two others")
}

#[cfg(test)]
mod tests;
