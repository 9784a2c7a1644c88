//! Native gates of IonQ as its services take them: angles in turns, each within its range.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::{Dialect, Gate};

/// A native gate with its angles in turns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pulse {
    pub gate: Gate,
    /// Phases from -1/2 to 1/2; behind them, of the gate on two qubits, the angle from 0 to 1/4.
    pub turns: Vec<f64>,
    pub qubits: Vec<usize>,
}

impl Gate {
    /// Whether the services of a dialect take its angles in turns, where every other gate has radians.
    pub(crate) fn is_in_turns(self, dialect: Dialect) -> bool {
        dialect == Dialect::IonQ && matches!(self, Gate::Gpi | Gate::Gpi2 | Gate::Ms)
    }

    /// Pulses that do what the gate does, up to the global phase in radians beside them; the gate is one in turns.
    ///
    /// An entangling angle below zero turns the axis of the first qubit by half a turn; one above a quarter of a turn becomes a pulse on
    /// each qubit and the rest.
    pub(crate) fn pulses(self, angles: &[f64], qubits: &[usize]) -> (Vec<Pulse>, f64) {
        let pulse = |gate, turns: &[f64], qubits: &[usize]| Pulse {
            gate,
            turns: turns.iter().map(|&turns| within(turns)).collect(),
            qubits: qubits.to_vec(),
        };
        let turns: Vec<f64> = angles.iter().map(|angle| angle / TAU).collect();
        let [mut first, second, angle] = turns[..] else { return (vec![pulse(self, &turns, qubits)], 0.0) };
        let rounds = angle.round_ties_even();
        let mut phase = if rounds % 2.0 == 0.0 { 0.0 } else { PI };
        let mut angle = angle - rounds;
        if angle < 0.0 {
            (angle, first) = (-angle, first + 0.5);
        }
        let mut list = Vec::new();
        if angle > 0.25 {
            list.push(pulse(Gate::Gpi, &[first], &qubits[..1]));
            list.push(pulse(Gate::Gpi, &[second], &qubits[1..]));
            phase -= FRAC_PI_2;
            (angle, first) = (0.5 - angle, first + 0.5);
        }
        if angle != 0.0 {
            list.push(pulse(self, &[first, second, angle], qubits));
        }
        (list, phase)
    }
}

/// The same phase within half a turn, to fifteen digits, which come back when they are read as radians; no negative zero.
fn within(turns: f64) -> f64 {
    let turns = turns - turns.round_ties_even() + 0.0;
    format!("{turns:.14e}").parse().unwrap_or(turns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;
    use crate::{Angle, Circuit};

    /// Pulses are within the ranges of the service and make the gate, with its phase.
    #[test]
    fn pulses_are_the_gate() {
        for gate in [Gate::Gpi, Gate::Gpi2, Gate::Ms] {
            for angle in [-13.0, -FRAC_PI_2, -0.3, 0.0, 0.7, FRAC_PI_2, 2.0, PI, 4.5, 7.0, 40.0] {
                let angles = [0.37, -5.21, angle];
                let angles = &angles[3 - gate.num_parameters()..];
                let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
                let (pulses, phase) = gate.pulses(angles, &qubits);
                let mut circuit = Circuit::new(gate.num_qubits());
                for pulse in &pulses {
                    let phases = &pulse.turns[..pulse.turns.len().min(2)];
                    assert!(phases.iter().all(|phase| phase.abs() <= 0.5), "{pulse:?}");
                    assert!(pulse.turns.get(2).is_none_or(|angle| (0.0..=0.25).contains(angle)), "{pulse:?}");
                    let radians: Vec<Angle> = pulse.turns.iter().map(|turns| Angle::Fixed(turns * TAU)).collect();
                    circuit.push(Operation::gate(pulse.gate, &radians, &pulse.qubits)).expect("it fits");
                }
                circuit.push(Operation::GlobalPhase(Angle::Fixed(phase))).expect("it fits");
                let distance = circuit.unitary(&[]).expect("gates").distance(&gate.matrix(angles));
                assert!(distance < 1e-13, "{gate} {angles:?}: {distance:e}\n{pulses:?}");
            }
        }
        assert_eq!(Gate::Ms.pulses(&[0.0, 0.0, FRAC_PI_2], &[0, 1]).0[0].turns, [0.0, 0.0, 0.25]);
    }
}
