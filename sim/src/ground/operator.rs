//! Hermitian operators as maps between real vectors: a complex vector is its real part followed by its imaginary part.

use fearless_simd::Level;
use num_complex::Complex64;
use qloom_circuits::PauliSum;
use rayon::prelude::*;

use super::subspace::Subspace;
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{Kernels, Plane};
use crate::memory;
use crate::observable::Observable;
use crate::team;

use super::lanczos::KRYLOV;

/// Rows of the sparse matrix that are made and multiplied together.
const ROWS: usize = 512;
/// No place in the subspace.
const OUTSIDE: u32 = u32::MAX;

/// A Pauli sum as an operator on real vectors.
pub(super) struct Operator {
    form: Form,
    dimension: usize,
    /// Numbers of a part: the dimension, padded.
    part: usize,
    complex: bool,
    scale: f64,
}

enum Form {
    /// All basis states, with room for the imaginary parts that the kernel wants to see.
    Whole {
        observable: Observable,
        level: Level,
        threads: usize,
        scratch: Option<(Plane<f64>, Plane<f64>)>,
    },
    Sparse(Vec<Block>),
}

/// Rows of a sparse matrix.
#[derive(Clone, Default)]
struct Block {
    /// Where the entries of each row end.
    ends: Vec<usize>,
    columns: Vec<u32>,
    re: Vec<f64>,
    /// Empty for a real matrix.
    im: Vec<f64>,
}

/// The 1-norm, or a little of the constant where that is more: its rounding is in every residual.
fn scale(sum: &PauliSum) -> f64 {
    sum.one_norm().max(1e-6 * sum.constant().abs()).max(f64::MIN_POSITIVE)
}

impl Operator {
    pub(super) fn whole(sum: &PauliSum, config: &SimulatorConfig) -> Result<Self, SimError> {
        let n = sum.num_qubits();
        let complex = is_complex(sum);
        // a state is two planes, a vector one or two
        let states = (KRYLOV as u128 + 4) / if complex { 1 } else { 2 };
        memory::check::<f64>(n, states, config.memory_limit)?;
        let part = Plane::<f64>::length_for(n);
        let scratch = if complex { None } else { Some((Plane::zeroed(part)?, Plane::zeroed(part)?)) };
        let form = Form::Whole {
            observable: Observable::new(sum),
            level: config.instruction_set.level(),
            threads: config.threads,
            scratch,
        };
        Ok(Self { form, dimension: 1 << n, part, complex, scale: scale(sum) })
    }

    pub(super) fn restricted(sum: &PauliSum, subspace: &Subspace, config: &SimulatorConfig) -> Result<Self, SimError> {
        let n = sum.num_qubits();
        if subspace.num_qubits() != n {
            let (expected, given) = (n, subspace.num_qubits());
            return Err(SimError::SizeMismatch { what: "the qubits of the subspace", expected, given });
        }
        let (observable, complex, states) = (Observable::new(sum), is_complex(sum), subspace.states());
        let mut places = vec![OUTSIDE; 1 << n];
        for (place, &state) in states.iter().enumerate() {
            places[state as usize] = place as u32;
        }
        let blocks = states.len().div_ceil(ROWS);
        let rows = |block: usize| &states[block * ROWS..((block + 1) * ROWS).min(states.len())];
        let entries = team::in_order(config.threads, blocks, |block| count(&observable, &places, rows(block)));
        let numbers = 1 + u128::from(complex);
        let vectors = (KRYLOV as u128 + 2) * states.len() as u128 * numbers * 8;
        let needed = vectors + entries.iter().map(|&count| count as u128).sum::<u128>() * (4 + 8 * numbers);
        if needed > u128::from(config.memory_limit) {
            return Err(SimError::MemoryLimit { num_qubits: n, needed, limit: u128::from(config.memory_limit) });
        }
        let make = |block: usize| Block::new(&observable, &places, rows(block), entries[block], complex);
        let form = Form::Sparse(team::in_order(config.threads, blocks, make));
        Ok(Self { form, dimension: states.len(), part: states.len(), complex, scale: scale(sum) })
    }

    /// Dimension over the complex numbers.
    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Numbers of a vector.
    pub(super) fn length(&self) -> usize {
        if self.complex { 2 * self.part } else { self.part }
    }

    /// Dimension over the real numbers.
    pub(super) fn real_dimension(&self) -> usize {
        if self.complex { 2 * self.dimension } else { self.dimension }
    }

    /// What errors are measured by.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// A vector of numbers drawn one after the other; what pads it stays zero.
    pub(super) fn fill(&self, vector: &mut [f64], mut draw: impl FnMut() -> f64) {
        let length = self.length();
        for part in vector[..length].chunks_mut(self.part) {
            part[..self.dimension].iter_mut().for_each(|number| *number = draw());
        }
    }

    /// `out = H vector`.
    pub(super) fn apply(&mut self, vector: &[f64], out: &mut [f64]) {
        let part = self.part;
        match &mut self.form {
            Form::Whole { observable, level, threads, scratch: Some((zero, image)) } => {
                f64::multiply_observable(*level, observable, (&vector[..part], zero), (&mut out[..part], image), *threads);
            }
            Form::Whole { observable, level, threads, scratch: None } => {
                let (re, im) = out.split_at_mut(part);
                let psi = (&vector[..part], &vector[part..2 * part]);
                f64::multiply_observable(*level, observable, psi, (&mut re[..part], &mut im[..part]), *threads);
            }
            Form::Sparse(blocks) if self.complex => {
                let (re, im) = out.split_at_mut(part);
                let psi = (&vector[..part], &vector[part..2 * part]);
                let parts = re[..part].par_chunks_mut(ROWS).zip(im[..part].par_chunks_mut(ROWS));
                parts.zip(blocks).for_each(|((re, im), block)| block.multiply_complex(psi, re, im));
            }
            Form::Sparse(blocks) => {
                let parts = out[..part].par_chunks_mut(ROWS).zip(blocks);
                parts.for_each(|(out, block)| block.multiply(&vector[..part], out));
            }
        }
    }

    /// `i` times a vector, where vectors are complex.
    pub(super) fn times_i(&self, vector: &Plane<f64>) -> Result<Option<Plane<f64>>, SimError> {
        if !self.complex {
            return Ok(None);
        }
        let mut turned = Plane::zeroed(self.length())?;
        let (re, im) = turned.split_at_mut(self.part);
        re.iter_mut().zip(&vector[self.part..]).for_each(|(out, b)| *out = -b);
        im[..self.part].copy_from_slice(&vector[..self.part]);
        Ok(Some(turned))
    }

    pub(super) fn amplitudes(&self, vector: &[f64]) -> Vec<Complex64> {
        let imaginary = |index: usize| if self.complex { vector[self.part + index] } else { 0.0 };
        (0..self.dimension).map(|index| Complex64::new(vector[index], imaginary(index))).collect()
    }
}

fn is_complex(sum: &PauliSum) -> bool {
    sum.terms().iter().any(|(string, _)| string.count_y() % 2 == 1)
}

/// Entries in these rows.
fn count(observable: &Observable, places: &[u32], rows: &[u32]) -> usize {
    let flips = || observable.groups.iter().map(|group| group.x as usize);
    rows.iter().map(|&state| flips().filter(|flip| places[state as usize ^ flip] != OUTSIDE).count()).sum()
}

impl Block {
    fn new(observable: &Observable, places: &[u32], rows: &[u32], entries: usize, complex: bool) -> Self {
        let mut block = Self {
            ends: Vec::with_capacity(rows.len()),
            columns: Vec::with_capacity(entries),
            re: Vec::with_capacity(entries),
            im: Vec::with_capacity(if complex { entries } else { 0 }),
        };
        for &state in rows {
            for group in &observable.groups {
                let column = places[state as usize ^ group.x as usize];
                if column == OUTSIDE {
                    continue;
                }
                // a group adds (A - iB)(i) psi[i ^ x]
                let sum = |range: &std::ops::Range<usize>| {
                    let signed = |&(z, c): &(u64, f64)| if (z & u64::from(state)).count_ones() % 2 == 1 { -c } else { c };
                    observable.terms[range.clone()].iter().map(signed).sum::<f64>()
                };
                block.columns.push(column);
                block.re.push(sum(&group.even));
                if complex {
                    block.im.push(-sum(&group.odd));
                }
            }
            block.ends.push(block.columns.len());
        }
        block
    }

    fn multiply(&self, vector: &[f64], out: &mut [f64]) {
        let mut start = 0;
        for (out, &end) in out.iter_mut().zip(&self.ends) {
            let entries = self.columns[start..end].iter().zip(&self.re[start..end]);
            *out = entries.map(|(&column, value)| value * vector[column as usize]).sum();
            start = end;
        }
    }

    fn multiply_complex(&self, (a, b): (&[f64], &[f64]), re: &mut [f64], im: &mut [f64]) {
        let mut start = 0;
        for ((re, im), &end) in re.iter_mut().zip(im).zip(&self.ends) {
            (*re, *im) = (0.0, 0.0);
            for place in start..end {
                let (c, d, column) = (self.re[place], self.im[place], self.columns[place] as usize);
                *re += c * a[column] - d * b[column];
                *im += c * b[column] + d * a[column];
            }
            start = end;
        }
    }
}
