"""Devices of PennyLane: derivatives by adjoint against back-propagation through default.qubit and default.mixed."""

import numpy as np
import pytest

qml = pytest.importorskip("pennylane")
from pennylane import numpy as pnp  # noqa: E402


def gates(x):
    qml.RX(x[0], 0)
    qml.RY(2 * x[1], 1)
    qml.CNOT([0, 1])
    qml.Rot(x[0], x[1], x[2], 2)
    qml.CRX(x[2], [1, 2])
    qml.IsingXY(x[1], [0, 1])
    qml.MultiRZ(x[1], [0, 1, 2])
    qml.PauliRot(x[2], "XIY", [0, 1, 2])
    qml.SingleExcitation(x[0], [0, 2])
    qml.ctrl(qml.RY, 0, control_values=0)(x[1], 2)
    qml.QFT([0, 1, 2])


def plain(x):
    gates(x)
    return qml.expval(qml.Z(0) @ qml.X(2)), qml.expval(qml.Y(1) + 0.3 * qml.Hermitian(np.diag([1.0, 2.0]), 0))


def single(x):
    gates(x)
    return qml.expval(qml.Projector([1], [1]))


def prepared(x):
    qml.StatePrep(np.array([1, 1j, 0, 1]) / np.sqrt(3), [0, 2])
    gates(x)
    return qml.expval(qml.Hadamard(1)), qml.expval(qml.Z(0))


def noisy(x):
    gates(x)
    qml.AmplitudeDamping(0.2, 0)
    qml.DepolarizingChannel(0.1, 1)
    qml.RY(x[0], 0)
    qml.ThermalRelaxationError(0.1, 1.0, 0.8, 0.3, 2)
    return qml.expval(qml.Z(0) @ qml.Y(1)), qml.expval(qml.X(2))


def stacked(node):
    return lambda x: qml.math.stack(qml.math.atleast_1d(node(x))) if node.func is single else qml.math.stack(node(x))


CASES = [("qloom.qubit", "default.qubit", function) for function in (plain, single, prepared)]
CASES += [("qloom.noisy", "default.mixed", function) for function in (plain, single, noisy)]
POINT = [0.3, 0.4, 0.5]


@pytest.mark.parametrize("method", ["adjoint", "device", "best", "parameter-shift"])
@pytest.mark.parametrize(("device", "reference", "function"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_values_and_jacobians(device, reference, function, method):
    ours = qml.QNode(function, qml.device(device, wires=3), diff_method=method)
    theirs = qml.QNode(function, qml.device(reference, wires=3), diff_method="backprop")
    x = pnp.array(POINT, requires_grad=True)
    assert np.allclose(ours(x), theirs(x), atol=1e-9)
    assert np.allclose(qml.jacobian(stacked(ours))(x), qml.jacobian(stacked(theirs))(x), atol=1e-9)


@pytest.mark.parametrize(("device", "function"), [("qloom.qubit", plain), ("qloom.noisy", noisy)])
def test_broadcasted_gradients_are_one_batch(device, function):
    reference = "default.qubit" if device == "qloom.qubit" else "default.mixed"
    ours = qml.QNode(function, qml.device(device, wires=3), diff_method="adjoint")
    theirs = qml.QNode(function, qml.device(reference, wires=3), diff_method="backprop")
    x = pnp.array(np.random.default_rng(1).normal(size=(3, 5)), requires_grad=True)

    def loss(node):
        return lambda x: qml.math.sum(qml.math.stack(node(x)) ** 2)

    assert np.allclose(ours(x), np.transpose([theirs(x[:, k]) for k in range(5)]), atol=1e-9)
    if device == "qloom.qubit":
        expected = qml.grad(loss(theirs))(x)
    else:
        columns = [qml.grad(loss(theirs))(pnp.array(x[:, k], requires_grad=True)) for k in range(5)]
        expected = np.stack(columns, axis=1)
    assert np.allclose(qml.grad(loss(ours))(x), expected, atol=1e-9)


def test_mixed_scalars_and_rows():
    def function(x, y):
        qml.RX(x, 0)
        qml.RY(y, 0)
        return qml.expval(qml.Z(0))

    ours = qml.QNode(function, qml.device("qloom.qubit", wires=1), diff_method="adjoint")
    x, y = pnp.array(0.4, requires_grad=True), pnp.array([0.1, 0.2, 0.3], requires_grad=True)
    by_x, by_y = qml.grad(lambda x, y: qml.math.sum(ours(x, y)))(x, y)
    assert np.isclose(by_x, -np.sin(0.4) * np.cos(y).sum()) and np.allclose(by_y, -np.cos(0.4) * np.sin(y))


@pytest.mark.parametrize("device", ["qloom.qubit", "qloom.noisy"])
def test_measurements_within(device):
    @qml.qnode(qml.device(device, wires=4))
    def circuit(x):
        qml.RX(x, 0)
        outcome = qml.measure(0, reset=True)
        qml.cond(outcome, qml.RY)(0.3, 1)
        return qml.expval(qml.Z(1)), qml.probs(op=outcome)

    value, probabilities = circuit(0.7)
    assert np.allclose(probabilities, [np.cos(0.35) ** 2, np.sin(0.35) ** 2])
    assert np.isclose(value, probabilities[0] + probabilities[1] * np.cos(0.3))


def test_a_seed_fixes_shots():
    def draw():
        node = qml.set_shots(qml.QNode(single, qml.device("qloom.qubit", wires=3, seed=5)), 100)
        return node(np.array(POINT))

    assert draw() == draw()


def test_wires_that_do_not_exist_are_refused():
    node = qml.QNode(lambda: qml.expval(qml.Z(7)), qml.device("qloom.qubit", wires=2))
    with pytest.raises(Exception, match="7"):
        node()


def test_arrays_that_are_changed_in_place_are_read_anew():
    inputs, matrix = np.linspace(0.0, 1.0, 5), np.eye(2, dtype=complex)
    device = qml.device("qloom.qubit", wires=2)

    @qml.qnode(device, diff_method="adjoint")
    def circuit(inputs, angle):
        qml.RX(inputs, 0)
        qml.RY(angle, 0)
        qml.CNOT([0, 1])
        return qml.expval(qml.Z(1))

    angle = pnp.array(0.3, requires_grad=True)
    for shift in (0.0, 0.5):
        inputs += shift
        assert np.allclose(circuit(inputs, angle), np.cos(inputs) * np.cos(0.3))
        slope = qml.grad(lambda angle: qml.math.sum(circuit(inputs, angle)))(angle)
        assert np.isclose(slope, -np.sin(0.3) * np.cos(inputs).sum())
    # a tape that is executed again after its matrix was exchanged
    tape = qml.tape.QuantumScript([qml.QubitUnitary(matrix, 0)], [qml.expval(qml.Z(0))])
    assert device.execute(tape) == 1.0
    tape.operations[0].data[0][:] = [[0, 1], [1, 0]]
    assert device.execute(tape) == -1.0


def test_copies_of_a_tape_are_one_circuit():
    from qloom._pennylane_tape import Tape

    ops = [qml.RX(np.array([0.1, 0.2]), 0), qml.CNOT([0, 1]), qml.RY(0.3, 1), qml.PauliRot(0.2, "XY", [0, 1])]
    tape = qml.tape.QuantumScript(ops, [qml.expval(qml.Z(1))], trainable_params=[1])
    copied = qml.tape.QuantumScript([qml.RX(np.array([0.1, 0.2]), 0), ops[1], qml.RY(0.3, 1), ops[3]], tape.measurements, trainable_params=[1])
    made = Tape(tape)
    assert made.is_of(tape) and made.is_of(copied) and (made.rows, made.num_qubits) == (2, 2)
    others = [
        qml.tape.QuantumScript([qml.RX(np.array([0.1, 0.3]), 0), *ops[1:]], tape.measurements, trainable_params=[1]),
        qml.tape.QuantumScript([*ops[:2], qml.RY(0.3, 0), ops[3]], tape.measurements, trainable_params=[1]),
        qml.tape.QuantumScript([*ops[:3], qml.PauliRot(0.2, "XX", [0, 1])], tape.measurements, trainable_params=[1]),
        qml.tape.QuantumScript(ops, tape.measurements, trainable_params=[0]),
        qml.tape.QuantumScript(ops, [qml.expval(qml.Z(1))], trainable_params=[1]),
        qml.tape.QuantumScript(ops, tape.measurements, shots=5, trainable_params=[1]),
    ]
    assert not any(made.is_of(other) for other in others)


def test_gradients_that_others_have_by_back_propagation():
    device = qml.device("qloom.noisy", wires=2)

    def ops(x, y):
        qml.RX(x, 0)
        qml.RY(y, 1)
        qml.CNOT([0, 1])

    @qml.qnode(device, diff_method="parameter-shift", max_diff=2)
    def value(x, y):
        ops(x, y)
        return qml.expval(qml.Z(1))

    @qml.qnode(device, diff_method="parameter-shift")
    def several(x, y):
        ops(x, y)
        return qml.expval(qml.Z(1)), qml.probs(wires=[0])

    x, y = pnp.array(0.4, requires_grad=True), pnp.array(1.1, requires_grad=True)
    hessian = qml.jacobian(lambda x, y: qml.math.stack(qml.grad(value)(x, y)))(x, y)
    sines = np.sin(x) * np.sin(y)
    assert np.allclose(hessian, [[-np.cos(x) * np.cos(y), sines], [sines, -np.cos(x) * np.cos(y)]], atol=1e-9)
    slopes = qml.jacobian(lambda x: qml.math.hstack(several(x, y)))(x)
    assert np.allclose(slopes, [-np.sin(x) * np.cos(y), -np.sin(x) / 2, np.sin(x) / 2], atol=1e-9)


def test_rows_that_differ_in_number_are_refused_by_name():
    @qml.qnode(qml.device("qloom.qubit", wires=2), diff_method="adjoint")
    def circuit():
        qml.RX(np.array([0.1, 0.2]), 0)
        qml.RY(np.array([0.1, 0.2, 0.3]), 1)
        return qml.expval(qml.Z(1))

    with pytest.raises(ValueError, match="batch sizes"):
        circuit()
