#!/usr/bin/env bash
# Builds the wheel, installs it in a fresh environment, and runs the quick half of the tests; the argument is a Python from 3.10 on.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
if ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))'; then
  echo "SKIPPED: the Python package needs Python 3.10 or later with venv; $python has none"
  exit 0
fi
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/env"
export PATH="$folder/env/bin:$PATH"
python -m pip install --quiet --disable-pip-version-check -r python/tests/requirements.txt
maturin build --release --locked --quiet --manifest-path python/Cargo.toml --out "$folder/wheels"
python -m pip install --quiet --disable-pip-version-check --no-deps "$folder"/wheels/*.whl
cd "$folder"
python -m pytest --quiet -p no:cacheprovider -W ignore "$root/python/tests"
python "$root/python/tests/fuzz.py" 10000
