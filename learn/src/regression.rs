//! Numbers told by quantum kernels: ridge regression, support-vector regression, Gaussian processes.

#[cfg(test)]
mod tests;

use qloom_circuits::Stream;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::kernel::{KernelKind, MapSettings, QuantumKernel};
use crate::kernel_machine::{AT_A_TIME, MOST_ROWS, check_domain, zz};
use crate::kernel_method::{GaussianProcess, KernelRidge, VectorRegression, VectorRegressionSettings};
use crate::preparation::Preparation;
use crate::saved;
use crate::windows::Scaling;

/// What tells numbers; targets are scaled to mean 0 and variance 1 before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegressionSettings {
    /// Ridge regression on a kernel.
    KernelRidge(RidgeMachine),
    /// Support-vector regression on a kernel.
    KernelSvr(VectorMachine),
    /// A Gaussian process with a kernel as covariance.
    GaussianProcess(ProcessMachine),
}

/// Ridge regression on a kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RidgeMachine {
    /// What is added to the diagonal of the kernel. Default 0.1.
    pub regularization: f64,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

/// Support-vector regression on a kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VectorMachine {
    /// What an error costs beyond epsilon. Default 1.
    pub c: f64,
    /// Errors up to it cost nothing, in deviations of the targets. Default 0.1.
    pub epsilon: f64,
    /// How far the conditions of optimality may be missed. Default 1e-3.
    pub tolerance: f64,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

/// A Gaussian process with a kernel as covariance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProcessMachine {
    /// Variance of the noise, in units of the variance of the targets. Default 0.1.
    pub noise: f64,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

impl Default for RidgeMachine {
    fn default() -> Self {
        Self { regularization: 0.1, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl Default for VectorMachine {
    fn default() -> Self {
        Self { c: 1.0, epsilon: 0.1, tolerance: 1e-3, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl Default for ProcessMachine {
    fn default() -> Self {
        Self { noise: 0.1, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl RegressionSettings {
    fn kernel(&self) -> (&MapSettings, KernelKind) {
        match self {
            RegressionSettings::KernelRidge(machine) => (&machine.map, machine.kernel),
            RegressionSettings::KernelSvr(machine) => (&machine.map, machine.kernel),
            RegressionSettings::GaussianProcess(machine) => (&machine.map, machine.kernel),
        }
    }
}

/// What is told of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Regressed {
    /// The numbers.
    pub mean: Vec<f64>,
    /// Standard deviations of a Gaussian process, without the noise.
    pub deviation: Option<Vec<f64>>,
}

/// A fitted regression: JSON with a `format` and a `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegressionFile {
    /// Always `qloom regression model`.
    format: String,
    /// Version of the format.
    version: u32,
    /// The columns of features.
    pub columns: Vec<String>,
    /// The column that is told.
    pub target: String,
    preparation: Preparation,
    scaling: Scaling,
    settings: RegressionSettings,
    /// The rows it was fitted to, prepared, and their scaled targets.
    rows: Vec<f64>,
    targets: Vec<f64>,
    /// What was fitted; a Gaussian process is conditioned anew.
    fit: Fit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Fit {
    Ridge(KernelRidge),
    Vector(VectorRegression),
    Process {},
}

impl RegressionFile {
    /// What `format` says.
    pub const FORMAT: &'static str = "qloom regression model";
    const VERSION: u32 = 1;

    /// Fits to rows of numbers, prepared by `preparation`, with their targets; names are those of the columns and of the target.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite or outside the domain of the map, all targets are the same, a setting is outside its range,
    /// or there are more than 10000 rows.
    pub fn fit(
        settings: &RegressionSettings,
        (columns, target): (Vec<String>, String),
        preparation: Preparation,
        (rows, targets): (&[f64], &[f64]),
        config: SimulatorConfig,
    ) -> Result<Self, LearnError> {
        let (count, width) = (targets.len(), preparation.outputs());
        if count > MOST_ROWS {
            return Err(LearnError::TooManyRows { rows: count, limit: MOST_ROWS });
        }
        let rows = preparation.apply(rows)?;
        crate::examples::check_rows(&rows, width, count)?;
        check_domain(&rows, width)?;
        let scaling = Scaling::of(crate::windows::Scale::Standard, "the targets", targets)?;
        let targets: Vec<f64> = targets.iter().map(|target| scaling.apply(*target)).collect();
        let (map, kind) = settings.kernel();
        let mut kernel = QuantumKernel::new(map, kind, None, width, config)?;
        let encoded = kernel.encode(&rows)?;
        // nothing is drawn
        let gram = kernel.gram(&encoded, &mut Stream::named(0, "none"))?;
        let fit = match settings {
            RegressionSettings::KernelRidge(machine) => {
                Fit::Ridge(KernelRidge::fit(gram.as_ref(), &targets, machine.regularization)?)
            }
            RegressionSettings::KernelSvr(VectorMachine { c, epsilon, tolerance, .. }) => {
                let settings = VectorRegressionSettings { c: *c, epsilon: *epsilon, tolerance: *tolerance };
                Fit::Vector(VectorRegression::fit(gram.as_ref(), &targets, &settings)?)
            }
            RegressionSettings::GaussianProcess(machine) => {
                GaussianProcess::fit(gram.as_ref(), &targets, machine.noise)?;
                Fit::Process {}
            }
        };
        let (format, version, settings) = (Self::FORMAT.to_owned(), Self::VERSION, settings.clone());
        Ok(Self { format, version, columns, target, preparation, scaling, settings, rows, targets, fit })
    }

    /// What is told of rows before preparation.
    ///
    /// # Errors
    /// When a number is not finite or outside the domain of the map, or parts of a file do not fit each other.
    pub fn predict(&self, rows: &[f64], config: SimulatorConfig) -> Result<Regressed, LearnError> {
        let width = self.preparation.outputs();
        let features = self.preparation.apply(rows)?;
        check_domain(&features, width)?;
        let count = self.targets.len();
        check("rows of the model file", count as f64, count > 0 && self.rows.len() == count * width, "as many as its targets")?;
        let (map, kind) = self.settings.kernel();
        let mut kernel = QuantumKernel::new(map, kind, None, width, config)?;
        let known = kernel.encode(&self.rows)?;
        let mut stream = Stream::named(0, "none");
        let process = match (&self.fit, &self.settings) {
            (Fit::Process {}, RegressionSettings::GaussianProcess(machine)) => {
                let gram = kernel.gram(&known, &mut stream)?;
                Some(GaussianProcess::fit(gram.as_ref(), &self.targets, machine.noise)?)
            }
            (Fit::Ridge(fit), _) if fit.rows() == count => None,
            (Fit::Vector(fit), _) if fit.rows() == count => None,
            (Fit::Process {} | Fit::Ridge(_) | Fit::Vector(_), _) => {
                return Err(LearnError::Damaged { reason: "the fit does not belong to the settings and rows".to_owned() });
            }
        };
        let (mut mean, mut deviation) = (Vec::new(), Vec::new());
        for part in features.chunks(AT_A_TIME * width) {
            let asked = kernel.encode(part)?;
            let cross = kernel.cross(&asked, &known, &mut stream);
            match (&self.fit, &process) {
                (_, Some(process)) => {
                    let (told, variances) = process.predict(cross.as_ref(), &vec![1.0; cross.nrows()]);
                    mean.extend(told);
                    deviation.extend(variances.iter().map(|variance| variance.sqrt() * self.scaling.factor));
                }
                (Fit::Ridge(fit), None) => mean.extend(fit.predict(cross.as_ref())),
                (Fit::Vector(fit), None) => mean.extend(fit.predict(cross.as_ref())),
                (Fit::Process {}, None) => unreachable!("it was conditioned"),
            }
        }
        mean.iter_mut().for_each(|value| *value = self.scaling.undo(*value));
        Ok(Regressed { mean, deviation: process.map(|_| deviation) })
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
}

/// The share of the variance of targets that is told: 1 of exact numbers, 0 of their mean; none where all targets are the same.
///
/// # Panics
/// When the lists differ in length.
#[track_caller]
pub fn r_squared(told: &[f64], targets: &[f64]) -> Option<f64> {
    assert_eq!(told.len(), targets.len(), "a target for each number");
    let mean = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
    let whole: f64 = targets.iter().map(|target| (target - mean).powi(2)).sum();
    let left: f64 = told.iter().zip(targets).map(|(told, target)| (told - target).powi(2)).sum();
    (whole > 0.0).then(|| 1.0 - left / whole)
}
