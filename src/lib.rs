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
//! | [`sim`] | state vectors, gradients, shots |
//! | [`optim`] | minimisation with every evaluation counted |
//! | [`nn`] | small networks: tape, layers, losses, optimisers |
//! | [`qas`] | architecture search: circuits found by reinforcement learning |
//! | [`knots`] | from a link to the Jones polynomial |
//!
//! Qubit 0 is the least significant bit of a basis index and stands rightmost in printed bitstrings; rotations are
//! `exp(-i theta P/2)` in radians; energies are in hartree.

pub use qloom_circuits as circuits;
pub use qloom_knots as knots;
pub use qloom_nn as nn;
pub use qloom_optim as optim;
pub use qloom_qas as qas;
pub use qloom_sim as sim;
