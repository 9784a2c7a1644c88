"""What other services make of exported programs: verbatim boxes run on Amazon Braket's local simulator, Quantinuum's dialect is read by
pytket's reader, IonQ's pulses are those of its own package, and Qiskit's Target is a device. What needs a package that is not there is
left out, and said; arguments are the command."""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEXT = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
creg c[3];
h q[0];
rx(0.7) q[1];
cx q[0], q[1];
t q[1];
cu3(0.3, -1.1, 2.2) q[1], q[2];
ry(-0.4) q[0];
swap q[0], q[2];
rzz(3.9) q[0], q[1];
rzz(-0.8) q[1], q[2];
"""
MEASURED = TEXT + "measure q -> c;\n"
SHOTS = 20000
# native gates of machines that Amazon Braket offers; those with prx turn about Z by names
MACHINES = {"superconducting": ["rx", "rz", "cz"], "pulses": ["gpi", "gpi2", "ms"], "phased": ["prx", "cz"]}


def expected(text=TEXT):
    return Operator(QuantumCircuit.from_qasm_str(text)).data


def same(found, what, goal=None):
    """Up to a global phase."""
    goal = expected() if goal is None else goal
    overlap = abs(np.vdot(goal, found)) / len(goal)
    assert abs(overlap - 1) < 1e-9, f"{what}: overlap {overlap}"


def run(command, text, *arguments):
    with tempfile.TemporaryDirectory() as work:
        source = pathlib.Path(work) / "circuit.qasm"
        source.write_text(text)
        words = [str(source) if word == "FILE" else word for word in arguments]
        done = subprocess.run([*command, *words, "--json"], cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def distance(counts, circuit):
    """The total variation between counts and what the circuit gives, bit 0 leftmost in the counts."""
    weights = np.abs(expected(circuit)[:, 0]) ** 2
    shots = sum(counts.values())
    return sum(abs(counts.get(format(k, "03b")[::-1], 0) / shots - weight) for k, weight in enumerate(weights)) / 2


def braket(command):
    from braket.devices import LocalSimulator
    from braket.ir.openqasm import Program

    def simulated(program):
        result = LocalSimulator().run(Program(source=program), shots=SHOTS).result()
        order = [result.measured_qubits.index(qubit) for qubit in measured(program)]
        counts = {}
        for row in result.measurements:
            key = "".join(str(row[k]) for k in order)
            counts[key] = counts.get(key, 0) + 1
        return counts

    plain = run(command, MEASURED, "convert", "FILE", "--dialect", "braket")["qasm"]
    assert distance(simulated(plain), TEXT) < 0.02, plain
    for dialect in ["braket", "rigetti"]:
        for name, gates in MACHINES.items():
            if dialect == "rigetti" and name != "superconducting":
                continue
            with tempfile.TemporaryDirectory() as work:
                device = pathlib.Path(work) / "machine.toml"
                couplings = [[k, k + 1] for k in range(4)]
                device.write_text(f"name = {name!r}\ngates = {gates}\nnum_qubits = 5\ncouplings = {couplings}\n")
                options = ["--target", str(device), "--dialect", dialect, "--optimize", "3"]
                program = run(command, MEASURED, "compile", "FILE", *options)["qasm"]
            assert program.count("#pragma braket verbatim\nbox {") == 1 and "include" not in program, program
            inner = program.split("box {\n")[1].split("}")[0]
            found = {line.split("(")[0].split()[0] for line in inner.splitlines()}
            assert found <= {*gates, "rz"}, f"{found} in\n{program}"
            assert distance(simulated(program), TEXT) < 0.02, program
    return f"Braket: verbatim boxes of {len(MACHINES) + 1} machines run with the right distribution"


def measured(program):
    """The qubit of each bit in order."""
    rows = [line.split(" = measure ") for line in program.splitlines() if " = measure " in line]
    rows.sort(key=lambda row: int(row[0].split("[")[1].rstrip("]")))
    return [int(row[1].strip("$;").split("[")[-1].rstrip("];")) for row in rows]


def unitaries(command):
    """Gates as Amazon Braket defines them, each with its angles, against the same text read here."""
    from braket.circuits import Circuit
    from braket.ir.openqasm import Program

    checked = 0
    for text, qubits in [("gpi(0.3)", 1), ("gpi2(0.3)", 1), ("ms(0.3, -1.1, 0.9)", 2), ("prx(0.3, 1.2)", 1), ("iswap", 2), ("ecr", 2),
                         ("xx(0.4)", 2), ("yy(0.4)", 2), ("zz(0.4)", 2), ("cv", 2), ("v", 1), ("vi", 1), ("cphaseshift(0.7)", 2)]:
        names = ", ".join(f"q[{k}]" for k in range(qubits))
        program = f"OPENQASM 3.0;\nqubit[{qubits}] q;\n{text} {names};\n"
        theirs = Circuit.from_ir(Program(source=program)).to_unitary()
        ours = run(command, program, "unitary", "FILE")
        entries = np.array(ours["real"]) + 1j * np.array(ours["imaginary"])
        order = [int(format(k, f"0{qubits}b")[::-1], 2) for k in range(2**qubits)]
        same(theirs[np.ix_(order, order)], text, entries)
        checked += 1
    return f"Braket: {checked} gates are the matrices that they are here"


def quantinuum(command):
    from pytket.qasm import circuit_from_qasm_str

    program = run(command, TEXT, "convert", "FILE", "--dialect", "quantinuum", "--to", "qasm2")["qasm"]
    circuit = circuit_from_qasm_str(program)
    kinds = {str(gate.op.type).removeprefix("OpType.") for gate in circuit.get_commands()}
    assert kinds <= {"PhasedX", "Rz", "ZZPhase"}, kinds
    order = [int(format(k, "03b")[::-1], 2) for k in range(8)]
    same(circuit.get_unitary()[np.ix_(order, order)], "Quantinuum's dialect")
    whole = circuit_from_qasm_str(run(command, MEASURED, "convert", "FILE", "--dialect", "quantinuum", "--to", "qasm2")["qasm"])
    assert [bit.index for bit in whole.bits] == [[0], [1], [2]] and whole.n_gates_of_type(whole.get_commands()[-1].op.type) == 3
    message = f"Quantinuum: read by pytket as {', '.join(sorted(kinds))}, the same unitary"
    if importlib.util.find_spec("pytket.extensions.quantinuum"):
        from pytket.extensions.quantinuum import QuantinuumBackend
        from pytket.extensions.quantinuum.backends.api_wrappers import QuantinuumAPIOffline

        backend = QuantinuumBackend("H1-1", api_handler=QuantinuumAPIOffline())
        assert backend.valid_circuit(whole), "not native for H1-1"
        message += ", valid for its backend"
    else:
        message += "; pytket-quantinuum is not there, its check of backends is left out"
    return message


def ionq(command):
    from qiskit_ionq import GPI2Gate, GPIGate, MSGate
    from qiskit_ionq.helpers import qiskit_circ_to_ionq_circ

    job = json.loads(run(command, MEASURED, "convert", "FILE", "--to", "ionq-json")["qasm"])
    circuit = QuantumCircuit(job["input"]["qubits"], 3)
    for row in job["input"]["circuit"]:
        if row["gate"] == "ms":
            assert 0 <= row["angle"] <= 0.25 and all(abs(phase) <= 1 for phase in row["phases"]), row
            circuit.append(MSGate(*row["phases"], row["angle"]), row["targets"])
        else:
            assert abs(row["phase"]) <= 1, row
            circuit.append({"gpi": GPIGate, "gpi2": GPI2Gate}[row["gate"]](row["phase"]), [row["target"]])
    # the matrices of the package's own gates
    matrix = np.eye(8, dtype=complex)
    for row in circuit.data:
        wires = [circuit.find_bit(qubit).index for qubit in row.qubits]
        matrix = np.asarray(Operator(np.eye(8)).compose(Operator(np.asarray(row.operation)), qargs=wires).data) @ matrix
    same(matrix, "IonQ's JSON")
    for bit, qubit in enumerate(json.loads(job["metadata"]["measured"])):
        circuit.measure(qubit, bit)
    theirs, count, bits = qiskit_circ_to_ionq_circ(circuit, gateset="native")
    assert theirs == job["input"]["circuit"] and (count, bits) == (3, [0, 1, 2]), "the package writes another job"
    # OpenQASM of the dialect has the package's angles, and its definitions say what they do
    program = run(command, TEXT, "convert", "FILE", "--dialect", "ionq", "--to", "qasm2")["qasm"]
    same(expected(program), "IonQ's dialect")
    calls = [row.split("(")[1].split(")")[0] for row in program.splitlines() if row.startswith(("gpi", "ms("))]
    flat = [[row["phase"]] if "phase" in row else [*row["phases"], row["angle"]] for row in job["input"]["circuit"]]
    assert [[float(turns) for turns in call.split(",")] for call in calls] == flat
    return f"IonQ: {len(flat)} pulses, those that its package writes, with the unitary of its matrices"


def target(command):
    """A Target of Qiskit, written as the help of `qloom compile` says: what is compiled for it passes its check."""
    from qiskit.qasm3 import loads
    from qiskit_ibm_runtime.fake_provider import FakeFez
    from qiskit_ibm_runtime.utils.utils import is_isa_circuit

    t = FakeFez().target
    with tempfile.TemporaryDirectory() as work:
        file = pathlib.Path(work) / "target.json"
        with file.open("w") as out:
            json.dump({"description": t.description, "num_qubits": t.num_qubits, "dt": t.dt,
                       "qubit_properties": [q and {"t1": q.t1, "t2": q.t2} for q in t.qubit_properties or []],
                       "instructions": {n: [{"qargs": a, "duration": p and p.duration, "error": p and p.error}
                                            for a, p in t[n].items()] for n in t.operation_names}}, out)
        options = ["--target", str(file), "--dialect", "ibm", "--optimize", "3"]
        report = run(command, MEASURED, "compile", "FILE", *options)
    message = is_isa_circuit(loads(report["qasm"]), t)
    assert not message, message
    assert report["expected_error"] <= report["expected_error_without_calibration"] + 1e-9, report
    return f"Target: native on FakeFez, expected error {report['expected_error']:.3f}"


def main():
    command = sys.argv[1:] or ["cargo", "run", "--release", "--locked", "--quiet", "--"]
    checks = [("braket", braket), ("braket", unitaries), ("pytket", quantinuum), ("qiskit_ionq", ionq), ("qiskit_ibm_runtime", target)]
    for package, check in checks:
        if importlib.util.find_spec(package):
            print(check(command), flush=True)
        else:
            print(f"{package} is not there: the check of {check.__name__} is left out", flush=True)


if __name__ == "__main__":
    main()
