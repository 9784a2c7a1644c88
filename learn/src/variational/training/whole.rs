//! Methods that see the mean loss of all rows.

use qloom_circuits::Stream;
use qloom_optim::{MinimizerConfig, Request, Stepwise};

use super::{ClassifierEpoch, Rows};
use crate::error::LearnError;
use crate::variational::VariationalClassifier;

/// A minimisation of the mean loss, one evaluation at a time.
#[derive(Debug)]
pub(super) struct Whole {
    run: Stepwise,
    /// What it was told, from which it can be run again.
    answers: Vec<(f64, Vec<f64>)>,
    /// The least loss so far, with the accuracy and the weights that it has.
    best: Option<(ClassifierEpoch, Vec<f64>)>,
    over: bool,
}

impl Whole {
    pub fn new(method: MinimizerConfig, weights: &[f64], seed: u64) -> Result<Self, LearnError> {
        let run = Stepwise::new(&method, weights.to_vec(), Stream::named(seed, "perturbations"))?;
        Ok(Self { run, answers: Vec::new(), best: None, over: false })
    }

    /// Whether the method has ended.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Losses, with slopes where they were wanted, of all points so far.
    pub fn answers(&self) -> &[(f64, Vec<f64>)] {
        &self.answers
    }

    /// One evaluation, after which the classifier has the weights of the least loss so far; none when the method has ended, and the classifier
    /// has the weights that it returns.
    pub fn step(
        &mut self,
        classifier: &mut VariationalClassifier,
        rows: &mut Rows,
        epoch: usize,
    ) -> Result<Option<ClassifierEpoch>, LearnError> {
        let Some(Request { point, gradient, .. }) = self.run.ask()? else {
            self.over = true;
            if let Some(minimum) = self.run.minimum() {
                classifier.set_weights(&minimum.point)?;
            }
            return Ok(None);
        };
        let mut slopes = vec![0.0; if gradient { point.len() } else { 0 }];
        let losses = rows.all_losses(classifier, &point, gradient.then_some(&mut slopes[..]))?;
        let event = losses.epoch(epoch, rows.labels.len());
        if !event.loss.is_finite() {
            return Ok(Some(event));
        }
        self.run.answer(event.loss, &slopes);
        self.answers.push((event.loss, slopes));
        if self.best.as_ref().is_none_or(|(best, _)| event.loss < best.loss) {
            classifier.set_weights(&point)?;
            self.best = Some((event, point));
        }
        Ok(self.best.as_ref().map(|(best, _)| ClassifierEpoch { epoch, ..*best }))
    }

    /// Gives the method the answers that it was given before.
    pub fn replay(&mut self, answers: &[(f64, Vec<f64>)], events: &[ClassifierEpoch]) -> Result<(), LearnError> {
        let other = || LearnError::Damaged { reason: "the answers do not belong to the optimiser".to_owned() };
        if answers.len() != events.len() {
            return Err(other());
        }
        for ((loss, slopes), event) in answers.iter().zip(events) {
            let Request { point, gradient, .. } = self.run.ask()?.ok_or_else(other)?;
            if slopes.len() != if gradient { point.len() } else { 0 } {
                return Err(other());
            }
            self.run.answer(*loss, slopes);
            if self.best.as_ref().is_none_or(|(best, _)| *loss < best.loss) {
                self.best = Some((*event, point));
            }
        }
        self.answers = answers.to_vec();
        Ok(())
    }
}
