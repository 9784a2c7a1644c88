"""Circuits in PyTorch: derivatives checked by torch, and a small training."""

import pytest

torch = pytest.importorskip("torch")

from qloom import Angle, Batch, Channel, Circuit, PauliSum  # noqa: E402
from qloom.torch import CircuitLayer, expectation  # noqa: E402


def circuit(noise=False):
    out = Circuit(2).ry(Angle(0), 0).rx(Angle(1), 1).cx(0, 1).ry(Angle(2), 1).rz(Angle(3), 0).ry(Angle(1), 0)
    return out.channel(Channel.depolarizing(0.1), [0]) if noise else out


@pytest.mark.parametrize("noise", [False, True])
def test_derivatives(noise):
    batch = Batch(circuit(noise), [PauliSum({"ZX": 1.0}), PauliSum({"IZ": 0.5})])
    rows = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)
    shared = torch.rand(2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda rows, shared: expectation(batch, rows, shared), (rows, shared))


def test_a_training_loop_lowers_its_loss():
    torch.manual_seed(1)
    rows = torch.rand(20, 2, dtype=torch.float64)
    wanted = torch.cos(rows[:, :1] + 0.4)
    layer = CircuitLayer(circuit(), [PauliSum({"ZX": 1.0}), PauliSum({"IZ": 1.0})], trained=2)
    model = torch.nn.Sequential(layer, torch.nn.Linear(2, 1).double())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(rows), wanted)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]
