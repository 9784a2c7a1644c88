"""Pure states and density operators: views of their memory, parts of them, and what is drawn from them."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
from dense import partial_trace, random_density, random_state, random_unitary, total, transfer, word

import qloom
from qloom import Circuit, Energy, PauliSum, PauliVector, StateVector

TERMS = {"XYZ": 0.5, "ZZI": -1.0, "IIX": 0.3, "YIY": 0.7, "III": 2.0}
AMPLITUDES = random_state(np.random.default_rng(1), 3)
PURE = StateVector(AMPLITUDES)
DENSITY = random_density(np.random.default_rng(2), 3)
MIXED = PauliVector(DENSITY)


def address(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize(("owner", "name"), [(PURE, "real"), (PURE, "imag"), (MIXED, "coefficients")])
def test_views_share_the_memory_of_their_owner(owner, name):
    one, two = getattr(owner, name), getattr(owner, name)
    assert one is not two and address(one) == address(two)
    assert np.shares_memory(one, two) and not one.flags.owndata and not one.flags.writeable
    assert one.dtype == np.float64 and one.flags.c_contiguous
    for write in (lambda: one.fill(0.0), lambda: np.add(one, 1.0, out=one), lambda: one.setflags(write=True), lambda: one.sort()):
        with pytest.raises(ValueError, match="read-only|WRITEABLE"):
            write()
    slice_ = one[2:4]
    assert np.shares_memory(slice_, two) and not slice_.flags.writeable
    assert not np.shares_memory(one.copy(), two)


@pytest.mark.parametrize("make", [lambda c: c.state().real, lambda c: c.state().imag, lambda c: c.density().coefficients])
def test_views_keep_what_they_show_after_their_owner_is_deleted(make):
    circuit = Circuit(4).h(0).cx(0, 1).ry(0.4, 2).s(2).rx(0.3, 3)
    view = make(circuit)
    kept = view.copy()
    part = view[1:]
    del view, circuit
    gc.collect()
    others = [Circuit(4).x(k % 4).state() for k in range(50)]
    assert np.array_equal(part, kept[1:]) and len(others) == 50


def test_views_let_go_of_their_owner_when_they_end():
    view = Circuit(3).h(0).state().real
    ended = weakref.ref(view)
    del view
    gc.collect()
    assert ended() is None


def test_amplitudes_are_new_arrays():
    one, two = PURE.amplitudes(), PURE.amplitudes()
    assert not np.shares_memory(one, two) and not np.shares_memory(one, PURE.real)
    one[:] = 0.0
    assert np.array_equal(PURE.amplitudes(), two) and np.allclose(two, AMPLITUDES, atol=1e-15)
    assert np.array_equal(two.real, PURE.real) and np.array_equal(two.imag, PURE.imag)
    assert np.array_equal(np.asarray(PURE), two) and np.asarray(PURE).dtype == np.complex128
    assert np.asarray(PURE, dtype=np.complex64).dtype == np.complex64
    with pytest.raises(ValueError, match="copy"):
        np.array(PURE, copy=False)
    given = AMPLITUDES.copy()
    state = StateVector(given)
    given[:] = 0.0
    assert np.allclose(state.amplitudes(), AMPLITUDES)


@pytest.mark.parametrize(
    "amplitudes", [[0.6, 0.8j], np.array([0, 1]), np.array([1, 0], dtype=np.float32), AMPLITUDES[::-1], np.asfortranarray(AMPLITUDES)]
)
def test_states_are_made_of_whatever_numpy_makes_complex(amplitudes):
    assert np.allclose(StateVector(amplitudes).amplitudes(), amplitudes)


@pytest.mark.parametrize("qubits", [[0], [2], [0, 1], [2, 0], [1, 2], [2, 1, 0], [0, 1, 2], []])
def test_parts_of_states(qubits):
    pure = np.outer(AMPLITUDES, AMPLITUDES.conj())
    assert np.allclose(PURE.reduced(qubits), partial_trace(pure, qubits), atol=1e-14)
    if qubits:
        assert np.allclose(PURE.probabilities(qubits), np.diag(partial_trace(pure, qubits)).real, atol=1e-14)
        assert np.allclose(MIXED.probabilities(qubits), np.diag(partial_trace(DENSITY, qubits)).real, atol=1e-14)


def test_expectations_overlaps_and_purity():
    observable, dense = PauliSum(TERMS), total(TERMS, 3)
    assert PURE.expectation(observable) == pytest.approx((AMPLITUDES.conj() @ dense @ AMPLITUDES).real, abs=1e-13)
    assert MIXED.expectation(observable) == pytest.approx(np.trace(dense @ DENSITY).real, abs=1e-13)
    other = random_state(np.random.default_rng(3), 3)
    assert PURE.inner(StateVector(other)) == pytest.approx(np.vdot(AMPLITUDES, other), abs=1e-14)
    assert MIXED.fidelity(PURE) == pytest.approx((AMPLITUDES.conj() @ DENSITY @ AMPLITUDES).real, abs=1e-13)
    assert MIXED.purity == pytest.approx(np.trace(DENSITY @ DENSITY).real, abs=1e-13)
    assert PauliVector(np.outer(AMPLITUDES, AMPLITUDES.conj())).purity == pytest.approx(1.0, abs=1e-13)


def test_coefficients_are_traces_with_words():
    assert np.allclose(MIXED.matrix(), DENSITY, atol=1e-14)
    for index, coefficient in enumerate(MIXED.coefficients):
        letters = "".join("IXYZ"[index >> 2 * qubit & 3] for qubit in range(3))
        assert coefficient == pytest.approx(np.trace(word(letters) @ DENSITY).real, abs=1e-13)


def test_circuits_go_on_from_given_states():
    random = np.random.default_rng(4)
    unitary = random_unitary(random, 4)
    circuit = Circuit(3).unitary(unitary, [2, 0]).rx(qloom.Angle(0), 1).cx(1, 2)
    matrix = circuit.matrix([0.7])
    assert np.allclose(circuit.state([0.7], PURE).amplitudes(), matrix @ AMPLITUDES, atol=1e-13)
    assert np.allclose(circuit.density([0.7], MIXED).matrix(), matrix @ DENSITY @ matrix.conj().T, atol=1e-13)
    # the state that was given is as it was
    assert np.allclose(PURE.amplitudes(), AMPLITUDES) and np.allclose(MIXED.matrix(), DENSITY, atol=1e-14)
    assert np.allclose(transfer([Circuit(1).h(0).matrix()]), np.eye(4)[[0, 3, 2, 1]] * [[1], [1], [-1], [1]], atol=1e-14)


@pytest.mark.parametrize(("state", "exact"), [(PURE, np.abs(AMPLITUDES) ** 2), (MIXED, np.diag(DENSITY).real)], ids=["pure", "mixed"])
def test_samples_follow_the_probabilities_and_the_seed(state, exact):
    shots = 20_000
    drawn = state.sample(shots, seed=5)
    assert drawn == state.sample(shots, seed=5) and drawn != state.sample(shots, seed=6)
    assert sum(drawn.values()) == shots and all(len(outcome) == 3 for outcome in drawn)
    counts = np.array([drawn.get(f"{index:03b}", 0) for index in range(8)])
    # chi-squared with 7 degrees of freedom is above 29.9 once in 10,000 draws
    assert np.sum((counts - shots * exact) ** 2 / (shots * exact)) < 29.9
    assert set(Circuit(3).x(2).state().sample(10)) == {"100"}


@pytest.mark.parametrize("state", [PURE, MIXED], ids=["pure", "mixed"])
def test_states_are_copied_and_pickled_exactly(state):
    for again in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state)):
        assert again.num_qubits == 3 and np.allclose(again.probabilities(), state.probabilities(), atol=1e-15)
    assert state == state and state != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(state)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: StateVector([1.0, 0.0, 0.0]), ValueError, "3 where 4"),
        (lambda: StateVector([[1.0, 0.0]]), ValueError, "one dimension"),
        (lambda: StateVector([2.0, 0.0]), ValueError, "norm of the state is 2"),
        (lambda: StateVector([np.nan, 0.0]), ValueError, "NaN"),
        (lambda: StateVector("ab"), TypeError, "no array of complex numbers"),
        (lambda: PauliVector(np.eye(3) / 3), ValueError, "2\\^n"),
        (lambda: PauliVector([[0.5, 1.0], [0.0, 0.5]]), ValueError, "Hermitian"),
        (lambda: PauliVector(np.eye(2)), ValueError, "is 2"),
        (lambda: PauliVector(np.diag([1.5, -0.5])), ValueError, "eigenvalue -5.*e-1; none may be below -1e-8"),
        (lambda: PauliVector([[0.5, 0.6], [0.6, 0.5]]), ValueError, "eigenvalue -(1.0|9.99).*below -1e-8"),
        (lambda: PURE.probabilities([3]), IndexError, "qubit 3"),
        (lambda: PURE.probabilities([0, 0]), ValueError, "named twice"),
        (lambda: PURE.reduced([3]), IndexError, "qubit 3"),
        (lambda: PURE.inner(Circuit(2).state()), ValueError, "2 where 3"),
        (lambda: PURE.expectation(PauliSum({"X": 1.0})), ValueError, "1 where 3"),
        (lambda: MIXED.expectation(PauliSum({"X": 1.0})), ValueError, "1 where 3"),
        (lambda: MIXED.fidelity(Circuit(2).state()), ValueError, "2 where 3"),
        (lambda: MIXED.probabilities([0, 3]), IndexError, "qubit 3"),
        (lambda: PURE.sample(-1), OverflowError, "negative"),
        (lambda: Circuit(2).state(initial=PURE), ValueError, "qubits"),
        (lambda: Circuit(2).density(initial=MIXED), ValueError, "qubits"),
        (lambda: Circuit(40).density(), MemoryError, "40 qubits need"),
    ],
)
def test_what_cannot_be_asked_of_a_state(call, kind, says):
    with pytest.raises(kind, match=says):
        call()


def test_an_energy_gives_its_state():
    circuit = Circuit(3).ry(qloom.Angle(0), 0).cx(0, 1).cx(1, 2)
    state = Energy(circuit, PauliSum(TERMS)).state([0.8])
    assert isinstance(state, StateVector) and np.allclose(state.amplitudes()[[0, 7]], [np.cos(0.4), np.sin(0.4)], atol=1e-15)
    noisy = Energy(circuit.channel(qloom.Channel.phase_flip(0.5), [1]), PauliSum(TERMS)).state([0.8])
    assert isinstance(noisy, PauliVector) and noisy.purity == pytest.approx(np.cos(0.4) ** 4 + np.sin(0.4) ** 4)
