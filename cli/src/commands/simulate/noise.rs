//! `qloom simulate --state pauli-vector`: a circuit under noise, exactly.

use std::path::{Path, PathBuf};
use std::time::Instant;

use qloom::circuits::{Channel, Circuit, PauliSum};
use qloom::sim::{Device, NoiseModel, PauliProgram, PauliVector, SimulatorConfig, before_last_measurements};

use crate::failure::{Failure, OrFailure};
use crate::{experiment, files};

/// Where noise comes from.
#[derive(clap::Args)]
pub struct Noise {
    /// A device's TOML file: relaxation and depolarizing after each gate, read-out errors in the probabilities.
    #[arg(long, value_name = "FILE.toml", conflicts_with = "noise")]
    device: Option<PathBuf>,
    /// Depolarizing after every one- and two-qubit gate; p is the probability of replacement by the maximally mixed state.
    #[arg(long, value_name = "depolarizing1=P,depolarizing2=P")]
    noise: Option<String>,
}

impl Noise {
    /// Whether there is any.
    pub fn given(&self) -> bool {
        self.device.is_some() || self.noise.is_some()
    }

    /// The noise model for a circuit on this many qubits.
    ///
    /// # Errors
    /// Bad input when the device's file or a probability is wrong.
    pub fn model(&self, num_qubits: usize) -> Result<NoiseModel, Failure> {
        if let Some(name) = &self.device {
            let path = experiment::find_data(name, Path::new("."))?;
            let text = files::read_text(&path)?;
            let device: Device = toml::from_str(&text).or_input(format!("{} describes no device", path.display()))?;
            return device.noise(num_qubits).or_input(path.display());
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

/// What a noisy simulation gives.
pub struct Noisy {
    /// Probability of every outcome, read-out errors included.
    pub probabilities: Vec<f64>,
    pub expectation_z: Vec<f64>,
    pub expectation: Option<f64>,
    pub purity: f64,
    pub seconds: Vec<f64>,
    pub plan_seconds: f64,
}

/// Runs the circuit under the noise model on a Pauli vector.
///
/// # Errors
/// Failed work when the state does not fit into memory or the circuit decides on measured bits.
pub fn simulate(
    circuit: &Circuit,
    noise: &Noise,
    observable: Option<&PauliSum>,
    repeat: u64,
    config: SimulatorConfig,
) -> Result<Noisy, Failure> {
    let place = "cannot simulate";
    let n = circuit.num_qubits();
    let model = noise.model(n)?;
    let plan = Instant::now();
    let noisy = model.apply(&before_last_measurements(circuit)).or_input(place)?;
    let program = PauliProgram::new(&noisy).or_work(place)?;
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut state = PauliVector::zero(n, config).or_work(place)?;
    let mut seconds = Vec::new();
    for _ in 0..repeat {
        let start = Instant::now();
        state.prepare(&program, &[]).or_work(place)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let mut probabilities = state.probabilities();
    model.read_out(&(0..n).collect::<Vec<_>>(), &mut probabilities);
    let expectation = observable.map(|sum| state.expectation(sum).or_work(place)).transpose()?;
    let (expectation_z, purity) = (state.expectation_z(), state.purity());
    Ok(Noisy { probabilities, expectation_z, expectation, purity, seconds, plan_seconds })
}
