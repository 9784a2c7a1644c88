"""Programs compiled for IBM's machines by their configuration and calibration pass the check of qiskit-ibm-runtime and run on its fake
backends of three families: ECR with directions, CZ, and CX."""

import importlib
import json
import pathlib
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


def share(circuit, simulator, right):
    counts = simulator.run(circuit, shots=SHOTS).result().get_counts()
    return sum(count for outcome, count in counts.items() if outcome.split()[0] in right) / SHOTS


def main():
    command = sys.argv[1:] or ["cargo", "run", "--release", "--locked", "--quiet", "--"]
    for name, kind in BACKENDS.items():
        backend = getattr(fake_provider, kind)()
        package = importlib.import_module(f"qiskit_ibm_runtime.fake_provider.backends.{name}")
        folder = pathlib.Path(package.__file__).parent
        simulator = AerSimulator.from_backend(backend, seed_simulator=7)
        ours, theirs = [], []
        for circuit, right in (ghz(3), ghz(5), hidden_string("1011")):
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
        pairs = ", ".join(f"{own:.3f}/{other:.3f}" for own, other in zip(ours, theirs))
        print(f"{kind}: right outcomes here/Qiskit level 3: {pairs}")
        assert sum(ours) > sum(theirs) - 0.02 * len(ours), f"{kind}: fewer right outcomes than Qiskit's"


if __name__ == "__main__":
    main()
