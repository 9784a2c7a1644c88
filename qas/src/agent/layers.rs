//! Layers from observations to numbers, which all agents with a network share.

use qloom_nn::{BinaryRow, Linear, NnError, Parameters, Scalar, Tape, Var};
use rand::Rng;

use super::{Dimensions, Observation};
use crate::QasError;

/// Slope of the hidden units below zero.
pub(super) const LEAK: f64 = 0.01;

/// The sizes of a network with a number for each action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape<'a> {
    pub(super) dimensions: Dimensions,
    pub(super) hidden: &'a [usize],
    /// Whether the value of the state and the advantages of actions are told apart.
    pub(super) dueling: bool,
}

impl Shape<'_> {
    /// Number of weights, biases left out.
    pub(super) fn weights(&self) -> u128 {
        let Dimensions { inputs, features, actions } = self.dimensions;
        let sizes: Vec<usize> = [&[inputs + features], self.hidden, &[actions + usize::from(self.dueling)]].concat();
        sizes.windows(2).map(|pair| pair[0] as u128 * pair[1] as u128).sum()
    }
}

/// Fully connected layers with leaky rectifiers.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    /// The layer of the moment tensor, or of everything without hidden layers.
    first: Linear,
    /// The layer of further numbers, added to the first.
    features: Option<Linear>,
    rest: Vec<Linear>,
    /// The value of the state, from the last hidden layer, with the number of actions.
    value: Option<(Linear, usize)>,
    dimensions: Dimensions,
}

impl Layers {
    /// Their parameters are named after the prefix.
    pub(super) fn new<T: Scalar>(shape: &Shape<'_>, prefix: &str, parameters: &mut Parameters<T>, rng: &mut impl Rng) -> Self {
        let Dimensions { inputs, features, actions } = shape.dimensions;
        let sizes: Vec<usize> = [&[inputs], shape.hidden, &[actions]].concat();
        let mut layer =
            |number: usize| Linear::new(parameters, &format!("{prefix}layers.{number}"), (sizes[number], sizes[number + 1]), rng);
        let (first, rest) = (layer(0), (1..sizes.len() - 1).map(layer).collect());
        let features = (features > 0).then(|| Linear::new(parameters, &format!("{prefix}features"), (features, sizes[1]), rng));
        let last = shape.hidden.last().copied();
        let value = last
            .filter(|_| shape.dueling)
            .map(|width| (Linear::new(parameters, &format!("{prefix}value"), (width, 1), rng), actions));
        Self { first, features, rest, value, dimensions: shape.dimensions }
    }

    /// The sizes that they fit.
    pub(super) fn dimensions(&self) -> Dimensions {
        self.dimensions
    }

    /// A row of numbers for each observation.
    pub(super) fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, batch: &[&Observation]) -> Var {
        let wide = |number: f32| T::from_f64(f64::from(number));
        let rows = batch.iter().map(|seen| BinaryRow { ones: &seen.entries, last: wide(seen.energy) });
        let mut hidden = self.first.forward_sparse(tape, rows);
        if let Some(layer) = &self.features {
            let width = batch.first().map_or(0, |seen| seen.features.len());
            let numbers: Vec<T> = batch.iter().flat_map(|seen| seen.features.iter().map(|&number| wide(number))).collect();
            let input = tape.constant((batch.len(), width), &numbers);
            let beside = layer.forward(tape, input);
            hidden = tape.add(hidden, beside);
        }
        let mut value = None;
        for (place, layer) in self.rest.iter().enumerate() {
            hidden = tape.leaky_relu(hidden, T::from_f64(LEAK));
            if place + 1 == self.rest.len()
                && let Some((head, actions)) = &self.value
            {
                value = Some((head.forward(tape, hidden), *actions));
            }
            hidden = layer.forward(tape, hidden);
        }
        match value {
            None => hidden,
            Some((value, actions)) => dueling(tape, value, hidden, actions),
        }
    }
}

/// The value of a state and the advantages of actions, whose mean is taken out.
///
/// Source: Z. Wang et al., Dueling network architectures for deep reinforcement learning (2016), equation 9.
fn dueling<T: Scalar>(tape: &mut Tape<'_, T>, value: Var, advantages: Var, actions: usize) -> Var {
    let spread = tape.constant((1, actions), &vec![T::one(); actions]);
    let mut centred = vec![-T::one() / T::from_f64(actions as f64); actions * actions];
    for action in 0..actions {
        let diagonal = &mut centred[action * (actions + 1)];
        *diagonal = *diagonal + T::one();
    }
    let centred = tape.constant((actions, actions), &centred);
    let (value, advantages) = (tape.matmul(value, spread), tape.matmul(advantages, centred));
    tape.add(value, advantages)
}

/// What it means that a saved network cannot be read.
pub(crate) fn refused(error: NnError) -> QasError {
    match error {
        NnError::Shape { .. } | NnError::MissingTensor { .. } => QasError::OtherSearch { what: "network size" },
        other => QasError::Corrupt { what: "network", reason: other.to_string() },
    }
}
