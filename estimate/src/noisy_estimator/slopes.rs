//! Slopes with respect to rotations that are not there yet, measured.

use std::ops::Range;

use qloom_circuits::{Circuit, PauliString};

use super::NoisyEstimator;
use crate::error::EstimateError;
use crate::estimator::Estimator;

impl NoisyEstimator {
    /// For each Pauli string P, the slope of the measured energy at angle 0 of `exp(-i theta/2 P)` put in before operation `at` of a
    /// circuit without free angles, two energies a string; the circuit stands with these rotations in it until
    /// [`Estimator::rebuild`].
    ///
    /// The rotations have no noise of their own: at angle 0 they are not there. All else is as in
    /// [`Estimator::value_and_gradient`]: gates have their noise, shots their random errors, and what is measured is mitigated.
    ///
    /// ```
    /// use qloom_circuits::{Channel, Circuit, PauliString, PauliSum, Stream};
    /// use qloom_estimate::{NoisyEstimator, NoisyMeasurement};
    /// let mut measurement = NoisyMeasurement::default();
    /// measurement.noise.after_gates(1, Channel::depolarizing(0.1, 1)?);
    /// let mut estimator = NoisyEstimator::new(measurement, &PauliSum::z(0, 1), Stream::named(1, "shots"))?;
    /// let mut circuit = Circuit::new(1);
    /// circuit.h(0);
    /// // the state is on the X axis, a tenth shorter: turned about Y it falls towards -Z
    /// let slopes = estimator.slopes(&circuit, 1, &[PauliString::from_word("Y")?, PauliString::from_word("X")?])?;
    /// assert!((slopes[0] + 0.9).abs() < 1e-15 && slopes[1].abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the circuit has free angles, `at` is beyond its end, or a string acts on qubits that it lacks; and those of
    /// [`Estimator::value_and_gradient`].
    pub fn slopes(&mut self, circuit: &Circuit, at: usize, strings: &[PauliString]) -> Result<Vec<f64>, EstimateError> {
        if circuit.num_parameters() > 0 {
            let (expected, given) = (0, circuit.num_parameters());
            return Err(EstimateError::SizeMismatch {
                what: "free parameters of a circuit whose slopes are asked for",
                expected,
                given,
            });
        }
        let widened = circuit.with_rotations(at, strings)?;
        self.assemble(&widened, at..at + strings.len())?;
        let mut slopes = vec![0.0; strings.len()];
        self.value_and_gradient(&vec![0.0; strings.len()], &mut slopes)?;
        Ok(slopes)
    }
}

/// The circuit with its noise, but for a range of operations.
pub(super) fn around(
    circuit: &Circuit,
    quiet: &Range<usize>,
    with_noise: impl Fn(&Circuit) -> Result<Circuit, EstimateError>,
) -> Result<Circuit, EstimateError> {
    let part = |range: Range<usize>| {
        let mut part = circuit.without_operations();
        for operation in &circuit.operations()[range] {
            part.push(operation.clone())?;
        }
        Ok::<_, EstimateError>(part)
    };
    let mut whole = with_noise(&part(0..quiet.start)?)?;
    let last = with_noise(&part(quiet.end..circuit.operations().len())?)?;
    for operation in circuit.operations()[quiet.clone()].iter().chain(last.operations()) {
        whole.push(operation.clone())?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Angle, Channel, Gate, Operation, Pauli, PauliSum, Stream};
    use qloom_hardware::NoiseModel;

    use super::*;
    use crate::noisy_estimator::NoisyMeasurement;
    use crate::settings::{ExtrapolationCurve, Mitigation, NoiseScaling, VirtualDistillation, ZeroNoiseExtrapolation};

    fn word(word: &str) -> PauliString {
        PauliString::from_word(word).expect("a word")
    }

    fn hamiltonian() -> PauliSum {
        PauliSum::new(3, [(word("XYZ"), 0.3), (word("ZZI"), -0.7), (word("IXX"), 0.2), (word("YIY"), 0.5)]).expect("valid")
    }

    /// Noise after gates on two qubits alone, so that a rotation of one qubit written as a gate has none.
    fn measurement(mitigation: Mitigation, shots: Option<f64>) -> NoisyMeasurement {
        let mut noise = NoiseModel::default();
        noise.after_gates(2, Channel::depolarizing(0.03, 2).expect("physical"));
        NoisyMeasurement { noise, invert_readout: true, mitigation, shots, ..NoisyMeasurement::default() }
    }

    fn extrapolation(scaling: NoiseScaling) -> Mitigation {
        let curve = ExtrapolationCurve::Exponential;
        Mitigation::ZeroNoiseExtrapolation(ZeroNoiseExtrapolation {
            scales: vec![1, 3],
            scaling,
            curve,
            degree: 1,
            ..Default::default()
        })
    }

    /// The circuit, with a rotation gate put in where one is asked for.
    fn circuit(rotation: Option<(usize, Gate, usize)>) -> Circuit {
        let mut plain = Circuit::new(3);
        plain.ry(0.3, 0).cx(0, 1).rx(-1.1, 2).cx(1, 2).rz(0.8, 1).ry(0.4, 1);
        let Some((at, gate, qubit)) = rotation else { return plain };
        let mut widened = plain.without_operations();
        for (position, operation) in plain.operations().iter().enumerate() {
            if position == at {
                widened.push(Operation::gate(gate, &[Angle::free(0)], &[qubit])).expect("it fits");
            }
            widened.push(operation.clone()).expect("it fits");
        }
        widened
    }

    #[test]
    fn slopes_are_gradients_of_circuits_that_have_the_rotation() {
        let mitigations = [
            Mitigation::None,
            extrapolation(NoiseScaling::Stretching),
            extrapolation(NoiseScaling::Insertion),
            Mitigation::VirtualDistillation(VirtualDistillation { copies: 2 }),
        ];
        let kinds = [(Gate::Rx, Pauli::X), (Gate::Ry, Pauli::Y), (Gate::Rz, Pauli::Z)];
        for mitigation in mitigations {
            let new = || {
                NoisyEstimator::new(measurement(mitigation.clone(), None), &hamiltonian(), Stream::named(1, "s")).expect("valid")
            };
            let (mut estimator, mut rebuilt) = (new(), new());
            for at in 0..5 {
                let places: Vec<(Gate, Pauli, usize)> =
                    kinds.iter().flat_map(|&(gate, pauli)| (0..3).map(move |qubit| (gate, pauli, qubit))).collect();
                let strings: Vec<PauliString> =
                    places.iter().map(|&(_, pauli, qubit)| PauliString::from_letters([(qubit, pauli)])).collect();
                let before = estimator.evaluations();
                let slopes = estimator.slopes(&circuit(None), at, &strings).expect("measured");
                assert!(estimator.evaluations() - before > 2 * strings.len() as u64, "two energies a string and the value");
                for (&(gate, _, qubit), slope) in places.iter().zip(slopes) {
                    rebuilt.rebuild(&circuit(Some((at, gate, qubit)))).expect("it fits");
                    let mut gradient = [0.0];
                    rebuilt.value_and_gradient(&[0.0], &mut gradient).expect("finite");
                    assert!((gradient[0] - slope).abs() < 1e-12, "{mitigation:?} {at} {gate:?} {qubit}: {} {slope}", gradient[0]);
                }
            }
        }
    }

    #[test]
    fn shots_spread_slopes_around_the_exact_ones() {
        let strings = [word("YXI"), word("IZY"), word("XYZ")];
        let new = |shots| {
            NoisyEstimator::new(
                measurement(extrapolation(NoiseScaling::Stretching), shots),
                &hamiltonian(),
                Stream::named(2, "s"),
            )
            .expect("valid")
        };
        let exact = new(None).slopes(&circuit(None), 4, &strings).expect("measured");
        let mut estimator = new(Some(1e6));
        let count = 400;
        let mut sums = [[0.0; 2]; 3];
        for _ in 0..count {
            let slopes = estimator.slopes(&circuit(None), 4, &strings).expect("measured");
            for ((sum, slope), exact) in sums.iter_mut().zip(slopes).zip(&exact) {
                sum[0] += slope - exact;
                sum[1] += (slope - exact).powi(2);
            }
        }
        for [sum, squares] in sums {
            let deviation = (squares / f64::from(count)).sqrt();
            assert!(deviation > 1e-4, "random errors are there: {deviation}");
            assert!((sum / f64::from(count)).abs() < 5.0 * deviation / f64::from(count).sqrt(), "{sum} {deviation}");
        }
    }

    #[test]
    fn misplaced_rotations_and_free_angles_are_refused() {
        let mut estimator =
            NoisyEstimator::new(measurement(Mitigation::None, None), &hamiltonian(), Stream::named(1, "s")).expect("valid");
        assert!(estimator.slopes(&circuit(None), 7, &[word("X")]).is_err(), "beyond the end");
        assert!(estimator.slopes(&circuit(None), 6, &[word("X")]).is_ok(), "at the end");
        assert!(estimator.slopes(&circuit(None), 0, &[word("IIIX")]).is_err(), "a qubit that is not there");
        assert!(estimator.slopes(&circuit(Some((1, Gate::Rx, 0))), 0, &[word("X")]).is_err(), "a free angle");
    }
}
