//! A molecule on qubits, with what tells its electrons again after qubits were removed.

use num_complex::Complex64;
use qloom_circuits::{PauliOperator, PauliString, PauliSum};

use crate::error::ChemistryError;
use crate::integrals::Integrals;
use crate::mapping::Mapping;
use crate::spin_orbitals::{Spin, SpinOrbitals, SpinOrder};
use crate::symmetry::{Tapering, diagonal_value, z2_symmetries};

/// Which qubits are removed.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Reduction {
    /// None.
    #[default]
    None,
    /// Those of the alpha parity and the total parity, `n/2 - 1` and `n - 1` of the parity mapping in blocked order.
    TwoQubit,
    /// One for each diagonal Z2 symmetry, in the sector of the Hartree-Fock determinant.
    Taper,
    /// One for each diagonal Z2 symmetry, in the sector of these eigenvalues (1 or -1), in the order of [`Molecule::symmetries`].
    Sector(Vec<f64>),
}

/// What a penalty holds at a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The number of electrons.
    Number,
    /// The spin along z, in units of hbar.
    SpinZ,
    /// The square of the spin, in units of hbar squared; `s (s + 1)` in a state of spin `s`.
    SpinSquared,
}

/// Terms of a penalty below this are rounding.
const NOTHING: f64 = 1e-12;

/// The Hamiltonian of a molecule on qubits.
///
/// ```
/// use qloom_chemistry::{Integrals, Mapping, Molecule, Reduction, SpinOrder};
/// let text = "&FCI NORB=1, NELEC=2 /\n0.5 1 1 1 1\n-1.0 1 1 0 0\n";
/// let integrals = Integrals::from_fcidump(text)?;
/// let molecule = Molecule::new(&integrals, Mapping::Parity, SpinOrder::Blocked, &Reduction::TwoQubit)?;
/// assert_eq!((molecule.hamiltonian().num_qubits(), molecule.hamiltonian().constant()), (0, -1.5));
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Molecule {
    orbitals: SpinOrbitals,
    hamiltonian: PauliSum,
    hartree_fock_bits: Option<Vec<bool>>,
    symmetries: Vec<PauliString>,
    signs: Vec<f64>,
    tapering: Tapering,
    /// For alpha and beta: the mask whose parity is the occupation of each orbital, and whether it is negated.
    occupations: [Vec<(u64, bool)>; 2],
}

impl Molecule {
    /// Maps the integrals and removes qubits.
    ///
    /// # Errors
    /// For more than 32 orbitals, a two-qubit reduction of another mapping or order, or a sector of the wrong length.
    pub fn new(integrals: &Integrals, mapping: Mapping, order: SpinOrder, reduction: &Reduction) -> Result<Self, ChemistryError> {
        let orbitals = SpinOrbitals::new(mapping, order, integrals.num_orbitals())?;
        let whole = orbitals.hamiltonian(integrals)?;
        let (alpha, beta) = integrals.hartree_fock();
        let bits = orbitals.determinant(&alpha, &beta);
        let n = whole.num_qubits();
        let symmetries = match reduction {
            Reduction::None => Vec::new(),
            Reduction::TwoQubit if mapping != Mapping::Parity || order != SpinOrder::Blocked => {
                return Err(ChemistryError::Choice {
                    choice: "the two-qubit reduction",
                    reason: "removes qubits that hold parities in the parity mapping of blocked order only",
                    remedy: "choose these, or taper, which finds the same symmetries in every mapping",
                });
            }
            Reduction::TwoQubit => [n / 2 - 1, n - 1].map(|qubit| PauliString::from_masks(0, 1 << qubit)).to_vec(),
            Reduction::Taper | Reduction::Sector(_) => z2_symmetries(&whole, true),
        };
        let own: Vec<f64> = symmetries.iter().map(|&symmetry| diagonal_value(symmetry, &bits)).collect();
        let signs = match reduction {
            Reduction::Sector(signs) => signs.clone(),
            Reduction::None | Reduction::TwoQubit | Reduction::Taper => own.clone(),
        };
        let tapering = Tapering::new(n, &symmetries, &signs)?;
        let mut occupations = [Vec::new(), Vec::new()];
        for (spin, list) in Spin::BOTH.into_iter().zip(&mut occupations) {
            for orbital in 0..integrals.num_orbitals() {
                let mask = orbitals.encoding().occupation_mask(orbitals.mode(orbital, spin));
                let (string, factor) = tapering.apply_string(PauliString::from_masks(0, mask))?;
                list.push((string.z_mask(), factor < 0.0));
            }
        }
        let hamiltonian = tapering.apply(&whole)?;
        let hartree_fock_bits = if signs == own { tapering.apply_bits(&bits) } else { None };
        Ok(Self { orbitals, hamiltonian, hartree_fock_bits, symmetries, signs, tapering, occupations })
    }

    /// The Hamiltonian on the qubits left.
    pub fn hamiltonian(&self) -> &PauliSum {
        &self.hamiltonian
    }

    /// The orbitals before qubits were removed.
    pub fn orbitals(&self) -> &SpinOrbitals {
        &self.orbitals
    }

    /// The Hartree-Fock determinant on the qubits left; `None` in a sector that does not hold it.
    pub fn hartree_fock_bits(&self) -> Option<&[bool]> {
        self.hartree_fock_bits.as_deref()
    }

    /// The symmetries used, on the qubits of [`Molecule::orbitals`].
    pub fn symmetries(&self) -> &[PauliString] {
        &self.symmetries
    }

    /// Their values, each 1 or -1.
    pub fn signs(&self) -> &[f64] {
        &self.signs
    }

    /// Another operator on the qubits of [`Molecule::orbitals`], such as the number of electrons or the dipole moment, on those left.
    ///
    /// # Errors
    /// When it does not have the symmetries.
    pub fn reduced(&self, operator: &PauliSum) -> Result<PauliSum, ChemistryError> {
        self.tapering.apply(operator)
    }

    /// The molecule with a penalty: `weight (O - value)^2` is added to the Hamiltonian, so that states with another value of the quantity lie
    /// higher, by as much as the weight says. States that have the value keep their energies.
    ///
    /// ```
    /// use qloom_chemistry::{Integrals, Mapping, Molecule, Quantity, Reduction, SpinOrder};
    /// let text = "&FCI NORB=1, NELEC=2 /\n0.5 1 1 1 1\n-1.0 1 1 0 0\n";
    /// let molecule = Molecule::new(&Integrals::from_fcidump(text)?, Mapping::JordanWigner, SpinOrder::Blocked, &Reduction::None)?;
    /// // one electron has -1, two have -1.5; held at one, the others are 10 (N - 1)^2 higher
    /// let held = molecule.with_penalty(Quantity::Number, 1.0, 10.0)?;
    /// assert!((held.hamiltonian().constant() - 4.125).abs() < 1e-12);
    /// # Ok::<(), qloom_chemistry::ChemistryError>(())
    /// ```
    ///
    /// # Errors
    /// When the weight is not positive or a number is not finite.
    pub fn with_penalty(mut self, quantity: Quantity, value: f64, weight: f64) -> Result<Self, ChemistryError> {
        if !(weight > 0.0 && weight.is_finite() && value.is_finite()) {
            return Err(ChemistryError::Choice {
                choice: "the penalty",
                reason: "has a weight that is not a positive number, or no finite value",
                remedy: "give a weight above 0, such as 1",
            });
        }
        let operator = match quantity {
            Quantity::Number => self.orbitals.number()?,
            Quantity::SpinZ => self.orbitals.spin_z()?,
            Quantity::SpinSquared => self.orbitals.spin_squared()?,
        };
        let operator = PauliOperator::from(&self.reduced(&operator)?);
        let shift = PauliOperator::identity(self.hamiltonian.num_qubits(), Complex64::from(-value));
        let from = operator.plus(&shift);
        let penalty = from.times(&from).scaled(Complex64::from(weight));
        self.hamiltonian = PauliOperator::from(&self.hamiltonian).plus(&penalty).simplified(NOTHING).hermitian(1e-9)?;
        Ok(self)
    }

    /// The numbers of alpha and beta electrons of a basis state; qubit 0 is the least significant bit of its index.
    pub fn electrons(&self, index: u64) -> (usize, usize) {
        let [alpha, beta] = [0, 1].map(|spin: usize| {
            let occupied = |&&(mask, negated): &&(u64, bool)| ((mask & index).count_ones() % 2 == 1) != negated;
            self.occupations[spin].iter().filter(occupied).count()
        });
        (alpha, beta)
    }
}
