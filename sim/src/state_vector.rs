//! State vectors: `2^n` complex amplitudes.

use num_complex::{Complex, Complex64};
use qloom_circuits::PauliSum;
use rand::{Rng, RngExt};
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSliceMut;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Buffers, Factor, Plane};
use crate::memory;
use crate::observable::Observable;
use crate::plan::Shape;
use crate::program::{Op, Program, Step};
use crate::real::Real;

/// Amplitudes summed at a time, so that sums do not depend on the number of threads.
const PIECE: usize = 1 << 12;

/// A pure state of `n` qubits; basis index bit `q` is qubit `q`.
///
/// Real and imaginary parts are kept in two planes of `2^n` numbers.
#[derive(Debug)]
pub struct StateVector<T: Real> {
    num_qubits: usize,
    pub(crate) re: Plane<T>,
    pub(crate) im: Plane<T>,
    config: SimulatorConfig,
    pub(crate) factors: Vec<Factor<T>>,
    /// Angles of the slots of the program bound last.
    pub(crate) angles: Vec<f64>,
    buffers: Vec<Buffers<T>>,
}

impl<T: Real> StateVector<T> {
    /// `|0...0>` under the default configuration.
    ///
    /// # Errors
    /// When memory does not suffice; nothing is allocated then.
    pub fn zero(num_qubits: usize) -> Result<Self, SimError> {
        Self::with_config(num_qubits, SimulatorConfig::default())
    }

    /// `|0...0>`.
    ///
    /// # Errors
    /// When the configured limit or the machine's memory does not suffice; nothing is allocated then.
    pub fn with_config(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        if num_qubits > Program::MAX_QUBITS {
            return Err(SimError::TooManyQubits { what: "a state vector", given: num_qubits, limit: Program::MAX_QUBITS });
        }
        memory::check::<T>(num_qubits, 1, config.memory_limit)?;
        let length = Plane::<T>::length_for(num_qubits);
        let mut re = Plane::zeroed(length)?;
        re[0] = T::from_f64(1.0);
        Ok(Self {
            num_qubits,
            re,
            im: Plane::zeroed(length)?,
            config,
            factors: Vec::new(),
            angles: Vec::new(),
            buffers: Vec::new(),
        })
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
        let mut state = Self::with_config(amplitudes.len().ilog2() as usize, config)?;
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
        let (factors, angles) = (self.factors.clone(), self.angles.clone());
        Ok(Self { num_qubits: self.num_qubits, re, im, config: self.config, factors, angles, buffers: Vec::new() })
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
        let many = self.config.threads > 1 && self.num_qubits > 18;
        for plane in [&mut self.re, &mut self.im] {
            if many {
                plane.par_chunks_mut(1 << 16).for_each(|part| part.fill(T::default()));
            } else {
                plane.fill(T::default());
            }
        }
        self.re[0] = T::from_f64(1.0);
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

    /// The norm: 1 up to rounding.
    pub fn norm(&self) -> f64 {
        self.pieces().map(|piece| self.weight(piece)).sum::<f64>().sqrt()
    }

    fn pieces(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<T> {
        let dimension = self.dimension();
        (0..dimension).step_by(PIECE).map(move |start| start..(start + PIECE).min(dimension))
    }

    /// Probability of a range of basis states.
    fn weight(&self, range: std::ops::Range<usize>) -> f64 {
        range.map(|index| self.probability(index)).sum()
    }

    fn probability(&self, index: usize) -> f64 {
        let (re, im) = (self.re[index].to_f64(), self.im[index].to_f64());
        re * re + im * im
    }

    /// Probability of each outcome of measuring these qubits; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        for (position, &qubit) in qubits.iter().enumerate() {
            self.check_qubit(qubit)?;
            if qubits[..position].contains(&qubit) {
                return Err(qloom_circuits::CircuitError::RepeatedQubit { qubit }.into());
            }
        }
        let mut outcomes = vec![0.0; 1 << qubits.len()];
        let in_order = qubits.iter().enumerate().all(|(bit, &qubit)| bit == qubit);
        let mask = outcomes.len() - 1;
        for index in 0..self.dimension() {
            let outcome = if in_order {
                index & mask
            } else {
                qubits.iter().enumerate().fold(0, |outcome, (bit, &qubit)| outcome | (index >> qubit & 1) << bit)
            };
            outcomes[outcome] += self.probability(index);
        }
        Ok(outcomes)
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        // Halving the register again and again: one pass for all qubits.
        let mut values = vec![0.0; self.num_qubits];
        for piece in self.pieces() {
            let start = piece.start;
            let mut weights: Vec<f64> = piece.map(|index| self.probability(index)).collect();
            let low = weights.len().ilog2() as usize;
            let mut difference = vec![0.0; low];
            for sum in difference.iter_mut() {
                *sum = weights.chunks_exact(2).map(|pair| pair[0] - pair[1]).sum();
                weights = weights.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
            }
            for (qubit, value) in values.iter_mut().enumerate() {
                *value += match difference.get(qubit) {
                    Some(difference) => *difference,
                    None if start >> qubit & 1 == 1 => -weights[0],
                    None => weights[0],
                };
            }
        }
        values
    }

    /// `<psi|H|psi>`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        Ok(kernel::expectation(self.config.instruction_set.level(), observable, &self.re, &self.im))
    }

    /// `<psi|H|psi>` of a sum compiled for this one use.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation_of(&self, sum: &PauliSum) -> Result<f64, SimError> {
        self.expectation(&Observable::new(sum))
    }

    /// `<self|other>`.
    ///
    /// # Errors
    /// When the other state has another number of qubits.
    pub fn inner(&self, other: &Self) -> Result<Complex64, SimError> {
        self.check_size("qubits of the other state", other.num_qubits)?;
        let pair = |index: usize| {
            let amplitude = |state: &Self| Complex64::new(state.re[index].to_f64(), state.im[index].to_f64());
            amplitude(self).conj() * amplitude(other)
        };
        Ok(self.pieces().map(|piece| piece.map(pair).sum::<Complex64>()).sum())
    }

    /// Measures a qubit: draws the outcome and projects.
    ///
    /// # Errors
    /// When the qubit is outside the register.
    pub fn measure(&mut self, qubit: usize, rng: &mut impl Rng) -> Result<bool, SimError> {
        self.check_qubit(qubit)?;
        let one: f64 =
            self.pieces().map(|piece| piece.filter(|i| i >> qubit & 1 == 1).map(|i| self.probability(i)).sum::<f64>()).sum();
        let zero: f64 =
            self.pieces().map(|piece| piece.filter(|i| i >> qubit & 1 == 0).map(|i| self.probability(i)).sum::<f64>()).sum();
        let outcome = rng.random::<f64>() * (zero + one) < one;
        self.keep(qubit, outcome, if outcome { one } else { zero });
        Ok(outcome)
    }

    /// Keeps the part of the state where a qubit has this value, and normalises it.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value.
    pub fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        let weight = self.probabilities(&[qubit])?[usize::from(outcome)];
        if weight <= 0.0 {
            return Err(SimError::NotNormalised { norm: weight.sqrt() });
        }
        self.keep(qubit, outcome, weight);
        Ok(())
    }

    fn keep(&mut self, qubit: usize, outcome: bool, weight: f64) {
        let scale = T::from_f64(1.0 / weight.sqrt());
        for index in 0..self.dimension() {
            let factor = if (index >> qubit & 1 == 1) == outcome { scale } else { T::default() };
            self.re[index] *= factor;
            self.im[index] *= factor;
        }
    }

    /// Puts a qubit into `|0>` by measuring it and flipping a one.
    ///
    /// # Errors
    /// When the qubit is outside the register.
    pub fn reset_qubit(&mut self, qubit: usize, rng: &mut impl Rng) -> Result<(), SimError> {
        if self.measure(qubit, rng)? {
            self.flip(qubit);
        }
        Ok(())
    }

    /// X on a qubit.
    pub(crate) fn flip(&mut self, qubit: usize) {
        let stride = 1 << qubit;
        for plane in [&mut self.re, &mut self.im] {
            for block in plane.chunks_exact_mut(2 * stride) {
                let (low, high) = block.split_at_mut(stride);
                low.swap_with_slice(high);
            }
        }
    }

    pub(crate) fn check_qubit(&self, qubit: usize) -> Result<(), SimError> {
        if qubit < self.num_qubits { Ok(()) } else { Err(SimError::QubitOutOfRange { qubit, num_qubits: self.num_qubits }) }
    }

    pub(crate) fn check_size(&self, what: &'static str, given: usize) -> Result<(), SimError> {
        if given == self.num_qubits { Ok(()) } else { Err(SimError::SizeMismatch { what, expected: self.num_qubits, given }) }
    }

    /// How passes over this state are cut, or none where it is small.
    pub(crate) fn shape(&self) -> Option<Shape> {
        Shape::choose(self.config.instruction_set.level(), T::BYTES, self.num_qubits, self.config.tile_qubits)
    }

    /// Cosines, sines and angles of a program at these parameters.
    pub(crate) fn bind(&mut self, program: &Program, parameters: &[f64]) -> Result<(), SimError> {
        program.bind(self.config.instruction_set.level(), parameters, &mut self.factors)?;
        self.angles.clear();
        if self.shape().is_some() {
            self.angles.extend(program.slots.iter().map(|slot| slot.angle.value(parameters)));
        }
        Ok(())
    }

    /// Applies a stretch of unitary operations of the program bound last.
    pub(crate) fn apply_bound(&mut self, program: &Program, range: std::ops::Range<usize>) -> Result<(), SimError> {
        let level = self.config.instruction_set.level();
        let Some(shape) = self.shape().filter(|_| range.len() > 2) else {
            kernel::apply(level, &program.ops[range], &program.dense, &self.factors, &mut self.re, &mut self.im);
            return Ok(());
        };
        let plan = program.plans.get(program, range, shape);
        let threads = self.config.threads.clamp(1, 1 << (self.num_qubits - shape.tile).min(8));
        self.buffers.retain(|buffers| buffers.fits(shape.tile));
        while self.buffers.len() < threads {
            self.buffers.push(Buffers::new(shape.tile)?);
        }
        let Self { re, im, factors, angles, buffers, .. } = self;
        let whole = |op: &Op, re: &mut [T], im: &mut [T]| kernel::apply(level, &[*op], &program.dense, factors, re, im);
        kernel::run_plan(level, &plan, angles, &mut buffers[..threads], (re, im), whole);
        Ok(())
    }
}

impl Program {
    /// Applies the program, which must be unitary, to a state.
    ///
    /// # Errors
    /// When sizes or the number of parameter values do not fit, a value is not finite, or the program measures.
    pub fn run<T: Real>(&self, parameters: &[f64], state: &mut StateVector<T>) -> Result<(), SimError> {
        state.check_size("qubits of the program", self.num_qubits())?;
        if !self.is_unitary() {
            return Err(SimError::Unsupported {
                simulation: "one run on a state",
                operation: "a measurement, reset or condition",
                remedy: "sample shots instead",
            });
        }
        state.bind(self, parameters)?;
        for step in &self.steps {
            if let Step::Unitary(range) = step {
                state.apply_bound(self, range.clone())?;
            }
        }
        Ok(())
    }
}
