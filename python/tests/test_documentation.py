"""The examples of docstrings."""

import doctest

import pytest

import qloom
from qloom import _native

THINGS = [getattr(_native, name) for name in _native.__all__]


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.__name__)
def test_examples(thing):
    tests = [test for test in doctest.DocTestFinder().find(thing, thing.__name__, module=False) if test.examples]
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        assert runner.run(test).failed == 0
    assert thing.__doc__


def test_the_front_page():
    for module in (qloom, qloom.library, qloom.series):
        assert doctest.testmod(module).failed == 0
