//! What a noisy machine would give with infinitely many shots.

use num_complex::Complex64;
use qloom_circuits::{Channel, Circuit, Operation, Stream};
use qloom_estimate::{EstimateError, PauliErrors};
use qloom_hardware::UniformNoise;
use qloom_sim::{Program, SimulatorConfig, StateVector, Workspace, before_last_measurements};
use rayon::prelude::*;

use crate::braid::Braid;
use crate::circuit::{Part, Target, decode, hadamard_test};
use crate::error::KnotError;
use crate::exact::Limits;
use crate::fibonacci::{PathString, Space};

/// Expected estimates of `E` under noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Without the echo and without discarding.
    pub raw: Complex64,
    /// With the echo.
    pub echo: Complex64,
    /// With the echo, shots with illegal strings discarded.
    pub echo_discard: Complex64,
    /// Fraction of shots discarded.
    pub discarded: f64,
    /// Standard error of the real and imaginary part of `echo` each, from the finite number of trajectories.
    pub standard_error: f64,
    /// Probability that a circuit runs without any error, averaged over strings.
    pub clean: f64,
}

/// One trajectory's part: raw, echo, kept, each mixed with what a clean run gives.
struct Sample {
    raw: [f64; 2],
    echo: [f64; 2],
    kept: [f64; 2],
    clean: [f64; 2],
    element: Complex64,
}

/// Expected estimates for the trace closure of a braid whose `E` is `exact`, from stochastic Pauli trajectories.
///
/// Runs without error count with their exact probability and value, so only erroneous ones are sampled, one string each; the matrix
/// element of the string serves as control variate. Costs two state vectors of `2^n` amplitudes per trajectory.
///
/// # Errors
/// When states do not fit into memory, or the caller asked to stop.
pub fn expected(
    braid: &Braid,
    target: Target,
    noise: UniformNoise,
    exact: Complex64,
    trajectories: usize,
    stream: &mut Stream,
    limits: &mut Limits<'_>,
) -> Result<Expected, KnotError> {
    let space = Space::new(braid.strands())?;
    let config = SimulatorConfig { threads: 1, memory_limit: limits.memory_bytes, ..SimulatorConfig::default() };
    let seed = stream.word();
    let one = |number: usize| -> Result<Sample, KnotError> {
        let mut stream = Stream::numbered(seed, "trajectory", number as u64);
        let string = PathString::sample(braid.strands(), &mut || stream.unit());
        let element = space.matrix_element(braid, &string);
        let mut sample = Sample { raw: [0.0; 2], echo: [0.0; 2], kept: [0.0; 2], clean: [0.0; 2], element };
        for (index, (part, value)) in [(Part::Real, element.re), (Part::Imaginary, element.im)].into_iter().enumerate() {
            let errors = with_read_errors(&hadamard_test(braid, &string, part, target)?, noise)?;
            let clean = errors.clean_probability();
            let [mut raw, mut echo, mut kept] = [0.0; 3];
            if clean < 1.0 {
                let state = final_state(&errors.draw_erroneous(&mut stream)?, config)?;
                for (outcome, amplitude) in state.amplitudes().enumerate() {
                    let probability = amplitude.norm_sqr();
                    if probability > 1e-18 {
                        let (sign, back, legal) = decode(outcome as u64, &string, target.layout);
                        raw += sign * probability;
                        echo += if back { sign * probability } else { 0.0 };
                        kept += if legal { probability } else { 0.0 };
                    }
                }
            }
            sample.raw[index] = clean * value + (1.0 - clean) * raw;
            sample.echo[index] = clean * value + (1.0 - clean) * echo;
            sample.kept[index] = clean + (1.0 - clean) * kept;
            sample.clean[index] = clean;
        }
        Ok(sample)
    };
    let chunk = 4 * rayon::current_num_threads();
    let mut samples = Vec::with_capacity(trajectories);
    for start in (0..trajectories).step_by(chunk) {
        limits.report(start, trajectories)?;
        let some: Result<Vec<Sample>, KnotError> = (start..(start + chunk).min(trajectories)).into_par_iter().map(one).collect();
        samples.extend(some?);
    }
    let count = samples.len().max(1) as f64;
    let clean = samples.iter().map(|s| s.clean[0] + s.clean[1]).sum::<f64>() / (2.0 * count);
    let kept = samples.iter().map(|s| s.kept[0] + s.kept[1]).sum::<f64>() / (2.0 * count);
    // the mean of the strings' elements is known
    let controlled = |of: fn(&Sample) -> [f64; 2]| -> Vec<Complex64> {
        samples.iter().map(|s| Complex64::new(of(s)[0], of(s)[1]) - (s.element - exact) * clean).collect()
    };
    let mean = |values: &[Complex64]| values.iter().sum::<Complex64>() / count;
    let echoes = controlled(|s| s.echo);
    let echo = mean(&echoes);
    let spread: f64 = echoes.iter().map(|value| (value - echo).norm_sqr()).sum();
    Ok(Expected {
        raw: mean(&controlled(|s| s.raw)),
        echo,
        echo_discard: echo / kept,
        discarded: 1.0 - kept,
        standard_error: (spread / (2.0 * count * (count - 1.0).max(1.0))).sqrt(),
        clean,
    })
}

/// The errors of a circuit on a machine with virtual Z gates; a qubit that is read wrongly either way is one that flips before it is read.
fn with_read_errors(circuit: &Circuit, noise: UniformNoise) -> Result<PauliErrors, KnotError> {
    let circuit = before_last_measurements(circuit);
    let mut noisy = noise.model(circuit.num_qubits(), true)?.apply(&circuit)?;
    if noise.readout > 0.0 {
        for qubit in 0..circuit.num_qubits() {
            let channel = Channel::bit_flip(noise.readout).map_err(EstimateError::from)?;
            noisy.push(Operation::Channel { channel, qubits: [qubit].into_iter().collect() }).map_err(EstimateError::from)?;
        }
    }
    Ok(PauliErrors::new(&noisy)?)
}

fn final_state(circuit: &Circuit, config: SimulatorConfig) -> Result<StateVector<f64>, KnotError> {
    let mut state = StateVector::zero(circuit.num_qubits(), config)?;
    state.apply(&Program::new(circuit)?, &[], &mut Workspace::default())?;
    Ok(state)
}
