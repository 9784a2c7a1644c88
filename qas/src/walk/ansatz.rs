//! Circuits made of the operators of a pool.

use qloom_circuits::{Angle, Circuit, Operation};
use serde::{Deserialize, Serialize};

use super::operator::{Writer, WrittenGate};
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::objective::Objective;
use crate::search::best::Candidate;
use crate::{PoolOperator, QasError};

/// A basis state or another circuit, and operators that may follow it, in gates.
pub(super) struct Ansatz {
    /// Actions that make the state they follow, at angles that stay.
    start: Section,
    operators: Vec<Vec<WrittenGate>>,
}

/// Operators by number, their angles in radians, the energy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Fitted {
    pub(super) chosen: Vec<u32>,
    pub(super) angles: Vec<f64>,
    pub(super) energy: f64,
}

impl Ansatz {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when there are operators and the action set lacks a gate that they are written in.
    pub(super) fn new(start: Section, pool: &[PoolOperator], set: &ActionSet) -> Result<Self, QasError> {
        let operators = match pool {
            [] => Vec::new(),
            _ => {
                let mut writer = Writer::new(set)?;
                pool.iter().map(|operator| writer.write(operator.generator())).collect()
            }
        };
        Ok(Self { start, operators })
    }

    /// What it begins with alone.
    pub(super) fn start(&self, set: &ActionSet, objective: &mut Objective) -> Result<Fitted, QasError> {
        let circuit = self.circuit(&[], set)?;
        let energy = objective.energy(&circuit, &[])?;
        let energy = objective.confirm(&circuit, &[], energy)?;
        Ok(Fitted { chosen: Vec::new(), angles: Vec::new(), energy })
    }

    /// The circuit, one free parameter for each of the operators.
    pub(super) fn circuit(&self, chosen: &[u32], set: &ActionSet) -> Result<Circuit, QasError> {
        let mut circuit = Circuit::new(set.num_qubits());
        circuit.reserve_parameters(chosen.len());
        let mut fixed = self.start.angles.iter().copied().map(Angle::Fixed);
        for &number in &self.start.actions {
            let action = set.get(usize::from(number));
            let angles: Vec<Angle> = fixed.by_ref().take(action.gate.num_parameters()).collect();
            circuit.push(Operation::gate(action.gate, &angles, &action.qubits))?;
        }
        for (parameter, &operator) in chosen.iter().enumerate() {
            self.operators[operator as usize].iter().try_for_each(|gate| gate.append(&mut circuit, parameter, set))?;
        }
        Ok(circuit)
    }

    /// Fits all angles from where they are; the energy is confirmed.
    pub(super) fn fit(&self, fitted: &mut Fitted, set: &ActionSet, objective: &mut Objective) -> Result<(), QasError> {
        let circuit = self.circuit(&fitted.chosen, set)?;
        let fit = objective.fit(&circuit, fitted.angles.clone(), None, fitted.energy)?;
        fitted.energy = objective.confirm(&circuit, &fit.angles, fit.energy)?;
        fitted.angles = fit.angles;
        Ok(())
    }

    /// The same circuit as actions, each with an angle of its own.
    pub(super) fn candidate(&self, fitted: &Fitted, set: &ActionSet, objective: &mut Objective) -> Result<Candidate, QasError> {
        let Section { mut actions, mut angles } = self.start.clone();
        for (&operator, &theta) in fitted.chosen.iter().zip(&fitted.angles) {
            let gates = &self.operators[operator as usize];
            actions.extend(gates.iter().map(WrittenGate::action));
            angles.extend(gates.iter().filter_map(|gate| gate.angle(theta, set)));
        }
        let reference = objective.reference(&self.circuit(&fitted.chosen, set)?, &fitted.angles)?;
        let evaluations = objective.evaluations().values;
        Ok(Candidate { actions, angles, energy: fitted.energy, reference, evaluations })
    }

    /// Refuses operators that are not there, or too few angles.
    pub(super) fn check(&self, fitted: &Fitted) -> Result<(), QasError> {
        let there = fitted.chosen.iter().all(|&operator| (operator as usize) < self.operators.len());
        if there && fitted.angles.len() == fitted.chosen.len() {
            return Ok(());
        }
        Err(QasError::Corrupt { what: "ansatz", reason: "an operator has no such number or no angle".to_owned() })
    }
}
