//! Learning on the members, then trials on every point, as a job.

use std::time::Duration;

use qloom::qas::{AgentConfig, Event, Family, LocalConfig, Problem, QasError, RandomConfig, Reptile, Search, SearchConfig};
use serde::{Deserialize, Serialize};

use super::report::{self, FamilyReport};
use super::{Experiment, Point, Points};
use crate::checkpoint;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};

const PLACE: &str = "the experiment cannot be run";

/// What learns.
enum Learner {
    Family(Family),
    Reptile(Reptile),
}

/// Who builds a circuit for a point in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The best circuit of the family's episodes.
    Family,
    /// The family's policy, without exploring.
    Policy,
    /// The default walk, with as many evaluations as the family had for a member.
    Walk,
    /// A random agent, with as many evaluations as the family had for a member.
    Random,
    /// The agent from weights as they are drawn.
    Drawn,
    /// The agent from the start that was learnt.
    Start,
}

impl By {
    pub fn name(self) -> &'static str {
        match self {
            By::Family => "family",
            By::Policy => "policy",
            By::Walk => "walk",
            By::Random => "random",
            By::Drawn => "drawn",
            By::Start => "start",
        }
    }
}

/// A circuit for a point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// The point.
    pub point: String,
    /// Whether it was learnt from.
    pub member: bool,
    /// Who built it.
    pub by: String,
    /// The number of the trial, from 1.
    pub trial: u64,
    /// Its energy.
    pub energy: f64,
    /// Its error, where the ground energy is known.
    pub error: Option<f64>,
    /// Episodes or rounds of the search; those of the member for the family, none for the policy.
    pub episodes: u64,
    /// Evaluations of the search.
    pub evaluations: u64,
    /// Gates of the circuit.
    pub gates: usize,
}

/// What a step left behind.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Done {
    /// An episode of the family.
    Episode(qloom::qas::FamilyEvent),
    /// A move of the start.
    Move(qloom::qas::ReptileEvent),
    /// A circuit for a point.
    Trial(Trial),
}

/// A family, or a start, with its trials.
pub struct Session {
    pub experiment: Experiment,
    learner: Learner,
    points: Vec<(Point, bool)>,
    pub trials: Vec<Trial>,
}

impl Session {
    pub fn new(experiment: Experiment, points: Points) -> Result<Self, Failure> {
        let settings = &experiment.family;
        if settings.trials == 0 || settings.trials > 1000 || settings.trial_episodes == 0 {
            return Err(Failure::input("[family] needs 1 to 1000 trials of at least 1 episode"));
        }
        if !(settings.trial_error.is_finite() && settings.trial_error > 0.0) {
            let error = settings.trial_error;
            return Err(Failure::input(format!("family.trial_error is {error}, but it has to be finite and positive")));
        }
        let problems: Vec<Problem> = points.members.iter().map(|point| point.problem.clone()).collect();
        let (search, seed) = (experiment.search.clone(), experiment.seed);
        let learner = match &settings.reptile {
            None => Learner::Family(Family::new(search, problems, seed).or_input(PLACE)?),
            Some(reptile) => Learner::Reptile(Reptile::new(reptile.clone(), search, problems, seed).or_input(PLACE)?),
        };
        let members = points.members.into_iter().map(|point| (point, true));
        let points = members.chain(points.tests.into_iter().map(|point| (point, false))).collect();
        Ok(Self { experiment, learner, points, trials: Vec::new() })
    }

    /// The trials in their order: the place of the point, who builds, and the number of the trial.
    fn plan(&self) -> Vec<(usize, By, u64)> {
        let of = |place: usize| -> Vec<(By, u64)> {
            let member = self.points[place].1;
            match self.learner {
                Learner::Family(_) if member => [By::Family, By::Policy, By::Walk, By::Random].map(|by| (by, 1)).to_vec(),
                Learner::Family(_) => [By::Policy, By::Walk, By::Random].map(|by| (by, 1)).to_vec(),
                Learner::Reptile(_) if member => Vec::new(),
                Learner::Reptile(_) => {
                    (1..=self.experiment.family.trials).flat_map(|trial| [(By::Drawn, trial), (By::Start, trial)]).collect()
                }
            }
        };
        (0..self.points.len()).flat_map(|place| of(place).into_iter().map(move |(by, trial)| (place, by, trial))).collect()
    }

    /// The evaluations of the family for each member.
    fn share(&self) -> u64 {
        match &self.learner {
            Learner::Family(family) => family.evaluations() / family.members().len() as u64,
            Learner::Reptile(_) => 0,
        }
    }

    fn trial(&mut self, place: usize, by: By, trial: u64) -> Result<Trial, Failure> {
        let (Point { name, problem }, member) = &self.points[place];
        let share = self.share();
        let base = &self.experiment.search;
        let seed = self.experiment.seed;
        let alone = |agent: AgentConfig| SearchConfig { agent, episodes: u64::MAX, evaluations: Some(share), ..base.clone() };
        let settings = &self.experiment.family;
        let until = SearchConfig {
            episodes: settings.trial_episodes,
            evaluations: None,
            target_error: Some(settings.trial_error),
            ..base.clone()
        };
        let made = |energy: f64, gates: usize, (episodes, evaluations): (u64, u64)| Trial {
            point: name.clone(),
            member: *member,
            by: by.name().to_owned(),
            trial,
            energy,
            error: problem.error(energy),
            episodes,
            evaluations,
            gates,
        };
        let best = |search: &Search| {
            let found = search.best()?;
            let (energy, gates) = found.map_or((f64::INFINITY, 0), |found| (found.energy, found.circuit.operations().len()));
            Ok::<_, QasError>(made(energy, gates, (search.episodes(), search.evaluations())))
        };
        let failed = format!("the search of {name} failed");
        let (config, start) = match (&mut self.learner, by) {
            (Learner::Family(family), By::Family) => return best(&family.members()[place]).or_work(&failed),
            (Learner::Family(family), By::Policy) => {
                let report = family.test(problem.clone()).or_work(&failed)?;
                return Ok(made(report.greedy_energy.unwrap_or(report.energy), report.gates, (0, 0)));
            }
            (_, By::Walk) => (alone(AgentConfig::Local(LocalConfig::default())), None),
            (_, By::Random) => (alone(AgentConfig::Random(RandomConfig {})), None),
            (Learner::Reptile(reptile), By::Start) => (until, Some(reptile.start().to_vec())),
            (Learner::Reptile(_) | Learner::Family(_), _) => (until, None),
        };
        let mut search = Search::new(config, problem.clone(), seed + trial).or_work(&failed)?;
        if let Some(start) = start {
            search.begin_from(&start).or_work(&failed)?;
        }
        while let Event::Episode(_) = search.step().or_work(&failed)? {}
        best(&search).or_work(&failed)
    }
}

impl Job for Session {
    const UNIT: &'static str = "steps";
    type Event = Done;
    type Report = FamilyReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<Done>, Failure> {
        let failed = "learning failed; the last checkpoint is unharmed";
        let learnt = match &mut self.learner {
            Learner::Family(family) => family.step().or_work(failed)?.map(Done::Episode),
            Learner::Reptile(reptile) => reptile.step().or_work(failed)?.map(Done::Move),
        };
        if let Some(done) = learnt {
            // of a run that goes on with higher limits
            self.trials.clear();
            return Ok(Step::Event(done));
        }
        let Some(&(place, by, trial)) = self.plan().get(self.trials.len()) else { return Ok(Step::Finished("trials")) };
        let trial = self.trial(place, by, trial)?;
        self.trials.push(trial.clone());
        Ok(Step::Event(Done::Trial(trial)))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        let learner = match &self.learner {
            Learner::Family(family) => family.state(),
            Learner::Reptile(reptile) => reptile.state(),
        };
        let trials = serde_json::to_vec(&self.trials).or_work("cannot write the state")?;
        Ok(checkpoint::joined(&trials, &learner))
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let other = "the checkpoint does not fit the experiment";
        let (trials, learner) = checkpoint::parts(state)?;
        self.trials = serde_json::from_slice(trials).or_input(other)?;
        let members = self.points.iter().filter(|(_, member)| *member);
        let problems: Vec<Problem> = members.map(|(point, _)| point.problem.clone()).collect();
        let (search, seed) = (self.experiment.search.clone(), self.experiment.seed);
        self.learner = match &self.experiment.family.reptile {
            None => Learner::Family(Family::resume(search, problems, seed, learner).or_input(other)?),
            Some(reptile) => Learner::Reptile(Reptile::resume(reptile.clone(), search, problems, seed, learner).or_input(other)?),
        };
        Ok(())
    }

    fn progress(&self, _elapsed: Duration) -> (u64, u64, String) {
        let trials = (self.trials.len() as u64, self.plan().len() as u64);
        match &self.learner {
            Learner::Family(family) => {
                let (done, limit) = match family.config().evaluations {
                    Some(limit) => (family.evaluations().min(limit), limit),
                    None => (family.episodes(), family.config().episodes),
                };
                (done + trials.0, limit + trials.1, format!("{} episodes", family.episodes()))
            }
            Learner::Reptile(reptile) => {
                let rounds = self.experiment.family.reptile.as_ref().map_or(0, |settings| settings.rounds);
                (reptile.rounds() + trials.0, rounds + trials.1, format!("{} evaluations", reptile.evaluations()))
            }
        }
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(match &self.learner {
            Learner::Family(family) => {
                let weights = family.policy().or_work("cannot write the weights")?;
                weights.map(|weights| ("policy.safetensors".to_owned(), weights)).into_iter().collect()
            }
            Learner::Reptile(reptile) => vec![("start.safetensors".to_owned(), reptile.start().to_vec())],
        })
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<FamilyReport, Failure> {
        let evaluations = match &self.learner {
            Learner::Family(family) => family.evaluations(),
            Learner::Reptile(reptile) => reptile.evaluations(),
        };
        let report = FamilyReport::new(self, evaluations);
        if let Some(folder) = folder {
            folder.write(report::files(self, &report)?)?;
        }
        Ok(report)
    }
}
