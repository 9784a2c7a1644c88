//! Settings of a search.

use qloom_optim::MinimizerConfig;
use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::agent::AgentConfig;
use crate::agent::random::RandomConfig;
use crate::environment::EnvironmentConfig;
use crate::environment::coupling::Coupling;
use crate::noisy::config::PauliVectorChoice;
use crate::objective::ObjectiveConfig;
use crate::problem::ProblemConfig;
use crate::search::measure::MeasureConfig;
use crate::size::{SizeMeasure, SizeWeights, check_order};
use crate::teacher::TeacherConfig;

/// Settings of a [`Search`](crate::Search): the `[search]` table of an experiment.
///
/// ```
/// use qloom_qas::{AgentConfig, SearchConfig};
///
/// let config: SearchConfig = toml::from_str(
///     r#"
///     episodes = 2000
///     [problem.hamiltonian]
///     file = "molecules/H2_0.7414_4q_jw.json"
///     [simulator.state-vector]
///     [teacher.moving-threshold]
///     start = 1.0
///     [agent.dqn]
///     hidden = [256, 256]
///     [minimizer.cobyla]
///     max_evaluations = 500
///     "#,
/// )?;
/// assert_eq!(config.episodes, 2000);
/// assert!(matches!(config.agent, AgentConfig::Dqn(dqn) if dqn.hidden == [256, 256]));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchConfig {
    /// Episodes, or rounds of a walk, after which the search ends. Default 2000.
    pub episodes: u64,
    /// Evaluations of an energy after which the search ends. The fit in progress is finished, so that
    /// some more may be made; pruning breaks off there. Default no limit.
    pub evaluations: Option<u64>,
    /// Error at which the search ends, in the problem's unit; needs the exact ground energy. Default none.
    pub target_error: Option<f64>,
    /// How the best circuit is kept.
    pub best: BestConfig,
    /// Where the problem is found; the caller reads it and hands the problem over.
    pub problem: Option<ProblemConfig>,
    /// Episodes that an agent plays side by side on the threads there are, each in an environment of its own and all by the policy as it is before them; they
    /// have one task, and are learnt from in order. In 1 to 1000; above 1 not for `dqn`, `stream-q`, `mcts` and walks, which learn, or plan, within an
    /// episode. Results depend on this number and not on the number of threads. Default 1.
    pub environments: usize,
    /// How states are held.
    pub simulator: SimulatorChoice,
    /// The partial circuit and what it earns.
    pub environment: EnvironmentConfig,
    /// How a circuit is valued.
    pub objective: ObjectiveConfig,
    /// How hard the episodes are.
    pub teacher: TeacherConfig,
    /// Episodes in which an agent's policy is tested.
    pub test: TestConfig,
    /// What is measured for the report beside the best circuit.
    pub measure: MeasureConfig,
    /// Who chooses the gates. Default `local`.
    pub agent: AgentConfig,
    /// How angles are fitted.
    pub minimizer: MinimizerConfig,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            episodes: 2000,
            evaluations: None,
            target_error: None,
            best: BestConfig::default(),
            problem: None,
            environments: 1,
            simulator: SimulatorChoice::default(),
            environment: EnvironmentConfig::default(),
            objective: ObjectiveConfig::default(),
            teacher: TeacherConfig::default(),
            test: TestConfig::default(),
            measure: MeasureConfig::default(),
            agent: AgentConfig::default(),
            minimizer: MinimizerConfig::default(),
        }
    }
}

impl SearchConfig {
    /// The environment's settings with the couplings of the simulator's device, if it has any: a pair has to be allowed by both.
    pub(crate) fn coupled_environment(&self, num_qubits: usize) -> Result<EnvironmentConfig, QasError> {
        let mut environment = self.environment.clone();
        let device = match &self.simulator {
            SimulatorChoice::StateVector(StateVectorChoice {}) => None,
            SimulatorChoice::PauliVector(choice) => choice.device.as_deref(),
        };
        let Some(device) = device else { return Ok(environment) };
        let Some(couplings) = &device.couplings else { return Ok(environment) };
        let own = environment.actions.coupling.pairs(num_qubits);
        let allowed = |pair: &[usize; 2]| own.as_ref().is_none_or(|own| own.contains(pair) || own.contains(&[pair[1], pair[0]]));
        let coupling: Vec<[usize; 2]> =
            couplings.iter().copied().filter(|pair| pair.iter().all(|&q| q < num_qubits) && allowed(pair)).collect();
        if coupling.is_empty() && num_qubits > 1 {
            return Err(QasError::invalid(
                "environment.actions.coupling",
                format!("{own:?}"),
                format!("no pair of the first {num_qubits} qubits is coupled on {} and listed there", device.name),
            ));
        }
        environment.actions.coupling = Coupling::Pairs(coupling);
        Ok(environment)
    }

    /// The control of this search: a random agent with the same settings otherwise and exactly as many
    /// evaluations as it is given.
    #[must_use]
    pub fn control(&self, evaluations: u64) -> Self {
        Self {
            episodes: u64::MAX,
            evaluations: Some(evaluations),
            target_error: None,
            environments: 1,
            test: TestConfig { every: 0, at_end: false },
            agent: AgentConfig::Random(RandomConfig {}),
            ..self.clone()
        }
    }
}

/// Test episodes of an agent that learns: the action it holds to be the best at every step, nothing learnt. Their evaluations are counted,
/// and their circuits kept if they are the best; walks play none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TestConfig {
    /// Episodes between tests; 0 for none. Default 0; published 100.
    pub every: u64,
    /// Whether a test ends the search. Default false.
    pub at_end: bool,
}

/// How states are held, as a table of its own in an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SimulatorChoice {
    /// All amplitudes of a pure state: exact, without noise.
    StateVector(StateVectorChoice),
    /// The Pauli coefficients of a mixed state: the noise of a device.
    PauliVector(Box<PauliVectorChoice>),
}

impl Default for SimulatorChoice {
    fn default() -> Self {
        Self::StateVector(StateVectorChoice {})
    }
}

/// Settings of the state vector: there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateVectorChoice {}

/// The Pareto front of a search: a circuit is on it unless another has an energy (under noise the measured one) that is at most its own
/// and is at most as large in each of these ways. Every circuit that a step values is considered; under noise one that would be on the front
/// is measured anew as often as a best one, which is counted. A step compares its circuit with all of the front, whose length grows with
/// the number of ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrontConfig {
    /// Sizes that count, each once; at least one unless `noisy`. Default `["two-qubit-gates", "gates"]`.
    pub sizes: Vec<SizeMeasure>,
    /// Whether the exact energy under the noise of the simulator, not mitigated, counts too. Default false.
    pub noisy: bool,
}

impl Default for FrontConfig {
    fn default() -> Self {
        Self { sizes: vec![SizeMeasure::TwoQubitGates, SizeMeasure::Gates], noisy: false }
    }
}

impl FrontConfig {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for nothing that counts, a size named twice, and a noisy energy where nothing simulates noise.
    pub(crate) fn check(&self, simulator: &SimulatorChoice) -> Result<(), QasError> {
        if !(self.noisy && self.sizes.is_empty()) {
            check_order(&self.sizes, "best.front.sizes")?;
        }
        match simulator {
            SimulatorChoice::StateVector(StateVectorChoice {}) if self.noisy => {
                let need = "energies are without noise: choose simulator.pauli-vector, or leave it out";
                Err(QasError::invalid("best.front.noisy", true, need))
            }
            SimulatorChoice::StateVector(StateVectorChoice {}) | SimulatorChoice::PauliVector(_) => Ok(()),
        }
    }
}

/// How the best circuit is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BestConfig {
    /// Energies closer than this are equal, and the smaller circuit by `order` wins. In the problem's unit, at least 0. Default 1e-8.
    pub tolerance: f64,
    /// By which sizes circuits of equal energy are compared, the most important first: `two-qubit-gates`, `gates`, `depth`, `parameters`;
    /// at least one, none twice. Default `["two-qubit-gates", "gates"]`.
    pub order: Vec<SizeMeasure>,
    /// The energy that a gate, a moment or an angle is worth, in the problem's unit. Then the circuit of the lowest sum of its energy
    /// (under noise the measured one) and what its sizes weigh is the best, and neither `tolerance` nor `order` plays a part; not together
    /// with `enough`. A walk chooses its own way and of its circuits the best is kept. Default none: energy comes before size.
    pub weights: Option<SizeWeights>,
    /// Error that suffices: among circuits with at most this error the one of fewest two-qubit gates, then of fewest gates, wins, and the
    /// search goes on for smaller ones. In the problem's unit, positive; needs the exact ground energy. Default none: the lowest energy
    /// wins.
    pub enough: Option<f64>,
    /// By what circuits are told apart of which none surpasses another in all at once, beside the energy: the Pareto front that a search
    /// keeps. Default none: by gates on two qubits, and by all gates where these are equal, so that the energy falls as the size grows.
    pub front: Option<FrontConfig>,
    /// Take out of each new best circuit the gates that it does not need; the evaluations are counted.
    /// Default true; published false.
    pub prune: bool,
    /// Every that many episodes, a new best circuit is tried with every gate and pair of gates at its end, all angles fitted, and grows
    /// as long as its energy falls by more than the tolerance; the evaluations are counted. With `g` actions a round costs about
    /// `g^2` fits. Default 0: never, as published.
    pub extend_every: u64,
}

impl Default for BestConfig {
    fn default() -> Self {
        Self {
            tolerance: 1e-8,
            order: vec![SizeMeasure::TwoQubitGates, SizeMeasure::Gates],
            weights: None,
            enough: None,
            front: None,
            prune: true,
            extend_every: 0,
        }
    }
}
