//! The partial circuit, what may be appended to it, and what that earns.

pub mod action;
mod choice;
pub(crate) mod config;
pub mod coupling;
pub(crate) mod edit;
pub mod encoding;
pub mod feature;
pub(crate) mod fit;
pub(crate) mod gadget;
pub mod halting;
pub(crate) mod novelty;
pub mod reward;
pub(crate) mod screen;
pub(crate) mod start;

use qloom_circuits::{Angle, Circuit, Operation};
use serde::{Deserialize, Serialize};

use std::ops::Range;

use crate::agent::{Dimensions, Observation};
use crate::environment::action::{ActionSet, LastGates};
use crate::environment::choice::{Choice, Choices};
use crate::environment::encoding::{Encoding, Placement};
use crate::environment::feature::{Features, View};
use crate::environment::fit::Between;
use crate::environment::novelty::Novelty;
use crate::environment::start::{Section, Start};
use crate::objective::Objective;
use crate::size::Size;
use crate::teacher::Task;
use crate::walk::draft::Draft;
use crate::{Problem, QasError};
use qloom_circuits::Stream;

pub use config::{EnergyFeature, EnvironmentConfig, Lag, Target};

/// Why an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The threshold was reached.
    Success,
    /// The largest number of gates was reached without success.
    Exhausted,
    /// The episode was halted at random.
    Halted,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the agent sees now.
    pub observation: Observation,
    /// What the step earned.
    pub reward: f64,
    /// The energy of the circuit with its angles fitted, in the problem's unit.
    pub energy: f64,
    /// Why the episode ended; `None` while it goes on.
    pub ending: Option<Ending>,
}

/// The circuit whose energy is known, when that lags behind the actions.
#[derive(Clone)]
struct Lagging {
    circuit: Circuit,
    angles: Vec<f64>,
}

/// What a choice has changed.
struct Change {
    /// The angle of a single gate appended last.
    fresh: Option<usize>,
    /// The angles that are new.
    new: Range<usize>,
}

/// A circuit that grows gate by gate from that of its start, angles fitted after each gate.
///
/// New angles start at 0, those of gadgets where they were found, and keep their fitted values from step to step.
#[derive(Clone)]
pub struct Environment {
    config: EnvironmentConfig,
    actions: ActionSet,
    choices: Choices,
    encoding: Encoding,
    features: Features,
    /// Gates before all others that nothing changes.
    fixed: Option<Circuit>,
    /// What every episode begins with behind them.
    start: Section,
    target: f64,
    first_energy: f64,
    threshold: f64,
    last_step: usize,
    /// The most gates of this episode, or choices, those of the start left out.
    budget: usize,
    /// Choices taken in this episode.
    steps: usize,
    taken: Vec<u16>,
    circuit: Circuit,
    angles: Vec<f64>,
    energy: f64,
    lagging: Option<Lagging>,
    /// The rotations that the actions behind the gates would append now.
    ranking: Vec<usize>,
    /// The share of the distance from the target that the next fit promises to take, if the reward asks for it.
    promise: f64,
    /// The states seen last, if the reward asks for new ones.
    novelty: Option<Novelty>,
    placement: Placement,
    last_gates: LastGates,
}

impl Environment {
    /// The environment of a problem; evaluates the circuit of the start once.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] and the errors of [`ActionSet::new`] for settings that do not fit,
    /// [`QasError::NoExactEnergy`] when the target needs it, and those of the simulation.
    pub fn new(config: EnvironmentConfig, problem: &Problem, objective: &mut Objective) -> Result<Self, QasError> {
        if config.max_gates == 0 || config.max_gates > usize::from(u16::MAX) {
            return Err(QasError::invalid("environment.max_gates", config.max_gates, "it has to be in 1 to 65535"));
        }
        config.reward.check(objective)?;
        if let Some(screen) = &config.screen {
            screen.check(objective)?;
        }
        if let Some(halting) = &config.halting {
            halting.check()?;
        }
        let actions = ActionSet::new(&config.actions, problem.num_qubits())?;
        let encoding = Encoding::new(&actions, config.max_gates);
        let target = match config.target {
            Target::LowerBound => problem.lower_bound(),
            Target::Exact => {
                problem.exact_energy().ok_or(QasError::NoExactEnergy { setting: "environment.target = \"exact\"" })?
            }
        };
        let fixed = config.start.fixed(problem)?;
        if let Some(fixed) = &fixed {
            objective.begin_with(fixed)?;
        }
        let start = config.start.beginning(problem, &actions)?;
        if start.actions.len() >= config.max_gates {
            let requirement = format!("it has to be above {}, the gates of the start", start.actions.len());
            return Err(QasError::invalid("environment.max_gates", config.max_gates, requirement));
        }
        let plain = config.actions.edits.is_empty()
            && config.fit.every == 1
            && config.screen.is_none()
            && config.reward.promise.is_none();
        if config.lag != Lag::None && !plain {
            let need = "what lags is fitted after every gate, no gate is taken out and the next fit is not foretold: leave out environment.fit, \
                        environment.screen, environment.actions.edits and environment.reward.promise";
            return Err(QasError::invalid("environment.lag", format!("{:?}", config.lag), need));
        }
        let choices = Choices::new(&config.actions, problem, &actions)?;
        let num_qubits = problem.num_qubits();
        if let Some(novelty) = &config.reward.novelty {
            novelty.check(num_qubits)?;
        }
        let novelty = config.reward.novelty.as_ref().map(|config| Novelty::new(config, num_qubits));
        let mut environment = Self {
            features: Features::new(&config, &actions, problem.context())?,
            config,
            choices,
            encoding,
            fixed,
            start,
            target,
            first_energy: 0.0,
            threshold: 0.0,
            last_step: 0,
            budget: 0,
            steps: 0,
            taken: Vec::new(),
            circuit: Circuit::new(num_qubits),
            angles: Vec::new(),
            energy: 0.0,
            lagging: None,
            ranking: Vec::new(),
            promise: 0.0,
            novelty,
            placement: Placement::new(num_qubits),
            last_gates: LastGates::new(num_qubits),
            actions,
        };
        environment.restart()?;
        environment.first_energy = objective.energy(&environment.circuit, &environment.angles)?;
        environment.energy = environment.first_energy;
        Ok(environment)
    }

    /// The sizes an agent has to fit.
    pub fn dimensions(&self) -> Dimensions {
        Dimensions { inputs: self.encoding.num_inputs(), features: self.features.len(), actions: self.choices.len() }
    }

    /// The gates among the actions by number; behind them are the steepest rotations, the gadgets and the edits, if the settings ask for
    /// some.
    pub fn actions(&self) -> &ActionSet {
        &self.actions
    }

    /// The name of an action and its qubits: those of a gate; `steepest` without qubits; `gadget`; the name of an edit without qubits.
    ///
    /// # Panics
    ///
    /// When `action` is not the number of an action.
    #[track_caller]
    pub fn describe(&self, action: usize) -> (&'static str, Vec<usize>) {
        match self.choices.of(action) {
            Choice::Gate(gate) => (self.actions.get(gate).gate.name(), self.actions.get(gate).qubits.clone()),
            Choice::Rotation(_) => ("steepest", Vec::new()),
            Choice::Gadget(section) => ("gadget", section.qubits(&self.actions)),
            Choice::Edit(edit) => (edit.name(), Vec::new()),
        }
    }

    /// The energy that gaps are measured from.
    pub fn target(&self) -> f64 {
        self.target
    }

    /// Distance of the energy of the start from the target.
    pub fn first_gap(&self) -> f64 {
        (self.first_energy - self.target).abs()
    }

    /// The energy of the start.
    pub fn first_energy(&self) -> f64 {
        self.first_energy
    }

    /// Distance of the present energy from the target.
    pub fn gap(&self) -> f64 {
        (self.energy - self.target).abs()
    }

    /// The present energy.
    pub fn energy(&self) -> f64 {
        self.energy
    }

    /// The actions, the circuit and the angles whose energy is known; all that were taken, unless energies lag.
    pub(crate) fn valued(&self) -> (&[u16], &Circuit, &[f64]) {
        match &self.lagging {
            None => (&self.taken, &self.circuit, &self.angles),
            Some(lagging) => (&self.taken[..lagging.circuit.operations().len()], &lagging.circuit, &lagging.angles),
        }
    }

    /// Gates before all others that nothing changes.
    pub(crate) fn fixed(&self) -> Option<&Circuit> {
        self.fixed.as_ref()
    }

    /// What walks begin with, if that is not for them to choose.
    pub(crate) fn beginning(&self) -> Option<&Section> {
        match self.config.start {
            Start::Empty | Start::BasisState => None,
            Start::Qasm(_) | Start::MatrixProduct(_) => Some(&self.start),
        }
    }

    /// Numbers of the actions of the circuit, those of the start first, but for fixed ones.
    pub fn taken(&self) -> &[u16] {
        &self.taken
    }

    /// The circuit behind the fixed gates of the start, its angles free parameters in order of appearance.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// The fitted angles, in radians.
    pub fn angles(&self) -> &[f64] {
        &self.angles
    }

    /// Number of moments of the circuit, fixed gates of the start left out.
    pub fn depth(&self) -> usize {
        self.placement.depth()
    }

    /// Starts an episode.
    ///
    /// # Errors
    ///
    /// Those of what the agent is to see.
    pub fn reset(&mut self, task: Task, halting: &mut Stream, objective: &mut Objective) -> Result<Observation, QasError> {
        self.threshold = task.threshold;
        self.budget = task.max_gates.map_or(self.room(), |most| most.clamp(1, self.room()));
        let last = self.budget - 1;
        self.last_step = self.config.halting.as_ref().map_or(last, |config| config.draw(halting).min(last));
        self.steps = 0;
        self.restart()?;
        self.observe(false, objective)
    }

    /// The circuit of the start.
    fn restart(&mut self) -> Result<(), QasError> {
        self.lagging = None;
        self.energy = self.first_energy;
        self.rebuild(self.start.clone())
    }

    /// The circuit of these actions.
    fn rebuild(&mut self, section: Section) -> Result<(), QasError> {
        let num_qubits = self.actions.num_qubits();
        self.taken.clear();
        self.circuit = Circuit::new(num_qubits);
        self.placement = Placement::new(num_qubits);
        self.last_gates = LastGates::new(num_qubits);
        section.actions.into_iter().try_for_each(|gate| self.append(usize::from(gate)).map(drop))?;
        self.angles = section.angles;
        Ok(())
    }

    /// Does what an agent has chosen; new angles are at 0 or where they were found.
    fn take(&mut self, action: usize, objective: &mut Objective) -> Result<Change, QasError> {
        let first = self.angles.len();
        let section = match self.choices.of(action) {
            Choice::Gate(gate) => {
                let fresh = self.append(gate)?;
                self.angles.extend(fresh.map(|_| 0.0));
                return Ok(Change { fresh, new: first..self.angles.len() });
            }
            Choice::Rotation(rank) => {
                Section { actions: self.features.rotation(self.ranking[rank]).gates().collect(), angles: vec![0.0] }
            }
            Choice::Gadget(section) => section.clone(),
            Choice::Edit(edit) => {
                let draft = Draft { actions: self.taken.clone(), angles: std::mem::take(&mut self.angles), energy: self.energy };
                let (draft, new) = self.choices.edits.apply(edit, &draft, self.config.max_gates, &self.actions, objective)?;
                self.rebuild(Section { actions: draft.actions, angles: draft.angles })?;
                return Ok(Change { fresh: None, new: new.map_or(0..0, |new| new..new + 1) });
            }
        };
        section.actions.into_iter().try_for_each(|gate| self.append(usize::from(gate)).map(drop))?;
        self.angles.extend(section.angles);
        Ok(Change { fresh: None, new: first..self.angles.len() })
    }

    /// Appends an action to circuit, placement and list; the index of its angle is returned, if it has one.
    fn append(&mut self, action: usize) -> Result<Option<usize>, QasError> {
        let fresh = append(&mut self.circuit, &self.actions, action)?;
        self.placement.place(&self.encoding, &self.actions, action);
        self.last_gates.record(&self.actions, action);
        self.taken.push(action as u16);
        Ok(fresh)
    }

    /// Does what an action stands for, and fits the angles.
    ///
    /// # Errors
    ///
    /// Those of the simulation and of the optimisation.
    ///
    /// # Panics
    ///
    /// When `action` is not the number of an action.
    pub fn step(&mut self, action: usize, objective: &mut Objective) -> Result<Step, QasError> {
        let before = self.energy;
        let (promised, size) = (self.promise, self.size());
        match self.config.lag {
            Lag::None => {
                let change = self.take(action, objective)?;
                self.steps += 1;
                self.fit(change, before, objective)?;
            }
            Lag::Fit | Lag::Energy => {
                let circuit = self.circuit.clone();
                let fitted = objective.fit(&circuit, std::mem::take(&mut self.angles), None, before)?;
                self.angles.clone_from(&fitted.angles);
                self.take(action, objective)?;
                self.steps += 1;
                if self.config.lag == Lag::Energy {
                    self.energy = fitted.energy;
                    self.lagging = Some(Lagging { circuit, angles: fitted.angles });
                } else {
                    self.energy = objective.energy(&self.circuit, &self.angles)?;
                }
            }
        }
        let succeeded = self.gap() < self.threshold;
        let exhausted = self.is_exhausted();
        let ending = match (succeeded, exhausted) {
            (true, _) => Some(Ending::Success),
            (false, true) => Some(Ending::Exhausted),
            (false, false) => self.is_halted().then_some(Ending::Halted),
        };
        let observation = self.observe(ending.is_some(), objective)?;
        let config = &self.config.reward;
        let reward = config.reward(before, self.energy, self.target, succeeded, exhausted)
            - config.cost(size, self.size(), succeeded, self.config.max_gates)
            + config.shaping(promised, self.promise)
            + self.earned_by_novelty(objective)?;
        Ok(Step { observation, reward, energy: self.energy, ending })
    }

    /// The sizes of the circuit, where the reward asks for them.
    fn size(&self) -> Size {
        if self.config.reward.has_prices() { Size::of(&self.taken, &self.actions) } else { Size::default() }
    }

    /// How many gates an episode can append.
    pub(crate) fn room(&self) -> usize {
        self.config.max_gates - self.start.actions.len()
    }

    /// Gates appended in this episode, or choices if these are more, as where gates were taken out again.
    fn progress(&self) -> usize {
        self.steps.max(self.taken.len().saturating_sub(self.start.actions.len()))
    }

    fn is_exhausted(&self) -> bool {
        self.progress() >= self.budget
    }

    fn is_halted(&self) -> bool {
        self.progress() > self.last_step
    }

    /// Fits all angles or, between full fits, those that the settings say.
    fn fit(&mut self, change: Change, before: f64, objective: &mut Objective) -> Result<(), QasError> {
        let start = std::mem::take(&mut self.angles);
        if let Some(screen) = &self.config.screen
            && let Some(energy) = screen.hopeless(&self.circuit, &start, objective)?
        {
            objective.leave_out();
            (self.angles, self.energy) = (start, energy);
            return Ok(());
        }
        let full = self.config.fit.is_full(self.steps) || self.is_exhausted() || self.is_halted();
        let varied = match self.config.fit.between {
            _ if full => None,
            Between::NewAngles => Some(change.new),
            Between::Nothing => Some(0..0),
        };
        let mut fitted = objective.fit_part(&self.circuit, start, change.fresh, before, varied)?;
        if !full && (fitted.energy - self.target).abs() < self.threshold {
            // the episode ends here
            fitted = objective.fit(&self.circuit, fitted.angles, None, fitted.energy)?;
        }
        (self.angles, self.energy) = (fitted.angles, fitted.energy);
        Ok(())
    }

    /// What the agent sees, here or where an episode has ended.
    fn observe(&mut self, ended: bool, objective: &mut Objective) -> Result<Observation, QasError> {
        let energy = match self.config.energy_feature {
            EnergyFeature::Energy => self.energy,
            EnergyFeature::Relative if self.first_gap() > 0.0 => (self.energy - self.target) / self.first_gap(),
            EnergyFeature::Relative => 0.0,
        };
        let mut illegal: Vec<u16> = self.last_gates.illegal(&self.actions).into_iter().map(|index| index as u16).collect();
        let view = View {
            circuit: &self.circuit,
            angles: &self.angles,
            taken: &self.taken,
            illegal: &illegal,
            left: self.budget.saturating_sub(self.progress()),
            missing: self.gap() - self.threshold,
            first_gap: self.first_gap(),
            foretold: if ended {
                None
            } else {
                self.config.reward.promise.as_ref().map(|promise| (promise.rotations, self.energy))
            },
        };
        let seen = self.features.read(&view, &self.actions, objective)?;
        self.ranking = seen.ranking;
        self.promise = if self.gap() > 0.0 { seen.drop / self.gap() } else { 0.0 };
        let room = (self.start.actions.len() + self.budget).saturating_sub(self.taken.len());
        illegal.extend(self.choices.illegal(self.ranking.len(), &illegal, room, self.taken.is_empty()));
        Ok(Observation { entries: self.placement.entries().to_vec(), energy: energy as f32, features: seen.numbers, illegal })
    }
}

/// Appends an action's gate; its angle, if it has one, is the next free parameter, whose index is returned.
pub(crate) fn append(circuit: &mut Circuit, actions: &ActionSet, action: usize) -> Result<Option<usize>, QasError> {
    let action = actions.get(action);
    let fresh = (action.gate.num_parameters() == 1).then(|| circuit.num_parameters());
    let angles: Vec<Angle> = fresh.into_iter().map(Angle::free).collect();
    circuit.push(Operation::gate(action.gate, &angles, &action.qubits))?;
    Ok(fresh)
}

#[cfg(test)]
mod tests;
