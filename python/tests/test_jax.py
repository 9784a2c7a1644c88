"""Circuits in JAX: derivatives against differences, under jit and vmap, and a small training."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
from jax.test_util import check_grads  # noqa: E402

from qloom import Angle, Batch, Channel, Circuit, PauliSum  # noqa: E402
from qloom.jax import expectation  # noqa: E402


@pytest.fixture(autouse=True)
def double_precision():
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def batch(noise=False):
    circuit = Circuit(2).ry(Angle(0), 0).rx(Angle(1), 1).cx(0, 1).ry(Angle(2), 1).rz(Angle(3), 0).ry(Angle(1), 0)
    circuit = circuit.channel(Channel.depolarizing(0.1), [0]) if noise else circuit
    return Batch(circuit, [PauliSum({"ZX": 1.0}), PauliSum({"IZ": 0.5})])


RANDOM = np.random.default_rng(1)
ROWS, SHARED = RANDOM.random((3, 2)), RANDOM.random(2)


@pytest.mark.parametrize("noise", [False, True])
def test_derivatives(noise):
    made = batch(noise)
    check_grads(lambda rows, shared: expectation(made, rows, shared), (ROWS, SHARED), order=1, modes=["rev"], atol=1e-7, rtol=1e-7)
    whole = jnp.concatenate([jnp.broadcast_to(SHARED, (3, 2)), ROWS], axis=1)
    assert np.allclose(expectation(made, ROWS, SHARED), made.values(np.asarray(whole)), atol=1e-15)
    check_grads(lambda rows: expectation(made, rows), (whole,), order=1, modes=["rev"], atol=1e-7, rtol=1e-7)


def test_compiled_it_is_the_same():
    made = batch()
    loss = lambda rows, shared: (expectation(made, rows, shared) ** 2).sum()  # noqa: E731
    for one, other in zip(jax.grad(loss, (0, 1))(ROWS, SHARED), jax.jit(jax.grad(loss, (0, 1)))(ROWS, SHARED)):
        assert np.allclose(one, other, atol=1e-15)


class Counted:
    """A batch that counts its calls."""

    def __init__(self, inner):
        self.inner, self.calls = inner, 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def values(self, *arguments):
        self.calls += 1
        return self.inner.values(*arguments)


def test_rows_that_are_mapped_are_one_batch():
    made = Counted(batch())
    mapped = jax.vmap(lambda row: expectation(made, row, SHARED))(ROWS)
    assert made.calls == 1 and np.allclose(mapped, expectation(made, ROWS, SHARED), atol=1e-15)
    groups = jnp.stack([ROWS, 2 * ROWS, ROWS - 1, ROWS + 1])
    made.calls = 0
    mapped = jax.vmap(lambda rows: expectation(made, rows, SHARED))(groups)
    assert made.calls == 1 and np.allclose(mapped[2], expectation(made, groups[2], SHARED), atol=1e-15)


@pytest.mark.parametrize("axes", [(0, None), (None, 0), (0, 0)])
def test_gradients_of_what_is_mapped(axes):
    made = batch()
    rows = jnp.stack([ROWS, 2 * ROWS]) if axes[0] == 0 else ROWS
    shared = jnp.stack([SHARED, SHARED - 1]) if axes[1] == 0 else SHARED
    slopes = jax.grad(lambda rows, shared: (expectation(made, rows, shared) ** 2).sum(), (0, 1))
    by_rows, by_shared = jax.vmap(slopes, axes)(rows, shared)
    for place in range(2):
        one = slopes(rows[place] if axes[0] == 0 else rows, shared[place] if axes[1] == 0 else shared)
        assert np.allclose(by_rows[place], one[0], atol=1e-14) and np.allclose(by_shared[place], one[1], atol=1e-14)
    # per row, without parameters in common
    whole = jnp.concatenate([jnp.broadcast_to(SHARED, (3, 2)), ROWS], axis=1)
    jacobians = jax.vmap(jax.jacrev(lambda row: expectation(made, row)))(whole)
    assert np.allclose(jacobians[1], made.values_and_gradients(np.asarray(whole))[1][1], atol=1e-14)


def test_shapes_are_checked():
    for rows, shared in [(jnp.zeros((3, 2)), None), (jnp.zeros((1, 3, 4)), None), (ROWS, jnp.zeros(3)), (ROWS, jnp.zeros((1, 2)))]:
        with pytest.raises(ValueError, match="must have 4 columns"):
            expectation(batch(), rows, shared)


def test_single_precision_stays_single():
    jax.config.update("jax_enable_x64", False)
    values = expectation(batch(), jnp.asarray(ROWS, jnp.float32), jnp.asarray(SHARED, jnp.float32))
    assert values.dtype == jnp.float32 and np.allclose(values, batch().values(ROWS, SHARED), atol=1e-6)


def test_a_training_loop_lowers_its_loss():
    made = batch()
    rows = jnp.asarray(RANDOM.random((20, 2)))
    wanted = jnp.cos(rows[:, 0] + 0.4)
    trained = {"angles": jnp.asarray(RANDOM.random(2)), "weights": jnp.zeros(2), "bias": jnp.zeros(())}

    @jax.jit
    def loss(trained):
        told = expectation(made, rows, trained["angles"]) @ trained["weights"] + trained["bias"]
        return ((told - wanted) ** 2).mean()

    slopes = jax.jit(jax.value_and_grad(loss))
    losses = []
    for _ in range(150):
        value, by = slopes(trained)
        losses.append(float(value))
        trained = jax.tree.map(lambda old, slope: old - 0.3 * slope, trained, by)
    assert losses[-1] < 0.05 * losses[0]
