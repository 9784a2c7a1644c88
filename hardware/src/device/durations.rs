//! How long the operations of a device take, for programs whose delays depend on it.

use qloom_circuits::Operation;
use qloom_circuits::program::Durations;

use super::Device;
use crate::error::HardwareError;
use crate::noise::GateTimes;

/// The lengths of a device's operations and of its `dt`.
///
/// ```
/// use qloom_circuits::qasm;
/// use qloom_hardware::Device;
/// let device: Device = toml::from_str(
///     "name = 'two'\ndt_ns = 0.5\n[one_qubit]\ntime_ns = 20.0\n[two_qubit]\ntime_ns = 100.0\n[qubit]\nreadout_ns = 300.0",
/// )?;
/// let text = "OPENQASM 3.0; include \"stdgates.inc\"; stretch a; qubit[2] q; barrier q; h q[0]; delay[a] q[0]; x q[1]; x q[1]; barrier q;";
/// let circuit = qasm::read_program(text).unwrap().scheduled(100, &device.durations()?).unwrap();
/// assert_eq!(circuit.operations().len(), 6); // with a delay of 20 ns
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceDurations {
    times: GateTimes,
    dt_ns: Option<f64>,
    /// Whether anything is known of gates on one qubit, on two, and of reading out.
    known: [bool; 3],
}

impl Device {
    /// How long its operations take, by its calibration data.
    ///
    /// # Errors
    /// As [`Device::noise`].
    pub fn durations(&self) -> Result<DeviceDurations, HardwareError> {
        let size = |qubits: usize| self.gate.iter().any(|row| row.qubits.len() == qubits);
        let known = [self.one_qubit.is_some() || size(1), self.two_qubit.is_some() || size(2), self.qubit.is_some()];
        Ok(DeviceDurations { times: self.idle_noise(0)?.times, dt_ns: self.dt_ns, known })
    }
}

impl Durations for DeviceDurations {
    fn step_ns(&self) -> Option<f64> {
        self.dt_ns
    }

    fn operation_ns(&self, operation: &Operation) -> Option<f64> {
        let known = match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                self.known[usize::from(operation.qubits().len() > 1)]
            }
            Operation::Measure { .. } | Operation::Reset { .. } => self.known[2],
            Operation::Delay { .. } | Operation::Barrier { .. } | Operation::GlobalPhase(_) => true,
            Operation::Channel { .. } | Operation::Conditional(_) => false,
        };
        known.then(|| self.times.length(operation))
    }
}
