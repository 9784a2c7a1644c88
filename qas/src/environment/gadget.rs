//! Gadgets: parts of good circuits that are appended as a whole.

pub(crate) mod mining;

use qloom_circuits::{Angle, Gate, Operation};
use serde::{Deserialize, Serialize};

use super::action::ActionSet;
use super::start::Section;
use crate::QasError;

/// The gadgets that are actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GadgetConfig {
    /// JSON file of gadgets, the best first; `qloom search gadgets` makes it of finished runs, the caller reads it.
    pub file: String,
    /// How many of them are taken, from 1 to 256. Default 8.
    #[serde(default = "eight")]
    pub most: usize,
}

fn eight() -> usize {
    8
}

/// A gate of a gadget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GadgetGate {
    /// Its name.
    pub gate: String,
    /// Its qubits, counted from the lowest of the gadget.
    pub qubits: Vec<usize>,
    /// Where its fit begins, in radians, if it has an angle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angle: Option<f64>,
}

/// The most gates of a gadget.
const MOST_GATES: usize = 64;
/// The most gadgets that are actions.
const MOST_GADGETS: usize = 256;

/// A part of a circuit on qubits counted from its lowest, so that it can be appended to any circuit at every place where it fits.
///
/// ```
/// use qloom_qas::{Gadget, GadgetGate};
///
/// let gate = |gate: &str, qubits: &[usize], angle| GadgetGate { gate: gate.to_owned(), qubits: qubits.to_vec(), angle };
/// let gadget = Gadget::new(vec![gate("ry", &[0], Some(0.4)), gate("cx", &[0, 2], None)])?;
/// assert_eq!((gadget.gates().len(), gadget.span()), (2, 3));
/// # Ok::<(), qloom_qas::QasError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Gadget {
    gates: Vec<GadgetGate>,
    circuits: usize,
    gain: f64,
}

/// A gadget as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    gates: Vec<GadgetGate>,
    #[serde(default)]
    circuits: usize,
    #[serde(default)]
    gain: f64,
}

impl TryFrom<Written> for Gadget {
    type Error = QasError;

    fn try_from(written: Written) -> Result<Self, QasError> {
        Ok(Self { circuits: written.circuits, gain: written.gain, ..Self::new(written.gates)? })
    }
}

impl From<Gadget> for Written {
    fn from(gadget: Gadget) -> Self {
        Self { gates: gadget.gates, circuits: gadget.circuits, gain: gadget.gain }
    }
}

impl Gadget {
    /// The gadget of these gates, in order.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for no gate or more than 64, a gate that cannot be an action, qubits that it does not have or that do
    /// not begin with 0, an angle too many, missing or not finite.
    pub fn new(gates: Vec<GadgetGate>) -> Result<Self, QasError> {
        let refuse = |value: String, need: &str| Err(QasError::invalid("environment.actions.gadgets", value, need));
        if gates.is_empty() || gates.len() > MOST_GATES {
            return refuse(format!("a gadget of {} gates", gates.len()), "a gadget has from 1 to 64");
        }
        for part in &gates {
            let known = Gate::from_name(&part.gate).filter(|gate| gate.num_qubits() <= 2 && gate.num_parameters() <= 1);
            let Some(gate) = known else {
                return refuse(
                    format!("`{}`", part.gate),
                    "gates of gadgets have a name, one or two qubits and at most one angle",
                );
            };
            let repeated = part.qubits.len() == 2 && part.qubits[0] == part.qubits[1];
            if part.qubits.len() != gate.num_qubits() || repeated || part.qubits.iter().any(|&qubit| qubit >= 64) {
                return refuse(
                    format!("{} on {:?}", part.gate, part.qubits),
                    "it needs as many different qubits as it acts on, below 64",
                );
            }
            if part.angle.is_some() != (gate.num_parameters() == 1) || part.angle.is_some_and(|angle| !angle.is_finite()) {
                return refuse(format!("{} by {:?}", part.gate, part.angle), "it has to have a finite angle if the gate has one");
            }
        }
        if !gates.iter().any(|part| part.qubits.contains(&0)) {
            return refuse("a gadget without qubit 0".to_owned(), "its qubits are counted from the lowest");
        }
        Ok(Self { gates, circuits: 0, gain: 0.0 })
    }

    /// Its gates, in order.
    pub fn gates(&self) -> &[GadgetGate] {
        &self.gates
    }

    /// In how many circuits it was found.
    pub fn circuits(&self) -> usize {
        self.circuits
    }

    /// Which part of what those circuits lower the energy by is lost without it, the mean over them, from 0 to 1.
    pub fn gain(&self) -> f64 {
        self.gain
    }

    /// How many qubits lie from its lowest to its highest.
    pub fn span(&self) -> usize {
        self.gates.iter().flat_map(|part| &part.qubits).max().map_or(0, |highest| highest + 1)
    }

    /// The gadget at every place where all its gates are actions, from the lowest qubit on.
    fn placed(&self, set: &ActionSet) -> Vec<Section> {
        let number = |part: &GadgetGate, shift: usize| {
            let gate = Gate::from_name(&part.gate)?;
            let qubits: Vec<usize> = part.qubits.iter().map(|qubit| qubit + shift).collect();
            let angles: Vec<Angle> = part.angle.into_iter().map(Angle::Fixed).collect();
            set.index_of(&Operation::gate(gate, &angles, &qubits)).map(|number| number as u16)
        };
        let angles: Vec<f64> = self.gates.iter().filter_map(|part| part.angle).collect();
        let shifts = 0..(set.num_qubits() + 1).saturating_sub(self.span());
        let at = |shift| self.gates.iter().map(|part| number(part, shift)).collect::<Option<Vec<u16>>>();
        shifts.filter_map(at).map(|actions| Section { actions, angles: angles.clone() }).collect()
    }
}

/// The first gadgets at every place where they fit, gadget by gadget.
///
/// # Errors
///
/// [`QasError::InvalidSetting`] when none fits, or the number is outside its range.
pub(super) fn sections(config: &GadgetConfig, gadgets: &[Gadget], set: &ActionSet) -> Result<Vec<Section>, QasError> {
    if !(1..=MOST_GADGETS).contains(&config.most) {
        return Err(QasError::invalid("environment.actions.gadgets.most", config.most, "it has to be in 1 to 256"));
    }
    let sections: Vec<Section> = gadgets.iter().take(config.most).flat_map(|gadget| gadget.placed(set)).collect();
    if sections.is_empty() {
        let value = format!("{} gadgets on {} qubits", gadgets.len(), set.num_qubits());
        let need = "at least one has to fit with all its gates among the actions; hand them over by Problem::with_gadgets";
        return Err(QasError::invalid("environment.actions.gadgets", value, need));
    }
    Ok(sections)
}

#[cfg(test)]
mod tests;
