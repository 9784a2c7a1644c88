//! IBM's backend configuration, in JSON, and calibration data put on top of it.

use std::collections::BTreeSet;

use qloom_circuits::Gate;
use serde::Deserialize;

use crate::device::Device;
use crate::error::HardwareError;

#[derive(Deserialize)]
struct Configuration {
    backend_name: String,
    #[serde(default)]
    backend_version: String,
    n_qubits: usize,
    basis_gates: Vec<String>,
    coupling_map: Option<Vec<[usize; 2]>>,
    #[serde(default)]
    gates: Vec<GateConfiguration>,
    /// Length of `1dt`, in nanoseconds.
    dt: Option<f64>,
}

#[derive(Deserialize)]
struct GateConfiguration {
    name: String,
    coupling_map: Option<Vec<Vec<usize>>>,
}

/// A length of `1dt` that can be one.
fn dt_ns(value: f64) -> Result<f64, HardwareError> {
    if value.is_finite() && value > 0.0 {
        return Ok(value);
    }
    Err(HardwareError::Entry { place: "dt".into(), text: value.to_string(), expected: "a positive number of nanoseconds" })
}

/// What a description lists of a machine without calibration data.
pub(super) struct Listing {
    pub name: String,
    pub provenance: String,
    pub num_qubits: usize,
    /// Names of native gates, known here or not.
    pub gates: Vec<String>,
    /// Pairs in the order in which their gate is native; without them all are coupled.
    pub pairs: Option<BTreeSet<[usize; 2]>>,
    pub dt_ns: Option<f64>,
}

impl Listing {
    pub fn device(self) -> Result<Device, HardwareError> {
        if self.num_qubits > Device::LARGEST {
            let (place, text) = ("the number of qubits".into(), self.num_qubits.to_string());
            return Err(HardwareError::Entry { place, text, expected: "a number of at most 1000000" });
        }
        let mut gates: Vec<Gate> = Vec::new();
        let mut unknown: Vec<&str> = Vec::new();
        for name in &self.gates {
            match Gate::from_name(name) {
                Some(gate) if !gates.contains(&gate) => gates.push(gate),
                Some(_) => {}
                None => unknown.push(name),
            }
        }
        let bad = |pair: &&[usize; 2]| pair[0] == pair[1] || pair.iter().any(|&qubit| qubit >= self.num_qubits);
        if let Some(&pair) = self.pairs.iter().flatten().find(bad) {
            return Err(HardwareError::BadCoupling { pair, num_qubits: self.num_qubits });
        }
        let mut device = Device::new(self.name);
        device.provenance = Some(self.provenance);
        device.num_qubits = Some(self.num_qubits);
        device.couplings = self.pairs.map(|pairs| pairs.into_iter().collect());
        device.gates = Some(gates);
        device.virtual_z = true;
        if let Some(dt) = self.dt_ns {
            device.dt_ns = Some(dt_ns(dt)?);
        }
        if !unknown.is_empty() {
            device.assumptions.push(format!("native gates without a name here are left out: {}", unknown.join(", ")));
        }
        Ok(device)
    }
}

impl Device {
    /// The device of IBM's backend configuration, as `backend.configuration().to_dict()` gives it: native gates, number of qubits, and the
    /// pairs of each two-qubit gate in the order in which it is native, which differs from one machine to the next for ECR.
    ///
    /// Gates without a name here, among them control flow, are left out, which [`Device::assumptions`] says. There are no calibration data:
    /// see [`Device::calibrated_by`].
    ///
    /// # Errors
    /// When the text is not such a JSON text, or a pair is none of its qubits.
    ///
    /// ```
    /// use qloom_hardware::Device;
    /// let text = r#"{"backend_name": "made_up", "n_qubits": 3, "basis_gates": ["ecr", "id", "rz", "sx", "x"],
    ///     "coupling_map": [[1, 0], [1, 2]], "gates": [{"name": "ecr", "coupling_map": [[1, 0], [1, 2]]}]}"#;
    /// let device = Device::from_ibm_configuration(text)?;
    /// assert_eq!(device.couplings, Some(vec![[1, 0], [1, 2]]));
    /// # Ok::<(), qloom_hardware::HardwareError>(())
    /// ```
    pub fn from_ibm_configuration(text: &str) -> Result<Self, HardwareError> {
        let format = "IBM backend configuration";
        let file: Configuration =
            serde_json::from_str(text).map_err(|error| HardwareError::Format { format, reason: error.to_string() })?;
        let mut pairs: BTreeSet<[usize; 2]> = BTreeSet::new();
        for row in file.gates.iter().filter(|row| Gate::from_name(&row.name).is_some_and(|gate| gate.num_qubits() == 2)) {
            pairs.extend(row.coupling_map.iter().flatten().filter_map(|pair| <[usize; 2]>::try_from(&pair[..]).ok()));
        }
        if pairs.is_empty() {
            pairs.extend(file.coupling_map.iter().flatten());
        }
        // a simulator lists no pairs: all are coupled
        let listed = !pairs.is_empty() || file.coupling_map.is_some();
        let listing = Listing {
            name: file.backend_name,
            provenance: format!("{format} {}", file.backend_version).trim_end().to_owned(),
            num_qubits: file.n_qubits,
            gates: file.basis_gates,
            pairs: listed.then_some(pairs),
            dt_ns: file.dt,
        };
        listing.device()
    }

    /// The same machine with the calibration data of another description of it: native gates, number of qubits and couplings stay those of
    /// this one, as far as the data have them in order; qubits that either leaves out are out of order.
    ///
    /// # Errors
    /// When the numbers of qubits differ, or there are no calibration data.
    pub fn calibrated_by(mut self, data: Device) -> Result<Device, HardwareError> {
        if !data.is_calibrated() {
            return Err(HardwareError::Missing { what: format!("calibration data in the description of {}", data.name) });
        }
        if let (Some(expected), Some(given)) = (self.num_qubits, data.num_qubits)
            && expected != given
        {
            return Err(HardwareError::Length { device: data.name, field: "the calibration data", given, expected });
        }
        self.num_qubits = self.num_qubits.or(data.num_qubits);
        self.faulty.extend(data.faulty);
        self.faulty.sort_unstable();
        self.faulty.dedup();
        let native = self.gates.get_or_insert_with(|| data.gates.clone().unwrap_or_default());
        let mut gate = data.gate;
        gate.retain(|row| row.gates.is_empty() || row.gates.iter().any(|gate| native.contains(gate)));
        if let Some(couplings) = &mut self.couplings {
            let unordered = |pair: [usize; 2]| [pair[0].min(pair[1]), pair[0].max(pair[1])];
            let known = |pair: &[usize]| <[usize; 2]>::try_from(pair).ok().map(unordered);
            let sound: BTreeSet<[usize; 2]> = gate.iter().filter_map(|row| known(&row.qubits)).collect();
            // a gate that the data leave out is broken
            couplings.retain(|&pair| sound.contains(&unordered(pair)));
            let coupled: BTreeSet<[usize; 2]> = couplings.iter().map(|&pair| unordered(pair)).collect();
            gate.retain(|row| known(&row.qubits).is_none_or(|pair| coupled.contains(&pair)));
            // an order that the configuration does not list is not native, whatever the data say
            let listed: BTreeSet<[usize; 2]> = couplings.iter().copied().collect();
            for row in &mut gate {
                if let [a, b] = row.qubits[..]
                    && !listed.contains(&[a, b])
                {
                    row.qubits = vec![b, a];
                }
            }
        } else {
            self.couplings = data.couplings;
        }
        self.gate = gate;
        self.virtual_z |= data.virtual_z;
        self.dt_ns = self.dt_ns.or(data.dt_ns);
        (self.qubit, self.one_qubit, self.two_qubit) = (data.qubit, data.one_qubit, data.two_qubit);
        self.provenance = self.provenance.into_iter().chain(data.provenance).reduce(|a, b| format!("{a}; {b}"));
        self.assumptions.extend(data.assumptions);
        Ok(self)
    }
}
