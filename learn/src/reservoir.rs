//! Reservoirs: systems with a memory that are driven by a series and never trained; a linear readout of their features is.

mod circuit;
mod echo;
mod reading;
mod spin;
#[cfg(test)]
mod tests;
use std::fmt::Debug;

use qloom_circuits::{Circuit, Stream};
use qloom_sim::binomial;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
pub use circuit::QuantumReservoir;
pub use echo::EchoState;
pub use reading::{Reading, Readouts};
pub use spin::SpinNetwork;

/// Which reservoir, and its sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReservoirSettings {
    /// A circuit applied again and again.
    QuantumReservoir(QuantumReservoir),
    /// A transverse-field Ising model.
    SpinNetwork(SpinNetwork),
    /// The classical echo-state network.
    EchoState(EchoState),
}

impl ReservoirSettings {
    fn reading(&self) -> Reading {
        match self {
            ReservoirSettings::QuantumReservoir(settings) => settings.reading.clone(),
            ReservoirSettings::SpinNetwork(settings) => settings.reading.clone(),
            ReservoirSettings::EchoState(settings) => settings.reading(),
        }
    }

    /// Steps before the features are free of the state at the start.
    pub fn wash_out(&self) -> usize {
        self.reading().wash_out
    }

    /// The range of the inputs, where it is given.
    pub fn range(&self) -> Option<[f64; 2]> {
        self.reading().range
    }
}

/// A system with a memory.
trait Memory: Debug + Send {
    /// Number of features a step.
    fn features(&self) -> usize;

    /// The circuit of a series, where it is made of gates.
    fn program(&self, _rows: &[Vec<f64>]) -> Option<Result<Circuit, LearnError>> {
        None
    }

    /// Back to the state at the start; with `other` to another one, far away from it.
    fn start(&mut self, other: bool) -> Result<(), LearnError>;

    /// One step under inputs, each from 0 to 1; its features are appended.
    fn step(&mut self, inputs: &[f64], features: &mut Vec<f64>) -> Result<(), LearnError>;
}

/// A reservoir with its state.
///
/// ```
/// use qloom_circuits::Stream;
/// use qloom_learn::{Reservoir, ReservoirSettings, SpinNetwork};
/// let settings = ReservoirSettings::SpinNetwork(SpinNetwork { qubits: 3, ..SpinNetwork::default() });
/// let mut reservoir = Reservoir::new(&settings, &[[0.0, 1.0]], &mut Stream::named(1, "reservoir"))?;
/// let features = reservoir.run(&[vec![0.2, 0.9, 0.4]])?;
/// assert_eq!(features.len(), 3 * reservoir.features());
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct Reservoir {
    memory: Box<dyn Memory>,
    reading: Reading,
    /// Of each input: what is encoded as 0 and as 1.
    ranges: Vec<[f64; 2]>,
    shots: Stream,
    shots_at_start: Stream,
    /// Features of the step before, for feedback.
    last: Vec<f64>,
    /// Inputs seen lately, where each step begins anew.
    seen: Vec<Vec<f64>>,
}

impl Reservoir {
    /// Draws a reservoir for as many inputs as there are ranges; a range says which values are encoded as 0 and as 1.
    ///
    /// # Errors
    /// When sizes or settings do not fit.
    pub fn new(settings: &ReservoirSettings, ranges: &[[f64; 2]], stream: &mut Stream) -> Result<Self, LearnError> {
        for range in ranges {
            let fits = range.iter().all(|end| end.is_finite()) && range[0] < range[1];
            check("the width of `range`", range[1] - range[0], fits, "finite and positive")?;
        }
        let reading = settings.reading();
        reading.check()?;
        let inputs = ranges.len();
        let memory: Box<dyn Memory> = match settings {
            ReservoirSettings::QuantumReservoir(settings) => settings.memory(inputs, stream)?,
            ReservoirSettings::SpinNetwork(settings) => settings.memory(inputs, stream)?,
            ReservoirSettings::EchoState(settings) => settings.memory(inputs, stream)?,
        };
        let shots = Stream::named(stream.word(), "shots");
        let last = vec![0.0; memory.features()];
        let shots_at_start = Stream::load(&shots.save());
        Ok(Self { memory, reading, ranges: ranges.to_vec(), shots, shots_at_start, last, seen: Vec::new() })
    }

    /// A whole series, one list an input, as one circuit for a machine, from the state at the start.
    ///
    /// Input qubits that are reset are measured just before, into the bits `inputs`, step by step: averages of the others do not notice.
    /// All qubits are measured after the last step, into the bits `last`. The other readings of earlier steps need a program that ends there.
    ///
    /// # Errors
    /// For reservoirs that are not made of gates, with damping, noise or feedback, and for lists of other lengths.
    pub fn program(&self, columns: &[Vec<f64>]) -> Result<Circuit, LearnError> {
        let length = columns.first().map_or(0, Vec::len);
        if columns.len() != self.ranges.len() || columns.iter().any(|column| column.len() != length) {
            let (expected, given) = (self.ranges.len(), columns.len());
            return Err(LearnError::SizeMismatch { what: "series of one length for a program", expected, given });
        }
        let scaled = |(column, [low, high]): (&Vec<f64>, &[f64; 2]), time: usize| (column[time] - low) / (high - low);
        let row = |time| columns.iter().zip(&self.ranges).map(|pair| scaled(pair, time)).collect();
        let rows: Vec<Vec<f64>> = (0..length).map(row).collect();
        let refused = LearnError::Unsupported {
            what: "only a reservoir made of gates without feedback is a program",
            remedy: "use a quantum reservoir, or a spin network with Trotter steps",
        };
        if self.reading.feedback > 0.0 { Err(refused) } else { self.memory.program(&rows).unwrap_or(Err(refused)) }
    }

    /// Number of features a step.
    pub fn features(&self) -> usize {
        self.memory.features()
    }

    /// Back to the state before the first step; with `other`, to another state far away from it.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn start(&mut self, other: bool) -> Result<(), LearnError> {
        self.last.fill(0.0);
        self.seen.clear();
        self.shots = Stream::load(&self.shots_at_start.save());
        self.memory.start(other)
    }

    /// One step; its features are appended.
    ///
    /// # Errors
    /// For another number of inputs, and what the simulation refuses.
    pub fn step(&mut self, row: &[f64], features: &mut Vec<f64>) -> Result<(), LearnError> {
        if row.len() != self.ranges.len() {
            return Err(LearnError::SizeMismatch { what: "inputs of a step", expected: self.ranges.len(), given: row.len() });
        }
        let scaled: Vec<f64> = row.iter().zip(&self.ranges).map(|(u, [low, high])| (u - low) / (high - low)).collect();
        let Some(rewind) = self.reading.rewind else {
            return self.advance(&scaled, features);
        };
        if self.seen.len() == rewind {
            self.seen.remove(0);
        }
        self.seen.push(scaled);
        self.memory.start(false)?;
        self.last.fill(0.0);
        let seen = std::mem::take(&mut self.seen);
        let mut kept = Vec::new();
        for row in &seen {
            kept.clear();
            self.advance(row, &mut kept)?;
        }
        self.seen = seen;
        features.extend_from_slice(&kept);
        Ok(())
    }

    fn advance(&mut self, scaled: &[f64], features: &mut Vec<f64>) -> Result<(), LearnError> {
        let feedback = self.reading.feedback;
        let inputs: Vec<f64> = scaled
            .iter()
            .zip(&self.last)
            .map(|(s, m)| if feedback == 0.0 { *s } else { (1.0 - feedback) * s + feedback * 0.5 * (1.0 + m) })
            .collect();
        let first = features.len();
        self.memory.step(&inputs, features)?;
        if let Some(shots) = self.reading.shots {
            for value in &mut features[first..] {
                let up = (0.5 * (1.0 + *value)).clamp(0.0, 1.0);
                *value = 2.0 * binomial(shots, up, &mut self.shots) as f64 / shots as f64 - 1.0;
            }
        }
        self.last.copy_from_slice(&features[first..]);
        Ok(())
    }

    /// The features along series of one length, one list an input, row after row, from the state it is in.
    ///
    /// # Errors
    /// As [`Reservoir::step`].
    pub fn run(&mut self, columns: &[Vec<f64>]) -> Result<Vec<f64>, LearnError> {
        let length = columns.first().map_or(0, Vec::len);
        let mut features = Vec::with_capacity(length * self.features());
        for time in 0..length {
            let row: Vec<f64> = columns.iter().map(|column| column[time]).collect();
            self.step(&row, &mut features)?;
        }
        Ok(features)
    }
}
