"""Circuits by their usual names, and Hamiltonians of lattices and graphs.

>>> from qloom import ground_energy
>>> round(ground_energy(ising(grid([4], [True]), 1.0, 0.5)), 6)
-4.271558
>>> real_amplitudes(3, 2).num_parameters
9
"""

from ._native import (
    determinant,
    efficient_su2,
    evolution,
    ghz,
    grid,
    hardware_efficient,
    hardware_efficient_from,
    heisenberg,
    hubbard,
    ising,
    max_cut,
    product_ansatz,
    qft,
    random_sum,
    real_amplitudes,
    state_preparation,
    strongly_entangling,
    w_state,
)

__all__ = [
    "determinant",
    "efficient_su2",
    "evolution",
    "ghz",
    "grid",
    "hardware_efficient",
    "hardware_efficient_from",
    "heisenberg",
    "hubbard",
    "ising",
    "max_cut",
    "product_ansatz",
    "qft",
    "random_sum",
    "real_amplitudes",
    "state_preparation",
    "strongly_entangling",
    "w_state",
]
