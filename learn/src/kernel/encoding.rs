//! From settings to the circuit that encodes a row.

use qloom_circuits::library::FeatureMap;
use qloom_circuits::{Angle, Circuit};
use qloom_hardware::{Device, UniformNoise};
use serde::{Deserialize, Serialize};

use super::MapSettings;
use crate::error::{LearnError, check};
use crate::noisy::RunCircuit;
use crate::variational::{AnsatzSettings, joined};

/// How a row of data becomes a state: a feature map, trained rotations before it, and noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    /// The map.
    pub map: MapSettings,
    /// What stands before it, and its angles.
    pub front: Option<(FrontSettings, Vec<f64>)>,
    /// Depolarizing noise after gates.
    pub noise: Option<UniformNoise>,
    /// A device that the circuit is compiled for, with its noise.
    pub device: Option<Box<Device>>,
}

/// A trained circuit before the feature map, as often as they are repeated together: a kernel of its own for every choice of its angles
/// (Hubregtsen et al., Phys. Rev. A 106, 042431 (2022); with one layer the covariant kernels of Glick et al., Nat. Phys. 20, 479 (2024)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrontSettings {
    /// One layer of the trained circuit. Default real-amplitudes.
    pub ansatz: AnsatzSettings,
    /// Trained layers, each with the whole map behind it. Default 2.
    pub layers: usize,
    /// Passes over the training rows. Default 50.
    pub epochs: usize,
    /// Rows for each step, whose alignment with their labels is raised. Default 50.
    pub batch: usize,
    /// That of Adam. Default 0.1.
    pub learning_rate: f64,
}

impl Default for FrontSettings {
    fn default() -> Self {
        let entanglement = qloom_circuits::library::Entanglement::Linear;
        Self { ansatz: AnsatzSettings::RealAmplitudes { entanglement }, layers: 2, epochs: 50, batch: 50, learning_rate: 0.1 }
    }
}

impl From<&MapSettings> for Encoding {
    fn from(map: &MapSettings) -> Self {
        Self { map: map.clone(), front: None, noise: None, device: None }
    }
}

impl Encoding {
    /// Whether its states are pure.
    pub fn is_pure(&self) -> bool {
        self.noise.is_none() && self.device.is_none()
    }

    /// The map, and the circuit that is run for a row, open in the angles of the map.
    ///
    /// # Errors
    /// What the map, the front or the noise refuses, and read-out errors: kernels are of states, not of readings.
    pub(crate) fn build(&self, num_features: usize) -> Result<(FeatureMap, RunCircuit), LearnError> {
        let map = self.map.build(num_features)?;
        let circuit = match &self.front {
            None => map.circuit().clone(),
            Some((front, weights)) => {
                let (open, expected) = front.circuit(&map)?;
                if weights.len() != expected {
                    let given = weights.len();
                    return Err(LearnError::SizeMismatch { what: "angles of the trained kernel", expected, given });
                }
                fixed(&open, weights)?
            }
        };
        let run = self.run(&circuit)?;
        Ok((map, run))
    }

    /// The circuit with the noise.
    pub(crate) fn run(&self, circuit: &Circuit) -> Result<RunCircuit, LearnError> {
        if self.noise.as_ref().is_some_and(|noise| noise.readout != 0.0) {
            return Err(LearnError::Unsupported {
                what: "a kernel compares states, and read-out errors are not in them",
                remedy: "leave out readout of the noise",
            });
        }
        RunCircuit::new(circuit, self.noise.as_ref(), self.device.as_deref())
    }
}

impl FrontSettings {
    /// The circuit, open in its angles and behind them those of the map; and how many of its own there are.
    ///
    /// # Errors
    /// For no layer, or more than 100.
    pub(crate) fn circuit(&self, map: &FeatureMap) -> Result<(Circuit, usize), LearnError> {
        check("layers of the trained kernel", self.layers as f64, (1..=100).contains(&self.layers), "from 1 to 100")?;
        let ansatz = self.ansatz.circuit(map.num_features(), 1)?;
        let circuit = joined(map, &ansatz, self.layers, true)?;
        Ok((circuit, self.layers * ansatz.num_parameters()))
    }
}

/// The circuit with its first parameters as numbers; those behind them are counted from 0.
fn fixed(circuit: &Circuit, weights: &[f64]) -> Result<Circuit, LearnError> {
    let mut values = weights.to_vec();
    values.resize(circuit.num_parameters(), 0.0);
    let mut bound = Circuit::new(circuit.num_qubits());
    bound.reserve_parameters(circuit.num_parameters() - weights.len());
    for operation in circuit.operations() {
        bound.push(operation.map_angles(&mut |angle| match angle {
            Angle::Free { index, scale, offset } if index >= weights.len() => {
                Angle::Free { index: index - weights.len(), scale, offset }
            }
            Angle::Free { .. } | Angle::Fixed(_) => Angle::Fixed(angle.value(&values)),
        }))?;
    }
    Ok(bound)
}
