//! What the simulator promises, checked from outside.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "promises/batches.rs"]
mod batches;
#[path = "promises/closed_forms.rs"]
mod closed_forms;
#[path = "promises/energies.rs"]
mod energies;
#[path = "promises/exactness.rs"]
mod exactness;
#[path = "promises/low_states.rs"]
mod low_states;
#[path = "promises/products.rs"]
mod products;
#[path = "promises/random.rs"]
mod random;
#[path = "promises/sampling.rs"]
mod sampling;
