//! Estimates of `V` from those of `E`, next to what else is known about a link.

use num_complex::Complex64;
use qloom_circuits::Stream;
use serde::Serialize;

use super::{Evaluation, Stage, StageName};
use crate::braid::{Braid, Closure};
use crate::circuit::{CircuitCost, Target, circuit_cost};
use crate::error::KnotError;
use crate::exact::Limits;
use crate::fibonacci::{PathString, Space, polynomial_factor, random_vector};
use crate::plat::writhe as plat_writhe;
use crate::simplify::{SimplifyConfig, simplify};

/// The most strands for which the exact value is computed string by string.
const TRACE_STRANDS: usize = 18;

/// The most strands of a plat closure whose exact value is computed.
const PLAT_STRANDS: usize = 32;

/// Amplitudes of all random vectors together, unless their number is given.
const AMPLITUDES: usize = 1 << 20;

/// The writhe of the closed braid.
///
/// # Errors
/// For a plat closure of an odd number of strands.
pub fn writhe(braid: &Braid, closure: Closure) -> Result<i64, KnotError> {
    match closure {
        Closure::Trace => Ok(braid.writhe()),
        Closure::Plat => plat_writhe(braid),
    }
}

/// The factor between `E` and `V` at the fifth root.
///
/// # Errors
/// As [`writhe`].
///
/// ```
/// use qloom_knots::{Braid, Closure, estimate};
/// let trefoil = Braid::new(2, vec![1, 1, 1])?;
/// let phi = (1.0 + 5.0f64.sqrt()) / 2.0;
/// assert!((estimate::factor(&trefoil, Closure::Trace)?.norm() - phi).abs() < 1e-15);
/// # Ok::<(), qloom_knots::KnotError>(())
/// ```
pub fn factor(braid: &Braid, closure: Closure) -> Result<Complex64, KnotError> {
    Ok(polynomial_factor(braid, closure, writhe(braid, closure)?))
}

/// The exact value of `V` at the fifth root; none where it would take too long: a trace closure whose simplified braid has more than 18
/// strands, a plat closure of more than 32.
///
/// # Errors
/// As [`writhe`].
pub fn exact_value(braid: &Braid, closure: Closure) -> Result<Option<Complex64>, KnotError> {
    match closure {
        Closure::Trace => {
            let simple = simplify(braid, SimplifyConfig::default(), &mut Stream::named(0, "slides"));
            if simple.strands() > TRACE_STRANDS {
                return Ok(None);
            }
            Ok(Some(factor(&simple, closure)? * Space::new(simple.strands())?.trace(&simple)))
        }
        Closure::Plat if braid.strands() > PLAT_STRANDS => Ok(None),
        Closure::Plat => {
            let cups = PathString::cups(braid.strands());
            Ok(Some(factor(braid, closure)? * Space::new(braid.strands())?.matrix_element(braid, &cups)))
        }
    }
}

/// The classical estimate that a quantum one must beat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// `random-vector` for a trace closure, `fibonacci-vector` for a plat closure.
    pub method: &'static str,
    /// The value of `V`; none where it would take too long.
    pub value: Option<Complex64>,
    /// Standard error of the complex value.
    pub standard_error: f64,
    /// Number of random vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vectors: Option<usize>,
    /// Amplitudes of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<usize>,
}

/// Computes the classical estimate; `vectors` are as many as have a million amplitudes together (2 to 256) if none.
///
/// # Errors
/// As [`writhe`], and when a vector needs more memory than there is, or the caller asked to stop.
pub fn baseline(
    braid: &Braid,
    closure: Closure,
    vectors: Option<usize>,
    stream: &mut Stream,
    limits: &mut Limits<'_>,
) -> Result<Baseline, KnotError> {
    let factor = factor(braid, closure)?;
    if closure == Closure::Plat {
        let value = exact_value(braid, closure)?;
        return Ok(Baseline { method: "fibonacci-vector", value, standard_error: 0.0, vectors: None, dimension: None });
    }
    let dimension = Space::new(braid.strands())?.dimension();
    let vectors = vectors.unwrap_or_else(|| (AMPLITUDES / dimension).clamp(2, 256));
    let estimate = random_vector(braid, vectors, stream, limits)?;
    Ok(Baseline {
        method: "random-vector",
        value: Some(factor * estimate.value),
        standard_error: factor.norm() * estimate.standard_error * std::f64::consts::SQRT_2,
        vectors: Some(vectors),
        dimension: Some(dimension),
    })
}

/// The estimate of `V` after one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageValue {
    /// Which stage.
    pub stage: StageName,
    /// Estimate of `V`.
    pub value: Complex64,
    /// Standard error of the complex value.
    pub standard_error: f64,
    /// Standard errors of its real and imaginary part.
    pub standard_error_parts: [f64; 2],
    /// Estimate of `E`.
    pub e: Complex64,
    /// Standard errors of its real and imaginary part.
    pub e_standard_error_parts: [f64; 2],
    /// Distance from the exact value as a fraction of its modulus, where it is known and not zero.
    pub relative_error: Option<f64>,
}

impl StageValue {
    /// A stage in `V`: the phase of the factor turns the errors, its modulus scales them.
    fn new(stage: &Stage, factor: Complex64, exact: Option<Complex64>) -> Self {
        let value = factor * stage.value;
        let [re, im] = stage.standard_error;
        let turned = |a: f64, b: f64| (a * a * re * re + b * b * im * im).sqrt();
        let parts = [turned(factor.re, factor.im), turned(factor.im, factor.re)];
        Self {
            stage: stage.name,
            value,
            standard_error: parts[0].hypot(parts[1]),
            standard_error_parts: parts,
            e: stage.value,
            e_standard_error_parts: stage.standard_error,
            relative_error: exact.filter(|exact| exact.norm() > 0.0).map(|exact| (value - exact).norm() / exact.norm()),
        }
    }
}

/// The phase between the branches of the Hadamard test that braid and mirror image have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CommonPhase {
    /// The phase.
    pub radians: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// An estimate of `V(e^{2 pi i/5})`, stage by stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimated {
    /// The chosen stage's value.
    pub value: Complex64,
    /// Standard error of the complex value.
    pub standard_error: f64,
    /// Standard errors of its real and imaginary part.
    pub standard_error_parts: [f64; 2],
    /// The chosen stage.
    pub stage: StageName,
    /// The exact value, where it is known.
    pub exact: Option<Complex64>,
    /// The modulus of the factor between `E` and `V`: an error of `E` grows by as much.
    pub scale: f64,
    /// The same as a power of the golden ratio.
    pub scale_is: String,
    /// All stages, in order.
    pub stages: Vec<StageValue>,
    /// Fraction of shots with an illegal string.
    pub discarded: f64,
    /// The phase between the branches; none without the mirror image.
    pub common_phase: Option<CommonPhase>,
    /// Shots in all.
    pub shots: u64,
    /// Strands of the braid.
    pub strands: usize,
    /// Its crossings.
    pub crossings: usize,
    /// Writhe of the closed braid.
    pub writhe: i64,
    /// What one circuit costs.
    pub circuit: CircuitCost,
}

impl Estimated {
    /// The estimate whose value is that of a stage; by default the last of raw, discard and echo. None if this stage was not made.
    ///
    /// # Errors
    /// As [`writhe`].
    pub fn new(
        braid: &Braid,
        closure: Closure,
        target: Target,
        evaluation: &Evaluation,
        stage: Option<StageName>,
    ) -> Result<Option<Self>, KnotError> {
        let factor = factor(braid, closure)?;
        let exact = exact_value(braid, closure)?;
        let stages: Vec<StageValue> = evaluation.stages.iter().map(|stage| StageValue::new(stage, factor, exact)).collect();
        let chosen = match stage {
            Some(name) => stages.iter().find(|stage| stage.stage == name),
            None => stages.iter().rfind(|stage| match stage.stage {
                StageName::Raw | StageName::Discard | StageName::Echo => true,
                StageName::Conjugate => false,
            }),
        };
        let Some(chosen) = chosen else { return Ok(None) };
        let power = match closure {
            Closure::Trace => braid.strands() as i64 - 1,
            Closure::Plat => braid.strands() as i64 / 2 - 1,
        };
        Ok(Some(Self {
            value: chosen.value,
            standard_error: chosen.standard_error,
            standard_error_parts: chosen.standard_error_parts,
            stage: chosen.stage,
            exact,
            scale: factor.norm(),
            scale_is: format!("phi^{power}"),
            discarded: evaluation.discarded,
            common_phase: evaluation.common_phase.map(|(radians, standard_error)| CommonPhase { radians, standard_error }),
            shots: evaluation.shots,
            strands: braid.strands(),
            crossings: braid.len(),
            writhe: writhe(braid, closure)?,
            circuit: circuit_cost(braid, target)?,
            stages,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The factor turns and scales value and errors alike; the exact value of the trefoil is `t + t^3 - t^4`.
    #[test]
    fn stages_are_turned_into_v() {
        let braid = Braid::new(2, vec![1, 1, 1]).expect("a braid");
        let t = Complex64::cis(2.0 * std::f64::consts::PI / 5.0);
        let exact = exact_value(&braid, Closure::Trace).expect("a trace").expect("small");
        assert!((exact - (t + t.powu(3) - t.powu(4))).norm() < 1e-12);
        let factor = factor(&braid, Closure::Trace).expect("a trace");
        let stage = |name, shift: f64| Stage { name, value: exact / factor + shift, standard_error: [0.01, 0.02] };
        let evaluation = Evaluation {
            stages: vec![stage(StageName::Raw, 0.1), stage(StageName::Echo, 0.0), stage(StageName::Conjugate, 0.2)],
            discarded: 0.25,
            common_phase: Some((0.5, 0.1)),
            shots: 100,
        };
        let made = |name| Estimated::new(&braid, Closure::Trace, Target::default(), &evaluation, name).expect("a trace");
        let estimated = made(None).expect("echo was made");
        assert_eq!(estimated.stage, StageName::Echo);
        assert!((estimated.value - exact).norm() < 1e-12 && estimated.stages[1].relative_error.expect("known") < 1e-12);
        assert!((estimated.standard_error - factor.norm() * 0.01f64.hypot(0.02)).abs() < 1e-12);
        assert!((estimated.stages[0].relative_error.expect("known") - 0.1 * factor.norm() / exact.norm()).abs() < 1e-12);
        assert_eq!(estimated.scale_is, "phi^1");
        assert_eq!(made(Some(StageName::Conjugate)).expect("made").stage, StageName::Conjugate);
        assert_eq!(made(Some(StageName::Discard)), None);
    }

    fn found(braid: &Braid, closure: Closure) -> Result<Baseline, KnotError> {
        let mut go_on = |_: usize, _: usize| std::ops::ControlFlow::Continue(());
        let limits = &mut Limits { memory_bytes: 1 << 30, progress: &mut go_on };
        baseline(braid, closure, None, &mut Stream::named(5, "vectors"), limits)
    }

    #[test]
    fn baselines_agree_with_exact_values() {
        for (word, closure) in [(vec![1, -2, 1, -2, 3], Closure::Trace), (vec![2, 2, 2], Closure::Plat)] {
            let braid = Braid::new(4, word).expect("a braid");
            let exact = exact_value(&braid, closure).expect("even").expect("small");
            let found = found(&braid, closure).expect("small");
            let distance = (found.value.expect("small") - exact).norm();
            assert!(distance <= 5.0 * found.standard_error + 1e-12, "{closure:?}: {distance} {}", found.standard_error);
        }
        assert!(found(&Braid::new(3, vec![1]).expect("a braid"), Closure::Plat).is_err());
    }
}
