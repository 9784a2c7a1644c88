//! What is read off matrix product states.

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliString, Stream};

use super::{MatrixProduct, Site};
use crate::counts::Counts;
use crate::error::SimError;
use crate::observable::Observable;
use crate::record::Record;
use crate::state::check_qubits;

/// The most qubits whose joint probabilities are listed.
const LISTED: usize = 20;

/// What stands beside a site: a matrix `[bra][ket]`.
type Bond = Vec<Complex64>;

/// What each site sees left and right of it where nothing is measured there.
struct Surroundings {
    lefts: Vec<Bond>,
    rights: Vec<Bond>,
}

impl MatrixProduct {
    fn surroundings(&self) -> Surroundings {
        let mut lefts = vec![vec![Complex64::ONE]];
        for site in &self.sites {
            lefts.push(site.widened(&lefts[lefts.len() - 1], Pauli::I));
        }
        let mut rights = vec![vec![Complex64::ONE]];
        for site in self.sites.iter().rev() {
            rights.push(site.narrowed(&rights[rights.len() - 1]));
        }
        rights.reverse();
        Surroundings { lefts, rights }
    }

    /// `Tr(P rho)` of one string.
    fn value(&self, string: PauliString, beside: &Surroundings) -> f64 {
        let mut letters: Vec<(usize, Pauli)> = string.support().map(|qubit| (self.place[qubit], string.letter(qubit))).collect();
        letters.sort_unstable_by_key(|(site, _)| *site);
        let Some(&(first, _)) = letters.first() else { return 1.0 };
        let mut bond = beside.lefts[first].clone();
        let mut next = first;
        for (site, letter) in letters {
            (next..site).for_each(|other| bond = self.sites[other].widened(&bond, Pauli::I));
            bond = self.sites[site].widened(&bond, letter);
            next = site + 1;
        }
        bond.iter().zip(&beside.rights[next]).map(|(a, b)| (a * b).re).sum()
    }

    /// `Tr(P rho)` of one Pauli string.
    ///
    /// # Errors
    /// When the string acts outside the register.
    pub fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
        if let Some(qubit) = string.support().find(|&qubit| qubit >= self.num_qubits()) {
            return Err(SimError::QubitOutOfRange { qubit, num_qubits: self.num_qubits() });
        }
        Ok(self.value(string, &self.surroundings()))
    }

    /// `Tr(H rho)`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        if observable.num_qubits() != self.num_qubits() {
            let (expected, given) = (self.num_qubits(), observable.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of the observable", expected, given });
        }
        let beside = self.surroundings();
        Ok(observable.strings().map(|(string, coefficient)| coefficient * self.value(string, &beside)).sum())
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        let beside = self.surroundings();
        let one = |&site: &usize| {
            let bond = self.sites[site].widened(&beside.lefts[site], Pauli::Z);
            bond.iter().zip(&beside.rights[site + 1]).map(|(a, b)| (a * b).re).sum()
        };
        self.place.iter().map(one).collect()
    }

    /// Probability of each outcome of measuring these qubits, at most 20; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated, or there are too many.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        check_qubits(qubits, self.num_qubits())?;
        if qubits.len() > LISTED {
            return Err(SimError::TooManyQubits { what: "a list of joint probabilities", given: qubits.len(), limit: LISTED });
        }
        let beside = self.surroundings();
        let mut order: Vec<(usize, usize)> = qubits.iter().enumerate().map(|(bit, &qubit)| (self.place[qubit], bit)).collect();
        order.sort_unstable();
        let mut probabilities = vec![0.0; 1 << qubits.len()];
        let first = order.first().map_or(0, |(site, _)| *site);
        self.follow(&order, first, &beside.lefts[first], 0, &beside, &mut probabilities);
        Ok(probabilities)
    }

    /// Fills in the probabilities of all outcomes that begin with what led to this bond.
    fn follow(
        &self,
        order: &[(usize, usize)],
        next: usize,
        bond: &Bond,
        outcome: usize,
        beside: &Surroundings,
        probabilities: &mut [f64],
    ) {
        let Some((&(site, bit), rest)) = order.split_first() else {
            let p: f64 = bond.iter().zip(&beside.rights[next]).map(|(a, b)| (a * b).re).sum();
            probabilities[outcome] = p.max(0.0);
            return;
        };
        let mut reached = bond.clone();
        (next..site).for_each(|other| reached = self.sites[other].widened(&reached, Pauli::I));
        for value in 0..2 {
            let projected = self.sites[site].projected(&reached, value);
            self.follow(rest, site + 1, &projected, outcome | value << bit, beside, probabilities);
        }
    }

    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`. A shot costs `n b^2`.
    pub fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
        let mut counts = Counts::new(self.num_qubits());
        if self.num_qubits() == 0 {
            counts.add(Record::default(), shots);
            return counts;
        }
        let mut state = self.clone();
        // to the right of the first site nothing has to be known
        state.move_center(0);
        for _ in 0..shots {
            let mut vector = vec![Complex64::ONE];
            let mut bits = vec![false; state.sites.len()];
            for (site, bit) in state.sites.iter().zip(&mut bits) {
                let [zero, one] = [0, 1].map(|value| site.passed(&vector, value));
                let weight = |vector: &[Complex64]| vector.iter().map(Complex64::norm_sqr).sum::<f64>();
                let (p, q) = (weight(&zero), weight(&one));
                *bit = stream.unit() * (p + q) >= p;
                let (chosen, weight) = if *bit { (one, q) } else { (zero, p) };
                vector = chosen.into_iter().map(|entry| entry / weight.sqrt()).collect();
            }
            let mut record = Record::default();
            state.place.iter().enumerate().for_each(|(qubit, &site)| record.set(qubit, bits[site]));
            counts.add(record, 1);
        }
        counts
    }
}

impl Site {
    /// A bond taken over this site from left to right with a letter between bra and ket.
    fn widened(&self, bond: &Bond, letter: Pauli) -> Bond {
        let entry = |value: usize| -> (usize, Complex64) {
            // the bit of the bra, and the factor
            match letter {
                Pauli::I => (value, Complex64::ONE),
                Pauli::X => (1 - value, Complex64::ONE),
                Pauli::Y => (1 - value, if value == 0 { Complex64::I } else { -Complex64::I }),
                Pauli::Z => (value, if value == 0 { Complex64::ONE } else { -Complex64::ONE }),
            }
        };
        let mut wide = vec![Complex64::ZERO; self.right * self.right];
        for value in 0..2 {
            let (bra, factor) = entry(value);
            self.add(bond, bra, value, factor, &mut wide);
        }
        wide
    }

    /// A bond taken over this site with the bit fixed.
    fn projected(&self, bond: &Bond, value: usize) -> Bond {
        let mut wide = vec![Complex64::ZERO; self.right * self.right];
        self.add(bond, value, value, Complex64::ONE, &mut wide);
        wide
    }

    /// Adds `factor A[bra]+ bond A[ket]`.
    fn add(&self, bond: &Bond, bra: usize, ket: usize, factor: Complex64, wide: &mut Bond) {
        let mut half = vec![Complex64::ZERO; self.right];
        for (outer, row) in bond.chunks(self.left).enumerate() {
            half.fill(Complex64::ZERO);
            for (inner, weight) in row.iter().enumerate() {
                half.iter_mut().zip(self.at(inner, ket)).for_each(|(entry, other)| *entry += weight * other);
            }
            for (out, other) in wide.chunks_mut(self.right).zip(self.at(outer, bra)) {
                let weight = factor * other.conj();
                out.iter_mut().zip(&half).for_each(|(entry, half)| *entry += weight * half);
            }
        }
    }

    /// A bond taken over this site from right to left.
    fn narrowed(&self, bond: &Bond) -> Bond {
        let mut narrow = vec![Complex64::ZERO; self.left * self.left];
        for value in 0..2 {
            for ket in 0..self.left {
                // [bra on the right] of this ket
                let half: Vec<Complex64> =
                    bond.chunks(self.right).map(|row| row.iter().zip(self.at(ket, value)).map(|(a, b)| a * b).sum()).collect();
                for bra in 0..self.left {
                    narrow[bra * self.left + ket] +=
                        self.at(bra, value).iter().zip(&half).map(|(a, b)| a.conj() * b).sum::<Complex64>();
                }
            }
        }
        narrow
    }

    /// A row vector times the matrix of a bit.
    fn passed(&self, vector: &[Complex64], value: usize) -> Vec<Complex64> {
        let mut next = vec![Complex64::ZERO; self.right];
        for (left, factor) in vector.iter().enumerate() {
            next.iter_mut().zip(self.at(left, value)).for_each(|(entry, other)| *entry += factor * other);
        }
        next
    }
}
