//! `qloom search refit`: the circuit of a search, its angles fitted anew.

use std::path::PathBuf;

use qloom::circuits::qasm::{self, Dialect, Version};
use qloom::estimate::Reference;
use qloom::qas::{PauliVectorChoice, SearchConfig, SimulatorChoice, StateVectorChoice, refit};
use serde::Serialize;

use super::{Experiment, beside, given, report};
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::{circuit_file, device_file, experiment, files};

/// Fit the angles of a search's circuit anew, such as when the calibration of its device has drifted.
///
/// The gates stay what they are; all angles are fitted by the minimiser of the run's experiment, from where they are, under the noise of
/// --device in place of that of the experiment, or, without --device, under that of the experiment as --set changes it. New angles are taken
/// where their energy, measured anew, is lower. Energies of the circuit as it was and as it is are printed with the noise and without it. The
/// run folder is only read.
///
/// For example: qloom search refit runs/lih4-noisy --device data/devices/mumbai_max.toml --out refitted.qasm
#[derive(clap::Args)]
pub struct Arguments {
    /// The run folder of a search of a Hamiltonian that has ended.
    run: PathBuf,
    /// The device as it is now: a machine's name or a file (.toml, .json, .csv).
    #[arg(long, value_name = "NAME|FILE")]
    device: Option<String>,
    /// Override a key of the run's experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Write the circuit with its new angles, as OpenQASM 3.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Refitted {
    name: String,
    unit: String,
    device: Option<String>,
    energy_before: f64,
    energy: f64,
    error_before: Option<f64>,
    error: Option<f64>,
    noisy_error_before: Option<f64>,
    noisy_error: Option<f64>,
    noiseless_error_before: Option<f64>,
    noiseless_error: Option<f64>,
    largest_turn: f64,
    angles: Vec<f64>,
    evaluations: u64,
    #[serde(skip)]
    is_noisy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    qasm: Option<PathBuf>,
}

impl Report for Refitted {
    fn text(&self) -> String {
        let line = |before: f64, after: f64| format!("{before:.10} before, {after:.10} now {}", self.unit);
        let error = |before: Option<f64>, after: Option<f64>| {
            before.zip(after).map(|(before, after)| format!("{before:.3e} before, {after:.3e} now"))
        };
        let mut rows = vec![("problem", self.name.clone())];
        rows.extend(self.device.iter().map(|device| ("device", device.clone())));
        rows.push(("energy", line(self.energy_before, self.energy)));
        rows.extend(error(self.error_before, self.error).map(|text| ("error", text)));
        if self.is_noisy {
            rows.extend(error(self.noisy_error_before, self.noisy_error).map(|text| ("with noise", text)));
            rows.extend(error(self.noiseless_error_before, self.noiseless_error).map(|text| ("without noise", text)));
        }
        rows.push(("angles", format!("{}, the largest turn {:.4}", self.angles.len(), self.largest_turn)));
        rows.push(("evaluations", self.evaluations.to_string()));
        rows.extend(self.qasm.iter().map(|path| ("written", path.display().to_string())));
        output::pairs(&rows)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = &arguments.run;
    let place = folder.display();
    let file = folder.join("experiment.toml");
    if !folder.join(report::QASM).is_file() {
        let message =
            format!("{place} has no {}: name a folder that qloom search has made, and whose run has ended", report::QASM);
        return Err(Failure::input(message));
    }
    let Experiment { name, seed, train, mut search, .. } = experiment::read(&file, &arguments.overrides)?;
    if train.is_some() {
        return Err(Failure::input(format!("{place} is the search of a classifier's circuit: qloom train fits train.toml anew")));
    }
    let find = |name: &str| Ok(folder.join(name));
    let problem = beside::read(&search, find)?.given_to(given(&search, &file, find)?.problem)?;
    if let Some(device) = &arguments.device {
        search.simulator = on_device(search.simulator, device)?;
    }
    let circuit = circuit_file::read(&folder.join(report::QASM))?;
    let refit = refit(&problem, &search, &circuit, seed).or_input(format!("{place} cannot be fitted anew"))?;
    let bound = refit.circuit.bind(&refit.angles).or_work("the fitted circuit cannot be built")?;
    if let Some(out) = &arguments.out {
        let text = qasm::write(&bound, Version::V3, Dialect::Plain).or_work("cannot write the circuit")?;
        files::write_whole(out, text.as_bytes())?;
    }
    let turns = refit.angles.iter().zip(&refit.given_angles).map(|(new, old)| (new - old).abs());
    let error = |of: fn(&Reference) -> f64, reference: &Reference| problem.error(of(reference));
    output::report(
        arguments.json,
        &Refitted {
            name,
            unit: problem.unit().to_owned(),
            device: device_name(&search),
            energy_before: refit.given_energy,
            energy: refit.energy,
            error_before: problem.error(refit.given_energy),
            error: problem.error(refit.energy),
            noisy_error_before: error(|reference| reference.noisy, &refit.given_reference),
            noisy_error: error(|reference| reference.noisy, &refit.reference),
            noiseless_error_before: error(|reference| reference.noiseless, &refit.given_reference),
            noiseless_error: error(|reference| reference.noiseless, &refit.reference),
            largest_turn: turns.fold(0.0, f64::max),
            angles: refit.angles,
            evaluations: refit.evaluations,
            is_noisy: matches!(search.simulator, SimulatorChoice::PauliVector(_)),
            qasm: arguments.out.clone(),
        },
    )
}

/// The simulator of an experiment with another device, or an exact noisy one where there was no noise.
fn on_device(simulator: SimulatorChoice, name: &str) -> Result<SimulatorChoice, Failure> {
    let device = Some(Box::new(device_file::read_argument(name)?));
    Ok(SimulatorChoice::PauliVector(Box::new(match simulator {
        SimulatorChoice::PauliVector(choice) => PauliVectorChoice { device, depolarizing: None, ..*choice },
        SimulatorChoice::StateVector(StateVectorChoice {}) => PauliVectorChoice { device, ..PauliVectorChoice::default() },
    })))
}

fn device_name(search: &SearchConfig) -> Option<String> {
    match &search.simulator {
        SimulatorChoice::PauliVector(choice) => choice.device.as_ref().map(|device| device.name.clone()),
        SimulatorChoice::StateVector(StateVectorChoice {}) => None,
    }
}
