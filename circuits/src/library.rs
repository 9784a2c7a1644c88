//! Circuits by their usual names.

mod ansatz;
mod random;
mod state;

pub use ansatz::{brickwork, hardware_efficient, zz_feature_map};
pub use random::random;
pub use state::{ghz, qft, w_state};
