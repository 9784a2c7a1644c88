//! On which pairs of qubits two-qubit gates may act.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Pairs of qubits, in either direction: `"all"`, `"line"`, `"ring"`, or a list such as `[[0, 1], [1, 2]]`; an empty list means all.
///
/// ```
/// use qloom_qas::Coupling;
///
/// assert_eq!(Coupling::Line.pairs(3), Some(vec![[0, 1], [1, 2]]));
/// assert_eq!(Coupling::Ring.pairs(3), Some(vec![[0, 1], [1, 2], [2, 0]]));
/// assert_eq!(Coupling::All.pairs(3), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Coupling {
    /// Every pair.
    #[default]
    All,
    /// Neighbours on a line.
    Line,
    /// Neighbours on a ring.
    Ring,
    /// These pairs.
    Pairs(Vec<[usize; 2]>),
}

/// The words for a coupling.
const WORDS: [(&str, Coupling); 3] = [("all", Coupling::All), ("line", Coupling::Line), ("ring", Coupling::Ring)];

impl Coupling {
    /// The pairs on this many qubits; nothing where all are allowed.
    pub fn pairs(&self, num_qubits: usize) -> Option<Vec<[usize; 2]>> {
        let line = || (1..num_qubits).map(|qubit| [qubit - 1, qubit]);
        match self {
            Self::All => None,
            Self::Line => Some(line().collect()),
            Self::Ring if num_qubits > 2 => Some(line().chain([[num_qubits - 1, 0]]).collect()),
            Self::Ring => Some(line().collect()),
            Self::Pairs(pairs) if pairs.is_empty() => None,
            Self::Pairs(pairs) => Some(pairs.clone()),
        }
    }
}

impl From<Vec<[usize; 2]>> for Coupling {
    fn from(pairs: Vec<[usize; 2]>) -> Self {
        if pairs.is_empty() { Self::All } else { Self::Pairs(pairs) }
    }
}

impl Serialize for Coupling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pairs(pairs) => pairs.serialize(serializer),
            Self::All | Self::Line | Self::Ring => {
                let word = WORDS.iter().find(|(_, coupling)| coupling == self).map_or("all", |(word, _)| word);
                serializer.serialize_str(word)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Coupling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Coupling;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"all\", \"line\", \"ring\", or a list of pairs such as [[0, 1], [1, 2]]")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Coupling, E> {
                let found = WORDS.into_iter().find(|(word, _)| *word == text);
                found.map(|(_, coupling)| coupling).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Coupling, A::Error> {
                let mut pairs = Vec::new();
                // as a list, since an array takes the first two of three numbers
                while let Some(pair) = list.next_element::<Vec<usize>>()? {
                    pairs.push(pair.try_into().map_err(|pair: Vec<usize>| A::Error::invalid_length(pair.len(), &self))?);
                }
                Ok(pairs.into())
            }
        }
        deserializer.deserialize_any(Words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        coupling: Coupling,
    }

    #[test]
    fn words_and_lists_are_read_and_written() {
        for coupling in [Coupling::All, Coupling::Line, Coupling::Ring, Coupling::Pairs(vec![[2, 0], [1, 2]])] {
            let text = toml::to_string(&Holder { coupling: coupling.clone() }).expect("TOML");
            assert_eq!(toml::from_str::<Holder>(&text).expect("its own text").coupling, coupling, "{text}");
        }
        assert_eq!(toml::from_str::<Holder>("coupling = []").expect("a list").coupling, Coupling::All);
        for wrong in ["\"star\"", "3", "[1]", "[[0, 1, 2]]"] {
            let message = toml::from_str::<Holder>(&format!("coupling = {wrong}")).expect_err(wrong).to_string();
            assert!(wrong.contains('[') || message.contains("\"line\""), "{message}");
        }
        assert_eq!(Coupling::Ring.pairs(2), Some(vec![[0, 1]]));
    }
}
