"""Qiskit's primitives and backends: shapes that broadcast, precision, registers, and layouts."""

import numpy as np
import pytest

pytest.importorskip("qiskit")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister  # noqa: E402
from qiskit.circuit import Parameter, ParameterVector  # noqa: E402
from qiskit.exceptions import QiskitError  # noqa: E402
from qiskit.primitives import StatevectorEstimator  # noqa: E402
from qiskit.quantum_info import Operator, SparsePauliOp  # noqa: E402

import qloom  # noqa: E402
from qloom.convert import from_qiskit, from_sparse_pauli_op, to_qiskit  # noqa: E402
from qloom.qiskit import EstimatorV2, QloomBackend, SamplerV2, compile, device_of  # noqa: E402


def ansatz():
    angles = ParameterVector("x", 3)
    out = QuantumCircuit(2)
    out.ry(angles[0], 0)
    out.cx(0, 1)
    out.rz(angles[1], 1)
    out.rx(angles[2] * angles[0], 0)
    return out


WORDS = ["XX", "ZI", "YZ", "IY", "ZZ", "XI"]
RANDOM = np.random.default_rng(1)
SHAPES = {
    "one and one": ((), ()), "rows": ((4,), ()), "observables": ((), (3,)), "both alike": ((3,), (3,)), "outer": ((4, 1), (3,)),
    "outer, the other way": ((4,), (3, 1)), "three dimensions": ((2, 1, 3), (2, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_values_broadcast_as_those_of_qiskit(name):
    rows, observables = SHAPES[name]
    values = RANDOM.normal(size=(*rows, 3))
    count = int(np.prod(observables, dtype=int))
    sums = np.empty(count, dtype=object)
    sums[:] = [SparsePauliOp([WORDS[k], WORDS[-1 - k]], [0.5, -1.0 - k]) for k in range(count)]
    pub = (ansatz(), sums.reshape(observables).tolist(), values)
    ours, theirs = EstimatorV2().run([pub]).result()[0].data, StatevectorEstimator().run([pub]).result()[0].data
    assert ours.evs.shape == theirs.evs.shape == np.broadcast_shapes(rows, observables)
    assert np.allclose(ours.evs, theirs.evs, atol=1e-12) and np.array_equal(ours.stds, np.zeros_like(ours.evs))


PROJECTORS = {"0": [1, 0], "1": [0, 1], "+": [1, 1], "-": [1, -1], "r": [1, 1j], "l": [1, -1j]}


@pytest.mark.parametrize("letter", PROJECTORS)
def test_letters_of_projectors(letter):
    circuit = QuantumCircuit(2)
    circuit.ry(0.7, 0)
    circuit.rz(0.4, 0)
    circuit.cx(0, 1)
    state = Operator(circuit).data[:, 0]
    vector = np.array(PROJECTORS[letter]) / np.linalg.norm(PROJECTORS[letter])
    wanted = 2.0 * np.kron(np.diag([1, -1]), np.outer(vector, vector.conj()))
    value = EstimatorV2().run([(circuit, {"Z" + letter: 2.0})]).result()[0].data.evs
    assert float(value) == pytest.approx((state.conj() @ wanted @ state).real, abs=1e-13)


def test_precision_is_the_spread_of_what_is_drawn():
    pub = (ansatz(), "ZZ", RANDOM.normal(size=(4000, 3)))
    exact = EstimatorV2().run([pub]).result()[0].data.evs
    drawn = EstimatorV2(seed=2).run([pub], precision=0.05).result()[0]
    assert np.std(drawn.data.evs - exact) == pytest.approx(0.05, rel=0.06)
    assert abs(np.mean(drawn.data.evs - exact)) < 5 * 0.05 / np.sqrt(4000)
    assert np.array_equal(drawn.data.stds, np.full(4000, 0.05)) and drawn.metadata["target_precision"] == 0.05
    again, other = (EstimatorV2(seed=seed, default_precision=0.05).run([pub]).result()[0].data.evs for seed in (2, 3))
    assert np.array_equal(again, drawn.data.evs) and not np.array_equal(other, again)


def test_several_pubs_and_noise():
    noise = qloom.NoiseModel([(["cx"], None, None, qloom.Channel.depolarizing(0.2, 2))])
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    first, second = EstimatorV2(noise_model=noise).run([(bell, ["XX", "ZZ", "YY"]), (bell, "ZI")]).result()
    assert np.allclose(first.data.evs, [0.8, 0.8, -0.8], atol=1e-12) and float(second.data.evs) == pytest.approx(0.0, abs=1e-12)


def several():
    """Registers of three sizes, their bits measured out of order."""
    qubits = QuantumRegister(3, "q")
    out = QuantumCircuit(qubits, ClassicalRegister(1, "one"), ClassicalRegister(9, "nine"), ClassicalRegister(2, "two"))
    angle = Parameter("a")
    out.ry(angle, 0)
    out.x(1)
    out.measure(0, out.cregs[1][8])
    out.measure(1, out.cregs[0][0])
    out.measure(2, out.cregs[2][1])
    out.measure(1, out.cregs[2][0])
    return out


def test_registers_are_told_apart():
    data = SamplerV2(seed=1).run([(several(), [[[0.0], [np.pi]], [[np.pi], [np.pi / 2]]])], shots=400).result()[0].data
    assert data.one.shape == data.nine.shape == data.two.shape == (2, 2)
    assert (data.one.num_bits, data.nine.num_bits, data.two.num_bits) == (1, 9, 2)
    assert data.one.get_counts() == {"1": 1600} and data.two.get_counts() == {"01": 1600}
    assert data.nine.get_counts((0, 0)) == {"000000000": 400}
    assert data.nine.get_counts((0, 1)) == data.nine.get_counts((1, 0)) == {"100000000": 400}
    half = data.nine.get_counts((1, 1))
    assert set(half) == {"000000000", "100000000"} and abs(half["100000000"] - 200) < 60
    assert data.nine.array.shape == (2, 2, 400, 2)


def test_shots_of_a_register_belong_together():
    bell = QuantumCircuit(2, 2)
    bell.h(0)
    bell.cx(0, 1)
    bell.measure([0, 1], [1, 0])
    result = SamplerV2(seed=3, default_shots=300).run([bell]).result()[0]
    bits = result.data.c.to_bool_array()
    assert bits.shape == (300, 2) and np.array_equal(bits[:, 0], bits[:, 1]) and 90 < bits[:, 0].sum() < 210
    assert result.metadata["shots"] == 300
    assert SamplerV2(seed=3, default_shots=300).run([bell]).result()[0].data.c == result.data.c


def test_resets_and_bits_measured_again():
    out = QuantumCircuit(1, 2)
    out.h(0)
    out.measure(0, 0)
    out.reset(0)
    out.x(0)
    out.measure(0, 1)
    counts = SamplerV2(seed=1).run([out], shots=1000).result()[0].data.c.get_counts()
    assert set(counts) == {"10", "11"} and abs(counts["10"] - 500) < 80
    with pytest.warns(UserWarning, match="no output classical registers"):
        SamplerV2().run([QuantumCircuit(1)]).result()


def test_loops_are_refused_with_a_remedy():
    out = QuantumCircuit(1, 1)
    with out.while_loop((out.clbits[0], 1)):
        out.x(0)
    for run in (lambda: SamplerV2().run([out]).result(), lambda: from_qiskit(out)):
        with pytest.raises(NotImplementedError, match="unroll") as caught:
            run()
        assert isinstance(caught.value, qloom.QloomError)
    with pytest.raises(QiskitError, match="unroll"):
        SamplerV2().run([out]).result()


def test_backends_of_devices():
    text = 'name = "pair"\nnum_qubits = 2\ngates = ["rz", "sx", "x", "cx"]\ncouplings = [[0, 1]]\n'
    text += '[[gate]]\ngates = ["cx"]\nqubits = [0, 1]\nerror = 0.01\ntime_ns = 300.0\n'
    backend = QloomBackend(qloom.Device.from_toml(text), noise=False, seed=1)
    properties = backend.target["cx"][(0, 1)]
    assert (properties.error, properties.duration) == (pytest.approx(0.01), pytest.approx(3e-7))
    again = device_of(backend.target, "again")
    assert again.couplings == [(0, 1)] and again.name == "again" and again.gate_data("cx", [0, 1]) == (pytest.approx(0.01), pytest.approx(300.0))
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(1, 0)
    bell.measure_all()
    job = backend.run([compile(bell, backend), bell], shots=200, memory=True)
    for number in range(2):
        counts, memory = job.result().get_counts(number), job.result().get_memory(number)
        assert set(counts) == {"00", "01"} and {word: memory.count(word) for word in counts} == counts
    assert backend.run(bell, seed_simulator=5).result().get_counts() == backend.run(bell, seed_simulator=5).result().get_counts()
    with pytest.raises(ValueError, match="any number of qubits"):
        QloomBackend("all-to-all")
    with pytest.raises(ValueError, match="nothing to compile for"):
        compile(bell)


def test_sums_and_circuits_that_are_not_real_are_refused():
    with pytest.raises(ValueError, match="real"):
        from_sparse_pauli_op(SparsePauliOp(["X"], [1j]))
    with pytest.raises(ValueError, match="Hermitian"):
        EstimatorV2().run([(QuantumCircuit(1), SparsePauliOp(["X"], [1j]))]).result()


@pytest.mark.parametrize("state", [0, 1, 2, 3])
def test_controls_on_zero(state):
    from qiskit.circuit.library import RYGate

    circuit = QuantumCircuit(3)
    circuit.append(RYGate(0.4).control(2, ctrl_state=state), [2, 0, 1])
    assert np.allclose(from_qiskit(circuit).matrix(), Operator(circuit).data, atol=1e-12)


def test_parameters_keep_their_order():
    a, b = Parameter("beta"), Parameter("alpha")
    circuit = QuantumCircuit(1)
    circuit.rx(a, 0)
    circuit.ry(2 * b - 0.5, 0)
    wanted = Operator(circuit.assign_parameters({a: 0.3, b: 0.9})).data
    assert from_qiskit(circuit).parameter_names == ["alpha", "beta"]
    assert np.allclose(from_qiskit(circuit).matrix([0.9, 0.3]), wanted)
    assert np.allclose(from_qiskit(circuit, parameters=[a, b]).matrix([0.3, 0.9]), wanted)
    back = to_qiskit(from_qiskit(circuit))
    assert np.allclose(Operator(back.assign_parameters({"beta": 0.3, "alpha": 0.9})).data, wanted)


def test_noise_is_mitigated_row_by_row():
    noise = qloom.NoiseModel.uniform("depolarizing1=0.01, depolarizing2=0.02, readout=0.05", 2)
    angle = Parameter("a")
    circuit = QuantumCircuit(2)
    circuit.ry(angle, 0)
    circuit.cx(0, 1)
    circuit.id(0)
    rows = np.linspace(0.0, 3.0, 7)[:, None]
    pub = (circuit, [["ZZ"], ["ZI"]], rows)
    # a replacement by the mixed state with probability p takes 1 - p of each letter that is left on its qubits
    clean = np.array([np.ones(7), np.cos(rows[:, 0])])
    gates = 0.98 * 0.99 * clean

    def values(**how):
        return EstimatorV2(noise_model=noise, **how).run([pub]).result()[0].data.evs

    assert np.allclose(values(), gates, atol=1e-12)
    assert np.allclose(values(invert_readout=False), gates * np.array([[0.9**2], [0.9]]), atol=1e-12)
    assert np.allclose(values(mitigation="probabilistic-error-cancellation"), clean, atol=1e-12)
    extrapolated = values(mitigation={"zero-noise-extrapolation": {"scales": [1, 3, 5], "curve": "polynomial"}})
    assert np.all(np.abs(extrapolated - clean) <= 0.05 * np.abs(gates - clean) + 1e-12)
    drawn = EstimatorV2(noise_model=noise, mitigation="probabilistic-error-cancellation", seed=3).run([pub], precision=0.01).result()[0]
    assert 0.0 < np.abs(drawn.data.evs - clean).max() < 0.05 and np.all(drawn.data.stds == 0.01)
    with pytest.raises(ValueError, match="hope"):
        EstimatorV2(noise_model=noise, mitigation="hope").run([pub]).result()
