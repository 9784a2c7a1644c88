//! What a kernel's alignment lacks, as a function of the circuit before its map, for searches of circuits.

use qloom_circuits::Circuit;
use qloom_circuits::library::FeatureMap;
use qloom_sim::SimulatorConfig;

use super::alignment::{EncodedLabels, KernelStates};
use super::{Encoding, FrontSettings};
use crate::error::LearnError;
use crate::examples::Examples;
use crate::variational::{joined, one_layer, same_qubits};

/// What a kernel lacks to agree with the labels of rows when a circuit stands before its map: 1 less the centred alignment of the kernel
/// matrix, as a function of the circuit and of its angles, and of nothing else.
///
/// Costs as [`KernelAlignment`].
#[derive(Debug)]
pub(crate) struct KernelLoss {
    encoding: Encoding,
    map: FeatureMap,
    rows: EncodedLabels,
    config: SimulatorConfig,
    /// With the circuit of the last `rebuild`.
    states: KernelStates,
}

impl KernelLoss {
    /// The loss of these rows; there is no circuit yet, and that of the encoding is not used.
    ///
    /// # Errors
    /// For more than 8 qubits, more than one layer in front, and what the encoding refuses.
    pub fn new(
        encoding: &Encoding,
        front: &FrontSettings,
        examples: &Examples,
        config: SimulatorConfig,
    ) -> Result<Self, LearnError> {
        one_layer("layers of the trained kernel", front.layers)?;
        let map = encoding.map.build(examples.width())?;
        let rows = EncodedLabels::new(&map, examples)?;
        let states = KernelStates::new(&encoding.run(map.circuit())?.circuit, config)?;
        Ok(Self { encoding: encoding.clone(), map, rows, config, states })
    }

    /// Number of qubits of its circuits.
    pub fn num_qubits(&self) -> usize {
        self.map.num_features()
    }

    /// Takes a circuit.
    ///
    /// # Errors
    /// When it is on another number of qubits, or the simulator refuses it.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), LearnError> {
        same_qubits(circuit, self.num_qubits())?;
        let open = joined(&self.map, circuit, 1, true)?;
        self.states = KernelStates::new(&self.encoding.run(&open)?.circuit, self.config)?;
        Ok(())
    }

    /// The loss at these angles.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn value(&mut self, angles: &[f64]) -> Result<f64, LearnError> {
        Ok(1.0 - self.states.alignment(&self.rows, &self.rows.all(), angles)?)
    }

    /// The loss at these angles and its derivatives.
    ///
    /// # Errors
    /// What the simulation refuses.
    pub fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, LearnError> {
        gradient.fill(0.0);
        let all = self.rows.all();
        Ok(1.0 - self.states.slopes(&self.rows, &all, angles, gradient)?)
    }
}
