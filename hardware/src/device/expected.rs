//! How much is expected to go wrong.

use qloom_circuits::{Circuit, Operation};

use super::Device;
use crate::placement::Placed;

impl Device {
    /// The probability that a gate or a read-out of a circuit errs, if errors were independent: `1 - product of (1 - error)` over the gates
    /// on its qubits, with their average errors, and over measurements, with the mean of both read-out errors. Conditioned gates count as
    /// if they ran, rotations about Z not where they are virtual; waiting costs nothing. None without calibration data.
    ///
    /// ```
    /// use qloom_circuits::Circuit;
    /// use qloom_hardware::Device;
    /// let device: Device = toml::from_str("name = 'pair'\n[two_qubit]\nerror = 0.1").unwrap();
    /// let error = device.expected_error(Circuit::new(2).cz(0, 1).cz(0, 1)).unwrap();
    /// assert!((error - 0.19).abs() < 1e-12);
    /// ```
    pub fn expected_error(&self, circuit: &Circuit) -> Option<f64> {
        if !self.is_calibrated() {
            return None;
        }
        let rows = Placed::new(&self.gate);
        let right: f64 = circuit.operations().iter().map(|operation| self.right(operation, &rows)).product();
        Some(1.0 - right)
    }

    /// The probability that an operation does not err.
    fn right(&self, operation: &Operation, rows: &Placed<super::PlacedGate>) -> f64 {
        match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                let qubits = operation.qubits();
                if qubits.len() > 2 || (self.virtual_z && qubits.len() == 1 && crate::noise::is_phase(operation)) {
                    return 1.0;
                }
                let gate = if let Operation::Gate { gate, .. } = operation { Some(*gate) } else { None };
                let general = self.general(qubits.len());
                let data = rows.row_for(gate, &qubits).map(|row| row.calibration(general)).or(general.copied());
                1.0 - data.map_or(0.0, |data| self.error_of(&data, &qubits))
            }
            Operation::Measure { qubit, .. } => 1.0 - self.readout_error(*qubit),
            Operation::Conditional(block) => {
                block.then.iter().chain(&block.otherwise).map(|inner| self.right(inner, rows)).product()
            }
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => 1.0,
        }
    }

    /// The mean of both read-out errors of a qubit.
    pub(crate) fn readout_error(&self, qubit: usize) -> f64 {
        let Some(data) = &self.qubit else { return 0.0 };
        let pair = if data.readout.len() == 1 { data.readout.first() } else { data.readout.get(qubit) };
        pair.map_or(0.0, |[one, zero]| (one + zero) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CompileOptions, compile};
    use qloom_circuits::library;

    /// A line of seven whose far end is good, gates and read-out, with a bad qubit in the middle.
    fn uneven() -> Device {
        let mut text = String::from(
            "name = 'uneven'\nmachine = 'line-7'\nvirtual_z = true\n[qubit]\nreadout = [[0.2, 0.2], [0.1, 0.1], [0.1, 0.1], \
             [0.3, 0.3], [0.01, 0.01], [0.01, 0.02], [0.01, 0.02]]\n[one_qubit]\nerror = 1e-4\n",
        );
        for (k, error) in [0.04, 0.05, 0.2, 0.1, 0.004, 0.005].into_iter().enumerate() {
            text += &format!("[[gate]]\ngates = ['cz']\nqubits = [{k}, {}]\nerror = {error}\n", k + 1);
        }
        toml::from_str(&text).expect("a device")
    }

    #[test]
    fn errors_of_gates_and_measurements_multiply() {
        let device = uneven();
        let mut circuit = Circuit::new(7);
        circuit.add_bits("c", 7);
        circuit.rz(0.3, 0).sx(0).cz(0, 1).measure(1, 0);
        let expected = 1.0 - (1.0 - 1e-4) * 0.96 * 0.9;
        assert!((device.expected_error(&circuit).expect("calibrated") - expected).abs() < 1e-12);
        assert_eq!(Device::new("perfect").expected_error(&circuit), None);
    }

    /// With calibration data the layout goes where gates and read-out are good.
    #[test]
    fn layouts_by_calibration_lower_the_expected_error() {
        let device = uneven();
        let blind = Device { gate: Vec::new(), one_qubit: None, qubit: None, ..device.clone() };
        for level in 1..4 {
            let mut circuit = library::ghz(3);
            circuit.measure_all();
            let options = CompileOptions { level, seed: 1 };
            let error = |with: &Device| {
                device.expected_error(&compile(&circuit, with, &options).expect("it fits").circuit).expect("calibrated")
            };
            let (aware, unaware) = (error(&device), error(&blind));
            assert!(aware < 0.06 && aware < unaware / 2.0, "level {level}: {aware} {unaware}");
        }
    }
}
