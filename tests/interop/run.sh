#!/usr/bin/env bash
# What other tools make of exported files; the argument is a Python that has requirements.txt installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
folder=$(mktemp -d)
package=
trap 'kill $package 2>/dev/null || true; rm -rf "$folder"' EXIT
# the program and the example as `cargo test` builds them, so that after the tests nothing is built again
cargo test --release --locked --quiet ${CARGO_FLAGS:-} --no-run
built=$(realpath "${CARGO_TARGET_DIR:-target}/release")
# the package is built and tested beside the other checks, which take one core
bash python/tests/quick.sh "$python" >"$folder/package.log" 2>&1 &
package=$!
"$built/examples/export_gates" "$folder/gates"
"$python" tests/interop/check.py "$folder/gates"
"$python" tests/interop/gates.py "$folder/gates"
"$built/qloom" search experiments/h2.toml --out "$folder/h2" >/dev/null
"$python" tests/interop/energy.py "$folder/h2"
"$python" tests/interop/noise.py "$folder" "$built/qloom"
"$python" tests/interop/compiler.py "$built/qloom"
# amazon-braket-sdk, qiskit-ionq and pytket-quantinuum are checked where they are installed
"$python" tests/interop/clouds.py "$built/qloom"
passed=0
wait "$package" || passed=$?
package=
cat "$folder/package.log"
exit "$passed"
