//! What a circuit promises before its angles are fitted.

use std::f64::consts::PI;

use qloom_circuits::{Angle, Circuit, Gate, Operation, Pauli, PauliString};
use qloom_estimate::Estimator;
use qloom_optim::Evaluations;

use super::{Objective, Simulation};
use crate::QasError;

/// Bins of fidelities, as published.
const BINS: usize = 75;

impl Objective {
    /// Whether states of circuits are pure ones on the qubits of the problem that can be read.
    pub(crate) fn has_pure_states(&self) -> bool {
        match &self.simulation {
            Simulation::Pure(pure) => !pure.is_paired(),
            Simulation::Noisy(_) | Simulation::Own(_) => false,
        }
    }

    /// Whether values are means of an observable, each a sine curve of the angle of a rotation.
    pub(crate) fn has_sine_curves(&self) -> bool {
        match &self.simulation {
            Simulation::Pure(_) | Simulation::Noisy(_) => true,
            Simulation::Own(_) => false,
        }
    }

    /// How many fits were left out because a score had told that they were for nothing.
    pub fn fits_left_out(&self) -> u64 {
        self.left_out
    }

    pub(crate) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// The energy at these angles and the norm of its gradient there, in the problem's unit; one evaluation, under noise those of the
    /// gradient and one.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::NonFiniteEnergy`].
    pub fn gradient_norm(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<(f64, f64), QasError> {
        self.rebuild(circuit)?;
        let mut gradient = vec![0.0; angles.len()];
        let energy = match &mut self.simulation {
            Simulation::Pure(pure) => {
                self.evaluations += Evaluations { values: 1, gradients: 1 };
                pure.energy.value_and_gradient(angles, &mut gradient)?
            }
            Simulation::Noisy(noisy) => {
                noisy.estimator.set_shots(None);
                let measured = noisy.estimator.evaluations();
                let estimate = noisy.estimator.value_and_gradient(angles, &mut gradient)?;
                self.evaluations += Evaluations { values: noisy.estimator.evaluations() - measured, gradients: 1 };
                self.standard_error = estimate.standard_error;
                estimate.value
            }
            Simulation::Own(cost) => {
                self.evaluations += Evaluations { values: 1, gradients: 1 };
                cost.0.value_and_gradient(angles, &mut gradient).map_err(QasError::Cost)?
            }
        };
        let norm = gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        if !(energy.is_finite() && norm.is_finite()) {
            return Err(QasError::NonFiniteEnergy { what: "a circuit", energy });
        }
        Ok((energy, norm))
    }

    /// The Kullback-Leibler divergence, in nats, of the fidelities between states of the circuit at random angles from those between
    /// Haar-random states, in 75 bins, by all pairs of so many states; each state is counted as an evaluation. 0 at best.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated.
    ///
    /// # Panics
    ///
    /// Where states cannot be read ([`has_pure_states`](Self::has_pure_states)).
    #[track_caller]
    pub(crate) fn expressibility(&mut self, circuit: &Circuit, states: usize) -> Result<f64, QasError> {
        assert!(self.has_pure_states(), "an expressibility is read off pure states");
        self.rebuild(circuit)?;
        let Simulation::Pure(pure) = &mut self.simulation else { unreachable!("just asked") };
        let mut drawn = Vec::with_capacity(states);
        for _ in 0..states {
            let angles: Vec<f64> = (0..circuit.num_parameters()).map(|_| 2.0 * PI * self.screening.unit()).collect();
            self.evaluations.values += 1;
            drawn.push(pure.energy.state(&angles)?.try_clone()?);
        }
        let mut fidelities = Vec::with_capacity(states * (states - 1) / 2);
        for (index, state) in drawn.iter().enumerate() {
            for other in &drawn[..index] {
                fidelities.push(state.inner(other)?.norm_sqr());
            }
        }
        Ok(divergence(&fidelities, circuit.num_qubits()))
    }

    /// By how much the energy falls at the lowest point of the sine curve of a rotation about a string behind the circuit, whose angles are
    /// free and have these values, where the energy without it and its slope at angle 0 are known; one evaluation.
    ///
    /// # Errors
    ///
    /// As [`energy`](Self::energy).
    pub(crate) fn promised_drop(
        &mut self,
        circuit: &Circuit,
        angles: &[f64],
        energy: f64,
        string: PauliString,
        slope: f64,
    ) -> Result<f64, QasError> {
        let mut turned = circuit.clone();
        for (gate, letter) in [("x", Pauli::X), ("y", Pauli::Y), ("z", Pauli::Z)] {
            for qubit in (0..circuit.num_qubits()).filter(|&qubit| string.letter(qubit) == letter) {
                let gate = Gate::from_name(gate).expect("a gate of the table");
                turned.push(Operation::gate(gate, &[] as &[Angle], &[qubit]))?;
            }
        }
        // E(t) = a + b cos t + c sin t, whose curvature at 0 is -b
        let b = (energy - self.energy(&turned, angles)?) / 2.0;
        Ok(b + b.hypot(slope))
    }
}

/// The divergence of fidelities from those of Haar-random states on so many qubits.
fn divergence(fidelities: &[f64], num_qubits: usize) -> f64 {
    let dimension = (num_qubits as f64).exp2();
    let mut counts = [0u32; BINS];
    for fidelity in fidelities {
        // fidelities of 1 belong to the last bin
        let bin = (fidelity * BINS as f64).max(0.0) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    // the probability of a fidelity above f is (1 - f)^(N - 1)
    let log_above = |bin: usize| (dimension - 1.0) * (1.0 - bin as f64 / BINS as f64).ln();
    let of_bin = |bin: usize| {
        let p = f64::from(counts[bin]) / fidelities.len() as f64;
        // ln(above(bin) - above(bin + 1)), which would underflow as a number
        let (first, second) = (log_above(bin), log_above(bin + 1));
        let log_haar = first + (-(second - first).exp()).ln_1p();
        if p > 0.0 { p * (p.ln() - log_haar) } else { 0.0 }
    };
    (0..BINS).map(of_bin).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use qloom_circuits::Stream;

    #[test]
    fn divergences_of_one_state_and_of_haar_random_ones() {
        // all fidelities 1: the last bin, whose Haar probability is (1/75)^(N - 1)
        let single = divergence(&[1.0; 10], 3);
        assert!((single - 7.0 * 75f64.ln()).abs() < 1e-9, "{single}");
        // wide registers do not underflow
        assert!(divergence(&[1.0; 10], 12).is_finite());
        // inverse sampling of the Haar distribution
        let mut stream = Stream::named(3, "test");
        let haar: Vec<f64> = (0..200_000).map(|_| 1.0 - stream.unit().powf(1.0 / 3.0)).collect();
        let small = divergence(&haar, 2);
        assert!((0.0..1e-3).contains(&small), "{small}");
        // a qubit turned about one axis: the arcsine law, whose divergence is ln(4/pi) up to the bins
        let turned: Vec<f64> = (0..200_000).map(|_| (std::f64::consts::PI * stream.unit()).cos().powi(2)).collect();
        let arcsine = divergence(&turned, 1);
        let expected: f64 = (0..BINS)
            .map(|bin| {
                let law = |x: f64| 2.0 / std::f64::consts::PI * x.sqrt().asin();
                let p = law((bin + 1) as f64 / BINS as f64) - law(bin as f64 / BINS as f64);
                p * (p * BINS as f64).ln()
            })
            .sum();
        assert!((arcsine - expected).abs() < 3e-3 && (0.19..0.2).contains(&arcsine), "{arcsine} {expected}");
    }
}
