//! Kernel matrices as products of Pauli vectors, with their slopes.

use faer::{Mat, MatRef};
use qloom_circuits::library::FeatureMap;
use qloom_circuits::{Circuit, PauliString, PauliSum};
use qloom_sim::{BatchGradients, BatchParameters, PauliBatch, SimulatorConfig};

use super::{centred_alignment, with_slopes};
use crate::error::{LearnError, check};
use crate::examples::Examples;
use crate::kernel::angles_of;

/// The most qubits: a row has `4^n` numbers.
const MOST_QUBITS: usize = 8;

/// Pauli vectors of rows, and the kernel matrix as their products.
#[derive(Debug)]
pub struct KernelStates {
    batch: PauliBatch,
    dimension: f64,
}

impl KernelStates {
    /// States that a circuit makes, noise in it, open in the trained angles first and then in those of a row.
    ///
    /// # Errors
    /// For more than 8 qubits, and what the simulator refuses.
    pub fn new(circuit: &Circuit, config: SimulatorConfig) -> Result<Self, LearnError> {
        let qubits = circuit.num_qubits();
        check(
            "the number of qubits of a trained kernel",
            qubits as f64,
            qubits <= MOST_QUBITS,
            "at most 8; keep fewer columns or components",
        )?;
        let string = |place: u64| PauliString::from_masks(place >> qubits, place & ((1 << qubits) - 1));
        let strings = (0..1u64 << (2 * qubits)).map(|place| PauliSum::new(qubits, [(string(place), 1.0)]));
        let batch = PauliBatch::new(circuit, &strings.collect::<Result<Vec<_>, _>>()?, config)?;
        Ok(Self { batch, dimension: (1u64 << qubits) as f64 })
    }

    /// The alignment of some rows.
    pub fn alignment(&mut self, all: &EncodedLabels, rows: &[usize], weights: &[f64]) -> Result<f64, LearnError> {
        let part = all.part(rows);
        let values = self.values(&part, weights)?;
        Ok(centred_alignment(self.gram(&values, rows.len()).as_ref(), &part.labels))
    }

    /// The alignment of some rows, and minus its derivatives by the angles.
    pub fn slopes(
        &mut self,
        all: &EncodedLabels,
        rows: &[usize],
        weights: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, LearnError> {
        let part = all.part(rows);
        let mut values = self.values(&part, weights)?;
        let (alignment, slopes) = with_slopes(self.gram(&values, rows.len()).as_ref(), &part.labels);
        let states = MatRef::from_column_major_slice(&values, self.batch.num_observables(), rows.len());
        // each state stands in a row and in a column
        let cotangents = states * &slopes;
        let factor = -2.0 / self.dimension;
        let cotangents: Vec<f64> =
            (0..rows.len()).flat_map(|row| cotangents.col_as_slice(row).iter().map(|x| factor * x)).collect();
        let mut by_row = vec![0.0; part.angles.len()];
        let wanted = BatchGradients { shared: gradient, rows: &mut by_row };
        let parameters = BatchParameters { shared: weights, rows: &part.angles };
        self.batch.vjp(parameters, &cotangents, &mut values, wanted)?;
        Ok(alignment)
    }

    /// The coefficients of each row's state, one row after the other.
    fn values(&mut self, rows: &EncodedLabels, weights: &[f64]) -> Result<Vec<f64>, LearnError> {
        let mut values = vec![0.0; rows.labels.len() * self.batch.num_observables()];
        self.batch.values(BatchParameters { shared: weights, rows: &rows.angles }, &mut values)?;
        Ok(values)
    }

    /// The kernel matrix of so many rows.
    fn gram(&self, values: &[f64], rows: usize) -> Mat<f64> {
        let states = MatRef::from_column_major_slice(values, self.batch.num_observables(), rows);
        let gram = states.transpose() * states;
        Mat::from_fn(rows, rows, |row, column| gram[(row, column)] / self.dimension)
    }
}

/// The angles of rows, and their labels.
#[derive(Debug)]
pub struct EncodedLabels {
    angles: Vec<f64>,
    labels: Vec<usize>,
}

impl EncodedLabels {
    /// # Errors
    /// When a feature is not in the domain of the map.
    pub fn new(map: &FeatureMap, examples: &Examples) -> Result<Self, LearnError> {
        crate::kernel_machine::check_domain(examples.features(), examples.width())?;
        Ok(Self { angles: angles_of(map, examples.features()), labels: examples.labels().to_vec() })
    }

    /// Some of them.
    fn part(&self, rows: &[usize]) -> Self {
        let width = self.angles.len() / self.labels.len();
        let angles = rows.iter().flat_map(|row| &self.angles[row * width..(row + 1) * width]).copied().collect();
        Self { angles, labels: rows.iter().map(|row| self.labels[*row]).collect() }
    }

    /// The numbers of all rows.
    pub fn all(&self) -> Vec<usize> {
        (0..self.labels.len()).collect()
    }
}
