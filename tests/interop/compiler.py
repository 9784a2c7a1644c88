"""Programs compiled for IBM's machines by their configuration and calibration pass the check of qiskit-ibm-runtime and run on its fake
backends of three families: ECR with directions, CZ, and CX. With --all ten circuits in place of three; other arguments are the command."""

import importlib
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

from qiskit import QuantumCircuit, transpile
from qiskit.qasm2 import dumps
from qiskit.qasm3 import loads
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime import fake_provider
from qiskit_ibm_runtime.utils.utils import is_isa_circuit

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BACKENDS = {"sherbrooke": "FakeSherbrooke", "fez": "FakeFez", "kolkata": "FakeKolkataV2"}
SHOTS = 2000


def ghz(n):
    circuit = QuantumCircuit(n, n)
    circuit.h(0)
    for k in range(n - 1):
        circuit.cx(k, k + 1)
    circuit.measure(range(n), range(n))
    return circuit, {"0" * n, "1" * n}


def hidden_string(word):
    n = len(word)
    circuit = QuantumCircuit(n + 1, n)
    circuit.x(n)
    circuit.h(range(n + 1))
    for k, letter in enumerate(reversed(word)):
        if letter == "1":
            circuit.cx(k, n)
    circuit.h(range(n))
    circuit.measure(range(n), range(n))
    return circuit, {word}


def one_of(n):
    """The W state: one qubit of n is one."""
    circuit = QuantumCircuit(n, n)
    circuit.x(0)
    for k in range(n - 1):
        circuit.cry(2 * math.acos(math.sqrt(1 / (n - k))), k, k + 1)
        circuit.cx(k + 1, k)
    circuit.measure(range(n), range(n))
    return circuit, {format(1 << k, f"0{n}b") for k in range(n)}


def phase(n, eighths):
    """Phase estimation of a phase that n bits hold."""
    circuit = QuantumCircuit(n + 1, n)
    circuit.x(n)
    circuit.h(range(n))
    for k in range(n):
        circuit.cp(2 * math.pi * eighths / 2**n * 2**k, k, n)
    for k in reversed(range(n)):
        for above in range(k + 1, n):
            circuit.cp(-math.pi / 2 ** (above - k), above, k)
        circuit.h(k)
    # the phase's bits stand the other way round
    circuit.measure(range(n), range(n))
    return circuit, {most_likely(circuit)}


def adder(first, second):
    """Two bits and two bits, by carries."""
    circuit = QuantumCircuit(7, 3)
    for k in range(2):
        if first >> k & 1:
            circuit.x(k)
        if second >> k & 1:
            circuit.x(2 + k)
    for k in range(2):
        circuit.ccx(k, 2 + k, 5 + k)
        circuit.cx(k, 2 + k)
        circuit.ccx(4 + k if k == 0 else 5, 2 + k, 5 + k)
        circuit.cx(4 + k if k == 0 else 5, 2 + k)
    circuit.measure([2, 3, 6], range(3))
    return circuit, {format(first + second, "03b")}


def marked(word):
    """Two turns of Grover's search among eight."""
    circuit = QuantumCircuit(3, 3)
    circuit.h(range(3))

    def flip(zeros):
        for k in zeros:
            circuit.x(k)
        circuit.h(2)
        circuit.ccx(0, 1, 2)
        circuit.h(2)
        for k in zeros:
            circuit.x(k)

    for _ in range(2):
        flip([k for k, letter in enumerate(reversed(word)) if letter == "0"])
        circuit.h(range(3))
        flip(range(3))
        circuit.h(range(3))
    circuit.measure(range(3), range(3))
    return circuit, {word}


def mirror(n, layers, seed):
    """Random gates and their inverses, which give back the input."""
    draw, half = random.Random(seed), QuantumCircuit(n)
    for _ in range(layers):
        for k in range(n):
            half.rz(draw.uniform(0, 2 * math.pi), k)
            half.sx(k)
        order = draw.sample(range(n), n)
        for a, b in zip(order[::2], order[1::2]):
            half.cx(a, b)
    circuit = QuantumCircuit(n, n)
    circuit.compose(half, inplace=True)
    circuit.barrier()
    circuit.compose(half.inverse(), inplace=True)
    circuit.measure(range(n), range(n))
    return circuit, {"0" * n}


def most_likely(circuit):
    counts = AerSimulator(seed_simulator=1).run(circuit, shots=1000).result().get_counts()
    outcome = max(counts, key=counts.get)
    assert counts[outcome] == 1000, counts
    return outcome


FEW = [("GHZ 3", ghz(3)), ("GHZ 5", ghz(5)), ("hidden string 4", hidden_string("1011"))]


def all_circuits():
    rest = [("GHZ 8", ghz(8)), ("hidden string 6", hidden_string("110101")), ("W 4", one_of(4)), ("phase 3", phase(3, 5))]
    return [*FEW, *rest, ("adder 2", adder(3, 2)), ("Grover 3", marked("101")), ("mirror 5", mirror(5, 3, 2))]


def share(circuit, simulator, right):
    counts = simulator.run(circuit, shots=SHOTS).result().get_counts()
    return sum(count for outcome, count in counts.items() if outcome.split()[0] in right) / SHOTS


def main():
    whole = "--all" in sys.argv
    command = [word for word in sys.argv[1:] if word != "--all"] or ["cargo", "run", "--release", "--locked", "--quiet", "--"]
    circuits = all_circuits() if whole else FEW
    for name, kind in BACKENDS.items():
        backend = getattr(fake_provider, kind)()
        package = importlib.import_module(f"qiskit_ibm_runtime.fake_provider.backends.{name}")
        folder = pathlib.Path(package.__file__).parent
        simulator = AerSimulator.from_backend(backend, seed_simulator=7)
        ours, theirs = [], []
        for _, (circuit, right) in circuits:
            with tempfile.TemporaryDirectory() as work:
                source = pathlib.Path(work) / "circuit.qasm"
                source.write_text(dumps(circuit))
                options = ["--target", str(folder / f"conf_{name}.json"), "--calibration", str(folder / f"props_{name}.json")]
                options += ["--optimize", "3", "--dialect", "ibm", "--to", "qasm3", "--json"]
                done = subprocess.run([*command, "compile", str(source), *options], cwd=ROOT, check=True, capture_output=True, text=True)
            report = json.loads(done.stdout)
            compiled = loads(report["qasm"])
            message = is_isa_circuit(compiled, backend.target)
            assert not message, f"{kind}: {message}"
            assert report["expected_error"] <= report["expected_error_without_calibration"] + 1e-9, report
            ours.append(share(compiled, simulator, right))
            theirs.append(share(transpile(circuit, backend, optimization_level=3, seed_transpiler=0), simulator, right))
        pairs = ", ".join(f"{label} {own:.3f}/{other:.3f}" for (label, _), own, other in zip(circuits, ours, theirs))
        means = f"mean {sum(ours) / len(ours):.3f}/{sum(theirs) / len(theirs):.3f}"
        print(f"{kind}: right outcomes here/Qiskit level 3: {pairs}; {means}", flush=True)
        assert sum(ours) > sum(theirs) - 0.02 * len(ours), f"{kind}: fewer right outcomes than Qiskit's"


if __name__ == "__main__":
    main()
