//! Circuits with the noise of settings, and batches of states with and without it.

use qloom_circuits::{Circuit, PauliString, PauliSum};
use qloom_estimate::Readout;
use qloom_hardware::{CompileOptions, Device, UniformNoise, compile};
use qloom_sim::{Batch, BatchGradients, BatchParameters, PauliBatch, SimError, SimulatorConfig};

use crate::error::LearnError;

/// A circuit as it is run: noise is in it.
#[derive(Clone, Debug)]
pub(crate) struct RunCircuit {
    pub circuit: Circuit,
    /// Whether there is noise.
    pub noisy: bool,
    /// The qubit that each qubit of the circuit given ends on, and how all are read.
    read: Option<(Vec<usize>, Readout)>,
}

impl RunCircuit {
    /// The circuit with noise that is the same everywhere, or compiled for a device and with its noise: the errors of its native gates and of
    /// reading out; none where there is neither. Parameters keep their numbers.
    ///
    /// # Errors
    /// For noise of both kinds, a probability outside 0 to 1, and a device that does not have the qubits.
    pub fn new(circuit: &Circuit, noise: Option<&UniformNoise>, device: Option<&Device>) -> Result<Self, LearnError> {
        match (noise, device) {
            (None, None) => Ok(Self { circuit: circuit.clone(), noisy: false, read: None }),
            (Some(_), Some(_)) => Err(LearnError::Unsupported {
                what: "noise and device are both given, and a circuit has one noise",
                remedy: "leave one out",
            }),
            (Some(noise), None) => {
                let qubits = circuit.num_qubits();
                let model = noise.model(qubits, false)?;
                let read = ((0..qubits).collect(), Readout::new(&model.readout)?);
                Ok(Self { circuit: model.apply(circuit)?, noisy: true, read: Some(read) })
            }
            (None, Some(device)) => {
                // from level 2 on phases that one state does not show are left out, and overlaps of two would
                let compiled = compile(circuit, device, &CompileOptions { level: 1, seed: 0 })?;
                let touched = compiled.circuit.operations().iter().flat_map(|operation| operation.qubits().to_vec());
                let mut used: Vec<usize> = touched.chain(compiled.final_layout.iter().copied()).collect();
                used.sort_unstable();
                used.dedup();
                let model = device.noise(compiled.circuit.num_qubits())?.restricted(&used);
                let circuit = model.apply(&compiled.circuit.restricted(&used))?;
                let place = |qubit: &usize| used.partition_point(|other| other < qubit);
                let ends = compiled.final_layout.iter().map(place).collect();
                Ok(Self { circuit, noisy: true, read: Some((ends, Readout::new(&model.readout)?)) })
            }
        }
    }

    /// Another circuit on the same qubits, with the noise in it already, read the same way.
    pub fn with(&self, circuit: &Circuit) -> Self {
        Self { circuit: circuit.clone(), ..self.clone() }
    }

    /// An observable of Z alone on the qubits of the circuit given, as it is read.
    ///
    /// # Errors
    /// When it does not fit the qubits.
    pub fn observable(&self, observable: &PauliSum) -> Result<PauliSum, LearnError> {
        let Some((ends, readout)) = &self.read else { return Ok(observable.clone()) };
        let moved = |mask: u64| (0..ends.len()).filter(|q| mask >> q & 1 == 1).fold(0, |sum, q| sum | 1u64 << ends[q]);
        let terms =
            observable.terms().iter().map(|(string, weight)| (PauliString::from_masks(0, moved(string.z_mask())), *weight));
        Ok(readout.observable(&PauliSum::new(self.circuit.num_qubits(), terms)?)?)
    }

    /// A batch of its states with observables of Z alone.
    ///
    /// # Errors
    /// What the simulator refuses.
    pub fn states(&self, observables: &[PauliSum], config: SimulatorConfig) -> Result<States, LearnError> {
        let read = observables.iter().map(|sum| self.observable(sum)).collect::<Result<Vec<PauliSum>, _>>()?;
        Ok(match self.noisy {
            false => States::Pure(Box::new(Batch::new(&self.circuit, &read, config)?)),
            true => States::Noisy(Box::new(PauliBatch::new(&self.circuit, &read, config)?)),
        })
    }
}

/// States of many parameter vectors at a time.
#[derive(Debug)]
pub(crate) enum States {
    /// Without noise.
    Pure(Box<Batch<f64>>),
    /// With noise.
    Noisy(Box<PauliBatch>),
}

impl States {
    /// As [`Batch::values`].
    pub fn values(&mut self, parameters: BatchParameters<'_>, values: &mut [f64]) -> Result<(), SimError> {
        match self {
            States::Pure(batch) => batch.values(parameters, values),
            States::Noisy(batch) => batch.values(parameters, values),
        }
    }

    /// As [`Batch::vjp`].
    pub fn vjp(
        &mut self,
        parameters: BatchParameters<'_>,
        cotangents: &[f64],
        values: &mut [f64],
        gradients: BatchGradients<'_>,
    ) -> Result<(), SimError> {
        match self {
            States::Pure(batch) => batch.vjp(parameters, cotangents, values, gradients),
            States::Noisy(batch) => batch.vjp(parameters, cotangents, values, gradients),
        }
    }
}
