//! Quantum circuits, simulated fast enough to sit in the inner loop of a learner, and the learners on top.
//!
//! A circuit built, simulated, differentiated and written as OpenQASM:
//!
//! ```
#![doc = include_str!("../examples/front_page.rs")]
//! ```
//!
//! | room | what is there |
//! | --- | --- |
//! | [`circuits`] | gates, circuits, observables, OpenQASM, drawings |
//! | [`hardware`] | machines: native gates, couplings, calibrations, noise; compilation |
//! | [`sim`] | state vectors and Pauli vectors, programs, exact gradients |
//! | [`estimate`] | what is measured: shots, read-out errors, mitigation, parameter shifts |
//! | `nn` | layers, losses and optimisers on a reverse-mode tape (features `search`, `learn`) |
//! | `optim` | minimisation with every evaluation counted (features `search`, `learn`) |
//! | `qas` | architecture search: circuits found by reinforcement learning (feature `search`) |
//! | `learn` | recurrent networks and reservoirs on series (feature `learn`) |
//! | `chemistry` | integrals, lattices, encodings of fermions, symmetries (feature `chemistry`) |
//! | `knots` | from a link to the Jones polynomial (feature `knots`) |
//!
//! All features are on by default; without them there are circuits, machines, simulation and measurement. Every library has its own
//! error; [`Error`] is over all of them.
//!
//! Qubit 0 is the least significant bit of a basis index and stands rightmost in printed bitstrings; rotations are
//! `exp(-i theta P/2)` in radians; energies are in hartree.

mod error;

pub use error::Error;
#[cfg(feature = "chemistry")]
pub use qloom_chemistry as chemistry;
pub use qloom_circuits as circuits;
pub use qloom_estimate as estimate;
pub use qloom_hardware as hardware;
#[cfg(feature = "knots")]
pub use qloom_knots as knots;
#[cfg(feature = "learn")]
pub use qloom_learn as learn;
#[cfg(any(feature = "search", feature = "learn"))]
pub use qloom_nn as nn;
#[cfg(any(feature = "search", feature = "learn"))]
pub use qloom_optim as optim;
#[cfg(feature = "search")]
pub use qloom_qas as qas;
pub use qloom_sim as sim;
