"""One method of circuits for each row of the gate table, made from the table."""

import inspect

from ._native import Circuit, gates


def method(name, angles, qubits, documentation):
    """The method that appends a gate: its angles, then its qubits."""
    count, total = len(angles), len(angles) + len(qubits)
    call = ", ".join([*angles, *qubits])

    def append(self, *arguments):
        if len(arguments) != total:
            raise TypeError(f"{name}({call}) takes {total} arguments, not {len(arguments)}")
        return self.gate(name, arguments[:count], arguments[count:])

    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
    parameters += [inspect.Parameter(each, inspect.Parameter.POSITIONAL_ONLY) for each in (*angles, *qubits)]
    append.__name__ = name
    append.__qualname__ = f"Circuit.{name}"
    append.__doc__ = f"{documentation}\n\nAngles first, in radians, then qubits: {name}({call})."
    append.__signature__ = inspect.Signature(parameters)
    return append


def attach(circuit):
    """Gives circuits the methods, under the names in OpenQASM."""
    for name, _, angles, qubits, documentation in gates():
        angles = [f"{angle}_" if angle == "lambda" else angle for angle in angles]
        setattr(circuit, name, method(name, angles, qubits, documentation))


def stubs():
    """The lines of `_native.pyi` that declare the methods."""
    lines = []
    for name, _, angles, qubits, _ in gates():
        angles = [f"{angle}_" if angle == "lambda" else angle for angle in angles]
        arguments = [f"{angle}: Angle | float" for angle in angles] + [f"{qubit}: int" for qubit in qubits]
        lines.append(f"    def {name}(self, {', '.join(arguments)}, /) -> Circuit: ...")
    return lines
