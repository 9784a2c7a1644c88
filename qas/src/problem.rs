//! What is to be solved.

use qloom_circuits::PauliSum;
use serde::{Deserialize, Serialize};

use crate::QasError;

/// A Hamiltonian whose ground state a circuit is sought for, and what is known about it.
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_qas::Problem;
///
/// let z = PauliSum::new(1, [(PauliString::from_word("Z")?, 1.0), (PauliString::IDENTITY, 0.5)])?;
/// let problem = Problem::new("one spin", z)?.with_exact_energy(-0.5)?;
/// assert_eq!(problem.lower_bound(), -0.5);
/// assert_eq!(problem.error(-0.4), Some(-0.4 - -0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    name: String,
    hamiltonian: PauliSum,
    exact_energy: Option<f64>,
    hartree_fock_energy: Option<f64>,
    unit: String,
}

impl Problem {
    /// A problem of which only the Hamiltonian is known; energies are in hartree unless said otherwise.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the Hamiltonian acts on no qubit.
    pub fn new(name: impl Into<String>, hamiltonian: PauliSum) -> Result<Self, QasError> {
        if hamiltonian.num_qubits() == 0 {
            return Err(QasError::invalid("problem.hamiltonian", "on 0 qubits", "it has to act on at least one qubit"));
        }
        Ok(Self { name: name.into(), hamiltonian, exact_energy: None, hartree_fock_energy: None, unit: "hartree".to_owned() })
    }

    /// States the exact ground energy, against which errors are reported.
    ///
    /// # Errors
    ///
    /// [`QasError::NonFiniteEnergy`] when it is not finite.
    pub fn with_exact_energy(mut self, energy: f64) -> Result<Self, QasError> {
        self.exact_energy = Some(finite("exact_energy", energy)?);
        Ok(self)
    }

    /// States the Hartree-Fock energy, for comparison.
    ///
    /// # Errors
    ///
    /// [`QasError::NonFiniteEnergy`] when it is not finite.
    pub fn with_hartree_fock_energy(mut self, energy: f64) -> Result<Self, QasError> {
        self.hartree_fock_energy = Some(finite("hartree_fock_energy", energy)?);
        Ok(self)
    }

    /// Names the unit of the energies.
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Name, for reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Hamiltonian.
    pub fn hamiltonian(&self) -> &PauliSum {
        &self.hamiltonian
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.hamiltonian.num_qubits()
    }

    /// The exact ground energy, if known.
    pub fn exact_energy(&self) -> Option<f64> {
        self.exact_energy
    }

    /// The Hartree-Fock energy, if known.
    pub fn hartree_fock_energy(&self) -> Option<f64> {
        self.hartree_fock_energy
    }

    /// Unit of the energies.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The constant less the absolute coefficients of all other terms: no state has a lower energy.
    pub fn lower_bound(&self) -> f64 {
        self.hamiltonian.lower_bound()
    }

    /// How far an energy is above the exact ground energy, if that is known.
    pub fn error(&self, energy: f64) -> Option<f64> {
        self.exact_energy.map(|exact| energy - exact)
    }
}

fn finite(what: &'static str, energy: f64) -> Result<f64, QasError> {
    if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what, energy }) }
}

/// Where an experiment finds its problem; the caller reads the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemConfig {
    /// The Hamiltonian of a file.
    Hamiltonian(HamiltonianConfig),
}

/// A Hamiltonian by the name of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HamiltonianConfig {
    /// Path of the file, as the caller understands it.
    pub file: String,
    /// Unit of its energies, for reports. Default `hartree`.
    #[serde(default = "hartree")]
    pub unit: String,
}

fn hartree() -> String {
    "hartree".to_owned()
}
