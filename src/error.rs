//! One error over those of all libraries.

use qloom_circuits::CircuitError;
use qloom_circuits::qasm::{QasmError, QasmErrors};
use qloom_estimate::EstimateError;
use qloom_hardware::HardwareError;
use qloom_sim::SimError;

/// What can go wrong in any of the libraries; each message names the value, the limit and the remedy.
///
/// ```
/// use qloom::circuits::{Circuit, PauliSum, qasm};
/// fn ground_energy_of(text: &str) -> Result<f64, qloom::Error> {
///     Ok(qloom::sim::ground_energy(&text.parse::<PauliSum>()?)?)
/// }
/// assert!((ground_energy_of("Z0 - 0.5")? + 1.5).abs() < 1e-12);
/// let error = qasm::read("qreg q[2]; CX q[0], q[5];").map_err(qloom::Error::from).unwrap_err();
/// assert!(matches!(error, qloom::Error::Read(_)));
/// # Ok::<(), qloom::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A circuit, an observable or a channel.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// An OpenQASM program that cannot be read.
    #[error(transparent)]
    Read(#[from] QasmErrors),
    /// A circuit that cannot be written as OpenQASM.
    #[error(transparent)]
    Write(#[from] QasmError),
    /// A machine, its noise, or a circuit for it.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// A simulation.
    #[error(transparent)]
    Simulation(#[from] SimError),
    /// A measurement.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    /// A neural network.
    #[cfg(any(feature = "search", feature = "learn"))]
    #[error(transparent)]
    Network(#[from] qloom_nn::NnError),
    /// A minimisation.
    #[cfg(any(feature = "search", feature = "learn"))]
    #[error(transparent)]
    Optimisation(#[from] qloom_optim::OptimError),
    /// A search.
    #[cfg(feature = "search")]
    #[error(transparent)]
    Search(#[from] qloom_qas::QasError),
    /// Learning from data.
    #[cfg(feature = "learn")]
    #[error(transparent)]
    Learn(#[from] qloom_learn::LearnError),
    /// Integrals, operators of fermions, or their encoding.
    #[cfg(feature = "chemistry")]
    #[error(transparent)]
    Chemistry(#[from] qloom_chemistry::ChemistryError),
    /// A link or its polynomial.
    #[cfg(feature = "knots")]
    #[error(transparent)]
    Knot(#[from] qloom_knots::KnotError),
}
