"""Times one circuit with a package from PyPI: wheel.py FILE prism|qsim. Input and output are those of states-qloom."""
import math
import re
import sys
import time

import numpy as np


def prism(path):
    import prism_q

    circuit = prism_q.parse_qasm(open(path).read())
    backend = prism_q.BackendKind.statevector()
    return lambda: prism_q.simulate(circuit).backend(backend).seed(1).state_vector()


def gates(path):
    for line in open(path):
        match = re.match(r"([a-z]\w*)(?:\(([^)]*)\))? (q\[.*);$", line.strip())
        if match and match[1] != "qreg":
            angles = [float(word) for word in match[2].split(",")] if match[2] else []
            yield match[1], angles, [int(word) for word in re.findall(r"\[(\d+)\]", match[3])]


def qsim(path):
    import cirq
    import qsimcirq

    size = int(re.search(r"qreg q\[(\d+)\]", open(path).read())[1])
    register = cirq.LineQubit.range(size)

    def unitary(theta, phi, lam):
        cosine, sine = math.cos(theta / 2), math.sin(theta / 2)
        return np.array([[cosine, -np.exp(1j * lam) * sine], [np.exp(1j * phi) * sine, np.exp(1j * (phi + lam)) * cosine]])

    made = {
        "u3": lambda angles: cirq.MatrixGate(unitary(*angles)),
        "h": lambda angles: cirq.H,
        "cx": lambda angles: cirq.CNOT,
        "rx": lambda angles: cirq.rx(*angles),
        "ry": lambda angles: cirq.ry(*angles),
        "rz": lambda angles: cirq.rz(*angles),
        "cp": lambda angles: cirq.CZPowGate(exponent=angles[0] / math.pi),
        "rzz": lambda angles: cirq.ZZPowGate(exponent=angles[0] / math.pi, global_shift=-0.5),
    }
    circuit = cirq.Circuit(made[name](angles).on(*(register[qubit] for qubit in qubits)) for name, angles, qubits in gates(path))
    # Blocks of three qubits are its best here; Cirq's objects are translated once, outside what is timed.
    simulator = qsimcirq.QSimSimulator(qsim_options=qsimcirq.QSimOptions(max_fused_gate_size=3, cpu_threads=1), seed=1)
    options = dict(simulator.qsim_options)
    options["c"] = qsimcirq.QSimCircuit(circuit).translate_cirq_to_qsim(register)[0]
    options["s"] = 1
    return lambda: np.asarray(simulator._sim_module.qsim_simulate_fullstate(options, 0)).view(np.complex64)


run = {"prism": prism, "qsim": qsim}[sys.argv[2]](sys.argv[1])
print(abs(complex(np.asarray(run()).reshape(-1)[0])) ** 2, flush=True)
for line in sys.stdin:
    count = int(line)
    start = time.process_time()
    for _ in range(count):
        run()
    print((time.process_time() - start) / count, flush=True)
