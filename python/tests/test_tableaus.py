"""Stabilizer states against state vectors, and circuits on more qubits than these have."""

import pickle

import numpy as np
import pytest

from qloom import Circuit, Executable, PauliSum, Tableau


def clifford(random, qubits, length):
    circuit = Circuit(qubits)
    for _ in range(length):
        first, second = random.choice(qubits, 2, replace=False)
        circuit = getattr(circuit, str(random.choice(["h", "s", "x", "sx", "sdg"])))(int(first))
        circuit = getattr(circuit, str(random.choice(["cx", "cz", "swap", "ecr"])))(int(first), int(second))
    return circuit


@pytest.mark.parametrize("seed", range(4))
def test_tableaus_are_their_state_vectors(seed):
    random = np.random.default_rng(seed)
    circuit = clifford(random, 4, 25)
    tableau, state = Tableau(circuit), circuit.state()
    assert tableau.num_qubits == 4 and np.allclose(tableau.probabilities([0, 1, 2, 3]), state.probabilities(), atol=1e-12)
    for stabilizer in tableau.stabilizers():
        sign = 1.0 if stabilizer[0] == "+" else -1.0
        assert state.expectation(PauliSum({stabilizer[1:]: sign})) == pytest.approx(1.0)
    words = {"".join(random.choice(list("IXYZ"), 4)): float(random.normal()) for _ in range(30)}
    assert tableau.expectation(PauliSum(words)) == pytest.approx(state.expectation(PauliSum(words)), abs=1e-12)
    assert np.allclose(tableau.expectation_z(), [state.expectation(PauliSum.z(qubit, 4)) for qubit in range(4)], atol=1e-12)
    again = pickle.loads(pickle.dumps(tableau))
    assert again.stabilizers() == tableau.stabilizers() and again.sample(50, 1) == tableau.sample(50, 1)


def test_a_thousand_qubits():
    circuit = Circuit(1000).h(0)
    for qubit in range(999):
        circuit = circuit.cx(qubit, qubit + 1)
    counts = Executable(circuit.measure_all(), "tableau").counts(200, seed=3)
    assert set(counts) == {"0" * 1000, "1" * 1000} and 60 < counts["0" * 1000] < 140


def test_branches_of_tableaus():
    circuit = Circuit(2, 1).h(0).measure(0, 0).conditional([0], 1, Circuit(2, 1).x(1)).h(0)
    ends = sorted(Executable(circuit, "tableau").branches(), key=lambda end: end[1][0])
    assert [(probability, list(bits)) for probability, bits, _ in ends] == [(0.5, [0]), (0.5, [1])]
    assert [state.expectation(PauliSum({"IZ": 1.0})) for _, _, state in ends] == [1.0, -1.0]
    with pytest.raises(TypeError, match="pickle the circuit"):
        pickle.dumps(ends[0][2])


def test_what_is_refused():
    with pytest.raises(ValueError, match="Clifford"):
        Tableau(Circuit(1).t(0))
    with pytest.raises(ValueError, match="Clifford"):
        Executable(Circuit(1).rx(0.3, 0), "tableau")
    with pytest.raises(ValueError, match="tableau"):
        Executable(Circuit(1), "matrix")
    with pytest.raises(LookupError, match="7"):
        Tableau(Circuit(2)).probabilities([7])
    with pytest.raises(ValueError, match="9223372036854775808 shots are more than the 100000000"):
        Tableau(Circuit(2)).sample(2**63)
