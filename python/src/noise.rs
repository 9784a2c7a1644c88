//! Noise models.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::{self, Operation};
use qloom::hardware::{self, NoiseRule, UniformNoise};

use crate::channel::Channel;
use crate::circuit::Circuit;
use crate::device::Device;
use crate::error;

/// A rule: names of gates, number of qubits, qubits, channel.
type Rule = (Option<Vec<String>>, Option<usize>, Option<Vec<usize>>, Channel);

/// What a model was made of.
#[derive(Clone)]
enum Origin {
    Rules(Vec<Rule>, Vec<[f64; 2]>),
    Uniform(String, usize),
    Device(Box<Device>, usize),
}

/// Rules that put channels into circuits, and read-out errors.
///
/// A rule is `(gates, num_qubits, qubits, channel)`: the channel follows every gate with one of these names, on as many qubits, on these
/// very qubits; what is None is not asked for. `readout` has for each qubit the probabilities to read 1 for 0 and 0 for 1.
///
/// >>> from qloom import Channel, Circuit, NoiseModel
/// >>> model = NoiseModel([(None, 1, None, Channel.depolarizing(0.01))])
/// >>> len(model.apply(Circuit(1).h(0)))
/// 2
#[pyclass(frozen, module = "qloom", from_py_object)]
#[derive(Clone)]
pub struct NoiseModel {
    /// The facade's model.
    pub inner: hardware::NoiseModel,
    origin: Origin,
}

impl NoiseModel {
    /// The noise of the first qubits of a device.
    pub fn of_device(device: Device, num_qubits: usize) -> PyResult<Self> {
        let inner = device.inner.noise(num_qubits).map_err(error::of)?;
        Ok(Self { inner, origin: Origin::Device(Box::new(device), num_qubits) })
    }
}

fn rule((gates, num_qubits, on, channel): &Rule) -> PyResult<NoiseRule> {
    let gates = gates.as_ref().map(|names| {
        let one = |name: &String| {
            circuits::Gate::from_name(name)
                .ok_or_else(|| error::circuit(format!("no gate is named {name:?}; qloom.gates() lists those there are")))
        };
        names.iter().map(one).collect::<PyResult<Vec<_>>>()
    });
    let mut rule = NoiseRule::after_all(channel.inner.clone());
    (rule.gates, rule.num_qubits, rule.on) = (gates.transpose()?, *num_qubits, on.clone());
    rule.in_order = true;
    Ok(rule)
}

/// The circuit with each qubit confused before it is measured as it would be read wrongly.
pub fn confused(model: &hardware::NoiseModel, circuit: &circuits::Circuit) -> PyResult<circuits::Circuit> {
    let mut inner = circuit.without_operations();
    for operation in circuit.operations() {
        if let Operation::Measure { qubit, .. } = operation
            && let Some([one, zero]) = model.readout.get(*qubit)
            && (*one, *zero) != (0.0, 0.0)
        {
            let channel = circuits::Channel::readout_confusion(*one, *zero).map_err(error::of)?;
            inner.push(Operation::Channel { channel, qubits: [*qubit].into_iter().collect() }).map_err(error::of)?;
        }
        inner.push(operation.clone()).map_err(error::of)?;
    }
    Ok(inner)
}

/// The circuit with the channels of a model, if there is one, and the errors of reading out.
pub fn noisy(noise: Option<&NoiseModel>, circuit: &circuits::Circuit) -> PyResult<(circuits::Circuit, Vec<[f64; 2]>)> {
    match noise {
        Some(noise) => Ok((noise.inner.apply(circuit).map_err(error::of)?, noise.inner.readout.clone())),
        None => Ok((circuit.clone(), Vec::new())),
    }
}

#[pymethods]
impl NoiseModel {
    #[new]
    #[pyo3(signature = (rules=Vec::new(), readout=Vec::new()))]
    fn new(rules: Vec<Rule>, readout: Vec<[f64; 2]>) -> PyResult<Self> {
        if let Some(value) = readout.iter().flatten().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(error::hardware(format!("a read-out error is {value}; a probability is between 0 and 1")));
        }
        let inner = hardware::NoiseModel {
            rules: rules.iter().map(rule).collect::<PyResult<_>>()?,
            readout: readout.clone(),
            ..hardware::NoiseModel::default()
        };
        Ok(Self { inner, origin: Origin::Rules(rules, readout) })
    }

    /// Depolarizing noise and read-out errors, the same everywhere: `depolarizing1=1e-4, depolarizing2=1e-3, readout=0.01`.
    #[staticmethod]
    fn uniform(text: &str, num_qubits: usize) -> PyResult<Self> {
        crate::circuit::check_count("qubits", num_qubits)?;
        let noise: UniformNoise = text.parse().map_err(|error: hardware::HardwareError| error::of(error))?;
        let inner = noise.model(num_qubits, false).map_err(error::of)?;
        Ok(Self { inner, origin: Origin::Uniform(text.to_owned(), num_qubits) })
    }

    /// Read-out errors of the qubits: the probabilities to read 1 for 0, and 0 for 1.
    #[getter]
    fn readout(&self) -> Vec<(f64, f64)> {
        self.inner.readout.iter().map(|[one, zero]| (*one, *zero)).collect()
    }

    /// The circuit with the channels put in; with `readout`, qubits are confused before each measurement as they would be read wrongly.
    #[pyo3(signature = (circuit, readout=false))]
    fn apply(&self, circuit: &Circuit, readout: bool) -> PyResult<Circuit> {
        let noisy = self.inner.apply(&circuit.inner).map_err(error::of)?;
        if !readout {
            return Ok(Circuit { inner: noisy });
        }
        Ok(Circuit { inner: confused(&self.inner, &noisy)? })
    }

    fn __repr__(&self) -> String {
        match &self.origin {
            Origin::Rules(rules, _) => format!("<NoiseModel of {} rules>", rules.len()),
            Origin::Uniform(text, _) => format!("<NoiseModel {text}>"),
            Origin::Device(device, _) => format!("<NoiseModel of {}>", device.inner.name),
        }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        match slf.get().origin.clone() {
            Origin::Rules(rules, readout) => Ok((slf.get_type().into_any(), (rules, readout).into_pyobject(py)?)),
            Origin::Uniform(text, count) => Ok((slf.get_type().getattr("uniform")?, (text, count).into_pyobject(py)?)),
            Origin::Device(device, count) => {
                let make = Bound::new(py, *device)?.getattr("noise")?;
                Ok((make, (count,).into_pyobject(py)?))
            }
        }
    }
}
