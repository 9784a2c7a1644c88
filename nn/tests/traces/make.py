"""Training steps as PyTorch makes them, for tests/traces/main.rs.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python nn/tests/traces/make.py > nn/tests/traces/traces.json

Each case is a model, a loss and an optimiser, with the parameters before and after STEPS steps and the loss before
each of them. Weights are written in the order (inputs, outputs), which is the transpose of PyTorch's.
"""

import json

import torch
from torch import nn
from torch.nn import functional

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS, LENGTH = 24, 5, 3, 4, 3, 4
ACTIVATIONS = {
    "relu": torch.relu,
    "leaky-relu": lambda x: functional.leaky_relu(x, 0.1),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


class Perceptron(nn.Module):
    def __init__(self, sizes, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.activation = activation

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = ACTIVATIONS[self.activation](layer(x))
        return self.layers[-1](x)

    def named(self):
        for number, layer in enumerate(self.layers):
            yield f"mlp.{number}.weight", layer.weight
            yield f"mlp.{number}.bias", layer.bias


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cell = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}[kind](INPUTS, HIDDEN)
        self.head = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, x):
        state = None
        for step in x:
            state = self.cell(step, state)
        return self.head(state[0] if isinstance(state, tuple) else state)

    def named(self):
        yield "cell.weight_input", self.cell.weight_ih
        yield "cell.bias_input", self.cell.bias_ih
        yield "cell.weight_hidden", self.cell.weight_hh
        yield "cell.bias_hidden", self.cell.bias_hh
        yield "head.weight", self.head.weight
        yield "head.bias", self.head.bias


def loss_of(kind, values, targets):
    if kind == "mean-square":
        return functional.mse_loss(values, targets)
    if kind == "softmax-mean-square":
        return functional.mse_loss(torch.softmax(values, 1), targets)
    if kind == "huber":
        return functional.huber_loss(values, targets)
    if kind == "huber-half":
        return functional.smooth_l1_loss(values, targets, beta=0.5)
    if kind == "softmax-cross-entropy":
        return functional.cross_entropy(values, targets)
    if kind == "binary-cross-entropy":
        return functional.binary_cross_entropy(torch.sigmoid(values), targets)
    return functional.binary_cross_entropy_with_logits(values, targets)


def optimizer_of(kind, parameters):
    return {
        "adam": lambda: torch.optim.Adam(parameters, lr=1e-2),
        "adam-other": lambda: torch.optim.Adam(parameters, lr=3e-2, betas=(0.8, 0.95), eps=1e-4),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr=1e-2),
        "rmsprop-momentum": lambda: torch.optim.RMSprop(parameters, lr=1e-3, alpha=0.9, eps=1e-6, momentum=0.7),
        "rmsprop-centered": lambda: torch.optim.RMSprop(parameters, lr=1e-3, alpha=0.95, momentum=0.5, centered=True),
        "sgd": lambda: torch.optim.SGD(parameters, lr=0.1),
        "sgd-momentum": lambda: torch.optim.SGD(parameters, lr=0.05, momentum=0.8),
    }[kind]()


def numbers(tensor, transposed=False):
    tensor = tensor.detach()
    if transposed and tensor.dim() == 2:
        tensor = tensor.t()
    return [float(x) for x in tensor.reshape(-1)]


def case(model="mlp", activation="tanh", loss="mean-square", optimizer="adam", clip=None, dtype="f64", sizes=None):
    torch.manual_seed(17)
    torch.set_default_dtype({"f64": torch.float64, "f32": torch.float32}[dtype])
    sizes = sizes or [INPUTS, HIDDEN, OUTPUTS]
    network = Perceptron(sizes, activation) if model == "mlp" else Recurrent(model)
    inputs = torch.randn(BATCH, sizes[0]) if model == "mlp" else torch.randn(LENGTH, BATCH, INPUTS)
    if loss == "softmax-cross-entropy":
        targets = torch.randint(0, OUTPUTS, (BATCH,))
    elif loss.startswith("binary"):
        targets = torch.rand(BATCH, OUTPUTS).round()
        targets[0, 0] = 0.3
    else:
        targets = 2 * torch.randn(BATCH, OUTPUTS)
    step = optimizer_of(optimizer, network.parameters())
    before = {name: numbers(value, True) for name, value in network.named()}
    losses = []
    for _ in range(STEPS):
        step.zero_grad()
        value = loss_of(loss, network(inputs), targets)
        losses.append(float(value.detach()))
        value.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        step.step()
    return {
        "model": model, "activation": activation, "loss": loss, "optimizer": optimizer, "clip": clip, "dtype": dtype,
        "sizes": sizes, "batch": BATCH, "inputs": numbers(inputs), "targets": numbers(targets.double()),
        "before": before, "losses": losses, "after": {name: numbers(value, True) for name, value in network.named()},
    }


CASES = (
    [dict(sizes=[INPUTS, OUTPUTS])]
    + [dict(activation=activation, sizes=[INPUTS, 5, HIDDEN, OUTPUTS]) for activation in ACTIVATIONS]
    + [dict(model=model) for model in ("rnn", "gru", "lstm")]
    + [dict(loss=loss) for loss in ("softmax-mean-square", "huber", "huber-half", "softmax-cross-entropy",
                                    "binary-cross-entropy", "binary-cross-entropy-with-logits")]
    + [dict(optimizer=optimizer) for optimizer in ("adam-other", "rmsprop", "rmsprop-momentum", "rmsprop-centered", "sgd",
                                                   "sgd-momentum")]
    + [dict(optimizer="sgd", clip=0.2), dict(model="lstm", optimizer="rmsprop-momentum", clip=0.3)]
    + [dict(dtype="f32", activation="leaky-relu", loss="huber"), dict(dtype="f32", model="gru", optimizer="rmsprop")]
)
lines = [json.dumps(case(**arguments), separators=(",", ":")) for arguments in CASES]
print("[\n" + ",\n".join(lines) + "\n]")
