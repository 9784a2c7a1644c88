//! From integrals and lattices to qubit Hamiltonians.

mod active_space;
mod ansatz;
mod density;
mod error;
mod fcidump;
mod fermion;
mod format;
mod integrals;
mod lattice;
mod mapping;
mod molecule;
mod spin_orbitals;
mod symmetry;

pub use ansatz::{Excitation, Pool, append_excitation, basis_state, excitations, hardware_efficient_from, product_ansatz};
pub use density::{DensityMatrices, density_matrices};
pub use error::ChemistryError;
pub use fermion::{FermionOperator, Ladder};
pub use format::{ForeignOperator, openfermion_text, qiskit_list, read_openfermion, read_qiskit};
pub use integrals::Integrals;
pub use lattice::{Lattice, heisenberg, hubbard, ising, max_cut, random_sum};
pub use mapping::{Encoding, Mapping};
pub use molecule::{Molecule, Reduction};
pub use spin_orbitals::{Spin, SpinOrbitals, SpinOrder};
pub use symmetry::{Tapering, diagonal_value, z2_symmetries};
