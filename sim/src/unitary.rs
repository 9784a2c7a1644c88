//! Unitaries of circuits, column by column.

use num_complex::Complex64;
use qloom_circuits::{Circuit, Matrix};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::program::Program;
use crate::state::{StateVector, Workspace};

/// The most qubits of a unitary, which then has 2^24 entries.
const MOST_QUBITS: usize = 12;

/// The unitary of a circuit without free parameters, global phase included; qubit 0 is the least significant bit of an index.
///
/// Costs `2^n` runs of the circuit.
///
/// ```
/// use qloom_circuits::Circuit;
/// let mut circuit = Circuit::new(2);
/// circuit.cx(0, 1);
/// let unitary = qloom_sim::unitary(&circuit, qloom_sim::SimulatorConfig::default())?;
/// assert!((unitary[(3, 1)].re - 1.0).abs() < 1e-15 && unitary[(1, 1)].norm() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
///
/// # Errors
/// For more than 12 qubits, free parameters, and what is no unitary operation.
pub fn unitary(circuit: &Circuit, config: SimulatorConfig) -> Result<Matrix, SimError> {
    let n = circuit.num_qubits();
    if n > MOST_QUBITS {
        return Err(SimError::TooManyQubits { what: "a unitary", given: n, limit: MOST_QUBITS });
    }
    let program = Program::new(circuit)?;
    let mut matrix = Matrix::zero(n);
    let mut basis = vec![Complex64::ZERO; matrix.dimension()];
    let mut workspace = Workspace::default();
    for column in 0..matrix.dimension() {
        basis[column] = Complex64::ONE;
        let mut state = StateVector::<f64>::from_amplitudes(&basis, config)?;
        basis[column] = Complex64::ZERO;
        state.apply(&program, &[], &mut workspace)?;
        state.amplitudes().enumerate().for_each(|(row, amplitude)| matrix[(row, column)] = amplitude);
    }
    Ok(matrix)
}
