"""Models of series: what is told, going on from a state, and what is refused."""

import pickle

import numpy as np
import pytest

from qloom import SeriesModel

WAVE = np.sin(0.3 * np.arange(60)) + 0.3 * np.cos(0.7 * np.arange(60))
CELL = {"qgru": {"qubits": 2, "depth": 1}}
SHORT = {"gradient": {"epochs": 3}}


def model(**how):
    return SeriesModel("gru", WAVE, readout=SHORT, windows={"window": 5}, **how)


def test_windows_tell_the_next_value():
    made = SeriesModel("echo-state", WAVE, readout="ridge", windows={"window": 5, "horizon": 2, "train_fraction": 0.5})
    count = len(WAVE) - 5 - 2
    assert np.array_equal(made.targets, WAVE[6 : 6 + count]) and made.num_training == count // 2 and made.epochs == 1
    (event,) = [made.step()]
    assert made.step() is None and made.events == [event] and event["epoch"] == 1
    told = made.told()
    error = (told - made.targets) ** 2
    assert error[made.num_training :].mean() == pytest.approx(event["test_loss"], rel=1e-9) and event["test_loss"] < 0.1 * np.var(made.targets)


def test_epochs_lower_the_loss_and_go_on_from_a_state():
    seen, whole = [], model(seed=2)
    whole.fit(seen.append)
    assert [event["epoch"] for event in seen] == [1, 2, 3] and seen == whole.events and seen[-1]["train_loss"] < seen[0]["train_loss"]
    begun = model(seed=2)
    begun.step()
    for resumed in (model(seed=2, state=begun.state()), pickle.loads(pickle.dumps(begun))):
        resumed.fit()
        assert resumed.events == whole.events and np.array_equal(resumed.told(), whole.told())
    other = model(seed=3)
    other.fit()
    assert other.events != whole.events


def test_another_series_is_told():
    inputs = np.stack([np.sin(0.2 * np.arange(80)), np.cos(0.5 * np.arange(80))], axis=1)
    target = 0.5 * inputs[:, 0] - 0.3 * inputs[:, 1]
    made = SeriesModel("echo-state", inputs, target, readout={"ridge": {"regularization": 1e-2}}, windows={"window": 6})
    made.fit()
    rest = slice(made.num_training, None)
    assert np.array_equal(made.targets, target[6:79]) and np.var(made.told()[rest] - made.targets[rest]) < 0.05 * np.var(made.targets[rest])
    quantum = SeriesModel(CELL, WAVE, readout=SHORT)
    assert quantum.circuits() and all(circuit.num_qubits > 0 for _, circuit in quantum.circuits()) and made.circuits() == []


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: SeriesModel("oracle", WAVE), ValueError, "oracle.*qrnn"),
        (lambda: SeriesModel("gru", WAVE, readout="guess"), ValueError, "guess.*ridge"),
        (lambda: SeriesModel("gru", WAVE, readout="ridge"), ValueError, "reservoir"),
        (lambda: SeriesModel("gru", WAVE, windows={"width": 3}), ValueError, "width.*window"),
        (lambda: SeriesModel("gru", WAVE[:5]), ValueError, "5"),
        (lambda: SeriesModel("gru", np.ones(60)), ValueError, "all 60 values are 1"),
        (lambda: SeriesModel("gru", np.zeros((9, 2))), ValueError, "2 columns.*target"),
        (lambda: SeriesModel("gru", np.zeros((9, 2, 2))), ValueError, "steps"),
        (lambda: SeriesModel("gru", np.where(np.arange(60) == 7, np.nan, WAVE)), ValueError, "value 8 is NaN"),
        (lambda: model(state=b"x"), ValueError, "state"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
