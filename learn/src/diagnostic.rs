//! What can be known of a kernel or a circuit before anything is trained.

mod circuit;
mod dimension;
mod kernel;

pub use circuit::{CircuitDiagnosis, diagnose_circuit};
pub use dimension::{EffectiveDimension, FisherDiagnosis, effective_dimension};
pub use kernel::{
    Concentration, GeometricDifference, KernelDiagnosis, concentration, diagnose_kernel, geometric_difference, target_alignment,
};
