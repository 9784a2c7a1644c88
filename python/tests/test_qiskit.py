"""Qiskit: circuits, primitives, a backend and a compiler."""

import numpy as np
import pytest

pytest.importorskip("qiskit")

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.primitives import StatevectorEstimator
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import Operator, SparsePauliOp, Statevector

import qloom
from qloom.convert import from_qiskit, from_sparse_pauli_op, to_qiskit, to_sparse_pauli_op
from qloom.qiskit import EstimatorV2, QloomBackend, SamplerV2, compile

STANDARD = [name for name in get_standard_gate_name_mapping() if name not in ("measure", "reset", "delay")]


@pytest.mark.parametrize("name", STANDARD)
def test_standard_gates(name):
    random = np.random.default_rng(1)
    gate = get_standard_gate_name_mapping()[name]
    gate = type(gate)(*random.random(len(gate.params))) if gate.params else gate.copy()
    circuit = QuantumCircuit(gate.num_qubits)
    circuit.append(gate, random.permutation(gate.num_qubits).tolist())
    converted = from_qiskit(circuit)
    assert np.allclose(converted.matrix(), Operator(circuit).data, atol=1e-9)
    assert np.allclose(Operator(to_qiskit(converted)).data, Operator(circuit).data, atol=1e-9) or Operator(to_qiskit(converted)).equiv(circuit)


def circuit():
    a, b = Parameter("b"), Parameter("a")
    out = QuantumCircuit(3)
    out.ry(a, 0)
    out.cx(0, 1)
    out.rz(2 * b + 0.3, 1)
    out.rx(a * b, 2)
    out.crx(a + b, 1, 2)
    out.x(0)
    out.mcp(0.3, [0, 1], 2)
    return out


def test_an_estimator_of_arrays_and_expressions():
    values = np.random.default_rng(1).normal(size=(4, 5, 2))
    observables = [[SparsePauliOp(["XYZ", "IIZ"], [0.5, 2.0])]] * 4
    pub = (circuit(), observables, values)
    ours, theirs = EstimatorV2().run([pub]).result()[0], StatevectorEstimator().run([pub]).result()[0]
    assert ours.data.evs.shape == (4, 5) and np.allclose(ours.data.evs, theirs.data.evs, atol=1e-12)


def test_expressions_are_refused_where_a_circuit_is_asked_for():
    with pytest.raises(NotImplementedError, match="bind"):
        from_qiskit(circuit())


def test_sums_there_and_back():
    operator = SparsePauliOp(["XYZ", "IIZ", "III"], [0.5, 2.0, -1.0])
    assert np.allclose(from_sparse_pauli_op(operator).matrix(), operator.to_matrix())
    assert to_sparse_pauli_op(from_sparse_pauli_op(operator)).equiv(operator)


def test_a_sampler_with_measurements_within():
    out = QuantumCircuit(2, 2)
    out.h(0)
    out.measure(0, 0)
    with out.if_test((out.clbits[0], 1)) as otherwise:
        out.x(1)
    with otherwise:
        out.id(1)
    out.measure(1, 1)
    counts = SamplerV2(seed=1).run([out], shots=2000).result()[0].data.c.get_counts()
    assert set(counts) == {"00", "11"} and abs(counts["11"] - 1000) < 150
    noise = qloom.NoiseModel([], [(0.0, 0.0), (1.0, 1.0)])
    assert set(SamplerV2(noise_model=noise).run([out]).result()[0].data.c.get_counts()) == {"10", "01"}


def test_a_compiled_circuit_has_its_layout():
    backend = GenericBackendV2(5, basis_gates=["cx", "rz", "sx", "x"], coupling_map=[[0, 1], [1, 2], [2, 3], [3, 4]], seed=1)
    out = QuantumCircuit(4)
    out.h(0)
    for target in (1, 2, 3):
        out.cx(0, target)
        out.ry(0.2 * target, target)
    observable = SparsePauliOp(["XXIZ", "ZZZI", "IYYI"], [1.0, 0.5, 0.3])
    for level in (0, 1):
        compiled = compile(out, backend, optimization_level=level)
        assert set(compiled.count_ops()) <= {"cx", "rz", "sx", "x"}
        pairs = {tuple(compiled.find_bit(bit).index for bit in each.qubits) for each in compiled.data if len(each.qubits) == 2}
        assert all(abs(a - b) == 1 for a, b in pairs)
        value = Statevector(compiled).expectation_value(observable.apply_layout(compiled.layout))
        assert value == pytest.approx(Statevector(out).expectation_value(observable), abs=1e-9)


def test_a_backend_runs_with_the_noise_of_its_device():
    text = 'name = "two"\nnum_qubits = 2\ncouplings = [[0, 1]]\n[qubit]\nreadout = [[0.25, 0.0]]\n'
    backend = QloomBackend(qloom.Device.from_toml(text), seed=1)
    out = QuantumCircuit(1)
    out.measure_all()
    counts = backend.run(out, shots=4000).result().get_counts()
    assert counts["1"] / 4000 == pytest.approx(0.25, abs=0.03)
    assert QloomBackend("line-5").target.num_qubits == 5


def test_a_backend_has_the_properties_of_its_qubits():
    text = (
        'name = "two"\nnum_qubits = 2\ngates = ["cx", "rz", "sx", "x"]\ncouplings = [[0, 1]]\n[qubit]\nt1_ns = [100e3, 200e3]\nt2_ns = [80e3, 90e3]\n'
        "readout = [[0.02, 0.04]]\nreadout_ns = 700.0\n[two_qubit]\nerror = 0.01\ntime_ns = 300.0\n"
    )
    device = qloom.Device.from_toml(text)
    assert device.qubit_data(1) == {
        "t1_ns": 200e3, "t2_ns": 90e3, "excited_population": 0.0, "readout": (0.02, 0.04), "readout_ns": 700.0
    }  # fmt: skip
    with pytest.raises(IndexError, match="qubit 2 is outside"):
        device.qubit_data(2)
    backend = QloomBackend(device)
    first, second = backend.qubit_properties([0, 1])
    assert (first.t1, first.t2, first.frequency) == (pytest.approx(1e-4), pytest.approx(8e-5), None) and second.t1 == pytest.approx(2e-4)
    read = backend.target["measure"][(1,)]
    assert read.error == pytest.approx(0.03) and read.duration == pytest.approx(7e-7)
    # a target of Qiskit as a device, and its frequencies kept
    again = QloomBackend(backend.target)
    assert again.qubit_properties(1).t2 == pytest.approx(9e-5) and again.device.qubit_data(0)["t1_ns"] == pytest.approx(100e3)
    assert again.device.gate_data("cx", [0, 1]) == (pytest.approx(0.01), pytest.approx(300.0)) and again.device.is_calibrated
    generic = GenericBackendV2(3, seed=1)
    ours = QloomBackend(generic.target)
    assert [ours.qubit_properties(k).frequency for k in range(3)] == [generic.qubit_properties(k).frequency for k in range(3)]
    with pytest.raises(NotImplementedError):
        QloomBackend("line-3").qubit_properties(0)


def test_noise_models_of_aer():
    aer = pytest.importorskip("qiskit_aer")
    from qiskit_aer import noise

    from qloom.qiskit import noise_model

    model = noise.NoiseModel()
    model.add_all_qubit_quantum_error(noise.depolarizing_error(0.02, 1), ["h", "ry"])
    model.add_quantum_error(noise.amplitude_damping_error(0.1).tensor(noise.phase_damping_error(0.2)), ["cx"], [0, 1])
    model.add_quantum_error(noise.thermal_relaxation_error(50.0, 30.0, 10.0).expand(noise.pauli_error([("X", 0.1), ("I", 0.9)])), ["cx"], [1, 0])
    model.add_readout_error([[0.9, 0.1], [0.2, 0.8]], [1])
    out = QuantumCircuit(2)
    out.h(0)
    out.cx(0, 1)
    out.ry(0.4, 1)
    out.cx(1, 0)
    ours = noise_model(model, 2)
    density = ours.apply(from_qiskit(out)).density().matrix()
    out.save_density_matrix()
    theirs = aer.AerSimulator(method="density_matrix", noise_model=model).run(out).result().data()["density_matrix"]
    assert np.allclose(density, np.asarray(theirs), atol=1e-9)
    assert ours.readout == [(0.0, 0.0), (pytest.approx(0.1), pytest.approx(0.2))]
    model.add_all_qubit_quantum_error(noise.depolarizing_error(0.02, 2), ["cx"])
    with pytest.raises(ValueError, match="cx"):
        noise_model(model, 2)


def test_other_packages_circuits():
    pytket = pytest.importorskip("pytket")
    cirq = pytest.importorskip("cirq")
    from qloom.convert import from_cirq, from_pytket, to_cirq, to_pytket

    bell = qloom.Circuit(2).h(0).cx(0, 1).ry(0.3, 1)
    assert np.allclose(from_pytket(to_pytket(bell)).matrix(), bell.matrix())
    assert isinstance(to_pytket(bell), pytket.Circuit)
    line = cirq.LineQubit.range(2)
    theirs = cirq.Circuit(cirq.H(line[0]), cirq.CNOT(*line), cirq.ry(0.3)(line[1]))
    state = theirs.final_state_vector(qubit_order=line[::-1])
    assert abs(np.vdot(from_cirq(theirs).state().amplitudes(), state)) == pytest.approx(1.0, abs=1e-6)
    pytest.importorskip("ply")
    assert isinstance(to_cirq(bell), cirq.Circuit)


def test_operators_of_openfermion():
    openfermion = pytest.importorskip("openfermion")
    from qloom.convert import from_qubit_operator

    operator = openfermion.QubitOperator("X0 Y2", 0.5) + openfermion.QubitOperator("Z1") + openfermion.QubitOperator("", 2.0)
    dense = openfermion.get_sparse_operator(operator, 3).toarray()
    # OpenFermion's qubit 0 is the most significant bit
    order = [int(f"{index:03b}"[::-1], 2) for index in range(8)]
    assert np.allclose(from_qubit_operator(operator).matrix(), dense[np.ix_(order, order)])
