"""Compares compiled two-qubit counts with Qiskit's optimisation level 3 on the same machine.

    target/release/examples/compile_qasm heron 3 0 FILES... > ours.jsonl
    target/release/examples/compile_qasm heron 3 0 target > machine.json
    python tests/interop/compile_counts.py machine.json ours.jsonl

Prints a Markdown table. Needs the package qiskit.
"""

import json
import pathlib
import statistics
import sys
import time

import qiskit
from qiskit import qasm2, transpile
from qiskit.transpiler import CouplingMap


def main():
    machine = json.loads(pathlib.Path(sys.argv[1]).read_text())
    rows = [json.loads(line) for line in pathlib.Path(sys.argv[2]).read_text().splitlines()]
    pairs = machine["couplings"]
    coupling = CouplingMap(pairs + [[b, a] for a, b in pairs])
    print(f"| circuit | qubits | here | Qiskit {qiskit.__version__} | ratio | here, s | Qiskit, s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    ratios = []
    for row in rows:
        path = pathlib.Path(row["file"])
        circuit = qasm2.load(path, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        start = time.perf_counter()
        compiled = transpile(
            circuit, basis_gates=machine["gates"], coupling_map=coupling, optimization_level=3, seed_transpiler=0
        )
        seconds = time.perf_counter() - start
        count = 0
        for instruction in compiled.data:
            operation = instruction.operation
            if operation.name == "if_else":
                blocks = [block for block in operation.blocks if block is not None]
                count += sum(inner.operation.num_qubits == 2 for block in blocks for inner in block.data)
            elif operation.num_qubits == 2 and operation.name not in ("barrier",):
                count += 1
        ours = row["two_qubit_gates"]
        ratio = 1.0 if ours == count else ours / count if count else float("inf")
        ratios.append(ratio)
        print(
            f"| {path.stem} | {row['qubits']} | {ours} | {count} | {ratio:.3f} | {row['seconds']:.3f} | {seconds:.3f} |"
        )
    worse = sum(ratio > 1 for ratio in ratios)
    better = sum(ratio < 1 for ratio in ratios)
    print()
    print(
        f"Median ratio {statistics.median(ratios):.3f} over {len(ratios)} circuits; fewer gates in {better}, "
        f"as many in {len(ratios) - worse - better}, more in {worse}; largest ratio {max(ratios):.3f}."
    )


if __name__ == "__main__":
    main()
