//! Architecture search: circuits built gate by gate.
//!
//! A [`Search`] plays episodes. In each, an [`Agent`] appends gates to an empty circuit; after each gate all
//! angles are fitted and the energy is read; a [`Teacher`] says how low an energy the episode has to reach.

mod agent;
mod environment;
mod error;
mod noisy;
mod objective;
mod problem;
mod refit;
mod search;
mod size;
mod teacher;
mod walk;

pub use agent::dqn::{Dqn, DqnConfig};
pub use agent::evolution::{Evolution, EvolutionConfig};
pub use agent::mcts::Mcts;
pub use agent::mcts::config::MctsConfig;
pub use agent::network::{QNetwork, TrainStep};
pub use agent::ppo::Ppo;
pub use agent::ppo::advantage::Advantage;
pub use agent::ppo::config::PpoConfig;
pub use agent::random::{Random, RandomConfig};
pub use agent::replay::sampling::{PrioritisedConfig, ReplaySampling};
pub use agent::replay::{Experience, Replay};
pub use agent::stream_q::{StreamQ, StreamQConfig};
pub use agent::{Agent, AgentConfig, Dimensions, Observation, Transition};
pub use environment::action::{Action, ActionConfig, ActionSet, LastGates};
pub use environment::coupling::Coupling;
pub use environment::edit::Edit;
pub use environment::encoding::{Encoding, Placement};
pub use environment::feature::ObserveConfig;
pub use environment::fit::{Between, FitConfig};
pub use environment::gadget::mining::{MinedRun, MiningConfig, mine_gadgets};
pub use environment::gadget::{Gadget, GadgetConfig, GadgetGate};
pub use environment::halting::{HaltingConfig, ModeOfNegativeBinomial, NegativeBinomial};
pub use environment::reward::{Clip, PromiseConfig, RewardConfig};
pub use environment::screen::ScreenConfig;
pub use environment::start::{MatrixProductStart, QasmStart, Start};
pub use environment::{Ending, EnergyFeature, Environment, EnvironmentConfig, Lag, Step, Target};
pub use error::QasError;
pub use noisy::config::{DepolarizingForm, DepolarizingNoise, PauliVectorChoice};
pub use objective::{CacheConfig, Cost, CostError, Directions, Fit, NewAngle, Objective, ObjectiveConfig};
pub use problem::{DiagonalConfig, HamiltonianConfig, PoolOperator, Problem, ProblemConfig, StateConfig, UnitaryConfig, Watch};
pub use refit::{Refit, refit};
pub use search::Search;
pub use search::best::Found;
pub use search::config::{BestConfig, FrontConfig, SearchConfig, SimulatorChoice, StateVectorChoice, TestConfig};
pub use search::event::{EpisodeReport, Event, StopReason};
pub use search::own::{BuildAgent, OwnParts};
pub use size::{SizeMeasure, SizeWeights};
pub use teacher::alp_gmm::AlpGmmConfig;
pub use teacher::fixed::{Fixed, FixedConfig};
pub use teacher::moving_threshold::{MovingThreshold, MovingThresholdConfig};
pub use teacher::random::RandomTeacherConfig;
pub use teacher::riac::RiacConfig;
pub use teacher::self_paced::SelfPacedConfig;
pub use teacher::space::{Lesson, TaskSpaceConfig};
pub use teacher::{Outcome, Task, Teacher, TeacherConfig};
pub use walk::adapt::{AdaptConfig, AdaptPool};
pub use walk::annealing::AnnealingConfig;
pub use walk::genetic::GeneticConfig;
pub use walk::layers::LayersConfig;
pub use walk::local::{Choice, LocalConfig};
pub use walk::product::ProductConfig;
