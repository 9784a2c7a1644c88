"""Grouped shots, post-selection and trajectories against dense algebra."""

import pickle

import numpy as np
import pytest
from dense import after, partial_trace, total, word

from qloom import Channel, Circuit, Factored, MatrixProduct, Measurements, NoiseModel, PauliSum, Symmetries, Trajectories

WORDS = {"XXI": 0.5, "YYI": -0.7, "ZZI": 1.0, "IZZ": 0.4, "XIX": 0.3, "IYX": -0.2, "III": 1.5}


def circuit():
    return Circuit(3).ry(0.7, 0).cx(0, 1).rx(0.4, 1).s(1).cx(1, 2).ry(-1.1, 2)


def diagonal(terms):
    """The matrix of products of Z on lists of qubits."""
    return sum(value * word("".join("Z" if qubit in qubits else "I" for qubit in range(3))) for qubits, value in terms)


@pytest.mark.parametrize(("grouping", "most"), [("terms", 6), ("qubit-wise", 5), ("commuting", 3)])
def test_settings_add_up_to_the_observable_and_have_its_moments(grouping, most):
    measurements = Measurements(PauliSum(WORDS), grouping)
    settings = measurements.settings()
    assert len(settings) <= most
    turned = [change.matrix() for change, _ in settings]
    parts = [u.conj().T @ diagonal(terms) @ u for u, (_, terms) in zip(turned, settings)]
    assert np.allclose(sum(parts) + 1.5 * np.eye(8), total(WORDS, 3), atol=1e-12)
    psi = circuit().state().amplitudes()
    means = [(psi.conj() @ part @ psi).real for part in parts]
    variances = [(psi.conj() @ part @ part @ psi).real - mean**2 for part, mean in zip(parts, means)]
    for state in (circuit().state(), circuit().density(), MatrixProduct(circuit()), Factored(circuit())):
        assert np.allclose(measurements.moments(state), np.column_stack([means, variances]), atol=1e-10)
        assert measurements.limit(state) == pytest.approx(1.5 + sum(means), abs=1e-10)


def test_estimates_scatter_as_their_errors_say():
    measurements, state = Measurements(PauliSum(WORDS), "commuting"), circuit().state()
    exact = state.expectation(PauliSum(WORDS))
    found = np.array([measurements.estimate(state, 2000, seed=seed) for seed in range(200)])
    pulls = (found[:, 0] - exact) / found[:, 1]
    assert abs(pulls.mean()) < 0.35 and pulls.std() == pytest.approx(1.0, abs=0.2)
    assert pickle.loads(pickle.dumps(measurements)).estimate(state, 2000, seed=3) == measurements.estimate(state, 2000, seed=3)


def test_shots_are_shared_out_for_the_least_error():
    measurements, state = Measurements(PauliSum(WORDS)), circuit().state()
    deviations = np.sqrt(measurements.moments(state)[:, 1])
    weights = np.array([sum(abs(value) for _, value in terms) for _, terms in measurements.settings()])
    for shots, wanted in (measurements.allocate(10_000, state), deviations), (measurements.allocate(10_000), weights):
        assert sum(shots) == 10_000 and np.allclose(shots, 10_000 * wanted / wanted.sum(), atol=6)
    error = lambda shots: np.sum(deviations**2 / np.array(shots))  # noqa: E731
    assert error(measurements.allocate(10_000, state)) <= error(measurements.allocate(10_000))
    _, few = measurements.estimate(state, [100] * len(weights))
    assert few == pytest.approx(np.sqrt(np.sum(deviations**2 / 100)), rel=0.3)


def test_errors_of_reading_out_damp_and_are_inverted():
    noise = NoiseModel(readout=[(0.1, 0.1)] * 3)
    read, inverted = Measurements(PauliSum(WORDS), noise=noise), Measurements(PauliSum(WORDS), noise=noise, invert_readout=True)
    state = circuit().state()
    damped = {letters: value * 0.8 ** (3 - letters.count("I")) for letters, value in WORDS.items()}
    assert read.limit(state) == pytest.approx(state.expectation(PauliSum(damped)), abs=1e-10)
    assert inverted.limit(state) == pytest.approx(state.expectation(PauliSum(WORDS)), abs=1e-10)
    assert np.all(inverted.moments(state)[:, 1] > read.moments(state)[:, 1])


def test_post_selection_is_a_projector():
    noisy = circuit().channel(Channel.depolarizing(0.2), [0]).channel(Channel.amplitude_damping(0.3), [2])
    density = noisy.density()
    projector = (np.eye(8) + word("ZZI")) / 2 @ (np.eye(8) - word("XXX")) / 2
    rho = density.matrix()
    probability = np.trace(projector @ rho).real
    value = np.trace(total(WORDS, 3) @ projector @ rho @ projector).real / probability
    symmetries = Symmetries({"ZZI": 1, "XXX": -1})
    assert symmetries.expectation(PauliSum(WORDS), density) == pytest.approx((value, probability), abs=1e-10)
    assert pickle.loads(pickle.dumps(symmetries)).expectation(PauliSum(WORDS), density) == symmetries.expectation(PauliSum(WORDS), density)
    counts = {f"{index:03b}": index + 1 for index in range(8)}
    kept = {outcome: count for outcome, count in counts.items() if outcome[-1] != outcome[-2]}
    assert Symmetries({"ZZI": -1}).keep(counts) == kept


def test_trajectories_are_the_density_matrix_on_average():
    gamma, p = 0.3, 0.1
    noisy = Circuit(2).h(0).cx(0, 1).channel(Channel.amplitude_damping(gamma), [0]).channel(Channel.depolarizing(p), [1])
    rho = np.zeros((4, 4), dtype=complex)
    rho[np.ix_([0, 3], [0, 3])] = 0.5
    rho = after([np.diag([1, np.sqrt(1 - gamma)]), np.array([[0, np.sqrt(gamma)], [0, 0]])], rho, [0])
    rho = (1 - p) * rho + p * np.kron(np.eye(2) / 2, partial_trace(rho, [0]))
    observable = {"XX": 0.7, "ZI": -0.4}
    found = Trajectories(noisy, NoiseModel(readout=[(0.05, 0.0), (0.0, 0.0)])).run(100_000, PauliSum(observable), seed=3)
    value, error = found["expectation"]
    assert abs(value - np.trace(total(observable, 2) @ rho).real) < 5 * error < 0.05
    values, errors = found["expectation_z"]
    exact = [np.trace(word(letters) @ rho).real for letters in ("ZI", "IZ")]
    assert np.all(np.abs(values - exact) < 5 * errors + 1e-12)
    clean = np.diag(rho).real
    read = np.array([0.95 * clean[0], clean[1] + 0.05 * clean[0], 0.95 * clean[2], clean[3] + 0.05 * clean[2]])
    means, spread = found["probabilities"]
    assert np.all(np.abs(means - read) < 5 * spread + 1e-12)
    assert sum(found["counts"].values()) == found["shots"] == 100_000 and found["distinct"] < 1000
    purity, error = found["purity"]
    assert abs(purity - np.trace(rho @ rho).real) < 5 * error + 1e-9
    again = pickle.loads(pickle.dumps(Trajectories(noisy)))
    assert again.run(50, seed=4)["counts"] == Trajectories(noisy).run(50, seed=4)["counts"]


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Measurements(PauliSum(WORDS), "pairs"), ValueError, "pairs.*commuting"),
        (lambda: Measurements(PauliSum(WORDS)).moments(Circuit(2).state()), ValueError, "3.*2|2.*3"),
        (lambda: Measurements(PauliSum(WORDS)).estimate(circuit().state(), [5]), ValueError, "settings?|numbers of shots"),
        (lambda: Measurements(PauliSum(WORDS)).estimate(circuit().state(), 0), ValueError, "at least 1"),
        (lambda: Measurements(PauliSum(WORDS)).limit([1.0]), TypeError, "list.*StateVector"),
        (lambda: Measurements(PauliSum({"Z": 1.0}), noise=NoiseModel(readout=[(0.6, 0.5)]), invert_readout=True), ValueError, "below 1"),
        (lambda: Symmetries({"ZZ": 1, "XI": 1}), ValueError, "commute"),
        (lambda: Symmetries({"ZZ": 2}), ValueError, "1 or -1"),
        (lambda: Symmetries({"ZZ": 1}).keep({"012": 1}), ValueError, "012"),
        (lambda: Symmetries({"XX": 1}).keep({"01": 1}), ValueError, "X or Y"),
        (lambda: Symmetries({"ZZ": 1}).expectation(PauliSum({"Z": 1.0}), Circuit(1).state()), ValueError, "1 qubits"),
        (lambda: Symmetries({"ZZ": -1}).expectation(PauliSum({"ZI": 1.0}), Circuit(2).state()), ValueError, "sector|symmetr"),
        (lambda: Trajectories(Circuit(1)).run(0), ValueError, "shot"),
        (lambda: Trajectories(Circuit(1)).run(5, PauliSum({"ZZ": 1.0})), ValueError, "2"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
