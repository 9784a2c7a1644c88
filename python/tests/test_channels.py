"""Channels and noise models against sums over Kraus operators."""

import copy
import itertools
import pickle

import numpy as np
import pytest
from dense import LETTERS, after, embedded, random_density, random_kraus, transfer, word

import qloom
from qloom import Channel, Circuit, Device, Energy, Executable, NoiseModel, PauliSum, PauliVector

X, Y, Z, ONE = (LETTERS[letter] for letter in "XYZI")
LOWER = np.array([[0, 1], [0, 0]])


def damping(gamma, excited=0.0):
    """Kraus operators of generalised amplitude damping (Nielsen and Chuang, 8.3.5)."""
    down = [np.diag([1, np.sqrt(1 - gamma)]), np.sqrt(gamma) * LOWER]
    up = [np.diag([np.sqrt(1 - gamma), 1]), np.sqrt(gamma) * LOWER.T]
    return [np.sqrt(1 - excited) * k for k in down] + [np.sqrt(excited) * k for k in up]


def dephasing(left):
    """Kraus operators that leave so much of the coherence."""
    return [np.sqrt((1 + left) / 2) * ONE, np.sqrt((1 - left) / 2) * Z]


def chained(first, second):
    return [b @ a for a in first for b in second]


def replaced(p, n):
    """Kraus operators that replace the state by the maximally mixed one with probability p."""
    words = ["".join(w) for w in itertools.product("IXYZ", repeat=n)]
    weights = [p / 4**n + (1 - p) * (w == "I" * n) for w in words]
    return [np.sqrt(weight) * word(w) for weight, w in zip(weights, words)]


# T1 = 50, T2 = 30, during 10: populations relax by exp(-t/T1), coherences by exp(-t/T2), of which exp(-t/2T1) is the relaxation's
RELAXED = [chained(damping(1 - np.exp(-0.2), excited), dephasing(np.exp(-1 / 3 + 0.1))) for excited in (0.0, 0.2)]
NAMED = {
    "bit flip": (Channel.bit_flip(0.3), [np.sqrt(0.7) * ONE, np.sqrt(0.3) * X]),
    "phase flip": (Channel.phase_flip(0.3), [np.sqrt(0.7) * ONE, np.sqrt(0.3) * Z]),
    "pauli": (Channel.pauli(0.1, 0.2, 0.3), [np.sqrt(p) * m for p, m in zip((0.4, 0.1, 0.2, 0.3), (ONE, X, Y, Z))]),
    "depolarizing": (Channel.depolarizing(0.4), replaced(0.4, 1)),
    "depolarizing, 2": (Channel.depolarizing(0.4, 2), replaced(0.4, 2)),
    "damping": (Channel.amplitude_damping(0.3), damping(0.3)),
    "damping to a population": (Channel.amplitude_damping(0.3, 0.2), damping(0.3, 0.2)),
    "phase damping": (Channel.phase_damping(0.36), [np.diag([1, 0.8]), np.diag([0, 0.6])]),
    "relaxation": (Channel.thermal_relaxation(50.0, 30.0, 10.0), RELAXED[0]),
    "relaxation to a population": (Channel.thermal_relaxation(50.0, 30.0, 10.0, 0.2), RELAXED[1]),
    "kraus, 1": (Channel.kraus(random_kraus(np.random.default_rng(1), 1, 3)), random_kraus(np.random.default_rng(1), 1, 3)),
    "kraus, 2": (Channel.kraus(random_kraus(np.random.default_rng(2), 2, 2)), random_kraus(np.random.default_rng(2), 2, 2)),
}


@pytest.mark.parametrize("name", NAMED)
def test_channels_are_their_kraus_sums(name):
    channel, operators = NAMED[name]
    n = channel.num_qubits
    assert np.allclose(channel.transfer_matrix(), transfer(operators), atol=1e-12)
    given = channel.operators()
    assert np.allclose(sum(k.conj().T @ k for k in given), np.eye(2**n), atol=1e-12)
    assert np.allclose(transfer(given), transfer(operators), atol=1e-9)
    density = random_density(np.random.default_rng(3), 3)
    for qubits in [[0], [2]] if n == 1 else [[0, 2], [2, 1]]:
        made = Circuit(3).channel(channel, qubits).density(initial=PauliVector(density))
        assert np.allclose(made.matrix(), after(operators, density, qubits), atol=1e-12)
    for again in (Channel.kraus(given), Channel.transfer(channel.transfer_matrix()), pickle.loads(pickle.dumps(channel)), copy.deepcopy(channel)):
        assert np.allclose(again.transfer_matrix(), channel.transfer_matrix(), atol=1e-9)


def test_draws_of_a_channel_average_to_it():
    circuit = Circuit(2).ry(0.9, 0).cx(0, 1).channel(Channel.amplitude_damping(0.5), [0]).channel(Channel.bit_flip(0.2), [1]).measure_all()
    exact = circuit.split_measurements()[0].density().probabilities()
    shots = 40_000
    for state in ("state-vector", "pauli-vector"):
        counts = Executable(circuit, state).counts(shots, seed=2)
        drawn = np.array([counts.get(f"{index:02b}", 0) for index in range(4)]) / shots
        assert np.abs(drawn - exact).max() < 5 * np.sqrt(0.25 / shots)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Channel.bit_flip(1.5), "1.5"),
        (lambda: Channel.phase_flip(-0.1), "-0.1"),
        (lambda: Channel.pauli(0.5, 0.4, 0.3), "is 1.2"),
        (lambda: Channel.depolarizing(float("nan")), "NaN"),
        (lambda: Channel.depolarizing(0.1, 4), "4"),
        (lambda: Channel.amplitude_damping(2.0), "2"),
        (lambda: Channel.amplitude_damping(0.1, -1.0), "-1"),
        (lambda: Channel.phase_damping(1.1), "1.1"),
        (lambda: Channel.thermal_relaxation(10.0, 30.0, 1.0), "30"),
        (lambda: Channel.thermal_relaxation(10.0, 10.0, -1.0), "-1"),
        (lambda: Channel.kraus([np.eye(2), np.eye(2)]), "trace: off by 1e0"),
        (lambda: Channel.kraus([]), "0 where 1 is needed"),
        (lambda: Channel.kraus([np.eye(3)]), "2\\^n"),
        (lambda: Channel.kraus([np.zeros((2, 3))]), "square"),
        (lambda: Channel.kraus([np.eye(2) / np.sqrt(2), np.eye(4) / np.sqrt(2)]), "4 where 2 is needed"),
        (lambda: Channel.transfer(np.diag([1.0, 1.0, 1.0, -1.0])), "completely positive: off by 1e0"),
        (lambda: Channel.transfer(np.eye(3)), "9 where 16"),
    ],
)
def test_what_is_no_channel_is_refused(make, says):
    with pytest.raises(qloom.QloomError, match=says):
        make()


def test_channels_need_their_qubits():
    with pytest.raises(IndexError, match="qubit 1"):
        Circuit(1).channel(Channel.bit_flip(0.1), [1])
    with pytest.raises(ValueError, match="1 where 2 is needed"):
        Circuit(2).channel(Channel.depolarizing(0.1, 2), [0])
    with pytest.raises(ValueError, match="qubit 1 is named twice"):
        Circuit(2).channel(Channel.depolarizing(0.1, 2), [1, 1])
    with pytest.raises(NotImplementedError, match="noise channel"):
        Circuit(1).channel(Channel.bit_flip(0.1), [0]).state()


def gates():
    return Circuit(3).h(0).ry(0.4, 1).cx(0, 1).cz(1, 2).ry(0.7, 2).cx(2, 0)


ONES = damping(0.2)
#: Rules, and after which of the six gates on which qubits their channels come.
RULES = {
    "by name": ((["ry"], None, None), {1: [1], 4: [2]}),
    "by names": ((["h", "ry"], None, None), {0: [0], 1: [1], 4: [2]}),
    "by number": ((None, 1, None), {0: [0], 1: [1], 4: [2]}),
    "by qubits": ((None, None, [1]), {1: [1]}),
    "by all three": ((["ry", "h"], 1, [2]), {4: [2]}),
    "by none": ((["x"], None, None), {}),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_put_channels_behind_their_gates(name):
    rule, places = RULES[name]
    noisy = NoiseModel([(*rule, Channel.amplitude_damping(0.2))]).apply(gates())
    density = np.zeros((8, 8), dtype=complex)
    density[0, 0] = 1.0
    theta = {1: 0.4, 4: 0.7}
    unitaries = [np.array([[1, 1], [1, -1]]) / np.sqrt(2), None, np.eye(4)[[0, 3, 2, 1]], np.diag([1, 1, 1, -1]), None, np.eye(4)[[0, 3, 2, 1]]]
    for number, (matrix, qubits) in enumerate(zip(unitaries, [[0], [1], [0, 1], [1, 2], [2], [2, 0]])):
        if matrix is None:
            c, s = np.cos(theta[number] / 2), np.sin(theta[number] / 2)
            matrix = np.array([[c, -s], [s, c]])
        wide = embedded(matrix, qubits, 3)
        density = wide @ density @ wide.T
        if number in places:
            density = after(ONES, density, places[number])
    assert np.allclose(noisy.density().matrix(), density, atol=1e-12)
    assert len(noisy) == 6 + len(places)


def test_two_qubit_rules_keep_the_order_of_the_qubits():
    kraus = random_kraus(np.random.default_rng(5), 2, 2)
    noisy = NoiseModel([(["cx"], 2, [1, 0], Channel.kraus(kraus))]).apply(Circuit(2).h(0).cx(0, 1).cx(1, 0))
    pure = Circuit(2).h(0).cx(0, 1).cx(1, 0).state().amplitudes()
    assert np.allclose(noisy.density().matrix(), after(kraus, np.outer(pure, pure.conj()), [1, 0]), atol=1e-12)


def test_uniform_noise_is_depolarizing_by_number_of_qubits():
    model = NoiseModel.uniform("depolarizing1=0.02, depolarizing2=0.1, readout=0.05", 3)
    rules = [(None, 1, None, Channel.depolarizing(0.02)), (None, 2, None, Channel.depolarizing(0.1, 2))]
    assert np.allclose(model.apply(gates()).density().matrix(), NoiseModel(rules).apply(gates()).density().matrix(), atol=1e-12)
    assert model.readout == [(0.05, 0.05)] * 3
    value = Energy(model.apply(Circuit(1).x(0)), PauliSum({"Z": 1.0}))([])
    assert value == pytest.approx(-0.98, abs=1e-12)


def test_readout_errors_confuse_bits():
    model = NoiseModel([], [(0.1, 0.3), (0.0, 1.0)])
    noisy = model.apply(Circuit(2).x(1).ry(1.0, 0).measure_all(), readout=True)
    counts = Executable(noisy, "pauli-vector").counts(50_000, seed=1)
    one = np.sin(0.5) ** 2
    assert set(counts) == {"00", "01"}
    assert counts["01"] / 50_000 == pytest.approx(0.7 * one + 0.1 * (1 - one), abs=0.012)
    assert len(model.apply(Circuit(2).x(1).measure_all())) == 3


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: NoiseModel([(["nope"], None, None, Channel.bit_flip(0.1))]), "nope"),
        (lambda: NoiseModel([], [(1.5, 0.0)]), "1.5"),
        (lambda: NoiseModel([], [(0.0, float("nan"))]), "NaN"),
        (lambda: NoiseModel.uniform("depolarizing1=2", 2), "2"),
        (lambda: NoiseModel.uniform("nonsense=0.1", 2), "nonsense"),
        (lambda: NoiseModel.uniform("depolarizing1", 2), "depolarizing1"),
        (lambda: Device.named("line-3").noise(5), "5 qubits, line-3 has 3"),
    ],
)
def test_what_is_no_noise_is_refused(make, says):
    with pytest.raises(qloom.QloomError, match=says):
        make()
