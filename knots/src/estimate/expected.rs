//! What a noisy machine would give with infinitely many shots.

use num_complex::Complex64;
use qloom_circuits::{Channel, Circuit, Operation, Stream};
use qloom_estimate::{EstimateError, PauliErrors, Readout};
use qloom_hardware::UniformNoise;
use qloom_sim::{Executable, Program, SimulatorConfig, StateVector, Workspace, before_last_measurements};
use rayon::prelude::*;

use super::SampleNoise;
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
    /// Probability that a circuit runs without any error, averaged over strings; of a device the product of the process fidelities of its
    /// channels, which is the same where all errors are Pauli errors.
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

/// Expected estimates for the trace closure of a braid whose `E` is `exact`, from trajectories, one string each.
///
/// Under uniform noise runs without error count with their exact probability and value, so that only erroneous ones are sampled, by Pauli
/// errors; those of a device are drawn channel by channel. The matrix element of the string serves as control variate. Costs two state
/// vectors of `2^n` amplitudes per trajectory.
///
/// # Errors
/// When states do not fit into memory, circuits do not fit the device, or the caller asked to stop.
pub fn expected(
    braid: &Braid,
    target: Target,
    noise: &SampleNoise,
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
            let drawn = draw(&hadamard_test(braid, &string, part, target)?, noise, config, &mut stream)?;
            let [mut raw, mut echo, mut kept] = [0.0; 3];
            for (outcome, &probability) in drawn.probabilities.iter().enumerate() {
                if probability > 1e-18 {
                    let (sign, back, legal) = decode(outcome as u64, &string, target.layout);
                    raw += sign * probability;
                    echo += if back { sign * probability } else { 0.0 };
                    kept += if legal { probability } else { 0.0 };
                }
            }
            let known = drawn.known;
            sample.raw[index] = known * value + (1.0 - known) * raw;
            sample.echo[index] = known * value + (1.0 - known) * echo;
            sample.kept[index] = known + (1.0 - known) * kept;
            sample.clean[index] = drawn.clean;
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

/// One run of a circuit.
struct Drawn {
    /// Probability of a run without error.
    clean: f64,
    /// Share of all runs whose value is known without running them.
    known: f64,
    /// Probabilities of outcomes as they are read, in a run drawn from the others; empty where there are no others.
    probabilities: Vec<f64>,
}

fn draw(circuit: &Circuit, noise: &SampleNoise, config: SimulatorConfig, stream: &mut Stream) -> Result<Drawn, KnotError> {
    let probabilities = |state: StateVector<f64>| state.amplitudes().map(|amplitude| amplitude.norm_sqr()).collect();
    match noise {
        SampleNoise::Uniform(noise) => {
            let errors = with_read_errors(circuit, *noise)?;
            let clean = errors.clean_probability();
            let erroneous = if clean < 1.0 { Some(final_state(&errors.draw_erroneous(stream)?, config)?) } else { None };
            Ok(Drawn { clean, known: clean, probabilities: erroneous.map(probabilities).unwrap_or_default() })
        }
        SampleNoise::Device(_) | SampleNoise::IdleDevice(_) => {
            let (noisy, readout) = noise.of(circuit)?;
            let clean = fidelity(&noisy, &readout);
            let mut probabilities: Vec<f64> = probabilities(Executable::new(&noisy)?.draw(&[], config, stream)?.state);
            readout.apply(&(0..noisy.num_qubits()).collect::<Vec<_>>(), &mut probabilities);
            Ok(Drawn { clean, known: 0.0, probabilities })
        }
    }
}

/// The product of the process fidelities `Tr(R)/4^k` of all channels, reading out included.
fn fidelity(noisy: &Circuit, readout: &Readout) -> f64 {
    let of = |operation: &Operation| match operation {
        Operation::Channel { channel, .. } => {
            let size = 1 << (2 * channel.num_qubits());
            (0..size).map(|k| channel.transfer()[k * size + k]).sum::<f64>() / size as f64
        }
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. }
        | Operation::Conditional(_) => 1.0,
    };
    let read = readout.errors().iter().take(noisy.num_qubits()).map(|[one, zero]| 1.0 - (one + zero) / 2.0);
    noisy.operations().iter().map(of).chain(read).product()
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
    state.apply(&Program::once(circuit)?, &[], &mut Workspace::default())?;
    Ok(state)
}
