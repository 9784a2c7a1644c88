//! From integrals and lattices to qubit Hamiltonians.

mod active_space;
mod error;
mod fcidump;
mod fermion;
mod integrals;
mod mapping;
mod spin_orbitals;
mod symmetry;

pub use error::ChemistryError;
pub use fermion::{FermionOperator, Ladder};
pub use integrals::Integrals;
pub use mapping::{Encoding, Mapping};
pub use spin_orbitals::{Spin, SpinOrbitals, SpinOrder};
pub use symmetry::{Tapering, diagonal_value, z2_symmetries};
