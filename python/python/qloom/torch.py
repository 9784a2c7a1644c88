"""Circuits as differentiable functions of PyTorch, a batch of rows at a time.

>>> import torch
>>> from qloom import Angle, Circuit, PauliSum
>>> layer = CircuitLayer(Circuit(1).ry(Angle(0), 0).ry(Angle(1), 0), [PauliSum.z(0, 1)], trained=1)
>>> values = layer(torch.tensor([[0.0], [0.5]], dtype=torch.float64))
>>> values.shape
torch.Size([2, 1])
"""

from __future__ import annotations

import numpy as np
import torch

from ._native import Batch

__all__ = ["CircuitLayer", "expectation"]


def _array(tensor):
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype=float)


class _Expectation(torch.autograd.Function):
    """Expectation values, and the product of cotangents with their Jacobian by the adjoint method."""

    @staticmethod
    def forward(ctx, batch, rows, shared):
        ctx.batch = batch
        ctx.save_for_backward(rows, shared)
        return torch.as_tensor(batch.values(_array(rows), _array(shared)), dtype=rows.dtype, device=rows.device)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, cotangents):
        rows, shared = ctx.saved_tensors
        _, by_row, by_shared = ctx.batch.vjp(_array(rows), _array(cotangents), _array(shared))
        made = [torch.as_tensor(part, dtype=like.dtype, device=like.device) for part, like in ((by_row, rows), (by_shared, shared))]
        return None, *made


def expectation(batch, rows, shared=None):
    """Expectation values `[row, observable]` of a `qloom.Batch`, differentiable by `rows` and by `shared`, the first parameters."""
    return _Expectation.apply(batch, rows, rows.new_zeros(0) if shared is None else shared)


class CircuitLayer(torch.nn.Module):
    """A layer of a network: its first `trained` parameters are the layer's, the others come with each row.

    They start at random angles of the generator that `torch.manual_seed` sets.
    """

    def __init__(self, circuit, observables, trained, threads=None):
        super().__init__()
        self.batch = Batch(circuit, observables, threads)
        self.angles = torch.nn.Parameter(2 * torch.pi * torch.rand(trained, dtype=torch.float64))

    def forward(self, rows):
        """Expectation values `[row, observable]`."""
        return expectation(self.batch, rows, self.angles)
