//! What tells the next value: a recurrent network over windows, or a reservoir that runs along the whole series.

use qloom_circuits::{Circuit, Stream};
use qloom_nn::{Linear, Parameters};
use serde::{Deserialize, Serialize};

use crate::cell::{CellSettings, ClassicalCell, QuantumCell};
use crate::error::{LearnError, check};
use crate::model::RecurrentModel;
use crate::reservoir::{EchoState, QuantumReservoir, Reservoir, ReservoirSettings, SpinNetwork};
use crate::windows::Windows;

/// Every kind of model for series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelSettings {
    /// [`CellSettings::Qrnn`].
    Qrnn(QuantumCell),
    /// [`CellSettings::Qgru`].
    Qgru(QuantumCell),
    /// [`CellSettings::Qlstm`].
    Qlstm(QuantumCell),
    /// [`CellSettings::Rnn`].
    Rnn(ClassicalCell),
    /// [`CellSettings::Gru`].
    Gru(ClassicalCell),
    /// [`CellSettings::Lstm`].
    Lstm(ClassicalCell),
    /// [`ReservoirSettings::QuantumReservoir`].
    QuantumReservoir(QuantumReservoir),
    /// [`ReservoirSettings::SpinNetwork`].
    SpinNetwork(SpinNetwork),
    /// [`ReservoirSettings::EchoState`].
    EchoState(EchoState),
}

/// The two ways to read a series.
pub(crate) enum Kind {
    Cell(CellSettings),
    Reservoir(ReservoirSettings),
}

impl ModelSettings {
    pub(crate) fn kind(&self) -> Kind {
        match self.clone() {
            ModelSettings::Qrnn(cell) => Kind::Cell(CellSettings::Qrnn(cell)),
            ModelSettings::Qgru(cell) => Kind::Cell(CellSettings::Qgru(cell)),
            ModelSettings::Qlstm(cell) => Kind::Cell(CellSettings::Qlstm(cell)),
            ModelSettings::Rnn(cell) => Kind::Cell(CellSettings::Rnn(cell)),
            ModelSettings::Gru(cell) => Kind::Cell(CellSettings::Gru(cell)),
            ModelSettings::Lstm(cell) => Kind::Cell(CellSettings::Lstm(cell)),
            ModelSettings::QuantumReservoir(settings) => Kind::Reservoir(ReservoirSettings::QuantumReservoir(settings)),
            ModelSettings::SpinNetwork(settings) => Kind::Reservoir(ReservoirSettings::SpinNetwork(settings)),
            ModelSettings::EchoState(settings) => Kind::Reservoir(ReservoirSettings::EchoState(settings)),
        }
    }
}

impl From<CellSettings> for ModelSettings {
    fn from(settings: CellSettings) -> Self {
        match settings {
            CellSettings::Qrnn(cell) => ModelSettings::Qrnn(cell),
            CellSettings::Qgru(cell) => ModelSettings::Qgru(cell),
            CellSettings::Qlstm(cell) => ModelSettings::Qlstm(cell),
            CellSettings::Rnn(cell) => ModelSettings::Rnn(cell),
            CellSettings::Gru(cell) => ModelSettings::Gru(cell),
            CellSettings::Lstm(cell) => ModelSettings::Lstm(cell),
        }
    }
}

impl From<ReservoirSettings> for ModelSettings {
    fn from(settings: ReservoirSettings) -> Self {
        match settings {
            ReservoirSettings::QuantumReservoir(settings) => ModelSettings::QuantumReservoir(settings),
            ReservoirSettings::SpinNetwork(settings) => ModelSettings::SpinNetwork(settings),
            ReservoirSettings::EchoState(settings) => ModelSettings::EchoState(settings),
        }
    }
}

/// A reservoir with its readout.
#[derive(Debug)]
pub struct ReservoirModel {
    settings: ReservoirSettings,
    ranges: Vec<[f64; 2]>,
    reservoir: Reservoir,
    parameters: Parameters<f64>,
    readout: Linear,
}

impl ReservoirModel {
    /// Draws a reservoir with this range for each input, and a readout.
    ///
    /// # Errors
    /// When settings do not fit.
    pub fn new(settings: &ReservoirSettings, ranges: Vec<[f64; 2]>, stream: &mut Stream) -> Result<Self, LearnError> {
        let reservoir = Reservoir::new(settings, &ranges, stream)?;
        let mut parameters = Parameters::new();
        let readout = Linear::new(&mut parameters, "readout", (reservoir.features(), 1), stream);
        Ok(Self { settings: settings.clone(), ranges, reservoir, parameters, readout })
    }

    /// The range of each input: from the settings, or what its training part spans; one half to both sides where that is one value.
    pub(crate) fn ranges(settings: &ReservoirSettings, windows: &Windows) -> Vec<[f64; 2]> {
        let more = windows.settings().window - 1;
        let span = |input: usize| {
            let known = windows.series().iter().flat_map(|one| &one.columns[input][..one.train.len() + more]);
            let ends = known.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(*value), high.max(*value)]);
            if ends[0] < ends[1] { ends } else { [ends[0] - 0.5, ends[0] + 0.5] }
        };
        (0..windows.inputs()).map(|input| settings.range().unwrap_or_else(|| span(input))).collect()
    }

    /// Features of the last row of every window, the reservoir having seen all rows of the series before.
    pub(crate) fn features(&mut self, windows: &Windows) -> Result<Vec<f64>, LearnError> {
        let width = self.reservoir.features();
        let mut features = vec![0.0; windows.len() * width];
        for one in windows.series() {
            self.reservoir.start(false)?;
            let along = self.reservoir.run(&one.columns)?;
            let rows = along.chunks(width).skip(windows.settings().window - 1);
            for (index, row) in one.windows().zip(rows) {
                features[index * width..(index + 1) * width].copy_from_slice(row);
            }
        }
        Ok(features)
    }

    /// The reservoir, in the state it was left in.
    pub fn reservoir(&self) -> &Reservoir {
        &self.reservoir
    }

    /// Steps before the features are used.
    pub(crate) fn wash_out(&self) -> usize {
        self.settings.wash_out()
    }

    pub(crate) fn reservoir_mut(&mut self) -> &mut Reservoir {
        &mut self.reservoir
    }

    fn tell(&self, features: &[f64]) -> f64 {
        let (weights, bias) = (self.parameters.get(self.readout.weight()), self.parameters.get(self.readout.bias())[0]);
        features.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() + bias
    }
}

/// A model of either kind.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)]
pub enum Network {
    /// Over windows.
    Recurrent(RecurrentModel),
    /// Along the series.
    Reservoir(ReservoirModel),
}

impl Network {
    /// What it is made of.
    pub fn settings(&self) -> ModelSettings {
        match self {
            Network::Recurrent(model) => model.settings().clone().into(),
            Network::Reservoir(model) => model.settings.clone().into(),
        }
    }

    /// The ranges of the inputs of a reservoir; none of a network over windows.
    pub fn ranges(&self) -> &[[f64; 2]] {
        match self {
            Network::Recurrent(_) => &[],
            Network::Reservoir(model) => &model.ranges,
        }
    }

    /// All parameters; of a reservoir those of its readout.
    pub fn parameters(&self) -> &Parameters<f64> {
        match self {
            Network::Recurrent(model) => model.parameters(),
            Network::Reservoir(model) => &model.parameters,
        }
    }

    pub(crate) fn parameters_mut(&mut self) -> &mut Parameters<f64> {
        match self {
            Network::Recurrent(model) => &mut model.parameters,
            Network::Reservoir(model) => &mut model.parameters,
        }
    }

    /// Numbers the readout sees.
    pub fn features(&self) -> usize {
        match self {
            Network::Recurrent(model) => model.cell().outputs(),
            Network::Reservoir(model) => model.reservoir.features(),
        }
    }

    /// Number of parameters that are trained.
    pub fn trained(&self) -> usize {
        match self {
            Network::Recurrent(model) => model.trained(),
            Network::Reservoir(model) => model.parameters.values().len(),
        }
    }

    /// Rows before which nothing is told: a reservoir must be free of its first state.
    pub fn wash_out(&self) -> usize {
        match self {
            Network::Recurrent(_) => 0,
            Network::Reservoir(model) => model.wash_out(),
        }
    }

    pub(crate) fn readout(&self) -> Vec<f64> {
        match self {
            Network::Recurrent(model) => model.readout(),
            // weights, then the bias
            Network::Reservoir(model) => model.parameters.values().to_vec(),
        }
    }

    pub(crate) fn set_readout(&mut self, weights: &[f64]) {
        match self {
            Network::Recurrent(model) => model.set_readout(weights),
            Network::Reservoir(model) => model.parameters.values_mut().copy_from_slice(weights),
        }
    }

    /// The circuits of a quantum cell; see [`RecurrentModel::circuits`].
    ///
    /// # Errors
    /// When a weight is not finite.
    pub fn circuits(&self) -> Result<Vec<(String, Circuit)>, LearnError> {
        match self {
            Network::Recurrent(model) => model.circuits(),
            Network::Reservoir(_) => Ok(Vec::new()),
        }
    }

    /// What is told along a series, one list an input: the row, from 0, after which the first is told, and one value for it and every later
    /// row.
    ///
    /// # Errors
    /// For a series shorter than the window or the wash-out, and what the simulation refuses.
    pub fn along(&mut self, columns: &[Vec<f64>], window: usize) -> Result<(usize, Vec<f64>), LearnError> {
        let length = columns.first().map_or(0, Vec::len);
        let first = self.wash_out().max(window - 1);
        if length <= first {
            return Err(LearnError::SeriesTooShort { length, window: first + 1, horizon: 0 });
        }
        let told = match self {
            Network::Recurrent(model) => {
                let values: Vec<Vec<f64>> = (0..=length - window).map(|first| cut(columns, first, window)).collect();
                model.predict(&values.iter().map(Vec::as_slice).collect::<Vec<_>>())?
            }
            Network::Reservoir(model) => {
                model.reservoir.start(false)?;
                let features = model.reservoir.run(columns)?;
                features.chunks(model.reservoir.features()).skip(first).map(|row| model.tell(row)).collect()
            }
        };
        Ok((first, told))
    }

    /// What is told after one row more, the last of the series that [`Network::along`] has seen but for it.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn follow(&mut self, columns: &[Vec<f64>], window: usize) -> Result<f64, LearnError> {
        let length = columns.first().map_or(0, Vec::len);
        match self {
            Network::Recurrent(model) => Ok(model.predict(&[&cut(columns, length - window, window)])?[0]),
            Network::Reservoir(model) => {
                let mut features = Vec::new();
                model.reservoir.step(&cut(columns, length - 1, 1), &mut features)?;
                Ok(model.tell(&features))
            }
        }
    }

    /// The training windows whose last rows lie behind the wash-out of their series.
    pub(crate) fn fitted(&self, windows: &Windows) -> Result<Vec<usize>, LearnError> {
        let skipped = (self.wash_out() + 1).saturating_sub(windows.settings().window);
        let shortest = windows.series().iter().map(|one| one.train.len()).min().unwrap_or_default();
        check("wash_out", self.wash_out() as f64, skipped < shortest, "shorter than the training part of each series")?;
        Ok(windows.series().iter().flat_map(|one| one.train.clone().skip(skipped)).collect())
    }
}

/// Rows from `first` on, one after the other.
fn cut(columns: &[Vec<f64>], first: usize, count: usize) -> Vec<f64> {
    (first..first + count).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}
