#!/usr/bin/env bash
# Runs the searches of a table, one run folder for each file and seed, and compares them on one page. A run that has ended is left as it
# is and one that was cut goes on, so that the command can be stopped and given again.
#
#   experiments/search/run.sh systems [SEEDS] [FOLDER]   every file of this folder
#   experiments/search/run.sh agents  [SEEDS] [FOLDER]   every agent on the problems of agents/, at equal evaluations
set -euo pipefail
cd "$(dirname "$0")/../.."
table=${1:?systems or agents} seeds=${2:-5} folder=${3:-runs/$1}
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

for seed in $(seq "$seeds"); do
  case $table in
    systems)
      for file in experiments/search/*.toml; do
        name=$(basename "$file" .toml)
        search "$name-$seed" "$name" --set "seed=$seed"
      done ;;
    agents)
      for file in experiments/search/agents/*.toml; do
        name=$(basename "$file" .toml)
        for agent in local unguided annealing genetic dqn random; do
          case $agent in
            local) options='{ local = { max_gates = 40 } }' ;;
            unguided) options='{ local = { max_gates = 40, choice = "random" } }' ;;
            annealing | genetic) options="{ $agent = { max_gates = 40 } }" ;;
            *) options="{ $agent = {} }" ;;
          esac
          search "$name-$agent-$seed" "agents/$name" --set "seed=$seed" --set "search.agent=$options" --set "name=\"$name, $agent\""
        done
      done ;;
    *) echo "there is no table $table: take systems or agents" >&2; exit 2 ;;
  esac
done
"$qloom" report "${runs[@]}" --out "$folder/report.html" --csv "$folder/runs.csv"
