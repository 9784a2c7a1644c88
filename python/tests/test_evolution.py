"""Evolution, metrics and second derivatives against linear algebra."""

import numpy as np
import pytest

import qloom
from qloom import Angle, Circuit, PauliSum
from qloom.library import evolution

CHAIN = PauliSum({"ZZI": 1.0, "IZZ": 1.0, "XII": 0.7, "IXI": 0.7, "IIX": 0.7})


def matrix(paulis: dict[str, float]) -> np.ndarray:
    letters = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}
    whole = 0
    for word, factor in paulis.items():
        term = np.eye(1)
        for letter in word:  # the first letter is on qubit 0, the least significant
            term = np.kron(letters[letter], term)
        whole = whole + factor * term
    return whole


def test_evolution_is_the_exponential():
    values, vectors = np.linalg.eigh(matrix({"ZZI": 1.0, "IZZ": 1.0, "XII": 0.7, "IXI": 0.7, "IIX": 0.7}))
    start = Circuit(3).h(0).ry(0.4, 1).state()
    exact = vectors @ (np.exp(-1.3j * values) * (vectors.conj().T @ start.amplitudes()))
    assert np.abs(qloom.evolve(start, CHAIN, 1.3).amplitudes() - exact).max() < 1e-11
    errors = []
    for steps in (20, 40):
        circuit = Circuit(3).h(0).ry(0.4, 1)
        product = evolution(CHAIN, 1.3, steps, order=4).matrix() @ circuit.state().amplitudes()
        errors.append(np.abs(product - exact).max())
    assert errors[1] < errors[0] / 12


def test_metrics_and_hessians_are_differences():
    circuit = Circuit(2).ry(Angle(0), 0).cx(0, 1).rz(Angle(1), 1).rx(Angle(2), 1)
    at = np.array([0.7, 0.2, 1.1])
    observable = PauliSum({"ZX": 0.4, "YI": 0.3})
    energy = qloom.Energy(circuit, observable)
    step = 1e-5
    rows = [(energy.value_and_gradient(at + step * e)[1] - energy.value_and_gradient(at - step * e)[1]) / (2 * step) for e in np.eye(3)]
    assert np.abs(qloom.hessian(circuit, observable, at) - np.array(rows)).max() < 1e-8
    slopes = [(circuit.bind(list(at + step * e)).state().amplitudes() - circuit.bind(list(at - step * e)).state().amplitudes()) / (2 * step) for e in np.eye(3)]
    psi = circuit.bind(list(at)).state().amplitudes()
    metric = [[(np.vdot(a, b) - np.vdot(a, psi) * np.vdot(psi, b)).real for b in slopes] for a in slopes]
    assert np.abs(qloom.metric_tensor(circuit, at) - np.array(metric)).max() < 1e-8


def test_propagated_values_have_bounds():
    circuit = Circuit(3).ry(0.4, 0).cx(0, 1).rx(0.7, 1).cx(1, 2).ry(0.3, 2)
    observable = PauliSum({"ZZZ": 1.0, "IXI": 0.5})
    exact = circuit.state().expectation(observable)
    value, bound = qloom.propagate(circuit, observable)
    assert abs(value - exact) < 1e-13 and bound == 0.0
    value, bound = qloom.propagate(circuit, observable, least=0.3)
    assert 0 < abs(value - exact) <= bound


def test_wrong_sizes_and_numbers_are_refused():
    circuit = Circuit(1).ry(Angle(0), 0)
    for wrong in (
        lambda: qloom.metric_tensor(circuit, [0.1, 0.2]),
        lambda: qloom.hessian(circuit, PauliSum({"ZZ": 1.0}), [0.1]),
        lambda: qloom.propagate(circuit, PauliSum({"Z": 1.0})),
        lambda: qloom.evolve(Circuit(2).state(), CHAIN, 1.0),
        lambda: qloom.evolve(Circuit(3).state(), CHAIN, float("nan")),
        lambda: evolution(CHAIN, 1.0, 4, order=3),
        lambda: evolution(CHAIN, 1.0, 0),
    ):
        with pytest.raises(qloom.QloomError):
            wrong()
