//! Density operators as real Pauli coefficients: noise exactly.

mod density;
mod measure;
mod run;
#[cfg(test)]
mod tests;

use qloom_circuits::PauliString;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::Plane;
use crate::observable::Observable;
use crate::plan::pauli as plan;
use crate::program::PauliProgram;
use crate::state::check_qubits;
pub use run::PauliWorkspace;

/// A density operator of `n` qubits as the `4^n` real numbers `Tr(P rho)`.
///
/// Base-4 digit `q` of an index is the Pauli on qubit `q`, in the order I X Y Z. Needs `8 * 4^n` bytes: 8 MiB for 10 qubits, 512 MiB
/// for 13.
///
/// ```
/// use qloom_circuits::{Channel, Circuit, Operation};
/// use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.x(0);
/// circuit.push(Operation::Channel { channel: Channel::amplitude_damping(0.25)?, qubits: [0].into_iter().collect() })?;
/// let mut state = PauliVector::zero(1, SimulatorConfig::default())?;
/// state.run(&PauliProgram::new(&circuit)?, &[])?;
/// assert!((state.probabilities(&[0])?[1] - 0.75).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PauliVector {
    num_qubits: usize,
    /// Padded with zeros to four digits.
    plane: Plane<f64>,
    pub(crate) config: SimulatorConfig,
}

impl PauliVector {
    /// The most qubits an index can hold.
    pub const MAX_QUBITS: usize = PauliProgram::MAX_QUBITS;

    /// Bytes a Pauli vector of this many qubits takes.
    pub fn bytes(num_qubits: usize) -> u128 {
        8u128 << (2 * num_qubits.min(60))
    }

    /// The state `|0...0>`.
    ///
    /// # Errors
    /// When it needs more memory than the configuration allows, or the allocator refuses; nothing is allocated then.
    pub fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        let needed = Self::bytes(num_qubits);
        if needed > u128::from(config.memory_limit) || num_qubits > Self::MAX_QUBITS {
            return Err(SimError::MemoryLimit { num_qubits, needed, limit: config.memory_limit.into() });
        }
        let plane = Plane::zeroed(1usize << (2 * plan::digits(num_qubits)))?;
        let mut state = Self { num_qubits, plane, config };
        state.set_zero();
        Ok(state)
    }

    /// Back to `|0...0>`.
    pub fn reset(&mut self) {
        self.plane.fill(0.0);
        self.set_zero();
    }

    fn set_zero(&mut self) {
        for index in 0..1usize << self.num_qubits {
            self.plane[all_z(index)] = 1.0;
        }
    }

    /// A copy.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        Ok(Self { num_qubits: self.num_qubits, plane: self.plane.try_clone()?, config: self.config })
    }

    /// How it is simulated.
    pub fn config(&self) -> SimulatorConfig {
        self.config
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The coefficients `Tr(P rho)`.
    pub fn values(&self) -> &[f64] {
        &self.plane[..1 << (2 * self.num_qubits)]
    }

    fn values_mut(&mut self) -> &mut [f64] {
        &mut self.plane[..1 << (2 * self.num_qubits)]
    }

    /// `Tr(P rho)` of one Pauli string.
    ///
    /// # Errors
    /// When the string acts outside the register.
    #[inline]
    pub fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
        let outside = (string.x_mask() | string.z_mask()) >> self.num_qubits;
        if outside != 0 {
            let qubit = self.num_qubits + outside.trailing_zeros() as usize;
            return Err(SimError::QubitOutOfRange { qubit, num_qubits: self.num_qubits });
        }
        Ok(self.plane[index_of(string)])
    }

    /// `Tr(H rho)`, one product a term.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        Ok(observable.strings().map(|(string, coefficient)| coefficient * self.plane[index_of(string)]).sum())
    }

    pub(crate) fn check_size(&self, what: &'static str, given: usize) -> Result<(), SimError> {
        if given == self.num_qubits { Ok(()) } else { Err(SimError::SizeMismatch { what, expected: self.num_qubits, given }) }
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        (0..self.num_qubits).map(|qubit| self.plane[3 << (2 * qubit)]).collect()
    }

    /// The state of some qubits, all others traced out; the first listed becomes qubit 0.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    pub fn partial_trace(&self, qubits: &[usize]) -> Result<Self, SimError> {
        check_qubits(qubits, self.num_qubits)?;
        let mut kept = Self::zero(qubits.len(), self.config)?;
        for (index, value) in kept.values_mut().iter_mut().enumerate() {
            let from: usize = qubits.iter().enumerate().map(|(k, qubit)| (index >> (2 * k) & 3) << (2 * qubit)).sum();
            *value = self.plane[from];
        }
        Ok(kept)
    }
}

/// Every bit of a mask at twice its place.
#[inline]
fn spread(mask: u64) -> usize {
    let mut bits = mask & 0xffff_ffff;
    for (shift, kept) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & kept;
    }
    bits as usize
}

/// The index of a Pauli string: X is 1, Z is 3, and the exclusive or of both, 2, is Y.
#[inline]
pub(crate) fn index_of(string: PauliString) -> usize {
    spread(string.x_mask()) ^ (3 * spread(string.z_mask()))
}

/// The index of the product of Zs on the set bits.
#[inline]
fn all_z(bits: usize) -> usize {
    3 * spread(bits as u64)
}
