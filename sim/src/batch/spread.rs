//! Rows given to workers, one for each thread.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::error::SimError;

/// Some rows of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    /// The parameters of all rows of the batch.
    pub(super) parameters: &'a [f64],
    /// Parameters of a row.
    pub(super) width: usize,
    pub(super) first: usize,
    pub(super) count: usize,
}

impl<'a> Rows<'a> {
    /// The number, in the batch, of a row of these; places beyond the last row stand for the first.
    pub(super) fn number(&self, place: usize) -> usize {
        self.first + if place < self.count { place } else { 0 }
    }

    /// The parameters of a row, by number.
    pub(super) fn of(&self, number: usize) -> &'a [f64] {
        &self.parameters[number * self.width..(number + 1) * self.width]
    }
}

/// What a thread works with.
pub(super) trait Worker: Send {
    /// What all workers share.
    type Context: Sync;

    /// `values[row * observables + o]`.
    fn values(&mut self, context: &Self::Context, rows: Rows<'_>, values: &mut [f64]) -> Result<(), SimError>;

    /// For each row the values, then the derivatives of their sum weighted with the row's cotangents, by all parameters;
    /// cotangents are those of these rows.
    fn pull(&mut self, context: &Self::Context, rows: Rows<'_>, cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError>;
}

/// Pieces of `out`, one for so many rows, worked on by all; the result does not depend on how many workers there are.
pub(super) fn spread<W: Send, O: Send>(
    workers: &mut [W],
    out: &mut [O],
    piece: usize,
    work: &(impl Fn(&mut W, usize, &mut [O]) -> Result<(), SimError> + Sync),
) -> Result<(), SimError> {
    let pieces = out.len().div_ceil(piece);
    if workers.len() == 1 || pieces < 2 {
        return out.chunks_mut(piece).enumerate().try_for_each(|(index, part)| work(&mut workers[0], index, part));
    }
    let each = pieces.div_ceil(workers.len());
    let parts: Vec<&mut [O]> = out.chunks_mut(each * piece).collect();
    workers.par_iter_mut().zip(parts.into_par_iter().enumerate()).try_for_each(|(worker, (position, part))| {
        part.chunks_mut(piece).enumerate().try_for_each(|(index, part)| work(worker, position * each + index, part))
    })
}

/// All rows of a batch, so many at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) parameters: &'a [f64],
    /// Parameters of a row.
    pub(super) width: usize,
    pub(super) observables: usize,
    pub(super) at_a_time: usize,
}

impl<'a> Call<'a> {
    pub(super) fn rows(&self, piece: usize, count: usize) -> Rows<'a> {
        Rows { parameters: self.parameters, width: self.width, first: piece * self.at_a_time, count }
    }

    /// The values of all rows.
    pub(super) fn values<W: Worker>(self, workers: &mut [W], context: &W::Context, values: &mut [f64]) -> Result<(), SimError> {
        spread(workers, values, self.at_a_time * self.observables, &|worker, piece, values: &mut [f64]| {
            worker.values(context, self.rows(piece, values.len() / self.observables), values)
        })
    }

    /// Values and derivatives of all rows, as [`Worker::pull`].
    pub(super) fn pull<W: Worker>(
        self,
        workers: &mut [W],
        context: &W::Context,
        cotangents: &[f64],
        out: &mut [f64],
    ) -> Result<(), SimError> {
        let length = self.observables + self.width;
        spread(workers, out, self.at_a_time * length, &|worker, piece, out: &mut [f64]| {
            let rows = self.rows(piece, out.len() / length);
            let of_rows = rows.first * self.observables..(rows.first + rows.count) * self.observables;
            worker.pull(context, rows, &cotangents[of_rows], out)
        })
    }
}
