//! Fermionic modes on qubits: each encoding is two Majorana operators a mode, written as Pauli strings.

pub(crate) mod binary;
mod linear;
mod tree;

use num_complex::Complex64;
use qloom_circuits::{PauliOperator, PauliString};

use crate::error::ChemistryError;
use crate::fermion::{FermionOperator, Ladder};

/// How fermionic modes become qubits.
///
/// | mapping | what a qubit holds | weight of a ladder operator on n modes | source |
/// | --- | --- | --- | --- |
/// | Jordan-Wigner | the occupation of its mode | up to n | Jordan and Wigner, Z. Phys. 47, 631 (1928) |
/// | parity | the parity of the modes up to its own | up to n | Seeley, Richard, Love, J. Chem. Phys. 137, 224109 (2012) |
/// | Bravyi-Kitaev | parities along a Fenwick tree, for any n | about log2 n | Bravyi and Kitaev, Ann. Phys. 298, 210 (2002); Havlíček, Troyer, Whitfield, Phys. Rev. A 95, 032332 (2017) |
/// | ternary tree | parities along a ternary tree | about log3 2n | Jiang, Kalev, Mruczkiewicz, Neven, Quantum 4, 276 (2020); Miller et al., PRX Quantum 4, 030314 (2023) |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mapping {
    /// Jordan-Wigner.
    JordanWigner,
    /// Parity.
    Parity,
    /// Bravyi-Kitaev on a Fenwick tree.
    BravyiKitaev,
    /// A balanced ternary tree whose vacuum is the state of zeros.
    TernaryTree,
}

impl Mapping {
    /// All of them.
    pub const ALL: [Mapping; 4] = [Mapping::JordanWigner, Mapping::Parity, Mapping::BravyiKitaev, Mapping::TernaryTree];
}

/// An encoding of modes on as many qubits: the Majorana operators `g_2j = a_j + a+_j` and `g_2j+1 = -i (a_j - a+_j)` as signed Pauli
/// strings, and the masks of the number operators. The vacuum is the state of zeros, and determinants are basis states.
///
/// ```
/// use qloom_chemistry::{Encoding, Mapping};
/// let encoding = Encoding::new(Mapping::Parity, 4)?;
/// assert_eq!(encoding.bits(&[true, false, true, false]), [true, true, false, false]);
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    mapping: Mapping,
    majoranas: Vec<[(PauliString, f64); 2]>,
    occupations: Vec<u64>,
}

impl Encoding {
    /// The encoding of this many modes.
    ///
    /// # Errors
    /// For more than 64 modes.
    pub fn new(mapping: Mapping, num_modes: usize) -> Result<Self, ChemistryError> {
        if num_modes > PauliString::MAX_QUBITS {
            let remedy = "choose a smaller active space";
            return Err(ChemistryError::TooMany { what: "modes", given: num_modes, limit: PauliString::MAX_QUBITS, remedy });
        }
        let majoranas = match mapping {
            Mapping::JordanWigner => linear::majoranas(&linear::occupation(num_modes)),
            Mapping::Parity => linear::majoranas(&linear::parity(num_modes)),
            Mapping::BravyiKitaev => linear::majoranas(&linear::fenwick(num_modes)),
            Mapping::TernaryTree => tree::majoranas(num_modes),
        };
        let occupations = majoranas.iter().map(|[(even, _), (odd, _)]| even.z_mask() ^ odd.z_mask()).collect();
        Ok(Self { mapping, majoranas, occupations })
    }

    /// Which mapping it is.
    pub fn mapping(&self) -> Mapping {
        self.mapping
    }

    /// Number of modes and of qubits.
    pub fn num_modes(&self) -> usize {
        self.majoranas.len()
    }

    /// The qubits whose parity is the occupation of a mode, as a mask: `n_j = (1 - Z_mask)/2`.
    ///
    /// # Panics
    /// When the mode does not exist.
    #[track_caller]
    pub fn occupation_mask(&self, mode: usize) -> u64 {
        self.occupations[mode]
    }

    /// The two Majorana operators of a mode, each a Pauli string with its sign.
    ///
    /// # Panics
    /// When the mode does not exist.
    #[track_caller]
    pub fn majoranas(&self, mode: usize) -> [(PauliString, f64); 2] {
        self.majoranas[mode]
    }

    /// The qubits of the determinant with these modes occupied: whether qubit `i` is one.
    ///
    /// # Panics
    /// When the list has another length than there are modes.
    #[track_caller]
    pub fn bits(&self, occupied: &[bool]) -> Vec<bool> {
        assert_eq!(occupied.len(), self.num_modes(), "one entry a mode");
        let solution = binary::solve(&self.occupations, occupied).expect("number operators of an encoding are independent");
        (0..self.num_modes()).map(|qubit| solution >> qubit & 1 == 1).collect()
    }

    /// The modes whose parity each qubit holds, ascending.
    pub fn qubit_to_modes(&self) -> Vec<Vec<usize>> {
        let n = self.num_modes();
        let columns: Vec<Vec<bool>> =
            (0..n).map(|mode| self.bits(&(0..n).map(|other| other == mode).collect::<Vec<_>>())).collect();
        (0..n).map(|qubit| (0..n).filter(|&mode| columns[mode][qubit]).collect()).collect()
    }

    /// A ladder operator as two strings with their factors.
    pub(crate) fn ladder(&self, ladder: Ladder) -> [(PauliString, Complex64); 2] {
        let [(even, sign), (odd, other)] = self.majoranas[ladder.mode];
        let imaginary = if ladder.creation { -0.5 } else { 0.5 };
        [(even, Complex64::new(0.5 * sign, 0.0)), (odd, Complex64::new(0.0, imaginary * other))]
    }

    /// The operator on qubits. Costs `2^k` for a product of `k` ladder operators.
    ///
    /// # Errors
    /// When the operator acts on a mode that the encoding does not have, or a product has more than 20 ladder operators.
    pub fn map(&self, operator: &FermionOperator) -> Result<PauliOperator, ChemistryError> {
        const LONGEST: usize = 20;
        let n = self.num_modes();
        let mut strings = Vec::new();
        for (product, coefficient) in operator.terms() {
            if product.len() > LONGEST {
                let remedy = "order the product normally first";
                return Err(ChemistryError::TooMany {
                    what: "ladder operators in a product",
                    given: product.len(),
                    limit: LONGEST,
                    remedy,
                });
            }
            let mut sum = vec![(PauliString::IDENTITY, *coefficient)];
            for &ladder in product {
                if ladder.mode >= n {
                    return Err(ChemistryError::TooMany {
                        what: "modes",
                        given: ladder.mode + 1,
                        limit: n,
                        remedy: "encode more modes",
                    });
                }
                let factors = self.ladder(ladder);
                let next = sum.iter().flat_map(|&(left, a)| factors.map(|(right, b)| (left.times(right), a * b)));
                sum = next.map(|((string, phase), factor)| (string, factor * phase)).collect();
            }
            strings.append(&mut sum);
        }
        Ok(PauliOperator::new(n, strings)?.simplified(0.0))
    }
}
