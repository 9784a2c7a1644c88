"""Loads every NAME.qasm2 and NAME.qasm3 of a folder with Qiskit and compares it with NAME.json.

NAME.json holds {"unitary": [[re, im], ...]}: row-major, qubit 0 least significant. Matrices are compared to 1e-9 up
to a global phase. Needs the packages qiskit and qiskit-qasm3-import.

    python tests/interop/check.py FOLDER
"""

import json
import pathlib
import sys

import numpy as np
import qiskit.qasm2
import qiskit.qasm3
from qiskit.quantum_info import Operator

TOLERANCE = 1e-9
LOADERS = {".qasm2": qiskit.qasm2.load, ".qasm3": qiskit.qasm3.load}


def distance(a, b):
    """Largest entry of the difference after the best global phase."""
    overlap = np.vdot(a, b)
    phase = overlap / abs(overlap) if abs(overlap) > 0 else 1
    return float(np.max(np.abs(a * phase - b)))


def main():
    folder = pathlib.Path(sys.argv[1])
    checked, failed, worst = 0, 0, 0.0
    for path in sorted(folder.iterdir()):
        load = LOADERS.get(path.suffix)
        if load is None:
            continue
        checked += 1
        try:
            circuit = load(str(path))
            entries = np.array(json.loads(path.with_suffix(".json").read_text())["unitary"])
            size = 2**circuit.num_qubits
            expected = (entries[:, 0] + 1j * entries[:, 1]).reshape(size, size)
            error = distance(expected, Operator(circuit).data)
        except Exception as problem:  # every failure is reported with its file
            print(f"{path.name}: {type(problem).__name__}: {problem}")
            failed += 1
            continue
        worst = max(worst, error)
        if not error <= TOLERANCE:
            print(f"{path.name}: differs by {error:.3e}")
            failed += 1
    print(f"{checked} files compared with Qiskit {qiskit.__version__}, {failed} failed, largest difference {worst:.1e}")
    if failed or not checked:
        sys.exit(1)


if __name__ == "__main__":
    main()
