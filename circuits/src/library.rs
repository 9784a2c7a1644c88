//! Circuits by their usual names.

mod ansatz;
mod evolution;
mod feature_map;
mod preparation;
mod random;
mod state;

pub use ansatz::{
    basic_entangler, brickwork, efficient_su2, hardware_efficient, real_amplitudes, strongly_entangling, two_local,
    zz_feature_map,
};
pub use evolution::{ProductFormula, drawn_evolution, evolution, multi_product_weights};
pub use feature_map::{Entanglement, FeatureMap};
pub use preparation::state_preparation;
pub use random::random;
pub use state::{ghz, qft, w_state};
