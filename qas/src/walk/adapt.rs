//! ADAPT-VQE: operators of a pool appended one by one where the energy falls fastest.

use qloom_circuits::PauliString;
use serde::{Deserialize, Serialize};

use super::ansatz::{Ansatz, Fitted};
use super::{Bounds, Round, Walk, start};
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::error::{decode, encode};
use crate::objective::Objective;
use crate::{PoolOperator, Problem, QasError};

/// Which operators ADAPT-VQE chooses from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdaptPool {
    /// Those handed over with the problem, such as the excitations of a molecule: of fermions or of qubits, or coupled exchanges.
    #[default]
    Given,
    /// Single Pauli strings, as in qubit-ADAPT-VQE: all with an odd number of Y, up to a weight.
    Strings,
}

/// Settings of ADAPT-VQE, which does not draw anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaptConfig {
    /// Which operators. Default `given`.
    pub pool: AdaptPool,
    /// Largest weight of the strings of the pool `strings`, in 1 to 6; less where there would be more than 20,000. Default 4.
    pub weight: usize,
    /// Norm of the gradient over the pool at which it ends, in the problem's unit, positive. Default 1e-3; published 1e-1 to 1e-3.
    pub gradient: f64,
    /// Operators at which it ends, at least 1. Default 200.
    pub operators: usize,
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self { pool: AdaptPool::Given, weight: 4, gradient: 1e-3, operators: 200 }
    }
}

impl AdaptConfig {
    fn check(&self) -> Result<(), QasError> {
        if !(1..=6).contains(&self.weight) {
            return Err(QasError::invalid("agent.adapt.weight", self.weight, "it has to be in 1 to 6"));
        }
        if self.operators == 0 {
            return Err(QasError::invalid("agent.adapt.operators", self.operators, "it has to be at least 1"));
        }
        if !(self.gradient.is_finite() && self.gradient > 0.0) {
            return Err(QasError::invalid("agent.adapt.gradient", self.gradient, "it has to be finite and positive"));
        }
        Ok(())
    }
}

/// The most strings of a pool.
const MOST_STRINGS: usize = 20_000;

/// A circuit that grows by the operator of the pool by whose angle the energy falls fastest, all angles fitted after each; an operator may
/// come again. It begins with the problem's reference state, or the circuit of the settings, and ends where the gradient is small.
///
/// A round is one operator. The slopes of all operators are read off one state, counted as one evaluation.
///
/// Sources: H. Grimsley et al., An adaptive variational algorithm for exact molecular simulations on a quantum computer (2019);
/// H. L. Tang et al., qubit-ADAPT-VQE (2021).
pub(crate) struct Adapt {
    config: AdaptConfig,
    ansatz: Ansatz,
    strings: Vec<PauliString>,
    /// For each operator, the strings by number and their factors.
    terms: Vec<Vec<(usize, f64)>>,
    state: Option<State>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    fitted: Fitted,
    finished: bool,
}

impl Adapt {
    pub(crate) fn new(config: AdaptConfig, set: &ActionSet, problem: &Problem, from: Option<&Section>) -> Result<Self, QasError> {
        config.check()?;
        let pool = match config.pool {
            AdaptPool::Given => problem.pool().to_vec(),
            AdaptPool::Strings => strings(set.num_qubits(), config.weight)?,
        };
        if pool.is_empty() {
            return Err(QasError::invalid(
                "agent.adapt.pool",
                "given",
                "the problem has no operators: name a file of them as problem.hamiltonian.pool, or take pool = \"strings\"",
            ));
        }
        let mut strings: Vec<PauliString> =
            pool.iter().flat_map(|operator| operator.generator().terms().iter().map(|(string, _)| *string)).collect();
        strings.sort_unstable();
        strings.dedup();
        let number = |string: &PauliString| strings.binary_search(string).expect("all strings of the pool are there");
        let terms = pool
            .iter()
            .map(|operator| operator.generator().terms().iter().map(|(string, factor)| (number(string), 2.0 * factor)).collect());
        let terms = terms.collect();
        let ansatz = Ansatz::new(start::ansatz(problem, set, from), &pool, set)?;
        Ok(Self { config, ansatz, strings, terms, state: None })
    }

    /// Derivatives of the energy by the angle of each operator, if it came next.
    fn gradient(&self, fitted: &Fitted, set: &ActionSet, objective: &mut Objective) -> Result<Vec<f64>, QasError> {
        let circuit = self.ansatz.circuit(&fitted.chosen, set)?.bind(&fitted.angles)?;
        let slopes = objective.slopes(&circuit, circuit.operations().len(), &self.strings)?;
        let slope = |terms: &Vec<(usize, f64)>| terms.iter().map(|&(number, factor)| factor * slopes[number]).sum();
        Ok(self.terms.iter().map(slope).collect())
    }
}

impl Walk for Adapt {
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, bounds: Bounds) -> Result<Round, QasError> {
        let mut improved = true;
        let (state, ceiling) = match self.state.take() {
            None => {
                let fitted = self.ansatz.start(set, objective)?;
                let ceiling = fitted.energy;
                (State { fitted, finished: false }, ceiling)
            }
            Some(State { mut fitted, .. }) => {
                let ceiling = fitted.energy;
                let gradient = self.gradient(&fitted, set, objective)?;
                let norm = gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
                // equal slopes, as symmetry makes them, are told apart by number and not by rounding
                let key = |&index: &usize| ((-gradient[index].abs() * 1e9).round() as i64, index);
                let steepest = (0..gradient.len()).min_by_key(key).filter(|_| norm > self.config.gradient);
                if let Some(steepest) = steepest
                    && !bounds.are_spent(objective)
                {
                    fitted.chosen.push(steepest as u32);
                    fitted.angles.push(0.0);
                    self.ansatz.fit(&mut fitted, set, objective)?;
                }
                improved = fitted.energy < ceiling;
                let finished = steepest.is_none() || fitted.chosen.len() >= self.config.operators;
                (State { fitted, finished }, ceiling)
            }
        };
        let candidate = self.ansatz.candidate(&state.fitted, set, objective)?;
        self.state = Some(state);
        Ok(Round { candidate, fits: true, improved, ceiling })
    }

    fn is_finished(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.finished)
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.state)
    }

    fn load(&mut self, bytes: &[u8], _: &ActionSet) -> Result<(), QasError> {
        let state: Option<State> = decode("ADAPT-VQE", bytes)?;
        state.iter().try_for_each(|state| self.ansatz.check(&state.fitted))?;
        self.state = state;
        Ok(())
    }
}

/// All strings with an odd number of Y up to a weight, the lightest first.
fn strings(num_qubits: usize, weight: usize) -> Result<Vec<PoolOperator>, QasError> {
    use qloom_circuits::{Pauli, PauliSum};
    let mut all: Vec<PauliString> = Vec::new();
    let mut lighter = vec![PauliString::IDENTITY];
    for _ in 0..weight.min(num_qubits) {
        let longer = |string: &PauliString| {
            let (string, first) = (*string, string.support().last().map_or(0, |last| last + 1));
            (first..num_qubits).flat_map(move |qubit| {
                [Pauli::X, Pauli::Y, Pauli::Z].map(|letter| {
                    let letters = string.support().map(|q| (q, string.letter(q)));
                    PauliString::from_letters(letters.chain([(qubit, letter)]))
                })
            })
        };
        lighter = lighter.iter().flat_map(longer).collect();
        let odd: Vec<PauliString> = lighter.iter().copied().filter(|string| string.count_y() % 2 == 1).collect();
        if all.len() + odd.len() > MOST_STRINGS {
            break;
        }
        all.extend(odd);
    }
    // exp(-i theta P / 2)
    let operator = |string: PauliString| PoolOperator::new(string.word(num_qubits), PauliSum::new(num_qubits, [(string, 0.5)])?);
    all.into_iter().map(operator).collect()
}
