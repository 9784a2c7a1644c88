//! Derivatives with respect to rotations that are not there yet.

use std::collections::HashMap;

use num_complex::Complex64;
use qloom_circuits::{Circuit, PauliString};

use super::Energy;
use crate::error::SimError;
use crate::program::Program;
use crate::state::StateVector;
use crate::walsh::walsh;

impl Energy {
    /// For each Pauli string P, the derivative of the expectation value at angle 0 of `exp(-i theta/2 P)` put in before operation `at`
    /// of a circuit without free angles: which rotation lowers the energy fastest, and where.
    ///
    /// With `phi` the state before that place and `lambda` the observable's image of the final state taken back to it, the derivative
    /// is `Im <lambda|P|phi>`. Both are found once. The cost beside them is, for each pattern of X and Y among the strings, that of a
    /// Walsh-Hadamard transform of the state or of one pass a string, whichever is less.
    ///
    /// ```
    /// use qloom_circuits::{Circuit, PauliString, PauliSum};
    /// use qloom_sim::Energy;
    /// // turned about Y, the energy <X> of |0> rises with slope 1; about Z it does not move
    /// let x = PauliSum::new(1, [(PauliString::from_word("X")?, 1.0)])?;
    /// let circuit = Circuit::new(1);
    /// let mut energy = Energy::new(&circuit, &x)?;
    /// let slopes = energy.slopes(&circuit, 0, &[PauliString::from_word("Y")?, PauliString::from_word("Z")?])?;
    /// assert_eq!(slopes, [1.0, 0.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the circuit has free angles or another number of qubits, `at` is beyond its end, or a string acts on qubits that it lacks.
    pub fn slopes(&mut self, circuit: &Circuit, at: usize, strings: &[PauliString]) -> Result<Vec<f64>, SimError> {
        let (n, count) = (circuit.num_qubits(), circuit.operations().len());
        self.state.check_size("qubits of a circuit", n)?;
        if at > count {
            return Err(SimError::OutOfRange {
                what: "the place of a rotation",
                value: at as f64,
                range: "at most the length of the circuit",
            });
        }
        let outside = strings.iter().filter_map(|string| string.support().last()).max().filter(|&last| last >= n);
        if let Some(last) = outside {
            return Err(SimError::SizeMismatch { what: "qubits of a Pauli string", expected: n, given: last + 1 });
        }
        self.rebuild(circuit)?;
        self.run(&[])?;
        self.start_back()?;
        let mut suffix = circuit.without_operations();
        for operation in &circuit.operations()[at..] {
            suffix.push(operation.clone())?;
        }
        let back = Program::once(&suffix.inverse()?)?;
        let Self { state, workspace, adjoint, .. } = self;
        let lambda = adjoint.image().expect("the way back has been started");
        state.apply(&back, &[], workspace)?;
        lambda.apply(&back, &[], workspace)?;
        Ok(brackets(lambda, state, strings))
    }
}

/// `Im <lambda|P|phi>` of each string.
fn brackets(lambda: &StateVector<f64>, phi: &StateVector<f64>, strings: &[PauliString]) -> Vec<f64> {
    let mut of_pattern: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, string) in strings.iter().enumerate() {
        of_pattern.entry(string.x_mask()).or_default().push(index);
    }
    let (dimension, n) = (phi.dimension(), phi.num_qubits());
    let mut slopes = vec![0.0; strings.len()];
    let mut products = vec![Complex64::ZERO; dimension];
    let ((lambda_re, lambda_im), (phi_re, phi_im)) = (lambda.planes(), phi.planes());
    for (x, members) in of_pattern {
        // P|b> = i^{#Y} (-1)^{|z & b|} |b ^ x>
        for (b, product) in products.iter_mut().enumerate() {
            let to = b ^ x as usize;
            *product = Complex64::new(lambda_re[to], -lambda_im[to]) * Complex64::new(phi_re[b], phi_im[b]);
        }
        let transformed = members.len() > n;
        if transformed {
            walsh(&mut products);
        }
        for index in members {
            let string = strings[index];
            let z = string.z_mask() as usize;
            let sum = if transformed {
                products[z]
            } else {
                let signed = |(b, product): (usize, &Complex64)| if (b & z).count_ones() % 2 == 1 { -product } else { *product };
                products.iter().enumerate().map(signed).sum()
            };
            slopes[index] = (Complex64::I.powu(string.count_y()) * sum).im;
        }
    }
    slopes
}
