"""Compiles OpenQASM 2 files with Qiskit (level 3) and pytket (the default pass of its extension for IBM's machines).

    python experiments/compile/peers.py machine.json FILES... > peers.jsonl

Needs the packages qiskit and pytket-qiskit. Prints one JSON object a file and compiler: two-qubit gates, depths and CPU seconds.
"""

import json
import pathlib
import sys
import time

import qiskit
import pytket
from pytket.architecture import Architecture
from pytket.backends.backendinfo import BackendInfo
from pytket.circuit import OpType
from pytket.extensions.qiskit import qiskit_to_tk, tk_to_qiskit
from pytket.extensions.qiskit.backends.ibm import IBMQBackend
from qiskit import qasm2, transpile
from qiskit.transpiler import CouplingMap


# Gates up to which pytket is run.
LARGEST = 15_000


def inner(operation):
    """The operations of both branches of a condition."""
    for block in operation.blocks:
        if block is not None:
            for instruction in block.data:
                yield instruction.operation


def is_two_qubit(operation):
    if operation.name == "if_else":
        return any(is_two_qubit(other) for other in inner(operation))
    return operation.num_qubits == 2 and operation.name not in ("barrier", "delay")


def takes_time(operation):
    return operation.name not in ("barrier", "delay", "rz")


def depth(circuit, counts):
    """Layers when every operation that `counts` takes one, and starts as soon as its qubits and bits are free."""
    free = {}
    for instruction in circuit.data:
        wires = list(instruction.qubits) + list(instruction.clbits)
        end = max((free.get(wire, 0) for wire in wires), default=0) + int(counts(instruction.operation))
        for wire in wires:
            free[wire] = end
    return max(free.values(), default=0)


def measured(circuit, seconds, name, path):
    count = 0
    for instruction in circuit.data:
        if instruction.operation.name == "if_else":
            count += sum(is_two_qubit(operation) for operation in inner(instruction.operation))
        else:
            count += is_two_qubit(instruction.operation)
    return {
        "file": path.stem,
        "compiler": name,
        "two_qubit_gates": count,
        "two_qubit_depth": depth(circuit, is_two_qubit),
        "depth": depth(circuit, takes_time),
        "seconds": seconds,
    }


def by_qiskit(circuit, machine):
    pairs = machine["couplings"]
    coupling = CouplingMap(pairs + [[b, a] for a, b in pairs])
    return transpile(
        circuit, basis_gates=machine["gates"], coupling_map=coupling, optimization_level=3, seed_transpiler=0
    )


def pytket_pass(machine):
    gates = {OpType.Rz, OpType.SX, OpType.X, OpType.CZ, OpType.Measure, OpType.Reset, OpType.Barrier}
    info = BackendInfo("machine", machine["name"], "1", Architecture([tuple(pair) for pair in machine["couplings"]]), gates)
    return IBMQBackend.pass_from_info(info, optimisation_level=2)


def main():
    machine = json.loads(pathlib.Path(sys.argv[1]).read_text())
    print(json.dumps({"qiskit": qiskit.__version__, "pytket": pytket.__version__}), flush=True)
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        circuit = qasm2.load(path, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        start = time.process_time()
        compiled = by_qiskit(circuit, machine)
        print(json.dumps(measured(compiled, time.process_time() - start, "qiskit", path)), flush=True)
        if circuit.size() > LARGEST:
            print(f"{path.stem}: pytket is left out above {LARGEST} gates, where it takes more than ten minutes", file=sys.stderr)
            continue
        start = time.process_time()
        try:
            other = qiskit_to_tk(circuit)
            pytket_pass(machine).apply(other)
            compiled = tk_to_qiskit(other)
        except Exception as error:  # what the reader of pytket or its passes do not take
            print(f"{path.stem}: pytket: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        print(json.dumps(measured(compiled, time.process_time() - start, "pytket", path)), flush=True)


if __name__ == "__main__":
    main()
