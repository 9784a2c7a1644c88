//! Kernel matrices as products of Pauli vectors, with their slopes.

use faer::{Mat, MatRef};
use qloom_circuits::library::FeatureMap;
use qloom_circuits::{Circuit, PauliString, PauliSum};
use qloom_sim::{BatchGradients, BatchParameters, PauliBatch, SimulatorConfig};

use super::with_slopes;
use crate::error::{LearnError, check};
use crate::examples::Examples;

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

    /// The alignment of some rows, and minus its derivatives by the angles.
    pub fn slopes(
        &mut self,
        all: &EncodedLabels,
        rows: &[usize],
        weights: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, LearnError> {
        let (strings, width) = (self.batch.num_observables(), all.angles.len() / all.labels.len());
        let angles: Vec<f64> = rows.iter().flat_map(|row| &all.angles[row * width..(row + 1) * width]).copied().collect();
        let labels: Vec<usize> = rows.iter().map(|row| all.labels[*row]).collect();
        let parameters = BatchParameters { shared: weights, rows: &angles };
        let mut values = vec![0.0; rows.len() * strings];
        self.batch.values(parameters, &mut values)?;
        let states = MatRef::from_column_major_slice(&values, strings, rows.len());
        let gram = states.transpose() * states;
        let gram = Mat::from_fn(rows.len(), rows.len(), |row, column| gram[(row, column)] / self.dimension);
        let (alignment, slopes) = with_slopes(gram.as_ref(), &labels);
        // each state stands in a row and in a column
        let cotangents = states * &slopes;
        let factor = -2.0 / self.dimension;
        let cotangents: Vec<f64> =
            (0..rows.len()).flat_map(|row| cotangents.col_as_slice(row).iter().map(|x| factor * x)).collect();
        let mut by_row = vec![0.0; angles.len()];
        let wanted = BatchGradients { shared: gradient, rows: &mut by_row };
        self.batch.vjp(parameters, &cotangents, &mut values, wanted)?;
        Ok(alignment)
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
        let mut angles = Vec::new();
        examples.features().chunks(examples.width()).for_each(|row| map.angles_into(row, &mut angles));
        Ok(Self { angles, labels: examples.labels().to_vec() })
    }

    /// The numbers of all rows.
    pub fn all(&self) -> Vec<usize> {
        (0..self.labels.len()).collect()
    }
}
