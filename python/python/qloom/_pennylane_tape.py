"""A tape of PennyLane as a circuit of qloom."""

from __future__ import annotations

import numpy as np
import pennylane as qml
from pennylane.measurements import ExpectationMP

from . import _pennylane_gates as gates


def pauli_sum(observable, place, num_qubits):
    """An observable as a Pauli sum; none where it is no sum of few Pauli words."""
    words = observable.pauli_rep
    if words is None:
        if len(observable.wires) > 6 or not observable.has_matrix:
            return None
        matrix = qml.matrix(observable, wire_order=observable.wires)
        words = qml.pauli_decompose(np.asarray(matrix), wire_order=observable.wires, pauli=True)
    return gates.pauli_sum(words, place, num_qubits)


def labels(op):
    """The wires of an operator; those of a controlled one without making the list of them anew each time."""
    if isinstance(op, qml.ops.op_math.Controlled):
        return op.hyperparameters["control_wires"].labels + op.base.wires.labels
    return op.wires.labels


def standard(tape):
    """The tape with wires that are numbered from 0, those of each operation, and how many there are."""
    wires = [labels(op) for op in tape.operations]
    used = {wire for on in wires for wire in on}
    measured = {wire for mp in tape.measurements for wire in mp.wires.labels} - used
    numbered = used == set(range(len(used))) and measured == set(range(len(used), len(used) + len(measured)))
    if not numbered or any(getattr(op, "work_wires", None) for op in tape.operations):
        tape = tape.map_to_standard_wires()
        return tape, [labels(op) for op in tape.operations], max(len(tape.wires), 1)
    return tape, wires, max(len(used) + len(measured), 1)


def rows_of(op):
    """The number of rows of a broadcasted operator; none of another."""
    if not op.data:
        return None
    if not gates.has_angles(op):
        return op.batch_size
    return next((value.shape[0] for value in op.data if getattr(value, "ndim", 0)), None)


def num_rows(tape):
    """The number of rows of a broadcasted tape; none of another."""
    sizes = {rows_of(op) for op in tape.operations} - {None}
    # PennyLane says what is wrong where they differ
    return tape.batch_size if len(sizes) > 1 else next(iter(sizes), None)


def same_operator(one, two, data):
    """Whether an operator is another, which had these parameters: its own may have been changed in place since."""
    if one is not two:
        if type(one) is not type(two) or one.name not in gates.ROTATIONS or one.wires.labels != two.wires.labels:
            return False
    for a, b in zip(one.data, data):
        if not isinstance(a, (float, np.ndarray)) or not isinstance(b, (float, np.ndarray)):
            return False
        if (a != b) if isinstance(a, float) and isinstance(b, float) else not np.array_equal(a, b):
            return False
    return True


class Tape:
    """A tape as a circuit of qloom: wire 0 is the most significant qubit."""

    def __init__(self, tape):
        self.given, self.trainable = tape, tuple(tape.trainable_params)
        self.data = [[value.copy() if isinstance(value, np.ndarray) else value for value in op.data] for op in tape.operations]
        self.tape, self.wires, self.num_qubits = standard(tape)
        self.rows = num_rows(self.tape)
        self.preps = [op for op in self.tape.operations if gates.is_prep(op)]
        self._circuit = self._sums = self.batch = None

    def is_of(self, tape):
        """Whether a tape is the one that this was made of, or a copy with equal angles, as PennyLane hands out."""
        mine = self.given
        return (
            tuple(tape.trainable_params) == self.trainable
            and tape.shots == mine.shots
            and len(tape.operations) == len(mine.operations)
            and len(tape.measurements) == len(mine.measurements)
            and all(one is two for one, two in zip(tape.measurements, mine.measurements))
            and all(map(same_operator, tape.operations, mine.operations, self.data))
        )

    def place(self, wire):
        return self.num_qubits - 1 - wire

    def circuit(self):
        """The circuit, the values of its free parameters (by row where the tape is broadcasted), and their columns by parameter of the tape."""
        if self._circuit is None:
            self.builder = gates.Builder(self.tape, self.num_qubits, self.rows, self.trainable)
            self._circuit = self.builder.build(self.place, self.wires)
        return self._circuit

    def sums(self):
        """The observables as Pauli sums; none where a measurement is no expectation value of one."""
        if self._sums is None:
            self._sums = self._as_sums() or ()
        return self._sums or None

    def _as_sums(self):
        sums = []
        for mp in self.tape.measurements:
            if not isinstance(mp, ExpectationMP) or mp.obs is None or getattr(mp.obs, "batch_size", None) is not None:
                return None
            words = pauli_sum(mp.obs, self.place, self.num_qubits)
            if words is None:
                return None
            sums.append(words)
        return sums
