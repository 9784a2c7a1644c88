"""Circuits under noise against the density matrices of Qiskit Aer: depolarizing by its size, and a device's relaxation and read-out."""

import json
import math
import pathlib
import random
import subprocess
import sys
import tomllib

from qiskit import QuantumCircuit
from qiskit.qasm2 import dumps
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error, thermal_relaxation_error

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ONE, TWO = ["h", "x", "sx", "t", "rx", "ry", "rz", "u"], ["cx", "cz", "swap", "rzz"]

# the command line to test; without words behind the folder it is built first
PROGRAM = sys.argv[2:] or ["cargo", "run", "--release", "--locked", "--quiet", "--"]

def random_circuit(rng, n):
    circuit = QuantumCircuit(n)
    for _ in range(12):
        name = rng.choice(ONE if n == 1 else ONE + TWO)
        angles = [rng.uniform(-3, 3) for _ in range({"rx": 1, "ry": 1, "rz": 1, "u": 3, "rzz": 1}.get(name, 0))]
        getattr(circuit, name)(*angles, *rng.sample(range(n), 2 if name in TWO else 1))
    return circuit


def aer(circuit, model):
    copy = circuit.copy()
    copy.save_probabilities()
    simulator = AerSimulator(method="density_matrix", noise_model=model, fusion_enable=False)
    return list(simulator.run(copy).result().data(0)["probabilities"])


def here(folder, circuit, *options):
    file = folder / "circuit.qasm"
    file.write_text(dumps(circuit))
    command = [*PROGRAM, "simulate", str(file), "--json", *options]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def read_out(probabilities, one_for_zero, zero_for_one):
    for bit in range(int(math.log2(len(probabilities)))):
        read = [0.0] * len(probabilities)
        for index, p in enumerate(probabilities):
            wrong = zero_for_one if index >> bit & 1 else one_for_zero
            read[index] += p * (1 - wrong)
            read[index ^ 1 << bit] += p * wrong
        probabilities = read
    return probabilities


def device_model(name):
    device = tomllib.loads((ROOT / "data/devices" / name).read_text())
    t1, t2, excited = (device["qubit"][key][0] for key in ("t1_ns", "t2_ns", "excited_population"))
    model = NoiseModel()
    for names, gate in ((ONE, device["one_qubit"]), (TWO, device["two_qubit"])):
        relaxation = thermal_relaxation_error(t1, t2, gate["time_ns"], excited)
        error = depolarizing_error(gate["depolarizing"], 1).compose(relaxation)
        model.add_all_qubit_quantum_error(error if names is ONE else error.tensor(error), names)
    return model, device["qubit"]["readout"][0]


def worst(found, expected):
    outcomes = [found.get(format(index, f"0{int(math.log2(len(expected)))}b"), 0.0) for index in range(len(expected))]
    return max(abs(a - b) for a, b in zip(outcomes, expected, strict=True))


def main(folder):
    rng = random.Random(7)
    exact = 0.0
    for trial in range(30):
        circuit = random_circuit(rng, 1 + trial % 5)
        p, q = rng.uniform(0, 0.1), rng.uniform(0, 0.2)
        model = NoiseModel()
        model.add_all_qubit_quantum_error(depolarizing_error(p, 1), ONE)
        model.add_all_qubit_quantum_error(depolarizing_error(q, 2), TWO)
        noise = ("--noise", f"depolarizing1={p},depolarizing2={q}")
        found = here(folder, circuit, "--state", "pauli-vector", *noise)
        exact = max(exact, worst(found["probabilities"], aer(circuit, model)))
        model, readout = device_model("mumbai_max.toml")
        device = ("--device", "devices/mumbai_max.toml")
        expected = read_out(aer(circuit, model), *readout)
        found = here(folder, circuit, "--state", "pauli-vector", *device)
        exact = max(exact, worst(found["probabilities"], expected))
        if trial % 5 == 4:
            drawn = here(folder, circuit, "--state", "trajectories", "--shots", "20000", *device)
            errors = drawn["standard_errors"]["probabilities"]
            for outcome, value in drawn["probabilities"].items():
                distance = abs(value - expected[int(outcome, 2)])
                assert distance < 6 * errors[outcome] + 1e-12, (trial, outcome, value, expected[int(outcome, 2)])
    assert exact < 1e-12, exact
    print(f"60 noisy circuits equal Aer's density matrices to {exact:.1e}; trajectories agree within their errors")


main(pathlib.Path(sys.argv[1]))
