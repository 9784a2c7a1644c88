//! Rows of data as states, and the products of all of them.

use faer::linalg::matmul::matmul;
use faer::{Accum, ColMut, Mat, MatRef, Par};
use qloom_circuits::library::FeatureMap;
use qloom_sim::{BatchParameters, PauliVector, PhaseLayers, PhaseWorkspace, SimulatorConfig, state_bytes};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{Encoding, MapSettings};
use crate::error::{LearnError, check};
use crate::noisy::States;

/// What makes the states of a map.
#[derive(Debug)]
pub(super) enum Encoder {
    /// Phases of parities between Hadamard gates.
    Layers(FeatureMap, PhaseLayers),
    /// Any gates and channels, on so many qubits.
    Gates(FeatureMap, States, usize),
    /// The features themselves.
    Amplitudes,
}

/// The most features that become amplitudes.
const MOST_AMPLITUDES: usize = 1 << 20;

impl Encoder {
    /// # Errors
    /// What the map or the simulation refuses.
    pub(super) fn new(encoding: &Encoding, num_features: usize, config: SimulatorConfig) -> Result<Self, LearnError> {
        let plain = encoding.front.is_none() && encoding.is_pure();
        if plain && encoding.map == (MapSettings::Amplitude {}) {
            let fits = (1..=MOST_AMPLITUDES).contains(&num_features);
            check("the number of features", num_features as f64, fits, "from 1 to 1048576")?;
            return Ok(Encoder::Amplitudes);
        }
        let (map, run) = encoding.build(num_features)?;
        let layers = map.parities().filter(|_| plain);
        let layers = layers.map(|(masks, repetitions)| PhaseLayers::new(num_features, masks, repetitions));
        Ok(match layers {
            Some(layers) => Encoder::Layers(map, layers),
            None => Encoder::Gates(map, run.states(&[], config)?, run.circuit.num_qubits()),
        })
    }

    /// The states of whole rows of finite features.
    ///
    /// # Errors
    /// When memory does not hold them, or a row of amplitudes is all zeros.
    pub(super) fn encode(
        &mut self,
        rows: &[f64],
        (features, num_qubits): (usize, usize),
        config: SimulatorConfig,
    ) -> Result<EncodedRows, LearnError> {
        let count = rows.len() / features;
        let too_much = |num_qubits: usize, needed: u128| {
            let limit = config.memory_limit.into();
            if needed > limit { Err(qloom_sim::SimError::MemoryLimit { num_qubits, needed, limit }) } else { Ok(()) }
        };
        if let Encoder::Gates(map, States::Noisy(batch), num_qubits) = self {
            too_much(*num_qubits, PauliVector::bytes(*num_qubits) * (count + AT_A_TIME.min(count)) as u128)?;
            let mut values = Mat::zeros(1 << (2 * *num_qubits), count);
            let root = (-0.5 * *num_qubits as f64).exp2();
            for (part, block) in rows.chunks(AT_A_TIME * features).enumerate() {
                for (number, state) in batch.states(BatchParameters::rows(&angles_of(map, block)))?.iter().enumerate() {
                    let column = values.col_as_slice_mut(part * AT_A_TIME + number);
                    column.iter_mut().zip(state.values()).for_each(|(out, value)| *out = root * value);
                }
            }
            return Ok(EncodedRows(Columns::Mixed { values, num_qubits: *num_qubits }));
        }
        // all states stay; of those that gates make a part exists twice at a time
        let twice = match self {
            Encoder::Layers(..) => config.threads,
            Encoder::Gates(..) => AT_A_TIME.min(count),
            Encoder::Amplitudes => 0,
        };
        too_much(num_qubits, state_bytes::<f64>(num_qubits) * (count + twice) as u128)?;
        let dimension = 1 << num_qubits;
        let (mut re, mut im) = (Mat::zeros(dimension, count), Mat::zeros(dimension, count));
        match self {
            Encoder::Layers(map, layers) => encode_layers(layers, map, rows, (&mut re, &mut im), config),
            Encoder::Gates(_, States::Noisy(_), _) => unreachable!("mixed states were made above"),
            Encoder::Gates(map, States::Pure(batch), _) => {
                for (part, block) in rows.chunks(AT_A_TIME * features).enumerate() {
                    for (number, state) in batch.states(BatchParameters::rows(&angles_of(map, block)))?.iter().enumerate() {
                        let column = part * AT_A_TIME + number;
                        let (real, imaginary) = state.planes();
                        re.col_as_slice_mut(column).copy_from_slice(&real[..dimension]);
                        im.col_as_slice_mut(column).copy_from_slice(&imaginary[..dimension]);
                    }
                }
            }
            Encoder::Amplitudes => {
                for (column, row) in rows.chunks(features).enumerate() {
                    let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
                    if !(length > 0.0 && length.is_finite()) {
                        let (row, requirement) = (column + 1, "part of a row that has a length, to be amplitudes");
                        return Err(LearnError::OutsideDomain { row, column: 1, value: rows[column * features], requirement });
                    }
                    row.iter().enumerate().for_each(|(k, x)| re[(k, column)] = x / length);
                }
            }
        }
        Ok(EncodedRows(Columns::Pure { re, im }))
    }
}

/// Writes the state of each row into its column; each is made by itself, so threads change no bit.
fn encode_layers(
    layers: &PhaseLayers,
    map: &FeatureMap,
    rows: &[f64],
    (re, im): (&mut Mat<f64>, &mut Mat<f64>),
    config: SimulatorConfig,
) {
    let columns = re.col_iter_mut().zip(im.col_iter_mut()).zip(rows.chunks(map.num_features()));
    let one = |(angles, workspace): &mut (Vec<f64>, PhaseWorkspace), ((re, im), row): Places<'_>| {
        angles.clear();
        map.angles_into(row, angles);
        layers.state_into(angles, (in_memory(re), in_memory(im)), &config, workspace);
    };
    if config.threads > 1 {
        columns.collect::<Vec<_>>().into_par_iter().for_each_init(Default::default, one);
    } else {
        let mut buffers = Default::default();
        columns.for_each(|column| one(&mut buffers, column));
    }
}

/// Columns of both planes, and the features that they are for.
type Places<'a> = ((ColMut<'a, f64>, ColMut<'a, f64>), &'a [f64]);

fn in_memory(column: ColMut<'_, f64>) -> &mut [f64] {
    column.try_as_col_major_mut().expect("matrices made here have columns in one piece").as_slice_mut()
}

/// The angles of rows, one after the other.
pub(crate) fn angles_of(map: &FeatureMap, rows: &[f64]) -> Vec<f64> {
    let mut angles = Vec::new();
    rows.chunks(map.num_features()).for_each(|row| map.angles_into(row, &mut angles));
    angles
}

/// Rows of data as states, one column each.
#[derive(Clone, Debug)]
pub struct EncodedRows(Columns);

#[derive(Clone, Debug)]
enum Columns {
    /// Real and imaginary parts of amplitudes.
    Pure { re: Mat<f64>, im: Mat<f64> },
    /// Coefficients of Pauli strings over the root of the dimension, so that products of columns are `Tr(rho sigma)`.
    Mixed { values: Mat<f64>, num_qubits: usize },
}

/// Appends the Bloch vectors of all qubits of a state.
pub(crate) fn bloch_vectors(re: &[f64], im: &[f64], out: &mut Vec<f64>) {
    let mut bit = 1;
    while bit < re.len() {
        let pairs = (0..re.len()).filter(|low| low & bit == 0);
        let sum = pairs.fold([0.0; 3], |[x, y, z], low| {
            let (a, b, c, d) = (re[low], im[low], re[low | bit], im[low | bit]);
            [x + 2.0 * (a * c + b * d), y + 2.0 * (a * d - b * c), z + a * a + b * b - c * c - d * d]
        });
        out.extend(sum);
        bit *= 2;
    }
}

/// Columns of a matrix that are computed together.
const BLOCK: usize = 64;

/// Rows whose states are made at a time.
const AT_A_TIME: usize = 256;

impl EncodedRows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.0 {
            Columns::Pure { re, .. } => re.ncols(),
            Columns::Mixed { values, .. } => values.ncols(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `Tr(rho sigma)` of these rows, down, with others, across: the fidelities of pure states, in blocks that do not depend on the number of
    /// threads.
    ///
    /// # Panics
    /// When the rows are of two kinds of encodings.
    pub fn overlaps(&self, others: &Self, threads: usize) -> Mat<f64> {
        let parts = self.blocks(threads, others.len(), |first, width| self.block(0, others, first, width));
        Mat::from_fn(self.len(), others.len(), |row, column| parts[column / BLOCK][(row, column % BLOCK)])
    }

    /// The same of all rows with each other, symmetric, with 1 on the diagonal of pure states, and purities on that of others.
    pub fn gram(&self, threads: usize) -> Mat<f64> {
        let count = self.len();
        // the part below the diagonal, the blocks on it whole
        let parts = self.blocks(threads, count, |first, width| self.block(first, self, first, width));
        let entry = |row: usize, column: usize| parts[column / BLOCK][(row - column / BLOCK * BLOCK, column % BLOCK)];
        let pure = matches!(self.0, Columns::Pure { .. });
        let entry = |row: usize, column: usize| if pure && row == column { 1.0 } else { entry(row.max(column), row.min(column)) };
        Mat::from_fn(count, count, entry)
    }

    /// What [`EncodedRows::gram`] has in one row, at some columns.
    pub(crate) fn with_some(&self, row: usize, others: &[usize]) -> Vec<f64> {
        let of = |matrix: &Mat<f64>, other: &Mat<f64>, column: usize| -> f64 {
            matrix.col_as_slice(row).iter().zip(other.col_as_slice(column)).map(|(a, b)| a * b).sum()
        };
        let one = |column: &usize| match &self.0 {
            Columns::Pure { re, im } => {
                let (real, imaginary) = (of(re, re, *column) + of(im, im, *column), of(re, im, *column) - of(im, re, *column));
                real * real + imaginary * imaginary
            }
            Columns::Mixed { values, .. } => of(values, values, *column),
        };
        others.iter().map(one).collect()
    }

    /// For each row `<X>`, `<Y>`, `<Z>` of qubit 0, of qubit 1, and so on: what its reduced density matrices are made of.
    pub fn bloch_vectors(&self) -> Vec<f64> {
        let mut out = Vec::new();
        match &self.0 {
            Columns::Pure { re, im } => {
                (0..self.len()).for_each(|row| bloch_vectors(re.col_as_slice(row), im.col_as_slice(row), &mut out));
            }
            Columns::Mixed { values, num_qubits } => {
                let root = (0.5 * *num_qubits as f64).exp2();
                for row in 0..self.len() {
                    let strings = (0..*num_qubits).flat_map(|qubit| (1..4).map(move |letter| letter << (2 * qubit)));
                    out.extend(strings.map(|place| root * values[(place, row)]));
                }
            }
        }
        out
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
        match (&self.0, &others.0) {
            (Columns::Pure { re, im }, Columns::Pure { re: other_re, im: other_im }) => {
                let a = (re.subcols(from, height), im.subcols(from, height));
                let b = (other_re.subcols(first, width), other_im.subcols(first, width));
                let re = product([a.0, a.1], [b.0, b.1], 1.0);
                let im = product([a.0, a.1], [b.1, b.0], -1.0);
                Mat::from_fn(height, width, |row, column| re[(row, column)].powi(2) + im[(row, column)].powi(2))
            }
            (Columns::Mixed { values, .. }, Columns::Mixed { values: others, .. }) => {
                let mut out = Mat::zeros(height, width);
                let (left, right) = (values.subcols(from, height).transpose(), others.subcols(first, width));
                matmul(out.as_mut(), Accum::Replace, left, right, 1.0, Par::Seq);
                out
            }
            (Columns::Pure { .. }, Columns::Mixed { .. }) | (Columns::Mixed { .. }, Columns::Pure { .. }) => {
                panic!("rows of two kinds of encodings")
            }
        }
    }
}
