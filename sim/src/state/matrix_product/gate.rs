//! Gates on matrix product states.

use num_complex::Complex64;
use qloom_circuits::{Circuit, Operation, Primitive, Qubits, synthesis};

use super::factor::{self, Columns};
use super::{MatrixProduct, Site};
use crate::error::SimError;
use crate::state::check_gate;

/// Gates on up to so many qubits are done at once.
const AT_ONCE: usize = 4;

/// A circuit compiled for [`MatrixProduct`]s: primitives on up to four qubits.
#[derive(Clone, Debug)]
pub struct MatrixProductProgram {
    num_qubits: usize,
    num_parameters: usize,
    primitives: Vec<Primitive>,
}

impl MatrixProductProgram {
    /// Compiles a circuit of gates; those on more than four qubits become smaller ones.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] for channels, measurements, resets and conditions.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        let mut primitives = Vec::new();
        for operation in circuit.operations() {
            check_gate(operation, "a matrix product state")?;
            if matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
                continue;
            }
            for primitive in operation.primitives()? {
                if primitive.qubits().len() <= AT_ONCE {
                    primitives.push(primitive);
                    continue;
                }
                for part in synthesis::primitive(&primitive, circuit.num_qubits()) {
                    primitives.extend(part.primitives()?);
                }
            }
        }
        if primitives.iter().any(|primitive| primitive.qubits().len() > AT_ONCE) {
            return Err(SimError::Unsupported {
                simulation: "a matrix product state",
                operation: "a gate that is not made of gates on four qubits",
                remedy: "write it as gates on fewer qubits",
            });
        }
        Ok(Self { num_qubits: circuit.num_qubits(), num_parameters: circuit.num_parameters(), primitives })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }
}

impl MatrixProduct {
    /// Applies a program at these parameter values.
    ///
    /// # Errors
    /// When sizes do not fit or a value is not finite.
    pub fn apply(&mut self, program: &MatrixProductProgram, parameters: &[f64], _: &mut ()) -> Result<(), SimError> {
        let wrong = |what, expected, given| Err(SimError::SizeMismatch { what, expected, given });
        if program.num_qubits != self.num_qubits() {
            return wrong("qubits of the program", self.num_qubits(), program.num_qubits);
        }
        if parameters.len() != program.num_parameters {
            return wrong("parameters", program.num_parameters, parameters.len());
        }
        if let Some(&value) = parameters.iter().find(|value| !value.is_finite()) {
            return Err(SimError::NotFinite { what: "a parameter", value });
        }
        for primitive in &program.primitives {
            let matrix = primitive.matrix(parameters);
            self.gate(matrix.entries(), &primitive.qubits());
        }
        Ok(())
    }

    /// Applies a dense matrix to some qubits, the first the least significant.
    fn gate(&mut self, matrix: &[Complex64], qubits: &Qubits) {
        if qubits.is_empty() {
            // a global phase
            if let Some(site) = self.sites.get_mut(self.center) {
                site.entries.iter_mut().for_each(|entry| *entry *= matrix[0]);
            }
            return;
        }
        let first = self.gather(qubits);
        let count = qubits.len();
        self.move_center(first);
        let (left, right) = (self.sites[first].left, self.sites[first + count - 1].right);
        let mut theta = self.joined(first, count);
        // index bits of the gate are those of the window in another order
        let spread = |index: usize| -> usize {
            qubits.iter().enumerate().map(|(bit, &qubit)| (index >> bit & 1) << (self.place[qubit] - first)).sum()
        };
        let size = 1 << count;
        let places: Vec<usize> = (0..size).map(spread).collect();
        let mut before = vec![Complex64::ZERO; size];
        for l in 0..left {
            for r in 0..right {
                let at = |index: usize| (l * size + index) * right + r;
                before.iter_mut().zip(&places).for_each(|(entry, &place)| *entry = theta[at(place)]);
                for (row, &place) in places.iter().enumerate() {
                    theta[at(place)] = matrix[row * size..][..size].iter().zip(&before).map(|(a, b)| a * b).sum();
                }
            }
        }
        self.split(theta, first, count);
    }

    /// Brings qubits side by side; the first site of theirs.
    fn gather(&mut self, qubits: &Qubits) -> usize {
        let mut places: Vec<usize> = qubits.iter().map(|&qubit| self.place[qubit]).collect();
        places.sort_unstable();
        // towards the middle one, so that few pairs are exchanged
        let middle = places.len() / 2;
        for k in (0..middle).rev() {
            for place in places[k]..places[k + 1] - 1 {
                self.exchange(place);
            }
            places[k] = places[k + 1] - 1;
        }
        for k in middle + 1..places.len() {
            for place in (places[k - 1] + 1..places[k]).rev() {
                self.exchange(place);
            }
            places[k] = places[k - 1] + 1;
        }
        places[0]
    }

    /// Exchanges a site with the next.
    fn exchange(&mut self, site: usize) {
        let near = if self.center > site { site + 1 } else { site };
        self.move_center(near);
        let (left, right) = (self.sites[site].left, self.sites[site + 1].right);
        let theta = self.joined(site, 2);
        let mut exchanged = theta.clone();
        for l in 0..left {
            for index in 0..4 {
                let from = (l * 4 + index) * right;
                let to = (l * 4 + (index >> 1 | (index & 1) << 1)) * right;
                exchanged[to..to + right].copy_from_slice(&theta[from..from + right]);
            }
        }
        self.split(exchanged, site, 2);
        for place in &mut self.place {
            *place = match *place {
                place if place == site => site + 1,
                place if place == site + 1 => site,
                place => place,
            };
        }
    }

    /// Some sites as one tensor `[left][bits][right]`, the bit of the first the least significant.
    fn joined(&self, first: usize, count: usize) -> Vec<Complex64> {
        let mut theta = self.sites[first].entries.clone();
        let (left, mut size) = (self.sites[first].left, 2);
        for site in &self.sites[first + 1..first + count] {
            let mut next = vec![Complex64::ZERO; left * 2 * size * site.right];
            for l in 0..left {
                for index in 0..size {
                    let row = &theta[(l * size + index) * site.left..][..site.left];
                    for bit in 0..2 {
                        let out = &mut next[(l * 2 * size + (bit * size + index)) * site.right..][..site.right];
                        for (inner, factor) in row.iter().enumerate() {
                            out.iter_mut().zip(site.at(inner, bit)).for_each(|(entry, other)| *entry += factor * other);
                        }
                    }
                }
            }
            (theta, size) = (next, 2 * size);
        }
        theta
    }

    /// Puts a tensor of some sites, of which one is the centre, back; the last becomes the centre.
    fn split(&mut self, mut theta: Vec<Complex64>, first: usize, count: usize) {
        let right = self.sites[first + count - 1].right;
        let mut left = self.sites[first].left;
        for step in 0..count - 1 {
            let rest = 1 << (count - step - 1);
            // rows [left][bit], columns [other bits][right]
            let entry = |row: usize, column: usize| {
                let (l, bit, other, r) = (row / 2, row % 2, column / right, column % right);
                theta[(l * 2 * rest + (other << 1 | bit)) * right + r]
            };
            let columns: Columns =
                (0..rest * right).map(|column| (0..2 * left).map(|row| entry(row, column)).collect()).collect();
            let (u, values, v) = factor::singular(columns);
            let kept = self.keep(&values);
            let weight: f64 = values[..kept].iter().map(|value| value * value).sum::<f64>().sqrt();
            let total: f64 = values.iter().map(|value| value * value).sum::<f64>().sqrt();
            let scale = if weight > 0.0 { total / weight } else { 1.0 };
            let entries = (0..2 * left).flat_map(|row| u[..kept].iter().map(move |column| column[row])).collect();
            self.sites[first + step] = Site { left, right: kept, entries };
            theta = (0..kept)
                .flat_map(|k| {
                    let factor = values[k] * scale;
                    v[k].iter().map(move |entry| entry.conj() * factor)
                })
                .collect();
            left = kept;
        }
        self.sites[first + count - 1] = Site { left, right, entries: theta };
        self.center = first + count - 1;
    }

    /// How many singular values are kept; what is dropped is counted.
    fn keep(&mut self, values: &[f64]) -> usize {
        let total: f64 = values.iter().map(|value| value * value).sum();
        let real = values.iter().take_while(|value| **value > 1e-14 * values[0]).count().max(1);
        let kept = real.min(self.config.bond);
        let dropped: f64 = values[kept..real].iter().map(|value| value * value).sum();
        if dropped > 0.0 && total > 0.0 {
            // |psi - psi'/|psi'||^2 = 2 - 2 sqrt(1 - d)
            let share = (dropped / total).min(1.0);
            self.error += (2.0 * share / (1.0 + (1.0 - share).sqrt())).sqrt();
        }
        kept
    }

    /// Moves the centre, site by site.
    pub(super) fn move_center(&mut self, to: usize) {
        while self.center < to {
            let site = &self.sites[self.center];
            let columns: Columns = (0..site.right)
                .map(|right| (0..2 * site.left).map(|row| site.entries[row * site.right + right]).collect())
                .collect();
            let (basis, rows) = factor::orthonormal(columns);
            let (left, inner) = (site.left, basis.len());
            let entries = (0..2 * left).flat_map(|row| basis.iter().map(move |column| column[row])).collect();
            self.sites[self.center] = Site { left, right: inner, entries };
            self.center += 1;
            let next = &self.sites[self.center];
            let mut moved = vec![Complex64::ZERO; inner * 2 * next.right];
            for (out, row) in moved.chunks_mut(2 * next.right).zip(&rows) {
                for (entries, factor) in next.entries.chunks(2 * next.right).zip(row) {
                    out.iter_mut().zip(entries).for_each(|(entry, other)| *entry += factor * other);
                }
            }
            self.sites[self.center] = Site { left: inner, right: next.right, entries: moved };
        }
        while self.center > to {
            let site = &self.sites[self.center];
            // A = L Q with orthonormal rows of Q, by the columns of A+
            let columns: Columns =
                site.entries.chunks(2 * site.right).map(|row| row.iter().map(Complex64::conj).collect()).collect();
            let (basis, rows) = factor::orthonormal(columns);
            let (right, inner) = (site.right, basis.len());
            let entries = basis.iter().flat_map(|column| column.iter().map(Complex64::conj)).collect();
            self.sites[self.center] = Site { left: inner, right, entries };
            self.center -= 1;
            let next = &self.sites[self.center];
            let mut moved = vec![Complex64::ZERO; 2 * next.left * inner];
            for (out, entries) in moved.chunks_mut(inner).zip(next.entries.chunks(next.right)) {
                for (entry, row) in out.iter_mut().zip(&rows) {
                    *entry = entries.iter().zip(row).map(|(a, b)| a * b.conj()).sum();
                }
            }
            self.sites[self.center] = Site { left: next.left, right: inner, entries: moved };
        }
    }
}
