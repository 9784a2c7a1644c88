//! Energies of several copies of a state measured together.

use num_complex::Complex64;
use qloom_circuits::{PauliString, PauliSum};
use qloom_sim::PauliVector;

use crate::error::EstimateError;
use crate::readout::Readout;
use crate::settings::ShotNoise;

/// `Tr(H rho^M)/Tr(rho^M)`: the value that M copies of a state give by virtual distillation.
///
/// Noise that mixes the state is suppressed with the power M. Costs `4^n` a term and `8^n` a copy from the third on. Source: Huggins et
/// al., Virtual Distillation for Quantum Error Mitigation, Phys. Rev. X 11, 041036 (2021), arXiv:2011.07064, equation (1).
///
/// ```
/// use qloom_circuits::{Channel, Circuit, Operation, PauliSum};
/// use qloom_estimate::virtual_distillation;
/// use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.push(Operation::Channel { channel: Channel::depolarizing(0.2, 1)?, qubits: [0].into_iter().collect() })?;
/// let mut state = PauliVector::zero(1, SimulatorConfig::default())?;
/// state.run(&PauliProgram::new(&circuit)?, &[])?;
/// // rho = (1 + 0.8 Z)/2: Tr(Z rho^2) = 0.8, Tr(rho^2) = 0.82
/// assert!((virtual_distillation(&state, &PauliSum::z(0, 1), 2)? - 0.8 / 0.82).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the observable is on another number of qubits, there are more than 10, or fewer than 2 copies or more than 4.
pub fn virtual_distillation(state: &PauliVector, observable: &PauliSum, copies: u32) -> Result<f64, EstimateError> {
    let (expected, given) = (state.num_qubits(), observable.num_qubits());
    if given != expected {
        return Err(EstimateError::SizeMismatch { what: "qubits of an observable", expected, given });
    }
    if given > MAX_QUBITS {
        return Err(EstimateError::TooMany { what: "qubits to be distilled", given, limit: MAX_QUBITS });
    }
    if !(2..=4).contains(&copies) {
        return Err(EstimateError::OutOfRange { what: "the number of copies", value: copies.into(), range: "2 to 4" });
    }
    let traces = Distiller::new(observable, copies, &Readout::default(), ShotNoise::None).traces(state.values());
    Ok(traces.numerator / traces.denominator)
}

/// The most qubits whose density matrices are multiplied.
const MAX_QUBITS: usize = 10;

/// Computes `Tr(H rho^M)` and `Tr(rho^M)` from the Pauli coefficients of rho.
#[derive(Debug, Clone)]
pub(crate) struct Distiller {
    num_qubits: usize,
    copies: u32,
    terms: Vec<(PauliString, f64)>,
    /// Rows of the observable's matrix, where products with it are cheaper than its terms one by one.
    observable: Option<Vec<Complex64>>,
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
pub(crate) struct Traces {
    pub(crate) numerator: f64,
    pub(crate) denominator: f64,
    /// Of the numerator and of the denominator.
    pub(crate) deviations: [f64; 2],
}

impl Distiller {
    pub(crate) fn new(sum: &PauliSum, copies: u32, readout: &Readout, model: ShotNoise) -> Self {
        let num_qubits = sum.num_qubits();
        let size = 1usize << (2 * num_qubits);
        let spread = (sum.terms().iter())
            .filter(|(string, _)| string.support().next().is_some())
            // The products of outcomes of copies have a variance of at most 1.
            .map(|(_, c)| model.variance(*c, || 0.0) * c * c)
            .sum();
        let zeros = vec![Complex64::ZERO; size];
        Self {
            num_qubits,
            copies,
            terms: sum.terms().to_vec(),
            observable: (sum.terms().len() >= 1 << num_qubits).then(|| sum.matrix().entries().to_vec()),
            spread,
            amplification: readout.amplification(0..num_qubits).powi(copies as i32),
            model,
            rho: zeros.clone(),
            power: zeros.clone(),
            product: zeros,
        }
    }

    pub(crate) fn copies(&self) -> usize {
        self.copies as usize
    }

    pub(crate) fn traces(&mut self, state: &[f64]) -> Traces {
        density(state, self.num_qubits, &mut self.rho);
        self.power.copy_from_slice(&self.rho);
        // One factor of the last power is left to the traces: Tr(A B) needs no product.
        for _ in 2..self.copies {
            multiply(&self.power, &self.rho, self.num_qubits, &mut self.product);
            std::mem::swap(&mut self.power, &mut self.product);
        }
        let denominator = trace(&self.power, &self.rho, self.num_qubits);
        let numerator = match &self.observable {
            Some(observable) => {
                multiply(&self.power, &self.rho, self.num_qubits, &mut self.product);
                trace(&self.product, observable, self.num_qubits)
            }
            None => self.terms.iter().map(|&(string, c)| c * trace_with(&self.power, &self.rho, string, self.num_qubits)).sum(),
        };
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
    pub(crate) fn covector(&mut self, numerator: f64, denominator: f64) -> Vec<f64> {
        let size = 1usize << self.num_qubits;
        let observable = self.observable.get_or_insert_with(|| {
            PauliSum::new(self.num_qubits, self.terms.iter().copied()).expect("it was a sum").matrix().entries().to_vec()
        });
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
            multiply(&powers[left], observable, self.num_qubits, &mut half);
            multiply(&half, &powers[last - left], self.num_qubits, &mut whole);
            sum.iter_mut().zip(&whole).for_each(|(sum, v)| *sum += v * numerator);
        }
        coefficients(&sum, self.num_qubits)
    }
}

/// `Tr(A B P)` of Hermitian matrices whose product with P has a real trace, one column of P at a time.
fn trace_with(a: &[Complex64], b: &[Complex64], string: PauliString, num_qubits: usize) -> f64 {
    let size = 1usize << num_qubits;
    let (x, z) = (string.x_mask() as usize, string.z_mask() as usize);
    let phase = Complex64::I.powu(string.count_y());
    let mut sum = Complex64::ZERO;
    for (row, a_row) in a.chunks_exact(size).enumerate() {
        // (A B P)_{row,row} = sum over k of A_{row,k} B_{k,row^x} P_{row^x,row}
        let column = row ^ x;
        let sign = if (row & z).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        let inner: Complex64 = a_row.iter().zip(&b[column * size..]).map(|(a, b)| a * b.conj()).sum();
        sum += inner * sign;
    }
    (sum * phase).re
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
