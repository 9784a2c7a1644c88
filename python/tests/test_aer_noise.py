"""Noise models of Qiskit Aer from their JSON form, against Kraus sums and, where it is installed, Aer itself."""

import itertools

import numpy as np
import pytest

pytest.importorskip("qiskit")

from dense import after, embedded, random_density, random_kraus  # noqa: E402
from qiskit import QuantumCircuit  # noqa: E402
from qiskit.circuit.library import get_standard_gate_name_mapping  # noqa: E402

import qloom  # noqa: E402
from qloom import Circuit, PauliVector  # noqa: E402
from qloom.convert import from_qiskit  # noqa: E402
from qloom.qiskit import noise_model  # noqa: E402

X, Y, Z, ONE = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1]), np.eye(2)
SX, RESET = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2, [np.diag([1, 0]), np.array([[0, 1], [0, 0]])]
DENSITY = random_density(np.random.default_rng(1), 2)
KRAUS = random_kraus(np.random.default_rng(2), 1, 2)


def pairs(matrix):
    """A complex matrix as JSON has it: pairs of real numbers."""
    return np.stack([np.real(matrix), np.imag(matrix)], axis=-1).tolist()


def error(operations, instructions, probabilities, qubits=None):
    placed = {} if qubits is None else {"gate_qubits": qubits}
    return {"errors": [{"type": "qerror", "operations": operations, "instructions": instructions, "probabilities": probabilities, **placed}]}


def instruction(name, qubits, *params):
    return {"name": name, "qubits": qubits, **({"params": list(params)} if params else {})}


ON_ONE = {
    "pauli": ([[instruction("pauli", [0], "Y")], [instruction("id", [0])]], [0.2, 0.8], [np.sqrt(0.2) * Y, np.sqrt(0.8) * ONE]),
    "gates": ([[instruction("z", [0])], [instruction("x", [0])]], [0.6, 0.4], [np.sqrt(0.6) * Z, np.sqrt(0.4) * X]),
    "gates in turn": ([[instruction("sx", [0]), instruction("s", [0])]], [1.0], [np.diag([1, 1j]) @ SX]),
    "rotation": ([[instruction("rx", [0], 0.4)]], [1.0], [np.cos(0.2) * ONE - 1j * np.sin(0.2) * X]),
    "reset": ([[instruction("reset", [0])], [instruction("id", [0])]], [0.3, 0.7], [np.sqrt(0.3) * k for k in RESET] + [np.sqrt(0.7) * ONE]),
    "kraus": ([[instruction("kraus", [0], *map(pairs, KRAUS))]], [1.0], KRAUS),
    "kraus and a gate": ([[instruction("kraus", [0], *map(pairs, KRAUS)), instruction("x", [0])]], [1.0], [X @ k for k in KRAUS]),
    "unitary": ([[instruction("unitary", [0], pairs((X + Z) / np.sqrt(2)))]], [1.0], [(X + Z) / np.sqrt(2)]),
    "of probability 0": ([[instruction("x", [0])], [instruction("y", [0])]], [0.0, 1.0], [Y]),
}  # fmt: skip


@pytest.mark.parametrize("name", ON_ONE)
def test_errors_behind_gates_on_one_qubit(name):
    instructions, probabilities, kraus = ON_ONE[name]
    circuit = Circuit(2).h(1).z(0)
    before = embedded(np.diag([1, -1]), [0], 2) @ embedded((X + Z) / np.sqrt(2), [1], 2)
    density = before @ DENSITY @ before.T
    everywhere = noise_model(error(["h"], instructions, probabilities), 2).apply(circuit)
    assert np.allclose(everywhere.density(initial=PauliVector(DENSITY)).matrix(), after(kraus, density, [1]), atol=1e-12)
    placed = noise_model(error(["h", "z"], instructions, probabilities, [[0]]), 2).apply(circuit)
    assert np.allclose(placed.density(initial=PauliVector(DENSITY)).matrix(), after(kraus, density, [0]), atol=1e-12)


CX = np.eye(4)[[0, 3, 2, 1]]
ON_TWO = {
    "pauli of two": (
        [[instruction("pauli", [0, 1], "XZ")], [instruction("pauli", [0, 1], "II")]],
        [0.3, 0.7],
        [np.sqrt(0.3) * np.kron(X, Z), np.sqrt(0.7) * np.eye(4)],
    ),
    "on the first": ([[instruction("x", [0])], [instruction("id", [0])]], [0.3, 0.7], [np.sqrt(0.3) * np.kron(ONE, X), np.sqrt(0.7) * np.eye(4)]),
    "on the second": ([[instruction("kraus", [1], *map(pairs, KRAUS))]], [1.0], [np.kron(k, ONE) for k in KRAUS]),
    "on both in turn": (
        [[instruction("kraus", [0], *map(pairs, KRAUS)), instruction("cx", [1, 0])]],
        [1.0],
        [np.eye(4)[[0, 1, 3, 2]] @ np.kron(ONE, k) for k in KRAUS],
    ),
}


@pytest.mark.parametrize("name", ON_TWO)
@pytest.mark.parametrize("qubits", [[0, 1], [1, 0]])
def test_errors_behind_gates_on_two_qubits_keep_their_order(name, qubits):
    instructions, probabilities, kraus = ON_TWO[name]
    circuit = Circuit(2).cx(*qubits)
    wide = embedded(CX, qubits, 2)
    wanted = after(kraus, wide @ DENSITY @ wide.T, qubits)
    for placed in (None, [[0, 1], [1, 0]]):
        noisy = noise_model(error(["cx"], instructions, probabilities, placed), 2).apply(circuit)
        assert np.allclose(noisy.density(initial=PauliVector(DENSITY)).matrix(), wanted, atol=1e-12)
    other = noise_model(error(["cx"], instructions, probabilities, [qubits[::-1]]), 2).apply(circuit)
    assert np.allclose(other.density(initial=PauliVector(DENSITY)).matrix(), wide @ DENSITY @ wide.T, atol=1e-12)


NO_GATES = ("measure", "reset", "delay")
ON_ONE_QUBIT = [name for name, gate in get_standard_gate_name_mapping().items() if gate.num_qubits == 1 and name not in NO_GATES]


@pytest.mark.parametrize("name", ON_ONE_QUBIT)
def test_an_error_follows_every_gate_that_qiskit_names(name):
    gate = get_standard_gate_name_mapping()[name]
    gate = type(gate)(*[0.3, 0.4, 0.5][: len(gate.params)]) if gate.params else gate
    circuit = QuantumCircuit(1)
    circuit.append(gate, [0])
    noisy = noise_model(error([name], [[instruction("kraus", [0], *map(pairs, KRAUS))]], [1.0]), 1).apply(from_qiskit(circuit))
    pure = gate.to_matrix()[:, 0]
    assert np.allclose(noisy.density().matrix(), after(KRAUS, np.outer(pure, pure.conj()), [0]), atol=1e-12)


def test_readout_errors_are_rows_of_what_was_prepared():
    readout = {"type": "roerror", "operations": ["measure"], "probabilities": [[0.9, 0.1], [0.3, 0.7]]}
    everywhere = noise_model({"errors": [readout]}, 2)
    assert everywhere.readout == [(0.1, 0.3), (0.1, 0.3)]
    placed = noise_model({"errors": [{**readout, "gate_qubits": [[1], [7]]}]}, 2)
    assert placed.readout == [(0.0, 0.0), (0.1, 0.3)]
    counts = qloom.Executable(placed.apply(Circuit(2).x(1).measure_all(), readout=True), "pauli-vector").counts(20_000, seed=1)
    assert counts["00"] / 20_000 == pytest.approx(0.3, abs=0.02) and set(counts) == {"00", "10"}
    assert noise_model({"errors": []}, 1).readout == [(0.0, 0.0)]


IDLE = [[instruction("id", [0])]]


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (error(["measure"], IDLE, [1.0]), "errors behind measure"),
        (error(["reset", "x"], IDLE, [1.0]), "errors behind reset "),
        (error(["nonsense"], IDLE, [1.0]), "nonsense"),
        (error(["x"], [[instruction("initialize", [0])]], [1.0]), "instruction initialize"),
        (error(["x"], [[instruction("cx", [0, 1])]], [1.0]), "an error on 2 qubits behind x"),
        (error(["x", "cx"], IDLE, [1.0]), "behind x, cx"),
        (error(["cx"], IDLE, [1.0], [[0]]), "behind cx"),
        ({"errors": [{"type": "nonsense"}]}, "type nonsense"),
        ({"errors": [{"type": "roerror", "probabilities": np.eye(4).tolist(), "gate_qubits": [[0, 1]]}]}, r"together, \[0, 1\]"),
        ({"errors": error(["x"], IDLE, [1.0])["errors"] + error(["x"], IDLE, [1.0], [[0]])["errors"]}, "x have errors on all"),
        (error(["x"], [[instruction("x", [0])]], [0.5]), "trace"),
    ],
)
def test_what_is_not_understood_is_named(model, says):
    with pytest.raises(qloom.QloomError, match=says):
        noise_model(model, 2)


@pytest.mark.parametrize("placed", [False, True])
def test_aer_says_the_same(placed):
    aer = pytest.importorskip("qiskit_aer")
    from qiskit_aer import noise

    one, two = QuantumCircuit(2), QuantumCircuit(2)
    one.x(0)
    two.id(0)
    errors = {
        "cx": noise.QuantumError([(one, 0.3), (two, 0.7)]),
        "cz": noise.depolarizing_error(0.1, 2),
        "u": noise.phase_amplitude_damping_error(0.1, 0.2, 0.3),
        "sx": noise.reset_error(0.1, 0.2),
        "p": noise.coherent_unitary_error(np.diag([1, 1j])),
    }
    model = noise.NoiseModel()
    for name, each in errors.items():
        if placed:
            for qubits in itertools.permutations(range(2), each.num_qubits):
                model.add_quantum_error(each, [name], list(qubits))
        else:
            model.add_all_qubit_quantum_error(each, [name])
    circuit = QuantumCircuit(2)
    circuit.u(0.4, 0.5, 0.6, 0)
    circuit.cx(0, 1)
    circuit.sx(1)
    circuit.cz(1, 0)
    circuit.p(0.3, 0)
    circuit.cx(1, 0)
    ours = noise_model(model, 2).apply(from_qiskit(circuit)).density().matrix()
    circuit.save_density_matrix()
    simulator = aer.AerSimulator(method="density_matrix", noise_model=model)
    theirs = simulator.run(circuit, optimization_level=0).result().data()["density_matrix"]
    assert np.allclose(ours, np.asarray(theirs), atol=1e-9)
