//! One state vector held by several ranks, each with a slice of it.
//!
//! A rank has `2^(n-p)` of `2^n` amplitudes, with `2^p` ranks. The plan of one process is carried out as it is: what a pass does to an
//! amplitude depends on its tile alone, and a tile lies in one slice as soon as its qubits are *local*, index bits within slices, not *global*,
//! bits of the rank's number. So the state has the same bits at every number of ranks. Before a pass that needs global qubits, these change
//! places with local ones whose next use is furthest, all in one exchange among `2^k` ranks in which each sends `1 - 2^-k` of its slice; phases and
//! controls on global qubits are read off the rank's number, and X on one of them gives the numbers another meaning. Which qubits begin as global is chosen from the program, as `|0...0>` is the same in every layout.
//!
//! The lowest qubits are never global, so that blocks of amplitudes stay whole; values are exact sums over blocks, which no order changes.

mod branch;
mod exchange;
mod gradient;
mod layout;
mod partner;
mod plan;
mod read;
mod sample;
mod schedule;
mod state;
mod whole;

pub use plan::DistributedPlan;
pub use state::DistributedState;
