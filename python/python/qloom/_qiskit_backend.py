"""Devices of qloom as backends of Qiskit, and circuits of Qiskit compiled by qloom."""

from __future__ import annotations

import json

import numpy as np
from qiskit.circuit import Delay, IfElseOp, Measure, QuantumCircuit, Reset
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.circuit.parameter import Parameter
from qiskit.providers import BackendV2, JobStatus, JobV1, Options, QubitProperties
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


def _seconds(time_ns):
    return None if time_ns is None else time_ns * 1e-9


def _qubit_properties(device):
    """Relaxation times of the qubits, where they are known; devices of qloom have no frequencies."""
    data = [device.qubit_data(qubit) for qubit in range(device.num_qubits)]
    if not any("t1_ns" in each for each in data):
        return None
    return [QubitProperties(t1=_seconds(each.get("t1_ns")), t2=_seconds(each.get("t2_ns"))) for each in data]


def _measurement(device, qubit):
    """The mean error of reading a qubit out, and its duration."""
    data = device.qubit_data(qubit)
    if not data:
        return None
    return InstructionProperties(duration=_seconds(data["readout_ns"]) or None, error=sum(data["readout"]) / 2)


def _target(device, qubit_properties):
    """What Qiskit calls a target."""
    n = device.num_qubits
    if n is None:
        raise HardwareError(f"{device.name} has any number of qubits; a backend needs a device with a number")
    target = Target(num_qubits=n, description=device.name, qubit_properties=qubit_properties or _qubit_properties(device))
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
            properties[place] = InstructionProperties(duration=_seconds(time), error=error)
        target.add_instruction(gate, properties)
    singles = {(qubit,): None for qubit in range(n)}
    target.add_instruction(Measure(), {(qubit,): _measurement(device, qubit) for qubit in range(n)})
    target.add_instruction(Reset(), dict(singles))
    target.add_instruction(Delay(Parameter("t")), dict(singles))
    target.add_instruction(IfElseOp, name="if_else")
    return target


def device_of(target, name="target"):
    """A target of Qiskit as a device: gates, couplings, errors, durations, relaxation and read-out."""
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
    lines += _calibration(target)
    for gate, qubits, data in placed:
        lines += ["[[gate]]", f"gates = [{json.dumps(gate)}]", f"qubits = {json.dumps(qubits)}", f"error = {float(data.error)!r}"]
        lines.append(f"time_ns = {float((data.duration or 0.0) * 1e9)!r}")
    return Device.from_toml("\n".join(lines))


def _calibration(target):
    """Relaxation times and read-out errors of a target as lines of TOML, where all qubits have them."""
    places = [(qubit,) for qubit in range(target.num_qubits)]
    known = target.qubit_properties or [None] * len(places)
    relaxes = all(each is not None and each.t1 is not None and each.t2 is not None for each in known)
    read = [target["measure"].get(place) if "measure" in target and target["measure"] else None for place in places]
    reads = all(each is not None and each.error is not None for each in read)
    if not (relaxes or reads):
        return []
    lines = ["[qubit]"]
    if relaxes:
        times = [(each.t1 * 1e9, min(each.t2, 2 * each.t1) * 1e9) for each in known]
        lines += [f"t1_ns = {[t1 for t1, _ in times]}", f"t2_ns = {[t2 for _, t2 in times]}"]
    if reads:
        lines.append(f"readout = {[[float(each.error)] * 2 for each in read]}")
        lines.append(f"readout_ns = {float(max((each.duration or 0.0) for each in read) * 1e9)!r}")
    return lines


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

    `device`: a `qloom.Device`, the name of a machine, such as `heron` or `line-5`, or a `Target` of Qiskit, whose calibration data the runs
    then have. `qubit_properties` stand in for those of the device, which knows relaxation times and no frequencies.
    """

    def __init__(self, device="line-5", *, noise=True, seed=None, qubit_properties=None):
        if isinstance(device, Target):
            qubit_properties = qubit_properties or device.qubit_properties
            device = device_of(device, device.description or "target")
        device = Device.named(device) if isinstance(device, str) else device
        super().__init__(name=f"qloom {device.name}", description=repr(device))
        self.device = device
        self._target = _target(device, qubit_properties)
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
