//! Ansaetze of chemistry: excitations, pools of them, and circuits.

mod excitation;
mod pool;

use qloom_circuits::{Angle, Circuit, CircuitError, Operation};

pub use excitation::Excitation;
pub use pool::{Pool, excitations};

/// A basis state prepared by X gates: qubit `i` is one where `bits[i]` is true.
pub fn basis_state(bits: &[bool]) -> Circuit {
    let mut circuit = Circuit::new(bits.len());
    for qubit in (0..bits.len()).filter(|&qubit| bits[qubit]) {
        circuit.x(qubit);
    }
    circuit
}

/// Appends `exp(-i theta G)` of an excitation with the free parameter of this index; exact, because the strings of `G` commute.
///
/// # Errors
/// When the excitation acts on more qubits than the circuit has.
pub fn append_excitation(circuit: &mut Circuit, excitation: &Excitation, parameter: usize) -> Result<(), CircuitError> {
    for &(pauli, coefficient) in excitation.generator().terms() {
        // exp(-i theta c P) is the rotation about P by 2 c theta
        circuit.push(Operation::PauliRotation { pauli, angle: Angle::free(parameter).scaled(2.0 * coefficient) })?;
    }
    Ok(())
}

/// The product of all excitations of a pool on a basis state, `layers` times, with one free parameter for each excitation and layer.
///
/// With [`Pool::Uccsd`] this is unitary coupled cluster with singles and doubles in one Trotter step (Peruzzo et al., Nat. Commun. 5, 4213
/// (2014)), with [`Pool::PairedGeneralized`] it is k-UpCCGSD (Lee et al., J. Chem. Theory Comput. 15, 311 (2019)).
///
/// # Errors
/// When an excitation acts on more qubits than there are bits.
pub fn product_ansatz(bits: &[bool], excitations: &[Excitation], layers: usize) -> Result<Circuit, CircuitError> {
    let mut circuit = basis_state(bits);
    let repeated = (0..layers).flat_map(|_| excitations);
    for (parameter, excitation) in repeated.enumerate() {
        append_excitation(&mut circuit, excitation, parameter)?;
    }
    Ok(circuit)
}

/// The hardware-efficient ansatz of [`qloom_circuits::library::hardware_efficient`] behind X gates such that angles of zero give the basis
/// state `bits`.
///
/// # Errors
/// Never for a register that can be held.
///
/// ```
/// let circuit = qloom_chemistry::hardware_efficient_from(&[true, false], 1)?;
/// let unitary = circuit.unitary(&vec![0.0; circuit.num_parameters()])?;
/// assert_eq!(unitary[(0b01, 0)].re, 1.0);
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
pub fn hardware_efficient_from(bits: &[bool], layers: usize) -> Result<Circuit, CircuitError> {
    let mut before = bits.to_vec();
    for _ in 0..layers {
        // undoes a line of cx, the last one first
        for target in (1..before.len()).rev() {
            before[target] ^= before[target - 1];
        }
    }
    let mut circuit = basis_state(&before);
    circuit.append(&qloom_circuits::library::hardware_efficient(bits.len(), layers))?;
    Ok(circuit)
}
