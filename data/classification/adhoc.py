#!/usr/bin/env python3
"""Makes adhoc_train.csv and adhoc_test.csv.

Points of the square [0, 2 pi]^2 labelled by a hidden rotation behind the ZZ feature map of two qubits with two repetitions, those within 0.3
of the border left out (Havlicek et al., Nature 567, 209 (2019)). Needs numpy.
"""
import numpy as np

rng = np.random.default_rng(7)
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
HH = np.kron(H, H)
z0, z1 = np.array([1, -1, 1, -1]), np.array([1, 1, -1, -1])
Q, _ = np.linalg.qr(rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4)))
hidden = Q.conj().T @ np.diag(z0 * z1) @ Q


def value(x):
    diagonal = np.exp(-1j * (x[0] * z0 + x[1] * z1 + (np.pi - x[0]) * (np.pi - x[1]) * z0 * z1))
    psi = np.array([1, 0, 0, 0], complex)
    for _ in range(2):
        psi = diagonal * (HH @ psi)
    return (psi.conj() @ hidden @ psi).real


wanted = {"train": 40, "test": 20}
for name, count in wanted.items():
    rows = {"A": [], "B": []}
    while min(map(len, rows.values())) < count:
        x = np.round(rng.uniform(0, 2 * np.pi, 2), 4)
        v = value(x)
        label = "A" if v > 0.3 else "B" if v < -0.3 else None
        if label and len(rows[label]) < count:
            rows[label].append(x)
    with open(f"adhoc_{name}.csv", "w") as file:
        file.write("x0,x1,label\n")
        for label, points in rows.items():
            for x in points:
                file.write(f"{x[0]:.4f},{x[1]:.4f},{label}\n")
