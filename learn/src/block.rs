//! The circuit of the recurrent cells, as an operation of the tape.

#[cfg(test)]
mod tests;

use std::cell::RefCell;

use qloom_circuits::{Angle, Circuit, PauliString, PauliSum, Stream};
use qloom_estimate::Readout;
use qloom_hardware::UniformNoise;
use qloom_nn::{CustomInputs, Operation, OperationError};
use qloom_sim::{Batch, BatchGradients, BatchParameters, PauliBatch, SimulatorConfig, multinomial, walsh};

use crate::error::{LearnError, check};

/// The most outputs whose joint outcomes are drawn shot by shot.
const MOST_DRAWN: usize = 12;

/// Sizes and noise of a [`Block`].
#[derive(Clone, Debug, PartialEq)]
pub struct BlockSettings {
    /// Qubits.
    pub qubits: usize,
    /// Layers of entanglers and rotations.
    pub depth: usize,
    /// Numbers encoded, at most one a qubit.
    pub inputs: usize,
    /// Qubits measured, from the first.
    pub outputs: usize,
    /// Depolarizing and read-out errors, none without.
    pub noise: Option<UniformNoise>,
    /// Shots for each row; exact values without.
    pub shots: Option<u64>,
}

/// The variational circuit of Chen et al. (arXiv:2211.02612, arXiv:2009.01783): numbers `v` encoded by H, RY(arctan v) and RZ(arctan v^2),
/// then in each layer two rings of CNOT, to the next qubit and to the one after it, and a rotation RZ(w2) RY(w1) RZ(w0) of each qubit;
/// its outputs are the expectation values of Z.
///
/// An operation of the tape with two inputs, the weights (one row of `3 qubits depth`, layer by layer, three to a qubit) and the numbers
/// (one row a circuit). Rows are worked out in the lanes of a batch, gradients by one backward pass.
#[derive(Debug)]
pub struct Block {
    settings: BlockSettings,
    circuit: Circuit,
    engine: RefCell<Engine>,
}

#[derive(Debug)]
struct Engine {
    batch: States,
    /// Where shots come from.
    stream: Stream,
    angles: Vec<f64>,
    values: Vec<f64>,
    shared: Vec<f64>,
    rows: Vec<f64>,
}

#[derive(Debug)]
enum States {
    Pure(Batch<f64>),
    Noisy(PauliBatch),
}

impl States {
    fn values(&mut self, parameters: BatchParameters<'_>, values: &mut [f64]) -> Result<(), qloom_sim::SimError> {
        match self {
            States::Pure(batch) => batch.values(parameters, values),
            States::Noisy(batch) => batch.values(parameters, values),
        }
    }
}

impl Block {
    /// Compiles the circuit; shots are drawn from `stream`.
    ///
    /// # Errors
    /// For no qubit, no layer, more inputs or outputs than qubits, no shots, or more qubits than are simulated.
    pub fn new(settings: BlockSettings, stream: Stream) -> Result<Self, LearnError> {
        let BlockSettings { qubits, depth, inputs, outputs, ref noise, shots } = settings;
        check("qubits", qubits as f64, (1..=16).contains(&qubits), "from 1 to 16")?;
        check("depth", depth as f64, (1..=1000).contains(&depth), "from 1 to 1000")?;
        check("inputs of a circuit", inputs as f64, inputs <= qubits, "at most the number of qubits")?;
        check("outputs of a circuit", outputs as f64, (1..=qubits).contains(&outputs), "from 1 to the number of qubits")?;
        let circuit = circuit(qubits, depth, inputs);
        let observables: Vec<PauliSum> = match shots {
            None => (0..outputs).map(|qubit| PauliSum::z(qubit, qubits)).collect(),
            Some(shots) => {
                check("shots", shots as f64, shots > 0, "at least 1")?;
                check("outputs measured by shots", outputs as f64, outputs <= MOST_DRAWN, "at most 12")?;
                let parity = |mask: u64| PauliSum::new(qubits, [(PauliString::from_masks(0, mask), 1.0)]);
                (0..1 << outputs).map(parity).collect::<Result<_, _>>()?
            }
        };
        let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
        let batch = match noise {
            None => States::Pure(Batch::new(&circuit, &observables, config)?),
            Some(noise) => {
                let model = noise.model(qubits, false)?;
                let readout = Readout::new(&model.readout)?;
                let read = observables.iter().map(|sum| readout.observable(sum)).collect::<Result<Vec<PauliSum>, _>>()?;
                States::Noisy(PauliBatch::new(&model.apply(&circuit)?, &read, config)?)
            }
        };
        let (angles, values, shared, rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let engine = RefCell::new(Engine { batch, stream, angles, values, shared, rows });
        Ok(Self { settings, circuit, engine })
    }

    /// Number of weights, `3 qubits depth`.
    pub fn num_weights(&self) -> usize {
        3 * self.settings.qubits * self.settings.depth
    }

    /// Its sizes.
    pub fn settings(&self) -> &BlockSettings {
        &self.settings
    }

    /// The circuit with these weights and numbers.
    ///
    /// # Errors
    /// When a number is not finite, or there are too many or too few.
    pub fn bound(&self, weights: &[f64], numbers: &[f64]) -> Result<Circuit, LearnError> {
        let angles: Vec<f64> = weights.iter().copied().chain(numbers.iter().flat_map(|v| [v.atan(), (v * v).atan()])).collect();
        Ok(self.circuit.bind(&angles)?)
    }
}

/// Weights are the first parameters, then the two angles of each number.
fn circuit(qubits: usize, depth: usize, inputs: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits);
    let weights = 3 * qubits * depth;
    circuit.reserve_parameters(weights + 2 * inputs);
    for qubit in 0..inputs {
        circuit.h(qubit);
        circuit.ry(Angle::free(weights + 2 * qubit), qubit).rz(Angle::free(weights + 2 * qubit + 1), qubit);
    }
    for layer in 0..depth {
        for step in [1, 2] {
            for qubit in (0..qubits).filter(|qubit| (qubit + step) % qubits != *qubit) {
                circuit.cx(qubit, (qubit + step) % qubits);
            }
        }
        for qubit in 0..qubits {
            let first = 3 * (layer * qubits + qubit);
            circuit.rz(Angle::free(first), qubit).ry(Angle::free(first + 1), qubit).rz(Angle::free(first + 2), qubit);
        }
    }
    circuit
}

/// The two angles of each number.
fn encode(numbers: &[f64], angles: &mut Vec<f64>) {
    angles.clear();
    angles.extend(numbers.iter().flat_map(|v| [v.atan(), (v * v).atan()]));
}

impl Operation<f64> for Block {
    fn name(&self) -> &'static str {
        "recurrent circuit"
    }

    fn forward(&self, inputs: &CustomInputs<'_, f64>, out: &mut [f64]) -> Result<(), OperationError> {
        let Engine { batch, stream, angles, values, .. } = &mut *self.engine.borrow_mut();
        encode(inputs[1].0, angles);
        let parameters = BatchParameters { shared: inputs[0].0, rows: angles };
        let Some(shots) = self.settings.shots else {
            return Ok(batch.values(parameters, out)?);
        };
        let outputs = self.settings.outputs;
        values.clear();
        values.resize(inputs[1].1.0 << outputs, 0.0);
        batch.values(parameters, values)?;
        for (parities, out) in values.chunks_mut(1 << outputs).zip(out.chunks_mut(outputs)) {
            // probabilities are the Walsh transform of the parities
            walsh(parities);
            let mut ones = vec![0u64; outputs];
            multinomial(parities, shots, stream, |outcome, times| {
                ones.iter_mut().enumerate().for_each(|(qubit, ones)| *ones += times * (outcome >> qubit & 1) as u64);
            });
            out.iter_mut().zip(ones).for_each(|(z, ones)| *z = 1.0 - 2.0 * ones as f64 / shots as f64);
        }
        Ok(())
    }

    fn backward(
        &self,
        inputs: &CustomInputs<'_, f64>,
        out: &[f64],
        cotangent: &[f64],
        gradients: &mut [Option<&mut [f64]>],
    ) -> Result<(), OperationError> {
        if self.settings.shots.is_some() {
            return Err("the circuits' values come from shots, which have no exact gradient; train the readout alone".into());
        }
        let Engine { batch, angles, values, shared, rows, .. } = &mut *self.engine.borrow_mut();
        encode(inputs[1].0, angles);
        let parameters = BatchParameters { shared: inputs[0].0, rows: angles };
        for (list, length) in [(&mut *values, out.len()), (&mut *shared, inputs[0].0.len()), (&mut *rows, angles.len())] {
            list.clear();
            list.resize(length, 0.0);
        }
        let wanted = BatchGradients { shared, rows };
        match batch {
            States::Pure(batch) => batch.vjp(parameters, cotangent, values, wanted)?,
            States::Noisy(batch) => batch.vjp(parameters, cotangent, values, wanted)?,
        }
        if let Some(gradient) = &mut gradients[0] {
            gradient.copy_from_slice(shared);
        }
        if let Some(gradient) = &mut gradients[1] {
            for ((gradient, v), slopes) in gradient.iter_mut().zip(inputs[1].0).zip(rows.chunks_exact(2)) {
                let square = v * v;
                *gradient = slopes[0] / (1.0 + square) + slopes[1] * 2.0 * v / (1.0 + square * square);
            }
        }
        Ok(())
    }
}
