//! How large a circuit is, and by which of its sizes circuits are compared.

use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::environment::action::ActionSet;
use crate::environment::encoding::{Encoding, Placement};

/// A size of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeMeasure {
    /// The gates on two qubits.
    TwoQubitGates,
    /// All gates.
    Gates,
    /// The moments, each gate placed as soon as possible.
    Depth,
    /// The free angles.
    Parameters,
}

/// What a circuit's sizes weigh, each at least 0. All 0 by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SizeWeights {
    /// Of a gate on two qubits, beside that of a gate. Default 0.
    pub two_qubit_gates: f64,
    /// Of a gate. Default 0.
    pub gates: f64,
    /// Of a moment. Default 0.
    pub depth: f64,
    /// Of a free angle. Default 0.
    pub parameters: f64,
}

impl SizeWeights {
    /// Refuses weights that are negative or not finite; `setting` is where they are.
    pub(crate) fn check(&self, setting: &str) -> Result<(), QasError> {
        let parts = [
            ("two_qubit_gates", self.two_qubit_gates),
            ("gates", self.gates),
            ("depth", self.depth),
            ("parameters", self.parameters),
        ];
        for (name, weight) in parts {
            if !(weight.is_finite() && weight >= 0.0) {
                let requirement = "it has to be finite and not negative".to_owned();
                let setting = format!("{setting}.{name}").into();
                return Err(QasError::InvalidSetting { setting, value: weight.to_string(), requirement });
            }
        }
        Ok(())
    }

    /// What a circuit of this size weighs.
    pub(crate) fn of(&self, size: Size) -> f64 {
        self.two_qubit_gates * size.two_qubit_gates as f64
            + self.gates * size.gates as f64
            + self.depth * size.depth as f64
            + self.parameters * size.parameters as f64
    }
}

/// Refuses an order that names a size twice or none; `setting` is where it is.
pub(crate) fn check_order(order: &[SizeMeasure], setting: &'static str) -> Result<(), QasError> {
    let twice = order.iter().enumerate().any(|(index, measure)| order[..index].contains(measure));
    if order.is_empty() || twice {
        return Err(QasError::invalid(setting, format!("{order:?}"), "it has to name at least one size, and none twice"));
    }
    Ok(())
}

/// The sizes of a circuit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) two_qubit_gates: usize,
    pub(crate) gates: usize,
    pub(crate) depth: usize,
    pub(crate) parameters: usize,
}

impl Size {
    /// The sizes of the circuit of these actions.
    pub(crate) fn of(actions: &[u16], set: &ActionSet) -> Self {
        let encoding = Encoding::new(set, actions.len());
        let mut placement = Placement::new(set.num_qubits());
        actions.iter().for_each(|&action| placement.place(&encoding, set, usize::from(action)));
        let two = actions.iter().filter(|&&action| set.get(usize::from(action)).qubits.len() == 2).count();
        Self { two_qubit_gates: two, gates: actions.len(), depth: placement.depth(), parameters: set.count_angles(actions) }
    }

    pub(crate) fn get(self, measure: SizeMeasure) -> usize {
        match measure {
            SizeMeasure::TwoQubitGates => self.two_qubit_gates,
            SizeMeasure::Gates => self.gates,
            SizeMeasure::Depth => self.depth,
            SizeMeasure::Parameters => self.parameters,
        }
    }

    /// Gates on two qubits, and all gates.
    pub(crate) fn pair(self) -> (usize, usize) {
        (self.two_qubit_gates, self.gates)
    }

    /// Whether this is smaller in the first of these sizes that differs.
    pub(crate) fn is_below(self, other: Self, order: &[SizeMeasure]) -> bool {
        order.iter().map(|&measure| self.get(measure)).lt(order.iter().map(|&measure| other.get(measure)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::action::ActionConfig;

    #[test]
    fn sizes_weights_and_orders() {
        let set = ActionSet::new(&ActionConfig::default(), 3).expect("valid");
        let number = |gate: &str, qubits: &[usize]| {
            let same = |action: &crate::Action| action.gate.name() == gate && action.qubits == qubits;
            (0..set.len()).find(|&number| same(set.get(number))).expect("there") as u16
        };
        // two rotations side by side, then a chain of two CNOTs
        let actions = [number("rx", &[0]), number("ry", &[2]), number("cx", &[0, 1]), number("cx", &[1, 2])];
        let size = Size::of(&actions, &set);
        assert_eq!(size, Size { two_qubit_gates: 2, gates: 4, depth: 3, parameters: 2 });
        let weights = SizeWeights { two_qubit_gates: 1.0, gates: 0.1, depth: 0.01, parameters: 0.001 };
        assert!((weights.of(size) - 2.432).abs() < 1e-12);
        let other = Size { gates: 5, parameters: 1, ..size };
        assert!(size.is_below(other, &[SizeMeasure::TwoQubitGates, SizeMeasure::Gates]));
        assert!(other.is_below(size, &[SizeMeasure::Depth, SizeMeasure::Parameters, SizeMeasure::Gates]));
        assert!(!size.is_below(size, &[SizeMeasure::Depth]) && size.pair() == (2, 4));
    }

    #[test]
    fn what_is_outside_its_range_is_refused() {
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            let error = SizeWeights { depth: weight, ..SizeWeights::default() }.check("best.weights").expect_err("refused");
            assert!(error.to_string().contains("best.weights.depth"), "{error}");
        }
        assert!(check_order(&[], "best.order").is_err());
        assert!(check_order(&[SizeMeasure::Depth, SizeMeasure::Depth], "best.order").is_err());
        assert!(check_order(&[SizeMeasure::Depth, SizeMeasure::Gates], "best.order").is_ok());
    }
}
