//! qloom for Python: the facade's types as classes, thin.
//!
//! Each file wraps one concept. Numbers cross as NumPy arrays; what runs long lets other Python threads run and looks at signals
//! every 50 milliseconds. Errors become the classes of `qloom.errors`.

mod angle;
mod answer;
mod array;
mod batch;
mod benchmark_series;
mod channel;
mod chemistry;
mod circuit;
mod classifier;
mod device;
mod diagnostic;
mod energy;
mod environment;
mod error;
mod estimator;
mod evolution;
mod executable;
mod factored;
mod fermion;
mod frame;
mod held;
mod kernel;
mod knot;
mod library;
mod matrix_product;
mod measurement;
mod noise;
mod pauli;
mod plane;
mod program;
mod regression;
mod reservoir;
mod sampler;
mod search;
mod sequence;
mod series;
mod state;
mod symmetry;
mod tableau;
mod training;
mod trajectory;
mod work;

use pyo3::pymodule;

/// What is compiled of the package `qloom`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::angle::Angle;
    #[pymodule_export]
    use crate::answer::AnswerSelector;
    #[pymodule_export]
    use crate::batch::Batch;
    #[pymodule_export]
    use crate::benchmark_series::{
        bessel, damped_pendulum, delayed_control, lorenz, mackey_glass, narma, narma_drive, scaled, uniform_drive,
    };
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
    use crate::diagnostic::{diagnose_circuit, diagnose_kernel, effective_dimension, geometric_difference};
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
    use crate::factored::Factored;
    #[pymodule_export]
    use crate::fermion::FermionOperator;
    #[pymodule_export]
    use crate::frame::PauliFrames;
    #[pymodule_export]
    use crate::kernel::Kernel;
    #[pymodule_export]
    use crate::knot::{Braid, jones_of_diagram};
    #[pymodule_export]
    use crate::library::{
        determinant, efficient_su2, ghz, grid, hardware_efficient, hardware_efficient_from, heisenberg, hubbard, ising, max_cut,
        product_ansatz, qft, random_sum, real_amplitudes, state_preparation, strongly_entangling, w_state,
    };
    #[pymodule_export]
    use crate::matrix_product::MatrixProduct;
    #[pymodule_export]
    use crate::measurement::Measurements;
    #[pymodule_export]
    use crate::noise::NoiseModel;
    #[pymodule_export]
    use crate::pauli::PauliSum;
    #[pymodule_export]
    use crate::plane::Plane;
    #[pymodule_export]
    use crate::program::Program;
    #[pymodule_export]
    use crate::regression::{Regression, Unlabelled};
    #[pymodule_export]
    use crate::reservoir::Reservoir;
    #[pymodule_export]
    use crate::sampler::Sampler;
    #[pymodule_export]
    use crate::search::{Search, mine_gadgets, refit};
    #[pymodule_export]
    use crate::sequence::SequenceModel;
    #[pymodule_export]
    use crate::series::SeriesModel;
    #[pymodule_export]
    use crate::state::{PauliVector, StateVector};
    #[pymodule_export]
    use crate::symmetry::{Symmetries, Tapering, z2_symmetries};
    #[pymodule_export]
    use crate::tableau::Tableau;
    #[pymodule_export]
    use crate::trajectory::Trajectories;
}
