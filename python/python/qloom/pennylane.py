"""PennyLane devices: `qloom.qubit` on state vectors and `qloom.noisy` on density operators.

Both differentiate expectation values exactly by the adjoint method, broadcasted parameters and noise channels included: a broadcasted
circuit is one batch, forward and backward. What has no native form (entropies, shadows, variances) is read off the final state by
PennyLane's own functions.

>>> import pennylane as qml
>>> @qml.qnode(qml.device("qloom.qubit", wires=1))
... def circuit(x):
...     qml.RX(x, 0)
...     return qml.expval(qml.Z(0))
>>> round(float(circuit(0.5)), 6)
0.877583
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pennylane as qml
from pennylane.devices import Device, ExecutionConfig
from pennylane.devices.default_qubit import accepted_analytic_measurement, accepted_sample_measurement
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.preprocess import (
    decompose,
    device_resolve_dynamic_wires,
    no_sampling,
    validate_device_wires,
    validate_measurements,
)
from pennylane.devices.qubit.simulate import measure_final_state as measure_pure
from pennylane.devices.qubit_mixed.simulate import measure_final_state as measure_mixed
from pennylane.exceptions import DecompositionUndefinedError, DeviceError
from pennylane.measurements import ExpectationMP
from pennylane.operation import Channel as PennyLaneChannel
from pennylane.operation import StatePrepBase
from pennylane.ops import Conditional, MidMeasure
from pennylane.transforms import broadcast_expand
from pennylane.transforms.core import transform

from . import _pennylane_gates as gates
from . import _pennylane_measure as tree
from ._native import Batch, PauliVector
from ._pennylane_tape import Tape, num_rows, rows_of

__all__ = ["QloomNoisy", "QloomQubit"]


def _native(op):
    return gates.is_native(op) or isinstance(op, StatePrepBase)


def _native_or_channel(op):
    return _native(op) or isinstance(op, qml.QubitDensityMatrix) or (isinstance(op, PennyLaneChannel) and len(op.wires) <= 3)


def _batches(tape):
    """Whether a broadcasted tape is one batch: all that is broadcasted are angles, and nothing is drawn."""
    broadcasted = [op for op in tape.operations if rows_of(op) is not None]
    return not tape.shots and not any(gates.is_prep(op) for op in tape.operations) and all(gates.has_angles(op) for op in broadcasted)


def _within(op):
    """Whether a measurement within a circuit, or what depends on one, is executed as it is."""
    return isinstance(op, MidMeasure) or (isinstance(op, Conditional) and _native(op.base))


def _unbroadcasted_observables(tape):
    return all(mp.obs is None or getattr(mp.obs, "batch_size", None) is None for mp in tape.measurements)


@transform
def _expand_where_needed(tape):
    """Splits a broadcasted tape that is no batch into one a row."""
    one = _batches(tape) and _unbroadcasted_observables(tape) and not tree.has_measurements(tape)
    if num_rows(tape) is None or one:
        return (tape,), lambda results: results[0]
    return broadcast_expand(tape)


def _differentiable(op):
    """Whether derivatives by the operation's angles are native, or none are asked for."""
    return gates.has_angles(op) or gates.is_prep(op) or not any(qml.math.requires_grad(value) for value in op.data)


def _collected(work, slopes, parameter):
    """The derivative by a parameter of the tape, by row, of those by the angles of the circuit."""
    terms = [slopes[:, index] if factor == 1.0 else factor * slopes[:, index] for index, factor in work.circuit()[2].get(parameter, ())]
    return terms[0] if len(terms) == 1 else np.sum(terms, axis=0) if terms else np.zeros(len(slopes))


def _results(tape, values):
    """Values by observable as PennyLane returns them."""
    values = [np.asarray(value) if np.ndim(value) else np.float64(value) for value in values]
    return values[0] if len(tape.measurements) == 1 else tuple(values)


#: Methods for mid-circuit measurements.
METHODS = ("deferred", "one-shot", "tree-traversal")


class _Qloom(Device):
    """What both devices have in common."""

    _stopping_condition = staticmethod(_native)

    def __init__(self, wires=None, shots=None, seed="global", threads=None):
        super().__init__(wires=wires, shots=shots)
        seed = np.random.randint(0, 10_000_000) if seed == "global" else seed
        self._rng = np.random.default_rng(seed)
        self._threads = threads
        self._last, self._asked = None, (None, False)

    def _work(self, tape):
        """The tape as a circuit; that of an execution is kept for the derivatives that follow it."""
        if self._last is None or not self._last.is_of(tape):
            self._last = Tape(tape)
        return self._last

    def setup_execution_config(self, config=None, circuit=None):
        config = config or ExecutionConfig()
        for option in config.device_options:
            raise DeviceError(f"device option {option} not present on {self.name}; there are none")
        updates = {"mcm_config": self._mcm_config(config.mcm_config, circuit)}
        method = config.gradient_method
        follows = circuit is not None and tree.has_measurements(circuit) and updates["mcm_config"].mcm_method != "deferred"
        if method == "best" and follows:
            method = updates["gradient_method"] = "parameter-shift"
        if method in ("best", "device"):
            method = updates["gradient_method"] = "adjoint"
        native = method == "adjoint"
        if config.use_device_gradient is None:
            updates["use_device_gradient"] = native
        broadcasted = circuit is not None and num_rows(circuit) is not None
        if config.use_device_jacobian_product is None or (native and broadcasted):
            # PennyLane stacks Jacobians, whose shapes differ where some parameters are broadcasted; products have none
            updates["use_device_jacobian_product"] = native
        if config.grad_on_execution is None and native:
            updates["grad_on_execution"] = False
        return replace(config, **updates)

    def _mcm_config(self, config, circuit):
        """How mid-circuit measurements are done: by default deferred, outcome by outcome where shots are drawn or outcomes selected."""
        method = config.mcm_method
        if method not in (None, "device", *METHODS):
            raise DeviceError(f"mcm_method='{method}' is not supported with {self.name}; take one of {', '.join(METHODS)}")
        if method == "device":
            method = "tree-traversal"
        if method is None:
            shots = circuit is not None and bool(circuit.shots)
            selects = circuit is not None and any(getattr(op, "postselect", None) is not None for op in circuit.operations)
            method = "tree-traversal" if shots or selects else "deferred"
        if config.postselect_mode not in (None, "hw-like") and method != "deferred":
            raise DeviceError(f"postselect_mode='{config.postselect_mode}' is not supported with mcm_method='{method}'; take hw-like")
        return replace(config, mcm_method=method)

    def preprocess_transforms(self, execution_config=None):
        config = execution_config or ExecutionConfig()
        program = qml.CompilePipeline()
        deferred = config.mcm_config.mcm_method in (None, "deferred")
        if deferred:
            program.add_transform(qml.defer_measurements, allow_postselect=False)
        program.add_transform(
            decompose,
            stopping_condition=self._stopping_condition if deferred else self._stops_within,
            device_wires=self.wires,
            skip_initial_state_prep=True,
            name=self.name,
        )
        program.add_transform(device_resolve_dynamic_wires, wires=self.wires, allow_resets=not deferred)
        program.add_transform(validate_device_wires, self.wires, name=self.name)
        program.add_transform(
            validate_measurements,
            analytic_measurements=accepted_analytic_measurement,
            sample_measurements=accepted_sample_measurement,
            name=self.name,
        )
        if config.gradient_method == "adjoint":
            self._add_adjoint(program)
        program.add_transform(_expand_where_needed)
        return program

    def _stops_within(self, op):
        return self._stopping_condition(op) or _within(op)

    def _add_adjoint(self, program):
        name = f"adjoint + {self.name}"
        program.add_transform(no_sampling, name=name)
        program.add_transform(
            decompose,
            stopping_condition=lambda op: self._stopping_condition(op) and _differentiable(op),
            device_wires=self.wires,
            skip_initial_state_prep=True,
            name=name,
        )
        program.add_transform(
            validate_measurements,
            analytic_measurements=lambda mp: isinstance(mp, ExpectationMP) and mp.obs is not None and self._has_sum(mp.obs),
            name=name,
        )

    @staticmethod
    def _has_sum(observable):
        return observable.pauli_rep is not None or (len(observable.wires) <= 6 and observable.has_matrix)

    def supports_derivatives(self, execution_config=None, circuit=None):
        if execution_config is None and circuit is None:
            return True
        if execution_config is None or execution_config.gradient_method not in ("adjoint", "best", "device"):
            return False
        if circuit is None:
            return True
        # PennyLane asks twice before each execution
        if self._asked[0] is not circuit:
            self._asked = (circuit, self._has_adjoint(circuit))
        return self._asked[1]

    def _has_adjoint(self, tape):
        program = qml.CompilePipeline()
        self._add_adjoint(program)
        try:
            program((tape,))
            return True
        except (DecompositionUndefinedError, DeviceError, AttributeError):
            return False

    def execute(self, circuits, execution_config=None):
        return tuple(self._execute(circuit) for circuit in circuits)

    def _execute(self, tape):
        if tree.has_measurements(tape):
            work = Tape(tape)
            return tree.execute(self._engine(work), work.tape, self._rng)
        if not tape.shots:
            work = self._work(tape)
            if work.sums() is not None and self._takes(work):
                return _results(tape, self._values(work))
        return self._by_state(tape)

    def _takes(self, work):
        return not any(isinstance(op, qml.QubitDensityMatrix) for op in work.preps)

    def _batch(self, work, circuit, sums):
        inputs = gates.initial(work) if work.preps else None
        return Batch(circuit, sums, self._threads, None if inputs is None else [inputs])

    def _compiled(self, work):
        """Of the tape's circuit and observables, made once."""
        if work.batch is None:
            work.batch = self._batch(work, work.circuit()[0], work.sums())
        return work.batch

    def _values(self, work):
        values = self._compiled(work).values(work.circuit()[1])
        return list(values.T) if work.rows is not None else list(values[0])

    # derivatives

    def _jacobian(self, tape):
        """Values, and derivatives by trainable parameter: `[observable][parameter]`, each by row where the tape is broadcasted."""
        work = self._work(tape)
        values, slopes = self._compiled(work).values_and_gradients(work.circuit()[1])
        jacobian = []
        for observable in range(values.shape[1]):
            of_observable = []
            for parameter in tape.trainable_params:
                derivative = _collected(work, slopes[:, observable], parameter)
                if work.rows is None:
                    of_observable.append(np.float64(derivative[0]))
                else:
                    # each row's value changes with its own parameter alone
                    of_observable.append(np.diag(derivative) if work.builder.has_rows(parameter) else derivative)
            jacobian.append(tuple(of_observable))
        values = list(values.T) if work.rows is not None else list(values[0])
        return _results(tape, values), jacobian

    @staticmethod
    def _shaped(tape, jacobian):
        if not tape.trainable_params:
            return tuple() if len(jacobian) == 1 else tuple(() for _ in jacobian)
        rows = [row[0] if len(row) == 1 else row for row in jacobian]
        rows = [np.asarray(row) if len(tape.trainable_params) == 1 else row for row in rows]
        return rows[0] if len(rows) == 1 else tuple(rows)

    def compute_derivatives(self, circuits, execution_config=None):
        return tuple(self._shaped(tape, self._jacobian(tape)[1]) for tape in circuits)

    def execute_and_compute_derivatives(self, circuits, execution_config=None):
        pairs = [self._jacobian(tape) for tape in circuits]
        shaped = tuple(self._shaped(tape, jacobian) for tape, (_, jacobian) in zip(circuits, pairs))
        return tuple(results for results, _ in pairs), shaped

    def supports_vjp(self, execution_config=None, circuit=None):
        return self.supports_derivatives(execution_config, circuit)

    def supports_jvp(self, execution_config=None, circuit=None):
        return self.supports_derivatives(execution_config, circuit)

    def _vjp(self, tape, cotangents):
        """Values, and the product of cotangents with their Jacobian, by trainable parameter: one pass forward and one back."""
        work = self._work(tape)
        rows = work.circuit()[1]
        parts = (cotangents,) if len(tape.measurements) == 1 else tuple(cotangents)
        given = np.stack([np.broadcast_to(np.asarray(qml.math.toarray(part), dtype=float), (len(rows),)) for part in parts], axis=1)
        values, slopes, _ = self._compiled(work).vjp(rows, np.ascontiguousarray(given))
        by_parameter = []
        for parameter in tape.trainable_params:
            derivative = _collected(work, slopes, parameter)
            by_parameter.append(derivative if work.builder.has_rows(parameter) else np.float64(derivative.sum()))
        values = list(values.T) if work.rows is not None else list(values[0])
        return _results(tape, values), tuple(by_parameter)

    def compute_vjp(self, circuits, cotangents, execution_config=None):
        return tuple(self._vjp(tape, part)[1] for tape, part in zip(circuits, cotangents))

    def execute_and_compute_vjp(self, circuits, cotangents, execution_config=None):
        pairs = [self._vjp(tape, part) for tape, part in zip(circuits, cotangents)]
        return tuple(results for results, _ in pairs), tuple(vjp for _, vjp in pairs)

    def _jvp(self, tape, tangents):
        results, jacobian = self._jacobian(tape)
        sums = [sum((np.dot(part, t) if np.ndim(part) == 2 else part * t for part, t in zip(row, tangents)), 0.0) for row in jacobian]
        return results, _results(tape, sums)

    def compute_jvp(self, circuits, tangents, execution_config=None):
        return tuple(self._jvp(tape, part)[1] for tape, part in zip(circuits, tangents))

    def execute_and_compute_jvp(self, circuits, tangents, execution_config=None):
        pairs = [self._jvp(tape, part) for tape, part in zip(circuits, tangents)]
        return tuple(results for results, _ in pairs), tuple(jvp for _, jvp in pairs)


@simulator_tracking
@single_tape_support
class QloomQubit(_Qloom):
    """`qloom.qubit`: state vectors; shots, adjoint derivatives and vector-Jacobian products, broadcasting in batches.

    `wires`: their number or labels, or none for those that a circuit uses; `seed` fixes what is drawn; `threads`, by default the machine's.
    """

    config_filepath = Path(__file__).parent / "pennylane_qubit.toml"
    _stopping_condition = staticmethod(_native)

    @property
    def name(self):
        return "qloom.qubit"

    def _engine(self, work):
        return tree.PureEngine(work, self._rng)

    def _by_state(self, tape):
        work = self._work(tape)
        circuit, rows, _ = work.circuit()
        n = work.num_qubits
        if work.rows is None:
            state = circuit.state(rows[0], gates.initial(work) if work.preps else None).amplitudes().reshape([2] * n)
        else:
            states = self._batch(work, circuit, []).states(rows)
            state = np.stack([each.amplitudes() for each in states]).reshape([-1] + [2] * n)
        return measure_pure(work.tape, state, work.rows is not None, rng=self._rng)


@simulator_tracking
@single_tape_support
class QloomNoisy(_Qloom):
    """`qloom.noisy`: density operators as Pauli vectors, channels on up to three wires, exact derivatives through the noise.

    `wires`, `seed` and `threads` as for `qloom.qubit`.
    """

    config_filepath = Path(__file__).parent / "pennylane_noisy.toml"
    _stopping_condition = staticmethod(_native_or_channel)

    @property
    def name(self):
        return "qloom.noisy"

    def _takes(self, work):
        return not work.preps

    def _batch(self, work, circuit, sums):
        return Batch(gates.mixed(circuit), sums, self._threads)

    def _engine(self, work):
        return tree.MixedEngine(work, self._rng)

    def _by_state(self, tape):
        work = self._work(tape)
        circuit, rows, _ = work.circuit()
        n = work.num_qubits
        if work.rows is None:
            initial = PauliVector(gates.density(work)) if work.preps else None
            state = circuit.density(rows[0], initial).matrix().reshape([2] * (2 * n))
        else:
            states = self._batch(work, circuit, []).states(rows)
            state = np.stack([each.matrix() for each in states]).reshape([-1] + [2] * (2 * n))
        return measure_mixed(work.tape, state, work.rows is not None, rng=self._rng)

