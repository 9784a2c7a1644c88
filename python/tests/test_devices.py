"""Devices in each of their forms, and circuits compiled for them."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from dense import after

import qloom
from qloom import Channel, Circuit, Device

DATA = Path(__file__).resolve().parents[2] / "data" / "devices"

TOML = """
name = "three"
num_qubits = 3
gates = ["rz", "sx", "x", "cx"]
couplings = [[0, 1], [1, 2]]
[qubit]
t1_ns = [50000.0, 60000.0, 70000.0]
t2_ns = [40000.0]
readout = [[0.01, 0.02], [0.03, 0.04], [0.05, 0.06]]
[[gate]]
gates = ["cx"]
qubits = [0, 1]
error = 0.01
time_ns = 300.0
"""


def gates(circuit):
    """Names and qubits of the gates; a global phase is none."""
    kinds = [kind for kind, _ in circuit.operations()]
    assert set(kinds) <= {"gate", "global_phase"}
    return [(arguments[0], arguments[2]) for kind, arguments in circuit.operations() if kind == "gate"]


def drawn(seed, n, size=12):
    """A circuit of random gates, each on random qubits."""
    random = np.random.default_rng(seed)
    circuit = Circuit(n)
    for _ in range(size):
        a, b = random.permutation(n)[:2].tolist()
        angle = float(random.normal())
        [lambda: circuit.ry(angle, a), lambda: circuit.cx(a, b), lambda: circuit.rzz(angle, a, b), lambda: circuit.h(a),
         lambda: circuit.iswap(a, b), lambda: circuit.u(angle, 0.3, -angle, b)][int(random.integers(6))]()  # fmt: skip
    return circuit


def placed(bits, where):
    """A basis index whose bit k stands at `where[k]`."""
    return sum((bits >> k & 1) << place for k, place in enumerate(where))


DEVICES = ["line-4", "ring-4", "grid-2x2", "all-to-all", "ionq"]


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("level", range(4))
def test_compiled_circuits_keep_the_unitary_up_to_their_layout(name, level):
    device = Device.named(name)
    for seed in range(3):
        circuit = drawn(seed, 4)
        compiled, begin, end = qloom.compile(circuit, device, level, seed)
        device.check(compiled)
        assert sorted(begin) == sorted(end) == list(range(4)) and compiled.num_qubits == 4
        pairs = None if device.couplings is None else {frozenset(pair) for pair in device.couplings}
        for gate, qubits in gates(compiled):
            assert device.gates is None or gate in device.gates
            assert len(qubits) < 3 and (pairs is None or len(qubits) < 2 or frozenset(qubits) in pairs)
        wide = compiled.matrix()
        rows, columns = ([placed(index, where) for index in range(16)] for where in (end, begin))
        overlap = np.vdot(circuit.matrix(), wide[np.ix_(rows, columns)]) / 16
        assert abs(overlap - 1.0) < 1e-9, "the global phase is kept"


def test_small_circuits_on_large_devices():
    circuit = drawn(5, 3)
    compiled, begin, end = qloom.compile(circuit, Device.named("line-6"))
    assert len(set(begin)) == len(set(end)) == 3 and set(begin) | set(end) <= set(range(6))
    assert np.allclose(compiled.state().probabilities(end), circuit.state().probabilities(), atol=1e-9)


def test_measurements_and_parameters_survive_compiling():
    circuit = Circuit(3, 3).ry(qloom.Angle(0), 0).cx(0, 2).rx(2 * qloom.Angle(1), 1).cx(2, 1)
    bare, begin, end = qloom.compile(circuit, Device.named("line-3"), seed=1)
    assert bare.num_parameters == 2
    for values in ([0.3, 0.4], [-1.0, 2.0]):
        assert np.allclose(bare.state(values).probabilities(end), circuit.state(values).probabilities(), atol=1e-9)
    measured = circuit.bind([np.pi, 0.0]).measure_all()
    assert qloom.Executable(qloom.compile(measured, Device.named("line-3"))[0]).counts(50) == {"111": 50}


def test_a_seed_fixes_what_is_compiled():
    circuit, device = drawn(7, 5, 30), Device.named("grid-2x3")
    for level in range(4):
        assert qloom.compile(circuit, device, level, 3) == qloom.compile(circuit, device, level, 3)


def test_higher_levels_need_no_more_gates_between_qubits():
    def pairs(level):
        compiled = [qloom.compile(drawn(seed, 5, 30), Device.named("line-5"), level)[0] for seed in range(5)]
        return sum(len(qubits) == 2 for circuit in compiled for _, qubits in gates(circuit))

    assert pairs(3) <= pairs(2) <= pairs(0)


def test_the_fields_of_a_file():
    device = Device.from_toml(TOML)
    assert (device.name, device.num_qubits, device.couplings) == ("three", 3, [(0, 1), (1, 2)])
    assert sorted(device.gates) == ["cx", "rz", "sx", "x"] and device.is_calibrated
    error, time = device.gate_data("cx", [0, 1])
    assert (error, time) == (pytest.approx(0.01), pytest.approx(300.0))
    assert device.noise(3).readout == [(0.01, 0.02), (0.03, 0.04), (0.05, 0.06)]
    assert device.noise(2).readout == [(0.01, 0.02), (0.03, 0.04)]
    for again in (Device.from_toml(device.to_toml()), pickle.loads(pickle.dumps(device)), copy.deepcopy(device)):
        assert again == device and again.gate_data("cx", [0, 1]) == (error, time)
    assert device != Device.from_toml(TOML.replace("0.01\n", "0.02\n")) and not Device.named("line-3").is_calibrated


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_files_that_come_along(path):
    device = Device.from_toml(path.read_text())
    assert Device.from_toml(device.to_toml()) == device
    size = device.num_qubits or 3
    circuit = Circuit(size).h(0)
    for first, second in (device.couplings or [(0, 1), (2, 1)])[:2]:
        circuit.cx(first, second)
    noisy = device.noise(size).apply(qloom.compile(circuit, device)[0])
    density = noisy.density()
    assert density.coefficients[0] == pytest.approx(1.0, abs=1e-9) and 0.125 < density.purity < 1.0
    assert np.linalg.eigvalsh(density.matrix())[0] > -1e-9


def test_relaxation_while_a_gate_lasts():
    text = 'name = "one"\nnum_qubits = 1\n[qubit]\nt1_ns = [1000.0]\nt2_ns = [800.0]\n[one_qubit]\ntime_ns = 100.0\n'
    noisy = Device.from_toml(text).noise(1).apply(Circuit(1).x(0))
    relaxed = Channel.thermal_relaxation(1000.0, 800.0, 100.0)
    assert np.allclose(noisy.density().matrix(), after(relaxed.operators(), np.diag([0.0, 1.0]), [0]), atol=1e-9)
    assert noisy.density().matrix()[1, 1].real == pytest.approx(np.exp(-0.1), abs=1e-9)


IBM = {
    "backend_name": "two", "backend_version": "1", "last_update_date": "2024-01-01T00:00:00Z", "general": [],
    "qubits": [
        [{"name": "T1", "unit": "us", "value": 50.0, "date": "2024-01-01T00:00:00Z"},
         {"name": "T2", "unit": "us", "value": 40.0, "date": "2024-01-01T00:00:00Z"},
         {"name": "prob_meas0_prep1", "unit": "", "value": 0.03, "date": "2024-01-01T00:00:00Z"},
         {"name": "prob_meas1_prep0", "unit": "", "value": 0.01, "date": "2024-01-01T00:00:00Z"}],
        [{"name": "T1", "unit": "us", "value": 60.0, "date": "2024-01-01T00:00:00Z"},
         {"name": "T2", "unit": "us", "value": 50.0, "date": "2024-01-01T00:00:00Z"}],
    ],
    "gates": [
        {"gate": "sx", "name": "sx0", "qubits": [0], "parameters": [
            {"name": "gate_error", "unit": "", "value": 0.0004, "date": "2024-01-01T00:00:00Z"},
            {"name": "gate_length", "unit": "ns", "value": 35.0, "date": "2024-01-01T00:00:00Z"}]},
        {"gate": "cx", "name": "cx0_1", "qubits": [0, 1], "parameters": [
            {"name": "gate_error", "unit": "", "value": 0.008, "date": "2024-01-01T00:00:00Z"},
            {"name": "gate_length", "unit": "ns", "value": 250.0, "date": "2024-01-01T00:00:00Z"}]},
    ],
}  # fmt: skip


def test_properties_of_a_service():
    device = Device.from_json(json.dumps(IBM))
    assert device.num_qubits == 2 and device.is_calibrated
    assert device.gate_data("cx", [0, 1]) == (pytest.approx(0.008), pytest.approx(250.0))
    assert device.noise(2).readout[0] == (pytest.approx(0.01), pytest.approx(0.03))
    assert {frozenset(pair) for pair in device.couplings} == {frozenset({0, 1})}


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Device.named("nope"), ValueError, "nope.*heron"),
        (lambda: Device.from_toml("name = 3"), ValueError, "line 1, column 8"),
        (lambda: Device.from_json("{}"), ValueError, "backend_name"),
        (lambda: Device.from_csv("a,b"), ValueError, "Qubit"),
        (lambda: qloom.compile(Circuit(4).h(0), Device.named("line-3")), ValueError, "4 qubits, line-3 has 3"),
        (lambda: qloom.compile(Circuit(2).h(0), Device.named("line-3"), 9), ValueError, "level 9"),
        (lambda: Device.named("line-3").check(Circuit(3).h(0).cz(0, 2)), ValueError, r"\[0, 2\] \(operation 2"),
        (lambda: Device.named("line-3").check(Circuit(3).ccx(0, 1, 2)), ValueError, "one and two qubits"),
        (lambda: Device.named("line-3").gate_data("nope", [0]), ValueError, "nope"),
        (lambda: Device.named("line-3").gate_data("cz", [0]), ValueError, "cz acts on 2 qubits"),
        (lambda: Device.named("line-3").gate_data("cz", [0, 7]), IndexError, "qubit 7"),
        (lambda: Device.named("line-3").noise(5), ValueError, "5 qubits"),
    ],
)
def test_what_is_refused_is_named(call, kind, says):
    with pytest.raises(kind, match=says) as caught:
        call()
    assert isinstance(caught.value, qloom.QloomError)
