//! Circuits by their usual names.

mod ansatz;
mod feature_map;
mod random;
mod state;

pub use ansatz::{brickwork, hardware_efficient, zz_feature_map};
pub use feature_map::{Entanglement, FeatureMap};
pub use random::random;
pub use state::{ghz, qft, w_state};
