#!/usr/bin/env python3
"""Times shots of a noisy surface-code memory: qloom and stim in one run, in turns, one thread, the records written as packed bits.

python -m venv env; env/bin/pip install stim numpy
env/bin/python benches/peers/clifford.py target/release/qloom [--distance 11] [--shots 200000] [--rounds 5]

The circuit is stim's own (rotated memory in Z, as many rounds as the distance), depolarizing after every gate and flipped measurements with
probability 0.001, as OpenQASM 2 for qloom. Prints a table of shots a second, medians, and how often each bit is 1 in both.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

os.environ["RAYON_NUM_THREADS"] = "1"
parser = argparse.ArgumentParser()
parser.add_argument("qloom")
parser.add_argument("--distance", type=int, default=11)
parser.add_argument("--shots", type=int, default=200_000)
parser.add_argument("--rounds", type=int, default=5)
arguments = parser.parse_args()

import numpy as np
import stim

RATE = 0.001
ideal = stim.Circuit.generated("surface_code:rotated_memory_z", distance=arguments.distance, rounds=arguments.distance).flattened()
noisy = stim.Circuit()
for instruction in ideal:
    name, targets = instruction.name, instruction.targets_copy()
    if name in ("M", "MR"):
        noisy.append("X_ERROR", targets, RATE)
    noisy.append(instruction)
    if name == "H":
        noisy.append("DEPOLARIZE1", targets, RATE)
    if name == "CX":
        noisy.append("DEPOLARIZE2", targets, RATE)


def text():
    """The circuit as OpenQASM, written out here since the packages' own text has functions for measurements with resets."""
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";', f"qubit[{ideal.num_qubits}] q;", f"bit[{ideal.num_measurements}] c;"]
    bit = 0
    for instruction in ideal:
        name, targets = instruction.name, [target.value for target in instruction.targets_copy()]
        if name == "H":
            lines += [f"h q[{qubit}];" for qubit in targets]
        elif name == "CX":
            lines += [f"cx q[{control}], q[{target}];" for control, target in zip(targets[::2], targets[1::2])]
        elif name in ("M", "MR"):
            for qubit in targets:
                lines.append(f"c[{bit}] = measure q[{qubit}];")
                bit += 1
                lines += [f"reset q[{qubit}];"] if name == "MR" else []
        elif name == "R":
            lines += [f"reset q[{qubit}];" for qubit in targets]
        elif name not in ("TICK", "DETECTOR", "OBSERVABLE_INCLUDE", "QUBIT_COORDS", "SHIFT_COORDS"):
            raise SystemExit(f"unexpected instruction {name}")
    return "\n".join(lines) + "\n"


folder = pathlib.Path(tempfile.mkdtemp())
(folder / "memory.qasm").write_text(text())
(folder / "memory.stim").write_text(str(noisy))
width = (ideal.num_measurements + 7) // 8
# replaced by the maximally mixed state, one of 4 or 16 errors of which is none
noise = f"depolarizing1={RATE * 4 / 3},depolarizing2={RATE * 16 / 15},readout={RATE}"
command = [arguments.qloom, "simulate", str(folder / "memory.qasm"), "--state", "tableau", "--noise", noise, "--threads", "1", "--json"]


def by_qloom(shots, seed):
    out = folder / "qloom.b8"
    start = time.perf_counter()
    subprocess.run(command + ["--shots", str(shots), "--seed", str(seed), "--records", str(out)], check=True, capture_output=True)
    return time.perf_counter() - start, np.fromfile(out, dtype=np.uint8).reshape(shots, width)


def by_stim(shots, seed):
    out = folder / "stim.b8"
    start = time.perf_counter()
    circuit = stim.Circuit.from_file(folder / "memory.stim")
    circuit.compile_sampler(seed=seed).sample_write(shots, filepath=str(out), format="b8")
    return time.perf_counter() - start, np.fromfile(out, dtype=np.uint8).reshape(shots, width)


times = {"qloom": [], "stim": []}
means = {"qloom": [], "stim": []}
start_up = statistics.median(by_qloom(1, 0)[0] for _ in range(3))
for seed in range(arguments.rounds):
    for name, run in (("qloom", by_qloom), ("stim", by_stim)):
        seconds, records = run(arguments.shots, seed)
        times[name].append(seconds)
        means[name].append(np.unpackbits(records, axis=1, bitorder="little")[:, : ideal.num_measurements].mean(axis=0))
print(f"distance {arguments.distance}: {ideal.num_qubits} qubits, {ideal.num_measurements} measurements, {arguments.shots} shots")
print("| tool | median, s | shots a second |\n| --- | ---: | ---: |")
for name, list_of in times.items():
    median = statistics.median(list_of)
    print(f"| {name} | {median:.3f} | {arguments.shots / median:,.0f} |")
print(f"qloom's process and reference shot alone: {start_up:.3f} s")
ratios = sorted(a / b for a, b in zip(times["qloom"], times["stim"]))
print(f"qloom's time over stim's: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
mean = {name: np.mean(list_of, axis=0) for name, list_of in means.items()}
error = np.sqrt(2 * mean["stim"] * (1 - mean["stim"]) / (arguments.shots * arguments.rounds)) + 1e-12
print(f"largest difference of a bit's mean: {np.max(np.abs(mean['qloom'] - mean['stim']) / error):.2f} standard errors")
