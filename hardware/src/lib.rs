//! What a quantum computer is, once: native gates, couplings, durations and calibration data; circuits compiled for it, and its noise.
//!
//! Nothing here simulates or reads files. [`compile()`] rewrites a circuit for a [`Device`], [`translate`] into the native gates of an
//! OpenQASM dialect, a [`NoiseModel`] inserts channels into a circuit, and [`fold`] makes a circuit longer on purpose.

mod calibration;
mod compile;
mod connectivity;
mod device;
mod error;
mod folding;
mod machine;
mod noise;
mod placement;
mod translate;
mod uniform;

pub use compile::{CompileOptions, Compiled, compile};
pub use device::{Device, DeviceDurations, GateCalibration, PlacedGate, QubitCalibration};
pub use error::HardwareError;
pub use folding::{Folding, fold, insert_identities};
pub use noise::{GateTimes, IdleNoise, NoiseModel, NoiseRule, PlacedTime, Relaxation};
pub use translate::{translate, verbatim};
pub use uniform::UniformNoise;
