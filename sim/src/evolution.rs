//! Evolution in time without a circuit.

use std::ops::ControlFlow;

use num_complex::Complex64;

use crate::error::SimError;
use crate::kernel::Kernels;
use crate::memory;
use crate::observable::Observable;
use crate::state::StateVector;

/// Vectors of a Krylov space.
const VECTORS: usize = 20;
/// Numbers of one size are the same to this part.
const PRECISION: f64 = 1e-13;

/// What an evolution took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evolution {
    /// Norm by which the state may be wrong, estimated from the last direction of each Krylov space; rounding adds about 1e-15 a product.
    pub error: f64,
    /// Products of the Hamiltonian with a state.
    pub products: usize,
}

/// Puts `exp(-i H t)|psi>` in place of `|psi>`, to about 1e-12 in norm.
///
/// Short steps within Krylov spaces of up to 20 vectors, as long as the last direction stays empty. Holds 22 states; costs
/// about `2 |H| t + 10` products of `terms * 2^n` each, with `|H|` half the width of the spectrum.
///
/// Source: T. J. Park and J. C. Light, J. Chem. Phys. 85, 5870 (1986).
///
/// ```
/// use qloom_circuits::PauliSum;
/// use qloom_sim::{Observable, SimulatorConfig, StateVector, evolve};
/// let mut state = StateVector::zero(1, SimulatorConfig::default())?;
/// let field: PauliSum = "0.5 X0".parse()?;
/// evolve(&mut state, &Observable::new(&field), 1.0)?;
/// assert!((state.amplitude(0).re - 0.5f64.cos()).abs() < 1e-12 && (state.amplitude(1).im + 0.5f64.sin()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the time is not finite, sizes differ, or memory does not suffice.
pub fn evolve(state: &mut StateVector<f64>, hamiltonian: &Observable, time: f64) -> Result<Evolution, SimError> {
    evolve_watched(state, hamiltonian, time, &mut |_| ControlFlow::Continue(()))
}

/// [`evolve`], in which `watch` is told after every short step which part of the time is over, from 0 to 1, and may end the work.
///
/// # Errors
/// As [`evolve`], and [`SimError::Stopped`]; the state is then that of the time reached.
pub fn evolve_watched(
    state: &mut StateVector<f64>,
    hamiltonian: &Observable,
    time: f64,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Evolution, SimError> {
    state.check_size("qubits of the Hamiltonian", hamiltonian.num_qubits())?;
    if !time.is_finite() {
        return Err(SimError::NotFinite { what: "the time", value: time });
    }
    memory::check::<f64>(state.num_qubits(), VECTORS as u128 + 2, state.config().memory_limit)?;
    let mut krylov = Krylov { vectors: Vec::new(), diagonal: Vec::new(), off: Vec::new() };
    let (mut left, mut found) = (time, Evolution { error: 0.0, products: 0 });
    while left != 0.0 {
        found.products += krylov.build(state, hamiltonian)?;
        let mut step = left;
        let (mut weights, mut error) = krylov.exponential(step);
        while error > PRECISION * (step / time).abs().max(1e-3) {
            step /= 2.0;
            (weights, error) = krylov.exponential(step);
        }
        krylov.combine(&weights, state);
        found.error += error;
        left -= step;
        if watch(1.0 - left / time).is_break() {
            return Err(SimError::Stopped);
        }
    }
    Ok(found)
}

/// The space of a state and its images under powers of a Hamiltonian, and the Hamiltonian in it.
struct Krylov {
    vectors: Vec<StateVector<f64>>,
    diagonal: Vec<f64>,
    /// One beside each entry of the diagonal but the first, and the one that leads out of the space.
    off: Vec<f64>,
}

impl Krylov {
    /// Builds the space of a state; tells how many products it took.
    fn build(&mut self, state: &StateVector<f64>, hamiltonian: &Observable) -> Result<usize, SimError> {
        self.diagonal.clear();
        self.off.clear();
        if self.vectors.is_empty() {
            self.vectors.push(state.try_clone()?);
        }
        self.vectors[0].copy_from(state);
        for place in 0..VECTORS {
            if self.vectors.len() == place + 1 {
                self.vectors.push(StateVector::zero(state.num_qubits(), state.config())?);
            }
            let (before, after) = self.vectors.split_at_mut(place + 1);
            let (own, next) = (&before[place], &mut after[0]);
            let level = state.config().instruction_set.level();
            f64::multiply_observable(level, hamiltonian, (&own.re, &own.im), (&mut next.re, &mut next.im), state.threads());
            let mean = own.inner(next)?.re;
            self.diagonal.push(mean);
            // so few vectors stay orthogonal without more
            subtract(next, mean, own);
            if place > 0 {
                subtract(next, self.off[place - 1], &before[place - 1]);
            }
            let norm = next.norm();
            self.off.push(norm);
            if norm <= PRECISION * (1.0 + mean.abs()) {
                return Ok(place + 1);
            }
            next.re.iter_mut().chain(next.im.iter_mut()).for_each(|number| *number /= norm);
        }
        Ok(VECTORS)
    }

    /// `exp(-i T step)` of the first vector, and the norm that would lead out of the space.
    fn exponential(&self, step: f64) -> (Vec<Complex64>, f64) {
        let size = self.diagonal.len();
        let mut weights = vec![Complex64::ZERO; size];
        weights[0] = Complex64::ONE;
        let norm = self.diagonal.iter().zip(&self.off).map(|(diagonal, off)| diagonal.abs() + 2.0 * off).fold(0.0, f64::max);
        let parts = (norm * step.abs()).ceil().max(1.0);
        let mut term = weights.clone();
        for _ in 0..parts as usize {
            term.copy_from_slice(&weights);
            for power in 1..40 {
                let factor = -Complex64::I * (step / parts / f64::from(power));
                let image = |row: usize| {
                    let above = if row > 0 { term[row - 1] * self.off[row - 1] } else { Complex64::ZERO };
                    let below = if row + 1 < size { term[row + 1] * self.off[row] } else { Complex64::ZERO };
                    factor * (term[row] * self.diagonal[row] + above + below)
                };
                term = (0..size).map(image).collect();
                weights.iter_mut().zip(&term).for_each(|(weight, term)| *weight += term);
                if term.iter().all(|entry| entry.norm() < 1e-18) {
                    break;
                }
            }
        }
        let error = weights[size - 1].norm() * self.off[size - 1] * step.abs();
        (weights, error)
    }

    fn combine(&self, weights: &[Complex64], state: &mut StateVector<f64>) {
        state.re.fill(0.0);
        state.im.fill(0.0);
        for (weight, vector) in weights.iter().zip(&self.vectors) {
            subtract_complex(state, -weight, vector);
        }
    }
}

/// `to - factor * from`.
fn subtract(to: &mut StateVector<f64>, factor: f64, from: &StateVector<f64>) {
    to.re.iter_mut().zip(from.re.iter()).for_each(|(to, from)| *to -= factor * from);
    to.im.iter_mut().zip(from.im.iter()).for_each(|(to, from)| *to -= factor * from);
}

/// `to - factor * from`.
fn subtract_complex(to: &mut StateVector<f64>, factor: Complex64, from: &StateVector<f64>) {
    let parts = to.re.iter_mut().zip(to.im.iter_mut()).zip(from.re.iter().zip(from.im.iter()));
    parts.for_each(|((re, im), (from_re, from_im))| {
        *re -= factor.re * from_re - factor.im * from_im;
        *im -= factor.re * from_im + factor.im * from_re;
    });
}

#[cfg(test)]
mod tests {
    use qloom_circuits::library::{ProductFormula, evolution};
    use qloom_circuits::{Circuit, PauliSum};

    use super::*;
    use crate::config::SimulatorConfig;
    use crate::program::Program;
    use crate::state::State;

    fn chain() -> PauliSum {
        "0.2 + 1.0 Z0 Z1 + 1.0 Z1 Z2 + 0.8 Z2 Z3 + 0.7 X0 + 0.7 X1 + 0.7 X2 + 0.5 Y3 + 0.3 X0 Y3".parse().expect("a sum")
    }

    fn start() -> StateVector<f64> {
        let mut circuit = Circuit::new(4);
        circuit.ry(0.4, 0).ry(1.0, 1).cx(1, 2).rx(0.3, 3);
        let program = Program::new(&circuit).expect("compiles");
        StateVector::prepared(&program, &[], SimulatorConfig::default(), &mut Default::default()).expect("small")
    }

    #[test]
    fn evolved_is_as_by_very_many_steps() {
        for time in [0.0, 0.3, -1.0, 9.0] {
            let (mut krylov, mut product) = (start(), start());
            let found = evolve(&mut krylov, &Observable::new(&chain()), time).expect("evolves");
            assert!(found.error < 1e-11 && (time == 0.0) == (found.products == 0));
            let circuit = evolution(&chain(), time, 4000, ProductFormula::Fourth).expect("steps");
            product.apply(&Program::new(&circuit).expect("compiles"), &[], &mut Default::default()).expect("applies");
            let distance: f64 = krylov.amplitudes().zip(product.amplitudes()).map(|(a, b)| (a - b).norm_sqr()).sum();
            assert!(distance.sqrt() < 1e-9, "{time}: {}", distance.sqrt());
        }
    }

    #[test]
    fn eigenstates_turn_and_energies_stay() {
        let mut state = StateVector::zero(2, SimulatorConfig::default()).expect("small");
        let sum: PauliSum = "1.5 Z0 + 0.25 Z0 Z1".parse().expect("a sum");
        let found = evolve(&mut state, &Observable::new(&sum), 2.0).expect("evolves");
        assert_eq!(found.products, 1);
        assert!((state.amplitude(0) - Complex64::from_polar(1.0, -3.5)).norm() < 1e-14);
        let (mut state, observable) = (start(), Observable::new(&chain()));
        let before = state.expectation(&observable).expect("fits");
        evolve(&mut state, &observable, 50.0).expect("evolves");
        assert!((state.expectation(&observable).expect("fits") - before).abs() < 1e-10);
        assert!((state.norm() - 1.0).abs() < 1e-11);
    }

    #[test]
    fn who_watches_sees_the_time_pass_and_can_end_it() {
        // too many dimensions for one Krylov space
        let sum: PauliSum =
            "1.0 Z0 Z1 + 1.0 Z1 Z2 + 1.0 Z2 Z3 + 1.0 Z3 Z4 + 1.0 Z4 Z5 + 0.7 X0 + 0.6 X1 + 0.5 X2 + 0.4 X3 + 0.8 X4 + 0.9 Y5"
                .parse()
                .expect("a sum");
        let mut state = StateVector::zero(6, SimulatorConfig::default()).expect("small");
        let observable = Observable::new(&sum);
        let mut seen = Vec::new();
        let mut watch = |part| {
            seen.push(part);
            if part > 0.5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(evolve_watched(&mut state, &observable, 60.0, &mut watch), Err(SimError::Stopped));
        assert!(seen.is_sorted() && seen.len() > 2 && seen[0] > 0.0 && *seen.last().expect("some") < 1.0);
    }

    #[test]
    fn wrong_sizes_times_and_memory_are_refused() {
        let observable = Observable::new(&chain());
        assert!(evolve(&mut start(), &observable, f64::INFINITY).is_err());
        let mut other = StateVector::zero(3, SimulatorConfig::default()).expect("small");
        assert!(evolve(&mut other, &observable, 1.0).is_err());
        let small = SimulatorConfig { memory_limit: 4000, ..SimulatorConfig::default() };
        let mut state = StateVector::zero(4, small).expect("small");
        assert!(matches!(evolve(&mut state, &observable, 1.0), Err(SimError::MemoryLimit { .. })));
    }
}
