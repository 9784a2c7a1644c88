//! The value of a circuit: its energy with all angles fitted.

mod cache;
pub(crate) mod canonical;
mod cost;
mod fitting;
mod part;
mod pure;
mod score;

use std::borrow::Cow;

use qloom_circuits::{Circuit, PauliString};
use qloom_estimate::{Estimator, Reference};
use qloom_optim::{Evaluations, Minimizer, MinimizerConfig};
use serde::{Deserialize, Serialize};

use self::cache::{Cache, CacheState};
use self::cost::OwnCost;
use self::pure::PureSimulation;
use crate::noisy::NoisySimulation;
use crate::problem::diagonal::DiagonalCost;
use crate::search::config::{SimulatorChoice, StateVectorChoice};
use crate::{Problem, QasError};
use qloom_circuits::{Stream, StreamState};

pub use self::cache::CacheConfig;
pub use self::cost::{Cost, CostError};

/// Where the fit of a circuit's angles starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewAngle {
    /// The new angle starts at 0, as published.
    Zero,
    /// The new angle starts where the energy is lowest with all others held, which three energies on its
    /// sine curve tell. A gradient method that starts at 0 stays there when 0 is a saddle point, as it often
    /// is for symmetric Hamiltonians.
    #[default]
    Sweep,
}

/// Which random numbers the minimiser of a fit gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Directions {
    /// Each fit draws on where the one before it ended.
    #[default]
    Fresh,
    /// Each fit draws the same numbers again, as one published code does.
    Repeated,
}

/// Settings of [`Objective`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectiveConfig {
    /// Where the fit starts. Default `sweep`.
    pub new_angle: NewAngle,
    /// Which random numbers the minimiser gets, if it draws any. Default `fresh`.
    pub directions: Directions,
    /// Keeping fits for when a circuit comes again. Default none.
    pub cache: Option<CacheConfig>,
}

/// Angles and the energy they give.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The angles, in radians.
    pub angles: Vec<f64>,
    /// The energy, in the problem's unit; under noise measured anew at these angles.
    pub energy: f64,
}

/// Finds the best angles of circuits, and counts every evaluation of an energy.
pub struct Objective {
    simulation: Simulation,
    minimizer: Box<dyn Minimizer>,
    config: ObjectiveConfig,
    cache: Option<Cache>,
    evaluations: Evaluations,
    /// Gates before those of every circuit, unless the simulation begins with their state.
    fixed: Option<Circuit>,
    /// What minimisers draw from.
    directions: Stream,
    seed: u64,
    /// Of the energy measured last; 0 without noise.
    standard_error: f64,
    /// What angles of circuits that are scored are drawn from.
    screening: Stream,
    left_out: u64,
}

/// Name of the stream that minimisers draw from.
const DIRECTIONS: &str = "directions";

enum Simulation {
    Pure(Box<PureSimulation>),
    Noisy(Box<NoisySimulation>),
    Own(OwnCost),
}

/// Where an objective stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ObjectiveState {
    evaluations: Evaluations,
    directions: StreamState,
    shots: Option<StreamState>,
    standard_error: f64,
    cache: Option<CacheState>,
    screening: StreamState,
    left_out: u64,
}

impl Objective {
    /// The objective of a problem; the seed fixes random errors of energies and what minimisers draw.
    ///
    /// # Errors
    ///
    /// [`QasError::Optimisation`] when the minimiser's settings are outside their range,
    /// [`QasError::Simulation`] when the problem has too many qubits, [`QasError::InvalidSetting`] and
    /// [`QasError::Hardware`] when the noise does not fit it.
    pub fn new(
        config: ObjectiveConfig,
        simulator: &SimulatorChoice,
        minimizer: &MinimizerConfig,
        problem: &Problem,
        seed: u64,
    ) -> Result<Self, QasError> {
        let simulation = match simulator {
            SimulatorChoice::StateVector(StateVectorChoice {}) => match &problem.diagonal {
                Some(diagonal) => Simulation::Own(OwnCost(Box::new(DiagonalCost::new(diagonal)?))),
                None => {
                    let pure = PureSimulation::new(problem)?;
                    let natural = matches!(minimizer, MinimizerConfig::NaturalGradient(_));
                    Simulation::Pure(Box::new(if natural { pure.with_metric(problem.num_qubits()) } else { pure }))
                }
            },
            SimulatorChoice::PauliVector(_) if !problem.projectors().is_empty() || problem.diagonal.is_some() => {
                return Err(QasError::invalid(
                    "simulator",
                    "pauli-vector",
                    "states and unitaries to make, states to avoid and to diagonalise are not measured on a noisy machine: take state-vector",
                ));
            }
            SimulatorChoice::PauliVector(choice) => {
                Simulation::Noisy(Box::new(NoisySimulation::new(choice, problem, Stream::named(seed, "shots"))?))
            }
        };
        Self::of(config, simulation, minimizer, seed)
    }

    /// The objective that lowers a cost in place of an energy.
    ///
    /// # Errors
    ///
    /// [`QasError::Optimisation`] when the minimiser's settings are outside their range.
    pub fn of_cost(
        config: ObjectiveConfig,
        minimizer: &MinimizerConfig,
        cost: Box<dyn Cost>,
        seed: u64,
    ) -> Result<Self, QasError> {
        Self::of(config, Simulation::Own(OwnCost(cost)), minimizer, seed)
    }

    fn of(config: ObjectiveConfig, simulation: Simulation, minimizer: &MinimizerConfig, seed: u64) -> Result<Self, QasError> {
        if let MinimizerConfig::NaturalGradient(_) = minimizer {
            let need = match &simulation {
                Simulation::Pure(_) => None,
                Simulation::Noisy(_) => {
                    Some("only energies of pure states have a metric: take lbfgs, or the simulator state-vector")
                }
                Simulation::Own(cost) => (!cost.0.has_metric())
                    .then_some("this cost has no metric, as none has that is not one of pure states: take lbfgs"),
            };
            need.map_or(Ok(()), |need| Err(QasError::invalid("minimizer", "natural-gradient", need)))?;
        }
        let tells_gates_apart = match &simulation {
            Simulation::Pure(_) => false,
            Simulation::Noisy(_) | Simulation::Own(_) => true,
        };
        if config.cache.is_some() && tells_gates_apart {
            let need = "noise, and a cost of one's own, may tell circuits apart that do the same: leave it out";
            return Err(QasError::invalid("objective.cache", "given", need));
        }
        Ok(Self {
            simulation,
            minimizer: minimizer.build()?,
            cache: config.cache.as_ref().map(Cache::new).transpose()?,
            config,
            evaluations: Evaluations::default(),
            fixed: None,
            directions: Stream::named(seed, DIRECTIONS),
            seed,
            standard_error: 0.0,
            screening: Stream::named(seed, "screening"),
            left_out: 0,
        })
    }

    /// Evaluations so far: under noise every energy measured, those of gradients included.
    pub fn evaluations(&self) -> Evaluations {
        self.evaluations
    }

    /// Makes the noise of gates hold so many times from now on; once without noise.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for more than once without noise.
    pub(crate) fn set_noise(&mut self, scale: u32) -> Result<(), QasError> {
        match &mut self.simulation {
            Simulation::Noisy(noisy) => noisy.set_scale(scale),
            Simulation::Pure(_) | Simulation::Own(_) if scale == 1 => Ok(()),
            Simulation::Pure(_) | Simulation::Own(_) => {
                let need = "it chooses noise and there is none: choose simulator.pauli-vector, or another teacher";
                Err(QasError::invalid("teacher.adversary", "given", need))
            }
        }
    }

    /// Whether energies have noise.
    pub(crate) fn is_noisy(&self) -> bool {
        matches!(self.simulation, Simulation::Noisy(_))
    }

    /// Counts what was evaluated elsewhere.
    pub(crate) fn count(&mut self, evaluations: Evaluations) {
        self.evaluations += evaluations;
    }

    /// Whether it lowers a cost of one's own.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.simulation, Simulation::Own(_))
    }

    /// The same with a cache that has room for nothing.
    #[cfg(test)]
    pub(crate) fn keep_nothing(&mut self) {
        self.cache = Some(Cache::of_bytes(0));
    }

    /// How often a fit was not made because it had been kept.
    pub fn cache_hits(&self) -> u64 {
        self.cache.as_ref().map_or(0, |cache| cache.hits)
    }

    pub(crate) fn save(&self) -> ObjectiveState {
        let shots = match &self.simulation {
            Simulation::Pure(_) | Simulation::Own(_) => None,
            Simulation::Noisy(noisy) => Some(noisy.estimator.stream().save()),
        };
        ObjectiveState {
            evaluations: self.evaluations,
            directions: self.directions.save(),
            shots,
            standard_error: self.standard_error,
            cache: self.cache.as_ref().map(Cache::save),
            screening: self.screening.save(),
            left_out: self.left_out,
        }
    }

    pub(crate) fn load(&mut self, state: &ObjectiveState) {
        self.evaluations = state.evaluations;
        self.standard_error = state.standard_error;
        self.screening = Stream::load(&state.screening);
        self.left_out = state.left_out;
        if let (Some(cache), Some(state)) = (&mut self.cache, &state.cache) {
            cache.load(state);
        }
        self.directions = Stream::load(&state.directions);
        if let (Simulation::Noisy(noisy), Some(shots)) = (&mut self.simulation, &state.shots) {
            noisy.estimator.set_stream(Stream::load(shots));
        }
    }

    /// Runs these gates before all circuits; without noise their state is worked out once.
    pub(crate) fn begin_with(&mut self, fixed: &Circuit) -> Result<(), QasError> {
        match &mut self.simulation {
            Simulation::Pure(pure) => pure.begin_with(fixed)?,
            Simulation::Noisy(_) | Simulation::Own(_) => self.fixed = Some(fixed.clone()),
        }
        Ok(())
    }

    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), QasError> {
        let circuit = whole(self.fixed.as_ref(), circuit)?;
        match &mut self.simulation {
            Simulation::Pure(energy) => energy.rebuild(&circuit),
            Simulation::Noisy(noisy) => Ok(noisy.estimator.rebuild(&circuit)?),
            Simulation::Own(cost) => cost.rebuild(&circuit),
        }
    }

    /// The energy of a circuit at given angles, one evaluation.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::NonFiniteEnergy`].
    pub fn energy(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<f64, QasError> {
        self.rebuild(circuit)?;
        self.counted_value(angles)
    }

    fn counted_value(&mut self, angles: &[f64]) -> Result<f64, QasError> {
        self.evaluations.values += 1;
        let energy = match &mut self.simulation {
            Simulation::Pure(pure) => pure.energy.value(angles)?,
            Simulation::Noisy(noisy) => {
                noisy.estimator.set_shots(None);
                let estimate = noisy.estimator.value(angles)?;
                self.standard_error = estimate.standard_error;
                estimate.value
            }
            Simulation::Own(cost) => cost.value(angles)?,
        };
        if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what: "a circuit", energy }) }
    }

    /// For each string, the slope of the energy at angle 0 of a rotation about it, put in before operation `at` of a circuit without free
    /// angles. Without noise all are read off one state, counted as one evaluation with a gradient; under noise each is measured, two
    /// energies a string.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated.
    pub fn slopes(&mut self, circuit: &Circuit, at: usize, strings: &[PauliString]) -> Result<Vec<f64>, QasError> {
        let at = at + self.fixed.as_ref().map_or(0, |fixed| fixed.operations().len());
        let circuit = &*whole(self.fixed.as_ref(), circuit)?;
        match &mut self.simulation {
            Simulation::Pure(energy) => {
                self.evaluations += Evaluations { values: 1, gradients: 1 };
                energy.slopes(circuit, at, strings)
            }
            Simulation::Noisy(noisy) => {
                noisy.estimator.set_shots(None);
                let measured = noisy.estimator.evaluations();
                let slopes = noisy.estimator.slopes(circuit, at, strings)?;
                self.evaluations += Evaluations { values: noisy.estimator.evaluations() - measured, gradients: 1 };
                Ok(slopes)
            }
            Simulation::Own(cost) => {
                self.evaluations += Evaluations { values: 1, gradients: 1 };
                cost.slopes(circuit, at, strings)
            }
        }
    }

    /// The probability of each qubit to be one, read off the state whose energy was measured: it is not counted.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] under noise and for a cost of one's own, [`QasError::Simulation`] when the circuit cannot be simulated.
    pub fn occupations(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<Vec<f64>, QasError> {
        match &mut self.simulation {
            Simulation::Pure(pure) => {
                pure.rebuild(circuit)?;
                let signs = pure.energy.state(angles)?.expectation_z();
                Ok(signs[..circuit.num_qubits()].iter().map(|z| (1.0 - z) / 2.0).collect())
            }
            Simulation::Noisy(_) | Simulation::Own(_) => Err(QasError::invalid(
                "environment.observe.occupations",
                true,
                "qubits are read off a pure state: leave it out under noise and with a cost of one's own",
            )),
        }
    }

    /// The values of strings in the state whose energy was measured, those of reduced density matrices: they are not counted.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] under noise and for a cost of one's own, [`QasError::Simulation`] when the circuit cannot be simulated.
    pub(crate) fn values(&mut self, circuit: &Circuit, angles: &[f64], strings: &[PauliString]) -> Result<Vec<f64>, QasError> {
        match &mut self.simulation {
            Simulation::Pure(pure) => {
                pure.rebuild(circuit)?;
                let state = pure.energy.state(angles)?;
                Ok(strings.iter().map(|&string| state.pauli(string)).collect::<Result<_, _>>()?)
            }
            Simulation::Noisy(_) | Simulation::Own(_) => Err(QasError::invalid(
                "environment.reward.novelty",
                "given",
                "reduced density matrices are those of a pure state: leave it out under noise and with a cost of one's own",
            )),
        }
    }

    /// Two energies that differ by less are the same: `exact` without noise, otherwise two standard errors of a confirmed energy, or
    /// `exact` if these are smaller.
    pub(crate) fn resolution(&self, exact: f64) -> f64 {
        match &self.simulation {
            Simulation::Pure(_) | Simulation::Own(_) => exact,
            Simulation::Noisy(noisy) => exact.max(2.0 * self.standard_error / f64::from(noisy.confirmations).sqrt()),
        }
    }

    /// An energy that can be believed: the one given when energies have no noise, otherwise the mean of fresh ones and as many of its
    /// standard errors as the settings ask for.
    ///
    /// # Errors
    ///
    /// As [`energy`](Self::energy).
    pub fn confirm(&mut self, circuit: &Circuit, angles: &[f64], energy: f64) -> Result<f64, QasError> {
        let (fresh, caution) = match &self.simulation {
            Simulation::Pure(_) | Simulation::Own(_) => return Ok(energy),
            Simulation::Noisy(noisy) => (noisy.confirmations, noisy.caution),
        };
        self.rebuild(circuit)?;
        let mut sum = 0.0;
        for _ in 0..fresh {
            sum += self.counted_value(angles)?;
        }
        let fresh = f64::from(fresh);
        Ok(sum / fresh + caution * self.standard_error / fresh.sqrt())
    }

    /// The exact noisy and noiseless energies of a circuit, for reports: they are not counted.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated.
    pub fn reference(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<Reference, QasError> {
        self.rebuild(circuit)?;
        match &mut self.simulation {
            Simulation::Pure(pure) => {
                let energy = pure.energy.value(angles)?;
                Ok(Reference { noisy: energy, noiseless: energy })
            }
            Simulation::Noisy(noisy) => Ok(noisy.estimator.reference(angles)?),
            Simulation::Own(cost) => {
                let cost = cost.value(angles)?;
                Ok(Reference { noisy: cost, noiseless: cost })
            }
        }
    }
}

/// A circuit behind the gates that are fixed.
fn whole<'a>(fixed: Option<&Circuit>, circuit: &'a Circuit) -> Result<Cow<'a, Circuit>, QasError> {
    let Some(fixed) = fixed else { return Ok(Cow::Borrowed(circuit)) };
    let mut whole = fixed.clone();
    whole.append(circuit)?;
    Ok(Cow::Owned(whole))
}

#[cfg(test)]
mod tests;
