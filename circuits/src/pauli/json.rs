//! Hamiltonian records in JSON: `{"n_qubits": 2, "constant": 0.5, "terms": [["XZ", 0.25], ...]}`.

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{PauliString, PauliSum};
use crate::error::CircuitError;

/// A Hamiltonian with the reference values that its file may hold, energies in hartree.
///
/// In JSON only `n_qubits` and `terms` are needed. Character `i` of a word acts on qubit `i` (the leftmost on qubit 0);
/// `constant` is the coefficient of the identity, and is added to an all-`I` term if there is one. Fields that are
/// not listed here are ignored.
///
/// ```
/// use qloom_circuits::HamiltonianFile;
/// let file = HamiltonianFile::from_json(r#"{"n_qubits": 2, "constant": -0.5, "terms": [["ZI", 0.25], ["XX", 1]]}"#).unwrap();
/// assert_eq!(file.hamiltonian.lower_bound(), -1.75);
/// assert_eq!(file.ground_energy, None);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct HamiltonianFile {
    /// What the system is called.
    pub name: Option<String>,
    /// The Hamiltonian, its constant included.
    pub hamiltonian: PauliSum,
    /// Energy of the Hartree-Fock state.
    pub hartree_fock_energy: Option<f64>,
    /// Lowest eigenvalue.
    pub ground_energy: Option<f64>,
    /// The Hartree-Fock basis state: whether qubit `i` is one. In JSON a word of `0` and `1`, the leftmost for qubit 0.
    pub hartree_fock_bits: Option<Vec<bool>>,
}

#[derive(Deserialize)]
struct Record {
    name: Option<String>,
    n_qubits: usize,
    #[serde(default)]
    constant: f64,
    terms: Terms,
    hartree_fock_energy: Option<f64>,
    ground_energy: Option<f64>,
    hartree_fock_bits: Option<Bits>,
}

#[derive(Serialize)]
struct RecordRef<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    n_qubits: usize,
    constant: f64,
    terms: Vec<(String, f64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hartree_fock_energy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground_energy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hartree_fock_bits: Option<String>,
}

struct Terms {
    /// Letters in each word; `None` without words.
    length: Option<usize>,
    list: Vec<(PauliString, f64)>,
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TermsVisitor)
    }
}

struct TermsVisitor;

impl<'de> Visitor<'de> for TermsVisitor {
    type Value = Terms;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of terms such as [\"XIZ\", 0.5]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Terms, A::Error> {
        let mut terms = Terms { length: None, list: Vec::new() };
        loop {
            let index = terms.list.len();
            let next = seq.next_element::<(std::borrow::Cow<'de, str>, f64)>();
            let next = next.map_err(|error| A::Error::custom(format!("terms[{index}]: {error}")))?;
            let Some((word, coefficient)) = next else { return Ok(terms) };
            let fail = |message: String| Err(A::Error::custom(format!("terms[{index}] {word:?}: {message}")));
            let string = match PauliString::from_word(&word) {
                Ok(string) => string,
                Err(error) => return fail(error.to_string()),
            };
            let given = word.len();
            let length = *terms.length.get_or_insert(given);
            if given != length {
                return fail(format!(
                    "{given} letters where the terms before it have {length}; every word must have one letter a qubit"
                ));
            }
            if !coefficient.is_finite() {
                return fail(format!("the coefficient is {coefficient}; it must be a finite number"));
            }
            terms.list.push((string, coefficient));
        }
    }
}

struct Bits(Vec<bool>);

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let bits = word.chars().map(|letter| match letter {
            '0' => Ok(false),
            '1' => Ok(true),
            other => Err(D::Error::custom(format!("hartree_fock_bits has '{other}'; use 0 and 1, one a qubit"))),
        });
        bits.collect::<Result<_, _>>().map(Bits)
    }
}

impl HamiltonianFile {
    /// Reads a record.
    ///
    /// # Errors
    /// For text that is no such JSON, a word with another letter or of another length than the rest or than `n_qubits`,
    /// a number that is not finite, or more than 64 qubits: with the term, line and column.
    pub fn from_json(text: &str) -> Result<Self, CircuitError> {
        let record: Record = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let message = message.strip_suffix(&place).unwrap_or(&message).to_string();
            CircuitError::Text { message, line: error.line(), column: error.column() }
        })?;
        let at = |key: &str, message: String| {
            let (line, column) = place_of_key(text, key);
            CircuitError::Text { message, line, column }
        };
        let n = record.n_qubits;
        if n > PauliString::MAX_QUBITS {
            return Err(at("n_qubits", format!("n_qubits is {n}; at most {} can be held", PauliString::MAX_QUBITS)));
        }
        if let Some(length) = record.terms.length.filter(|&length| length != n) {
            return Err(at("n_qubits", format!("n_qubits is {n}, but the words of the terms have {length} letters")));
        }
        let numbers = [("constant", Some(record.constant)), ("hartree_fock_energy", record.hartree_fock_energy)];
        for (key, value) in numbers.into_iter().chain([("ground_energy", record.ground_energy)]) {
            if let Some(value) = value.filter(|value| !value.is_finite()) {
                return Err(at(key, format!("{key} is {value}; it must be a finite number")));
            }
        }
        if let Some(Bits(bits)) = record.hartree_fock_bits.as_ref().filter(|bits| bits.0.len() != n) {
            return Err(at("hartree_fock_bits", format!("hartree_fock_bits has {} bits, n_qubits is {n}", bits.len())));
        }
        let constant = [(PauliString::IDENTITY, record.constant)];
        Ok(Self {
            name: record.name,
            hamiltonian: PauliSum::new(n, record.terms.list.into_iter().chain(constant))?,
            hartree_fock_energy: record.hartree_fock_energy,
            ground_energy: record.ground_energy,
            hartree_fock_bits: record.hartree_fock_bits.map(|bits| bits.0),
        })
    }

    /// Writes the record; numbers read back bit for bit.
    pub fn to_json(&self) -> String {
        let n = self.hamiltonian.num_qubits();
        let terms = self.hamiltonian.terms().iter().filter(|(string, _)| *string != PauliString::IDENTITY);
        let record = RecordRef {
            name: self.name.as_deref(),
            n_qubits: n,
            constant: self.hamiltonian.constant(),
            terms: terms.map(|(string, coefficient)| (string.word(n), *coefficient)).collect(),
            hartree_fock_energy: self.hartree_fock_energy,
            ground_energy: self.ground_energy,
            hartree_fock_bits: self
                .hartree_fock_bits
                .as_ref()
                .map(|bits| bits.iter().map(|&bit| if bit { '1' } else { '0' }).collect()),
        };
        serde_json::to_string_pretty(&record).expect("strings and numbers always have a JSON form")
    }
}

/// Line and column (from 1) of a key's first appearance.
fn place_of_key(text: &str, key: &str) -> (usize, usize) {
    let before = &text[..text.find(&format!("\"{key}\"")).unwrap_or(0)];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl From<PauliSum> for HamiltonianFile {
    fn from(hamiltonian: PauliSum) -> Self {
        Self { hamiltonian, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(text: &str) -> (String, usize, usize) {
        match HamiltonianFile::from_json(text) {
            Err(CircuitError::Text { message, line, column }) => (message, line, column),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn record_round_trips() {
        let text = r#"{"name": "toy", "n_qubits": 3, "geometry": {"any": [1]}, "constant": 0.1, "hartree_fock_bits": "110",
            "hartree_fock_energy": -1.5, "ground_energy": -2, "terms": [["XYZ", 0.3], ["III", 0.2], ["ZII", -1e-3]]}"#;
        let file = HamiltonianFile::from_json(text).expect("a good record");
        assert_eq!(file.hamiltonian.constant(), 0.1 + 0.2);
        assert_eq!(file.hartree_fock_bits, Some(vec![true, true, false]));
        assert_eq!(file.hamiltonian.terms().len(), 3);
        assert_eq!(HamiltonianFile::from_json(&file.to_json()).expect("what was written"), file);
    }

    #[test]
    fn errors_name_the_term_and_its_place() {
        let (message, line, _) = fail("{\"n_qubits\": 2, \"terms\": [[\"XX\", 1.0],\n [\"XYZ\", 1.0]]}");
        assert!(message.contains("terms[1]") && message.contains("XYZ") && line == 2, "{message} {line}");
        let (message, line, _) = fail("{\"n_qubits\": 2, \"terms\": [[\"XX\", 1.0],\n\n [\"XQ\", 1.0]]}");
        assert!(message.contains("terms[1]") && message.contains("'Q'") && line == 3, "{message} {line}");
        let (message, line, _) = fail("{\"n_qubits\": 2,\n \"terms\": [[\"XX\", 1e999]]}");
        assert!(message.contains("terms[0]") && message.contains("out of range") && line == 2, "{message}");
        let (message, line, _) = fail("{\"n_qubits\": 2,\n \"terms\": [[\"XX\", NaN]]}");
        assert!(message.contains("terms[0]") && line == 2, "{message}");
        let (message, line, column) = fail("{\n  \"n_qubits\": 3, \"terms\": [[\"XX\", 1]]}");
        assert!(message.contains("n_qubits is 3") && (line, column) == (2, 3), "{message} {line} {column}");
        let (message, ..) = fail("{\"n_qubits\": 65, \"terms\": []}");
        assert!(message.contains("at most 64"), "{message}");
        let (message, ..) = fail("{\"n_qubits\": 2, \"terms\": [[\"XX\"]]}");
        assert!(message.contains("terms[0]"), "{message}");
        let (message, ..) = fail("{\"n_qubits\": 1, \"terms\": [], \"hartree_fock_bits\": \"2\"}");
        assert!(message.contains("'2'"), "{message}");
        assert!(fail("{\"terms\": []}").0.contains("n_qubits"));
        assert!(fail("").0.contains("EOF"));
    }
}
