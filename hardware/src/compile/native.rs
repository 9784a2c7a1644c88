//! How machines make gates.

use std::f64::consts::{FRAC_PI_2, PI};

use super::exchange;
use qloom_circuits::Gate;
use qloom_circuits::Matrix;
use qloom_circuits::synthesis::weyl;
use qloom_circuits::synthesis::{near_zero, u3_angles};

/// Angles nearer to zero than this are left out.
pub(super) const NEGLIGIBLE: f64 = 1e-12;

/// How one-qubit gates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// `rz` and the square root of X, with X when the flag is set.
    ZSx(bool),
    /// `rz` and a quarter turn about X.
    ZRx,
    /// `rz` and one phased rotation.
    ZPrx,
    /// Two phased rotations.
    Prx,
    /// Three pulses with phases.
    Gpi,
    /// `u3` or `u`.
    U(Gate),
}

impl Basis {
    pub fn of(gates: &[Gate]) -> Option<Self> {
        let has = |list: &[Gate]| list.iter().all(|gate| gates.contains(gate));
        if has(&[Gate::Rz, Gate::Sx]) {
            Some(Basis::ZSx(has(&[Gate::X])))
        } else if has(&[Gate::Rz, Gate::Prx]) {
            Some(Basis::ZPrx)
        } else if has(&[Gate::Gpi, Gate::Gpi2]) {
            Some(Basis::Gpi)
        } else if let Some(gate) = [Gate::U3, Gate::U].into_iter().find(|gate| gates.contains(gate)) {
            Some(Basis::U(gate))
        } else if has(&[Gate::Rz, Gate::Rx]) {
            Some(Basis::ZRx)
        } else {
            has(&[Gate::Prx]).then_some(Basis::Prx)
        }
    }

    /// A one-qubit gate, up to a global phase, in order of application.
    pub fn make(self, matrix: &Matrix) -> Vec<(Gate, Vec<f64>)> {
        let (theta, phi, lambda, _) = u3_angles(matrix);
        let turn = |angle: f64| -> Vec<(Gate, Vec<f64>)> {
            let angle = near_zero(angle);
            if angle.abs() < NEGLIGIBLE { Vec::new() } else { vec![(Gate::Rz, vec![angle])] }
        };
        let none = theta.abs() < NEGLIGIBLE;
        let flip = (theta - PI).abs() < NEGLIGIBLE;
        let half = match self {
            Basis::ZRx => (Gate::Rx, vec![FRAC_PI_2]),
            Basis::ZSx(_) | Basis::ZPrx | Basis::Prx | Basis::Gpi | Basis::U(_) => (Gate::Sx, vec![]),
        };
        match self {
            Basis::ZSx(_) | Basis::ZRx if none => turn(phi + lambda),
            Basis::ZSx(true) if flip => [vec![(Gate::X, vec![])], turn(phi - lambda - PI)].concat(),
            Basis::ZSx(_) | Basis::ZRx if (theta - FRAC_PI_2).abs() < NEGLIGIBLE => {
                [turn(lambda - FRAC_PI_2), vec![half], turn(phi + FRAC_PI_2)].concat()
            }
            Basis::ZSx(_) | Basis::ZRx => {
                let half = vec![half];
                [turn(lambda), half.clone(), turn(theta + PI), half, turn(phi + PI)].concat()
            }
            Basis::ZPrx if none => turn(phi + lambda),
            Basis::ZPrx => [vec![(Gate::Prx, vec![theta, near_zero(FRAC_PI_2 - lambda)])], turn(phi + lambda)].concat(),
            Basis::Prx if none && near_zero(phi + lambda).abs() < NEGLIGIBLE => Vec::new(),
            // a rotation whose axis is in the plane
            Basis::Prx if near_zero(phi + lambda).abs() < NEGLIGIBLE => {
                vec![(Gate::Prx, vec![theta, near_zero(FRAC_PI_2 - lambda)])]
            }
            Basis::Prx => {
                let second = (Gate::Prx, vec![PI, near_zero((PI + phi - lambda) / 2.0)]);
                let first = (Gate::Prx, vec![PI - theta, near_zero(-FRAC_PI_2 - lambda)]);
                if flip { vec![second] } else { vec![first, second] }
            }
            Basis::Gpi if none => {
                let half = near_zero(phi + lambda) / 2.0;
                if half.abs() < NEGLIGIBLE { Vec::new() } else { vec![(Gate::Gpi, vec![0.0]), (Gate::Gpi, vec![half])] }
            }
            Basis::Gpi if flip => vec![(Gate::Gpi, vec![near_zero((phi - lambda - PI) / 2.0)])],
            Basis::Gpi => vec![
                (Gate::Gpi2, vec![near_zero(-lambda)]),
                (Gate::Gpi, vec![near_zero((phi - lambda - theta) / 2.0)]),
                (Gate::Gpi2, vec![phi]),
            ],
            Basis::U(_) if none && near_zero(phi + lambda).abs() < NEGLIGIBLE => Vec::new(),
            Basis::U(gate) => vec![(gate, vec![theta, phi, lambda])],
        }
    }
}

/// How two-qubit gates are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entangler {
    /// A gate that is a cx between one-qubit gates.
    Cx(Gate),
    /// A gate that is an Ising rotation between one-qubit gates; the position of its angle.
    Ising(Gate, usize),
    /// A gate that is an iswap between one-qubit gates.
    Exchange(Gate),
    /// A gate that is the square root of an iswap between one-qubit gates.
    Root(Gate),
}

impl Entangler {
    /// The ways that these gates give, Ising rotations first.
    pub fn all(gates: &[Gate]) -> Vec<Self> {
        let pairs = || gates.iter().copied().filter(|gate| gate.num_qubits() == 2);
        let ising = |gate: Gate| {
            (0..gate.num_parameters()).find(|&position| {
                let mut angles = vec![0.0; gate.num_parameters()];
                angles[position] = 0.6;
                let weyl = weyl::decompose(&gate.matrix(&angles));
                weyl.rotation_count() == 1 && (weyl.coordinates[0] - 0.3).abs() < 1e-9
            })
        };
        let angled = pairs().filter_map(|gate| ising(gate).map(|position| Entangler::Ising(gate, position)));
        let fixed = pairs().filter(|gate| gate.num_parameters() == 0).filter_map(|gate| {
            let coordinates = weyl::decompose(&gate.matrix(&[])).coordinates;
            let ways = [
                (weyl::cx_count(&coordinates), Entangler::Cx(gate)),
                (exchange::count(&coordinates), Entangler::Exchange(gate)),
                (exchange::root_count(&coordinates), Entangler::Root(gate)),
            ];
            ways.into_iter().find(|(count, _)| *count == 1).map(|(_, way)| way)
        });
        angled.chain(fixed).collect()
    }

    /// The native gate.
    pub fn gate(self) -> Gate {
        match self {
            Entangler::Cx(gate) | Entangler::Ising(gate, _) | Entangler::Exchange(gate) | Entangler::Root(gate) => gate,
        }
    }

    /// How many native gates make a block with these Weyl coordinates.
    pub fn count(self, coordinates: &[f64; 3]) -> usize {
        match self {
            Entangler::Cx(_) => weyl::cx_count(coordinates),
            Entangler::Ising(..) => weyl::rotation_count(coordinates),
            Entangler::Exchange(_) => exchange::count(coordinates),
            Entangler::Root(_) => exchange::root_count(coordinates),
        }
    }
}
