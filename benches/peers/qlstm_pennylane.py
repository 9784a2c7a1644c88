#!/usr/bin/env python3
"""Seconds of one epoch of a QLSTM trained whole, here and with PennyLane, one after the other in one run.

The damped pendulum, 157 windows of 4, batches of 10, depth 2, RMSprop: six circuits of H, RY(arctan v), RZ(arctan v^2), two rings of CNOT
and Rot on every qubit. PennyLane runs `lightning.qubit` with adjoint gradients under autograd, circuit by circuit.

    pip install pennylane pennylane-lightning
    python3 benches/peers/qlstm_pennylane.py [4 8]

prints the processor, the load, and for each number of qubits the median of five trainings of `target/release/qloom` on one thread and one
epoch of PennyLane, in seconds by the clock and of processor time, and their ratios. Processor time is what a loaded machine does not change
much.
"""
import csv
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import pennylane
from pennylane import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
WINDOW, BATCH, DEPTH = 4, 10, 2


def windows():
    """The training windows and their next values."""
    with open(ROOT / "data/series/damped_shm.csv", encoding="ascii") as file:
        series = [float(row["theta_dot_scaled"]) for row in csv.DictReader(file)]
    count = len(series) - WINDOW - 1
    train = int(0.67 * count)
    return np.array([series[i:i + WINDOW] for i in range(train)]), np.array([series[i + WINDOW] for i in range(train)])


def node(qubits, outputs):
    """A circuit of the cell."""
    def circuit(values, weights):
        for q in range(qubits):
            pennylane.Hadamard(q)
            pennylane.RY(np.arctan(values[q]), q)
            pennylane.RZ(np.arctan(values[q] ** 2), q)
        for layer in range(DEPTH):
            for reach in (1, 2):
                for q in range(qubits):
                    pennylane.CNOT([q, (q + reach) % qubits])
            for q in range(qubits):
                pennylane.Rot(*[weights[layer, q, k] for k in range(3)], wires=q)
        return [pennylane.expval(pennylane.PauliZ(q)) for q in range(outputs)]
    device = pennylane.device("lightning.qubit", wires=qubits)
    return pennylane.QNode(circuit, device, interface="autograd", diff_method="adjoint")


def epoch(qubits):
    """Wall and processor seconds of an epoch, and the loss of its last batch."""
    x, y = windows()
    whole, hidden = node(qubits, qubits), node(qubits, qubits - 1)
    rng = np.random.default_rng(1)
    weights = np.array(0.01 * rng.standard_normal((6, DEPTH, qubits, 3)), requires_grad=True)
    readout = np.array(rng.uniform(-qubits ** -0.5, qubits ** -0.5, qubits + 1), requires_grad=True)

    def run(circuit, rows, weights):
        return np.stack([np.stack(circuit(row, weights)) for row in rows])

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    def loss(weights, readout, inputs, targets):
        h, c = np.zeros((len(inputs), qubits - 1)), np.zeros((len(inputs), qubits))
        for step in range(WINDOW):
            v = np.concatenate([inputs[:, step:step + 1], h], axis=1)
            forget, take = sigmoid(run(whole, v, weights[0])), sigmoid(run(whole, v, weights[1]))
            new, out = np.tanh(run(whole, v, weights[2])), sigmoid(run(whole, v, weights[3]))
            c = forget * c + take * new
            u = out * np.tanh(c)
            h, told = run(hidden, u, weights[4]), run(whole, u, weights[5])
        return np.mean((told @ readout[:qubits] + readout[qubits] - targets) ** 2)

    slope = pennylane.grad(loss, argnums=[0, 1])
    squares = [0.0, 0.0]
    wall, processor = time.perf_counter(), time.process_time()
    for first in range(0, len(x), BATCH):
        part = slice(first, first + BATCH)
        inputs, targets = np.array(x[part], requires_grad=False), np.array(y[part], requires_grad=False)
        gradients = slope(weights, readout, inputs, targets)
        squares = [0.99 * s + 0.01 * g ** 2 for s, g in zip(squares, gradients)]
        moved = [p - 0.01 * g / (np.sqrt(s) + 1e-8) for p, g, s in zip((weights, readout), gradients, squares)]
        weights, readout = (np.array(p, requires_grad=True) for p in moved)
    return time.perf_counter() - wall, time.process_time() - processor, slope.forward


def here(qubits, epochs):
    """Wall and processor seconds of an epoch of qloom, medians of five trainings; start and end of the process are counted in."""
    text = (ROOT / "experiments/pendulum.toml").read_text(encoding="utf-8").split("[train.readout")[0]
    text = text.replace("reservoir = true", "reservoir = false").replace("qubits = 4", f"qubits = {qubits}")
    walls, used = [], []
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(f"{text}[train.readout.gradient]\nepochs = {epochs}\n")
        file.flush()
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [ROOT / "target/release/qloom", "train", file.name, "--json"]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env={**os.environ, "RAYON_NUM_THREADS": "1"})
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            walls.append(json.loads(run.stdout)["seconds_per_epoch"])
            used.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / epochs)
    return statistics.median(walls), statistics.median(used)


def main():
    """Both, and their ratio."""
    sizes = [int(text) for text in sys.argv[1:]] or [4, 8]
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii"))
    print(f"{processor.group(1) if processor else 'unknown processor'}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for qubits in sizes:
        wall, used = here(qubits, 200 if qubits < 6 else 20)
        print(f"{qubits} qubits, qloom: {1e3 * wall:.1f} ms an epoch by the clock, {1e3 * used:.1f} ms of processor time", flush=True)
        peer_wall, peer_used, loss = epoch(qubits)
        print(f"{qubits} qubits, PennyLane {pennylane.__version__}: {peer_wall:.1f} s, {peer_used:.1f} s of processor time (last loss "
              f"{float(loss):.3e}); {peer_wall / wall:.0f} and {peer_used / used:.0f} times as long, load {os.getloadavg()[0]:.1f}",
              flush=True)


if __name__ == "__main__":
    main()
