//! Devices as every command takes them: a file in one of three formats, or the name of a machine.

use std::path::Path;

use qloom::hardware::{Device, HardwareError};

use crate::failure::{Failure, OrFailure};
use crate::{experiment, files};

/// Reads a device: from qloom's own TOML, IBM's backend properties (JSON) or the calibration table of IBM's site (CSV), as the ending of the
/// name says; a name without such an ending is that of a machine, such as heron or line-5.
///
/// A file is looked for beside `asker`, from the current folder, and in the nearest `data/` folders.
///
/// # Errors
/// Bad input with its place in the file.
pub fn read(name: &str, asker: &Path) -> Result<Device, Failure> {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
    let format: fn(&str, &Path) -> anyhow::Result<Device> = match ending.as_deref() {
        Some("toml") => |text, _| Ok(toml::from_str(text)?),
        Some("json") => |text, _| Ok(Device::from_ibm_properties(text)?),
        Some("csv") => |text, path| {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            Ok(Device::from_ibm_csv(&stem, text)?)
        },
        Some(_) | None => return machine(name),
    };
    let path = experiment::find_data(Path::new(name), asker)?;
    format(&files::read_text(&path)?, &path).or_input(format!("{} is not a device file", path.display()))
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
