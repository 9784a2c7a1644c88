"""Exceptions of qloom: one hierarchy, whose classes are also Python's own where one fits.

Messages name the value, the limit and the remedy. Where an error has fields (the qubit, the number expected and given, the places in a
program), they are attributes.
"""


class QloomError(Exception):
    """What anything in qloom raises."""


class InputError(QloomError, ValueError):
    """A value that cannot be used."""


class InputTypeError(QloomError, TypeError):
    """An argument of a wrong type."""


class CircuitError(QloomError, ValueError):
    """A circuit, observable or channel that cannot be; `what`, `expected` and `given` where sizes differ."""


class NotThereError(CircuitError, IndexError):
    """A qubit, bit or parameter that does not exist; `qubit` and `num_qubits`, `bit` and `num_bits`, or `parameter` and `known`."""


class QasmError(QloomError, ValueError):
    """An OpenQASM program that cannot be read or written; `places` has line, column and message of each mistake."""


class HardwareError(QloomError, ValueError):
    """A device, a noise model, or a circuit for it."""


class SimulationError(QloomError, ValueError):
    """A simulation that cannot be; `what`, `expected` and `given` where sizes differ."""


class UnsupportedError(SimulationError, NotImplementedError):
    """Something that a simulation cannot do, and what to do instead."""


class OutOfMemoryError(QloomError, MemoryError):
    """More memory than is allowed or there; `num_qubits`, `needed` and `limit` in bytes."""


class SearchError(QloomError, ValueError):
    """A search or a minimisation."""


class LearnError(QloomError, ValueError):
    """Learning from data."""


class ChemistryError(QloomError, ValueError):
    """Integrals and operators of fermions."""


class KnotError(QloomError, ValueError):
    """A link or its polynomial."""


class InternalError(QloomError, RuntimeError):
    """A mistake in qloom itself."""
