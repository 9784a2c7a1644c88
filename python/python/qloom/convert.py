"""Circuits and observables of other packages: Qiskit's directly, those of pytket and cirq through OpenQASM 2, OpenFermion's operators."""

from __future__ import annotations

from ._native import Angle, Circuit, PauliSum, gates
from .errors import CircuitError, UnsupportedError

_TABLE = {name: (len(angles), len(qubits)) for name, _, angles, qubits, _ in gates()}

#: Qiskit's names of gates that are others in the table.
_FROM_QISKIT = {"u": "u3", "cu": "cu", "phase": "p"}


def _angle(value, indices):
    """An angle of Qiskit: a number, or a parameter scaled and shifted."""
    parameters = getattr(value, "parameters", None)
    if not parameters:
        return float(value)
    if len(parameters) > 1:
        names = ", ".join(sorted(parameter.name for parameter in parameters))
        raise UnsupportedError(f"the angle {value} has several parameters ({names}); bind all but one, or add a parameter for it")
    (parameter,) = parameters
    try:
        offset = float(value.assign(parameter, 0.0)) if hasattr(value, "assign") else 0.0
        scale = float(value.assign(parameter, 1.0)) - offset if hasattr(value, "assign") else 1.0
        further = float(value.assign(parameter, 3.0)) if hasattr(value, "assign") else 3.0
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise UnsupportedError(f"the angle {value} is not a parameter scaled and shifted; bind it first") from error
    if abs(offset + 3.0 * scale - further) > 1e-9 * max(1.0, abs(further)):
        raise UnsupportedError(f"the angle {value} is not a parameter scaled and shifted; bind it first")
    return Angle(indices[parameter], scale, offset)


class _Walk:
    """A circuit of Qiskit, instruction by instruction."""

    def __init__(self, circuit, indices):
        self.indices = indices
        self.clbits = {bit: index for index, bit in enumerate(circuit.clbits)}

    def run(self, circuit, out, qubits, clbits):
        """Appends the instructions; `qubits` and `clbits` say where the circuit's own are."""
        if circuit.global_phase:
            out.global_phase(_angle(circuit.global_phase, self.indices))
        place = {bit: qubits[index] for index, bit in enumerate(circuit.qubits)}
        where = {bit: clbits[index] for index, bit in enumerate(circuit.clbits)}
        for instruction in circuit.data:
            self.append(
                instruction.operation,
                out,
                [place[bit] for bit in instruction.qubits],
                [where[bit] for bit in instruction.clbits],
            )

    def append(self, operation, out, qubits, clbits):
        """Appends one instruction."""
        name = operation.name
        if name == "measure":
            out.measure(qubits[0], clbits[0])
        elif name == "barrier":
            out.barrier(qubits)
        elif name == "reset":
            out.reset(qubits[0])
        elif name == "delay":
            out.delay(_duration(operation), qubits)
        elif name == "if_else":
            self.conditional(operation, out, qubits, clbits)
        elif name == "unitary":
            out.unitary(operation.params[0], qubits)
        elif name == "pauli":
            for qubit, letter in zip(qubits, reversed(operation.params[0])):
                if letter != "I":
                    out.gate(letter.lower(), [], [qubit])
        elif name == "global_phase":
            out.global_phase(_angle(operation.params[0], self.indices))
        elif self.is_row(operation, len(qubits)):
            out.gate(_FROM_QISKIT.get(name, name), [_angle(value, self.indices) for value in operation.params], qubits)
        else:
            self.other(operation, out, qubits, clbits)

    def is_row(self, operation, count):
        """Whether the operation is a row of the table, all of whose controls are on one."""
        name = _FROM_QISKIT.get(operation.name, operation.name)
        if _TABLE.get(name) != (len(operation.params), count) or type(operation).__module__.split(".")[0] != "qiskit":
            return False
        base = getattr(operation, "base_gate", None)
        return base is None or operation.ctrl_state == 2**operation.num_ctrl_qubits - 1

    def conditional(self, operation, out, qubits, clbits):
        """Appends an if, perhaps with an else."""
        target, value = operation.condition
        if not isinstance(value, (int, bool)):
            raise UnsupportedError(f"the condition {operation.condition} compares an expression; only bits compared with a number")
        bits = [self.clbits[bit] for bit in (target if hasattr(target, "__iter__") else [target])]
        blocks = []
        for body in operation.blocks:
            block = _empty_like(out)
            self.run(body, block, qubits, clbits)
            blocks.append(block)
        out.conditional(bits, int(value), *blocks)

    def other(self, operation, out, qubits, clbits):
        """An instruction that is no row: its definition, else its matrix."""
        if type(operation).__name__ in ("WhileLoopOp", "ForLoopOp", "SwitchCaseOp", "BreakLoopOp", "ContinueLoopOp", "Store"):
            raise UnsupportedError(f"{operation.name} has no form in a circuit; unroll it first")
        definition = getattr(operation, "definition", None)
        if definition is not None:
            inner = _Walk(definition, self.indices)
            inner.clbits = self.clbits
            return inner.run(definition, out, qubits, clbits)
        if hasattr(operation, "to_matrix"):
            return out.unitary(operation.to_matrix(), qubits)
        kraus = getattr(operation, "_data", None)
        if operation.name == "kraus" and kraus is not None:
            from ._native import Channel

            return out.channel(Channel.kraus(operation.params), qubits)
        raise UnsupportedError(f"{operation.name} has neither a definition nor a matrix; decompose it first")


def _duration(operation):
    factors = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3}
    if operation.unit not in factors:
        return 0.0
    return float(operation.duration) * factors[operation.unit]


def _empty_like(circuit):
    out = Circuit()
    for name, size in circuit.qubit_registers:
        out.add_qubits(name, size)
    for name, size in circuit.bit_registers:
        out.add_bits(name, size)
    return out


def from_qiskit(circuit, *, parameters=None):
    """A circuit of Qiskit as one of qloom; its parameters keep their order, or take that of `parameters`.

    Gates of the table, unitary matrices, measurements, resets, barriers, delays and `if_test` on bits are taken as they are; other gates
    by their definition or matrix.
    """
    out = Circuit(circuit.num_qubits, circuit.num_clbits)
    order = list(circuit.parameters if parameters is None else parameters)
    indices = {parameter: out.parameter(parameter.name).index for parameter in order}
    _Walk(circuit, indices).run(circuit, out, range(circuit.num_qubits), range(circuit.num_clbits))
    return out


def to_qiskit(circuit):
    """A circuit of qloom as one of Qiskit, by OpenQASM 3 where it has parameters, else by OpenQASM 2."""
    if circuit.num_parameters == 0:
        import qiskit.qasm2

        text = circuit.qasm(2)
        return qiskit.qasm2.loads(text, custom_instructions=qiskit.qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    import qiskit.qasm3

    return qiskit.qasm3.loads(circuit.qasm(3))


def from_pytket(circuit):
    """A circuit of pytket, through OpenQASM 2."""
    from pytket.qasm import circuit_to_qasm_str

    return Circuit.from_qasm(circuit_to_qasm_str(circuit))


def to_pytket(circuit):
    """A circuit of pytket, through OpenQASM 2."""
    from pytket.qasm import circuit_from_qasm_str

    return circuit_from_qasm_str(circuit.qasm(2))


def from_cirq(circuit):
    """A circuit of cirq, through OpenQASM 2; its qubits in cirq's order."""
    return Circuit.from_qasm(circuit.to_qasm())


def to_cirq(circuit):
    """A circuit of cirq, through OpenQASM 2."""
    from cirq.contrib.qasm_import import circuit_from_qasm

    return circuit_from_qasm(circuit.qasm(2))


def from_sparse_pauli_op(operator):
    """A real sum of Qiskit as one of qloom; in Qiskit's words the rightmost letter is on qubit 0, in qloom's the leftmost."""
    terms = []
    for word, value in operator.to_list():
        if abs(complex(value).imag) > 1e-12:
            raise CircuitError(f"the coefficient of {word} is {value}; an observable has real ones")
        terms.append((word[::-1], float(complex(value).real)))
    return PauliSum(terms, operator.num_qubits)


def to_sparse_pauli_op(operator):
    """A sum as Qiskit's SparsePauliOp."""
    from qiskit.quantum_info import SparsePauliOp

    terms = [(word[::-1], value) for word, value in operator.terms()]
    return SparsePauliOp.from_list(terms or [("I" * operator.num_qubits, 0.0)])


def from_qubit_operator(operator, num_qubits=None):
    """A real QubitOperator of OpenFermion as a sum."""
    terms, largest = [], 0
    for letters, value in operator.terms.items():
        if abs(complex(value).imag) > 1e-12:
            raise CircuitError(f"the coefficient of {letters} is {value}; an observable has real ones")
        qubits = [qubit for qubit, _ in letters]
        largest = max([largest, *(qubit + 1 for qubit in qubits)])
        terms.append(("".join(letter for _, letter in letters), qubits, float(complex(value).real)))
    return PauliSum.from_sparse(terms, largest if num_qubits is None else num_qubits)
