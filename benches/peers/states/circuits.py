"""Circuits of the usual families as OpenQASM 2, the same at every call."""
import math
import random


class Text:
    """A circuit that is written gate by gate."""

    def __init__(self, name, num_qubits):
        self.num_qubits = num_qubits
        self.random = random.Random(f"{name} of {num_qubits}")
        self.lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{num_qubits}];"]

    def gate(self, name, qubits, *angles):
        values = "(" + ",".join(format(angle, ".17g") for angle in angles) + ")" if angles else ""
        self.lines.append(f"{name}{values} " + ",".join(f"q[{qubit}]" for qubit in qubits) + ";")

    def angle(self):
        return self.random.uniform(-math.pi, math.pi)

    def any_rotation(self, qubit):
        self.gate("u3", [qubit], math.acos(self.random.uniform(-1, 1)), self.angle(), self.angle())

    def text(self):
        return "\n".join(self.lines) + "\n"


def brick(circuit, depth=20):
    """Random one-qubit gates, and cx on alternating bonds."""
    for layer in range(depth):
        for qubit in range(circuit.num_qubits):
            circuit.any_rotation(qubit)
        for qubit in range(layer % 2, circuit.num_qubits - 1, 2):
            circuit.gate("cx", [qubit, qubit + 1])


def hea(circuit, depth=8):
    """Layers of ry and rz on every qubit and a ladder of cx."""
    for _ in range(depth):
        for qubit in range(circuit.num_qubits):
            circuit.gate("ry", [qubit], circuit.angle())
            circuit.gate("rz", [qubit], circuit.angle())
        for qubit in range(circuit.num_qubits - 1):
            circuit.gate("cx", [qubit, qubit + 1])


def qft(circuit):
    """The Fourier transform of a product state."""
    for qubit in range(circuit.num_qubits):
        circuit.gate("ry", [qubit], circuit.angle())
    for target in reversed(range(circuit.num_qubits)):
        circuit.gate("h", [target])
        for control in reversed(range(target)):
            circuit.gate("cp", [control, target], math.pi / 2 ** (target - control))
    for qubit in range(circuit.num_qubits // 2):
        other = circuit.num_qubits - 1 - qubit
        for pair in ([qubit, other], [other, qubit], [qubit, other]):
            circuit.gate("cx", pair)


def tfim(circuit, steps=10):
    """Trotter steps of an Ising chain in a transverse field."""
    for _ in range(steps):
        for qubit in range(circuit.num_qubits - 1):
            circuit.gate("rzz", [qubit, qubit + 1], 0.2)
        for qubit in range(circuit.num_qubits):
            circuit.gate("rx", [qubit], 0.15)


def regular(circuit, degree=3):
    """The edges of a random graph whose vertices all have so many neighbours."""
    size = circuit.num_qubits * degree // 2
    while True:
        ends = [qubit for qubit in range(circuit.num_qubits) for _ in range(degree)]
        circuit.random.shuffle(ends)
        edges = {(min(pair), max(pair)) for pair in zip(ends[::2], ends[1::2])}
        if len(edges) == size and all(first != second for first, second in edges):
            return sorted(edges)


def qaoa(circuit, depth=3):
    """Three layers on a 3-regular graph."""
    edges = regular(circuit)
    for qubit in range(circuit.num_qubits):
        circuit.gate("h", [qubit])
    for _ in range(depth):
        gamma, beta = circuit.angle(), circuit.angle()
        for edge in edges:
            circuit.gate("rzz", edge, gamma)
        for qubit in range(circuit.num_qubits):
            circuit.gate("rx", [qubit], beta)


def qv(circuit, most=10):
    """Random two-qubit gates on random pairs: three cx and fifteen angles each, at most ten layers."""
    for _ in range(min(circuit.num_qubits, most)):
        order = list(range(circuit.num_qubits))
        circuit.random.shuffle(order)
        for a, b in zip(order[::2], order[1::2]):
            circuit.any_rotation(a)
            circuit.any_rotation(b)
            circuit.gate("cx", [a, b])
            circuit.gate("rz", [a], circuit.angle())
            circuit.gate("ry", [b], circuit.angle())
            circuit.gate("cx", [b, a])
            circuit.gate("ry", [b], circuit.angle())
            circuit.gate("cx", [a, b])
            circuit.any_rotation(a)
            circuit.any_rotation(b)


def noisy(circuit):
    """What is run under noise: bricks of depth 6."""
    brick(circuit, 6)


FAMILIES = {"brick": brick, "hea": hea, "qft": qft, "tfim": tfim, "qaoa": qaoa, "qv": qv, "noisy": noisy}


def write(name, num_qubits, folder):
    """Writes one circuit and returns its path."""
    circuit = Text(name, num_qubits)
    FAMILIES[name](circuit)
    path = folder / f"{name}_{num_qubits}.qasm"
    path.write_text(circuit.text())
    return path
