//! A classifier whose circuit is searched for: its loss as the cost of circuits, and what it is worth on rows that were held out.

use std::collections::BTreeMap;
use std::path::Path;

use qloom::circuits::Circuit;
use qloom::learn::{CircuitLoss, ClassifierSettings, ClassifierTraining, accuracy, classical, wilson_interval};
use qloom::qas::{Cost, CostError, Found, Problem, ProblemConfig, SearchConfig, SimulatorChoice};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_data::{self, LabelledExperiment, LabelledSettings, Prepared, Texts};
use crate::run_folder::NamedFile;
use crate::{labelled_file, labelled_fit};

/// The model of the best circuit.
pub const MODEL: &str = "model.json";
/// An experiment that trains the best circuit's angles anew.
const TRAINING: &str = "train.toml";

/// The classifier and its rows.
pub struct Classifier {
    settings: LabelledSettings,
    prepared: Prepared,
    name: String,
    seed: u64,
}

/// The texts of an experiment's data, and what its folder needs for them to be read again.
pub struct GivenData {
    pub texts: Texts,
    pub settings: LabelledSettings,
    pub copies: Vec<(String, String)>,
}

/// What the classifier with a circuit is worth.
#[derive(Debug, Serialize)]
pub struct Scores {
    classes: Vec<String>,
    pub train_rows: usize,
    pub test_rows: usize,
    /// Shares of rows that are told right.
    pub train_accuracy: f64,
    pub test_accuracy: f64,
    /// Wilson's 95 % interval of the test accuracy.
    pub confidence_interval: (f64, f64),
    /// That of the classifier with the random agent's circuit.
    pub random_agent_test_accuracy: Option<f64>,
    /// Test accuracies of classifiers without circuits on the same features.
    pub rivals: BTreeMap<&'static str, f64>,
}

/// Reads the data that an experiment names.
///
/// # Errors
/// Bad input when a file is not found or cannot be read.
pub fn find(settings: &LabelledSettings, file: &Path) -> Result<GivenData, Failure> {
    let texts = Texts::find(&settings.data, file)?;
    let (train, test) = settings.data.copies();
    let mut copies = vec![(train.to_owned(), texts.train.0.clone())];
    copies.extend(texts.test.as_ref().map(|(text, _)| (test.to_owned(), text.clone())));
    let settings = LabelledSettings { data: settings.data.copied(), ..settings.clone() };
    Ok(GivenData { texts, settings, copies })
}

/// Reads the data that the experiment of a run folder names.
///
/// # Errors
/// Bad input when a file is not there.
pub fn found(settings: &LabelledSettings, folder: &Path) -> Result<Texts, Failure> {
    let (train, test) = settings.data.files();
    let read = |name: &str| labelled_file::read(&folder.join(name));
    Ok(Texts { train: read(train)?, test: test.map(read).transpose()? })
}

impl Classifier {
    /// Divides and prepares the rows.
    ///
    /// # Errors
    /// Bad input in the rows, and for a search that has a problem or noise of its own.
    pub fn new(
        settings: LabelledSettings,
        texts: &Texts,
        search: &SearchConfig,
        (name, seed): (&str, u64),
    ) -> Result<Self, Failure> {
        if let Some(
            ProblemConfig::Hamiltonian(_) | ProblemConfig::State(_) | ProblemConfig::Unitary(_) | ProblemConfig::Diagonal(_),
        ) = search.problem
        {
            let message = "search.problem and train are both given, and a search has one purpose; leave one out";
            return Err(Failure::input(message));
        }
        if let SimulatorChoice::PauliVector(_) = search.simulator {
            let message = "search.simulator is a Pauli vector, and the loss of a classifier has noise of its own; leave it out and give the \
                           model `noise` or `device`";
            return Err(Failure::input(message));
        }
        let (train, test) = labelled_data::divide(&settings.data, texts, seed)?;
        let prepared = labelled_data::prepare(&settings.data, &train, &test, seed)?;
        Ok(Self { settings, prepared, name: name.to_owned(), seed })
    }

    /// The problem that circuits with the least loss solve.
    ///
    /// # Errors
    /// What the loss refuses.
    pub fn problem(&self) -> Result<Problem, Failure> {
        let place = "the circuit of this classifier cannot be searched for";
        let problem = Problem::of_cost(&self.name, self.loss()?.num_qubits(), 0.0).or_input(place)?;
        Ok(problem.with_unit(match self.settings.model {
            ClassifierSettings::KernelSvm(_) => "1 - alignment",
            ClassifierSettings::Variational(_)
            | ClassifierSettings::GaussianProcess(_)
            | ClassifierSettings::Pegasos(_)
            | ClassifierSettings::Nystroem(_) => "loss",
        }))
    }

    /// The loss as the cost of circuits.
    ///
    /// # Errors
    /// As [`Classifier::problem`].
    pub fn cost(&self) -> Result<Box<dyn Cost>, Failure> {
        Ok(Box::new(CircuitCost(self.loss()?)))
    }

    fn loss(&self) -> Result<CircuitLoss, Failure> {
        CircuitLoss::new(&self.settings.model, &self.prepared.train, labelled_fit::config())
            .or_input("the circuit of this classifier cannot be searched for")
    }

    /// The classifier with a circuit that was found, its angles as they were found.
    fn fitted(&self, found: &Found) -> Result<ClassifierTraining, Failure> {
        let place = "the classifier with the circuit cannot be fitted";
        let settings = self.settings.model.with_circuit(&found.circuit).or_work(place)?;
        let train = self.prepared.train.clone();
        let training = ClassifierTraining::at(&settings, &found.angles, train, labelled_fit::config(), self.seed);
        let mut training = training.or_work(place)?;
        while training.step().or_work(place)?.is_some() {}
        Ok(training)
    }

    /// What the classifier with a circuit is worth, beside the random agent's and those without circuits.
    ///
    /// # Errors
    /// When one cannot be fitted, or test rows cannot be told.
    pub fn scores(&self, found: &Found, random: Option<&Found>) -> Result<Scores, Failure> {
        let (train, test) = (&self.prepared.train, &self.prepared.test);
        let told = |training: &ClassifierTraining| training.predict(test.features()).or_input("the test rows cannot be told");
        let training = self.fitted(found)?;
        let told_test = told(&training)?;
        let told_train = training.predict(train.features()).or_work("the model cannot be evaluated")?;
        let right = told_test.iter().zip(test.labels()).filter(|(told, label)| told == label).count();
        let random = random.map(|random| Ok(accuracy(&told(&self.fitted(random)?)?, test.labels()))).transpose()?;
        let rivals = classical::classify(train, test.features()).or_work("the rivals cannot be fitted")?;
        let all_terms = self.prepared.all_terms.clone().map(|told| ("linear_svm_all_terms", told));
        Ok(Scores {
            classes: train.classes().to_vec(),
            train_rows: train.len(),
            test_rows: test.len(),
            train_accuracy: accuracy(&told_train, train.labels()),
            test_accuracy: accuracy(&told_test, test.labels()),
            confidence_interval: wilson_interval(right, test.len()),
            random_agent_test_accuracy: random,
            rivals: rivals.into_iter().chain(all_terms).map(|(name, told)| (name, accuracy(&told, test.labels()))).collect(),
        })
    }

    /// The model with a circuit, for `qloom predict`, and the experiment that trains it anew, for `qloom train`.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn files(&self, found: &Found) -> Result<Vec<NamedFile>, Failure> {
        let (source, preparation) = (self.prepared.source.clone(), self.prepared.preparation.clone());
        let file = self.fitted(found)?.model_file(source, preparation);
        let text = file.and_then(|file| file.to_json()).or_work("cannot write the model")?;
        let model = self.settings.model.with_circuit(&found.circuit).or_work("cannot write the circuit's experiment")?;
        let train = LabelledSettings { model, ..self.settings.clone() };
        let training = LabelledExperiment { name: format!("{}-trained", self.name), seed: self.seed, train, tune: None };
        Ok(vec![
            (MODEL.to_owned(), text.into_bytes()),
            (TRAINING.to_owned(), toml::to_string(&training).or_work("cannot write the circuit's experiment")?.into_bytes()),
        ])
    }
}

/// A classifier's loss as the cost of a search.
struct CircuitCost(CircuitLoss);

impl Cost for CircuitCost {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError> {
        Ok(self.0.rebuild(circuit)?)
    }

    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
        Ok(self.0.value_and_gradient(angles, gradient)?)
    }

    fn value(&mut self, angles: &[f64]) -> Result<f64, CostError> {
        Ok(self.0.value(angles)?)
    }

    fn has_metric(&self) -> bool {
        self.0.has_metric()
    }

    fn metric(&mut self, angles: &[f64], metric: &mut [f64]) -> Result<(), CostError> {
        Ok(self.0.metric(angles, metric)?)
    }
}
