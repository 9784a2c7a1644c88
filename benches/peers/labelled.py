#!/usr/bin/env python3
"""Times Gram matrices and epochs of variational classifiers: qloom and other packages in one run, in turns.

python -m venv env; env/bin/pip install pennylane pennylane-lightning qiskit qiskit-machine-learning
env/bin/python benches/peers/labelled.py target/release/qloom [--rounds 5]

Gram matrix: 200 rows, ZZ map, two repetitions, full entanglement, one thread. Epoch: 100 rows, 8 qubits, angle map, three strongly
entangling layers, batches of 10, Adam, squared loss. Prints a table of shortest and median wall seconds and shortest CPU seconds.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[name] = "1"
parser = argparse.ArgumentParser()
parser.add_argument("qloom")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--qubits", default="4,8,12")
arguments = parser.parse_args()

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp

rng = np.random.default_rng(7)
ROWS, EPOCHS, REPEAT = 200, 100, 20
folder = pathlib.Path(tempfile.mkdtemp())
times = {}


def note(what, tool, wall, cpu):
    times.setdefault((what, tool), []).append((wall, cpu))


def timed(what, tool, work):
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    note(what, tool, time.perf_counter() - start, time.process_time() - cpu)
    return result


def command(*words):
    """Runs qloom: what it prints, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([arguments.qloom, *map(str, words), "--json"], check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(text), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(name, rows, labels=None):
    path = folder / name
    head = [f"x{k}" for k in range(rows.shape[1])] + ([] if labels is None else ["label"])
    lines = [",".join(map(repr, map(float, row))) for row in rows]
    if labels is not None:
        lines = [f"{line},{label}" for line, label in zip(lines, labels)]
    path.write_text("\n".join([",".join(head), *lines]) + "\n")
    return path


def gram(n):
    what, data = f"Gram, {n} qubits", rng.uniform(0, 2 * np.pi, (ROWS, n))
    path = table(f"g{n}.csv", data)
    report, cpu = command("kernel", path, "--threads", 1, "--repeat", REPEAT, "--out", folder / "gram.npz")
    for wall in report["seconds"]:
        note(what, "qloom", wall, cpu / REPEAT)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    found = {"qloom": np.load(folder / "gram.npz")["gram"]}
    for name in ("default.qubit", "lightning.qubit"):
        device = qml.device(name, wires=n)

        @qml.qnode(device, diff_method=None)
        def state(x):
            for _ in range(2):
                for q in range(n):
                    qml.Hadamard(q)
                    qml.RZ(2.0 * x[..., q], wires=q)
                for i, j in pairs:
                    qml.IsingZZ(2.0 * (np.pi - x[..., i]) * (np.pi - x[..., j]), wires=[i, j])
            return qml.state()

        def whole():
            states = np.array([state(x) for x in data]) if name == "lightning.qubit" else np.asarray(state(data))
            return np.abs(states.conj() @ states.T) ** 2

        found[f"PennyLane {name}"] = timed(what, f"PennyLane {name}", whole)
    try:
        from qiskit.circuit.library import zz_feature_map
        from qiskit_machine_learning.kernels import FidelityStatevectorKernel

        kernel = FidelityStatevectorKernel(feature_map=zz_feature_map(n, reps=2, entanglement="full"))
        found["Qiskit"] = timed(what, "Qiskit FidelityStatevectorKernel", lambda: kernel.evaluate(data))
    except ImportError:
        pass
    for tool, matrix in found.items():
        assert np.abs(matrix - found["qloom"]).max() < 1e-9, tool


def epoch():
    what, n = "epoch, 8 qubits", 8
    data = rng.uniform(-1, 1, (100, n))
    labels = np.where(data[:, :2].sum(1) > 0, 1, -1)
    table("v.csv", data, labels)
    (folder / "v.toml").write_text(
        'name = "v"\n[train.data.table]\nfile = "v.csv"\ntest_file = "v.csv"\n[train.model.variational]\nmap = { angle = {} }\n'
        'layers = 3\nbatch = 10\nloss = "squared"\nepochs = 1\n')
    walls = [command("train", folder / "v.toml", "--set", f"train.model.variational.epochs={count}") for count in (1, EPOCHS + 1)]
    note(what, "qloom", (walls[1][0]["seconds"] - walls[0][0]["seconds"]) / EPOCHS, (walls[1][1] - walls[0][1]) / EPOCHS)
    start = pnp.array(0.1 * rng.standard_normal((3, n, 3)), requires_grad=True)
    for tool, name, method in [("default.qubit", "default.qubit", "backprop"), ("lightning.qubit", "lightning.qubit", "adjoint")]:
        @qml.qnode(qml.device(name, wires=n), diff_method=method)
        def net(w, x):
            qml.AngleEmbedding(x, wires=range(n), rotation="Y")
            qml.StronglyEntanglingLayers(w, wires=range(n))
            return qml.expval(qml.PauliZ(0))

        def loss(w, x, y):
            out = net(w, x) if name == "default.qubit" else pnp.stack([net(w, row) for row in x])
            return pnp.mean((out - y) ** 2)

        def once():
            weights, rule = start, qml.AdamOptimizer(0.05)
            for k in range(0, 100, 10):
                x, y = pnp.array(data[k:k + 10], requires_grad=False), pnp.array(labels[k:k + 10], requires_grad=False)
                (weights, _, _), _ = rule.step_and_cost(loss, weights, x, y)

        timed(what, f"PennyLane {tool}, {method}", once)


for _ in range(arguments.rounds):
    for n in map(int, arguments.qubits.split(",")):
        gram(n)
    epoch()
print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, numpy {np.__version__}, pennylane {qml.__version__}")
print("| what | tool | runs | shortest, ms | median, ms | CPU, ms |\n| --- | --- | ---: | ---: | ---: | ---: |")
for (what, tool), list_ in times.items():
    walls, cpus = zip(*list_)
    print(f"| {what} | {tool} | {len(list_)} | {1e3 * min(walls):.3g} | {1e3 * statistics.median(walls):.3g} | {1e3 * min(cpus):.3g} |")
