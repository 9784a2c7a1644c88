"""Writes OpenQASM 2 files of the families and sizes of QASMBench's medium and large circuits, and two random ones.

    python experiments/compile/generate.py FOLDER

Nothing is copied: every file is made here from the definition of its family, so gates and angles are those of the family, not those
of QASMBench's own files.
"""

import math
import pathlib
import random
import sys


class Program:
    def __init__(self, qubits, bits=0):
        self.qubits = qubits
        self.lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{qubits}];"]
        if bits:
            self.lines.append(f"creg c[{bits}];")

    def add(self, gate, *qubits):
        self.lines.append(f"{gate} " + ",".join(f"q[{qubit}]" for qubit in qubits) + ";")

    def measure(self, qubits):
        for bit, qubit in enumerate(qubits):
            self.lines.append(f"measure q[{qubit}] -> c[{bit}];")

    def barrier(self):
        self.lines.append("barrier q;")

    def text(self):
        return "\n".join(self.lines) + "\n"


def ghz(n):
    program = Program(n, n)
    program.add("h", 0)
    for k in range(n - 1):
        program.add("cx", k, k + 1)
    program.measure(range(n))
    return program


def qft(n):
    program = Program(n, n)
    for j in range(n):
        for k in range(j):
            angle = f"pi/{2 ** (j - k + 1)}"
            program.add(f"u1({angle})", j)
            program.add("cx", j, k)
            program.add(f"u1(-{angle})", k)
            program.add("cx", j, k)
            program.add(f"u1({angle})", k)
        program.add("h", j)
    program.measure(range(n))
    return program


def bv(n):
    program = Program(n, n - 1)
    for k in range(n - 1):
        program.add("h", k)
    program.add("x", n - 1)
    program.add("h", n - 1)
    draw = random.Random(n)
    for k in range(n - 1):
        if draw.random() < 0.5:
            program.add("cx", k, n - 1)
    for k in range(n - 1):
        program.add("h", k)
    program.measure(range(n - 1))
    return program


def cc(n):
    program = Program(n, n)
    for k in range(n - 1):
        program.add("h", k)
    for k in range(n - 1):
        program.add("cx", k, n - 1)
    program.measure(range(n))
    return program


def ising(n):
    program = Program(n, n)
    draw = random.Random(n)
    for k in range(n):
        program.add("h", k)
    for parity in (0, 1):
        for k in range(parity, n - 1, 2):
            angle = draw.uniform(-3, 3)
            program.add("cx", k, k + 1)
            program.add(f"rz({angle})", k + 1)
            program.add("cx", k, k + 1)
    for k in range(n):
        program.add(f"rx({draw.uniform(-3, 3)})", k)
    program.measure(range(n))
    return program


def swaps(n, prepare):
    """Swaps of two registers under the control of one qubit, between Hadamard gates."""
    program = Program(n, 1)
    half = (n - 1) // 2
    draw = random.Random(n)
    for k in range(1, n):
        prepare(program, k, draw)
    program.add("h", 0)
    for k in range(1, half + 1):
        program.add("cswap", 0, k, k + half)
    program.add("h", 0)
    program.measure([0])
    return program


def knn(n):
    return swaps(n, lambda program, k, draw: program.add(f"ry({draw.uniform(0, 3)})", k))


def swap_test(n):
    def turn(program, k, draw):
        program.add(f"u3({draw.uniform(0, 3)},{draw.uniform(0, 3)},{draw.uniform(0, 3)})", k)

    return swaps(n, turn)


def adder(n):
    """Ripple-carry adders of four bits side by side, the carry of one the input of the next."""
    program = Program(n, n)
    bits = (n - 1) * 4 // 9 // 4 * 4
    blocks = bits // 4
    a, b = list(range(bits)), list(range(bits, 2 * bits))
    carry = list(range(2 * bits, 2 * bits + blocks + 1))
    for k in a:
        program.add("x", k)
    program.add("x", carry[0])
    for block in range(blocks):
        x, y = a[4 * block : 4 * block + 4], b[4 * block : 4 * block + 4]
        before = [carry[block]] + x[:3]
        for k in range(4):
            program.add("cx", x[k], y[k])
            program.add("cx", x[k], before[k])
            program.add("ccx", before[k], y[k], x[k])
        program.add("cx", x[3], carry[block + 1])
        for k in reversed(range(4)):
            program.add("ccx", before[k], y[k], x[k])
            program.add("cx", x[k], before[k])
            program.add("cx", before[k], y[k])
    program.barrier()
    program.measure(range(n))
    return program


def multiplier(n):
    """Shifts and additions under the control of one factor's bits, as in QASMBench's circuits of 15, 45 and 75 qubits."""
    bits = n // 5
    program = Program(n, bits)
    x, y = list(range(3 * bits, 4 * bits)), list(range(4 * bits, 5 * bits))
    carry, total, part = ([3 * k + offset for k in range(bits)] for offset in (0, 2, 1))
    for k in range(0, bits, 2):
        program.add("x", x[k])
    for k in range(bits):
        program.add("x", y[k])

    def majority(k):
        program.add("ccx", part[k], total[k], carry[k + 1])
        program.add("cx", part[k], total[k])
        program.add("ccx", carry[k], total[k], carry[k + 1])

    def back(k):
        program.add("ccx", carry[k], total[k], carry[k + 1])
        program.add("cx", part[k], total[k])
        program.add("ccx", part[k], total[k], carry[k + 1])

    for shift in range(bits):
        loads = [(y[shift], x[k], part[k + shift]) for k in range(bits - shift)]
        for load in loads:
            program.add("ccx", *load)
        for k in range(bits - 1):
            majority(k)
        program.add("cx", part[bits - 1], total[bits - 1])
        program.add("cx", carry[bits - 1], total[bits - 1])
        for k in reversed(range(bits - 1)):
            back(k)
            program.add("cx", part[k], total[k])
            program.add("cx", carry[k], total[k])
        for load in loads:
            program.add("ccx", *load)
    program.measure(total)
    return program


def square_root(n, rounds=12):
    """Amplitude amplification: a parity oracle and the reflection, each by a ladder of Toffoli gates on reset ancillas."""
    bits = n // 3
    program = Program(n, bits)
    inputs, sums, ladder = range(bits), range(bits, 2 * bits), list(range(2 * bits, 3 * bits))

    def oracle():
        for k in range(bits):
            program.add("cx", inputs[k], sums[k])
            program.add("cx", inputs[k], sums[(2 * k + 1) % bits])

    def marked(register):
        for k in ladder:
            program.add("reset", k)
        steps = [(register[1], register[0], ladder[0])]
        steps += [(ladder[k - 1], register[k + 1], ladder[k]) for k in range(1, bits - 1)]
        for step in steps:
            program.add("ccx", *step)
        program.add("z", ladder[bits - 2])
        for step in reversed(steps):
            program.add("ccx", *step)

    for k in inputs:
        program.add("h", k)
    for _ in range(rounds):
        oracle()
        for k in list(sums)[::2]:
            program.add("x", k)
        marked(sums)
        for k in list(sums)[::2]:
            program.add("x", k)
        oracle()
        for k in inputs:
            program.add("h", k)
            program.add("x", k)
        marked(inputs)
        for k in inputs:
            program.add("x", k)
            program.add("h", k)
    program.measure(inputs)
    return program


def dnn(n):
    """Layers of turns and Ising rotations about all three axes on a line."""
    program = Program(n, n)
    draw = random.Random(n)
    for layer in range(2):
        for k in range(n):
            for axis in "xyz":
                program.add(f"r{axis}({draw.uniform(-3, 3)})", k)
        for k in range(layer % 2, n - 1, 2):
            angle = draw.uniform(-3, 3)
            for enter, leave in ((), ()), (("h",), ("h",)), (("sdg", "h"), ("h", "s")):
                for gate in enter:
                    program.add(gate, k)
                    program.add(gate, k + 1)
                program.add("cx", k, k + 1)
                program.add(f"rz({angle})", k + 1)
                program.add("cx", k, k + 1)
                for gate in leave:
                    program.add(gate, k)
                    program.add(gate, k + 1)
        for k in range(n - 1):
            program.add("cx", k, (k + 1 + 3 * layer) % n)
    program.measure(range(n))
    return program


def wstate(n):
    program = Program(n, n)
    program.add("x", n - 1)
    for k in range(n - 1, 0, -1):
        angle = math.acos(math.sqrt(1 / (k + 1)))
        program.add(f"ry({-angle})", k - 1)
        program.add("cz", k, k - 1)
        program.add(f"ry({angle})", k - 1)
    for k in range(n - 1, 0, -1):
        program.add("cx", k - 1, k)
    program.measure(range(n))
    return program


def qaoa(n):
    """One layer of the quantum approximate optimisation algorithm for a random graph of degree three."""
    program = Program(n, n)
    draw = random.Random(n)
    for k in range(n):
        program.add("h", k)
    points = [k for k in range(n) for _ in range(3)]
    draw.shuffle(points)
    for a, b in zip(points[::2], points[1::2]):
        if a != b:
            program.add("cx", a, b)
            program.add("rz(0.7)", b)
            program.add("cx", a, b)
    for k in range(n):
        program.add("rx(0.9)", k)
    program.measure(range(n))
    return program


def scattered(n, gates):
    """Random pairs and turns."""
    program = Program(n)
    draw = random.Random(gates)
    for _ in range(gates):
        a, b = draw.sample(range(n), 2)
        program.add(f"u3({draw.uniform(0, 3)},{draw.uniform(0, 3)},{draw.uniform(0, 3)})", a)
        program.add("cx", a, b)
    return program


FAMILIES = [
    (adder, (28, 64, 118)),
    (bv, (30, 70, 140)),
    (cc, (32, 64)),
    (dnn, (33, 51)),
    (ghz, (40, 78, 127)),
    (ising, (26, 66, 98)),
    (knn, (25, 31, 67, 129)),
    (multiplier, (45, 75)),
    (qaoa, (30, 80)),
    (qft, (29, 63)),
    (square_root, (45, 60)),
    (swap_test, (25, 41, 83, 115)),
    (wstate, (27, 36, 76)),
]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for family, sizes in FAMILIES:
        for n in sizes:
            (folder / f"{family.__name__}_n{n}.qasm").write_text(family(n).text())
    for n, gates in ((40, 400), (50, 10000)):
        (folder / f"random_n{n}_{gates}.qasm").write_text(scattered(n, gates).text())


if __name__ == "__main__":
    main()
