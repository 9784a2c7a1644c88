"""Loads exported OpenQASM files with other packages and compares what they do.

A folder holds NAME.qasm2 (OpenQASM 2), NAME.qasm3 (OpenQASM 3), NAME.braket (Amazon Braket's dialect) and NAME.json with
{"unitary": [[re, im], ...]}: row-major, qubit 0 least significant. Unitaries and states are compared to 1e-9 up to a
global phase.

Qiskit (packages qiskit, qiskit-qasm3-import) reads both versions always. With --all also: pytket reads version 2 (package
pytket), the reference parser reads version 3 (package openqasm3), and Braket's simulator runs its dialect (package
amazon-braket-default-simulator).

    python tests/interop/check.py FOLDER [--all]
"""

import json
import logging
import pathlib
import sys

import numpy as np
import qiskit.qasm2
import qiskit.qasm3
from qiskit.quantum_info import Operator

TOLERANCE = 1e-9
logging.disable(logging.WARNING)


def distance(a, b):
    """Largest entry of the difference after the best global phase."""
    overlap = np.vdot(a, b)
    phase = overlap / abs(overlap) if abs(overlap) > 0 else 1
    return float(np.max(np.abs(a * phase - b)))


def reversed_bits(n):
    """Index with its bits in the other order."""
    return [int(format(k, f"0{n}b")[::-1], 2) if n else 0 for k in range(2**n)]


def with_qiskit_2(path, expected):
    return distance(expected, Operator(qiskit.qasm2.load(str(path))).data)


def with_qiskit_3(path, expected):
    return distance(expected, Operator(qiskit.qasm3.load(str(path))).data)


def with_pytket(path, expected):
    from pytket.qasm import circuit_from_qasm_str

    found = circuit_from_qasm_str(path.read_text()).get_unitary()
    order = reversed_bits(len(found).bit_length() - 1)
    return distance(expected, found[np.ix_(order, order)])


def with_reference_parser(path, expected):
    import openqasm3

    openqasm3.parse(path.read_text())
    return 0.0


def with_braket(path, expected):
    from braket.default_simulator import StateVectorSimulator
    from braket.ir.openqasm import Program

    source = path.read_text() + "#pragma braket result state_vector\n"
    result = StateVectorSimulator().run(Program(source=source), shots=0)
    found = np.array(result.resultTypes[0].value)
    order = reversed_bits(len(found).bit_length() - 1)
    return distance(expected[:, 0], found[order])


def main():
    folder = pathlib.Path(sys.argv[1])
    checks = [("Qiskit", ".qasm2", with_qiskit_2), ("Qiskit", ".qasm3", with_qiskit_3)]
    if "--all" in sys.argv[2:]:
        checks += [
            ("pytket", ".qasm2", with_pytket),
            ("reference parser", ".qasm3", with_reference_parser),
            ("Braket", ".braket", with_braket),
        ]
    any_failed = False
    for reader, suffix, check in checks:
        checked, failed, worst = 0, 0, 0.0
        for path in sorted(folder.glob(f"*{suffix}")):
            entries = np.array(json.loads(path.with_suffix(".json").read_text())["unitary"])
            size = round(len(entries) ** 0.5)
            expected = (entries[:, 0] + 1j * entries[:, 1]).reshape(size, size)
            checked += 1
            try:
                error = check(path, expected)
            except Exception as problem:  # every failure is reported with its file
                print(f"{path.name} in {reader}: {type(problem).__name__}: {str(problem)[:300]}")
                failed += 1
                continue
            worst = max(worst, error)
            if not error <= TOLERANCE:
                print(f"{path.name} in {reader}: differs by {error:.3e}")
                failed += 1
        print(f"{reader}: {checked} {suffix} files, {failed} failed, largest difference {worst:.1e}")
        any_failed = any_failed or failed > 0 or checked == 0
    if any_failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
