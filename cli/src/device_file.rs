//! Devices from files: TOML of its own, IBM's backend properties in JSON, or the calibration table of IBM's site in CSV.

use std::path::Path;

use qloom::hardware::Device;

use crate::failure::{Failure, OrFailure};
use crate::{experiment, files};

/// Reads a device; the name's ending says which of the three it is. A name that is not found is looked for in `data/` folders.
///
/// # Errors
/// Bad input with its place in the file.
pub fn read(name: &Path) -> Result<Device, Failure> {
    let path = experiment::find_data(name, Path::new("."))?;
    let text = files::read_text(&path)?;
    let place = format!("{} describes no device", path.display());
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase).as_deref() {
        Some("json") => Device::from_ibm_properties(&text).or_input(place),
        Some("csv") => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            Device::from_ibm_csv(&stem, &text).or_input(place)
        }
        Some("toml") => toml::from_str(&text).or_input(place),
        Some(_) | None => Err(Failure::input(format!("{place}: the name must end in .toml, .json or .csv"))),
    }
}
