#!/usr/bin/env bash
# What other tools make of exported files; the argument is a Python that has requirements.txt installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo run --release --locked --quiet --package qloom-circuits --example export_gates -- "$folder/gates"
"$python" tests/interop/check.py "$folder/gates"
"$python" tests/interop/gates.py "$folder/gates"
cargo run --release --locked --quiet -- search experiments/h2.toml --out "$folder/h2" >/dev/null
"$python" tests/interop/energy.py "$folder/h2"
"$python" tests/interop/noise.py "$folder"
"$python" tests/interop/compiler.py
bash python/tests/quick.sh "$python"
