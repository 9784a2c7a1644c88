//! Shots of circuits that measure on the way.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use crate::config::SimulatorConfig;
use crate::counts::Counts;
use crate::error::SimError;
use crate::memory;
use crate::program::{Program, Step};
use crate::real::Real;
use crate::state::StateVector;

impl Program {
    /// Runs the program `shots` times from `|0...0>` and counts the classical bits at the end.
    ///
    /// What comes before the first measurement, reset or condition runs once. Where everything after it is
    /// measurement, shots are drawn from one state; else every shot runs the rest by itself.
    ///
    /// # Errors
    /// When the number of parameter values is wrong, there are more than 64 classical bits, or memory does not suffice.
    pub fn sample<T: Real>(
        &self,
        parameters: &[f64],
        shots: u64,
        seed: u64,
        config: SimulatorConfig,
    ) -> Result<Counts, SimError> {
        if self.num_bits() > 64 {
            return Err(SimError::TooManyQubits { what: "a record of classical bits", given: self.num_bits(), limit: 64 });
        }
        let mut state = StateVector::<T>::with_config(self.num_qubits(), config)?;
        state.bind(self, parameters)?;
        let prefix = usize::from(matches!(self.steps.first(), Some(Step::Unitary(_))));
        if let Some(Step::Unitary(range)) = self.steps.first() {
            state.apply_bound(self, range.clone())?;
        }
        let mut counts = Counts::new(self.num_bits());
        if self.measures_last() {
            for step in &self.steps[prefix..] {
                if let Step::Unitary(range) = step {
                    state.apply_bound(self, range.clone())?;
                }
            }
            state.draw(shots, seed, |outcome, times| {
                let mut bits = 0;
                for step in &self.steps {
                    if let Step::Measure { qubit, bit } = step {
                        bits = bits & !(1 << bit) | (outcome >> qubit & 1) << bit;
                    }
                }
                counts.add(bits, times);
            });
            return Ok(counts);
        }
        memory::check::<T>(self.num_qubits(), 2, config.memory_limit)?;
        let mut shot = state.try_clone()?;
        for index in 0..shots {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(index);
            shot.copy_from(&state);
            let mut bits = 0;
            self.run_shot(&self.steps[prefix..], &mut shot, &mut bits, &mut rng)?;
            counts.add(bits, 1);
        }
        Ok(counts)
    }

    fn run_shot<T: Real>(
        &self,
        steps: &[Step],
        state: &mut StateVector<T>,
        bits: &mut u64,
        rng: &mut impl Rng,
    ) -> Result<(), SimError> {
        for step in steps {
            match step {
                Step::Unitary(range) => state.apply_bound(self, range.clone())?,
                Step::Measure { qubit, bit } => {
                    let outcome = state.measure(*qubit, rng)?;
                    *bits = *bits & !(1 << bit) | u64::from(outcome) << bit;
                }
                Step::Reset { qubit } => state.reset_qubit(*qubit, rng)?,
                Step::Conditional { condition, then, otherwise } => {
                    let value = condition.bits.iter().enumerate().fold(0, |value, (k, bit)| value | (*bits >> bit & 1) << k);
                    let block = if value == condition.value { then } else { otherwise };
                    self.run_shot(block, state, bits, rng)?;
                }
            }
        }
        Ok(())
    }
}
