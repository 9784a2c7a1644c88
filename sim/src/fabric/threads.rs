//! Ranks that are threads of one process.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Fabric;
use crate::error::SimError;

/// Messages on their way, by sender and receiver.
#[derive(Debug, Default)]
struct Post {
    letters: HashMap<(usize, usize), VecDeque<Vec<u8>>>,
    /// Ranks that have ended.
    ended: BTreeSet<usize>,
}

#[derive(Debug)]
struct Office {
    size: usize,
    post: Mutex<Post>,
    news: Condvar,
}

/// One of several ranks that are threads of this process; see [`on_threads`].
#[derive(Debug)]
pub struct ThreadRank<'a> {
    rank: usize,
    office: &'a Office,
}

/// Does some work once on each of `size` threads, which are the ranks of one state; gives their results in order of rank.
///
/// The same code then runs in a test as on many machines. A rank whose work returns or panics while others wait for it ends their wait with an error.
///
/// ```
/// use qloom_sim::{Fabric, on_threads};
/// let sums = on_threads(4, |rank| rank.gather(&[rank.rank() as u8]).expect("all are there").concat());
/// assert_eq!(sums, vec![vec![0, 1, 2, 3]; 4]);
/// ```
///
/// # Panics
/// When the work panics on one of the threads.
pub fn on_threads<R: Send>(size: usize, work: impl Fn(&ThreadRank<'_>) -> R + Sync) -> Vec<R> {
    let office = Office { size, post: Mutex::default(), news: Condvar::new() };
    std::thread::scope(|scope| {
        let (office, work) = (&office, &work);
        let threads: Vec<_> = (0..size).map(|rank| scope.spawn(move || work(&ThreadRank { rank, office }))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

impl Drop for ThreadRank<'_> {
    fn drop(&mut self) {
        self.office.lock().ended.insert(self.rank);
        self.office.news.notify_all();
    }
}

impl Office {
    fn lock(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ThreadRank<'_> {
    fn send(&self, to: usize, bytes: &[u8]) {
        self.office.lock().letters.entry((self.rank, to)).or_default().push_back(bytes.to_vec());
        self.office.news.notify_all();
    }

    fn receive(&self, from: usize) -> Result<Vec<u8>, SimError> {
        let mut post = self.office.lock();
        loop {
            if let Some(letter) = post.letters.get_mut(&(from, self.rank)).and_then(VecDeque::pop_front) {
                return Ok(letter);
            }
            if post.ended.contains(&from) {
                return Err(SimError::Ranks { reason: format!("rank {from} ended before the others") });
            }
            post = self.office.news.wait(post).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Fabric for ThreadRank<'_> {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.office.size
    }

    fn exchange(&self, partner: usize, send: &[u8], receive: &mut [u8]) -> Result<(), SimError> {
        self.send(partner, send);
        let letter = self.receive(partner)?;
        if letter.len() != receive.len() {
            let reason = format!("rank {partner} sent {} bytes where {} were expected", letter.len(), receive.len());
            return Err(SimError::Ranks { reason });
        }
        receive.copy_from_slice(&letter);
        Ok(())
    }

    fn gather(&self, own: &[u8]) -> Result<Vec<Vec<u8>>, SimError> {
        let others = (0..self.size()).filter(|&rank| rank != self.rank);
        others.for_each(|rank| self.send(rank, own));
        (0..self.size()).map(|rank| if rank == self.rank { Ok(own.to_vec()) } else { self.receive(rank) }).collect()
    }

    fn broadcast(&self, root: usize, bytes: &mut Vec<u8>) -> Result<(), SimError> {
        if self.rank == root {
            (0..self.size()).filter(|&rank| rank != root).for_each(|rank| self.send(rank, bytes));
        } else {
            *bytes = self.receive(root)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_order() {
        let all = on_threads(3, |rank| {
            let (own, next) = (rank.rank(), (rank.rank() + 1) % 3);
            let mut seen = Vec::new();
            for round in 0..3u8 {
                for partner in (0..3).filter(|&partner| partner != own) {
                    let mut received = [0; 2];
                    rank.exchange(partner, &[own as u8, round], &mut received).expect("all are there");
                    seen.push(received);
                }
            }
            let mut word = if own == next { Vec::new() } else { vec![own as u8; own] };
            rank.broadcast(2, &mut word).expect("all are there");
            rank.barrier().expect("all are there");
            (seen, word)
        });
        for (own, (seen, word)) in all.into_iter().enumerate() {
            let others: Vec<u8> = (0..3).filter(|&other| other as usize != own).collect();
            let expected: Vec<[u8; 2]> = (0..3).flat_map(|round| others.iter().map(move |&other| [other, round])).collect();
            assert_eq!((seen, word), (expected, vec![2, 2]));
        }
    }

    #[test]
    fn a_rank_that_ends_keeps_nobody_waiting() {
        let ends = on_threads(4, |rank| if rank.rank() == 2 { Ok(()) } else { rank.barrier() });
        assert_eq!(ends.iter().filter(|end| end.is_err()).count(), 3);
        let message = ends[0].clone().expect_err("rank 2 has gone").to_string();
        assert!(message.contains("ended before the others"), "{message}");
    }

    #[test]
    fn messages_of_another_length_are_refused() {
        let ends = on_threads(2, |rank| rank.exchange(1 - rank.rank(), &vec![0; 3 + rank.rank()], &mut [0; 3]));
        assert!(ends[0].is_err() && ends[1].is_ok());
    }
}
