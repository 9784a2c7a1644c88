//! Steps on mini-batches.

use qloom_circuits::Stream;
use qloom_nn::{Gradients, Init, Parameters};

use super::{Losses, Rows};
use crate::error::LearnError;
use crate::readout::{Descent, OptimizerSettings};
use crate::variational::VariationalClassifier;
use crate::variational::natural::NaturalDescent;

/// The weights, and what moves them from batch to batch.
#[derive(Debug)]
pub(super) struct Batches {
    parameters: Parameters<f64>,
    gradients: Gradients<f64>,
    steps: Steps,
}

/// The rule of a step.
#[derive(Debug)]
enum Steps {
    Descent(Descent),
    /// Remembers nothing.
    Natural(Box<NaturalDescent>),
}

impl Batches {
    /// From these weights by the rule of an optimiser.
    ///
    /// # Errors
    /// For settings of the optimiser outside their ranges.
    pub fn descent(optimizer: &OptimizerSettings, weights: &[f64]) -> Result<Self, LearnError> {
        let parameters = parameters(weights);
        let steps = Steps::Descent(Descent::new(optimizer, &parameters)?);
        Ok(Self { gradients: Gradients::zeros(&parameters), parameters, steps })
    }

    /// From these weights along natural gradients.
    pub fn natural(descent: NaturalDescent, weights: &[f64]) -> Self {
        let parameters = parameters(weights);
        Self { gradients: Gradients::zeros(&parameters), parameters, steps: Steps::Natural(Box::new(descent)) }
    }

    /// One epoch in this order of rows, after which the classifier has the new weights.
    pub fn epoch(
        &mut self,
        classifier: &mut VariationalClassifier,
        rows: &mut Rows,
        order: &[usize],
    ) -> Result<Losses, LearnError> {
        let Self { parameters, gradients, steps } = self;
        let mut losses = Losses::default();
        for batch in order.chunks(classifier.settings.batch) {
            let gradient = gradients.values_mut();
            gradient.fill(0.0);
            let share = 1.0 / batch.len() as f64;
            losses += rows.losses(classifier, batch, parameters.values(), Some((gradient, share)))?;
            match steps {
                Steps::Descent(descent) => descent.step(parameters, gradients),
                Steps::Natural(natural) => natural.step(parameters.values_mut(), gradients.values_mut(), &rows.taken)?,
            }
        }
        classifier.set_weights(parameters.values())?;
        Ok(losses)
    }

    /// Number of steps, and what is remembered.
    pub fn save(&self) -> (u64, Vec<Vec<f64>>) {
        match &self.steps {
            Steps::Descent(descent) => descent.save(),
            Steps::Natural(_) => (0, Vec::new()),
        }
    }

    /// Goes on from weights and what was remembered.
    ///
    /// # Errors
    /// When it is of another optimiser.
    pub fn load(&mut self, weights: &[f64], steps: u64, moments: &[Vec<f64>]) -> Result<(), LearnError> {
        self.parameters.values_mut().copy_from_slice(weights);
        match &mut self.steps {
            Steps::Descent(descent) => descent.load(steps, moments),
            Steps::Natural(_) if (steps, moments.len()) == (0, 0) => Ok(()),
            Steps::Natural(_) => Err(LearnError::Damaged { reason: "the moments do not belong to the optimiser".to_owned() }),
        }
    }
}

fn parameters(weights: &[f64]) -> Parameters<f64> {
    let mut parameters = Parameters::new();
    let id = parameters.add("weights", (1, weights.len()), Init::Constant(0.0), &mut Stream::named(0, "none"));
    parameters.get_mut(id).copy_from_slice(weights);
    parameters
}
