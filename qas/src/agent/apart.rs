//! Policies that stand still while episodes are played side by side.

use qloom_circuits::Stream;
use qloom_nn::{Parameters, Tape, Workspace};

use super::actor_critic::{draw, masked};
use super::layers::Layers;
use super::random::draw_legal;
use super::{Dimensions, Observation};
use crate::QasError;

/// Chooses the actions of one episode, and learns nothing.
pub trait EpisodePolicy: Send {
    /// The action to take; never an illegal one as long as one is legal.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when the model breaks down.
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError>;
}

/// Draws among the legal actions with equal probabilities.
pub(super) struct Blind {
    pub(super) num_actions: usize,
    pub(super) stream: Stream,
}

impl EpisodePolicy for Blind {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        Ok(draw_legal(&mut self.stream, self.num_actions, observation))
    }
}

/// Draws by the probabilities of a network, and blindly now and then.
pub(super) struct Sampled {
    pub(super) layers: Layers,
    pub(super) parameters: Parameters<f32>,
    pub(super) workspace: Workspace<f32>,
    pub(super) dimensions: Dimensions,
    pub(super) epsilon: f64,
    /// Training steps made.
    pub(super) updates: u64,
    pub(super) stream: Stream,
}

impl EpisodePolicy for Sampled {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        if self.epsilon > 0.0 && self.stream.unit() < self.epsilon {
            return Ok(draw_legal(&mut self.stream, self.dimensions.actions, observation));
        }
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let logarithms = masked(&self.layers, self.dimensions, &mut tape, &[observation]);
        let probabilities: Vec<f64> = tape.value(logarithms).iter().map(|&number| f64::from(number).exp()).collect();
        if probabilities.iter().any(|probability| !probability.is_finite()) {
            return Err(QasError::Diverged { updates: self.updates, what: "probability of an action" });
        }
        Ok(draw(&probabilities, &mut self.stream))
    }
}

/// The streams of policies, one for each, from one word of the agent's own.
pub(super) fn streams(stream: &mut Stream, count: usize) -> Vec<Stream> {
    let word = stream.word();
    (0..count).map(|number| Stream::numbered(word, "episode", number as u64)).collect()
}
