//! Trajectories: a noisy circuit by shots on pure states, as it is read.

mod ends;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use qloom_circuits::{Circuit, PauliSum, Stream};
use qloom_sim::{Counts, Executable, Observable, Progress, Real, Shots, SimulatorConfig, StateVector, state_bytes};

use self::ends::{Ends, States};
use crate::error::EstimateError;
use crate::estimate::Estimate;
use crate::readout::Readout;

/// A circuit with channels, measurements, resets and conditions, run shot by shot on pure states: one Kraus operator drawn at each
/// channel, outcomes read with errors.
///
/// Shots that have drawn the same operators so far share one state; see [`Executable::shots`].
///
/// ```
/// use qloom_circuits::{Channel, Circuit, Operation, Stream};
/// use qloom_estimate::{Readout, Trajectories};
/// use qloom_sim::SimulatorConfig;
/// let mut circuit = Circuit::new(1);
/// circuit.x(0);
/// circuit.push(Operation::Channel { channel: Channel::amplitude_damping(0.25)?, qubits: [0].into_iter().collect() })?;
/// let mut stream = Stream::named(7, "shots");
/// let trajectories = Trajectories::<f64>::new(&circuit)?;
/// let result = trajectories.run(10_000, None, &Readout::default(), SimulatorConfig::default(), &mut stream)?;
/// let z = result.expectation_z[0]; // exactly -0.5
/// assert!((z.value + 0.5).abs() < 5.0 * z.standard_error && z.standard_error < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trajectories<T: Real> {
    executable: Executable<StateVector<T>>,
}

/// What trajectories give: means and their standard errors.
#[derive(Clone, Debug, PartialEq)]
pub struct TrajectoryResult {
    /// Number of trajectories.
    pub shots: u64,
    /// Different trajectories among them: states that were run to the end.
    pub distinct: u64,
    /// `<Z_q>` of every qubit, read-out errors left out.
    pub expectation_z: Vec<Estimate>,
    /// The value of the observable, if there was one, read-out errors left out.
    pub expectation: Option<Estimate>,
    /// Probability of every outcome of measuring all qubits, read-out errors included; empty above 24 qubits.
    pub probabilities: Vec<Estimate>,
    /// `Tr(rho^2)` from pairs of trajectories; none where fewer than two states fit.
    pub purity: Option<Estimate>,
    /// One outcome a shot, read-out errors included: the classical bits, or all qubits where the circuit measures nothing.
    pub counts: Counts,
}

/// Pairs of states times amplitudes that an estimate of the purity may cost.
const PURITY_WORK: u128 = 1 << 32;

impl<T: Real> Trajectories<T> {
    /// Compiles a circuit; channels are where a noise model has put them.
    ///
    /// # Errors
    /// What [`Executable::new`] refuses.
    pub fn new(circuit: &Circuit) -> Result<Self, EstimateError> {
        Ok(Self { executable: Executable::new(circuit)? })
    }

    /// Runs `shots` trajectories, their outcomes read with these errors.
    ///
    /// Expectation values are means over trajectories of exact ones, with their standard errors; so are probabilities, up to 24 qubits,
    /// and every shot also draws an outcome. Equal for equal streams, whatever the number of threads.
    ///
    /// # Errors
    /// When there is no shot, the observable has another number of qubits, or memory does not suffice.
    pub fn run(
        &self,
        shots: u64,
        observable: Option<&PauliSum>,
        readout: &Readout,
        config: SimulatorConfig,
        stream: &mut Stream,
    ) -> Result<TrajectoryResult, EstimateError> {
        self.run_watched(shots, observable, readout, config, stream, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`Trajectories::run`]; `progress` is told the number of shots done from time to time and may end the work.
    ///
    /// # Errors
    /// As [`Trajectories::run`], and [`SimError::Stopped`](qloom_sim::SimError::Stopped).
    pub fn run_watched(
        &self,
        shots: u64,
        observable: Option<&PauliSum>,
        readout: &Readout,
        config: SimulatorConfig,
        stream: &mut Stream,
        progress: &mut Progress<'_>,
    ) -> Result<TrajectoryResult, EstimateError> {
        let n = self.executable.num_qubits();
        if let Some(sum) = observable.filter(|sum| sum.num_qubits() != n) {
            return Err(EstimateError::SizeMismatch { what: "qubits of an observable", expected: n, given: sum.num_qubits() });
        }
        let compiled = observable.map(Observable::new);
        let ends = |states| Ends::new(&self.executable, compiled.as_ref(), readout, states);
        // the states of some shots are kept for the purity, and their memory is taken from the run
        let kept = kept_for_purity(shots, n, u128::from(config.memory_limit) / state_bytes::<T>(n));
        let mut stream_of = |shots: u64, config, states: States, progress: &mut Progress<'_>| {
            let run = Shots { shots, flips: readout.errors(), config };
            self.executable.shots(run, stream, || ends(states), progress)
        };
        if kept == 0 {
            return Ok(stream_of(shots, config, States::LetGo, progress)?.finish(shots, None));
        }
        let memory_limit = config.memory_limit - (u128::from(kept) * state_bytes::<T>(n)) as u64;
        let mut nothing = |_| ControlFlow::Continue(());
        let mut total = stream_of(kept, SimulatorConfig { memory_limit, ..config }, States::Kept, &mut nothing)?;
        let purity = total.purity(kept)?;
        if shots > kept {
            let mut watched = |done| progress(kept + done);
            qloom_sim::Accumulate::merge(&mut total, stream_of(shots - kept, config, States::LetGo, &mut watched)?);
        }
        Ok(total.finish(shots, purity))
    }
}

/// Shots whose states are all kept: two at least, or none.
fn kept_for_purity(shots: u64, num_qubits: usize, room: u128) -> u64 {
    let by_work = ((2 * PURITY_WORK) >> num_qubits).isqrt();
    let kept = by_work.min(room / 4).min(256).min(u128::from(shots)) as u64;
    if kept < 2 { 0 } else { kept }
}
