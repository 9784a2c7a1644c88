//! Models of labelled series in files.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::model::{Pooling, SequenceModel};
use crate::error::LearnError;
use crate::network::ModelSettings;
use crate::saved;
use crate::windows::Scaling;

/// Which columns of a table hold the series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceColumns {
    /// Says which series a row belongs to.
    pub id: String,
    /// The numbers of a row.
    pub inputs: Vec<String>,
    /// The label of the series.
    pub label: String,
    /// The time of a row, which grows within each series; the rows are in order of time without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// A saved model: JSON with a `format` and a `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceModelFile {
    /// Always `qloom sequence model`.
    format: String,
    /// Version of the format.
    version: u32,
    /// What the model is made of.
    pub model: ModelSettings,
    /// Which features the readout sees.
    pub pooling: Pooling,
    /// Inputs that a reservoir encodes as 0 and as 1; none of a recurrent cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<[f64; 2]>,
    /// Where the series are.
    pub columns: SequenceColumns,
    /// What is done to the inputs.
    pub scaling: Vec<Scaling>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Seed of the model, from which shots are drawn too.
    pub seed: u64,
    /// All parameters in order.
    parameters: Vec<f64>,
}

impl SequenceModelFile {
    /// What `format` says.
    pub const FORMAT: &'static str = "qloom sequence model";
    const VERSION: u32 = 1;

    /// What is saved of a model.
    pub fn new(model: &SequenceModel, columns: SequenceColumns, scaling: Vec<Scaling>, classes: Vec<String>, seed: u64) -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            model: model.settings().clone(),
            pooling: model.pooling(),
            ranges: model.ranges().to_vec(),
            columns,
            scaling,
            classes,
            seed,
            parameters: model.parameters().values().to_vec(),
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, LearnError> {
        saved::write(self)
    }

    /// From JSON.
    ///
    /// # Errors
    /// For another format or version, by name, and for a file that is damaged.
    pub fn from_json(text: &str) -> Result<Self, LearnError> {
        saved::read(text, Self::FORMAT, Self::VERSION)
    }

    /// The model.
    ///
    /// # Errors
    /// When the parts of the file do not fit each other.
    pub fn model(&self) -> Result<SequenceModel, LearnError> {
        let (inputs, classes) = (self.columns.inputs.len(), self.classes.len());
        if classes < 2 {
            return Err(LearnError::TooFewClasses { classes });
        }
        let mut stream = Stream::named(self.seed, "model");
        let mut model = SequenceModel::new(&self.model, self.pooling, (inputs, classes), self.ranges.clone(), &mut stream)?;
        let (expected, given) = (model.parameters.values().len(), self.parameters.len());
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "parameters of the model file", expected, given });
        }
        if self.scaling.len() != inputs {
            return Err(LearnError::SizeMismatch {
                what: "scalings of the model file",
                expected: inputs,
                given: self.scaling.len(),
            });
        }
        model.parameters.values_mut().copy_from_slice(&self.parameters);
        Ok(model)
    }
}
