"""Circuits, sums, states, energies and batches against NumPy."""

import pickle

import numpy as np
import pytest
from dense import word

import qloom
from qloom import Angle, Batch, Channel, Circuit, Device, Energy, Executable, NoiseModel, PauliSum, PauliVector, StateVector

def ansatz():
    circuit = Circuit(3)
    circuit.ry(Angle(0), 0).cx(0, 1).rx(2 * Angle(1) + 0.1, 1).rzz(Angle(2), 1, 2).ry(Angle(0), 2).h(2)
    return circuit


SUM = PauliSum({"XYZ": 0.5, "ZZI": -1.0, "IIX": 0.3, "III": 2.0})
POINT = np.array([0.3, -0.7, 1.1])


@pytest.mark.parametrize("row", qloom.gates(), ids=lambda row: row[0])
def test_every_gate_has_a_method_and_its_inverse_undoes_it(row):
    name, _, angles, qubits, documentation = row
    values = [0.3 + 0.2 * k for k in range(len(angles))]
    circuit = getattr(Circuit(len(qubits)), name)(*values, *range(len(qubits)))
    assert documentation.splitlines()[0] in getattr(Circuit, name).__doc__
    matrix = circuit.matrix()
    assert np.allclose(matrix @ circuit.inverse().matrix(), np.eye(len(matrix)), atol=1e-12)
    assert pickle.loads(pickle.dumps(circuit)) == circuit
    with pytest.raises(TypeError, match="arguments"):
        getattr(Circuit(len(qubits)), name)(*values)


def test_matrices_of_known_gates():
    c, s = np.cos(0.15), np.sin(0.15)
    assert np.allclose(Circuit(1).ry(0.3, 0).matrix(), [[c, -s], [s, c]])
    assert np.allclose(Circuit(2).cx(0, 1).matrix(), np.eye(4)[[0, 3, 2, 1]])
    assert np.allclose(Circuit(2).pauli_rotation("XY", 0.3, [1, 0]).matrix(), c * np.eye(4) - 1j * s * word("YX"))


def test_sums_are_their_matrices():
    one, two = PauliSum({"XX": 1.0, "ZI": 0.5}), PauliSum({"YY": 2.0, "ZI": -1.0})
    dense = word("XX") + 0.5 * word("ZI")
    assert np.allclose(one.matrix(), dense)
    assert np.allclose((one + 3 * two - one / 2).matrix(), dense / 2 + 3 * two.matrix())
    assert np.allclose((one @ one).matrix(), dense @ dense)
    commutator = dense @ two.matrix() - two.matrix() @ dense
    assert np.allclose(one.commutator(two).matrix(), 1j * commutator)
    with pytest.raises(qloom.errors.CircuitError, match="imaginary"):
        PauliSum({"X": 1.0}) @ PauliSum({"Y": 1.0})
    with pytest.raises(ValueError, match="2 and 1 qubits"):
        one + PauliSum({"X": 1.0})
    assert PauliSum.from_json(SUM.to_json()) == SUM == PauliSum.from_text(str(SUM), 3)


def test_energies_and_slopes():
    energy = Energy(ansatz(), SUM)
    state = ansatz().state(POINT).amplitudes()
    dense = sum(value * word(letters) for letters, value in SUM.terms())
    value, gradient = energy.value_and_gradient(POINT)
    assert value == pytest.approx((state.conj() @ dense @ state).real, abs=1e-12)
    assert energy(POINT) == energy.value(list(POINT)) == pytest.approx(value, abs=1e-14)
    for k, step in enumerate(1e-6 * np.eye(3)):
        assert gradient[k] == pytest.approx((energy(POINT + step) - energy(POINT - step)) / 2e-6, abs=1e-8)


def test_noise_is_exact_and_differentiated():
    noisy = NoiseModel([(None, 2, None, Channel.depolarizing(0.1, 2)), (["ry"], None, None, Channel.amplitude_damping(0.2))]).apply(ansatz())
    energy = Energy(noisy, SUM)
    density = noisy.density(POINT)
    dense = sum(value * word(letters) for letters, value in SUM.terms())
    assert energy(POINT) == pytest.approx(np.trace(dense @ density.matrix()).real, abs=1e-12)
    assert density.purity == pytest.approx(np.trace(density.matrix() @ density.matrix()).real)
    _, gradient = energy.value_and_gradient(POINT)
    step = np.array([0.0, 1e-6, 0.0])
    assert gradient[1] == pytest.approx((energy(POINT + step) - energy(POINT - step)) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("noise", [False, True])
def test_batches_are_energies_row_by_row(noise):
    circuit = ansatz().channel(Channel.depolarizing(0.1), [0]) if noise else ansatz()
    observables = [SUM, PauliSum.z(1, 3)]
    rows = np.random.default_rng(1).normal(size=(7, 3))
    batch = Batch(circuit, observables)
    values, gradients = batch.values_and_gradients(rows)
    for k, row in enumerate(rows):
        for o, observable in enumerate(observables):
            value, gradient = Energy(circuit, observable).value_and_gradient(row)
            assert values[k, o] == pytest.approx(value, abs=1e-12)
            assert np.allclose(gradients[k, o], gradient, atol=1e-12)
    cotangents = np.random.default_rng(2).normal(size=(7, 2))
    _, by_row, by_shared = batch.vjp(np.ascontiguousarray(rows[:, 1:]), cotangents, rows[0, :1].copy())
    same = batch.values_and_gradients(np.column_stack([np.full(7, rows[0, 0]), rows[:, 1:]]))[1]
    product = np.einsum("ko,kop->kp", cotangents, same)
    assert np.allclose(by_row, product[:, 1:], atol=1e-12) and np.allclose(by_shared, product[:, 0].sum(), atol=1e-12)
    states = batch.states(rows)
    assert len(states) == 7 and states[3].expectation(SUM) == pytest.approx(values[3, 0], abs=1e-12)


def test_views_are_no_copies_and_outlive_their_owners():
    circuit = Circuit(3).h(0).cx(0, 1).ry(0.4, 2).s(2)
    state = circuit.state()
    real, again = state.real, state.real
    assert real.__array_interface__["data"] == again.__array_interface__["data"] and not real.flags.owndata
    amplitudes = state.amplitudes()
    del state
    assert np.array_equal(real, amplitudes.real)
    with pytest.raises(ValueError, match="read-only"):
        real[0] = 1.0
    with pytest.raises(ValueError):
        real.setflags(write=True)
    coefficients = circuit.density().coefficients
    assert coefficients[0] == 1.0 and coefficients.shape == (64,)


def test_all_is_pickled():
    device = Device.named("line-3")
    noisy = Circuit(2).h(0).channel(Channel.phase_damping(0.1), [0]).measure(0, 0)
    noisy.conditional([0], 1, Circuit(2).x(1)).unitary(np.diag([1, 1j]), [1], [0]).barrier().delay(5.0, [0]).global_phase(0.2).reset(0)
    for thing in [noisy, ansatz(), SUM, device, Channel.bit_flip(0.2), Angle(3, 2.0, 0.1), ansatz().state(POINT), qloom.Braid([1, -2])]:
        assert pickle.loads(pickle.dumps(thing)) == thing
    assert np.allclose(pickle.loads(pickle.dumps(ansatz().density(POINT))).coefficients, ansatz().density(POINT).coefficients)
    assert pickle.loads(pickle.dumps(Energy(ansatz(), SUM)))(POINT) == Energy(ansatz(), SUM)(POINT)
    assert np.array_equal(pickle.loads(pickle.dumps(Batch(ansatz(), [SUM]))).values(POINT), Batch(ansatz(), [SUM]).values(POINT))
    model = pickle.loads(pickle.dumps(NoiseModel.uniform("depolarizing2=1e-2, readout=0.1", 3)))
    assert model.readout == [(0.1, 0.1)] * 3
    environment = pickle.loads(pickle.dumps(qloom.Environment(SUM, {"max_gates": 3})))
    assert environment.actions == qloom.Environment(SUM, {"max_gates": 3}).actions
    executable = pickle.loads(pickle.dumps(Executable(noisy)))
    assert executable.counts(50, seed=3) == Executable(noisy).counts(50, seed=3)


def test_shots_follow_the_seed_and_the_state():
    circuit = Circuit(2).ry(0.8, 0).cx(0, 1).measure_all()
    assert Executable(circuit).counts(1000, seed=4) == Executable(circuit).counts(1000, seed=4)
    counts = Executable(circuit).counts(100_000, seed=4)
    assert counts["11"] / 1e5 == pytest.approx(np.sin(0.4) ** 2, abs=0.01) and set(counts) == {"00", "11"}
    middle = Circuit(1, 2).h(0).measure(0, 0).h(0).measure(0, 1)
    branches = Executable(middle).branches()
    assert [round(probability, 9) for probability, _, _ in branches] == [0.5, 0.5]
    readout = NoiseModel([], [(0.25, 0.0)]).apply(Circuit(1).measure(0, 0), readout=True)
    assert Executable(readout, "pauli-vector").counts(100_000)["1"] / 1e5 == pytest.approx(0.25, abs=0.01)


def test_programs_are_read_and_written():
    for version in (2, 3):
        assert np.allclose(Circuit.from_qasm(ansatz().bind(POINT).qasm(version)).matrix(), ansatz().matrix(POINT))
    assert Circuit.from_qasm(ansatz().qasm(3)).num_parameters == 3
    assert ansatz()._repr_svg_().startswith("<svg")
    circuit = Circuit(1)
    circuit.rx(circuit.parameter("a"), 0).ry(circuit.parameter("b"), 0).rz(circuit.parameter("a"), 0)
    assert circuit.parameter_names == ["a", "b"] and circuit.bind({"a": 0.1}).parameter_names == ["b"]


def test_compiled_circuits_do_the_same():
    circuit = Circuit(3).h(0).cx(0, 2).ry(0.3, 1).cx(1, 2)
    compiled, begin, end = qloom.compile(circuit, Device.named("line-3"), level=1)
    Device.named("line-3").check(compiled)
    before = circuit.state().probabilities()
    after = compiled.state().probabilities([end[qubit] for qubit in range(3)])
    assert np.allclose(before, after, atol=1e-9)


def test_errors_have_one_hierarchy_and_fields():
    with pytest.raises(IndexError) as caught:
        Circuit(2).cx(0, 5)
    assert isinstance(caught.value, qloom.QloomError) and (caught.value.qubit, caught.value.num_qubits) == (5, 2)
    with pytest.raises(qloom.errors.QasmError) as caught:
        Circuit.from_qasm("OPENQASM 2.0;\nqreg q[2];\nCX q[0], q[5];")
    assert caught.value.places[0][:2] == (3, 12)
    with pytest.raises(MemoryError) as caught:
        Circuit(45).h(0).state()
    assert caught.value.needed > caught.value.limit
    with pytest.raises(qloom.errors.InputError, match="ascontiguousarray"):
        Energy(ansatz(), SUM)(np.zeros(6)[::2])
    with pytest.raises(TypeError, match="int64"):
        Energy(ansatz(), SUM)(np.zeros(3, dtype=int))
    with pytest.raises(ValueError, match="3"):
        Energy(ansatz(), SUM)([0.1])
    with pytest.raises(ValueError, match=r"\(rows, 3\)"):
        Batch(ansatz(), [SUM]).values(np.zeros((2, 2)))
    for call in (lambda: StateVector([1.0, 1.0]), lambda: PauliVector(np.eye(2)), lambda: PauliSum({"XQ": 1.0})):
        with pytest.raises(qloom.QloomError):
            call()
