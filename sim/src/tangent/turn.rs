//! Which parameters of a circuit have entries of a metric with which.

use qloom_circuits::Primitive;

use super::{MetricKind, free};

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

/// The layer of each parameter. A layer ends before a gate that a gate of the layer leads to, by whatever stands between them.
fn layers(primitives: &[Primitive], varied: usize, turning: impl Fn(&Primitive) -> Option<(usize, f64)>) -> Vec<usize> {
    let mut layer_of: Vec<Option<usize>> = vec![None; varied];
    // qubits that gates of the layer lead to
    let (mut layer, mut next, mut reached) = (0, 1, 0u64);
    for primitive in primitives {
        let qubits = primitive.qubits().iter().fold(0u64, |mask, qubit| mask | 1 << qubit);
        if let Some((parameter, _)) = turning(primitive) {
            if qubits & reached != 0 {
                (layer, next, reached) = (next, next + 1, 0);
            }
            match layer_of[parameter] {
                Some(before) if before != layer => {
                    let own = layer_of.iter_mut().flatten().filter(|own| **own == layer);
                    own.for_each(|own| *own = before);
                    layer = before;
                }
                Some(_) | None => layer_of[parameter] = Some(layer),
            }
            reached |= qubits;
        } else if qubits & reached != 0 {
            reached |= qubits;
        }
    }
    // what no gate turns by has no entries, and a block of its own
    let alone = (next..).zip(&layer_of);
    alone.map(|(alone, layer)| layer.unwrap_or(alone)).collect()
}
