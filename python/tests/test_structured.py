"""Chains of tensors and states in parts against dense states, and on more qubits than these have."""

import pickle

import numpy as np
import pytest
from dense import embedded, total

from qloom import Circuit, Factored, MatrixProduct, PauliSum, library

WORDS = {"XYZII": 0.5, "ZZIIX": -1.0, "IIXXI": 0.3, "YIIIY": 0.7, "IIIII": 2.0}


def brickwork(random, qubits, layers, edges):
    """A circuit of random rotations and CNOTs on these edges, and its amplitudes in plain NumPy."""
    circuit, state = Circuit(qubits), np.eye(2**qubits)[:, 0].astype(complex)
    for _ in range(layers):
        for qubit in range(qubits):
            theta = random.uniform(0, 2 * np.pi)
            circuit.ry(theta, qubit).s(qubit)
            c, s = np.cos(theta / 2), np.sin(theta / 2)
            state = embedded(np.diag([1, 1j]) @ np.array([[c, -s], [s, c]]), [qubit], qubits) @ state
        for one, two in edges:
            circuit.cx(one, two)
            state = embedded(np.eye(4)[[0, 3, 2, 1]], [one, two], qubits) @ state
    return circuit, state


@pytest.mark.parametrize(
    ("kind", "edges"),
    [(MatrixProduct, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]), (Factored, [(0, 3), (4, 1)])],
)
def test_states_are_those_of_dense_algebra(kind, edges):
    random = np.random.default_rng(5)
    circuit, amplitudes = brickwork(random, 5, 3, edges)
    state = kind(circuit)
    expected = (amplitudes.conj() @ total(WORDS, 5) @ amplitudes).real
    assert state.expectation(PauliSum(WORDS)) == pytest.approx(expected, abs=1e-12)
    weights = np.abs(amplitudes) ** 2
    assert np.allclose(state.probabilities(), weights, atol=1e-12)
    some = np.bincount([(index >> 4 & 1) | (index >> 1 & 1) << 1 for index in range(32)], weights)
    assert np.allclose(state.probabilities([4, 1]), some, atol=1e-12)
    signs = [[1 - 2 * (index >> qubit & 1) for index in range(32)] for qubit in range(5)]
    assert np.allclose(state.expectation_z(), np.array(signs) @ weights, atol=1e-12)
    counts = state.sample(40_000, seed=2)
    assert sum(counts.values()) == 40_000
    for index, weight in enumerate(weights):
        drawn = counts.get(f"{index:05b}", 0) / 40_000
        assert abs(drawn - weight) < 5 * np.sqrt(weight / 40_000) + 1e-4
    again = pickle.loads(pickle.dumps(state))
    assert again.sample(50, 3) == state.sample(50, 3) and again.num_qubits == 5


def test_amplitudes_of_chains_and_what_narrow_bonds_drop():
    circuit, amplitudes = brickwork(np.random.default_rng(7), 6, 4, [(k, k + 1) for k in range(5)])
    exact, narrow = MatrixProduct(circuit), MatrixProduct(circuit, bond=3)
    assert np.allclose(exact.amplitudes(), amplitudes, atol=1e-12) and exact.error < 1e-12
    assert (exact.bond, narrow.bond, narrow.widest) == (64, 3, 3)
    distance = np.linalg.norm(narrow.amplitudes() - amplitudes)
    assert 1e-3 < distance <= narrow.error


def test_parts_are_counted():
    circuit = Circuit(90)
    for pair in range(30):
        circuit.h(3 * pair).cx(3 * pair, 3 * pair + 2)
    state = Factored(circuit)
    assert (state.num_parts, state.largest_part, state.num_qubits) == (60, 2, 90)
    assert np.allclose(state.probabilities([0, 2, 4]), [0.5, 0, 0, 0.5, 0, 0, 0, 0])


def test_two_hundred_qubits():
    state = MatrixProduct(library.ghz(200))
    assert state.widest == 2 and set(state.sample(100, seed=1)) == {"0" * 200, "1" * 200}


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: MatrixProduct(Circuit(2), bond=0), ValueError, "bond.*at least 1"),
        (lambda: MatrixProduct(Circuit(2, 1).measure(0, 0)), ValueError, "measure"),
        (lambda: Factored(Circuit(2, 1).measure(0, 0)), ValueError, "measure"),
        (lambda: MatrixProduct(library.ghz(30)).amplitudes(), ValueError, "24"),
        (lambda: Factored(Circuit(2)).probabilities([0, 0]), ValueError, "0"),
        (lambda: Factored(Circuit(2)).expectation(PauliSum({"Z": 1.0})), ValueError, "2"),
        (lambda: MatrixProduct(Circuit(1)).sample(10**12), ValueError, "1000000000000 shots"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
