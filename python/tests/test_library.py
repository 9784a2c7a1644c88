"""Circuits by their names and Hamiltonians of lattices, against NumPy; diagrams and braids of the table of knots."""

import numpy as np
import pytest
from dense import word

from qloom import Braid, PauliSum, ground_energy, jones_of_diagram, library


def test_states_by_name():
    ghz, w = library.ghz(3).state().probabilities(), library.w_state(3).state().probabilities()
    assert np.allclose(ghz, [0.5, 0, 0, 0, 0, 0, 0, 0.5]) and np.allclose(w, [0, 1 / 3, 1 / 3, 0, 1 / 3, 0, 0, 0])
    fourier = np.exp(2j * np.pi * np.outer(np.arange(8), np.arange(8)) / 8) / np.sqrt(8)
    assert np.allclose(library.qft(3).matrix(), fourier)
    random = np.random.default_rng(3)
    amplitudes = random.normal(size=8) + 1j * random.normal(size=8)
    made = library.state_preparation(amplitudes).state().amplitudes()
    assert abs(np.vdot(made, amplitudes)) == pytest.approx(np.linalg.norm(amplitudes))


@pytest.mark.parametrize(
    ("circuit", "parameters", "pairs"),
    [
        (library.real_amplitudes(3, 2), 9, 4),
        (library.real_amplitudes(4, 1, "full"), 8, 6),
        (library.efficient_su2(3, 1, "circular"), 12, 3),
        (library.strongly_entangling(3, 2), 18, 6),
    ],
)
def test_ansaetze_have_their_sizes(circuit, parameters, pairs):
    assert circuit.num_parameters == parameters and circuit.operation_counts["cx"] == pairs
    assert library.hardware_efficient(3, 2).num_parameters > 0


def test_lattices():
    assert library.grid([2, 2]) == (4, [(0, 1), (2, 3), (0, 2), (1, 3)])
    assert library.ising(library.grid([2]), 1.0, 0.5, 0.25) == PauliSum({"ZZ": -1.0, "XI": -0.5, "IX": -0.5, "ZI": -0.25, "IZ": -0.25})
    pair = library.heisenberg((2, [(0, 1)]), [1.0, 2.0, 3.0], 0.5)
    dense = word("XX") + 2 * word("YY") + 3 * word("ZZ") + 0.5 * (word("ZI") + word("IZ"))
    assert np.allclose(pair.matrix(), dense)
    edges = (5, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)])
    cuts = [sum((bits >> a & 1) != (bits >> b & 1) for a, b in edges[1]) for bits in range(32)]
    assert ground_energy(library.max_cut(edges)) == pytest.approx(-max(cuts))
    assert ground_energy(library.max_cut((2, [(0, 1)]), [2.5])) == pytest.approx(-2.5)


def test_knots_of_the_table_and_diagrams():
    trefoil = Braid.named("3_1")
    code = [[1, 5, 2, 4], [3, 1, 4, 6], [5, 3, 6, 2]]
    assert jones_of_diagram(code) in (trefoil.jones(), trefoil.mirror().jones())
    long = Braid([1, 1, -1, 2, 1, 1, 3, -2, 2])
    short = long.simplified(seed=1)
    assert (short.strands, short.letters) == (2, [1, 1, 1]) and short.jones() == long.jones()


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: library.real_amplitudes(3, 2, "loose"), ValueError, "loose.*linear"),
        (lambda: library.qft(10**7), ValueError, "10000000 qubits"),
        (lambda: library.real_amplitudes(1000, 1000), ValueError, "1000 qubits 1000 times"),
        (lambda: library.state_preparation([1.0, 0.0, 0.0]), ValueError, "power of two"),
        (lambda: library.state_preparation([[1.0, 0.0]]), ValueError, "one dimension"),
        (lambda: library.grid([0]), ValueError, "at least 1"),
        (lambda: library.grid([9, 9]), ValueError, "81|64"),
        (lambda: library.ising((2, [(0, 2)])), ValueError, "2"),
        (lambda: library.max_cut((2, [(0, 1)]), [1.0, 2.0]), ValueError, "weights"),
        (lambda: Braid.named("99_99"), ValueError, "99_99"),
        (lambda: Braid([1]).simplified(budget=10**9), ValueError, "at most"),
        (lambda: jones_of_diagram([[1, 2, 3, 4]]), ValueError, ""),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
