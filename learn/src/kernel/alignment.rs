//! Kernels whose angles are trained to agree with the labels.

mod states;

pub(super) use states::{EncodedLabels, KernelStates};

use faer::{Mat, MatRef};
use qloom_circuits::library::FeatureMap;
use qloom_circuits::{Stream, StreamState};
use qloom_nn::{AdamConfig, Gradients, Init, Parameters};
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use super::{Encoding, FrontSettings};
use crate::error::{LearnError, check};
use crate::examples::Examples;
use crate::readout::{Descent, OptimizerSettings};

/// The centred alignment of a kernel matrix with labels: the cosine of the angle between it and the matrix that is 1 for rows of one class and 0
/// else, the means of rows and columns taken off both (Cortes, Mohri and Rostamizadeh, J. Mach. Learn. Res. 13, 795 (2012)); 0 where either
/// is constant then.
///
/// ```
/// use faer::Mat;
/// let ideal = Mat::from_fn(4, 4, |a, b| if a % 2 == b % 2 { 0.9 } else { 0.4 });
/// assert!((qloom_learn::centred_alignment(ideal.as_ref(), &[0, 1, 0, 1]) - 1.0).abs() < 1e-14);
/// ```
///
/// # Panics
/// When the matrix does not have a row and a column for each label.
#[track_caller]
pub fn centred_alignment(gram: MatRef<'_, f64>, labels: &[usize]) -> f64 {
    assert!(gram.nrows() == labels.len() && gram.ncols() == labels.len(), "a row and a column for each label");
    with_slopes(gram, labels).0
}

/// The alignment, and its derivatives by the entries of the kernel matrix.
fn with_slopes(gram: MatRef<'_, f64>, labels: &[usize]) -> (f64, Mat<f64>) {
    let count = labels.len();
    let ideal = Mat::from_fn(count, count, |row, column| f64::from(u8::from(labels[row] == labels[column])));
    let (kernel, ideal) = (centred(gram), centred(ideal.as_ref()));
    let product = |a: &Mat<f64>, b: &Mat<f64>| -> f64 {
        (0..count).map(|column| (0..count).map(|row| a[(row, column)] * b[(row, column)]).sum::<f64>()).sum()
    };
    let (length, ideal_length) = (product(&kernel, &kernel).sqrt(), product(&ideal, &ideal).sqrt());
    if length <= f64::MIN_POSITIVE || ideal_length <= f64::MIN_POSITIVE {
        return (0.0, Mat::zeros(count, count));
    }
    let alignment = product(&kernel, &ideal) / (length * ideal_length);
    let slope =
        |row, column| ideal[(row, column)] / (length * ideal_length) - alignment * kernel[(row, column)] / (length * length);
    (alignment, Mat::from_fn(count, count, slope))
}

/// A symmetric matrix without the means of its rows and columns.
fn centred(matrix: MatRef<'_, f64>) -> Mat<f64> {
    let count = matrix.nrows();
    let means: Vec<f64> = (0..count).map(|column| matrix.col(column).iter().sum::<f64>() / count as f64).collect();
    let mean = means.iter().sum::<f64>() / count.max(1) as f64;
    Mat::from_fn(count, count, |row, column| matrix[(row, column)] - means[row] - means[column] + mean)
}

/// Training of a kernel as a value: each step is an epoch of parts of the rows, along the slope of the centred alignment of each.
///
/// States are Pauli vectors, with noise or without: an entry of the kernel is the product of two, and one backward pass a row gives the
/// slopes of all entries. Costs `4^n` numbers a row.
#[derive(Debug)]
pub struct KernelAlignment {
    settings: FrontSettings,
    states: KernelStates,
    rows: EncodedLabels,
    start: Vec<f64>,
    parameters: Parameters<f64>,
    descent: Descent,
    stream: Stream,
    alignments: Vec<f64>,
}

/// What a kernel's training is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlignmentState {
    weights: Vec<f64>,
    steps: u64,
    moments: Vec<Vec<f64>>,
    stream: StreamState,
    alignments: Vec<f64>,
}

impl KernelAlignment {
    /// Draws angles from [0, 2 pi) by the seed and encodes all rows; what stands before the map is that of `front`.
    ///
    /// # Errors
    /// For no epochs, parts of fewer than two rows, a learning rate that is not positive, more than 8 qubits, and what the encoding refuses.
    pub fn new(
        encoding: &Encoding,
        front: &FrontSettings,
        examples: &Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        check("epochs of the trained kernel", front.epochs as f64, front.epochs > 0, "at least 1")?;
        check("batch of the trained kernel", front.batch as f64, front.batch > 1, "at least 2")?;
        let map: FeatureMap = encoding.map.build(examples.width())?;
        let (open, weights) = front.circuit(&map)?;
        let states = KernelStates::new(&encoding.run(&open)?.circuit, config)?;
        let rows = EncodedLabels::new(&map, examples)?;
        let mut stream = Stream::named(seed, "angles of the kernel");
        let start: Vec<f64> = (0..weights).map(|_| std::f64::consts::TAU * stream.unit()).collect();
        let mut parameters = Parameters::new();
        let id = parameters.add("angles", (1, weights), Init::Constant(0.0), &mut stream);
        parameters.get_mut(id).copy_from_slice(&start);
        let adam = AdamConfig { learning_rate: front.learning_rate, ..AdamConfig::default() };
        let descent = Descent::new(&OptimizerSettings::Adam(adam), &parameters)?;
        Ok(Self {
            settings: front.clone(),
            states,
            rows,
            start,
            parameters,
            descent,
            stream: Stream::named(seed, "parts for the kernel"),
            alignments: Vec::new(),
        })
    }

    /// A training that has ended, with these angles.
    ///
    /// # Errors
    /// As [`KernelAlignment::new`], and when there are more angles, or fewer.
    pub(crate) fn ended(mut self, weights: &[f64]) -> Result<Self, LearnError> {
        self.settings.epochs = 0;
        self.resume(&AlignmentState { weights: weights.to_vec(), alignments: Vec::new(), ..self.state() })?;
        self.start = weights.to_vec();
        Ok(self)
    }

    /// Number of epochs in all.
    pub(crate) fn epochs(&self) -> usize {
        self.settings.epochs
    }

    /// The angles it began with.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// The angles as they are now.
    pub fn weights(&self) -> &[f64] {
        self.parameters.values()
    }

    /// For each epoch the mean alignment over its parts, each before its step.
    pub fn alignments(&self) -> &[f64] {
        &self.alignments
    }

    /// One epoch more and its mean alignment, or none when all are done.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn step(&mut self) -> Result<Option<f64>, LearnError> {
        if self.alignments.len() >= self.settings.epochs {
            return Ok(None);
        }
        let mut order = self.rows.all();
        self.stream.shuffle(&mut order);
        let (mut sum, mut parts) = (0.0, 0);
        // a rest of one row has no alignment
        for part in order.chunks(self.settings.batch).filter(|part| part.len() > 1) {
            let mut gradients = Gradients::zeros(&self.parameters);
            let weights = self.parameters.values().to_vec();
            sum += self.states.slopes(&self.rows, part, &weights, gradients.values_mut())?;
            parts += 1;
            self.descent.step(&mut self.parameters, &gradients);
        }
        let mean = sum / f64::from(parts.max(1));
        self.alignments.push(mean);
        Ok(Some(mean))
    }

    /// What it can be resumed from.
    pub fn state(&self) -> AlignmentState {
        let (steps, moments) = self.descent.save();
        let (weights, alignments) = (self.weights().to_vec(), self.alignments.clone());
        AlignmentState { weights, steps, moments, stream: self.stream.save(), alignments }
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// When it is of another training.
    pub fn resume(&mut self, state: &AlignmentState) -> Result<(), LearnError> {
        let (expected, given) = (self.start.len(), state.weights.len());
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "angles of the trained kernel", expected, given });
        }
        self.parameters.values_mut().copy_from_slice(&state.weights);
        self.descent.load(state.steps, &state.moments)?;
        self.stream = Stream::load(&state.stream);
        self.alignments.clone_from(&state.alignments);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use qloom_hardware::UniformNoise;

    use super::*;
    use crate::kernel::{FidelityKernel, MapSettings};

    /// Rows whose class is the sign of a product, which the map alone does not show.
    fn examples(count: usize) -> Examples {
        let mut stream = Stream::named(4, "rows");
        let features: Vec<f64> = (0..2 * count).map(|_| 3.0 * stream.unit()).collect();
        let label = |row: &[f64]| ((row[0] - 1.5) * (row[1] - 1.5) > 0.0).to_string();
        let labels: Vec<String> = features.chunks(2).map(label).collect();
        Examples::new(features, 2, &labels).expect("both classes")
    }

    fn encoding(noise: Option<UniformNoise>) -> Encoding {
        Encoding { noise, ..Encoding::from(&MapSettings::Angle {}) }
    }

    #[test]
    fn slopes_of_the_alignment_are_differences() {
        let examples = examples(7);
        let noisy = UniformNoise { depolarizing1: 0.02, depolarizing2: 0.05, readout: 0.0 };
        for noise in [None, Some(noisy)] {
            let encoding = encoding(noise);
            let front = FrontSettings { layers: 2, ..FrontSettings::default() };
            let mut training = KernelAlignment::new(&encoding, &front, &examples, SimulatorConfig::default(), 3).expect("fits");
            let (rows, weights) = ((0..7).collect::<Vec<usize>>(), training.start().to_vec());
            let mut gradient = vec![0.0; weights.len()];
            let alignment = training.states.slopes(&training.rows, &rows, &weights, &mut gradient).expect("finite");
            // the kernel that rows are told by has the same alignment
            let at = |weights: &[f64]| {
                let encoding = Encoding { front: Some((front.clone(), weights.to_vec())), ..encoding.clone() };
                let mut kernel = FidelityKernel::new(encoding, 2, SimulatorConfig::default()).expect("fits");
                centred_alignment(kernel.gram(examples.features()).expect("finite").as_ref(), examples.labels())
            };
            assert!((at(&weights) - alignment).abs() < 1e-12, "{alignment}");
            for place in 0..weights.len() {
                let moved = |step: f64| {
                    let mut moved = weights.clone();
                    moved[place] += step;
                    at(&moved)
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((difference + gradient[place]).abs() < 1e-8, "{place}: {difference} {}", gradient[place]);
            }
        }
    }

    #[test]
    fn training_raises_the_alignment_and_goes_on_where_it_was() {
        let examples = examples(40);
        let front = FrontSettings { layers: 3, epochs: 30, batch: 20, learning_rate: 0.1, ..FrontSettings::default() };
        let new =
            |seed| KernelAlignment::new(&encoding(None), &front, &examples, SimulatorConfig::default(), seed).expect("fits");
        let mut whole = new(1);
        while whole.step().expect("finite").is_some() {}
        let list = whole.alignments();
        assert!(list.len() == 30 && list[29] > list[0] + 0.1, "{list:?}");
        let (mut first, mut second) = (new(1), new(1));
        for _ in 0..4 {
            first.step().expect("finite");
        }
        second.resume(&first.state()).expect("its own state");
        while second.step().expect("finite").is_some() {}
        assert_eq!(second.state(), whole.state());
    }

    #[test]
    fn kernels_that_cannot_be_trained_are_refused() {
        let examples = examples(8);
        let refused = |encoding: Encoding, front: FrontSettings, word: &str| {
            let error = KernelAlignment::new(&encoding, &front, &examples, SimulatorConfig::default(), 1).expect_err(word);
            assert!(error.to_string().contains(word), "{error}");
        };
        let plain = || encoding(None);
        refused(plain(), FrontSettings { epochs: 0, ..FrontSettings::default() }, "epochs");
        refused(plain(), FrontSettings { batch: 1, ..FrontSettings::default() }, "batch");
        refused(plain(), FrontSettings { layers: 0, ..FrontSettings::default() }, "layers");
        refused(plain(), FrontSettings { learning_rate: -1.0, ..FrontSettings::default() }, "learning");
        refused(Encoding::from(&MapSettings::Amplitude {}), FrontSettings::default(), "amplitude");
        let read = UniformNoise { readout: 0.1, ..UniformNoise::default() };
        refused(encoding(Some(read)), FrontSettings::default(), "read-out");
        assert_eq!(centred_alignment(Mat::<f64>::zeros(3, 3).as_ref(), &[0, 1, 0]), 0.0);
    }
}
