//! Observables compiled for simulation: terms grouped by X mask.

use std::ops::Range;

use qloom_circuits::{PauliString, PauliSum};

/// A Pauli sum compiled once: one group of terms for every X mask.
///
/// With `i^y` the phase of a string with `y` letters Y, a group adds `(A - i B)(i) psi[i ^ x]` to the product with
/// a state; `A` is made of the terms with even `y`, `B` of those with odd `y`.
#[derive(Clone, Debug)]
pub struct Observable {
    num_qubits: usize,
    pub(crate) groups: Vec<Group>,
    /// Z mask and coefficient, sign of `(-i)^y` included.
    pub(crate) terms: Vec<(u64, f64)>,
}

/// The terms with one X mask.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) x: u64,
    pub(crate) even: Range<usize>,
    pub(crate) odd: Range<usize>,
}

impl Observable {
    /// Compiles the sum. Costs its number of terms.
    pub fn new(sum: &PauliSum) -> Self {
        let mut observable = Self { num_qubits: sum.num_qubits(), groups: Vec::new(), terms: Vec::new() };
        let same_x =
            |a: &(qloom_circuits::PauliString, f64), b: &(qloom_circuits::PauliString, f64)| a.0.x_mask() == b.0.x_mask();
        for group in sum.terms().chunk_by(same_x) {
            let start = observable.terms.len();
            let mut middle = start;
            for parity in [0, 1] {
                for (string, coefficient) in group.iter().filter(|(string, _)| string.count_y() % 2 == parity) {
                    let sign = if string.count_y() % 4 < 2 { 1.0 } else { -1.0 };
                    observable.terms.push((string.z_mask(), sign * coefficient));
                }
                if parity == 0 {
                    middle = observable.terms.len();
                }
            }
            let end = observable.terms.len();
            observable.groups.push(Group { x: group[0].0.x_mask(), even: start..middle, odd: middle..end });
        }
        observable
    }

    /// Its Pauli strings and their coefficients.
    pub(crate) fn strings(&self) -> impl Iterator<Item = (PauliString, f64)> + '_ {
        self.groups.iter().flat_map(|group| {
            self.terms[group.even.start..group.odd.end].iter().map(|&(z, signed)| {
                let string = PauliString::from_masks(group.x, z);
                (string, if string.count_y() % 4 < 2 { signed } else { -signed })
            })
        })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of groups, and so of passes over a state.
    pub fn num_groups(&self) -> usize {
        self.groups.len()
    }
}

impl From<&PauliSum> for Observable {
    fn from(sum: &PauliSum) -> Self {
        Self::new(sum)
    }
}
