//! Circuits that make a given state.

use num_complex::Complex64;

use crate::circuit::Circuit;
use crate::error::CircuitError;
use crate::pauli::Pauli;

/// A circuit of `ry`, `rz` and `cx` that makes these amplitudes, divided by their length, from `|0...0>`, up to a global phase; real ones need no
/// `rz`.
///
/// Rotations that all higher qubits control, from the last qubit to the first, for the moduli and signs, and then others for the phases: at
/// most `2^n - 2` `cx` for real and twice as many for complex amplitudes. Source: Möttönen, Vartiainen, Bergholm and Salomaa, Quant. Inf. Comput.
/// 5, 467 (2005).
///
/// ```
/// use num_complex::Complex64;
/// use qloom_circuits::library::state_preparation;
/// let circuit = state_preparation(&[1.0, 0.0, 0.0, -1.0].map(Complex64::from))?; // a Bell state
/// let state = circuit.unitary(&[])?;
/// assert!((state[(0, 0)] + state[(3, 0)]).norm() < 1e-15 && (state[(0, 0)].norm() - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
///
/// # Errors
/// When the number of amplitudes is no power of two from 2 on, one is not finite, or all are 0.
pub fn state_preparation(amplitudes: &[Complex64]) -> Result<Circuit, CircuitError> {
    let count = amplitudes.len();
    let wrong = |what, value, range| Err(CircuitError::OutOfRange { what, value, range });
    if count < 2 || !count.is_power_of_two() {
        return wrong("the number of amplitudes", count as f64, "a power of two from 2 on");
    }
    if let Some(value) = amplitudes.iter().flat_map(|a| [a.re, a.im]).find(|part| !part.is_finite()) {
        return Err(CircuitError::NotFinite { what: "an amplitude", value });
    }
    if amplitudes.iter().all(|a| *a == Complex64::ZERO) {
        return wrong("the largest amplitude", 0.0, "above 0");
    }
    let num_qubits = count.trailing_zeros() as usize;
    let mut circuit = Circuit::new(num_qubits);
    let real = amplitudes.iter().all(|a| a.im == 0.0);
    // level by level the lengths of halves, quarters, ...; the last has signs where amplitudes are real
    let mut levels = vec![amplitudes.iter().map(|a| if real { a.re } else { a.norm() }).collect::<Vec<f64>>()];
    for _ in 1..num_qubits {
        let below = &levels[levels.len() - 1];
        levels.push(below.chunks(2).map(|pair| pair[0].hypot(pair[1])).collect());
    }
    for (target, level) in levels.iter().enumerate().rev() {
        let angles: Vec<f64> = level.chunks(2).map(|pair| 2.0 * pair[1].atan2(pair[0])).collect();
        multiplexed(&mut circuit, Pauli::Y, target, &angles);
    }
    if !real {
        let mut phases: Vec<f64> = amplitudes.iter().map(|a| a.arg()).collect();
        for target in 0..num_qubits {
            let angles: Vec<f64> = phases.chunks(2).map(|pair| pair[1] - pair[0]).collect();
            multiplexed(&mut circuit, Pauli::Z, target, &angles);
            phases = phases.chunks(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
        }
    }
    Ok(circuit)
}

/// A rotation of `target` whose angle is chosen by all higher qubits, the next one the least significant bit of the choice; the order of
/// controls is a Gray code. Nothing where all angles are 0.
fn multiplexed(circuit: &mut Circuit, axis: Pauli, target: usize, angles: &[f64]) {
    if angles.iter().all(|angle| *angle == 0.0) {
        return;
    }
    let count = angles.len();
    for place in 0..count {
        let gray = place ^ (place >> 1);
        let sign = |choice: usize| if (choice & gray).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        let angle = angles.iter().enumerate().map(|(choice, angle)| sign(choice) * angle).sum::<f64>() / count as f64;
        match axis {
            Pauli::Y => circuit.ry(angle, target),
            Pauli::Z => circuit.rz(angle, target),
            Pauli::I | Pauli::X => unreachable!("rotations that cx turns around"),
        };
        if count > 1 {
            let changed = (place + 1).trailing_zeros().min(count.trailing_zeros() - 1) as usize;
            circuit.cx(target + 1 + changed, target);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One minus the overlap with the amplitudes, which are of length 1.
    fn missed(amplitudes: &[Complex64], circuit: &Circuit) -> f64 {
        let state = circuit.unitary(&[]).expect("gates");
        let overlap: Complex64 = amplitudes.iter().enumerate().map(|(k, a)| a.conj() * state[(k, 0)]).sum();
        (1.0 - overlap.norm()).abs()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_state_is_made(qubits in 1usize..6, real in any::<bool>(), holes in any::<u32>(), numbers in prop::collection::vec(-1.0f64..1.0, 64)) {
            let count = 1 << qubits;
            let number = |k: usize| if holes >> (k % 32) & 1 == 1 { 0.0 } else { numbers[k] };
            let mut list: Vec<Complex64> =
                (0..count).map(|k| Complex64::new(number(k), if real { 0.0 } else { number(32 + k) })).collect();
            list[count - 1] += 0.1;
            let circuit = state_preparation(&list).expect("amplitudes");
            let length = list.iter().map(|a| a.norm_sqr()).sum::<f64>().sqrt();
            let unit: Vec<Complex64> = list.iter().map(|a| a / length).collect();
            prop_assert!(missed(&unit, &circuit) < 1e-12);
            let most = if real { count - 2 } else { 2 * (count - 2) };
            prop_assert!(circuit.two_qubit_gates() <= most);
            if real {
                // signs are right, not up to a phase of each
                let state = circuit.unitary(&[]).expect("gates");
                prop_assert!(unit.iter().enumerate().all(|(k, a)| (state[(k, 0)] - a).norm() < 1e-12));
            }
        }
    }

    #[test]
    fn states_of_other_packages_are_made() {
        let golden: serde_json::Value = serde_json::from_str(include_str!("../../tests/two_local.json")).expect("JSON");
        for state in golden["states"].as_array().expect("a list") {
            let list = |key: &str| {
                state[key].as_array().expect("numbers").iter().map(|x| x.as_f64().expect("a number")).collect::<Vec<f64>>()
            };
            let amplitudes: Vec<Complex64> =
                list("re").into_iter().zip(list("im")).map(|(re, im)| Complex64::new(re, im)).collect();
            assert!(missed(&amplitudes, &state_preparation(&amplitudes).expect("amplitudes")) < 1e-12);
        }
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for list in [&[][..], &[1.0], &[1.0, 0.0, 0.0], &[0.0, 0.0], &[f64::NAN, 1.0]] {
            let list: Vec<Complex64> = list.iter().map(|x| Complex64::from(*x)).collect();
            assert!(state_preparation(&list).is_err(), "{list:?}");
        }
        assert_eq!(state_preparation(&[Complex64::ONE, Complex64::ZERO]).expect("a state").operations().len(), 0);
    }
}
