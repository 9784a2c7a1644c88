//! Evolution in time as circuits: product formulas.

use crate::circuit::Circuit;
use crate::error::CircuitError;
use crate::operation::Operation;
use crate::pauli::PauliSum;
use crate::stream::Stream;

/// How `exp(-i H t)` becomes a product of Pauli rotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductFormula {
    /// One rotation a term and step; the error of a step is of the order of its square.
    First,
    /// The terms forth and back, by half a step each; the error of a step is of the order of its cube.
    Second,
    /// Five steps of second order, one of them backwards; the error of a step is of the order of its fifth power.
    ///
    /// Source: M. Suzuki, J. Math. Phys. 32, 400 (1991).
    Fourth,
}

impl ProductFormula {
    /// The exponent of the step in the error of a whole evolution.
    pub fn order(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Fourth => 4,
        }
    }
}

/// The circuit of a product formula for `exp(-i H t)` in equal steps, the constant of `H` as a global phase.
///
/// The terms go in the order of the sum, in which those with equal X letters, which commute if their Y letters are even in number, stand
/// together; rotations about one string with nothing but commuting ones between them are one. Has at most `steps` times 1, 2 and 10 rotations a term for the three formulas.
///
/// ```
/// use qloom_circuits::library::{ProductFormula, evolution};
/// use qloom_circuits::PauliSum;
/// let field: PauliSum = "1.5 Z0".parse()?;
/// let circuit = evolution(&field, 2.0, 1, ProductFormula::First)?;
/// assert_eq!(circuit.operations().len(), 1); // a rotation by 2 * 1.5 * 2
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the time is not finite or there is no step.
pub fn evolution(hamiltonian: &PauliSum, time: f64, steps: usize, formula: ProductFormula) -> Result<Circuit, CircuitError> {
    let mut product = Product::new(hamiltonian, time)?;
    if steps == 0 {
        return Err(CircuitError::OutOfRange { what: "the number of steps", value: 0.0, range: "at least 1" });
    }
    let step = time / steps as f64;
    for _ in 0..steps {
        match formula {
            ProductFormula::First => product.forth(step),
            ProductFormula::Second => product.second(step),
            ProductFormula::Fourth => {
                let part = step / (4.0 - 4f64.cbrt());
                for part in [part, part, step - 4.0 * part, part, part] {
                    product.second(part);
                }
            }
        }
    }
    product.circuit(time)
}

/// A circuit drawn at random whose mean over draws approximates `exp(-i H t)`: `rotations` rotations by one angle, the term of each drawn
/// with a probability in proportion to its coefficient.
///
/// The error of the mean is about `2 (|H| t)^2/rotations` with `|H|` the 1-norm, whatever the number of terms.
/// Source: E. Campbell, Phys. Rev. Lett. 123, 070503 (2019), arXiv:1811.08017 (qDRIFT).
///
/// ```
/// use qloom_circuits::{PauliSum, Stream, library::drawn_evolution};
/// let sum: PauliSum = "0.5 Z0 + 0.5 X1".parse()?;
/// let circuit = drawn_evolution(&sum, 1.0, 100, &mut Stream::named(1, "terms"))?;
/// assert_eq!(circuit.num_qubits(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the time is not finite or there is no rotation.
pub fn drawn_evolution(
    hamiltonian: &PauliSum,
    time: f64,
    rotations: usize,
    stream: &mut Stream,
) -> Result<Circuit, CircuitError> {
    let mut product = Product::new(hamiltonian, time)?;
    if rotations == 0 {
        return Err(CircuitError::OutOfRange { what: "the number of rotations", value: 0.0, range: "at least 1" });
    }
    let total: f64 = product.terms.iter().map(|(_, coefficient)| coefficient.abs()).sum();
    let until: Vec<f64> = product
        .terms
        .iter()
        .scan(0.0, |sum, (_, coefficient)| {
            *sum += coefficient.abs();
            Some(*sum)
        })
        .collect();
    if let Some(last) = product.terms.len().checked_sub(1) {
        for _ in 0..rotations {
            let place = stream.unit() * total;
            let drawn = until.partition_point(|&until| until <= place).min(last);
            product.rotate(drawn, (total * time / rotations as f64).copysign(product.terms[drawn].1 * time));
        }
    }
    product.circuit(time)
}

/// The weights with which values at these numbers of steps of a symmetric formula are added so that the leading errors vanish: they add up
/// to 1, and with `k` numbers the errors in the second to the `2 k - 2`-nd power of the step go.
///
/// Source: A. Carrera Vazquez et al., Quantum 7, 1067 (2023), arXiv:2207.11268.
///
/// ```
/// let weights = qloom_circuits::library::multi_product_weights(&[1, 2])?;
/// assert!((weights[0] + 1.0 / 3.0).abs() < 1e-15 && (weights[1] - 4.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
///
/// # Errors
/// When a number is 0 or stands there twice.
pub fn multi_product_weights(steps: &[usize]) -> Result<Vec<f64>, CircuitError> {
    let wrong = |value: usize| CircuitError::OutOfRange {
        what: "a number of steps of a multi-product formula",
        value: value as f64,
        range: "at least 1, each once",
    };
    for (place, &number) in steps.iter().enumerate() {
        if number == 0 || steps[..place].contains(&number) {
            return Err(wrong(number));
        }
    }
    let square = |number: usize| (number * number) as f64;
    // Lagrange's polynomials in the squared step at 0
    let weight = |&own: &usize| {
        steps.iter().filter(|&&other| other != own).map(|&other| square(own) / (square(own) - square(other))).product()
    };
    Ok(steps.iter().map(weight).collect())
}

/// How many rotations are looked at for one about the same string.
const LOOKED_BACK: usize = 64;

/// Rotations about the terms of a sum.
struct Product<'a> {
    num_qubits: usize,
    /// All but the constant.
    terms: Vec<&'a (crate::pauli::PauliString, f64)>,
    constant: f64,
    /// Which term, and the time for which it acts.
    rotations: Vec<(usize, f64)>,
}

impl<'a> Product<'a> {
    fn new(hamiltonian: &'a PauliSum, time: f64) -> Result<Self, CircuitError> {
        if !time.is_finite() {
            return Err(CircuitError::NotFinite { what: "the time", value: time });
        }
        let terms = hamiltonian.terms().iter().filter(|(string, _)| string.weight() > 0).collect();
        Ok(Self { num_qubits: hamiltonian.num_qubits(), terms, constant: hamiltonian.constant(), rotations: Vec::new() })
    }

    /// A rotation by `exp(-i product P)`; joins one about the same string that stands behind nothing but what commutes with it.
    fn rotate(&mut self, term: usize, product: f64) {
        let string = self.terms[term].0;
        let near = self.rotations.iter_mut().rev().take(LOOKED_BACK);
        let mut commuting = near.take_while(|(other, _)| self.terms[*other].0.commutes_with(string));
        match commuting.find(|(other, _)| *other == term) {
            Some(earlier) => earlier.1 += product,
            None => self.rotations.push((term, product)),
        }
    }

    fn forth(&mut self, step: f64) {
        (0..self.terms.len()).for_each(|term| self.rotate(term, self.terms[term].1 * step));
    }

    fn second(&mut self, step: f64) {
        self.forth(step / 2.0);
        (0..self.terms.len()).rev().for_each(|term| self.rotate(term, self.terms[term].1 * step / 2.0));
    }

    fn circuit(self, time: f64) -> Result<Circuit, CircuitError> {
        let mut circuit = Circuit::new(self.num_qubits);
        if self.constant != 0.0 {
            circuit.push(Operation::GlobalPhase((-self.constant * time).into()))?;
        }
        for (term, product) in self.rotations {
            circuit.push(Operation::PauliRotation { pauli: self.terms[term].0, angle: (2.0 * product).into() })?;
        }
        Ok(circuit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    /// A chain of three spins in a field, with a constant.
    fn chain() -> PauliSum {
        "0.3 + 1.0 Z0 Z1 + 1.0 Z1 Z2 + 0.7 X0 + 0.7 X1 + 0.7 X2 + 0.2 Y0 Y2".parse().expect("a sum")
    }

    fn distance(circuit: &Circuit, exact: &Matrix) -> f64 {
        let unitary = circuit.unitary(&[]).expect("gates");
        unitary.entries().iter().zip(exact.entries()).map(|(a, b)| (a - b).norm_sqr()).sum::<f64>().sqrt()
    }

    /// By so many steps of fourth order that nothing is left of the error.
    fn exact(time: f64) -> Matrix {
        evolution(&chain(), time, 2000, ProductFormula::Fourth).expect("steps").unitary(&[]).expect("gates")
    }

    #[test]
    fn errors_fall_with_the_order_of_the_formula() {
        let exact = exact(1.0);
        for formula in [ProductFormula::First, ProductFormula::Second, ProductFormula::Fourth] {
            let error = |steps| distance(&evolution(&chain(), 1.0, steps, formula).expect("steps"), &exact);
            let ratio = error(16) / error(32);
            let expected = 2f64.powi(formula.order() as i32);
            assert!((ratio / expected - 1.0).abs() < 0.1, "{formula:?}: {ratio} for {expected}");
        }
    }

    #[test]
    fn the_exact_evolution_is_the_exponential() {
        // exp(-iHt) of a term alone has a closed form, and two that commute multiply
        let sum: PauliSum = "0.5 + 0.4 X0 Y1 + 0.3 Y0 X1".parse().expect("a sum");
        let circuit = evolution(&sum, 1.7, 1, ProductFormula::First).expect("a step");
        let mut expected = Matrix::identity(2);
        for (string, coefficient) in sum.terms() {
            let mut term = Matrix::zero(2);
            for (index, entry) in PauliSum::new(2, [(*string, 1.0)]).expect("valid").matrix().entries().iter().enumerate() {
                let identity = if index % 5 == 0 { (coefficient * 1.7).cos() } else { 0.0 };
                term[(index / 4, index % 4)] = identity - num_complex::Complex64::I * (coefficient * 1.7).sin() * entry;
            }
            expected = expected.times(&term);
        }
        assert!(distance(&circuit, &expected) < 1e-13);
    }

    #[test]
    fn the_mean_of_drawn_circuits_approaches_the_evolution() {
        // channels, not unitaries, are averaged: by the transfer matrices of 400 draws
        let sum: PauliSum = "0.6 Z0 Z1 + 0.4 X0".parse().expect("a sum");
        let exact =
            evolution(&sum, 0.8, 400, ProductFormula::Fourth).expect("steps").unitary(&[]).expect("gates").transfer_matrix();
        let mut mean = vec![0.0; exact.len()];
        for draw in 0..400 {
            let circuit = drawn_evolution(&sum, 0.8, 40, &mut Stream::numbered(3, "terms", draw)).expect("rotations");
            let transfer = circuit.unitary(&[]).expect("gates").transfer_matrix();
            mean.iter_mut().zip(transfer).for_each(|(mean, entry)| *mean += entry / 400.0);
        }
        let worst = mean.iter().zip(&exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.06, "{worst}");
    }

    #[test]
    fn multi_products_cancel_even_powers() {
        let weights = multi_product_weights(&[1, 2, 4]).expect("different");
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        for power in [2, 4] {
            let left: f64 = weights.iter().zip([1f64, 2.0, 4.0]).map(|(weight, steps)| weight / steps.powi(power)).sum();
            assert!(left.abs() < 1e-14);
        }
        assert!(multi_product_weights(&[1, 1]).is_err() && multi_product_weights(&[0]).is_err());
    }

    #[test]
    fn rotations_that_commute_together_are_joined() {
        // the field in the middle of a step, and the bonds between two steps, each once
        let chain: PauliSum = "1.0 Z0 Z1 + 1.0 Z1 Z2 + 0.7 X0 + 0.7 X1 + 0.7 X2".parse().expect("a sum");
        let circuit = evolution(&chain, 1.0, 2, ProductFormula::Second).expect("steps");
        assert_eq!(circuit.operations().len(), 2 + 3 + 2 + 3 + 2);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        assert!(evolution(&chain(), f64::NAN, 1, ProductFormula::First).is_err());
        assert!(evolution(&chain(), 1.0, 0, ProductFormula::First).is_err());
        assert!(drawn_evolution(&chain(), 1.0, 0, &mut Stream::named(1, "terms")).is_err());
        let nothing = PauliSum::new(1, []).expect("empty");
        assert!(drawn_evolution(&nothing, 1.0, 5, &mut Stream::named(1, "terms")).expect("nothing").operations().is_empty());
    }
}
