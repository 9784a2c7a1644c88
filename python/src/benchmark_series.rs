//! Series that models are compared by.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use qloom::circuits::Stream;
use qloom::learn::series::{self, Pendulum};

use crate::array::Reals;
use crate::error;
use crate::work;

/// The most values of a series.
const MOST_POINTS: usize = 10_000_000;

/// The longest delay of Mackey and Glass's equation.
const MOST_DELAY: f64 = 10_000.0;

/// The longest time of an orbit, and the most values that NARMA adds up.
const MOST_TIME: f64 = 100_000.0;
const MOST_SUMS: usize = 1_000_000_000;

/// A series, worked out beside the interpreter.
fn made<'py>(
    py: Python<'py>,
    points: usize,
    make: impl FnOnce() -> PyResult<Vec<f64>> + Send + 'static,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    if points > MOST_POINTS {
        return Err(error::input(format!("{points} values; a series has at most {MOST_POINTS}")));
    }
    Ok(work::long(py, move |_| make())?.into_pyarray(py))
}

fn finite(named: &[(&str, f64)]) -> PyResult<()> {
    match named.iter().find(|(_, value)| !value.is_finite()) {
        Some((name, value)) => Err(error::input(format!("{name} is {value}; it must be a finite number"))),
        None => Ok(()),
    }
}

/// The angular velocities of a pendulum with friction, `th'' = -(b/m) th' - (g/l) sin th` from `th = 0`, in SI units.
///
/// >>> from qloom.series import damped_pendulum
/// >>> damped_pendulum()[:2].round(3).tolist()
/// [3.0, 2.861]
#[pyfunction]
#[pyo3(signature = (friction=0.15, mass=1.0, gravity=9.81, length=1.0, velocity=3.0, duration=20.0, points=240))]
#[allow(clippy::too_many_arguments)]
pub fn damped_pendulum(
    py: Python<'_>,
    friction: f64,
    mass: f64,
    gravity: f64,
    length: f64,
    velocity: f64,
    duration: f64,
    points: usize,
) -> PyResult<Bound<'_, PyArray1<f64>>> {
    let all = [
        ("friction", friction),
        ("mass", mass),
        ("gravity", gravity),
        ("length", length),
        ("velocity", velocity),
        ("duration", duration),
    ];
    finite(&all)?;
    if mass <= 0.0 || length <= 0.0 || !(0.0..=MOST_TIME).contains(&duration) {
        return Err(error::input(format!(
            "mass {mass}, length {length} and duration {duration}; the first two are positive, the last from 0 to {MOST_TIME}"
        )));
    }
    let settings = Pendulum { friction, mass, gravity, length, velocity, duration, points };
    made(py, points, move || Ok(series::damped_pendulum(&settings)))
}

/// The Bessel function J_2 at equally spaced places of [2, 100], both ends included.
#[pyfunction]
pub fn bessel(py: Python<'_>, points: usize) -> PyResult<Bound<'_, PyArray1<f64>>> {
    made(py, points, move || Ok(series::bessel(points)))
}

/// Delayed quantum control, `exp(-t/16) sum_n exp(-10 (t - 2n)^2)` for n from 0 to 10, from `t = -2` on.
#[pyfunction]
pub fn delayed_control(py: Python<'_>, step: f64, points: usize) -> PyResult<Bound<'_, PyArray1<f64>>> {
    finite(&[("step", step)])?;
    made(py, points, move || Ok(series::delayed_control(step, points)))
}

/// The drive `0.1 (sin(2 pi 2.11 t/T) sin(2 pi 3.73 t/T) sin(2 pi 4.11 t/T) + 1)` of the NARMA tasks. Source: Suzuki et al., Sci. Rep. 12,
/// 1353 (2022).
#[pyfunction]
pub fn narma_drive(py: Python<'_>, period: f64, points: usize) -> PyResult<Bound<'_, PyArray1<f64>>> {
    finite(&[("the period", 1.0 / period)])?;
    made(py, points, move || Ok(series::narma_drive(period, points)))
}

/// A drive uniform in [0, 0.5), the common one of reservoir computing.
#[pyfunction]
#[pyo3(signature = (points, seed=0))]
pub fn uniform_drive(py: Python<'_>, points: usize, seed: u64) -> PyResult<Bound<'_, PyArray1<f64>>> {
    made(py, points, move || Ok(series::uniform_drive(points, &mut Stream::named(seed, "drive"))))
}

/// NARMA-n of a drive u: `y' = 0.3 y + 0.05 y (sum of the last n y) + 1.5 u(t-n+1) u(t) + 0.1`, from `first`; NARMA-2 is
/// `y' = 0.4 y + 0.4 y y(t-1) + 0.6 u^3 + 0.1`. Source: Atiya and Parlos, IEEE Trans. Neural Netw. 11, 697 (2000).
#[pyfunction]
#[pyo3(signature = (order, drive, first=0.0))]
pub fn narma<'py>(py: Python<'py>, order: usize, drive: Reals<'py>, first: f64) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let drive = drive.values()?.to_vec();
    if order.saturating_mul(drive.len()) > MOST_SUMS {
        let steps = drive.len();
        return Err(error::input(format!("order {order} over {steps} steps; their product is at most {MOST_SUMS}")));
    }
    finite(&[("first", first)])?;
    finite(&drive.iter().map(|&value| ("a value of the drive", value)).collect::<Vec<_>>())?;
    made(py, drive.len(), move || series::narma(order, &drive, first).map_err(error::of))
}

/// Mackey and Glass's equation `x' = 0.2 x(t-tau) / (1 + x(t-tau)^10) - 0.1 x`, chaotic from `tau = 17` on, one value every time unit.
/// Source: Science 197, 287 (1977).
#[pyfunction]
#[pyo3(signature = (points, delay=17.0))]
pub fn mackey_glass(py: Python<'_>, points: usize, delay: f64) -> PyResult<Bound<'_, PyArray1<f64>>> {
    if !(0.0..=MOST_DELAY).contains(&delay) {
        return Err(error::input(format!("a delay of {delay}; it is from 0 to {MOST_DELAY}")));
    }
    made(py, points, move || Ok(series::mackey_glass(delay, points)))
}

/// Lorenz's equations with sigma 10, rho 28, beta 8/3, a value every `step` time units from (1, 1, 1): `(points, 3)`. Source: J. Atmos. Sci.
/// 20, 130 (1963).
#[pyfunction]
#[pyo3(signature = (points, step=0.02))]
pub fn lorenz(py: Python<'_>, points: usize, step: f64) -> PyResult<Bound<'_, PyArray2<f64>>> {
    if !(0.0..=MOST_TIME).contains(&(step * points as f64)) {
        return Err(error::input(format!("{points} values every {step} time units; they last from 0 to {MOST_TIME}")));
    }
    let values = made(py, points, move || Ok(series::lorenz(step, points).concat()))?;
    values.reshape([points, 3])
}

/// A series scaled to [-1, 1].
#[pyfunction]
pub fn scaled<'py>(py: Python<'py>, values: Reals<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let values = values.values()?.to_vec();
    made(py, values.len(), move || series::scaled(&values).map_err(error::of))
}
