#!/usr/bin/env bash
# An array of twelve searches on a Slurm of one node, preempted and queued again at random, ends as the same searches one after the other.
#
#   tests/cluster/slurm.sh [PREEMPTIONS] [SEED]     needs Debian's slurm-wlm and munge, to be started as root; minutes, not part of the gate
#
# The cluster is made in a folder of its own, on ports of its own, and taken down at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
preemptions=${1:-8} seed=${2:-1}
for tool in munged slurmctld slurmd sbatch python3; do
  command -v "$tool" > /dev/null || { echo "skipped: $tool is not installed (Debian: slurm-wlm, munge)"; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: the daemons have to be started as root"; exit 0; }
qloom=$(realpath "${QLOOM:-target/release/qloom}")
[ -x "$qloom" ] || { echo "build it first: cargo build --release -p qloom-cli"; exit 2; }
work=$(mktemp -d)
chmod 755 "$work"
mkdir "$work"/{bin,munge,state,spool,log}
ln -s "$qloom" "$work/bin/qloom"
pids=()
down() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap down EXIT

# the cluster: one node, this one
head -c 1024 /dev/urandom > "$work/munge/key"
chmod 700 "$work/munge"
chmod 400 "$work/munge/key"
socket=$work/munge.socket
host=$(hostname -s) cores=$(nproc)
cat > "$work/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobRequeue=1
SchedulerParameters=sched_interval=1,sched_min_interval=0,requeue_delay=1
MinJobAge=600
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/log/slurmctld
SlurmdLogFile=$work/log/slurmd
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
export SLURM_CONF=$work/slurm.conf PATH=$work/bin:$PATH
munged --foreground --force --key-file="$work/munge/key" --socket="$socket" --pid-file="$work/munge/pid" --log-file="$work/munge/log" \
  --seed-file="$work/munge/seed" 2> "$work/log/munged" & pids+=($!)
for _ in $(seq 50); do [ -S "$socket" ] && break; sleep 0.1; done
slurmctld -D -c > /dev/null 2>&1 & pids+=($!)
slurmd -D -N "$host" > /dev/null 2>&1 & pids+=($!)
for _ in $(seq 60); do sinfo -h -o %T 2> /dev/null | grep -q idle && break; sleep 0.5; done
sinfo -h -o %T | grep -q idle || { echo "the node did not come up"; tail "$work"/log/*; exit 1; }

# twelve searches of some ten to thirty seconds each
cat > "$work/grid.toml" <<GRID
command = "search"
experiment = "$PWD/experiments/lih4.toml"
[axes]
seed = [1, 2, 3]
"search.agent" = [{ dqn = {} }, { dqn = { epsilon_decay = 0.999 } }, { ppo = {} }, { random = {} }]
"search.episodes" = [1000000]
"search.evaluations" = [${EVALUATIONS:-500000}]
GRID
echo "serial"
(cd "$work" && qloom sweep plan grid.toml --out serial > /dev/null && qloom sweep run serial --json > /dev/null)
echo "by Slurm, $preemptions preemptions"
cd "$work"
qloom sweep plan grid.toml --out array > /dev/null
qloom sweep slurm array --time 00:10:00 --before 60 > array.sh
grep -q -- '--array=0-11' array.sh
job=$(sbatch --parsable array.sh)
RANDOM=$seed
done_preemptions=0 attempts=0
for _ in $(seq "${PATIENCE:-1800}"); do
  mapfile -t queue < <(squeue -h -j "$job" -r -t all -o '%A %T' 2> /dev/null | grep -vE 'COMPLETED|FAILED|CANCELLED|TIMEOUT' || true)
  [ ${#queue[@]} -gt 0 ] || break
  mapfile -t running < <(printf '%s\n' "${queue[@]}" | awk '$2 == "RUNNING" { print $1 }')
  if [ "$done_preemptions" -lt "$preemptions" ] && [ ${#running[@]} -gt 0 ] && [ $((RANDOM % 2)) = 0 ]; then
    task=${running[RANDOM % ${#running[@]}]}
    # in turns: a warning as before the end of the time, after which the script queues itself, or taken off the node without one
    attempts=$((attempts + 1))
    if [ $((attempts % 2)) = 0 ]; then preempt=(scancel --batch --signal=USR1); else preempt=(scontrol requeue); fi
    # a task that ends just now cannot be preempted
    if "${preempt[@]}" "$task" 2>> "$work/log/preempt"; then
      echo "  ${preempt[0]} $task"
      done_preemptions=$((done_preemptions + 1))
    fi
  fi
  sleep 1
done
qloom sweep status array
[ "$done_preemptions" = "$preemptions" ] || { echo "only $done_preemptions preemptions: the runs were too short; raise EVALUATIONS"; exit 1; }
python3 - <<'PY'
import json, pathlib

def told(folder):
    """What the runs say, but for times and paths."""
    runs = {}
    for file in sorted(pathlib.Path(folder).glob("*/result.json")):
        run = file.parent
        result = json.loads(file.read_text())
        lines = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
        drop = lambda value: {key: part for key, part in value.items() if "seconds" not in key and key not in ("run", "qasm", "time", "report")}
        runs[run.name] = (drop(result), [drop(line) for line in lines], (run / "best.qasm").read_bytes())
    return runs

serial, array = told("serial"), told("array")
assert len(serial) == 12, f"{len(serial)} of 12 ended one after the other"
assert serial.keys() == array.keys(), "other runs"
different = [name for name in serial if serial[name] != array[name]]
assert not different, f"differ: {different}"
print("12 of 12 searches end with the same results, events and circuits")
PY
