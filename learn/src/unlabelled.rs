//! What quantum kernels say of rows without labels: components, outliers, clusters.

#[cfg(test)]
mod tests;

use faer::Mat;
use qloom_circuits::Stream;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::error::LearnError;
use crate::kernel::{KernelKind, MapSettings, QuantumKernel};
use crate::kernel_machine::{AT_A_TIME, MOST_ROWS, check_domain, zz};
use crate::kernel_method::{KernelComponents, OneClassMachine, spectral_clustering};
use crate::preparation::Preparation;
use crate::saved;

/// What is found in rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnlabelledSettings {
    /// Principal components in the space of the kernel.
    KernelPca(ComponentSettings),
    /// Rows that are unlike the others.
    OneClass(OutlierSettings),
    /// Groups of rows that are like each other.
    SpectralClustering(ClusterSettings),
}

/// Principal components in the space of the kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComponentSettings {
    /// How many. Default 2.
    pub components: usize,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

/// A machine for one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutlierSettings {
    /// The share of the rows that may lie outside, at most. Default 0.1.
    pub nu: f64,
    /// How far the conditions of optimality may be missed. Default 1e-3.
    pub tolerance: f64,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

/// Spectral clustering with the kernel as likeness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterSettings {
    /// How many. Default 2.
    pub clusters: usize,
    /// How rows become states. Default zz.
    pub map: MapSettings,
    /// What is compared of states. Default fidelity.
    pub kernel: KernelKind,
}

impl Default for ComponentSettings {
    fn default() -> Self {
        Self { components: 2, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl Default for OutlierSettings {
    fn default() -> Self {
        Self { nu: 0.1, tolerance: 1e-3, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl Default for ClusterSettings {
    fn default() -> Self {
        Self { clusters: 2, map: zz(), kernel: KernelKind::Fidelity }
    }
}

impl UnlabelledSettings {
    fn kernel(&self) -> (&MapSettings, KernelKind) {
        match self {
            UnlabelledSettings::KernelPca(settings) => (&settings.map, settings.kernel),
            UnlabelledSettings::OneClass(settings) => (&settings.map, settings.kernel),
            UnlabelledSettings::SpectralClustering(settings) => (&settings.map, settings.kernel),
        }
    }
}

/// What is told of rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// For each row its components, the one with the largest variance first.
    Components(Vec<Vec<f64>>),
    /// For each row a number: positive inside, negative outside.
    Decisions(Vec<f64>),
    /// For each row its cluster, from 0.
    Clusters(Vec<usize>),
}

/// What was found in rows: JSON with a `format` and a `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlabelledFile {
    /// Always `qloom unlabelled model`.
    format: String,
    /// Version of the format.
    version: u32,
    /// The columns of features.
    pub columns: Vec<String>,
    preparation: Preparation,
    settings: UnlabelledSettings,
    /// The rows it was fitted to, prepared.
    rows: Vec<f64>,
    fit: Fit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Fit {
    /// Found anew where rows are told; their shares of the variance.
    Components {
        shares: Vec<f64>,
    },
    OneClass(OneClassMachine),
    /// The cluster of each row.
    Clusters {
        of_row: Vec<usize>,
    },
}

impl UnlabelledFile {
    /// What `format` says.
    pub const FORMAT: &'static str = "qloom unlabelled model";
    const VERSION: u32 = 1;

    /// Fits to rows of numbers, prepared by `preparation`, of these columns; the seed is for the starts of clusters.
    ///
    /// # Errors
    /// When a number is not finite or outside the domain of the map, a setting is outside its range, or there are more than 10000 rows.
    pub fn fit(
        settings: &UnlabelledSettings,
        columns: Vec<String>,
        preparation: Preparation,
        rows: &[f64],
        (config, seed): (SimulatorConfig, u64),
    ) -> Result<Self, LearnError> {
        let rows = preparation.apply(rows)?;
        let width = preparation.outputs();
        let count = rows.len() / width;
        if count > MOST_ROWS {
            return Err(LearnError::TooManyRows { rows: count, limit: MOST_ROWS });
        }
        let (_, gram) = gram(settings, &rows, width, config)?;
        let fit = match settings {
            UnlabelledSettings::KernelPca(ComponentSettings { components, .. }) => {
                let found = KernelComponents::fit(gram.as_ref(), *components)?;
                // the trace of the centred matrix is the whole variance
                let mean = (0..count).map(|k| gram.col(k).iter().sum::<f64>()).sum::<f64>() / count as f64;
                let whole = (0..count).map(|k| gram[(k, k)]).sum::<f64>() - mean;
                Fit::Components { shares: found.eigenvalues().iter().map(|value| value / whole).collect() }
            }
            UnlabelledSettings::OneClass(OutlierSettings { nu, tolerance, .. }) => {
                Fit::OneClass(OneClassMachine::fit(gram.as_ref(), *nu, *tolerance)?)
            }
            UnlabelledSettings::SpectralClustering(ClusterSettings { clusters, .. }) => {
                let of_row = spectral_clustering(gram.as_ref(), *clusters, &mut Stream::named(seed, "clusters"))?;
                Fit::Clusters { of_row }
            }
        };
        let (format, version, settings) = (Self::FORMAT.to_owned(), Self::VERSION, settings.clone());
        Ok(Self { format, version, columns, preparation, settings, rows, fit })
    }

    /// Shares of the variance along components; none of another kind.
    pub fn variance_shares(&self) -> Option<&[f64]> {
        match &self.fit {
            Fit::Components { shares } => Some(shares),
            Fit::OneClass(_) | Fit::Clusters { .. } => None,
        }
    }

    /// The clusters of the rows it was fitted to; none of another kind.
    pub fn clusters(&self) -> Option<&[usize]> {
        match &self.fit {
            Fit::Clusters { of_row } => Some(of_row),
            Fit::Components { .. } | Fit::OneClass(_) => None,
        }
    }

    /// What is told of rows before preparation; a row belongs to the cluster with the highest mean kernel.
    ///
    /// # Errors
    /// When a number is not finite or outside the domain of the map, or parts of a file do not fit each other.
    pub fn tell(&self, rows: &[f64], config: SimulatorConfig) -> Result<Found, LearnError> {
        let width = self.preparation.outputs();
        let features = self.preparation.apply(rows)?;
        check_domain(&features, width)?;
        let count = self.rows.len() / width;
        let fits = match &self.fit {
            Fit::Components { .. } => matches!(self.settings, UnlabelledSettings::KernelPca(_)),
            Fit::OneClass(machine) => machine.rows() == count,
            Fit::Clusters { of_row } => of_row.len() == count,
        };
        if count == 0 || count * width != self.rows.len() || !fits {
            return Err(LearnError::Damaged { reason: "the fit does not belong to the settings and rows".to_owned() });
        }
        let (mut kernel, gram) = gram(&self.settings, &self.rows, width, config)?;
        let known = kernel.encode(&self.rows)?;
        let components = match &self.settings {
            UnlabelledSettings::KernelPca(settings) => Some(KernelComponents::fit(gram.as_ref(), settings.components)?),
            UnlabelledSettings::OneClass(_) | UnlabelledSettings::SpectralClustering(_) => None,
        };
        let (mut points, mut decisions, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
        for part in features.chunks(AT_A_TIME * width) {
            let asked = kernel.encode(part)?;
            // nothing is drawn
            let cross = kernel.cross(&asked, &known, &mut Stream::named(0, "none"));
            match (&self.fit, &components) {
                (_, Some(components)) => {
                    let along = components.transform(cross.as_ref());
                    points.extend((0..along.nrows()).map(|row| along.row(row).iter().copied().collect::<Vec<f64>>()));
                }
                (Fit::OneClass(machine), None) => decisions.extend(machine.decisions(cross.as_ref())),
                (Fit::Clusters { of_row }, None) => clusters.extend((0..cross.nrows()).map(|row| nearest(&cross, row, of_row))),
                (Fit::Components { .. }, None) => unreachable!("components were found anew"),
            }
        }
        Ok(match &self.fit {
            Fit::Components { .. } => Found::Components(points),
            Fit::OneClass(_) => Found::Decisions(decisions),
            Fit::Clusters { .. } => Found::Clusters(clusters),
        })
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

/// The kernel, and its matrix of prepared rows.
fn gram(
    settings: &UnlabelledSettings,
    rows: &[f64],
    width: usize,
    config: SimulatorConfig,
) -> Result<(QuantumKernel, Mat<f64>), LearnError> {
    check_domain(rows, width)?;
    let (map, kind) = settings.kernel();
    let mut kernel = QuantumKernel::new(map, kind, None, width, config)?;
    let encoded = kernel.encode(rows)?;
    let gram = kernel.gram(&encoded, &mut Stream::named(0, "none"))?;
    Ok((kernel, gram))
}

/// The cluster with the highest mean kernel with a row, the first of several.
fn nearest(cross: &Mat<f64>, row: usize, of_row: &[usize]) -> usize {
    let clusters = of_row.iter().max().map_or(0, |last| last + 1);
    let mut sums = vec![(0.0, 0.0); clusters];
    for (k, cluster) in of_row.iter().enumerate() {
        sums[*cluster] = (sums[*cluster].0 + cross[(row, k)], sums[*cluster].1 + 1.0);
    }
    let mean = |cluster: usize| sums[cluster].0 / f64::max(sums[cluster].1, 1.0);
    (0..clusters).rev().max_by(|a, b| mean(*a).total_cmp(&mean(*b))).unwrap_or_default()
}

/// How well two divisions of the same rows agree: 1 of the same groups, about 0 of groups by chance (Hubert and Arabie, J. Classif. 2, 193
/// (1985)); 1 where both have one group, or all rows by themselves.
///
/// ```
/// assert_eq!(qloom_learn::adjusted_rand_index(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
/// assert!((qloom_learn::adjusted_rand_index(&[0, 0, 1, 1], &[0, 1, 0, 1]) + 0.5).abs() < 1e-15);
/// ```
///
/// # Panics
/// When the lists differ in length.
#[track_caller]
pub fn adjusted_rand_index(groups: &[usize], others: &[usize]) -> f64 {
    assert_eq!(groups.len(), others.len(), "two groups for each row");
    let size = |list: &[usize]| list.iter().max().map_or(0, |last| last + 1);
    let (rows, columns) = (size(groups), size(others));
    let mut counts = vec![0.0; rows * columns];
    groups.iter().zip(others).for_each(|(a, b)| counts[a * columns + b] += 1.0);
    let pairs = |count: f64| 0.5 * count * (count - 1.0);
    let same: f64 = counts.iter().map(|count| pairs(*count)).sum();
    let left: f64 = counts.chunks(columns.max(1)).map(|row| pairs(row.iter().sum())).sum();
    let right: f64 = (0..columns).map(|column| pairs((0..rows).map(|row| counts[row * columns + column]).sum())).sum();
    let all = pairs(groups.len() as f64);
    let (expected, most) = (left * right / all.max(1.0), 0.5 * (left + right));
    if (most - expected).abs() < 1e-12 { 1.0 } else { (same - expected) / (most - expected) }
}
