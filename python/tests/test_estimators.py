"""Estimators of scikit-learn: parameters and clones, labels of any kind, and what they compute."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.svm import SVC  # noqa: E402

import qloom  # noqa: E402
from qloom.sklearn import FeatureMap, QuantumKernelClassifier, QuantumKernelRegressor, Reservoir, VariationalClassifier  # noqa: E402

PARAMETERS = {
    QuantumKernelClassifier: {"feature_map": {"zz": {"reps": 1}}, "C": 3.0, "noise": "depolarizing1=1e-3"},
    QuantumKernelRegressor: {"feature_map": "z", "alpha": 0.5, "noise": None},
    VariationalClassifier: {"layers": 2, "epochs": 7, "learning_rate": 0.2, "random_state": 4},
    FeatureMap: {"layers": 1, "random_state": 5},
    Reservoir: {"settings": "spin-network", "random_state": 6},
}
ROWS = np.random.default_rng(1).uniform(0, 2, (24, 2))
NUMBERS = (ROWS[:, 0] + ROWS[:, 1] > 2).astype(int)


@pytest.mark.parametrize("kind", PARAMETERS, ids=lambda kind: kind.__name__)
def test_parameters_are_read_set_and_cloned(kind):
    given = PARAMETERS[kind]
    estimator = kind(**given)
    assert estimator.get_params() == given
    fresh = kind()
    assert fresh.set_params(**given) is fresh and fresh.get_params() == given
    copied = clone(estimator.fit(ROWS, NUMBERS))
    assert copied.get_params() == given and not hasattr(copied, "n_features_in_") and copied is not estimator
    with pytest.raises(ValueError, match="nonsense"):
        fresh.set_params(nonsense=1)
    with pytest.raises(NotFittedError):
        (copied.predict if hasattr(copied, "predict") else copied.transform)(ROWS)


LABELS = {
    "strings": np.array(["low", "high"]), "negative numbers": np.array([-1, 1]), "truths": np.array([False, True]),
    "objects": np.array(["a", "b"], dtype=object), "floats": np.array([2.0, 5.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("classifier", [QuantumKernelClassifier(C=10.0), VariationalClassifier(layers=1, epochs=40)], ids=["kernel", "circuit"])
def test_labels_come_back_as_they_were_given(classifier, name):
    labels = LABELS[name][NUMBERS]
    fitted = clone(classifier).fit(ROWS, labels)
    predicted = fitted.predict(ROWS)
    assert set(predicted) <= set(labels) and list(fitted.classes_) == sorted(LABELS[name])
    assert np.mean(predicted == labels) > 0.8
    # what was learnt does not depend on how classes are called
    numbered = clone(classifier).fit(ROWS, np.searchsorted(fitted.classes_, labels)).predict(ROWS)
    assert np.array_equal(fitted.classes_[numbered], predicted)


def test_a_kernel_machine_is_that_of_the_gram_matrix():
    dense = np.prod(np.cos((ROWS[:, None] - ROWS[None]) / 2) ** 2, axis=2)
    fitted = QuantumKernelClassifier("angle", C=2.0).fit(ROWS[:16], NUMBERS[:16])
    machine = SVC(C=2.0, kernel="precomputed").fit(dense[:16, :16], NUMBERS[:16])
    assert np.allclose(fitted.decision_function(ROWS), machine.decision_function(dense[:, :16]), atol=1e-6)
    targets = np.sin(ROWS[:, 0])
    regressor = QuantumKernelRegressor("angle", alpha=0.1).fit(ROWS[:16], targets[:16])
    mean = targets[:16].mean()
    weights = np.linalg.solve(dense[:16, :16] + 0.1 * np.eye(16), targets[:16] - mean)
    assert np.allclose(regressor.predict(ROWS), dense[:, :16] @ weights + mean, atol=1e-9)


def test_probabilities_are_those_of_three_classes():
    labels = np.array(["x", "y", "z"])[(ROWS[:, 0] * 1.5).astype(int)]
    fitted = VariationalClassifier(layers=1, epochs=30).fit(ROWS, labels)
    probabilities = fitted.predict_proba(ROWS)
    assert probabilities.shape == (24, 3) and np.allclose(probabilities.sum(axis=1), 1.0) and probabilities.min() > 0
    assert np.array_equal(fitted.classes_[probabilities.argmax(axis=1)], fitted.predict(ROWS))
    again = VariationalClassifier(layers=1, epochs=30).fit(ROWS, labels)
    assert np.array_equal(again.angles_, fitted.angles_)
    assert not np.array_equal(VariationalClassifier(layers=1, epochs=30, random_state=1).fit(ROWS, labels).angles_, fitted.angles_)


def test_the_gradient_of_a_classifier_is_its_slope():
    classifier = VariationalClassifier(layers=1)
    circuit, trained = classifier._circuit(2)
    classifier.batch_ = qloom.Batch(circuit, [qloom.PauliSum.z(qubit, 2) for qubit in range(2)])
    weights, sizes, wanted = np.random.default_rng(2).normal(size=trained + 6), [trained, 4, 2], np.eye(2)[NUMBERS]

    def loss(weights):
        angles, matrix, intercept = np.split(weights, np.cumsum(sizes)[:-1])
        scores = classifier.batch_.values(ROWS, angles) @ matrix.reshape(2, 2) + intercept
        return -np.mean(np.sum(wanted * (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))), axis=1))

    slopes = [(loss(weights + step) - loss(weights - step)) / 2e-5 for step in 1e-5 * np.eye(len(weights))]
    assert np.allclose(classifier._slopes(ROWS, wanted, weights, sizes), slopes, atol=1e-8)


@pytest.mark.parametrize("rows", [np.asfortranarray(ROWS), ROWS.T.copy().T, ROWS.astype(np.float32), (100 * ROWS).astype(int), ROWS.tolist()])
def test_arrays_of_any_kind_are_rows(rows):
    fitted = FeatureMap().fit(ROWS)
    assert np.allclose(fitted.transform(rows), fitted.transform(np.array(rows, dtype=float)), atol=1e-6)
    assert QuantumKernelRegressor().fit(rows, NUMBERS).predict(rows).shape == (24,)


def test_features_are_expectation_values():
    fitted = FeatureMap(layers=1).fit(ROWS)
    features = fitted.transform(ROWS)
    assert list(fitted.get_feature_names_out()) == ["X0", "Y0", "Z0", "X1", "Y1", "Z1"]
    # a reduced state of one qubit is inside the Bloch ball, and both qubits of a pure state are equally far inside
    lengths = np.linalg.norm(features.reshape(24, 2, 3), axis=2)
    assert lengths.max() <= 1 + 1e-12 and np.allclose(lengths[:, 0], lengths[:, 1], atol=1e-12)


def test_features_of_a_reservoir_forget_nothing_that_is_yet_to_come():
    fitted = Reservoir(random_state=3).fit(ROWS)
    features = fitted.transform(ROWS)
    later = ROWS.copy()
    later[12:] = 1.0
    assert np.array_equal(fitted.transform(later)[:12], features[:12]) and not np.allclose(fitted.transform(later)[12:], features[12:])
    assert np.array_equal(Reservoir(random_state=3).fit(ROWS).transform(ROWS), features)
    assert not np.allclose(Reservoir(random_state=4).fit(ROWS).transform(ROWS), features)
