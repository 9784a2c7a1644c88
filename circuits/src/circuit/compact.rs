//! Circuits on fewer qubits: what is used no more is taken again.

use super::Circuit;
use super::part::renamed;
use crate::operation::Operation;

/// Places that wires have while they are in use.
struct Places {
    /// The place of each wire.
    of: Vec<Option<usize>>,
    /// Position of the last operation on each wire; none on one that is kept.
    last: Vec<Option<usize>>,
    /// Places that were given up.
    free: Vec<usize>,
    count: usize,
}

impl Places {
    fn new(wires: usize) -> Self {
        Self { of: vec![None; wires], last: vec![None; wires], free: Vec::new(), count: 0 }
    }

    /// Gives a wire a place, one that was given up if it may be; whether it was.
    fn take(&mut self, wire: usize, used: bool) -> bool {
        let old = if used { self.free.pop() } else { None };
        let place = old.unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        });
        self.of[wire] = Some(place);
        old.is_some()
    }

    fn give_up(&mut self, wire: usize, position: usize) {
        if self.last[wire] == Some(position)
            && let Some(place) = self.of[wire]
        {
            self.free.push(place);
        }
    }
}

impl Circuit {
    /// A circuit on as few qubits and bits as its operations need in their order, whose bits `0..kept.len()` have the distribution that the
    /// bits `kept` have in this one: a qubit whose last operation is done is reset and taken for the next that begins, a bit that is not
    /// kept is measured into again.
    ///
    /// The state at the end, the other bits, barriers, delays and notes are lost; registers are `q`, `kept` and `rest`.
    ///
    /// ```
    /// use qloom_circuits::Circuit;
    /// let mut circuit = Circuit::new(20);
    /// circuit.add_bits("c", 20);
    /// (0..20).for_each(|k| drop(circuit.h(k).measure(k, k)));
    /// let compact = circuit.compacted(&[19]);
    /// assert_eq!((compact.num_qubits(), compact.num_bits()), (1, 2));
    /// ```
    ///
    /// # Panics
    /// When a bit to be kept is outside, or named twice.
    #[must_use]
    #[track_caller]
    pub fn compacted(&self, kept: &[usize]) -> Circuit {
        let (mut qubits, mut bits) = (Places::new(self.num_qubits), Places::new(self.num_bits));
        let steps: Vec<&Operation> =
            self.operations.iter().filter(|step| !matches!(step, Operation::Barrier { .. } | Operation::Delay { .. })).collect();
        for (position, step) in steps.iter().enumerate() {
            step.qubits().iter().for_each(|&qubit| qubits.last[qubit] = Some(position));
            step.bits().iter().for_each(|&bit| bits.last[bit] = Some(position));
        }
        for &bit in kept {
            assert!(bit < self.num_bits && bits.of[bit].is_none(), "the bits kept are different ones of the circuit");
            bits.take(bit, false);
            bits.last[bit] = None;
        }
        let mut operations = Vec::with_capacity(steps.len());
        for (position, step) in steps.iter().enumerate() {
            let own = step.qubits();
            for &qubit in &own {
                if qubits.of[qubit].is_none() && qubits.take(qubit, true) {
                    let place = qubits.of[qubit].expect("it was taken");
                    operations.push(Operation::Reset { qubit: place });
                }
            }
            let mut operation = renamed(step, &qubits.of).expect("neither a barrier nor a delay");
            // a bit that may be read before it is written holds zero, so it has a place of its own
            let written = matches!(step, Operation::Measure { .. });
            for &bit in step.bits().iter() {
                if bits.of[bit].is_none() {
                    bits.take(bit, written);
                }
            }
            operation.bits_mut(&mut |bit| *bit = bits.of[*bit].expect("it was taken"));
            operations.push(operation);
            own.iter().for_each(|&qubit| qubits.give_up(qubit, position));
            step.bits().iter().for_each(|&bit| bits.give_up(bit, position));
        }
        let mut compact = Circuit { num_parameters: self.num_parameters, ..Circuit::new(qubits.count) };
        compact.parameter_names = self.parameter_names.clone();
        for (name, size) in [("kept", kept.len()), ("rest", bits.count - kept.len())] {
            if size > 0 {
                compact.add_bits(name, size);
            }
        }
        compact.operations = operations;
        compact
    }
}
