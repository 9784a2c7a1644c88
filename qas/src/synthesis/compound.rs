//! Actions of two actions.

use qloom_circuits::{Circuit, Matrix, Stream};
use serde::{Deserialize, Serialize};

use super::space::Space;
use crate::QasError;

/// What an action of a [`Compound`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// One action of the space.
    #[default]
    Gates,
    /// One, or two on different qubits.
    Moments,
    /// One, or any two, one after the other; of two on different qubits only one order.
    Pairs,
}

/// A space whose actions are those of another one and two of them at once.
///
/// Their costs are added, so that shortest paths cost the same; what changes is how many successors a state has and how many actions a path takes.
#[derive(Debug, Clone)]
pub struct Compound<S> {
    space: S,
    sequences: Vec<[Option<usize>; 2]>,
}

impl<S: Space> Compound<S> {
    /// The most actions.
    pub const MOST: usize = 65_536;

    /// Makes the actions.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for more than [`Self::MOST`] actions.
    pub fn new(space: S, reach: Reach) -> Result<Self, QasError> {
        let singles = space.actions();
        let mut sequences: Vec<[Option<usize>; 2]> = (0..singles).map(|action| [Some(action), None]).collect();
        let apart = |a: usize, b: usize| space.qubits(a) & space.qubits(b) == 0;
        let wanted = |first: usize, second: usize| match reach {
            Reach::Gates => false,
            Reach::Moments => apart(first, second) && first < second,
            Reach::Pairs => !apart(first, second) || first < second,
        };
        for first in 0..singles {
            sequences.extend((0..singles).filter(|&second| wanted(first, second)).map(|second| [Some(first), Some(second)]));
        }
        if sequences.len() > Self::MOST {
            let requirement = format!("there are at most {}; take `gates` or `moments`", Self::MOST);
            return Err(QasError::invalid("synthesis.actions", format!("{} actions", sequences.len()), requirement));
        }
        Ok(Self { space, sequences })
    }

    /// The space that it is made of.
    pub fn space(&self) -> &S {
        &self.space
    }

    fn parts(&self, action: usize) -> impl Iterator<Item = usize> {
        self.sequences[action].into_iter().flatten()
    }
}

impl<S: Space> Space for Compound<S> {
    type State = S::State;

    fn goal(&self) -> S::State {
        self.space.goal()
    }

    fn num_qubits(&self) -> usize {
        self.space.num_qubits()
    }

    fn actions(&self) -> usize {
        self.sequences.len()
    }

    fn cost(&self, action: usize) -> f32 {
        self.parts(action).map(|part| self.space.cost(part)).sum()
    }

    fn qubits(&self, action: usize) -> u64 {
        self.parts(action).fold(0, |mask, part| mask | self.space.qubits(part))
    }

    fn apply(&self, state: &S::State, action: usize) -> S::State {
        self.parts(action).fold(state.clone(), |state, part| self.space.apply(&state, part))
    }

    fn bytes(&self) -> usize {
        self.space.bytes()
    }

    fn width(&self) -> usize {
        self.space.width()
    }

    fn features(&self, state: &S::State, features: &mut Vec<f32>) {
        self.space.features(state, features);
    }

    fn state(&self, matrix: &Matrix) -> Result<S::State, QasError> {
        self.space.state(matrix)
    }

    fn circuit(&self, matrix: &Matrix, path: &[usize]) -> Result<Circuit, QasError> {
        let parts: Vec<usize> = path.iter().flat_map(|&action| self.parts(action)).collect();
        self.space.circuit(matrix, &parts)
    }

    fn draw(&self, gates: usize, stream: &mut Stream) -> Circuit {
        self.space.draw(gates, stream)
    }
}
