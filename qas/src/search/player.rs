//! Who searches: an agent that plays episodes, or a walk in rounds.

use crate::QasError;
use crate::agent::dqn::Dqn;
use crate::agent::evolution::Evolution;
use crate::agent::gflownet::Gflownet;
use crate::agent::mcts::Mcts;
use crate::agent::ppo::Ppo;
use crate::agent::random::{Random, RandomConfig};
use crate::agent::sqirl::Sqirl;
use crate::agent::stream_q::StreamQ;
use crate::agent::{Agent, AgentConfig};
use crate::environment::{EnergyFeature, Environment};
use crate::problem::Problem;
use crate::search::config::SearchConfig;
use crate::walk::Walk;
use crate::walk::adapt::Adapt;
use crate::walk::annealing::Annealing;
use crate::walk::genetic::Genetic;
use crate::walk::layers::Layers;
use crate::walk::local::LocalSearch;
use crate::walk::product::Product;

/// What chooses the gates.
pub(crate) enum Player {
    /// Appends gates in an environment.
    Agent(Box<dyn Agent>),
    /// Walks from circuit to circuit.
    Walk(Box<dyn Walk>),
}

impl Player {
    /// The player of these settings; the seed fixes everything it will draw.
    pub(crate) fn new(config: &SearchConfig, environment: &Environment, problem: &Problem, seed: u64) -> Result<Self, QasError> {
        let (dimensions, set) = (environment.dimensions(), environment.actions());
        let from = environment.beginning();
        Ok(match &config.agent {
            AgentConfig::Random(RandomConfig {}) => Self::Agent(Box::new(Random::new(dimensions, seed))),
            AgentConfig::Dqn(config) => {
                Self::Agent(Box::new(Dqn::new(config.clone(), dimensions, seed)?.with_qubits(&qubits(environment))))
            }
            AgentConfig::Sqirl(config) => Self::Agent(Box::new(Sqirl::new(config.clone(), dimensions, seed)?)),
            AgentConfig::Gflownet(gflownet) => {
                let scale = match config.environment.energy_feature {
                    EnergyFeature::Relative => environment.first_gap(),
                    EnergyFeature::Energy => 1.0,
                };
                let agent = Gflownet::new(gflownet.clone(), dimensions, seed)?;
                Self::Agent(Box::new(agent.with_qubits(&qubits(environment)).with_scale(scale)))
            }
            AgentConfig::StreamQ(config) => Self::Agent(Box::new(StreamQ::new(config.clone(), dimensions, seed)?)),
            AgentConfig::Evolution(config) => Self::Agent(Box::new(Evolution::new(config.clone(), dimensions, seed)?)),
            AgentConfig::Ppo(config) => Self::Agent(Box::new(Ppo::new(config.clone(), dimensions, seed)?)),
            AgentConfig::Mcts(config) => Self::Agent(Box::new(Mcts::new(config.clone(), dimensions, seed)?)),
            AgentConfig::Local(local) => Self::Walk(Box::new(LocalSearch::new(local.clone(), set, problem, from, seed)?)),
            AgentConfig::Annealing(annealing) => {
                Self::Walk(Box::new(Annealing::new(annealing.clone(), set, problem, from, seed)?))
            }
            AgentConfig::Genetic(genetic) => Self::Walk(Box::new(Genetic::new(genetic.clone(), set, problem, from, seed)?)),
            AgentConfig::Adapt(adapt) => Self::Walk(Box::new(Adapt::new(adapt.clone(), set, problem, from)?)),
            AgentConfig::Product(product) => Self::Walk(Box::new(Product::new(product, set, problem, from)?)),
            AgentConfig::Layers(_) if from.is_some() => {
                let need = "the layers are a circuit of their own: leave it out";
                return Err(QasError::invalid("environment.start", "a circuit", need));
            }
            AgentConfig::Layers(layers) => Self::Walk(Box::new(Layers::new(layers.clone(), set, problem, seed)?)),
        })
    }

    /// Whether it has nothing more to try.
    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Self::Agent(_) => false,
            Self::Walk(walk) => walk.is_finished(),
        }
    }

    pub(crate) fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        match self {
            Self::Agent(agent) => agent.policy(),
            Self::Walk(_) => Ok(None),
        }
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        match self {
            Self::Agent(agent) => agent.save(),
            Self::Walk(walk) => walk.save(),
        }
    }

    pub(crate) fn load(&mut self, bytes: &[u8], environment: &Environment) -> Result<(), QasError> {
        match self {
            Self::Agent(agent) => agent.load(bytes),
            Self::Walk(walk) => walk.load(bytes, environment.actions()),
        }
    }
}

/// The qubits of each action; none for one that is no gate.
fn qubits(environment: &Environment) -> Vec<Vec<usize>> {
    (0..environment.dimensions().actions).map(|action| environment.describe(action).1).collect()
}
