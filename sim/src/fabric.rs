//! What carries numbers between the ranks that hold one state together.

mod threads;

use std::fmt::Debug;

use crate::error::SimError;
pub use threads::{ThreadRank, on_threads};

/// Ranks that work on one state, as seen from one of them: threads, processes, or this process alone.
///
/// Every method but the first two is called by all ranks at the same place of their work. Messages are bytes; an implementation splits what is
/// longer than it can send at once.
pub trait Fabric: Debug {
    /// The number of this rank, from 0.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn size(&self) -> usize;

    /// Sends to a rank, which calls this with as many bytes, and receives what it sends.
    ///
    /// # Errors
    /// When a rank has ended or the message is lost.
    fn exchange(&self, partner: usize, send: &[u8], receive: &mut [u8]) -> Result<(), SimError>;

    /// The bytes of every rank, in order of rank; their numbers may differ.
    ///
    /// # Errors
    /// As [`Fabric::exchange`].
    fn gather(&self, own: &[u8]) -> Result<Vec<Vec<u8>>, SimError>;

    /// The bytes of rank `root`, on every rank; those of the others are not read.
    ///
    /// # Errors
    /// As [`Fabric::exchange`].
    fn broadcast(&self, root: usize, bytes: &mut Vec<u8>) -> Result<(), SimError>;

    /// Waits until every rank is here.
    ///
    /// # Errors
    /// As [`Fabric::exchange`].
    fn barrier(&self) -> Result<(), SimError> {
        self.gather(&[]).map(|_| ())
    }
}

/// One rank without others.
///
/// ```
/// use qloom_sim::{Alone, Fabric};
/// assert_eq!((Alone.rank(), Alone.size()), (0, 1));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Fabric for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn exchange(&self, _: usize, send: &[u8], receive: &mut [u8]) -> Result<(), SimError> {
        receive.copy_from_slice(send);
        Ok(())
    }

    fn gather(&self, own: &[u8]) -> Result<Vec<Vec<u8>>, SimError> {
        Ok(vec![own.to_vec()])
    }

    fn broadcast(&self, _: usize, _: &mut Vec<u8>) -> Result<(), SimError> {
        Ok(())
    }
}

/// What one rank sends of its part of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages.
    pub messages: u64,
    /// Amplitudes in them.
    pub amplitudes: u64,
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.amplitudes += other.amplitudes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One rank alone hears itself, and is what several threads are to each other.
    #[test]
    fn alone_is_one_thread_among_one() {
        let talk = |fabric: &dyn Fabric| {
            let (mut received, mut word) = ([0; 3], vec![7, 8]);
            fabric.exchange(0, &[1, 2, 3], &mut received).expect("it is there");
            fabric.broadcast(0, &mut word).expect("it is there");
            fabric.barrier().expect("it is there");
            (fabric.rank(), fabric.size(), received, word, fabric.gather(&[5, 6]).expect("it is there"))
        };
        let alone = talk(&Alone);
        assert_eq!(alone, (0, 1, [1, 2, 3], vec![7, 8], vec![vec![5, 6]]));
        assert_eq!(on_threads(1, |fabric| talk(fabric)), vec![alone]);
    }

    #[test]
    fn traffic_adds_up() {
        let mut sum = Traffic { messages: 1, amplitudes: 20 };
        sum += Traffic { messages: 2, amplitudes: 5 };
        assert_eq!(sum, Traffic { messages: 3, amplitudes: 25 });
    }
}
