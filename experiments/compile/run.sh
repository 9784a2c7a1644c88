#!/usr/bin/env bash
# The table of compiled circuits: qloom at level 3 beside Qiskit's level 3 and pytket's default pass, on 156 qubits in heavy hexagons.
#
#     experiments/compile/run.sh [PYTHON] [FOLDERS OF QASM FILES...]
#
# PYTHON has the packages of tests/interop/requirements.txt. Without folders the circuits of generate.py are compiled, and those of
# ../shared/data/qasm where that is there. Writes compile.md beside this file; pytket needs about ten minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
shift || true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folders=("$@")
if [ ${#folders[@]} = 0 ]; then
    "$python" experiments/compile/generate.py "$work/generated"
    folders=("$work/generated")
    if [ -d ../shared/data/qasm ]; then folders=(../shared/data/qasm "${folders[@]}"); fi
fi
files=()
for folder in "${folders[@]}"; do files+=("$folder"/*.qasm); done
cargo build --release --locked --quiet -p qloom-hardware --example compile_qasm
compile=target/release/examples/compile_qasm
"$compile" heron 3 0 target >"$work/machine.json"
"$compile" heron 3 0 "${files[@]}" >"$work/ours.jsonl"
large=()
for name in random_n50_10000 qft_n63 square_root_n45; do
    for file in "${files[@]}"; do if [ "$(basename "$file")" = "$name.qasm" ]; then large+=("$file"); fi; done
done
if [ ${#large[@]} -gt 0 ]; then "$compile" heron 2 0 "${large[@]}" >"$work/level2.jsonl"; fi
# one thread each: seconds are CPU time
RAYON_NUM_THREADS=1 "$python" experiments/compile/peers.py "$work/machine.json" "${files[@]}" >"$work/peers.jsonl"
{
    echo "# Compiled circuits beside Qiskit and pytket"
    echo
    echo "Two-qubit gates / two-qubit depth / depth for \`heron\` (156 qubits, rz, sx, x, cz), qloom level 3 and seed 0, Qiskit"
    echo "\`optimization_level=3\` and seed 0, pytket's default pass of its extension for IBM's machines; $(head -1 "$work/peers.jsonl" | tr -d '{}\"')."
    echo "Rotations about Z are virtual and take no layer. Seconds are CPU time of one thread on $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)."
    echo "Circuits of 25 qubits and more are made by \`generate.py\` as their family defines them: they are not QASMBench's own files."
    echo "qft_n63 has controlled phases down to pi/2^62; qloom keeps all above 1e-12, Qiskit at level 3 leaves out those from pi/2^15 down (a single"
    echo "\`cp\` of pi/2^14 becomes two cz, of pi/2^15 none), which is most of them."
    echo "\`experiments/compile/run.sh\` writes this file."
    if [ -s "$work/level2.jsonl" ]; then
        "$python" - "$work/level2.jsonl" <<'LEVEL2'
import json, pathlib, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
told = [f"{pathlib.Path(row['file']).stem} {row['seconds']:.1f} s ({row['two_qubit_gates']} / {row['two_qubit_depth']} / {row['depth']})" for row in rows]
print("At level 2: " + ", ".join(told) + ".")
LEVEL2
    fi
    echo
    "$python" experiments/compile/table.py "$work/ours.jsonl" "$work/peers.jsonl"
} >experiments/compile/compile.md
