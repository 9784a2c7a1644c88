//! Fitting a model to labelled series, epoch by epoch.

use qloom_circuits::{Stream, StreamState};
use qloom_nn::{Gradients, Tape, Workspace, softmax_cross_entropy};
use serde::{Deserialize, Serialize};

use super::Sequences;
use super::model::{Pooling, SequenceModel, highest};
use crate::error::LearnError;
use crate::network::ModelSettings;
use crate::readout::{Descent, Directions, GradientSettings, ReadoutSettings, RidgeSettings};
use crate::score::accuracy;
use crate::training::order;

/// What an epoch gives. Losses are the mean cross-entropy of the softmax of the scores, of a closed form the mean square distance of the
/// scores to 1 for the right class and to 0 for the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceEvent {
    /// Its number, from 1.
    pub epoch: usize,
    /// Mean over its batches of the loss; of all training series where the readout is fitted in closed form.
    pub train_loss: f64,
    /// Loss of the test series after it.
    pub test_loss: f64,
    /// Share of the training series that are told right after it.
    pub train_accuracy: f64,
    /// Share of the test series that are told right after it.
    pub test_accuracy: f64,
}

#[derive(Debug)]
enum Fit {
    /// Each class against all others by ridge regression.
    Closed(RidgeSettings),
    /// By descent.
    Descent { settings: GradientSettings, descent: Descent },
}

/// Training as a value: each step is an epoch, or the one fit in closed form.
///
/// ```
/// use qloom_learn::{EchoState, ModelSettings, Pooling, ReadoutSettings, RidgeSettings, SequenceTraining, Sequences};
/// // slow and fast waves of several lengths
/// let wave = |k: usize| (0..30 + k).map(|t| (t as f64 * if k % 2 == 0 { 0.2 } else { 0.5 } + k as f64).sin()).collect();
/// let labels: Vec<String> = (0..24).map(|k| ["slow", "fast"][k % 2].to_owned()).collect();
/// let all = Sequences::new(1, (0..24).map(wave).collect(), &labels)?;
/// let (train, test) = (all.part(&(0..16).collect::<Vec<_>>()), all.part(&(16..24).collect::<Vec<_>>()));
/// let model = ModelSettings::EchoState(EchoState { nodes: 10, wash_out: 5, ..EchoState::default() });
/// let readout = ReadoutSettings::Ridge(RidgeSettings { regularization: 1e-3, ..RidgeSettings::default() });
/// let mut training = SequenceTraining::new(&model, Pooling::Mean, &readout, (train, test), 1)?;
/// let event = training.step()?.expect("a closed form has one step");
/// assert!(event.test_accuracy > 0.8);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct SequenceTraining {
    model: SequenceModel,
    train: Sequences,
    test: Sequences,
    /// Features of the training and test series, where only the readout is trained.
    cached: Option<(Vec<f64>, Vec<f64>)>,
    fit: Fit,
    stream: Stream,
    events: Vec<SequenceEvent>,
}

/// What a training is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceState {
    parameters: Vec<f64>,
    steps: u64,
    moments: Vec<Vec<f64>>,
    stream: StreamState,
    events: Vec<SequenceEvent>,
}

impl SequenceTraining {
    /// Draws the model and, where only its readout is trained, evaluates it on all series.
    ///
    /// # Errors
    /// When sizes or settings do not fit, a series is not longer than the wash-out, or a readout is for series whose next value is told.
    pub fn new(
        model: &ModelSettings,
        pooling: Pooling,
        readout: &ReadoutSettings,
        (train, test): (Sequences, Sequences),
        seed: u64,
    ) -> Result<Self, LearnError> {
        let ranges = SequenceModel::ranges_of(model, &train);
        let sizes = (train.inputs(), train.classes().len());
        let mut model = SequenceModel::new(model, pooling, sizes, ranges, &mut Stream::named(seed, "model"))?;
        let cached = match model.reservoir() {
            true => Some((model.features_of(&train.rows())?, model.features_of(&test.rows())?)),
            false => None,
        };
        let fit = match readout {
            ReadoutSettings::Ridge(settings) if cached.is_some() => {
                settings.check()?;
                Fit::Closed(settings.clone())
            }
            ReadoutSettings::Ridge(_) => {
                return Err(LearnError::Unsupported {
                    what: "ridge regression fits a readout, and the network is to be trained whole",
                    remedy: "set reservoir = true, or use [train.readout.gradient]",
                });
            }
            ReadoutSettings::Gradient(settings) => {
                settings.check()?;
                let descent = Descent::new(&settings.optimizer, &model.parameters)?;
                Fit::Descent { settings: settings.clone(), descent }
            }
            ReadoutSettings::Rls(_) | ReadoutSettings::Force(_) => {
                return Err(LearnError::Unsupported {
                    what: "readouts that learn row by row tell a value after each row, not the class of a series",
                    remedy: "use [train.readout.ridge] or [train.readout.gradient]",
                });
            }
        };
        Ok(Self { model, train, test, cached, fit, stream: Stream::named(seed, "order"), events: Vec::new() })
    }

    /// The model as it is now.
    pub fn model(&self) -> &SequenceModel {
        &self.model
    }

    /// The series it is fitted to.
    pub fn train(&self) -> &Sequences {
        &self.train
    }

    /// The series it is judged on.
    pub fn test(&self) -> &Sequences {
        &self.test
    }

    /// What the epochs so far gave.
    pub fn events(&self) -> &[SequenceEvent] {
        &self.events
    }

    /// Number of epochs in all.
    pub fn epochs(&self) -> usize {
        match &self.fit {
            Fit::Closed(_) => 1,
            Fit::Descent { settings, .. } => settings.epochs,
        }
    }

    /// One epoch more, or none when all are done.
    ///
    /// # Errors
    /// When a loss is not finite, or what the simulation refuses.
    pub fn step(&mut self) -> Result<Option<SequenceEvent>, LearnError> {
        if self.events.len() == self.epochs() {
            return Ok(None);
        }
        let epoch = self.events.len() + 1;
        let batches = self.fit()?;
        let [train_scores, test_scores] = self.scores()?;
        let classes = self.train.classes().len();
        let told = |scores: &[f64]| highest(scores, classes);
        let train_loss = batches.unwrap_or_else(|| self.loss(&train_scores, self.train.labels()));
        let test_loss = self.loss(&test_scores, self.test.labels());
        if let Some(loss) = [train_loss, test_loss].into_iter().find(|loss| !loss.is_finite()) {
            return Err(LearnError::Diverged { epoch, loss });
        }
        let train_accuracy = accuracy(&told(&train_scores), self.train.labels());
        let test_accuracy = accuracy(&told(&test_scores), self.test.labels());
        let event = SequenceEvent { epoch, train_loss, test_loss, train_accuracy, test_accuracy };
        self.events.push(event);
        Ok(Some(event))
    }

    /// What is told of the training and of the test series.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn told(&self) -> Result<[Vec<usize>; 2], LearnError> {
        let classes = self.train.classes().len();
        Ok(self.scores()?.map(|scores| highest(&scores, classes)))
    }

    fn scores(&self) -> Result<[Vec<f64>; 2], LearnError> {
        if let Some((train, test)) = &self.cached {
            return Ok([self.model.scores(train), self.model.scores(test)]);
        }
        let train = self.model.features_of_cell(&self.train.rows())?;
        let test = self.model.features_of_cell(&self.test.rows())?;
        Ok([self.model.scores(&train), self.model.scores(&test)])
    }

    fn loss(&self, scores: &[f64], labels: &[usize]) -> f64 {
        let classes = self.train.classes().len();
        let of = |(row, &label): (&[f64], &usize)| match &self.fit {
            Fit::Closed(_) => {
                let distance = |(class, score): (usize, &f64)| (score - f64::from(u8::from(class == label))).powi(2);
                row.iter().enumerate().map(distance).sum::<f64>() / classes as f64
            }
            Fit::Descent { .. } => {
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                row.iter().map(|score| (score - most).exp()).sum::<f64>().ln() + most - row[label]
            }
        };
        scores.chunks(classes).zip(labels).map(of).sum::<f64>() / labels.len() as f64
    }

    /// Fits once through the training series; the mean loss of the batches, where there are any.
    fn fit(&mut self) -> Result<Option<f64>, LearnError> {
        let Self { model, train, cached, fit, stream, .. } = self;
        let width = model.features();
        match fit {
            Fit::Closed(settings) => {
                let (known, _) = cached.as_ref().expect("a closed form has features");
                let directions = Directions::new(known, width)?;
                let one = |class: usize| {
                    let wanted: Vec<f64> = train.labels().iter().map(|label| f64::from(u8::from(*label == class))).collect();
                    Ok(directions.fit(&wanted, settings)?.0)
                };
                let weights = (0..train.classes().len()).map(one).collect::<Result<Vec<_>, LearnError>>()?;
                model.set_readout(&weights);
                Ok(None)
            }
            Fit::Descent { settings, descent } => {
                let all: Vec<usize> = (0..train.len()).collect();
                let (mut workspace, mut gradients) = (Workspace::new(), Gradients::zeros(&model.parameters));
                let (rows, labels) = (train.rows(), train.labels());
                let (mut sum, mut batches) = (0.0, 0);
                for batch in order(&all, settings.shuffle, stream).chunks(settings.batch) {
                    let mut tape = Tape::new(&model.parameters, &mut workspace);
                    let features = match cached {
                        Some((known, _)) => {
                            let row = |&index: &usize| &known[index * width..(index + 1) * width];
                            let input: Vec<f64> = batch.iter().flat_map(row).copied().collect();
                            tape.constant((batch.len(), width), &input)
                        }
                        None => model.on_tape(&mut tape, &batch.iter().map(|&index| rows[index]).collect::<Vec<_>>())?,
                    };
                    let scores = model.read(&mut tape, features);
                    let loss = softmax_cross_entropy(&mut tape, scores, batch.iter().map(|&index| labels[index]));
                    (sum, batches) = (sum + tape.value(loss)[0], batches + 1);
                    gradients.clear();
                    tape.backward(loss, &mut gradients)?;
                    drop(tape);
                    // a frozen cell is not on the tape: its gradients are 0
                    descent.step(&mut model.parameters, &gradients);
                }
                Ok(Some(sum / f64::from(batches)))
            }
        }
    }

    /// What it is resumed from.
    pub fn state(&self) -> SequenceState {
        let (steps, moments) = match &self.fit {
            Fit::Closed(_) => (0, Vec::new()),
            Fit::Descent { descent, .. } => descent.save(),
        };
        let (stream, events) = (self.stream.save(), self.events.clone());
        SequenceState { parameters: self.model.parameters.values().to_vec(), steps, moments, stream, events }
    }

    /// Goes on from a saved state of the same training.
    ///
    /// # Errors
    /// When it belongs to other sizes.
    pub fn resume(&mut self, state: &SequenceState) -> Result<(), LearnError> {
        let (expected, given) = (self.model.parameters.values().len(), state.parameters.len());
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "parameters of the saved state", expected, given });
        }
        self.model.parameters.values_mut().copy_from_slice(&state.parameters);
        match &mut self.fit {
            Fit::Closed(_) => {}
            Fit::Descent { descent, .. } => descent.load(state.steps, &state.moments)?,
        }
        self.stream = Stream::load(&state.stream);
        self.events.clone_from(&state.events);
        Ok(())
    }
}
