//! Classifiers of either kind: fitted step by step, saved, loaded, used.

mod circuit_loss;
mod kernel_fit;

pub use circuit_loss::CircuitLoss;
pub use kernel_fit::{Alignments, KernelFitState};

use faer::Mat;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::error::LearnError;
use crate::examples::Examples;
use crate::kernel::{Encoding, MapSettings};
use crate::kernel_classifier::{KernelClassifier, KernelMethod, NystroemMachine, PegasosMachine, ProcessSettings};
use crate::kernel_machine::{KernelSvm, KernelSvmSettings};
use crate::preparation::Preparation;
use crate::saved;
use crate::text::TextFeatures;
use crate::variational::{ClassifierEpoch, VariationalClassifier, VariationalSettings, VariationalState, VariationalTraining};
use kernel_fit::KernelFit;

/// What tells classes apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant)] // there is one of them
pub enum ClassifierSettings {
    /// A support-vector machine on a quantum kernel.
    KernelSvm(KernelSvmSettings),
    /// A trained circuit.
    Variational(VariationalSettings),
    /// A Gaussian process with a quantum kernel as covariance.
    GaussianProcess(ProcessSettings),
    /// A support-vector machine on more rows than a kernel matrix has room for.
    Pegasos(PegasosMachine),
    /// Logistic regression on an approximation of a quantum kernel.
    Nystroem(NystroemMachine),
}

/// Fitting a classifier as a value: one step of a method on kernels, epochs of a circuit or of a kernel with trained angles.
#[derive(Debug)]
pub struct ClassifierTraining {
    examples: Examples,
    config: SimulatorConfig,
    fit: Fit,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Fit {
    Kernel(Box<KernelFit>),
    Method { method: KernelMethod, seed: u64, done: Option<(KernelClassifier, ClassifierEpoch)> },
    Variational(Box<VariationalTraining>),
}

/// What a fit is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassifierState(State);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant)] // there is one of them
enum State {
    /// The machine, once it is fitted, and what that gave.
    KernelSvm(KernelFitState),
    /// The classifier, once it is fitted.
    Method(Option<(KernelClassifier, ClassifierEpoch)>),
    /// The state of the circuit's training.
    Variational(VariationalState),
}

/// What is said of classifiers without a trained circuit.
const NO_CIRCUIT: LearnError = LearnError::Unsupported {
    what: "this classifier has no trained circuit",
    remedy: "take variational, or kernel-svm with its trained circuit before the map",
};

/// The class of the highest score of each row, the first of several.
fn highest(scores: &[f64], classes: usize) -> Vec<usize> {
    let best = |row: &[f64]| (0..classes).rev().max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or_default();
    scores.chunks(classes).map(best).collect()
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
        let method = |method: KernelMethod| -> Result<Fit, LearnError> {
            crate::kernel::FidelityKernel::new(method.map(), examples.width(), config)?;
            Ok(Fit::Method { method, seed, done: None })
        };
        let fit = match settings {
            ClassifierSettings::KernelSvm(settings) => Fit::Kernel(Box::new(KernelFit::new(settings, &examples, config, seed)?)),
            ClassifierSettings::Variational(settings) => {
                Fit::Variational(Box::new(VariationalTraining::new(settings, &examples, config, seed)?))
            }
            ClassifierSettings::GaussianProcess(settings) => method(KernelMethod::Process(settings.clone()))?,
            ClassifierSettings::Pegasos(settings) => method(KernelMethod::Pegasos(settings.clone()))?,
            ClassifierSettings::Nystroem(settings) => method(KernelMethod::Nystroem(settings.clone()))?,
        };
        Ok(Self { examples, config, fit })
    }

    /// A fit whose angles are known, such as those of a circuit that a search found: a kernel machine is left to fit in one step, a
    /// variational classifier is ready.
    ///
    /// # Errors
    /// As [`ClassifierTraining::new`], when there are more angles or fewer, and for what has no trained circuit.
    pub fn at(
        settings: &ClassifierSettings,
        weights: &[f64],
        examples: Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let fit = match settings {
            ClassifierSettings::KernelSvm(settings) => {
                Fit::Kernel(Box::new(KernelFit::new(settings, &examples, config, seed)?.at(weights)?))
            }
            ClassifierSettings::Variational(settings) => {
                Fit::Variational(Box::new(VariationalTraining::ended(settings, &examples, weights, config, seed)?))
            }
            ClassifierSettings::GaussianProcess(_) | ClassifierSettings::Pegasos(_) | ClassifierSettings::Nystroem(_) => {
                return Err(NO_CIRCUIT);
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
            Fit::Kernel(fit) => fit.epochs(),
            Fit::Method { .. } => 1,
            Fit::Variational(training) => training.epochs(),
        }
    }

    /// What the steps so far gave; the loss of a method on kernels is its share of wrong training rows, that of a kernel with trained angles one
    /// minus the alignment.
    pub fn events(&self) -> &[ClassifierEpoch] {
        match &self.fit {
            Fit::Kernel(fit) => fit.events(),
            Fit::Method { done, .. } => done.as_ref().map_or(&[], |(_, event)| std::slice::from_ref(event)),
            Fit::Variational(training) => training.events(),
        }
    }

    /// One step more, or none when all are done.
    ///
    /// # Errors
    /// What the kernel or the training refuses.
    pub fn step(&mut self) -> Result<Option<ClassifierEpoch>, LearnError> {
        match &mut self.fit {
            Fit::Kernel(fit) => fit.step(&self.examples, self.config),
            Fit::Method { done: Some(_), .. } => Ok(None),
            Fit::Method { method, seed, done } => {
                let classifier = KernelClassifier::fit(method, &self.examples, self.config, *seed)?;
                let classes = self.examples.classes().len();
                let scores = classifier.scores(self.examples.features(), classes, self.config)?;
                let accuracy = crate::score::accuracy(&highest(&scores, classes), self.examples.labels());
                let event = ClassifierEpoch { epoch: 1, loss: 1.0 - accuracy, accuracy: Some(accuracy) };
                *done = Some((classifier, event));
                Ok(Some(event))
            }
            Fit::Variational(training) => training.step(),
        }
    }

    /// The kernel matrix of the training rows, where this value computed it.
    pub fn gram(&self) -> Option<&Mat<f64>> {
        match &self.fit {
            Fit::Kernel(fit) => fit.gram(),
            Fit::Method { .. } | Fit::Variational(_) => None,
        }
    }

    /// Alignments of a kernel with trained angles, once the machine on it is fitted.
    pub fn alignments(&self) -> Option<Alignments> {
        match &self.fit {
            Fit::Kernel(fit) => fit.alignments(),
            Fit::Method { .. } | Fit::Variational(_) => None,
        }
    }

    /// The class of each row of features.
    ///
    /// # Errors
    /// When a feature is not in the domain of the map, or a method on kernels is not fitted yet.
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

    /// The trained circuit with its weights, open in the angles of a row; none of a method on kernels.
    pub fn circuit(&self) -> Option<(&qloom_circuits::Circuit, &[f64])> {
        match &self.fit {
            Fit::Kernel(_) | Fit::Method { .. } => None,
            Fit::Variational(training) => Some((training.classifier().circuit(), training.classifier().weights())),
        }
    }

    /// The circuit of a kernel, open in the angles of a row; none of a trained circuit or of amplitudes.
    ///
    /// # Errors
    /// What the map refuses.
    pub fn map_circuit(&self) -> Result<Option<qloom_circuits::Circuit>, LearnError> {
        let encoding = match &self.fit {
            Fit::Kernel(fit) => Encoding { noise: None, device: None, ..fit.encoding() },
            Fit::Method { method, .. } => Encoding::from(method.map()),
            Fit::Variational(_) => return Ok(None),
        };
        if encoding.map == (MapSettings::Amplitude {}) {
            return Ok(None);
        }
        Ok(Some(encoding.build(self.examples.width())?.1.circuit))
    }

    fn saved(&self) -> Result<SavedClassifier, LearnError> {
        let missing = || LearnError::Unsupported { what: "the classifier is not fitted", remedy: "train it first" };
        match &self.fit {
            Fit::Kernel(fit) => Ok(SavedClassifier::KernelSvm(Box::new(fit.machine().ok_or_else(missing)?.clone()))),
            Fit::Method { done, .. } => Ok(SavedClassifier::Method(done.as_ref().ok_or_else(missing)?.0.clone())),
            Fit::Variational(training) => {
                let classifier = training.classifier();
                let (settings, weights) = (classifier.settings().clone(), classifier.weights().to_vec());
                Ok(SavedClassifier::Variational { settings, weights, seed: classifier.seed() })
            }
        }
    }

    /// What it can be resumed from.
    pub fn state(&self) -> ClassifierState {
        ClassifierState(match &self.fit {
            Fit::Kernel(fit) => State::KernelSvm(fit.state()),
            Fit::Method { done, .. } => State::Method(done.clone()),
            Fit::Variational(training) => State::Variational(training.state()),
        })
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// When it is of another training.
    pub fn resume(&mut self, state: &ClassifierState) -> Result<(), LearnError> {
        match (&mut self.fit, &state.0) {
            (Fit::Kernel(fit), State::KernelSvm(state)) => fit.resume(state),
            (Fit::Method { done, .. }, State::Method(state)) => {
                done.clone_from(state);
                Ok(())
            }
            (Fit::Variational(training), State::Variational(state)) => training.resume(state),
            (Fit::Kernel(_) | Fit::Method { .. } | Fit::Variational(_), _) => {
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
    KernelSvm(Box<KernelSvm>),
    Method(KernelClassifier),
    Variational {
        settings: VariationalSettings,
        weights: Vec<f64>,
        /// What shots are drawn by.
        #[serde(default)]
        seed: u64,
    },
}

impl SavedClassifier {
    /// The circuit with its weights.
    fn circuit(
        settings: &VariationalSettings,
        (weights, seed): (&[f64], u64),
        (width, classes): (usize, usize),
        config: SimulatorConfig,
    ) -> Result<VariationalClassifier, LearnError> {
        // the weights that are drawn are replaced
        let mut classifier = VariationalClassifier::new(settings, width, classes, config, seed)?;
        classifier.set_weights(weights)?;
        Ok(classifier)
    }

    fn predict(&self, features: &[f64], width: usize, classes: usize, config: SimulatorConfig) -> Result<Vec<usize>, LearnError> {
        match self {
            SavedClassifier::KernelSvm(machine) => machine.predict(features, classes, config),
            SavedClassifier::Method(classifier) => Ok(highest(&classifier.scores(features, classes, config)?, classes)),
            SavedClassifier::Variational { settings, weights, seed } => {
                Self::circuit(settings, (weights, *seed), (width, classes), config)?.predict(features)
            }
        }
    }

    fn scores(&self, features: &[f64], width: usize, classes: usize, config: SimulatorConfig) -> Result<Vec<f64>, LearnError> {
        match self {
            SavedClassifier::KernelSvm(machine) => machine.scores(features, classes, config),
            SavedClassifier::Method(classifier) => classifier.scores(features, classes, config),
            SavedClassifier::Variational { settings, weights, seed } => {
                Self::circuit(settings, (weights, *seed), (width, classes), config)?.scores(features)
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
            SavedClassifier::Method(classifier) if classifier.has_probabilities() => {
                Ok(Some(classifier.scores(features, classes, config)?))
            }
            SavedClassifier::Method(_) => Ok(None),
            SavedClassifier::Variational { settings, weights, seed } => {
                let mut scores = Self::circuit(settings, (weights, *seed), (width, classes), config)?.scores(features)?;
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
