"""Programs of OpenQASM 3 with classical values: what can come out, functions of Python, noise and timing."""

import pickle

import numpy as np
import pytest

from qloom import Circuit, Device, NoiseModel, Program

HEAD = 'OPENQASM 3.0; include "stdgates.inc"; '
UNTIL = HEAD + "qubit q; output int n; bit c = 1; while (c) { h q; c = measure q; n += 1; }"
TURNS = HEAD + "input float theta; input int[8] turns; qubit q; output bit c; for int k in [1:turns] { ry(theta) q; } c = measure q;"


def test_a_loop_until_success():
    program = Program(UNTIL)
    assert (program.num_qubits, program.inputs, program.outputs, program.warnings) == (1, [], [("n", "int")], [])
    courses = program.courses()
    assert [(share, values["n"]) for share, values in courses[:8]] == [(pytest.approx(0.5**k, rel=1e-9), k) for k in range(1, 9)]
    counts = program.counts(10_000, seed=3)
    assert sum(count for count, _ in counts) == 10_000 and counts == program.counts(10_000, seed=3) != program.counts(10_000, seed=4)
    assert counts[0][1] == {"n": 1} and abs(counts[0][0] - 5000) < 250
    assert pickle.loads(pickle.dumps(program)) == program and program.text == UNTIL


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_inputs(turns):
    program = Program(TURNS)
    assert [name for name, _ in program.inputs] == ["theta", "turns"]
    courses = {values["c"]: share for share, values in program.courses({"theta": 0.4, "turns": turns})}
    assert courses.get("1", 0.0) == pytest.approx(np.sin(0.2 * turns) ** 2, abs=1e-12)


def test_values_of_all_types():
    text = "OPENQASM 3.0; " + (
        "output int[8] a; output uint[8] b; output float f; output bool t; output bit[3] s; output complex z; output angle[8] w; "
        "output array[int[8], 2, 3] m; a = -5; b = 250; f = 0.5; t = true; s = \"011\"; z = 1.5 - 2.0im; w = pi / 2; m[1, 2] = 7;"
    )
    [(share, values)] = Program(text).courses()
    assert share == 1.0
    assert values == {"a": -5, "b": 250, "f": 0.5, "t": True, "s": "011", "z": 1.5 - 2j, "w": pytest.approx(np.pi / 2), "m": [[0, 0, 0], [0, 0, 7]]}
    assert isinstance(values["t"], bool) and isinstance(values["a"], int)


def test_functions_of_python():
    text = HEAD + "extern next(float) -> float; qubit q; output float f; output bit c; f = next(0.5); ry(f) q; c = measure q;"
    courses = Program(text).courses(externs={"next": lambda value: value + 1.0})
    assert {values["c"]: share for share, values in courses}["1"] == pytest.approx(np.sin(0.75) ** 2)
    assert all(values["f"] == 1.5 for _, values in courses)

    def fail(value):
        raise LookupError("no next")

    with pytest.raises(LookupError, match="no next"):
        Program(text).counts(10, externs={"next": fail})


def test_noise_and_errors_of_reading_out():
    text = HEAD + "qubit q; output bit c; x q; c = measure q;"
    noise = NoiseModel.uniform("depolarizing1=0.2, readout=0.1", 1)
    courses = {values["c"]: share for share, values in Program(text).courses(noise=noise)}
    assert courses["1"] == pytest.approx(0.9 * 0.9 + 0.1 * 0.1)


def test_programs_as_circuits():
    text = HEAD + "qubit[3] q; def pair(qubit a, qubit b) { cx a, b; } for int k in [0:1] { pair(q[k], q[k + 1]); } if (2 > 1) { h q[0]; }"
    assert Program(text).circuit() == Circuit.from_qasm(HEAD + "qubit[3] q; cx q[0], q[1]; cx q[1], q[2]; h q[0];")
    with pytest.raises(ValueError, match="line 1"):
        Program(UNTIL).circuit()
    with pytest.raises(ValueError, match="5"):
        Program(HEAD + "qubit q; for int k in [1:9] { x q; }").circuit(limit=5)


def test_stretches_become_delays():
    text = 'name = "two"\ndt_ns = 0.5\n[one_qubit]\ntime_ns = 20.0\n[two_qubit]\ntime_ns = 100.0\n[qubit]\nreadout_ns = 300.0\n'
    device = Device.from_toml(text)
    program = Program(HEAD + "stretch a; qubit[2] q; box[200dt] { h q[0]; delay[a] q[0]; x q[0]; delay[2 * a] q[0]; x q[1]; }")
    delays = [arguments for name, arguments in program.circuit(device).operations() if name == "delay"]
    assert [(duration, qubits) for duration, qubits in delays if qubits == [0]] == [(20.0, [0]), (40.0, [0])]
    with pytest.raises(ValueError, match="a box with a duration"):
        program.circuit()


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Program("OPENQASM 3.0; qubit q; nope q;"), ValueError, "line 1, column 24"),
        (lambda: Program(TURNS).courses(), ValueError, "theta"),
        (lambda: Program(TURNS).courses({"theta": 0.1, "turns": 1, "phi": 0.2}), LookupError, "no input \"phi\".*turns"),
        (lambda: Program(TURNS).courses({"theta": "x", "turns": 1}), ValueError, "bits 0 and 1"),
        (lambda: Program(TURNS).courses({"theta": None, "turns": 1}), TypeError, "NoneType"),
        (lambda: Program(UNTIL).courses(limit=3), ValueError, "3"),
        (lambda: Program(UNTIL).counts(0), ValueError, "2\\^53"),
        (lambda: Program(HEAD + "extern f(int) -> int; output int a; a = f(1);").courses(), ValueError, "f"),
        (lambda: Program(HEAD + "while (true) { }").courses(), ValueError, "steps|instructions"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
