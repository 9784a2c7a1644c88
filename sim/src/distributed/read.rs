//! What can be read off a distributed state: exact sums over blocks, on whichever rank they are.

use num_complex::Complex64;

use super::partner;
use super::state::DistributedState;
use crate::error::SimError;
use crate::kernel::Real;
use crate::kernel::block::{BLOCK, Marginal};
use crate::observable::Observable;
use crate::state::check_qubits;
use crate::sum::ExactSum;
use crate::team;

impl<T: Real> DistributedState<'_, T> {
    /// The blocks of this rank's slice, each with its first basis index.
    pub(super) fn own_blocks(&self) -> impl Iterator<Item = (usize, &[T], &[T])> {
        let blocks = self.layout.blocks(self.fabric.rank());
        let planes = self.re.chunks_exact(BLOCK).zip(self.im.chunks_exact(BLOCK)).enumerate();
        planes.map(move |(number, (re, im))| (blocks.first(number), re, im))
    }

    /// Exact sums over all blocks of all ranks.
    pub(super) fn sums(
        &self,
        width: usize,
        add: impl Fn(usize, &[T], &[T], &mut [ExactSum]) + Sync,
    ) -> Result<Vec<ExactSum>, SimError> {
        let blocks = self.layout.blocks(self.fabric.rank());
        let (re, im) = (&*self.re, &*self.im);
        let own = team::exact_sums(self.config.threads, blocks.count(), width, |number, sums| {
            let range = number * BLOCK..(number + 1) * BLOCK;
            add(blocks.first(number), &re[range.clone()], &im[range], sums);
        });
        self.merged(&own)
    }

    /// The sums of all ranks together.
    pub(super) fn merged(&self, own: &[ExactSum]) -> Result<Vec<ExactSum>, SimError> {
        let mut bytes = Vec::with_capacity(own.len() * ExactSum::BYTES);
        own.iter().for_each(|sum| sum.save(&mut bytes));
        let mut sums = vec![ExactSum::default(); own.len()];
        for of_rank in self.fabric.gather(&bytes)? {
            let parts: Option<Vec<ExactSum>> = of_rank.chunks_exact(ExactSum::BYTES).map(ExactSum::load).collect();
            let parts = parts.filter(|parts| parts.len() == sums.len());
            let Some(parts) = parts else {
                return Err(SimError::Ranks { reason: "they do not add up the same values".to_owned() });
            };
            sums.iter_mut().zip(&parts).for_each(|(sum, part)| sum.merge(part));
        }
        Ok(sums)
    }

    /// The norm: 1 up to rounding.
    ///
    /// # Errors
    /// When a rank has ended.
    pub fn norm(&self) -> Result<f64, SimError> {
        Ok(self.total()?.sqrt())
    }

    /// The sum of all probabilities.
    pub(super) fn total(&self) -> Result<f64, SimError> {
        let level = self.config.instruction_set.level();
        Ok(self.sums(1, |_, re, im, sums| sums[0].add(T::block_weight(level, re, im)))?[0].value())
    }

    /// Adds the probability of each of this rank's basis states, times a number, to the sum in its place; `first` is the basis index of the
    /// first sum, as [`DistributedState::sort`] gives it.
    ///
    /// ```
    /// use qloom_sim::{DistributedState, SimulatorConfig, on_threads};
    /// let config = SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() };
    /// let firsts = on_threads(2, |fabric| {
    ///     let mut state = DistributedState::<f64>::zero(14, config, fabric)?;
    ///     let (first, mut sums) = (state.sort()?, vec![0.5; 1 << 13]);
    ///     state.add_probabilities(0.25, first, &mut sums);
    ///     Ok::<f64, qloom_sim::SimError>(sums[0])
    /// });
    /// assert_eq!(firsts, [Ok(0.75), Ok(0.5)]);
    /// ```
    ///
    /// # Panics
    /// When a basis state of this rank has no sum.
    pub fn add_probabilities(&self, factor: f64, first: usize, sums: &mut [f64]) {
        for (index, re, im) in self.own_blocks() {
            T::add_probabilities(re, im, factor, &mut sums[index - first..][..BLOCK]);
        }
    }

    /// `<Z_q>` of every qubit.
    ///
    /// # Errors
    /// When a rank has ended.
    pub fn expectation_z(&self) -> Result<Vec<f64>, SimError> {
        let n = self.num_qubits;
        let sums = self.sums(n, |first, re, im, sums| {
            let mut values = vec![0.0; n];
            T::block_expectation_z(first, re, im, &mut values);
            sums.iter_mut().zip(values).for_each(|(sum, value)| sum.add(value));
        })?;
        Ok(sums.iter().map(ExactSum::value).collect())
    }

    /// Probability of each outcome of measuring these qubits, at most 12; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated, they are more than 12, or a rank has ended.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        check_qubits(qubits, self.num_qubits)?;
        let limit = Marginal::MOST_QUBITS;
        if qubits.len() > limit {
            return Err(SimError::TooManyQubits { what: "a distribution of outcomes over ranks", given: qubits.len(), limit });
        }
        let marginal = Marginal::new(qubits);
        let sums = self.sums(1 << qubits.len(), |first, re, im, sums| T::add_outcomes(&marginal, first, re, im, sums))?;
        Ok(sums.iter().map(ExactSum::value).collect())
    }

    /// `<psi|H|psi>`.
    ///
    /// Terms that flip no global qubit cost no message; each other pattern of flips a slice.
    ///
    /// # Errors
    /// When the observable is on another number of qubits, or a rank has ended.
    pub fn expectation(&mut self, observable: &Observable) -> Result<f64, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        let (level, threads) = (self.config.instruction_set.level(), self.config.threads);
        let mut own = ExactSum::default();
        let Self { fabric, layout, re, im, buffers, sent, .. } = self;
        for group in &observable.groups {
            *sent += partner::each(*fabric, layout, group.x, (re, im), buffers, &mut |beside| {
                let sums = team::exact_sums(threads, beside.count(), 1, |block, sums| {
                    sums[0].add(T::block_expectation(level, observable, group, beside.own(block), beside.partner(block)));
                });
                own.merge(&sums[0]);
            })?;
        }
        Ok(self.merged(&[own])?[0].value())
    }

    /// `<self|other>`.
    ///
    /// # Errors
    /// When the other state has another number of qubits or is laid out otherwise, or a rank has ended.
    pub fn inner(&self, other: &Self) -> Result<Complex64, SimError> {
        self.check_size("qubits of the other state", other.num_qubits)?;
        if self.layout != other.layout {
            let reason = "two states whose qubits are in different places have no product; apply the same programs to both";
            return Err(SimError::Ranks { reason: reason.to_owned() });
        }
        let blocks = self.re.len() / BLOCK;
        let planes = [&*self.re, &*self.im, &*other.re, &*other.im];
        let own = team::exact_sums(self.config.threads, blocks, 2, |number, sums| {
            let range = number * BLOCK..(number + 1) * BLOCK;
            let [a, b, c, d] = planes.map(|plane| &plane[range.clone()]);
            let part = T::block_inner((a, b), (c, d));
            sums[0].add(part.re);
            sums[1].add(part.im);
        });
        let sums = self.merged(&own)?;
        Ok(Complex64::new(sums[0].value(), sums[1].value()))
    }
}
