//! Outcomes drawn from a state.

use qloom_circuits::Stream;

use super::StateVector;
use crate::counts::{Counts, multinomial};
use crate::error::SimError;
use crate::kernel::Real;
use crate::state::check_qubits;
use crate::sum::exactly;

/// From this many shots on, and four an amplitude, shots are drawn together.
pub(crate) const MANY_SHOTS: u64 = 1 << 22;

impl<T: Real> StateVector<T> {
    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`.
    ///
    /// One pass over the state without copying it: sorted uniform numbers are drawn in order and met by the
    /// running sum of the probabilities; where shots are many, one binomial number an amplitude. Costs at most `2^n`, whatever the shots.
    pub fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
        let mut counts = Counts::new(self.num_qubits());
        self.draw(shots, stream, |outcome, times| counts.add(outcome, times));
        counts
    }

    /// As [`StateVector::sample`] on some qubits; bit `k` of an outcome is the `k`-th listed qubit.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    pub fn sample_qubits(&self, qubits: &[usize], shots: u64, stream: &mut Stream) -> Result<Counts, SimError> {
        check_qubits(qubits, self.num_qubits())?;
        let mut counts = Counts::new(qubits.len());
        self.draw(shots, stream, |outcome, times| {
            let bits = qubits.iter().enumerate().fold(0, |bits, (bit, &qubit)| bits | (outcome >> qubit & 1) << bit);
            counts.add(bits, times);
        });
        Ok(counts)
    }

    fn draw(&self, shots: u64, stream: &mut Stream, mut seen: impl FnMut(u64, u64)) {
        if shots == 0 {
            return;
        }
        if shots >= MANY_SHOTS.max((self.dimension() as u64).saturating_mul(4)) {
            return self.draw_many(shots, stream, seen);
        }
        // Sums of exponential variables, divided by the whole sum, are sorted uniform numbers.
        let exponential = |stream: &mut Stream| -(1.0 - stream.unit()).ln();
        let mut again = Stream::load(&stream.save());
        let whole: f64 = (0..=shots).map(|_| exponential(stream)).sum();
        let pieces = self.piece_weights();
        let norm = exactly(pieces.iter().copied());
        let scale = norm / whole;
        let mut drawn = 0;
        let mut point = exponential(&mut again) * scale;
        let mut reached = 0.0;
        let mut last = 0;
        for (number, piece_weight) in pieces.into_iter().enumerate() {
            let end = reached + piece_weight;
            if end <= point {
                reached = end;
                continue;
            }
            let mut sum = reached;
            for (index, weight) in self.piece(number).zip(self.piece_probabilities(number)) {
                sum += weight;
                if weight > 0.0 {
                    last = index as u64;
                }
                let mut times = 0;
                while point < sum && drawn < shots {
                    times += 1;
                    drawn += 1;
                    point += exponential(&mut again) * scale;
                }
                if times > 0 {
                    seen(index as u64, times);
                }
            }
            reached = end;
        }
        // Rounding may leave a last few beyond the sum.
        if drawn < shots {
            seen(last, shots - drawn);
        }
    }

    /// Shots over the pieces of the state, and those of a piece over its amplitudes.
    fn draw_many(&self, shots: u64, stream: &mut Stream, mut seen: impl FnMut(u64, u64)) {
        let mut shares = Vec::new();
        multinomial(&self.piece_weights(), shots, stream, |number, times| shares.push((number, times)));
        for (number, times) in shares {
            let first = self.piece(number).start;
            let piece = self.piece_probabilities(number);
            multinomial(&piece, times, stream, |index, times| seen((first + index) as u64, times));
        }
    }
}
