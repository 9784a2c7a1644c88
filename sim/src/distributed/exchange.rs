//! Qubits that change between local and global: parts of slices that change hands.

use super::layout::{Exchange, Layout};
use crate::error::SimError;
use crate::fabric::{Fabric, Traffic};
use crate::kernel::{Real, bytes, bytes_mut};

/// Numbers of a message at most: 2 MiB of doubles, far below what a message can hold.
pub(super) const CHUNK: usize = 1 << 18;

/// Buffers of a message that goes and one that comes.
#[derive(Debug, Default)]
pub(super) struct Buffers<T> {
    send: Vec<T>,
    receive: Vec<T>,
}

impl<T: Real> Buffers<T> {
    /// Bytes of both at most.
    pub(super) const BYTES: usize = 2 * CHUNK * T::BYTES;

    /// Sends numbers to a rank and gives what comes.
    pub(super) fn swap(&mut self, fabric: &dyn Fabric, partner: usize, numbers: &[T]) -> Result<&[T], SimError> {
        self.receive.resize(numbers.len(), T::default());
        fabric.exchange(partner, bytes(numbers), bytes_mut(&mut self.receive))?;
        Ok(&self.receive)
    }

    /// Sends both planes' numbers to a rank and gives what comes.
    pub(super) fn swap_planes(
        &mut self,
        fabric: &dyn Fabric,
        partner: usize,
        (re, im): (&[T], &[T]),
    ) -> Result<(&[T], &[T]), SimError> {
        self.send.resize(im.len(), T::default());
        fabric.exchange(partner, bytes(im), bytes_mut(&mut self.send))?;
        self.swap(fabric, partner, re)?;
        Ok((&self.receive, &self.send))
    }
}

/// What each rank sends in an exchange of so many qubits.
pub(super) fn traffic(pairs: usize, local: usize) -> Traffic {
    let (partners, part) = ((1u64 << pairs) - 1, 1usize << (local - pairs));
    Traffic { messages: partners * 2 * part.div_ceil(CHUNK) as u64, amplitudes: partners * part as u64 }
}

/// The indices of a slice at which some bits have given values, in order.
struct Indices {
    /// Ascending.
    fixed: Vec<usize>,
    pattern: usize,
}

impl Indices {
    fn at(&self, number: usize) -> usize {
        let spread = self.fixed.iter().fold(number, |index, &bit| (index >> bit) << (bit + 1) | index & ((1 << bit) - 1));
        spread | self.pattern
    }

    /// Indices that follow each other at a time.
    fn run(&self) -> usize {
        1 << self.fixed[0]
    }
}

/// Carries out an exchange on some planes, which are in the layout before it; gives what this rank has sent.
pub(super) fn carry_out<T: Real>(
    fabric: &dyn Fabric,
    layout: &Layout,
    exchange: &Exchange,
    planes: &mut [&mut [T]],
    buffers: &mut Buffers<T>,
) -> Result<Traffic, SimError> {
    let mut sent = Traffic::default();
    let rank_bits: Vec<usize> = exchange.pairs.iter().map(|(global, _)| layout.places[*global] - layout.local).collect();
    let local_bits: Vec<usize> = exchange.pairs.iter().map(|(_, local)| layout.places[*local]).collect();
    let mut fixed = local_bits.clone();
    fixed.sort_unstable();
    let pick = |number: usize, bits: &[usize], of: &[usize]| {
        of.iter().zip(bits).fold(0, |mask, (to, from)| mask | (number >> from & 1) << to)
    };
    let numbered: Vec<usize> = (0..exchange.pairs.len()).collect();
    let part = 1usize << (layout.local - exchange.pairs.len());
    for other in 1..1usize << exchange.pairs.len() {
        let partner = fabric.rank() ^ pick(other, &numbered, &rank_bits);
        // the amplitudes in which the local qubits are as the partner's global ones
        let indices = Indices { fixed: fixed.clone(), pattern: pick(layout.number(partner), &rank_bits, &local_bits) };
        let run = indices.run().min(CHUNK);
        for plane in planes.iter_mut() {
            for start in (0..part).step_by(CHUNK) {
                let numbers = start..(start + CHUNK).min(part);
                let runs = numbers.clone().step_by(run).map(|number| indices.at(number));
                let mut send = std::mem::take(&mut buffers.send);
                send.clear();
                runs.clone().for_each(|index| send.extend_from_slice(&plane[index..index + run]));
                let received = buffers.swap(fabric, partner, &send)?;
                runs.zip(received.chunks_exact(run)).for_each(|(index, from)| plane[index..index + run].copy_from_slice(from));
                buffers.send = send;
                sent.messages += 1;
            }
        }
        sent.amplitudes += part as u64;
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabric::on_threads;
    use crate::kernel::block::BLOCK_BITS;

    /// Numbers that say where they belong are where they belong after an exchange, and as many were sent as foreseen.
    fn check(num_qubits: usize, local: usize, pairs: &[(usize, usize)]) {
        let exchange = Exchange { pairs: pairs.to_vec() };
        let mut before = Layout::in_order(num_qubits, local);
        pairs.iter().step_by(2).for_each(|(global, _)| before.turn(*global));
        let mut after = before.clone();
        after.apply(&exchange);
        on_threads(1 << (num_qubits - local), |fabric| {
            let at = |layout: &Layout| -> Vec<f64> {
                let (blocks, length) = (layout.blocks(fabric.rank()), 1usize << BLOCK_BITS);
                (0..blocks.count())
                    .flat_map(|block| (0..length).map(move |k| (k, block)))
                    .map(|(k, block)| (blocks.first(block) + k) as f64)
                    .collect()
            };
            let mut re = at(&before);
            let mut im: Vec<f64> = re.iter().map(|value| -value).collect();
            let sent = carry_out(fabric, &before, &exchange, &mut [&mut re, &mut im], &mut Buffers::default());
            assert_eq!(sent, Ok(traffic(pairs.len(), local)));
            assert!(re == at(&after), "{pairs:?}");
            assert!(im.iter().zip(&re).all(|(im, re)| *im == -re), "both planes alike");
        });
    }

    #[test]
    fn numbers_arrive_where_their_qubits_go() {
        let n = BLOCK_BITS + 6;
        check(n, n - 1, &[(n - 1, BLOCK_BITS)]);
        check(n, n - 1, &[(n - 1, n - 2)]);
        check(n, n - 3, &[(n - 2, BLOCK_BITS + 1)]);
        check(n, n - 3, &[(n - 1, BLOCK_BITS + 2), (n - 3, BLOCK_BITS)]);
        check(n, n - 3, &[(n - 2, n - 4), (n - 1, BLOCK_BITS), (n - 3, BLOCK_BITS + 1)]);
    }

    #[test]
    fn long_parts_go_in_several_messages() {
        // parts of two messages a plane
        let n = CHUNK.ilog2() as usize + 3;
        assert_eq!(traffic(1, n - 1), Traffic { messages: 4, amplitudes: 2 * CHUNK as u64 });
        check(n, n - 1, &[(n - 1, n - 2)]);
        assert_eq!(traffic(3, BLOCK_BITS + 3), Traffic { messages: 14, amplitudes: 7 << BLOCK_BITS });
    }
}
