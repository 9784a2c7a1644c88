//! Projectors beside the Pauli sum of an energy: overlaps with given states.

use num_complex::Complex64;

use super::Energy;
use crate::error::SimError;
use crate::state::StateVector;

/// `factor |state><state|`.
#[derive(Debug)]
pub(super) struct Projector {
    factor: f64,
    state: StateVector<f64>,
}

impl Energy {
    /// Adds `factor |state><state|` for each of these to the observable, in place of those added before.
    ///
    /// With a Pauli sum of nothing but the constant 1 and one factor of -1, the energy is the infidelity to a state; with positive factors
    /// it is that of a Hamiltonian from which low states are lifted, so that the lowest is an excited one (variational quantum
    /// deflation, Higgott, Wang and Brierley, arXiv:1805.08138).
    /// Values, gradients and slopes have it; each state costs two passes more.
    ///
    /// ```
    /// use qloom_circuits::{Angle, Circuit, PauliSum};
    /// use qloom_sim::{Energy, SimulatorConfig, StateVector};
    /// let mut circuit = Circuit::new(1);
    /// circuit.ry(Angle::free(0), 0);
    /// let mut energy = Energy::new(&circuit, &"1 Z0".parse::<PauliSum>()?)?;
    /// energy.set_projectors(vec![(3.0, StateVector::zero(1, SimulatorConfig::default())?)])?;
    /// assert!((energy.value(&[0.0])? - 4.0).abs() < 1e-15);
    /// assert!((energy.value(&[std::f64::consts::PI])? + 1.0).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When a state has another number of qubits, or a factor is not finite.
    pub fn set_projectors(&mut self, projectors: Vec<(f64, StateVector<f64>)>) -> Result<(), SimError> {
        for (factor, state) in &projectors {
            self.state.check_size("qubits of a projector", state.num_qubits())?;
            if !factor.is_finite() {
                return Err(SimError::NotFinite { what: "the factor of a projector", value: *factor });
            }
        }
        self.projectors = projectors.into_iter().map(|(factor, state)| Projector { factor, state }).collect();
        Ok(())
    }

    /// What the projectors add to the expectation value.
    pub(super) fn projected(&self) -> Result<f64, SimError> {
        let part = |projector: &Projector| Ok(projector.factor * projector.state.inner(&self.state)?.norm_sqr());
        self.projectors.iter().map(part).sum()
    }

    /// Begins the way back: the expectation value, and the image of the state under the observable, projectors included.
    pub(super) fn start_back(&mut self) -> Result<f64, SimError> {
        let mut value = self.adjoint.start(&self.state, &self.observable)?;
        for Projector { factor, state } in &self.projectors {
            let overlap = state.inner(&self.state)?;
            value += factor * overlap.norm_sqr();
            let image = self.adjoint.image().expect("the way back has been started");
            let weight = overlap * *factor;
            let (re, im) = state.planes();
            for (index, (&re, &im)) in re.iter().zip(im).enumerate() {
                let added = weight * Complex64::new(re, im);
                image.re[index] += added.re;
                image.im[index] += added.im;
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Angle, Circuit, PauliString, PauliSum, Stream};

    use super::*;
    use crate::config::SimulatorConfig;

    fn word(word: &str) -> PauliString {
        PauliString::from_word(word).expect("a word")
    }

    fn hamiltonian() -> PauliSum {
        PauliSum::new(3, [(word("XYZ"), 0.3), (word("ZZI"), -0.7), (word("IXX"), 0.2)]).expect("valid")
    }

    fn state(number: u64) -> StateVector<f64> {
        let mut stream = Stream::named(number, "state");
        let amplitudes: Vec<Complex64> = (0..8).map(|_| Complex64::new(stream.normal(), stream.normal())).collect();
        let norm = amplitudes.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        let amplitudes: Vec<Complex64> = amplitudes.iter().map(|amplitude| amplitude / norm).collect();
        StateVector::from_amplitudes(&amplitudes, SimulatorConfig::default()).expect("eight amplitudes")
    }

    fn circuit() -> Circuit {
        let mut circuit = Circuit::new(3);
        circuit.ry(Angle::free(0), 0).cx(0, 1).rx(Angle::free(1), 2).cx(1, 2).rz(Angle::free(2), 1).ry(Angle::free(3), 2);
        circuit
    }

    /// The projector as a Pauli sum: `Tr(P |s><s|) / 2^n` for every string.
    fn as_sum(factor: f64, state: &StateVector<f64>) -> Vec<(PauliString, f64)> {
        (0..64u64)
            .map(|masks| PauliString::from_masks(masks & 7, masks >> 3))
            .map(|string| (string, factor * state.pauli(string).expect("three qubits") / 8.0))
            .collect()
    }

    #[test]
    fn projectors_are_the_pauli_sums_they_stand_for() {
        let terms = hamiltonian().terms().to_vec();
        let sum = [terms, as_sum(1.7, &state(1)), as_sum(-0.4, &state(2))].concat();
        let mut expected = Energy::new(&circuit(), &PauliSum::new(3, sum).expect("valid")).expect("gates");
        let mut energy = Energy::new(&circuit(), &hamiltonian()).expect("gates");
        energy.set_projectors(vec![(1.7, state(1)), (-0.4, state(2))]).expect("they fit");
        let angles = [0.3, -1.1, 0.8, 2.2];
        let (mut gradient, mut wanted) = ([0.0; 4], [0.0; 4]);
        let value = energy.value_and_gradient(&angles, &mut gradient).expect("finite");
        assert!((value - expected.value_and_gradient(&angles, &mut wanted).expect("finite")).abs() < 1e-13);
        assert!((energy.value(&angles).expect("finite") - value).abs() < 1e-13);
        assert!(gradient.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-13), "{gradient:?} {wanted:?}");
        let bound = circuit().bind(&angles).expect("four angles");
        let strings = [word("YXI"), word("IZY"), word("XYZ"), word("YII")];
        for at in [0, 3, 6] {
            let slopes = energy.slopes(&bound, at, &strings).expect("gates");
            let wanted = expected.slopes(&bound, at, &strings).expect("gates");
            assert!(slopes.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-13), "{slopes:?} {wanted:?}");
        }
    }

    #[test]
    fn projectors_of_another_size_or_without_a_number_are_refused() {
        let mut energy = Energy::new(&circuit(), &hamiltonian()).expect("gates");
        let small = StateVector::zero(2, SimulatorConfig::default()).expect("small");
        assert!(energy.set_projectors(vec![(1.0, small)]).is_err());
        assert!(energy.set_projectors(vec![(f64::NAN, state(1))]).is_err());
    }
}
