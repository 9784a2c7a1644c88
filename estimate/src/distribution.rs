//! Outcomes of settings.

use qloom_sim::{State, walsh};

use crate::error::EstimateError;
use crate::shots::Setting;

/// Probability of every outcome of measuring all qubits of a state in the basis of a setting; bit `q` of an outcome is qubit `q`.
///
/// Of a Pauli vector it reads the `2^n` coefficients of the products of the measured Paulis; other states are copied and turned.
///
/// # Errors
/// When the setting is on another number of qubits, or memory does not suffice.
pub(crate) fn distribution<S: State>(state: &S, setting: &Setting) -> Result<Vec<f64>, EstimateError> {
    let n = state.num_qubits();
    let circuit = setting.circuit();
    if circuit.num_qubits() != n {
        return Err(EstimateError::SizeMismatch { what: "qubits of a setting", expected: n, given: circuit.num_qubits() });
    }
    if let Some(vector) = state.as_pauli_vector() {
        let scale = 1.0 / (1u64 << n) as f64;
        let mut list = vec![0.0; 1 << n];
        let mut refused = None;
        setting.for_each_product(|mask, string, sign| match vector.pauli(string) {
            Ok(value) => list[mask] = sign * scale * value,
            Err(error) => refused = Some(error),
        });
        return match refused {
            Some(error) => Err(error.into()),
            None => {
                walsh(&mut list);
                Ok(list)
            }
        };
    }
    let all: Vec<usize> = (0..n).collect();
    if circuit.operations().is_empty() {
        return Ok(state.probabilities(&all)?);
    }
    let mut turned = state.try_clone()?;
    turned.apply(&S::compile_once(circuit)?, &[], &mut S::Workspace::default())?;
    Ok(turned.probabilities(&all)?)
}
