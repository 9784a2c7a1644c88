//! Minimisation of real functions of several variables.
//!
//! An [`Objective`] gives a value, and a gradient if it has one; a [`MinimizerConfig`] picks and configures
//! a method; the result is a [`Minimum`]: the best point seen, its value, how many evaluations it cost, and
//! why the method stopped. Random numbers come from the caller. A value or gradient that is not finite is an error that names the evaluation.
//!
//! ```
//! use qloom_optim::{FunctionWithGradient, LbfgsConfig, MinimizerConfig};
//! use rand::{SeedableRng, rngs::ChaCha8Rng};
//!
//! // f(x, y) = (x - 1)^2 + 10 (y + 2)^2 is smallest, and 0, at (1, -2).
//! let mut bowl = FunctionWithGradient::new(|x: &[f64], gradient: &mut [f64]| {
//!     gradient[0] = 2.0 * (x[0] - 1.0);
//!     gradient[1] = 20.0 * (x[1] + 2.0);
//!     (x[0] - 1.0).powi(2) + 10.0 * (x[1] + 2.0).powi(2)
//! });
//! let mut minimizer = MinimizerConfig::Lbfgs(LbfgsConfig::default()).build()?;
//! let minimum = minimizer.minimize(&mut bowl, &[0.0, 0.0], &mut ChaCha8Rng::seed_from_u64(1))?;
//! assert!((minimum.point[0] - 1.0).abs() < 1e-6 && (minimum.point[1] + 2.0).abs() < 1e-6);
//! # Ok::<(), qloom_optim::OptimError>(())
//! ```

mod error;
mod evaluation;
mod minimizer;
mod minimum;
mod objective;
mod stepwise;

pub use error::OptimError;
pub use minimizer::adam_spsa::{AdamSpsa, AdamSpsaConfig, FirstStep, SpsaStage};
pub use minimizer::cobyla::{Cobyla, CobylaConfig};
pub use minimizer::lbfgs::{Lbfgs, LbfgsConfig};
pub use minimizer::natural_gradient::{NaturalGradient, NaturalGradientConfig, natural_direction};
pub use minimizer::perturbation::Returned;
pub use minimizer::rank_sgd::{RankSgd, RankSgdConfig};
pub use minimizer::rotosolve::{Rotosolve, RotosolveConfig, sine_minimum};
pub use minimizer::spsa::{Spsa, SpsaConfig};
pub use minimizer::{Minimizer, MinimizerConfig};
pub use minimum::{Evaluations, Minimum, StopReason};
pub use objective::{Function, FunctionWithGradient, Objective, ObjectiveError};
pub use stepwise::{Request, Stepwise};
