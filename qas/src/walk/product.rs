//! A fixed product of operators, such as unitary coupled cluster.

use serde::{Deserialize, Serialize};

use super::ansatz::{Ansatz, Fitted};
use super::{Bounds, Round, Walk, start};
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::error::{decode, encode};
use crate::objective::Objective;
use crate::{Problem, QasError};

/// Settings of the product of all operators handed over with the problem, which does not draw anything.
///
/// With the excitations of UCCSD it is unitary coupled cluster with singles and doubles in one Trotter step, with those of k-UpCCGSD that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProductConfig {
    /// How often all operators follow each other, each with an angle of its own; 0 for the reference state alone (Hartree-Fock), which
    /// needs no operators. Default 1.
    pub layers: usize,
}

impl Default for ProductConfig {
    fn default() -> Self {
        Self { layers: 1 }
    }
}

/// The most operators in all layers together.
const MOST_OPERATORS: usize = 100_000;

/// The operators one after the other on the problem's reference state, or the circuit of the settings, all angles fitted at once from 0. The first round is the reference
/// state, the second the fit, then it ends.
///
/// Sources: A. Peruzzo et al., A variational eigenvalue solver on a photonic quantum processor (2014); J. Lee et al., Generalized unitary
/// coupled cluster wave functions for quantum computation (2019).
pub(crate) struct Product {
    layers: usize,
    operators: usize,
    ansatz: Ansatz,
    state: Option<Fitted>,
}

impl Product {
    pub(crate) fn new(
        config: &ProductConfig,
        set: &ActionSet,
        problem: &Problem,
        from: Option<&Section>,
    ) -> Result<Self, QasError> {
        let pool = problem.pool();
        if pool.is_empty() && config.layers > 0 {
            return Err(QasError::invalid(
                "agent.product",
                "without a pool",
                "the problem has no operators: name a file of them as problem.hamiltonian.pool, or take layers = 0 for the reference state alone",
            ));
        }
        if config.layers.saturating_mul(pool.len()) > MOST_OPERATORS {
            let requirement = format!("there may be at most {MOST_OPERATORS} operators in all layers together");
            return Err(QasError::invalid("agent.product.layers", config.layers, requirement));
        }
        let pool = if config.layers == 0 { &[] } else { pool };
        let ansatz = Ansatz::new(start::ansatz(problem, set, from), pool, set)?;
        Ok(Self { layers: config.layers, operators: pool.len(), ansatz, state: None })
    }
}

impl Walk for Product {
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, _: Bounds) -> Result<Round, QasError> {
        let (fitted, ceiling) = match self.state.take() {
            None => {
                let fitted = self.ansatz.start(set, objective)?;
                let energy = fitted.energy;
                (fitted, energy)
            }
            Some(mut fitted) => {
                let before = fitted.energy;
                if fitted.chosen.is_empty() {
                    fitted.chosen = (0..self.layers).flat_map(|_| 0..self.operators as u32).collect();
                    fitted.angles = vec![0.0; fitted.chosen.len()];
                    self.ansatz.fit(&mut fitted, set, objective)?;
                }
                (fitted, before)
            }
        };
        let improved = fitted.energy < ceiling;
        let candidate = self.ansatz.candidate(&fitted, set, objective)?;
        self.state = Some(fitted);
        Ok(Round { candidate, fits: true, improved, ceiling })
    }

    fn is_finished(&self) -> bool {
        self.state.as_ref().is_some_and(|fitted| self.layers == 0 || !fitted.chosen.is_empty())
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.state)
    }

    fn load(&mut self, bytes: &[u8], _: &ActionSet) -> Result<(), QasError> {
        let state: Option<Fitted> = decode("product of operators", bytes)?;
        state.iter().try_for_each(|fitted| self.ansatz.check(fitted))?;
        self.state = state;
        Ok(())
    }
}
