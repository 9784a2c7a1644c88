"""Noise models of Qiskit Aer, from their JSON form."""

from __future__ import annotations

import itertools
from functools import reduce

import numpy as np
from qiskit.circuit.library import get_standard_gate_name_mapping

from ._native import Channel, NoiseModel
from .errors import HardwareError

_STANDARD = get_standard_gate_name_mapping()
_PAULIS = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1.0, -1.0])}
_RESET = [np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])]


def _complex(matrix):
    """A matrix of complex numbers, or of pairs of real ones."""
    array = np.asarray(matrix)
    return array[..., 0] + 1j * array[..., 1] if array.ndim == 3 and array.shape[-1] == 2 and not np.iscomplexobj(array) else array


def _kraus(instruction):
    """The Kraus operators of an instruction on its own qubits."""
    name, params = instruction["name"], instruction.get("params", [])
    if name == "id":
        return [np.eye(2)]
    if name == "pauli":
        return [reduce(np.kron, [_PAULIS[letter] for letter in params[0]])]
    if name == "reset":
        return _RESET
    if name == "kraus":
        return [_complex(matrix) for matrix in params]
    if name == "unitary":
        return [_complex(params[0])]
    if name in _STANDARD:
        gate = _STANDARD[name]
        return [np.asarray((type(gate)(*params) if params else gate).to_matrix())]
    raise HardwareError(f"the instruction {name} of an error is not understood; there are id, pauli, reset, kraus, unitary and gates")


def _embedded(matrix, qubits, count):
    """A matrix on some of the qubits, the first the least significant, on all of them."""
    dimension = 2**count
    out = np.zeros((dimension, dimension), dtype=complex)
    rest = [qubit for qubit in range(count) if qubit not in qubits]

    def index(bits, others):
        return sum((bits >> k & 1) << qubit for k, qubit in enumerate(qubits)) + sum((others >> k & 1) << q for k, q in enumerate(rest))

    for others, row, column in itertools.product(range(2 ** len(rest)), range(len(matrix)), range(len(matrix))):
        out[index(row, others), index(column, others)] = matrix[row, column]
    return out


def _channel(error):
    """The channel of a quantum error, on all qubits of its gates: its instructions may leave some of them alone."""
    count = 1 + max((qubit for sequence in error["instructions"] for each in sequence for qubit in each["qubits"]), default=0)
    sizes = {_STANDARD[name].num_qubits for name in error["operations"]} | {len(each) for each in error.get("gate_qubits") or []}
    if len(sizes) != 1 or count > max(sizes):
        names = ", ".join(error["operations"])
        raise HardwareError(f"an error on {count} qubits behind {names}, which act on {sorted(sizes)}; give each number its own error")
    (count,) = sizes
    operators = []
    for probability, sequence in zip(error["probabilities"], error["instructions"]):
        steps = [[_embedded(matrix, each["qubits"], count) for matrix in _kraus(each)] for each in sequence]
        for choice in itertools.product(*steps):
            product = reduce(lambda done, matrix: matrix @ done, choice, np.eye(2**count))
            if probability > 0 and np.abs(product).max() > 0:
                operators.append(np.sqrt(probability) * product)
    return Channel.kraus(operators, "aer")


def noise_model(model, num_qubits):
    """A noise model of Qiskit Aer, or its dictionary of `to_dict(serializable=True)`, for circuits on so many qubits.

    Quantum errors behind gates, on all qubits or on given ones, and read-out errors are taken over; what else there is, is refused by name.
    """
    data = model if isinstance(model, dict) else model.to_dict(serializable=True)
    rules, readout, everywhere, placed = [], [[0.0, 0.0] for _ in range(num_qubits)], set(), set()
    for error in data.get("errors", []):
        qubits = error.get("gate_qubits")
        if error["type"] == "roerror":
            if len(error["probabilities"]) != 2:
                together = ", ".join(str(each) for each in qubits or [])
                raise HardwareError(f"a read-out error of several qubits together, {together}; only single qubits are read wrongly here")
            (zero, one) = error["probabilities"]
            for each in qubits or [[qubit] for qubit in range(num_qubits)]:
                if each[0] < num_qubits:
                    readout[each[0]] = [float(zero[1]), float(one[0])]
        elif error["type"] == "qerror":
            unknown = [name for name in error["operations"] if name not in _STANDARD or name in ("measure", "reset", "delay")]
            if unknown:
                raise HardwareError(f"errors behind {', '.join(unknown)} are not understood; only those behind gates are")
            (placed if qubits else everywhere).update(error["operations"])
            channel = _channel(error)
            rules += [(error["operations"], None, list(each), channel) for each in qubits or []]
            rules += [] if qubits else [(error["operations"], None, None, channel)]
        else:
            raise HardwareError(f"an error of type {error['type']} is not understood; there are qerror and roerror")
    if both := sorted(everywhere & placed):
        raise HardwareError(f"{', '.join(both)} have errors on all qubits and others on some, which would add; give each place one")
    return NoiseModel(rules, [tuple(each) for each in readout])
