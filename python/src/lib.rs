//! qloom for Python: the facade's types as classes, thin.
//!
//! Each file wraps one concept. Numbers cross as NumPy arrays; what runs long lets other Python threads run and looks at signals
//! every 50 milliseconds. Errors become the classes of `qloom.errors`.

mod angle;
mod array;
mod batch;
mod channel;
mod chemistry;
mod circuit;
mod classifier;
mod device;
mod energy;
mod environment;
mod error;
mod estimator;
mod evolution;
mod executable;
mod kernel;
mod knot;
mod library;
mod noise;
mod pauli;
mod plane;
mod program;
mod reservoir;
mod sampler;
mod search;
mod series;
mod state;
mod tableau;
mod work;

use pyo3::pymodule;

/// What is compiled of the package `qloom`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::angle::Angle;
    #[pymodule_export]
    use crate::batch::Batch;
    #[pymodule_export]
    use crate::channel::Channel;
    #[pymodule_export]
    use crate::chemistry::{Molecule, ground_energy};
    #[pymodule_export]
    use crate::circuit::{Circuit, gates};
    #[pymodule_export]
    use crate::classifier::Classifier;
    #[pymodule_export]
    use crate::device::{Device, compile};
    #[pymodule_export]
    use crate::energy::Energy;
    #[pymodule_export]
    use crate::environment::Environment;
    #[pymodule_export]
    use crate::estimator::Estimator;
    #[pymodule_export]
    use crate::evolution::{evolution, evolve, hessian, metric_tensor, propagate};
    #[pymodule_export]
    use crate::executable::Executable;
    #[pymodule_export]
    use crate::kernel::Kernel;
    #[pymodule_export]
    use crate::knot::{Braid, jones_of_diagram};
    #[pymodule_export]
    use crate::library::{
        efficient_su2, ghz, grid, hardware_efficient, heisenberg, ising, max_cut, qft, real_amplitudes, state_preparation,
        strongly_entangling, w_state,
    };
    #[pymodule_export]
    use crate::noise::NoiseModel;
    #[pymodule_export]
    use crate::pauli::PauliSum;
    #[pymodule_export]
    use crate::plane::Plane;
    #[pymodule_export]
    use crate::program::Program;
    #[pymodule_export]
    use crate::reservoir::Reservoir;
    #[pymodule_export]
    use crate::sampler::Sampler;
    #[pymodule_export]
    use crate::search::{Search, mine_gadgets};
    #[pymodule_export]
    use crate::series::SeriesModel;
    #[pymodule_export]
    use crate::state::{PauliVector, StateVector};
    #[pymodule_export]
    use crate::tableau::Tableau;
}
