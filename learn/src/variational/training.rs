//! Fitting a variational classifier, epoch by epoch.

use qloom_circuits::{Stream, StreamState};
use qloom_nn::{Gradients, Init, Parameters};
use qloom_sim::{BatchGradients, BatchParameters, SimulatorConfig};
use serde::{Deserialize, Serialize};

use super::{VariationalClassifier, VariationalSettings};
use crate::error::{LearnError, check};
use crate::examples::Examples;
use crate::readout::Descent;

/// What an epoch gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifierEpoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// Mean loss of its rows, each before the step that it is part of.
    pub loss: f64,
    /// Share of its rows that were told right then.
    pub accuracy: f64,
}

/// Training as a value: each step is an epoch of mini-batches, each with one forward and one backward pass over all of its rows.
#[derive(Debug)]
pub struct VariationalTraining {
    pub(super) classifier: VariationalClassifier,
    angles: Vec<f64>,
    labels: Vec<usize>,
    parameters: Parameters<f64>,
    descent: Descent,
    stream: Stream,
    events: Vec<ClassifierEpoch>,
    buffers: Buffers,
}

/// Lists that are kept from step to step.
#[derive(Debug, Default)]
struct Buffers {
    rows: Vec<f64>,
    scores: Vec<f64>,
    cotangents: Vec<f64>,
    shared: Vec<f64>,
    by_row: Vec<f64>,
}

/// What a training is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariationalState {
    weights: Vec<f64>,
    steps: u64,
    moments: Vec<Vec<f64>>,
    stream: StreamState,
    events: Vec<ClassifierEpoch>,
}

impl VariationalTraining {
    /// Draws the weights and encodes all rows.
    ///
    /// # Errors
    /// What the classifier refuses, and no epochs or empty batches.
    pub fn new(
        settings: &VariationalSettings,
        examples: &Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        check("epochs", settings.epochs as f64, settings.epochs > 0, "at least 1")?;
        check("batch", settings.batch as f64, settings.batch > 0, "at least 1")?;
        let classes = examples.classes().len();
        let mut stream = Stream::named(seed, "weights");
        let classifier = VariationalClassifier::new(settings, examples.width(), classes, config, &mut stream)?;
        let angles = classifier.angles(examples.features())?;
        let mut parameters = Parameters::new();
        let id = parameters.add("weights", (1, classifier.weights().len()), Init::Constant(0.0), &mut stream);
        parameters.get_mut(id).copy_from_slice(classifier.weights());
        let descent = Descent::new(&settings.optimizer, &parameters)?;
        Ok(Self {
            classifier,
            angles,
            labels: examples.labels().to_vec(),
            parameters,
            descent,
            stream: Stream::named(seed, "order"),
            events: Vec::new(),
            buffers: Buffers::default(),
        })
    }

    /// The classifier as it is now.
    pub fn classifier(&self) -> &VariationalClassifier {
        &self.classifier
    }

    /// What the epochs so far gave.
    pub fn events(&self) -> &[ClassifierEpoch] {
        &self.events
    }

    /// Number of epochs in all.
    pub fn epochs(&self) -> usize {
        self.classifier.settings.epochs
    }

    /// One epoch more, or none when all are done.
    ///
    /// # Errors
    /// When the loss is not finite.
    pub fn step(&mut self) -> Result<Option<ClassifierEpoch>, LearnError> {
        if self.events.len() >= self.epochs() {
            return Ok(None);
        }
        let count = self.labels.len();
        let mut order: Vec<usize> = (0..count).collect();
        if self.classifier.settings.shuffle {
            self.stream.shuffle(&mut order);
        }
        let (mut loss, mut right) = (0.0, 0);
        let mut gradients = Gradients::zeros(&self.parameters);
        for batch in order.chunks(self.classifier.settings.batch) {
            let (batch_loss, batch_right) = self.slopes(batch)?;
            (loss, right) = (loss + batch_loss, right + batch_right);
            gradients.values_mut().copy_from_slice(&self.buffers.shared);
            self.descent.step(&mut self.parameters, &gradients);
            self.classifier.set_weights(self.parameters.values())?;
        }
        let epoch = self.events.len() + 1;
        let event = ClassifierEpoch { epoch, loss: loss / count as f64, accuracy: right as f64 / count as f64 };
        if !event.loss.is_finite() {
            return Err(LearnError::Diverged { epoch, loss: event.loss });
        }
        self.events.push(event);
        Ok(Some(event))
    }

    /// The derivatives of the mean loss of some rows, and the sum of their losses and how many are right.
    fn slopes(&mut self, batch: &[usize]) -> Result<(f64, usize), LearnError> {
        let Self { classifier, angles, labels, buffers, .. } = self;
        let Buffers { rows, scores, cotangents, shared, by_row } = buffers;
        let (width, classes) = (classifier.angles_of_row(), classifier.classes);
        rows.clear();
        batch.iter().for_each(|&row| rows.extend_from_slice(&angles[row * width..(row + 1) * width]));
        let sizes = [batch.len() * classes, batch.len() * classes, classifier.weights.len(), rows.len()];
        for (list, size) in [&mut *scores, &mut *cotangents, &mut *shared, &mut *by_row].into_iter().zip(sizes) {
            list.clear();
            list.resize(size, 0.0);
        }
        let parameters = BatchParameters { shared: &classifier.weights, rows };
        classifier.batch.values(parameters, scores)?;
        let (mut loss, mut right) = (0.0, 0);
        let settings = &classifier.settings;
        let lists = scores.chunks(classes).zip(cotangents.chunks_mut(classes));
        for ((scores, slopes), &row) in lists.zip(batch) {
            let label = labels[row];
            loss += settings.loss.of(scores, label, settings.readout.is_probability(), 1.0 / batch.len() as f64, slopes);
            right += usize::from((0..classes).all(|class| class == label || scores[class] < scores[label]));
        }
        classifier.batch.vjp(parameters, cotangents, scores, BatchGradients { shared, rows: by_row })?;
        Ok((loss, right))
    }

    /// What it can be resumed from.
    pub fn state(&self) -> VariationalState {
        let (steps, moments) = self.descent.save();
        let weights = self.parameters.values().to_vec();
        VariationalState { weights, steps, moments, stream: self.stream.save(), events: self.events.clone() }
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// When it is of another training.
    pub fn resume(&mut self, state: &VariationalState) -> Result<(), LearnError> {
        self.classifier.set_weights(&state.weights)?;
        self.parameters.values_mut().copy_from_slice(&state.weights);
        self.descent.load(state.steps, &state.moments)?;
        self.stream = Stream::load(&state.stream);
        self.events.clone_from(&state.events);
        Ok(())
    }
}
