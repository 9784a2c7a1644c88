//! Noise as commands are told of it: a device's file, or depolarizing by its size.

use std::path::PathBuf;

use qloom::circuits::{Channel, Circuit};
use qloom::hardware::NoiseModel;

use crate::device_file;
use crate::failure::{Failure, OrFailure};

/// Where noise comes from.
#[derive(clap::Args)]
pub struct Noise {
    /// A device's file (.toml, IBM's .json or .csv): relaxation and depolarizing after each gate, errors of reading out.
    #[arg(long, value_name = "FILE", conflicts_with = "noise")]
    device: Option<PathBuf>,
    /// Qubits of the device also relax while they wait for others.
    #[arg(long, requires = "device")]
    idle: bool,
    /// Depolarizing after every one- and two-qubit gate; p is the probability of replacement by the maximally mixed state.
    #[arg(long, value_name = "depolarizing1=P,depolarizing2=P")]
    noise: Option<String>,
}

impl Noise {
    /// Whether there is any.
    pub fn given(&self) -> bool {
        self.device.is_some() || self.noise.is_some()
    }

    /// The noise model for a circuit.
    ///
    /// # Errors
    /// Bad input when the device's file or a probability is wrong, or the device cannot run the circuit.
    pub fn model(&self, circuit: &Circuit) -> Result<NoiseModel, Failure> {
        let n = circuit.num_qubits();
        if let Some(name) = &self.device {
            let device = device_file::read(name)?;
            let mut model = device.noise(n).or_input(name.display())?;
            device.check(circuit).or_input(name.display())?;
            if self.idle {
                model.idle = Some(device.idle_noise(n).or_input(name.display())?);
            }
            return Ok(model);
        }
        let mut model = NoiseModel::default();
        for part in self.noise.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong =
                || Failure::input(format!("--noise {part}: write depolarizing1=P or depolarizing2=P with P between 0 and 1"));
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let p: f64 = value.trim().parse().map_err(|_| wrong())?;
            let qubits = match name.trim() {
                "depolarizing1" => 1,
                "depolarizing2" => 2,
                _ => return Err(wrong()),
            };
            model.after_gates(qubits, Channel::depolarizing(p, qubits).or_input(format!("--noise {part}"))?);
        }
        Ok(model)
    }
}
