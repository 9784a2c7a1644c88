"""Exceptions: one hierarchy that is also Python's own, their fields, and how they are pickled and printed."""

import copy
import inspect
import pickle
import traceback

import pytest

import qloom
from qloom import Circuit, Energy, PauliSum, errors

CLASSES = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if thing.__module__ == "qloom.errors"]
PARENTS = {
    "InputError": ValueError, "InputTypeError": TypeError, "CircuitError": ValueError, "NotThereError": IndexError, "QasmError": ValueError,
    "HardwareError": ValueError, "SimulationError": ValueError, "UnsupportedError": NotImplementedError, "OutOfMemoryError": MemoryError,
    "SearchError": ValueError, "LearnError": ValueError, "ChemistryError": ValueError, "KnotError": ValueError, "InternalError": RuntimeError,
    "QloomError": Exception,
}  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_each_is_one_of_pythons_own(kind):
    assert issubclass(kind, errors.QloomError) and issubclass(kind, PARENTS[kind.__name__])
    assert kind.__doc__ and str(kind("a message")) == "a message"
    raised = kind("a message")
    raised.qubit = 3
    for again in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):
        assert type(again) is kind and again.args == ("a message",) and again.qubit == 3


RAISED = {
    "qubit": (lambda: Circuit(2).cx(0, 5), errors.NotThereError, {"qubit": 5, "num_qubits": 2}),
    "bit": (lambda: Circuit(2).conditional([3], 1, Circuit(2)), errors.NotThereError, {"bit": 3, "num_bits": 0}),
    "parameter": (lambda: Circuit(2).bind({"a": 1.0}), errors.NotThereError, {"parameter": "a", "known": []}),
    "values": (lambda: Circuit(2).bind([1.0]), errors.CircuitError, {"what": "parameter values", "expected": 0, "given": 1}),
    "angles": (lambda: Circuit(2).gate("rx", [], [0]), errors.CircuitError, {"what": "angles of a gate", "expected": 1, "given": 0}),
    "qubits": (lambda: Circuit(2).gate("cx", [], [0]), errors.CircuitError, {"what": "qubits of a gate", "expected": 2, "given": 1}),
    "observable": (lambda: Energy(Circuit(1), PauliSum({"ZZ": 1.0})), errors.SimulationError, {"expected": 1, "given": 2}),
    "state": (lambda: Circuit(2).state().probabilities([4]), errors.NotThereError, {"qubit": 4, "num_qubits": 2}),
    "memory": (lambda: Circuit(45).state(), errors.OutOfMemoryError, {"num_qubits": 45, "needed": 2**49}),
}


@pytest.mark.parametrize("name", RAISED)
def test_fields_say_what_was_wrong(name):
    call, kind, fields = RAISED[name]
    with pytest.raises(kind) as caught:
        call()
    raised = caught.value
    assert {key: getattr(raised, key) for key in fields} == fields
    again = pickle.loads(pickle.dumps(raised))
    assert type(again) is kind and str(again) == str(raised) and vars(again) == vars(raised)
    assert str(raised) in "".join(traceback.format_exception(raised))
    assert all(str(value) in str(raised) for value in fields.values() if isinstance(value, int))


def test_every_mistake_of_a_program_has_its_place():
    text = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nnope q[0];\ncx q[0], q[9];\n'
    with pytest.raises(errors.QasmError) as caught:
        Circuit.from_qasm(text)
    assert [place[0] for place in caught.value.places] == [4, 5]
    assert "nope" in caught.value.places[0][2] and "line 4" in str(caught.value) and "line 5" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).places == caught.value.places


def test_what_was_raised_leaves_a_circuit_as_it_was():
    circuit = Circuit(2).h(0)
    for call in (lambda: circuit.cx(0, 5), lambda: circuit.rx(float("nan"), 0), lambda: circuit.unitary([[1, 1], [1, 1]], [0])):
        with pytest.raises(qloom.QloomError):
            call()
    assert circuit == Circuit(2).h(0)
