"""PennyLane's devices beyond values: preprocessing, trackers, shots, wires by name, broadcasting and refusals."""

import numpy as np
import pytest

qml = pytest.importorskip("pennylane")

from pennylane import numpy as pnp  # noqa: E402
from pennylane.devices import ExecutionConfig, MCMConfig  # noqa: E402
from pennylane.exceptions import DeviceError  # noqa: E402

BOTH = ["qloom.qubit", "qloom.noisy"]
REFERENCE = {"qloom.qubit": "default.qubit", "qloom.noisy": "default.mixed"}


def body(x):
    qml.RX(x[0], "a")
    qml.CNOT(["a", 7])
    qml.Rot(x[1], x[0], 0.3, 7)
    qml.CRY(x[1], [7, "b"])


MEASURED = {
    "expectation": lambda: qml.expval(qml.Z("a") @ qml.X(7)),
    "sum": lambda: qml.expval(0.5 * qml.Y("b") - 2.0 * qml.Z(7) + qml.Identity("a")),
    "variance": lambda: qml.var(qml.Z("b")),
    "probabilities": lambda: qml.probs(wires=["b", "a"]),
    "state": lambda: qml.state(),
    "density": lambda: qml.density_matrix(wires=["b"]),
    "purity": lambda: qml.purity(wires=[7]),
    "entropy": lambda: qml.vn_entropy(wires=["a"]),
    "hermitian": lambda: qml.expval(qml.Hermitian(np.array([[1.0, 2j], [-2j, 0.5]]), "b")),
    "projector": lambda: qml.expval(qml.Projector([1, 0], ["a", 7])),
}


@pytest.mark.parametrize("device", BOTH)
@pytest.mark.parametrize("what", MEASURED)
def test_measurements_on_wires_by_name(device, what):
    def circuit(x):
        body(x)
        return MEASURED[what]()

    wires = ["b", "a", 7]
    ours, theirs = (qml.QNode(circuit, qml.device(name, wires=wires)) for name in (device, REFERENCE[device]))
    assert np.allclose(ours([0.4, 0.9]), theirs([0.4, 0.9]), atol=1e-9)
    unnamed = qml.QNode(circuit, qml.device(device))
    if what != "state":
        assert np.allclose(unnamed([0.4, 0.9]), theirs([0.4, 0.9]), atol=1e-9)


@pytest.mark.parametrize("device", BOTH)
@pytest.mark.parametrize("what", ["expectation", "probabilities", "projector"])
def test_broadcasted_values_are_those_of_each_row(device, what):
    def circuit(x):
        body(x)
        return MEASURED[what]()

    node = qml.QNode(circuit, qml.device(device, wires=["a", 7, "b"]))
    rows = np.random.default_rng(1).normal(size=(2, 4))
    assert np.allclose(node(rows), [node(rows[:, k]) for k in range(4)], atol=1e-12)


CHANNELS = {
    "AmplitudeDamping": (0.2,), "GeneralizedAmplitudeDamping": (0.2, 0.3), "PhaseDamping": (0.3,), "BitFlip": (0.1,), "PhaseFlip": (0.2,),
    "DepolarizingChannel": (0.3,), "ResetError": (0.1, 0.2), "ThermalRelaxationError": (0.1, 1.0, 0.8, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANNELS)
def test_channels_are_those_of_default_mixed(name):
    def circuit(x):
        qml.RY(x, 0)
        qml.CNOT([0, 1])
        getattr(qml, name)(*CHANNELS[name], wires=1)
        qml.RX(x, 1)
        qml.QubitChannel([np.sqrt(0.5) * np.eye(4), np.sqrt(0.5) * np.kron([[0, 1], [1, 0]], np.diag([1, -1]))], wires=[1, 0])
        return qml.density_matrix(wires=[0, 1])

    ours, theirs = (qml.QNode(circuit, qml.device(device, wires=2)) for device in ("qloom.noisy", "default.mixed"))
    assert np.allclose(ours(0.7), theirs(0.7), atol=1e-9)
    with pytest.raises(Exception, match=name):
        qml.QNode(circuit, qml.device("qloom.qubit", wires=2))(0.7)


@pytest.mark.parametrize("device", BOTH)
def test_prepared_states_on_some_wires(device):
    def circuit():
        if device == "qloom.noisy":
            qml.QubitDensityMatrix(np.array([[0.7, 0.2j], [-0.2j, 0.3]]), wires=[1])
        else:
            qml.StatePrep(np.array([0.6, 0.8j, 0, 0]), wires=[2, 0])
        qml.CNOT([1, 0])
        qml.CRX(0.4, [0, 2])
        return qml.probs(wires=[0, 1, 2])

    ours, theirs = (qml.QNode(circuit, qml.device(name, wires=3)) for name in (device, REFERENCE[device]))
    assert np.allclose(ours(), theirs(), atol=1e-9)


def test_a_tracker_counts_what_was_done():
    device = qml.device("qloom.qubit", wires=["a", 7, "b"])
    node = qml.QNode(lambda x: (body(x), qml.expval(qml.Z("a")))[1], device, diff_method="adjoint")
    with qml.Tracker(device) as tracker:
        node(pnp.array([0.1, 0.2]))
    assert tracker.totals["executions"] == 1 and tracker.totals["batches"] == 1
    with qml.Tracker(device) as tracker:
        qml.grad(node)(pnp.array([0.1, 0.2], requires_grad=True))
    assert tracker.totals.get("vjps", 0) + tracker.totals.get("derivatives", 0) + tracker.totals.get("execute_and_vjps", 0) >= 1
    assert tracker.totals.get("executions", 0) <= 1, "a gradient is no sum over shifted circuits"
    with qml.Tracker(device) as tracker:
        qml.set_shots(qml.QNode(node.func, device), 50)(np.array([0.1, 0.2]))
    assert tracker.totals["shots"] == 50


@pytest.mark.parametrize("device", BOTH)
def test_shots_follow_the_probabilities_and_the_seed(device):
    def circuit(x):
        qml.RX(x, "a")
        qml.CNOT(["a", "b"])
        return qml.counts(wires=["b", "a"]), qml.expval(qml.Z("a")), qml.sample(wires="a")

    def draw(seed):
        node = qml.QNode(circuit, qml.device(device, wires=["a", "b"], seed=seed))
        return qml.set_shots(node, 4000)(0.9)

    counts, value, samples = draw(3)
    again, other = draw(3), draw(4)
    assert again[0] == counts and np.array_equal(again[2], samples) and not np.array_equal(other[2], samples)
    one = np.sin(0.45) ** 2
    assert set(counts) == {"00", "11"} and int(counts["11"]) / 4000 == pytest.approx(one, abs=0.04)
    assert value == pytest.approx(np.cos(0.9), abs=0.08) and samples.shape[0] == 4000 and np.mean(samples) == pytest.approx(one, abs=0.04)


def test_preprocessing_takes_adjoint_for_best():
    device = qml.device("qloom.qubit", wires=2)
    for method in ("best", "device", "adjoint"):
        config = device.setup_execution_config(ExecutionConfig(gradient_method=method))
        assert config.gradient_method == "adjoint" and config.use_device_gradient and config.use_device_jacobian_product
    other = device.setup_execution_config(ExecutionConfig(gradient_method="parameter-shift"))
    assert other.gradient_method == "parameter-shift" and not other.use_device_gradient
    with pytest.raises(Exception, match="nonsense.*there are none"):
        device.setup_execution_config(ExecutionConfig(device_options={"nonsense": 1}))
    tape = qml.tape.QuantumScript([qml.GroverOperator([0, 1])], [qml.expval(qml.Z(0))])
    (ready,), _ = device.preprocess_transforms()((tape,))
    assert all(device._stopping_condition(op) for op in ready.operations)
    assert device.supports_derivatives() and not device.supports_derivatives(ExecutionConfig(gradient_method="backprop"))
    sampled = qml.tape.QuantumScript([], [qml.probs(wires=0)])
    assert not device.supports_derivatives(ExecutionConfig(gradient_method="adjoint"), sampled)


def test_jacobian_products_agree_with_the_jacobian():
    device = qml.device("qloom.qubit", wires=2)
    ops = [qml.RX(0.3, 0), qml.RY(0.5, 1), qml.CNOT([0, 1]), qml.IsingXX(0.7, [0, 1])]
    tape = qml.tape.QuantumScript(ops, [qml.expval(qml.Z(0)), qml.expval(qml.X(0) @ qml.Y(1))], trainable_params=[0, 2])
    results, jacobian = device.execute_and_compute_derivatives((tape,))
    jacobian = np.array(jacobian[0])
    assert jacobian.shape == (2, 2)
    shifted = []
    for number in (0, 3):
        moved = [[op if k != number else type(op)(op.data[0] + sign * np.pi / 2, op.wires) for k, op in enumerate(ops)] for sign in (1, -1)]
        plus, minus = (np.array(device.execute((qml.tape.QuantumScript(each, tape.measurements),))[0]) for each in moved)
        shifted.append((plus - minus) / 2)
    assert np.allclose(jacobian, np.transpose(shifted), atol=1e-12)
    cotangents, tangents = (0.4, -1.2), (0.7, 0.2)
    assert np.allclose(device.compute_vjp((tape,), (cotangents,))[0], cotangents @ jacobian, atol=1e-12)
    assert np.allclose(device.compute_jvp((tape,), (tangents,))[0], jacobian @ tangents, atol=1e-12)
    again, vjp = device.execute_and_compute_vjp((tape,), (cotangents,))
    assert np.allclose(again[0], results[0]) and np.allclose(vjp[0], cotangents @ jacobian)
    assert np.allclose(device.execute_and_compute_jvp((tape,), (tangents,))[1][0], jacobian @ tangents)


@pytest.mark.parametrize("device", BOTH)
def test_other_ways_of_measuring_within_are_refused(device):
    config = ExecutionConfig(mcm_config=MCMConfig(mcm_method="single-branch-statistics"))
    with pytest.raises(DeviceError, match=f"{device}; take one of deferred, one-shot, tree-traversal"):
        qml.device(device, wires=2).setup_execution_config(config)


@pytest.mark.parametrize("device", BOTH)
def test_rows_that_are_not_trained_stand_beside_an_angle_that_is(device):
    def circuit(x, y):
        qml.RX(x, 0)
        qml.CNOT([0, 1])
        qml.RY(y, 1)
        return qml.expval(qml.Z(1))

    node = qml.QNode(circuit, qml.device(device, wires=2), diff_method="adjoint")
    rows, angle = pnp.array([0.1, 0.2, 0.3], requires_grad=False), pnp.array(0.8, requires_grad=True)
    assert np.allclose(node(rows, angle), np.cos(rows) * np.cos(0.8), atol=1e-12)
    assert np.allclose(qml.jacobian(node)(rows, angle), -np.cos(rows) * np.sin(0.8), atol=1e-12)


@pytest.mark.parametrize("device", BOTH)
def test_states_prepared_by_row(device):
    states = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])

    def circuit(y):
        qml.StatePrep(states, 0)
        qml.RY(y, 0)
        return qml.expval(qml.Z(0))

    node = qml.QNode(circuit, qml.device(device, wires=1))
    # a state at angle t to |0> on the Bloch sphere is turned to t + y
    angles = 2 * np.arctan2(states[:, 1], states[:, 0])
    assert np.allclose(node(0.8), np.cos(angles + 0.8), atol=1e-12)


@pytest.mark.parametrize("device", BOTH)
def test_operators_that_are_taken_apart_or_taken_as_matrices(device):
    def circuit(x, y):
        qml.GlobalPhase(x)
        qml.Hadamard(0)
        qml.ctrl(qml.GlobalPhase, 0)(y, wires=1)
        qml.PauliRot(x, "II", [0, 1])
        qml.ctrl(qml.PauliRot, 2)(x, "XY", [0, 1])
        qml.ctrl(qml.RX, [0, 2], control_values=[0, 1])(y, 1)
        qml.U2(x, y, 2)
        qml.U3(x, y, x * y, 1)
        qml.CRot(x, y, x, [1, 2])
        qml.DoubleExcitation(x, [0, 1, 2, 3])
        qml.MultiControlledX([0, 1, 2, 3])
        qml.adjoint(qml.RX)(y, 2)
        qml.exp(qml.X(0) @ qml.Z(1), 0.3j)
        return qml.expval(qml.X(0) @ qml.Z(1)), qml.expval(qml.Y(2)), qml.expval(qml.Z(3) + qml.X(2))

    ours = qml.QNode(circuit, qml.device(device, wires=4), diff_method="adjoint")
    theirs = qml.QNode(circuit, qml.device("default.qubit", wires=4), diff_method="backprop")
    point = pnp.array(0.3, requires_grad=True), pnp.array(0.8, requires_grad=True)
    assert np.allclose(ours(*point), theirs(*point), atol=1e-12)
    found, wanted = (qml.jacobian(lambda *at, node=node: qml.math.stack(node(*at)))(*point) for node in (ours, theirs))
    assert np.allclose(found, wanted, atol=1e-12)


def test_global_phases_are_those_of_the_state():
    def circuit(x):
        qml.Hadamard(0)
        qml.GlobalPhase(x)
        qml.PauliRot(2 * x, "II", [0, 1])
        return qml.state()

    state = qml.QNode(circuit, qml.device("qloom.qubit", wires=2))(0.7)
    assert np.allclose(state, np.exp(-1.4j) * np.array([1, 0, 1, 0]) / np.sqrt(2), atol=1e-12)


def test_jacobian_products_of_rows():
    device, angles, tangents = qml.device("qloom.qubit", wires=1), np.array([0.1, 0.4, 0.9]), np.array([1.0, -2.0, 0.5])
    tape = qml.tape.QuantumScript([qml.RX(angles, 0)], [qml.expval(qml.Z(0))], trainable_params=[0])
    assert np.allclose(device.compute_derivatives((tape,))[0], np.diag(-np.sin(angles)), atol=1e-12)
    assert np.allclose(device.compute_jvp((tape,), ((tangents,),))[0], -np.sin(angles) * tangents, atol=1e-12)
    assert np.allclose(device.compute_vjp((tape,), (tangents,))[0], -np.sin(angles) * tangents, atol=1e-12)
