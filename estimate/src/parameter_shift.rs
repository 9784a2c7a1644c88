//! Derivatives from values alone, with noise and shots in them: parameter shifts.

use qloom_circuits::{Angle, Circuit, Frequencies, Operation};

use crate::error::EstimateError;

/// Where a parameter stands in a circuit.
#[derive(Clone, Debug)]
struct Occurrence {
    parameter: usize,
    scale: f64,
    offset: f64,
    /// Pairs of coefficient and shift of the angle.
    rule: Vec<(f64, f64)>,
    /// As `rule`, with as many times the frequencies as [`ParameterShift::of_products`] was told.
    product_rule: Vec<(f64, f64)>,
}

/// A value that a derivative is made of: the derivative by `parameter` is the sum over its shifted values of `coefficient` times the value with
/// `shift` added to one angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftedValue {
    /// The parameter of the circuit.
    pub parameter: usize,
    /// The angle that is shifted, a parameter of [`ParameterShift::circuit`].
    pub angle: usize,
    /// By how much, in radians.
    pub shift: f64,
    /// What the value counts.
    pub coefficient: f64,
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
#[derive(Clone, Debug, Default)]
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
        Self::of_products(circuit, |_| 1)
    }

    /// The rule for what has `factors` times the frequencies of an expectation value in the angles of an operation: products of values of
    /// one state, such as `Tr(O rho^M)`, or circuits in which the operation stands several times.
    ///
    /// # Errors
    /// As [`ParameterShift::new`].
    pub(crate) fn of_products(circuit: &Circuit, factors: impl Fn(&Operation) -> usize) -> Result<Self, EstimateError> {
        let mut occurrences = Vec::new();
        let mut apart = circuit.without_operations();
        for source in circuit.operations() {
            let mut position = 0;
            let mut refused = false;
            let operation = source.map_angles(&mut |angle| {
                let Angle::Free { index, scale, offset } = angle else {
                    position += 1;
                    return angle;
                };
                let frequencies = match source {
                    Operation::Gate { gate, .. } => gate.frequencies(position),
                    Operation::PauliRotation { .. } => Frequencies::ROTATION,
                    Operation::GlobalPhase(_) => Frequencies::NONE,
                    Operation::Unitary { .. }
                    | Operation::Channel { .. }
                    | Operation::Measure { .. }
                    | Operation::Reset { .. }
                    | Operation::Barrier { .. }
                    | Operation::Delay { .. }
                    | Operation::Conditional(_) => {
                        refused = true;
                        Frequencies::NONE
                    }
                };
                position += 1;
                let (rule, product_rule) = (frequencies.shift_rule(), frequencies.of_products(factors(source)).shift_rule());
                occurrences.push(Occurrence { parameter: index, scale, offset, rule, product_rule });
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

    /// Number of values one gradient takes: two for each rotation, four for each controlled rotation, and as many times these as there
    /// are factors in a product.
    pub fn num_values(&self) -> usize {
        self.occurrences.iter().map(|occurrence| occurrence.product_rule.len()).sum()
    }

    /// The values that the derivatives by some parameters are made of, for who evaluates many at a time.
    ///
    /// ```
    /// use qloom_circuits::{Angle, Circuit};
    /// use qloom_estimate::ParameterShift;
    /// let mut circuit = Circuit::new(1);
    /// circuit.rx(Angle::free(0), 0).ry(Angle::free(1).scaled(2.0), 0);
    /// let values = ParameterShift::new(&circuit)?.shifted_values(|parameter| parameter == 1);
    /// assert_eq!(values.len(), 2);
    /// assert!((values[0].coefficient - 1.0).abs() < 1e-15 && (values[0].shift - 0.5 * std::f64::consts::PI).abs() < 1e-15);
    /// # Ok::<(), qloom_estimate::EstimateError>(())
    /// ```
    pub fn shifted_values(&self, wanted: impl Fn(usize) -> bool) -> Vec<ShiftedValue> {
        let of = |(angle, at): (usize, &Occurrence)| {
            let (parameter, scale) = (at.parameter, at.scale);
            let one = move |&(coefficient, shift): &(f64, f64)| ShiftedValue {
                parameter,
                angle,
                shift,
                coefficient: scale * coefficient,
            };
            at.rule.iter().map(one).collect::<Vec<_>>()
        };
        self.occurrences.iter().enumerate().filter(|(_, at)| wanted(at.parameter)).flat_map(of).collect()
    }

    /// The angles of [`ParameterShift::circuit`] at these parameter values.
    ///
    /// # Errors
    /// When there are not as many values as parameters.
    pub fn angles(&self, parameters: &[f64]) -> Result<Vec<f64>, EstimateError> {
        let mut angles = Vec::with_capacity(self.occurrences.len());
        self.angles_into(parameters, &mut angles)?;
        Ok(angles)
    }

    /// As [`ParameterShift::angles`], into a buffer.
    pub(crate) fn angles_into(&self, parameters: &[f64], angles: &mut Vec<f64>) -> Result<(), EstimateError> {
        if parameters.len() != self.num_parameters {
            let (expected, given) = (self.num_parameters, parameters.len());
            return Err(EstimateError::SizeMismatch { what: "parameter values", expected, given });
        }
        angles.clear();
        angles.extend(self.occurrences.iter().map(|at| at.scale * parameters[at.parameter] + at.offset));
        Ok(())
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
        let angles = self.angles(parameters)?;
        let mut gradient = vec![0.0; self.num_parameters];
        self.add_slopes(&angles, |angles| Ok([value(angles)?]), |parameter, [slope]| gradient[parameter] += slope)?;
        Ok(gradient)
    }

    /// Derivatives of several linear functions of the state at once: `add` is told each occurrence's parameter and slopes.
    pub(crate) fn add_slopes<const N: usize>(
        &self,
        angles: &[f64],
        values: impl FnMut(&[f64]) -> Result<[f64; N], EstimateError>,
        add: impl FnMut(usize, [f64; N]),
    ) -> Result<(), EstimateError> {
        self.shift(angles, |occurrence| &occurrence.rule, values, add)
    }

    /// As [`ParameterShift::add_slopes`], for products of values.
    pub(crate) fn add_product_slopes<const N: usize>(
        &self,
        angles: &[f64],
        values: impl FnMut(&[f64]) -> Result<[f64; N], EstimateError>,
        add: impl FnMut(usize, [f64; N]),
    ) -> Result<(), EstimateError> {
        self.shift(angles, |occurrence| &occurrence.product_rule, values, add)
    }

    fn shift<const N: usize>(
        &self,
        angles: &[f64],
        rule: impl Fn(&Occurrence) -> &[(f64, f64)],
        mut values: impl FnMut(&[f64]) -> Result<[f64; N], EstimateError>,
        mut add: impl FnMut(usize, [f64; N]),
    ) -> Result<(), EstimateError> {
        let mut shifted = angles.to_vec();
        for (at, occurrence) in self.occurrences.iter().enumerate() {
            let mut slopes = [0.0; N];
            for (coefficient, shift) in rule(occurrence) {
                shifted[at] = angles[at] + shift;
                let values = values(&shifted)?;
                slopes.iter_mut().zip(values).for_each(|(slope, value)| *slope += occurrence.scale * coefficient * value);
            }
            shifted[at] = angles[at];
            add(occurrence.parameter, slopes);
        }
        Ok(())
    }

    /// For each parameter the variance of its slope when every shifted value has variance 1.
    pub(crate) fn slope_variances(&self) -> Vec<f64> {
        let mut variances = vec![0.0; self.num_parameters];
        for occurrence in &self.occurrences {
            let squares: f64 = occurrence.product_rule.iter().map(|(coefficient, _)| coefficient * coefficient).sum();
            variances[occurrence.parameter] += occurrence.scale * occurrence.scale * squares;
        }
        variances
    }

    /// The gradient by parameters of a function whose slopes by angles are known.
    pub(crate) fn collect(&self, slopes: &[f64], weight: f64, gradient: &mut [f64]) {
        for (occurrence, slope) in self.occurrences.iter().zip(slopes) {
            gradient[occurrence.parameter] += weight * occurrence.scale * slope;
        }
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
