//! How many directions of a classifier's angles data can tell apart.

use faer::{Mat, Side};
use qloom_circuits::Stream;
use qloom_sim::{Batch, BatchParameters, SimulatorConfig};
use serde::Serialize;

use crate::error::{LearnError, check};
use crate::variational::{VariationalClassifier, VariationalSettings};

/// The effective dimension of a classifier for a number of data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EffectiveDimension {
    /// Number of data that it is asked for.
    pub data: u64,
    /// The dimension, up to the number of angles for many data.
    pub dimension: f64,
    /// Divided by the number of angles.
    pub share: f64,
}

/// What the Fisher information of a classifier says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FisherDiagnosis {
    /// Angles of the trained circuit.
    pub parameters: usize,
    /// Mean trace of the Fisher information over the angles drawn.
    pub trace: f64,
    /// Mean share of its eigenvalues above a thousandth of the largest.
    pub rank_share: f64,
    /// For each number of data.
    pub dimensions: Vec<EffectiveDimension>,
}

/// The most angles: Fisher information is a matrix of their pairs.
const MOST_ANGLES: usize = 1000;

/// Probabilities below it add nothing to the Fisher information.
const LEAST: f64 = 1e-12;

/// The effective dimension `2 ln(mean sqrt det(1 + k F)) / ln k`, `k = n / (2 pi ln n)` for n data, with the Fisher information F of the class of
/// a row under angles drawn from [0, 2 pi), its mean trace made the number of angles (Abbas et al., Nat. Comput. Sci. 1, 403 (2021), gamma =
/// 1).
///
/// Rows of features stand for the distribution of the data. Costs `draws` times a gradient of each class for each row, and the cube of the
/// angles.
///
/// # Errors
/// For numbers of data below 100, fewer than one draw, more than 1000 angles, readouts that give no probabilities, shots, noise, and what the
/// classifier refuses.
pub fn effective_dimension(
    settings: &VariationalSettings,
    (features, classes): (&[f64], usize),
    width: usize,
    (data, draws): (&[u64], usize),
    (config, stream): (SimulatorConfig, &mut Stream),
) -> Result<FisherDiagnosis, LearnError> {
    check("draws", draws as f64, draws > 0, "at least 1")?;
    if let Some(few) = data.iter().find(|count| **count < 100) {
        check("the number of data", *few as f64, false, "at least 100")?;
    }
    if !settings.readout.is_probability() || settings.shots.is_some() || settings.noise.is_some() || settings.device.is_some() {
        return Err(LearnError::Unsupported {
            what: "the Fisher information is of exact probabilities of classes",
            remedy: "take the readout mod or parity, without shots and noise",
        });
    }
    let classifier = VariationalClassifier::new(settings, width, classes, config, 0)?;
    let angles = classifier.weights().len();
    check("the number of angles", angles as f64, (1..=MOST_ANGLES).contains(&angles), "from 1 to 1000; take fewer layers")?;
    let rows = classifier.angles(features)?;
    let mut batch = Batch::new(classifier.circuit(), &settings.readout.observables(width, classes)?, config)?;
    let mut informations = Vec::new();
    for _ in 0..draws {
        let weights: Vec<f64> = (0..angles).map(|_| std::f64::consts::TAU * stream.unit()).collect();
        informations.push(information(&mut batch, &weights, &rows, features.len() / width)?);
    }
    let traces = informations.iter().map(|fisher| (0..angles).map(|k| fisher[(k, k)]).sum::<f64>());
    let trace = traces.sum::<f64>() / draws as f64;
    if trace <= LEAST {
        return Err(LearnError::Unsupported {
            what: "the classes do not depend on the angles, so that they have no dimension",
            remedy: "take another circuit or readout",
        });
    }
    let mut spectra = Vec::new();
    for fisher in &informations {
        let values = fisher.self_adjoint_eigenvalues(Side::Lower);
        let values = values.map_err(|_| LearnError::NoSolution { rows: angles, columns: angles })?;
        spectra.push(values.into_iter().map(|value| value.max(0.0)).collect::<Vec<f64>>());
    }
    let rank = |values: &Vec<f64>| {
        let largest = values.iter().copied().fold(0.0, f64::max);
        values.iter().filter(|value| **value > 1e-3 * largest).count() as f64 / angles as f64
    };
    let dimension = |count: u64| {
        let k = count as f64 / (std::f64::consts::TAU * (count as f64).ln());
        let scale = k * angles as f64 / trace;
        let halves: Vec<f64> =
            spectra.iter().map(|values| 0.5 * values.iter().map(|value| (scale * value).ln_1p()).sum::<f64>()).collect();
        let most = halves.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mean = halves.iter().map(|half| (half - most).exp()).sum::<f64>() / draws as f64;
        let dimension = 2.0 * (most + mean.ln()) / k.ln();
        EffectiveDimension { data: count, dimension, share: dimension / angles as f64 }
    };
    Ok(FisherDiagnosis {
        parameters: angles,
        trace,
        rank_share: spectra.iter().map(rank).sum::<f64>() / draws as f64,
        dimensions: data.iter().map(|count| dimension(*count)).collect(),
    })
}

/// The mean over rows of `sum_y (grad p_y)(grad p_y)^T / p_y` by the weights.
fn information(batch: &mut Batch<f64>, weights: &[f64], rows: &[f64], count: usize) -> Result<Mat<f64>, LearnError> {
    let (classes, parameters, angles) = (batch.num_observables(), batch.num_parameters(), weights.len());
    let (mut values, mut gradients) = (vec![0.0; count * classes], vec![0.0; count * classes * parameters]);
    batch.values_and_gradients(BatchParameters { shared: weights, rows }, &mut values, &mut gradients)?;
    let scaled = Mat::from_fn(angles, count * classes, |angle, place| {
        let chance = values[place];
        if chance > LEAST { gradients[place * parameters + angle] / (chance * count as f64).sqrt() } else { 0.0 }
    });
    Ok(&scaled * scaled.transpose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::MapSettings;
    use crate::variational::{AnsatzSettings, ClassReadout};
    use qloom_circuits::library::Entanglement;

    fn settings() -> VariationalSettings {
        let ansatz = AnsatzSettings::RealAmplitudes { entanglement: Entanglement::Full };
        VariationalSettings { map: MapSettings::Angle {}, ansatz, layers: 1, ..VariationalSettings::default() }
    }

    fn of(settings: &VariationalSettings, width: usize, data: &[u64]) -> Result<FisherDiagnosis, LearnError> {
        let mut stream = Stream::named(3, "angles");
        let rows: Vec<f64> = (0..12 * width).map(|_| 3.0 * stream.unit()).collect();
        let how = (SimulatorConfig::default(), &mut stream);
        effective_dimension(settings, (&rows, 2), width, (data, 20), how)
    }

    /// Two turns of one qubit after another are one: a Fisher information of ones, whatever row and angles.
    #[test]
    fn turns_of_one_qubit_have_one_direction() {
        let found = of(&settings(), 1, &[100, 100_000]).expect("probabilities");
        assert_eq!(found.parameters, 2);
        assert!((found.trace - 2.0).abs() < 1e-9 && (found.rank_share - 0.5).abs() < 1e-12, "{found:?}");
        for dimension in &found.dimensions {
            let count = dimension.data as f64;
            let k = count / (std::f64::consts::TAU * count.ln());
            assert!((dimension.dimension - (1.0 + 2.0 * k).ln() / k.ln()).abs() < 1e-9, "{dimension:?}");
        }
    }

    #[test]
    fn more_data_tell_more_and_never_more_than_the_angles() {
        let wide = VariationalSettings { layers: 2, ..settings() };
        let found = of(&wide, 3, &[100, 10_000, 1_000_000_000]).expect("probabilities");
        let shares: Vec<f64> = found.dimensions.iter().map(|dimension| dimension.share).collect();
        assert!(shares.iter().all(|share| (0.0..1.5).contains(share)) && shares[2] <= 1.05, "{shares:?}");
        assert_eq!(found.parameters, 9);
    }

    #[test]
    fn what_has_no_fisher_information_is_refused() {
        let refused = |settings: VariationalSettings, data: u64, word: &str| {
            let error = of(&settings, 2, &[data]).expect_err(word);
            assert!(error.to_string().contains(word), "{error}");
        };
        refused(settings(), 5, "number of data");
        refused(VariationalSettings { readout: ClassReadout::PerQubit, ..settings() }, 100, "mod or parity");
        refused(VariationalSettings { shots: Some(10), ..settings() }, 100, "without shots");
        refused(VariationalSettings { layers: 900, ..settings() }, 100, "number of angles");
    }
}
