//! A recurrent cell or a reservoir along a series of any length, and a linear readout of its class.

use qloom_circuits::Stream;
use qloom_nn::{Linear, Parameters, Tape, Var, Workspace};
use serde::{Deserialize, Serialize};

use super::Sequences;
use crate::cell::Cell;
use crate::error::LearnError;
use crate::network::{Kind, ModelSettings};
use crate::reservoir::Reservoir;

/// Series worked out at a time where no gradient is wanted.
const AT_A_TIME: usize = 128;

/// Which features of a series the readout sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Those after its last row.
    #[default]
    Last,
    /// The mean over its rows, of a reservoir over those behind the wash-out.
    Mean,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant)]
enum Body {
    Cell(Cell),
    Reservoir { reservoir: Reservoir, wash_out: usize },
}

/// A model that tells the class of a series.
#[derive(Debug)]
pub struct SequenceModel {
    settings: ModelSettings,
    pooling: Pooling,
    inputs: usize,
    classes: usize,
    /// Of each input of a reservoir.
    ranges: Vec<[f64; 2]>,
    pub(super) parameters: Parameters<f64>,
    body: Body,
    readout: Linear,
}

impl SequenceModel {
    /// A model of series of `inputs` numbers a row and of `classes`, drawn from `stream`; a reservoir takes the range of each input.
    ///
    /// # Errors
    /// When settings or sizes do not fit.
    pub fn new(
        settings: &ModelSettings,
        pooling: Pooling,
        (inputs, classes): (usize, usize),
        ranges: Vec<[f64; 2]>,
        stream: &mut Stream,
    ) -> Result<Self, LearnError> {
        let mut parameters = Parameters::new();
        let (body, features) = match settings.kind() {
            Kind::Cell(cell) => {
                let cell = Cell::new(&cell, inputs, &mut parameters, stream)?;
                let features = cell.outputs();
                (Body::Cell(cell), features)
            }
            Kind::Reservoir(_) if ranges.len() != inputs => {
                let (expected, given) = (inputs, ranges.len());
                return Err(LearnError::SizeMismatch { what: "ranges of the inputs of a reservoir", expected, given });
            }
            Kind::Reservoir(settings) => {
                let reservoir = Reservoir::new(&settings, &ranges, stream)?;
                let features = reservoir.features();
                (Body::Reservoir { reservoir, wash_out: settings.wash_out() }, features)
            }
        };
        let readout = Linear::new(&mut parameters, "readout", (features, classes), stream);
        Ok(Self { settings: settings.clone(), pooling, inputs, classes, ranges, parameters, body, readout })
    }

    /// The range of each input for a reservoir: from its settings, or what the series span; none for a recurrent cell.
    pub fn ranges_of(settings: &ModelSettings, sequences: &Sequences) -> Vec<[f64; 2]> {
        let Kind::Reservoir(reservoir) = settings.kind() else { return Vec::new() };
        let span = |input: usize| {
            let values = sequences.rows.iter().flat_map(|rows| rows.iter().skip(input).step_by(sequences.inputs));
            let ends = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(*value), high.max(*value)]);
            if ends[0] < ends[1] { ends } else { [ends[0] - 0.5, ends[0] + 0.5] }
        };
        (0..sequences.inputs).map(|input| reservoir.range().unwrap_or_else(|| span(input))).collect()
    }

    /// What it is made of.
    pub fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    /// Which features the readout sees.
    pub fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// The ranges of the inputs of a reservoir; none of a recurrent cell.
    pub fn ranges(&self) -> &[[f64; 2]] {
        &self.ranges
    }

    /// All parameters: of a recurrent cell `cell.*`, then `readout.weight` and `readout.bias`.
    pub fn parameters(&self) -> &Parameters<f64> {
        &self.parameters
    }

    /// Numbers the readout sees.
    pub fn features(&self) -> usize {
        match &self.body {
            Body::Cell(cell) => cell.outputs(),
            Body::Reservoir { reservoir, .. } => reservoir.features(),
        }
    }

    /// Whether only the readout is trained.
    pub fn reservoir(&self) -> bool {
        match self.settings.kind() {
            Kind::Cell(cell) => cell.reservoir(),
            Kind::Reservoir(_) => true,
        }
    }

    /// Number of parameters that are trained.
    pub fn trained(&self) -> usize {
        if self.reservoir() { (self.features() + 1) * self.classes } else { self.parameters.values().len() }
    }

    /// Rows that a series must have: one more than the wash-out of a reservoir.
    pub fn shortest(&self) -> usize {
        match &self.body {
            Body::Cell(_) => 1,
            Body::Reservoir { wash_out, .. } => wash_out + 1,
        }
    }

    fn check(&self, sequences: &[&[f64]]) -> Result<(), LearnError> {
        let shortest = self.shortest();
        match sequences.iter().position(|rows| rows.len() < shortest * self.inputs) {
            Some(place) => {
                let (number, length) = (place + 1, sequences[place].len() / self.inputs);
                Err(LearnError::SequenceTooShort { number, length, shortest })
            }
            None => Ok(()),
        }
    }

    /// The features of series on the tape, one row each. Shorter ones go on with zeros, whose outputs have no weight.
    pub(super) fn on_tape<'a>(&'a self, tape: &mut Tape<'a, f64>, sequences: &[&[f64]]) -> Result<Var, LearnError> {
        let Body::Cell(cell) = &self.body else { unreachable!("a reservoir has its features from `features_of`") };
        let (count, inputs, outputs) = (sequences.len(), self.inputs, cell.outputs());
        let steps: Vec<usize> = sequences.iter().map(|rows| rows.len() / inputs).collect();
        let mut state = cell.start(tape, count);
        let mut pooled = tape.zeros((count, outputs));
        for step in 0..steps.iter().copied().max().unwrap_or_default() {
            let row = |rows: &&[f64]| {
                let known = rows.get(step * inputs..(step + 1) * inputs);
                known.map_or_else(|| vec![0.0; inputs], <[f64]>::to_vec)
            };
            let input = tape.constant((count, inputs), &sequences.iter().flat_map(row).collect::<Vec<f64>>());
            let next = cell.step(tape, input, state)?;
            state = next.state;
            let share = |&steps: &usize| match self.pooling {
                Pooling::Last => f64::from(u8::from(step + 1 == steps)),
                Pooling::Mean if step < steps => 1.0 / steps as f64,
                Pooling::Mean => 0.0,
            };
            let shares: Vec<f64> = steps.iter().flat_map(|steps| vec![share(steps); outputs]).collect();
            if shares.iter().any(|share| *share > 0.0) {
                let shares = tape.constant((count, outputs), &shares);
                let part = tape.mul(next.output, shares);
                pooled = tape.add(pooled, part);
            }
        }
        Ok(pooled)
    }

    /// What the readout gives for features on the tape: one number for each class.
    pub(super) fn read<'a>(&'a self, tape: &mut Tape<'a, f64>, features: Var) -> Var {
        self.readout.forward(tape, features)
    }

    /// The features of each series, row by row.
    ///
    /// # Errors
    /// For a series that is not longer than the wash-out, and what the simulation refuses.
    pub fn features_of(&mut self, sequences: &[&[f64]]) -> Result<Vec<f64>, LearnError> {
        self.check(sequences)?;
        let mut features = Vec::with_capacity(sequences.len() * self.features());
        let (inputs, pooling) = (self.inputs, self.pooling);
        if let Body::Reservoir { reservoir, wash_out } = &mut self.body {
            let width = reservoir.features();
            for rows in sequences {
                reservoir.start(false)?;
                let columns: Vec<Vec<f64>> =
                    (0..inputs).map(|input| rows.iter().skip(input).step_by(inputs).copied().collect()).collect();
                let along = reservoir.run(&columns)?;
                let used: Vec<&[f64]> = along.chunks(width).skip(*wash_out).collect();
                let used = if pooling == Pooling::Last { &used[used.len() - 1..] } else { &used[..] };
                features.extend((0..width).map(|k| used.iter().map(|row| row[k]).sum::<f64>() / used.len() as f64));
            }
            return Ok(features);
        }
        self.features_of_cell(sequences)
    }

    /// [`SequenceModel::features_of`] of a recurrent cell, which keeps nothing from series to series.
    pub(super) fn features_of_cell(&self, sequences: &[&[f64]]) -> Result<Vec<f64>, LearnError> {
        let mut features = Vec::with_capacity(sequences.len() * self.features());
        let mut workspace = Workspace::new();
        for part in sequences.chunks(AT_A_TIME) {
            let mut tape = Tape::new(&self.parameters, &mut workspace);
            let values = self.on_tape(&mut tape, part)?;
            features.extend_from_slice(tape.value(values));
        }
        Ok(features)
    }

    /// What the readout gives for each class, series by series, from their features.
    pub fn scores(&self, features: &[f64]) -> Vec<f64> {
        let (weight, bias) = (self.parameters.get(self.readout.weight()), self.parameters.get(self.readout.bias()));
        let classes = self.classes;
        let score = |row: &[f64], class: usize| {
            bias[class] + row.iter().enumerate().map(|(k, x)| x * weight[k * classes + class]).sum::<f64>()
        };
        features.chunks(self.features()).flat_map(|row| (0..classes).map(move |class| score(row, class))).collect()
    }

    /// The class of each series: that of the highest score, the first of several.
    ///
    /// # Errors
    /// As [`SequenceModel::features_of`].
    pub fn predict(&mut self, sequences: &[&[f64]]) -> Result<Vec<usize>, LearnError> {
        let features = self.features_of(sequences)?;
        Ok(highest(&self.scores(&features), self.classes))
    }

    /// Sets the readout of each class: its weights, the bias last.
    pub(super) fn set_readout(&mut self, weights: &[Vec<f64>]) {
        for (class, weights) in weights.iter().enumerate() {
            let (bias, weights) = weights.split_last().expect("a bias");
            self.parameters.get_mut(self.readout.bias())[class] = *bias;
            let matrix = self.parameters.get_mut(self.readout.weight());
            weights.iter().enumerate().for_each(|(k, weight)| matrix[k * self.classes + class] = *weight);
        }
    }
}

/// The class of the highest score of each row, the first of several.
pub(super) fn highest(scores: &[f64], classes: usize) -> Vec<usize> {
    let best = |row: &[f64]| (0..classes).rev().max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or_default();
    scores.chunks(classes).map(best).collect()
}
