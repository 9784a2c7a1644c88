//! Operators of an ansatz, from the file that `qloom hamiltonian ansatz --pool` writes.

use std::path::Path;

use qloom::circuits::{PauliString, PauliSum};
use qloom::qas::PoolOperator;
use serde::Deserialize;

use crate::failure::{Failure, OrFailure};

#[derive(Deserialize)]
struct PoolFile {
    n_qubits: usize,
    excitations: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    label: String,
    terms: Vec<(String, f64)>,
}

/// Reads a pool; `path` is what messages call it.
///
/// # Errors
/// Bad input with the operator that is none.
pub fn parse(text: &str, path: &Path) -> Result<Vec<PoolOperator>, Failure> {
    let path = path.display();
    let file: PoolFile = serde_json::from_str(text).or_input(format!("{path} is no file of operators"))?;
    let operator = |entry: Entry| {
        let place = format!("{path}, operator {}", entry.label);
        let term = |(word, factor): (String, f64)| {
            if word.len() != file.n_qubits {
                let count = file.n_qubits;
                return Err(Failure::input(format!("{place}: {word} has {} letters, n_qubits is {count}", word.len())));
            }
            Ok((PauliString::from_word(&word).or_input(place.clone())?, factor))
        };
        let terms = entry.terms.into_iter().map(term).collect::<Result<Vec<_>, _>>()?;
        let generator = PauliSum::new(file.n_qubits, terms).or_input(place.clone())?;
        PoolOperator::new(entry.label, generator).or_input(place.clone())
    };
    file.excitations.into_iter().map(operator).collect()
}
