//! Classical cells: those of `nn`.

use qloom_circuits::Stream;
use qloom_nn::{GruCell, LstmCell, LstmState, Parameters, RnnCell, Tape, Var};
use serde::{Deserialize, Serialize};

use super::{CellState, CellStep};
use crate::error::{LearnError, check};

/// Size of a classical cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassicalCell {
    /// Hidden numbers. Default 5.
    pub hidden: usize,
    /// Only the readout is trained. Default false.
    pub reservoir: bool,
}

impl Default for ClassicalCell {
    fn default() -> Self {
        Self { hidden: 5, reservoir: false }
    }
}

/// A classical cell.
#[derive(Debug)]
pub(super) struct Classical {
    layers: Layers,
    hidden: usize,
}

#[derive(Debug)]
enum Layers {
    Rnn(RnnCell),
    Gru(GruCell),
    Lstm(LstmCell),
}

impl Classical {
    fn new(settings: &ClassicalCell, layers: impl FnOnce((usize, usize)) -> Layers, inputs: usize) -> Result<Self, LearnError> {
        let hidden = settings.hidden;
        check("hidden", hidden as f64, (1..=100_000).contains(&hidden), "from 1 to 100000")?;
        Ok(Self { layers: layers((inputs, hidden)), hidden })
    }

    pub(super) fn rnn(
        settings: &ClassicalCell,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        Self::new(settings, |sizes| Layers::Rnn(RnnCell::new(parameters, "cell", sizes, stream)), inputs)
    }

    pub(super) fn gru(
        settings: &ClassicalCell,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        Self::new(settings, |sizes| Layers::Gru(GruCell::new(parameters, "cell", sizes, stream)), inputs)
    }

    pub(super) fn lstm(
        settings: &ClassicalCell,
        inputs: usize,
        parameters: &mut Parameters<f64>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        Self::new(settings, |sizes| Layers::Lstm(LstmCell::new(parameters, "cell", sizes, stream)), inputs)
    }

    pub(super) fn hidden(&self) -> usize {
        self.hidden
    }

    pub(super) fn memory(&self) -> Option<usize> {
        match self.layers {
            Layers::Lstm(_) => Some(self.hidden),
            Layers::Rnn(_) | Layers::Gru(_) => None,
        }
    }

    pub(super) fn step(&self, tape: &mut Tape<'_, f64>, input: Var, state: CellState) -> CellStep {
        let state = match (&self.layers, state.memory) {
            (Layers::Rnn(cell), _) => CellState { hidden: cell.forward(tape, input, state.hidden), memory: None },
            (Layers::Gru(cell), _) => CellState { hidden: cell.forward(tape, input, state.hidden), memory: None },
            (Layers::Lstm(cell), memory) => {
                let memory = memory.unwrap_or(state.hidden);
                let next = cell.forward(tape, input, LstmState { hidden: state.hidden, cell: memory });
                CellState { hidden: next.hidden, memory: Some(next.cell) }
            }
        };
        CellStep { state, output: state.hidden }
    }
}
