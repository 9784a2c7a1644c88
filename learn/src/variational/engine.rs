//! What gives the scores of rows: exact values, with noise, or from finitely many shots.

use qloom_circuits::{Circuit, PauliSum, Stream};
use qloom_estimate::{ParameterShift, ShiftedValue};
use qloom_sim::{BatchGradients, BatchParameters, SimulatorConfig, binomial, multinomial};

use super::{ClassReadout, VariationalSettings};
use crate::error::{LearnError, check};
use crate::noisy::{RunCircuit, States};

/// Scores of rows, one for each class, and the products of cotangents with their derivatives.
#[derive(Debug)]
pub(crate) struct ScoreEngine {
    circuit: RunCircuit,
    observables: Vec<PauliSum>,
    readout: ClassReadout,
    shots: Option<u64>,
    /// Parameters shared by all rows, the first ones.
    weights: usize,
    config: SimulatorConfig,
    states: States,
    /// Made when a derivative from shots is wanted.
    shifts: Option<Box<Shifts>>,
}

/// The circuit with each angle a parameter of its own, and what a derivative is made of.
#[derive(Debug)]
struct Shifts {
    rule: ParameterShift,
    wanted: Vec<ShiftedValue>,
    states: States,
}

/// Rows of shifted angles that are simulated at a time.
const AT_A_TIME: usize = 4096;

impl ScoreEngine {
    /// # Errors
    /// For no shots, and what the noise, the readout or the simulator refuses.
    pub fn new(
        settings: &VariationalSettings,
        circuit: &Circuit,
        (weights, classes): (usize, usize),
        config: SimulatorConfig,
    ) -> Result<Self, LearnError> {
        if let Some(shots) = settings.shots {
            check("shots", shots as f64, (1..=1_000_000_000).contains(&shots), "from 1 to 1000000000")?;
        }
        let observables = settings.readout.observables(circuit.num_qubits(), classes)?;
        let circuit = RunCircuit::new(circuit, settings.noise.as_ref(), settings.device.as_deref())?;
        let states = circuit.states(&observables, config)?;
        let (readout, shots) = (settings.readout, settings.shots);
        Ok(Self { circuit, observables, readout, shots, weights, config, states, shifts: None })
    }

    /// The scores of each row; those from shots are drawn, for each row by itself.
    pub fn scores(&mut self, parameters: BatchParameters<'_>, scores: &mut [f64], stream: &mut Stream) -> Result<(), LearnError> {
        self.states.values(parameters, scores)?;
        if let Some(shots) = self.shots {
            scores.chunks_mut(self.observables.len()).for_each(|row| draw(self.readout, row, shots, stream));
        }
        Ok(())
    }

    /// Adds the derivatives by the weights of the sum of cotangents times scores: exact by one backward pass, or from shots by the
    /// parameter-shift rule, with as many shots for every shifted value.
    pub fn add_gradient(
        &mut self,
        parameters: BatchParameters<'_>,
        cotangents: &[f64],
        gradient: &mut [f64],
        stream: &mut Stream,
    ) -> Result<(), LearnError> {
        if self.shots.is_some() {
            return self.add_shifted(parameters, cotangents, gradient, stream);
        }
        let (mut values, mut shared) = (vec![0.0; cotangents.len()], vec![0.0; gradient.len()]);
        let mut rows = vec![0.0; parameters.rows.len()];
        let gradients = BatchGradients { shared: &mut shared, rows: &mut rows };
        self.states.vjp(parameters, cotangents, &mut values, gradients)?;
        gradient.iter_mut().zip(shared).for_each(|(sum, slope)| *sum += slope);
        Ok(())
    }

    fn add_shifted(
        &mut self,
        parameters: BatchParameters<'_>,
        cotangents: &[f64],
        gradient: &mut [f64],
        stream: &mut Stream,
    ) -> Result<(), LearnError> {
        let (classes, shots) = (self.observables.len(), self.shots.unwrap_or(1));
        if self.shifts.is_none() {
            let rule = ParameterShift::new(&self.circuit.circuit)?;
            let wanted = rule.shifted_values(|parameter| parameter < self.weights);
            let states = self.circuit.with(rule.circuit()).states(&self.observables, self.config)?;
            self.shifts = Some(Box::new(Shifts { rule, wanted, states }));
        }
        let Some(Shifts { rule, wanted, states }) = self.shifts.as_deref_mut() else { return Ok(()) };
        let count = cotangents.len() / classes;
        let width = parameters.rows.len() / count.max(1);
        let (mut angles, mut values) = (Vec::new(), Vec::new());
        // a row takes all of its shifts at once, several rows as many as there is room for
        let together = (AT_A_TIME / wanted.len().max(1)).max(1);
        for first in (0..count).step_by(together) {
            let rows = first..count.min(first + together);
            angles.clear();
            for row in rows.clone() {
                let own = [parameters.shared, &parameters.rows[row * width..(row + 1) * width]].concat();
                let own = rule.angles(&own)?;
                for shifted in wanted.iter() {
                    angles.extend_from_slice(&own);
                    let start = angles.len() - own.len();
                    angles[start + shifted.angle] += shifted.shift;
                }
            }
            values.clear();
            values.resize(rows.len() * wanted.len() * classes, 0.0);
            if values.is_empty() {
                continue;
            }
            states.values(BatchParameters::rows(&angles), &mut values)?;
            for (place, scores) in values.chunks_mut(classes).enumerate() {
                draw(self.readout, scores, shots, stream);
                let (row, shifted) = (first + place / wanted.len(), &wanted[place % wanted.len()]);
                let sum: f64 = scores.iter().zip(&cotangents[row * classes..]).map(|(score, weight)| score * weight).sum();
                gradient[shifted.parameter] += shifted.coefficient * sum;
            }
        }
        Ok(())
    }
}

/// Exact scores of a row in, shares of drawn shots out: joint outcomes of a readout of probabilities; for expectation values those of each
/// qubit from runs of its own.
fn draw(readout: ClassReadout, scores: &mut [f64], shots: u64, stream: &mut Stream) {
    let share = |count: u64| count as f64 / shots as f64;
    if readout.is_probability() {
        let mut counts = vec![0; scores.len()];
        multinomial(scores, shots, stream, |class, times| counts[class] += times);
        scores.iter_mut().zip(counts).for_each(|(score, count)| *score = share(count));
    } else {
        scores.iter_mut().for_each(|z| *z = 2.0 * share(binomial(shots, (0.5 + 0.5 * *z).clamp(0.0, 1.0), stream)) - 1.0);
    }
}
