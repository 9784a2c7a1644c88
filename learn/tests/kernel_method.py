#!/usr/bin/env python3
"""Makes kernel_method.json: what scikit-learn makes of kernel matrices, on 24 rows of two numbers.

python -m venv env; env/bin/pip install scikit-learn; env/bin/python kernel_method.py > kernel_method.json
"""
import json

import numpy as np
import sklearn
from sklearn.decomposition import KernelPCA
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVR, OneClassSVM

rng = np.random.default_rng(14)
X, T = np.round(rng.uniform(-1, 1, (24, 2)), 6), np.round(rng.uniform(-1, 1, (8, 2)), 6)
y = np.round(np.sin(3 * X[:, 0]) + 0.5 * X[:, 1] + 0.05 * rng.standard_normal(24), 6)
label = (y + 0.3 * rng.standard_normal(24) > 0).astype(int)
gamma = 1.5
rbf = lambda A, B: np.exp(-gamma * ((A[:, None] - B[None]) ** 2).sum(2))
K, L = rbf(X, X), rbf(T, X)
out = dict(made_with=f"scikit-learn {sklearn.__version__}", gamma=gamma, X=X.tolist(), T=T.tolist(), y=y.tolist(), label=label.tolist())
out["ridge"] = dict(alpha=0.1, told=KernelRidge(alpha=0.1, kernel="precomputed").fit(K, y).predict(L).tolist())
svr = SVR(kernel="precomputed", C=2.0, epsilon=0.05, tol=1e-10).fit(K, y)
out["svr"] = dict(c=2.0, epsilon=0.05, told=svr.predict(L).tolist(), support=len(svr.support_))
one = OneClassSVM(kernel="precomputed", nu=0.3, tol=1e-10).fit(K)
out["one_class"] = dict(nu=0.3, decisions=one.decision_function(L).tolist())
kernel = RBF(length_scale=1 / np.sqrt(2 * gamma))
gp = GaussianProcessRegressor(kernel, alpha=0.01, optimizer=None).fit(X, y)
mean, sd = gp.predict(T, return_std=True)
out["process"] = dict(noise=0.01, mean=mean.tolist(), variance=(sd ** 2).tolist(), log_likelihood=float(gp.log_marginal_likelihood_value_))
gpc = GaussianProcessClassifier(kernel, optimizer=None, max_iter_predict=1000).fit(X, label)
base = gpc.base_estimator_
out["classifier"] = dict(slopes=(base.y_train_ - base.pi_).tolist(), chances=gpc.predict_proba(T)[:, 1].tolist())
pca = KernelPCA(3, kernel="precomputed", eigen_solver="dense").fit(K)
out["components"] = dict(eigenvalues=pca.eigenvalues_.tolist(), sizes=np.abs(pca.transform(L)).tolist())
landmarks = rbf(X[:6], X[:6])
U, S, V = np.linalg.svd(landmarks)
F = rbf(T, X[:6]) @ (U / np.sqrt(S)) @ V
out["nystroem"] = dict(landmarks=6, products=(F @ F.T).tolist())
print(json.dumps(out))
