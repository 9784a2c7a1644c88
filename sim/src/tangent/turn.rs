//! Which parameters of a circuit have entries of a metric with which.

use qloom_circuits::Primitive;

use super::{MetricKind, free};
use crate::program::Program;

/// A gate that turns by a varied parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    pub parameter: usize,
    /// What the parameter is multiplied with.
    pub scale: f64,
    /// The block of the parameter; entries are between parameters of one.
    pub block: usize,
}

/// For each primitive that turns by one of the first `varied` parameters, by which, and the block of that parameter.
pub(super) fn blocks(primitives: &[Primitive], varied: usize, kind: MetricKind) -> Vec<Option<Turn>> {
    let turning = |primitive: &Primitive| free(primitive).filter(|(parameter, _)| *parameter < varied);
    let blocks = match kind {
        MetricKind::Exact => vec![0; varied],
        MetricKind::Diagonal => (0..varied).collect(),
        MetricKind::BlockDiagonal => layers(primitives, varied, turning),
    };
    let turn = |(parameter, scale): (usize, f64)| Turn { parameter, scale, block: blocks[parameter] };
    primitives.iter().map(|primitive| turning(primitive).map(turn)).collect()
}

/// The layer of each parameter: one more than those that lead to its gate, by whatever stands between them, in whatever order gates on other
/// qubits are written. Layers that share a parameter are one.
fn layers(primitives: &[Primitive], varied: usize, turning: impl Fn(&Primitive) -> Option<(usize, f64)>) -> Vec<usize> {
    let mut layer_of: Vec<Option<usize>> = vec![None; varied];
    // layers that lead to each qubit; and of each layer the first that shares a parameter with it
    let (mut depth, mut one_with) = ([0usize; Program::MAX_QUBITS], Vec::new());
    for primitive in primitives {
        let qubits = primitive.qubits();
        let mut reached = qubits.iter().map(|qubit| depth[*qubit]).max().unwrap_or(0);
        if let Some((parameter, _)) = turning(primitive) {
            let layer = reached;
            reached += 1;
            one_with.extend(one_with.len()..reached);
            match layer_of[parameter] {
                Some(before) if one_with[before] != one_with[layer] => {
                    let (a, b) = (one_with[before], one_with[layer]);
                    one_with.iter_mut().filter(|own| **own == a.max(b)).for_each(|own| *own = a.min(b));
                }
                Some(_) => {}
                None => layer_of[parameter] = Some(layer),
            }
        }
        qubits.iter().for_each(|qubit| depth[*qubit] = reached);
    }
    // what no gate turns by has no entries, and a block of its own
    let alone = (one_with.len()..).zip(&layer_of);
    alone.map(|(alone, layer)| layer.map_or(alone, |layer| one_with[layer])).collect()
}
