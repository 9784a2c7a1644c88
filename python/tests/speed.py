"""Speed from Python beside the peers, one thread each, in one run: medians of seven.

    OMP_NUM_THREADS=1 RAYON_NUM_THREADS=1 python python/tests/speed.py

Needs pennylane, pennylane-lightning, qiskit and qiskit-aer.
"""

import os

for _name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import statistics
import time
from pathlib import Path

import numpy as np
import pennylane as qml
from pennylane import numpy as pnp
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer.primitives import EstimatorV2 as AerEstimator
from scipy.optimize import minimize

from qloom import Angle, Batch, Circuit, Energy, Molecule, PauliSum
from qloom.qiskit import EstimatorV2

DATA = Path(__file__).resolve().parents[2] / "data" / "molecules"


def median(call, times=1, rounds=7):
    """The median time of a call in seconds, over rounds of so many calls."""
    call()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            call()
        taken.append((time.perf_counter() - start) / times)
    return statistics.median(taken)


def processor():
    """What /proc/cpuinfo says."""
    fields = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    return f"{fields.get('model name')}, family {fields.get('cpu family')}, model {fields.get('model')}"


def show(name, seconds, peer=None):
    """A line: the time, and how often it goes into a peer's."""
    unit, factor = ("us", 1e6) if seconds < 1e-3 else ("ms", 1e3)
    ratio = f", {peer / seconds:.0f} times faster" if peer else ""
    print(f"{name}: {seconds * factor:.2f} {unit}{ratio}", flush=True)


def layers(n, depth):
    """Rotations and a line of CX, their count of parameters, as circuits of qloom and Qiskit."""
    ours, theirs, k = Circuit(n), QuantumCircuit(n), 0
    for _ in range(depth):
        for qubit in range(n):
            ours.ry(Angle(k), qubit).rz(Angle(k + 1), qubit)
            theirs.ry(Parameter(f"p{k:04}"), qubit)
            theirs.rz(Parameter(f"p{k + 1:04}"), qubit)
            k += 2
        for qubit in range(n - 1):
            ours.cx(qubit, qubit + 1)
            theirs.cx(qubit, qubit + 1)
    return ours, theirs, k


def four_qubits():
    ours, theirs, count = layers(4, 1)
    point = np.linspace(0, 1, count)
    energy = Energy(ours, PauliSum({"ZZII": 1.0, "XIXI": 0.5}))
    aer = AerEstimator()
    pub = (theirs, SparsePauliOp(["IIZZ", "IXIX"], [1.0, 0.5]), point)

    @qml.qnode(qml.device("lightning.qubit", wires=4), diff_method="adjoint")
    def lightning(x):
        for qubit in range(4):
            qml.RY(x[2 * qubit], qubit)
            qml.RZ(x[2 * qubit + 1], qubit)
        for qubit in range(3):
            qml.CNOT([qubit, qubit + 1])
        return qml.expval(qml.Z(0) @ qml.Z(1) + 0.5 * qml.X(0) @ qml.X(2))

    qloom_node = qml.QNode(lightning.func, qml.device("qloom.qubit", wires=4), diff_method="adjoint")
    one = median(lambda: energy(point), 10000)
    two, three = median(lambda: lightning(point), 50), median(lambda: aer.run([pub]).result(), 20)
    show("4 qubits, one expectation value, bound", one)
    show("  lightning.qubit as a QNode", two)
    show("  qiskit-aer's EstimatorV2", three)
    show("  qloom.qubit as a QNode", median(lambda: qloom_node(point), 50))
    show("  against lightning.qubit", one, two)
    show("  against qiskit-aer", one, three)


def vqe():
    """H2 in a user's own loop: BFGS on a double excitation's angle and its neighbours."""
    hamiltonian = Molecule((DATA / "fcidump" / "H2_0.7414.FCIDUMP").read_text()).hamiltonian
    ours = Circuit(4).x(0).x(1)
    for k in range(4):
        ours.ry(Angle(k), k)
    for qubit in range(3):
        ours.cx(qubit, qubit + 1)
    for k in range(4):
        ours.ry(Angle(4 + k), k)
    words = [(value, [getattr(qml, letter)(qubit) for qubit, letter in enumerate(word) if letter != "I"]) for word, value in hamiltonian.terms()]
    operator = qml.dot([value for value, _ in words], [qml.prod(*letters) if letters else qml.Identity(0) for _, letters in words])

    @qml.qnode(qml.device("lightning.qubit", wires=4), diff_method="adjoint")
    def lightning(x):
        qml.X(0)
        qml.X(1)
        for k in range(4):
            qml.RY(x[k], k)
        for qubit in range(3):
            qml.CNOT([qubit, qubit + 1])
        for k in range(4):
            qml.RY(x[4 + k], k)
        return qml.expval(operator)

    start = np.full(8, 0.1)
    slope = qml.grad(lightning)
    options = {"maxiter": 30}

    def run_ours():
        energy = Energy(ours, hamiltonian)
        return minimize(lambda x: energy.value_and_gradient(x), start, jac=True, method="BFGS", options=options).fun

    def run_theirs():
        def both(x):
            x = pnp.array(x, requires_grad=True)
            gradient = slope(x)
            return float(slope.forward), np.asarray(gradient, dtype=float)

        return minimize(both, start, jac=True, method="BFGS", options=options).fun

    assert abs(run_ours() - run_theirs()) < 1e-6
    one, two = median(run_ours), median(run_theirs, rounds=5)
    show("H2, 30 steps of BFGS, lightning.qubit", two)
    show("H2, 30 steps of BFGS, qloom", one, two)


def parameter_sets():
    ours, theirs, count = layers(8, 2)
    values = np.random.default_rng(1).normal(size=(10_000, count))
    operator = SparsePauliOp("ZZIIIIII")
    aer = AerEstimator(options={"backend_options": {"max_parallel_threads": 1}})
    part = values[:200]
    one = median(lambda: EstimatorV2(threads=1).run([(theirs, operator, values)]).result(), rounds=5)
    two = 50 * median(lambda: aer.run([(theirs, operator, part)]).result(), rounds=5)
    mine = EstimatorV2().run([(theirs, operator, part)]).result()[0].data.evs
    assert np.allclose(mine, aer.run([(theirs, operator, part)]).result()[0].data.evs, atol=1e-9)
    show("8 qubits, 10000 parameter sets, qiskit-aer's EstimatorV2 (50 times its time for 200)", two)
    show("8 qubits, 10000 parameter sets, qloom.qiskit.EstimatorV2", one, two)
    return ours


def broadcast():
    n, rows = 8, 100
    circuit, k = Circuit(n), 0
    while k < 72:
        for qubit in range(n):
            if k < 72:
                circuit.ry(Angle(k), qubit)
                k += 1
        for qubit in range(n - 1):
            circuit.cx(qubit, qubit + 1)
    batch = Batch(circuit, [PauliSum.z(0, n)], 1)
    points = np.random.default_rng(1).normal(size=(rows, 72))
    show("8 qubits, 72 parameters, gradients of 100 rows by Batch", median(lambda: batch.values_and_gradients(points), 5))


def broadcasted_node():
    """The gradient of a QNode over a broadcasted input, by its 72 weights, adjoint and as one batch."""
    n, rows = 8, 100

    def node(device, **how):
        @qml.qnode(qml.device(device, wires=n), **how)
        def circuit(inputs, weights):
            for qubit in range(n):
                qml.RX(inputs[:, qubit], qubit)
            for layer in range(9):
                for qubit in range(n):
                    qml.RY(weights[layer, qubit], qubit)
                for qubit in range(n - 1):
                    qml.CNOT([qubit, qubit + 1])
            return qml.expval(qml.Z(0))

        return qml.grad(lambda weights: qml.math.mean(circuit(inputs, weights)))

    random = np.random.default_rng(1)
    inputs = pnp.array(random.normal(size=(rows, n)), requires_grad=False)
    weights = pnp.array(random.normal(size=(9, n)), requires_grad=True)
    ours = node("qloom.qubit", diff_method="adjoint")
    theirs = node("default.qubit", diff_method="backprop")
    lightning = node("lightning.qubit", diff_method="adjoint")
    assert np.allclose(ours(weights), theirs(weights), atol=1e-9) and np.allclose(lightning(weights), theirs(weights), atol=1e-9)
    one, two, three = (median(lambda: slope(weights), 5) for slope in (ours, theirs, lightning))
    label = "8 qubits, 72 weights, 100 broadcasted rows, gradient of a QNode"
    show(f"{label}, default.qubit by back-propagation", two)
    show(f"{label}, lightning.qubit", three)
    show(f"{label}, qloom.qubit", one, three)


def views():
    """Peak memory of a state of 24 qubits, and of its view."""
    import resource

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    before = peak()
    state = Circuit(24).h(0).state()
    with_state = peak()
    total = float(np.sum(state.real[::4096])) + float(np.sum(state.imag[::4096]))
    print(f"24 qubits: peak {before:.0f} MiB before, {with_state:.0f} MiB with the state (256 MiB), {peak():.0f} MiB with its view; {total:.3f}")


def main():
    print(f"{processor()}; load of the machine {os.getloadavg()[0]:.1f}")
    views()
    four_qubits()
    vqe()
    parameter_sets()
    broadcast()
    broadcasted_node()


if __name__ == "__main__":
    main()
