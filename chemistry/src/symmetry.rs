//! Z2 symmetries of a Hamiltonian, and the qubits they save.

use qloom_circuits::{Pauli, PauliString, PauliSum};

use crate::error::ChemistryError;

/// A string as one row over two elements: Z mask above X mask.
fn row(string: PauliString) -> u128 {
    u128::from(string.z_mask()) << 64 | u128::from(string.x_mask())
}

fn string(row: u128) -> PauliString {
    PauliString::from_masks(row as u64, (row >> 64) as u64)
}

/// Independent strings that commute with each other and with every term; as many as there are.
///
/// Strings of Z and I come first, in echelon form by their highest qubit; with `diagonal_only` they are all that is looked for. Source:
/// Bravyi, Gambetta, Mezzacapo, Temme, arXiv:1701.08213. Costs `terms * n` operations on words.
///
/// ```
/// use qloom_circuits::PauliSum;
/// use qloom_chemistry::z2_symmetries;
/// let ising: PauliSum = "Z0 Z1 + Z1 Z2 + X0 + X1 + X2".parse()?;
/// assert_eq!(z2_symmetries(&ising, false)[0].to_string(), "X0 X1 X2");
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
pub fn z2_symmetries(sum: &PauliSum, diagonal_only: bool) -> Vec<PauliString> {
    let n = sum.num_qubits();
    let mut terms: Vec<u128> = Vec::new();
    for (term, _) in sum.terms() {
        insert(&mut terms, row(*term));
    }
    // a string commutes with a term when its row, halves exchanged, is orthogonal to the term's
    let conditions: Vec<u128> = terms.iter().map(|term| term.rotate_left(64)).collect();
    let z_bits = (0..n).map(|qubit| 1u128 << (64 + qubit));
    let mut chosen = kernel(&conditions, z_bits.clone());
    if diagonal_only {
        return chosen.into_iter().map(string).collect();
    }
    let mut rest: Vec<u128> = Vec::new();
    let mut span = Vec::new();
    chosen.iter().for_each(|&symmetry| _ = insert(&mut span, symmetry));
    for symmetry in kernel(&conditions, z_bits.chain((0..n).map(|qubit| 1u128 << qubit))) {
        if insert(&mut span, symmetry) {
            rest.push(symmetry);
        }
    }
    for &symmetry in &chosen {
        keep_commuting(&mut rest, symmetry);
    }
    while let Some(symmetry) = rest.pop() {
        chosen.push(symmetry);
        keep_commuting(&mut rest, symmetry);
    }
    chosen.into_iter().map(string).collect()
}

/// Combines the rows so that all that are left commute with the symmetry.
fn keep_commuting(rows: &mut Vec<u128>, symmetry: u128) {
    let commutes = |row: &u128| string(*row).commutes_with(string(symmetry));
    let Some(place) = rows.iter().position(|row| !commutes(row)) else { return };
    let odd = rows.remove(place);
    rows.iter_mut().filter(|row| !commutes(row)).for_each(|row| *row ^= odd);
}

/// Adds a row to an echelon basis; false when it is in the span already.
fn insert(basis: &mut Vec<u128>, mut row: u128) -> bool {
    for &other in basis.iter() {
        row = row.min(row ^ other);
    }
    if row != 0 {
        basis.push(row);
    }
    row != 0
}

/// A basis, in echelon form, of the combinations of `units` that are orthogonal to all conditions.
fn kernel(conditions: &[u128], units: impl Iterator<Item = u128>) -> Vec<u128> {
    let mut kept: Vec<u128> = units.collect();
    for &condition in conditions {
        let odd = |row: &u128| (row & condition).count_ones() % 2 == 1;
        let Some(place) = kept.iter().position(odd) else { continue };
        let first = kept.remove(place);
        kept.iter_mut().filter(|row| odd(row)).for_each(|row| *row ^= first);
    }
    for index in 0..kept.len() {
        let Some(place) = (index..kept.len()).max_by_key(|&place| kept[place]) else { break };
        kept.swap(index, place);
        let (pivot, top) = (kept[index], 127 - kept[index].leading_zeros());
        for (other, row) in kept.iter_mut().enumerate() {
            if other != index && *row >> top & 1 == 1 {
                *row ^= pivot;
            }
        }
    }
    kept
}

/// One symmetry turned into the letter of one qubit, and that letter into a sign.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    symmetry: PauliString,
    sign: f64,
    qubit: usize,
    letter: PauliString,
}

/// Qubits removed by symmetries whose values are known.
///
/// The symmetry `S` becomes the letter `P` of one of its qubits under the Clifford gate `(P + S)/sqrt(2)`; in the sector where `S` is
/// `s` the letter is replaced by `s` and the qubit is left out; the others keep their order.
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_chemistry::Tapering;
/// let parity = PauliString::from_word("ZZ")?;
/// let tapering = Tapering::new(2, &[parity], &[-1.0])?;
/// let sum: PauliSum = "X0 X1 + 0.5 * Z0".parse()?;
/// assert_eq!(tapering.apply(&PauliSum::new(2, sum.terms().to_vec())?)?.num_qubits(), 1);
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tapering {
    num_qubits: usize,
    steps: Vec<Step>,
}

impl Tapering {
    /// The tapering of commuting, independent symmetries with these eigenvalues, each 1 or -1.
    ///
    /// # Errors
    /// When the lists differ in length, a value is not 1 or -1, or the symmetries do not commute or depend on each other.
    pub fn new(num_qubits: usize, symmetries: &[PauliString], signs: &[f64]) -> Result<Self, ChemistryError> {
        if symmetries.len() != signs.len() {
            return Err(ChemistryError::Length { what: "the sector", given: signs.len(), expected: symmetries.len() });
        }
        if let Some(&value) = signs.iter().find(|sign| sign.abs() != 1.0) {
            return Err(ChemistryError::Range { what: "the value of a symmetry", value, range: "1 or -1" });
        }
        let mut left: Vec<(PauliString, f64)> = symmetries.iter().copied().zip(signs.iter().copied()).collect();
        let mut steps = Vec::new();
        while !left.is_empty() {
            let (symmetry, sign) = left.remove(0);
            let Some(qubit) = symmetry.support().last() else {
                return Err(ChemistryError::Choice {
                    choice: "a list of symmetries",
                    reason: "has one that is the identity or a product of others",
                    remedy: "use the list that z2_symmetries gives",
                });
            };
            let letter = if symmetry.z_mask() >> qubit & 1 == 1 { Pauli::X } else { Pauli::Z };
            let step = Step { symmetry, sign, qubit, letter: PauliString::from_letters([(qubit, letter)]) };
            for (other, value) in &mut left {
                let (next, factor) = step.apply(*other)?;
                (*other, *value) = (next, *value * factor);
            }
            steps.push(step);
        }
        Ok(Self { num_qubits, steps })
    }

    /// The qubits removed, ascending.
    pub fn removed(&self) -> Vec<usize> {
        let mut list: Vec<usize> = self.steps.iter().map(|step| step.qubit).collect();
        list.sort_unstable();
        list
    }

    /// The number of qubits left.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits - self.steps.len()
    }

    /// A string on the qubits left, and its factor.
    ///
    /// # Errors
    /// When it does not commute with a symmetry.
    pub fn apply_string(&self, string: PauliString) -> Result<(PauliString, f64), ChemistryError> {
        let mut result = (string, 1.0);
        for step in &self.steps {
            let (next, factor) = step.apply(result.0)?;
            result = (next, result.1 * factor);
        }
        let mask = |mut mask: u64| {
            for qubit in self.removed().into_iter().rev() {
                let below = (1u64 << qubit) - 1;
                mask = mask & below | mask >> 1 & !below;
            }
            mask
        };
        Ok((PauliString::from_masks(mask(result.0.x_mask()), mask(result.0.z_mask())), result.1))
    }

    /// The operator in the sector, on the qubits left.
    ///
    /// # Errors
    /// When a term does not commute with a symmetry.
    pub fn apply(&self, sum: &PauliSum) -> Result<PauliSum, ChemistryError> {
        let largest = sum.terms().iter().fold(0.0, |largest: f64, (_, c)| largest.max(c.abs()));
        let terms = sum.terms().iter().map(|&(string, c)| self.apply_string(string).map(|(string, factor)| (string, c * factor)));
        let merged = PauliSum::new(self.num_qubits(), terms.collect::<Result<Vec<_>, _>>()?)?;
        // terms that meet may leave their rounding errors behind
        let terms = merged.terms().iter().copied().filter(|(_, c)| c.abs() > 1e-15 * largest);
        Ok(PauliSum::new(self.num_qubits(), terms)?)
    }

    /// A basis state on the qubits left; only where all symmetries are made of Z, and the state is in their sector.
    pub fn apply_bits(&self, bits: &[bool]) -> Option<Vec<bool>> {
        let diagonal = self.steps.iter().all(|step| step.symmetry.x_mask() == 0);
        let removed = self.removed();
        (diagonal && bits.len() == self.num_qubits)
            .then(|| bits.iter().enumerate().filter(|(qubit, _)| !removed.contains(qubit)).map(|(_, &bit)| bit).collect())
    }
}

impl Step {
    fn apply(&self, string: PauliString) -> Result<(PauliString, f64), ChemistryError> {
        if !string.commutes_with(self.symmetry) {
            return Err(ChemistryError::Symmetry { term: string.to_string(), symmetry: self.symmetry.to_string() });
        }
        let (mut next, mut factor) = (string, 1.0);
        if !string.commutes_with(self.letter) {
            let (product, sign) = string.times_commuting(self.symmetry);
            let (turned, other) = product.times_commuting(self.letter);
            (next, factor) = (turned, sign * other);
        }
        let bit = 1 << self.qubit;
        if (next.x_mask() | next.z_mask()) & bit != 0 {
            factor *= self.sign;
        }
        Ok((PauliString::from_masks(next.x_mask() & !bit, next.z_mask() & !bit), factor))
    }
}

/// The value of a diagonal symmetry (Z and I) in a basis state: 1 or -1.
///
/// # Panics
/// When the string has an X or a Y.
#[track_caller]
pub fn diagonal_value(symmetry: PauliString, bits: &[bool]) -> f64 {
    assert_eq!(symmetry.x_mask(), 0, "{symmetry} is not diagonal");
    let odd = symmetry.support().filter(|&qubit| bits.get(qubit).copied().unwrap_or(false)).count() % 2 == 1;
    if odd { -1.0 } else { 1.0 }
}
