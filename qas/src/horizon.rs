//! How far ahead of random play a search has to look: the effective horizon, measured.

use std::ops::ControlFlow;

use qloom_circuits::Stream;
use rayon::prelude::*;
use serde::Serialize;

use crate::agent::{Observation, random};
use crate::environment::{Ending, Environment, Step};
use crate::objective::Objective;
use crate::problem::Watch;
use crate::search::config::{SearchConfig, SimulatorChoice, StateVectorChoice};
use crate::teacher::Task;
use crate::{Problem, QasError};

/// Settings of [`effective_horizon`].
#[derive(Debug, Clone, PartialEq)]
pub struct HorizonConfig {
    /// What has to be reached: the distance from the target of the environment, in the problem's unit, positive.
    pub threshold: f64,
    /// The largest k, in 1 to 5. Default 2.
    pub iterations: usize,
    /// The largest number of rollouts m, in 1 to 100,000. Default 16.
    pub rollouts: u64,
    /// Runs for each k and m, in 1 to 1000; half of them have to succeed. Default 5.
    pub runs: u64,
    /// Evaluations of an energy for each k, after which it is given up, at least 1. Default 10 million.
    pub evaluations: u64,
}

impl Default for HorizonConfig {
    fn default() -> Self {
        Self { threshold: 1.6e-3, iterations: 2, rollouts: 16, runs: 5, evaluations: 10_000_000 }
    }
}

impl HorizonConfig {
    fn check(&self) -> Result<(), QasError> {
        if !(self.threshold.is_finite() && self.threshold > 0.0) {
            return Err(QasError::invalid("threshold", self.threshold, "it has to be finite and positive"));
        }
        let within = |setting, value: u64, most: u64| {
            let need = || QasError::invalid(setting, value, format!("it has to be in 1 to {most}"));
            (1..=most).contains(&value).then_some(()).ok_or_else(need)
        };
        within("iterations", self.iterations as u64, 5)?;
        within("rollouts", self.rollouts, 100_000)?;
        within("runs", self.runs, 1000)?;
        within("evaluations", self.evaluations, u64::MAX)
    }
}

/// What was found for one k.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Horizon {
    /// Steps of value iteration on the values of the random policy, k.
    pub iterations: usize,
    /// The smallest power of two, m, with which at least half of the runs succeed; `None` where none up to the limits does.
    pub rollouts: Option<u64>,
    /// `k + log_A m`, where A is the number of actions; `None` as above.
    pub horizon: Option<f64>,
    /// Whether the evaluations ran out before an m was found.
    pub given_up: bool,
    /// Evaluations of an energy.
    pub evaluations: u64,
    /// What was tried, m by m.
    pub tried: Vec<HorizonTrial>,
}

/// The runs with one number of rollouts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HorizonTrial {
    /// The number of rollouts m.
    pub rollouts: u64,
    /// Runs made: fewer than asked for once half of them have succeeded, or can no longer.
    pub runs: u64,
    /// Runs whose last circuit was within the threshold.
    pub successes: u64,
}

/// Measures the effective horizon of a problem in the environment of a search, for k = 1, 2, ...
///
/// A run is the algorithm GORP: at each step of one episode, every sequence of k legal actions is followed by m random rollouts to the end of the
/// episode; the first action of the sequence with the largest mean return is taken for good. `H_k = k + log_A m`, for the smallest m
/// with which a run is optimal with a probability of at least one half, and the effective horizon is the least of all H_k: with it
/// `T^2 A^H` steps suffice for episodes of T steps.
///
/// Published, a run is optimal if its return is the largest there is. That is not known here: a run is taken to be optimal if its episode comes
/// within the threshold. The probability is a share of few runs, and m goes through powers of two, so that what is
/// returned is an estimate from above, good to a factor of two in m. Returns are the rewards of the environment without discount. The agent, the
/// teacher and the limits of the settings play no part.
///
/// Rollouts run in parallel; each draws from a stream of its own, so that nothing depends on the number of threads. `watch` is told the k that
/// are done, and may stop. Cost: a run of T steps makes about `T^2 / 2 m A^k` fits.
///
/// Source: C. Laidlaw, S. Russell, A. Dragan, Bridging RL theory and practice with the effective horizon, arXiv:2304.09853 (2023),
/// section 5.
///
/// ```
/// use qloom_circuits::PauliSum;
/// use qloom_qas::{HorizonConfig, Problem, SearchConfig, Target, effective_horizon};
///
/// let spin = Problem::new("spin", PauliSum::z(0, 1))?.with_exact_energy(-1.0)?;
/// let mut search = SearchConfig::default();
/// search.environment.max_gates = 2;
/// search.environment.target = Target::Exact;
/// let settings = HorizonConfig { iterations: 1, ..HorizonConfig::default() };
/// let found = effective_horizon(&search, &spin, &settings, 1, &mut |_, _| std::ops::ControlFlow::Continue(()))?;
/// // a rotation about X or Y by half a turn, which one look at each of the three actions tells
/// assert_eq!((found[0].rollouts, found[0].horizon), (Some(1), Some(1.0)));
/// # Ok::<(), qloom_qas::QasError>(())
/// ```
///
/// # Errors
///
/// [`QasError::InvalidSetting`] for settings outside their ranges, under noise and with random halting, [`QasError::Stopped`], and those of the
/// simulation.
pub fn effective_horizon(
    search: &SearchConfig,
    problem: &Problem,
    settings: &HorizonConfig,
    seed: u64,
    watch: &mut Watch<'_>,
) -> Result<Vec<Horizon>, QasError> {
    settings.check()?;
    match search.simulator {
        SimulatorChoice::StateVector(StateVectorChoice {}) => {}
        SimulatorChoice::PauliVector(_) => {
            return Err(QasError::invalid("simulator", "pauli-vector", "horizons are measured without noise: take state-vector"));
        }
    }
    if search.environment.halting.is_some() {
        return Err(QasError::invalid("environment.halting", "given", "horizons are those of whole episodes: leave it out"));
    }
    let measurement = Measurement { search, problem, settings, seed };
    (1..=settings.iterations)
        .map(|iterations| {
            let found = measurement.horizon(iterations, watch)?;
            if watch(iterations, settings.iterations) == ControlFlow::Break(()) {
                return Err(QasError::Stopped);
            }
            Ok(found)
        })
        .collect()
}

struct Measurement<'a> {
    search: &'a SearchConfig,
    problem: &'a Problem,
    settings: &'a HorizonConfig,
    seed: u64,
}

/// How many rollouts follow each sequence, and of what length the sequences are.
#[derive(Clone, Copy)]
struct Lookahead {
    iterations: usize,
    rollouts: u64,
}

/// An episode somewhere on its way.
#[derive(Clone)]
struct Position {
    environment: Environment,
    seen: Observation,
}

impl Position {
    /// The step that an action makes, and where it leads.
    fn after(&self, action: usize, objective: &mut Objective) -> Result<(Self, f64, Option<Ending>), QasError> {
        let mut environment = self.environment.clone();
        let Step { observation, reward, ending, .. } = environment.step(action, objective)?;
        Ok((Self { environment, seen: observation }, reward, ending))
    }

    fn legal(&self) -> Vec<usize> {
        (0..self.environment.dimensions().actions).filter(|&action| self.seen.is_legal(action)).collect()
    }

    /// The largest mean return of the sequences of so many actions from here, each followed by rollouts.
    fn value(&self, ahead: Lookahead, objective: &mut Objective, stream: &mut Stream) -> Result<f64, QasError> {
        if ahead.iterations == 0 {
            let mut sum = 0.0;
            for _ in 0..ahead.rollouts {
                sum += self.rollout(objective, stream)?;
            }
            return Ok(sum / ahead.rollouts as f64);
        }
        let shorter = Lookahead { iterations: ahead.iterations - 1, ..ahead };
        let mut best = f64::NEG_INFINITY;
        for action in self.legal() {
            let (next, reward, ending) = self.after(action, objective)?;
            let rest = if ending.is_some() { 0.0 } else { next.value(shorter, objective, stream)? };
            best = best.max(reward + rest);
        }
        Ok(best)
    }

    /// What random actions earn to the end of the episode.
    fn rollout(&self, objective: &mut Objective, stream: &mut Stream) -> Result<f64, QasError> {
        let Self { mut environment, mut seen } = self.clone();
        let (actions, mut sum) = (environment.dimensions().actions, 0.0);
        loop {
            let step = environment.step(random::draw_legal(stream, actions, &seen), objective)?;
            sum += step.reward;
            if step.ending.is_some() {
                return Ok(sum);
            }
            seen = step.observation;
        }
    }
}

impl Measurement<'_> {
    fn objective(&self, seed: u64) -> Result<Objective, QasError> {
        let SearchConfig { objective, simulator, minimizer, .. } = self.search;
        Objective::new(objective.clone(), simulator, minimizer, self.problem, seed)
    }

    fn horizon(&self, iterations: usize, watch: &mut Watch<'_>) -> Result<Horizon, QasError> {
        let mut found = Horizon { iterations, rollouts: None, horizon: None, given_up: false, evaluations: 0, tried: Vec::new() };
        let runs = self.settings.runs;
        let mut rollouts = 1;
        while rollouts <= self.settings.rollouts && found.rollouts.is_none() {
            let mut tried = HorizonTrial { rollouts, runs: 0, successes: 0 };
            // until half of them have succeeded, or can no longer
            while 2 * tried.successes < runs && 2 * (tried.successes + runs - tried.runs) >= runs {
                if watch(iterations - 1, self.settings.iterations) == ControlFlow::Break(()) {
                    return Err(QasError::Stopped);
                }
                let Some(succeeded) = self.run(Lookahead { iterations, rollouts }, tried.runs, &mut found)? else {
                    found.given_up = true;
                    found.tried.push(tried);
                    return Ok(found);
                };
                tried.runs += 1;
                tried.successes += u64::from(succeeded);
            }
            if 2 * tried.successes >= runs {
                let actions = self.actions()?;
                found.rollouts = Some(rollouts);
                found.horizon = Some(iterations as f64 + (rollouts as f64).ln() / (actions as f64).ln().max(f64::MIN_POSITIVE));
            }
            found.tried.push(tried);
            rollouts *= 2;
        }
        Ok(found)
    }

    fn environment(&self, objective: &mut Objective) -> Result<Environment, QasError> {
        Environment::new(self.search.coupled_environment(self.problem.num_qubits())?, self.problem, objective)
    }

    /// The number of actions.
    fn actions(&self) -> Result<usize, QasError> {
        Ok(self.environment(&mut self.objective(self.seed)?)?.dimensions().actions)
    }

    /// An episode of GORP: whether it succeeded; `None` when the evaluations ran out.
    fn run(&self, ahead: Lookahead, number: u64, found: &mut Horizon) -> Result<Option<bool>, QasError> {
        let mut stream = Stream::named(self.seed, &format!("horizon {} {} {number}", ahead.iterations, ahead.rollouts));
        let mut objective = self.objective(stream.word())?;
        let mut environment = self.environment(&mut objective)?;
        let task = Task { threshold: self.settings.threshold, max_gates: None, noise: None };
        let seen = environment.reset(task, &mut Stream::named(0, "no halting"), &mut objective)?;
        let mut position = Position { environment, seen };
        let mut counted = 0;
        let ending = loop {
            if found.evaluations >= self.settings.evaluations {
                return Ok(None);
            }
            let legal = position.legal();
            let word = stream.word();
            let looked: Vec<(f64, u64)> =
                legal.par_iter().map(|&action| self.look(&position, action, ahead, word)).collect::<Result<_, _>>()?;
            found.evaluations += looked.iter().map(|(_, evaluations)| evaluations).sum::<u64>();
            // the first of equals; where nothing is legal, anything is
            let better = |best: usize, place: usize| if looked[place].0 > looked[best].0 { place } else { best };
            let best = (1..looked.len()).fold(0, better);
            let action = legal.get(best).copied().unwrap_or(0);
            let (next, _, ending) = position.after(action, &mut objective)?;
            let evaluations = objective.evaluations().values;
            found.evaluations += evaluations - counted;
            counted = evaluations;
            if let Some(ending) = ending {
                break ending;
            }
            position = next;
        };
        Ok(Some(ending == Ending::Success))
    }

    /// The value of an action, and the evaluations that it took.
    fn look(&self, position: &Position, action: usize, ahead: Lookahead, word: u64) -> Result<(f64, u64), QasError> {
        let mut stream = Stream::numbered(word, "rollouts", action as u64);
        let mut objective = self.objective(stream.word())?;
        if let Some(fixed) = position.environment.fixed() {
            objective.begin_with(fixed)?;
        }
        let (next, reward, ending) = position.after(action, &mut objective)?;
        let shorter = Lookahead { iterations: ahead.iterations - 1, ..ahead };
        let rest = if ending.is_some() { 0.0 } else { next.value(shorter, &mut objective, &mut stream)? };
        Ok((reward + rest, objective.evaluations().values))
    }
}

#[cfg(test)]
mod tests;
