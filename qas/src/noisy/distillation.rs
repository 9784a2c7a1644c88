//! Energies of several copies of a state measured together.

use num_complex::Complex64;
use qloom_circuits::PauliSum;
use qloom_estimate::{GaussianShotNoise, Readout};

use super::config::ShotNoise;

/// Computes `Tr(H rho^M)` and `Tr(rho^M)` from the Pauli coefficients of rho.
#[derive(Debug, Clone)]
pub(super) struct Distiller {
    num_qubits: usize,
    copies: u32,
    /// Rows of the observable's matrix.
    observable: Vec<Complex64>,
    /// Sum of the squares of the coefficients times their variance for one run a term.
    spread: f64,
    /// What inverting the read-outs of all copies multiplies random errors by.
    amplification: f64,
    model: ShotNoise,
    rho: Vec<Complex64>,
    power: Vec<Complex64>,
    product: Vec<Complex64>,
}

/// Both traces, and the standard deviation of each for one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traces {
    pub(super) numerator: f64,
    pub(super) denominator: f64,
    /// Of the numerator and of the denominator.
    pub(super) deviations: [f64; 2],
}

impl Distiller {
    pub(super) fn new(sum: &PauliSum, copies: u32, readout: &Readout, model: ShotNoise) -> Self {
        let num_qubits = sum.num_qubits();
        let size = 1usize << (2 * num_qubits);
        let spread = (sum.terms().iter())
            .filter(|(string, _)| string.support().next().is_some())
            .map(|(_, c)| match model {
                ShotNoise::None => 0.0,
                ShotNoise::PublishedCpu => GaussianShotNoise::Weighted.variance(*c) * c * c,
                // The products of outcomes of copies have a variance of at most 1.
                ShotNoise::PublishedGpu | ShotNoise::TermVariance => c * c,
            })
            .sum();
        let zeros = vec![Complex64::ZERO; size];
        Self {
            num_qubits,
            copies,
            observable: sum.matrix().entries().to_vec(),
            spread,
            amplification: readout.amplification(0..num_qubits).powi(copies as i32),
            model,
            rho: zeros.clone(),
            power: zeros.clone(),
            product: zeros,
        }
    }

    pub(super) fn copies(&self) -> usize {
        self.copies as usize
    }

    pub(super) fn traces(&mut self, state: &[f64]) -> Traces {
        density(state, self.num_qubits, &mut self.rho);
        self.power.copy_from_slice(&self.rho);
        // One factor of the last power is left to the traces: Tr(A B) needs no product.
        for _ in 2..self.copies {
            multiply(&self.power, &self.rho, self.num_qubits, &mut self.product);
            std::mem::swap(&mut self.power, &mut self.product);
        }
        let denominator = trace(&self.power, &self.rho, self.num_qubits);
        multiply(&self.power, &self.rho, self.num_qubits, &mut self.product);
        let numerator = trace(&self.product, &self.observable, self.num_qubits);
        let one = match self.model {
            ShotNoise::None => 0.0,
            ShotNoise::PublishedGpu | ShotNoise::PublishedCpu => 1.0,
            ShotNoise::TermVariance => (1.0 - denominator * denominator).max(0.0),
        };
        let deviations = [self.spread.sqrt() * self.amplification, one.sqrt() * self.amplification];
        Traces { numerator, denominator, deviations }
    }

    /// The derivatives of numerator and denominator with respect to the Pauli coefficients of the state that
    /// [`traces`](Self::traces) saw last, the first times `numerator` and the second times `denominator`, added up.
    pub(super) fn covector(&self, numerator: f64, denominator: f64) -> Vec<f64> {
        let size = 1usize << self.num_qubits;
        let mut powers = vec![identity(size)];
        for _ in 1..self.copies {
            let mut next = vec![Complex64::ZERO; size * size];
            multiply(powers.last().expect("there is the identity"), &self.rho, self.num_qubits, &mut next);
            powers.push(next);
        }
        let (mut half, mut whole) = (vec![Complex64::ZERO; size * size], vec![Complex64::ZERO; size * size]);
        let last = powers.len() - 1;
        let mut sum: Vec<Complex64> = powers[last].iter().map(|v| v * (denominator * f64::from(self.copies))).collect();
        for left in 0..=last {
            multiply(&powers[left], &self.observable, self.num_qubits, &mut half);
            multiply(&half, &powers[last - left], self.num_qubits, &mut whole);
            sum.iter_mut().zip(&whole).for_each(|(sum, v)| *sum += v * numerator);
        }
        coefficients(&sum, self.num_qubits)
    }
}

fn identity(size: usize) -> Vec<Complex64> {
    (0..size * size).map(|at| if at / size == at % size { Complex64::ONE } else { Complex64::ZERO }).collect()
}

/// `Tr(G P) / 2^n` of a Hermitian matrix for every Pauli P, by index.
fn coefficients(matrix: &[Complex64], num_qubits: usize) -> Vec<f64> {
    let size = 1usize << num_qubits;
    let mut work: Vec<Complex64> = (0..size * size)
        .map(|index| {
            let (mut row, mut column) = (0, 0);
            for qubit in 0..num_qubits {
                row |= (index >> (2 * qubit) & 1) << qubit;
                column |= (index >> (2 * qubit + 1) & 1) << qubit;
            }
            matrix[row * size + column]
        })
        .collect();
    for qubit in 0..num_qubits {
        let stride = 1usize << (2 * qubit);
        for block in work.chunks_exact_mut(4 * stride) {
            for at in 0..stride {
                // <0|G|0>, <1|G|0>, <0|G|1>, <1|G|1>
                let [zero, lower, upper, one] = [0, 1, 2, 3].map(|digit| block[at + digit * stride]);
                let letters = [zero + one, upper + lower, Complex64::I * (upper - lower), zero - one];
                letters.into_iter().enumerate().for_each(|(digit, v)| block[at + digit * stride] = v);
            }
        }
    }
    work.into_iter().map(|v| v.re / size as f64).collect()
}

/// The density matrix of Pauli coefficients `Tr(P rho)`, by rows; row and column index bit q is qubit q.
fn density(state: &[f64], num_qubits: usize, rho: &mut [Complex64]) {
    // Qubit by qubit, base-4 digit I X Y Z becomes the digit row + 2 column of the entry.
    let scale = 1.0 / (1u64 << num_qubits) as f64;
    let mut work: Vec<Complex64> = state.iter().map(|v| Complex64::new(v * scale, 0.0)).collect();
    for qubit in 0..num_qubits {
        let stride = 1usize << (2 * qubit);
        for block in work.chunks_exact_mut(4 * stride) {
            for at in 0..stride {
                let [i, x, y, z] = [0, 1, 2, 3].map(|digit| block[at + digit * stride]);
                let iy = Complex64::I * y;
                // <0|rho|0>, <1|rho|0>, <0|rho|1>, <1|rho|1>
                [i + z, x + iy, x - iy, i - z].into_iter().enumerate().for_each(|(digit, v)| block[at + digit * stride] = v);
            }
        }
    }
    let size = 1usize << num_qubits;
    for (index, value) in work.into_iter().enumerate() {
        let (mut row, mut column) = (0, 0);
        for qubit in 0..num_qubits {
            row |= (index >> (2 * qubit) & 1) << qubit;
            column |= (index >> (2 * qubit + 1) & 1) << qubit;
        }
        rho[row * size + column] = value;
    }
}

fn multiply(a: &[Complex64], b: &[Complex64], num_qubits: usize, product: &mut [Complex64]) {
    let size = 1usize << num_qubits;
    for (row, out) in product.chunks_exact_mut(size).enumerate() {
        out.fill(Complex64::ZERO);
        for k in 0..size {
            let factor = a[row * size + k];
            out.iter_mut().zip(&b[k * size..]).for_each(|(out, b)| *out += factor * b);
        }
    }
}

/// `Tr(A B)` of Hermitian matrices: the sum of `A_ij conj(B_ij)`.
fn trace(a: &[Complex64], b: &[Complex64], num_qubits: usize) -> f64 {
    let size = 1usize << num_qubits;
    (0..size * size).map(|index| (a[index] * b[index].conj()).re).sum()
}

#[cfg(test)]
mod tests;
