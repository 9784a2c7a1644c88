"""Energies and batches: closed forms, finite differences, loops over rows, shapes, and the arrays they take."""

import pickle
import threading

import numpy as np
import pytest
from dense import random_state, total, word

import qloom
from qloom import Angle, Batch, Channel, Circuit, Energy, PauliSum, PauliVector, StateVector

SUMS = [{"XYI": 0.5, "ZZI": -1.0, "III": 2.0}, {"IIZ": 1.0}, {"YIY": 0.3, "IXX": -0.8}]
OBSERVABLES = [PauliSum(terms) for terms in SUMS]


def circuit(noise=False):
    """Five parameters, one of them in two gates and one scaled and shifted; the first two may be shared."""
    out = Circuit(3).ry(Angle(0), 0).crx(Angle(1), 0, 1).rzz(-0.5 * Angle(2) + 0.3, 1, 2).cx(0, 1)
    out.u(Angle(3), Angle(0), 0.2, 2).pauli_rotation("XIY", Angle(4)).h(1)
    return out.channel(Channel.amplitude_damping(0.2), [1]).cz(1, 2).rx(Angle(3), 1) if noise else out.cz(1, 2).rx(Angle(3), 1)


def by_matrices(row, terms):
    """A value by dense rotations alone: written again in NumPy, gate by gate."""

    def rotation(letters, angle):
        return np.cos(angle / 2) * np.eye(8) - 1j * np.sin(angle / 2) * word(letters)

    def controlled(letters, angle, control):
        one = (np.eye(8) - word("".join("Z" if k == control else "I" for k in range(3)))) / 2
        return np.eye(8) - one + one @ rotation(letters, angle)

    a, b, c, d, e = row
    cx = controlled("IXI", np.pi, 0) @ np.diag(np.exp(1j * np.pi / 2 * (np.arange(8) & 1)))
    cz = np.diag([-1.0 if index >> 1 == 3 else 1.0 for index in range(8)])
    h = (word("IXI") + word("IZI")) / np.sqrt(2)
    u = rotation("IIZ", a) @ rotation("IIY", d) @ rotation("IIZ", 0.2)
    steps = [rotation("YII", a), controlled("IXI", b, 0), rotation("IZZ", -0.5 * c + 0.3), cx, u, rotation("XIY", e), h, cz, rotation("IXI", d)]
    state = np.eye(8)[0].astype(complex)
    for step in steps:
        state = step @ state
    return (state.conj() @ total(terms, 3) @ state).real


ROWS = np.random.default_rng(1).normal(size=(5, 5))


def slopes(function, point):
    """Derivatives by fourth-order finite differences."""
    out = []
    for step in 1e-3 * np.eye(len(point)):
        near, far = function(point + step) - function(point - step), function(point + 2 * step) - function(point - 2 * step)
        out.append((8 * near - far) / 12e-3)
    return np.array(out)


@pytest.mark.parametrize("row", range(5))
@pytest.mark.parametrize("number", range(3))
def test_values_are_those_of_dense_matrices_and_gradients_their_slopes(row, number):
    value, gradient = Energy(circuit(), OBSERVABLES[number]).value_and_gradient(ROWS[row])
    assert value == pytest.approx(by_matrices(ROWS[row], SUMS[number]), abs=1e-13)
    assert np.allclose(gradient, slopes(lambda x: by_matrices(x, SUMS[number]), ROWS[row]), atol=1e-9)


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_batches_are_loops_over_energies(noise, threads):
    batch = Batch(circuit(noise), OBSERVABLES, threads)
    assert (batch.num_parameters, batch.num_observables) == (5, 3)
    values, gradients = batch.values_and_gradients(ROWS)
    assert values.shape == (5, 3) and gradients.shape == (5, 3, 5)
    assert np.allclose(values, batch.values(ROWS), atol=1e-14)
    for o, observable in enumerate(OBSERVABLES):
        energy = Energy(circuit(noise), observable)
        assert np.allclose(values[:, o], [energy(row) for row in ROWS], atol=1e-12)
        for k, row in enumerate(ROWS):
            assert np.allclose(gradients[k, o], slopes(energy, row), atol=1e-8)


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_shared_parameters_stand_before_those_of_the_rows(noise, count):
    batch = Batch(circuit(noise), OBSERVABLES)
    whole = np.column_stack([np.tile(ROWS[0, :count], (5, 1)), ROWS[:, count:]])
    rest, shared = np.ascontiguousarray(whole[:, count:]), ROWS[0, :count].copy()
    values, gradients = batch.values_and_gradients(whole)
    if count < 5:
        assert np.allclose(batch.values(rest, shared), values, atol=1e-13)
        assert np.allclose(batch.values_and_gradients(rest, shared)[1], gradients, atol=1e-12)
    cotangents = np.random.default_rng(2).normal(size=values.shape)
    again, by_row, by_shared = batch.vjp(rest, cotangents, shared)
    product = np.einsum("ko,kop->kp", cotangents, gradients)
    assert by_row.shape == (5, 5 - count) and by_shared.shape == (count,)
    assert np.allclose(again, values, atol=1e-13)
    assert np.allclose(by_row, product[:, count:], atol=1e-12) and np.allclose(by_shared, product[:, :count].sum(axis=0), atol=1e-12)


def test_states_of_rows():
    states = Batch(circuit(), []).states(ROWS)
    assert all(isinstance(state, StateVector) for state in states)
    for row, state in zip(ROWS, states):
        assert np.allclose(state.amplitudes(), circuit().matrix(row)[:, 0], atol=1e-13)
    mixed = Batch(circuit(noise=True), []).states(ROWS)
    assert all(isinstance(state, PauliVector) for state in mixed)
    for row, state in zip(ROWS, mixed):
        assert np.allclose(state.matrix(), circuit(noise=True).density(row).matrix(), atol=1e-13)


def test_rows_start_from_their_inputs():
    random = np.random.default_rng(3)
    inputs = [random_state(random, 3) for _ in ROWS]
    batch = Batch(circuit(), OBSERVABLES, None, [StateVector(each) for each in inputs])
    for k, row in enumerate(ROWS):
        state = circuit().matrix(row) @ inputs[k]
        wanted = [(state.conj() @ total(terms, 3) @ state).real for terms in SUMS]
        assert np.allclose(batch.values(ROWS)[k], wanted, atol=1e-12)
        assert np.allclose(batch.states(ROWS)[k].amplitudes(), state, atol=1e-12)


def test_gradients_of_a_rotation_are_known():
    angles = np.linspace(-3, 3, 21)[:, None].copy()
    batch = Batch(Circuit(1).rx(2 * Angle(0) - 0.5, 0), [PauliSum({"Z": 3.0}), PauliSum({"Y": 1.0})])
    values, gradients = batch.values_and_gradients(angles)
    inner = 2 * angles[:, 0] - 0.5
    assert np.allclose(values, np.column_stack([3 * np.cos(inner), -np.sin(inner)]), atol=1e-14)
    assert np.allclose(gradients[:, :, 0], np.column_stack([-6 * np.sin(inner), -2 * np.cos(inner)]), atol=1e-13)


@pytest.mark.parametrize("given", [ROWS[:2].tolist(), [list(map(np.float64, row)) for row in ROWS[:2]], tuple(map(tuple, ROWS[:2])), ROWS[:2]])
def test_lists_and_arrays_are_taken_alike(given):
    assert np.array_equal(Batch(circuit(), OBSERVABLES).values(given), Batch(circuit(), OBSERVABLES).values(ROWS[:2].copy()))


def test_arrays_are_read_and_left_as_they_are():
    rows = ROWS.copy()
    rows.setflags(write=False)
    first = Batch(circuit(), OBSERVABLES)
    values, gradients = first.values_and_gradients(rows)
    assert np.array_equal(rows, ROWS) and values.flags.writeable and not np.shares_memory(values, rows)
    del first
    gradients += 1.0
    assert np.array_equal(values, pickle.loads(pickle.dumps(Batch(circuit(), OBSERVABLES))).values_and_gradients(rows)[0])


def test_one_object_serves_many_threads():
    batch, energy = Batch(circuit(), OBSERVABLES), Energy(circuit(), OBSERVABLES[0])
    wanted, found = batch.values(ROWS), []

    def work():
        for _ in range(20):
            found.append(np.array_equal(batch.values(ROWS), wanted) and abs(energy(ROWS[0]) - wanted[0, 0]) < 1e-12)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80 and all(found)


ONE = Circuit(1).rx(Angle(0), 0)
Z = PauliSum({"Z": 1.0})


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: Batch(ONE, [PauliSum({"ZZ": 1.0})]), ValueError, "2 where 1 is needed"),
        (lambda: Batch(ONE, [Z], inputs=[Circuit(2).state()]), ValueError, "2 where 1 is needed"),
        (lambda: Batch(ONE, [Z], inputs=[Circuit(1).state()]).values([[0.1], [0.2]]), ValueError, "1 where 2 is needed"),
        (lambda: Batch(ONE, [Z]).values(np.zeros((2, 1), dtype=np.float32)), TypeError, "float32.*astype"),
        (lambda: Batch(ONE, [Z]).values(np.zeros((2, 1), dtype=complex)), TypeError, "complex128"),
        (lambda: Batch(ONE, [Z]).values(np.array([["a"]], dtype=object)), TypeError, "object"),
        (lambda: Batch(ONE, [Z]).values(np.zeros((2, 2))[:, :1]), ValueError, "ascontiguousarray"),
        (lambda: Batch(ONE, [Z]).values(np.zeros((0, 1))), ValueError, "no rows"),
        (lambda: Batch(ONE, [Z]).values(np.zeros((1, 1, 1))), ValueError, r"\[1, 1, 1\]"),
        (lambda: Batch(ONE, [Z]).values([[0.1], [0.2, 0.3]]), ValueError, "different lengths"),
        (lambda: Batch(ONE, [Z]).values([[np.nan]]), ValueError, "NaN"),
        (lambda: Batch(ONE, []).values([[0.1]]), ValueError, "number of observables of a batch is 0; it must be at least 1"),
        (lambda: Batch(ONE, [Z]).values([[0.1]], [1.0, 2.0]), ValueError, "2 shared parameters; the circuit has 1"),
        (lambda: Batch(ONE, [Z]).vjp([[0.1], [0.2]], [[0.1]]), ValueError, "cotangents of 1 rows for 2"),
        (lambda: Batch(ONE, [Z]).vjp([[0.1], [0.2]], [[0.1, 1.0], [2.0, 3.0]]), ValueError, r"\(rows, 1\)"),
        (lambda: Energy(ONE, Z)("a"), TypeError, "a str is no array"),
        (lambda: Energy(ONE, Z)([np.inf]), ValueError, "inf"),
        (lambda: Energy(ONE, Z)([0.1, 0.2]), ValueError, "2"),
        (lambda: Energy(ONE, PauliSum({"ZZ": 1.0})), ValueError, "2 where 1"),
    ],
)
def test_what_is_refused_says_what_is_needed(call, kind, says):
    with pytest.raises(kind, match=says) as caught:
        call()
    assert isinstance(caught.value, qloom.QloomError)


@pytest.mark.parametrize("rows", [np.asfortranarray(ROWS), ROWS.T, np.asfortranarray(ROWS[:2])], ids=["fortran", "transposed", "wide"])
def test_arrays_in_the_order_of_columns_are_refused_or_read_right(rows):
    wanted = Batch(circuit(), OBSERVABLES).values(rows.tolist())
    try:
        found = Batch(circuit(), OBSERVABLES).values(rows)
    except ValueError as error:
        assert "ascontiguousarray" in str(error)
    else:
        assert np.allclose(found, wanted)
