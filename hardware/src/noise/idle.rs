//! Noise of waiting: every qubit relaxes while others are at work.

use qloom_circuits::{Channel, Circuit, Gate, Operation, Schedule};

use super::is_phase;
use crate::error::HardwareError;
use crate::placement::{Placed, Placement};

/// Times of relaxation of a qubit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relaxation {
    /// Of populations.
    pub t1_ns: f64,
    /// Of coherences.
    pub t2_ns: f64,
    /// Population of `|1>` in equilibrium.
    pub excited_population: f64,
}

impl Relaxation {
    /// Trace of the transfer matrix of relaxation for a time.
    pub(crate) fn trace(&self, time_ns: f64) -> f64 {
        1.0 + 2.0 * (-time_ns / self.t2_ns).exp() + (-time_ns / self.t1_ns).exp()
    }
}

/// How long operations take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GateTimes {
    /// Gates on one qubit.
    pub one_qubit_ns: f64,
    /// Gates on two and more qubits.
    pub two_qubit_ns: f64,
    /// Measurements and resets.
    pub readout_ns: f64,
    /// Gates on certain qubits, where they differ; which entry holds for a gate is said at [`Device::gate`](crate::Device::gate).
    pub placed: Vec<PlacedTime>,
    /// Whether diagonal gates on one qubit are virtual and take no time.
    pub virtual_z: bool,
}

/// How long gates on certain qubits take.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedTime {
    /// The gates; every gate on these qubits that no other entry names if empty.
    pub gates: Vec<Gate>,
    /// The qubits.
    pub qubits: Vec<usize>,
    /// Duration of the gate.
    pub time_ns: f64,
}

impl Placement for PlacedTime {
    fn gates(&self) -> &[Gate] {
        &self.gates
    }

    fn qubits(&self) -> &[usize] {
        &self.qubits
    }
}

impl GateTimes {
    /// How long an operation takes, in nanoseconds; nothing for what takes no time, and for a block of conditioned operations.
    pub(crate) fn length(&self, operation: &Operation) -> f64 {
        self.of(&Placed::new(&self.placed), operation)
    }

    fn of(&self, placed: &Placed<'_, PlacedTime>, operation: &Operation) -> f64 {
        match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                if self.virtual_z && is_phase(operation) {
                    return 0.0;
                }
                let gate = if let Operation::Gate { gate, .. } = operation { Some(*gate) } else { None };
                let qubits = operation.qubits();
                let placed = placed.row_for(gate, &qubits).map(|row| row.time_ns);
                placed.unwrap_or(if qubits.len() < 2 { self.one_qubit_ns } else { self.two_qubit_ns })
            }
            Operation::Measure { .. } | Operation::Reset { .. } => self.readout_ns,
            Operation::Delay { duration_ns, .. } => *duration_ns,
            Operation::GlobalPhase(_) | Operation::Channel { .. } | Operation::Barrier { .. } | Operation::Conditional(_) => 0.0,
        }
    }
}

/// Relaxation of waiting qubits: operations start as soon as all their qubits are free, and where one has to wait for another it relaxes.
///
/// Qubits rest until their first operation and wait for the last one before the final measurements, which start together. A delay is
/// waiting of its own length. Blocks of conditioned operations begin when the measurements into their bits have ended, and take no time.
///
/// ```
/// use qloom_circuits::Circuit;
/// use qloom_hardware::{GateTimes, IdleNoise, NoiseModel, Relaxation};
/// let times = GateTimes { one_qubit_ns: 30.0, two_qubit_ns: 300.0, ..GateTimes::default() };
/// let relaxation = Relaxation { t1_ns: 1e5, t2_ns: 1e5, excited_population: 0.0 };
/// let model = NoiseModel { idle: Some(IdleNoise { times, relaxation: vec![relaxation] }), ..NoiseModel::default() };
/// let mut circuit = Circuit::new(3);
/// circuit.h(0).h(1).h(2).cx(0, 1); // qubit 2 waits 300 ns
/// assert_eq!(model.apply(&circuit)?.operations().len(), 5);
/// # Ok::<(), qloom_hardware::HardwareError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IdleNoise {
    /// How long operations take.
    pub times: GateTimes,
    /// Relaxation of each qubit; one entry holds for all, qubits beyond the list do not relax.
    pub relaxation: Vec<Relaxation>,
}

/// The time each qubit and bit is free from.
pub(super) struct Clock<'a> {
    idle: &'a IdleNoise,
    placed: Placed<'a, PlacedTime>,
    schedule: Schedule<f64>,
    started: Vec<bool>,
    /// Where the final measurements begin.
    last: usize,
}

/// Where a channel of waiting goes.
type Put<'a> = dyn FnMut(Operation) -> Result<(), qloom_circuits::CircuitError> + 'a;

impl IdleNoise {
    pub(super) fn clock(&self, circuit: &Circuit) -> Clock<'_> {
        let at_end = |operation: &Operation| matches!(operation, Operation::Measure { .. } | Operation::Barrier { .. });
        let last = circuit.operations().iter().rposition(|operation| !at_end(operation)).map_or(0, |last| last + 1);
        let n = circuit.num_qubits();
        Clock {
            idle: self,
            placed: Placed::new(&self.times.placed),
            schedule: Schedule::new(n, circuit.num_bits()),
            started: vec![false; n],
            last,
        }
    }
}

impl Clock<'_> {
    /// Lets the qubits of an operation wait for each other.
    pub(super) fn before(&mut self, position: usize, operation: &Operation, put: &mut Put<'_>) -> Result<(), HardwareError> {
        if position == self.last {
            self.finish(put)?;
        }
        let mut qubits: Vec<usize> = operation.qubits().to_vec();
        if qubits.is_empty() && matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
            qubits = (0..self.started.len()).collect();
        }
        let start = self.schedule.start(&qubits, operation);
        let waits = matches!(operation, Operation::Delay { .. });
        let time = self.idle.times.of(&self.placed, operation);
        for &qubit in &qubits {
            let own = if waits { self.schedule.free(qubit) + time } else { start };
            self.wait(qubit, own, put)?;
            self.schedule.occupy_qubit(qubit, own);
            self.started[qubit] |= !matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. });
        }
        if !waits {
            self.schedule.occupy(&qubits, operation, start + time);
        }
        Ok(())
    }

    /// Lets all qubits wait for the last.
    pub(super) fn finish(&mut self, put: &mut Put<'_>) -> Result<(), HardwareError> {
        let end = (0..self.started.len()).map(|qubit| self.schedule.free(qubit)).fold(0.0, f64::max);
        (0..self.started.len()).try_for_each(|qubit| {
            self.wait(qubit, end, put)?;
            self.schedule.occupy_qubit(qubit, end);
            Ok(())
        })
    }

    fn wait(&self, qubit: usize, until: f64, put: &mut Put<'_>) -> Result<(), HardwareError> {
        let time = until - self.schedule.free(qubit);
        let list = &self.idle.relaxation;
        let Some(relaxation) = (if list.len() == 1 { list.first() } else { list.get(qubit) }) else { return Ok(()) };
        if time <= 0.0 || !self.started[qubit] {
            return Ok(());
        }
        let channel = Channel::thermal_relaxation(relaxation.t1_ns, relaxation.t2_ns, time, relaxation.excited_population)?;
        Ok(put(Operation::Channel { channel, qubits: [qubit].into_iter().collect() })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoiseModel;

    /// Waiting times read off the channels: `-T1 ln(1 - gamma)`.
    fn waits(circuit: &Circuit, times: GateTimes) -> Vec<(usize, f64)> {
        let relaxation = Relaxation { t1_ns: 1e4, t2_ns: 1e4, excited_population: 0.0 };
        let model = NoiseModel { idle: Some(IdleNoise { times, relaxation: vec![relaxation] }), ..NoiseModel::default() };
        let noisy = model.apply(circuit).expect("it fits");
        let wait = |operation: &Operation| match operation {
            Operation::Channel { channel, qubits } => Some((qubits[0], (-1e4 * channel.transfer()[15].ln()).round())),
            _ => None,
        };
        noisy.operations().iter().filter_map(wait).collect()
    }

    fn times() -> GateTimes {
        GateTimes {
            one_qubit_ns: 30.0,
            two_qubit_ns: 300.0,
            readout_ns: 1000.0,
            placed: vec![PlacedTime { gates: vec![], qubits: vec![2, 1], time_ns: 500.0 }],
            virtual_z: true,
        }
    }

    #[test]
    fn qubits_wait_for_each_other_and_for_the_measurement() {
        let mut circuit = Circuit::new(3);
        circuit.h(0).h(1).h(2).cx(0, 1).rz(0.1, 2).cx(1, 2).measure_all();
        // qubit 2 waits for 0-1, then 0 waits for 1-2
        assert_eq!(waits(&circuit, times()), [(2, 300.0), (0, 500.0)]);
        let mut middle = Circuit::new(2);
        middle.add_bits("c", 1);
        middle.h(0).h(1).measure(0, 0).cx(0, 1);
        assert_eq!(waits(&middle, times()), [(1, 1000.0)]);
    }

    /// A condition waits for the read-out of its bits, and with it the qubits of its block; a barrier changes nothing.
    #[test]
    fn conditions_wait_for_their_measurement() {
        for barrier in [false, true] {
            let mut circuit = Circuit::new(3);
            circuit.add_bits("c", 2);
            circuit.h(0).h(1).h(2).measure(0, 0);
            if barrier {
                circuit.barrier(&[0, 1]);
            }
            let block = |bit, qubit| {
                let then = vec![Operation::gate(qloom_circuits::Gate::X, &[], &[qubit])];
                let condition = qloom_circuits::Condition { bits: vec![bit], value: 1 };
                Operation::Conditional(Box::new(qloom_circuits::Conditional { condition, then, otherwise: vec![] }))
            };
            circuit.push(block(0, 1)).expect("it fits");
            circuit.push(block(1, 2)).expect("it fits");
            circuit.h(1);
            // qubit 1 waits for the read-out of qubit 0; the bit of the other block was never written
            assert_eq!(waits(&circuit, times()), [(1, 1000.0), (0, 30.0), (2, 1030.0)]);
        }
    }

    #[test]
    fn barriers_and_delays_are_times() {
        let mut circuit = Circuit::new(2);
        circuit.h(0).h(0).h(1);
        circuit.barrier(&[]);
        circuit.h(1);
        let delay = Operation::Delay { duration_ns: 70.0, qubits: vec![1] };
        circuit.push(delay).expect("it fits");
        assert_eq!(waits(&circuit, times()), [(1, 30.0), (1, 70.0), (0, 100.0)]);
        // a qubit that was never used rests in |0>
        let mut unused = Circuit::new(2);
        unused.h(0);
        assert!(waits(&unused, times()).is_empty());
    }
}
