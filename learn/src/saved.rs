//! Model files of all kinds: JSON with a `format` and a `version`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::LearnError;

/// The format and the version of a model file of any kind.
///
/// # Errors
/// When the text is no JSON object with both.
pub fn head(text: &str) -> Result<(String, u32), LearnError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    let head: Head = serde_json::from_str(text).map_err(damaged)?;
    Ok((head.format, head.version))
}

/// A model file of one format and version.
///
/// # Errors
/// For another format or version, by name, and for a file that is damaged.
pub(crate) fn read<T: DeserializeOwned>(text: &str, format: &str, version: u32) -> Result<T, LearnError> {
    let (found, found_version) = head(text)?;
    if found != format {
        return Err(LearnError::OtherFormat { field: "format", found, expected: format.to_owned() });
    }
    if found_version != version {
        let (found, expected) = (found_version.to_string(), version.to_string());
        return Err(LearnError::OtherFormat { field: "version", found, expected });
    }
    serde_json::from_str(text).map_err(damaged)
}

/// A model file as JSON.
///
/// # Errors
/// When a number is not finite.
pub(crate) fn write(file: &impl Serialize) -> Result<String, LearnError> {
    serde_json::to_string_pretty(file).map_err(damaged)
}

fn damaged(error: serde_json::Error) -> LearnError {
    LearnError::Damaged { reason: error.to_string() }
}
