//! Density operators as real Pauli coefficients: noise exactly.

mod density;
mod measure;
#[cfg(test)]
mod tests;

use qloom_circuits::{PauliString, PauliSum};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, PassBuffers, PauliPass, Plane};
use crate::plan::pauli as plan;
use crate::program::{PauliBound, PauliProgram};

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
/// assert!((state.probabilities()[1] - 0.75).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PauliVector {
    num_qubits: usize,
    /// Padded with zeros to four digits.
    plane: Plane<f64>,
    pub(crate) config: SimulatorConfig,
    pub(crate) bound: PauliBound,
    buffers: PassBuffers,
}

impl Clone for PauliVector {
    fn clone(&self) -> Self {
        let mut plane = Plane::zeroed(self.plane.len()).expect("memory for a copy, as any copy of a list needs");
        plane.copy_from_slice(&self.plane);
        let (num_qubits, config) = (self.num_qubits, self.config);
        Self { num_qubits, plane, config, bound: PauliBound::default(), buffers: PassBuffers::default() }
    }
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
        let mut state = Self { num_qubits, plane, config, bound: PauliBound::default(), buffers: PassBuffers::default() };
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

    /// Applies a compiled circuit at these parameter values to the state as it is.
    ///
    /// # Errors
    /// When it has another number of qubits, the number of values is wrong or one is not finite.
    pub fn run(&mut self, program: &PauliProgram, parameters: &[f64]) -> Result<(), SimError> {
        self.bind(program, parameters)?;
        if program.leads() {
            self.apply(program, program.opening_passes(), None);
        }
        self.apply(program, program.passes(), None);
        Ok(())
    }

    /// Makes the state what a compiled circuit makes of `|0...0>` at these parameter values.
    ///
    /// It is [`PauliVector::reset`] and [`PauliVector::run`] with fewer passes: what comes first on each qubit is a product
    /// state, which the first pass writes.
    ///
    /// # Errors
    /// As [`PauliVector::run`].
    pub fn prepare(&mut self, program: &PauliProgram, parameters: &[f64]) -> Result<(), SimError> {
        self.bind(program, parameters)?;
        self.prepare_bound(program);
        Ok(())
    }

    fn prepare_bound(&mut self, program: &PauliProgram) {
        let states = program.product(&self.bound);
        self.apply(program, program.passes(), Some(&states));
    }

    pub(crate) fn bind(&mut self, program: &PauliProgram, parameters: &[f64]) -> Result<(), SimError> {
        if program.num_qubits() != self.num_qubits {
            let (expected, given) = (self.num_qubits, program.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of the program", expected, given });
        }
        self.buffers.reserve(self.config.threads.max(1), plan::tile(self.num_qubits))?;
        program.bind(self.config.instruction_set.level(), parameters, &mut self.bound)
    }

    fn apply(&mut self, program: &PauliProgram, passes: &[PauliPass], product: Option<&[[f64; 4]]>) {
        let Self { plane, config, bound, buffers, .. } = self;
        let (level, threads) = (config.instruction_set.level(), config.threads.max(1));
        let mut work = || {
            let mut product = product;
            for pass in passes {
                kernel::run_pass(level, pass, program.numbers(bound), product.take(), plane, buffers, threads);
            }
        };
        if threads > 1 && program.num_qubits() > plan::tile(self.num_qubits) {
            // into the pool once, not once a pass
            rayon::scope(|_| work());
        } else {
            work();
        }
    }

    /// `Tr(P rho)`.
    ///
    /// # Panics
    /// When the string acts outside the register.
    pub fn expectation_of(&self, string: PauliString) -> f64 {
        self.plane[index_of(string)]
    }

    /// `Tr(H rho)`, one product a term.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &PauliSum) -> Result<f64, SimError> {
        if observable.num_qubits() != self.num_qubits {
            let (expected, given) = (self.num_qubits, observable.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of an observable", expected, given });
        }
        Ok(observable.terms().iter().map(|(string, coefficient)| coefficient * self.expectation_of(*string)).sum())
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
        for (position, &qubit) in qubits.iter().enumerate() {
            if qubit >= self.num_qubits {
                return Err(SimError::QubitOutOfRange { qubit, num_qubits: self.num_qubits });
            }
            if qubits[..position].contains(&qubit) {
                return Err(qloom_circuits::CircuitError::RepeatedQubit { qubit }.into());
            }
        }
        let mut kept = Self::zero(qubits.len(), self.config)?;
        for (index, value) in kept.values_mut().iter_mut().enumerate() {
            let from: usize = qubits.iter().enumerate().map(|(k, qubit)| (index >> (2 * k) & 3) << (2 * qubit)).sum();
            *value = self.plane[from];
        }
        Ok(kept)
    }
}

/// The index of a Pauli string.
pub(crate) fn index_of(string: PauliString) -> usize {
    string.support().map(|qubit| (string.letter(qubit) as usize) << (2 * qubit)).sum()
}

/// The index of the product of Zs on the set bits.
fn all_z(bits: usize) -> usize {
    let mut index = 0;
    let mut rest = bits;
    while rest != 0 {
        index |= 3 << (2 * rest.trailing_zeros());
        rest &= rest - 1;
    }
    index
}
