//! Support-vector machines on quantum kernels.

use std::collections::BTreeMap;

use faer::Mat;
use qloom_circuits::Stream;
use qloom_hardware::{Device, UniformNoise};
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::calibration::{Sigmoid, coupled};
use crate::error::{LearnError, check};
use crate::examples::{Examples, stratified_folds};
use crate::kernel::{Encoding, FrontSettings, KernelAlignment, KernelKind, MapSettings, QuantumKernel};
use crate::svm::{SupportVectorMachine, SvmSettings, class_scores, elected, pairs};

/// The most rows whose kernel matrix is made.
pub(crate) const MOST_ROWS: usize = 10_000;

/// The most rows that are told at a time.
pub(crate) const AT_A_TIME: usize = 1024;

/// A support-vector machine on a fidelity kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelSvmSettings {
    /// What a row costs that lies on the wrong side of its margin. Default 1.
    #[serde(default = "one")]
    pub c: f64,
    /// How far the conditions of optimality may be missed. Default 1e-3.
    #[serde(default = "tolerance")]
    pub tolerance: f64,
    /// What the cost is multiplied by for each class: "balanced" or a table of classes. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// How rows become states. Default zz.
    #[serde(default = "zz")]
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    #[serde(default)]
    pub kernel: KernelKind,
    /// Runs that each entry of the kernel is estimated from. Default none: exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shots: Option<u64>,
    /// Depolarizing noise after gates; the kernel is then Tr(rho sigma) of two states. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<UniformNoise>,
    /// The device that circuits are compiled for, with the errors of its gates, not those of reading out. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Box<Device>>,
    /// Angles of the kernel that are trained before the machine is fitted. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained: Option<FrontSettings>,
    /// Whether probabilities are fitted, by five machines on parts of the rows. Default false.
    #[serde(default)]
    pub probability: bool,
}

fn one() -> f64 {
    1.0
}

fn tolerance() -> f64 {
    1e-3
}

pub(crate) fn zz() -> MapSettings {
    MapSettings::Zz { reps: 2, entanglement: qloom_circuits::library::Entanglement::Full }
}

impl Default for KernelSvmSettings {
    fn default() -> Self {
        Self {
            c: one(),
            tolerance: tolerance(),
            class_weights: None,
            map: zz(),
            kernel: KernelKind::Fidelity,
            shots: None,
            noise: None,
            device: None,
            trained: None,
            probability: false,
        }
    }
}

/// Weights of classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClassWeights {
    /// Named.
    Rule(WeightRule),
    /// For each class; 1 where it is left out.
    Each(BTreeMap<String, f64>),
}

/// Weights by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightRule {
    /// Rows over classes times rows of the class.
    Balanced,
}

impl KernelSvmSettings {
    /// How rows become states, with trained angles where there are some.
    pub fn encoding(&self, weights: Option<Vec<f64>>) -> Encoding {
        let front = self.trained.clone().zip(weights);
        Encoding { map: self.map.clone(), front, noise: self.noise, device: self.device.clone() }
    }

    /// The cost of a row of each class.
    fn costs(&self, examples: &Examples) -> Result<Vec<f64>, LearnError> {
        let weight = |class: usize, name: &String| match &self.class_weights {
            None => 1.0,
            Some(ClassWeights::Rule(WeightRule::Balanced)) => {
                let rows = examples.labels().iter().filter(|label| **label == class).count().max(1);
                examples.len() as f64 / (examples.classes().len() * rows) as f64
            }
            Some(ClassWeights::Each(weights)) => weights.get(name).copied().unwrap_or(1.0),
        };
        if let Some(ClassWeights::Each(weights)) = &self.class_weights
            && let Some(name) = weights.keys().find(|name| !examples.classes().contains(name))
        {
            return Err(LearnError::UnknownClass { class: name.clone(), classes: examples.classes().join(", ") });
        }
        Ok(examples.classes().iter().enumerate().map(|(class, name)| self.c * weight(class, name)).collect())
    }
}

/// A fitted machine: the features of its support vectors and what they count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelSvm {
    /// How rows become states.
    map: MapSettings,
    #[serde(default)]
    kernel: KernelKind,
    /// Trained angles, and what they are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    front: Option<(FrontSettings, Vec<f64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noise: Option<UniformNoise>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Box<Device>>,
    /// Runs for each entry, and the seed they are drawn by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shots: Option<(u64, u64)>,
    width: usize,
    /// Support vectors, row by row.
    support: Vec<f64>,
    machine: SupportVectorMachine,
    /// One for each pair of classes, where probabilities were fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sigmoids: Option<Vec<Sigmoid>>,
}

/// Parts of the rows that probabilities are fitted on.
const FOLDS: usize = 5;

impl KernelSvm {
    /// Fits to rows of features, after the angles of the kernel were trained where there are some; also gives the kernel matrix. The seed is
    /// for these, shots and the parts that probabilities are fitted on.
    ///
    /// # Errors
    /// What the kernel and the machine refuse, more than 10000 rows, and probabilities of a class with fewer than 5 rows.
    pub fn fit(
        settings: &KernelSvmSettings,
        examples: &Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<(Self, Mat<f64>), LearnError> {
        let weights = match &settings.trained {
            None => None,
            Some(front) => {
                let mut training = KernelAlignment::new(&settings.encoding(None), front, examples, config, seed)?;
                while training.step()?.is_some() {}
                Some(training.weights().to_vec())
            }
        };
        Self::fit_at(settings, weights, examples, config, seed)
    }

    /// As [`KernelSvm::fit`], with these angles of the kernel.
    pub(crate) fn fit_at(
        settings: &KernelSvmSettings,
        weights: Option<Vec<f64>>,
        examples: &Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<(Self, Mat<f64>), LearnError> {
        if examples.len() > MOST_ROWS {
            return Err(LearnError::TooManyRows { rows: examples.len(), limit: MOST_ROWS });
        }
        check("c", settings.c, settings.c.is_finite() && settings.c > 0.0, "a positive number")?;
        check_domain(examples.features(), examples.width())?;
        let encoding = settings.encoding(weights);
        let mut kernel = QuantumKernel::new(encoding.clone(), settings.kernel, settings.shots, examples.width(), config)?;
        let rows = kernel.encode(examples.features())?;
        let gram = kernel.gram(&rows, &mut Stream::named(seed, "shots of fitting"))?;
        let machine = SvmSettings { costs: settings.costs(examples)?, tolerance: settings.tolerance };
        let sigmoids = settings.probability.then(|| calibrated(&gram, examples, &machine, seed)).transpose()?;
        let machine = SupportVectorMachine::fit(gram.as_ref(), examples.labels(), &machine)?;
        let width = examples.width();
        let support = machine.support().into_iter().flat_map(|row| &examples.features()[row * width..(row + 1) * width]);
        let support = support.copied().collect();
        let (kernel, shots) = (settings.kernel, settings.shots.map(|shots| (shots, seed)));
        let Encoding { map, front, noise, device } = encoding;
        let machine = machine.on_support();
        Ok((Self { map, kernel, front, noise, device, shots, width, support, machine, sigmoids }, gram))
    }

    /// How rows become states.
    pub fn map(&self) -> &MapSettings {
        &self.map
    }

    /// Number of support vectors.
    pub fn support(&self) -> usize {
        self.support.len() / self.width.max(1)
    }

    /// The value of the machine of each pair of classes, (0, 1), (0, 2), ..., (1, 2), ..., for each row of features; positive for the first
    /// of the pair.
    ///
    /// # Errors
    /// When a number is not in the domain of the map, or the parts of a machine read from a file do not fit `classes`.
    pub fn decisions(&self, features: &[f64], classes: usize, config: SimulatorConfig) -> Result<Vec<f64>, LearnError> {
        self.machine.check(classes, self.support())?;
        check_domain(features, self.width)?;
        let (shots, seed) = self.shots.unzip();
        let encoding =
            Encoding { map: self.map.clone(), front: self.front.clone(), noise: self.noise, device: self.device.clone() };
        let mut kernel = QuantumKernel::new(encoding, self.kernel, shots, self.width, config)?;
        let support = kernel.encode(&self.support)?;
        let mut stream = Stream::named(seed.unwrap_or_default(), "shots of telling");
        let mut values = Vec::new();
        for part in features.chunks(AT_A_TIME * self.width) {
            let rows = kernel.encode(part)?;
            values.extend(self.machine.decisions(kernel.cross(&rows, &support, &mut stream).as_ref()));
        }
        Ok(values)
    }

    /// The class of each row of features, by votes.
    ///
    /// # Errors
    /// As [`KernelSvm::decisions`].
    pub fn predict(&self, features: &[f64], classes: usize, config: SimulatorConfig) -> Result<Vec<usize>, LearnError> {
        let values = self.decisions(features, classes, config)?;
        Ok(values.chunks(classes * (classes - 1) / 2).map(|values| elected(values, classes)).collect())
    }

    /// One score for each class and row: votes and, as fractions, what the pairs say.
    ///
    /// # Errors
    /// As [`KernelSvm::decisions`].
    pub fn scores(&self, features: &[f64], classes: usize, config: SimulatorConfig) -> Result<Vec<f64>, LearnError> {
        let values = self.decisions(features, classes, config)?;
        Ok(values.chunks(classes * (classes - 1) / 2).flat_map(|values| class_scores(values, classes)).collect())
    }

    /// The probability of each class for each row, where they were fitted.
    ///
    /// # Errors
    /// As [`KernelSvm::decisions`].
    pub fn probabilities(
        &self,
        features: &[f64],
        classes: usize,
        config: SimulatorConfig,
    ) -> Result<Option<Vec<f64>>, LearnError> {
        let Some(sigmoids) = &self.sigmoids else { return Ok(None) };
        if sigmoids.len() != pairs(classes).count() {
            return Err(LearnError::Damaged { reason: "there is not one sigmoid for each pair of classes".to_owned() });
        }
        let values = self.decisions(features, classes, config)?;
        let of_row = |values: &[f64]| {
            let chances: Vec<f64> = sigmoids.iter().zip(values).map(|(sigmoid, value)| sigmoid.chance(*value)).collect();
            coupled(&chances, classes)
        };
        Ok(Some(values.chunks(sigmoids.len()).flat_map(of_row).collect()))
    }
}

/// A sigmoid for each pair of classes, fitted to decision values of rows that the machine did not see.
fn calibrated(gram: &Mat<f64>, examples: &Examples, settings: &SvmSettings, seed: u64) -> Result<Vec<Sigmoid>, LearnError> {
    let classes = examples.classes().len();
    let parts = stratified_folds(examples.labels(), classes, FOLDS, &mut Stream::named(seed, "calibration"))?;
    let mut values = vec![(Vec::new(), Vec::new()); pairs(classes).count()];
    for part in 0..FOLDS {
        let (seen, left): (Vec<usize>, Vec<usize>) = (0..examples.len()).partition(|&row| parts[row] != part);
        let labels: Vec<usize> = seen.iter().map(|&row| examples.labels()[row]).collect();
        let inner = Mat::from_fn(seen.len(), seen.len(), |row, column| gram[(seen[row], seen[column])]);
        let cross = Mat::from_fn(left.len(), seen.len(), |row, column| gram[(left[row], seen[column])]);
        let told = SupportVectorMachine::fit(inner.as_ref(), &labels, settings)?.decisions(cross.as_ref());
        for (row, told) in left.iter().zip(told.chunks(values.len())) {
            for (((first, second), value), (decisions, firsts)) in pairs(classes).zip(told).zip(&mut values) {
                let label = examples.labels()[*row];
                if label == first || label == second {
                    decisions.push(*value);
                    firsts.push(label == first);
                }
            }
        }
    }
    Ok(values.iter().map(|(decisions, firsts)| Sigmoid::fit(decisions, firsts)).collect())
}

/// The largest feature: phases are products of two and have to keep their digits.
const LARGEST: f64 = 1e4;

/// Refuses features outside the domain of feature maps.
pub(crate) fn check_domain(features: &[f64], width: usize) -> Result<(), LearnError> {
    match features.iter().position(|value| value.is_nan() || value.abs() > LARGEST) {
        Some(place) => Err(LearnError::OutsideDomain {
            row: place / width + 1,
            column: place % width + 1,
            value: features[place],
            requirement: "from -10000 to 10000 to be an angle; scale the columns",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
