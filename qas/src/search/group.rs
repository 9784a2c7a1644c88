//! Episodes that are played side by side, each in an environment of its own.

use qloom_circuits::{Circuit, Stream};
use qloom_optim::Evaluations;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::agent::apart::EpisodePolicy;
use crate::agent::{Agent, Transition};
use crate::environment::action::ActionSet;
use crate::environment::{Ending, Environment};
use crate::objective::Objective;
use crate::search::Search;
use crate::search::best::{Candidate, Keeper, Place, Preference, build};
use crate::search::config::SearchConfig;
use crate::search::event::{EpisodeReport, StopReason};
use crate::search::player::Player;
use crate::search::round::Course;
use crate::size::Size;
use crate::teacher::{Task, TeacherConfig};
use crate::{Problem, QasError};

/// A circuit whose energy is known.
#[derive(Clone, Copy)]
pub(super) struct Valued<'a> {
    pub(super) taken: &'a [u16],
    pub(super) circuit: &'a Circuit,
    pub(super) angles: &'a [f64],
    pub(super) energy: f64,
}

/// Considers a circuit as the best; returns whether it is, and its energy, confirmed where it would be the lowest.
pub(super) fn keep(
    valued: Valued<'_>,
    actions: &ActionSet,
    preference: &Preference,
    (objective, keeper): (&mut Objective, &mut Keeper),
) -> Result<(bool, f64), QasError> {
    let Valued { taken, circuit, angles, energy: measured } = valued;
    let size = Size::of(taken, actions);
    let candidate = |objective: &mut Objective, energy: f64| {
        let reference = objective.reference(circuit, angles)?;
        let evaluations = objective.evaluations().values;
        Ok::<_, QasError>(Candidate { actions: taken.to_vec(), angles: angles.to_vec(), energy, reference, evaluations })
    };
    // a front of one's own is of all circuits on the way, the default one of those that were the best
    let enters = match &preference.front {
        Some(front) => {
            let noisy = if front.noisy { objective.reference(circuit, angles)?.noisy } else { 0.0 };
            keeper.has_place(&Place::new(measured, noisy, size, preference), actions, preference)
        }
        None => false,
    };
    if !enters && !keeper.is_promising(measured, size, actions, preference) {
        return Ok((false, measured));
    }
    let energy = objective.confirm(circuit, angles, measured)?;
    if enters {
        keeper.enter(&candidate(objective, energy)?, actions, preference);
    }
    if !keeper.consider(energy, size, actions, preference) {
        return Ok((false, energy));
    }
    keeper.keep(candidate(objective, energy)?);
    Ok((true, energy))
}

/// A step of an episode that was played beside others.
struct Stepped {
    transition: Transition,
    ending: Option<Ending>,
    taken: Vec<u16>,
    angles: Vec<f64>,
    energy: f64,
    depth: usize,
    evaluations: Evaluations,
}

/// A report that waits, as it is saved: the format of states leaves no field out.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    report: EpisodeReport,
    max_gates: Option<usize>,
    noise: Option<u32>,
}

impl From<EpisodeReport> for Waiting {
    fn from(report: EpisodeReport) -> Self {
        let (max_gates, noise) = (report.max_gates, report.noise);
        Self { report: EpisodeReport { max_gates: Some(0), noise: Some(0), ..report }, max_gates, noise }
    }
}

impl From<Waiting> for EpisodeReport {
    fn from(Waiting { report, max_gates, noise }: Waiting) -> Self {
        Self { max_gates, noise, ..report }
    }
}

/// Refuses settings that tie an episode to the one before it.
pub(super) fn check(config: &SearchConfig, player: &Player, has_own_cost: bool) -> Result<(), QasError> {
    let count = config.environments;
    if !(1..=1000).contains(&count) {
        return Err(QasError::invalid("environments", count, "it has to be in 1 to 1000"));
    }
    if count == 1 {
        return Ok(());
    }
    let follows = match &config.teacher {
        TeacherConfig::Fixed(_) | TeacherConfig::MovingThreshold(_) => false,
        TeacherConfig::Random(_)
        | TeacherConfig::AlpGmm(_)
        | TeacherConfig::Riac(_)
        | TeacherConfig::SelfPaced(_)
        | TeacherConfig::Adversary(_) => true,
    };
    let apart = match player {
        Player::Agent(agent) => agent.plays_apart(),
        Player::Walk(_) => false,
    };
    let needs = [
        (!apart, "a walk, or an agent that learns or plans within an episode, is one: leave it out"),
        (
            follows,
            "this teacher draws a task after the outcome of the one before: leave it out, or take teacher.moving-threshold",
        ),
        (config.environment.reward.novelty.is_some(), "novelty looks back at all states before: leave one of the two out"),
        (config.objective.cache.is_some(), "fits are kept by one environment: leave it out, or objective.cache"),
        (has_own_cost, "a cost of one's own is one: leave it out"),
    ];
    let Some((_, need)) = needs.into_iter().find(|(holds, _)| *holds) else { return Ok(()) };
    Err(QasError::invalid("environments", count, need))
}

impl Search {
    /// Episodes side by side: all are played, and then told one after the other as if each had been played after the one before. The first
    /// report is returned, the others wait.
    pub(super) fn group(&mut self, agent: &mut dyn Agent) -> Result<EpisodeReport, QasError> {
        let left = self.config.episodes.saturating_sub(self.episodes).max(1);
        let count = (self.config.environments as u64).min(left) as usize;
        let task = self.teacher.next_task();
        let first = self.episodes;
        let policies: Vec<(u64, Box<dyn EpisodePolicy>)> = (first..).zip(agent.apart(count)?).collect();
        let Self { config, problem, environment, seed, .. } = self;
        let shared = Shared { config, problem, environment, seed: *seed };
        let played: Vec<Vec<Stepped>> =
            policies.into_par_iter().map(|(number, policy)| shared.play(number, policy, task)).collect::<Result<_, _>>()?;
        for steps in played {
            let report = self.tell(steps, task, agent)?;
            self.waiting.push_back(report);
            if self.stop_reason().is_some_and(|reason| reason != StopReason::Episodes) {
                break;
            }
        }
        self.waiting.pop_front().ok_or_else(|| QasError::invalid("environments", count, "the agent has no policy: leave it out"))
    }

    /// Tells an episode to the agent, the teacher and the keeper, up to where the evaluations run out.
    fn tell(&mut self, steps: Vec<Stepped>, task: Task, agent: &mut dyn Agent) -> Result<EpisodeReport, QasError> {
        let preference = self.preference();
        let mut course = Course::new(task);
        let mut last = None;
        for Stepped { transition, ending, taken, angles, energy, depth, evaluations } in steps {
            self.objective.count(evaluations);
            let circuit = build(self.environment.actions(), &taken)?;
            let valued = Valued { taken: &taken, circuit: &circuit, angles: &angles, energy };
            let both = (&mut self.objective, &mut self.keeper);
            let (kept, confirmed) = keep(valued, self.environment.actions(), &preference, both)?;
            course.take(&transition, kept, (confirmed - self.environment.target()).abs(), ending);
            if self.config.measure.experience {
                self.measured.recorder.step(&transition.before, transition.action);
            }
            agent.observe(transition);
            last = Some((taken, circuit, angles, energy, depth));
            if ending.is_some() {
                break;
            }
            course.learn(agent.learn()?);
            if self.stop_reason() == Some(StopReason::Evaluations) {
                break;
            }
        }
        let (taken, circuit, angles, energy, depth) = last.expect("an episode has a step");
        let valued = Valued { taken: &taken, circuit: &circuit, angles: &angles, energy };
        self.improve(course.improved)?;
        let reference = self.objective.reference(&circuit, &angles)?;
        self.note(valued, reference, course.reward, course.ending.is_some())?;
        self.report(course, (taken.len(), depth, energy), reference, agent)
    }
}

/// What episodes side by side share.
struct Shared<'a> {
    config: &'a SearchConfig,
    problem: &'a Problem,
    environment: &'a Environment,
    seed: u64,
}

impl Shared<'_> {
    /// An episode in an environment of its own, whose streams are numbered by the episode.
    fn play(&self, number: u64, mut policy: Box<dyn EpisodePolicy>, task: Task) -> Result<Vec<Stepped>, QasError> {
        let mut stream = Stream::numbered(self.seed, "environment", number);
        let SearchConfig { objective, simulator, minimizer, .. } = self.config;
        let mut objective = Objective::new(objective.clone(), simulator, minimizer, self.problem, stream.word())?;
        if let Some(fixed) = self.environment.fixed() {
            objective.begin_with(fixed)?;
        }
        let mut environment: Environment = self.environment.clone();
        let mut before = environment.reset(task, &mut stream, &mut objective)?;
        let mut counted = objective.evaluations();
        let mut steps = Vec::new();
        loop {
            let action = policy.act(&before)?;
            let step = environment.step(action, &mut objective)?;
            let evaluations = objective.evaluations();
            let (taken, _, angles) = environment.valued();
            // what is seen of the start is counted with the first step
            let since = if steps.is_empty() { Evaluations::default() } else { counted };
            let (after, ending) = (step.observation, step.ending);
            steps.push(Stepped {
                transition: Transition { before, action, reward: step.reward, after: after.clone(), done: ending.is_some() },
                ending,
                taken: taken.to_vec(),
                angles: angles.to_vec(),
                energy: step.energy,
                depth: environment.depth(),
                evaluations: Evaluations {
                    values: evaluations.values - since.values,
                    gradients: evaluations.gradients - since.gradients,
                },
            });
            if ending.is_some() {
                return Ok(steps);
            }
            (before, counted) = (after, evaluations);
        }
    }
}
