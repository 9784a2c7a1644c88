//! From a link to a braid to the Jones polynomial, exactly and by sampled circuits.
//!
//! Letter `+i` of a braid word is a positive (right-handed) crossing; the trace closure of `[1, 1, 1]` is the right-handed
//! trefoil with `V = t + t^3 - t^4`. `t = A^{-4}` and `t^{1/2} = A^{-2}`; at the fifth root `A = e^{-3 pi i/5}`, so that
//! `t = e^{2 pi i/5}` and `t^{1/2} = -e^{i pi/5}`.

pub mod benchmark;
mod braid;
pub mod circuit;
pub mod draw;
mod dt;
mod error;
pub mod estimate;
mod exact;
pub mod fibonacci;
mod laurent;
pub mod path_model;
mod pd;
mod plat;
mod simplify;
pub mod table;
mod text;
mod vogel;

pub use braid::{Braid, Closure};
pub use error::KnotError;
pub use exact::{Exact, Limits, Method, jones_of_braid, jones_of_diagram};
pub use laurent::Laurent;
pub use num_complex::Complex64;
pub use pd::Diagram;
pub use plat::writhe as plat_writhe;
pub use simplify::{SimplifyConfig, cost, simplify, split};
