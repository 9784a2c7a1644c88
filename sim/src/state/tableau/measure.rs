//! Measurements of stabilizer states: outcomes are certain, or fair coins.

use qloom_circuits::{Pauli, Stream};

use super::Tableau;
use crate::counts::Counts;
use crate::error::SimError;
use crate::record::Record;
use crate::state::check_qubits;

/// The most qubits whose joint probabilities are listed.
const LISTED: usize = 24;

/// The outcomes of measuring some qubits that are possible, all alike: one of them, and what the others differ from it by.
struct Support {
    first: Vec<u64>,
    /// Independent; bit `k` is the `k`-th qubit.
    differences: Vec<Vec<u64>>,
}

impl Tableau {
    /// Keeps the part of the state where a qubit has this value, and normalises it.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value.
    pub fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        check_qubits(&[qubit], self.num_qubits)?;
        let (half, column) = (self.half, self.column(qubit));
        let random = self.x[column.clone()][half..].iter().position(|&word| word != 0);
        let Some(place) = random else {
            let negative = self.expected(&[(qubit, [false, true])]) < 0.0;
            if negative != outcome {
                return Err(SimError::NotNormalised { norm: 0.0 });
            }
            return Ok(());
        };
        let (word, bit) = (half + place, self.x[column.clone()][half + place].trailing_zeros());
        let set = |plane: &[u64], at: usize| plane[at] >> bit & 1 == 1;
        // the stabilizer that does not commute with the measurement
        let chosen: Vec<(usize, [bool; 2])> = (0..self.num_qubits)
            .map(|other| (other, [set(&self.x, 2 * half * other + word), set(&self.z, 2 * half * other + word)]))
            .filter(|(_, letter)| *letter != [false, false])
            .collect();
        let negative = set(&self.sign, word);
        let mut rows = self.x[column].to_vec();
        rows[word] &= !(1 << bit);
        self.multiply(&rows, &chosen, if negative { 2 } else { 0 });
        // it becomes the destabilizer of what was measured
        for other in 0..self.num_qubits {
            let start = 2 * half * other;
            for plane in [&mut self.x, &mut self.z] {
                let value = plane[start + word] >> bit & 1;
                put(&mut plane[start + place], bit, value == 1);
                put(&mut plane[start + word], bit, false);
            }
        }
        put(&mut self.sign[place], bit, negative);
        put(&mut self.z[2 * half * qubit + word], bit, true);
        put(&mut self.sign[word], bit, outcome);
        Ok(())
    }

    /// A Pauli gate on a qubit.
    pub(crate) fn multiply_by(&mut self, pauli: Pauli, qubit: usize) {
        let column = self.column(qubit);
        if matches!(pauli, Pauli::X | Pauli::Y) {
            self.sign.iter_mut().zip(&self.z[column.clone()]).for_each(|(sign, z)| *sign ^= z);
        }
        if matches!(pauli, Pauli::Y | Pauli::Z) {
            self.sign.iter_mut().zip(&self.x[column]).for_each(|(sign, x)| *sign ^= x);
        }
    }

    /// Whether two tableaus are one state: all that stabilizes one stabilizes the other. Costs `n` values.
    pub fn equals(&self, other: &Self) -> bool {
        self.num_qubits == other.num_qubits
            && other.stabilizers().all(|(negative, letters)| {
                let letters: Vec<(usize, [bool; 2])> = letters.into_iter().enumerate().collect();
                self.expected(&letters) == if negative { -1.0 } else { 1.0 }
            })
    }

    /// Probability of each outcome of measuring these qubits, at most 24; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated, or there are too many.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        check_qubits(qubits, self.num_qubits)?;
        if qubits.len() > LISTED {
            return Err(SimError::TooManyQubits { what: "a list of joint probabilities", given: qubits.len(), limit: LISTED });
        }
        if let [qubit] = *qubits {
            let one = (1.0 - self.expected(&[(qubit, [false, true])])) / 2.0;
            return Ok(vec![1.0 - one, one]);
        }
        let mut probabilities = vec![0.0; 1 << qubits.len()];
        if qubits.is_empty() {
            return Ok(vec![1.0]);
        }
        let Support { first, differences } = self.support(qubits);
        let each = 0.5f64.powi(differences.len() as i32);
        for choice in 0..1usize << differences.len() {
            let chosen = differences.iter().enumerate().filter(|(k, _)| choice >> k & 1 == 1);
            let outcome = chosen.fold(first[0], |outcome, (_, difference)| outcome ^ difference[0]);
            probabilities[outcome as usize] = each;
        }
        Ok(probabilities)
    }

    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`. A shot costs `n/64` words for every
    /// qubit whose outcome is free.
    pub fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
        let mut counts = Counts::new(self.num_qubits);
        if self.num_qubits == 0 {
            counts.add(Record::default(), shots);
            return counts;
        }
        let Support { first, differences } = self.support(&(0..self.num_qubits).collect::<Vec<usize>>());
        for _ in 0..shots {
            let mut outcome = first.clone();
            for coins in differences.chunks(64) {
                let word = stream.word();
                for (_, difference) in coins.iter().enumerate().filter(|(k, _)| word >> k & 1 == 1) {
                    outcome.iter_mut().zip(difference).for_each(|(outcome, difference)| *outcome ^= difference);
                }
            }
            counts.add(Record::from_words(&outcome), 1);
        }
        counts
    }

    /// Stabilizers take one possible outcome to another by their letters X and Y, and so from any to all.
    fn support(&self, qubits: &[usize]) -> Support {
        let mut state = self.clone();
        let mut first = vec![0u64; qubits.len().div_ceil(64)];
        for (place, &qubit) in qubits.iter().enumerate() {
            let outcome = state.expected(&[(qubit, [false, true])]) < 0.0;
            first[place / 64] |= u64::from(outcome) << (place % 64);
            state.project(qubit, outcome).expect("a possible outcome");
        }
        let row = |row: usize| {
            let mut bits = vec![0u64; first.len()];
            for (place, &qubit) in qubits.iter().enumerate() {
                let x = self.x[2 * self.half * qubit + self.half + row / 64] >> (row % 64) & 1;
                bits[place / 64] |= x << (place % 64);
            }
            bits
        };
        let mut differences: Vec<Vec<u64>> = Vec::new();
        let mut leading: Vec<usize> = Vec::new();
        for mut bits in (0..self.num_qubits).map(row) {
            for (difference, &lead) in differences.iter().zip(&leading) {
                if bits[lead / 64] >> (lead % 64) & 1 == 1 {
                    bits.iter_mut().zip(difference).for_each(|(bits, difference)| *bits ^= difference);
                }
            }
            if let Some(word) = bits.iter().position(|&word| word != 0) {
                leading.push(64 * word + bits[word].trailing_zeros() as usize);
                differences.push(bits);
            }
        }
        Support { first, differences }
    }
}

fn put(word: &mut u64, bit: u32, value: bool) {
    *word = *word & !(1 << bit) | u64::from(value) << bit;
}
