"""Shots of noisy Clifford circuits against density matrices in plain NumPy, and a code whose errors are counted by hand."""

import pickle

import numpy as np
import pytest
from dense import LETTERS, after, embedded

from qloom import Channel, Circuit, NoiseModel, PauliFrames, Sampler

H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)


def test_outcomes_are_those_of_the_density_matrix():
    x, y, z = 0.1, 0.05, 0.2
    circuit = Circuit(3).h(0).cx(0, 1).channel(Channel.pauli(x, y, z), [1]).cx(1, 2).h(1)
    circuit.channel(Channel.bit_flip(0.15), [2])
    density = np.zeros((8, 8), dtype=complex)
    density[0, 0] = 1.0
    cx = np.eye(4)[[0, 3, 2, 1]]
    noise = [np.sqrt(p) * LETTERS[letter] for p, letter in zip([1 - x - y - z, x, y, z], "IXYZ")]
    flip = [np.sqrt(0.85) * np.eye(2), np.sqrt(0.15) * LETTERS["X"]]
    for operators, qubits in ([H], [0]), ([cx], [0, 1]), (noise, [1]), ([cx], [1, 2]), ([H], [1]), (flip, [2]):
        density = after(operators, density, qubits)
    wanted = np.diag(density).real
    shots = 400_000
    table = PauliFrames(circuit).sample(shots, seed=1)
    assert table.shape == (shots, 3) and table.dtype == np.uint8
    drawn = np.bincount(table @ [1, 2, 4], minlength=8) / shots
    assert np.all(np.abs(drawn - wanted) < 5 * np.sqrt(wanted * (1 - wanted) / shots) + 1e-12)


def test_rows_are_packed_and_counted():
    circuit = Circuit(11).h(0)
    for qubit in range(10):
        circuit.cx(qubit, qubit + 1)
    frames = PauliFrames(circuit, NoiseModel.uniform("depolarizing2=0.05, readout=0.02", 11))
    table, packed = frames.sample(3000, seed=5), frames.sample(3000, seed=5, packed=True)
    assert packed.shape == (3000, 2) and np.array_equal(np.packbits(table, axis=1, bitorder="little"), packed)
    counts = frames.counts(3000, seed=5)
    rows, times = np.unique(table, axis=0, return_counts=True)
    assert counts == {"".join(str(bit) for bit in row[::-1]): count for row, count in zip(rows, times)}
    again = pickle.loads(pickle.dumps(frames))
    assert np.array_equal(again.sample(3000, seed=5), table) and not np.array_equal(again.sample(3000, seed=6), table)
    assert (frames.num_qubits, frames.outcome_bits) == (11, 11)


def test_errors_of_reading_out_are_those_of_the_model():
    frames = PauliFrames(Circuit(2).x(1), NoiseModel(readout=[(0.1, 0.0), (0.0, 0.3)]))
    table = frames.sample(200_000, seed=2)
    assert table.mean(axis=0) == pytest.approx([0.1, 0.7], abs=5e-3)


def test_a_repetition_code_fails_as_often_as_binomials_say():
    distance, p, shots = 301, 0.4, 20_000
    circuit = Circuit(distance)
    for qubit in range(distance):
        circuit.channel(Channel.bit_flip(p), [qubit])
    ones = PauliFrames(circuit).sample(shots, seed=3).sum(axis=1)
    assert ones.mean() == pytest.approx(distance * p, abs=5 * np.sqrt(distance * p * (1 - p) / shots))
    assert ones.var() == pytest.approx(distance * p * (1 - p), rel=0.06)


def test_teleportation_by_conditions():
    circuit = Circuit(3, 3).x(0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1)
    circuit.conditional([1], 1, Circuit(3, 3).x(2)).conditional([0], 1, Circuit(3, 3).z(2)).measure(2, 2)
    table = PauliFrames(circuit).sample(2000, seed=4)
    assert table[:, 2].all() and 850 < table[:, 0].sum() < 1150 and 850 < table[:, 1].sum() < 1150


def test_samplers_take_circuits_that_are_too_wide_for_amplitudes():
    circuit = Circuit(60).h(0)
    for qubit in range(59):
        circuit.cx(qubit, qubit + 1)
    noise = NoiseModel(readout=[(0.0, 0.0)] * 59 + [(0.0, 0.25)])
    counts = Sampler(noise, seed=3).counts(circuit, 4000)
    zeros, ones, misread = "0" * 60, "1" * 60, "0" + "1" * 59
    assert set(counts) == {zeros, ones, misread} and sum(counts.values()) == 4000
    assert abs(counts[zeros] - 2000) < 160 and abs(counts[misread] - 500) < 110
    assert Sampler(noise, seed=3).counts(circuit, 4000) == counts
    with pytest.raises(ValueError, match="60 qubits"):
        Sampler(noise).counts(circuit.t(0), 10)
    with pytest.raises(MemoryError, match="45"):
        Sampler().counts(Circuit(45).t(0), 10)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: PauliFrames(Circuit(1).t(0)), ValueError, "Clifford"),
        (lambda: PauliFrames(Circuit(1).channel(Channel.amplitude_damping(0.1), [0])), ValueError, "Pauli"),
        (lambda: PauliFrames(Circuit(1)).sample(0), ValueError, "at least 1"),
        (lambda: PauliFrames(Circuit(1)).counts(10**10), ValueError, "draw fewer"),
        (lambda: PauliFrames(Circuit(1000)).sample(10**9), MemoryError, "pack"),
    ],
)
def test_what_is_refused(call, kind, says):
    with pytest.raises(kind, match=says):
        call()
