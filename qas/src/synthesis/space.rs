//! What is left of a matrix, and what can be done to it.

use std::fmt::Debug;
use std::hash::Hash;

use qloom_circuits::{Circuit, Matrix, Stream};
use serde::{Deserialize, Serialize};

use super::clifford::CliffordSpace;
use super::unitary::UnitarySpace;
use crate::QasError;
use crate::environment::coupling::Coupling;

/// States that actions change, one of which is the goal; every action can be undone by actions.
///
/// Actions are numbered from 0. A state is small and says all there is to know.
pub trait Space {
    /// What is left to be done.
    type State: Clone + Debug + Eq + Hash;

    /// Where nothing is left.
    fn goal(&self) -> Self::State;

    /// Number of qubits of the matrices.
    fn num_qubits(&self) -> usize;

    /// Number of actions, at least 1.
    fn actions(&self) -> usize;

    /// The cost of an action, positive.
    fn cost(&self, action: usize) -> f32;

    /// The qubits that an action is on, as bits.
    fn qubits(&self, action: usize) -> u64;

    /// What is left after an action.
    fn apply(&self, state: &Self::State, action: usize) -> Self::State;

    /// Memory of a state in bytes, about.
    fn bytes(&self) -> usize;

    /// Number of features.
    fn width(&self) -> usize;

    /// Appends the features of a state, each within [-1, 1].
    fn features(&self, state: &Self::State, features: &mut Vec<f32>);

    /// What is left of a matrix on as many qubits.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for another size, or a matrix that the space does not hold.
    fn state(&self, matrix: &Matrix) -> Result<Self::State, QasError>;

    /// The circuit of a matrix that these actions, one after the other, leave nothing of. Its global phase may differ.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] where something is left.
    fn circuit(&self, matrix: &Matrix, path: &[usize]) -> Result<Circuit, QasError>;

    /// A circuit of so many random gates, each on one or two qubits that may be coupled.
    fn draw(&self, gates: usize, stream: &mut Stream) -> Circuit;
}

/// Which matrices are taken apart, and by which gates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpaceConfig {
    /// Clifford matrices up to one-qubit gates. An action is a Pauli on one qubit controlled by a Pauli on another, a cz between one-qubit gates, and
    /// costs 1.
    Clifford(CliffordConfig),
    /// Unitary matrices over a finite set of gates.
    Unitary(UnitaryConfig),
}

/// Settings of a [`CliffordSpace`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CliffordConfig {
    /// Number of qubits, from 2 to 6.
    pub qubits: usize,
    /// Pairs of qubits that gates may act on: `"all"` (the default), `"line"`, `"ring"` or a list of pairs.
    #[serde(default)]
    pub coupling: Coupling,
}

/// Settings of a [`UnitarySpace`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitaryConfig {
    /// Number of qubits, from 1 to 4.
    pub qubits: usize,
    /// Pairs of qubits that gates may act on, in either direction: `"all"` (the default), `"line"`, `"ring"` or a list of pairs.
    #[serde(default)]
    pub coupling: Coupling,
    /// Names of the gates, of one or two qubits and at most one angle. The inverse of each is an action too. Default `["h", "t", "cx"]`.
    #[serde(default = "clifford_and_t")]
    pub gates: Vec<String>,
    /// Gates with an angle turn by multiples of a full turn divided by this, from 2 to 64. Default 8: by multiples of pi/4.
    #[serde(default = "eighths")]
    pub turn: usize,
    /// The cost of a two-qubit gate, positive, at most 1000. Default 1.
    #[serde(default = "one")]
    pub two_qubit_cost: f32,
    /// The cost of a one-qubit gate, positive, at most 1000. Default 0.2.
    #[serde(default = "fifth")]
    pub one_qubit_cost: f32,
}

fn clifford_and_t() -> Vec<String> {
    ["h", "t", "cx"].map(str::to_owned).to_vec()
}

fn eighths() -> usize {
    8
}

fn one() -> f32 {
    1.0
}

fn fifth() -> f32 {
    0.2
}

/// A space by its settings.
#[derive(Debug, Clone)]
pub enum AnySpace {
    /// Clifford matrices.
    Clifford(CliffordSpace),
    /// Unitary matrices.
    Unitary(UnitarySpace),
}

/// A state of [`AnySpace`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AnyState {
    /// Of Clifford matrices.
    Clifford(<CliffordSpace as Space>::State),
    /// Of unitary matrices.
    Unitary(<UnitarySpace as Space>::State),
}

impl AnySpace {
    /// The space of these settings.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for a number of qubits or a cost out of range, [`QasError::UnknownGate`], [`QasError::UnsuitableGate`] and
    /// [`QasError::InvalidCoupling`].
    ///
    /// ```
    /// use qloom_qas::synthesis::{AnySpace, CliffordConfig, Space, SpaceConfig};
    /// let settings = SpaceConfig::Clifford(CliffordConfig { qubits: 3, coupling: Default::default() });
    /// assert_eq!(AnySpace::new(&settings)?.actions(), 27);
    /// # Ok::<(), qloom_qas::QasError>(())
    /// ```
    pub fn new(config: &SpaceConfig) -> Result<Self, QasError> {
        Ok(match config {
            SpaceConfig::Clifford(config) => Self::Clifford(CliffordSpace::new(config)?),
            SpaceConfig::Unitary(config) => Self::Unitary(UnitarySpace::new(config)?),
        })
    }
}

/// What every space does, by the kind of space.
macro_rules! by_kind {
    ($self:ident, $space:ident => $value:expr) => {
        match $self {
            AnySpace::Clifford($space) => $value,
            AnySpace::Unitary($space) => $value,
        }
    };
}

impl Space for AnySpace {
    type State = AnyState;

    fn goal(&self) -> AnyState {
        match self {
            Self::Clifford(space) => AnyState::Clifford(space.goal()),
            Self::Unitary(space) => AnyState::Unitary(space.goal()),
        }
    }

    fn num_qubits(&self) -> usize {
        by_kind!(self, space => space.num_qubits())
    }

    fn actions(&self) -> usize {
        by_kind!(self, space => space.actions())
    }

    fn cost(&self, action: usize) -> f32 {
        by_kind!(self, space => space.cost(action))
    }

    fn qubits(&self, action: usize) -> u64 {
        by_kind!(self, space => space.qubits(action))
    }

    fn apply(&self, state: &AnyState, action: usize) -> AnyState {
        match (self, state) {
            (Self::Clifford(space), AnyState::Clifford(state)) => AnyState::Clifford(space.apply(state, action)),
            (Self::Unitary(space), AnyState::Unitary(state)) => AnyState::Unitary(space.apply(state, action)),
            _ => unreachable!("states belong to the space that made them"),
        }
    }

    fn bytes(&self) -> usize {
        by_kind!(self, space => space.bytes())
    }

    fn width(&self) -> usize {
        by_kind!(self, space => space.width())
    }

    fn features(&self, state: &AnyState, features: &mut Vec<f32>) {
        match (self, state) {
            (Self::Clifford(space), AnyState::Clifford(state)) => space.features(state, features),
            (Self::Unitary(space), AnyState::Unitary(state)) => space.features(state, features),
            _ => unreachable!("states belong to the space that made them"),
        }
    }

    fn state(&self, matrix: &Matrix) -> Result<AnyState, QasError> {
        Ok(match self {
            Self::Clifford(space) => AnyState::Clifford(space.state(matrix)?),
            Self::Unitary(space) => AnyState::Unitary(space.state(matrix)?),
        })
    }

    fn circuit(&self, matrix: &Matrix, path: &[usize]) -> Result<Circuit, QasError> {
        by_kind!(self, space => space.circuit(matrix, path))
    }

    fn draw(&self, gates: usize, stream: &mut Stream) -> Circuit {
        by_kind!(self, space => space.draw(gates, stream))
    }
}

/// A number of qubits within a range.
pub(super) fn qubits(setting: &'static str, number: usize, (least, most): (usize, usize)) -> Result<(), QasError> {
    let fits = (least..=most).contains(&number);
    fits.then_some(()).ok_or_else(|| QasError::invalid(setting, number, format!("it has to be from {least} to {most}")))
}

/// The pairs of a coupling, each once, the lower qubit first.
pub(super) fn pairs(coupling: &Coupling, qubits: usize) -> Result<Vec<[usize; 2]>, QasError> {
    let all = || (0..qubits).flat_map(|high| (0..high).map(move |low| [low, high])).collect();
    let mut pairs: Vec<[usize; 2]> = coupling.pairs(qubits).unwrap_or_else(all);
    for pair in &mut pairs {
        let [first, second] = *pair;
        if first == second || first >= qubits || second >= qubits {
            return Err(QasError::InvalidCoupling { first, second, num_qubits: qubits });
        }
        pair.sort_unstable();
    }
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// A matrix of another size than the space's.
pub(super) fn same_size(matrix: &Matrix, qubits: usize) -> Result<(), QasError> {
    let found = matrix.num_qubits();
    let need = || QasError::invalid("circuit", format!("a matrix on {found} qubits"), format!("the space is one of {qubits}"));
    (found == qubits).then_some(()).ok_or_else(need)
}
