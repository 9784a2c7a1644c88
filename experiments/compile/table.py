"""A Markdown table of compiled sizes: qloom beside Qiskit and pytket.

    python experiments/compile/table.py ours.jsonl peers.jsonl > table.md

Every cell is two-qubit gates / two-qubit depth / depth. Depth counts what a machine's pulses do: rotations about Z are virtual.
"""

import json
import pathlib
import statistics
import sys

KEYS = ("two_qubit_gates", "two_qubit_depth", "depth")
NAMES = ("two-qubit gates", "two-qubit depth", "depth")


def rows(path):
    lines = (json.loads(line) for line in pathlib.Path(path).read_text().splitlines())
    return [row for row in lines if "file" in row]


def cell(row):
    return " / ".join(str(row[key]) for key in KEYS) if row else "-"


def seconds(row):
    return f"{row['seconds']:.2f}" if row else "-"


def ratio(ours, theirs):
    return ours / theirs if theirs else 1.0 if ours == 0 else float("inf")


def main():
    ours = {pathlib.Path(row["file"]).stem: row for row in rows(sys.argv[1])}
    peers = {(row["compiler"], row["file"]): row for row in rows(sys.argv[2])}
    print("| circuit | qloom | Qiskit | pytket | qloom, s | Qiskit, s | pytket, s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    ratios = {(name, key): [] for name in ("Qiskit", "pytket", "the better") for key in KEYS}
    for name, own in ours.items():
        qiskit, pytket = peers.get(("qiskit", name)), peers.get(("pytket", name))
        print(f"| {name} | {cell(own)} | {cell(qiskit)} | {cell(pytket)} | {seconds(own)} | {seconds(qiskit)} | {seconds(pytket)} |")
        for key in KEYS:
            known = [row[key] for row in (qiskit, pytket) if row]
            for other, value in (("Qiskit", qiskit and qiskit[key]), ("pytket", pytket and pytket[key]), ("the better", min(known, default=None))):
                if value is not None:
                    ratios[other, key].append((ratio(own[key], value), name))
    print()
    print("| against | what | circuits | median ratio | fewer | as many | more | largest ratio | where more |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---|")
    for (other, key), list_ in ratios.items():
        if not list_:
            continue
        values = [value for value, _ in list_]
        more = [name for value, name in list_ if value > 1]
        fewer = sum(value < 1 for value in values)
        print(
            f"| {other} | {NAMES[KEYS.index(key)]} | {len(values)} | {statistics.median(values):.3f} | {fewer} | "
            f"{len(values) - fewer - len(more)} | {len(more)} | {max(values):.3f} | {', '.join(more)} |"
        )


if __name__ == "__main__":
    main()
