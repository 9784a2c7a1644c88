//! What a step of a search does: an episode of an agent, or a round of a walk.

use qloom_circuits::Stream;
use qloom_estimate::Reference;

use crate::QasError;
use crate::agent::{Agent, Transition};
use crate::environment::Ending;
use crate::search::Search;
use crate::search::best::{Candidate, build};
use crate::search::event::{EpisodeReport, StopReason};
use crate::search::group::Valued;
use crate::teacher::{Outcome, Task};
use crate::walk::{Bounds, Walk};

/// What an episode has come to.
pub(super) struct Course {
    pub(super) task: Task,
    pub(super) reward: f64,
    /// Sum and number of the losses of its training steps.
    pub(super) loss: f64,
    pub(super) trained: u32,
    pub(super) smallest_gap: f64,
    /// Whether it has brought a best circuit.
    pub(super) improved: bool,
    pub(super) ending: Option<Ending>,
}

impl Course {
    pub(super) fn new(task: Task) -> Self {
        Self { task, reward: 0.0, loss: 0.0, trained: 0, smallest_gap: f64::INFINITY, improved: false, ending: None }
    }

    /// A step, whether its circuit was the best, and its distance from the target.
    pub(super) fn take(&mut self, transition: &Transition, kept: bool, gap: f64, ending: Option<Ending>) {
        self.reward += transition.reward;
        self.improved |= kept;
        self.smallest_gap = self.smallest_gap.min(gap);
        self.ending = ending;
    }

    pub(super) fn learn(&mut self, loss: Option<f64>) {
        self.trained += u32::from(loss.is_some());
        self.loss += loss.unwrap_or(0.0);
    }
}

impl Search {
    /// An agent's episode.
    pub(super) fn episode(&mut self, agent: &mut dyn Agent) -> Result<EpisodeReport, QasError> {
        let task = self.teacher.next_task();
        let noise = task.noise.unwrap_or(1);
        self.objective.set_noise(noise)?;
        let mut observation = self.environment.reset(task, &mut self.halting, &mut self.objective)?;
        let mut course = Course::new(task);
        loop {
            let action = agent.act(&observation)?;
            if self.config.measure.experience {
                self.measured.recorder.step(&observation, action);
            }
            let step = self.environment.step(action, &mut self.objective)?;
            let (kept, energy) = self.keep_under(noise)?;
            let (after, ending) = (step.observation.clone(), step.ending);
            let transition = Transition { before: observation, action, reward: step.reward, after, done: ending.is_some() };
            course.take(&transition, kept, (energy - self.environment.target()).abs(), ending);
            agent.observe(transition);
            if ending.is_some() {
                break;
            }
            course.learn(agent.learn()?);
            if self.stop_reason() == Some(StopReason::Evaluations) {
                break;
            }
            observation = step.observation;
        }
        self.objective.set_noise(1)?;
        self.improve(course.improved)?;
        let (taken, circuit, angles) = self.environment.valued();
        let (taken, circuit, angles) = (taken.to_vec(), circuit.clone(), angles.to_vec());
        let (depth, energy) = (self.environment.depth(), self.environment.energy());
        let reference = self.objective.reference(&circuit, &angles)?;
        let valued = Valued { taken: &taken, circuit: &circuit, angles: &angles, energy };
        self.note(valued, reference, course.reward, course.ending.is_some())?;
        self.report(course, (taken.len(), depth, energy), reference, agent)
    }

    /// Measures what is for the report alone at the end of an episode.
    pub(super) fn note(&mut self, last: Valued<'_>, reference: Reference, earned: f64, ended: bool) -> Result<(), QasError> {
        let Valued { taken, circuit, angles, energy } = last;
        if self.is_good(energy) {
            let (actions, angles, evaluations) = (taken.to_vec(), angles.to_vec(), self.evaluations());
            let candidate = Candidate { actions, angles, energy, reference, evaluations };
            let most = self.kept();
            self.measured.gathered.enter(&candidate, circuit, most)?;
        }
        if self.config.measure.experience && ended {
            self.measured.recorder.end(earned);
        }
        Ok(())
    }

    /// Tells the teacher of an episode, tests the policy if it is time, and reports.
    pub(super) fn report(
        &mut self,
        course: Course,
        (gates, depth, energy): (usize, usize, f64),
        reference: Reference,
        agent: &mut dyn Agent,
    ) -> Result<EpisodeReport, QasError> {
        let Course { task, reward, smallest_gap, ending, .. } = course;
        let succeeded = ending == Some(Ending::Success);
        self.teacher.record(Outcome { succeeded, smallest_gap });
        self.episodes += 1;
        self.successes += u64::from(succeeded);
        let every = self.config.test.every;
        let test = if every > 0 && self.episodes.is_multiple_of(every) {
            let task = self.teacher.next_task();
            Some(self.test(agent, task)?)
        } else {
            None
        };
        Ok(EpisodeReport {
            gates,
            depth,
            threshold: task.threshold,
            max_gates: task.max_gates,
            noise: task.noise,
            smallest_gap,
            ending,
            reward,
            energy,
            greedy_energy: test.map(|(energy, _)| energy),
            restored: test.is_some_and(|(_, restored)| restored),
            noisy_energy: reference.noisy,
            noiseless_energy: reference.noiseless,
            exploration: agent.exploration(),
            loss: (course.trained > 0).then(|| course.loss / f64::from(course.trained)),
            ..self.standing()
        })
    }

    /// An episode of the policy without exploring, from which nothing is learnt: its lowest energy, and whether the agent went back to an
    /// earlier policy.
    fn test(&mut self, agent: &mut dyn Agent, task: Task) -> Result<(f64, bool), QasError> {
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

    /// A test of this task as a report, such as the one that ends a search.
    pub(super) fn last_test(&mut self, agent: &mut dyn Agent, task: Task) -> Result<EpisodeReport, QasError> {
        let (energy, restored) = self.test(agent, task)?;
        let gates = self.environment.valued().0.len();
        let depth = self.environment.depth();
        let smallest_gap = (energy - self.environment.target()).abs();
        Ok(EpisodeReport { gates, depth, smallest_gap, energy, greedy_energy: Some(energy), restored, ..self.standing() })
    }

    /// Prunes a new best circuit, and lets it grow where the settings say so.
    pub(super) fn improve(&mut self, improved: bool) -> Result<(), QasError> {
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
        if self.is_good(measured) {
            let circuit = build(self.environment.actions(), &candidate.actions)?;
            let most = self.kept();
            self.measured.gathered.enter(&candidate, &circuit, most)?;
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

    /// Whether a circuit is counted among the good ones.
    fn is_good(&self, energy: f64) -> bool {
        let most = self.config.measure.variety.as_ref().map(|variety| variety.error);
        self.problem.error(energy).zip(most).is_some_and(|(error, most)| error <= most)
    }

    /// How many good circuits are kept.
    fn kept(&self) -> usize {
        self.config.measure.variety.as_ref().map_or(0, |variety| variety.most)
    }

    /// A report of nothing but where the search stands.
    fn standing(&self) -> EpisodeReport {
        EpisodeReport {
            episode: self.episodes,
            gates: 0,
            depth: 0,
            threshold: 0.0,
            max_gates: None,
            noise: None,
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
