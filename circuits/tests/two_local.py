#!/usr/bin/env python3
"""Makes two_local.json: states of Qiskit's TwoLocal circuits and of its StatePreparation.

python -m venv env; env/bin/pip install qiskit; env/bin/python two_local.py > two_local.json
"""
import json
import warnings

import numpy as np
import qiskit
from qiskit.circuit.library import n_local, StatePreparation
from qiskit.quantum_info import Statevector

warnings.simplefilter("ignore")
out = dict(made_with=f"qiskit {qiskit.__version__}", circuits=[], states=[])
for n, rotations, entanglers, pattern, reps in [
    (3, ["ry"], ["cx"], "full", 2),
    (4, ["ry", "rz"], ["cz"], "reverse_linear", 3),
    (4, ["rx", "h"], ["crx"], "circular", 2),
    (3, ["u"], ["rzz", "cx"], "linear", 1),
    (5, ["rz", "sx", "ry"], ["iswap"], "pairwise", 2),
    (2, ["p", "ry"], ["rxx"], "circular", 1),
]:
    circuit = n_local(n, rotations, entanglers, pattern, reps)
    # parameters are numbered in the order of Qiskit's vector
    order = sorted(circuit.parameters, key=lambda p: p.index)
    values = [round(0.3 * np.sin(1 + k) + 0.5, 12) for k in range(len(order))]
    state = Statevector(circuit.assign_parameters(dict(zip(order, values)))).data
    out["circuits"].append(dict(qubits=n, rotations=rotations, entanglers=entanglers, entanglement=pattern.replace("_", "-"),
                                repetitions=reps, parameters=values, re=state.real.tolist(), im=state.imag.tolist()))
rng = np.random.default_rng(5)
for n in (1, 2, 4):
    a = rng.standard_normal(2**n) + 1j * rng.standard_normal(2**n)
    a /= np.linalg.norm(a)
    gate = StatePreparation(a)
    back = Statevector(gate.definition).data
    assert np.allclose(back, a)
    out["states"].append(dict(re=a.real.tolist(), im=a.imag.tolist()))
print(json.dumps(out))
