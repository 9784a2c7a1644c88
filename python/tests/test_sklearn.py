"""Estimators under scikit-learn's own checks, and in its tools."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from qloom.sklearn import FeatureMap, QuantumKernelClassifier, QuantumKernelRegressor, Reservoir, VariationalClassifier

ESTIMATORS = [QuantumKernelClassifier(), QuantumKernelRegressor(), FeatureMap(), VariationalClassifier(epochs=60), Reservoir()]


def expected(estimator):
    """Rows of a reservoir are steps of a series: their features depend on the rows before them."""
    reason = "the rows are a series, and the reservoir remembers"
    names = ["check_methods_sample_order_invariance", "check_methods_subset_invariance"]
    return {name: reason for name in names} if isinstance(estimator, Reservoir) else {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "classifier", [QuantumKernelClassifier("zz"), VariationalClassifier(), QuantumKernelClassifier(noise="depolarizing1=1e-3")]
)
def test_moons_in_a_pipeline(classifier):
    X, y = make_moons(80, noise=0.1, random_state=1)
    scores = cross_val_score(make_pipeline(MinMaxScaler((0, 2)), clone(classifier)), X, y, cv=3)
    assert scores.mean() > 0.75
    fitted = classifier.fit(X, y)
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), fitted.predict(X))


def test_a_grid_on_two_processes():
    X, y = make_moons(60, noise=0.1, random_state=1)
    search = GridSearchCV(QuantumKernelClassifier(), {"C": [0.1, 10.0], "feature_map": ["angle", "z"]}, cv=3, n_jobs=2)
    assert search.fit(X, y).best_score_ > 0.8


def test_a_regressor_follows_a_sine():
    X = np.linspace(0, 2, 40)[:, None]
    y = np.sin(X[:, 0])
    assert QuantumKernelRegressor(alpha=1e-6).fit(X[::2], y[::2]).score(X, y) > 0.999
