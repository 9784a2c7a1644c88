#!/usr/bin/env python3
"""Makes classify.json: sigmoids, areas, texts and projected kernels as scikit-learn and PennyLane have them.

python -m venv env; env/bin/pip install scikit-learn pennylane; env/bin/python classify.py > classify.json
"""
import json

import numpy as np
import pennylane as qml
import sklearn
from sklearn.calibration import _sigmoid_calibration
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(14)
out = dict(made_with=f"scikit-learn {sklearn.__version__}, pennylane {qml.__version__}")
decisions = np.round(rng.standard_normal(40), 6)
first = decisions + 0.8 * rng.standard_normal(40) > 0.3
a, b = _sigmoid_calibration(decisions, first)
grid = np.linspace(-3, 3, 7)
out["sigmoid"] = dict(decisions=decisions.tolist(), first=first.tolist(), at=grid.tolist(), chances=(1 / (1 + np.exp(a * grid + b))).tolist())
scores = np.round(rng.dirichlet([1, 1, 1], 30), 6)
scores[:, 2] = np.round(1 - scores[:, 0] - scores[:, 1], 6)
labels = rng.integers(0, 3, 30)
out["area"] = dict(scores=scores.tolist(), labels=labels.tolist(), mean=roc_auc_score(labels, scores, multi_class="ovr", average="macro"))
texts = ["Who sang the first song on the album?", "Which song was on the second album?", "How many atoms are in a molecule of water?",
         "What holds the atoms of a molecule together?", "When was the album released?", "Who discovered the electron?",
         "Which particle did the experiment show, the electron or the proton?", "What song did the band play, and what album is the song on?"]
asked = ["Which album has the song?", "What is an electron?", "Nothing known here"]
tfidf = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
A, B = tfidf.fit_transform(texts), tfidf.transform(asked)
svd = TruncatedSVD(3, algorithm="arpack").fit(A)
out["texts"] = dict(texts=texts, asked=asked, products=(B @ A.T).toarray().tolist(), singular=svd.singular_values_.tolist(),
                    along=np.abs(svd.transform(B)).tolist())
X = np.round(rng.uniform(0, 2, (6, 3)), 6)
device = qml.device("default.qubit", wires=3)


@qml.qnode(device)
def vectors(x):
    for _ in range(2):
        for q in range(3):
            qml.Hadamard(q)
            qml.RZ(2 * x[q], q)
        for i in range(3):
            for j in range(i + 1, 3):
                qml.IsingZZ(2 * (np.pi - x[i]) * (np.pi - x[j]), [i, j])
    return [qml.density_matrix(q) for q in range(3)]


rho = [vectors(x) for x in X]
gamma = 0.7
K = [[float(np.exp(-gamma * sum(np.linalg.norm(a - b) ** 2 for a, b in zip(r, s)))) for s in rho] for r in rho]
out["projected"] = dict(gamma=gamma, X=X.tolist(), gram=K)
print(json.dumps(out))
