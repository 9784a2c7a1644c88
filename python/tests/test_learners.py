"""Searches, molecules, kernels, reservoirs and knots."""

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import qloom
from qloom import Braid, Energy, Kernel, Molecule, PauliSum, Reservoir, Search

DATA = Path(__file__).resolve().parents[2] / "data" / "molecules"
HEISENBERG = PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0})


def test_a_search_finds_the_singlet_and_its_state_goes_on():
    whole = Search(HEISENBERG, {"target_error": 1e-9}, seed=7, exact_energy=-3.0)
    events = []
    assert whole.run(events.append) == "target-error"
    best = whole.best()
    assert Energy(best["circuit"], HEISENBERG)(best["angles"]) == pytest.approx(-3.0, abs=1e-8)
    cut = Search(HEISENBERG, {"target_error": 1e-9}, seed=7, exact_energy=-3.0)
    first = next(cut)
    assert first == events[0]
    resumed = pickle.loads(pickle.dumps(cut))
    assert list(resumed) == events[1:] and resumed.best()["angles"] == best["angles"]


class Means:
    """How far <Z> of both qubits are from 0.6 and -0.8."""

    def value_and_gradient(self, circuit, angles):
        cost, slopes = 0.0, np.zeros(len(angles))
        for qubit, wanted in enumerate([0.6, -0.8]):
            value, gradient = Energy(circuit, PauliSum.z(qubit, 2)).value_and_gradient(angles)
            cost, slopes = cost + (value - wanted) ** 2, slopes + 2 * (value - wanted) * gradient
        return cost, slopes


def test_a_cost_of_ones_own():
    search = Search(2, {"target_error": 1e-9}, seed=1, exact_energy=0.0, cost=Means())
    search.run()
    assert search.best()["energy"] < 1e-9

    class Broken:
        def value_and_gradient(self, circuit, angles):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Search(2, {}, seed=1, exact_energy=0.0, cost=Broken()).run()


def test_an_exception_of_a_callback_ends_the_search():
    def stop(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        Search(HEISENBERG, {"episodes": 50}, seed=1).run(stop)


INTERRUPTED = """
    import signal, sys, time
    from pathlib import Path
    import qloom
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell runs this in the background
    search = qloom.Search(qloom.PauliSum.from_json(Path(sys.argv[1]).read_text()), {"episodes": 100000}, seed=3)
    print("started", flush=True)
    try:
        search.run(checkpoint=sys.argv[2])
    except KeyboardInterrupt:
        print(time.monotonic(), flush=True)
"""


def test_ctrl_c_leaves_a_checkpoint_at_once(tmp_path):
    file, saved = DATA / "H2O_cas44_angstrom_8q_jw.json", tmp_path / "state"
    script = textwrap.dedent(INTERRUPTED)
    process = subprocess.Popen([sys.executable, "-c", script, str(file), str(saved)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "started\n"
    time.sleep(1.0)
    sent = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    watchdog = threading.Timer(20.0, process.kill)
    watchdog.start()
    raised = float(process.stdout.readline())
    process.kill()
    watchdog.cancel()
    # 50 ms until the signal is looked at, 20 ms for the step to end, and what a loaded machine adds
    assert raised - sent < 0.5
    hamiltonian = PauliSum.from_json(file.read_text())
    resumed = Search(hamiltonian, {"episodes": 100000}, seed=3, state=saved.read_bytes())
    fresh = Search(hamiltonian, {"episodes": 100000}, seed=3)
    for _ in range(resumed.episodes):
        next(fresh)
    assert next(resumed) == next(fresh)


def test_other_threads_run_beside_long_work():
    ticks = []
    ended = threading.Event()

    def tick():
        while not ended.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    circuit = qloom.Circuit(20)
    for layer in range(6):
        for qubit in range(20):
            circuit.ry(0.1 * layer + qubit, qubit).cx(qubit, (qubit + 1) % 20)
    before = len(ticks)
    circuit.state()
    during = len(ticks) - before
    ended.set()
    thread.join()
    assert during > 5


def test_molecules():
    text = (DATA / "fcidump" / "H2_0.7414.FCIDUMP").read_text()
    molecule = Molecule(text)
    assert molecule.hartree_fock_energy == pytest.approx(-1.116684387085, abs=1e-10)
    assert qloom.ground_energy(molecule.hamiltonian) == pytest.approx(-1.1372701747, abs=1e-9)
    assert qloom.ground_energy(Molecule(text, "parity", "blocked", "two-qubit").hamiltonian) == pytest.approx(-1.1372701747, abs=1e-9)
    with pytest.raises(ValueError, match="jordan-wigner"):
        Molecule(text, "nonsense")


def test_kernels():
    rows = np.random.default_rng(1).uniform(0, 2, (6, 3))
    kernel = Kernel("angle", 3)
    product = np.prod(np.cos((rows[:, None] - rows[None]) / 2) ** 2, axis=2)
    assert np.allclose(kernel.gram(rows), product, atol=1e-12)
    assert np.allclose(kernel.overlaps(rows[:2].copy(), rows), product[:2], atol=1e-12)
    zz = Kernel({"zz": {"reps": 1}}, 3)
    assert np.array_equal(pickle.loads(pickle.dumps(zz)).gram(rows), zz.gram(rows))
    with pytest.raises(ValueError, match="reps"):
        Kernel({"zz": {"rep": 1}}, 3)


def test_reservoirs_start_anew_and_remember():
    series = np.random.default_rng(1).uniform(0, 1, (40, 1))
    reservoir = Reservoir("spin-network", [(0.0, 1.0)], seed=2)
    features = reservoir.run(series)
    assert features.shape == (40, reservoir.num_features) and np.array_equal(features, reservoir.run(series))
    other = series.copy()
    other[0] = 1.0 - other[0]
    assert not np.allclose(features[1], reservoir.run(other)[1])


def test_knots():
    trefoil = Braid([1, 1, 1])
    assert trefoil.jones() == {2: 1, 6: 1, 8: -1} and trefoil.jones_text() == "t + t^3 - t^4"
    t = np.exp(2j * np.pi / 5)
    assert trefoil.jones_at_fifth_root() == pytest.approx(t + t**3 - t**4)
    assert trefoil.mirror().jones() == {-2: 1, -6: 1, -8: -1}


def test_the_notebook_of_events_is_json():
    event = next(Search(HEISENBERG, {}, seed=1))
    assert json.loads(json.dumps(event))["episode"] == 1


MOONS = [[0.1, 0.2], [0.2, 0.1], [0.3, 0.2], [2.9, 3.0], [3.0, 2.8], [2.8, 2.9]]
LABELS = ["low", "low", "low", "high", "high", "high"]


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel-svm": {"map": {"angle": {}}}},
        {"variational": {"map": {"angle": {}}, "layers": 1, "epochs": 30}},
        {"gaussian-process": {"map": {"angle": {}}}},
    ],
)
def test_a_classifier_is_fitted_pickled_and_goes_on(settings):
    classifier = qloom.Classifier(settings, MOONS, LABELS, seed=3)
    assert classifier.classes == ["high", "low"]
    events = []
    classifier.fit(on_event=events.append)
    assert events == classifier.events and len(events) == classifier.epochs
    assert classifier.predict(MOONS) == LABELS and classifier.step() is None
    scores = classifier.scores(MOONS)
    assert scores.shape == (6, 2)
    assert [classifier.classes[k] for k in scores.argmax(axis=1)] == LABELS
    other = pickle.loads(pickle.dumps(classifier))
    assert np.array_equal(other.scores(MOONS), scores) and other.events == events


@pytest.mark.parametrize("optimizer", ["adam", "natural-gradient"])
def test_a_classifier_of_a_circuit_shows_it_and_is_resumed(optimizer):
    settings = {"variational": {"map": {"angle": {}}, "layers": 1, "epochs": 6, "optimizer": {optimizer: {}}}}
    whole, half = (qloom.Classifier(settings, MOONS, LABELS, seed=1) for _ in range(2))
    whole.fit()
    for _ in range(3):
        half.step()
    half = qloom.Classifier(settings, MOONS, LABELS, seed=1, state=half.state())
    half.fit()
    assert half.state() == whole.state()
    circuit, weights = whole.circuit()
    assert circuit.num_qubits == 2 and circuit.num_parameters == len(weights) + 2
    assert qloom.Classifier("kernel-svm", MOONS, LABELS).circuit() is None


@pytest.mark.parametrize(
    "arguments, word",
    [
        (("nothing", MOONS, LABELS), "nothing"),
        (("variational", MOONS, LABELS[:5]), "5 labels for 6 rows"),
        (("variational", [1.0, 2.0], ["a", "b"]), "rows, features"),
        (("variational", MOONS, ["one"] * 6), "1 classes"),
        (({"variational": {"layers": 0}}, MOONS, LABELS), "layers"),
        (({"variational": {"optimizer": {"natural-gradient": {}}, "shots": 9}}, MOONS, LABELS), "exact metric"),
    ],
)
def test_a_classifier_that_cannot_be_is_refused(arguments, word):
    with pytest.raises(qloom.QloomError, match=word):
        qloom.Classifier(*arguments)
    with pytest.raises(qloom.QloomError, match="shape"):
        qloom.Classifier("kernel-svm", MOONS, LABELS).predict([[1.0, 2.0, 3.0]])
