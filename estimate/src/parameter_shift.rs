//! Derivatives from values alone, with noise and shots in them: parameter shifts.

use qloom_circuits::{Angle, Circuit, Operation};

use crate::error::EstimateError;

/// Where a parameter stands in a circuit.
#[derive(Clone, Debug)]
struct Occurrence {
    parameter: usize,
    scale: f64,
    offset: f64,
    /// Pairs of coefficient and shift of the angle.
    rule: Vec<(f64, f64)>,
}

/// The parameter-shift rule of a circuit: its gradient as a sum of values at shifted angles.
///
/// It is exact for every function of the form `Tr(O C(theta))`, whatever channels, measurements and resets stand between the
/// gates, and unbiased where values are estimated from shots. A parameter that stands in several angles is shifted in one at a
/// time. Source: Wierichs et al., arXiv:2107.12390.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_estimate::ParameterShift;
/// use qloom_sim::NoisyEnergy;
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0).ry(Angle::free(0).scaled(2.0), 0);
/// let shift = ParameterShift::new(&circuit)?;
/// let mut energy = NoisyEnergy::new(shift.circuit(), &PauliSum::z(0, 1))?;
/// let gradient = shift.gradient(&[0.5], |angles| energy.value(angles))?;
/// assert_eq!(shift.num_values(), 4);
/// assert!((gradient[0] + 3.0 * 1.5f64.sin()).abs() < 1e-14); // d/dt of cos(3 t)
/// # Ok::<(), qloom_estimate::EstimateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParameterShift {
    circuit: Circuit,
    num_parameters: usize,
    occurrences: Vec<Occurrence>,
}

impl ParameterShift {
    /// Finds the angles of a circuit and their rules.
    ///
    /// # Errors
    /// When a free angle stands in a conditioned block.
    pub fn new(circuit: &Circuit) -> Result<Self, EstimateError> {
        let mut occurrences = Vec::new();
        let mut apart = circuit.without_operations();
        for operation in circuit.operations() {
            let mut position = 0;
            let mut refused = false;
            let operation = operation.map_angles(&mut |angle| {
                let Angle::Free { index, scale, offset } = angle else {
                    position += 1;
                    return angle;
                };
                let rule = match operation {
                    Operation::Gate { gate, .. } => gate.shift_rule(position),
                    Operation::PauliRotation { .. } => qloom_circuits::Gate::Rz.shift_rule(0),
                    Operation::GlobalPhase(_) => Vec::new(),
                    Operation::Unitary { .. }
                    | Operation::Channel { .. }
                    | Operation::Measure { .. }
                    | Operation::Reset { .. }
                    | Operation::Barrier { .. }
                    | Operation::Delay { .. }
                    | Operation::Conditional(_) => {
                        refused = true;
                        Vec::new()
                    }
                };
                position += 1;
                occurrences.push(Occurrence { parameter: index, scale, offset, rule });
                Angle::free(occurrences.len() - 1)
            });
            if refused {
                return Err(EstimateError::Unsupported {
                    method: "a parameter shift",
                    operation: "a free angle in a conditioned block",
                    remedy: "fix the angle, or take differences",
                });
            }
            apart.push(operation)?;
        }
        Ok(Self { circuit: apart, num_parameters: circuit.num_parameters(), occurrences })
    }

    /// The circuit with every free angle a parameter of its own: what values are asked of.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Number of values one gradient takes: two for each rotation, four for each controlled rotation.
    pub fn num_values(&self) -> usize {
        self.occurrences.iter().map(|occurrence| occurrence.rule.len()).sum()
    }

    /// The angles of [`ParameterShift::circuit`] at these parameter values.
    ///
    /// # Errors
    /// When there are not as many values as parameters.
    pub fn angles(&self, parameters: &[f64]) -> Result<Vec<f64>, EstimateError> {
        if parameters.len() != self.num_parameters {
            let (expected, given) = (self.num_parameters, parameters.len());
            return Err(EstimateError::SizeMismatch { what: "parameter values", expected, given });
        }
        Ok(self.occurrences.iter().map(|at| at.scale * parameters[at.parameter] + at.offset).collect())
    }

    /// The gradient at these parameters of a function of the angles of [`ParameterShift::circuit`].
    ///
    /// # Errors
    /// When there are not as many values as parameters, and what the function refuses.
    pub fn gradient<E>(
        &self,
        parameters: &[f64],
        mut value: impl FnMut(&[f64]) -> Result<f64, E>,
    ) -> Result<Vec<f64>, EstimateError>
    where
        EstimateError: From<E>,
    {
        let mut angles = self.angles(parameters)?;
        let mut gradient = vec![0.0; self.num_parameters];
        for (at, occurrence) in self.occurrences.iter().enumerate() {
            let angle = angles[at];
            for (coefficient, shift) in &occurrence.rule {
                angles[at] = angle + shift;
                gradient[occurrence.parameter] += occurrence.scale * coefficient * value(&angles)?;
            }
            angles[at] = angle;
        }
        Ok(gradient)
    }
}

/// The gradient by parameter shifts of a function of a circuit and its angles.
///
/// The function is always given the same circuit, [`ParameterShift::circuit`].
///
/// # Errors
/// As [`ParameterShift::new`] and [`ParameterShift::gradient`].
pub fn parameter_shift<E>(
    circuit: &Circuit,
    parameters: &[f64],
    mut value: impl FnMut(&Circuit, &[f64]) -> Result<f64, E>,
) -> Result<Vec<f64>, EstimateError>
where
    EstimateError: From<E>,
{
    let shift = ParameterShift::new(circuit)?;
    shift.gradient(parameters, |angles| value(&shift.circuit, angles))
}

#[cfg(test)]
mod tests;
