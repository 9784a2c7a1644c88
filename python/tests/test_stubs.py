"""The stubs say what the module has."""

import subprocess
import sys
from pathlib import Path

import pytest

import qloom
from qloom import _gates


def test_the_methods_of_gates_are_declared():
    stub = (Path(qloom.__file__).parent / "_native.pyi").read_text()
    declared = stub.split("    # gates: begin\n")[1].split("    # gates: end")[0].splitlines()
    assert declared == _gates.stubs()


def test_stubtest():
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "qloom._native"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
