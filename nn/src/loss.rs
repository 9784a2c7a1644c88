//! Losses: matrices of one entry, means over a batch.

use crate::{Scalar, Tape, Var};

/// The mean of the squares of all differences, as PyTorch's `mse_loss`.
#[track_caller]
pub fn mean_square<T: Scalar>(tape: &mut Tape<'_, T>, values: Var, targets: Var) -> Var {
    let difference = tape.sub(values, targets);
    let squares = tape.square(difference);
    tape.mean(squares)
}

/// The mean over all differences d of d^2 / (2 beta) where |d| is below `beta`, otherwise |d| - beta / 2, as PyTorch's
/// `smooth_l1_loss`; with `beta` 1 its `huber_loss`.
///
/// # Panics
///
/// When `beta` is not positive.
#[track_caller]
pub fn huber<T: Scalar>(tape: &mut Tape<'_, T>, values: Var, targets: Var, beta: f64) -> Var {
    let difference = tape.sub(values, targets);
    let losses = tape.huber(difference, T::from_f64(beta));
    tape.mean(losses)
}

/// The mean over rows of the negative logarithm of the softmax at the row's class, as PyTorch's `cross_entropy`.
#[track_caller]
pub fn softmax_cross_entropy<T: Scalar>(tape: &mut Tape<'_, T>, logits: Var, classes: impl IntoIterator<Item = usize>) -> Var {
    let logarithms = tape.log_softmax(logits);
    let chosen = tape.gather_columns(logarithms, classes);
    let mean = tape.mean(chosen);
    tape.scale(mean, -T::one())
}

/// The mean over all entries of -(t ln p + (1 - t) ln(1 - p)) for probabilities p and labels t in [0, 1], as PyTorch's
/// `binary_cross_entropy`: a logarithm is at least -100. There is no gradient for labels.
#[track_caller]
pub fn binary_cross_entropy<T: Scalar>(tape: &mut Tape<'_, T>, probabilities: Var, labels: Var) -> Var {
    let losses = tape.cross_entropy_of_probabilities(probabilities, labels);
    tape.mean(losses)
}

/// [`binary_cross_entropy`] of the sigmoids of `logits`, without loss of digits, as PyTorch's
/// `binary_cross_entropy_with_logits`.
#[track_caller]
pub fn binary_cross_entropy_with_logits<T: Scalar>(tape: &mut Tape<'_, T>, logits: Var, labels: Var) -> Var {
    let softplus = tape.softplus(logits);
    let linear = tape.mul(logits, labels);
    let losses = tape.sub(softplus, linear);
    tape.mean(losses)
}
