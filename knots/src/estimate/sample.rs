//! Shots of a job on the state-vector simulator, with stochastic Pauli errors.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Stream};
use qloom_sim::{Program, SimulatorConfig, StateVector, before_last_measurements};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use super::noise::{self, Noise};
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
pub fn draw_strings(strands: usize, closure: Closure, draws: u64, seed: u64) -> Result<Vec<(PathString, u64)>, KnotError> {
    if strands == 0 || strands > 64 {
        return Err(KnotError::Strands { strands, reason: "circuits are made for 1 to 64 strands" });
    }
    match closure {
        Closure::Plat if strands % 2 == 1 => {
            Err(KnotError::Strands { strands, reason: "a plat closure joins strands in pairs; add one or remove one" })
        }
        Closure::Plat => Ok(vec![(PathString::cups(strands), draws)]),
        Closure::Trace => {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(u64::MAX);
            let mut counts: BTreeMap<PathString, u64> = BTreeMap::new();
            for _ in 0..draws {
                *counts.entry(PathString::sample(strands, &mut || rng.random())).or_default() += 1;
            }
            Ok(counts.into_iter().collect())
        }
    }
}

/// Runs `shots` shots in all, spread evenly over the circuits of the braid and, if `conjugate`, of its mirror image.
///
/// The shots of a string without any error share one simulation; every shot with one has its own. The result depends on the seed
/// only, not on threads. Costs about `2^n` per gate and distinct simulation.
///
/// # Errors
/// For strands that no circuit can have, when the states do not fit into memory, or when the caller asked to stop.
#[allow(clippy::too_many_arguments)]
pub fn sample(
    braid: &Braid,
    closure: Closure,
    target: Target,
    noise: Noise,
    conjugate: bool,
    shots: u64,
    seed: u64,
    limits: &mut Limits<'_>,
) -> Result<Vec<Record>, KnotError> {
    let kinds = if conjugate { 4 } else { 2 };
    let strings = draw_strings(braid.strands(), closure, (shots / kinds).max(1), seed)?;
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
                    outcomes[kind] = run(&before_last_measurements(&circuit), noise, *draws, seed, number, config)?;
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

/// The final state of a circuit without measurements.
pub(super) fn final_state(circuit: &Circuit, config: SimulatorConfig) -> Result<StateVector<f64>, KnotError> {
    let mut state = StateVector::zero(circuit.num_qubits(), config)?;
    state.run(&Program::new(circuit)?, &[])?;
    Ok(state)
}

/// Shots of one circuit; `number` tells its stream of random numbers.
fn run(
    circuit: &Circuit,
    noise: Noise,
    shots: u64,
    seed: u64,
    number: u64,
    config: SimulatorConfig,
) -> Result<Vec<(u64, u64)>, KnotError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    let locations = noise.locations(circuit);
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    let mut clean = 0;
    for _ in 0..shots {
        let faults = noise::draw(&locations, circuit.operations().len(), false, &mut rng);
        if faults.is_empty() {
            clean += 1;
            continue;
        }
        let (noisy, flips) = noise::with_faults(circuit, &faults);
        let mut stream = Stream::named(rng.random(), "shots");
        for (outcome, times) in final_state(&noisy, config)?.sample(1, &mut stream).iter() {
            *counts.entry(outcome ^ flips).or_default() += times;
        }
    }
    if clean > 0 {
        let mut stream = Stream::named(rng.random(), "shots");
        for (outcome, times) in final_state(circuit, config)?.sample(clean, &mut stream).iter() {
            *counts.entry(outcome).or_default() += times;
        }
    }
    Ok(counts.into_iter().collect())
}
