//! States alive at a time, and how many memory holds.

use super::branching::Branching;
use crate::config::SimulatorConfig;
use crate::error::SimError;

/// Counts the states that are alive; one at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// States alive.
    pub(super) live: u128,
    most: u128,
    bytes: u128,
    num_qubits: usize,
    limit: u128,
}

impl Room {
    /// Room for as many states as the memory limit holds.
    pub(super) fn new<S: Branching>(num_qubits: usize, config: SimulatorConfig) -> Self {
        Self::of(S::bytes(num_qubits), num_qubits, config)
    }

    /// Room for as many states of so many bytes as the memory limit holds.
    pub(super) fn of(bytes: u128, num_qubits: usize, config: SimulatorConfig) -> Self {
        let (bytes, limit) = (bytes.max(1), u128::from(config.memory_limit));
        Self { live: 1, most: limit / bytes, bytes, num_qubits, limit }
    }

    /// How many states memory holds.
    ///
    /// # Errors
    /// When it does not hold as many as this.
    pub(super) fn at_least(&self, states: u128) -> Result<u128, SimError> {
        match self.most >= states {
            true => Ok(self.most),
            false => Err(self.refusal(states)),
        }
    }

    fn refusal(&self, states: u128) -> SimError {
        SimError::MemoryLimit { num_qubits: self.num_qubits, needed: states * self.bytes, limit: self.limit }
    }

    /// The same room for a part of the states.
    pub(super) fn at_most(self, most: u128) -> Self {
        Self { most: most.min(self.most), ..self }
    }

    /// Counts one state more, before it is made.
    ///
    /// # Errors
    /// When memory does not hold it.
    pub(super) fn take(&mut self) -> Result<(), SimError> {
        self.live += 1;
        if self.live > self.most {
            return Err(self.refusal(self.live));
        }
        Ok(())
    }

    /// Whether half of what memory holds is alive.
    pub(super) fn is_half_full(&self) -> bool {
        self.live > self.most / 2
    }

    /// Counts one state less.
    pub(super) fn give(&mut self) {
        self.live -= 1;
    }
}
