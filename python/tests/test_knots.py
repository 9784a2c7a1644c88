"""Braids and Jones polynomials against the tables of knots and links, and the relations that define them."""

import copy
import csv
import json
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import qloom
from qloom import Braid

with open(Path(__file__).resolve().parents[2] / "data" / "knots" / "knots.csv", newline="") as file:
    TABLE = list(csv.DictReader(file))


def twice(power):
    """Twice a power of t as the table writes it: an integer, or text such as 5/2."""
    return int(power.split("/")[0]) if isinstance(power, str) else 2 * power


def test_polynomials_are_those_of_the_table():
    assert len(TABLE) == 290
    for row in TABLE:
        braid = Braid(json.loads(row["braid_word"]), int(row["strands"]))
        assert braid.jones() == {twice(power): value for power, value in json.loads(row["jones"])}, row["name"]
        assert (braid.components, braid.writhe) == (int(row["components"]), int(row["braid_writhe"])), row["name"]
        assert braid.jones_at_fifth_root() == pytest.approx(float(row["v5_re"]) + 1j * float(row["v5_im"]), abs=1e-9), row["name"]


def shifted(polynomial, powers):
    """A polynomial times a sum of half powers of t."""
    out = Counter()
    for power, value in polynomial.items():
        for by, factor in powers.items():
            out[power + by] += value * factor
    return {power: value for power, value in out.items() if value}


def drawn(seed, strands, length):
    random = np.random.default_rng(seed)
    return (random.integers(1, strands, length) * random.choice([-1, 1], length)).tolist()


@pytest.mark.parametrize("seed", range(12))
def test_the_skein_relation(seed):
    letters = drawn(seed, 4, 8)
    place, rest = seed % 8, letters[: seed % 8] + letters[seed % 8 + 1 :]
    letter = abs(letters[place])
    plus, minus = (Braid([*letters[:place], sign * letter, *letters[place + 1 :]], 4).jones() for sign in (1, -1))
    left = Counter(shifted(plus, {-2: 1}))
    left.subtract(shifted(minus, {2: 1}))
    assert {power: value for power, value in left.items() if value} == shifted(Braid(rest, 4).jones(), {1: 1, -1: -1})


@pytest.mark.parametrize("seed", range(12))
def test_what_leaves_a_link_as_it_is(seed):
    letters = drawn(seed, 4, 9)
    braid, same = Braid(letters, 4), Braid(letters, 4).jones()
    for moved in [
        [2, *letters, -2], letters[3:] + letters[:3], [*letters, 1, -1], [*letters, 1, 2, 1, -2, -1, -2], [*letters, 1, 3, -1, -3],
    ]:  # fmt: skip
        assert Braid(moved, 4).jones() == same
    for stabilised in ([*letters, 4], [*letters, -4]):
        assert Braid(stabilised, 5).jones() == same and Braid(stabilised, 5).components == braid.components
    mirrored = {-power: value for power, value in same.items()}
    assert braid.mirror().jones() == mirrored == braid.inverse().jones()
    assert braid.mirror().letters == [-letter for letter in letters] and braid.inverse().letters == [-letter for letter in letters[::-1]]


@pytest.mark.parametrize("n", range(1, 8))
def test_unlinked_circles_and_values_at_one(n):
    circles = Braid([], n)
    power = {0: 1}
    for _ in range(n - 1):
        power = shifted(power, {1: -1, -1: -1})
    assert circles.jones() == power and circles.components == n
    # V(1) = (-2)^(components - 1)
    braid = Braid(drawn(n, n + 1, 10), n + 1)
    assert sum(braid.jones().values()) == (-2) ** (braid.components - 1)


def test_plat_closures():
    assert Braid([2, 2, 2], 4).jones("plat") == {2: 1, 6: 1, 8: -1}
    assert Braid([1], 2).jones("plat") == {0: 1} and Braid([], 4).jones("plat") == {1: -1, -1: -1}


def test_braids_are_values():
    braid = Braid([1, -2, 1, -2])
    for again in (Braid([1, -2, 1, -2], 3), pickle.loads(pickle.dumps(braid)), copy.deepcopy(braid), eval(repr(braid), {"Braid": Braid})):
        assert again == braid and hash(again) == hash(braid) and len(again) == 4
    assert braid != Braid([1, -2, 1, -2], 4) and braid.jones_text() == "t^{-2} - t^{-1} + 1 - t + t^2"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Braid([0]), "letter 1 .* is 0"),
        (lambda: Braid([1, 3], 2), "letter 2 .* is 3"),
        (lambda: Braid([1]).jones("nope"), "nope.*plat"),
        (lambda: Braid([1, 1], 3).jones("plat"), "3 strands"),
    ],
)
def test_what_is_no_link_is_refused(call, says):
    with pytest.raises(ValueError, match=says) as caught:
        call()
    assert isinstance(caught.value, qloom.QloomError)
