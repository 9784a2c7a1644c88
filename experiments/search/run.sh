#!/usr/bin/env bash
# Runs the searches of tables that need something first, one run folder for each file and seed, and compares them on one page. A run that has ended
# is left as it is and one that was cut goes on, so that the command can be stopped and given again. The other tables are grids in
# experiments/sweeps.
#
#   experiments/search/run.sh horizon [SEEDS] [FOLDER]  the effective horizon of the problems, as JSON files
#   experiments/search/run.sh replay [SEEDS] [FOLDER]    searches under noise that begin with what one without noise has learnt
#   experiments/search/run.sh ansaetze [SEEDS] [FOLDER]  ADAPT-VQE, UCCSD and the hardware-efficient ansatz on the same problems
#   experiments/search/run.sh episodes [SEEDS] [FOLDER]  starts, edits, gadgets, fits put off and kept
set -euo pipefail
cd "$(dirname "$0")/../.."
table=${1:?horizon, replay, ansaetze or episodes} seeds=${2:-5} folder=${3:-runs/$1}
qloom=${QLOOM:-target/release/qloom}
[ -x "$qloom" ] || cargo build --release -p qloom-cli
mkdir -p "$folder"
runs=()

# search NAME FILE OPTIONS...: one run
search() {
  local run="$folder/$1" file="experiments/search/$2.toml"
  shift 2
  if [ ! -e "$run" ]; then
    "$qloom" search "$file" --out "$run" "$@" --json >/dev/null
  elif [ ! -e "$run/result.json" ]; then
    "$qloom" search --resume "$run" --json >/dev/null
  fi
  runs+=("$run")
}

# pool PROBLEM KIND: sets `pool` and `hamiltonian`, options of a search; excitations of qubits are of the Jordan-Wigner encoding
pool() {
  local molecule encoding=()
  case $1 in
    h2-4) molecule=H2_0.70 hamiltonian=H2_0.70_4q_jw ;;
    lih-4) molecule=LiH_3.4 hamiltonian=LiH_3.4_4q_parity_2qr encoding=(--mapping parity --two-qubit-reduction) ;;
    lih-6) molecule=LiH_2.2 hamiltonian=LiH_2.2_6q_parity_blocked encoding=(--mapping parity --order blocked) ;;
    h2o-8) molecule=H2O_cas44_bohr hamiltonian=H2O_cas44_bohr_8q_jw ;;
  esac
  if [ "$2" != uccsd ] && [ "${molecule%%_*}" = LiH ]; then
    hamiltonian=${molecule}_6q_jw encoding=()
  fi
  local file="$folder/pool-$1-$2.json"
  [ -e "$file" ] || "$qloom" hamiltonian ansatz "data/molecules/fcidump/$molecule.FCIDUMP" --kind "$2" "${encoding[@]}" --pool "$file" >/dev/null
  pool="search.problem.hamiltonian.pool=\"$(realpath "$file")\""
  hamiltonian="search.problem.hamiltonian.file=\"molecules/$hamiltonian.json\""
}

# ansatz PROBLEM NAME SEED AGENT [KIND]: one run of an ansatz, with a pool of this kind if it takes one
ansatz() {
  local options=()
  if [ $# -gt 4 ]; then
    pool "$1" "$5"
    options=(--set "$pool" --set "$hamiltonian")
  fi
  search "$1-$2-$3" "agents/$1" --set "seed=$3" --set "search.agent={ $4 }" --set "name=\"$1, $2\"" "${options[@]}"
}

# prior NAME FILE OPTIONS...: a run that others begin with, which is in no table
prior() {
  search "$@"
  unset 'runs[-1]'
}

if [ "$table" = episodes ]; then
  # gadgets of another molecule of another size, and a circuit to go on with from few evaluations
  mined=()
  for seed in 1 2 3; do
    prior "prior-lih-4-$seed" agents/lih-4 --set "seed=$seed" --set 'search.agent={ local = { max_gates = 40 } }' --set search.evaluations=20000
    mined+=("$folder/prior-lih-4-$seed")
  done
  [ -e "$folder/gadgets.json" ] || "$qloom" search gadgets "${mined[@]}" --out "$folder/gadgets.json" >/dev/null
  for name in lih-6 h2o-8; do
    prior "prior-$name" "agents/$name" --set 'search.agent={ local = { max_gates = 20 } }' --set search.evaluations=500
  done
  gadgets=$(realpath "$folder/gadgets.json")
fi

for seed in $(seq "$seeds"); do
  case $table in
    ansaetze)
      for name in h2-4 lih-4 lih-6 h2o-8; do
        # these draw nothing: one seed is all
        if [ "$seed" = 1 ]; then
          ansatz "$name" hartree-fock 1 'product = { layers = 0 }'
          ansatz "$name" uccsd 1 'product = {}' uccsd
          ansatz "$name" adapt-fermionic 1 'adapt = { gradient = 1e-5 }' uccsd
          ansatz "$name" adapt-qubit 1 'adapt = { gradient = 1e-5 }' qubit-excitation
          ansatz "$name" adapt-exchange 1 'adapt = { gradient = 1e-5 }' coupled-exchange
          ansatz "$name" qubit-adapt 1 'adapt = { pool = "strings", gradient = 1e-5 }'
        fi
        ansatz "$name" layers "$seed" 'layers = { layers = 2 }'
      done ;;
    episodes)
      for name in lih-6 h2o-8; do
        begun=$(realpath "$folder/prior-$name/best.qasm")
        for option in published matrix wide trainable continued fixed edits gadgets new-angles unfitted cache \
          eager eager-matrix eager-wide eager-continued eager-edits eager-gadgets eager-new-angles eager-unfitted eager-cache; do
          agent='' options=()
          if [ "${option%%-*}" = eager ]; then
            agent='epsilon_decay = 0.999, train_every = 1'
            options=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8
              --set search.environment.observe.slopes=true)
          fi
          case ${option#eager-} in
            matrix) options+=(--set 'search.environment.start={ matrix-product = { fixed = true } }') ;;
            wide) options+=(--set 'search.environment.start={ matrix-product = { bond = 4, layers = 3, fixed = true } }') ;;
            # the start is counted, and has up to 46 gates
            trainable) options+=(--set 'search.environment.start={ matrix-product = {} }' --set search.environment.max_gates=86) ;;
            continued) options+=(--set "search.environment.start={ qasm = { file = \"$begun\" } }") ;;
            fixed) options+=(--set "search.environment.start={ qasm = { file = \"$begun\", fixed = true } }") ;;
            edits) options+=(--set 'search.environment.actions.edits=["delete-last", "delete-cheapest", "replace-cheapest"]') ;;
            gadgets) options+=(--set "search.environment.actions.gadgets={ file = \"$gadgets\" }") ;;
            new-angles) options+=(--set search.environment.fit.every=4) ;;
            unfitted) options+=(--set search.environment.fit.every=4 --set 'search.environment.fit.between="nothing"') ;;
            cache) options+=(--set search.objective.cache={}) ;;
          esac
          search "$name-$option-$seed" "agents/$name" --set "seed=$seed" --set "search.agent={ dqn = { $agent } }" \
            --set "name=\"$name, $option\"" --set search.evaluations="${EVALUATIONS:-50000}" "${options[@]}"
        done
      done ;;
    replay)
      # the searches under noise of `adversary`, that begin with nothing or with what a search without noise has learnt
      common=(--set "seed=$seed" --set 'search.agent={ dqn = { hidden = [64], epsilon_decay = 0.999, train_every = 1 } }'
        --set search.environment.max_gates=12 --set 'search.environment.target="exact"')
      prior "prior-lih-4-$seed" agents/lih-4 "${common[@]}" --set search.evaluations=50000
      before=$(realpath "$folder/prior-lih-4-$seed")
      for what in nothing sure weights replay both; do
        # what is known already is of use only where few draws are blind
        options=(--set search.agent.dqn.epsilon_start=0.2)
        [ "$what" != nothing ] || options=()
        case $what in weights | both) options+=(--set "begin.weights=\"$before/policy.safetensors\"") ;; esac
        case $what in replay | both) options+=(--set "begin.replay=\"$before\"") ;; esac
        search "lih-4-begin-$what-$seed" agents/lih-4 "${common[@]}" --set "name=\"lih-4, begins with $what\"" \
          --set 'search.simulator={ pauli-vector = { depolarizing = { one_qubit = 0.001, two_qubit = 0.01 } } }' \
          --set search.evaluations="${EVALUATIONS:-100000}" "${options[@]}"
      done ;;
    horizon)
      [ "$seed" = 1 ] || continue
      for name in h2-4 lih-4 lih-6; do
        for scale in published scaled; do
          options=()
          [ "$scale" = published ] || options=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8)
          file="$folder/$name-$scale.json"
          [ -e "$file" ] || "$qloom" search horizon "experiments/search/agents/$name.toml" --set 'search.environment.target="exact"' \
            --iterations 1 --rollouts 8 --runs 3 --evaluations "${EVALUATIONS:-2000000}" "${options[@]}" --json >"$file.part"
          [ -e "$file" ] || mv "$file.part" "$file"
        done
      done ;;
    *) echo "there is no table $table: take horizon, replay, ansaetze or episodes; the others are grids in experiments/sweeps" >&2; exit 2 ;;
  esac
done
[ "$table" != horizon ] || exit 0
"$qloom" report "${runs[@]}" --out "$folder/report.html" --csv "$folder/runs.csv"
