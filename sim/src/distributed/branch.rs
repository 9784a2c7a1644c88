//! What a circuit does to a distributed state where it branches: copies, outcomes of measurements, X on a qubit.

use qloom_circuits::Stream;

use super::exchange::{Buffers, CHUNK};
use super::state::DistributedState;
use crate::error::SimError;
use crate::fabric::{Fabric, Traffic};
use crate::kernel::Real;
use crate::state::check_qubits;
use crate::team;

/// What every rank has, or the failure of one of them on all, so that none waits for one that has gone.
pub(super) fn together<V>(fabric: &dyn Fabric, own: Result<V, SimError>) -> Result<V, SimError> {
    let reason = own.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let reasons = fabric.gather(reason.as_bytes())?;
    match reasons.iter().enumerate().find(|(_, reason)| !reason.is_empty()) {
        Some((rank, reason)) => Err(SimError::Ranks { reason: format!("rank {rank}: {}", String::from_utf8_lossy(reason)) }),
        None => own,
    }
}

impl<T: Real> DistributedState<'_, T> {
    /// A copy, which has sent nothing yet.
    ///
    /// # Errors
    /// When the allocator of a rank refuses, or a rank has ended.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        let planes = || Ok((self.re.try_clone()?, self.im.try_clone()?));
        let (re, im) = together(self.fabric, planes())?;
        Ok(Self {
            fabric: self.fabric,
            num_qubits: self.num_qubits,
            config: self.config,
            layout: self.layout.clone(),
            re,
            im,
            buffers: Buffers::default(),
            sent: Traffic::default(),
            fresh: self.fresh,
            factors: Vec::new(),
            tiles: Vec::new(),
        })
    }

    /// Measures a qubit: draws the outcome and projects. It is that of [`StateVector::measure`](crate::StateVector::measure) with the
    /// same stream.
    ///
    /// ```
    /// use qloom_circuits::{Stream, library};
    /// use qloom_sim::{DistributedState, Program, SimulatorConfig, on_threads};
    /// let config = SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() };
    /// let outcomes = on_threads(4, |fabric| {
    ///     let mut state = DistributedState::<f64>::zero(14, config, fabric)?;
    ///     state.apply(&Program::new(&library::ghz(14))?, &[])?;
    ///     let outcome = state.measure(13, &mut Stream::named(1, "shots"))?;
    ///     assert_eq!(state.probabilities(&[0])?[usize::from(outcome)], 1.0); // the first qubit is as the last
    ///     Ok::<bool, qloom_sim::SimError>(outcome)
    /// });
    /// assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
    /// ```
    ///
    /// # Errors
    /// When the qubit is outside the register, or a rank has ended.
    pub fn measure(&mut self, qubit: usize, stream: &mut Stream) -> Result<bool, SimError> {
        let [zero, one] = self.halves(qubit)?;
        let outcome = stream.unit() * (zero + one) < one;
        self.keep(qubit, outcome, if outcome { one } else { zero });
        Ok(outcome)
    }

    /// Keeps the part of the state where a qubit has this value, and normalises it. Costs a sum over all ranks and a pass, no slice.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value; when a rank has ended.
    pub fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        let weight = self.halves(qubit)?[usize::from(outcome)];
        if weight <= 0.0 {
            return Err(SimError::NotNormalised { norm: weight.sqrt() });
        }
        self.keep(qubit, outcome, weight);
        Ok(())
    }

    /// Probabilities of zero and of one.
    fn halves(&self, qubit: usize) -> Result<[f64; 2], SimError> {
        check_qubits(&[qubit], self.num_qubits)?;
        let level = self.config.instruction_set.level();
        let sums = self.sums(2, |first, re, im, sums| {
            let (zero, one) = T::block_halves(level, first, re, im, qubit);
            sums[0].add(zero);
            sums[1].add(one);
        })?;
        Ok([sums[0].value(), sums[1].value()])
    }

    fn keep(&mut self, qubit: usize, outcome: bool, weight: f64) {
        self.fresh = false;
        let scale = T::from_f64(1.0 / weight.sqrt());
        let (place, local) = (self.layout.places[qubit], self.layout.local);
        // what follows a slice's index bits in an index tells whether the slice is of ones
        let above = usize::from(self.layout.ones(self.fabric.rank()) >> qubit & 1 == 1) << local;
        let bit = (place.min(local), outcome);
        team::planes(self.config.threads, (&mut self.re, &mut self.im), |first, re, im| {
            T::keep(above + first, re, im, bit, scale);
        });
    }

    /// X on a qubit; on a global one it moves nothing.
    pub(crate) fn flip(&mut self, qubit: usize) {
        self.fresh = false;
        let place = self.layout.places[qubit];
        if place >= self.layout.local {
            return self.layout.turn(qubit);
        }
        T::flip(&mut self.re, place);
        T::flip(&mut self.im, place);
    }

    /// Gives rank `r` the `r`-th stretch of the basis, so that states that have come different ways can be added up; gives the first basis
    /// index of this rank's stretch.
    ///
    /// Sends part of a slice for the qubits that change between local and global, and a slice at most for each bit of the ranks' numbers
    /// that then means another qubit or the other value.
    ///
    /// # Errors
    /// When a rank has ended.
    pub fn sort(&mut self) -> Result<usize, SimError> {
        self.in_order()?;
        let local = self.layout.local;
        if self.layout.turned != 0 {
            self.swap_slices(self.layout.turned)?;
            self.layout.turned = 0;
        }
        for place in local..self.num_qubits {
            let away = self.layout.places[place];
            if away == place {
                continue;
            }
            // the qubit of this number comes to its bit, the one that is there takes the bit that becomes free
            let number = self.fabric.rank();
            let bits = 1 << (place - local) | 1 << (away - local);
            if (number & bits).count_ones() == 1 {
                self.swap_slices(bits)?;
            }
            for other in &mut self.layout.places {
                *other = if *other == place {
                    away
                } else if *other == away {
                    place
                } else {
                    *other
                };
            }
        }
        Ok(self.fabric.rank() << local)
    }

    /// Exchanges slices with the rank whose number differs in these bits.
    fn swap_slices(&mut self, bits: usize) -> Result<(), SimError> {
        let Self { fabric, re, im, buffers, sent, .. } = self;
        let partner = fabric.rank() ^ bits;
        for (re, im) in re.chunks_mut(CHUNK).zip(im.chunks_mut(CHUNK)) {
            let (other_re, other_im) = buffers.swap_planes(*fabric, partner, (re, im))?;
            re.copy_from_slice(other_re);
            im.copy_from_slice(other_im);
            *sent += Traffic { messages: 2, amplitudes: re.len() as u64 };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::library;

    use super::*;
    use crate::config::SimulatorConfig;
    use crate::fabric::on_threads;
    use crate::program::Program;
    use crate::state::StateVector;

    const QUBITS: usize = 17;

    fn config() -> SimulatorConfig {
        SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() }
    }

    /// X and what is kept, on qubits of every place, beside one process; in between programs, which exchange qubits.
    #[test]
    fn flips_and_outcomes_have_the_bits_of_one_process() {
        let program = Program::new(&library::random(QUBITS, 60, &mut Stream::named(3, "random"))).expect("gates");
        let qubits = [QUBITS - 1, 0, 11, QUBITS - 2, 5, 14, 10];
        let mut alone = StateVector::<f64>::zero(QUBITS, config()).expect("fits");
        let mut expected = Vec::new();
        let mut stream = Stream::named(1, "outcomes");
        for qubit in qubits {
            alone.run(&program, &[]).expect("runs");
            alone.flip(qubit);
            expected.push(alone.measure((qubit + 1) % QUBITS, &mut stream).expect("there"));
            alone.flip(QUBITS - 1);
        }
        let alone = &alone;
        for ranks in [1, 2, 4, 8] {
            on_threads(ranks, |fabric| {
                let mut state = DistributedState::<f64>::zero(QUBITS, config(), fabric).expect("fits");
                let (mut found, mut stream) = (Vec::new(), Stream::named(1, "outcomes"));
                for qubit in qubits {
                    state.apply(&program, &[]).expect("runs");
                    state.flip(qubit);
                    found.push(state.measure((qubit + 1) % QUBITS, &mut stream).expect("there"));
                    state = state.try_clone().expect("fits");
                    state.flip(QUBITS - 1);
                }
                assert_eq!(found, expected, "{ranks} ranks");
                assert!(state.own_amplitudes().all(|(index, value)| value == alone.amplitude(index)), "{ranks} ranks");
                assert_eq!(state.amplitude(12_345), Ok(alone.amplitude(12_345)));
                let first = state.sort().expect("all are there");
                let stretch = first..first + (1 << QUBITS) / ranks;
                assert!(state.own_amplitudes().all(|(index, value)| stretch.contains(&index) && value == alone.amplitude(index)));
                assert_eq!(first, fabric.rank() * (1 << QUBITS) / ranks);
            });
        }
    }

    #[test]
    fn what_cannot_be_is_refused_on_all_ranks() {
        let ends = on_threads(2, |fabric| {
            let mut state = DistributedState::<f32>::zero(QUBITS, config(), fabric).expect("fits");
            let never = [state.project(QUBITS - 1, true), state.project(0, true), state.project(QUBITS, false)];
            assert!(never.iter().all(Result::is_err), "{never:?}");
            state.flip(QUBITS - 1);
            state.project(QUBITS - 1, true).expect("always");
            state.reset();
            state.project(QUBITS - 1, false).expect("it begins anew");
            let own = if fabric.rank() == 1 { Err(SimError::Allocation { bytes: 5 }) } else { Ok(1) };
            together(fabric, own)
        });
        assert!(ends[0] == ends[1] && ends[0].as_ref().expect_err("one failed").to_string().contains("rank 1: 5 bytes"));
    }
}
