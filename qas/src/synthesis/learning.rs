//! Values learned from states that random gates lead to.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::space::Space;
use super::values::ActionValues;
use crate::QasError;
use crate::error::{decode, encode};

/// Settings of a [`Learning`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LearningConfig {
    /// Sizes of the hidden layers, at least one, each from 1 to 8192. Default `[256, 256]`.
    pub hidden: Vec<usize>,
    /// Rounds, each of which ends with new weights for the targets. Default 40.
    pub rounds: u64,
    /// Updates a round, at least 1. Default 250.
    pub updates: u64,
    /// States an update, from 1 to 65536. Default 256.
    pub batch: usize,
    /// The most random actions between the goal and a state, from 1 to 1000; their number is drawn evenly. Default 12.
    pub scramble: usize,
    /// Learning rate of Adam, positive. Default 0.001.
    pub learning_rate: f64,
    /// The share of actions drawn blindly, in [0, 1]; the others are those that seem best. Default 0.5.
    pub blind: f64,
}

impl Default for LearningConfig {
    fn default() -> Self {
        Self { hidden: vec![256, 256], rounds: 40, updates: 250, batch: 256, scramble: 12, learning_rate: 1e-3, blind: 0.5 }
    }
}

impl LearningConfig {
    fn check(&self, space: &impl Space) -> Result<(), QasError> {
        let within = |setting: &'static str, value: usize, most: usize| {
            let fits = (1..=most).contains(&value);
            fits.then_some(()).ok_or_else(|| QasError::invalid(setting, value, format!("it has to be from 1 to {most}")))
        };
        within("synthesis.learning.hidden", self.hidden.len(), 16)?;
        self.hidden.iter().try_for_each(|&width| within("synthesis.learning.hidden", width, 8192))?;
        within("synthesis.learning.updates", self.updates as usize, 1 << 40)?;
        within("synthesis.learning.batch", self.batch, 65_536)?;
        within("synthesis.learning.scramble", self.scramble, 1000)?;
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return Err(QasError::invalid(
                "synthesis.learning.learning_rate",
                self.learning_rate,
                "it has to be finite and positive",
            ));
        }
        if !(0.0..=1.0).contains(&self.blind) {
            return Err(QasError::invalid("synthesis.learning.blind", self.blind, "it has to be in [0, 1]"));
        }
        let sizes: Vec<usize> = [&[space.width()], &self.hidden[..], &[space.actions()]].concat();
        let weights: u64 = sizes.windows(2).map(|pair| (pair[0] * pair[1]) as u64).sum();
        let most = 1 << 28;
        if weights > most {
            let requirement = format!("the network would have {weights} weights, at most {most} are allowed");
            return Err(QasError::invalid("synthesis.learning.hidden", format!("{:?}", self.hidden), requirement));
        }
        Ok(())
    }
}

/// A round in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningEvent {
    /// Its number, counted from 1.
    pub round: u64,
    /// Mean loss of its updates.
    pub loss: f64,
    /// Mean value of the best action of its states.
    pub to_go: f64,
}

/// Approximate value iteration: what an action leaves is its cost and the least of what the actions after it leave, by older weights.
///
/// A state is made by random actions from the goal. As each of them can be undone, what is left is at most their cost, which bounds the targets.
///
/// ```
/// use qloom_qas::synthesis::{AnySpace, CliffordConfig, Learning, LearningConfig, Method, SearchLimits, Space, SpaceConfig, best_first};
/// let space = AnySpace::new(&SpaceConfig::Clifford(CliffordConfig { qubits: 2, coupling: Default::default() }))?;
/// let config = LearningConfig { hidden: vec![32], rounds: 4, updates: 50, scramble: 4, ..LearningConfig::default() };
/// let mut learning = Learning::new(space, config, 1)?;
/// while learning.step()?.is_some() {}
/// let mut circuit = qloom_circuits::Circuit::new(2);
/// circuit.swap(0, 1);
/// let matrix = circuit.unitary(&[])?;
/// let (space, values) = learning.parts_mut();
/// let course = best_first(space, values, space.state(&matrix)?, Method::QStar, &SearchLimits::default())?;
/// assert_eq!(course.path.map(|path| path.len()), Some(3)); // a swap is three cz
/// # Ok::<(), qloom_qas::QasError>(())
/// ```
pub struct Learning<S: Space> {
    space: S,
    config: LearningConfig,
    values: ActionValues,
    stream: Stream,
    round: u64,
}

/// A saved [`Learning`].
#[derive(Serialize, Deserialize)]
struct Saved {
    round: u64,
    stream: StreamState,
    values: Vec<u8>,
}

impl<S: Space> Learning<S> {
    /// Draws the weights.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for settings out of range.
    pub fn new(space: S, config: LearningConfig, seed: u64) -> Result<Self, QasError> {
        config.check(&space)?;
        let values =
            ActionValues::new(&space, &config.hidden, config.learning_rate, &mut Stream::named(seed, "synthesis.weights"))?;
        Ok(Self { space, config, values, stream: Stream::named(seed, "synthesis.states"), round: 0 })
    }

    /// Does a round; nothing when all are done.
    ///
    /// # Errors
    /// [`QasError::Diverged`] when a loss is not finite.
    pub fn step(&mut self) -> Result<Option<LearningEvent>, QasError> {
        if self.round >= self.config.rounds {
            return Ok(None);
        }
        self.values.renew_target();
        let (mut losses, mut to_go) = (0.0, 0.0);
        for _ in 0..self.config.updates {
            let (loss, best) = self.update()?;
            losses += loss;
            to_go += best;
        }
        self.round += 1;
        let updates = self.config.updates as f64;
        Ok(Some(LearningEvent { round: self.round, loss: losses / updates, to_go: to_go / updates }))
    }

    /// An update: its loss and the mean of the best values.
    fn update(&mut self) -> Result<(f64, f64), QasError> {
        let Self { space, config, values, stream, .. } = self;
        let mut states = Vec::with_capacity(config.batch);
        let mut bounds = Vec::with_capacity(config.batch);
        for _ in 0..config.batch {
            let (state, cost) = scrambled(space, 1 + stream.below(config.scramble), stream);
            states.push(state);
            bounds.push(cost);
        }
        let mut actions = vec![0; states.len()];
        let mut total = 0.0;
        values.evaluate(space, &states, |row, row_values| {
            let (best, value) = least(row_values);
            actions[row] = best;
            total += f64::from(value);
        });
        for action in &mut actions {
            if stream.unit() < config.blind {
                *action = stream.below(space.actions());
            }
        }
        let goal = space.goal();
        let after: Vec<S::State> = states.iter().zip(&actions).map(|(state, &action)| space.apply(state, action)).collect();
        let mut targets = vec![0.0; states.len()];
        values.evaluate_target(space, &after, |row, row_values| targets[row] = least(row_values).1);
        for (((target, &action), state), bound) in targets.iter_mut().zip(&actions).zip(&after).zip(&bounds) {
            let cost = space.cost(action);
            // what was done can be undone, the action first
            let left = if *state == goal { 0.0 } else { target.clamp(0.0, bound + cost) };
            *target = cost + left;
        }
        let loss = values.train(space, &states, &actions, &targets)?;
        Ok((f64::from(loss), total / states.len() as f64))
    }

    /// Rounds done and rounds in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.round, self.config.rounds)
    }

    /// The space that is learned about.
    pub fn space(&self) -> &S {
        &self.space
    }

    /// The values learned so far.
    pub fn values(&self) -> &ActionValues {
        &self.values
    }

    /// The space and the values, to be asked.
    pub fn parts_mut(&mut self) -> (&S, &mut ActionValues) {
        (&self.space, &mut self.values)
    }

    /// Everything needed to go on.
    ///
    /// # Errors
    /// [`QasError::Network`] when the format cannot hold the weights.
    pub fn state(&self) -> Result<Vec<u8>, QasError> {
        Ok(encode(&Saved { round: self.round, stream: self.stream.save(), values: self.values.save()? }))
    }

    /// Goes on from a saved state, as the one that was saved would have, bit for bit.
    ///
    /// # Errors
    /// [`QasError::Corrupt`] and [`QasError::OtherSearch`] when the bytes do not fit.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("synthesis", bytes)?;
        self.values.load(&saved.values)?;
        (self.round, self.stream) = (saved.round, Stream::load(&saved.stream));
        Ok(())
    }
}

/// A state that random actions lead to from the goal, and their cost.
pub(super) fn scrambled<S: Space>(space: &S, actions: usize, stream: &mut Stream) -> (S::State, f32) {
    (0..actions).fold((space.goal(), 0.0), |(state, cost), _| {
        let action = stream.below(space.actions());
        (space.apply(&state, action), cost + space.cost(action))
    })
}

/// The least of some values, and the first place that has it.
pub(super) fn least(values: &[f32]) -> (usize, f32) {
    let first = (0, f32::INFINITY);
    values.iter().enumerate().fold(first, |best, (place, &value)| if value < best.1 { (place, value) } else { best })
}
