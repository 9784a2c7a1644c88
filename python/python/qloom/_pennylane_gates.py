"""PennyLane's operators in circuits of qloom."""

from __future__ import annotations

import numpy as np
import pennylane as qml
from pennylane.operation import Channel as PennyLaneChannel
from pennylane.operation import StatePrepBase

from ._native import Angle, Channel, Circuit, PauliSum, StateVector

#: Operators without parameters: the row of the gate table.
FIXED = {
    "PauliX": "x", "PauliY": "y", "PauliZ": "z", "Hadamard": "h", "S": "s", "T": "t", "SX": "sx", "CNOT": "cx", "CY": "cy", "CZ": "cz",
    "CH": "ch", "SWAP": "swap", "CSWAP": "cswap", "Toffoli": "ccx", "Adjoint(S)": "sdg", "Adjoint(T)": "tdg", "Adjoint(SX)": "sxdg",
}  # fmt: skip

#: Operators with one angle: the row of the gate table.
ROTATIONS = {
    "RX": "rx", "RY": "ry", "RZ": "rz", "PhaseShift": "p", "U1": "p", "ControlledPhaseShift": "cp", "CRX": "crx", "CRY": "cry",
    "CRZ": "crz", "IsingXX": "rxx", "IsingYY": "ryy", "IsingZZ": "rzz",
}  # fmt: skip

#: Operators that are given as matrices act on at most so many wires without controls.
MOST_WIRES = 6


def is_prep(op):
    """Whether an operator makes a state."""
    return isinstance(op, (StatePrepBase, qml.QubitDensityMatrix))


def has_angles(op):
    """Whether the operator's parameters are angles of qloom."""
    return op.name in ROTATIONS or op.name in ("Rot", "U3", "U2", "MultiRZ", "PauliRot", "GlobalPhase")


def _small(op):
    return len(op.wires) <= MOST_WIRES and op.has_matrix


def is_native(op):
    """Whether an operator is appended as it is."""
    if op.name in FIXED or op.name == "Identity" or has_angles(op):
        return True
    if isinstance(op, (qml.Snapshot, qml.WireCut, qml.Barrier)) or isinstance(op, (StatePrepBase, PennyLaneChannel)):
        return False
    if isinstance(op, qml.ops.op_math.Conditional) or type(op).__name__ in ("MidMeasure", "MidMeasureMP"):
        return False
    if isinstance(op, qml.ops.op_math.Controlled) and _small(op.base):
        return True
    return _small(op)


def pauli_sum(words, place, num_qubits):
    """A sentence of Pauli words as a sum."""
    terms = []
    for word, value in words.items():
        value = complex(value)
        if abs(value.imag) > 1e-10:
            return None
        wires = list(word.keys())
        terms.append(("".join(word[wire] for wire in wires), [place(wire) for wire in wires], value.real))
    return PauliSum.from_sparse(terms, num_qubits)


def initial(work):
    """The state that the preparations of a tape make."""
    return StateVector(_prepared(work))


def _prepared(work):
    (prep,) = work.preps
    state = prep.state_vector(wire_order=list(range(work.num_qubits)))
    return np.ascontiguousarray(qml.math.toarray(state), dtype=complex).reshape(-1)


def density(work):
    """The density matrix that the preparation of a tape makes."""
    (prep,) = work.preps
    if not isinstance(prep, qml.QubitDensityMatrix):
        state = _prepared(work)
        return np.outer(state, state.conj())
    n, wires = work.num_qubits, list(prep.wires)
    rest = [wire for wire in range(n) if wire not in wires]
    zero = np.zeros((2 ** len(rest),) * 2, dtype=complex)
    zero[0, 0] = 1.0
    whole = np.kron(np.asarray(qml.math.toarray(prep.data[0])), zero).reshape([2] * (2 * n))
    order = [(wires + rest).index(wire) for wire in range(n)]
    return np.ascontiguousarray(whole.transpose(order + [n + axis for axis in order]).reshape(2**n, 2**n))


def mixed(circuit):
    """The same circuit, simulated as a density operator also where it has no channel."""
    return circuit.copy().channel(Channel.depolarizing(0.0), [0])


class Builder:
    """Makes the circuit of a tape; trainable and broadcasted angles are its free parameters."""

    def __init__(self, tape, num_qubits, rows, trainable):
        self.tape, self.rows, self.trainable = tape, rows, set(trainable)
        self.circuit = Circuit(num_qubits)
        self.columns, self.owners = [], {}

    def build(self, place, wires=None):
        """The circuit, its parameters by row, and for each angle of a trainable parameter its column and factor.

        `wires` has those of each operator, where they are known.
        """
        number = 0
        wires = [op.wires for op in self.tape.operations] if wires is None else wires
        for op, on in zip(self.tape.operations, wires):
            count = len(op.data)
            if not is_prep(op):
                self.append(op, [place(wire) for wire in on], number)
            number += count
        width = 1 if self.rows is None else self.rows
        rows = np.empty((width, len(self.columns)))
        for index, column in enumerate(self.columns):
            rows[:, index] = column
        return self.circuit, rows, self.owners

    def angle(self, value, number, factor=1.0):
        """An angle: a number, or a free parameter."""
        value = value if isinstance(value, (float, np.ndarray)) else qml.math.toarray(value)
        if number not in self.trainable and np.ndim(value) == 0:
            return factor * float(value)
        index = len(self.columns)
        self.columns.append(np.asarray(value, dtype=float))
        self.owners.setdefault(number, []).append((index, factor))
        return Angle(index, factor)

    def has_rows(self, number):
        """Whether a parameter of the tape has a value for each row."""
        return any(self.columns[index].ndim > 0 for index, _ in self.owners.get(number, ()))

    def append(self, op, qubits, number):
        """Appends an operator; its first parameter is `number` of the tape."""
        name, circuit, data = op.name, self.circuit, op.data
        if name in FIXED:
            circuit.gate(FIXED[name], [], qubits)
        elif name in ROTATIONS:
            circuit.gate(ROTATIONS[name], [self.angle(data[0], number)], qubits)
        elif name in ("U3", "U2"):
            circuit.gate(name.lower(), [self.angle(value, number + k) for k, value in enumerate(data)], qubits)
        elif name == "Rot":
            for k, gate in enumerate(("rz", "ry", "rz")):
                circuit.gate(gate, [self.angle(data[k], number + k)], qubits)
        elif name in ("MultiRZ", "PauliRot"):
            self.rotation(op, qubits, number)
        elif name == "GlobalPhase":
            circuit.global_phase(self.angle(data[0], number, -1.0))
        elif name == "Identity":
            pass
        elif isinstance(op, PennyLaneChannel):
            circuit.channel(Channel.kraus([np.asarray(each, dtype=complex) for each in op.kraus_matrices()]), qubits[::-1])
        elif isinstance(op, qml.ops.op_math.Controlled) and _small(op.base):
            self.controlled(op, qubits)
        else:
            circuit.unitary(np.asarray(qml.math.toarray(op.matrix())), qubits[::-1])

    def rotation(self, op, qubits, number):
        """Appends a rotation about a Pauli word."""
        word = op.hyperparameters["pauli_word"] if op.name == "PauliRot" else "Z" * len(qubits)
        angle = self.angle(op.data[0], number)
        letters = [(letter, qubit) for letter, qubit in zip(word, qubits) if letter != "I"]
        if letters:
            self.circuit.pauli_rotation("".join(letter for letter, _ in letters), angle, [qubit for _, qubit in letters])
        else:
            self.circuit.global_phase(angle * -0.5)

    def controlled(self, op, qubits):
        """Appends the matrix of the base under its controls."""
        count = len(op.control_wires)
        off = [qubit for qubit, value in zip(qubits[:count], op.control_values) if not value]
        for qubit in off:
            self.circuit.gate("x", [], [qubit])
        targets = qubits[count : count + len(op.base.wires)]
        self.circuit.unitary(np.asarray(qml.math.toarray(op.base.matrix())), targets[::-1], qubits[:count])
        for qubit in off:
            self.circuit.gate("x", [], [qubit])
