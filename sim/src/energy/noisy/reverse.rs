//! Reverse mode: states kept on the way forward, the observable taken back through transposed maps.

use std::ops::Range;

use fearless_simd::Level;
use qloom_circuits::Angle;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, NONE, PauliStep, Plane, Slopes, Wanted};
use crate::plan::pauli as plan;
use crate::program::{PauliBound, PauliProgram};
use crate::state::PauliVector;

/// Bytes of kept states above which states are kept at intervals only.
const PLENTY: u64 = 1 << 30;

/// Buffers and what is known of a program.
#[derive(Debug, Default)]
pub(super) struct Reverse {
    known: bool,
    /// The derivatives that depend on parameters, by map of two digits, and none.
    wanted: Vec<Wanted>,
    nothing: Vec<Wanted>,
    /// Stretches of steps; states are kept at their starts, and within one at a time.
    segments: Vec<Range<usize>>,
    /// The observable's strings where they lie after the steps.
    terms: Vec<(usize, f64)>,
    tape: Vec<Plane<f64>>,
    starts: Vec<Plane<f64>>,
    adjoint: Option<Plane<f64>>,
    factors: Option<Plane<f64>>,
    slopes: Slopes,
}

impl Reverse {
    /// The program has changed.
    pub(super) fn forget(&mut self) {
        self.known = false;
    }

    /// Looks at a program and reserves memory.
    ///
    /// # Errors
    /// When the configuration or the allocator refuses it.
    pub(super) fn plan(
        &mut self,
        program: &PauliProgram,
        terms: &[(usize, f64)],
        config: &SimulatorConfig,
    ) -> Result<(), SimError> {
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
        let mut groups = vec![0u32; pass.target.len()];
        pass.target.iter().enumerate().for_each(|(at, &group)| groups[group as usize] = at as u32);
        self.terms.clear();
        self.terms.extend(terms.iter().map(|&(index, factor)| {
            let group = groups[index / 16] as usize;
            (kernel::place(16 * group) + index % 16, factor)
        }));
        self.known = true;
        Ok(())
    }

    /// The value, and its derivatives.
    pub(super) fn run(&mut self, program: &PauliProgram, level: Level, bound: &PauliBound, gradient: &mut [f64]) -> f64 {
        let Self { wanted, nothing, segments, terms, tape, starts, adjoint, factors, slopes, .. } = self;
        let (Some(adjoint), Some(factors)) = (adjoint, factors) else { return 0.0 };
        let (pass, numbers) = (program.flat(), program.numbers(bound));
        let digits = plan::digits(program.num_qubits());
        let states = program.product(bound);
        kernel::start(level, pass, &states, &mut tape[0], factors);
        let (last, before) = segments.split_last().expect("at least one segment");
        for (range, start) in before.iter().zip(&mut *starts) {
            start.copy_from_slice(&tape[0]);
            kernel::record(level, &pass.steps[range.clone()], numbers, nothing, tape);
        }
        let mut end = kernel::record(level, &pass.steps[last.clone()], numbers, wanted, tape);
        let value = terms.iter().map(|&(index, factor)| factor * tape[end][index]).sum();
        adjoint.fill(0.0);
        terms.iter().for_each(|&(index, factor)| adjoint[index] += factor);
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
        value
    }
}
