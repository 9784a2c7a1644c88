"""The search for circuits as an environment of Gymnasium, so that agents of any library can play it.

>>> from qloom import PauliSum
>>> environment = CircuitSearch(PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0}), {"max_gates": 4}, exact_energy=-3.0)
>>> observation, information = environment.reset(seed=1)
>>> observation.shape == environment.observation_space.shape
True
"""

from __future__ import annotations

import gymnasium
import numpy as np

from ._native import Environment

__all__ = ["CircuitSearch"]


class CircuitSearch(gymnasium.Env):
    """A circuit that grows gate by gate; `info["action_mask"]` says which actions are legal.

    `settings`: keys of `[search.environment]`; `threshold`: how close to the target an episode succeeds. `info` also has the energy, and
    `ending` at the end: success ends an episode, running out of gates or halting truncates it.
    """

    metadata = {"render_modes": ["ansi"]}

    def __init__(self, hamiltonian, settings=None, *, threshold=1.6e-3, exact_energy=None, seed=0, render_mode=None):
        self.environment = Environment(hamiltonian, settings, seed, exact_energy)
        self.threshold, self.render_mode = threshold, render_mode
        self.action_space = gymnasium.spaces.Discrete(self.environment.num_actions)
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (self.environment.num_inputs,), np.float32)
        self._mask = np.ones(self.environment.num_actions, dtype=bool)

    def reset(self, *, seed=None, options=None):
        """Starts an episode with the empty circuit; `options["threshold"]` stands in for the threshold."""
        super().reset(seed=seed)
        observation, self._mask = self.environment.reset((options or {}).get("threshold", self.threshold))
        return observation, {"action_mask": self._mask}

    def step(self, action):
        """Appends a gate and fits all angles."""
        observation, self._mask, reward, energy, ending = self.environment.step(int(action))
        information = {"action_mask": self._mask, "energy": energy, "ending": ending}
        return observation, reward, ending == "success", ending in ("exhausted", "halted"), information

    def action_masks(self):
        """Which actions are legal now."""
        return self._mask

    def render(self):
        """The circuit in characters."""
        return str(self.environment.circuit()[0])
