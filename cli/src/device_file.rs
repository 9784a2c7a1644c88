//! Devices as every command takes them: a file in one of several formats, or the name of a machine.

use std::collections::BTreeMap;
use std::path::Path;

use qloom::hardware::{Device, HardwareError};

use crate::failure::{Failure, OrFailure};
use crate::{experiment, files};

/// Reads a device: from qloom's own TOML, what a service hands out as JSON (IBM's backend properties or configuration, Amazon Braket's device
/// properties, Qiskit's target: its keys tell which), or the calibration table of IBM's site (CSV), as the ending of the name says; a name without such an
/// ending is that of a machine, such as heron or line-5.
///
/// A file is looked for beside `asker`, from the current folder, and in the nearest `data/` folders.
///
/// # Errors
/// Bad input with its place in the file.
pub fn read(name: &str, asker: &Path) -> Result<Device, Failure> {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
    let format: fn(&str, &Path) -> anyhow::Result<Device> = match ending.as_deref() {
        Some("toml") => |text, _| Ok(toml::from_str(text)?),
        Some("json") => |text, path| Ok(from_json(text, &stem(path))?),
        Some("csv") => |text, path| Ok(Device::from_ibm_csv(&stem(path), text)?),
        Some(_) | None => return machine(name),
    };
    let path = experiment::find_data(Path::new(name), asker)?;
    format(&files::read_text(&path)?, &path).or_input(format!("{} is not a device file", path.display()))
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The device of a JSON text; its keys tell whose format it is.
fn from_json(text: &str, name: &str) -> Result<Device, HardwareError> {
    // calibration data may hold NaN, which is not JSON: their reader says what else is wrong
    let keys: BTreeMap<String, serde::de::IgnoredAny> = serde_json::from_str(text).unwrap_or_default();
    if keys.contains_key("basis_gates") {
        Device::from_ibm_configuration(text)
    } else if keys.contains_key("paradigm") {
        Device::from_braket_properties(name, text)
    } else if keys.contains_key("instructions") {
        Device::from_qiskit_target(name, text)
    } else {
        Device::from_ibm_properties(text)
    }
}

/// [`read_argument`] of a machine and, where they are given, of its calibration data.
///
/// # Errors
/// As [`read`], and where the calibration data are those of another machine.
pub fn read_calibrated(target: &str, calibration: Option<&str>) -> Result<Device, Failure> {
    let device = read_argument(target)?;
    let Some(file) = calibration else { return Ok(device) };
    let data = read_argument(file)?;
    device.calibrated_by(data).or_input(format!("{file} does not fit {target}"))
}

/// [`read`] of an argument of the command line.
///
/// # Errors
/// As [`read`].
pub fn read_argument(name: &str) -> Result<Device, Failure> {
    read(name, Path::new("."))
}

fn machine(name: &str) -> Result<Device, Failure> {
    match Device::from_name(name) {
        Ok(device) => Ok(device),
        Err(error @ HardwareError::UnknownMachine { .. }) => Err(Failure::input(format!(
            "{name} is neither a device file, which ends in .toml, .json or .csv, nor a machine: {error}"
        ))),
        Err(error) => Err(error).or_input(name),
    }
}

/// Says on standard error that a device has no calibration data, so that nobody takes its perfect gates for its real ones.
pub fn warn_if_perfect(device: &Device) {
    if !device.is_calibrated() {
        eprintln!("{} has no calibration data: its gates are simulated without noise", device.name);
    }
}
