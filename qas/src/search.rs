//! The search: episodes, one after the other.

pub mod best;
mod carried;
pub mod config;
pub mod event;
mod group;
pub mod measure;
pub mod own;
pub(crate) mod player;
mod round;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::environment::Environment;
use crate::environment::action::ActionSet;
use crate::environment::novelty::Archive;
use crate::error::{decode, encode};
use crate::objective::{Cost, Objective, ObjectiveState};
use crate::search::best::{Found, Keeper, Preference};
use crate::search::config::{BestConfig, SearchConfig};
use crate::search::event::{EpisodeReport, Event, StopReason};
use crate::search::group::{Valued, keep};
use crate::search::measure::Measured;
use crate::search::player::Player;
use crate::size::check_order;
use crate::teacher::space::Lesson;
use crate::teacher::{Teacher, TeacherConfig};
use crate::{Problem, QasError};
use qloom_circuits::{PauliSum, Stream, StreamState};

/// Number of the format of saved states.
const FORMAT: u32 = 11;

/// A search for a circuit whose state has the lowest energy of a Hamiltonian.
///
/// It is a value: it advances an episode at a time, and can be saved between any two and resumed bit for bit,
/// on any number of threads. One seed fixes everything.
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_qas::{AgentConfig, Event, Problem, RandomConfig, Search, SearchConfig};
///
/// // Two spins that want to be opposite, XX + YY + ZZ: the singlet has energy -3.
/// let word = |word| PauliString::from_word(word);
/// let heisenberg = PauliSum::new(2, [(word("XX")?, 1.0), (word("YY")?, 1.0), (word("ZZ")?, 1.0)])?;
/// let problem = Problem::new("two spins", heisenberg)?.with_exact_energy(-3.0)?;
/// let config = SearchConfig {
///     target_error: Some(1e-9),
///     agent: AgentConfig::Random(RandomConfig {}),
///     ..SearchConfig::default()
/// };
/// let mut search = Search::new(config, problem, 7)?;
/// while let Event::Episode(_) = search.step()? {}
/// assert!((search.best()?.expect("found").energy + 3.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Search {
    config: SearchConfig,
    problem: Problem,
    seed: u64,
    objective: Objective,
    environment: Environment,
    teacher: Box<dyn Teacher>,
    /// Taken out while it makes a step.
    player: Option<Player>,
    halting: Stream,
    keeper: Keeper,
    episodes: u64,
    successes: u64,
    measured: Measured,
    /// Reports of episodes that were played beside those told before.
    waiting: VecDeque<EpisodeReport>,
    /// The lowest energy of the last test, and after how many episodes that was.
    tested: Option<(u64, f64)>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    identity: Vec<u8>,
    seed: u64,
    objective: ObjectiveState,
    environment: Option<Archive>,
    episodes: u64,
    successes: u64,
    teacher: Vec<u8>,
    player: Vec<u8>,
    halting: StreamState,
    keeper: Keeper,
    measured: Measured,
    waiting: Vec<group::Waiting>,
    tested: Option<(u64, f64)>,
}

impl Search {
    /// A search that has not begun.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] and others of its kind when the settings do not fit each other or the
    /// problem, [`QasError::NoExactEnergy`] when one of them needs it.
    pub fn new(config: SearchConfig, problem: Problem, seed: u64) -> Result<Self, QasError> {
        let (objective, environment) = game(&config, &problem, seed)?;
        let player = Player::new(&config, &environment, &problem, seed)?;
        Self::assemble(config, problem, seed, objective, environment, player)
    }

    /// A search with an agent of one's own; `config.agent` is then not used.
    ///
    /// The agent is made by `build` from the sizes it has to fit. For [`resume`](Self::resume_with_agent) its
    /// `save` and `load` have to be true.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_agent(
        config: SearchConfig,
        problem: Problem,
        seed: u64,
        build: impl FnOnce(&ActionSet, crate::Dimensions) -> Box<dyn Agent>,
    ) -> Result<Self, QasError> {
        let (objective, environment) = game(&config, &problem, seed)?;
        let agent = build(environment.actions(), environment.dimensions());
        Self::assemble(config, problem, seed, objective, environment, Player::Agent(agent))
    }

    /// A search that lowers a cost of one's own in place of an energy; the problem says the number of qubits and the lowest cost
    /// ([`Problem::of_cost`]), `config.simulator` is not used.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`QasError::Cost`].
    pub fn with_cost(config: SearchConfig, problem: Problem, seed: u64, cost: Box<dyn Cost>) -> Result<Self, QasError> {
        let objective = Objective::of_cost(config.objective.clone(), &config.minimizer, cost, seed)?;
        let (objective, environment) = placed(&config, &problem, objective)?;
        let player = Player::new(&config, &environment, &problem, seed)?;
        Self::assemble(config, problem, seed, objective, environment, player)
    }

    /// [`resume`](Self::resume) for a search with a cost of one's own.
    ///
    /// # Errors
    ///
    /// As [`resume`](Self::resume) and [`with_cost`](Self::with_cost).
    pub fn resume_with_cost(config: SearchConfig, problem: Problem, state: &[u8], cost: Box<dyn Cost>) -> Result<Self, QasError> {
        let saved = read(state)?;
        let mut search = Self::with_cost(config, problem, saved.seed, cost)?;
        search.restore(saved)?;
        Ok(search)
    }

    fn assemble(
        config: SearchConfig,
        problem: Problem,
        seed: u64,
        objective: Objective,
        environment: Environment,
        player: Player,
    ) -> Result<Self, QasError> {
        if config.target_error.is_some() && problem.exact_energy().is_none() {
            return Err(QasError::NoExactEnergy { setting: "target_error" });
        }
        if config.target_error.is_some_and(f64::is_nan) {
            return Err(QasError::invalid("target_error", f64::NAN, "it has to be a number"));
        }
        if let Some(enough) = config.best.enough {
            if problem.exact_energy().is_none() {
                return Err(QasError::NoExactEnergy { setting: "best.enough" });
            }
            if !(enough.is_finite() && enough > 0.0) {
                return Err(QasError::invalid("best.enough", enough, "it has to be finite and positive"));
            }
        }
        check_order(&config.best.order, "best.order")?;
        config.measure.check(&problem)?;
        group::check(&config, &player, objective.is_own())?;
        if matches!(config.teacher, TeacherConfig::Adversary(_)) && !objective.is_noisy() {
            let need = "it chooses noise and there is none: choose simulator.pauli-vector, or another teacher";
            return Err(QasError::invalid("teacher.adversary", "given", need));
        }
        if let Some(front) = &config.best.front {
            front.check(&config.simulator)?;
        }
        if let Some(weights) = &config.best.weights {
            weights.check("best.weights")?;
            if let Some(enough) = config.best.enough {
                let need = "with best.weights the lowest sum wins and no error suffices: leave one of the two out";
                return Err(QasError::invalid("best.enough", enough, need));
            }
        }
        if !(config.best.tolerance.is_finite() && config.best.tolerance >= 0.0) {
            return Err(QasError::invalid("best.tolerance", config.best.tolerance, "it has to be finite and not negative"));
        }
        let lesson = Lesson { first_gap: environment.first_gap(), max_gates: environment.room(), seed };
        let teacher = config.teacher.build(lesson)?;
        Ok(Self {
            config,
            problem,
            seed,
            objective,
            environment,
            teacher,
            player: Some(player),
            halting: Stream::named(seed, "halting"),
            keeper: Keeper::new(),
            episodes: 0,
            successes: 0,
            measured: Measured::default(),
            waiting: VecDeque::new(),
            tested: None,
        })
    }

    /// Goes on from a saved state, bit for bit as the search would have gone on that was saved.
    ///
    /// The limits (`episodes`, `evaluations`, `target_error`) may be others than those saved.
    ///
    /// # Errors
    ///
    /// [`QasError::OtherFormat`], [`QasError::OtherSearch`] when settings or problem are others,
    /// [`QasError::Corrupt`], and those of [`new`](Self::new).
    pub fn resume(config: SearchConfig, problem: Problem, state: &[u8]) -> Result<Self, QasError> {
        let saved = read(state)?;
        let mut search = Self::new(config, problem, saved.seed)?;
        search.restore(saved)?;
        Ok(search)
    }

    /// [`resume`](Self::resume) for a search with an agent of one's own.
    ///
    /// # Errors
    ///
    /// As [`resume`](Self::resume).
    pub fn resume_with_agent(
        config: SearchConfig,
        problem: Problem,
        state: &[u8],
        build: impl FnOnce(&ActionSet, crate::Dimensions) -> Box<dyn Agent>,
    ) -> Result<Self, QasError> {
        let saved = read(state)?;
        let mut search = Self::with_agent(config, problem, saved.seed, build)?;
        search.restore(saved)?;
        Ok(search)
    }

    fn restore(&mut self, saved: Saved) -> Result<(), QasError> {
        if saved.identity != self.identity() {
            return Err(QasError::OtherSearch { what: "problem, or another setting" });
        }
        saved.keeper.check(self.environment.actions())?;
        saved.measured.gathered.check(self.environment.actions())?;
        self.teacher.load(&saved.teacher)?;
        self.player.as_mut().expect("a search has a player between steps").load(&saved.player, &self.environment)?;
        self.halting = Stream::load(&saved.halting);
        self.objective.load(&saved.objective);
        self.environment.load(saved.environment.as_ref())?;
        self.keeper = saved.keeper;
        self.measured = saved.measured;
        self.waiting = saved.waiting.into_iter().map(EpisodeReport::from).collect();
        self.episodes = saved.episodes;
        self.successes = saved.successes;
        self.tested = saved.tested;
        Ok(())
    }

    /// Everything that [`resume`](Self::resume) needs, as bytes.
    pub fn state(&self) -> Vec<u8> {
        encode(&Saved {
            format: FORMAT,
            identity: self.identity(),
            seed: self.seed,
            objective: self.objective.save(),
            environment: self.environment.save(),
            episodes: self.episodes,
            successes: self.successes,
            teacher: self.teacher.save(),
            player: self.player().save(),
            halting: self.halting.save(),
            keeper: self.keeper.clone(),
            measured: self.measured.clone(),
            waiting: self.waiting.iter().cloned().map(group::Waiting::from).collect(),
            tested: self.tested,
        })
    }

    /// Settings and problem, the limits left out.
    fn identity(&self) -> Vec<u8> {
        let config = SearchConfig { episodes: 0, evaluations: None, target_error: None, problem: None, ..self.config.clone() };
        let terms = numbers(self.problem.hamiltonian());
        let beside = (self.problem.projectors(), self.problem.is_paired());
        let pool: Vec<Vec<(u64, u64, f64)>> = self.problem.pool().iter().map(|operator| numbers(operator.generator())).collect();
        let begin = self.problem.start().map(|circuit| format!("{:?}", circuit.operations()));
        let start = (self.problem.reference(), pool, begin, self.problem.gadgets());
        encode(&(config, self.problem.num_qubits(), terms, beside, self.problem.exact_energy(), start))
    }

    /// Plays an episode, or reports why the search has ended.
    ///
    /// # Errors
    ///
    /// Those of the simulation, the optimisation and the agent. The search should then be given up, or
    /// resumed from its last saved state.
    pub fn step(&mut self) -> Result<Event, QasError> {
        if let Some(report) = self.waiting.pop_front() {
            return Ok(Event::Episode(report));
        }
        let stop = self.stop_reason();
        if let Some(reason) = stop
            && !self.owes_a_test()
        {
            return Ok(Event::Finished(reason));
        }
        let mut player = self.player.take().expect("a search has a player between steps");
        let report = match &mut player {
            Player::Agent(agent) if stop.is_some() => {
                let task = self.teacher.next_task();
                self.last_test(agent.as_mut(), task)
            }
            Player::Agent(agent) if self.config.environments > 1 => self.group(agent.as_mut()),
            Player::Agent(agent) => self.episode(agent.as_mut()),
            Player::Walk(walk) => self.round(walk.as_mut()),
        };
        self.player = Some(player);
        Ok(Event::Episode(report?))
    }

    fn player(&self) -> &Player {
        self.player.as_ref().expect("a search has a player between steps")
    }

    /// Whether the test at the end is still to be played.
    fn owes_a_test(&self) -> bool {
        let is_agent = matches!(self.player(), Player::Agent(_));
        is_agent && self.config.test.at_end && self.tested.is_none_or(|(at, _)| at < self.episodes)
    }

    /// The energy that ends the search.
    fn goal(&self) -> Option<f64> {
        self.problem.exact_energy().zip(self.config.target_error).map(|(exact, error)| exact + error)
    }

    fn preference(&self) -> Preference {
        let goal = self.goal();
        let enough = self.problem.exact_energy().zip(self.config.best.enough).map(|(exact, error)| exact + error);
        let BestConfig { tolerance, ref order, weights, ref front, .. } = self.config.best;
        Preference { tolerance, goal, enough, order: order.clone(), weights, front: front.clone() }
    }

    /// Considers the present circuit as the best; returns whether it is, and its energy, confirmed where it would be the lowest.
    fn keep(&mut self) -> Result<(bool, f64), QasError> {
        let preference = self.preference();
        let (taken, circuit, angles) = self.environment.valued();
        let valued = Valued { taken, circuit, angles, energy: self.environment.energy() };
        keep(valued, self.environment.actions(), &preference, (&mut self.objective, &mut self.keeper))
    }

    /// As [`keep`](Self::keep) in an episode under other noise than that which holds: by the energy under that, measured once more.
    /// The energy under the noise of the episode is returned.
    fn keep_under(&mut self, noise: u32) -> Result<(bool, f64), QasError> {
        if noise == 1 {
            return self.keep();
        }
        self.objective.set_noise(1)?;
        let preference = self.preference();
        let (taken, circuit, angles) = self.environment.valued();
        let energy = self.objective.energy(circuit, angles)?;
        let valued = Valued { taken, circuit, angles, energy };
        let (kept, _) = keep(valued, self.environment.actions(), &preference, (&mut self.objective, &mut self.keeper))?;
        self.objective.set_noise(noise)?;
        Ok((kept, self.environment.energy()))
    }

    /// Why the search has ended; `None` while it has not.
    pub fn stop_reason(&self) -> Option<StopReason> {
        if self.goal().is_some_and(|goal| self.keeper.floor() <= goal) {
            return Some(StopReason::TargetError);
        }
        if self.config.evaluations.is_some_and(|limit| self.evaluations() >= limit) {
            return Some(StopReason::Evaluations);
        }
        if self.player.as_ref().is_some_and(Player::is_finished) {
            return Some(StopReason::Converged);
        }
        (self.episodes >= self.config.episodes).then_some(StopReason::Episodes)
    }

    /// The best circuit so far; `None` before the first episode.
    ///
    /// # Errors
    ///
    /// Never in practice; those of building the circuit.
    pub fn best(&self) -> Result<Option<Found>, QasError> {
        let found = self.keeper.found(self.environment.actions())?;
        found.map(|found| found.behind(self.environment.fixed())).transpose()
    }

    /// The circuits found that no other surpasses in energy and size at once, the smallest first: by gates on two qubits, then gates, or
    /// by the sizes of `best.front`.
    ///
    /// # Errors
    ///
    /// Never in practice; those of building the circuits.
    pub fn front(&self) -> Result<Vec<Found>, QasError> {
        let front = self.keeper.front(self.environment.actions())?;
        front.into_iter().map(|found| found.behind(self.environment.fixed())).collect()
    }

    /// The weights by which the agent chooses, as a file in the safetensors format; `None` for an agent without any.
    ///
    /// # Errors
    ///
    /// Never in practice; those of writing the format.
    pub fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        self.player().policy()
    }

    /// The problem.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The settings.
    pub fn config(&self) -> &SearchConfig {
        &self.config
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Energies evaluated so far, those of fits, sweeps and pruning included.
    pub fn evaluations(&self) -> u64 {
        self.objective.evaluations().values
    }

    /// Gradients among the evaluations.
    pub fn gradients(&self) -> u64 {
        self.objective.evaluations().gradients
    }

    /// Episodes played.
    pub fn episodes(&self) -> u64 {
        self.episodes
    }

    /// Lowest energy of the last test of the agent's policy; `None` before the first.
    pub fn greedy_energy(&self) -> Option<f64> {
        self.tested.map(|(_, energy)| energy)
    }

    /// Episodes that reached their threshold.
    pub fn successes(&self) -> u64 {
        self.successes
    }
}

/// Masks and coefficients of the strings of a sum.
fn numbers(sum: &PauliSum) -> Vec<(u64, u64, f64)> {
    sum.terms().iter().map(|(string, coefficient)| (string.x_mask(), string.z_mask(), *coefficient)).collect()
}

fn game(config: &SearchConfig, problem: &Problem, seed: u64) -> Result<(Objective, Environment), QasError> {
    let objective = Objective::new(config.objective.clone(), &config.simulator, &config.minimizer, problem, seed)?;
    placed(config, problem, objective)
}

/// An objective with the environment in which it values circuits.
fn placed(config: &SearchConfig, problem: &Problem, mut objective: Objective) -> Result<(Objective, Environment), QasError> {
    let environment = config.coupled_environment(problem.num_qubits())?;
    let environment = Environment::new(environment, problem, &mut objective)?;
    Ok((objective, environment))
}

fn read(state: &[u8]) -> Result<Saved, QasError> {
    // The format number stands first, so that a state of another format is told from a broken one.
    let (found, _) = postcard::take_from_bytes::<u32>(state)
        .map_err(|error| QasError::Corrupt { what: "search", reason: error.to_string() })?;
    if found != FORMAT {
        return Err(QasError::OtherFormat { found, expected: FORMAT });
    }
    decode("search", state)
}

#[cfg(test)]
mod tests;
