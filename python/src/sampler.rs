//! Distributions of outcomes under noise, with errors mitigated.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::{self, Operation, Stream};
use qloom::estimate::{Cancellation, Mitigation, Readout};
use qloom::sim::{self, Counts, split_last_measurements, state_bytes};

use crate::circuit::Circuit;
use crate::error;
use crate::estimator::mitigation;
use crate::frame;
use crate::noise::{NoiseModel, confused};
use crate::state::{by_bitstring, config};
use crate::work;

/// The most measured bits whose errors are inverted: the distribution is a list.
const MOST_INVERTED: usize = 20;

/// How many operations are drawn that cancel noise; they share the shots.
const DRAWS: u64 = 1000;

/// Outcomes of circuits as a noisy machine reads them, with what is done against the noise.
///
/// `invert_readout` undoes the errors of reading out that `noise` has, `mitigation` is probabilistic-error-cancellation or None. Where
/// amplitudes do not fit into memory, Clifford circuits with Pauli noise are drawn by `PauliFrames`.
///
/// >>> from qloom import Circuit, NoiseModel, Sampler
/// >>> noise = NoiseModel.uniform("depolarizing1=0, depolarizing2=0, readout=0.1", 1)
/// >>> circuit = Circuit(1).x(0)
/// >>> round(Sampler(noise, seed=1).counts(circuit, 100_000)["1"], -3)
/// 90000
/// >>> round(Sampler(noise, invert_readout=True, seed=1).quasi_probabilities(circuit, 100_000)["1"], 2)
/// 1.0
#[pyclass(frozen, module = "qloom")]
pub struct Sampler {
    noise: Option<NoiseModel>,
    invert_readout: bool,
    cancels: bool,
    seed: u64,
    arguments: Py<PyTuple>,
}

/// A circuit with its noise, and how its shots are drawn.
struct Job {
    noisy: circuits::Circuit,
    noise: Option<NoiseModel>,
    seed: u64,
}

impl Job {
    /// Shots of a circuit that has its noise, as they are read.
    fn shots(&self, circuit: &circuits::Circuit, shots: u64, stream: &mut Stream, stop: &AtomicBool) -> PyResult<Counts> {
        if state_bytes::<f64>(circuit.num_qubits()) > u128::from(config().memory_limit)
            && let Some(counts) = self.framed(circuit, shots, stream, stop)?
        {
            return Ok(counts);
        }
        let read = match &self.noise {
            Some(noise) => confused(&noise.inner, circuit)?,
            None => circuit.clone(),
        };
        let mut watch = |_| match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let executable = sim::Executable::<sim::StateVector<f64>>::new(&read).map_err(error::of)?;
        executable.watched_counts(shots, config(), stream, &mut watch).map_err(error::of)
    }

    /// Shots by frames; none of a circuit that is no Clifford circuit with Pauli noise.
    fn framed(
        &self,
        circuit: &circuits::Circuit,
        shots: u64,
        stream: &mut Stream,
        stop: &AtomicBool,
    ) -> PyResult<Option<Counts>> {
        let flips = self.noise.as_ref().map(|noise| noise.inner.readout.clone()).unwrap_or_default();
        let Ok(frames) = sim::PauliFrames::new(circuit, &flips, config()) else { return Ok(None) };
        frame::counted(&frames, shots, stream, stop).map(Some)
    }

    /// Weights of outcomes, whose mean is the distribution without the noise of gates.
    fn cancelled(&self, shots: u64, stop: &AtomicBool) -> PyResult<BTreeMap<String, f64>> {
        let cancellation = Cancellation::new(&self.noisy).map_err(error::of)?;
        let (mut stream, mut drawn) = (Stream::named(self.seed, "shots"), Stream::named(self.seed, "errors"));
        let draws = shots.min(DRAWS);
        let mut weights = BTreeMap::new();
        for draw in 0..draws {
            let signed = cancellation.draw(&mut drawn).map_err(error::of)?;
            let share = shots / draws + u64::from(draw < shots % draws);
            let weight = signed.sign * cancellation.overhead() / shots as f64;
            for (outcome, count) in by_bitstring(&self.shots(&signed.circuit, share, &mut stream, stop)?) {
                *weights.entry(outcome).or_insert(0.0) += weight * count as f64;
            }
        }
        Ok(weights)
    }
}

impl Sampler {
    /// The circuit with its noise; what is not measured anywhere is measured at the end.
    fn job(&self, circuit: &Circuit, shots: u64) -> PyResult<Job> {
        if shots == 0 {
            return Err(error::input("0 shots have no outcomes; draw at least 1"));
        }
        let mut circuit = circuit.inner.bind(&[]).map_err(error::of)?;
        if !circuit.operations().iter().any(|operation| matches!(operation, Operation::Measure { .. })) {
            circuit.measure_all();
        }
        let noisy = match &self.noise {
            Some(noise) => noise.inner.apply(&circuit).map_err(error::of)?,
            None => circuit,
        };
        Ok(Job { noisy, noise: self.noise.clone(), seed: self.seed })
    }

    /// The errors to be inverted, and which qubit each bit is read from.
    fn inversion(&self, noisy: &circuits::Circuit) -> PyResult<Option<(Readout, Vec<usize>)>> {
        let Some(noise) = self.noise.as_ref().filter(|_| self.invert_readout) else { return Ok(None) };
        let (rest, last) = split_last_measurements(noisy);
        let bits = noisy.num_bits();
        let mut places = vec![usize::MAX; bits];
        last.iter().for_each(|&(qubit, bit)| places[bit] = qubit);
        if rest.operations().iter().any(|operation| matches!(operation, Operation::Measure { .. } | Operation::Conditional(_))) {
            return Err(error::unsupported(
                "errors of reading out are inverted for measurements at the end; leave invert_readout out",
            ));
        }
        if bits > MOST_INVERTED {
            let limit = format!("{bits} bits are more than the {MOST_INVERTED} whose errors of reading out are inverted");
            return Err(error::input(format!("{limit}; measure fewer, or estimate expectation values by Estimator")));
        }
        // a bit that nothing is read into is 0 without error
        let readout = Readout::new(&noise.inner.readout).and_then(Readout::invertible).map_err(error::of)?;
        Ok(Some((readout, places)))
    }
}

#[pymethods]
impl Sampler {
    #[new]
    #[pyo3(signature = (noise=None, invert_readout=false, mitigation=None, seed=0))]
    fn new(
        py: Python<'_>,
        noise: Option<NoiseModel>,
        invert_readout: bool,
        mitigation: Option<Bound<'_, PyAny>>,
        seed: u64,
    ) -> PyResult<Self> {
        let cancels = match self::mitigation(mitigation.as_ref())? {
            Mitigation::None => false,
            Mitigation::ProbabilisticErrorCancellation(settings) if settings.drift == 0.0 => true,
            Mitigation::ProbabilisticErrorCancellation(settings) => {
                let drift = settings.drift;
                return Err(error::input(format!("drift is {drift}; shots are drawn with noise that is known: leave it out")));
            }
            Mitigation::ZeroNoiseExtrapolation(_) | Mitigation::VirtualDistillation(_) => {
                return Err(error::input(
                    "this mitigation is of expectation values; use Estimator, or probabilistic-error-cancellation",
                ));
            }
        };
        let arguments = (noise.clone(), invert_readout, mitigation, seed).into_pyobject(py)?.unbind();
        Ok(Self { noise, invert_readout, cancels, seed, arguments })
    }

    /// Outcomes as they are read, bit 0 rightmost, and how often each came; nothing is mitigated.
    fn counts(&self, py: Python<'_>, circuit: &Circuit, shots: u64) -> PyResult<BTreeMap<String, u64>> {
        let job = self.job(circuit, shots)?;
        work::long(py, move |stop| {
            let noisy = job.noisy.clone();
            Ok(by_bitstring(&job.shots(&noisy, shots, &mut Stream::named(job.seed, "shots"), stop)?))
        })
    }

    /// Outcomes and their weights, of which some may be negative: unbiased estimates of the probabilities without what is mitigated.
    fn quasi_probabilities(&self, py: Python<'_>, circuit: &Circuit, shots: u64) -> PyResult<BTreeMap<String, f64>> {
        let job = self.job(circuit, shots)?;
        let (inversion, cancels) = (self.inversion(&job.noisy)?, self.cancels);
        let bits = job.noisy.num_bits();
        work::long(py, move |stop| {
            let weights = if cancels {
                job.cancelled(shots, stop)?
            } else {
                let counts = job.shots(&job.noisy, shots, &mut Stream::named(job.seed, "shots"), stop)?;
                by_bitstring(&counts).into_iter().map(|(outcome, count)| (outcome, count as f64 / shots as f64)).collect()
            };
            let Some((readout, places)) = inversion else { return Ok(weights) };
            let mut table = vec![0.0; 1 << bits];
            for (outcome, weight) in weights {
                table[usize::from_str_radix(&outcome, 2).map_err(error::simulation)?] += weight;
            }
            readout.invert(&places, &mut table);
            let named = table.into_iter().enumerate().filter(|(_, weight)| *weight != 0.0);
            Ok(named.map(|(outcome, weight)| (format!("{outcome:0bits$b}"), weight)).collect())
        })
    }

    fn __repr__(&self) -> String {
        format!("<Sampler: readout inverted {}, noise cancelled {}>", self.invert_readout, self.cancels)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, Bound<'py, PyTuple>) {
        (slf.get_type().into_any(), slf.get().arguments.bind(slf.py()).clone())
    }
}
