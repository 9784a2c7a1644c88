"""Devices of qloom as backends of Qiskit, and circuits of Qiskit compiled by qloom."""

from __future__ import annotations

import json

import numpy as np
from qiskit.circuit import Delay, IfElseOp, Measure, QuantumCircuit, Reset
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.circuit.parameter import Parameter
from qiskit.providers import BackendV2, JobStatus, JobV1, Options
from qiskit.result import Result
from qiskit.result.models import ExperimentResult, ExperimentResultData
from qiskit.transpiler import InstructionProperties, Layout, Target, TranspileLayout

from ._native import Device, Executable
from ._native import compile as native_compile
from .convert import from_qiskit, to_qiskit
from .errors import HardwareError

_NAMES = get_standard_gate_name_mapping()

#: Gates of a device without a list of its own.
_EVERY = ["rz", "sx", "x", "cx", "rx", "ry", "h", "cz"]


def _target(device):
    """What Qiskit calls a target."""
    n = device.num_qubits
    if n is None:
        raise HardwareError(f"{device.name} has any number of qubits; a backend needs a device with a number")
    target = Target(num_qubits=n, description=device.name)
    pairs = device.couplings
    if pairs is None:
        pairs = [(a, b) for a in range(n) for b in range(n) if a != b]
    for name in device.gates or _EVERY:
        if name not in _NAMES:
            continue
        gate = _NAMES[name]
        places = [(qubit,) for qubit in range(n)] if gate.num_qubits == 1 else [tuple(pair) for pair in pairs]
        if gate.num_qubits > 2:
            continue
        properties = {}
        for place in places:
            error, time = device.gate_data(name, list(place))
            properties[place] = InstructionProperties(duration=None if time is None else time * 1e-9, error=error)
        target.add_instruction(gate, properties)
    singles = {(qubit,): None for qubit in range(n)}
    target.add_instruction(Measure(), dict(singles))
    target.add_instruction(Reset(), dict(singles))
    target.add_instruction(Delay(Parameter("t")), dict(singles))
    target.add_instruction(IfElseOp, name="if_else")
    return target


def device_of(target, name="target"):
    """A target of Qiskit as a device: gates, couplings, errors and durations."""
    gates, couplings, placed = [], [], []
    for gate in target.operation_names:
        properties = target[gate]
        if gate in ("measure", "reset", "delay", "barrier") or properties is None or gate not in _NAMES:
            continue
        gates.append(gate)
        for qubits, data in properties.items():
            if qubits is None:
                continue
            if len(qubits) == 2 and list(qubits) not in couplings:
                couplings.append(list(qubits))
            if data is not None and data.error is not None:
                placed.append((gate, list(qubits), data))
    lines = [f"name = {json.dumps(name)}", f"num_qubits = {target.num_qubits}", f"gates = {json.dumps(gates)}"]
    if couplings:
        lines.append(f"couplings = {json.dumps(couplings)}")
    for gate, qubits, data in placed:
        lines += ["[[gate]]", f"gates = [{json.dumps(gate)}]", f"qubits = {json.dumps(qubits)}", f"error = {float(data.error)!r}"]
        lines.append(f"time_ns = {float((data.duration or 0.0) * 1e9)!r}")
    return Device.from_toml("\n".join(lines))


def compile(circuits, backend=None, *, target=None, device=None, optimization_level=2, seed_transpiler=0):
    """Compiles circuits for a backend, a target or a device: the place of `qiskit.transpile`.

    The layout of the result says where qubits begin and end, so that `observable.apply_layout(compiled.layout)` works.
    """
    if device is None:
        if target is None and backend is None:
            raise HardwareError("there is nothing to compile for; give a backend, a target or a device")
        device = getattr(backend, "device", None) or device_of(target or backend.target)
    if isinstance(circuits, QuantumCircuit):
        return _compiled(circuits, device, optimization_level, seed_transpiler or 0)
    return [_compiled(circuit, device, optimization_level, seed_transpiler or 0) for circuit in circuits]


def _compiled(circuit, device, level, seed):
    compiled, begin, end = native_compile(from_qiskit(circuit), device, level, seed)
    out = to_qiskit(compiled)
    out.name, out.metadata = circuit.name, circuit.metadata
    size = out.num_qubits
    spare = [qubit for qubit in range(size) if qubit not in begin]
    physical = [*begin, *spare]
    ends = [*end, *(qubit for qubit in range(size) if qubit not in end)]
    virtual = [*circuit.qubits, *(bit for bit in QuantumCircuit(size - circuit.num_qubits).qubits)]
    initial = Layout({bit: place for bit, place in zip(virtual, physical)})
    final = Layout({out.qubits[start]: stop for start, stop in zip(physical, ends)})
    out._layout = TranspileLayout(
        initial_layout=initial,
        input_qubit_mapping={bit: index for index, bit in enumerate(virtual)},
        final_layout=final,
        _input_qubit_count=circuit.num_qubits,
        _output_qubit_list=out.qubits,
    )
    return out


class QloomJob(JobV1):
    """A run that is done when it is made."""

    def __init__(self, backend, job_id, result):
        super().__init__(backend, job_id)
        self._result = result

    def submit(self):
        """Nothing is left to do."""

    def result(self):
        """The result."""
        return self._result

    def status(self):
        """Always done."""
        return JobStatus.DONE


class QloomBackend(BackendV2):
    """A device of qloom as a backend: its target, and runs with the noise of its calibration data.

    `device`: a `qloom.Device` or the name of a machine, such as `heron` or `line-5`.
    """

    def __init__(self, device="line-5", *, noise=True, seed=None):
        device = Device.named(device) if isinstance(device, str) else device
        super().__init__(name=f"qloom {device.name}", description=repr(device))
        self.device = device
        self._target = _target(device)
        self._noise = device.noise(device.num_qubits) if noise and device.is_calibrated else None
        self._rng = np.random.default_rng(seed)
        self._runs = 0

    @property
    def target(self):
        return self._target

    @property
    def max_circuits(self):
        return None

    @classmethod
    def _default_options(cls):
        return Options(shots=1024, memory=False, seed_simulator=None)

    def run(self, run_input, **options):
        """Runs circuits; options: shots, memory, seed_simulator."""
        settings = {**self.options.__dict__, **options}
        circuits = [run_input] if isinstance(run_input, QuantumCircuit) else list(run_input)
        seed = settings.get("seed_simulator")
        rng = self._rng if seed is None else np.random.default_rng(seed)
        self._runs += 1
        results = [self._run(circuit, int(settings["shots"]), bool(settings["memory"]), rng) for circuit in circuits]
        job_id = f"qloom-{self._runs}"
        result = Result(
            backend_name=self.name, backend_version="0.1.0", job_id=job_id, success=True, results=results, status="COMPLETED"
        )
        return QloomJob(self, job_id, result)

    def _run(self, circuit, shots, memory, rng):
        native = from_qiskit(circuit)
        if self._noise is not None:
            native = self._noise.apply(native, readout=True)
        native = native.restricted(native.busy_qubits())
        outcomes, counts = np.zeros((1, 0), np.uint8), np.array([shots])
        if "measure" in native.operation_counts:
            outcomes, counts = Executable(native).outcomes(shots, int(rng.integers(2**63)))
        words = [hex(sum(int(bit) << place for place, bit in enumerate(row))) for row in outcomes]
        data = {"counts": {word: int(count) for word, count in zip(words, counts)}}
        if memory:
            each = np.repeat(np.array(words, dtype=object), counts)
            rng.shuffle(each)
            data["memory"] = list(each)
        header = {
            "name": circuit.name,
            "creg_sizes": [[register.name, register.size] for register in circuit.cregs],
            "memory_slots": circuit.num_clbits,
            "n_qubits": circuit.num_qubits,
            "metadata": circuit.metadata,
        }
        return ExperimentResult(shots=shots, success=True, data=ExperimentResultData(**data), header=header, status="DONE")
