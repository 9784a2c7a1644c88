#!/usr/bin/env bash
# The command line and the library on real MPI ranks, compared with one process: needs mpirun, takes about a minute once built.
set -euo pipefail
cd "$(dirname "$0")/../.."
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
export RAYON_NUM_THREADS=1

# CARGO_FLAGS: more for cargo, such as --config; both commands name the same packages and features, so that nothing is built twice
cargo build --release --locked ${CARGO_FLAGS:-} -p qloom-mpi -p qloom-cli --features qloom-mpi/cli
ranks_test=$(cargo test --release --locked ${CARGO_FLAGS:-} -p qloom-mpi -p qloom-cli --features qloom-mpi/cli --test ranks --no-run --message-format=json |
  python3 -c 'import json,sys; print([m["executable"] for m in map(json.loads, sys.stdin) if m.get("executable") and "test" in m["target"]["kind"]][-1])')
target=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work" <<'PY'
import json, math, sys
n, folder = 17, sys.argv[1]
head = f'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[{n}];\ncreg c[{n}];\n'
qft = [f"ry({0.1 + 0.05 * k}) q[{k}];" for k in range(n)]
for k in reversed(range(n)):
    qft.append(f"h q[{k}];")
    qft += [f"cu1({math.pi / 2 ** (k - j)}) q[{j}],q[{k}];" for j in range(k)]
qft += [f"swap q[{k}],q[{n - 1 - k}];" for k in range(n // 2)]
brick = []
for layer in range(4):
    brick += [f"u3({0.3 + 0.01 * k},{0.2 * layer},0.4) q[{k}];" for k in range(n)]
    brick += [f"cx q[{k}],q[{k + 1}];" for k in range(layer % 2, n - 1, 2)]
measured = [f"measure q[{k}] -> c[{k}];" for k in range(n)]
open(f"{folder}/qft.qasm", "w").write(head + "\n".join(qft))
open(f"{folder}/brick.qasm", "w").write(head + "\n".join(brick))
open(f"{folder}/measured.qasm", "w").write(head + "\n".join(brick + measured))
way = ["measure q[16] -> a[0];", "if(a==1) x q[0];", "reset q[15];", "ry(0.4) q[15];", "cx q[16],q[2];", "measure q[2] -> b[0];", "reset q[16];"]
way_head = f'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[{n}];\ncreg a[1];\ncreg b[2];\n'
open(f"{folder}/way.qasm", "w").write(way_head + "\n".join(brick + way + brick[:n] + ["measure q[15] -> b[1];"]))
open(f"{folder}/loop.qasm", "w").write('OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[17] q;\noutput int n;\nbit c = 1;\nwhile (c) { h q[16]; cx q[16], q[0]; c = measure q[16]; n += 1; }\n')
open(f"{folder}/bell.qasm", "w").write('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n')
open(f"{folder}/large.qasm", "w").write('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[46];\nh q;\nrx(0.3) q;\ncx q[0],q[45];\nrx(0.1) q;\nccx q[0],q[3],q[45];\n')
word = lambda letters: "".join(letters.get(k, "I") for k in range(n))
terms = [[word({k: "Z", k + 1: "Z"}), 1.0] for k in range(n - 1)] + [[word({k: "X"}), 0.7] for k in range(n)] + [["Y" * n, 0.2]]
json.dump({"n_qubits": n, "terms": terms}, open(f"{folder}/h.json", "w"))
n = 19
json.dump({"n_qubits": n, "terms": [[word({0: "Z", 18: "Z"}), 1.0], [word({18: "X"}), 0.7], [word({18: "Y", 3: "X"}), 0.3]]}, open(f"{folder}/few.json", "w"))
gates = ["ry(0.4) q[18];", "ry(0.7) q[0];", "cx q[0],q[18];", "rz(0.3) q[18];", "rx(0.2) q[3];", "rzz(0.6) q[3],q[18];"]
open(f"{folder}/few.qasm", "w").write(f'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[{n}];\n' + "\n".join(gates))
PY

# A report without what differs from run to run.
lasting='import json,sys
report = json.load(sys.stdin)
sent = report.pop("distribution", None)
for key in ("seconds", "plan_seconds"): report.pop(key, None)
print(json.dumps(report, sort_keys=True))'

for file in qft brick measured; do
  arguments=(simulate "$work/$file.qasm" --tile 9 --threads 1 --shots 500 --seed 3 --observable "$work/h.json" --amplitudes 8 --marginal 16,0,9 --json)
  "$target/qloom" "${arguments[@]}" | python3 -c "$lasting" >"$work/alone"
  for ranks in 1 2 4 8; do
    mpirun -n $ranks "$target/qloom-mpi" "${arguments[@]}" | python3 -c "$lasting" >"$work/together"
    cmp "$work/alone" "$work/together" || { echo "$file over $ranks ranks differs from one process"; exit 1; }
  done
  echo "$file: 1, 2, 4 and 8 ranks print what one process prints"
done

arguments=(simulate "$work/way.qasm" --tile 9 --threads 1 --shots 500 --seed 3 --observable "$work/h.json" --marginal 16,0,9 --json)
"$target/qloom" "${arguments[@]}" | python3 -c "$lasting" >"$work/alone"
for ranks in 1 2 4 8; do
  mpirun -n $ranks "$target/qloom-mpi" "${arguments[@]}" | python3 -c "$lasting" | cmp "$work/alone" -
done
echo "way: measurements, resets and conditions on the way over 1, 2, 4 and 8 ranks are those of one process"

arguments=(simulate "$work/loop.qasm" --threads 1 --shots 200 --seed 3 --json)
"$target/qloom" "${arguments[@]}" | python3 -c "$lasting" >"$work/alone"
mpirun -n 2 "$target/qloom-mpi" "${arguments[@]}" | python3 -c "$lasting" | cmp "$work/alone" -
echo "loop: every rank follows the whole of a program"

gradient=(gradient "$work/few.qasm" --observable "$work/few.json" --threads 1 --json)
"$target/qloom" "${gradient[@]}" | python3 -c "$lasting" >"$work/alone"
mpirun -n 2 "$target/qloom-mpi" "${gradient[@]}" | python3 -c "$lasting" | cmp "$work/alone" -
echo "gradient: 2 ranks print what one process prints"

for ranks in 1 2 4; do mpirun -n $ranks "$ranks_test"; done

mpirun -n 2 "$target/qloom-mpi" simulate "$work/bell.qasm" --json | python3 -c "$lasting" >"$work/together"
"$target/qloom" simulate "$work/bell.qasm" --json | python3 -c "$lasting" | cmp - "$work/together"
echo "bell: every rank holds the whole of a small state"

# Fails with this exit code and these words on standard error, soon.
fails() {
  local code=$1 words=$2 ended=0
  shift 2
  timeout 60 mpirun "$@" >"$work/out" 2>"$work/err" || ended=$?
  [ $ended -eq "$code" ] && grep -q "$words" "$work/err" || { echo "mpirun $*: exit code $ended, said:"; cat "$work/err"; exit 1; }
  [ "$(grep -c "$words" "$work/err")" -eq 1 ] || { echo "said more than once:"; cat "$work/err"; exit 1; }
  echo "refused: $(grep -m1 "$words" "$work/err" | cut -c1-110)"
}
sim=("$target/qloom-mpi" simulate)
fails 2 "power of two" -n 3 "${sim[@]}" "$work/qft.qasm"
fails 2 "reads another text" -n 1 "${sim[@]}" "$work/qft.qasm" : -n 1 "${sim[@]}" "$work/brick.qasm"
fails 2 "cannot read it" -n 1 "${sim[@]}" "$work/qft.qasm" : -n 1 "${sim[@]}" "$work/missing.qasm"
fails 2 "density matrices" -n 2 "${sim[@]}" "$work/way.qasm" --tile 9 --density 0
fails 2 "GiB a rank" -n 2 "${sim[@]}" "$work/large.qasm" --state state-vector
fails 2 "work together on simulate" -n 2 "$target/qloom-mpi" search nothing.toml

# A rank that dies takes the job with it.
mpirun -n 4 "${sim[@]}" "$work/brick.qasm" --tile 9 --threads 1 --repeat 1000000 >"$work/out" 2>"$work/err" &
job=$!
sleep 3
kill -9 "$(pgrep -P $job | tail -1)"
for _ in $(seq 40); do kill -0 $job 2>/dev/null || break; sleep 0.5; done
if kill -0 $job 2>/dev/null; then kill -9 $job; echo "the job hangs after a rank has died"; exit 1; fi
if wait $job; then echo "the job succeeds without a rank"; exit 1; fi
echo "a rank that dies ends the job"
