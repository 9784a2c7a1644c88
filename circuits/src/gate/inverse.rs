//! Inverses, found by comparing matrices: another row, or the same with changed angles and qubits.

use std::f64::consts::{FRAC_PI_4, PI};
use std::sync::OnceLock;

use super::{Action, Gate};
use crate::angle::Angle;
use crate::matrix::Matrix;
use crate::operation::Operation;

/// One row that undoes another.
struct Rule {
    gate: Gate,
    /// Its angles; [`Angle::Free`] refers to the angles of the row undone.
    angles: Vec<Angle>,
    /// Its qubits, as positions among those of the row undone.
    qubits: Vec<usize>,
}

impl Gate {
    /// Operations that undo the gate exactly, global phase included, in order of application.
    ///
    /// A single row where one does; else the inverses of its parts, or the adjoint matrix.
    ///
    /// # Panics
    /// When the number of qubits or angles is not the gate's.
    ///
    /// ```
    /// use qloom_circuits::{Angle, Gate, Operation};
    /// assert_eq!(Gate::T.inverse(&[], &[0]), [Operation::gate(Gate::Tdg, &[], &[0])]);
    /// let half = Angle::Fixed(0.5);
    /// assert_eq!(Gate::Rx.inverse(&[half], &[2]), [Operation::gate(Gate::Rx, &[Angle::Fixed(-0.5)], &[2])]);
    /// ```
    pub fn inverse(self, angles: &[Angle], qubits: &[usize]) -> Vec<Operation> {
        assert_eq!(qubits.len(), self.num_qubits(), "{self} acts on {} qubits", self.num_qubits());
        assert_eq!(angles.len(), self.num_parameters(), "{self} takes {} angles", self.num_parameters());
        if let Some(rule) = rule(self) {
            let with: Vec<Angle> = rule.angles.iter().map(|angle| angle.substitute(angles)).collect();
            let on: Vec<usize> = rule.qubits.iter().map(|&position| qubits[position]).collect();
            return vec![Operation::gate(rule.gate, &with, &on)];
        }
        match &self.spec().action {
            Action::Sequence(parts) => {
                let undo = parts.iter().rev().map(|part| {
                    let with: Vec<Angle> = part.angles.iter().map(|angle| angle.substitute(angles)).collect();
                    let on: Vec<usize> = part.qubits.iter().map(|&position| qubits[position]).collect();
                    part.gate.inverse(&with, &on)
                });
                undo.flatten().collect()
            }
            Action::Controlled { controls, gate } if gate.num_parameters() == 0 => vec![Operation::Unitary {
                matrix: gate.matrix(&[]).adjoint(),
                controls: qubits[..*controls].into(),
                qubits: qubits[*controls..].into(),
            }],
            Action::Fixed(entries) => vec![Operation::Unitary {
                matrix: Matrix::from_slice(entries).adjoint(),
                controls: Default::default(),
                qubits: qubits.into(),
            }],
            Action::Rotation(_) | Action::Phase | Action::Controlled { .. } => {
                unreachable!("the negative angle undoes a rotation, controlled or not")
            }
        }
    }
}

fn rule(gate: Gate) -> Option<&'static Rule> {
    static RULES: OnceLock<Vec<OnceLock<Option<Rule>>>> = OnceLock::new();
    let rules = RULES.get_or_init(|| Gate::all().map(|_| OnceLock::new()).collect());
    rules[gate as usize].get_or_init(|| find(gate)).as_ref()
}

/// Points at which two functions of the angles are compared.
const POINTS: [[f64; 4]; 3] = [[0.37, -1.21, 0.83, 2.05], [-2.2, 0.51, 1.47, -0.94], [1.9, 2.6, -0.3, 0.71]];
const TOLERANCE: f64 = 1e-12;

fn find(gate: Gate) -> Option<Rule> {
    let k = gate.num_parameters();
    let others = || Gate::all().filter(move |other| *other != gate && other.num_qubits() == gate.num_qubits());
    let targets: Vec<Matrix> = POINTS.iter().map(|point| gate.matrix(&point[..k]).adjoint()).collect();
    let matches = |rule: &Rule| {
        POINTS.iter().zip(&targets).all(|(point, target)| {
            let angles: Vec<f64> = rule.angles.iter().map(|angle| angle.value(point)).collect();
            rule.gate.matrix(&angles).embedded(&rule.qubits, gate.num_qubits()).distance(target) < TOLERANCE
        })
    };
    let same_shape = || std::iter::once(gate).chain(others().filter(move |other| other.num_parameters() == k));
    for shifts in [&[0.0][..], &[0.0, PI][..]] {
        for other in same_shape() {
            for qubits in permutations(gate.num_qubits()) {
                for angles in signed_shifted_permutations(k, shifts) {
                    let rule = Rule { gate: other, angles, qubits: qubits.clone() };
                    if matches(&rule) {
                        return Some(rule);
                    }
                }
            }
        }
    }
    if k == 0 && gate.num_qubits() <= 2 {
        // A row with angles, at multiples of pi/4.
        for other in others().filter(|other| other.num_parameters() > 0) {
            for code in 0..8usize.pow(other.num_parameters() as u32) {
                let step = |position: usize| (code / 8usize.pow(position as u32) % 8) as f64;
                let angles = (0..other.num_parameters()).map(|position| Angle::Fixed((step(position) - 3.0) * FRAC_PI_4));
                let rule = Rule { gate: other, angles: angles.collect(), qubits: (0..gate.num_qubits()).collect() };
                if matches(&rule) {
                    return Some(rule);
                }
            }
        }
    }
    None
}

/// All orders of `0..n`, the natural one first.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let mut list = vec![Vec::new()];
    for _ in 0..n {
        let extend = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let unused = (0..n).filter(|item| !order.contains(item));
            unused.map(|item| order.iter().copied().chain([item]).collect()).collect()
        };
        list = list.iter().flat_map(extend).collect();
    }
    list
}

/// All `k` angles `±theta[p(i)] + shift` with `p` a permutation, fewest signs first within a permutation.
fn signed_shifted_permutations(k: usize, shifts: &[f64]) -> Vec<Vec<Angle>> {
    let mut list = Vec::new();
    for order in permutations(k) {
        for signs in 0..1usize << k {
            for code in 0..shifts.len().pow(k as u32) {
                let angle = |(position, &index): (usize, &usize)| {
                    let scale = if signs >> position & 1 == 1 { -1.0 } else { 1.0 };
                    let offset = shifts[code / shifts.len().pow(position as u32) % shifts.len()];
                    Angle::Free { index, scale, offset }
                };
                list.push(order.iter().enumerate().map(angle).collect());
            }
        }
    }
    list
}
