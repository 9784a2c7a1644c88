//! Shots of a job on the state-vector simulator, with stochastic Pauli errors.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Stream};
use qloom_estimate::{PauliErrors, Readout};
use qloom_hardware::UniformNoise;
use qloom_sim::{SimulatorConfig, before_last_measurements};
use rayon::prelude::*;

use super::{KINDS, Record};
use crate::braid::{Braid, Closure};
use crate::circuit::{Target, hadamard_test};
use crate::error::KnotError;
use crate::exact::Limits;
use crate::fibonacci::PathString;

/// Strings for `draws` shots of each circuit, with how often each was drawn, in a fixed order.
///
/// For a trace closure independent draws from the Markov trace's distribution, for a plat closure the cup string.
///
/// # Errors
/// For no strand, more than 64, or an odd number in a plat closure.
pub fn draw_strings(
    strands: usize,
    closure: Closure,
    draws: u64,
    stream: &mut Stream,
) -> Result<Vec<(PathString, u64)>, KnotError> {
    if strands == 0 || strands > 64 {
        return Err(KnotError::Strands { strands, reason: "circuits are made for 1 to 64 strands" });
    }
    match closure {
        Closure::Plat if strands % 2 == 1 => {
            Err(KnotError::Strands { strands, reason: "a plat closure joins strands in pairs; add one or remove one" })
        }
        Closure::Plat => Ok(vec![(PathString::cups(strands), draws)]),
        Closure::Trace => {
            let mut counts: BTreeMap<PathString, u64> = BTreeMap::new();
            for _ in 0..draws {
                *counts.entry(PathString::sample(strands, &mut || stream.unit())).or_default() += 1;
            }
            Ok(counts.into_iter().collect())
        }
    }
}

/// Runs `shots` shots in all, spread evenly over the circuits of the braid and, if `conjugate`, of its mirror image.
///
/// The shots of a string without any error share one simulation; every shot with one has its own. The result depends on the
/// stream only, not on threads. Costs about `2^n` per gate and distinct simulation.
///
/// # Errors
/// For strands that no circuit can have, when the states do not fit into memory, or when the caller asked to stop.
#[allow(clippy::too_many_arguments)]
pub fn sample(
    braid: &Braid,
    closure: Closure,
    target: Target,
    noise: UniformNoise,
    conjugate: bool,
    shots: u64,
    stream: &mut Stream,
    limits: &mut Limits<'_>,
) -> Result<Vec<Record>, KnotError> {
    let kinds = if conjugate { 4 } else { 2 };
    let strings = draw_strings(braid.strands(), closure, (shots / kinds).max(1), stream)?;
    let seed = stream.word();
    let threads = rayon::current_num_threads();
    let config = SimulatorConfig { threads: 1, memory_limit: limits.memory_bytes / threads as u64, ..SimulatorConfig::default() };
    let needed = u64::try_from(qloom_sim::state_bytes::<f64>(braid.strands())).unwrap_or(u64::MAX).saturating_mul(threads as u64);
    if needed > limits.memory_bytes {
        let remedy = "use fewer strands or threads, or estimate with a random vector";
        return Err(KnotError::Memory { method: "sampling circuits", needed, limit: limits.memory_bytes, remedy });
    }
    let words = KINDS.map(|(word, _)| word.of(braid));
    let mut records = Vec::with_capacity(strings.len());
    for (chunk_number, chunk) in strings.chunks(4 * threads).enumerate() {
        limits.report(records.len(), strings.len())?;
        let chunk: Result<Vec<Record>, KnotError> = chunk
            .par_iter()
            .enumerate()
            .map(|(index, (string, draws))| {
                let mut outcomes: [Vec<(u64, u64)>; 4] = Default::default();
                for kind in 0..kinds as usize {
                    let circuit = hadamard_test(&words[kind], string, KINDS[kind].1, target)?;
                    let number = ((chunk_number * 4 * threads + index) * 4 + kind) as u64;
                    let (errors, readout) = errors_of(&circuit, noise)?;
                    let counts = errors.counts(*draws, &readout, config, &mut Stream::numbered(seed, "circuit", number))?;
                    outcomes[kind] = counts.iter().map(|(outcome, times)| (outcome.word(), times)).collect();
                }
                Ok(Record { string: string.clone(), outcomes })
            })
            .collect();
        records.extend(chunk?);
    }
    if let ControlFlow::Break(()) = (limits.progress)(records.len(), strings.len()) {
        return Err(KnotError::Stopped);
    }
    Ok(records)
}

/// The noise of a circuit on a machine with virtual Z gates, read-out errors apart.
pub(super) fn errors_of(circuit: &Circuit, noise: UniformNoise) -> Result<(PauliErrors, Readout), KnotError> {
    let model = noise.model(circuit.num_qubits(), true)?;
    Ok((PauliErrors::new(&model.apply(&before_last_measurements(circuit))?)?, Readout::new(&model.readout)?))
}
