//! Reverse mode: states kept on the way forward, the observable taken back through transposed maps.

use std::ops::Range;

use fearless_simd::Level;
use qloom_circuits::{Angle, PauliSum};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, NONE, PauliStep, Plane, Slopes, Wanted};
use crate::plan::pauli as plan;
use crate::program::{PauliBound, PauliProgram};
use crate::state::{PauliVector, index_of};

/// Bytes of kept states above which states are kept at intervals only.
const PLENTY: u64 = 1 << 30;

/// A term of one of several observables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// Number of the observable.
    pub(crate) observable: usize,
    /// Index of the Pauli string among the coefficients.
    pub(crate) index: usize,
    pub(crate) factor: f64,
}

impl Term {
    /// The terms of an observable with this number.
    pub(crate) fn of(sum: &PauliSum, observable: usize) -> impl Iterator<Item = Self> + '_ {
        sum.terms().iter().map(move |(string, factor)| Self { observable, index: index_of(*string), factor: *factor })
    }
}

/// Buffers and what is known of a program.
///
/// After [`Reverse::plan`] come [`Reverse::forward`], [`Reverse::read`] and [`Reverse::back`], each once.
#[derive(Debug, Default)]
pub(crate) struct Reverse {
    known: bool,
    /// The derivatives that depend on parameters, by map of two digits, and none.
    wanted: Vec<Wanted>,
    nothing: Vec<Wanted>,
    /// Stretches of steps; states are kept at their starts, and within one at a time.
    segments: Vec<Range<usize>>,
    /// Where groups of 16 coefficients lie after the steps.
    groups: Vec<u32>,
    /// The last state on the tape.
    end: usize,
    tape: Vec<Plane<f64>>,
    starts: Vec<Plane<f64>>,
    adjoint: Option<Plane<f64>>,
    factors: Option<Plane<f64>>,
    slopes: Slopes,
}

impl Reverse {
    /// The program has changed.
    pub(crate) fn forget(&mut self) {
        self.known = false;
    }

    /// Looks at a program and reserves memory.
    ///
    /// # Errors
    /// When the configuration or the allocator refuses it.
    pub(crate) fn plan(&mut self, program: &PauliProgram, config: &SimulatorConfig) -> Result<(), SimError> {
        if self.known {
            return Ok(());
        }
        let pass = program.flat();
        let length = 1usize << (2 * plan::digits(program.num_qubits()));
        self.wanted = program.wanted();
        self.nothing = vec![[false; 3]; self.wanted.len()];
        let kept = |step: &PauliStep| matches!(step, PauliStep::Two { index, .. } if self.wanted[*index as usize] != [false; 3]);
        let count = pass.steps.iter().filter(|step| kept(step)).count();
        let bytes = PauliVector::bytes(program.num_qubits());
        let plenty = u128::from(PLENTY.min(config.memory_limit));
        let most = if (count as u128 + 3) * bytes <= plenty { count } else { count.isqrt() + 1 };
        self.segments.clear();
        let (mut start, mut inside) = (0, 0);
        for (position, step) in pass.steps.iter().enumerate() {
            if kept(step) {
                if inside == most {
                    self.segments.push(start..position);
                    (start, inside) = (position, 0);
                }
                inside += 1;
            }
        }
        self.segments.push(start..pass.steps.len());
        // the state itself, the adjoint and the tape, the starts
        let planes = 2 + most + 1 + self.segments.len() - 1;
        let needed = bytes * planes as u128;
        if needed > u128::from(config.memory_limit) {
            let (num_qubits, limit) = (program.num_qubits(), config.memory_limit.into());
            return Err(SimError::MemoryLimit { num_qubits, needed, limit });
        }
        while self.tape.len() < most + 1 {
            self.tape.push(Plane::zeroed(length)?);
        }
        while self.starts.len() + 1 < self.segments.len() {
            self.starts.push(Plane::zeroed(length)?);
        }
        if self.adjoint.is_none() {
            (self.adjoint, self.factors) = (Some(Plane::zeroed(length)?), Some(Plane::zeroed(length / 16)?));
        }
        self.groups.clear();
        self.groups.resize(pass.target.len(), 0);
        pass.target.iter().enumerate().for_each(|(at, &group)| self.groups[group as usize] = at as u32);
        self.known = true;
        Ok(())
    }

    /// Runs the program and keeps states.
    pub(crate) fn forward(&mut self, program: &PauliProgram, level: Level, bound: &PauliBound) {
        let Self { wanted, nothing, segments, tape, starts, factors, .. } = self;
        let (Some(factors), Some((last, before))) = (factors, segments.split_last()) else { return };
        let (pass, numbers) = (program.flat(), program.numbers(bound));
        kernel::start(level, pass, &program.product(bound), &mut tape[0], factors);
        for (range, start) in before.iter().zip(&mut *starts) {
            start.copy_from_slice(&tape[0]);
            kernel::record(level, &pass.steps[range.clone()], numbers, nothing, tape);
        }
        self.end = kernel::record(level, &pass.steps[last.clone()], numbers, wanted, tape);
    }

    /// Adds the values of the observables; their sum, weighted with the cotangents, is what is taken back.
    pub(crate) fn read(&mut self, terms: &[Term], cotangents: &[f64], values: &mut [f64]) {
        let Self { groups, end, tape, adjoint: Some(adjoint), .. } = self else { return };
        adjoint.fill(0.0);
        for &Term { observable, index, factor } in terms {
            let place = kernel::place(16 * groups[index / 16] as usize) + index % 16;
            values[observable] += factor * tape[*end][place];
            adjoint[place] += cotangents[observable] * factor;
        }
    }

    /// Writes the derivatives.
    pub(crate) fn back(&mut self, program: &PauliProgram, level: Level, bound: &PauliBound, gradient: &mut [f64]) {
        let Self { wanted, segments, tape, starts, adjoint, factors, slopes, .. } = self;
        let (Some(adjoint), Some(factors)) = (adjoint, factors) else { return };
        let mut end = self.end;
        let (pass, numbers) = (program.flat(), program.numbers(bound));
        let digits = plan::digits(program.num_qubits());
        let states = program.product(bound);
        slopes.maps.clear();
        slopes.maps.resize(bound.maps.len(), [0.0; 16]);
        slopes.turns.clear();
        slopes.turns.resize(bound.turns.len(), 0.0);
        for (position, range) in segments.iter().enumerate().rev() {
            let steps = &pass.steps[range.clone()];
            if let Some(start) = starts.get(position).filter(|_| position + 1 < segments.len()) {
                tape[0].copy_from_slice(start);
                end = kernel::record(level, steps, numbers, wanted, tape);
            }
            kernel::go_back(level, steps, numbers, wanted, &tape[..end], adjoint, slopes);
        }
        kernel::start(level, pass, &states, &mut tape[0], factors);
        kernel::product_slopes(level, &states[..digits], &tape[0], adjoint, |digit, slope| {
            let map = program.leading.get(digit).copied().unwrap_or(NONE);
            if map != NONE {
                // the map acts on (1, 0, 0, 1)
                let entries = &mut slopes.maps[map as usize];
                for (row, slope) in slope.into_iter().enumerate() {
                    entries[4 * row] += slope;
                    entries[4 * row + 3] += slope;
                }
            }
        });
        for (map, entries) in slopes.maps.iter_mut().enumerate() {
            program.chain(map, bound, entries, &mut slopes.turns);
        }
        gradient.fill(0.0);
        for (angle, slope) in program.slots.iter().zip(&slopes.turns) {
            if let Angle::Free { index, scale, .. } = *angle {
                gradient[index] += scale * slope;
            }
        }
    }
}
