"""Series of benchmarks against SciPy's integrators and the recurrences themselves, and measures of reservoirs that are known."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import jv

from qloom import Reservoir, series


def solved(slope, start, times):
    return solve_ivp(slope, (0.0, times[-1]), start, t_eval=times, rtol=1e-11, atol=1e-12).y


def test_pendulum_and_lorenz_are_their_equations():
    times = np.linspace(0.0, 20.0, 240)
    pendulum = solved(lambda _, y: [y[1], -0.15 * y[1] - 9.81 * np.sin(y[0])], [0.0, 3.0], times)[1]
    assert np.allclose(series.damped_pendulum(), pendulum, atol=1e-7)
    heavy = solved(lambda _, y: [y[1], -0.5 / 2.0 * y[1] - 9.81 / 3.0 * np.sin(y[0])], [0.0, 1.0], np.linspace(0.0, 5.0, 50))[1]
    assert np.allclose(series.damped_pendulum(0.5, 2.0, length=3.0, velocity=1.0, duration=5.0, points=50), heavy, atol=1e-7)
    lorenz = solved(lambda _, y: [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]], [1.0] * 3, 0.02 * np.arange(200))
    assert np.allclose(series.lorenz(200), lorenz.T, atol=1e-5)


def test_formulas():
    assert np.allclose(series.bessel(80), jv(2, np.linspace(2.0, 100.0, 80)), atol=1e-12)
    t = -2.0 + 0.1 * np.arange(300)
    pulses = sum(np.exp(-10.0 * (t - 2.0 * n) ** 2) for n in range(11)) * np.exp(-t / 16.0)
    assert np.allclose(series.delayed_control(0.1, 300), pulses, atol=1e-12)
    angle = 2 * np.pi * np.arange(50) / 100.0
    assert np.allclose(series.narma_drive(100.0, 50), 0.1 * (np.sin(2.11 * angle) * np.sin(3.73 * angle) * np.sin(4.11 * angle) + 1.0))
    drive = series.uniform_drive(5000, seed=3)
    assert drive.min() >= 0.0 and drive.max() < 0.5 and drive.mean() == pytest.approx(0.25, abs=0.01)
    assert series.scaled([2.0, 3.0, 6.0]).tolist() == [-1.0, -0.5, 1.0]


def test_narma_is_its_recurrence():
    u = series.uniform_drive(60, seed=1)
    y = series.narma(10, u)
    for t in range(15, 59):
        assert y[t + 1] == pytest.approx(0.3 * y[t] + 0.05 * y[t] * y[t - 9 : t + 1].sum() + 1.5 * u[t - 9] * u[t] + 0.1, abs=1e-12)
    y = series.narma(2, u, 0.2)
    for t in range(1, 59):
        assert y[t + 1] == pytest.approx(0.4 * y[t] + 0.4 * y[t] * y[t - 1] + 0.6 * u[t] ** 3 + 0.1, abs=1e-12)


def test_mackey_glass_follows_its_equation():
    # without a delay x settles where 0.2/(1 + x^10) = 0.1
    assert np.allclose(series.mackey_glass(5, 0.0), 1.0, atol=1e-9)
    x = series.mackey_glass(3000)
    assert 0.2 < x.min() < 0.5 and 1.2 < x.max() < 1.5 and 0.15 < x.std() < 0.3


def test_measures_of_reservoirs():
    settings = {"capacity": {"wash_out": 50, "train": 300, "test": 300, "max_delay": 10}, "processing": {"steps": 600, "wash_out": 50, "delays": [5, 3]}}
    settings |= {"narma": 5, "fading": 100}
    reservoir = Reservoir({"echo-state": {"nodes": 30}}, [(0.0, 1.0)], seed=2)
    found = reservoir.assess(settings, seed=1)
    assert found["features"] == reservoir.num_features and found == reservoir.assess(settings, seed=1) != reservoir.assess(settings, seed=2)
    memory = found["memory"]["delays"]
    assert len(memory) == 11 and found["memory"]["total"] == pytest.approx(sum(memory[1:]))
    # what has just been is remembered best; a capacity is a share of a variance, and all of them are at most the rank
    assert memory[1] > 0.9 and all(-1e-12 <= value <= 1.0 + 1e-9 for value in memory)
    assert found["processing"]["total"] <= found["processing"]["rank"] <= found["features"] + 1
    assert found["fading"]["distances"][-1] < 1e-3 * found["fading"]["distances"][0]
    assert 0.0 < found["narma"] < 1.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: series.bessel(10**9), "1000000000 values"),
        (lambda: series.damped_pendulum(mass=0.0), "positive"),
        (lambda: series.damped_pendulum(duration=1e9), "duration"),
        (lambda: series.narma_drive(0.0, 5), "period"),
        (lambda: series.narma(1, [0.1, 0.2]), "at least 2"),
        (lambda: series.narma(10, np.full(500, 5.0)), "NARMA"),
        (lambda: series.mackey_glass(5, -1.0), "delay"),
        (lambda: series.lorenz(5, 1e9), "time units"),
        (lambda: series.narma(10**8, np.zeros(100)), "product"),
        (lambda: series.scaled([1.0, 1.0]), "nothing to scale"),
        (lambda: Reservoir("echo-state", [(0.0, 2.0)]).assess(), "from 0 to 1"),
        (lambda: Reservoir("echo-state", [(0.0, 1.0)]).assess({"depth": 3}), "depth"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
