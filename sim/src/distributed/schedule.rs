//! When which qubits change between local and global.

use super::layout::{Exchange, Layout};
use crate::error::SimError;
use crate::kernel::block::BLOCK_BITS;

/// Steps ahead that a choice is tried on.
const AHEAD: usize = 64;

/// The layout in which some steps begin, and the exchanges before them.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) start: Layout,
    /// Each with the number of the step that it comes before.
    pub(super) exchanges: Vec<(usize, Exchange)>,
}

/// The parts of `1` that one of `2^k` ranks sends of its slice.
fn share(pairs: usize) -> f64 {
    1.0 - 0.5f64.powi(pairs as i32)
}

/// The steps that need qubits to be local, by the step that is next to use each.
struct Uses {
    /// Of each step, then of each qubit.
    next: Vec<Vec<u32>>,
}

impl Uses {
    fn new(needs: &[u64], num_qubits: usize) -> Self {
        let mut next = vec![vec![u32::MAX; num_qubits]; needs.len() + 1];
        for step in (0..needs.len()).rev() {
            next[step] = next[step + 1].clone();
            let used = next[step].iter_mut().enumerate().filter(|(qubit, _)| needs[step] >> qubit & 1 == 1);
            used.for_each(|(_, next)| *next = step as u32);
        }
        Self { next }
    }
}

/// Exchanges for steps that need these qubits to be local, as few amplitudes as greedy choices reach.
///
/// An exchange brings what the next step needs; what goes is needed last (Belady). It takes more qubits with it where that is found to save
/// exchanges later. Without a start the first layout is free.
///
/// # Errors
/// When a step needs more qubits than a slice has.
pub(super) fn schedule(needs: &[u64], num_qubits: usize, local: usize, start: Option<&Layout>) -> Result<Schedule, SimError> {
    let lowest = (1u64 << BLOCK_BITS.min(local)) - 1;
    if let Some(need) = needs.iter().find(|need| (*need | lowest).count_ones() as usize > local) {
        let given = (need | lowest).count_ones() as usize;
        return Err(SimError::TooManyQubits {
            what: "one operation over so many ranks, those of a block included,",
            given,
            limit: local,
        });
    }
    let uses = Uses::new(needs, num_qubits);
    let start = start.cloned().unwrap_or_else(|| {
        let mut qubits: Vec<usize> = (BLOCK_BITS.min(local)..num_qubits).collect();
        qubits.sort_by_key(|&qubit| std::cmp::Reverse((uses.next[0][qubit], qubit)));
        Layout::with_global(num_qubits, qubits[..num_qubits - local].iter().fold(0, |mask, qubit| mask | 1 << qubit))
    });
    let mut global = start.global();
    let mut exchanges = Vec::new();
    for step in 0..needs.len() {
        let missing = needs[step] & global;
        if missing == 0 {
            continue;
        }
        let end = needs.len().min(step + AHEAD);
        let most = num_qubits - local - missing.count_ones() as usize;
        let mut best: Option<(f64, Exchange, u64)> = None;
        for extra in 0..=most {
            let Some((exchange, after)) = choose(needs[step], global, step, extra, (num_qubits, local), &uses) else { break };
            let volume = share(exchange.pairs.len()) + rest(needs, step + 1..end, after, (num_qubits, local), &uses);
            if best.as_ref().is_none_or(|best| volume < best.0) {
                best = Some((volume, exchange, after));
            }
        }
        let (_, exchange, after) = best.expect("what is missing can be brought");
        global = after;
        exchanges.push((step, exchange));
    }
    Ok(Schedule { start, exchanges })
}

/// What the steps of a range cost where only what is missing is brought.
fn rest(needs: &[u64], steps: std::ops::Range<usize>, mut global: u64, sizes: (usize, usize), uses: &Uses) -> f64 {
    let mut volume = 0.0;
    for step in steps {
        if needs[step] & global != 0
            && let Some((exchange, after)) = choose(needs[step], global, step, 0, sizes, uses)
        {
            volume += share(exchange.pairs.len());
            global = after;
        }
    }
    volume
}

/// The exchange that brings what a step needs and so many more qubits as are needed sooner than what goes, and the qubits that are then global;
/// none where no more are.
fn choose(need: u64, global: u64, step: usize, extra: usize, sizes: (usize, usize), uses: &Uses) -> Option<(Exchange, u64)> {
    let (num_qubits, local) = sizes;
    let next = &uses.next[step];
    let mut come: Vec<usize> = (0..num_qubits).filter(|qubit| global >> qubit & 1 == 1).collect();
    come.sort_by_key(|&qubit| (next[qubit], qubit));
    let mut go: Vec<usize> = (BLOCK_BITS.min(local)..num_qubits).filter(|qubit| (global | need) >> qubit & 1 == 0).collect();
    go.sort_by_key(|&qubit| std::cmp::Reverse((next[qubit], qubit)));
    let missing = (need & global).count_ones() as usize;
    // what is needed now comes first: its next use is this step
    let pairs: Vec<(usize, usize)> = come.into_iter().zip(go).take(missing + extra).collect();
    if pairs.len() < missing + extra || pairs[missing..].iter().any(|&(come, go)| next[come] >= next[go]) {
        return None;
    }
    let after = pairs.iter().fold(global, |global, (come, go)| global & !(1 << come) | 1 << go);
    Some((Exchange { pairs }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(schedule: &Schedule) -> f64 {
        schedule.exchanges.iter().map(|(_, exchange)| share(exchange.pairs.len())).sum()
    }

    #[test]
    fn what_is_needed_last_goes_and_the_first_layout_is_free() {
        let (low, n, local) = ((1u64 << BLOCK_BITS) - 1, BLOCK_BITS + 6, BLOCK_BITS + 4);
        let high = |qubits: &[usize]| qubits.iter().fold(low, |mask, qubit| mask | 1 << (BLOCK_BITS + qubit));
        let needs = [high(&[5, 4, 3]), high(&[3, 2]), high(&[1]), high(&[0, 5])];
        let found = schedule(&needs, n, local, None).expect("fits");
        // the two used last begin global; both come at once, as the second is needed soon after
        assert_eq!(found.start.global(), high(&[0, 1]) & !low);
        assert_eq!(found.exchanges.len(), 1);
        assert_eq!((found.exchanges[0].0, volume(&found)), (2, 0.75));
        let again = schedule(&needs, n, local, Some(&found.start)).expect("fits");
        assert_eq!(again.exchanges, found.exchanges);
        // from another layout the first step has to bring its own
        let other = Layout::in_order(n, local);
        assert_eq!(schedule(&needs, n, local, Some(&other)).expect("fits").exchanges[0].0, 0);
    }

    #[test]
    fn a_step_beyond_a_slice_is_refused() {
        let n = BLOCK_BITS + 3;
        assert!(schedule(&[(1 << n) - 1], n, n - 1, None).is_err());
        assert!(schedule(&[(1 << n) - 1], n, n, None).expect("alone").exchanges.is_empty());
    }

    #[test]
    fn every_step_finds_its_qubits() {
        let (n, local) = (BLOCK_BITS + 8, BLOCK_BITS + 5);
        let mut seed = 1u64;
        let needs: Vec<u64> = (0..200)
            .map(|_| {
                (0..4).fold(0, |mask, _| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    mask | 1 << (BLOCK_BITS + (seed >> 40) as usize % 8)
                })
            })
            .collect();
        let found = schedule(&needs, n, local, None).expect("fits");
        let (mut layout, mut exchanges) = (found.start.clone(), found.exchanges.iter().peekable());
        for (step, need) in needs.iter().enumerate() {
            while let Some((_, exchange)) = exchanges.next_if(|(at, _)| *at == step) {
                layout.apply(exchange);
            }
            assert_eq!(need & layout.global(), 0);
            assert_eq!(layout.global().count_ones(), 3);
            assert_eq!(layout.global() & ((1 << BLOCK_BITS) - 1), 0, "the lowest stay");
        }
        assert!(exchanges.next().is_none());
    }
}
