"""Programs: branches and shots against sums over courses in NumPy, OpenQASM there and back, and drawings."""

import copy
import pickle
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from dense import embedded, random_unitary, word

import qloom
from qloom import Angle, Channel, Circuit, Executable

H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
X = np.array([[0, 1], [1, 0]])
CX = np.eye(4)[[0, 3, 2, 1]]


def ry(angle):
    return np.array([[np.cos(angle / 2), -np.sin(angle / 2)], [np.sin(angle / 2), np.cos(angle / 2)]])


def courses(steps, n, bits):
    """Every course of a program: unnormalised states by their bits. A step is (kind, ...) and takes each course to one or more."""
    start = np.zeros(2**n, dtype=complex)
    start[0] = 1.0
    alive = [((0,) * bits, start)]
    for kind, *rest in steps:
        following = []
        for known, state in alive:
            if kind == "gate":
                matrix, qubits, condition = rest
                applies = condition is None or all(known[bit] == value for bit, value in condition)
                following.append((known, embedded(matrix, qubits, n) @ state if applies else state))
                continue
            qubit = rest[0]
            for outcome in (0, 1):
                part = np.where(np.arange(2**n) >> qubit & 1 == outcome, state, 0)
                if kind == "measure":
                    following.append((known[: rest[1]] + (outcome,) + known[rest[1] + 1 :], part))
                else:
                    following.append((known, embedded(X, [qubit], n) @ part if outcome else part))
        alive = [(known, state) for known, state in following if np.vdot(state, state).real > 1e-14]
    return alive


def probabilities(steps, n, bits):
    """The probability of each bitstring, bit 0 rightmost."""
    out = {}
    for known, state in courses(steps, n, bits):
        key = "".join(map(str, known[::-1]))
        out[key] = out.get(key, 0.0) + np.vdot(state, state).real
    return out


def feedback():
    """A qubit measured, another turned where it was one, reset, and both measured."""
    circuit = Circuit(2, 3).ry(0.9, 0).h(1).measure(0, 0)
    circuit.conditional([0], 1, Circuit(2, 3).ry(1.1, 1), Circuit(2, 3).x(1)).cx(1, 0).measure(1, 1).reset(0).h(0)
    circuit.conditional([0, 1], 2, Circuit(2, 3).ry(0.4, 0)).measure(0, 2)
    steps = [
        ("gate", ry(0.9), [0], None), ("gate", H, [1], None), ("measure", 0, 0), ("gate", ry(1.1), [1], [(0, 1)]),
        ("gate", X, [1], [(0, 0)]), ("gate", CX, [1, 0], None), ("measure", 1, 1), ("reset", 0), ("gate", H, [0], None),
        ("gate", ry(0.4), [0], [(0, 0), (1, 1)]), ("measure", 0, 2),
    ]  # fmt: skip
    return circuit, steps, 2, 3


def teleported():
    """The state of qubit 0 on qubit 2, undone there: the last bit is always 0."""
    circuit = Circuit(3, 3).ry(0.7, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1)
    circuit.conditional([1], 1, Circuit(3, 3).x(2)).conditional([0], 1, Circuit(3, 3).z(2)).ry(-0.7, 2).measure(2, 2)
    steps = [
        ("gate", ry(0.7), [0], None), ("gate", H, [1], None), ("gate", CX, [1, 2], None), ("gate", CX, [0, 1], None), ("gate", H, [0], None),
        ("measure", 0, 0), ("measure", 1, 1), ("gate", X, [2], [(1, 1)]), ("gate", np.diag([1, -1]), [2], [(0, 1)]),
        ("gate", ry(-0.7), [2], None), ("measure", 2, 2),
    ]  # fmt: skip
    return circuit, steps, 3, 3


@pytest.mark.parametrize("program", [feedback, teleported])
@pytest.mark.parametrize("kind", ["state-vector", "pauli-vector"])
def test_counts_follow_the_sum_over_courses(program, kind):
    circuit, steps, n, bits = program()
    exact, shots = probabilities(steps, n, bits), 40_000
    executable = Executable(circuit, kind)
    counts = executable.counts(shots, seed=3)
    assert set(counts) <= set(exact) and executable.outcome_bits == bits
    for key, probability in exact.items():
        assert counts.get(key, 0) / shots == pytest.approx(probability, abs=5 * np.sqrt(probability * (1 - probability) / shots) + 1e-4)
    outcomes, times = executable.outcomes(shots, seed=3)
    assert outcomes.dtype == np.uint8 and outcomes.shape == (len(times), bits)
    assert {"".join(map(str, row[::-1])): int(count) for row, count in zip(outcomes, times)} == counts


@pytest.mark.parametrize("program", [feedback, teleported])
@pytest.mark.parametrize("kind", ["state-vector", "pauli-vector"])
def test_branches_are_the_courses(program, kind):
    circuit, steps, n, bits = program()
    executable = Executable(circuit, kind)
    branches = executable.branches()
    assert sum(probability for probability, _, _ in branches) == pytest.approx(1.0)
    # the measurements that are left over are done here
    left = {}
    for probability, known, state in branches:
        qubits = [qubit for qubit, _ in executable.last]
        for outcome, part in enumerate(state.probabilities(qubits) if qubits else [1.0]):
            full = known.copy()
            for place, (_, bit) in enumerate(executable.last):
                full[bit] = outcome >> place & 1
            key = "".join(map(str, full[::-1]))
            left[key] = left.get(key, 0.0) + probability * part
    wanted = probabilities(steps, n, bits)
    assert {key: value for key, value in left.items() if value > 1e-12} == pytest.approx(wanted, abs=1e-12)


def test_a_reset_leaves_the_others_in_a_mixture():
    branches = Executable(Circuit(2).ry(0.8, 0).cx(0, 1).reset(0)).branches()
    mixture = sum(p * np.outer(s.amplitudes(), s.amplitudes().conj()) for p, _, s in branches)
    assert np.allclose(mixture, np.diag([np.cos(0.4) ** 2, 0, np.sin(0.4) ** 2, 0]), atol=1e-14)
    assert np.allclose(mixture, Circuit(2).ry(0.8, 0).cx(0, 1).reset(0).density().matrix(), atol=1e-14)


def test_measurements_of_the_end_are_split_off():
    circuit = Circuit(2, 3).h(0).cx(0, 1).measure(1, 2).measure(0, 0)
    bare, last = circuit.split_measurements()
    assert sorted(last) == [(0, 0), (1, 2)] and bare == Circuit(2, 3).h(0).cx(0, 1)
    assert sorted(Executable(circuit).last) == sorted(last)
    assert set(Executable(circuit).counts(200)) == {"000", "101"}


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Executable(Circuit(1), "nope"), ValueError, "nope.*pauli-vector"),
        (lambda: Executable(Circuit(1).h(0)).counts(0), ValueError, "shots is 0"),
        (lambda: Executable(Circuit(1).rx(Angle(0), 0)), ValueError, "1 where 0"),
        (lambda: Executable(feedback()[0]).branches(1), ValueError, "more than 1"),
        (lambda: Circuit(1, 1).measure(0, 0).h(0).matrix(), NotImplementedError, "measurement"),
        (lambda: Circuit(1, 1).measure(0, 0).inverse(), ValueError, "no inverse"),
        (lambda: Circuit(1).channel(Channel.bit_flip(0.1), [0]).inverse(), ValueError, "no inverse"),
        (lambda: Circuit(2).conditional([0], 1, Circuit(2)), IndexError, "bit 0"),
        (lambda: Circuit(2).append(Circuit(3).h(2)), IndexError, "qubit 2"),
        (lambda: Circuit(3).h(2).restricted([0]), ValueError, "qubit 2"),
        (lambda: Circuit(2).qasm(4), ValueError, "version 4"),
        (lambda: Circuit(2).qasm(3, "nope"), ValueError, "nope.*rigetti"),
        (lambda: Circuit(1).rx(Angle(0), 0).qasm(2), ValueError, "free parameters"),
        (lambda: Circuit(2).unitary(np.ones((2, 2)), [0]), ValueError, "unitary by 2e0"),
        (lambda: Circuit(2).unitary(np.eye(4), [0]), ValueError, "1 where 2"),
        (lambda: Circuit(2).pauli_rotation("XQ", 0.1), ValueError, "Q"),
        (lambda: Circuit(2).delay(-1.0, [0]), ValueError, "-1"),
        (lambda: Circuit(2).rx(float("nan"), 0), ValueError, "NaN"),
    ],
)
def test_what_no_program_can_be_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()


def parametrised():
    circuit = Circuit(3)
    a, b = circuit.parameter("a"), circuit.parameter("b")
    return circuit.ry(a, 0).crx(2 * b - 0.3, 0, 1).rzz(-a / 2, 1, 2).u(a, b, 0.1, 2).global_phase(0.4)


def written():
    """A circuit with a register of each kind, and the gates that have to be spelt out in OpenQASM."""
    circuit = Circuit()
    assert (circuit.add_qubits("left", 2), circuit.add_qubits("right", 1), circuit.add_bits("out", 2)) == (0, 2, 0)
    return circuit.h(0).ms(0.1, 0.2, 0.3, 0, 1).xx_plus_yy(0.4, 0.5, 1, 2).rccx(0, 1, 2).gpi2(0.3, 0).iswap(0, 2).pauli_rotation("XYZ", 0.7)


@pytest.mark.parametrize("version", [2, 3])
def test_programs_come_back_from_openqasm(version):
    text = written().qasm(version)
    again = Circuit.from_qasm(text)
    assert text.startswith(f"OPENQASM {version}.0;")
    assert np.allclose(again.matrix(), written().matrix(), atol=1e-12)
    assert again.qubit_registers == [("left", 2), ("right", 1)] and again.bit_registers == [("out", 2)]
    assert Circuit.from_qasm(again.qasm(version)).qasm(version) == again.qasm(version)


@pytest.mark.parametrize("row", qloom.gates(), ids=lambda row: row[0])
@pytest.mark.parametrize("version", [2, 3])
def test_every_gate_comes_back_from_openqasm(row, version):
    name, _, angles, qubits, _ = row
    circuit = getattr(Circuit(len(qubits)), name)(*[0.3 + 0.2 * k for k in range(len(angles))], *range(len(qubits)))
    found, wanted = Circuit.from_qasm(circuit.qasm(version)).matrix(), circuit.matrix()
    # OpenQASM 2 has no global phase
    phase = 1.0 if version == 3 else np.vdot(found, wanted) / abs(np.vdot(found, wanted))
    assert np.allclose(phase * found, wanted, atol=1e-12)


def test_feedback_comes_back_from_openqasm_3():
    again = Circuit.from_qasm(feedback()[0].qasm())
    assert Executable(again).counts(500, seed=2) == Executable(feedback()[0]).counts(500, seed=2)
    parameters = Circuit.from_qasm(parametrised().qasm())
    assert parameters.parameter_names == ["a", "b"]
    assert np.allclose(parameters.matrix([0.3, 0.4]), parametrised().matrix([0.3, 0.4]), atol=1e-12)


def test_binding_is_what_matrices_are_given():
    circuit = parametrised()
    whole = circuit.matrix([0.3, -0.8])
    assert np.allclose(circuit.bind([0.3, -0.8]).matrix(), whole) and circuit.bind([0.3, -0.8]).num_parameters == 0
    half = circuit.bind({"b": -0.8})
    assert half.parameter_names == ["a"] and np.allclose(half.matrix([0.3]), whole) and circuit.num_parameters == 2
    with pytest.raises(IndexError) as caught:
        circuit.bind({"c": 1.0})
    assert (caught.value.parameter, caught.value.known) == ("c", ["a", "b"])
    with pytest.raises(ValueError, match="2 free parameters, 1 values"):
        circuit.bind([0.1])


def test_inverses_and_products():
    circuit = parametrised()
    values, n = [0.3, -0.8], 8
    assert np.allclose(circuit.inverse().matrix(values) @ circuit.matrix(values), np.eye(n), atol=1e-12)
    both = circuit.copy().append(written())
    assert np.allclose(both.matrix(values), written().matrix() @ circuit.matrix(values), atol=1e-12)
    twice = Circuit(1).rx(Angle(0), 0).append(Circuit(1).rx(Angle(0), 0))
    assert twice.num_parameters == 2 and np.allclose(twice.matrix([0.2, 0.3]), Circuit(1).rx(0.5, 0).matrix())


@pytest.mark.parametrize("controls", [[], [1], [1, 3], [3, 0, 1]])
def test_controlled_matrices(controls):
    unitary = random_unitary(np.random.default_rng(1), 2 if controls else 4)
    qubits = [2] if controls else [2, 0]
    one = np.diag([all(index >> control & 1 for control in controls) for index in range(16)]).astype(float)
    wanted = np.eye(16) - one + one @ embedded(unitary, qubits, 4)
    assert np.allclose(Circuit(4).unitary(unitary, qubits, controls).matrix(), wanted, atol=1e-12)


@pytest.mark.parametrize("letters", ["X", "YZ", "XIY", "ZZZ", "XYZX"])
def test_rotations_about_words(letters):
    wanted = np.cos(0.35) * np.eye(2 ** len(letters)) - 1j * np.sin(0.35) * word(letters)
    assert np.allclose(Circuit(len(letters)).pauli_rotation(letters, 0.7).matrix(), wanted, atol=1e-13)


def test_angles_are_sums_and_multiples():
    angle = 2 * (Angle(3) + 0.5) / 4 - 1
    assert (angle.index, angle.scale, angle.offset) == (3, 0.5, -0.75)
    assert -angle == Angle(3, -0.5, 0.75) and 1 - Angle(0) == Angle(0, -1.0, 1.0) and hash(-(-angle)) == hash(angle)
    for wrong in (lambda: Angle(0) + Angle(1), lambda: Angle(0) * Angle(1), lambda: 1 / Angle(0)):
        with pytest.raises(TypeError):
            wrong()


def test_copies_are_their_own():
    circuit = parametrised()
    for again in (circuit.copy(), copy.copy(circuit), copy.deepcopy(circuit), pickle.loads(pickle.dumps(circuit))):
        assert again == circuit
        again.x(0)
        assert again != circuit and len(again) == len(circuit) + 1


def test_counts_depth_and_parts():
    small = Circuit(4).h(1).cx(1, 3).x(3)
    assert small.operation_counts == {"h": 1, "cx": 1, "x": 1} and small.depth == 3 and small.busy_qubits() == [1, 3]
    assert small.restricted([1, 3]) == Circuit(2).h(0).cx(0, 1).x(1)
    assert not small.is_mixed and Circuit(1).channel(Channel.bit_flip(0.1), [0]).is_mixed


@pytest.mark.parametrize("make", [parametrised, written, lambda: feedback()[0], lambda: teleported()[0], Circuit, lambda: Circuit(2).h(0)])
def test_drawings_are_well_formed(make):
    root = ElementTree.fromstring(make().svg())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert ElementTree.tostring(ElementTree.fromstring(make()._repr_svg_())) == ElementTree.tostring(root)
    assert make().draw() == str(make()) and make().quantikz().count("{") == make().quantikz().count("}")
    wires = [line for line in make().draw(10_000).splitlines() if line.lstrip().startswith(("q[", "left[", "right["))]
    assert len(wires) == make().num_qubits


def test_names_in_drawings_are_escaped():
    circuit = Circuit(1)
    circuit.rx(circuit.parameter("a<b&c"), 0)
    texts = "".join(ElementTree.fromstring(circuit.svg()).itertext())
    assert "a<b&c" in texts
