//! Agents: who chooses the next gate.

mod actor_critic;
pub mod apart;
mod check;
pub mod dqn;
pub mod evolution;
pub mod gflownet;
mod layers;
pub mod mcts;
pub mod network;
pub mod ppo;
pub mod random;
pub mod replay;
pub mod sqirl;
pub mod stream_q;

use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::agent::apart::EpisodePolicy;
use crate::agent::dqn::DqnConfig;
use crate::agent::evolution::EvolutionConfig;
use crate::agent::gflownet::GflownetConfig;
use crate::agent::mcts::config::MctsConfig;
use crate::agent::ppo::config::PpoConfig;
use crate::agent::random::RandomConfig;
use crate::agent::sqirl::SqirlConfig;
use crate::agent::stream_q::StreamQConfig;
use crate::walk::adapt::AdaptConfig;
use crate::walk::annealing::AnnealingConfig;
use crate::walk::genetic::GeneticConfig;
use crate::walk::layers::LayersConfig;
use crate::walk::local::LocalConfig;
use crate::walk::product::ProductConfig;
pub(crate) use layers::refused;

/// What an agent is told about the partial circuit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Entries of the flattened moment tensor that are 1; all others are 0.
    pub entries: Vec<u32>,
    /// The energy feature, the last number of the network's input.
    pub energy: f32,
    /// Further numbers that the settings of the environment ask for.
    pub features: Vec<f32>,
    /// Numbers of the actions that are illegal here, ascending.
    pub illegal: Vec<u16>,
}

impl Observation {
    /// Whether this action may be chosen.
    pub fn is_legal(&self, action: usize) -> bool {
        !self.illegal.iter().any(|&illegal| usize::from(illegal) == action)
    }

    /// Whether all that is seen is within these sizes.
    pub(crate) fn fits(&self, dimensions: Dimensions) -> bool {
        self.entries.iter().all(|&entry| (entry as usize) < dimensions.inputs - 1)
            && self.features.len() == dimensions.features
            && self.illegal.iter().all(|&action| usize::from(action) < dimensions.actions)
    }
}

/// One step of an episode.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// What was seen before the action.
    pub before: Observation,
    /// The action chosen.
    pub action: usize,
    /// The reward received.
    pub reward: f64,
    /// What was seen after it.
    pub after: Observation,
    /// Whether the episode ended here.
    pub done: bool,
}

/// The sizes an agent has to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Length of the moment tensor and the energy feature.
    pub inputs: usize,
    /// How many further numbers there are.
    pub features: usize,
    /// Number of actions.
    pub actions: usize,
}

/// Chooses actions and learns from what they bring.
pub trait Agent: Send {
    /// The action to take; never an illegal one as long as one is legal.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] or [`QasError::Network`] when the agent's model breaks down.
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError>;

    /// The action it holds to be the best, where its policy is tested; by default that of [`act`](Self::act).
    ///
    /// # Errors
    ///
    /// As [`act`](Self::act).
    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        self.act(observation)
    }

    /// Is told by how much a test of its policy has lowered the energy, in the problem's unit; returns whether it has gone back to an
    /// earlier policy. By default it does nothing.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when a policy cannot be kept.
    fn tested(&mut self, fall: f64) -> Result<bool, QasError> {
        let _ = fall;
        Ok(false)
    }

    /// Whether its policy stands still within an episode, so that [`apart`](Self::apart) gives some; by default not.
    fn plays_apart(&self) -> bool {
        false
    }

    /// Policies of the next episodes, at least one and at most `count`, for playing these side by side. What they did is then told by
    /// [`observe`](Self::observe), one episode after the other. By default there are none.
    ///
    /// # Errors
    ///
    /// As [`act`](Self::act).
    fn apart(&mut self, count: usize) -> Result<Vec<Box<dyn EpisodePolicy>>, QasError> {
        let _ = count;
        Ok(Vec::new())
    }

    /// Takes notice of a step.
    fn observe(&mut self, transition: Transition);

    /// Improves the policy; returns the loss when a training step was made.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] or [`QasError::Network`] when the agent's model breaks down.
    fn learn(&mut self) -> Result<Option<f64>, QasError>;

    /// Probability with which the next action is drawn blindly.
    fn exploration(&self) -> f64;

    /// The weights by which it chooses, as a file in the safetensors format; `None` for an agent without any, which is the
    /// default.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the format cannot hold them.
    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        Ok(None)
    }

    /// Begins with weights that [`policy`](Self::policy) gave, of an agent of the same shape; nothing else is taken over. By default refused.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for an agent that has no weights, [`QasError::Corrupt`] and [`QasError::OtherSearch`] when they do not fit.
    fn begin_from(&mut self, weights: &[u8]) -> Result<(), QasError> {
        let _ = weights;
        Err(QasError::invalid("agent", "an agent that cannot begin with given weights", "take `dqn`"))
    }

    /// Takes over the experiences, and nothing else, of an agent of its kind that [`save`](Self::save) wrote down. By default refused.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for an agent that remembers none, [`QasError::Corrupt`] when the bytes are not such a state or its
    /// experiences do not fit.
    fn take_experiences(&mut self, saved: &[u8]) -> Result<(), QasError> {
        let _ = saved;
        Err(QasError::invalid("agent", "an agent without replay", "take `dqn`"))
    }

    /// Everything that [`load`](Self::load) needs to go on from here.
    fn save(&self) -> Vec<u8>;

    /// Goes on from a saved state.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] when the bytes are not such a state, [`QasError::OtherSearch`] when the state
    /// belongs to a model of another shape.
    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError>;
}

/// Who searches, and the settings: an agent that plays episodes, or a walk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentConfig {
    /// Draws every action: the control every result is compared with.
    Random(RandomConfig),
    /// Double deep Q-learning with n-step returns.
    Dqn(DqnConfig),
    /// Stream Q(lambda): every step is learnt from once, without replay, batch and target network.
    StreamQ(StreamQConfig),
    /// Neuro-evolution: policies as lists of seeds, mutated and selected.
    Evolution(EvolutionConfig),
    /// Shallow Q-iteration: random episodes, and a step of the policy at a time.
    Sqirl(SqirlConfig),
    /// A generative flow network: circuits drawn in proportion to a reward.
    Gflownet(GflownetConfig),
    /// Proximal policy optimisation with masks of illegal actions.
    Ppo(PpoConfig),
    /// Monte-Carlo tree search with progressive widening, guided by a network.
    Mcts(MctsConfig),
    /// No learner: iterated local search by slopes. The default.
    Local(LocalConfig),
    /// No learner: simulated annealing over circuits.
    Annealing(AnnealingConfig),
    /// No learner: genetic search over circuits.
    Genetic(GeneticConfig),
    /// No learner: ADAPT-VQE over a pool of operators.
    Adapt(AdaptConfig),
    /// No learner: all operators of a pool one after the other, such as UCCSD.
    Product(ProductConfig),
    /// No learner: the hardware-efficient ansatz.
    Layers(LayersConfig),
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self::Local(LocalConfig::default())
    }
}
