//! Threads that work on one thing together, the caller's among them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::sum::ExactSum;

/// Calls `work` once for every member, the first on this thread, the others on threads of the pool.
///
/// The others may come late or one after the other: members take what is left and wait for nothing that only a
/// member not yet there would do.
pub(crate) fn run<M: Send>(members: &mut [M], work: impl Fn(&mut M) + Sync) {
    match members {
        [] => {}
        [alone] => work(alone),
        [own, others @ ..] => {
            let work = &work;
            rayon::in_place_scope(|scope| {
                for other in others {
                    scope.spawn(move |_| work(other));
                }
                work(own);
            });
        }
    }
}

/// Gives each thread an equal part of two planes and the index it starts at.
pub(crate) fn planes<T: Send>(threads: usize, (re, im): (&mut [T], &mut [T]), work: impl Fn(usize, &mut [T], &mut [T]) + Sync) {
    if threads <= 1 {
        return work(0, re, im);
    }
    let size = re.len().div_ceil(threads);
    let parts = re.chunks_mut(size).zip(im.chunks_mut(size)).enumerate();
    let mut parts: Vec<(usize, &mut [T], &mut [T])> = parts.map(|(k, (re, im))| (k * size, re, im)).collect();
    run(&mut parts, |(start, re, im)| work(*start, re, im));
}

/// The numbers that `value` gives for `0..count`, in order, whatever the number of threads.
pub(crate) fn in_order<V: Send + Clone + Default>(threads: usize, count: usize, value: impl Fn(usize) -> V + Sync) -> Vec<V> {
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        return (0..count).map(value).collect();
    }
    let portions = Portions::new(count, threads);
    let mut members: Vec<Vec<(usize, V)>> = vec![Vec::new(); threads];
    run(&mut members, |found| {
        while let Some(range) = portions.take() {
            found.extend(range.map(|index| (index, value(index))));
        }
    });
    let mut values = vec![V::default(); count];
    for (index, value) in members.into_iter().flatten() {
        values[index] = value;
    }
    values
}

/// Exact sums over `0..count`, of which `add` adds the terms of each; the same whatever the number of threads.
pub(crate) fn exact_sums(
    threads: usize,
    count: usize,
    width: usize,
    add: impl Fn(usize, &mut [ExactSum]) + Sync,
) -> Vec<ExactSum> {
    let threads = threads.clamp(1, count.max(1));
    let portions = Portions::new(count, threads);
    let mut members = vec![vec![ExactSum::default(); width]; threads];
    run(&mut members, |sums| {
        while let Some(range) = portions.take() {
            range.for_each(|number| add(number, sums));
        }
    });
    let (first, others) = members.split_first_mut().expect("one thread at least");
    for other in others {
        first.iter_mut().zip(other).for_each(|(sum, part)| sum.merge(part));
    }
    members.swap_remove(0)
}

/// Things to do, taken a few at a time by whoever is free.
#[derive(Debug)]
pub(crate) struct Portions {
    count: usize,
    size: usize,
    next: AtomicUsize,
    done: AtomicUsize,
    failed: AtomicBool,
}

impl Portions {
    pub(crate) fn new(count: usize, threads: usize) -> Self {
        let size = (count / (32 * threads.max(1))).max(1);
        Self { count, size, next: AtomicUsize::new(0), done: AtomicUsize::new(0), failed: AtomicBool::new(false) }
    }

    /// What to do next.
    pub(crate) fn take(&self) -> Option<std::ops::Range<usize>> {
        let start = self.next.fetch_add(self.size, Ordering::Relaxed);
        (start < self.count).then(|| start..(start + self.size).min(self.count))
    }

    /// Does portions until none is left, then waits for those of others; false where one of them failed.
    pub(crate) fn finish(&self, mut work: impl FnMut(usize)) -> bool {
        let alarm = Alarm(&self.failed);
        while let Some(range) = self.take() {
            let size = range.len();
            range.for_each(&mut work);
            self.done.fetch_add(size, Ordering::Release);
        }
        std::mem::forget(alarm);
        let mut turns = 0;
        while self.done.load(Ordering::Acquire) < self.count {
            if self.failed.load(Ordering::Relaxed) {
                return false;
            }
            turns += 1;
            if turns < 4000 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        true
    }
}

/// Tells those who wait when a thread unwinds.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Portions, in_order, run};

    #[test]
    fn values_come_in_order() {
        for threads in [1, 2, 3, 8] {
            for count in [0, 1, 2, 7, 1000] {
                assert_eq!(in_order(threads, count, |k| k * k), (0..count).map(|k| k * k).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn everyone_leaves_when_all_is_done() {
        let steps: Vec<Portions> = (0..50).map(|_| Portions::new(13, 3)).collect();
        let mut sums = [0usize; 3];
        run(&mut sums, |sum| steps.iter().for_each(|step| assert!(step.finish(|index| *sum += index))));
        assert_eq!(sums.iter().sum::<usize>(), 50 * 78);
    }

    #[test]
    fn a_failure_keeps_nobody_waiting() {
        let step = Portions::new(2, 1);
        let failed = std::panic::catch_unwind(|| {
            run(&mut [(), ()], |()| {
                step.finish(|index| assert!(index > 5, "on purpose"));
            });
        });
        assert!(failed.is_err());
    }
}
