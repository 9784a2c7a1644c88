"""Compares the matrix of every gate row, gate_NAME.json, with the gate of the same meaning in Qiskit's library, phase included.

    python tests/interop/gates.py FOLDER
"""

import json
import math
import pathlib
import sys

import numpy as np
from qiskit.circuit import library as lib
from qiskit.quantum_info import Operator

ANGLES = [0.3 + 0.7 * k for k in range(4)]  # as the exporter chooses them

# row: gate of Qiskit's library, or a function that gives its matrix
GATES = {
    "id": lib.IGate, "x": lib.XGate, "y": lib.YGate, "z": lib.ZGate, "h": lib.HGate, "s": lib.SGate, "sdg": lib.SdgGate,
    "t": lib.TGate, "tdg": lib.TdgGate, "sx": lib.SXGate, "sxdg": lib.SXdgGate, "rx": lib.RXGate, "ry": lib.RYGate,
    "rz": lib.RZGate, "p": lib.PhaseGate, "u1": lib.U1Gate, "u2": lib.U2Gate, "u3": lib.U3Gate, "u": lib.UGate,
    "prx": lib.RGate, "cx": lib.CXGate, "cy": lib.CYGate, "cz": lib.CZGate, "ch": lib.CHGate, "cs": lib.CSGate,
    "csdg": lib.CSdgGate, "csx": lib.CSXGate, "crx": lib.CRXGate, "cry": lib.CRYGate, "crz": lib.CRZGate,
    "cp": lib.CPhaseGate, "cu1": lib.CU1Gate, "cu3": lib.CU3Gate, "cu": lib.CUGate, "swap": lib.SwapGate,
    "iswap": lib.iSwapGate, "ecr": lib.ECRGate, "dcx": lib.DCXGate, "rxx": lib.RXXGate, "ryy": lib.RYYGate,
    "rzz": lib.RZZGate, "rzx": lib.RZXGate, "xx_plus_yy": lib.XXPlusYYGate, "xx_minus_yy": lib.XXMinusYYGate,
    "ccx": lib.CCXGate, "ccz": lib.CCZGate, "cswap": lib.CSwapGate, "rccx": lib.RCCXGate, "rc3x": lib.RC3XGate,
    "c3x": lib.C3XGate, "c3sqrtx": lib.C3SXGate, "c4x": lib.C4XGate,
    "u0": lambda gamma: np.eye(2),
    "sqrt_iswap": lambda: lib.iSwapGate().power(0.5).to_matrix(),
    "gpi": lambda phi: lib.RGate(math.pi, phi).to_matrix() * 1j,
    "gpi2": lambda phi: lib.RGate(math.pi / 2, phi).to_matrix(),
    "ms": lambda phi0, phi1, theta: molmer_sorensen(phi0, phi1, theta),
}  # fmt: skip


def molmer_sorensen(phi0, phi1, theta):
    """exp(-i theta/2 P0 P1) with Pk = cos(phik) X + sin(phik) Y, qubit 0 least significant."""

    def axis(phi):
        return np.array([[0, np.exp(-1j * phi)], [np.exp(1j * phi), 0]])

    product = np.kron(axis(phi1), axis(phi0))
    return math.cos(theta / 2) * np.eye(4) - 1j * math.sin(theta / 2) * product


def main():
    rows = sorted(pathlib.Path(sys.argv[1]).glob("gate_*.json"))
    worst, failed = 0.0, 0
    for path in rows:
        name = path.stem.removeprefix("gate_")
        entries = np.array(json.loads(path.read_text())["unitary"])
        size = math.isqrt(len(entries))
        found = (entries[:, 0] + 1j * entries[:, 1]).reshape(size, size)
        make = GATES.get(name)
        if make is None:
            print(f"{name}: nothing to compare with; add it to GATES")
            failed += 1
            continue
        count = make.__code__.co_argcount if not isinstance(make, type) else len(parameters(make))
        made = make(*ANGLES[:count])
        expected = made if isinstance(made, np.ndarray) else Operator(made).data
        error = float(np.max(np.abs(found - expected)))
        worst = max(worst, error)
        if not error <= 1e-9:
            print(f"{name}: differs by {error:.3e}")
            failed += 1
    print(f"{len(rows)} gates compared with Qiskit's library, {failed} failed, largest difference {worst:.1e}")
    if failed or not rows:
        sys.exit(1)


def parameters(gate):
    """Names of the angles that a gate class of Qiskit takes."""
    import inspect

    skip = {"self", "label", "ctrl_state", "duration", "unit", "_base_label", "_singleton_lookup_key"}
    names = [p for p in inspect.signature(gate.__init__).parameters.values() if p.name not in skip]
    return [p.name for p in names if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]


if __name__ == "__main__":
    main()
