//! `qloom device show`: a calibration as a table.

use std::path::PathBuf;

use qloom::hardware::{Device, GateCalibration};

use crate::failure::{Failure, OrFailure};
use crate::{device_file, files, output};

/// Show a device: relaxation, read-out and gates, and what its file left open.
///
/// Reads qloom's own TOML, IBM's backend properties (JSON) and the calibration table that IBM's site exports (CSV). With --toml the
/// device is written as qloom's own file, to be changed by hand or used where the other formats are not at hand.
///
/// For example: qloom device show devices/mumbai_median.toml
#[derive(clap::Args)]
pub struct Arguments {
    /// The device's file: .toml, .json or .csv.
    file: PathBuf,
    /// Also write the device as TOML.
    #[arg(long, value_name = "FILE")]
    toml: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let device = device_file::read(&arguments.file)?;
    let name = arguments.file.display();
    // figures that no device has are found by making the noise of all qubits there are figures for
    // a list of one entry holds for all qubits: one row says it
    let figures = &device.qubit;
    let qubits = [figures.t1_ns.len(), figures.t2_ns.len(), figures.excited_population.len(), figures.readout.len()];
    let qubits = qubits.into_iter().max().unwrap_or(1);
    let noise = device.noise(qubits).or_input(&name)?;
    if let Some(path) = &arguments.toml {
        let text = toml::to_string(&device).or_work("cannot write the device")?;
        files::write_whole(path, text.as_bytes())?;
    }
    if arguments.json {
        let mut value = serde_json::to_value(&device).or_work("cannot write the device")?;
        value["readout"] = serde_json::json!(noise.readout);
        output::json_line(&value);
        return Ok(());
    }
    print(&device, qubits);
    Ok(())
}

fn print(device: &Device, qubits: usize) {
    let any = |known: Option<usize>| known.map_or_else(|| "any number".to_owned(), |count| count.to_string());
    output::line(&output::pairs(&[
        ("name", device.name.clone()),
        ("from", device.provenance.clone()),
        ("qubits", any(device.num_qubits)),
        ("couplings", device.couplings.as_ref().map_or_else(|| "all pairs".to_owned(), |list| list.len().to_string())),
        ("gates on one qubit", gate(device.one_qubit)),
        ("gates on two qubits", gate(device.two_qubit)),
        ("diagonal gates on one", if device.free_diagonal { "free" } else { "as all others" }.to_owned()),
    ]));
    output::line("\nqubit     T1 us     T2 us   excited   1 for 0   0 for 1");
    let entry = |list: &[f64], qubit: usize| list.get(if list.len() == 1 { 0 } else { qubit }).copied().unwrap_or(f64::NAN);
    for qubit in 0..qubits {
        let [one, zero] =
            device.qubit.readout.get(if device.qubit.readout.len() == 1 { 0 } else { qubit }).copied().unwrap_or_default();
        let (t1, t2) = (entry(&device.qubit.t1_ns, qubit) / 1e3, entry(&device.qubit.t2_ns, qubit) / 1e3);
        let excited = entry(&device.qubit.excited_population, qubit);
        let name = if qubits == 1 && device.num_qubits != Some(1) { "all".to_owned() } else { qubit.to_string() };
        output::line(&format!("{name:>5} {t1:9.2} {t2:9.2} {excited:9.5} {one:9.5} {zero:9.5}"));
    }
    if !device.gate.is_empty() {
        output::line("\ngate on     time ns   depolarizing each   together");
        for gate in &device.gate {
            let on: Vec<String> = gate.qubits.iter().map(usize::to_string).collect();
            let (time, each, joint) = (gate.time_ns, gate.depolarizing, gate.depolarizing_joint);
            output::line(&format!("{:9} {time:9.2} {each:19.3e} {joint:10.3e}", on.join(" ")));
        }
    }
    if !device.assumptions.is_empty() {
        output::line("\nnot in the file, and what was taken instead:");
        device.assumptions.iter().for_each(|line| output::line(&format!("  {line}")));
    }
}

fn gate(figures: GateCalibration) -> String {
    let GateCalibration { time_ns, depolarizing, depolarizing_joint } = figures;
    format!("{time_ns:.2} ns, depolarizing {depolarizing:.3e} on each qubit and {depolarizing_joint:.3e} together")
}
