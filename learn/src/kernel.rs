//! Quantum kernels: Gram matrices of data encoded into states.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par, Side};
use qloom_circuits::library::{Entanglement, FeatureMap};
use qloom_sim::{Batch, BatchParameters, SimulatorConfig, state_bytes};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// How a row of data becomes a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MapSettings {
    /// Phases of single features.
    Z {
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
    },
    /// Phases of single features and of pairs.
    Zz {
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
        /// Which pairs. Default full.
        #[serde(default)]
        entanglement: Entanglement,
    },
    /// Phases on words of Pauli letters.
    Pauli {
        /// The words, such as `["Z", "ZZ"]`.
        words: Vec<String>,
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
        /// Which groups of qubits. Default full.
        #[serde(default)]
        entanglement: Entanglement,
        /// What angles are multiplied by. Default 2.
        #[serde(default = "two_angles")]
        alpha: f64,
    },
    /// One rotation for each feature.
    Angle {},
    /// Instantaneous polynomial circuits.
    Iqp {
        /// Repetitions. Default 2.
        #[serde(default = "two")]
        reps: usize,
        /// Which pairs. Default full.
        #[serde(default)]
        entanglement: Entanglement,
    },
}

fn two() -> usize {
    2
}

fn two_angles() -> f64 {
    2.0
}

impl MapSettings {
    /// The map for this many features.
    ///
    /// # Errors
    /// For no feature, more than 20, no repetition or more than 1000, or a letter that is no Pauli letter.
    pub fn build(&self, num_features: usize) -> Result<FeatureMap, LearnError> {
        check("the number of features", num_features as f64, (1..=20).contains(&num_features), "from 1 to 20, one qubit each")?;
        let fits = |reps: usize| check("reps", reps as f64, (1..=1000).contains(&reps), "from 1 to 1000");
        Ok(match self {
            MapSettings::Z { reps } => {
                fits(*reps)?;
                FeatureMap::z(num_features, *reps)
            }
            MapSettings::Zz { reps, entanglement } => {
                fits(*reps)?;
                FeatureMap::zz(num_features, *reps, *entanglement)
            }
            MapSettings::Pauli { words, reps, entanglement, alpha } => {
                fits(*reps)?;
                check("alpha", *alpha, alpha.is_finite(), "a finite number")?;
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                FeatureMap::pauli(num_features, *reps, &words, *entanglement, *alpha)?
            }
            MapSettings::Angle {} => FeatureMap::angle(num_features),
            MapSettings::Iqp { reps, entanglement } => {
                fits(*reps)?;
                FeatureMap::iqp(num_features, *reps, *entanglement)
            }
        })
    }
}

/// The fidelity kernel `|<phi(x)|phi(y)>|^2` (Havlíček et al., Nature 567, 209 (2019)).
///
/// Every row of data becomes one state; the matrix is one blocked product of all of them.
///
/// ```
/// use qloom_learn::{FidelityKernel, MapSettings};
/// use qloom_sim::SimulatorConfig;
/// let mut kernel = FidelityKernel::new(&MapSettings::Angle {}, 1, SimulatorConfig::default())?;
/// let gram = kernel.gram(&[0.0, 1.0])?; // cos(1/2)^2 beside the diagonal
/// assert!((gram[(0, 1)] - 0.5f64.cos().powi(2)).abs() < 1e-15);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct FidelityKernel {
    map: FeatureMap,
    batch: Batch<f64>,
    config: SimulatorConfig,
}

/// Rows of data as states: real and imaginary parts, one column each.
#[derive(Clone, Debug)]
pub struct EncodedRows {
    re: Mat<f64>,
    im: Mat<f64>,
}

impl FidelityKernel {
    /// A kernel on rows of this many features.
    ///
    /// # Errors
    /// What the map or the simulation refuses.
    pub fn new(map: &MapSettings, num_features: usize, config: SimulatorConfig) -> Result<Self, LearnError> {
        let map = map.build(num_features)?;
        let batch = Batch::new(map.circuit(), &[], config)?;
        Ok(Self { map, batch, config })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.map.num_features()
    }

    /// The states of rows of features, one row after the other.
    ///
    /// # Errors
    /// When a feature is not finite, the numbers make no whole rows, or memory does not hold the states.
    pub fn encode(&mut self, rows: &[f64]) -> Result<EncodedRows, LearnError> {
        let features = self.map.num_features();
        let count = rows.len() / features;
        if count * features != rows.len() || count == 0 {
            return Err(LearnError::SizeMismatch {
                what: "numbers of rows of data",
                expected: (count + 1) * features,
                given: rows.len(),
            });
        }
        if let Some(place) = rows.iter().position(|value| !value.is_finite()) {
            return Err(LearnError::NotFinite { what: "the data", row: place / features + 1, value: rows[place] });
        }
        // all states stay; a part of them at a time exists twice
        let bytes = state_bytes::<f64>(features) * (count + AT_A_TIME.min(count)) as u128;
        if bytes > u128::from(self.config.memory_limit) {
            let limit = self.config.memory_limit.into();
            return Err(qloom_sim::SimError::MemoryLimit { num_qubits: features, needed: bytes, limit }.into());
        }
        let dimension = 1 << features;
        let (mut re, mut im) = (Mat::zeros(dimension, count), Mat::zeros(dimension, count));
        let mut angles = Vec::new();
        for (part, block) in rows.chunks(AT_A_TIME * features).enumerate() {
            angles.clear();
            block.chunks(features).for_each(|row| self.map.angles_into(row, &mut angles));
            for (number, state) in self.batch.states(BatchParameters::rows(&angles))?.iter().enumerate() {
                let column = part * AT_A_TIME + number;
                let (real, imaginary) = state.planes();
                re.col_as_slice_mut(column).copy_from_slice(&real[..dimension]);
                im.col_as_slice_mut(column).copy_from_slice(&imaginary[..dimension]);
            }
        }
        Ok(EncodedRows { re, im })
    }

    /// The matrix of a set of rows with itself, symmetric, with 1 on the diagonal.
    ///
    /// # Errors
    /// As [`FidelityKernel::encode`].
    pub fn gram(&mut self, rows: &[f64]) -> Result<Mat<f64>, LearnError> {
        let states = self.encode(rows)?;
        // the part below the diagonal, the blocks on it whole
        let parts = states.blocks(self.config.threads, states.len(), |first, width| states.block(first, &states, first, width));
        let entry = |row: usize, column: usize| parts[column / BLOCK][(row - column / BLOCK * BLOCK, column % BLOCK)];
        let count = states.len();
        Ok(Mat::from_fn(count, count, |row, column| if row == column { 1.0 } else { entry(row.max(column), row.min(column)) }))
    }
}

/// Columns of a matrix that are computed together.
const BLOCK: usize = 64;

/// Rows whose states are made at a time.
const AT_A_TIME: usize = 256;

impl EncodedRows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.re.ncols()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The fidelities of these rows, down, with others, across, in blocks that do not depend on the number of threads.
    pub fn overlaps(&self, others: &Self, threads: usize) -> Mat<f64> {
        let parts = self.blocks(threads, others.len(), |first, width| self.block(0, others, first, width));
        Mat::from_fn(self.len(), others.len(), |row, column| parts[column / BLOCK][(row, column % BLOCK)])
    }

    /// Works on blocks of columns, given by their first and how many they are.
    fn blocks(&self, threads: usize, count: usize, one: impl Fn(usize, usize) -> Mat<f64> + Sync) -> Vec<Mat<f64>> {
        let firsts: Vec<usize> = (0..count).step_by(BLOCK).collect();
        let one = |&first: &usize| one(first, BLOCK.min(count - first));
        if threads > 1 { firsts.par_iter().map(one).collect() } else { firsts.iter().map(one).collect() }
    }

    /// The fidelities of the rows from `from` on with `width` other rows from the `first` on.
    fn block(&self, from: usize, others: &Self, first: usize, width: usize) -> Mat<f64> {
        let height = self.len() - from;
        let product = |left: [MatRef<'_, f64>; 2], right: [MatRef<'_, f64>; 2], sign: f64| {
            let mut out = Mat::zeros(height, width);
            matmul(out.as_mut(), Accum::Replace, left[0].transpose(), right[0], 1.0, Par::Seq);
            matmul(out.as_mut(), Accum::Add, left[1].transpose(), right[1], sign, Par::Seq);
            out
        };
        let a = (self.re.subcols(from, height), self.im.subcols(from, height));
        let b = (others.re.subcols(first, width), others.im.subcols(first, width));
        let re = product([a.0, a.1], [b.0, b.1], 1.0);
        let im = product([a.0, a.1], [b.1, b.0], -1.0);
        Mat::from_fn(height, width, |row, column| re[(row, column)].powi(2) + im[(row, column)].powi(2))
    }
}

/// The smallest eigenvalue of a symmetric matrix.
///
/// # Errors
/// When the eigenvalues are not found.
pub fn smallest_eigenvalue(matrix: &Mat<f64>) -> Result<f64, LearnError> {
    let values = matrix.self_adjoint_eigenvalues(Side::Lower);
    let values = values.map_err(|_| LearnError::NoSolution { rows: matrix.nrows(), columns: matrix.ncols() })?;
    Ok(values.first().copied().unwrap_or(0.0))
}

/// The nearest positive semidefinite matrix: eigenvalues below 0 become 0.
///
/// # Errors
/// When the eigenvalues are not found.
pub fn repaired(matrix: &Mat<f64>) -> Result<Mat<f64>, LearnError> {
    let parts = matrix.self_adjoint_eigen(Side::Lower);
    let parts = parts.map_err(|_| LearnError::NoSolution { rows: matrix.nrows(), columns: matrix.ncols() })?;
    let (vectors, values) = (parts.U(), parts.S().column_vector());
    let scaled = Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| vectors[(row, column)] * values[column].max(0.0));
    Ok(&scaled * vectors.transpose())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn golden() -> Value {
        serde_json::from_str(include_str!("../tests/golden.json")).expect("JSON")
    }

    fn rows(value: &Value) -> Vec<Vec<f64>> {
        let row = |row: &Value| row.as_array().expect("a row").iter().map(|x| x.as_f64().expect("a number")).collect();
        value.as_array().expect("rows").iter().map(row).collect()
    }

    /// Kernels of Qiskit Machine Learning and PennyLane.
    #[test]
    fn gram_matrices_equal_other_packages() {
        let golden = golden();
        let data = rows(&golden["X"]).concat();
        let zz = |reps, entanglement| MapSettings::Zz { reps, entanglement };
        let words = vec!["X".to_owned(), "YZ".to_owned()];
        for (name, map) in [
            ("z_reps1", MapSettings::Z { reps: 1 }),
            ("z_reps2", MapSettings::Z { reps: 2 }),
            ("zz_full_reps1", zz(1, Entanglement::Full)),
            ("zz_full_reps2", zz(2, Entanglement::Full)),
            ("zz_full_reps3", zz(3, Entanglement::Full)),
            ("zz_linear_reps2", zz(2, Entanglement::Linear)),
            ("zz_circular_reps2", zz(2, Entanglement::Circular)),
            (
                "pauli_X_YZ_alpha0.5_full_reps2",
                MapSettings::Pauli { words, reps: 2, entanglement: Entanglement::Full, alpha: 0.5 },
            ),
        ] {
            let mut kernel = FidelityKernel::new(&map, 4, SimulatorConfig::default()).expect("fits");
            let gram = kernel.gram(&data).expect("finite");
            for (row, expected) in rows(&golden["kernels"][name]).iter().enumerate() {
                for (column, expected) in expected.iter().enumerate() {
                    assert!((gram[(row, column)] - expected).abs() < 1e-10, "{name}: {} {expected}", gram[(row, column)]);
                }
            }
            assert!(smallest_eigenvalue(&gram).expect("symmetric") > -1e-12);
        }
    }

    #[test]
    fn rows_in_several_parts_are_the_same_rows() {
        let mut stream = qloom_circuits::Stream::named(1, "rows");
        let data: Vec<f64> = (0..2 * 300).map(|_| stream.normal()).collect();
        let map = MapSettings::Iqp { reps: 2, entanglement: Entanglement::Linear };
        let mut kernel = FidelityKernel::new(&map, 2, SimulatorConfig::default()).expect("fits");
        let (all, few) = (kernel.gram(&data).expect("finite"), kernel.encode(&data[..20]).expect("finite"));
        let cross = few.overlaps(&kernel.encode(&data[560..]).expect("finite"), 2);
        for row in 0..10 {
            for column in 0..20 {
                assert!((cross[(row, column)] - all[(row, 280 + column)]).abs() < 1e-14);
            }
            let dense = |k: usize| {
                let circuit = kernel.map.bound(&data[2 * k..2 * k + 2]).expect("finite");
                circuit.unitary(&[]).expect("gates")
            };
            let (a, b) = (dense(row), dense(299));
            let overlap: num_complex::Complex64 = (0..4).map(|k| a[(k, 0)].conj() * b[(k, 0)]).sum();
            assert!((overlap.norm_sqr() - all[(row, 299)]).abs() < 1e-12);
        }
    }

    #[test]
    fn repairs_cut_what_is_negative() {
        let matrix = Mat::from_fn(2, 2, |row, column| if row == column { 1.0 } else { 2.0 });
        assert!((smallest_eigenvalue(&matrix).expect("symmetric") + 1.0).abs() < 1e-14);
        let repaired = repaired(&matrix).expect("symmetric");
        // the positive part of [[1, 2], [2, 1]] is 3/2 [[1, 1], [1, 1]]
        assert!((0..2).all(|row| (0..2).all(|column| (repaired[(row, column)] - 1.5).abs() < 1e-14)));
    }

    #[test]
    fn bad_rows_are_refused() {
        let zz = MapSettings::Zz { reps: 2, entanglement: Entanglement::Full };
        let mut kernel = FidelityKernel::new(&zz, 3, SimulatorConfig::default()).expect("fits");
        assert!(kernel.gram(&[0.1, 0.2]).is_err() && kernel.gram(&[]).is_err());
        assert!(kernel.gram(&[0.1, 0.2, 0.3, 0.4, f64::NAN, 0.6]).expect_err("no number").to_string().contains("2"));
        assert!(MapSettings::Z { reps: 0 }.build(2).is_err() && zz.build(0).is_err() && zz.build(21).is_err());
        let small = SimulatorConfig { memory_limit: 1 << 12, ..SimulatorConfig::default() };
        let mut kernel = FidelityKernel::new(&zz, 8, small).expect("one state fits");
        assert!(matches!(kernel.gram(&[0.5; 80]), Err(LearnError::Sim(_))));
    }
}
