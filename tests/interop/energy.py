"""Loads the circuits of a run folder with Qiskit and compares their energies with result.json to 1e-9 hartree.

    python tests/interop/energy.py RUN_FOLDER
"""

import json
import pathlib
import sys

import qiskit.qasm2
import qiskit.qasm3
from qiskit.quantum_info import SparsePauliOp, Statevector


def main():
    folder = pathlib.Path(sys.argv[1])
    record = json.loads((folder / "hamiltonian.json").read_text())
    # the leftmost letter of a word acts on qubit 0 here and on the last qubit in Qiskit
    terms = [(word[::-1], coefficient) for word, coefficient in record["terms"]]
    hamiltonian = SparsePauliOp.from_list([("I" * record["n_qubits"], record["constant"]), *terms])
    expected = json.loads((folder / "result.json").read_text())["energy"]
    for name, load in [("best.qasm", qiskit.qasm2.load), ("best.v3.qasm", qiskit.qasm3.load)]:
        energy = Statevector(load(str(folder / name))).expectation_value(hamiltonian).real
        print(f"{name}: {energy:.12f} in Qiskit, {expected:.12f} on record")
        if not abs(energy - expected) <= 1e-9:
            sys.exit(f"{name} differs by {energy - expected:.3e}")


if __name__ == "__main__":
    main()
