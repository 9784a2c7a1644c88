//! Who searches: an agent that plays episodes, or a walk in rounds.

use crate::QasError;
use crate::agent::dqn::Dqn;
use crate::agent::random::{Random, RandomConfig};
use crate::agent::{Agent, AgentConfig};
use crate::environment::Environment;
use crate::local::LocalSearch;
use crate::problem::Problem;

/// What chooses the gates.
pub(crate) enum Player {
    /// Appends gates in an environment.
    Agent(Box<dyn Agent>),
    /// Walks from circuit to circuit.
    Local(Box<LocalSearch>),
}

impl Player {
    /// The player of these settings; the seed fixes everything it will draw.
    pub(crate) fn new(config: &AgentConfig, environment: &Environment, problem: &Problem, seed: u64) -> Result<Self, QasError> {
        let dimensions = environment.dimensions();
        Ok(match config {
            AgentConfig::Random(RandomConfig {}) => Self::Agent(Box::new(Random::new(dimensions, seed))),
            AgentConfig::Dqn(config) => Self::Agent(Box::new(Dqn::new(config.clone(), dimensions, seed)?)),
            AgentConfig::Local(config) => {
                Self::Local(Box::new(LocalSearch::new(config.clone(), environment.actions(), problem, seed)?))
            }
        })
    }

    pub(crate) fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        match self {
            Self::Agent(agent) => agent.policy(),
            Self::Local(_) => Ok(None),
        }
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        match self {
            Self::Agent(agent) => agent.save(),
            Self::Local(local) => local.save(),
        }
    }

    pub(crate) fn load(&mut self, bytes: &[u8], environment: &Environment) -> Result<(), QasError> {
        match self {
            Self::Agent(agent) => agent.load(bytes),
            Self::Local(local) => local.load(bytes, environment.actions()),
        }
    }
}
