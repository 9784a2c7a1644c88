//! Quantum cells: circuits between the gates of classical ones.

use qloom_circuits::Stream;
use qloom_hardware::UniformNoise;
use qloom_nn::{NnError, ParameterId, Parameters, Tape, Var};
use serde::{Deserialize, Serialize};

use super::{CellState, CellStep, Start};
use crate::block::{Block, BlockSettings};
use crate::error::LearnError;

/// Sizes and settings of a quantum cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuantumCell {
    /// Qubits of each circuit. Default 4.
    pub qubits: usize,
    /// Layers of each circuit. Default 2.
    pub depth: usize,
    /// Hidden numbers; by default one for each qubit that the inputs leave.
    pub hidden: Option<usize>,
    /// Only the readout is trained. Default false.
    pub reservoir: bool,
    /// How the circuits' weights start. Default small.
    pub start: Start,
    /// How a gated recurrent unit mixes old and new. Default keep.
    pub update: GruUpdate,
    /// Noise of the circuits, none by default.
    pub noise: Option<UniformNoise>,
    /// Shots for each circuit; exact values by default. Only reservoirs can have them.
    pub shots: Option<u64>,
}

impl Default for QuantumCell {
    fn default() -> Self {
        Self {
            qubits: 4,
            depth: 2,
            hidden: None,
            reservoir: false,
            start: Start::Small,
            update: GruUpdate::Keep,
            noise: None,
            shots: None,
        }
    }
}

/// The two published orders of a gated recurrent unit's update, z the second gate and g the new numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GruUpdate {
    /// `z h + (1 - z) g`.
    #[default]
    Keep,
    /// `(1 - z) h + z g`.
    Replace,
}

#[derive(Debug)]
enum Kind {
    Rnn,
    Gru(GruUpdate),
    Lstm,
}

/// A quantum cell.
#[derive(Debug)]
pub(super) struct Quantum {
    kind: Kind,
    qubits: usize,
    hidden: usize,
    /// The circuits with the names of their weights.
    parts: Vec<(&'static str, ParameterId, Block)>,
}

/// Adds one circuit after the other.
struct Builder<'a> {
    settings: &'a QuantumCell,
    hidden: usize,
    parameters: &'a mut Parameters<f64>,
    stream: &'a mut Stream,
    parts: Vec<(&'static str, ParameterId, Block)>,
}

impl<'a> Builder<'a> {
    fn new(
        settings: &'a QuantumCell,
        inputs: usize,
        parameters: &'a mut Parameters<f64>,
        stream: &'a mut Stream,
    ) -> Result<Self, LearnError> {
        let qubits = settings.qubits;
        let hidden = settings.hidden.unwrap_or(qubits.saturating_sub(inputs));
        if hidden == 0 || inputs + hidden > qubits {
            return Err(LearnError::TooFewQubits { inputs, hidden: hidden.max(1), qubits });
        }
        if settings.shots.is_some() && !settings.reservoir {
            return Err(LearnError::Unsupported {
                what: "values from shots have no exact gradient",
                remedy: "set reservoir = true, or leave shots out",
            });
        }
        Ok(Self { settings, hidden, parameters, stream, parts: Vec::new() })
    }

    fn circuit(&mut self, name: &'static str, inputs: usize, outputs: usize) -> Result<&mut Self, LearnError> {
        let QuantumCell { qubits, depth, noise, shots, start, .. } = *self.settings;
        let sizes = BlockSettings { qubits, depth, inputs, outputs, noise, shots };
        let own = Stream::named(self.stream.word(), name);
        let block = Block::new(sizes, own)?;
        let weights = self.parameters.add(format!("cell.{name}"), (1, block.num_weights()), start.init(), self.stream);
        self.parts.push((name, weights, block));
        Ok(self)
    }

    fn build(self, kind: Kind) -> Quantum {
        Quantum { kind, qubits: self.settings.qubits, hidden: self.hidden, parts: self.parts }
    }
}

impl Quantum {
    /// `h' = tanh(VQC([x, h]))`.
    pub(super) fn rnn(
        settings: &QuantumCell,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        let mut builder = Builder::new(settings, inputs, parameters, stream)?;
        let hidden = builder.hidden;
        builder.circuit("hidden", inputs + hidden, hidden)?;
        Ok(builder.build(Kind::Rnn))
    }

    /// `r = s(VQC1([x, h]))`, `z = s(VQC2([x, h]))`, `g = tanh(VQC3([x, r h]))`.
    pub(super) fn gru(
        settings: &QuantumCell,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        let mut builder = Builder::new(settings, inputs, parameters, stream)?;
        let hidden = builder.hidden;
        for name in ["reset", "update", "new"] {
            builder.circuit(name, inputs + hidden, hidden)?;
        }
        Ok(builder.build(Kind::Gru(settings.update)))
    }

    /// `f, i, o = s(VQC([x, h]))`, `g = tanh(VQC([x, h]))`, `c' = f c + i g`, `u = o tanh(c')`, `h' = VQC5(u)`, output `VQC6(u)`.
    pub(super) fn lstm(
        settings: &QuantumCell,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        let mut builder = Builder::new(settings, inputs, parameters, stream)?;
        let (hidden, qubits) = (builder.hidden, settings.qubits);
        for name in ["forget", "input", "new", "output"] {
            builder.circuit(name, inputs + hidden, qubits)?;
        }
        builder.circuit("hidden", qubits, hidden)?.circuit("readout", qubits, qubits)?;
        Ok(builder.build(Kind::Lstm))
    }

    pub(super) fn hidden(&self) -> usize {
        self.hidden
    }

    pub(super) fn memory(&self) -> Option<usize> {
        match self.kind {
            Kind::Lstm => Some(self.qubits),
            Kind::Rnn | Kind::Gru(_) => None,
        }
    }

    pub(super) fn outputs(&self) -> usize {
        match self.kind {
            Kind::Lstm => self.qubits,
            Kind::Rnn | Kind::Gru(_) => self.hidden,
        }
    }

    pub(super) fn circuits(&self) -> Vec<(&'static str, &Block)> {
        self.parts.iter().map(|(name, _, block)| (*name, block)).collect()
    }

    fn circuit<'a>(&'a self, tape: &mut Tape<'a, f64>, part: usize, numbers: Var) -> Result<Var, NnError> {
        let (_, weights, block) = &self.parts[part];
        let weights = tape.parameter(*weights);
        let rows = tape.shape(numbers).0;
        tape.custom(block, &[weights, numbers], (rows, block.settings().outputs))
    }

    pub(super) fn step<'a>(&'a self, tape: &mut Tape<'a, f64>, input: Var, state: CellState) -> Result<CellStep, NnError> {
        let both = tape.concat_columns(&[input, state.hidden]);
        match self.kind {
            Kind::Rnn => {
                let values = self.circuit(tape, 0, both)?;
                let hidden = tape.tanh(values);
                Ok(CellStep { state: CellState { hidden, memory: None }, output: hidden })
            }
            Kind::Gru(order) => {
                let (reset, update) = (self.circuit(tape, 0, both)?, self.circuit(tape, 1, both)?);
                let (reset, update) = (tape.sigmoid(reset), tape.sigmoid(update));
                let kept = tape.mul(reset, state.hidden);
                let partly = tape.concat_columns(&[input, kept]);
                let new = self.circuit(tape, 2, partly)?;
                let new = tape.tanh(new);
                let (from, to) = match order {
                    GruUpdate::Keep => (new, state.hidden),
                    GruUpdate::Replace => (state.hidden, new),
                };
                // (1 - z) from + z to
                let difference = tape.sub(to, from);
                let change = tape.mul(update, difference);
                let hidden = tape.add(from, change);
                Ok(CellStep { state: CellState { hidden, memory: None }, output: hidden })
            }
            Kind::Lstm => {
                let mut gate = |part: usize| self.circuit(tape, part, both);
                let (forget, write, new, read) = (gate(0)?, gate(1)?, gate(2)?, gate(3)?);
                let (forget, write) = (tape.sigmoid(forget), tape.sigmoid(write));
                let (new, read) = (tape.tanh(new), tape.sigmoid(read));
                let memory = state.memory.unwrap_or(state.hidden);
                let (kept, written) = (tape.mul(forget, memory), tape.mul(write, new));
                let memory = tape.add(kept, written);
                let bounded = tape.tanh(memory);
                let shown = tape.mul(read, bounded);
                let (hidden, output) = (self.circuit(tape, 4, shown)?, self.circuit(tape, 5, shown)?);
                Ok(CellStep { state: CellState { hidden, memory: Some(memory) }, output })
            }
        }
    }
}
