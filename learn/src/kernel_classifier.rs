//! Classifiers on quantum kernels beside the support-vector machine: Gaussian processes, and two for more rows than a matrix has room for.

#[cfg(test)]
mod tests;

use faer::Mat;
use qloom_circuits::Stream;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::classical::LogisticRegression;
use crate::error::{LearnError, check};
use crate::examples::Examples;
use crate::kernel::{KernelKind, KernelRows, MapSettings, QuantumKernel};
use crate::kernel_machine::{AT_A_TIME, MOST_ROWS, check_domain, zz};
use crate::kernel_method::{Nystroem, Pegasos, PegasosSettings, ProcessClassifier};

/// A Gaussian process behind a logistic function, by Laplace's approximation; of more than two classes one for each against the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProcessSettings {
    /// Variance of the latent function, which the kernel is multiplied by. Default 10.
    pub variance: f64,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

/// A support-vector machine without intercept, by steps along the slope of one row at a time; of more than two classes one for each against
/// the others. It asks the kernel for the rows alone that have counted, so that there may be more than 10000.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PegasosMachine {
    /// What a row costs that lies on the wrong side of its margin. Default 1.
    pub c: f64,
    /// Steps, each of which looks at one row. Default 1000.
    pub steps: usize,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

/// Logistic regression on features whose products approximate the kernel: its values with a few rows, the landmarks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NystroemMachine {
    /// Rows that are drawn, or all where there are fewer. Default 100.
    pub landmarks: usize,
    /// What the losses of rows are multiplied by, beside half the squares of the weights. Default 1.
    pub c: f64,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

impl Default for ProcessSettings {
    fn default() -> Self {
        Self { variance: 10.0, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl Default for PegasosMachine {
    fn default() -> Self {
        let PegasosSettings { c, steps } = PegasosSettings::default();
        Self { c, steps, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl Default for NystroemMachine {
    fn default() -> Self {
        Self { landmarks: 100, c: 1.0, map: zz(), kernel: KernelKind::Fidelity }
    }
}

/// One of these methods.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KernelMethod {
    Process(ProcessSettings),
    Pegasos(PegasosMachine),
    Nystroem(NystroemMachine),
}

impl KernelMethod {
    pub(crate) fn map(&self) -> &MapSettings {
        self.kernel().0
    }

    fn kernel(&self) -> (&MapSettings, KernelKind) {
        match self {
            KernelMethod::Process(settings) => (&settings.map, settings.kernel),
            KernelMethod::Pegasos(settings) => (&settings.map, settings.kernel),
            KernelMethod::Nystroem(settings) => (&settings.map, settings.kernel),
        }
    }
}

/// A fitted classifier: the rows that count, and what they count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KernelClassifier {
    map: MapSettings,
    kernel: KernelKind,
    width: usize,
    rows: Vec<f64>,
    fit: Fit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Fit {
    /// Conditioned anew where rows are told.
    Process { variance: f64, labels: Vec<usize> },
    /// For each machine what each row counts.
    Pegasos { coefficients: Vec<Vec<f64>> },
    /// Weights of the features, class by class, each with its intercept.
    Nystroem { weights: Vec<f64> },
}

/// Machines for so many classes: one tells two.
fn machines(classes: usize) -> std::ops::Range<usize> {
    if classes == 2 { 1..2 } else { 0..classes }
}

impl KernelClassifier {
    /// Fits to rows of features.
    ///
    /// # Errors
    /// What the kernel refuses, settings outside their ranges, and more than 10000 rows of a Gaussian process.
    pub fn fit(method: &KernelMethod, examples: &Examples, config: SimulatorConfig, seed: u64) -> Result<Self, LearnError> {
        let (map, kind) = method.kernel();
        let (width, features) = (examples.width(), examples.features());
        check_domain(features, width)?;
        let mut kernel = QuantumKernel::new(map, kind, None, width, config)?;
        let encoded = kernel.encode(features)?;
        let taken = |places: &[usize]| -> Vec<f64> {
            places.iter().flat_map(|row| &features[row * width..(row + 1) * width]).copied().collect()
        };
        let (rows, fit) = match method {
            KernelMethod::Process(ProcessSettings { variance, .. }) => {
                if examples.len() > MOST_ROWS {
                    return Err(LearnError::TooManyRows { rows: examples.len(), limit: MOST_ROWS });
                }
                let (variance, labels) = (*variance, examples.labels().to_vec());
                processes(&kernel, &encoded, &labels, examples.classes().len(), variance)?;
                (features.to_vec(), Fit::Process { variance, labels })
            }
            KernelMethod::Pegasos(PegasosMachine { c, steps, .. }) => {
                let settings = PegasosSettings { c: *c, steps: *steps };
                let one = |class: usize| {
                    let second: Vec<bool> = examples.labels().iter().map(|label| *label == class).collect();
                    let kernels = |row: usize, others: &[usize]| Ok(kernel.with_some(&encoded, row, others));
                    Pegasos::fit(&second, &settings, kernels, &mut Stream::numbered(seed, "pegasos", class as u64))
                };
                let fitted = machines(examples.classes().len()).map(one).collect::<Result<Vec<Pegasos>, _>>()?;
                let mut kept: Vec<usize> = fitted.iter().flat_map(|machine| machine.support().to_vec()).collect();
                kept.sort_unstable();
                kept.dedup();
                let of_row = |machine: &Pegasos, row: &usize| {
                    machine.support().binary_search(row).map_or(0.0, |place| machine.coefficients()[place])
                };
                let coefficients = fitted.iter().map(|machine| kept.iter().map(|row| of_row(machine, row)).collect()).collect();
                (taken(&kept), Fit::Pegasos { coefficients })
            }
            KernelMethod::Nystroem(NystroemMachine { landmarks, c, .. }) => {
                check("landmarks", *landmarks as f64, (1..=500).contains(landmarks), "from 1 to 500")?;
                check("c", *c, c.is_finite() && *c > 0.0, "a positive number")?;
                let mut order: Vec<usize> = (0..examples.len()).collect();
                Stream::named(seed, "landmarks").shuffle(&mut order);
                order.truncate(*landmarks);
                order.sort_unstable();
                let rows = taken(&order);
                let known = kernel.encode(&rows)?;
                let near = approximated(&kernel, &known, &encoded)?;
                let regression = LogisticRegression::fit(&near, order.len(), examples.labels(), examples.classes().len(), *c)?;
                (rows, Fit::Nystroem { weights: regression.weights })
            }
        };
        Ok(Self { map: map.clone(), kernel: kind, width, rows, fit })
    }

    /// One score for each class and row: probabilities, or the decisions of Pegasos.
    ///
    /// # Errors
    /// When a number is not in the domain of the map, or the parts of a classifier read from a file do not fit each other.
    pub fn scores(&self, features: &[f64], classes: usize, config: SimulatorConfig) -> Result<Vec<f64>, LearnError> {
        check_domain(features, self.width)?;
        let known = self.rows.len() / self.width.max(1);
        let fits = match &self.fit {
            Fit::Process { labels, .. } => labels.len() == known && labels.iter().max().is_some_and(|last| last + 1 == classes),
            Fit::Pegasos { coefficients } => {
                coefficients.len() == machines(classes).len() && coefficients.iter().all(|list| list.len() == known)
            }
            Fit::Nystroem { weights } => weights.len() == classes * (known + 1),
        };
        if known == 0 || known * self.width != self.rows.len() || !fits {
            return Err(LearnError::Damaged { reason: "rows, what they count and classes do not fit each other".to_owned() });
        }
        let mut kernel = QuantumKernel::new(&self.map, self.kernel, None, self.width, config)?;
        let rows = kernel.encode(&self.rows)?;
        let told = match &self.fit {
            Fit::Process { variance, labels } => Some(processes(&kernel, &rows, labels, classes, *variance)?),
            Fit::Pegasos { .. } | Fit::Nystroem { .. } => None,
        };
        let mut scores = Vec::new();
        for part in features.chunks(AT_A_TIME * self.width) {
            let asked = kernel.encode(part)?;
            match (&self.fit, &told) {
                (Fit::Process { variance, .. }, Some(processes)) => {
                    let cross = kernel.cross(&asked, &rows, &mut Stream::named(0, "none"));
                    let cross = Mat::from_fn(cross.nrows(), known, |row, column| variance * cross[(row, column)]);
                    let diagonal = vec![*variance; cross.nrows()];
                    let chances: Vec<Vec<f64>> =
                        processes.iter().map(|process| process.chances(cross.as_ref(), &diagonal)).collect();
                    scores.extend((0..cross.nrows()).flat_map(|row| normalised(&chances, row, classes)));
                }
                (Fit::Pegasos { coefficients }, _) => {
                    let cross = kernel.cross(&asked, &rows, &mut Stream::named(0, "none"));
                    for row in 0..cross.nrows() {
                        let decision =
                            |list: &Vec<f64>| list.iter().enumerate().map(|(k, weight)| weight * cross[(row, k)]).sum();
                        let decisions: Vec<f64> = coefficients.iter().map(decision).collect();
                        match decisions[..] {
                            [one] => scores.extend([-one, one]),
                            _ => scores.extend(decisions),
                        }
                    }
                }
                (Fit::Nystroem { weights }, _) => {
                    let near = approximated(&kernel, &rows, &asked)?;
                    let regression = LogisticRegression { weights: weights.clone(), classes };
                    scores.extend(near.chunks(known).flat_map(|row| regression.probabilities(row)));
                }
                (Fit::Process { .. }, None) => unreachable!("it was conditioned"),
            }
        }
        Ok(scores)
    }

    /// Whether scores are probabilities.
    pub fn has_probabilities(&self) -> bool {
        match &self.fit {
            Fit::Process { .. } | Fit::Nystroem { .. } => true,
            Fit::Pegasos { .. } => false,
        }
    }
}

/// A process for each class against the others, or one of two classes.
fn processes(
    kernel: &QuantumKernel,
    rows: &KernelRows,
    labels: &[usize],
    classes: usize,
    variance: f64,
) -> Result<Vec<ProcessClassifier>, LearnError> {
    check("variance", variance, variance.is_finite() && variance > 0.0, "a positive number")?;
    let gram = kernel.gram(rows, &mut Stream::named(0, "none"))?;
    let gram = Mat::from_fn(labels.len(), labels.len(), |row, column| variance * gram[(row, column)]);
    let one = |class: usize| {
        let second: Vec<bool> = labels.iter().map(|label| *label == class).collect();
        ProcessClassifier::fit(gram.as_ref(), &second)
    };
    machines(classes).map(one).collect()
}

/// The chances of all classes of a row, which add up to 1.
fn normalised(chances: &[Vec<f64>], row: usize, classes: usize) -> Vec<f64> {
    if classes == 2 {
        return vec![1.0 - chances[0][row], chances[0][row]];
    }
    let sum: f64 = chances.iter().map(|chances| chances[row]).sum();
    chances.iter().map(|chances| chances[row] / sum.max(f64::MIN_POSITIVE)).collect()
}

/// Features of rows by landmarks, row by row.
fn approximated(kernel: &QuantumKernel, landmarks: &KernelRows, rows: &KernelRows) -> Result<Vec<f64>, LearnError> {
    let mut stream = Stream::named(0, "none");
    let features = Nystroem::fit(kernel.gram(landmarks, &mut stream)?.as_ref())?
        .transform(kernel.cross(rows, landmarks, &mut stream).as_ref());
    Ok((0..features.nrows()).flat_map(|row| features.row(row).iter().copied().collect::<Vec<f64>>()).collect())
}
