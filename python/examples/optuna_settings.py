"""Settings of the agent that learns, chosen by Optuna on some seeds; any number of processes may share the journal. Judge them on others.

    pip install qloom optuna; python optuna_settings.py [JOURNAL [TRIALS]]
"""

import statistics
import sys

import optuna
import qloom

ISING = qloom.PauliSum({"ZZI": -1.0, "IZZ": -1.0, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})


def energy(agent, seeds):
    searches = [qloom.Search(ISING, {"episodes": 15, "agent": {"dqn": agent}, "environment": {"max_gates": 8}}, seed=seed) for seed in seeds]
    for search in searches:
        search.run()
    return statistics.median(search.best()["energy"] for search in searches)


def objective(trial):
    rate, decay = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True), trial.suggest_float("epsilon_decay", 0.9, 0.999)
    return energy({"learning_rate": rate, "epsilon_decay": decay}, seeds=[101, 102])


if __name__ == "__main__":
    file = sys.argv[1] if len(sys.argv) > 1 else "qloom.journal"
    trials = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(file))
    study = optuna.create_study(study_name="agent", storage=storage, load_if_exists=True, sampler=optuna.samplers.TPESampler(seed=1))
    study.optimize(objective, n_trials=trials)
    print("chosen on seeds 101 and 102:", study.best_params, study.best_value)
    print("on seeds 1 to 3:", energy(study.best_params, [1, 2, 3]), "default:", energy({}, [1, 2, 3]))
