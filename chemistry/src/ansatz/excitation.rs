//! Generators of excitations.

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliOperator, PauliString, PauliSum};

use crate::error::ChemistryError;
use crate::fermion::{FermionOperator, Ladder};
use crate::mapping::Encoding;

/// The unitary `exp(theta (T - T+)) = exp(-i theta G)` of an excitation `T`, with the Hermitian generator `G = i (T - T+)` on qubits.
#[derive(Clone, Debug, PartialEq)]
pub struct Excitation {
    label: String,
    generator: PauliSum,
}

impl Excitation {
    /// An excitation with this generator.
    pub fn new(label: impl Into<String>, generator: PauliSum) -> Self {
        Self { label: label.into(), generator }
    }

    /// The sum of excitations of fermions, each from some modes into as many others: `T = sum a+_to... a_from...`.
    ///
    /// # Errors
    /// When a mode does not exist.
    pub fn of_fermions(encoding: &Encoding, moves: &[(&[usize], &[usize])]) -> Result<Self, ChemistryError> {
        let product = |(from, to): &(&[usize], &[usize])| {
            let create = to.iter().map(|&mode| Ladder::create(mode));
            (create.chain(from.iter().rev().map(|&mode| Ladder::annihilate(mode))).collect(), Complex64::ONE)
        };
        let excite = encoding.map(&FermionOperator::new(moves.iter().map(product))?)?;
        Ok(Self { label: label(moves), generator: generator(&excite)? })
    }

    /// The signed sum of excitations of qubits: `T = sum sign Q+_to... Q_from...` with `Q = (X + i Y)/2`.
    ///
    /// Source: Yordanov, Armaos, Barnes, Arvidsson-Shukur, Commun. Phys. 4, 228 (2021).
    ///
    /// # Errors
    /// When a qubit does not exist.
    pub fn of_qubits(num_qubits: usize, moves: &[(&[usize], &[usize], f64)]) -> Result<Self, ChemistryError> {
        let mut sum = PauliOperator::new(num_qubits, [])?;
        for (from, to, sign) in moves {
            let mut product = PauliOperator::identity(num_qubits, Complex64::new(*sign, 0.0));
            for (qubit, imaginary) in from.iter().map(|&qubit| (qubit, 0.5)).chain(to.iter().map(|&qubit| (qubit, -0.5))) {
                let x = (PauliString::from_letters([(qubit, Pauli::X)]), Complex64::new(0.5, 0.0));
                let y = (PauliString::from_letters([(qubit, Pauli::Y)]), Complex64::new(0.0, imaginary));
                product = product.times(&PauliOperator::new(num_qubits, [x, y])?);
            }
            sum = sum.plus(&product);
        }
        let signed: Vec<String> = moves
            .iter()
            .map(|(from, to, sign)| format!("{}{}", if *sign < 0.0 { "-" } else { "+" }, label(&[(*from, *to)])))
            .collect();
        Ok(Self { label: signed.join(" "), generator: generator(&sum)? })
    }

    /// What is moved where: `from->to` with modes or qubits separated by commas.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// `G`; its strings commute with each other.
    pub fn generator(&self) -> &PauliSum {
        &self.generator
    }
}

fn label(moves: &[(&[usize], &[usize])]) -> String {
    let list = |modes: &[usize]| modes.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    moves.iter().map(|(from, to)| format!("{}->{}", list(from), list(to))).collect::<Vec<_>>().join(" ")
}

/// `i (T - T+)`.
fn generator(excite: &PauliOperator) -> Result<PauliSum, ChemistryError> {
    let difference = excite.plus(&excite.adjoint().scaled(-Complex64::ONE));
    Ok(difference.scaled(Complex64::I).hermitian(1e-12)?)
}
