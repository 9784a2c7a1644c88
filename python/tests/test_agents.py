"""Agents written in Python, circuits to start from and gadgets: what they are told, going on bit for bit, and what is refused."""

import pickle

import numpy as np
import pytest

from qloom import Circuit, Energy, Environment, PauliSum, Search, mine_gadgets

ISING = PauliSum({"ZZI": -1.0, "IZZ": -1.0, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})
SETTINGS = {"episodes": 6, "environment": {"max_gates": 5}}


class Bandit:
    """Takes the action that has paid best on average, and any other one now and then."""

    def start(self, num_inputs, actions, seed):
        self.num_inputs, self.actions = num_inputs, actions
        self.random = np.random.default_rng(seed)
        self.means, self.counts = np.zeros(len(actions)), np.zeros(len(actions))
        self.losses = 0

    def act(self, observation, legal):
        assert observation.shape == (self.num_inputs,) and observation.dtype == np.float32
        assert legal.shape == (len(self.actions),) and legal.dtype == bool
        if self.random.random() < 0.6:
            return self.random.choice(np.flatnonzero(legal))
        return int(np.argmax(np.where(legal, self.means, -np.inf)))

    def observe(self, before, action, reward, after, legal, done):
        assert before.shape == after.shape and isinstance(done, bool) and legal.dtype == bool
        self.counts[action] += 1
        self.means[action] += (reward - self.means[action]) / self.counts[action]

    def learn(self):
        self.losses += 1
        return float(self.losses)

    def exploration(self):
        return 0.6


class Saving:
    """Draws legal actions, and turns its own state into bytes."""

    def __init__(self):
        self.random = np.random.default_rng(3)
        self.lock = lambda: None  # cannot be pickled

    def act(self, observation, legal):
        return int(self.random.choice(np.flatnonzero(legal)))

    def save(self):
        return pickle.dumps(self.random.bit_generator.state)

    def load(self, state):
        self.random.bit_generator.state = pickle.loads(state)


def test_an_agent_plays_and_is_told_of_each_step():
    agent = Bandit()
    search = Search(ISING, SETTINGS, seed=4, agent=agent)
    events = list(search)
    assert len(events) == 6 and agent.counts.sum() == sum(event["gates"] for event in events)
    assert [event["exploration"] for event in events] == [0.6] * 6
    # it learns after each step but the last of an episode; the loss is the mean over these
    steps = [event["gates"] - 1 for event in events]
    last, losses = 0, []
    for count in steps:
        losses.append(np.mean(np.arange(last + 1, last + count + 1)) if count else None)
        last += count
    assert [event["loss"] for event in events] == losses
    assert agent.actions == Environment(ISING, SETTINGS["environment"]).actions
    found = search.best()
    assert Energy(found["circuit"], ISING)(found["angles"]) == pytest.approx(found["energy"], abs=1e-9)


def test_one_seed_fixes_a_search_with_an_agent():
    def events(seed):
        return list(Search(ISING, SETTINGS, seed=seed, agent=Bandit()))

    assert events(1) == events(1) != events(2)


@pytest.mark.parametrize("make", [Bandit, Saving])
@pytest.mark.parametrize("after", [0, 2])
def test_a_search_with_an_agent_goes_on_bit_for_bit(make, after):
    whole = list(Search(ISING, SETTINGS, seed=5, agent=make()))
    search = Search(ISING, SETTINGS, seed=5, agent=make())
    begun = [next(search) for _ in range(after)]
    resumed = Search(ISING, SETTINGS, seed=5, state=search.state(), agent=make())
    assert begun + list(resumed) == whole


def test_a_search_with_an_agent_is_pickled():
    search = Search(ISING, SETTINGS, seed=5, agent=Bandit())
    first = next(search)
    assert [first, *pickle.loads(pickle.dumps(search))] == list(Search(ISING, SETTINGS, seed=5, agent=Bandit()))


def test_a_cost_and_an_agent_of_ones_own():
    class Half:
        def value_and_gradient(self, circuit, angles):
            value, gradient = Energy(circuit, PauliSum({"ZZ": 1.0})).value_and_gradient(angles)
            return 0.5 * value, 0.5 * gradient

    settings = {"episodes": 20, "environment": {"max_gates": 3}, "target_error": 1e-6}
    search = Search(2, settings, seed=1, exact_energy=-0.5, cost=Half(), agent=Bandit())
    assert search.run() == "target-error" and search.best()["energy"] == pytest.approx(-0.5, abs=1e-6)
    environment = Environment(2, {"max_gates": 3}, cost=Half(), exact_energy=-0.5)
    environment.reset(1e-6)
    turn = environment.actions.index(("ry", [0]))
    assert environment.step(turn)[3] == pytest.approx(-0.5, abs=1e-9)


class Failing(Bandit):
    """Raises in one of its methods when that is called for the ninth time."""

    method = "none"
    calls = 0


def fails(name):
    def method(self, *arguments):
        if self.method == name:
            self.calls += 1
            if self.calls == 9:
                raise LookupError(f"no {name}")
        return getattr(Bandit, name)(self, *arguments)

    return method


for name in ("act", "observe", "learn"):
    setattr(Failing, name, fails(name))


@pytest.mark.parametrize("method", ["act", "observe", "learn"])
def test_exceptions_of_an_agent_come_through_and_the_checkpoint_is_whole(method, tmp_path):
    whole = list(Search(ISING, SETTINGS, seed=5, agent=Bandit()))
    seen = []
    agent = type("Agent", (Failing,), {"method": method})()
    search = Search(ISING, SETTINGS, seed=5, agent=agent)
    with pytest.raises(LookupError, match=f"no {method}"):
        search.run(seen.append, checkpoint=tmp_path / "state")
    for ask in (search.state, lambda: next(search)):
        with pytest.raises(ValueError, match="has failed"):
            ask()
    resumed = Search(ISING, SETTINGS, seed=5, state=(tmp_path / "state").read_bytes(), agent=Bandit())
    done = resumed.episodes
    assert 0 < done < 6 and resumed.run(seen.append) == "episodes" and seen[-(6 - done) :] == whole[done:]


class Wrong:
    """An agent whose methods answer what they are given."""

    def __init__(self, **answers):
        self.answers = answers

    def act(self, observation, legal):
        answer = self.answers.get("act", 0)
        return answer(legal) if callable(answer) else answer

    def __getattr__(self, name):
        if name in self.__dict__.get("answers", {}):
            return lambda *_: self.answers[name]
        raise AttributeError(name)


def asks_the_search():
    class Curious(Bandit):
        def act(self, observation, legal):
            return self.search.episodes

    agent = Curious()
    agent.search = Search(ISING, SETTINGS, agent=agent)
    return next(agent.search)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Search(ISING, agent=object()), TypeError, "object is no agent.*act"),
        (lambda: next(Search(ISING, agent=Wrong(act=-1))), ValueError, "chose -1.*below 15"),
        (lambda: next(Search(ISING, agent=Wrong(act=15))), ValueError, "chose 15.*below 15"),
        (lambda: next(Search(ISING, agent=Wrong(act="cx"))), ValueError, "chose cx"),
        (lambda: next(Search(ISING, agent=Wrong())), ValueError, "action 0, which is illegal"),
        (lambda: next(Search(ISING, SETTINGS, agent=Wrong(act=lambda legal: np.argmax(legal), learn="x"))), TypeError, "str"),
        (lambda: Search(ISING, agent=Wrong(save="x")).state(), TypeError, "bytes"),
        (lambda: Search(ISING, agent=type("Slots", (), {"__slots__": (), "act": len})()).state(), TypeError, "save.*load"),
        (lambda: Search(ISING, state=Search(ISING, agent=Wrong(save=b"x")).state(), agent=Bandit()), pickle.UnpicklingError, "load key"),
        (asks_the_search, ValueError, "ask it afterwards"),
        (lambda: Search(ISING, {"environment": {"start": {"qasm": {"file": "a.qasm"}}}}), ValueError, "a.qasm.*start=Circuit"),
        (lambda: Search(ISING, {"environment": {"start": "basis-state"}}, start=Circuit(3)), ValueError, "two starts"),
        (lambda: Search(ISING, start=Circuit(2)), ValueError, "on 2 qubits.*3"),
        (lambda: Search(ISING, start=Circuit(3).measure_all()), ValueError, "made of gates"),
        (lambda: Environment(ISING, {"actions": {"gadgets": {"file": "g.json"}}}), ValueError, "g.json.*gadgets=text"),
        (lambda: Environment(ISING, gadgets=[Circuit(3)]), ValueError, "gadget of 0 gates"),
        (lambda: Environment(ISING, gadgets=[Circuit(4).cx(0, 3)]), ValueError, "at least one has to fit"),
        (lambda: Environment(ISING, gadgets=[{"gates": 1}]), ValueError, "gadgets: "),
        (lambda: Environment(ISING, gadgets=3), TypeError, "int"),
        (lambda: mine_gadgets([(ISING, [Circuit(2)])]), ValueError, "2 qubits, its Hamiltonian 3"),
        (lambda: mine_gadgets([], {"least_gates": 99}), ValueError, "99"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()


def test_episodes_start_from_a_circuit():
    start = Circuit(3).ry(0.3, 0).cx(0, 1).rx(-0.2, 2)
    environment = Environment(ISING, {"max_gates": 6}, start=start)
    environment.reset(1e-3)
    circuit, angles = environment.circuit()
    assert np.allclose(circuit.bind(angles).matrix(), start.matrix()) and angles == [0.3, -0.2]
    fixed = {"max_gates": 6, "start": {"qasm": {"file": "start", "fixed": True}}}
    environment = Environment(ISING, fixed, start=Circuit(3).h(0).h(1).h(2))
    environment.reset(1e-3)
    turn = environment.actions.index(("rz", [0]))
    assert environment.step(turn)[3] == pytest.approx(-1.5, abs=1e-9)  # all along x, where rz is worth nothing
    search = Search(ISING, {"episodes": 1, "agent": {"random": {}}, "environment": {"max_gates": 4}}, start=start)
    energy = float(np.real(Energy(start, ISING)([])))
    assert next(search)["best_energy"] < energy
    restarted = pickle.loads(pickle.dumps(Environment(ISING, {"max_gates": 6}, start=start)))
    restarted.reset(1e-3)
    assert restarted.circuit()[1] == [0.3, -0.2]


def test_gadgets_are_actions():
    pair = Circuit(3).ry(0.4, 1).cx(1, 2)
    as_json = '{"gadgets": [{"gates": [{"gate": "ry", "qubits": [0], "angle": 0.4}, {"gate": "cx", "qubits": [0, 1]}]}]}'
    for gadgets in ([pair], as_json):
        environment = Environment(ISING, {"max_gates": 6}, gadgets=gadgets)
        places = [qubits for name, qubits in environment.actions if name == "gadget"]
        assert places == [[0, 1], [1, 2]]
        environment.reset(1e-3)
        environment.step(environment.actions.index(("gadget", [1, 2])))
        names = [(name, qubits) for _, (name, _, qubits) in environment.circuit()[0].operations()]
        assert names == [("ry", [1]), ("cx", [1, 2])]


def test_gadgets_are_found_and_handed_on():
    search = Search(ISING, {"episodes": 12}, seed=1)
    circuits = []
    for _ in search:
        found = search.best()
        circuits.append(found["circuit"].bind(found["angles"]))
    gadgets = mine_gadgets([(ISING, circuits)], {"least_gates": 2, "most": 3})
    assert 0 < len(gadgets) <= 3
    for gadget in gadgets:
        assert gadget["circuits"] >= 2 and 0 < gadget["gain"] <= 1 and len(gadget["gates"]) >= 2
    environment = Environment(ISING, {"max_gates": 12}, gadgets=gadgets)
    assert any(name == "gadget" for name, _ in environment.actions)
