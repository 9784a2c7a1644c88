"""Makes noisy.json: what Qiskit Aer's density-matrix simulator makes of three random brickwork circuits under depolarizing noise.

Needs qiskit 2.6.2 and qiskit-aer 0.18.2. Circuits: layers of random u3 on every qubit and cx on alternating pairs. Noise: after every u3
depolarizing of probability 0.01 of replacement by the maximally mixed state, after every cx of probability 0.02 on both qubits.

    python tests/reference/noisy.py > tests/reference/noisy.json
"""

import json
import math
import random

from qiskit import QuantumCircuit, qasm2
from qiskit.quantum_info import DensityMatrix
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error


def brickwork(n, layers, rng):
    circuit = QuantumCircuit(n)
    for layer in range(layers):
        for qubit in range(n):
            circuit.u(*(rng.uniform(-math.pi, math.pi) for _ in range(3)), qubit)
        for qubit in range(layer % 2, n - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit


def main():
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.01, 1), ["u"])
    noise.add_all_qubit_quantum_error(depolarizing_error(0.02, 2), ["cx"])
    simulator = AerSimulator(method="density_matrix", noise_model=noise, fusion_enable=False)
    rows = []
    for n in (4, 6, 8):
        circuit = brickwork(n, 6, random.Random(n))
        text = qasm2.dumps(circuit)
        saved = circuit.copy()
        saved.save_density_matrix()
        state = DensityMatrix(simulator.run(saved, optimization_level=0).result().data()["density_matrix"])
        rows.append(
            {
                "qasm": text,
                "depolarizing": [0.01, 0.02],
                "probabilities": [float(p) for p in state.probabilities()],
                "purity": float(state.purity().real),
            }
        )
    print(json.dumps({"aer": rows}, indent=1))


main()
