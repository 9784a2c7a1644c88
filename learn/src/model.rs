//! A cell over a window and a linear readout of its last output.

use qloom_circuits::{Circuit, Stream};
use qloom_nn::{Linear, Parameters, Tape, Var, Workspace};
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, CellSettings};
use crate::error::LearnError;
use crate::network::{Kind, ModelSettings, Network, ReservoirModel};
use crate::saved;
use crate::windows::{Scaling, WindowSettings};

/// Windows worked out at a time where no gradient is wanted.
const AT_A_TIME: usize = 256;

/// A recurrent network that tells one number from a window.
#[derive(Debug)]
pub struct RecurrentModel {
    settings: CellSettings,
    inputs: usize,
    pub(crate) parameters: Parameters<f64>,
    cell: Cell,
    readout: Linear,
}

impl RecurrentModel {
    /// A new network for this many numbers a row, its parameters drawn from `stream`.
    ///
    /// # Errors
    /// When the sizes of the cell do not fit.
    pub fn new(settings: &CellSettings, inputs: usize, stream: &mut Stream) -> Result<Self, LearnError> {
        let mut parameters = Parameters::new();
        let cell = Cell::new(settings, inputs, &mut parameters, stream)?;
        let readout = Linear::new(&mut parameters, "readout", (cell.outputs(), 1), stream);
        Ok(Self { settings: settings.clone(), inputs, parameters, cell, readout })
    }

    /// What it is made of.
    pub fn settings(&self) -> &CellSettings {
        &self.settings
    }

    /// Numbers of a row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The cell.
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// All parameters: `cell.*`, then `readout.weight` and `readout.bias`.
    pub fn parameters(&self) -> &Parameters<f64> {
        &self.parameters
    }

    /// Number of parameters that are trained.
    pub fn trained(&self) -> usize {
        if self.settings.reservoir() { self.cell.outputs() + 1 } else { self.parameters.values().len() }
    }

    /// Sets the readout's weights, the bias last.
    pub(crate) fn set_readout(&mut self, weights: &[f64]) {
        let (last, first) = weights.split_last().expect("a bias");
        self.parameters.get_mut(self.readout.weight()).copy_from_slice(first);
        self.parameters.get_mut(self.readout.bias())[0] = *last;
    }

    /// The readout's weights, the bias last.
    pub(crate) fn readout(&self) -> Vec<f64> {
        let (weight, bias) = (self.parameters.get(self.readout.weight()), self.parameters.get(self.readout.bias()));
        weight.iter().chain(bias).copied().collect()
    }

    /// The cell's output after the last row of each window.
    fn last_output<'a>(&'a self, tape: &mut Tape<'a, f64>, windows: &[&[f64]]) -> Result<Var, LearnError> {
        let count = windows.len();
        let steps = windows.first().map_or(0, |window| window.len() / self.inputs);
        let mut state = self.cell.start(tape, count);
        let mut output = state.hidden;
        let mut rows = Vec::with_capacity(count * self.inputs);
        for step in 0..steps {
            rows.clear();
            windows.iter().for_each(|window| rows.extend_from_slice(&window[step * self.inputs..(step + 1) * self.inputs]));
            let input = tape.constant((count, self.inputs), &rows);
            let next = self.cell.step(tape, input, state)?;
            (state, output) = (next.state, next.output);
        }
        Ok(output)
    }

    /// What is told of each window, on the tape.
    pub(crate) fn forward<'a>(&'a self, tape: &mut Tape<'a, f64>, windows: &[&[f64]]) -> Result<Var, LearnError> {
        let output = self.last_output(tape, windows)?;
        Ok(self.readout.forward(tape, output))
    }

    fn each<R>(
        &self,
        windows: &[&[f64]],
        run: impl for<'a> Fn(&'a Self, &mut Tape<'a, f64>, &[&[f64]]) -> Result<Var, LearnError>,
        mut take: impl FnMut(&[f64]) -> R,
    ) -> Result<(), LearnError> {
        let mut workspace = Workspace::new();
        for part in windows.chunks(AT_A_TIME) {
            let mut tape = Tape::new(&self.parameters, &mut workspace);
            let values = run(self, &mut tape, part)?;
            take(tape.value(values));
        }
        Ok(())
    }

    /// The cell's outputs after each window, row by row: what a readout sees.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn features(&self, windows: &[&[f64]]) -> Result<Vec<f64>, LearnError> {
        let mut features = Vec::with_capacity(windows.len() * self.cell.outputs());
        self.each(windows, |model, tape, part| model.last_output(tape, part), |values| features.extend_from_slice(values))?;
        Ok(features)
    }

    /// What is told of each window.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn predict(&self, windows: &[&[f64]]) -> Result<Vec<f64>, LearnError> {
        let mut told = Vec::with_capacity(windows.len());
        self.each(windows, |model, tape, part| model.forward(tape, part), |values| told.extend_from_slice(values))?;
        Ok(told)
    }

    /// The circuits of a quantum cell with their weights, for inputs and hidden numbers that are all 0; none of a classical one.
    ///
    /// # Errors
    /// When a weight is not finite.
    pub fn circuits(&self) -> Result<Vec<(String, Circuit)>, LearnError> {
        let named = self.cell.circuits().into_iter().map(|(name, block)| {
            let full = format!("cell.{name}");
            let id = self.parameters.ids().find(|&id| self.parameters.name(id) == full).expect("each circuit has its weights");
            Ok((name.to_owned(), block.bound(self.parameters.get(id), &vec![0.0; block.settings().inputs])?))
        });
        named.collect()
    }
}

/// A saved network: JSON with a `format` and a `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Always `qloom series model`.
    format: String,
    /// Version of the format.
    version: u32,
    /// What the network is made of.
    pub model: ModelSettings,
    /// Inputs that a reservoir encodes as 0 and as 1; none of a network over windows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<[f64; 2]>,
    /// How series are cut.
    pub windows: WindowSettings,
    /// Names of the columns of a row.
    pub inputs: Vec<String>,
    /// Name of the column that is told.
    pub target: String,
    /// Name of the column that says which series a row belongs to, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is done to the input columns and, last, to the target.
    pub scaling: Vec<Scaling>,
    /// Seed of the network, from which shots are drawn too.
    pub seed: u64,
    /// All parameters in order.
    parameters: Vec<f64>,
}

impl ModelFile {
    const FORMAT: &'static str = "qloom series model";
    const VERSION: u32 = 1;

    /// What is saved of a network.
    pub fn new(
        model: &Network,
        windows: WindowSettings,
        (inputs, target): (Vec<String>, String),
        scaling: Vec<Scaling>,
        seed: u64,
    ) -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            model: model.settings(),
            ranges: model.ranges().to_vec(),
            windows,
            inputs,
            target,
            id: None,
            scaling,
            seed,
            parameters: model.parameters().values().to_vec(),
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, LearnError> {
        saved::write(self)
    }

    /// From JSON.
    ///
    /// # Errors
    /// For another format or version, by name, and for a file that is damaged.
    pub fn from_json(text: &str) -> Result<Self, LearnError> {
        saved::read(text, Self::FORMAT, Self::VERSION)
    }

    /// The network.
    ///
    /// # Errors
    /// When the parameters do not fit the cell.
    pub fn model(&self) -> Result<Network, LearnError> {
        let mut stream = Stream::named(self.seed, "model");
        let mut model = match self.model.kind() {
            Kind::Cell(cell) => Network::Recurrent(RecurrentModel::new(&cell, self.inputs.len(), &mut stream)?),
            Kind::Reservoir(_) if self.ranges.len() != self.inputs.len() => {
                let (expected, given) = (self.inputs.len(), self.ranges.len());
                return Err(LearnError::SizeMismatch { what: "ranges of the model file", expected, given });
            }
            Kind::Reservoir(settings) => Network::Reservoir(ReservoirModel::new(&settings, self.ranges.clone(), &mut stream)?),
        };
        let (expected, given) = (model.parameters().values().len(), self.parameters.len());
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "parameters of the model file", expected, given });
        }
        if self.scaling.len() != self.inputs.len() + 1 {
            let (expected, given) = (self.inputs.len() + 1, self.scaling.len());
            return Err(LearnError::SizeMismatch { what: "scalings of the model file", expected, given });
        }
        model.parameters_mut().values_mut().copy_from_slice(&self.parameters);
        Ok(model)
    }
}
