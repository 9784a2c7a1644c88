//! FORCE along a series, whose own next values are told.

use super::LiveTold;
use crate::error::LearnError;
use crate::network::{Network, ReservoirModel};
use crate::online::{Force, ForceSettings};
use crate::windows::Windows;

/// Whether a network can hear its own output in the place of its input.
pub(super) fn check(model: &Network, windows: &Windows) -> Result<(), LearnError> {
    let own = (0..windows.len()).all(|index| windows.window(index).last() == Some(&windows.persistence()[index]));
    let one = windows.inputs() == 1 && windows.series().len() == 1 && windows.settings().horizon == 1;
    match model {
        Network::Reservoir(_) if own && one => Ok(()),
        Network::Reservoir(_) => Err(LearnError::Unsupported {
            what: "FORCE puts what is told in the place of the input, which has to be the next value of the same one series",
            remedy: "leave `input` and `id` out and set horizon = 1, or use [train.readout.rls]",
        }),
        Network::Recurrent(_) => Err(LearnError::Unsupported {
            what: "FORCE needs a reservoir that runs along the series",
            remedy: "use a quantum-reservoir, a spin-network or an echo-state model, or [train.readout.rls]",
        }),
    }
}

/// FORCE along the training part, and alone through the test part: the weights, and what was told of each window.
///
/// Until the wash-out is over, the series drives the reservoir and nothing is learned.
pub(super) fn run(
    model: &mut ReservoirModel,
    settings: &ForceSettings,
    windows: &Windows,
) -> Result<(Vec<f64>, Vec<LiveTold>), LearnError> {
    let (wash_out, size, targets) = (model.wash_out(), windows.settings().window, windows.targets());
    let mut force = Force::new(model.reservoir_mut(), settings)?;
    let mut live = Vec::with_capacity(windows.len());
    for (row, value) in windows.series()[0].columns[0].iter().enumerate() {
        let window = (row + 1).checked_sub(size);
        let learned = window.filter(|&window| window < windows.training() && row >= wash_out);
        let told = force.step((row <= wash_out).then_some(*value), learned.map(|window| targets[window]))?;
        live.extend(window.map(|window| LiveTold { window, told }));
    }
    Ok((force.weights().to_vec(), live))
}
