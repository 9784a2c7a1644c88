"""Pauli sums: arithmetic, text, JSON and the sparse form against dense matrices."""

import copy
import itertools
import json
import pickle

import numpy as np
import pytest
from dense import total, word

import qloom
from qloom import PauliSum


def drawn(seed, n=3, terms=6):
    """A random sum on n qubits, and its terms as a dictionary."""
    random = np.random.default_rng(seed)
    words = random.choice(["".join(letters) for letters in itertools.product("IXYZ", repeat=n)], terms, replace=False)
    of = {str(letters): float(value) for letters, value in zip(words, random.normal(size=terms))}
    return PauliSum(of), of


@pytest.mark.parametrize("letters", ["".join(each) for each in itertools.product("IXYZ", repeat=2)])
def test_words_are_kronecker_products_with_qubit_0_least(letters):
    assert np.array_equal(PauliSum({letters: 1.0}).matrix(), word(letters))


@pytest.mark.parametrize("seed", range(4))
def test_the_arithmetic_of_sums_is_that_of_their_matrices(seed):
    (one, a), (two, b) = drawn(seed), drawn(seed + 100)
    a, b = total(a, 3), total(b, 3)
    for made, wanted in [
        (one, a), (one + two, a + b), (one - two, a - b), (-one, -a), (2.5 * one, 2.5 * a), (one * -0.5, -0.5 * a), (two / 4, b / 4),
        (one.commutator(two), 1j * (a @ b - b @ a)), (one @ one, a @ a), (one - one, 0 * a), (0.0 * one, 0 * a),
    ]:  # fmt: skip
        assert np.allclose(made.matrix(), wanted, atol=1e-12)
    # the anticommutator is Hermitian though the products are not: it is had from a square
    square = (one + two) @ (one + two) - one @ one - two @ two
    assert np.allclose(square.matrix(), a @ b + b @ a, atol=1e-12)
    with pytest.raises(qloom.errors.CircuitError, match="imaginary part"):
        one @ two


@pytest.mark.parametrize("seed", range(3))
def test_norm_constant_and_terms(seed):
    made, of = drawn(seed, terms=10)
    assert dict(made.terms()) == pytest.approx(of) and len(made) == 10
    assert made.constant == pytest.approx(np.trace(total(of, 3)).real / 8)
    assert made.constant == pytest.approx(of.get("III", 0.0))
    # the sum of the absolute values bounds the spectrum wherever the constant stands
    spectrum = np.linalg.eigvalsh(made.matrix())
    assert np.abs(spectrum - made.constant).max() <= made.one_norm + abs(made.constant) + 1e-12
    assert qloom.ground_energy(made) == pytest.approx(spectrum[0], abs=1e-9)


def test_equal_words_are_added_and_those_that_cancel_are_gone():
    assert PauliSum([("XZ", 1.0), ("XZ", 0.5), ("ZZ", 1.0)]) == PauliSum({"XZ": 1.5, "ZZ": 1.0})
    left = PauliSum({"XZ": 1.0, "ZZ": 1.0}) - PauliSum({"XZ": 1.0})
    assert left == PauliSum({"ZZ": 1.0}) and len(left) == 1
    assert len(PauliSum({}, 2)) == 0 and np.array_equal(PauliSum({}, 2).matrix(), np.zeros((4, 4)))
    # words shorter than the longest end in I
    assert PauliSum({"X": 1.0, "ZZ": 2.0}) == PauliSum({"XI": 1.0, "ZZ": 2.0}) and PauliSum({"X": 1.0}, 3) == PauliSum({"XII": 1.0})
    assert PauliSum({"X": 1.0}) != PauliSum({"X": 1.0 + 1e-9}) and PauliSum({"XI": 1.0}) != PauliSum({"X": 1.0})


@pytest.mark.parametrize("seed", range(3))
def test_sums_come_back_from_each_of_their_forms(seed):
    made, of = drawn(seed, n=4)
    sparse = [("".join(c for c in w if c != "I"), [q for q, c in enumerate(w) if c != "I"], v) for w, v in of.items()]
    for again in [
        PauliSum.from_json(made.to_json()), PauliSum.from_text(str(made), 4), PauliSum.from_sparse(sparse, 4), PauliSum(made.terms()),
        pickle.loads(pickle.dumps(made)), copy.deepcopy(made), eval(repr(made), {"PauliSum": PauliSum}),
    ]:  # fmt: skip
        assert again == made and again.num_qubits == 4
    assert isinstance(json.loads(made.to_json()), (dict, list))


def test_sparse_letters_may_stand_in_any_order():
    assert PauliSum.from_sparse([("XY", [2, 0], 1.5), ("", [], -1.0)], 3) == PauliSum({"YIX": 1.5, "III": -1.0})
    for qubit in range(3):
        assert PauliSum.z(qubit, 3) == PauliSum.from_sparse([("Z", [qubit], 1.0)], 3)


def test_text_names_letters_by_qubit():
    read = PauliSum.from_text("1.5 * Z0 X2 - 0.5", 3)
    assert np.allclose(read.matrix(), 1.5 * word("ZIX") - 0.5 * np.eye(8))
    assert PauliSum.from_text("X1").num_qubits == 2


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (lambda: PauliSum({"XQ": 1.0}), ValueError, "Q"),
        (lambda: PauliSum({"XX": 1.0}, 1), IndexError, "qubit 1 is outside"),
        (lambda: PauliSum({"X": float("nan")}), ValueError, "NaN"),
        (lambda: PauliSum({"X": float("inf")}), ValueError, "inf"),
        (lambda: PauliSum({"X": 1j}), TypeError, "complex"),
        (lambda: PauliSum({"X": 1.0}) / 0.0, ValueError, "a coefficient is inf"),
        (lambda: PauliSum({"X": 1.0}) * float("nan"), ValueError, "a coefficient is NaN"),
        (lambda: PauliSum({"X": 1.0}) + 1.0, TypeError, "unsupported operand"),
        (lambda: PauliSum({"X": 1.0}) - PauliSum({"XX": 1.0}), ValueError, "1 and 2 qubits"),
        (lambda: PauliSum({"X": 1.0}).commutator(PauliSum({"XX": 1.0})), ValueError, "qubits"),
        (lambda: PauliSum.from_sparse([("X", [3], 1.0)], 3), IndexError, "3"),
        (lambda: PauliSum.from_sparse([("XX", [1, 1], 1.0)], 3), ValueError, "qubit 1 is named twice"),
        (lambda: PauliSum.from_sparse([("XX", [1], 1.0)], 3), ValueError, "2 letters for 1 qubits"),
        (lambda: PauliSum.z(3, 3), IndexError, "3"),
        (lambda: PauliSum.from_text("1.0 * Q0"), ValueError, "column 7"),
        (lambda: PauliSum.from_json("{"), ValueError, "line 1, column 1"),
        (lambda: hash(PauliSum({"X": 1.0})), TypeError, "unhashable"),
    ],
)
def test_what_is_no_sum_is_refused(make, kind, says):
    with pytest.raises(kind, match=says):
        make()
