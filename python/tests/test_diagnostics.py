"""Diagnoses of circuits and kernels against linear algebra in NumPy and values known exactly."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from qloom import Angle, Circuit, Kernel, diagnose_circuit, diagnose_kernel, effective_dimension, geometric_difference, library

LAMBDA = 1e-3


def kernels(count=20):
    random = np.random.default_rng(4)
    rows = random.uniform(0, np.pi, (count, 2))
    distances = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    return rows, Kernel("angle", 2).gram(rows), np.exp(-0.5 * distances)


def test_the_geometric_difference_is_a_norm():
    _, quantum, classical = kernels()
    inverse = np.linalg.inv(classical + LAMBDA * np.eye(20))
    inner = sqrtm(quantum) @ sqrtm(classical) @ inverse @ inverse @ sqrtm(classical) @ sqrtm(quantum)
    difference = np.sqrt(np.linalg.norm(inner, 2))
    unfitted = LAMBDA * np.sqrt(np.linalg.norm(sqrtm(quantum) @ inverse @ inverse @ sqrtm(quantum), 2))
    assert geometric_difference(classical, quantum, LAMBDA) == pytest.approx((difference, unfitted), rel=1e-6)
    # scaled to a trace of as many rows
    assert geometric_difference(3.0 * classical, quantum, LAMBDA) == pytest.approx((difference, unfitted), rel=1e-6)


def test_diagnoses_of_kernels():
    rows, gram, _ = kernels()
    labels = (rows[:, 0] > 1.5).tolist()
    found = diagnose_kernel(gram, rows, labels, LAMBDA)
    signs = np.where(labels, 1.0, -1.0)
    beside = gram[~np.eye(20, dtype=bool)]
    values = np.linalg.eigvalsh(gram)
    assert found["concentration"] == pytest.approx({"mean": beside.mean(), "variance": beside.var()})
    assert found["smallest_eigenvalue"] == pytest.approx(values[0], abs=1e-10)
    assert found["effective_dimension"] == pytest.approx(np.sum(values / (values + LAMBDA)), rel=1e-6)
    assert found["complexity"] == pytest.approx(signs @ np.linalg.inv(gram + LAMBDA * np.eye(20)) @ signs, rel=1e-6)
    weights = np.where(labels, 1.0 / sum(labels), -1.0 / (20 - sum(labels)))
    alignment = weights @ gram @ weights / (weights @ weights * np.linalg.norm(gram))
    assert found["alignment"] == pytest.approx(alignment) and found["root_of_rows"] == pytest.approx(np.sqrt(20))
    linear = found["classical"][0]
    expected = geometric_difference(np.ascontiguousarray(rows @ rows.T), gram, LAMBDA)
    assert (linear["difference"], linear["unfitted"]) == pytest.approx(expected, rel=1e-6) and len(found["classical"]) == 6


def test_diagnoses_of_circuits():
    single = diagnose_circuit(Circuit(2).ry(Angle(0), 0), samples=20_000, seed=1)
    # Z is the cosine of the angle, whose slope has the variance 1/2
    assert single["gradient_variance"] == pytest.approx(0.5, abs=0.01) and single["entangling_capability"] == pytest.approx(0.0, abs=1e-12)
    entangled = diagnose_circuit(library.ghz(3).rz(Angle(0), 0), samples=10)
    assert entangled["entangling_capability"] == pytest.approx(1.0)
    deep = diagnose_circuit(library.strongly_entangling(2, 6), samples=2000, seed=2)
    assert deep["expressibility"] < 0.1 < single["expressibility"] and deep["parameters"] == 36
    assert deep == diagnose_circuit(library.strongly_entangling(2, 6), samples=2000, seed=2)


def test_turns_of_one_qubit_have_one_direction():
    settings = {"variational": {"map": {"angle": {}}, "ansatz": {"real-amplitudes": {"entanglement": "full"}}, "layers": 1}}
    found = effective_dimension(settings, np.linspace(0.1, 3.0, 12)[:, None], data=[100, 100_000], draws=20)
    # two y rotations in a row: the Fisher information is the matrix of ones
    assert found["parameters"] == 2 and found["trace"] == pytest.approx(2.0) and found["rank_share"] == pytest.approx(0.5)
    for row in found["dimensions"]:
        k = row["data"] / (2 * np.pi * np.log(row["data"]))
        assert row["dimension"] == pytest.approx(np.log(1 + 2 * k) / np.log(k))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: geometric_difference(np.eye(2), np.eye(3)), "2|3"),
        (lambda: geometric_difference(np.ones((2, 3)), np.eye(3)), "square"),
        (lambda: geometric_difference(np.eye(2), np.eye(2), 0.0), "positive"),
        (lambda: geometric_difference(np.full((2, 2), np.nan), np.eye(2)), "finite"),
        (lambda: diagnose_kernel(np.eye(2), np.ones((3, 1)), [True, False]), "2 rows"),
        (lambda: diagnose_circuit(Circuit(1).h(0)), "angles"),
        (lambda: diagnose_circuit(Circuit(30).ry(Angle(0), 0)), "16"),
        (lambda: effective_dimension("variational", np.ones((4, 2)), data=[5]), "100"),
        (lambda: effective_dimension({"variational": {"readout": "per-qubit"}}, np.ones((4, 2))), "mod or parity"),
        (lambda: effective_dimension("forest", np.ones((4, 2))), "forest"),
        (lambda: effective_dimension("variational", np.ones(4)), "features"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
