#!/usr/bin/env bash
# Runs the searches of a table, one run folder for each file and seed, and compares them on one page. A run that has ended is left as it
# is and one that was cut goes on, so that the command can be stopped and given again.
#
#   experiments/search/run.sh systems [SEEDS] [FOLDER]   every file of this folder
#   experiments/search/run.sh agents  [SEEDS] [FOLDER]   every agent on the problems of agents/, at equal evaluations
#   experiments/search/run.sh measured [SEEDS] [FOLDER]  some of them, with the variety of good circuits and the quality of what is learnt from
#   experiments/search/run.sh horizon [SEEDS] [FOLDER]  the effective horizon of the problems, as JSON files
#   experiments/search/run.sh adversary [SEEDS] [FOLDER]  noise chosen against the learner, beside thresholds alone
#   experiments/search/run.sh replay [SEEDS] [FOLDER]    searches under noise that begin with what one without noise has learnt
#   experiments/search/run.sh together [SEEDS] [FOLDER]  one, two and three gates a decision
#   experiments/search/run.sh ansaetze [SEEDS] [FOLDER]  ADAPT-VQE, UCCSD and the hardware-efficient ansatz on the same problems
#   experiments/search/run.sh learner [SEEDS] [FOLDER]   each option of the agent that learns alone, on two of them
#   experiments/search/run.sh rewards [SEEDS] [FOLDER]   scores before fits, shaped and priced rewards, several gates a decision, on lih-4 and lih-6
#   experiments/search/run.sh minimisers [SEEDS] [FOLDER]  SPSA, Adam-SPSA and ZO-RankSGD at equal shots, H2 under noise
#   experiments/search/run.sh teachers [SEEDS] [FOLDER]  who chooses thresholds and budgets of gates, on the same two
#   experiments/search/run.sh episodes [SEEDS] [FOLDER]  starts, edits, gadgets, fits put off and kept, on the same two
set -euo pipefail
cd "$(dirname "$0")/../.."
table=${1:?systems, agents, measured, horizon, adversary, replay, together, ansaetze, learner, episodes, rewards, teachers or minimisers} seeds=${2:-5} folder=${3:-runs/$1}
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
    systems)
      for file in experiments/search/*.toml; do
        name=$(basename "$file" .toml)
        search "$name-$seed" "$name" --set "seed=$seed"
      done ;;
    agents | measured)
      names=(h2-4 h2o-8 lih-4 lih-6) measure=()
      agents=(local unguided annealing genetic scaled-dqn scaled-ppo scaled-mcts scaled-grpo scaled-stream-q scaled-evolution scaled-sqirl
        scaled-gflownet dqn stream-q ppo mcts random)
      if [ "$table" = measured ]; then
        names=(h2-4 lih-4 lih-6)
        agents=(scaled-gflownet scaled-sqirl local)
        measure=(--set 'search.measure={ variety = {}, experience = true }')
      fi
      for name in "${names[@]}"; do
        for agent in "${agents[@]}"; do
          scale=("${measure[@]}")
          case $agent in
            # with the actions and observations that the table `learner` has found best
            scaled-*)
              scale+=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8
                --set search.environment.observe.slopes=true) ;;
          esac
          case $agent in
            scaled-dqn) options='{ dqn = { epsilon_decay = 0.999, train_every = 1 } }' ;;
            local) options='{ local = { max_gates = 40 } }' ;;
            unguided) options='{ local = { max_gates = 40, choice = "random" } }' ;;
            annealing | genetic) options="{ $agent = { max_gates = 40 } }" ;;
            scaled-grpo) options='{ ppo = { advantage = "group" } }' ;;
            *) options="{ ${agent#scaled-} = {} }" ;;
          esac
          search "$name-$agent-$seed" "agents/$name" --set "seed=$seed" --set "search.agent=$options" --set "name=\"$name, $agent\"" "${scale[@]}"
        done
      done ;;
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
    learner)
      for name in lih-6 h2o-8; do
        for option in published slopes occupations threshold angles start steepest prioritised dueling restored unseen scale eager all; do
          agent='' options=()
          observe() { options+=(--set "search.environment.observe.$1=true"); }
          case $option in
            published) ;;
            slopes | occupations | threshold | angles) observe "$option" ;;
            start) options=(--set 'search.environment.start="basis-state"') ;;
            steepest) options=(--set search.environment.actions.steepest=8) ;;
            prioritised) agent='sampling = { prioritised = {} }' ;;
            dueling) agent='dueling = true' ;;
            restored) agent='restore = 0.5' options=(--set search.test.every=100) ;;
            unseen) options=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8) ;;
            scale | eager)
              [ "$option" = scale ] || agent='epsilon_decay = 0.999, train_every = 1'
              options=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8)
              observe slopes ;;
            all)
              agent='sampling = { prioritised = {} }, dueling = true, restore = 0.5'
              options=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8 --set search.test.every=100)
              for what in slopes occupations threshold angles; do observe $what; done ;;
          esac
          search "$name-$option-$seed" "agents/$name" --set "seed=$seed" --set "search.agent={ dqn = { $agent } }" \
            --set "name=\"$name, $option\"" --set search.evaluations="${EVALUATIONS:-50000}" "${options[@]}"
        done
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
    rewards)
      for name in lih-4 lih-6; do
        for option in published gradient promise eager eager-gradient eager-expressible eager-promise eager-priced eager-ordered eager-together \
          eager-novelty eager-novelty-pairs eager-unclipped eager-endless eager-exact; do
          agent='' options=()
          if [ "${option%%-*}" = eager ]; then
            agent='epsilon_decay = 0.999, train_every = 1'
            options=(--set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8
              --set search.environment.observe.slopes=true)
          fi
          case ${option#eager-} in
            gradient) options+=(--set 'search.environment.screen={ gradient = 1e-3 }') ;;
            expressible) options+=(--set 'search.environment.screen={ expressibility = 10.0 }') ;;
            promise) options+=(--set search.environment.reward.promise={}) ;;
            novelty) options+=(--set search.environment.reward.novelty={}) ;;
            novelty-pairs) options+=(--set 'search.environment.reward.novelty={ qubits = 2 }') ;;
            unclipped) options+=(--set 'search.environment.reward.clip="off"') ;;
            # the improvements alone
            endless) options+=(--set 'search.environment.reward={ success = 0.0, failure = 0.0 }') ;;
            exact) options+=(--set 'search.environment.target="exact"') ;;
            priced) options+=(--set 'search.environment.reward.price={ two_qubit_gates = 0.02 }') ;;
            ordered) options+=(--set 'search.environment.reward.order=["two-qubit-gates", "gates"]') ;;
            together)
              agent+=', together = 2'
              options+=(--set search.environment.fit.every=2 --set 'search.environment.fit.between="nothing"') ;;
          esac
          search "$name-$option-$seed" "agents/$name" --set "seed=$seed" --set "search.agent={ dqn = { $agent } }" \
            --set "name=\"$name, $option\"" --set search.evaluations="${EVALUATIONS:-50000}" "${options[@]}"
        done
      done ;;
    together)
      for name in h2-4 lih-4 lih-6; do
        for together in 1 2 3; do
          options=()
          # the gates of a decision are fitted as one
          [ "$together" = 1 ] || options=(--set "search.environment.fit.every=$together" --set 'search.environment.fit.between="nothing"')
          search "$name-together-$together-$seed" "agents/$name" --set "seed=$seed" --set "name=\"$name, together $together\"" \
            --set "search.agent={ dqn = { epsilon_decay = 0.999, train_every = 1, together = $together } }" \
            --set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8 \
            --set search.environment.observe.slopes=true --set search.evaluations="${EVALUATIONS:-50000}" "${options[@]}"
        done
      done ;;
    adversary)
      for name in h2 lih-4; do
        for teacher in moving fixed adversary; do
          options=()
          [ "$name" != h2 ] || options=(--set 'search.problem.hamiltonian.file="molecules/H2_0.7414_2q_checksum2.json"')
          case $teacher in
            fixed) options+=(--set 'search.teacher={ fixed = { thresholds = [0.05] } }') ;;
            adversary) options+=(--set 'search.teacher={ adversary = { threshold = 0.05, every = 5 } }') ;;
          esac
          search "$name-noise-$teacher-$seed" agents/lih-4 --set "seed=$seed" --set "name=\"$name, noise, $teacher\"" \
            --set 'search.agent={ dqn = { hidden = [64], epsilon_decay = 0.999, train_every = 1 } }' \
            --set 'search.simulator={ pauli-vector = { depolarizing = { one_qubit = 0.001, two_qubit = 0.01 } } }' \
            --set search.environment.max_gates=12 --set 'search.environment.target="exact"' --set search.evaluations="${EVALUATIONS:-200000}" "${options[@]}"
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
    teachers)
      for name in lih-4 lih-6; do
        for teacher in moving-threshold moving-exact fixed random alp-gmm riac self-paced budget-random budget-alp-gmm; do
          # thresholds mean something where the target is the exact energy
          options=(--set 'search.environment.target="exact"')
          space='threshold = [1e-8, 0.2]'
          [ "${teacher#budget-}" = "$teacher" ] || space+=', gates = [10, 37]'
          case $teacher in
            moving-threshold) options=() ;;
            moving-exact) ;;
            fixed) options+=(--set 'search.teacher={ fixed = { thresholds = [1e-8] } }') ;;
            *) options+=(--set "search.teacher={ ${teacher#budget-} = { space = { $space } } }") ;;
          esac
          search "$name-$teacher-$seed" "agents/$name" --set "seed=$seed" --set "name=\"$name, $teacher\"" \
            --set 'search.agent={ dqn = { epsilon_decay = 0.999, train_every = 1 } }' --set search.environment.observe.slopes=true \
            --set 'search.environment.start="basis-state"' --set search.environment.actions.steepest=8 \
            --set search.evaluations="${EVALUATIONS:-50000}" "${options[@]}"
        done
      done ;;
    minimisers)
      for minimizer in spsa adam-spsa rank-sgd; do
        for shots in 1e4 1e6; do
          # the hardware-efficient ansatz, fitted again and again; every energy has the same shots and no mitigation
          search "h2-$shots-$minimizer-$seed" ../h2-noisy --set "seed=$seed" --set "name=\"h2, $shots shots, $minimizer\"" \
            --set 'search.agent={ layers = { layers = 2 } }' --set "search.simulator.pauli-vector.shots=$shots" \
            --set 'search.simulator.pauli-vector.mitigation="none"' --set "search.minimizer={ $minimizer = {} }" \
            --set search.episodes=1000000 --set search.evaluations="${EVALUATIONS:-20000}"
        done
      done ;;
    *) echo "there is no table $table: take systems, agents, measured, horizon, adversary, replay, together, ansaetze, learner, episodes, rewards, teachers or minimisers" >&2; exit 2 ;;
  esac
done
[ "$table" != horizon ] || exit 0
"$qloom" report "${runs[@]}" --out "$folder/report.html" --csv "$folder/runs.csv"
