//! From integrals and lattices to qubit Hamiltonians.
//!
//! [`Integrals`] are read from an FCIDUMP file and cut to an active space; a [`Molecule`] is their Hamiltonian on qubits under a
//! [`Mapping`] and a [`SpinOrder`], perhaps with qubits removed by a [`Reduction`]; [`excitations`] and [`product_ansatz`] make its circuits.
//! Lattice models, Z2 symmetries of any Pauli sum and other programs' operators stand beside it.
//!
//! ```
//! use qloom_chemistry::{Integrals, Mapping, Molecule, Reduction, SpinOrder};
//! let text = include_str!("../../data/molecules/fcidump/H2_0.7414.FCIDUMP");
//! let integrals = Integrals::from_fcidump(text)?;
//! assert!((integrals.hartree_fock_energy() + 1.116_684_387_085).abs() < 1e-12);
//! let molecule = Molecule::new(&integrals, Mapping::JordanWigner, SpinOrder::Interleaved, &Reduction::Taper)?;
//! assert_eq!(molecule.hamiltonian().num_qubits(), 1);
//! # Ok::<(), qloom_chemistry::ChemistryError>(())
//! ```
//!
//! Energies are in hartree, orbitals, modes and qubits are counted from 0.

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
pub use molecule::{Molecule, Quantity, Reduction};
pub use spin_orbitals::{Spin, SpinOrbitals, SpinOrder};
pub use symmetry::{Tapering, diagonal_value, z2_symmetries};
