//! Noise as commands take it: that of a device, or depolarizing with given probabilities.

use qloom::circuits::{Channel, Circuit};
use qloom::hardware::NoiseModel;

use crate::device_file;
use crate::failure::{Failure, OrFailure};

/// Where noise comes from.
#[derive(clap::Args)]
pub struct Noise {
    /// The noise of a device, a machine's name or a file (.toml, .json, .csv): relaxation and depolarizing after each gate, read-out errors.
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "noise")]
    device: Option<String>,
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
    /// Bad input when the device or a probability is wrong, or the device cannot run the circuit.
    pub fn model(&self, circuit: &Circuit) -> Result<NoiseModel, Failure> {
        let n = circuit.num_qubits();
        if let Some(name) = &self.device {
            let device = device_file::read_argument(name)?;
            device_file::warn_if_perfect(&device);
            let mut model = device.noise(n).or_input(name)?;
            device.check(circuit).or_input(name)?;
            if self.idle {
                model.idle = Some(device.idle_noise(n).or_input(name)?);
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
