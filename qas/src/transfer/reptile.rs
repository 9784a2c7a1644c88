//! Starting networks that are quick to train on a problem not seen.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use crate::error::{decode, encode};
use crate::search::Search;
use crate::search::config::SearchConfig;
use crate::search::event::Event;
use crate::{Problem, QasError};
use qloom_nn::Tensors;

/// Settings of [`Reptile`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReptileConfig {
    /// How often the start is moved. Default 60.
    pub rounds: u64,
    /// Episodes of the search that each move is made of, at least 1. Default 60.
    pub episodes: u64,
    /// By which part of the way to the weights at the end of that search the start is moved, in (0, 1]; it falls to 0 over the rounds, along a line. Default 0.5.
    pub step: f64,
}

impl Default for ReptileConfig {
    fn default() -> Self {
        Self { rounds: 60, episodes: 60, step: 0.5 }
    }
}

/// Meta-learning of the weights that agents begin with: again and again a problem is drawn, searched for some episodes from the present start, and the start
/// moved towards the weights that the agent ended with.
///
/// The problems have to have equally many qubits and actions, so that one network fits all. Every evaluation made is counted.
///
/// Source: A. Nichol, J. Achiam and J. Schulman, On first-order meta-learning algorithms (arXiv:1803.02999), algorithm 1 with one task at a time.
pub struct Reptile {
    config: ReptileConfig,
    search: SearchConfig,
    problems: Vec<Problem>,
    start: Vec<u8>,
    draws: Stream,
    round: u64,
    evaluations: u64,
}

/// A move of the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReptileEvent {
    /// Its number, counted from 1.
    pub round: u64,
    /// The problem, counted from 0.
    pub member: usize,
    /// The lowest error of the search, in the problem's unit, where the ground energy is known.
    pub error: Option<f64>,
    /// Episodes of the search that reached their threshold.
    pub successes: u64,
    /// Evaluations of all rounds so far.
    pub evaluations: u64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    start: Vec<u8>,
    draws: StreamState,
    round: u64,
    evaluations: u64,
}

impl Reptile {
    /// A start as it is drawn.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for settings out of range, no problem, or an agent without weights; and what [`Search::new`] refuses.
    pub fn new(config: ReptileConfig, search: SearchConfig, problems: Vec<Problem>, seed: u64) -> Result<Self, QasError> {
        if config.episodes == 0 {
            return Err(QasError::invalid("reptile.episodes", 0, "it has to be at least 1"));
        }
        if !(config.step > 0.0 && config.step <= 1.0) {
            return Err(QasError::invalid("reptile.step", config.step, "it has to be above 0 and at most 1"));
        }
        let search = SearchConfig { episodes: config.episodes, evaluations: None, target_error: None, ..search };
        let mut start = None;
        for problem in &problems {
            let mut first = Search::new(search.clone(), problem.clone(), seed)?;
            let weights = first.policy()?.ok_or_else(|| QasError::invalid("agent", "an agent without weights", "take `dqn`"))?;
            let start = start.get_or_insert(weights);
            // refuses what does not fit
            first.begin_from(start)?;
        }
        let Some(start) = start else { return Err(QasError::invalid("family.members", "[]", "there has to be a problem")) };
        Ok(Self { config, search, problems, start, draws: Stream::named(seed, "reptile"), round: 0, evaluations: 0 })
    }

    /// Makes a move; nothing when all are made.
    ///
    /// # Errors
    ///
    /// As [`Search::step`].
    pub fn step(&mut self) -> Result<Option<ReptileEvent>, QasError> {
        if self.round >= self.config.rounds {
            return Ok(None);
        }
        let member = self.draws.below(self.problems.len());
        let mut search = Search::new(self.search.clone(), self.problems[member].clone(), self.draws.word())?;
        search.begin_from(&self.start)?;
        while let Event::Episode(_) = search.step()? {}
        let reached = search.policy()?.expect("it had weights at the start");
        let left = 1.0 - self.round as f64 / self.config.rounds as f64;
        let (mut start, reached) = (Tensors::from_bytes(&self.start)?, Tensors::from_bytes(&reached)?);
        start.move_towards::<f32>(&reached, self.config.step * left)?;
        self.start = start.to_bytes()?;
        self.round += 1;
        self.evaluations += search.evaluations();
        let best = search.best()?;
        let error = best.and_then(|best| search.problem().error(best.energy));
        Ok(Some(ReptileEvent { round: self.round, member, error, successes: search.successes(), evaluations: self.evaluations }))
    }

    /// The start, as weights in the safetensors format.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// Rounds done.
    pub fn rounds(&self) -> u64 {
        self.round
    }

    /// Evaluations of all rounds so far.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// Everything needed to go on.
    pub fn state(&self) -> Vec<u8> {
        encode(&Saved { start: self.start.clone(), draws: self.draws.save(), round: self.round, evaluations: self.evaluations })
    }

    /// Goes on from a saved state, bit for bit.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] and [`QasError::OtherSearch`] when the state is of another network; and as [`Reptile::new`].
    pub fn resume(
        config: ReptileConfig,
        search: SearchConfig,
        problems: Vec<Problem>,
        seed: u64,
        state: &[u8],
    ) -> Result<Self, QasError> {
        let mut reptile = Self::new(config, search, problems, seed)?;
        let saved: Saved = decode("start", state)?;
        Search::new(reptile.search.clone(), reptile.problems[0].clone(), seed)?.begin_from(&saved.start)?;
        reptile.start = saved.start;
        reptile.draws = Stream::load(&saved.draws);
        (reptile.round, reptile.evaluations) = (saved.round, saved.evaluations);
        Ok(reptile)
    }
}
