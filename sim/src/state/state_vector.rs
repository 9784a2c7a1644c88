//! State vectors: `2^n` complex amplitudes.

mod sample;

use num_complex::{Complex, Complex64};
use qloom_circuits::PauliSum;
use rand::{Rng, RngExt};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Buffers, Factor, Plane, Shape};
use crate::memory;
use crate::observable::Observable;
use crate::op::Op;
use crate::program::{Program, Step};
use crate::real::Real;
use crate::team;

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
        self.by_parts(|_, re, im| {
            re.fill(T::default());
            im.fill(T::default());
        });
        self.re[0] = T::from_f64(1.0);
    }

    /// Threads for work on all amplitudes.
    pub(crate) fn threads(&self) -> usize {
        if self.num_qubits > 16 { self.config.threads.max(1) } else { 1 }
    }

    /// Gives each thread an equal part of the planes and the index it starts at.
    fn by_parts(&mut self, work: impl Fn(usize, &mut [T], &mut [T]) + Sync) {
        if self.threads() == 1 {
            return work(0, &mut self.re, &mut self.im);
        }
        let size = self.re.len().div_ceil(self.threads());
        let planes = self.re.chunks_mut(size).zip(self.im.chunks_mut(size)).enumerate();
        let mut parts: Vec<(usize, &mut [T], &mut [T])> = planes.map(|(k, (re, im))| (k * size, re, im)).collect();
        team::run(&mut parts, |(start, re, im)| work(*start, re, im));
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
        self.piece_weights().iter().sum::<f64>().sqrt()
    }

    fn pieces(&self) -> usize {
        self.dimension().div_ceil(PIECE)
    }

    /// Basis indices of a piece.
    pub(crate) fn piece(&self, number: usize) -> std::ops::Range<usize> {
        number * PIECE..((number + 1) * PIECE).min(self.dimension())
    }

    /// What `value` gives for each piece, in order.
    fn of_pieces<V: Send + Clone + Default>(&self, value: impl Fn(std::ops::Range<usize>) -> V + Sync) -> Vec<V> {
        team::in_order(self.threads(), self.pieces(), |number| value(self.piece(number)))
    }

    /// Probability of each piece of the basis states.
    pub(crate) fn piece_weights(&self) -> Vec<f64> {
        self.of_pieces(|piece| self.weights(piece).iter().sum())
    }

    /// Probabilities of a range of basis states, summed by their index modulo eight.
    fn weights(&self, range: std::ops::Range<usize>) -> [f64; 8] {
        kernel::weights(self.config.instruction_set.level(), &self.re[range.clone()], &self.im[range])
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
        let count = 1usize << qubits.len();
        let in_order = qubits.iter().enumerate().all(|(bit, &qubit)| bit == qubit);
        // A table for each stretch of the state, as many whatever the number of threads.
        let stretches = (self.dimension() / count / 16).clamp(1, 64);
        let length = self.dimension() / stretches;
        let tables = team::in_order(self.threads(), stretches, |stretch| {
            let mut outcomes = vec![0.0; count];
            for index in stretch * length..(stretch + 1) * length {
                let outcome = if in_order {
                    index & (count - 1)
                } else {
                    qubits.iter().enumerate().fold(0, |outcome, (bit, &qubit)| outcome | (index >> qubit & 1) << bit)
                };
                outcomes[outcome] += self.probability(index);
            }
            outcomes
        });
        let mut tables = tables.into_iter();
        let mut outcomes = tables.next().unwrap_or_default();
        for table in tables {
            outcomes.iter_mut().zip(table).for_each(|(sum, part)| *sum += part);
        }
        Ok(outcomes)
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        // Halving the register again and again: one pass for all qubits.
        let parts = self.of_pieces(|piece| {
            let mut values = vec![0.0; self.num_qubits];
            let start = piece.start;
            let mut weights: Vec<f64> = piece.map(|index| self.probability(index)).collect();
            let low = weights.len().ilog2() as usize;
            let mut difference = vec![0.0; low];
            for sum in difference.iter_mut() {
                *sum = weights.chunks_exact(2).map(|pair| pair[0] - pair[1]).sum();
                weights = weights.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
            }
            for (qubit, value) in values.iter_mut().enumerate() {
                *value = match difference.get(qubit) {
                    Some(difference) => *difference,
                    None if start >> qubit & 1 == 1 => -weights[0],
                    None => weights[0],
                };
            }
            values
        });
        let mut values = vec![0.0; self.num_qubits];
        for part in parts {
            values.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        values
    }

    /// `<psi|H|psi>`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        Ok(kernel::expectation(self.config.instruction_set.level(), observable, &self.re, &self.im, self.threads()))
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
        Ok(self.of_pieces(|piece| piece.map(pair).sum::<Complex64>()).iter().sum())
    }

    /// Measures a qubit: draws the outcome and projects.
    ///
    /// # Errors
    /// When the qubit is outside the register.
    pub fn measure(&mut self, qubit: usize, rng: &mut impl Rng) -> Result<bool, SimError> {
        self.check_qubit(qubit)?;
        let (zero, one) = self.halves(qubit);
        let outcome = rng.random::<f64>() * (zero + one) < one;
        self.keep(qubit, outcome, if outcome { one } else { zero });
        Ok(outcome)
    }

    /// Keeps the part of the state where a qubit has this value, and normalises it.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value.
    pub fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        self.check_qubit(qubit)?;
        let (zero, one) = self.halves(qubit);
        let weight = if outcome { one } else { zero };
        if weight <= 0.0 {
            return Err(SimError::NotNormalised { norm: weight.sqrt() });
        }
        self.keep(qubit, outcome, weight);
        Ok(())
    }

    /// Probabilities of zero and of one.
    fn halves(&self, qubit: usize) -> (f64, f64) {
        let stride = 1usize << qubit;
        let parts = self.of_pieces(|piece| {
            if stride < 8 {
                let weights = self.weights(piece);
                let of = |one: bool| (0..8).filter(|k| (k & stride != 0) == one).map(|k| weights[k]).sum();
                return (of(false), of(true));
            }
            let (mut zero, mut one) = (0.0, 0.0);
            for start in piece.clone().step_by(stride) {
                let sum: f64 = self.weights(start..(start + stride).min(piece.end)).iter().sum();
                if start & stride == 0 { zero += sum } else { one += sum }
            }
            (zero, one)
        });
        parts.iter().fold((0.0, 0.0), |sum, part: &(f64, f64)| (sum.0 + part.0, sum.1 + part.1))
    }

    fn keep(&mut self, qubit: usize, outcome: bool, weight: f64) {
        let scale = T::from_f64(1.0 / weight.sqrt());
        self.by_parts(|start, re, im| {
            for (index, (re, im)) in re.iter_mut().zip(im).enumerate() {
                let factor = if ((start + index) >> qubit & 1 == 1) == outcome { scale } else { T::default() };
                *re *= factor;
                *im *= factor;
            }
        });
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
