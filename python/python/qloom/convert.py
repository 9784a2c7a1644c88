"""Circuits and observables of other packages: Qiskit's directly, those of pytket and cirq through OpenQASM 2, OpenFermion's operators."""

from __future__ import annotations

import numpy as np

from ._native import Angle, Channel, Circuit, PauliSum, gates
from .errors import CircuitError, UnsupportedError

_TABLE = {name: (len(angles), len(qubits)) for name, _, angles, qubits, _ in gates()}

#: Qiskit's names of gates that are others in the table.
_FROM_QISKIT = {"r": "prx", "c3sx": "c3sqrtx", "rcccx": "rc3x"}


class _Indices:
    """Free parameters of a circuit of Qiskit, and those that stand for expressions that no angle of qloom can be."""

    def __init__(self, out, order, expressions):
        self.out, self.expressions = out, expressions
        self.of = {parameter: out.parameter(parameter.name).index for parameter in order}
        self.added = {}

    def angle(self, value):
        """An angle of Qiskit: a number, or a parameter scaled and shifted."""
        parameters = getattr(value, "parameters", None)
        if not parameters:
            return float(value)
        if value in self.of:
            return Angle(self.of[value])
        if len(parameters) == 1:
            (parameter,) = parameters
            offset, one, three = (float(value.assign(parameter, at)) for at in (0.25, 1.25, 3.25))
            scale = one - offset
            if abs(offset + 3.0 * scale - three) <= 1e-9 * max(1.0, abs(three)):
                return Angle(self.of[parameter], scale, offset - 0.25 * scale)
        if not self.expressions:
            raise UnsupportedError(f"the angle {value} is not one parameter scaled and shifted; bind it first")
        if value not in self.added:
            self.added[value] = self.out.parameter(f"_expression_{len(self.added)}").index
        return Angle(self.added[value])

    def table(self, rows, order):
        """The parameters of rows, the values of expressions behind them."""
        columns = [
            [float(value.bind({p: x for p, x in zip(order, row) if p in value.parameters})) for row in rows] for value in self.added
        ]
        return np.ascontiguousarray(np.column_stack([rows, *columns]) if columns else rows)


class _Converted:
    """A circuit of Qiskit with all that its parameters need."""

    def __init__(self, circuit, indices):
        self.circuit, self.table = circuit, indices.table


class _Walk:
    """A circuit of Qiskit, instruction by instruction."""

    def __init__(self, indices):
        self.indices, self.clbits = indices, {}

    def run(self, circuit, out, qubits, clbits):
        """Appends the instructions; `qubits` and `clbits` say where the circuit's own are."""
        if circuit.global_phase:
            out.global_phase(self.indices.angle(circuit.global_phase))
        place = {bit: qubits[index] for index, bit in enumerate(circuit.qubits)}
        where = {bit: clbits[index] for index, bit in enumerate(circuit.clbits)}
        outer, self.clbits = self.clbits, {**self.clbits, **where}
        for instruction in circuit.data:
            self.append(
                instruction.operation,
                out,
                [place[bit] for bit in instruction.qubits],
                [where[bit] for bit in instruction.clbits],
            )
        self.clbits = outer

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
            out.global_phase(self.indices.angle(operation.params[0]))
        elif self.is_row(operation, len(qubits)):
            out.gate(_FROM_QISKIT.get(name, name), [self.indices.angle(value) for value in operation.params], qubits)
        else:
            self.other(operation, out, qubits, clbits)

    def is_row(self, operation, count):
        """Whether the operation is a row of the table, all of whose controls are on one."""
        name = _FROM_QISKIT.get(operation.name, operation.name)
        if _TABLE.get(name) != (len(operation.params), count) or operation.base_class.__module__.split(".")[0] != "qiskit":
            return False
        base = getattr(operation, "base_gate", None)
        return base is None or operation.ctrl_state == 2**operation.num_ctrl_qubits - 1

    def conditional(self, operation, out, qubits, clbits):
        """Appends an if, perhaps with an else."""
        target, value = operation.condition
        if not isinstance(value, (int, bool)):
            raise UnsupportedError(f"the condition {operation.condition} compares an expression; only bits compared with a number")
        bits = [self.clbits[bit] for bit in (list(target) if hasattr(target, "size") else [target])]
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
            return self.run(definition, out, qubits, clbits)
        if hasattr(operation, "to_matrix"):
            return out.unitary(operation.to_matrix(), qubits)
        kraus = getattr(operation, "_data", None)
        if operation.name == "kraus" and kraus is not None:
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
    return _convert(circuit, parameters, expressions=False).circuit


def convert_qiskit(circuit):
    """As `from_qiskit`, with a free parameter for each expression that no angle of qloom can be; `table` works out their values."""
    return _convert(circuit, None, expressions=True)


def _convert(circuit, parameters, expressions):
    out = Circuit()
    out.add_qubits("q", circuit.num_qubits)
    covered = [bit for register in circuit.cregs for bit in register]
    if covered == list(circuit.clbits):
        for register in circuit.cregs:
            out.add_bits(register.name, register.size)
    elif circuit.num_clbits:
        out.add_bits("c", circuit.num_clbits)
    indices = _Indices(out, list(circuit.parameters if parameters is None else parameters), expressions)
    _Walk(indices).run(circuit, out, range(circuit.num_qubits), range(circuit.num_clbits))
    return _Converted(out, indices)


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
