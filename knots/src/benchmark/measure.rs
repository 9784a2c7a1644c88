//! Relative errors of benchmark braids under noise.

use num_complex::Complex64;
use serde::{Deserialize, Serialize};

use super::{generate, power_law};
use crate::braid::Closure;
use crate::circuit::{Target, circuit_cost};
use crate::error::KnotError;
use qloom_circuits::Stream;

use crate::estimate::{SampleNoise, expected, factor};
use crate::exact::Limits;
use crate::simplify::{SimplifyConfig, simplify};

/// Braids made anew before one is taken whatever its value.
const TRIALS: u64 = 10_000;

/// How braids are measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureConfig {
    /// For what machine circuits are made.
    pub target: Target,
    /// Its noise.
    pub noise: SampleNoise,
    /// Trajectories a braid.
    pub trajectories: usize,
    /// Braids whose `|E|` is below this are made anew: a relative error needs a value. From 0 to below 1.
    pub least: f64,
    /// Whether braids are simplified first.
    pub simplify: bool,
}

/// One braid's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Strands of the braid that ran.
    pub strands: usize,
    /// Layers in front of the centre.
    pub layers: usize,
    /// Crossings of the braid that ran.
    pub crossings: usize,
    /// Maximal runs of one generator.
    pub runs: usize,
    /// Two-qubit gates of a circuit on average.
    pub two_qubit_gates: f64,
    /// Layers of two-qubit gates.
    pub two_qubit_depth: usize,
    /// `|E|`.
    pub exact_modulus: f64,
    /// Relative error of the echo's value.
    pub relative_error_echo: f64,
    /// The same when shots with illegal strings are discarded.
    pub relative_error_discard: f64,
    /// Standard error of the echo's relative error, from the number of trajectories.
    pub standard_error: f64,
    /// Fraction of shots discarded.
    pub discarded: f64,
    /// [`Expected::clean`](crate::estimate::Expected::clean).
    pub clean: f64,
}

/// Makes and measures one braid, drawn from the stream with its errors.
///
/// # Errors
/// As [`generate`] and [`expected`].
pub fn measure(
    strands: usize,
    layers: usize,
    config: &MeasureConfig,
    stream: &mut Stream,
    limits: &mut Limits<'_>,
) -> Result<Measured, KnotError> {
    let mut made = generate(strands, layers, stream)?;
    for _ in 1..TRIALS {
        if made.exact.norm() >= config.least && made.exact.norm() > 0.0 {
            break;
        }
        made = generate(strands, layers, stream)?;
    }
    let (mut braid, mut exact) = (made.braid, made.exact);
    if config.simplify {
        let simple = simplify(&braid, SimplifyConfig::default(), stream);
        // V is the same, E is not when strands go away
        exact *= factor(&braid, Closure::Trace)? / factor(&simple, Closure::Trace)?;
        braid = simple;
    }
    let cost = circuit_cost(&braid, config.target)?;
    let result = expected(&braid, config.target, &config.noise, exact, config.trajectories, stream, limits)?;
    let relative = |value: Complex64| (value - exact).norm() / exact.norm();
    Ok(Measured {
        strands: braid.strands(),
        layers,
        crossings: braid.len(),
        runs: cost.runs,
        two_qubit_gates: cost.two_qubit_gates,
        two_qubit_depth: cost.two_qubit_depth,
        exact_modulus: exact.norm(),
        relative_error_echo: relative(result.echo),
        relative_error_discard: relative(result.echo_discard),
        standard_error: result.standard_error * std::f64::consts::SQRT_2 / exact.norm(),
        discarded: result.discarded,
        clean: result.clean,
    })
}

/// A relative error of `factor * crossings^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PowerLaw {
    /// Relative error at one crossing.
    pub factor: f64,
    /// The power of the number of crossings.
    pub exponent: f64,
}

impl PowerLaw {
    /// The law nearest to a relative error of all braids; none for braids of one size.
    pub fn fit(braids: &[Measured], error: fn(&Measured) -> f64) -> Option<Self> {
        let points: Vec<(f64, f64)> = braids.iter().map(|braid| (braid.crossings as f64, error(braid))).collect();
        power_law(&points).map(|(factor, exponent)| Self { factor, exponent })
    }
}

/// Medians of the braids with numbers of crossings in one band.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The crossings, from the first number to below the second; `551-` is open.
    pub crossings: String,
    /// Number of braids.
    pub braids: usize,
    /// Median of [`Measured::two_qubit_gates`].
    pub two_qubit_gates: f64,
    /// Median of [`Measured::two_qubit_depth`].
    pub two_qubit_depth: f64,
    /// Median of [`Measured::relative_error_echo`].
    pub relative_error_echo: f64,
    /// Median of [`Measured::relative_error_discard`].
    pub relative_error_discard: f64,
    /// Median of [`Measured::discarded`].
    pub discarded: f64,
}

/// Medians over bands of crossings; bands without braids are left out.
pub fn bands(braids: &[Measured]) -> Vec<Band> {
    let median = |inside: &[&Measured], of: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = inside.iter().map(|braid| of(braid)).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
    };
    let edges = [0, 20, 60, 100, 150, 200, 300, 400, 551, usize::MAX];
    let band = |edge: &[usize]| {
        let inside: Vec<&Measured> = braids.iter().filter(|braid| (edge[0]..edge[1]).contains(&braid.crossings)).collect();
        let end = if edge[1] == usize::MAX { String::new() } else { edge[1].to_string() };
        (!inside.is_empty()).then(|| Band {
            crossings: format!("{}-{end}", edge[0]),
            braids: inside.len(),
            two_qubit_gates: median(&inside, |braid| braid.two_qubit_gates),
            two_qubit_depth: median(&inside, |braid| braid.two_qubit_depth as f64),
            relative_error_echo: median(&inside, |braid| braid.relative_error_echo),
            relative_error_discard: median(&inside, |braid| braid.relative_error_discard),
            discarded: median(&inside, |braid| braid.discarded),
        })
    };
    edges.windows(2).filter_map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(strands: usize, simplify: bool, noise: &str) -> Measured {
        let noise: qloom_hardware::UniformNoise = noise.parse().expect("a noise");
        let config = MeasureConfig { target: Target::default(), noise: noise.into(), trajectories: 20, least: 0.2, simplify };
        let mut go_on = |_: usize, _: usize| std::ops::ControlFlow::Continue(());
        measure(strands, 3, &config, &mut Stream::named(7, "braid"), &mut Limits { memory_bytes: 1 << 30, progress: &mut go_on })
            .expect("small")
    }

    #[test]
    fn without_noise_there_is_no_error() {
        for simplify in [false, true] {
            let perfect = measured(6, simplify, "");
            assert!(perfect.relative_error_echo < 1e-9 && perfect.clean == 1.0 && perfect.exact_modulus >= 0.2, "{perfect:?}");
            assert!(measured(6, simplify, "depolarizing2=0.02").relative_error_echo > 1e-3);
        }
    }

    #[test]
    fn bands_have_the_medians_of_their_braids() {
        let example = measured(4, false, "");
        let with = |crossings, discarded| Measured { crossings, discarded, ..example.clone() };
        let found = bands(&[with(5, 0.1), with(19, 0.3), with(20, 0.5), with(10, 0.2), with(600, 0.7), with(700, 0.9)]);
        let found: Vec<_> = found.iter().map(|band| (band.crossings.as_str(), band.braids, band.discarded)).collect();
        assert_eq!(found, [("0-20", 3, 0.2), ("20-60", 1, 0.5), ("551-", 2, 0.8)]);
    }
}
