//! The hardware-efficient ansatz, fitted again and again.

use std::f64::consts::PI;

use qloom_circuits::{Stream, StreamState, library};
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Bounds, Round, Walk, start};
use crate::environment::action::ActionSet;
use crate::error::{decode, encode};
use crate::objective::Objective;
use crate::{Problem, QasError};

/// Settings of the hardware-efficient ansatz.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayersConfig {
    /// Lines of CNOTs between layers of ry and rz on every qubit, at most 1000. Default 2.
    pub layers: usize,
    /// How far from those of the reference state the angles of the first fit begin at most, in radians, from 0 to pi. Default 0.1.
    pub nearby: f64,
}

impl Default for LayersConfig {
    fn default() -> Self {
        Self { layers: 2, nearby: 0.1 }
    }
}

impl LayersConfig {
    fn check(&self) -> Result<(), QasError> {
        if self.layers > 1000 {
            return Err(QasError::invalid("agent.layers.layers", self.layers, "it has to be at most 1000"));
        }
        if !(0.0..=PI).contains(&self.nearby) {
            return Err(QasError::invalid("agent.layers.nearby", self.nearby, "it has to be in [0, pi]"));
        }
        Ok(())
    }
}

/// A circuit of fixed shape, whose angles are fitted once a round: at first from near those of the problem's reference state, then from
/// angles drawn alike.
///
/// Source: A. Kandala et al., Hardware-efficient variational quantum eigensolver for small molecules and quantum magnets (2017), with
/// lines of CNOTs as [`library::hardware_efficient`] has them.
pub(crate) struct Layers {
    config: LayersConfig,
    actions: Vec<u16>,
    /// Angles that make the reference state.
    reference: Vec<f64>,
    stream: Stream,
    lowest: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    stream: StreamState,
    lowest: Option<f64>,
}

impl Layers {
    pub(crate) fn new(config: LayersConfig, set: &ActionSet, problem: &Problem, seed: u64) -> Result<Self, QasError> {
        config.check()?;
        let n = set.num_qubits();
        let circuit = library::hardware_efficient(n, config.layers);
        let numbers: Option<Vec<u16>> =
            circuit.operations().iter().map(|operation| set.index_of(operation).map(|number| number as u16)).collect();
        let Some(actions) = numbers else {
            return Err(QasError::invalid(
                "environment.actions",
                format!("{:?}", set.gates().iter().map(|gate| gate.name()).collect::<Vec<_>>()),
                "the layers are made of ry and rz on every qubit and cx from each to the next: take these gates",
            ));
        };
        // the reference state before the lines of CNOTs
        let mut before = start::reference_bits(problem);
        for _ in 0..config.layers {
            for target in (1..n).rev() {
                before[target] ^= before[target - 1];
            }
        }
        let mut reference = vec![0.0; circuit.num_parameters()];
        // the first gates are ry and rz on each qubit in turn
        (0..n).filter(|&qubit| before[qubit]).for_each(|qubit| reference[2 * qubit] = PI);
        Ok(Self { config, actions, reference, stream: Stream::named(seed, "layers"), lowest: None })
    }
}

impl Walk for Layers {
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, _: Bounds) -> Result<Round, QasError> {
        let (stream, nearby) = (&mut self.stream, self.config.nearby);
        let angles: Vec<f64> = match self.lowest {
            None => self.reference.iter().map(|angle| angle + nearby * (2.0 * stream.unit() - 1.0)).collect(),
            Some(_) => self.reference.iter().map(|_| PI * (2.0 * stream.unit() - 1.0)).collect(),
        };
        let ceiling = self.lowest.unwrap_or(f64::INFINITY);
        let mut draft = Draft { actions: self.actions.clone(), angles, energy: ceiling };
        draft.fit(set, objective)?;
        let improved = draft.energy < ceiling;
        self.lowest = Some(ceiling.min(draft.energy));
        let ceiling = self.lowest.filter(|_| ceiling.is_infinite()).unwrap_or(ceiling);
        Ok(Round { candidate: draft.finished(set, objective)?, fits: true, improved, ceiling })
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved { stream: self.stream.save(), lowest: self.lowest })
    }

    fn load(&mut self, bytes: &[u8], _: &ActionSet) -> Result<(), QasError> {
        let saved: Saved = decode("layers", bytes)?;
        (self.stream, self.lowest) = (Stream::load(&saved.stream), saved.lowest);
        Ok(())
    }
}
