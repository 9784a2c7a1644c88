//! Shots of noisy Clifford circuits.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::{self, Stream};
use qloom::sim::{self, Counts, ShotTable};

use crate::circuit::Circuit;
use crate::error;
use crate::noise::{self, NoiseModel};
use crate::state::{by_bitstring, config};
use crate::work;

/// The most shots that are drawn at a time.
const MOST_SHOTS: u64 = 1_000_000_000;

/// A Clifford circuit with Pauli noise, measurements, resets and conditioned Pauli gates, compiled for drawing many shots: by frames, the
/// Pauli strings by which shots differ from a reference shot. A shot costs some bits a gate, whatever the state.
///
/// Where nothing is measured, all qubits are at the end. With `noise`, channels and errors of reading out are those of the model. Source:
/// C. Gidney, Quantum 5, 497 (2021).
///
/// >>> from qloom import Circuit, PauliFrames
/// >>> table = PauliFrames(Circuit(2).h(0).cx(0, 1)).sample(1000)
/// >>> table.shape, table.dtype.name, bool((table[:, 0] == table[:, 1]).all())
/// ((1000, 2), 'uint8', True)
#[pyclass(frozen, module = "qloom")]
pub struct PauliFrames {
    inner: Arc<sim::PauliFrames>,
    circuit: circuits::Circuit,
    noise: Option<NoiseModel>,
}

/// Draws shots, some at a time.
fn draw(
    frames: &sim::PauliFrames,
    shots: u64,
    stream: &mut Stream,
    stop: &AtomicBool,
    mut take: impl FnMut(&ShotTable),
) -> PyResult<()> {
    if shots > MOST_SHOTS {
        return Err(error::input(format!("{shots} shots are more than the {MOST_SHOTS} that are drawn at a time; draw fewer")));
    }
    let each = |table: &ShotTable| {
        take(table);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    frames.sample(shots, stream, each).map_err(error::of)
}

/// Draws shots and counts their outcomes.
pub fn counted(frames: &sim::PauliFrames, shots: u64, stream: &mut Stream, stop: &AtomicBool) -> PyResult<Counts> {
    let mut counts = Counts::new(frames.outcome_bits());
    draw(frames, shots, stream, stop, |table| table.records().for_each(|record| counts.add(record, 1)))?;
    Ok(counts)
}

#[pymethods]
impl PauliFrames {
    /// Compiles a circuit without parameters.
    #[new]
    #[pyo3(signature = (circuit, noise=None))]
    fn new(py: Python<'_>, circuit: &Circuit, noise: Option<NoiseModel>) -> PyResult<Self> {
        let circuit = circuit.inner.bind(&[]).map_err(error::of)?;
        let (noisy, flips) = noise::noisy(noise.as_ref(), &circuit)?;
        let compile = move |_: &AtomicBool| sim::PauliFrames::new(&noisy, &flips, config()).map_err(error::of);
        Ok(Self { inner: Arc::new(work::long(py, compile)?), circuit, noise })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Bits of an outcome: the classical bits, or all qubits where nothing is measured.
    #[getter]
    fn outcome_bits(&self) -> usize {
        self.inner.outcome_bits()
    }

    /// Draws shots: a row of bits for each, bit 0 first. `packed` puts eight bits into a byte, bit 0 the least significant of the first.
    #[pyo3(signature = (shots, seed=0, packed=false))]
    fn sample<'py>(&self, py: Python<'py>, shots: u64, seed: u64, packed: bool) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let (inner, bits) = (Arc::clone(&self.inner), self.inner.outcome_bits());
        let width = if packed { bits.div_ceil(8) } else { bits };
        let needed = u128::from(shots.min(MOST_SHOTS)) * width as u128;
        let limit = u128::from(config().memory_limit);
        if needed > limit {
            return Err(error::memory(format!(
                "{shots} shots of {bits} bits take {needed} bytes, and {limit} are allowed; draw fewer, or pack them"
            )));
        }
        let values = work::long(py, move |stop| {
            let mut values: Vec<u8> = Vec::new();
            values.try_reserve_exact(needed as usize).map_err(|_| error::memory(format!("{needed} bytes are not there")))?;
            draw(&inner, shots, &mut Stream::named(seed, "shots"), stop, |table| {
                let rows = table.packed();
                if packed {
                    values.extend(rows);
                } else {
                    for row in rows.chunks(bits.div_ceil(8).max(1)) {
                        values.extend((0..bits).map(|bit| row[bit / 8] >> (bit % 8) & 1));
                    }
                }
            })?;
            Ok(values)
        })?;
        values.into_pyarray(py).reshape([shots as usize, width])
    }

    /// Draws shots: outcomes, bit 0 rightmost, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    fn counts(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<BTreeMap<String, u64>> {
        let inner = Arc::clone(&self.inner);
        work::long(py, move |stop| {
            let counts = counted(&inner, shots, &mut Stream::named(seed, "shots"), stop)?;
            Ok(by_bitstring(&counts))
        })
    }

    fn __repr__(&self) -> String {
        format!("<PauliFrames: {} qubits, {} bits>", self.inner.num_qubits(), self.inner.outcome_bits())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (Circuit { inner: this.circuit.clone() }, this.noise.clone());
        Ok((slf.get_type().into_any(), parts.into_pyobject(slf.py())?))
    }
}
