//! Series with a known formula: the tasks of the published comparisons.

use qloom_circuits::Stream;

use crate::error::{LearnError, check};
use crate::windows::{Scale, Scaling};

#[cfg(test)]
mod tests;

/// Scales the smallest and largest value to -1 and 1, over the whole series as the published programs do.
///
/// # Errors
/// For a constant series, or values that are not finite.
pub fn scaled(values: &[f64]) -> Result<Vec<f64>, LearnError> {
    let scaling = Scaling::of(Scale::MinMax, "the series", values)?;
    Ok(values.iter().map(|&value| scaling.apply(value)).collect())
}

/// A pendulum with friction, `th'' = -(b/m) th' - (g/l) sin th` from `th = 0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pendulum {
    /// Friction b, kg/s. Default 0.15.
    pub friction: f64,
    /// Mass m, kg. Default 1.
    pub mass: f64,
    /// Gravity g, m/s^2. Default 9.81.
    pub gravity: f64,
    /// Length l, m. Default 1.
    pub length: f64,
    /// First angular velocity, rad/s. Default 3.
    pub velocity: f64,
    /// Last time, s. Default 20.
    pub duration: f64,
    /// Values, both ends included. Default 240.
    pub points: usize,
}

impl Default for Pendulum {
    fn default() -> Self {
        Self { friction: 0.15, mass: 1.0, gravity: 9.81, length: 1.0, velocity: 3.0, duration: 20.0, points: 240 }
    }
}

/// The angular velocities of a damped pendulum.
///
/// ```
/// let velocities = qloom_learn::series::damped_pendulum(&Default::default());
/// assert_eq!((velocities.len(), velocities[0]), (240, 3.0));
/// ```
pub fn damped_pendulum(settings: &Pendulum) -> Vec<f64> {
    let &Pendulum { friction, mass, gravity, length, velocity, duration, points } = settings;
    let slope = |[angle, velocity]: [f64; 2]| [velocity, -friction / mass * velocity - gravity / length * angle.sin()];
    let step = duration / (points.max(2) - 1) as f64;
    orbit([0.0, velocity], step, points, slope).into_iter().map(|state| state[1]).collect()
}

/// The Bessel function J_2 at equally spaced places of [2, 100], both ends included.
pub fn bessel(points: usize) -> Vec<f64> {
    (0..points).map(|k| libm::jn(2, 2.0 + 98.0 * k as f64 / (points.max(2) - 1) as f64)).collect()
}

/// Delayed quantum control, `exp(-t/16) sum_n exp(-10 (t - 2n)^2)` for n from 0 to 10, from `t = -2` on.
pub fn delayed_control(step: f64, points: usize) -> Vec<f64> {
    let value = |t: f64| (-t / 16.0).exp() * (0..=10).map(|n| (-10.0 * (t - 2.0 * f64::from(n)).powi(2)).exp()).sum::<f64>();
    (0..points).map(|k| value(-2.0 + step * k as f64)).collect()
}

/// The drive `0.1 (sin(2 pi 2.11 t/T) sin(2 pi 3.73 t/T) sin(2 pi 4.11 t/T) + 1)` of the NARMA tasks (Suzuki et al., Sci. Rep. 12, 1353
/// (2022)).
pub fn narma_drive(period: f64, points: usize) -> Vec<f64> {
    let turn = |rate: f64, t: f64| (std::f64::consts::TAU * rate * t / period).sin();
    (0..points).map(|t| t as f64).map(|t| 0.1 * (turn(2.11, t) * turn(3.73, t) * turn(4.11, t) + 1.0)).collect()
}

/// A drive uniform in [0, 0.5), the common one of reservoir computing.
pub fn uniform_drive(points: usize, stream: &mut Stream) -> Vec<f64> {
    (0..points).map(|_| 0.5 * stream.unit()).collect()
}

/// NARMA-n: `y' = 0.3 y + 0.05 y (sum of the last n y) + 1.5 u(t-n+1) u(t) + 0.1`, from `y = first`; values before the start are 0.
///
/// NARMA-2 is another equation, `y' = 0.4 y + 0.4 y y(t-1) + 0.6 u^3 + 0.1` with both first values `first` (Atiya and Parlos (2000)).
///
/// # Errors
/// For `order` 0 or 1, or where the series grows beyond bounds, as it does for some drives.
pub fn narma(order: usize, drive: &[f64], first: f64) -> Result<Vec<f64>, LearnError> {
    check("the order of NARMA", order as f64, order >= 2, "at least 2")?;
    let mut y = vec![first];
    for t in 0..drive.len().saturating_sub(1) {
        let at = |list: &[f64], back: usize| t.checked_sub(back).map_or(0.0, |place| list[place]);
        let next = if order == 2 {
            let before = if t == 0 { first } else { y[t - 1] };
            0.4 * y[t] + 0.4 * y[t] * before + 0.6 * drive[t].powi(3) + 0.1
        } else {
            let sum: f64 = (0..order).map(|back| at(&y, back)).sum();
            0.3 * y[t] + 0.05 * y[t] * sum + 1.5 * at(drive, order - 1) * drive[t] + 0.1
        };
        if !next.is_finite() || next.abs() > 1e6 {
            return Err(LearnError::NotFinite { what: "NARMA with this drive", row: t + 2, value: next });
        }
        y.push(next);
    }
    y.truncate(drive.len());
    Ok(y)
}

/// Mackey and Glass's equation `x' = 0.2 x(t-tau) / (1 + x(t-tau)^10) - 0.1 x`, chaotic from `tau = 17` on, one value every time unit
/// (Science 197, 287 (1977)).
///
/// Fourth-order Runge-Kutta steps of 0.1 with the delayed value interpolated by cubics, from `x = 1.2`; the first 1000 values are left out.
pub fn mackey_glass(delay: f64, points: usize) -> Vec<f64> {
    const STEPS: usize = 10;
    const LEFT_OUT: usize = 1000;
    let step = 1.0 / STEPS as f64;
    let mut past = vec![1.2; 1];
    let slope = |x: f64, delayed: f64| 0.2 * delayed / (1.0 + delayed.powi(10)) - 0.1 * x;
    for k in 0..(points + LEFT_OUT) * STEPS {
        let x = past[k];
        let delayed = |ahead: f64| interpolated(&past, k as f64 + ahead - delay / step);
        let (start, middle, end) = (delayed(0.0), delayed(0.5), delayed(1.0));
        let k1 = slope(x, start);
        let k2 = slope(x + 0.5 * step * k1, middle);
        let k3 = slope(x + 0.5 * step * k2, middle);
        let k4 = slope(x + step * k3, end);
        past.push(x + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4));
    }
    past.into_iter().skip(LEFT_OUT * STEPS).step_by(STEPS).take(points).collect()
}

/// The value of a list between its entries, by the cubic through four of them; the first entry before the list.
fn interpolated(list: &[f64], place: f64) -> f64 {
    if place <= 0.0 {
        return list[0];
    }
    let low = place.floor();
    let t = place - low;
    let at = |offset: isize| list[(low as isize + offset).clamp(0, list.len() as isize - 1) as usize];
    let (a, b, c, d) = (at(-1), at(0), at(1), at(2));
    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
}

/// Lorenz's equations with sigma 10, rho 28, beta 8/3, a value every `step` time units from (1, 1, 1) (J. Atmos. Sci. 20, 130 (1963)).
pub fn lorenz(step: f64, points: usize) -> Vec<[f64; 3]> {
    let slope = |[x, y, z]: [f64; 3]| [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z];
    orbit([1.0; 3], step, points, slope)
}

/// States at equal times, by fourth-order Runge-Kutta in steps of at most 1/2000.
fn orbit<const N: usize>(start: [f64; N], every: f64, points: usize, slope: impl Fn([f64; N]) -> [f64; N]) -> Vec<[f64; N]> {
    let steps = (every * 2000.0).ceil().max(1.0) as usize;
    let step = every / steps as f64;
    let ahead = |state: [f64; N], slope: [f64; N], time: f64| std::array::from_fn(|k| state[k] + time * slope[k]);
    let mut state = start;
    let mut states = Vec::with_capacity(points);
    for _ in 0..points {
        states.push(state);
        for _ in 0..steps {
            let k1 = slope(state);
            let k2 = slope(ahead(state, k1, 0.5 * step));
            let k3 = slope(ahead(state, k2, 0.5 * step));
            let k4 = slope(ahead(state, k3, step));
            state = std::array::from_fn(|k| state[k] + step / 6.0 * (k1[k] + 2.0 * k2[k] + 2.0 * k3[k] + k4[k]));
        }
    }
    states
}
