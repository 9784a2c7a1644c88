//! Jones polynomials from sampled circuits.

use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use qloom::circuits::{self, Stream};
use qloom::knots;
use qloom::knots::circuit::{Layout, Native, Part, Target, hadamard_test, hadamard_test_with_control};
use qloom::knots::estimate::{Estimated, Mitigation, SampleConfig, SampleNoise, Sampling, StageName, StageValue, evaluate};
use qloom::knots::fibonacci::PathString;

use super::MEMORY;
use crate::chemistry::choice;
use crate::device::Device;
use crate::error;
use crate::work;

/// Strands times layers of a benchmark braid.
pub const MOST_SLOTS: usize = 1_000_000;

/// Shots of all circuits together: each draws a string.
const MOST_SHOTS: u64 = 100_000_000;

/// The noise of sampled circuits.
#[derive(FromPyObject)]
pub enum Noise {
    /// The same everywhere, as text.
    Uniform(String),
    /// Of a device.
    Device(Py<Device>),
}

impl Default for Noise {
    fn default() -> Self {
        Noise::Uniform(String::new())
    }
}

impl Noise {
    /// As sampling takes it.
    pub fn sampled(self) -> PyResult<SampleNoise> {
        match self {
            Noise::Uniform(text) if text.is_empty() => Ok(SampleNoise::default()),
            Noise::Uniform(text) => {
                text.parse().map(SampleNoise::Uniform).map_err(|error: qloom::hardware::HardwareError| error::of(error))
            }
            Noise::Device(device) => Ok(SampleNoise::Device(Box::new(device.get().inner.clone()))),
        }
    }
}

/// The machine that circuits are made for.
pub fn target(native: &str, layout: &str) -> PyResult<Target> {
    let natives = [("zz", Native::Zz), ("cz", Native::Cz), ("cx", Native::Cx), ("ecr", Native::Ecr)];
    let layouts = [("line", Layout::Line), ("all-to-all", Layout::AllToAll)];
    Ok(Target { native: choice("native gate", native, &natives)?, layout: choice("layout", layout, &layouts)? })
}

/// The circuit of a Hadamard test.
pub fn circuit(braid: &knots::Braid, string: Option<Vec<bool>>, part: &str, target: Target) -> PyResult<circuits::Circuit> {
    let part = choice("part", part, &[("real", Part::Real), ("imaginary", Part::Imaginary)])?;
    let Some(bits) = string else { return hadamard_test_with_control(braid, part, target).map_err(error::of) };
    let string = PathString::new(bits)
        .ok_or_else(|| error::knot("this is no path string; the first bit is one, and no two neighbours are zero"))?;
    hadamard_test(braid, &string, part, target).map_err(error::of)
}

/// A value of `V` by stage.
fn stage_of<'py>(py: Python<'py>, stage: &StageValue) -> PyResult<Bound<'py, PyDict>> {
    let dictionary = PyDict::new(py);
    dictionary.set_item("stage", stage.stage.name())?;
    dictionary.set_item("value", stage.value)?;
    dictionary.set_item("standard_error", stage.standard_error)?;
    dictionary.set_item("relative_error", stage.relative_error)?;
    Ok(dictionary)
}

/// Samples and evaluates.
pub fn estimate<'py>(py: Python<'py>, config: SampleConfig, stage: Option<&str>, seed: u64) -> PyResult<Bound<'py, PyDict>> {
    let stages = [StageName::Raw, StageName::Discard, StageName::Echo, StageName::Conjugate].map(|stage| (stage.name(), stage));
    let stage = stage.map(|name| choice("stage", name, &stages)).transpose()?;
    if config.shots == 0 || config.shots > MOST_SHOTS {
        let shots = config.shots;
        return Err(error::input(format!("{shots} shots; a polynomial is estimated from 1 to {MOST_SHOTS}")));
    }
    let found = work::long(py, move |stop| {
        let (braid, closure, target) = (config.braid.clone(), config.closure, config.target);
        let mut sampling = Sampling::new(config, &mut Stream::named(seed, "shots")).map_err(error::of)?;
        while sampling.step(MEMORY, &|| stop.load(Ordering::Relaxed)).map_err(error::of)?.is_some() {}
        let evaluation = evaluate(sampling.records(), target.layout, None, Mitigation::default(), None);
        Estimated::new(&braid, closure, target, &evaluation, stage).map_err(error::of)
    })?;
    let found = found.ok_or_else(|| error::knot("this stage was not made; conjugate needs conjugate=True"))?;
    let dictionary = PyDict::new(py);
    dictionary.set_item("value", found.value)?;
    dictionary.set_item("standard_error", found.standard_error)?;
    dictionary.set_item("stage", found.stage.name())?;
    dictionary.set_item("exact", found.exact)?;
    dictionary.set_item("scale", found.scale)?;
    dictionary.set_item("discarded", found.discarded)?;
    dictionary.set_item("shots", found.shots)?;
    dictionary.set_item("stages", found.stages.iter().map(|stage| stage_of(py, stage)).collect::<PyResult<Vec<_>>>()?)?;
    Ok(dictionary)
}
