"""The environment of a search, alone and in Gymnasium."""

import numpy as np
import pytest

from qloom import Energy, Environment, PauliSum

HEISENBERG = PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0})


def play(environment, seed):
    """Random legal actions until the episode ends."""
    random = np.random.default_rng(seed)
    _, legal = environment.reset(1e-3)
    while True:
        _, legal, reward, energy, ending = environment.step(int(random.choice(np.flatnonzero(legal))))
        assert np.isfinite(reward)
        if ending:
            return energy, ending


def test_energies_are_those_of_the_circuit():
    environment = Environment(HEISENBERG, {"max_gates": 8}, exact_energy=-3.0)
    ended = [play(environment, seed) for seed in range(8)]
    energy, ending = ended[-1]
    circuit, angles = environment.circuit()
    assert Energy(circuit, HEISENBERG)(angles) == pytest.approx(energy, abs=1e-9)
    assert {ending for _, ending in ended} <= {"success", "exhausted"}
    with pytest.raises(ValueError, match="reset"):
        environment.step(0)
    environment.reset(1e-3)
    with pytest.raises(ValueError, match="numbered from 0"):
        environment.step(10_000)


def test_gymnasium_checks_it():
    pytest.importorskip("gymnasium")
    from gymnasium.utils.env_checker import check_env

    from qloom.gymnasium import CircuitSearch

    environment = CircuitSearch(HEISENBERG, {"max_gates": 6}, exact_energy=-3.0)
    check_env(environment, skip_render_check=True)
    observation, information = environment.reset(seed=1)
    assert environment.observation_space.contains(observation)
    action = environment.action_space.sample(mask=information["action_mask"].astype(np.int8))
    _, _, ended, truncated, information = environment.step(action)
    assert not truncated and information["energy"] <= 1.0 + 1e-9 and isinstance(ended, bool)
