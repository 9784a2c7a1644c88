//! Gates lowered to the few kinds of action that simulators and derivatives know.

use num_complex::Complex64;
use smallvec::SmallVec;

use super::{Action, Gate};
use crate::angle::Angle;
use crate::matrix::Matrix;
use crate::operation::Qubits;
use crate::pauli::Pauli;

/// One elementary action: a kind on its targets, applied where every control is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Primitive {
    /// Qubits that must all be one; distinct from the targets.
    pub controls: Qubits,
    /// What happens to the targets.
    pub kind: PrimitiveKind,
}

/// The kinds of elementary action.
#[derive(Clone, Debug, PartialEq)]
pub enum PrimitiveKind {
    /// Multiplies by `e^{i angle}`; the controls alone say where.
    Phase(Angle),
    /// `exp(-i angle/2 P)` with `P` a product of Paulis on distinct targets.
    Rotation(Angle, SmallVec<[(usize, Pauli); 2]>),
    /// A constant unitary on the targets, the first least significant.
    Unitary(Matrix, Qubits),
}

impl Gate {
    /// Lowers the gate on these qubits with these angles to primitives, in order of application.
    ///
    /// The product of the primitives is the gate exactly, global phase included.
    ///
    /// # Panics
    /// When the number of qubits or angles is not the gate's.
    pub fn primitives(self, angles: &[Angle], qubits: &[usize]) -> SmallVec<[Primitive; 1]> {
        assert_eq!(qubits.len(), self.num_qubits(), "{self} acts on {} qubits", self.num_qubits());
        assert_eq!(angles.len(), self.num_parameters(), "{self} takes {} angles", self.num_parameters());
        let mut list = SmallVec::new();
        lower(self, angles, &[], qubits, &mut list);
        list
    }
}

fn lower(gate: Gate, angles: &[Angle], controls: &[usize], qubits: &[usize], list: &mut SmallVec<[Primitive; 1]>) {
    let mut push = |controls: Qubits, kind| list.push(Primitive { controls, kind });
    match &gate.spec().action {
        Action::Fixed(entries) => push(controls.into(), PrimitiveKind::Unitary(Matrix::from_slice(entries), qubits.into())),
        Action::Phase => push(controls.iter().chain(qubits).copied().collect(), PrimitiveKind::Phase(angles[0])),
        Action::Rotation(paulis) => {
            let targets = qubits.iter().copied().zip(paulis.iter().copied()).collect();
            push(controls.into(), PrimitiveKind::Rotation(angles[0], targets));
        }
        Action::Controlled { controls: count, gate } => {
            let controls: Qubits = controls.iter().chain(&qubits[..*count]).copied().collect();
            lower(*gate, angles, &controls, &qubits[*count..], list);
        }
        Action::Sequence(parts) => {
            for part in *parts {
                let on: Qubits = part.qubits.iter().map(|&position| qubits[position]).collect();
                let with: SmallVec<[Angle; 4]> = part.angles.iter().map(|angle| angle.substitute(angles)).collect();
                lower(part.gate, &with, controls, &on, list);
            }
        }
    }
}

impl Primitive {
    /// Every qubit the primitive touches, controls first.
    pub fn qubits(&self) -> Qubits {
        let mut qubits = self.controls.clone();
        match &self.kind {
            PrimitiveKind::Phase(_) => {}
            PrimitiveKind::Rotation(_, targets) => qubits.extend(targets.iter().map(|(qubit, _)| *qubit)),
            PrimitiveKind::Unitary(_, targets) => qubits.extend(targets.iter().copied()),
        }
        qubits
    }

    /// The angle, for the kinds that have one.
    pub fn angle(&self) -> Option<Angle> {
        match &self.kind {
            PrimitiveKind::Phase(angle) | PrimitiveKind::Rotation(angle, _) => Some(*angle),
            PrimitiveKind::Unitary(..) => None,
        }
    }

    /// The dense matrix on [`Primitive::qubits`], the first least significant, at these parameter values.
    pub fn matrix(&self, parameters: &[f64]) -> Matrix {
        let target = match &self.kind {
            PrimitiveKind::Phase(angle) => Matrix::from_slice(&[Complex64::cis(angle.value(parameters))]),
            PrimitiveKind::Rotation(angle, targets) => {
                let half = angle.value(parameters) / 2.0;
                let mut product = Matrix::identity(0);
                for (_, pauli) in targets {
                    product = pauli.matrix().kronecker(&product);
                }
                let identity = Matrix::identity(targets.len());
                identity.scaled(half.cos().into()).plus(&product.scaled(Complex64::new(0.0, -half.sin())))
            }
            PrimitiveKind::Unitary(matrix, _) => matrix.clone(),
        };
        target.controlled(self.controls.len())
    }
}
