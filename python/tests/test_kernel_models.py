"""Regression, components, outliers, clusters and series with labels against linear algebra and scikit-learn."""

import pickle

import numpy as np
import pytest

from qloom import Kernel, Regression, SequenceModel, Unlabelled

MAP = {"map": {"angle": {}}}


def rows(count=15, seed=3):
    return np.random.default_rng(seed).uniform(0, np.pi, (count, 2))


def test_ridge_and_processes_are_linear_algebra():
    known, asked = rows(), rows(6, 9)
    targets = np.sin(known[:, 0]) + known[:, 1]
    mean, deviation = targets.mean(), targets.std()
    scaled, kernel = (targets - mean) / deviation, Kernel("angle", 2)
    inverse = np.linalg.inv(kernel.gram(known) + 0.05 * np.eye(15))
    cross = kernel.overlaps(asked, known)
    told = mean + deviation * cross @ inverse @ scaled
    ridge = Regression({"kernel-ridge": {"regularization": 0.05, **MAP}}, known, targets)
    assert np.allclose(ridge.predict(asked), told, atol=1e-9) and ridge.predict_with_deviation(asked)[1] is None
    process = Regression({"gaussian-process": {"noise": 0.05, **MAP}}, known, targets)
    means, deviations = process.predict_with_deviation(asked)
    variance = 1.0 - np.einsum("ij,jk,ik->i", cross, inverse, cross)
    assert np.allclose(means, told, atol=1e-9) and np.allclose(deviations, deviation * np.sqrt(variance), atol=1e-7)
    for model in (ridge, process):
        assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(asked), model.predict(asked))


def test_support_vectors_are_those_of_scikit_learn():
    svm = pytest.importorskip("sklearn.svm")
    known, asked = rows(30), rows(8, 9)
    targets = np.sin(2 * known[:, 0])
    kernel = Kernel("angle", 2)
    scaled = (targets - targets.mean()) / targets.std()
    theirs = svm.SVR(kernel="precomputed", C=1.0, epsilon=0.1, tol=1e-8).fit(kernel.gram(known), scaled)
    ours = Regression({"kernel-svr": {"tolerance": 1e-8, **MAP}}, known, targets)
    told = targets.mean() + targets.std() * theirs.predict(kernel.overlaps(asked, known))
    assert np.allclose(ours.predict(asked), told, atol=1e-5)
    outliers = svm.OneClassSVM(kernel="precomputed", nu=0.2, tol=1e-8).fit(kernel.gram(known))
    decisions = Unlabelled({"one-class": {"nu": 0.2, "tolerance": 1e-8, **MAP}}, known).tell(asked)
    wanted = outliers.decision_function(kernel.overlaps(asked, known))
    scale = wanted @ decisions / (decisions @ decisions)
    assert scale > 0 and np.allclose(scale * decisions, wanted, atol=1e-4)


def test_components_are_eigenvectors_of_the_centred_kernel():
    known = rows(25)
    gram = Kernel("angle", 2).gram(known)
    centre = np.eye(25) - 1 / 25
    values, vectors = np.linalg.eigh(centre @ gram @ centre)
    found = Unlabelled({"kernel-pca": {"components": 3, **MAP}}, known)
    assert np.allclose(found.variance_shares, values[::-1][:3] / values.sum())
    points = found.tell(known)
    wanted = vectors[:, ::-1][:, :3] * np.sqrt(values[::-1][:3])
    assert points.shape == (25, 3) and np.allclose(np.abs(points), np.abs(wanted), atol=1e-8) and found.clusters is None
    assert np.array_equal(pickle.loads(pickle.dumps(found)).tell(known), points)


def test_clusters_are_found_again():
    random = np.random.default_rng(2)
    known = np.concatenate([random.normal(centre, 0.1, (10, 1)) for centre in (0.4, 1.6, 2.8)])
    found = Unlabelled({"spectral-clustering": {"clusters": 3, **MAP}}, known, seed=1)
    groups = [set(found.clusters[10 * k : 10 * k + 10]) for k in range(3)]
    assert all(len(group) == 1 for group in groups) and len(set.union(*groups)) == 3
    assert found.tell([[0.45], [2.75]]).tolist() == [found.clusters[0], found.clusters[-1]]


def series(phases):
    time = np.arange(60)
    return [np.sin(0.3 * time + phase) for phase in phases] + [np.sin(0.9 * time + phase) for phase in phases]


@pytest.mark.parametrize(
    ("model", "readout", "pooling"),
    [
        ("echo-state", "ridge", "mean"),
        ("gru", {"gradient": {"epochs": 30, "optimizer": {"adam": {"learning_rate": 0.05}}}}, "last"),
    ],
)
def test_series_are_told_apart(model, readout, pooling):
    labels, others = 8 * ["slow"] + 8 * ["fast"], 4 * ["slow"] + 4 * ["fast"]
    judged = (series(np.arange(4) + 0.5), others)
    made = SequenceModel(model, series(np.arange(8)), labels, judged, readout, pooling, seed=2)
    seen = []
    made.fit(seen.append)
    assert seen == made.events and len(seen) == made.epochs and made.classes == ["fast", "slow"]
    told = made.predict(judged[0])
    assert np.mean([one == two for one, two in zip(told, others)]) == seen[-1]["test_accuracy"] >= 0.9
    again = pickle.loads(pickle.dumps(made))
    assert again.predict(judged[0]) == told and again.step() is None
    assert SequenceModel(model, series(np.arange(8)), labels, judged, readout, pooling, 2, made.state()).events == seen


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Regression("forest", rows(), np.ones(15)), "forest"),
        (lambda: Regression("kernel-ridge", rows(), np.ones(15)), "nothing to scale"),
        (lambda: Regression("kernel-ridge", rows(), np.arange(4.0)), "30 where 8"),
        (lambda: Regression("kernel-ridge", np.arange(4.0), np.arange(4.0)), "features"),
        (lambda: Regression({"kernel-ridge": MAP}, rows(), np.arange(15.0), scale="log"), "log"),
        (lambda: Regression({"kernel-ridge": MAP}, rows(), np.arange(15.0)).predict([[1.0]]), r"\(rows, 2\)"),
        (lambda: Regression.from_json("{}"), "format"),
        (lambda: Unlabelled({"kernel-pca": {"components": 99, **MAP}}, rows()), "99|components"),
        (lambda: SequenceModel("echo-state", [np.ones(5)], ["a", "b"]), "1|2"),
        (lambda: SequenceModel("echo-state", [np.ones(5), np.ones((5, 2))], ["a", "b"]), "series 1 has 2 inputs"),
        (lambda: SequenceModel("gru", series([0]), ["a", "b"], (series([0]), ["a", "c"])), '"c"'),
        (lambda: SequenceModel("gru", series([0]), ["a", "b"], pooling="max"), "pooling"),
        (lambda: SequenceModel("gru", series([0]), ["a", "b"], readout="force"), "row by row"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
