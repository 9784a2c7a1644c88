//! Parameters, which are trained, and their gradients.

use std::ops::Range;

use rand::Rng;

use crate::{Init, Scalar};

/// A parameter of a [`Parameters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterId(pub(crate) u32);

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) shape: (usize, usize),
    pub(crate) start: usize,
}

impl Entry {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.shape.0 * self.shape.1
    }
}

/// Named matrices that are trained together, one after the other in one piece of memory.
///
/// A copy made by `clone` is a target network: the same layers run on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters<T> {
    pub(crate) entries: Vec<Entry>,
    pub(crate) values: Vec<T>,
}

impl<T> Default for Parameters<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), values: Vec::new() }
    }
}

impl<T: Scalar> Parameters<T> {
    /// No parameters yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a matrix of `shape` (rows, columns), its entries drawn from `init`, row by row.
    ///
    /// # Panics
    ///
    /// When the name is taken.
    #[track_caller]
    pub fn add(
        &mut self,
        name: impl Into<String>,
        shape: (usize, usize),
        init: Init,
        rng: &mut (impl Rng + ?Sized),
    ) -> ParameterId {
        let name = name.into();
        assert!(self.entries.iter().all(|entry| entry.name != name), "there is already a parameter `{name}`");
        let start = self.values.len();
        self.values.extend((0..shape.0 * shape.1).map(|_| T::from_f64(init.draw(shape, rng))));
        self.entries.push(Entry { name, shape, start });
        ParameterId(self.entries.len() as u32 - 1)
    }

    /// Draws the entries of a parameter again, from another distribution.
    pub fn redraw(&mut self, id: ParameterId, init: Init, rng: &mut (impl Rng + ?Sized)) {
        let shape = self.shape(id);
        self.get_mut(id).iter_mut().for_each(|value| *value = T::from_f64(init.draw(shape, rng)));
    }

    /// Number of matrices.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All numbers, matrix after matrix, each in row-major order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All numbers, to be changed.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The parameters in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = ParameterId> + use<T> {
        (0..self.entries.len() as u32).map(ParameterId)
    }

    /// The name of a parameter.
    pub fn name(&self, id: ParameterId) -> &str {
        &self.entry(id).name
    }

    /// Its numbers of rows and columns.
    pub fn shape(&self, id: ParameterId) -> (usize, usize) {
        self.entry(id).shape
    }

    /// Its entries, row by row.
    pub fn get(&self, id: ParameterId) -> &[T] {
        &self.values[self.entry(id).range()]
    }

    /// Its entries, row by row, to be changed.
    pub fn get_mut(&mut self, id: ParameterId) -> &mut [T] {
        let range = self.entry(id).range();
        &mut self.values[range]
    }

    pub(crate) fn entry(&self, id: ParameterId) -> &Entry {
        &self.entries[id.0 as usize]
    }
}

/// The gradient with respect to [`Parameters`]: one number for each of theirs, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients<T> {
    values: Vec<T>,
}

impl<T: Scalar> Gradients<T> {
    /// Zeros for these parameters.
    pub fn zeros(parameters: &Parameters<T>) -> Self {
        Self { values: vec![T::zero(); parameters.values.len()] }
    }

    /// Sets all numbers to 0.
    pub fn clear(&mut self) {
        self.values.fill(T::zero());
    }

    /// All numbers, in the order of [`Parameters::values`].
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All numbers, to be changed.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The Euclidean norm over all numbers, summed in double precision.
    pub fn norm(&self) -> f64 {
        let square = |value: &T| -> f64 {
            let value: f64 = (*value).into();
            value * value
        };
        self.values.iter().map(square).sum::<f64>().sqrt()
    }

    /// Scales the gradient down so that its norm is at most `max_norm`; returns the norm it had.
    ///
    /// As PyTorch's `clip_grad_norm_`: the factor is `max_norm / (norm + 1e-6)` where that is below 1.
    pub fn clip_norm(&mut self, max_norm: f64) -> f64 {
        let norm = self.norm();
        let factor = max_norm / (norm + 1e-6);
        if factor < 1.0 {
            let factor = T::from_f64(factor);
            self.values.iter_mut().for_each(|value| *value = *value * factor);
        }
        norm
    }
}
