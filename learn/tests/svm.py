#!/usr/bin/env python3
"""Makes svm.json: machines and rivals of scikit-learn on 40 rows of three classes.

python -m venv env; env/bin/pip install scikit-learn; env/bin/python svm.py > svm.json
"""
import json

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

rng = np.random.default_rng(14)
y = np.repeat([0, 1, 2], [12, 13, 15])
centres = np.array([[0.2, 0.3], [0.7, 0.4], [0.5, 0.8]])
X = np.round(centres[y] + 0.18 * rng.standard_normal((40, 2)), 6)
T = np.round(rng.uniform(0, 1, (20, 2)), 6)
rbf = lambda A, B: np.exp(-3.0 * ((A[:, None] - B[None]) ** 2).sum(2))
machines = []
for c, weights in [(1.0, None), (10.0, None), (2.0, "balanced")]:
    m = SVC(kernel="precomputed", C=c, tol=1e-10, decision_function_shape="ovo", class_weight=weights).fit(rbf(X, X), y)
    machines.append(dict(c=c, weights=weights, decisions=m.decision_function(rbf(T, X)).tolist(), told=m.predict(rbf(T, X)).tolist(),
                         support=m.support_.tolist()))
rivals = dict(linear_svm=SVC(kernel="linear"), rbf_svm=SVC(), logistic_regression=LogisticRegression(tol=1e-10, max_iter=10000),
              nearest_neighbors=KNeighborsClassifier(5))
told = {name: m.fit(X, y).predict(T).tolist() for name, m in rivals.items()}
wide = np.round(np.hstack([X, X @ np.array([[1.0, -0.5], [0.3, 2.0]]) + 0.1 * rng.standard_normal((40, 2))]), 6)
print(json.dumps(dict(made_with=f"scikit-learn {sklearn.__version__}", gamma=3.0, X=X.tolist(), y=y.tolist(), T=T.tolist(), machines=machines,
                      rivals=told, wide=wide.tolist(), pca=PCA(2).fit_transform(wide).tolist())))
