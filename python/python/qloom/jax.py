"""Circuits as differentiable functions of JAX: under `jit`, `grad` and `vmap`, a batch of rows at a time.

>>> import jax, jax.numpy as jnp
>>> from qloom import Angle, Batch, Circuit, PauliSum
>>> batch = Batch(Circuit(1).ry(Angle(0), 0).ry(Angle(1), 0), [PauliSum.z(0, 1)])
>>> def loss(angle, rows):
...     return expectation(batch, rows, angle).sum()
>>> slope = jax.grad(loss)(jnp.array([0.3]), jnp.array([[0.0], [0.5]]))
>>> slope.round(4).tolist() == [round(-float(jnp.sin(0.3) + jnp.sin(0.8)), 4)]
True

Circuits are run in double precision; arrays have the precision of JAX, which is single unless `jax_enable_x64` is set. Reverse mode only:
`jax.jvp` and second derivatives are refused by JAX.
"""

from __future__ import annotations

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["expectation"]


def _double(array):
    return np.ascontiguousarray(np.asarray(array), dtype=float)


def _each(work, rows, shared, *others):
    """The work for every element of a batch of `vmap`: the leading dimensions of the arrays, which are 1 where they are not mapped."""
    leading = np.broadcast_shapes(rows.shape[:-2], shared.shape[:-1], *(other.shape[:-2] for other in others))
    rows = np.broadcast_to(rows, leading + rows.shape[-2:])
    others = [np.broadcast_to(other, leading + other.shape[-2:]) for other in others]
    shared = np.broadcast_to(shared, leading + shared.shape[-1:])
    made = [work(rows[place], shared[place], *(other[place] for other in others)) for place in np.ndindex(leading)]
    return tuple(np.reshape(part, leading + part[0].shape) for part in zip(*made))


def _values(batch, rows, shared):
    rows, shared = _double(rows), _double(shared)
    if math.prod(shared.shape[:-1]) == 1:
        # one call for all that is mapped
        values = batch.values(rows.reshape(-1, rows.shape[-1]), shared.reshape(-1))
        return values.reshape(*rows.shape[:-1], -1)
    return _each(lambda rows, shared: (batch.values(_double(rows), _double(shared)),), rows, shared)[0]


def _products(batch, rows, shared, cotangents):
    rows, shared, cotangents = _double(rows), _double(shared), _double(cotangents)
    if shared.shape[-1] == 0:
        # one call for all that is mapped
        leading = np.broadcast_shapes(rows.shape[:-2], cotangents.shape[:-2], shared.shape[:-1])
        rows, cotangents = (np.broadcast_to(array, leading + array.shape[-2:]) for array in (rows, cotangents))
        flat = [_double(array.reshape(-1, array.shape[-1])) for array in (rows, cotangents)]
        by_row = batch.vjp(*flat)[1]
        return by_row.reshape(rows.shape), np.zeros((*leading, 0))

    def product(rows, shared, cotangents):
        return batch.vjp(_double(rows), _double(cotangents), _double(shared))[1:]

    return _each(product, rows, shared, cotangents)


def _call(work, shapes, *arrays):
    """Runs the work on the host; a batch of `vmap` stays together."""

    def host(*arrays):
        return jax.tree.map(lambda array, like: np.asarray(array, like.dtype), work(*arrays), shapes)

    return jax.pure_callback(host, shapes, *arrays, vmap_method="expand_dims")


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _expectation(batch, rows, shared):
    shape = jax.ShapeDtypeStruct((rows.shape[0], batch.num_observables), rows.dtype)
    return _call(partial(_values, batch), shape, rows, shared)


def _forward(batch, rows, shared):
    return _expectation(batch, rows, shared), (rows, shared)


def _backward(batch, kept, cotangents):
    shapes = tuple(jax.ShapeDtypeStruct(array.shape, array.dtype) for array in kept)
    return _call(partial(_products, batch), shapes, *kept, cotangents)


_expectation.defvjp(_forward, _backward)


def expectation(batch, rows, shared=None):
    """Expectation values `[row, observable]` of a `qloom.Batch`, differentiable by `rows` and by `shared`, the first parameters.

    A single row gives `[observable]`, so that `vmap` maps functions of one row; what it maps is then one batch.
    """
    rows = jnp.asarray(rows, dtype=float)
    shared = jnp.zeros(0, rows.dtype) if shared is None else jnp.asarray(shared, rows.dtype)
    if rows.ndim not in (1, 2) or shared.ndim != 1 or rows.shape[-1] + shared.shape[0] != batch.num_parameters:
        raise ValueError(
            f"rows have the shape {rows.shape} and shared parameters {shared.shape}; together they must have {batch.num_parameters} columns: "
            "rows (rows, columns) or (columns,), shared (columns,)"
        )
    if rows.ndim == 1:
        return _expectation(batch, rows[None], shared)[0]
    return _expectation(batch, rows, shared)
