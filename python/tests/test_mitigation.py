"""Estimators and samplers under noise, with and without mitigation, against density matrices; folded circuits."""

import pickle

import numpy as np
import pytest
from dense import word

from qloom import Angle, Channel, Circuit, Estimator, NoiseModel, PauliSum, Sampler

SUM = PauliSum({"ZZ": 1.0, "XI": 0.5, "IY": -0.25, "II": 2.0})
POINT = np.array([0.4, -0.7])
RULES = [(None, 1, None, Channel.depolarizing(0.01)), (None, 2, None, Channel.depolarizing(0.03, 2))]
READOUT = [(0.02, 0.05), (0.1, 0.04)]
MITIGATIONS = [
    "zero-noise-extrapolation",
    {"zero-noise-extrapolation": {"scales": [1, 3], "scaling": "insertion", "curve": "polynomial", "degree": 1}},
    "probabilistic-error-cancellation",
    "virtual-distillation",
]


def circuit():
    return Circuit(2).ry(Angle(0), 0).cx(0, 1).rx(Angle(1), 1).cx(1, 0).ry(Angle(0), 1)


def exact(noise=None):
    made = circuit().bind(POINT)
    return (noise.apply(made) if noise else made).density().expectation(SUM)


def test_without_shots_it_is_exact():
    gates, readout = NoiseModel(RULES), NoiseModel(RULES, READOUT)
    assert Estimator(circuit(), SUM).value(POINT) == (pytest.approx(exact(), abs=1e-12), 0.0)
    assert Estimator(circuit(), SUM, gates).value(POINT)[0] == pytest.approx(exact(gates), abs=1e-12)
    assert Estimator(circuit(), SUM, readout, invert_readout=True).value(POINT)[0] == pytest.approx(exact(gates), abs=1e-12)
    # each letter is read as (1 - a - b) P + (b - a)
    matrices = {letter: word(letter) for letter in "XYZ"}
    read = [{letter: (1 - a - b) * matrix + (b - a) * np.eye(2) for letter, matrix in matrices.items()} for a, b in READOUT]
    whole = [{**one, "I": np.eye(2)} for one in read]
    dense = sum(value * np.kron(whole[1][letters[1]], whole[0][letters[0]]) for letters, value in SUM.terms())
    state = gates.apply(circuit().bind(POINT)).density().matrix()
    noisy, noiseless = Estimator(circuit(), SUM, readout).reference(POINT)
    assert noisy == pytest.approx(np.trace(dense @ state).real, abs=1e-12) and noiseless == pytest.approx(exact(), abs=1e-12)
    assert Estimator(circuit(), SUM, readout).value(POINT)[0] == pytest.approx(noisy, abs=1e-12)


@pytest.mark.parametrize("mitigation", MITIGATIONS, ids=str)
def test_mitigated_values_are_nearer(mitigation):
    noise = NoiseModel(RULES, READOUT)
    plain = Estimator(circuit(), SUM, noise, invert_readout=True).value(POINT)[0]
    mitigated, error = Estimator(circuit(), SUM, noise, invert_readout=True, mitigation=mitigation).value(POINT)
    assert error == 0 and abs(mitigated - exact()) < 0.5 * abs(plain - exact())
    if mitigation == "probabilistic-error-cancellation":
        assert mitigated == pytest.approx(exact(), abs=1e-9)


def test_a_line_through_two_scales():
    noise = NoiseModel(RULES)
    values = [exact(NoiseModel([*RULES] * scale)) for scale in (1, 3)]
    how = {"zero-noise-extrapolation": {"scales": [1, 3], "curve": "polynomial", "degree": 1}}
    mitigated = Estimator(circuit(), SUM, noise, mitigation=how).value(POINT)[0]
    assert mitigated == pytest.approx(1.5 * values[0] - 0.5 * values[1], abs=1e-12)


@pytest.mark.parametrize("mitigation", [None, *MITIGATIONS], ids=str)
def test_gradients_are_slopes(mitigation):
    estimator = Estimator(circuit(), SUM, NoiseModel(RULES, READOUT), invert_readout=True, mitigation=mitigation)
    value, error, gradient = estimator.value_and_gradient(POINT)
    assert value == estimator.value(POINT)[0] and error == 0
    step = 1e-5
    for k in range(2):
        up, down = (estimator.value(POINT + sign * step * np.eye(2)[k])[0] for sign in (1, -1))
        assert gradient[k] == pytest.approx((up - down) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("mitigation", [None, "zero-noise-extrapolation", "probabilistic-error-cancellation"])
def test_standard_errors_are_those_of_the_values(mitigation):
    how = {"invert_readout": True, "mitigation": mitigation}
    estimator = Estimator(circuit(), SUM, NoiseModel(RULES, READOUT), shots=400, seed=3, **how)
    values = np.array([estimator.value(POINT) for _ in range(600)])
    limit = Estimator(circuit(), SUM, NoiseModel(RULES, READOUT), **how).value(POINT)[0]
    error = values[:, 1].mean()
    assert values[:, 0].std() == pytest.approx(error, rel=0.12)
    assert abs(values[:, 0].mean() - limit) < 5 * error / np.sqrt(600) + (0.3 * error if mitigation == "zero-noise-extrapolation" else 0)
    assert estimator.evaluations == 600


def test_a_seed_fixes_what_is_drawn_and_pickles_go_on():
    def values(estimator, count):
        return [estimator.value(POINT) for _ in range(count)]

    made = [Estimator(circuit(), SUM, shots=100, seed=seed) for seed in (1, 1, 2)]
    one, same, other = (values(estimator, 2) for estimator in made)
    assert one == same != other
    assert values(pickle.loads(pickle.dumps(made[0])), 2) == values(made[1], 2)


def bell():
    return Circuit(2).h(0).cx(0, 1)


def test_counts_are_read_with_errors():
    noise = NoiseModel([], READOUT)
    counts = Sampler(noise, seed=1).counts(Circuit(2).x(1), 100_000)
    wanted = {"00": 0.98 * 0.04, "01": 0.02 * 0.04, "10": 0.98 * 0.96, "11": 0.02 * 0.96}
    for outcome, probability in wanted.items():
        assert counts.get(outcome, 0) / 100_000 == pytest.approx(probability, abs=5 * np.sqrt(probability / 100_000))
    assert counts == Sampler(noise, seed=1).counts(Circuit(2, 2).x(1).measure(0, 0).measure(1, 1), 100_000)
    assert counts != Sampler(noise, seed=2).counts(Circuit(2).x(1), 100_000)


@pytest.mark.parametrize("cancels", [False, True])
def test_quasi_probabilities_are_those_without_noise(cancels):
    rules = RULES if cancels else []
    sampler = Sampler(NoiseModel(rules, READOUT), True, "probabilistic-error-cancellation" if cancels else None, seed=5)
    quasi = sampler.quasi_probabilities(bell(), 200_000)
    assert sum(quasi.values()) == pytest.approx(1.0, abs=0.02)
    for outcome, probability in {"00": 0.5, "01": 0.0, "10": 0.0, "11": 0.5}.items():
        assert quasi.get(outcome, 0.0) == pytest.approx(probability, abs=0.02 if cancels else 0.006)
    plain = Sampler(NoiseModel(RULES, READOUT), seed=5).counts(bell(), 200_000)
    assert plain["01"] / 200_000 > 0.03
    again = pickle.loads(pickle.dumps(sampler))
    assert again.quasi_probabilities(bell(), 1000) == sampler.quasi_probabilities(bell(), 1000)


def test_bits_are_inverted_by_the_errors_of_their_qubits():
    swapped = Circuit(2, 3).x(1).measure(0, 2).measure(1, 0)
    quasi = Sampler(NoiseModel([], READOUT), invert_readout=True, seed=5).quasi_probabilities(swapped, 200_000)
    assert quasi["001"] == pytest.approx(1.0, abs=0.01) and set(quasi) == {"000", "001", "100", "101"}


def test_folded_circuits_do_the_same():
    made = Circuit(2).h(0).cx(0, 1).rz(0.3, 1)
    for folding, scale, size in [("circuit", 3.0, 9), ("gates", 3.0, 9), ("large-gates", 3.0, 5), ("circuit", 1.0, 3)]:
        folded, reached = made.folded(scale, folding)
        assert len(folded) == size and reached == pytest.approx(scale) and np.allclose(folded.matrix(), made.matrix())
    assert np.allclose(made.with_identities(3).matrix(), made.matrix()) and len(made.with_identities(3)) == 9


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Estimator(circuit(), PauliSum({"Z": 1.0})), ValueError, "2.*1|1.*2"),
        (lambda: Estimator(circuit(), SUM).value([0.1]), ValueError, "2"),
        (lambda: Estimator(circuit(), SUM).value([0.1, np.inf]), ValueError, "inf"),
        (lambda: Estimator(circuit(), SUM, shots=0.5), ValueError, "shots is 0.5"),
        (lambda: Estimator(circuit(), SUM, mitigation="prayer"), ValueError, "prayer.*zero-noise"),
        (lambda: Estimator(circuit(), SUM, mitigation={"zero-noise-extrapolation": {"scales": [2]}}), ValueError, "scales"),
        (lambda: Estimator(circuit(), SUM, shot_noise="loud"), ValueError, "loud.*term-variance"),
        (lambda: Estimator(circuit(), SUM, NoiseModel([], [(0.5, 0.5)]), invert_readout=True), ValueError, "below 1"),
        (lambda: Sampler(mitigation="zero-noise-extrapolation"), ValueError, "use Estimator"),
        (lambda: Sampler().counts(bell(), 0), ValueError, "at least 1"),
        (lambda: Sampler().counts(circuit(), 10), ValueError, "2"),
        (
            lambda: Sampler(NoiseModel([], READOUT), True).quasi_probabilities(Circuit(1, 2).measure(0, 0).x(0).measure(0, 1), 9),
            NotImplementedError,
            "at the end",
        ),
        (lambda: Sampler(NoiseModel([], READOUT), True).quasi_probabilities(Circuit(21), 9), ValueError, "21 bits"),
        (lambda: bell().folded(0.5), ValueError, "0.5"),
        (lambda: bell().folded(3, "paper"), ValueError, "paper.*large-gates"),
        (lambda: bell().with_identities(100), ValueError, "99"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
