//! Classifiers of either kind: fitted step by step, saved, loaded, used.

use faer::Mat;
use qloom_circuits::Stream;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::error::LearnError;
use crate::examples::Examples;
use crate::kernel::{MapSettings, QuantumKernel};
use crate::kernel_machine::{KernelSvm, KernelSvmSettings};
use crate::preparation::Preparation;
use crate::saved;
use crate::text::TextFeatures;
use crate::variational::{ClassifierEpoch, VariationalClassifier, VariationalSettings, VariationalState, VariationalTraining};

/// What tells classes apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierSettings {
    /// A support-vector machine on a quantum kernel.
    KernelSvm(KernelSvmSettings),
    /// A trained circuit.
    Variational(VariationalSettings),
}

/// Fitting a classifier as a value: one step of a kernel machine, an epoch at a time of a circuit.
#[derive(Debug)]
pub struct ClassifierTraining {
    examples: Examples,
    config: SimulatorConfig,
    fit: Fit,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Fit {
    Kernel { settings: KernelSvmSettings, seed: u64, done: Option<(KernelSvm, ClassifierEpoch)>, gram: Option<Mat<f64>> },
    Variational(Box<VariationalTraining>),
}

/// What a fit is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierState {
    /// The machine, once it is fitted, and what that gave.
    KernelSvm(Option<(KernelSvm, ClassifierEpoch)>),
    /// The state of the circuit's training.
    Variational(VariationalState),
}

impl ClassifierTraining {
    /// Prepares the fit.
    ///
    /// # Errors
    /// When settings and rows do not fit.
    pub fn new(
        settings: &ClassifierSettings,
        examples: Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let fit = match settings {
            ClassifierSettings::KernelSvm(settings) => {
                QuantumKernel::new(&settings.map, settings.kernel, settings.shots, examples.width(), config)?;
                Fit::Kernel { settings: settings.clone(), seed, done: None, gram: None }
            }
            ClassifierSettings::Variational(settings) => {
                Fit::Variational(Box::new(VariationalTraining::new(settings, &examples, config, seed)?))
            }
        };
        Ok(Self { examples, config, fit })
    }

    /// The rows it is fitted to.
    pub fn examples(&self) -> &Examples {
        &self.examples
    }

    /// Number of steps in all.
    pub fn epochs(&self) -> usize {
        match &self.fit {
            Fit::Kernel { .. } => 1,
            Fit::Variational(training) => training.epochs(),
        }
    }

    /// What the steps so far gave; the loss of a kernel machine is its share of wrong training rows.
    pub fn events(&self) -> &[ClassifierEpoch] {
        match &self.fit {
            Fit::Kernel { done, .. } => done.as_ref().map_or(&[], |(_, event)| std::slice::from_ref(event)),
            Fit::Variational(training) => training.events(),
        }
    }

    /// One step more, or none when all are done.
    ///
    /// # Errors
    /// What the kernel or the training refuses.
    pub fn step(&mut self) -> Result<Option<ClassifierEpoch>, LearnError> {
        match &mut self.fit {
            Fit::Kernel { done: Some(_), .. } => Ok(None),
            Fit::Kernel { settings, seed, done, gram } => {
                let (machine, matrix) = KernelSvm::fit(settings, &self.examples, self.config, *seed)?;
                let classes = self.examples.classes().len();
                let told = machine.predict(self.examples.features(), classes, self.config)?;
                let accuracy = crate::score::accuracy(&told, self.examples.labels());
                let event = ClassifierEpoch { epoch: 1, loss: 1.0 - accuracy, accuracy };
                (*done, *gram) = (Some((machine, event)), Some(matrix));
                Ok(Some(event))
            }
            Fit::Variational(training) => training.step(),
        }
    }

    /// The kernel matrix of the training rows, where this value computed it.
    pub fn gram(&self) -> Option<&Mat<f64>> {
        match &self.fit {
            Fit::Kernel { gram, .. } => gram.as_ref(),
            Fit::Variational(_) => None,
        }
    }

    /// The class of each row of features.
    ///
    /// # Errors
    /// When a feature is not in the domain of the map, or a kernel machine is not fitted yet.
    pub fn predict(&self, features: &[f64]) -> Result<Vec<usize>, LearnError> {
        self.saved()?.predict(features, self.examples.width(), self.examples.classes().len(), self.config)
    }

    /// One score for each class and row of features, larger for the class that is told: probabilities or expectation values of a circuit, votes
    /// and what pairs say of a kernel machine.
    ///
    /// # Errors
    /// As [`ClassifierTraining::predict`].
    pub fn scores(&self, features: &[f64]) -> Result<Vec<f64>, LearnError> {
        self.saved()?.scores(features, self.examples.width(), self.examples.classes().len(), self.config)
    }

    /// The trained circuit with its weights, open in the angles of a row; none of a kernel machine.
    pub fn circuit(&self) -> Option<(&qloom_circuits::Circuit, &[f64])> {
        match &self.fit {
            Fit::Kernel { .. } => None,
            Fit::Variational(training) => Some((training.classifier().circuit(), training.classifier().weights())),
        }
    }

    /// The feature map of a kernel machine, open in the angles of a row; none of a trained circuit or of amplitudes.
    ///
    /// # Errors
    /// What the map refuses.
    pub fn map_circuit(&self) -> Result<Option<qloom_circuits::Circuit>, LearnError> {
        match &self.fit {
            Fit::Kernel { settings, .. } if settings.map == (MapSettings::Amplitude {}) => Ok(None),
            Fit::Kernel { settings, .. } => Ok(Some(settings.map.build(self.examples.width())?.circuit().clone())),
            Fit::Variational(_) => Ok(None),
        }
    }

    fn saved(&self) -> Result<SavedClassifier, LearnError> {
        match &self.fit {
            Fit::Kernel { done: Some((machine, _)), .. } => Ok(SavedClassifier::KernelSvm(machine.clone())),
            Fit::Kernel { done: None, .. } => {
                Err(LearnError::Unsupported { what: "the classifier is not fitted", remedy: "train it first" })
            }
            Fit::Variational(training) => {
                let (settings, weights) = (training.classifier().settings().clone(), training.classifier().weights().to_vec());
                Ok(SavedClassifier::Variational { settings, weights })
            }
        }
    }

    /// What it can be resumed from.
    pub fn state(&self) -> ClassifierState {
        match &self.fit {
            Fit::Kernel { done, .. } => ClassifierState::KernelSvm(done.clone()),
            Fit::Variational(training) => ClassifierState::Variational(training.state()),
        }
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// When it is of another training.
    pub fn resume(&mut self, state: &ClassifierState) -> Result<(), LearnError> {
        match (&mut self.fit, state) {
            (Fit::Kernel { done, .. }, ClassifierState::KernelSvm(state)) => {
                done.clone_from(state);
                Ok(())
            }
            (Fit::Variational(training), ClassifierState::Variational(state)) => training.resume(state),
            (Fit::Kernel { .. }, ClassifierState::Variational(_)) | (Fit::Variational(_), ClassifierState::KernelSvm(_)) => {
                Err(LearnError::Damaged { reason: "the state is of another kind of classifier".to_owned() })
            }
        }
    }

    /// What is saved of the classifier.
    ///
    /// # Errors
    /// When a kernel machine is not fitted yet.
    pub fn model_file(&self, source: FeatureSource, preparation: Preparation) -> Result<LabelledModelFile, LearnError> {
        let (format, version) = (LabelledModelFile::FORMAT.to_owned(), LabelledModelFile::VERSION);
        let (classes, model) = (self.examples.classes().to_vec(), self.saved()?);
        Ok(LabelledModelFile { format, version, source, preparation, classes, model })
    }
}

/// Where the features of a model come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureSource {
    /// Columns of a table.
    Table {
        /// Their names, in order.
        columns: Vec<String>,
        /// The column of labels.
        label: String,
    },
    /// Texts.
    Questions(TextFeatures),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedClassifier {
    KernelSvm(KernelSvm),
    Variational { settings: VariationalSettings, weights: Vec<f64> },
}

impl SavedClassifier {
    /// The circuit with its weights.
    fn circuit(
        settings: &VariationalSettings,
        weights: &[f64],
        (width, classes): (usize, usize),
        config: SimulatorConfig,
    ) -> Result<VariationalClassifier, LearnError> {
        // the weights that are drawn are replaced
        let mut stream = Stream::named(0, "weights");
        let mut classifier = VariationalClassifier::new(settings, width, classes, config, &mut stream)?;
        classifier.set_weights(weights)?;
        Ok(classifier)
    }

    fn predict(&self, features: &[f64], width: usize, classes: usize, config: SimulatorConfig) -> Result<Vec<usize>, LearnError> {
        match self {
            SavedClassifier::KernelSvm(machine) => machine.predict(features, classes, config),
            SavedClassifier::Variational { settings, weights } => {
                Self::circuit(settings, weights, (width, classes), config)?.predict(features)
            }
        }
    }

    fn scores(&self, features: &[f64], width: usize, classes: usize, config: SimulatorConfig) -> Result<Vec<f64>, LearnError> {
        match self {
            SavedClassifier::KernelSvm(machine) => machine.scores(features, classes, config),
            SavedClassifier::Variational { settings, weights } => {
                Self::circuit(settings, weights, (width, classes), config)?.scores(features)
            }
        }
    }

    fn probabilities(
        &self,
        features: &[f64],
        width: usize,
        classes: usize,
        config: SimulatorConfig,
    ) -> Result<Option<Vec<f64>>, LearnError> {
        match self {
            SavedClassifier::KernelSvm(machine) => machine.probabilities(features, classes, config),
            SavedClassifier::Variational { settings, weights } => {
                let mut scores = Self::circuit(settings, weights, (width, classes), config)?.scores(features)?;
                if !settings.readout.is_probability() {
                    for row in scores.chunks_mut(classes) {
                        let sum: f64 = row.iter().map(|score| score.exp()).sum();
                        row.iter_mut().for_each(|score| *score = score.exp() / sum);
                    }
                }
                Ok(Some(scores))
            }
        }
    }
}

/// A saved classifier: JSON with a `format` and a `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledModelFile {
    /// Always `qloom labelled model`.
    format: String,
    /// Version of the format.
    version: u32,
    /// Where features come from.
    pub source: FeatureSource,
    /// What is done to them.
    pub preparation: Preparation,
    /// Names of the classes.
    pub classes: Vec<String>,
    model: SavedClassifier,
}

impl LabelledModelFile {
    /// What `format` says.
    pub const FORMAT: &'static str = "qloom labelled model";
    const VERSION: u32 = 1;

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

    /// The class of each row, from the numbers of the source before preparation.
    ///
    /// # Errors
    /// When the parts of the file do not fit each other, or a number is outside the domain of the map.
    pub fn predict(&self, rows: &[f64], config: SimulatorConfig) -> Result<Vec<usize>, LearnError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let features = self.preparation.apply(rows)?;
        self.model.predict(&features, self.preparation.outputs(), self.classes.len(), config)
    }
    /// One score for each class and row, larger for the class that is told.
    ///
    /// # Errors
    /// As [`LabelledModelFile::predict`].
    pub fn scores(&self, rows: &[f64], config: SimulatorConfig) -> Result<Vec<f64>, LearnError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let features = self.preparation.apply(rows)?;
        self.model.scores(&features, self.preparation.outputs(), self.classes.len(), config)
    }

    /// The probability of each class for each row: those of a circuit's readout, expectation values through softmax, or of a kernel machine that
    /// was fitted with `probability`; none of one that was not.
    ///
    /// # Errors
    /// As [`LabelledModelFile::predict`].
    pub fn probabilities(&self, rows: &[f64], config: SimulatorConfig) -> Result<Option<Vec<f64>>, LearnError> {
        if rows.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let features = self.preparation.apply(rows)?;
        self.model.probabilities(&features, self.preparation.outputs(), self.classes.len(), config)
    }
}

#[cfg(test)]
mod tests;
