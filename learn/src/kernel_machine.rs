//! Support-vector machines on quantum kernels.

use std::collections::BTreeMap;

use faer::Mat;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::examples::Examples;
use crate::kernel::{FidelityKernel, MapSettings};
use crate::svm::{SupportVectorMachine, SvmSettings};

/// The most rows whose kernel matrix is made.
pub(crate) const MOST_ROWS: usize = 10_000;

/// The most rows that are told at a time.
const AT_A_TIME: usize = 1024;

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
}

fn one() -> f64 {
    1.0
}

fn tolerance() -> f64 {
    1e-3
}

fn zz() -> MapSettings {
    MapSettings::Zz { reps: 2, entanglement: qloom_circuits::library::Entanglement::Full }
}

impl Default for KernelSvmSettings {
    fn default() -> Self {
        Self { c: one(), tolerance: tolerance(), class_weights: None, map: zz() }
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
    width: usize,
    /// Support vectors, row by row.
    support: Vec<f64>,
    machine: SupportVectorMachine,
}

impl KernelSvm {
    /// Fits to rows of features; also gives the kernel matrix.
    ///
    /// # Errors
    /// What the kernel and the machine refuse, and more than 10000 rows.
    pub fn fit(
        settings: &KernelSvmSettings,
        examples: &Examples,
        config: SimulatorConfig,
    ) -> Result<(Self, Mat<f64>), LearnError> {
        if examples.len() > MOST_ROWS {
            return Err(LearnError::TooManyRows { rows: examples.len(), limit: MOST_ROWS });
        }
        check("c", settings.c, settings.c.is_finite() && settings.c > 0.0, "a positive number")?;
        check_domain(examples.features(), examples.width())?;
        let gram = FidelityKernel::new(&settings.map, examples.width(), config)?.gram(examples.features())?;
        let machine = SvmSettings { costs: settings.costs(examples)?, tolerance: settings.tolerance };
        let machine = SupportVectorMachine::fit(gram.as_ref(), examples.labels(), &machine)?;
        let width = examples.width();
        let support = machine.support().into_iter().flat_map(|row| &examples.features()[row * width..(row + 1) * width]);
        let support = support.copied().collect();
        Ok((Self { map: settings.map.clone(), width, support, machine: machine.on_support() }, gram))
    }

    /// How rows become states.
    pub fn map(&self) -> &MapSettings {
        &self.map
    }

    /// Number of support vectors.
    pub fn support(&self) -> usize {
        self.support.len() / self.width.max(1)
    }

    /// The class of each row of features.
    ///
    /// # Errors
    /// When a number is not in the domain of the map, or the parts of a machine read from a file do not fit `classes`.
    pub fn predict(&self, features: &[f64], classes: usize, config: SimulatorConfig) -> Result<Vec<usize>, LearnError> {
        self.machine.check(classes, self.support())?;
        check_domain(features, self.width)?;
        let mut kernel = FidelityKernel::new(&self.map, self.width, config)?;
        let support = kernel.encode(&self.support)?;
        let mut told = Vec::with_capacity(features.len() / self.width.max(1));
        for part in features.chunks(AT_A_TIME * self.width) {
            let cross = kernel.encode(part)?.overlaps(&support, config.threads);
            told.extend(self.machine.predict(cross.as_ref()));
        }
        Ok(told)
    }
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
