//! What is read of a reservoir, and how: the settings that all of them share.

use qloom_circuits::{Pauli, PauliString, PauliSum};
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// Which Pauli strings are measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Readouts {
    /// `z`: Z of each qubit; `z-zz`: those and their products of two; `xyz`: all three Paulis of each qubit.
    Named(String),
    /// Strings such as `X0 Y3`.
    Strings(Vec<String>),
}

impl Default for Readouts {
    fn default() -> Self {
        Readouts::Named("z".to_owned())
    }
}

impl Readouts {
    /// The strings on so many qubits.
    ///
    /// # Errors
    /// For a name that is unknown, text that is no single Pauli string, and an empty list.
    pub fn strings(&self, qubits: usize) -> Result<Vec<PauliString>, LearnError> {
        let on = |pauli: Pauli| (0..qubits).map(move |qubit| PauliString::from_letters([(qubit, pauli)]));
        match self {
            Readouts::Named(name) => match name.as_str() {
                "z" => Ok(on(Pauli::Z).collect()),
                "xyz" => Ok(on(Pauli::X).chain(on(Pauli::Y)).chain(on(Pauli::Z)).collect()),
                "z-zz" => {
                    let pairs = (0..qubits).flat_map(|a| (a + 1..qubits).map(move |b| [(a, Pauli::Z), (b, Pauli::Z)]));
                    Ok(on(Pauli::Z).chain(pairs.map(PauliString::from_letters)).collect())
                }
                _ => Err(LearnError::Unsupported {
                    what: "`readouts` has a name that is unknown",
                    remedy: "give \"z\", \"z-zz\", \"xyz\", or a list of strings such as [\"Z0\", \"X0 Y1\"]",
                }),
            },
            Readouts::Strings(list) => {
                check("the number of readouts", list.len() as f64, !list.is_empty(), "at least 1")?;
                list.iter().map(|text| single(text, qubits)).collect()
            }
        }
    }
}

fn single(text: &str, qubits: usize) -> Result<PauliString, LearnError> {
    match PauliSum::from_text(text, qubits)?.terms() {
        [(string, 1.0)] if *string != PauliString::IDENTITY => Ok(*string),
        _ => Err(LearnError::Unsupported {
            what: "an entry of `readouts` is no Pauli string by itself",
            remedy: "give one product of letters without a factor, such as \"X0 Y1\"",
        }),
    }
}

/// How settings of a reservoir are read from a file: their own keys and those of [`Reading`] side by side in one struct, so that an error
/// names the key and its line, which it does not behind `serde(flatten)`.
macro_rules! read_flat {
    ($settings:ident as $flat:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct $flat {
            $($field: $type,)*
            readouts: $crate::reservoir::Readouts,
            virtual_nodes: usize,
            feedback: f64,
            shots: Option<u64>,
            rewind: Option<usize>,
            wash_out: usize,
            range: Option<[f64; 2]>,
        }

        impl Default for $flat {
            fn default() -> Self {
                let $settings { $($field,)* reading } = $settings::default();
                let $crate::reservoir::Reading { readouts, virtual_nodes, feedback, shots, rewind, wash_out, range } = reading;
                Self { $($field,)* readouts, virtual_nodes, feedback, shots, rewind, wash_out, range }
            }
        }

        impl From<$flat> for $settings {
            fn from(flat: $flat) -> Self {
                let $flat { $($field,)* readouts, virtual_nodes, feedback, shots, rewind, wash_out, range } = flat;
                let reading = $crate::reservoir::Reading { readouts, virtual_nodes, feedback, shots, rewind, wash_out, range };
                Self { $($field,)* reading }
            }
        }
    };
}
pub(super) use read_flat;

/// How a quantum reservoir is driven and read, whatever it is made of; these keys stand among those of the reservoir.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// What is measured: `z`, `z-zz`, `xyz` or a list of Pauli strings. Default `z`.
    pub readouts: Readouts,
    /// Readings within a step, virtual nodes: each after a run of the random circuit, or after an equal part of the interval. Default 1.
    pub virtual_nodes: usize,
    /// The share of the readings of the step before in the inputs: reading `k` in input `k`. Default 0.
    pub feedback: f64,
    /// Shots for each readout by itself; exact values without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shots: Option<u64>,
    /// Every step starts again from the first state and runs over so many inputs, as machines without a long memory must. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewind: Option<usize>,
    /// Steps before the features are used. Default 20.
    pub wash_out: usize,
    /// Inputs encoded as 0 and as 1; those outside are cut. Default: the range of the training part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

impl Default for Reading {
    fn default() -> Self {
        let readouts = Readouts::default();
        Self { readouts, virtual_nodes: 1, feedback: 0.0, shots: None, rewind: None, wash_out: 20, range: None }
    }
}

impl Reading {
    pub(super) fn check(&self) -> Result<(), LearnError> {
        check("virtual_nodes", self.virtual_nodes as f64, (1..=1000).contains(&self.virtual_nodes), "from 1 to 1000")?;
        check("feedback", self.feedback, (0.0..=1.0).contains(&self.feedback), "from 0 to 1")?;
        if let Some(shots) = self.shots {
            check("shots", shots as f64, shots > 0, "at least 1")?;
        }
        match self.rewind {
            Some(rewind) => check("rewind", rewind as f64, rewind > 0, "at least 1"),
            None => Ok(()),
        }
    }
}
