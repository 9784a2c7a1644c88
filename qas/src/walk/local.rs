//! Iterated local search: rotations put in where the energy falls fastest, gates taken out that are not needed.

mod config;
pub(crate) mod insertion;

use std::f64::consts::PI;

use qloom_circuits::{PauliString, Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Bounds, Round, Walk, default_max_gates, start};
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::error::{decode, encode};
use crate::objective::Objective;
use crate::search::best::prune::Pruning;
use crate::search::best::{Candidate, Preference};
use crate::{Problem, QasError};
use insertion::Insertion;

pub use config::{Choice, LocalConfig};

/// Two energies without noise that differ by less are the same, in the problem's unit.
const RESOLUTION: f64 = 1e-9;

/// How much farther than the first walk those after it grow before their first level.
const LEAP: usize = 16;

/// Slopes without noise below this lead nowhere, in the problem's unit.
const FLAT: f64 = 1e-7;

/// A search that walks from circuit to circuit.
///
/// It begins with the basis state of lowest energy, or the circuit of the settings, and goes from level to level. On a new level the incumbent grows by the rotations of
/// steepest slope until its energy has fallen, which sets the ceiling of the level; then round after round some of its gates are taken
/// out at random, rotations are put in until it is below the ceiling again, and all gates that it can do without are removed; the
/// smaller circuit stays. A level that has brought nothing for some rounds is left for the next, and where none is found, the walk begins again with the next
/// lowest basis state; where no start has a slope, it leaps to random rotations. At the goal, if there is one, the level
/// stays for good: the circuit gets smaller as long as the search goes on.
///
/// Sources: the choice by slopes is that of H. Grimsley et al., An adaptive variational algorithm for exact molecular simulations on a
/// quantum computer (2019), over the strings of H. L. Tang et al., qubit-ADAPT-VQE (2021); the walk is iterated local search,
/// H. R. Lourenço et al. (2003).
pub(crate) struct LocalSearch {
    config: LocalConfig,
    max_gates: usize,
    insertions: Vec<Insertion>,
    strings: Vec<PauliString>,
    starts: Vec<Section>,
    /// How many starts have been given up.
    abandoned: usize,
    /// How many starts had no slope at all when they were met first.
    flat_starts: usize,
    stream: Stream,
    level: Option<Level>,
}

/// Where the walk stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Level {
    incumbent: Candidate,
    /// The energy that circuits of this level have to keep below.
    ceiling: f64,
    /// Rounds since the incumbent was last replaced.
    stale: u32,
    /// Rotations by which the incumbent grows on the next level.
    growth: usize,
    /// Times in a row that it did not go deeper from here.
    failed: u32,
    /// Whether there was no room left to go deeper.
    full: bool,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    stream: StreamState,
    abandoned: usize,
    flat_starts: usize,
    level: Option<Level>,
}

impl LocalSearch {
    /// A walk that has not begun; the seed fixes everything it will draw.
    pub(crate) fn new(
        config: LocalConfig,
        set: &ActionSet,
        problem: &Problem,
        from: Option<&Section>,
        seed: u64,
    ) -> Result<Self, QasError> {
        config.check()?;
        let insertions = insertion::all(set, config.weight)?;
        if insertions.is_empty() {
            let given = format!("{:?}", set.gates().iter().map(|gate| gate.name()).collect::<Vec<_>>());
            let need = "a local search needs at least one rotation about a Pauli string among them, such as ry";
            return Err(QasError::invalid("environment.actions.gates", given, need));
        }
        let strings = insertions.iter().map(|insertion| insertion.string).collect();
        Ok(Self {
            max_gates: config.max_gates.unwrap_or_else(|| default_max_gates(set.num_qubits())),
            starts: start::beginnings(problem, set, from, config.starts),
            config,
            insertions,
            strings,
            abandoned: 0,
            flat_starts: 0,
            stream: Stream::named(seed, "local search"),
            level: None,
        })
    }

    fn first_level(&self, set: &ActionSet, objective: &mut Objective) -> Result<Level, QasError> {
        let draft = Draft::start(&self.starts[self.abandoned % self.starts.len()], set, objective)?;
        let (ceiling, incumbent) = (draft.energy, draft.finished(set, objective)?);
        // a walk that begins again goes far before it looks for smaller circuits: those of a high energy may have another symmetry
        let growth = if self.abandoned == 0 { self.config.growth } else { LEAP * self.config.growth };
        Ok(Level { incumbent, ceiling, stale: self.config.patience, growth, failed: 0, full: false })
    }

    /// Lets the incumbent grow, and sets the ceiling by what that has brought.
    fn deepen(
        &mut self,
        level: &Level,
        set: &ActionSet,
        objective: &mut Objective,
        bounds: Bounds,
    ) -> Result<(Level, Round), QasError> {
        let mut draft = Draft::of(&level.incumbent);
        let goal = bounds.goal.unwrap_or(f64::NEG_INFINITY);
        let (mut grown, mut tried, mut flat) = (0, 0, true);
        while grown < level.growth
            && tried < 2 * level.growth + self.config.attempts
            && draft.energy > goal
            && !bounds.are_spent(objective)
        {
            // the first walk goes the steepest way, those after it others
            let steepest = self.abandoned == 0 && tried < level.growth;
            tried += 1;
            let place = if steepest { draft.actions.len() } else { self.place(draft.actions.len()) };
            let Some(longer) = self.longer(&draft, place, steepest, set, objective)? else { continue };
            flat = false;
            if longer.energy < draft.energy - objective.resolution(RESOLUTION) {
                draft = longer;
                grown += 1;
            }
        }
        // where all starts were flat, a leap into the blue
        let leaps = flat && self.flat_starts >= self.starts.len();
        if leaps {
            draft = self.leap(draft, level.growth, set, objective)?;
        } else if flat && self.starts.get(self.abandoned).is_some_and(|start| start.actions == level.incumbent.actions) {
            self.flat_starts += 1;
        }
        let drop = level.incumbent.energy - draft.energy;
        let ceiling = (draft.energy + self.config.slack * drop).max(goal);
        let candidate = self.pruned(draft, ceiling, set, objective, bounds)?;
        let fits = candidate.actions.len() <= self.max_gates;
        let improved = fits && candidate.energy < level.incumbent.energy - objective.resolution(RESOLUTION);
        let next = if improved {
            Level { incumbent: candidate.clone(), ceiling, stale: 0, growth: 2 * level.growth, failed: 0, full: false }
        } else {
            // there is no room, or no way down from here: a smaller step may fit, and other circuits of this level may have a way; where
            // every slope is flat, as in an eigenstate of another symmetry, there is none
            Level {
                stale: 0,
                growth: level.growth.div_ceil(2),
                failed: if flat && !leaps { u32::MAX } else { level.failed.saturating_add(1) },
                full: !fits && level.growth == 1,
                ..level.clone()
            }
        };
        Ok((next, Round { candidate, fits, improved, ceiling }))
    }

    /// Takes gates out of the incumbent, repairs it, and keeps what is smaller; where there is no room for more gates, what is lower.
    fn shrink(
        &mut self,
        level: &Level,
        set: &ActionSet,
        objective: &mut Objective,
        bounds: Bounds,
    ) -> Result<(Level, Round), QasError> {
        let mut draft = Draft::of(&level.incumbent);
        for _ in 0..=self.stream.below(self.config.removed.max(1)) {
            if !draft.actions.is_empty() {
                let index = self.stream.below(draft.actions.len());
                draft = draft.without(index, set);
            }
        }
        draft.fit(set, objective)?;
        let aim = if level.full { f64::NEG_INFINITY } else { level.ceiling };
        let room = if level.full { self.max_gates } else { usize::MAX };
        let mut tried = 0;
        while draft.energy > aim && draft.actions.len() < room && tried < self.config.attempts && !bounds.are_spent(objective) {
            tried += 1;
            let place = self.place(draft.actions.len());
            let Some(longer) = self.longer(&draft, place, false, set, objective)? else { continue };
            if longer.energy < draft.energy - objective.resolution(RESOLUTION) {
                draft = longer;
            }
        }
        let ceiling = if level.full { draft.energy + objective.resolution(RESOLUTION) } else { level.ceiling };
        let candidate = if draft.energy <= ceiling {
            self.pruned(draft, ceiling, set, objective, bounds)?
        } else {
            draft.finished(set, objective)?
        };
        let (old, new) = (level.incumbent.size(set).pair(), candidate.size(set).pair());
        let fits = candidate.actions.len() <= self.max_gates;
        let improved = if level.full {
            fits && candidate.energy < level.incumbent.energy - objective.resolution(RESOLUTION)
        } else {
            candidate.energy <= level.ceiling
                && (new < old || new == old && candidate.energy < level.incumbent.energy - objective.resolution(RESOLUTION))
        };
        let next = if improved {
            Level { incumbent: candidate.clone(), stale: 0, ..level.clone() }
        } else {
            Level { stale: level.stale.saturating_add(1), ..level.clone() }
        };
        Ok((next, Round { candidate, fits, improved, ceiling }))
    }

    /// The circuit with up to so many more rotations drawn at random, by random angles, fitted.
    fn leap(&mut self, mut draft: Draft, most: usize, set: &ActionSet, objective: &mut Objective) -> Result<Draft, QasError> {
        for _ in 0..=self.stream.below(most) {
            let chosen = self.stream.below(self.insertions.len());
            draft = draft.with(&self.insertions[chosen], draft.actions.len(), set);
            let angle = draft.angles.last_mut().expect("a rotation was put in at the end");
            *angle = PI * (2.0 * self.stream.unit() - 1.0);
        }
        draft.fit(set, objective)?;
        Ok(draft)
    }

    /// The end of the circuit, or as often any place in it.
    fn place(&mut self, length: usize) -> usize {
        if self.stream.unit() < 0.5 { length } else { self.stream.below(length + 1) }
    }

    /// The circuit with one more rotation at a place, fitted; `None` where no rotation has a slope.
    fn longer(
        &mut self,
        draft: &Draft,
        place: usize,
        steepest: bool,
        set: &ActionSet,
        objective: &mut Objective,
    ) -> Result<Option<Draft>, QasError> {
        let chosen = match self.config.choice {
            Choice::Random => self.stream.below(self.insertions.len()),
            Choice::Slopes => {
                let slopes = objective.slopes(&draft.circuit(set)?.bind(&draft.angles)?, place, &self.strings)?;
                let Some(chosen) = self.by_slope(&slopes, steepest, objective.resolution(FLAT)) else { return Ok(None) };
                chosen
            }
        };
        let mut longer = draft.with(&self.insertions[chosen], place, set);
        longer.fit(set, objective)?;
        Ok(Some(longer))
    }

    /// One of the rotations of steepest slope, above `flat`, for their price in gates, the k-th with probability `(1 - p) p^k`.
    fn by_slope(&mut self, slopes: &[f64], steepest: bool, flat: f64) -> Option<usize> {
        let mut ranked: Vec<(f64, usize)> = (slopes.iter().enumerate())
            .filter(|(_, slope)| slope.abs() > flat)
            .map(|(index, slope)| (slope.abs() / self.insertions[index].price(), index))
            .collect();
        let last = ranked.len().checked_sub(1)?;
        let mut rank = 0;
        while !steepest && rank < last.min(19) && self.stream.unit() < self.config.spread {
            rank += 1;
        }
        // equal slopes, as symmetry makes them, are told apart by number and not by rounding
        let key = |entry: &(f64, usize)| ((-entry.0 * 1e9).round() as i64, entry.1);
        let (_, chosen, _) = ranked.select_nth_unstable_by_key(rank, key);
        Some(chosen.1)
    }

    fn pruned(
        &self,
        draft: Draft,
        ceiling: f64,
        set: &ActionSet,
        objective: &mut Objective,
        bounds: Bounds,
    ) -> Result<Candidate, QasError> {
        let candidate = draft.finished(set, objective)?;
        let mut floor = candidate.energy;
        let preference = Preference { enough: Some(ceiling), ..Preference::of_energy(0.0) };
        Pruning { set, preference: &preference, objective, floor: &mut floor, evaluations: bounds.evaluations }.prune(candidate)
    }
}

impl Walk for LocalSearch {
    /// One round: a level deeper, or a try to do with less.
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, bounds: Bounds) -> Result<Round, QasError> {
        let Some(level) = self.level.take() else {
            // the first round is the start itself
            let level = self.first_level(set, objective)?;
            let (candidate, ceiling) = (level.incumbent.clone(), level.ceiling);
            let fits = candidate.actions.len() <= self.max_gates;
            self.level = Some(level);
            return Ok(Round { candidate, fits, improved: true, ceiling });
        };
        let at_goal = bounds.goal.is_some_and(|goal| level.ceiling <= goal);
        let (next, round) = if level.stale >= self.config.patience && !level.full && !at_goal {
            self.deepen(&level, set, objective, bounds)?
        } else {
            self.shrink(&level, set, objective, bounds)?
        };
        // where there is no way down, and where a full circuit has not changed for long, the next start may do better
        let stuck = if next.full { next.stale >= 10 * self.config.patience } else { next.failed >= self.config.patience };
        if stuck && !at_goal && self.starts.len() > 1 {
            self.abandoned += 1;
        } else {
            self.level = Some(next);
        }
        Ok(round)
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved {
            stream: self.stream.save(),
            abandoned: self.abandoned,
            flat_starts: self.flat_starts,
            level: self.level.clone(),
        })
    }

    fn load(&mut self, bytes: &[u8], set: &ActionSet) -> Result<(), QasError> {
        let saved: Saved = decode("local search", bytes)?;
        if let Some(level) = &saved.level {
            level.incumbent.check(set)?;
        }
        self.stream = Stream::load(&saved.stream);
        self.abandoned = saved.abandoned;
        self.flat_starts = saved.flat_starts;
        self.level = saved.level;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
