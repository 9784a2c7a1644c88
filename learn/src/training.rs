//! Fitting a recurrent network to windows, epoch by epoch.

mod force;
#[cfg(test)]
mod tests;

use std::ops::Range;

use qloom_circuits::{Stream, StreamState};
use qloom_nn::{Gradients, Linear, Parameters, Tape, Workspace, mean_square};
use serde::{Deserialize, Serialize};

use crate::cell::CellSettings;
use crate::error::LearnError;
use crate::model::RecurrentModel;
use crate::network::{Kind, ModelSettings, Network, ReservoirModel};
use crate::online::{ForceSettings, RecursiveLeastSquares, RecursiveSettings};
use crate::readout::{Descent, GradientSettings, ReadoutSettings, RidgeSettings, ridge};
use crate::reservoir::ReservoirSettings;
use crate::windows::Windows;

/// What an epoch gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochEvent {
    /// Its number, from 1.
    pub epoch: usize,
    /// Mean over its batches of the mean square error; of all training windows where the readout is fitted in closed form.
    pub train_loss: f64,
    /// Mean square error of the test windows after it.
    pub test_loss: f64,
}

/// What was told of a window before its value was learned, by a readout that learns row by row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveTold {
    /// The window's number, from 0.
    pub window: usize,
    /// What was told of it.
    pub told: f64,
}

/// Training as a value: each step is an epoch, or the one fit in closed form.
///
/// A reservoir's circuits are evaluated once, before the first epoch; its epochs only see the features.
#[derive(Debug)]
pub struct SeriesTraining {
    model: Network,
    windows: Windows,
    /// Windows that the readout is fitted to: those of the training part behind the wash-out.
    fitted: Vec<usize>,
    live: Vec<LiveTold>,
    fit: Fit,
    stream: Stream,
    events: Vec<EpochEvent>,
}

#[derive(Debug)]
enum Fit {
    /// The readout in closed form.
    Closed { settings: RidgeSettings, features: Vec<f64> },
    /// The readout row by row, in one pass.
    Rls { settings: RecursiveSettings, features: Vec<f64> },
    /// The readout row by row, the reservoir hearing its output.
    Force(ForceSettings),
    /// The readout by descent, its parameters by themselves.
    Readout { settings: GradientSettings, features: Vec<f64>, parameters: Parameters<f64>, linear: Linear, descent: Descent },
    /// Everything by descent.
    Whole { settings: GradientSettings, descent: Descent },
}

/// What a training is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingState {
    parameters: Vec<f64>,
    steps: u64,
    moments: Vec<Vec<f64>>,
    stream: StreamState,
    events: Vec<EpochEvent>,
    #[serde(default)]
    live: Vec<LiveTold>,
}

impl SeriesTraining {
    /// Draws the model and, for a reservoir, evaluates its circuits on all windows.
    ///
    /// # Errors
    /// When sizes or settings do not fit, or a network that is no reservoir is to be fitted in closed form.
    pub fn of_model(model: &ModelSettings, readout: &ReadoutSettings, windows: Windows, seed: u64) -> Result<Self, LearnError> {
        match model.kind() {
            Kind::Cell(cell) => Self::new(&cell, readout, windows, seed),
            Kind::Reservoir(reservoir) => Self::of_reservoir(&reservoir, readout, windows, seed),
        }
    }

    /// Draws a network over windows and, where only its readout is trained, evaluates its circuits on all windows.
    ///
    /// # Errors
    /// As [`SeriesTraining::of_model`].
    pub fn new(cell: &CellSettings, readout: &ReadoutSettings, windows: Windows, seed: u64) -> Result<Self, LearnError> {
        let model = RecurrentModel::new(cell, windows.inputs(), &mut Stream::named(seed, "model"))?;
        if cell.reservoir() {
            let features = model.features(&rows(&windows, 0..windows.len()))?;
            return Self::of_features(Network::Recurrent(model), features, readout, windows, seed);
        }
        let ReadoutSettings::Gradient(settings) = readout else {
            return Err(LearnError::Unsupported {
                what: "ridge regression, recursive least squares and FORCE fit a readout, and the network is to be trained whole",
                remedy: "set reservoir = true, or use [train.readout.gradient]",
            });
        };
        settings.check()?;
        let fit = Fit::Whole { settings: settings.clone(), descent: Descent::new(&settings.optimizer, &model.parameters)? };
        Ok(Self {
            model: Network::Recurrent(model),
            fitted: (0..windows.training()).collect(),
            live: Vec::new(),
            windows,
            fit,
            stream: Stream::named(seed, "order"),
            events: Vec::new(),
        })
    }

    /// Draws a reservoir and runs it along the whole series; a window stands for its last row.
    ///
    /// # Errors
    /// When settings do not fit, or the wash-out leaves nothing to be fitted to.
    pub fn of_reservoir(
        reservoir: &ReservoirSettings,
        readout: &ReadoutSettings,
        windows: Windows,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let ranges = ReservoirModel::ranges(reservoir, &windows);
        let mut model = ReservoirModel::new(reservoir, ranges, &mut Stream::named(seed, "model"))?;
        // whoever hears its own output has no features before it is trained
        let features = if matches!(readout, ReadoutSettings::Force(_)) { Vec::new() } else { model.features(&windows)? };
        Self::of_features(Network::Reservoir(model), features, readout, windows, seed)
    }

    /// A training of the readout alone.
    fn of_features(
        mut model: Network,
        features: Vec<f64>,
        readout: &ReadoutSettings,
        windows: Windows,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let fit = match readout {
            ReadoutSettings::Ridge(settings) => {
                settings.check()?;
                model.set_readout(&vec![0.0; model.features() + 1]);
                Fit::Closed { settings: settings.clone(), features }
            }
            ReadoutSettings::Rls(settings) => {
                settings.check()?;
                model.set_readout(&vec![0.0; model.features() + 1]);
                Fit::Rls { settings: *settings, features }
            }
            ReadoutSettings::Force(settings) => {
                settings.readout().check()?;
                force::check(&model, &windows)?;
                model.set_readout(&vec![0.0; model.features() + 1]);
                Fit::Force(*settings)
            }
            ReadoutSettings::Gradient(settings) => {
                settings.check()?;
                let mut parameters = Parameters::new();
                let linear = Linear::new(&mut parameters, "readout", (model.features(), 1), &mut Stream::named(0, "readout"));
                parameters.values_mut().copy_from_slice(&model.readout());
                let descent = Descent::new(&settings.optimizer, &parameters)?;
                Fit::Readout { settings: settings.clone(), features, parameters, linear, descent }
            }
        };
        let fitted = model.fitted(&windows)?;
        let stream = Stream::named(seed, "order");
        Ok(Self { model, windows, fitted, live: Vec::new(), fit, stream, events: Vec::new() })
    }

    /// The network as it is now.
    pub fn model(&self) -> &Network {
        &self.model
    }

    /// The windows it is fitted to.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// What the epochs so far gave.
    pub fn events(&self) -> &[EpochEvent] {
        &self.events
    }

    /// Number of epochs in all.
    pub fn epochs(&self) -> usize {
        match &self.fit {
            Fit::Closed { .. } | Fit::Rls { .. } | Fit::Force(_) => 1,
            Fit::Readout { settings, .. } | Fit::Whole { settings, .. } => settings.epochs,
        }
    }

    /// Whether the readout is fitted to a window: one of the training part behind the wash-out.
    pub fn is_fitted(&self, window: usize) -> bool {
        self.fitted.binary_search(&window).is_ok()
    }

    /// What a readout that learns row by row told of each window before it learned the window's value, in the order in which it met them.
    pub fn live(&self) -> &[LiveTold] {
        &self.live
    }

    /// One epoch more, or none when all are done.
    ///
    /// # Errors
    /// When a loss is not finite, or what the simulation refuses.
    pub fn step(&mut self) -> Result<Option<EpochEvent>, LearnError> {
        if self.events.len() == self.epochs() {
            return Ok(None);
        }
        let epoch = self.events.len() + 1;
        let train_loss = self.train()?;
        let test = self.windows.training()..self.windows.len();
        let test_loss = mean_square_error(&self.told(test.clone())?, &self.windows.targets()[test]);
        if let Some(loss) = [train_loss, test_loss].into_iter().find(|loss| !loss.is_finite()) {
            return Err(LearnError::Diverged { epoch, loss });
        }
        let event = EpochEvent { epoch, train_loss, test_loss };
        self.events.push(event);
        Ok(Some(event))
    }

    /// What the network tells of a range of windows; of a reservoir, from the features that it was fitted to. Where the readout learns to
    /// the end, or the reservoir hears its own output, it is what was told on the way.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn told(&self, range: Range<usize>) -> Result<Vec<f64>, LearnError> {
        let (mut told, live) = match &self.fit {
            Fit::Rls { features, settings } => (self.of_cached(features, range.clone()), settings.adapt),
            Fit::Closed { features, .. } | Fit::Readout { features, .. } => (self.of_cached(features, range.clone()), false),
            Fit::Force(_) => (vec![0.0; range.len()], true),
            Fit::Whole { .. } => (recurrent(&self.model).predict(&rows(&self.windows, range.clone()))?, false),
        };
        for one in self.live.iter().filter(|one| live && range.contains(&one.window)) {
            told[one.window - range.start] = one.told;
        }
        Ok(told)
    }

    fn of_cached(&self, features: &[f64], range: Range<usize>) -> Vec<f64> {
        let weights = self.model.readout();
        let (bias, weights) = weights.split_last().expect("a bias");
        let rows = features.chunks(weights.len()).skip(range.start).take(range.len());
        rows.map(|row| row.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() + bias).collect()
    }

    /// Mean square error of the windows that the readout is fitted to.
    fn fitted_loss(&self) -> Result<f64, LearnError> {
        let told = self.told(0..self.windows.training())?;
        let of = |values: &[f64]| self.fitted.iter().map(|&window| values[window]).collect::<Vec<f64>>();
        Ok(mean_square_error(&of(&told), &of(self.windows.targets())))
    }

    /// Fits once through the training windows; the loss.
    fn train(&mut self) -> Result<f64, LearnError> {
        let Self { model, windows, fit, stream, fitted, live, .. } = self;
        let targets = windows.targets();
        match fit {
            Fit::Closed { settings, features } => {
                let columns = model.features();
                let known: Vec<f64> =
                    fitted.iter().flat_map(|&row| &features[row * columns..(row + 1) * columns]).copied().collect();
                let wanted: Vec<f64> = fitted.iter().map(|&row| targets[row]).collect();
                let (weights, _) = ridge(&known, &wanted, columns, settings)?;
                model.set_readout(&weights);
                self.fitted_loss()
            }
            Fit::Rls { settings, features } => {
                let columns = model.features();
                let mut readout = RecursiveLeastSquares::new(columns, settings)?;
                let later = if settings.adapt { windows.training()..windows.len() } else { 0..0 };
                for window in fitted.iter().copied().chain(later) {
                    let row = &features[window * columns..(window + 1) * columns];
                    live.push(LiveTold { window, told: readout.tell(row) });
                    readout.update(row, targets[window]);
                }
                model.set_readout(readout.weights());
                self.fitted_loss()
            }
            Fit::Force(settings) => {
                let Network::Reservoir(reservoir) = model else { unreachable!("only what runs along a series hears itself") };
                let (weights, told) = force::run(reservoir, settings, windows)?;
                *live = told;
                model.set_readout(&weights);
                self.fitted_loss()
            }
            Fit::Readout { settings, features, parameters, linear, descent } => {
                let columns = model.features();
                let order = order(fitted, settings.shuffle, stream);
                let (mut workspace, mut gradients) = (Workspace::new(), Gradients::zeros(parameters));
                let (mut sum, mut batches) = (0.0, 0);
                for batch in order.chunks(settings.batch) {
                    let input: Vec<f64> =
                        batch.iter().flat_map(|&row| &features[row * columns..(row + 1) * columns]).copied().collect();
                    let wanted: Vec<f64> = batch.iter().map(|&row| targets[row]).collect();
                    let mut tape = Tape::new(parameters, &mut workspace);
                    let input = tape.constant((batch.len(), columns), &input);
                    let told = linear.forward(&mut tape, input);
                    let wanted = tape.constant((batch.len(), 1), &wanted);
                    let loss = mean_square(&mut tape, told, wanted);
                    (sum, batches) = (sum + tape.value(loss)[0], batches + 1);
                    gradients.clear();
                    tape.backward(loss, &mut gradients)?;
                    descent.step(parameters, &gradients);
                }
                model.set_readout(parameters.values());
                Ok(sum / f64::from(batches))
            }
            Fit::Whole { settings, descent } => {
                let Network::Recurrent(model) = model else { unreachable!("{WHOLE}") };
                let order = order(fitted, settings.shuffle, stream);
                let (mut workspace, mut gradients) = (Workspace::new(), Gradients::zeros(&model.parameters));
                let (mut sum, mut batches) = (0.0, 0);
                for batch in order.chunks(settings.batch) {
                    let input: Vec<&[f64]> = batch.iter().map(|&row| windows.window(row)).collect();
                    let wanted: Vec<f64> = batch.iter().map(|&row| targets[row]).collect();
                    let mut tape = Tape::new(&model.parameters, &mut workspace);
                    let told = model.forward(&mut tape, &input)?;
                    let wanted = tape.constant((batch.len(), 1), &wanted);
                    let loss = mean_square(&mut tape, told, wanted);
                    (sum, batches) = (sum + tape.value(loss)[0], batches + 1);
                    gradients.clear();
                    tape.backward(loss, &mut gradients)?;
                    drop(tape);
                    descent.step(&mut model.parameters, &gradients);
                }
                Ok(sum / f64::from(batches))
            }
        }
    }

    /// What it is resumed from.
    pub fn state(&self) -> TrainingState {
        let (parameters, (steps, moments)) = match &self.fit {
            Fit::Closed { .. } | Fit::Rls { .. } | Fit::Force(_) => (self.model.parameters().values().to_vec(), (0, Vec::new())),
            Fit::Readout { descent, .. } | Fit::Whole { descent, .. } => {
                (self.model.parameters().values().to_vec(), descent.save())
            }
        };
        let (stream, events, live) = (self.stream.save(), self.events.clone(), self.live.clone());
        TrainingState { parameters, steps, moments, stream, events, live }
    }

    /// Goes on from a saved state of the same training.
    ///
    /// # Errors
    /// When it belongs to other sizes.
    pub fn resume(&mut self, state: &TrainingState) -> Result<(), LearnError> {
        let (expected, given) = (self.model.parameters().values().len(), state.parameters.len());
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "parameters of the saved state", expected, given });
        }
        self.model.parameters_mut().values_mut().copy_from_slice(&state.parameters);
        match &mut self.fit {
            Fit::Closed { .. } | Fit::Rls { .. } | Fit::Force(_) => {}
            Fit::Readout { descent, parameters, .. } => {
                descent.load(state.steps, &state.moments)?;
                parameters.values_mut().copy_from_slice(&self.model.readout());
            }
            Fit::Whole { descent, .. } => descent.load(state.steps, &state.moments)?,
        }
        self.stream = Stream::load(&state.stream);
        self.events.clone_from(&state.events);
        self.live.clone_from(&state.live);
        Ok(())
    }
}

const WHOLE: &str = "only networks over windows are trained whole";

fn recurrent(model: &Network) -> &RecurrentModel {
    match model {
        Network::Recurrent(model) => model,
        Network::Reservoir(_) => unreachable!("{WHOLE}"),
    }
}

fn rows(windows: &Windows, range: Range<usize>) -> Vec<&[f64]> {
    range.map(|index| windows.window(index)).collect()
}

/// The windows of an epoch in the order in which they are seen.
pub(crate) fn order(windows: &[usize], shuffle: bool, stream: &mut Stream) -> Vec<usize> {
    let mut order = windows.to_vec();
    if shuffle {
        stream.shuffle(&mut order);
    }
    order
}

fn mean_square_error(values: &[f64], targets: &[f64]) -> f64 {
    values.iter().zip(targets).map(|(value, target)| (value - target).powi(2)).sum::<f64>() / targets.len() as f64
}
