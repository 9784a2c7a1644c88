"""Quantum circuits, simulated fast enough to sit in the inner loop of a learner, and the learners on top.

Qubit 0 is the least significant bit of a basis index and stands rightmost in bitstrings; rotations are `exp(-i theta P/2)` in radians.

>>> from qloom import Circuit, Energy, PauliSum
>>> circuit = Circuit(2)
>>> theta = circuit.parameter("theta")
>>> circuit.ry(theta, 0).cx(0, 1)
<Circuit: 2 qubits, 2 operations, 1 parameter>
>>> value, gradient = Energy(circuit, PauliSum({"XX": 1.0, "ZI": 0.5})).value_and_gradient([0.3])
>>> round(value, 6), gradient.round(6).tolist()
(0.773188, [0.807576])
"""

from . import _gates, errors, library
from ._native import (
    Angle,
    Batch,
    Braid,
    Channel,
    Circuit,
    Classifier,
    Device,
    Energy,
    Environment,
    Estimator,
    Executable,
    Kernel,
    Molecule,
    NoiseModel,
    PauliSum,
    PauliVector,
    Program,
    Reservoir,
    Sampler,
    Search,
    SeriesModel,
    StateVector,
    Tableau,
    compile,
    evolve,
    gates,
    ground_energy,
    hessian,
    jones_of_diagram,
    metric_tensor,
    mine_gadgets,
    propagate,
)
from .errors import QloomError

__all__ = [
    "Angle",
    "Batch",
    "Braid",
    "Channel",
    "Circuit",
    "Classifier",
    "Device",
    "Energy",
    "Environment",
    "Estimator",
    "Executable",
    "Kernel",
    "Molecule",
    "NoiseModel",
    "PauliSum",
    "PauliVector",
    "Program",
    "QloomError",
    "Reservoir",
    "Sampler",
    "Search",
    "SeriesModel",
    "StateVector",
    "Tableau",
    "compile",
    "errors",
    "evolve",
    "gates",
    "ground_energy",
    "hessian",
    "jones_of_diagram",
    "library",
    "metric_tensor",
    "mine_gadgets",
    "propagate",
]

_gates.attach(Circuit)
