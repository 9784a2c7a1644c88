//! Recurrent cells, quantum and classical, behind one interface.

mod classical;
mod quantum;
#[cfg(test)]
mod tests;

use qloom_circuits::Stream;
use qloom_nn::{Init, NnError, Parameters, Tape, Var};
use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::error::LearnError;
use classical::Classical;
pub use classical::ClassicalCell;
use quantum::Quantum;
pub use quantum::{GruUpdate, QuantumCell};

/// How the parameters of a quantum cell start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Normal with standard deviation 0.01, as in the authors' program: rotations are nearly the identity.
    #[default]
    Small,
    /// Uniform over the whole circle.
    Uniform,
}

impl Start {
    fn init(self) -> Init {
        match self {
            Start::Small => Init::Normal { deviation: 0.01 },
            Start::Uniform => Init::Uniform { bound: std::f64::consts::PI },
        }
    }
}

/// Which cell, and its sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellSettings {
    /// Quantum recurrent network: one circuit.
    Qrnn(QuantumCell),
    /// Quantum gated recurrent unit: three circuits.
    Qgru(QuantumCell),
    /// Quantum long short-term memory: six circuits.
    Qlstm(QuantumCell),
    /// Elman network, as PyTorch's.
    Rnn(ClassicalCell),
    /// Gated recurrent unit, as PyTorch's.
    Gru(ClassicalCell),
    /// Long short-term memory, as PyTorch's.
    Lstm(ClassicalCell),
}

impl CellSettings {
    /// Whether only the readout is trained.
    pub fn reservoir(&self) -> bool {
        match self {
            CellSettings::Qrnn(cell) | CellSettings::Qgru(cell) | CellSettings::Qlstm(cell) => cell.reservoir,
            CellSettings::Rnn(cell) | CellSettings::Gru(cell) | CellSettings::Lstm(cell) => cell.reservoir,
        }
    }
}

/// The state of a cell: matrices with one row for each window.
#[derive(Clone, Copy, Debug)]
pub struct CellState {
    /// What is fed back, h.
    pub hidden: Var,
    /// The memory c of long short-term memory cells.
    pub memory: Option<Var>,
}

/// What a step gives.
#[derive(Clone, Copy, Debug)]
pub struct CellStep {
    /// The state after it.
    pub state: CellState,
    /// What the readout sees.
    pub output: Var,
}

/// A cell: its circuits or layers, and where its parameters are.
#[derive(Debug)]
pub struct Cell {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Quantum(Quantum),
    Classical(Classical),
}

impl Cell {
    /// Adds the parameters of a cell for this many inputs a step; parameters and shots are drawn from `stream`.
    ///
    /// # Errors
    /// When the sizes do not fit.
    pub fn new(
        settings: &CellSettings,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        let kind = match settings {
            CellSettings::Qrnn(cell) => Kind::Quantum(Quantum::rnn(cell, inputs, parameters, stream)?),
            CellSettings::Qgru(cell) => Kind::Quantum(Quantum::gru(cell, inputs, parameters, stream)?),
            CellSettings::Qlstm(cell) => Kind::Quantum(Quantum::lstm(cell, inputs, parameters, stream)?),
            CellSettings::Rnn(cell) => Kind::Classical(Classical::rnn(cell, inputs, parameters, stream)?),
            CellSettings::Gru(cell) => Kind::Classical(Classical::gru(cell, inputs, parameters, stream)?),
            CellSettings::Lstm(cell) => Kind::Classical(Classical::lstm(cell, inputs, parameters, stream)?),
        };
        Ok(Self { kind })
    }

    /// Number of outputs a step.
    pub fn outputs(&self) -> usize {
        match &self.kind {
            Kind::Quantum(cell) => cell.outputs(),
            Kind::Classical(cell) => cell.hidden(),
        }
    }

    /// The state before the first step, all 0, for this many windows.
    pub fn start(&self, tape: &mut Tape<'_, f64>, windows: usize) -> CellState {
        let (hidden, memory) = match &self.kind {
            Kind::Quantum(cell) => (cell.hidden(), cell.memory()),
            Kind::Classical(cell) => (cell.hidden(), cell.memory()),
        };
        CellState { hidden: tape.zeros((windows, hidden)), memory: memory.map(|size| tape.zeros((windows, size))) }
    }

    /// One step of all windows; `input` has one row for each.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn step<'a>(&'a self, tape: &mut Tape<'a, f64>, input: Var, state: CellState) -> Result<CellStep, NnError> {
        match &self.kind {
            Kind::Quantum(cell) => cell.step(tape, input, state),
            Kind::Classical(cell) => Ok(cell.step(tape, input, state)),
        }
    }

    /// The circuits of a quantum cell with the names of their weights, in the order in which they are evaluated.
    pub fn circuits(&self) -> Vec<(&'static str, &Block)> {
        match &self.kind {
            Kind::Quantum(cell) => cell.circuits(),
            Kind::Classical(_) => Vec::new(),
        }
    }
}
