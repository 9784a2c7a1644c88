//! What an estimate takes: circuits, shots, time.

use serde::Serialize;

use super::factor;
use crate::braid::{Braid, Closure};
use crate::circuit::{Target, circuit_cost, sequence};
use crate::error::KnotError;
use crate::fibonacci::Space;

/// A machine's durations and errors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Durations {
    /// Duration of a layer of two-qubit gates, in milliseconds.
    pub layer_ms: f64,
    /// What a shot takes besides, in milliseconds.
    pub shot_ms: f64,
    /// Probability that a two-qubit gate errs.
    pub two_qubit_error: f64,
}

/// The random-vector estimate of the same error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RandomVectorCost {
    /// Amplitudes of a vector.
    pub amplitudes: f64,
    /// Bytes of two vectors.
    pub bytes: f64,
    /// Number of vectors.
    pub vectors: f64,
    /// Floating-point operations, about.
    pub operations: f64,
}

/// What an estimate of `V(e^{2 pi i/5})` takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resources {
    /// Qubits, one a strand.
    pub qubits: usize,
    /// Crossings of the braid.
    pub crossings: usize,
    /// Maximal runs of one generator.
    pub runs: usize,
    /// Two-qubit gates of a circuit, on average over strings.
    pub two_qubit_gates: f64,
    /// The most two-qubit gates of a circuit.
    pub most_two_qubit_gates: usize,
    /// Two-qubit gates of the braid alone.
    pub braid_two_qubit_gates: usize,
    /// Layers of two-qubit gates.
    pub two_qubit_depth: usize,
    /// The modulus of the factor between `E` and `V`.
    pub scale: f64,
    /// The wanted standard error of each part of `V`.
    pub error: f64,
    /// Shots in all.
    pub shots: f64,
    /// Time in all.
    pub seconds: f64,
    /// The machine.
    pub machine: Durations,
    /// Probability that no two-qubit gate of a circuit errs.
    pub chance_of_no_two_qubit_error: f64,
    /// The classical estimate; for a trace closure only.
    pub random_vector: Option<RandomVectorCost>,
}

/// What estimating `V` to a standard error of each part takes.
///
/// Each part of `E` has a standard error of at most `sqrt(2/N)` after `N` shots, `V` one of `scale` times as much. One random vector has a
/// standard error of about `F_{n+1}^{-1/2}` on `E`.
///
/// # Errors
/// For no strand, and for a plat closure of an odd number of strands.
pub fn resources(
    braid: &Braid,
    closure: Closure,
    target: Target,
    error: f64,
    machine: Durations,
) -> Result<Resources, KnotError> {
    let cost = circuit_cost(braid, target)?;
    let scale = factor(braid, closure)?.norm();
    let shots = 2.0 * (scale / error).powi(2);
    let passes = sequence(braid).len() as f64;
    let space = match closure {
        Closure::Trace => Space::new(braid.strands()).ok(),
        Closure::Plat => None,
    };
    let random_vector = space.map(|space| {
        let amplitudes = space.dimension() as f64;
        let vectors = (scale * scale / amplitudes / error.powi(2)).ceil().max(1.0);
        let operations = 10.0 * amplitudes * passes * vectors;
        RandomVectorCost { amplitudes, bytes: 32.0 * amplitudes, vectors, operations }
    });
    Ok(Resources {
        qubits: cost.qubits,
        crossings: braid.len(),
        runs: cost.runs,
        two_qubit_gates: cost.two_qubit_gates,
        most_two_qubit_gates: cost.most_two_qubit_gates,
        braid_two_qubit_gates: cost.braid_two_qubit_gates,
        two_qubit_depth: cost.two_qubit_depth,
        scale,
        error,
        shots: shots.ceil(),
        seconds: shots * (cost.two_qubit_depth as f64 * machine.layer_ms + machine.shot_ms) / 1000.0,
        machine,
        chance_of_no_two_qubit_error: (1.0 - machine.two_qubit_error).powf(cost.two_qubit_gates),
        random_vector,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shots_grow_with_the_square() {
        let braid = Braid::new(4, vec![1, -2, 3, -2, 1]).expect("a braid");
        let machine = Durations { layer_ms: 30.0, shot_ms: 0.0, two_qubit_error: 1e-3 };
        let of = |error| resources(&braid, Closure::Trace, Target::default(), error, machine).expect("four strands");
        let phi: f64 = (1.0 + 5.0f64.sqrt()) / 2.0;
        let (one, two) = (of(0.1), of(0.05));
        assert_eq!(one.shots, (2.0 * phi.powi(6) / 0.01).ceil());
        assert!((two.seconds / one.seconds - 4.0).abs() < 1e-9);
        assert!((one.chance_of_no_two_qubit_error - 0.999f64.powf(one.two_qubit_gates)).abs() < 1e-15);
        assert!(one.random_vector.is_some_and(|cost| cost.amplitudes == 8.0 || cost.amplitudes == 5.0));
        assert!(resources(&Braid::new(3, vec![1]).expect("a braid"), Closure::Plat, Target::default(), 0.1, machine).is_err());
    }
}
