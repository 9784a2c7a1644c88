//! Machines, and circuits compiled for them.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qloom::circuits::Gate;
use qloom::hardware::{self, CompileOptions, HardwareError};

use crate::circuit::Circuit;
use crate::error;
use crate::noise::NoiseModel;
use crate::work;

/// What a machine is: native gates, couplings, durations, calibration data.
///
/// >>> from qloom import Device
/// >>> Device.named("line-3").couplings
/// [(0, 1), (1, 2)]
#[pyclass(frozen, eq, module = "qloom", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Device {
    /// The facade's device.
    pub inner: hardware::Device,
}

fn made(device: Result<hardware::Device, HardwareError>) -> PyResult<Device> {
    Ok(Device { inner: device.map_err(error::of)? })
}

#[pymethods]
impl Device {
    /// The machine of a name, such as heron, line-5 or grid-3x3.
    #[staticmethod]
    fn named(name: &str) -> PyResult<Self> {
        made(hardware::Device::from_name(name))
    }

    /// Reads qloom's TOML of a device.
    #[staticmethod]
    fn from_toml(text: &str) -> PyResult<Self> {
        Ok(Self { inner: toml::from_str(text).map_err(error::hardware)? })
    }

    /// Reads the JSON of a service: IBM's backend properties or configuration, or Amazon Braket's device properties.
    #[staticmethod]
    #[pyo3(signature = (text, name="device"))]
    fn from_json(text: &str, name: &str) -> PyResult<Self> {
        // calibration data may hold NaN, which is not JSON: their reader says what else is wrong
        let keys: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
        made(if keys.contains_key("basis_gates") {
            hardware::Device::from_ibm_configuration(text)
        } else if keys.contains_key("paradigm") {
            hardware::Device::from_braket_properties(name, text)
        } else {
            hardware::Device::from_ibm_properties(text)
        })
    }

    /// Reads the calibration table of IBM's site.
    #[staticmethod]
    #[pyo3(signature = (text, name="device"))]
    fn from_csv(text: &str, name: &str) -> PyResult<Self> {
        made(hardware::Device::from_ibm_csv(name, text))
    }

    /// qloom's TOML of the device.
    fn to_toml(&self) -> PyResult<String> {
        toml::to_string(&self.inner).map_err(error::hardware)
    }

    /// Name.
    #[getter]
    fn name(&self) -> &str {
        &self.inner.name
    }

    /// Number of qubits; none where it can have any.
    #[getter]
    fn num_qubits(&self) -> Option<usize> {
        self.inner.num_qubits
    }

    /// Pairs of qubits that gates join; none where all are.
    #[getter]
    fn couplings(&self) -> Option<Vec<(usize, usize)>> {
        Some(self.inner.couplings.as_ref()?.iter().map(|[a, b]| (*a, *b)).collect())
    }

    /// Names of the native gates; none where every gate is.
    #[getter]
    fn gates(&self) -> Option<Vec<&'static str>> {
        Some(self.inner.gates.as_ref()?.iter().map(|gate| gate.name()).collect())
    }

    /// Whether there are calibration data, without which gates are perfect.
    #[getter]
    fn is_calibrated(&self) -> bool {
        self.inner.is_calibrated()
    }

    /// Average error and duration in nanoseconds of a gate on qubits, as far as they are known.
    fn gate_data(&self, gate: &str, qubits: Vec<usize>) -> PyResult<(Option<f64>, Option<f64>)> {
        let Some(gate) = Gate::from_name(gate) else {
            return Err(error::circuit(format!("no gate is named {gate:?}; qloom.gates() lists those there are")));
        };
        if qubits.len() != gate.num_qubits() {
            return Err(error::circuit(format!("{gate} acts on {} qubits, not on {}", gate.num_qubits(), qubits.len())));
        }
        if let (Some(&qubit), Some(limit)) = (qubits.iter().max(), self.inner.num_qubits)
            && qubit >= limit
        {
            return Err(error::missing(format!("qubit {qubit} is outside the device's {limit} qubits")));
        }
        let time = self.inner.gate_calibration(gate, &qubits).map(|data| data.time_ns);
        Ok((self.inner.gate_error(gate, &qubits), time))
    }

    /// What is known of a qubit: t1_ns, t2_ns and excited_population where it relaxes, readout (the probabilities to read 1 for 0, and 0
    /// for 1) and readout_ns; empty without calibration data.
    ///
    /// >>> from qloom import Device
    /// >>> Device.named("line-2").qubit_data(0)
    /// {}
    fn qubit_data<'py>(&self, py: Python<'py>, qubit: usize) -> PyResult<Bound<'py, PyDict>> {
        if let Some(limit) = self.inner.num_qubits
            && qubit >= limit
        {
            return Err(error::missing(format!("qubit {qubit} is outside the device's {limit} qubits")));
        }
        let data = PyDict::new(py);
        let Some(calibration) = &self.inner.qubit else { return Ok(data) };
        let place = |length: usize| if length == 1 { 0 } else { qubit };
        let lists = [
            ("t1_ns", &calibration.t1_ns),
            ("t2_ns", &calibration.t2_ns),
            ("excited_population", &calibration.excited_population),
        ];
        for (name, list) in lists {
            if let Some(value) = list.get(place(list.len())).filter(|_| !calibration.t1_ns.is_empty()) {
                data.set_item(name, value)?;
            }
        }
        if let Some([one, zero]) = calibration.readout.get(place(calibration.readout.len())) {
            data.set_item("readout", (one, zero))?;
        }
        data.set_item("readout_ns", calibration.readout_ns)?;
        Ok(data)
    }

    /// The noise of the first qubits.
    fn noise(&self, num_qubits: usize) -> PyResult<NoiseModel> {
        NoiseModel::of_device(self.clone(), num_qubits)
    }

    /// Raises where the circuit uses what the device does not have.
    fn check(&self, circuit: &Circuit) -> PyResult<()> {
        self.inner.check(&circuit.inner).map_err(error::of)
    }

    fn __repr__(&self) -> String {
        let size = self.inner.num_qubits.map_or("any number of qubits".to_owned(), |count| format!("{count} qubits"));
        format!("<Device {}: {size}>", self.inner.name)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type().getattr("from_toml")?, (slf.get().to_toml()?,).into_pyobject(slf.py())?))
    }
}

/// Compiles a circuit for a device: the circuit in native gates, and the physical qubits where each qubit begins and ends.
///
/// Levels: 0 translates and routes; 1 also joins gates on the same qubits; 2 also across gates that commute; 3 tries many more layouts.
///
/// >>> from qloom import Circuit, Device, compile
/// >>> circuit, begin, end = compile(Circuit(3).h(0).cx(0, 1).cx(1, 2), Device.named("line-3"))
/// >>> circuit.operation_counts["cx"] if "cx" in circuit.operation_counts else circuit.operation_counts["cz"]
/// 2
#[pyo3::pyfunction]
#[pyo3(signature = (circuit, device, level=2, seed=0))]
pub fn compile(
    py: Python<'_>,
    circuit: &Circuit,
    device: &Device,
    level: u8,
    seed: u64,
) -> PyResult<(Circuit, Vec<usize>, Vec<usize>)> {
    if level > 3 {
        return Err(error::input(format!("level {level}; there are 0 to 3")));
    }
    let (circuit, device) = (circuit.inner.clone(), device.inner.clone());
    let options = CompileOptions { level, seed };
    let compiled = work::long(py, move |_| hardware::compile(&circuit, &device, &options).map_err(error::of))?;
    Ok((Circuit { inner: compiled.circuit }, compiled.initial_layout, compiled.final_layout))
}
