"""Searches and their environment: seeds, settings, going on, legal moves, rewards, and what is refused."""

import pickle

import numpy as np
import pytest

import qloom
from qloom import Circuit, Energy, Environment, PauliSum, Search

HEISENBERG = PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0})
ISING = PauliSum({"ZZI": -1.0, "IZZ": -1.0, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})


def test_one_seed_fixes_a_search():
    def events(seed):
        return list(Search(ISING, {"episodes": 4}, seed=seed))

    assert events(1) == events(1) != events(2)


def test_settings_are_a_dictionary_or_toml():
    table, text = Search(ISING, {"episodes": 3, "environment": {"max_gates": 5}}), Search(ISING, "episodes = 3\n[environment]\nmax_gates = 5\n")
    assert list(table) == list(text) and table.run() == text.run() == "episodes"
    assert table.episodes == 3 and all(event["gates"] <= 5 for event in Search(ISING, {"episodes": 3, "environment": {"max_gates": 5}}))


def test_numbers_of_an_episode_agree():
    lowest = np.linalg.eigvalsh(ISING.matrix())[0]
    search = Search(ISING, {"episodes": 4}, seed=2, exact_energy=float(lowest))
    best = np.inf
    for number, event in enumerate(search, 1):
        best = min(best, event["energy"])
        assert event["episode"] == number == search.episodes and event["evaluations"] <= search.evaluations
        assert lowest - 1e-9 <= event["best_energy"] <= best + 1e-12
        assert event["best_error"] == pytest.approx(event["best_energy"] - lowest, abs=1e-8)
        found = search.best()
        assert Energy(found["circuit"], ISING)(found["angles"]) == pytest.approx(found["energy"], abs=1e-9)
        assert found["gates"] == len(found["circuit"]) and found["depth"] == found["circuit"].depth
    assert Search(ISING).best() is None


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_search_goes_on_from_its_state(after):
    whole = list(Search(ISING, {"episodes": 6}, seed=5))
    search = Search(ISING, {"episodes": 6}, seed=5)
    begun = [next(search) for _ in range(after)]
    for resumed in (Search(ISING, {"episodes": 6}, seed=5, state=search.state()), pickle.loads(pickle.dumps(search))):
        assert begun + list(resumed) == whole and resumed.evaluations == whole[-1]["evaluations"]


def test_a_checkpoint_is_left_when_a_callback_fails(tmp_path):
    seen = []

    def stop(event):
        seen.append(event)
        if len(seen) == 2:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        Search(ISING, {"episodes": 5}, seed=5).run(stop, checkpoint=tmp_path / "state")
    resumed = Search(ISING, {"episodes": 5}, seed=5, state=(tmp_path / "state").read_bytes())
    done, whole = resumed.episodes, list(Search(ISING, {"episodes": 5}, seed=5))
    # the search may have gone on while the callback ran
    assert seen == whole[:2] and done >= 2 and list(resumed) == whole[done:]


class Wrong:
    """A cost that does not keep to what is asked."""

    def __init__(self, answer):
        self.answer = answer

    def value_and_gradient(self, circuit, angles):
        return self.answer(len(angles))


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Search(HEISENBERG, {"nope": 1}), ValueError, "nope.*episodes"),
        (lambda: Search(HEISENBERG, "nope"), ValueError, "line 1"),
        (lambda: Search(HEISENBERG, {"episodes": -1}), ValueError, "-1"),
        (lambda: Search(HEISENBERG, {}, state=b"x"), ValueError, "saved state"),
        (lambda: Search(2), TypeError, "PauliSum"),
        (lambda: Search(2, {}, exact_energy=0.0, cost=Wrong(lambda n: (1.0, [0.0] * (n + 1)))).run(), ValueError, "1 derivatives for 0 angles"),
        (lambda: Search(2, {}, exact_energy=0.0, cost=Wrong(lambda n: None)).run(), TypeError, "tuple"),
        (lambda: Search(2, {}, exact_energy=0.0, cost=object()).run(), AttributeError, "value_and_gradient"),
        (lambda: Environment(HEISENBERG, {"nope": 1}), ValueError, "nope.*max_gates"),
        (lambda: Environment(HEISENBERG).reset(0.0), ValueError, "threshold is 0"),
        (lambda: Environment(HEISENBERG).reset(float("nan")), ValueError, "NaN"),
        (lambda: Environment(HEISENBERG).step(0), ValueError, "call reset"),
        (lambda: Environment(HEISENBERG).step(-1), OverflowError, "negative"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()


def test_actions_are_the_gates_they_name():
    environment = Environment(ISING, {"max_gates": 3})
    assert environment.num_actions == len(environment.actions)
    for number, (gate, qubits) in enumerate(environment.actions):
        environment.reset(1e-3)
        observation, legal, _, energy, _ = environment.step(number)
        circuit, angles = environment.circuit()
        (kind, (name, given, where)), *rest = circuit.operations()
        assert (kind, name, where, len(rest)) == ("gate", gate, qubits, 0) and len(given) == len(angles)
        assert Energy(circuit, ISING)(angles) == pytest.approx(energy, abs=1e-9)
        assert observation.shape == (environment.num_inputs,) and observation.dtype == np.float32
        assert legal.shape == (environment.num_actions,) and legal.dtype == bool and not legal[number]


def test_angles_are_fitted_after_each_gate():
    environment = Environment(ISING, {"max_gates": 6})
    environment.reset(1e-9)
    rotations = [number for number, (gate, _) in enumerate(environment.actions) if gate == "ry"]
    energies = []
    for number in rotations:
        _, _, reward, energy, ending = environment.step(number)
        energies.append(energy)
        assert np.isfinite(reward) and ending is None
    assert all(later <= before + 1e-9 for before, later in zip(energies, energies[1:]))
    # the best product of three rotations about y, by a grid that is refined
    grid = np.linspace(-np.pi, np.pi, 61)
    a, b, c = np.meshgrid(grid, grid, grid, indexing="ij")
    product = -np.cos(a) * np.cos(b) - np.cos(b) * np.cos(c) - 0.5 * (np.sin(a) + np.sin(b) + np.sin(c))
    assert energies[-1] <= product.min() + 1e-9 and energies[-1] > product.min() - 0.02
    circuit, angles = environment.circuit()
    assert np.abs(Energy(circuit, ISING).gradient(angles)).max() < 1e-4


@pytest.mark.parametrize("seed", range(3))
def test_episodes_end_by_success_or_when_gates_are_used_up(seed):
    random = np.random.default_rng(seed)
    environment = Environment(HEISENBERG, {"max_gates": 5}, exact_energy=-3.0)
    _, legal = environment.reset(1.0)
    for number in range(1, 6):
        _, legal, reward, energy, ending = environment.step(int(random.choice(np.flatnonzero(legal))))
        assert legal.any() and -3.0 - 1e-9 <= energy <= 1.0 + 1e-9
        if ending:
            break
    assert ending == ("success" if energy + 3.0 < 1.0 else "exhausted") and (ending == "success" or number == 5)
    assert (reward > 0) == (ending == "success")
    with pytest.raises(ValueError, match="reset"):
        environment.step(0)
    fresh, legal = environment.reset(1.0)
    assert legal.all() and np.array_equal(fresh, Environment(HEISENBERG, {"max_gates": 5}, exact_energy=-3.0).reset(1.0)[0])
    assert environment.circuit()[0] == Circuit(2)


def test_angles_are_fitted_anew():
    circuit = Circuit(3).ry(0.9, 0).ry(0.7, 1).ry(0.9, 2).cx(0, 1).cx(1, 2).ry(0.3, 1).ry(0.2, 2)
    plain = qloom.refit(ISING, circuit)
    state = plain["circuit"].state()
    matrix = ISING.matrix()
    assert plain["energy"] == pytest.approx(np.vdot(state, matrix @ state).real, abs=1e-9)
    assert plain["energy"] < plain["energy_before"] and plain["noisy"] == plain["noiseless"] == pytest.approx(plain["energy"], abs=1e-12)
    noise = {"simulator": {"pauli-vector": {"depolarizing": {"one_qubit": 0.0, "two_qubit": 0.2}}}}
    noisy = qloom.refit(ISING, plain["circuit"], noise)
    assert noisy["noisy"] < noisy["noisy_before"] and noisy["noiseless"] > noisy["noiseless_before"] - 1e-9
    assert noisy["noiseless_before"] == pytest.approx(plain["energy"], abs=1e-9)
    assert qloom.refit(ISING, noisy["circuit"], noise)["energy"] == pytest.approx(noisy["energy"], abs=1e-6)
    with pytest.raises(qloom.QloomError, match="3 qubits"):
        qloom.refit(ISING, Circuit(2))
    with pytest.raises(qloom.QloomError, match="simulatr"):
        qloom.refit(ISING, circuit, {"simulatr": {}})
