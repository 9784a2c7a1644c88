//! Fitting a variational classifier, epoch by epoch.

mod batches;
mod whole;

use qloom_circuits::{Stream, StreamState};
use qloom_sim::{BatchParameters, SimulatorConfig};
use serde::{Deserialize, Serialize};

use super::loss::Scores;
use super::natural::NaturalDescent;
use super::optimizer::Method;
use super::{VariationalClassifier, VariationalSettings};
use crate::error::LearnError;
use crate::examples::Examples;
use batches::Batches;
use whole::Whole;

/// What an epoch gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifierEpoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// Mean loss of its rows, each before the step that it is part of; of a method on all rows the least so far; of a kernel's angles 1 less
    /// the mean alignment of the parts; of a fit in one step the share of rows that are told wrong.
    pub loss: f64,
    /// Share of its rows that were told right then; none of an epoch of a kernel's angles.
    pub accuracy: Option<f64>,
}

/// Training as a value: each step is an epoch of mini-batches, each with one forward and one backward pass over all of its rows, or an
/// evaluation of the loss of all rows for a method that sees no batches.
#[derive(Debug)]
pub struct VariationalTraining {
    pub(super) classifier: VariationalClassifier,
    rule: Rule,
    pub(super) rows: Rows,
    stream: Stream,
    events: Vec<ClassifierEpoch>,
}

/// How weights change.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Rule {
    Batches(Batches),
    Whole(Whole),
    /// They are as they were given.
    Given,
}

/// Rows that are evaluated at a time.
const AT_A_TIME: usize = 1024;

/// The training rows, and lists that are kept from step to step.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) angles: Vec<f64>,
    labels: Vec<usize>,
    /// Where shots come from.
    shots: Stream,
    /// Angles of the rows evaluated last.
    taken: Vec<f64>,
    scores: Vec<f64>,
    cotangents: Vec<f64>,
}

/// What a training is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariationalState {
    weights: Vec<f64>,
    steps: u64,
    moments: Vec<Vec<f64>>,
    /// Losses and slopes that a method on all rows was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<(f64, Vec<f64>)>,
    stream: StreamState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shots: Option<StreamState>,
    events: Vec<ClassifierEpoch>,
}

/// The losses of some rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Losses {
    pub(super) sum: f64,
    right: usize,
}

impl VariationalTraining {
    /// Draws the weights and encodes all rows.
    ///
    /// # Errors
    /// What the classifier refuses, no epochs or empty batches, and settings of the optimiser outside their ranges.
    pub fn new(
        settings: &VariationalSettings,
        examples: &Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        settings.check_steps()?;
        let classes = examples.classes().len();
        let classifier = VariationalClassifier::new(settings, examples.width(), classes, config, seed)?;
        let rule = match settings.optimizer.method() {
            Method::Batches(optimizer) => Rule::Batches(Batches::descent(&optimizer, classifier.weights())?),
            Method::Natural(natural) => {
                let descent = NaturalDescent::new(natural, classifier.circuit(), classifier.weights().len(), config)?;
                Rule::Batches(Batches::natural(descent, classifier.weights()))
            }
            Method::Whole(method) => Rule::Whole(Whole::new(method, classifier.weights(), seed)?),
        };
        let rows = Rows::new(classifier.angles(examples.features())?, examples.labels(), seed);
        Ok(Self { classifier, rule, rows, stream: Stream::named(seed, "order"), events: Vec::new() })
    }

    /// A training that has ended, with these weights; its one event has the loss and the accuracy that they have.
    ///
    /// # Errors
    /// As [`VariationalTraining::new`], and when there are more weights, or fewer.
    pub fn ended(
        settings: &VariationalSettings,
        examples: &Examples,
        weights: &[f64],
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let mut training = Self::new(settings, examples, config, seed)?;
        training.classifier.set_weights(weights)?;
        training.rule = Rule::Given;
        let losses = training.rows.all_losses(&mut training.classifier, weights, None)?;
        training.events.push(losses.epoch(1, examples.len()));
        Ok(training)
    }

    /// The classifier as it is now; of a method on all rows, with the weights of the least loss so far until it ends.
    pub fn classifier(&self) -> &VariationalClassifier {
        &self.classifier
    }

    /// What the epochs so far gave.
    pub fn events(&self) -> &[ClassifierEpoch] {
        &self.events
    }

    /// Number of epochs in all, or the most evaluations of a method on all rows, which may end before.
    pub fn epochs(&self) -> usize {
        match &self.rule {
            Rule::Batches(_) => self.classifier.settings.epochs,
            Rule::Whole(whole) if whole.is_over() => self.events.len(),
            Rule::Given => self.events.len(),
            Rule::Whole(_) => self.classifier.settings.optimizer.evaluations().map_or(usize::MAX, |most| most as usize),
        }
    }

    /// One epoch more, or none when all are done.
    ///
    /// # Errors
    /// When the loss is not finite.
    pub fn step(&mut self) -> Result<Option<ClassifierEpoch>, LearnError> {
        let epoch = self.events.len() + 1;
        let Self { classifier, rule, rows, stream, .. } = self;
        let event = match rule {
            Rule::Batches(_) if epoch > classifier.settings.epochs => None,
            Rule::Batches(batches) => {
                let mut order: Vec<usize> = (0..rows.len()).collect();
                if classifier.settings.shuffle {
                    stream.shuffle(&mut order);
                }
                Some(batches.epoch(classifier, rows, &order)?.epoch(epoch, rows.len()))
            }
            Rule::Whole(whole) => whole.step(classifier, rows, epoch)?,
            Rule::Given => None,
        };
        if let Some(event) = event {
            if !event.loss.is_finite() {
                return Err(LearnError::Diverged { epoch, loss: event.loss });
            }
            self.events.push(event);
        }
        Ok(event)
    }

    /// What it can be resumed from.
    pub fn state(&self) -> VariationalState {
        let ((steps, moments), answers) = match &self.rule {
            Rule::Batches(batches) => (batches.save(), Vec::new()),
            Rule::Whole(whole) => ((0, Vec::new()), whole.answers().to_vec()),
            Rule::Given => ((0, Vec::new()), Vec::new()),
        };
        let weights = self.classifier.weights().to_vec();
        let shots = self.classifier.settings.shots.map(|_| self.rows.shots.save());
        VariationalState { weights, steps, moments, answers, stream: self.stream.save(), shots, events: self.events.clone() }
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// When it is of another training.
    pub fn resume(&mut self, state: &VariationalState) -> Result<(), LearnError> {
        self.classifier.set_weights(&state.weights)?;
        match &mut self.rule {
            Rule::Batches(batches) => batches.load(&state.weights, state.steps, &state.moments)?,
            Rule::Whole(whole) => whole.replay(&state.answers, &state.events)?,
            Rule::Given => {}
        }
        self.stream = Stream::load(&state.stream);
        if let Some(shots) = &state.shots {
            self.rows.shots = Stream::load(shots);
        }
        self.events.clone_from(&state.events);
        Ok(())
    }
}

impl Losses {
    /// The mean of so many rows.
    pub(super) fn mean(self, rows: usize) -> f64 {
        self.sum / rows as f64
    }

    fn epoch(self, epoch: usize, rows: usize) -> ClassifierEpoch {
        ClassifierEpoch { epoch, loss: self.mean(rows), accuracy: Some(self.right as f64 / rows as f64) }
    }
}

impl std::ops::AddAssign for Losses {
    fn add_assign(&mut self, more: Self) {
        self.sum += more.sum;
        self.right += more.right;
    }
}

impl Rows {
    /// Rows by their angles and labels.
    pub(super) fn new(angles: Vec<f64>, labels: &[usize], seed: u64) -> Self {
        let (taken, scores, cotangents) = (Vec::new(), Vec::new(), Vec::new());
        Self { angles, labels: labels.to_vec(), shots: Stream::named(seed, "shots of training"), taken, scores, cotangents }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// The losses of all rows at these weights; the derivatives of their mean are added to the gradient.
    pub(super) fn all_losses(
        &mut self,
        classifier: &mut VariationalClassifier,
        weights: &[f64],
        mut gradient: Option<&mut [f64]>,
    ) -> Result<Losses, LearnError> {
        let all: Vec<usize> = (0..self.labels.len()).collect();
        let share = 1.0 / all.len() as f64;
        let mut losses = Losses::default();
        for part in all.chunks(AT_A_TIME) {
            losses += self.losses(classifier, part, weights, gradient.as_deref_mut().map(|gradient| (gradient, share)))?;
        }
        Ok(losses)
    }

    /// The losses of some rows at these weights; their derivatives, each times a share, are added to the gradient.
    pub(super) fn losses(
        &mut self,
        classifier: &mut VariationalClassifier,
        some: &[usize],
        weights: &[f64],
        gradient: Option<(&mut [f64], f64)>,
    ) -> Result<Losses, LearnError> {
        let Self { angles, labels, shots, taken, scores, cotangents } = self;
        let (width, classes) = (classifier.angles_of_row(), classifier.classes);
        let VariationalClassifier { settings, engine, .. } = classifier;
        taken.clear();
        some.iter().for_each(|&row| taken.extend_from_slice(&angles[row * width..(row + 1) * width]));
        for list in [&mut *scores, &mut *cotangents] {
            list.clear();
            list.resize(some.len() * classes, 0.0);
        }
        let parameters = BatchParameters { shared: weights, rows: taken };
        engine.scores(parameters, scores, shots)?;
        let kind = match (settings.readout.is_probability(), settings.shots) {
            (false, _) => Scores::Expectations,
            (true, None) => Scores::Probabilities { least: 1e-10 },
            // a class that no shot showed may have half a shot
            (true, Some(shots)) => Scores::Probabilities { least: 0.5 / shots as f64 },
        };
        let share = gradient.as_ref().map_or(0.0, |(_, share)| *share);
        let mut losses = Losses::default();
        for ((scores, slopes), &row) in scores.chunks(classes).zip(cotangents.chunks_mut(classes)).zip(some) {
            let label = labels[row];
            losses.sum += settings.loss.of(scores, label, kind, share, slopes);
            losses.right += usize::from((0..classes).all(|class| class == label || scores[class] < scores[label]));
        }
        if let Some((gradient, _)) = gradient {
            engine.add_gradient(parameters, cotangents, gradient, shots)?;
        }
        Ok(losses)
    }
}
