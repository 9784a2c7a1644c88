//! When operations can begin: after those on the same qubits, and after the measurements they depend on.

use crate::operation::Operation;

/// When each qubit and classical bit is free; times are moments, columns or nanoseconds.
///
/// A condition waits for the last measurement into each of its bits, and a measurement for all that reads or writes its bit; operations
/// that only read a bit do not wait for each other.
///
/// ```
/// use qloom_circuits::{Circuit, Schedule};
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).measure(0, 0).x(1);
/// let mut schedule = Schedule::new(2, 1);
/// let starts: Vec<usize> = circuit.operations().iter().map(|operation| {
///     let start = schedule.start(&operation.qubits(), operation);
///     schedule.occupy(&operation.qubits(), operation, start + 1);
///     start
/// }).collect();
/// assert_eq!(starts, [0, 1, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Schedule<T> {
    qubits: Vec<T>,
    /// When the value of each bit is known.
    written: Vec<T>,
    /// When each bit was last written or read.
    used: Vec<T>,
}

impl<T: Copy + PartialOrd + Default> Schedule<T> {
    /// Everything is free from zero on.
    pub fn new(num_qubits: usize, num_bits: usize) -> Self {
        let (qubits, bits) = (vec![T::default(); num_qubits], vec![T::default(); num_bits]);
        Self { qubits, written: bits.clone(), used: bits }
    }

    /// When a qubit is free.
    pub fn free(&self, qubit: usize) -> T {
        self.qubits[qubit]
    }

    /// When everything is free.
    pub fn end(&self) -> T {
        self.qubits.iter().chain(&self.used).copied().fold(T::default(), later)
    }

    /// The earliest start of an operation that occupies these qubits, which may be more than it acts on.
    pub fn start(&self, qubits: &[usize], operation: &Operation) -> T {
        let of_qubits = qubits.iter().map(|&qubit| self.qubits[qubit]).fold(T::default(), later);
        let mut start = of_qubits;
        operation.for_each_bit(&mut |bit, writes| {
            start = later(start, if writes { self.used[bit] } else { self.written[bit] });
        });
        start
    }

    /// Takes the qubits and bits of an operation until `end`.
    pub fn occupy(&mut self, qubits: &[usize], operation: &Operation, end: T) {
        qubits.iter().for_each(|&qubit| self.qubits[qubit] = end);
        let Self { written, used, .. } = self;
        operation.for_each_bit(&mut |bit, writes| {
            used[bit] = later(used[bit], end);
            if writes {
                written[bit] = end;
            }
        });
    }

    /// When the bits of a conditioned block's own condition are known; none for another operation.
    pub fn known(&self, block: &Operation) -> Option<T> {
        let Operation::Conditional(block) = block else { return None };
        Some(block.condition.bits.iter().map(|&bit| self.written[bit]).fold(T::default(), later))
    }

    /// Takes the bits of a conditioned block's own condition until `end`.
    pub fn read(&mut self, block: &Operation, end: T) {
        let Operation::Conditional(block) = block else { return };
        block.condition.bits.iter().for_each(|&bit| self.used[bit] = later(self.used[bit], end));
    }

    /// Takes a qubit until `end`.
    pub fn occupy_qubit(&mut self, qubit: usize, end: T) {
        self.qubits[qubit] = end;
    }
}

fn later<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests;
