//! Networks and optimisers as files in the safetensors format.

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, SafeTensors, View};

use crate::{NnError, Optimizer, Parameters, Scalar};

/// Named matrices, and the state of optimisers, as one file in the safetensors format holds them.
///
/// Tensors are called `{prefix}.{name of the parameter}`, or by the parameter alone where the prefix is empty. Numbers
/// are written bit for bit: training goes on from a file as it would have gone on without.
///
/// ```
/// use qloom_nn::{Linear, Parameters, Tensors};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// let mut parameters = Parameters::<f32>::new();
/// Linear::new(&mut parameters, "layer", (3, 2), &mut rng);
/// let mut tensors = Tensors::new();
/// tensors.insert("network", &parameters);
///
/// let mut other = Parameters::<f32>::new();
/// Linear::new(&mut other, "layer", (3, 2), &mut rng);
/// Tensors::from_bytes(&tensors.to_bytes()?)?.read("network", &mut other)?;
/// assert_eq!(other, parameters);
/// # Ok::<(), qloom_nn::NnError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensors {
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Debug, Clone, PartialEq)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

impl Tensors {
    /// No tensors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names of the tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Adds parameters.
    pub fn insert<T: Scalar>(&mut self, prefix: &str, parameters: &Parameters<T>) {
        self.insert_numbers(prefix, parameters, parameters.values());
    }

    /// Adds the state of the optimiser of these parameters: for each of its lists the tensors
    /// `{prefix}.{list}.{name of the parameter}`, and the number of steps as `{prefix}.steps`.
    pub fn insert_optimizer<T: Scalar>(&mut self, prefix: &str, parameters: &Parameters<T>, optimizer: &impl Optimizer<T>) {
        for (name, moments) in optimizer.moments() {
            self.insert_numbers(&join(prefix, name), parameters, moments);
        }
        let bytes = optimizer.steps().to_le_bytes().to_vec();
        self.tensors.insert(join(prefix, "steps"), Tensor { dtype: Dtype::U64, shape: vec![1], bytes });
    }

    fn insert_numbers<T: Scalar>(&mut self, prefix: &str, parameters: &Parameters<T>, numbers: &[T]) {
        for entry in &parameters.entries {
            let mut bytes = Vec::with_capacity(entry.range().len() * T::SIZE);
            numbers[entry.range()].iter().for_each(|number| number.write(&mut bytes));
            let tensor = Tensor { dtype: T::DTYPE, shape: vec![entry.shape.0, entry.shape.1], bytes };
            self.tensors.insert(join(prefix, &entry.name), tensor);
        }
    }

    /// Sets parameters to what was saved of them.
    ///
    /// # Errors
    ///
    /// [`NnError::MissingTensor`], [`NnError::Shape`] and [`NnError::NumberType`] when the file is of another network;
    /// the parameters are then as they were.
    pub fn read<T: Scalar>(&self, prefix: &str, parameters: &mut Parameters<T>) -> Result<(), NnError> {
        parameters.values = self.numbers(prefix, parameters)?;
        Ok(())
    }

    /// Sets the optimiser of these parameters to what was saved of it.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); the optimiser is then as it was.
    pub fn read_optimizer<T: Scalar>(
        &self,
        prefix: &str,
        parameters: &Parameters<T>,
        optimizer: &mut impl Optimizer<T>,
    ) -> Result<(), NnError> {
        let steps = join(prefix, "steps");
        let tensor = self.tensor(&steps, Dtype::U64, &[1])?;
        let count = tensor.bytes.as_slice().try_into().map(u64::from_le_bytes);
        let count = count.map_err(|_| NnError::NotSafetensors { reason: format!("`{steps}` is cut short") })?;
        let lists: Vec<Vec<T>> = (optimizer.moments().iter())
            .map(|(name, _)| self.numbers(&join(prefix, name), parameters))
            .collect::<Result<_, _>>()?;
        for ((_, moments), list) in optimizer.moments_mut().into_iter().zip(lists) {
            moments.copy_from_slice(&list);
        }
        optimizer.set_steps(count);
        Ok(())
    }

    fn numbers<T: Scalar>(&self, prefix: &str, parameters: &Parameters<T>) -> Result<Vec<T>, NnError> {
        let mut numbers = Vec::with_capacity(parameters.values().len());
        for entry in &parameters.entries {
            let name = join(prefix, &entry.name);
            let tensor = self.tensor(&name, T::DTYPE, &[entry.shape.0, entry.shape.1])?;
            numbers.extend(tensor.bytes.chunks_exact(T::SIZE).filter_map(T::read));
        }
        Ok(numbers)
    }

    fn tensor(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&Tensor, NnError> {
        let tensor = self.tensors.get(name).ok_or_else(|| NnError::MissingTensor { name: name.to_owned() })?;
        if tensor.dtype != dtype {
            let (found, expected) = (tensor.dtype.to_string(), dtype.to_string());
            return Err(NnError::NumberType { name: name.to_owned(), found, expected });
        }
        if tensor.shape != shape {
            return Err(NnError::Shape { name: name.to_owned(), found: tensor.shape.clone(), expected: shape.to_vec() });
        }
        Ok(tensor)
    }

    /// Moves each number by a part of the way to the number at its place in another file: 0 leaves all as it is, 1 takes over the other's.
    ///
    /// # Errors
    ///
    /// [`NnError::MissingTensor`], [`NnError::Shape`] and [`NnError::NumberType`] when the other file is of another network, or there are numbers of
    /// another type; all is then as it was.
    pub fn move_towards<T: Scalar>(&mut self, other: &Self, part: f64) -> Result<(), NnError> {
        let mut moved = BTreeMap::new();
        for (name, own) in &self.tensors {
            let (own, end) = (self.tensor(name, T::DTYPE, &own.shape)?, other.tensor(name, T::DTYPE, &own.shape)?);
            let mut bytes = Vec::with_capacity(own.bytes.len());
            for (from, to) in own.bytes.chunks_exact(T::SIZE).zip(end.bytes.chunks_exact(T::SIZE)) {
                let (Some(from), Some(to)) = (T::read(from), T::read(to)) else { continue };
                let (from, to): (f64, f64) = (from.into(), to.into());
                T::from_f64((1.0 - part) * from + part * to).write(&mut bytes);
            }
            moved.insert(name.clone(), Tensor { dtype: own.dtype, shape: own.shape.clone(), bytes });
        }
        self.tensors = moved;
        Ok(())
    }

    /// The file's bytes; the same tensors always give the same.
    ///
    /// # Errors
    ///
    /// [`NnError::NotSafetensors`] when the names are longer than the format allows (100 MB in all).
    pub fn to_bytes(&self) -> Result<Vec<u8>, NnError> {
        safetensors::serialize(&self.tensors, None).map_err(|error| NnError::NotSafetensors { reason: error.to_string() })
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    ///
    /// [`NnError::NotSafetensors`] when they are not such a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NnError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| NnError::NotSafetensors { reason: error.to_string() })?;
        let tensors = (file.iter())
            .map(|(name, view)| {
                let tensor = Tensor { dtype: view.dtype(), shape: view.shape().to_vec(), bytes: view.data().to_vec() };
                (name.to_owned(), tensor)
            })
            .collect();
        Ok(Self { tensors })
    }
}

#[cfg(test)]
mod tests;
