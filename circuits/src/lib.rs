//! Programs as data: gates, circuits, observables, OpenQASM and drawings; and the streams of random numbers everybody draws from.
//!
//! Nothing here simulates, reads files or uses unsafe code. Qubit 0 is the least significant bit of a basis
//! index, the first listed qubit of a gate the least significant index bit of its matrix, and rotations are
//! `exp(-i theta P/2)` with angles in radians.

mod angle;
mod channel;
mod circuit;
pub mod draw;
mod error;
mod gate;
mod inverse;
pub mod library;
mod lowering;
mod matrix;
mod metrics;
mod operation;
mod pauli;
pub mod program;
pub mod qasm;
mod schedule;
mod stream;
pub mod synthesis;

pub use angle::Angle;
pub use channel::Channel;
pub use circuit::{Circuit, Note, Register};
pub use error::CircuitError;
pub use gate::{Action, Frequencies, Gate, GateSpec, Headers, Part, Primitive, PrimitiveKind};
pub use matrix::Matrix;
pub use metrics::Metrics;
pub use operation::{Angles, Condition, Conditional, Operation, Qubits};
pub use pauli::{HamiltonianFile, Pauli, PauliOperator, PauliString, PauliSum};
pub use schedule::Schedule;
pub use stream::{Stream, StreamState};
