"""Optimisers of a variational classifier at equal runs of circuits, from the root of the project:

python3 experiments/natural_classifier.py tune [QLOOM] > settings.json
python3 experiments/natural_classifier.py test [QLOOM] < settings.json

A device runs for a row one circuit for its scores, two for the slope of each weight, one for each layer of a diagonal or block-diagonal metric, and
beside that one for each pair of weights of different layers of an exact one. `simulated` counts as `qloom search` does: a gradient is
one run and a metric one for each weight. `tune` chooses settings on seeds 11 to 13, `test` runs them on seeds 1 to 5.
"""

import itertools
import json
import statistics
import subprocess
import sys

FILE = "experiments/natural_classifier.toml"
IRISES = {"weights": 18, "layers": 6, "set": []}
ADHOC = {
    "weights": 12,
    "layers": 6,
    "set": [
        'train.data.table={ file = "classification/adhoc_train.csv", test_file = "classification/adhoc_test.csv" }',
        'train.model.variational.map={ zz = { reps = 2, entanglement = "full" } }',
        'train.model.variational.readout="parity"',
    ],
}
DATA = {"irises": IRISES, "adhoc": ADHOC}
EPOCHS = 60  # of Adam; all others have as many runs of circuits
RATES = [0.02, 0.05, 0.1, 0.2, 0.4]
DAMPINGS = [1e-3, 1e-2, 1e-1]
KINDS = ["exact", "block-diagonal", "diagonal"]


def runs(data, method, count):
    """Runs of circuits for a row: a gradient, and the metric."""
    weights, layers = data["weights"], data["layers"]
    gradient = 1 + 2 * weights if count == "device" else 1
    if method not in KINDS:
        return gradient
    if count == "simulated":
        return gradient + weights
    layer = weights // layers
    between = (weights * (weights - 1) - layers * layer * (layer - 1)) // 2
    return gradient + layers + (between if method == "exact" else 0)


def optimizer(method, setting):
    """The TOML of an optimiser."""
    if method in KINDS:
        rate, damping = setting
        return f'{{ natural-gradient = {{ learning_rate = {rate}, damping = {damping}, metric = "{method}" }} }}'
    if method == "lbfgs":
        return f"{{ lbfgs = {{ max_evaluations = {EPOCHS} }} }}"
    return f"{{ {method} = {{ learning_rate = {setting} }} }}"


def trained(program, data, method, setting, count, seed):
    """The report of a run."""
    epochs = max(1, round(EPOCHS * runs(data, "adam", count) / runs(data, method, count)))
    sets = [*data["set"], f"seed={seed}", f"train.model.variational.optimizer={optimizer(method, setting)}"]
    sets.append(f"train.model.variational.epochs={100 if method == 'lbfgs' else epochs}")
    command = [program, "train", FILE, "--json", *itertools.chain.from_iterable(("--set", text) for text in sets)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def settings(method):
    """What is tried of a method."""
    if method == "lbfgs":
        return [None]
    return list(itertools.product(RATES, DAMPINGS)) if method in KINDS else RATES


METHODS = ["adam", "rmsprop", "lbfgs", *KINDS]


def chosen(program, data, method, count):
    """The setting of the least mean loss on the seeds for choosing."""
    def loss(setting):
        return statistics.mean(trained(program, data, method, setting, count, seed)["loss"] for seed in (11, 12, 13))

    return min(settings(method), key=loss)


def table(program, choices):
    """The rows of the page."""
    for name, data in DATA.items():
        for count in ("device", "simulated"):
            print(f"\n{name}, {count}: {EPOCHS} x rows x {runs(data, 'adam', count)} runs\n")
            print("| optimiser | rate, damping | epochs | loss, median (range) | test accuracy, median (range) | seconds |")
            print("| --- | --- | ---: | ---: | ---: | ---: |")
            for method, setting in choices[f"{name} {count}"].items():
                reports = [trained(program, data, method, setting, count, seed) for seed in range(1, 6)]
                columns = [[report[key] for report in reports] for key in ("loss", "test_accuracy")]
                middle = [f"{statistics.median(x):.3f} ({min(x):.3f} to {max(x):.3f})" for x in columns]
                epochs = sorted(report["epochs"] for report in reports)
                shown = f"{epochs[0]} to {epochs[-1]}" if epochs[0] != epochs[-1] else epochs[0]
                seconds = statistics.median(report["seconds"] for report in reports)
                print(f"| {method} | {setting or ''} | {shown} | {' | '.join(middle)} | {seconds:.2f} |", flush=True)
            for rival in reports[0]["rivals"]:
                told = [report["rivals"][rival] for report in reports]
                print(f"| without a circuit: {rival} | | | | {statistics.median(told):.3f} ({min(told):.3f} to {max(told):.3f}) | |")


def main():
    task, program = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "target/release/qloom"
    if task == "tune":
        every = itertools.product(DATA.items(), ("device", "simulated"))
        found = {f"{n} {c}": {m: chosen(program, d, m, c) for m in METHODS} for (n, d), c in every}
        print(json.dumps(found, indent=1))
    else:
        table(program, json.load(sys.stdin))


main()
