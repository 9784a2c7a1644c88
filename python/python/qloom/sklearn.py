"""scikit-learn estimators on quantum kernels, circuits and reservoirs.

They take part in pipelines, grid searches and cross-validation. Features are angles: scale them to a range of about 2 first.

>>> import numpy as np
>>> X = np.array([[0.0, 0.1], [0.1, 0.0], [1.5, 1.4], [1.4, 1.5]])
>>> QuantumKernelClassifier().fit(X, [0, 0, 1, 1]).predict(X).tolist()
[0, 0, 1, 1]
"""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import LabelEncoder
from sklearn.svm import SVC
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ._native import Angle, Batch, Circuit, Kernel, PauliSum, Reservoir as NativeReservoir

__all__ = ["FeatureMap", "QuantumKernelClassifier", "QuantumKernelRegressor", "Reservoir", "VariationalClassifier"]


def _floats(X):
    return np.ascontiguousarray(X, dtype=float)


class QuantumKernelClassifier(ClassifierMixin, BaseEstimator):
    """A support-vector machine on the fidelity kernel of a feature map.

    `feature_map`, `noise`: as `qloom.Kernel` takes them; `C`: weight of errors.
    """

    def __init__(self, feature_map="angle", C=1.0, noise=None):
        self.feature_map, self.C, self.noise = feature_map, C, noise

    def fit(self, X, y):
        """Fits rows and their labels."""
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.kernel_ = Kernel(self.feature_map, X.shape[1], self.noise)
        self.X_ = _floats(X)
        self.machine_ = SVC(C=self.C, kernel="precomputed").fit(self.kernel_.gram(self.X_), y)
        self.classes_ = self.machine_.classes_
        return self

    def _rows(self, X):
        return self.kernel_.overlaps(_floats(validate_data(self, X, reset=False)), self.X_)

    def predict(self, X):
        """The label of each row."""
        check_is_fitted(self)
        return self.machine_.predict(self._rows(X))

    def decision_function(self, X):
        """Distances from the boundaries."""
        check_is_fitted(self)
        return self.machine_.decision_function(self._rows(X))


class QuantumKernelRegressor(RegressorMixin, BaseEstimator):
    """Ridge regression on the fidelity kernel of a feature map.

    `feature_map`, `noise`: as `qloom.Kernel` takes them; `alpha`: strength of the ridge.
    """

    def __init__(self, feature_map="angle", alpha=1e-3, noise=None):
        self.feature_map, self.alpha, self.noise = feature_map, alpha, noise

    def fit(self, X, y):
        """Fits rows and their values."""
        X, y = validate_data(self, X, y, y_numeric=True)
        self.kernel_ = Kernel(self.feature_map, X.shape[1], self.noise)
        self.X_ = _floats(X)
        self.mean_ = np.mean(y, axis=0)
        self.machine_ = KernelRidge(alpha=self.alpha, kernel="precomputed").fit(self.kernel_.gram(self.X_), y - self.mean_)
        return self

    def predict(self, X):
        """The value of each row."""
        check_is_fitted(self)
        rows = self.kernel_.overlaps(_floats(validate_data(self, X, reset=False)), self.X_)
        return self.machine_.predict(rows) + self.mean_


class FeatureMap(TransformerMixin, BaseEstimator):
    """Rows as expectation values of all X, Y and Z after a circuit of rotations and entangling gates, fixed by `random_state`.

    `layers`: how often the features are encoded, with random rotations between.
    """

    def __init__(self, layers=2, random_state=0):
        self.layers, self.random_state = layers, random_state

    def fit(self, X, y=None):
        """Makes the circuit for as many features as rows have."""
        X = validate_data(self, X)
        n = X.shape[1]
        angles = check_random_state(self.random_state).uniform(0, 2 * np.pi, (self.layers, n, 2))
        circuit = Circuit(n)
        for layer in range(self.layers):
            for qubit in range(n):
                circuit.ry(Angle(qubit), qubit).rz(angles[layer, qubit, 0], qubit).ry(angles[layer, qubit, 1], qubit)
            for qubit in range(n - 1):
                circuit.cz(qubit, qubit + 1)
        letters = [PauliSum.from_sparse([(letter, [qubit], 1.0)], n) for qubit in range(n) for letter in "XYZ"]
        self.batch_ = Batch(circuit, letters)
        self._n_features_out = len(letters)
        return self

    def transform(self, X):
        """Three features for each one."""
        check_is_fitted(self)
        return self.batch_.values(_floats(validate_data(self, X, reset=False)))

    def get_feature_names_out(self, input_features=None):
        """Letter and qubit of each new feature."""
        check_is_fitted(self)
        return np.asarray([f"{letter}{qubit}" for qubit in range(self.n_features_in_) for letter in "XYZ"], dtype=object)


class VariationalClassifier(ClassifierMixin, BaseEstimator):
    """A trained circuit: features and trained rotations in turn, read out by a softmax over expectation values.

    `layers`: trained layers; `epochs`, `learning_rate`: of Adam on all rows; `random_state`: of the start.
    """

    def __init__(self, layers=3, epochs=100, learning_rate=0.1, random_state=0):
        self.layers, self.epochs, self.learning_rate, self.random_state = layers, epochs, learning_rate, random_state

    def _circuit(self, n):
        """Trained angles come first, so that all rows share them."""
        trained, circuit = 2 * n * self.layers, Circuit(n)
        for layer in range(self.layers):
            for qubit in range(n):
                first = 2 * (layer * n + qubit)
                circuit.ry(Angle(trained + qubit), qubit).ry(Angle(first), qubit).rz(Angle(first + 1), qubit)
            for qubit in range(n - 1):
                circuit.cz(qubit, qubit + 1)
        return circuit, trained

    def fit(self, X, y):
        """Fits rows and their labels."""
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self._encoder = LabelEncoder().fit(y)
        self.classes_ = self._encoder.classes_
        n, classes = X.shape[1], len(self.classes_)
        circuit, trained = self._circuit(n)
        self.batch_ = Batch(circuit, [PauliSum.z(qubit, n) for qubit in range(n)])
        random = check_random_state(self.random_state)
        sizes = [trained, n * classes, classes]
        weights = np.concatenate([random.uniform(-np.pi, np.pi, trained), random.normal(0, 1, n * classes), np.zeros(classes)])
        wanted = np.eye(classes)[self._encoder.transform(y)]
        moments = np.zeros((2, len(weights)))
        rows = _floats(X)
        for step in range(1, self.epochs + 1):
            slopes = self._slopes(rows, wanted, weights, sizes)
            moments[0] = 0.9 * moments[0] + 0.1 * slopes
            moments[1] = 0.999 * moments[1] + 0.001 * slopes**2
            size = np.sqrt(moments[1] / (1 - 0.999**step)) + 1e-8
            weights = weights - self.learning_rate * moments[0] / (1 - 0.9**step) / size
        self.angles_, matrix, self.intercept_ = np.split(weights, np.cumsum(sizes)[:-1])
        self.coef_ = matrix.reshape(n, classes)
        self.n_iter_ = self.epochs
        return self

    def _slopes(self, rows, wanted, weights, sizes):
        """The gradient of the mean cross entropy."""
        angles, matrix, intercept = np.split(weights, np.cumsum(sizes)[:-1])
        matrix = matrix.reshape(rows.shape[1], -1)
        values = self.batch_.values(rows, angles)
        miss = (_softmax(values @ matrix + intercept) - wanted) / len(rows)
        _, _, by_angles = self.batch_.vjp(rows, np.ascontiguousarray(miss @ matrix.T), angles)
        return np.concatenate([by_angles, (values.T @ miss).ravel(), miss.sum(axis=0)])

    def predict_proba(self, X):
        """The probability of each class, for each row."""
        check_is_fitted(self)
        values = self.batch_.values(_floats(validate_data(self, X, reset=False)), self.angles_)
        return _softmax(values @ self.coef_ + self.intercept_)

    def predict(self, X):
        """The label of each row."""
        check_is_fitted(self)
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]


def _softmax(values):
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


class Reservoir(TransformerMixin, BaseEstimator):
    """Rows, taken as the steps of a series, as features of a reservoir that they drive: they depend on the rows before.

    `settings`: as `qloom.Reservoir` takes them; `random_state`: its seed.
    """

    def __init__(self, settings="echo-state", random_state=0):
        self.settings, self.random_state = settings, random_state

    def fit(self, X, y=None):
        """Takes the ranges of the inputs from a series, `[time, input]`."""
        X = validate_data(self, X)
        low, high = X.min(axis=0).astype(float), X.max(axis=0).astype(float)
        high = np.where(high > low, high, low + 1.0)
        self.reservoir_ = NativeReservoir(self.settings, list(zip(low.tolist(), high.tolist())), int(self.random_state or 0))
        self._n_features_out = self.reservoir_.num_features
        return self

    def transform(self, X):
        """The features at each step, from the start of the series on."""
        check_is_fitted(self)
        return self.reservoir_.run(_floats(validate_data(self, X, reset=False)))
