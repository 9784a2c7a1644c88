//! Noise as commands take it: that of a device, or depolarizing with given probabilities.

use qloom::circuits::Circuit;
use qloom::hardware::{Device, NoiseModel, UniformNoise};
use qloom::sim::ProgramNoise;

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
    /// Depolarizing after every one- and two-qubit gate, P the probability of replacement by the maximally mixed state; and read-out errors.
    #[arg(long, value_name = "depolarizing1=P,depolarizing2=P,readout=P")]
    noise: Option<String>,
}

impl Noise {
    /// Whether there is any.
    pub fn given(&self) -> bool {
        self.device.is_some() || self.noise.is_some()
    }

    /// The noise model for a circuit on these qubits of the device, ascending.
    ///
    /// # Errors
    /// As [`Noise::model`].
    pub fn model_on(&self, circuit: &Circuit, qubits: &[usize]) -> Result<NoiseModel, Failure> {
        match qubits.last() {
            Some(&last) if last + 1 != qubits.len() => Ok(self.model(&circuit.spread(qubits, last + 1))?.restricted(qubits)),
            Some(_) | None => self.model(circuit),
        }
    }

    /// The device, if there is one.
    ///
    /// # Errors
    /// Bad input when it cannot be read.
    pub fn device(&self) -> Result<Option<Device>, Failure> {
        self.device.as_deref().map(device_file::read_argument).transpose()
    }

    /// Whether qubits relax while they wait.
    pub fn idles(&self) -> bool {
        self.idle
    }

    /// The noise of a program on this many qubits.
    ///
    /// # Errors
    /// Bad input when the device or a probability is wrong, and for qubits that relax while they wait, which needs to know how long.
    pub fn of_program(&self, qubits: usize) -> Result<ProgramNoise<'static>, Failure> {
        if self.idle {
            let message =
                "--idle: how long a qubit waits in a program with control flow is known only when it runs; leave it out";
            return Err(Failure::input(message));
        }
        let device = self.device()?;
        let model = self.model(&Circuit::new(qubits))?;
        let flips = model.readout.clone();
        let gates = move |circuit: &Circuit| {
            if let Some(device) = &device {
                device.check(circuit).map_err(|error| error.to_string())?;
            }
            model.apply(circuit).map_err(|error| error.to_string())
        };
        Ok(ProgramNoise { gates: Box::new(gates), flips })
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
        let noise: UniformNoise = self.noise.as_deref().unwrap_or_default().parse().or_input("--noise")?;
        noise.model(n, false).or_input("--noise")
    }
}
