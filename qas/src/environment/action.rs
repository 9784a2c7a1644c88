//! What can be appended to a circuit, and what is pointless to append.

use qloom_circuits::{Gate, Operation};
use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::environment::coupling::Coupling;
use crate::environment::edit::Edit;
use crate::environment::gadget::GadgetConfig;

/// One gate on given qubits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The gate.
    pub gate: Gate,
    /// Its qubits, one or two, in the gate's order: control first.
    pub qubits: Vec<usize>,
}

/// Which gates may be appended, and on which pairs of qubits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionConfig {
    /// Names of the gates: of one or two qubits, with at most one angle. Default `["cx", "rx", "ry", "rz"]`.
    pub gates: Vec<String>,
    /// Pairs of qubits that two-qubit gates may act on, in either direction: `"all"` (the default), `"line"`, `"ring"`, or a list
    /// such as `[[0, 1], [1, 2]]`.
    pub coupling: Coupling,
    /// Actions beside the gates: each appends a whole rotation about a Pauli string, made of these gates, the first that of steepest slope
    /// for its price in gates, the second the next, and so on. That many, at most 1000; the slopes are one evaluation a step. Walks do not
    /// see them. Default 0.
    pub steepest: usize,
    /// Largest weight of these strings, in 1 to 6; less where there would be more than 20,000 strings. Default 4: a double excitation.
    pub weight: usize,
    /// Actions beside the gates: each appends a whole gadget, a part of good circuits of this or other problems, at one of the places where
    /// it fits. Walks do not see them. Default none.
    pub gadgets: Option<GadgetConfig>,
    /// Actions beside the gates: each changes gates appended before. A list of `"delete-last"`, which takes out the last gate;
    /// `"delete-cheapest"`, which takes out the one whose absence raises the energy least with all other angles held; and
    /// `"replace-cheapest"`, which puts in the rotation of steepest slope at its place (up to `weight`). An episode then ends after
    /// `max_gates` choices as well. Walks do not see them. Default none.
    pub edits: Vec<Edit>,
}

impl Default for ActionConfig {
    fn default() -> Self {
        let gates = ["cx", "rx", "ry", "rz"].map(str::to_owned).to_vec();
        Self { gates, coupling: Coupling::All, steepest: 0, weight: 4, gadgets: None, edits: Vec::new() }
    }
}

/// The numbered actions of a problem.
///
/// Two-qubit gates come first: for each gate, first qubit c outer, offset x = 1..N-1 inner, second qubit
/// (c + x) mod N; pairs outside the coupling map are left out. Then one-qubit gates: qubit outer, gate inner.
/// With CNOT and the three rotations and full coupling this is the published order of N (N + 2) actions.
///
/// ```
/// use qloom_qas::{ActionConfig, ActionSet};
///
/// let actions = ActionSet::new(&ActionConfig::default(), 4)?;
/// assert_eq!(actions.len(), 24);
/// assert_eq!(actions.get(0).qubits, [0, 1]); // CNOT with control 0 and target 1
/// # Ok::<(), qloom_qas::QasError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ActionSet {
    num_qubits: usize,
    gates: Vec<Gate>,
    actions: Vec<Action>,
}

impl ActionSet {
    /// Lists the actions on `num_qubits` qubits.
    ///
    /// # Errors
    ///
    /// [`QasError::UnknownGate`], [`QasError::UnsuitableGate`], [`QasError::InvalidCoupling`], and
    /// [`QasError::InvalidSetting`] when no action remains.
    pub fn new(config: &ActionConfig, num_qubits: usize) -> Result<Self, QasError> {
        let mut gates = Vec::new();
        for name in &config.gates {
            let gate = Gate::from_name(name).ok_or_else(|| QasError::UnknownGate { name: name.clone() })?;
            if !(1..=2).contains(&gate.num_qubits()) || gate.num_parameters() > 1 {
                return Err(QasError::UnsuitableGate {
                    name: gate.name(),
                    qubits: gate.num_qubits(),
                    parameters: gate.num_parameters(),
                });
            }
            if !gates.contains(&gate) {
                gates.push(gate);
            }
        }
        let pairs = config.coupling.pairs(num_qubits);
        for &[first, second] in pairs.iter().flatten() {
            if first == second || first >= num_qubits || second >= num_qubits {
                return Err(QasError::InvalidCoupling { first, second, num_qubits });
            }
        }
        let coupled =
            |a: usize, b: usize| pairs.as_ref().is_none_or(|pairs| pairs.iter().any(|pair| *pair == [a, b] || *pair == [b, a]));
        let mut actions = Vec::new();
        for &gate in gates.iter().filter(|gate| gate.num_qubits() == 2) {
            for first in 0..num_qubits {
                for offset in 1..num_qubits {
                    let second = (first + offset) % num_qubits;
                    if coupled(first, second) {
                        actions.push(Action { gate, qubits: vec![first, second] });
                    }
                }
            }
        }
        for qubit in 0..num_qubits {
            for &gate in gates.iter().filter(|gate| gate.num_qubits() == 1) {
                actions.push(Action { gate, qubits: vec![qubit] });
            }
        }
        if actions.is_empty() {
            return Err(QasError::invalid(
                "environment.actions.gates",
                format!("{:?}", config.gates),
                format!("at least one of them has to fit {num_qubits} qubits and the coupling map"),
            ));
        }
        Ok(Self { num_qubits, gates, actions })
    }

    /// Number of actions.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether there is no action; never the case for a set that was built.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The action of this number.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`len`](Self::len).
    pub fn get(&self, index: usize) -> &Action {
        &self.actions[index]
    }

    /// Whether the action of this number has an angle.
    pub(crate) fn has_angle(&self, number: u16) -> bool {
        self.get(usize::from(number)).gate.num_parameters() == 1
    }

    /// How many of these actions have an angle.
    pub(crate) fn count_angles(&self, numbers: &[u16]) -> usize {
        numbers.iter().filter(|&&number| self.has_angle(number)).count()
    }

    /// Number of qubits acted on.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The gates, each once, in the order given.
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// The number of the action that is this operation; `None` when no action is.
    pub fn index_of(&self, operation: &Operation) -> Option<usize> {
        let Operation::Gate { gate, qubits, .. } = operation else { return None };
        self.actions.iter().position(|action| action.gate == *gate && action.qubits[..] == qubits[..])
    }
}

/// Keeps track of which actions would only repeat the gate before them.
///
/// An action is illegal when it equals the last gate on every qubit it acts on: two equal CNOTs cancel, two
/// equal rotations are one. Any other gate on one of the qubits lifts the ban, and a reversed CNOT is legal.
/// At most one action per qubit is illegal at a time.
#[derive(Debug, Clone)]
pub struct LastGates(Vec<Option<usize>>);

impl LastGates {
    /// Nothing has been appended yet.
    pub fn new(num_qubits: usize) -> Self {
        Self(vec![None; num_qubits])
    }

    /// Records that action `index` was appended.
    pub fn record(&mut self, actions: &ActionSet, index: usize) {
        for &qubit in &actions.get(index).qubits {
            self.0[qubit] = Some(index);
        }
    }

    /// Numbers of the illegal actions, ascending.
    pub fn illegal(&self, actions: &ActionSet) -> Vec<usize> {
        let mut illegal: Vec<usize> = self
            .0
            .iter()
            .flatten()
            .copied()
            .filter(|&index| actions.get(index).qubits.iter().all(|&qubit| self.0[qubit] == Some(index)))
            .collect();
        illegal.sort_unstable();
        illegal.dedup();
        illegal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(num_qubits: usize) -> ActionSet {
        ActionSet::new(&ActionConfig::default(), num_qubits).expect("valid")
    }

    #[test]
    fn published_action_counts() {
        let counts = [2, 3, 4, 6, 8].map(|n| full(n).len());
        assert_eq!(counts, [8, 15, 24, 48, 80]);
    }

    #[test]
    fn published_index_order() {
        let (n, actions) = (4, full(4));
        for control in 0..n {
            for offset in 1..n {
                let action = actions.get(control * (n - 1) + offset - 1);
                assert_eq!((action.gate, &action.qubits[..]), (Gate::Cx, &[control, (control + offset) % n][..]));
            }
        }
        for qubit in 0..n {
            for (axis, gate) in [Gate::Rx, Gate::Ry, Gate::Rz].into_iter().enumerate() {
                let action = actions.get(n * (n - 1) + 3 * qubit + axis);
                assert_eq!((action.gate, &action.qubits[..]), (gate, &[qubit][..]));
            }
        }
    }

    #[test]
    fn ourense_coupling_leaves_eighteen_actions() {
        let config = ActionConfig { coupling: vec![[0, 1], [1, 2], [1, 3]].into(), ..ActionConfig::default() };
        assert_eq!(ActionSet::new(&config, 4).expect("valid").len(), 18);
    }

    #[test]
    fn bad_settings_are_refused() {
        let named = |names: &[&str]| ActionConfig {
            gates: names.iter().map(|name| (*name).to_owned()).collect(),
            ..ActionConfig::default()
        };
        assert!(matches!(ActionSet::new(&named(&["foo"]), 2), Err(QasError::UnknownGate { .. })));
        assert!(matches!(ActionSet::new(&named(&["ccx"]), 3), Err(QasError::UnsuitableGate { .. })));
        assert!(matches!(ActionSet::new(&named(&["u3"]), 3), Err(QasError::UnsuitableGate { .. })));
        assert!(matches!(ActionSet::new(&named(&[]), 3), Err(QasError::InvalidSetting { .. })));
        assert!(matches!(ActionSet::new(&named(&["cx"]), 1), Err(QasError::InvalidSetting { .. })));
        let config = ActionConfig { coupling: vec![[0, 4]].into(), ..ActionConfig::default() };
        assert!(matches!(ActionSet::new(&config, 4), Err(QasError::InvalidCoupling { second: 4, .. })));
    }

    #[test]
    fn repeating_is_illegal_until_a_qubit_is_touched_otherwise() {
        let actions = full(3);
        let cnot = |c: usize, t: usize| c * 2 + (t + 3 - c) % 3 - 1;
        let rotation = |qubit: usize, axis: usize| 6 + 3 * qubit + axis;
        let mut last = LastGates::new(3);
        assert!(last.illegal(&actions).is_empty());
        last.record(&actions, cnot(0, 1));
        assert_eq!(last.illegal(&actions), [cnot(0, 1)], "the same CNOT; the reversed one is legal");
        last.record(&actions, rotation(2, 0));
        assert_eq!(last.illegal(&actions), [cnot(0, 1), rotation(2, 0)]);
        last.record(&actions, rotation(1, 2));
        assert_eq!(last.illegal(&actions), [rotation(1, 2), rotation(2, 0)], "a gate on the target lifts the ban");
        last.record(&actions, cnot(1, 0));
        assert_eq!(last.illegal(&actions), [cnot(1, 0), rotation(2, 0)]);
        last.record(&actions, cnot(0, 2));
        assert_eq!(last.illegal(&actions), [cnot(0, 2)]);
    }

    #[test]
    fn at_most_one_illegal_action_per_qubit() {
        let actions = full(4);
        let mut stream = qloom_circuits::Stream::named(3, "test");
        let mut last = LastGates::new(4);
        for _ in 0..2000 {
            last.record(&actions, stream.below(actions.len()));
            assert!(last.illegal(&actions).len() <= 4);
        }
    }
}
