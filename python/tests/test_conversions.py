"""Conversions that need no other package: objects that look like theirs."""

import numpy as np
import pytest
from dense import total

from qloom.convert import from_cirq, from_qubit_operator, from_sparse_pauli_op
from qloom.errors import CircuitError, QasmError


class QubitOperator:
    """What is read of OpenFermion's: terms by tuples of qubit and letter."""

    def __init__(self, terms):
        self.terms = terms


class SparseOperator:
    """What is read of Qiskit's: a list of words, qubit 0 rightmost."""

    def __init__(self, words):
        self.words, self.num_qubits = words, len(words[0][0])

    def to_list(self):
        return self.words


class CirqCircuit:
    """What is read of cirq's."""

    def __init__(self, text):
        self.text = text

    def to_qasm(self):
        return self.text


def test_operators_by_qubit_and_letter():
    operator = QubitOperator({((0, "X"), (2, "Y")): 0.5 + 0j, ((1, "Z"),): -1.0, (): 2.0})
    made = from_qubit_operator(operator)
    assert made.num_qubits == 3 and np.allclose(made.matrix(), total({"XIY": 0.5, "IZI": -1.0, "III": 2.0}, 3))
    assert from_qubit_operator(operator, 4).num_qubits == 4
    assert len(from_qubit_operator(QubitOperator({}), 2)) == 0
    with pytest.raises(CircuitError, match="real"):
        from_qubit_operator(QubitOperator({((0, "X"),): 0.5j}))
    with pytest.raises(IndexError, match="qubit 2"):
        from_qubit_operator(operator, 2)


def test_words_are_turned_round():
    made = from_sparse_pauli_op(SparseOperator([("XYI", 0.5), ("IIZ", -1.0 + 1e-15j)]))
    assert np.allclose(made.matrix(), total({"IYX": 0.5, "ZII": -1.0}, 3))
    with pytest.raises(CircuitError, match="XYI"):
        from_sparse_pauli_op(SparseOperator([("XYI", 0.5 + 0.1j)]))


def test_circuits_by_their_text():
    text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
    assert np.allclose(from_cirq(CirqCircuit(text)).state().amplitudes(), np.array([1, 0, 0, 1]) / np.sqrt(2))
    with pytest.raises(QasmError) as caught:
        from_cirq(CirqCircuit(text + "nope q[0];\n"))
    assert caught.value.places[0][0] == 6
