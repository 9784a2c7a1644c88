//! Transforms and states without parameters.

use std::f64::consts::PI;

use crate::circuit::Circuit;

/// The quantum Fourier transform `|j> -> 2^{-n/2} sum_k e^{2 pi i j k / 2^n} |k>`, swaps included.
///
/// ```
/// use qloom_circuits::library::qft;
/// let matrix = qft(2).unitary(&[]).unwrap();
/// assert!((matrix[(1, 1)].im - 0.5).abs() < 1e-15); // e^{2 pi i / 4} / 2
/// ```
pub fn qft(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for target in (0..num_qubits).rev() {
        circuit.h(target);
        for control in (0..target).rev() {
            circuit.cp(PI / f64::powi(2.0, (target - control) as i32), control, target);
        }
    }
    for low in 0..num_qubits / 2 {
        circuit.swap(low, num_qubits - 1 - low);
    }
    circuit
}

/// The state `(|0...0> + |1...1>)/sqrt(2)` from `|0...0>`.
pub fn ghz(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    if num_qubits > 0 {
        circuit.h(0);
    }
    for target in 1..num_qubits {
        circuit.cx(target - 1, target);
    }
    circuit
}

/// The equal superposition of all states with exactly one qubit in `|1>`, from `|0...0>`.
pub fn w_state(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    if num_qubits > 0 {
        circuit.x(0);
    }
    for next in 1..num_qubits {
        // Keeps 1/(remaining) of the excitation on the last qubit reached, moves the rest on.
        let remaining = (num_qubits - next + 1) as f64;
        circuit.cry(2.0 * (1.0 / remaining.sqrt()).acos(), next - 1, next).cx(next, next - 1);
    }
    circuit
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    #[test]
    fn qft_is_the_fourier_matrix() {
        let matrix = qft(4).unitary(&[]).expect("gates");
        for row in 0..16 {
            for column in 0..16 {
                let expected = Complex64::from_polar(0.25, 2.0 * PI * (row * column) as f64 / 16.0);
                assert!((matrix[(row, column)] - expected).norm() < 1e-14);
            }
        }
    }

    #[test]
    fn states_have_their_amplitudes() {
        let ghz = ghz(3).unitary(&[]).expect("gates");
        let w = w_state(4).unitary(&[]).expect("gates");
        assert!((ghz[(0, 0)].re - 0.5f64.sqrt()).abs() < 1e-15 && (ghz[(7, 0)].re - 0.5f64.sqrt()).abs() < 1e-15);
        for index in 0..16usize {
            let expected = if index.count_ones() == 1 { 0.25 } else { 0.0 };
            assert!((w[(index, 0)].norm_sqr() - expected).abs() < 1e-14, "{index}");
        }
    }
}
