//! Qiskit's lists: labels whose rightmost letter acts on qubit 0.

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliOperator, PauliString, PauliSum};

use super::literal::{self, Literal, Value};
use super::{error_at, on_qubits, product};
use crate::error::ChemistryError;

/// Reads a SparsePauliOp: the pairs of `to_list`, the triples of `to_sparse_list`, a dictionary of labels, or what Python prints,
/// `SparsePauliOp(['XY', 'ZZ'], coeffs=[1.+0.j, 2.+0.j])`. The rightmost letter of a label acts on qubit 0.
///
/// Without `num_qubits`, triples need as many qubits as they name.
///
/// # Errors
/// With line and column, for anything else and for labels of different lengths.
///
/// ```
/// use qloom_chemistry::read_qiskit;
/// let sum = read_qiskit("[('IX', (0.5+0j)), ('ZI', 1.0)]", None)?.hermitian(0.0)?;
/// assert_eq!(sum.to_string(), "1.0 * Z1\n0.5 * X0");
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
pub fn read_qiskit(text: &str, num_qubits: Option<usize>) -> Result<PauliOperator, ChemistryError> {
    let literal = literal::read(text)?;
    let mut labels = Labels { text, length: None, terms: Vec::new() };
    match &literal.value {
        Value::List(items) => items.iter().try_for_each(|item| labels.item(item))?,
        Value::Map(entries) => entries.iter().try_for_each(|(label, value)| labels.label(label, value))?,
        Value::Call(name, arguments) if name == "SparsePauliOp" || name.ends_with(".SparsePauliOp") => {
            let list = |place: usize, keyword: &str| {
                let by_name = arguments.iter().find(|(name, _)| name.as_deref() == Some(keyword));
                by_name.or_else(|| arguments.get(place).filter(|(name, _)| name.is_none())).and_then(|(_, value)| value.list())
            };
            let (Some(strings), Some(values)) = (list(0, "data"), list(1, "coeffs")) else {
                return error_at(text, literal.at, "expected SparsePauliOp([labels], coeffs=[numbers])");
            };
            if strings.len() != values.len() {
                let message = format!("{} labels, but {} coefficients", strings.len(), values.len());
                return error_at(text, literal.at, message);
            }
            strings.iter().zip(values).try_for_each(|(label, value)| labels.label(label, value))?;
        }
        Value::Call(..) | Value::Number(_) | Value::Text(_) => {
            return error_at(text, literal.at, "expected a list of pairs such as [(\"XY\", 0.5)]");
        }
    }
    on_qubits(labels.terms, num_qubits.or(labels.length))
}

struct Labels<'a> {
    text: &'a str,
    /// Letters of each label.
    length: Option<usize>,
    terms: Vec<(PauliString, Complex64)>,
}

impl Labels<'_> {
    fn item(&mut self, item: &Literal) -> Result<(), ChemistryError> {
        match item.list() {
            Some([label, value]) => self.label(label, value),
            Some([letters, qubits, value]) => self.sparse(letters, qubits, value),
            _ => error_at(self.text, item.at, "expected a pair (label, coefficient) or a triple (letters, qubits, coefficient)"),
        }
    }

    fn letters(&self, literal: &Literal) -> Result<Vec<Pauli>, ChemistryError> {
        let Some(label) = literal.text() else { return error_at(self.text, literal.at, "expected a label such as \"XIZ\"") };
        let letter = |found| match Pauli::from_letter(found) {
            Some(pauli) => Ok(pauli),
            None => error_at(self.text, literal.at, format!("'{found}' is no Pauli; use I, X, Y and Z")),
        };
        label.chars().map(letter).collect()
    }

    fn coefficient(&self, literal: &Literal) -> Result<Complex64, ChemistryError> {
        match literal.coefficient() {
            Some(value) => Ok(value),
            None => error_at(self.text, literal.at, "expected a number"),
        }
    }

    fn push(&mut self, at: usize, letters: &[(usize, Pauli)], coefficient: Complex64) -> Result<(), ChemistryError> {
        let Some((string, phase)) = product(letters) else {
            return error_at(self.text, at, format!("a qubit is beyond the {} that can be held", PauliString::MAX_QUBITS));
        };
        self.terms.push((string, coefficient * phase));
        Ok(())
    }

    fn label(&mut self, label: &Literal, value: &Literal) -> Result<(), ChemistryError> {
        let letters = self.letters(label)?;
        let length = *self.length.get_or_insert(letters.len());
        if letters.len() != length {
            let message = format!("{} letters where the labels before have {length}", letters.len());
            return error_at(self.text, label.at, message);
        }
        let placed: Vec<(usize, Pauli)> = letters.into_iter().rev().enumerate().collect();
        let coefficient = self.coefficient(value)?;
        self.push(label.at, &placed, coefficient)
    }

    fn sparse(&mut self, letters: &Literal, qubits: &Literal, value: &Literal) -> Result<(), ChemistryError> {
        let paulis = self.letters(letters)?;
        let places = qubits.list().and_then(|list| list.iter().map(Literal::index).collect::<Option<Vec<_>>>());
        let Some(places) = places.filter(|places| places.len() == paulis.len()) else {
            return error_at(self.text, qubits.at, "expected a list with the qubit of each letter");
        };
        let placed: Vec<(usize, Pauli)> = places.into_iter().zip(paulis).collect();
        let coefficient = self.coefficient(value)?;
        self.push(letters.at, &placed, coefficient)
    }
}

/// A sum as the JSON list that `SparsePauliOp.from_list` takes: the rightmost letter acts on qubit 0. Numbers read back bit for bit.
pub fn qiskit_list(sum: &PauliSum) -> String {
    let n = sum.num_qubits();
    let label = |string: PauliString| (0..n).rev().map(|qubit| string.letter(qubit).letter()).collect::<String>();
    let items: Vec<String> = sum.terms().iter().map(|(string, c)| format!("[\"{}\", {c:?}]", label(*string))).collect();
    match items.is_empty() {
        true => format!("[[\"{}\", 0.0]]\n", label(PauliString::IDENTITY)),
        false => format!("[{}]\n", items.join(",\n ")),
    }
}
