//! qloom
pub use qloom_circuits as circuits;
pub use qloom_knots as knots;
pub use qloom_optim as optim;
pub use qloom_qas as qas;
pub use qloom_sim as sim;
