//! Second derivatives of expectation values.

use qloom_circuits::{Circuit, PauliSum};
use qloom_sim::{Energy, SimulatorConfig};

use crate::error::EstimateError;
use crate::parameter_shift::ParameterShift;

/// The matrix of second derivatives of an expectation value, row by row, symmetric, exact.
///
/// Each angle is shifted by its rule and the gradient, by the adjoint method, taken there: two gradients for each rotation, four for each
/// controlled one. Source: A. Mari, T. R. Bromley and N. Killoran, Phys. Rev. A 103, 012405 (2021), arXiv:2008.06517.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_estimate::hessian;
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0).ry(Angle::free(1).scaled(2.0), 0);
/// let matrix = hessian(&circuit, &PauliSum::z(0, 1), &[0.3, 0.1], Default::default())?;
/// let slope = -0.5f64.cos(); // of cos(a + 2 b)
/// assert!(matrix.iter().zip([slope, 2.0 * slope, 2.0 * slope, 4.0 * slope]).all(|(a, b)| (a - b).abs() < 1e-14));
/// # Ok::<(), qloom_estimate::EstimateError>(())
/// ```
///
/// # Errors
/// When a free angle stands in a conditioned block, sizes differ, or memory does not suffice.
pub fn hessian(
    circuit: &Circuit,
    observable: &PauliSum,
    parameters: &[f64],
    config: SimulatorConfig,
) -> Result<Vec<f64>, EstimateError> {
    let shift = ParameterShift::new(circuit)?;
    let size = parameters.len();
    let mut angles = shift.angles(parameters)?;
    let mut energy = Energy::with_config(shift.circuit(), observable, config)?;
    let mut slopes = vec![0.0; angles.len()];
    let mut matrix = vec![0.0; size * size];
    for value in shift.shifted_values(|_| true) {
        angles[value.angle] += value.shift;
        energy.value_and_gradient(&angles, &mut slopes)?;
        angles[value.angle] -= value.shift;
        shift.collect(&slopes, value.coefficient, &mut matrix[value.parameter * size..][..size]);
    }
    // the two orders of a pair differ by rounding alone
    for row in 0..size {
        for column in 0..row {
            let mean = 0.5 * (matrix[row * size + column] + matrix[column * size + row]);
            (matrix[row * size + column], matrix[column * size + row]) = (mean, mean);
        }
    }
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Angle, Gate, Operation, library};

    use super::*;

    #[test]
    fn second_derivatives_are_differences_of_gradients() {
        let mut circuit = library::hardware_efficient(3, 1);
        let shared = Angle::free(2).scaled(-0.7);
        circuit.push(Operation::gate(Gate::Cry, &[shared], &[0, 2])).expect("fits");
        circuit.push(Operation::gate(Gate::Cp, &[Angle::free(0)], &[1, 2])).expect("fits");
        let observable: PauliSum = "0.7 Z0 Z1 - 0.4 X1 X2 + 0.2 Y0".parse().expect("a sum");
        let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.3 + 0.2 * k as f64).collect();
        let matrix = hessian(&circuit, &observable, &parameters, SimulatorConfig::default()).expect("gates");
        let mut energy = Energy::new(&circuit, &observable).expect("gates");
        let (size, step) = (parameters.len(), 1e-4);
        for row in 0..size {
            let mut at = |by: f64| {
                let (mut moved, mut gradient) = (parameters.clone(), vec![0.0; size]);
                moved[row] += by;
                energy.value_and_gradient(&moved, &mut gradient).expect("finite");
                gradient
            };
            let (after, before) = (at(step), at(-step));
            for column in 0..size {
                let slope = (after[column] - before[column]) / (2.0 * step);
                assert!((matrix[row * size + column] - slope).abs() < 1e-7, "{row} {column}");
            }
        }
    }

    #[test]
    fn wrong_numbers_of_parameters_are_refused() {
        let circuit = library::hardware_efficient(2, 1);
        assert!(hessian(&circuit, &PauliSum::z(0, 2), &[0.1], SimulatorConfig::default()).is_err());
    }
}
