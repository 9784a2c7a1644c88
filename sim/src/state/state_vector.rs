//! State vectors: `2^n` complex amplitudes.

mod measure;
mod reduced;
mod run;
mod sample;

use num_complex::Complex;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{Plane, Real};
use crate::memory;
use crate::program::Program;
use crate::team;
pub use run::Workspace;
pub(crate) use sample::MANY_SHOTS;

/// A pure state of `n` qubits; basis index bit `q` is qubit `q`.
///
/// Real and imaginary parts are kept in two planes of `2^n` numbers.
#[derive(Debug)]
pub struct StateVector<T: Real> {
    num_qubits: usize,
    pub(crate) re: Plane<T>,
    pub(crate) im: Plane<T>,
    config: SimulatorConfig,
}

impl<T: Real> StateVector<T> {
    /// `|0...0>`.
    ///
    /// # Errors
    /// When the configured limit or the machine's memory does not suffice; nothing is allocated then.
    pub fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        if num_qubits > Program::MAX_QUBITS {
            return Err(SimError::TooManyQubits { what: "a state vector", given: num_qubits, limit: Program::MAX_QUBITS });
        }
        memory::check::<T>(num_qubits, 1, config.memory_limit)?;
        let length = Plane::<T>::length_for(num_qubits);
        let mut re = Plane::zeroed(length)?;
        re[0] = T::from_f64(1.0);
        Ok(Self { num_qubits, re, im: Plane::zeroed(length)?, config })
    }

    /// All amplitudes 0: where something is added up.
    ///
    /// # Errors
    /// As [`StateVector::zero`].
    pub(crate) fn empty(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        let mut state = Self::zero(num_qubits, config)?;
        state.re[0] = T::default();
        Ok(state)
    }

    /// The state with these amplitudes, in order of basis index.
    ///
    /// # Errors
    /// When their number is no power of two, their norm differs from 1 by more than 1e-6, or memory does not suffice.
    pub fn from_amplitudes(amplitudes: &[Complex<T>], config: SimulatorConfig) -> Result<Self, SimError> {
        let expected = amplitudes.len().next_power_of_two();
        if amplitudes.len() != expected {
            return Err(SimError::SizeMismatch { what: "amplitudes of a state", expected, given: amplitudes.len() });
        }
        let mut state = Self::zero(amplitudes.len().ilog2() as usize, config)?;
        for (index, amplitude) in amplitudes.iter().enumerate() {
            state.re[index] = amplitude.re;
            state.im[index] = amplitude.im;
        }
        let norm = state.norm();
        if norm.is_nan() || (norm - 1.0).abs() > 1e-6 {
            return Err(SimError::NotNormalised { norm });
        }
        Ok(state)
    }

    /// A copy; like [`Clone`], with an error where memory does not suffice.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        let (re, im) = (self.re.try_clone()?, self.im.try_clone()?);
        Ok(Self { num_qubits: self.num_qubits, re, im, config: self.config })
    }

    /// Takes over the amplitudes of another state of the same size.
    ///
    /// # Panics
    /// When the sizes differ.
    pub fn copy_from(&mut self, other: &Self) {
        self.re.copy_from_slice(&other.re);
        self.im.copy_from_slice(&other.im);
    }

    /// Back to `|0...0>`.
    pub fn reset(&mut self) {
        team::planes(self.threads(), (&mut self.re, &mut self.im), |_, re, im| {
            re.fill(T::default());
            im.fill(T::default());
        });
        self.re[0] = T::from_f64(1.0);
    }

    /// Threads for work on all amplitudes.
    pub(crate) fn threads(&self) -> usize {
        if self.num_qubits > 16 { self.config.threads.max(1) } else { 1 }
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// How it is simulated.
    pub fn config(&self) -> SimulatorConfig {
        self.config
    }

    /// Number of amplitudes, `2^n`.
    pub fn dimension(&self) -> usize {
        1 << self.num_qubits
    }

    /// The amplitude of a basis state.
    ///
    /// # Panics
    /// When the index is `2^n` or more.
    pub fn amplitude(&self, index: usize) -> Complex<T> {
        assert!(index < self.dimension(), "basis index {index} is outside a state of {} qubits", self.num_qubits);
        Complex::new(self.re[index], self.im[index])
    }

    /// All amplitudes in order of basis index, without a copy.
    pub fn amplitudes(&self) -> impl ExactSizeIterator<Item = Complex<T>> + '_ {
        let (re, im) = self.planes();
        re.iter().zip(im).map(|(&re, &im)| Complex::new(re, im))
    }

    /// Real parts and imaginary parts, in order of basis index.
    pub fn planes(&self) -> (&[T], &[T]) {
        let dimension = self.dimension();
        (&self.re[..dimension], &self.im[..dimension])
    }

    pub(crate) fn check_size(&self, what: &'static str, given: usize) -> Result<(), SimError> {
        if given == self.num_qubits { Ok(()) } else { Err(SimError::SizeMismatch { what, expected: self.num_qubits, given }) }
    }
}
