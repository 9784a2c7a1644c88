//! The inner loops, and the only unsafe code: generic over precision and instruction set.
//!
//! A state is two planes, real and imaginary parts, cut into vectors of `L` lanes; the low bits of a basis
//! index are the lane, the high bits the vector. Masks over qubits are split the same way.

#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop, reason = "loops over registers by number are what gets unrolled")]
#![allow(clippy::redundant_locals, reason = "a copy inside a closure cannot be changed by stores")]

mod backward;
pub(crate) mod block;
mod dense;
mod diagonal;
mod entry;
mod flip;
mod kraus;
mod lanes;
mod observable;
mod overlap;
mod parity;
mod pauli;
mod plane;
mod real;
mod rotation;
mod run;
mod sincos;
#[cfg(test)]
mod tests;
mod tile;
mod vector;
mod weight;

pub(crate) use backward::{Numbers, TwoStates, WayBack};
pub(crate) use entry::Kernels;
pub(crate) use lanes::{
    BLOCK, DenseScratch, Grow, LaneAngle, LaneObservables, LaneOp, LanePart, LanePlan, LaneProgram, LaneScratch, Phases, Reading,
    Turns, batch_lanes, chain_lanes,
};
pub(crate) use observable::Block;
pub(crate) use parity::{PhaseStep, multiply_phases, phase_table, walsh_plane};
pub(crate) use pauli::{
    Four, Many, NONE, Numbers as PauliNumbers, Origin as PauliOrigin, Pair as PauliPair, Part as PauliPart, Pass as PauliPass,
    PassBuffers, Signed, Slopes, Step as PauliStep, Two, Wanted, go_back, place, product_slopes, record, run_pass, start,
};
pub(crate) use plane::{Plane, bytes, bytes_mut};
pub use real::Real;
pub(crate) use run::{Derivative, Factor};
pub(crate) use sincos::cosines_and_sines;
pub(crate) use tile::{
    Addresses, Buffers, Diagonal, Group, Member, Pair, PairStep, Part, Pass, Places, Plan, Shape, TileOp, TilePass, Turn, width,
};
