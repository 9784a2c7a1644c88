//! What can go wrong.

use std::error::Error;

use thiserror::Error;

/// What an [`Operation`](crate::Operation) returns when it cannot be carried out.
pub type OperationError = Box<dyn Error + Send + Sync + 'static>;

/// Why a network could not be evaluated, trained, or read.
///
/// Shapes that do not fit each other are mistakes in code: they panic at the caller's line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NnError {
    /// An operation defined outside this crate failed.
    #[error("operation `{name}` failed: {source}")]
    Operation {
        /// Name of the operation.
        name: &'static str,
        /// What it returned.
        source: OperationError,
    },
    /// A setting of an optimiser is outside its range.
    #[error("{setting} is {value}, but {requirement}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// The value given.
        value: f64,
        /// What the value has to satisfy.
        requirement: &'static str,
    },
    /// The bytes are not a safetensors file.
    #[error("the tensors cannot be read: {reason}; give a file in the safetensors format")]
    NotSafetensors {
        /// What the reader says.
        reason: String,
    },
    /// A tensor is not in the file.
    #[error("the file has no tensor `{name}`; load it into the network it was saved from")]
    MissingTensor {
        /// Name of the tensor.
        name: String,
    },
    /// A tensor has another shape.
    #[error("tensor `{name}` has shape {found:?} where {expected:?} is needed; load it into a network of the same sizes")]
    Shape {
        /// Name of the tensor.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape it has to have.
        expected: Vec<usize>,
    },
    /// A tensor has another number type.
    #[error("tensor `{name}` holds numbers of type {found} where {expected} is needed; load it in the precision it was saved in")]
    NumberType {
        /// Name of the tensor.
        name: String,
        /// Its type in the file.
        found: String,
        /// The type it has to have.
        expected: String,
    },
}
