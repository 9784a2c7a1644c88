//! `qloom device show`: a calibration as a table.

use std::path::PathBuf;

use qloom::circuits::Gate;
use qloom::hardware::{Device, GateCalibration, QubitCalibration};

use crate::failure::{Failure, OrFailure};
use crate::{device_file, files, output};

/// Show a device: native gates, relaxation, read-out errors, the gates of each pair, and what its file leaves open.
///
/// Reads qloom's own TOML, IBM's backend properties (JSON), the calibration table that IBM's site exports (CSV), and machines by name. With
/// --toml the device is written as qloom's own file, to be edited or used where the other formats are not at hand.
///
/// For example: qloom device show devices/mumbai_median.toml
#[derive(clap::Args)]
#[command(after_long_help = KEYS)]
pub struct Arguments {
    /// The device: a machine's name, or a file (.toml, .json, .csv).
    #[arg(value_name = "NAME|FILE")]
    device: String,
    /// Also write the device as TOML.
    #[arg(long, value_name = "FILE")]
    toml: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// The keys of a device file.
const KEYS: &str = r#"A device file in TOML, all keys but name optional; times in nanoseconds, lists of one entry hold for every qubit:

  name = "mine"                  what it is called
  provenance = "..."             where the data come from
  machine = "heron"              gates, num_qubits, couplings and virtual_z of a machine, where the file has none
  gates = ["rz", "sx", "cz"]     native gates
  num_qubits = 3                 at most 1000000; any number if left out
  couplings = [[0, 1], [1, 2]]   pairs that gates join, in this order where the gate tells its qubits apart; all if left out
  faulty = [2]                   qubits out of order, which layouts leave out
  virtual_z = true               diagonal gates on one qubit take no time and have no error
  [qubit]                        t1_ns, t2_ns, excited_population, readout (lists; readout = [[1 for 0, 0 for 1]]), readout_ns
  [one_qubit], [two_qubit]       time_ns, and either error (average, relaxation included) or depolarizing (each qubit) and
                                 depolarizing_joint (all together): all gates on as many qubits
  [[gate]]                       the same for gates on certain qubits: qubits = [0, 1], gates = ["cz"] (every other if left out)
  assumptions = ["..."]          lines that are shown with the device"#;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let device = device_file::read_argument(&arguments.device)?;
    let name = &arguments.device;
    // a list of one entry holds for all qubits: one row shows it
    let qubits = device.qubit.as_ref().map_or(1, |qubit| {
        let lengths = [qubit.t1_ns.len(), qubit.t2_ns.len(), qubit.excited_population.len(), qubit.readout.len()];
        lengths.into_iter().max().unwrap_or(1)
    });
    // impossible numbers are found by making the noise of all qubits that have data
    let noise = device.noise(qubits).or_input(name)?;
    if let Some(path) = &arguments.toml {
        let text = toml::to_string(&device).or_work("cannot write the device")?;
        files::write_whole(path, text.as_bytes())?;
    }
    if arguments.json {
        return output::json_line(&DeviceReport { device: &device, readout: &noise.readout });
    }
    print(&device, qubits);
    Ok(())
}

/// A device, and the read-out errors of each qubit.
#[derive(serde::Serialize)]
struct DeviceReport<'a> {
    #[serde(flatten)]
    device: &'a Device,
    readout: &'a [[f64; 2]],
}

fn print(device: &Device, qubits: usize) {
    let count = match device.num_qubits {
        Some(count) => count.to_string(),
        None if qubits > 1 => format!("{qubits}, as many as have data"),
        None => "any number".to_owned(),
    };
    let list = |qubits: &[usize]| qubits.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
    let gates = |gates: &[Gate]| gates.iter().map(|gate| gate.name()).collect::<Vec<_>>().join(" ");
    let mut rows = vec![
        ("name", device.name.clone()),
        ("from", device.provenance.clone().unwrap_or_else(|| "not said".to_owned())),
        ("native gates", device.gates.as_deref().map_or_else(|| "not known".to_owned(), gates)),
        ("qubits", count),
        ("couplings", device.couplings.as_ref().map_or_else(|| "all pairs".to_owned(), |list| list.len().to_string())),
        ("diagonal gates", if device.virtual_z { "virtual: no time and no error" } else { "as all others" }.to_owned()),
    ];
    if !device.faulty.is_empty() {
        rows.push(("out of order", list(&device.faulty)));
    }
    let general = [("one-qubit gates", &device.one_qubit), ("two-qubit gates", &device.two_qubit)];
    rows.extend(general.into_iter().filter_map(|(name, data)| Some((name, gate(data.as_ref()?)))));
    output::line(&output::pairs(&rows));
    if let Some(data) = &device.qubit {
        print_qubits(data, qubits, device.num_qubits);
    }
    if !device.gate.is_empty() {
        output::line("\nqubits     gates            time ns        error   depolarizing each   together");
        for placed in &device.gate {
            let names = if placed.gates.is_empty() { "every other".to_owned() } else { gates(&placed.gates) };
            let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3e}"));
            let time = placed.time_ns.map_or_else(|| "-".to_owned(), |time| format!("{time:.2}"));
            let (error, each, joint) = (number(placed.error), placed.depolarizing, placed.depolarizing_joint);
            output::line(&format!("{:10} {names:14} {time:>9} {error:>12} {each:19.3e} {joint:10.3e}", list(&placed.qubits)));
        }
    }
    if !device.assumptions.is_empty() {
        output::line("\nnot in the file, and what was assumed instead:");
        device.assumptions.iter().for_each(|line| output::line(&format!("  {line}")));
    }
}

fn print_qubits(data: &QubitCalibration, qubits: usize, num_qubits: Option<usize>) {
    output::line("\nqubit     T1 us     T2 us   excited   1 for 0   0 for 1");
    let entry = |list: &[f64], qubit: usize| list.get(if list.len() == 1 { 0 } else { qubit }).copied().unwrap_or(f64::NAN);
    for qubit in 0..qubits {
        let [one, zero] = data.readout.get(if data.readout.len() == 1 { 0 } else { qubit }).copied().unwrap_or_default();
        let (t1, t2) = (entry(&data.t1_ns, qubit) / 1e3, entry(&data.t2_ns, qubit) / 1e3);
        let excited = entry(&data.excited_population, qubit);
        let name = if qubits == 1 && num_qubits != Some(1) { "all".to_owned() } else { qubit.to_string() };
        output::line(&format!("{name:>5} {t1:9.2} {t2:9.2} {excited:9.5} {one:9.5} {zero:9.5}"));
    }
}

fn gate(data: &GateCalibration) -> String {
    let GateCalibration { time_ns, error, depolarizing, depolarizing_joint } = *data;
    match error {
        Some(error) => format!("{time_ns:.2} ns, error {error:.3e}"),
        None if depolarizing == 0.0 && depolarizing_joint == 0.0 => format!("{time_ns:.2} ns"),
        None => format!("{time_ns:.2} ns, depolarizing {depolarizing:.3e} on each qubit and {depolarizing_joint:.3e} together"),
    }
}
