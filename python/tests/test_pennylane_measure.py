"""Mid-circuit measurements in PennyLane by every method, against default.qubit and default.mixed."""

import numpy as np
import pytest

qml = pytest.importorskip("pennylane")

SHOTS = 5_000


def circuit(x, y, returns, postselect=None, reset=False):
    """Measurements, gates that depend on one and on two of them, and what is returned."""
    qml.RX(x, 0)
    first = qml.measure(0, reset=reset, postselect=postselect)
    qml.cond(first, qml.RY)(y, 1)
    qml.CNOT([0, 1])
    second = qml.measure(1)
    qml.cond(first != second, qml.Hadamard, qml.T)(2)
    qml.CRX(y, [1, 2])
    return returns(first, second)


RETURNS = {
    "expval": lambda first, second: qml.expval(qml.X(2) @ qml.Z(0)),
    "sum": lambda first, second: qml.expval(0.5 * qml.Y(2) - qml.Z(1) @ qml.Z(2)),
    "var": lambda first, second: qml.var(qml.Z(2)),
    "probs": lambda first, second: qml.probs(wires=[1, 2]),
    "of values": lambda first, second: (qml.expval(first), qml.var(second), qml.expval(2 * first - second)),
    "probs of values": lambda first, second: (qml.probs(op=[first, second]), qml.probs(op=first)),
    "together": lambda first, second: (qml.expval(qml.Z(2)), qml.probs(op=second), qml.var(qml.X(2))),
}


def results(name, method, returns, shots=None, seed=7, **how):
    # a deferred measurement takes a wire of its own
    device = qml.device(name, wires=3 if method in ("one-shot", "tree-traversal") else 5, seed=seed)
    node = qml.set_shots(qml.QNode(circuit, device, mcm_method=method), shots)
    made = node(0.7, 1.1, returns, **how)
    return made if isinstance(made, tuple) else (made,)


@pytest.mark.parametrize("name", ["qloom.qubit", "qloom.noisy"])
@pytest.mark.parametrize("what", RETURNS)
@pytest.mark.parametrize("how", [{}, {"reset": True}, {"postselect": 1}], ids=str)
def test_exact_values_are_those_of_default_qubit(name, what, how):
    ours = results(name, "tree-traversal", RETURNS[what], **how)
    theirs = results("default.qubit", "tree-traversal", RETURNS[what], **how)
    for one, other in zip(ours, theirs, strict=True):
        assert np.shape(one) == np.shape(other) and np.allclose(one, other, atol=1e-9)


@pytest.mark.parametrize("name", ["qloom.qubit", "qloom.noisy"])
@pytest.mark.parametrize("what", RETURNS)
@pytest.mark.parametrize("method", ["one-shot", "tree-traversal", "deferred", None])
def test_shots_have_these_means(name, what, method):
    drawn = results(name, method, RETURNS[what], SHOTS)
    exact = results("default.qubit", "tree-traversal", RETURNS[what])
    for one, other in zip(drawn, exact, strict=True):
        # five standard deviations of outcomes that are at most 3 apart
        assert np.shape(one) == np.shape(other) and np.allclose(one, other, atol=5 * 1.5 / np.sqrt(SHOTS))


@pytest.mark.parametrize("method", ["one-shot", "tree-traversal"])
def test_samples_and_counts(method):
    def returns(first, second):
        return (
            qml.sample(wires=[0, 1]), qml.sample(first), qml.sample([first, second]), qml.counts(wires=1), qml.counts([first, second]),
            qml.sample(qml.Z(0)), qml.counts(second, all_outcomes=True),
        )  # fmt: skip

    bits, first, both, counts, of_values, signs, of_second = results("qloom.qubit", method, returns, 500)
    theirs = results("default.qubit", method, returns, 500)
    for one, other in zip((bits, first, both, signs), (theirs[0], theirs[1], theirs[2], theirs[5]), strict=True):
        assert np.shape(one) == np.shape(other)
    # wires 0 and 1 are not touched after they are measured, but for the target of a gate whose control is 0: shots stay together
    assert np.array_equal(bits[:, 0], first) and np.array_equal(signs, 1 - 2 * first) and np.array_equal(both[:, 0], first)
    assert np.array_equal(bits[:, 1], both[:, 1]) and sum(counts.values()) == sum(of_values.values()) == 500
    assert counts["1"] == np.sum(bits[:, 1]) and of_values.get("10", 0) == np.sum((both == [1, 0]).all(axis=1))
    assert set(of_second) == {0.0, 1.0} and of_second[1.0] == np.sum(both[:, 1])
    again = results("qloom.qubit", method, returns, 500)
    assert np.array_equal(again[2], both) and not np.array_equal(results("qloom.qubit", method, returns, 500, seed=8)[2], both)


@pytest.mark.parametrize("method", ["one-shot", "tree-traversal"])
def test_shots_that_are_not_selected_are_left_out(method):
    kept = results("qloom.qubit", method, lambda first, second: (qml.sample(first), qml.counts(wires=0)), SHOTS, postselect=1)
    probability = np.sin(0.35) ** 2
    assert np.all(kept[0] == 1) and abs(len(kept[0]) / SHOTS - probability) < 5 * np.sqrt(probability / SHOTS)
    assert set(kept[1]) == {"1"} and kept[1]["1"] == len(kept[0])


def test_nothing_is_selected():
    @qml.qnode(qml.device("qloom.qubit", wires=1), mcm_method="tree-traversal")
    def never():
        qml.measure(0, postselect=1)
        return qml.expval(qml.Z(0)), qml.probs(wires=0)

    value, probabilities = never()
    assert np.isnan(value) and np.isnan(probabilities).all() and probabilities.shape == (2,)


@pytest.mark.parametrize("angle", [1e-6, 3e-7, 1e-8])
@pytest.mark.parametrize("name", ["qloom.qubit", "qloom.noisy"])
def test_unlikely_outcomes_have_states_too(name, angle):
    @qml.qnode(qml.device(name, wires=2), mcm_method="tree-traversal")
    def selected():
        qml.Hadamard(1)
        qml.IsingXY(0.3, [0, 1])
        qml.RY(-0.3, 1)
        qml.RX(angle, 0)
        qml.measure(0, postselect=1)
        return qml.probs(wires=[0, 1]), qml.expval(qml.X(1))

    @qml.qnode(qml.device("default.qubit", wires=2), mcm_method="tree-traversal")
    def unlikely():
        qml.RX(angle, 0)
        qml.Hadamard(1)
        outcome = qml.measure(0)
        qml.cond(outcome, qml.Z)(1)
        return qml.expval(qml.X(1))

    probabilities, value = selected()
    assert probabilities[:2] == pytest.approx([0.0, 0.0], abs=1e-12) and probabilities.sum() == pytest.approx(1.0) and abs(value) <= 1 + 1e-9
    node = qml.QNode(unlikely.func, qml.device(name, wires=2), mcm_method="tree-traversal")
    assert node() == pytest.approx(unlikely(), abs=1e-12)


def test_several_numbers_of_shots_and_rows():
    node = qml.QNode(circuit, qml.device("qloom.qubit", wires=3, seed=1), mcm_method="one-shot")
    several = qml.set_shots(node, (100, 200))(0.7, 1.1, lambda first, second: qml.sample(first))
    assert [len(part) for part in several] == [100, 200]
    node = qml.QNode(circuit, qml.device("qloom.qubit", wires=3), mcm_method="tree-traversal")
    rows = node(np.array([0.2, 0.7]), 1.1, RETURNS["expval"])
    assert rows.shape == (2,) and np.allclose(rows[1], results("default.qubit", "tree-traversal", RETURNS["expval"])[0], atol=1e-9)


def test_many_measurements_cost_their_shots():
    @qml.set_shots(40)
    @qml.qnode(qml.device("qloom.qubit", wires=2, seed=1), mcm_method="one-shot")
    def coin():
        outcomes = []
        for _ in range(40):
            qml.Hadamard(0)
            outcomes.append(qml.measure(0))
        return qml.sample(outcomes)

    samples = coin()
    assert samples.shape == (40, 40) and 0.4 < samples.mean() < 0.6


def test_gradients_are_those_of_default_qubit():
    from pennylane import numpy as pnp

    def slope(name, method):
        node = qml.QNode(lambda x, y: circuit(x, y, RETURNS["expval"]), qml.device(name, wires=5), mcm_method=method)
        return qml.grad(node)(pnp.array(0.7, requires_grad=True), pnp.array(1.1, requires_grad=True))

    exact = slope("default.qubit", "deferred")
    for method in ("tree-traversal", "deferred", None):
        assert np.allclose(slope("qloom.qubit", method), exact, atol=1e-9)


def test_channels_before_measurements():
    def noisy(device):
        @qml.qnode(device)
        def node():
            qml.RX(0.7, 0)
            qml.AmplitudeDamping(0.3, 0)
            outcome = qml.measure(0)
            qml.cond(outcome, qml.RY)(0.4, 1)
            qml.DepolarizingChannel(0.1, 1)
            return qml.expval(qml.Z(1)), qml.expval(qml.Z(0))

        return node

    exact = noisy(qml.device("default.mixed", wires=3))()
    for method in ("tree-traversal", "deferred"):
        node = noisy(qml.device("qloom.noisy", wires=3))
        node = qml.QNode(node.func, node.device, mcm_method=method)
        assert np.allclose(node(), exact, atol=1e-9)


@pytest.mark.parametrize(
    ("method", "mode", "shots", "returns", "says"),
    [
        ("prayer", None, None, RETURNS["expval"], "prayer"),
        ("one-shot", None, None, RETURNS["expval"], "one-shot.*analytic"),
        ("tree-traversal", "fill-shots", 10, RETURNS["expval"], "hw-like"),
        ("tree-traversal", None, None, lambda first, second: qml.state(), "StateMP.*deferred"),
    ],
)
def test_what_is_refused(method, mode, shots, returns, says):
    with pytest.raises((ValueError, qml.exceptions.DeviceError, qml.exceptions.QuantumFunctionError), match=says):
        node = qml.QNode(circuit, qml.device("qloom.qubit", wires=5), mcm_method=method, postselect_mode=mode)
        qml.set_shots(node, shots)(0.7, 1.1, returns)
