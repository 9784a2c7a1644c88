//! What a step of a search does: an episode of an agent, or a round of a walk.

use qloom_circuits::Stream;

use crate::QasError;
use crate::agent::{Agent, Transition};
use crate::environment::Ending;
use crate::search::Search;
use crate::search::event::{EpisodeReport, StopReason};
use crate::teacher::Outcome;
use crate::walk::{Bounds, Walk};

impl Search {
    /// An agent's episode.
    pub(super) fn episode(&mut self, agent: &mut dyn Agent) -> Result<EpisodeReport, QasError> {
        let task = self.teacher.next_task();
        let mut observation = self.environment.reset(task, &mut self.halting, &mut self.objective)?;
        let (mut reward, mut loss, mut trained) = (0.0, 0.0, 0u32);
        let mut smallest_gap = f64::INFINITY;
        let mut improved = false;
        let ending = loop {
            let action = agent.act(&observation)?;
            let step = self.environment.step(action, &mut self.objective)?;
            reward += step.reward;
            let (kept, energy) = self.keep()?;
            smallest_gap = smallest_gap.min((energy - self.environment.target()).abs());
            improved |= kept;
            let after = step.observation.clone();
            let done = step.ending.is_some();
            agent.observe(Transition { before: observation, action, reward: step.reward, after, done });
            if let Some(ending) = step.ending {
                break Some(ending);
            }
            if let Some(value) = agent.learn()? {
                loss += value;
                trained += 1;
            }
            if self.stop_reason() == Some(StopReason::Evaluations) {
                break None;
            }
            observation = step.observation;
        };
        self.improve(improved)?;
        let (taken, circuit, angles) = self.environment.valued();
        let reference = self.objective.reference(circuit, angles)?;
        let (gates, depth, last_energy) = (taken.len(), self.environment.depth(), self.environment.energy());
        let succeeded = ending == Some(Ending::Success);
        self.teacher.record(Outcome { succeeded, smallest_gap });
        self.episodes += 1;
        self.successes += u64::from(succeeded);
        let every = self.config.test.every;
        let test = if every > 0 && self.episodes.is_multiple_of(every) { Some(self.test(agent)?) } else { None };
        Ok(EpisodeReport {
            gates,
            depth,
            threshold: task.threshold,
            max_gates: task.max_gates,
            smallest_gap,
            ending,
            reward,
            energy: last_energy,
            greedy_energy: test.map(|(energy, _)| energy),
            restored: test.is_some_and(|(_, restored)| restored),
            noisy_energy: reference.noisy,
            noiseless_energy: reference.noiseless,
            exploration: agent.exploration(),
            loss: (trained > 0).then(|| loss / f64::from(trained)),
            ..self.standing()
        })
    }

    /// An episode of the policy without exploring, from which nothing is learnt: its lowest energy, and whether the agent went back to an
    /// earlier policy.
    fn test(&mut self, agent: &mut dyn Agent) -> Result<(f64, bool), QasError> {
        let task = self.teacher.next_task();
        // an episode of its own: halting and thresholds of later ones are what they would be without
        let mut halting = Stream::named(self.seed, "test");
        let mut observation = self.environment.reset(task, &mut halting, &mut self.objective)?;
        let (mut lowest, mut improved) = (f64::INFINITY, false);
        loop {
            let step = self.environment.step(agent.act_greedily(&observation)?, &mut self.objective)?;
            let (kept, energy) = self.keep()?;
            improved |= kept;
            lowest = lowest.min(energy);
            if step.ending.is_some() || self.stop_reason() == Some(StopReason::TargetError) {
                break;
            }
            observation = step.observation;
        }
        self.improve(improved)?;
        self.tested = Some((self.episodes, lowest));
        let restored = agent.tested(self.environment.first_energy() - lowest)?;
        Ok((lowest, restored))
    }

    /// The test that ends a search.
    pub(super) fn last_test(&mut self, agent: &mut dyn Agent) -> Result<EpisodeReport, QasError> {
        let (energy, restored) = self.test(agent)?;
        let gates = self.environment.valued().0.len();
        let depth = self.environment.depth();
        let smallest_gap = (energy - self.environment.target()).abs();
        Ok(EpisodeReport { gates, depth, smallest_gap, energy, greedy_energy: Some(energy), restored, ..self.standing() })
    }

    /// Prunes a new best circuit, and lets it grow where the settings say so.
    fn improve(&mut self, improved: bool) -> Result<(), QasError> {
        let preference = self.preference();
        let evaluations = self.config.evaluations.unwrap_or(u64::MAX);
        let Self { config, keeper, environment, objective, episodes, .. } = self;
        let (set, best) = (environment.actions(), &config.best);
        if improved && best.prune {
            keeper.prune(set, &preference, objective, evaluations)?;
        }
        if best.extend_every > 0 && (*episodes + 1).is_multiple_of(best.extend_every) && keeper.is_fresh() {
            keeper.extend(set, config.environment.max_gates, &preference, objective, evaluations)?;
            if best.prune {
                keeper.prune(set, &preference, objective, evaluations)?;
            }
        }
        keeper.enter_best(set, &preference);
        Ok(())
    }

    /// A walk's round.
    pub(super) fn round(&mut self, walk: &mut dyn Walk) -> Result<EpisodeReport, QasError> {
        let preference = self.preference();
        let bounds =
            Bounds { goal: preference.enough.or(preference.goal), evaluations: self.config.evaluations.unwrap_or(u64::MAX) };
        let set = self.environment.actions();
        let round = walk.round(set, &mut self.objective, bounds)?;
        let candidate = round.candidate;
        let (size, measured) = (candidate.size(set), candidate.energy);
        if round.fits {
            if self.keeper.consider(measured, size, set, &preference) {
                self.keeper.keep(candidate.clone());
            }
            self.keeper.enter(&candidate, set, &preference);
        }
        let target = self.environment.target();
        self.episodes += 1;
        self.successes += u64::from(round.improved);
        Ok(EpisodeReport {
            gates: candidate.actions.len(),
            depth: size.depth,
            threshold: (round.ceiling - target).abs(),
            smallest_gap: (candidate.energy - target).abs(),
            ending: Some(if round.improved { Ending::Success } else { Ending::Exhausted }),
            energy: candidate.energy,
            noisy_energy: candidate.reference.noisy,
            noiseless_energy: candidate.reference.noiseless,
            ..self.standing()
        })
    }

    /// A report of nothing but where the search stands.
    fn standing(&self) -> EpisodeReport {
        EpisodeReport {
            episode: self.episodes,
            gates: 0,
            depth: 0,
            threshold: 0.0,
            max_gates: None,
            smallest_gap: f64::INFINITY,
            ending: None,
            reward: 0.0,
            energy: self.keeper.energy(),
            noisy_energy: self.keeper.energy(),
            noiseless_energy: self.keeper.energy(),
            best_energy: self.keeper.energy(),
            best_error: self.problem.error(self.keeper.energy()),
            best_noiseless_error: self.keeper.reference().and_then(|reference| self.problem.error(reference.noiseless)),
            evaluations: self.evaluations(),
            exploration: 0.0,
            loss: None,
            greedy_energy: None,
            restored: false,
        }
    }
}
