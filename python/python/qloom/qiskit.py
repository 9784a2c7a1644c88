"""Qiskit: primitives, a backend, and a compiler.

`EstimatorV2` and `SamplerV2` send all parameter values of a PUB to one batch. `QloomBackend` is a machine with the noise of its
calibration data. `compile` takes the place of `qiskit.transpile`, and `noise_model` takes over one of Qiskit Aer.

>>> from qiskit import QuantumCircuit
>>> from qiskit.circuit import Parameter
>>> circuit = QuantumCircuit(1)
>>> _ = circuit.ry(Parameter("a"), 0)
>>> result = EstimatorV2().run([(circuit, "Z", [[0.0], [0.5]])]).result()
>>> result[0].data.evs.round(6).tolist()
[1.0, 0.877583]
"""

from __future__ import annotations

import itertools
import warnings

import numpy as np
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BaseEstimatorV2,
    BaseSamplerV2,
    BitArray,
    DataBin,
    PrimitiveJob,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from ._native import Batch, Estimator, Executable, PauliSum
from ._qiskit_backend import QloomBackend, compile, device_of
from ._qiskit_noise import noise_model
from .convert import convert_qiskit
from .errors import UnsupportedError

__all__ = ["EstimatorV2", "QloomBackend", "SamplerV2", "compile", "device_of", "noise_model"]

#: What the letters of an observable are, as sums of Pauli letters.
_LETTERS = {
    "I": {"I": 1.0}, "X": {"X": 1.0}, "Y": {"Y": 1.0}, "Z": {"Z": 1.0},
    "0": {"I": 0.5, "Z": 0.5}, "1": {"I": 0.5, "Z": -0.5},
    "+": {"I": 0.5, "X": 0.5}, "-": {"I": 0.5, "X": -0.5},
    "r": {"I": 0.5, "Y": 0.5}, "l": {"I": 0.5, "Y": -0.5},
}  # fmt: skip


def _sum(observable, num_qubits):
    """An observable of an ObservablesArray; in its words the rightmost letter is on qubit 0."""
    terms = []
    for word, value in observable.items():
        if abs(complex(value).imag) > 1e-12:
            raise ValueError(f"the coefficient of {word} is {value}; Given operator is not Hermitian")
        letters = [(qubit, letter) for qubit, letter in enumerate(reversed(word)) if letter != "I"]
        for choice in itertools.product(*(_LETTERS[letter].items() for _, letter in letters)):
            factor = float(complex(value).real) * float(np.prod([part for _, part in choice]))
            terms.append(("".join(letter for letter, _ in choice), [qubit for qubit, _ in letters], factor))
    return PauliSum.from_sparse(terms, num_qubits)


class UnsupportedCircuit(QiskitError, UnsupportedError):
    """A circuit that the primitives cannot run, and what to do instead."""


def _converted(circuit):
    try:
        return convert_qiskit(circuit)
    except UnsupportedError as error:
        raise UnsupportedCircuit(str(error)) from error


def _rows(pub, converted):
    """The parameters of all bindings, one row each, expressions of several parameters worked out."""
    order = list(pub.circuit.parameters)
    shape = pub.parameter_values.shape
    table = pub.parameter_values.as_array([parameter.name for parameter in order]) if order else np.empty((*shape, 0))
    table = np.asarray(table, dtype=float).reshape(int(np.prod(shape, dtype=int)), len(order))
    return converted.table(np.ascontiguousarray(table), order)


class _Primitive:
    """What both primitives have in common: a seed, noise and threads, and jobs of PUBs one after the other."""

    def __init__(self, seed, noise_model, threads):
        self._seed, self._noise_model, self._threads = seed, noise_model, threads

    @property
    def seed(self):
        """The seed of what is drawn."""
        return self._seed

    def _job(self, coerced):
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs):
        return PrimitiveResult([self._run_pub(pub) for pub in pubs], metadata={"version": 2})


class EstimatorV2(_Primitive, BaseEstimatorV2):
    """Expectation values, exact, with the noise of a model where one is given.

    With a precision, values are drawn from a normal distribution of that standard deviation, as `StatevectorEstimator` does.
    `invert_readout` (the default) undoes the errors of reading out that the model has; without, values are as they are read.
    `mitigation` is zero-noise-extrapolation, probabilistic-error-cancellation or virtual-distillation, or a dictionary of one with its
    settings, as `qloom.Estimator` takes it; values are then worked out one by one.
    """

    def __init__(
        self, *, default_precision=0.0, seed=None, noise_model=None, invert_readout=True, mitigation=None, threads=None
    ):
        super().__init__(seed, noise_model, threads)
        self._default_precision = default_precision
        read = noise_model is not None and not invert_readout
        self._measurement = {"invert_readout": invert_readout, "mitigation": mitigation} if read or mitigation is not None else None

    @property
    def default_precision(self):
        """The precision where a run names none."""
        return self._default_precision

    def run(self, pubs, *, precision=None):
        precision = self._default_precision if precision is None else precision
        coerced = [EstimatorPub.coerce(pub, precision) for pub in pubs]
        return self._job(coerced)

    def _run_pub(self, pub):
        rng = np.random.default_rng(self._seed)
        converted = _converted(pub.circuit)
        rows = _rows(pub, converted)
        values = self._values(converted.circuit, rows, pub)
        stds = np.zeros_like(values)
        if pub.precision:
            values = np.asarray(rng.normal(values, pub.precision))
            stds = np.full_like(values, pub.precision)
        data = DataBin(evs=values, stds=stds, shape=values.shape)
        return PubResult(data, metadata={"target_precision": pub.precision, "circuit_metadata": pub.circuit.metadata})

    def _values(self, circuit, rows, pub):
        """Values in the shape to which parameters and observables broadcast."""
        different, numbers = [], np.empty(pub.observables.shape, dtype=int)
        known = {}
        for index in np.ndindex(*pub.observables.shape):
            observable = pub.observables[index]
            key = tuple(sorted(observable.items()))
            if key not in known:
                known[key] = len(different)
                different.append(_sum(observable, circuit.num_qubits))
            numbers[index] = known[key]
        row_of = np.arange(len(rows)).reshape(pub.parameter_values.shape)
        row_of, observable_of = np.broadcast_arrays(row_of, numbers)
        if row_of.size == 0:
            return np.zeros(row_of.shape)
        if self._measurement is None:
            circuit = circuit if self._noise_model is None else self._noise_model.apply(circuit)
            if len(rows) * len(different) <= 2 * row_of.size:
                return Batch(circuit, different, self._threads).values(rows)[row_of, observable_of]
        values = np.empty(row_of.shape)
        for number, observable in enumerate(different):
            here = observable_of == number
            wanted, back = np.unique(row_of[here], return_inverse=True)
            values[here] = self._column(circuit, observable, np.ascontiguousarray(rows[wanted]))[back]
        return values

    def _column(self, circuit, observable, rows):
        """The values of one observable, by row; the circuit has the noise of gates unless it is mitigated."""
        if self._measurement is None:
            return Batch(circuit, [observable], self._threads).values(rows)[:, 0]
        estimator = Estimator(circuit, observable, self._noise_model, **self._measurement)
        return np.array([estimator.value(row)[0] for row in rows])


def _packed(bits):
    """Bits by shot, bit 0 first, as a BitArray holds them."""
    pad = -bits.shape[1] % 8
    return np.packbits(np.pad(bits[:, ::-1], ((0, 0), (pad, 0))), axis=-1)


class SamplerV2(_Primitive, BaseSamplerV2):
    """Shots of circuits, with measurements anywhere and conditions, with the noise of a model where one is given.

    Shots cannot be mitigated one by one: distributions are, by `qloom.Sampler.quasi_probabilities`.
    """

    def __init__(self, *, default_shots=1024, seed=None, noise_model=None, threads=None):
        super().__init__(seed, noise_model, threads)
        self._default_shots = default_shots

    @property
    def default_shots(self):
        """The number of shots where a run names none."""
        return self._default_shots

    def run(self, pubs, *, shots=None):
        shots = self._default_shots if shots is None else shots
        coerced = [SamplerPub.coerce(pub, shots) for pub in pubs]
        if any(len(pub.circuit.cregs) == 0 for pub in coerced):
            warnings.warn("One of your circuits has no output classical registers and so the result will be empty.", UserWarning)
        return self._job(coerced)

    def _run_pub(self, pub):
        rng = np.random.default_rng(self._seed)
        converted = _converted(pub.circuit)
        circuit = converted.circuit
        if self._noise_model is not None:
            circuit = self._noise_model.apply(circuit, readout=True)
        rows = _rows(pub, converted)
        shape, total = pub.parameter_values.shape, pub.circuit.num_clbits
        drawn = self._drawn(circuit, rows, pub.shots, total, rng) if total else [np.zeros((pub.shots, 0), np.uint8)] * len(rows)
        place = {bit: index for index, bit in enumerate(pub.circuit.clbits)}
        arrays = {}
        for register in pub.circuit.cregs:
            columns = [place[bit] for bit in register]
            packed = [_packed(bits[:, columns]) for bits in drawn]
            arrays[register.name] = BitArray(np.array(packed, dtype=np.uint8).reshape(*shape, pub.shots, -1), register.size)
        metadata = {"shots": pub.shots, "circuit_metadata": pub.circuit.metadata}
        return SamplerPubResult(DataBin(**arrays, shape=pub.shape), metadata=metadata)

    def _drawn(self, circuit, rows, shots, total, rng):
        """Classical bits of every shot, for each row."""
        before, last = circuit.split_measurements()
        conditioned = any(method == "conditional" for method, _ in before.operations())
        if (before.is_mixed or conditioned) and "measure" in circuit.operation_counts:
            seeds = rng.integers(2**63, size=len(rows))
            tables = (Executable(circuit.bind(row)).outcomes(shots, int(seed)) for row, seed in zip(rows, seeds))
            return [_spread(*table, rng) for table in tables]
        states = Batch(before, [], self._threads).states(rows) if last else [None] * len(rows)
        qubits = sorted({qubit for qubit, _ in last})
        column = {qubit: index for index, qubit in enumerate(qubits)}
        drawn = []
        for state in states:
            outcomes = np.zeros(shots, dtype=int)
            if qubits:
                probabilities = state.probabilities(qubits)
                outcomes = rng.choice(len(probabilities), size=shots, p=probabilities / probabilities.sum())
            bits = np.zeros((shots, total), dtype=np.uint8)
            for qubit, bit in last:
                bits[:, bit] = outcomes >> column[qubit] & 1
            drawn.append(bits)
        return drawn


def _spread(outcomes, counts, rng):
    """Outcomes, each as often as it came, in random order."""
    bits = np.repeat(outcomes, counts, axis=0)
    rng.shuffle(bits)
    return bits


