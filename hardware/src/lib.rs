//! What a quantum machine is, once: native gates, couplings, durations and calibration; circuits compiled for it, and the noise it adds.
//!
//! Nothing here simulates or reads files. [`compile()`] rewrites a circuit for a [`Target`], [`translate`] into the native gates of an
//! OpenQASM dialect, a [`NoiseModel`] puts channels into a circuit, and [`fold`] makes it longer on purpose.

mod compile;
mod error;
mod folding;
mod noise;
mod translate;

pub use compile::{CompileOptions, Compiled, Target, compile};
pub use error::HardwareError;
pub use folding::{Folding, fold, insert_identities};
pub use noise::{
    Device, DeviceError, GateCalibration, GateTimes, IdleNoise, NoiseModel, NoiseRule, PlacedGate, QubitCalibration, Relaxation,
};
pub use translate::translate;
