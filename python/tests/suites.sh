#!/usr/bin/env bash
# The whole: our tests beside all packages, and the peers' own suites against our devices, primitives and estimators.
# The argument is a Python from 3.10 on; needs a package registry and half an hour on two busy cores. The output of a run is in suites.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-python3}
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1

"$python" -m venv "$folder/env"
export PATH="$folder/env/bin:$PATH"
python -m pip install --quiet --disable-pip-version-check -r python/tests/requirements.txt pennylane==0.45.1 pennylane-lightning==0.45.0 \
  pytest-mock flaky qiskit==2.6.2 qiskit-aer qiskit-qasm3-import ddt openfermion pytket cirq-core ply gymnasium
maturin build --release --locked --quiet --manifest-path python/Cargo.toml --out "$folder/wheels"
python -m pip install --quiet --disable-pip-version-check --no-deps "$folder"/wheels/*.whl

echo "== our tests"
(cd "$folder" && python -m pytest --quiet -p no:cacheprovider -W ignore "$root/python/tests" | tail -4)
(cd "$folder" && python "$root/python/tests/fuzz.py" 10000)

echo "== PennyLane's device tests"
cd "$folder"
for device in qloom.qubit lightning.qubit qloom.noisy default.mixed; do
  for shots in None 10000; do
    pl-device-test --device="$device" --shots="$shots" -q -rA --tb=no -p no:cacheprovider >"$device.$shots" 2>&1 || true
    echo "$device --shots=$shots: $(tail -1 "$device.$shots" | sed 's/, [0-9]* warnings.*//')"
  done
done
python "$root/python/tests/compare_suites.py" qloom.qubit lightning.qubit
python "$root/python/tests/compare_suites.py" qloom.noisy default.mixed
echo "what fails is tried again under a name with the word mixed in it:"
PYTHONPATH="$root/python/tests" pl-device-test --device=qloom.noisy --shots=None -q --tb=no -p no:cacheprovider -p mixed_plugin \
  -k "FlipSign or MottonenStatePreparation_state or BasisRotation" | tail -1

echo "== mid-circuit measurements by every method, and JAX"
python -m pip install --quiet --disable-pip-version-check 'jax[cpu]'
(cd "$folder" && python -m pytest --quiet -p no:cacheprovider -W ignore "$root/python/tests/test_pennylane_measure.py" "$root/python/tests/test_jax.py" | tail -1)

echo "== Qiskit's tests of primitives and backends"
python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary qiskit qiskit==2.6.2 -d "$folder/source"
tar -xzf "$folder"/source/qiskit-2.6.2.tar.gz -C "$folder" --strip-components=1 qiskit-2.6.2/test
for file in primitives/test_statevector_estimator primitives/test_statevector_sampler primitives/test_backend_estimator_v2 \
  primitives/test_backend_sampler_v2 providers/test_backend_v2; do
  PYTHONPATH="$root/python/tests:." python -m pytest -q -p qiskit_plugin -p no:cacheprovider -W ignore --tb=no "test/python/$file.py" >out 2>&1 || true
  echo "$file: $(tail -1 out)"
  grep -E "^(FAILED|SUBFAILED|SUBFAIL|runs of)" out || true
done

echo "== qiskit-machine-learning's tests of kernels and classifiers"
# those of the sampler of IBM's service are left out, as it is not ours; its package is imported by the files
python -m pip install --quiet --disable-pip-version-check qiskit-machine-learning==0.9.1 qiskit-ibm-runtime
python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary qiskit-machine-learning qiskit-machine-learning==0.9.1 -d "$folder/source"
mkdir learning
tar -xzf "$folder"/source/qiskit_machine_learning-0.9.1.tar.gz -C learning --strip-components=1
cd learning
for part in kernels state_fidelities primitives algorithms/classifiers; do
  PYTHONPATH="$root/python/tests:." python -m pytest -q -p qml_plugin -p no:cacheprovider -W ignore --tb=no -k "not runtime_sampler" "test/$part" >out 2>&1 || true
  echo "$part: $(tail -1 out)"
  grep -E "^(FAILED|runs)" out || true
done
echo "== $((SECONDS / 60)) minutes"
