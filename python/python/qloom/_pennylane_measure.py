"""Mid-circuit measurements of PennyLane, outcome by outcome.

The tree of outcomes is walked depth first. With shots, those of a node are split between its outcomes by a binomial number, so that only
outcomes that come are followed and shots with equal outcomes share a state; without, every outcome of positive probability is followed.
"""

from __future__ import annotations

import numpy as np
import pennylane as qml
from pennylane.devices.qubit.simulate import measure_final_state as measure_pure
from pennylane.devices.qubit.simulate import measurement_with_no_shots
from pennylane.devices.qubit_mixed.simulate import measure_final_state as measure_mixed
from pennylane.exceptions import DeviceError
from pennylane.measurements import CountsMP, ExpectationMP, ProbabilityMP, SampleMP, VarianceMP
from pennylane.ops import Conditional, MidMeasure
from pennylane.tape import QuantumScript
from pennylane.transforms.dynamic_one_shot import gather_mcm

from . import _pennylane_gates as gates
from ._native import Circuit, PauliVector, StateVector

#: Less likely outcomes are not followed.
NEGLIGIBLE = 1e-15

#: Outcomes whose states are cleaned of rounding.
UNLIKELY = 1e-5

#: What can be read off the outcomes.
TAKEN = (CountsMP, ExpectationMP, ProbabilityMP, SampleMP, VarianceMP)


class _Engine:
    """States between mid-circuit measurements of a tape."""

    def __init__(self, work, rng):
        self.work, self.rng, self.num_wires = work, rng, work.num_qubits
        self.axes = [2] * work.num_qubits

    def circuit(self, ops):
        tape = QuantumScript([op for op in ops if not gates.is_prep(op)])
        circuit, _, _ = gates.Builder(tape, self.num_wires, None, ()).build(self.work.place)
        return circuit

    def probability(self, state, wire):
        """Of outcome 1."""
        return state.probabilities([self.work.place(wire)])[1]

    def kept(self, array, wire, outcome, reset, axes):
        """An array of a state with what has the other outcome on these axes taken out, 1 made 0 if it is reset."""
        kept = np.zeros_like(array)
        to = tuple((0 if reset else outcome) if axis in axes else slice(None) for axis in range(array.ndim))
        kept[to] = array[tuple(outcome if axis in axes else slice(None) for axis in range(array.ndim))]
        return kept


class PureEngine(_Engine):
    """State vectors."""

    def start(self):
        return gates.initial(self.work) if self.work.preps else Circuit(self.num_wires).state()

    def evolved(self, state, ops):
        return self.circuit(ops).state(initial=state)

    def projected(self, state, wire, outcome, reset):
        kept = self.kept(state.amplitudes().reshape(self.axes), wire, outcome, reset, (wire,))
        return StateVector((kept / np.linalg.norm(kept)).reshape(-1))

    def measured(self, tape, state):
        return measure_pure(tape, state.amplitudes().reshape(self.axes), False, rng=self.rng)


class MixedEngine(_Engine):
    """Density operators."""

    def start(self):
        return PauliVector(gates.density(self.work)) if self.work.preps else Circuit(self.num_wires).density()

    def evolved(self, state, ops):
        return self.circuit(ops).density(initial=state)

    def projected(self, state, wire, outcome, reset):
        size = 2**self.num_wires
        kept = self.kept(state.matrix().reshape(self.axes * 2), wire, outcome, reset, (wire, self.num_wires + wire)).reshape(size, size)
        weight = np.trace(kept).real
        kept = kept / weight
        if weight < UNLIKELY:
            # of what is left much is rounding, which may be negative
            values, vectors = np.linalg.eigh(kept)
            kept = (vectors * np.clip(values, 0.0, None)) @ vectors.conj().T
            kept = kept / np.trace(kept).real
        return PauliVector(kept)

    def measured(self, tape, state):
        return measure_mixed(tape, state.matrix().reshape(self.axes * 2), False, rng=self.rng)


def has_measurements(tape):
    """Whether a tape measures before its end."""
    return any(isinstance(op, MidMeasure) for op in tape.operations)


def leaves(engine, tape, shots, rng):
    """The ends of the tree: weight (a probability, or a number of shots), values of the measurements, and state."""
    at = [place for place, op in enumerate(tape.operations) if isinstance(op, MidMeasure)]
    bounds = [-1, *at, len(tape.operations)]
    segments = [tape.operations[first + 1 : last] for first, last in zip(bounds, bounds[1:])]
    measured = [tape.operations[place] for place in at]
    stack = [(0, 1.0 if shots is None else shots, {}, engine.start())]
    while stack:
        depth, weight, record, state = stack.pop()
        taken = [op.base if isinstance(op, Conditional) else op for op in segments[depth] if _runs(op, record)]
        state = engine.evolved(state, taken)
        if depth == len(measured):
            yield weight, record, state
            continue
        op = measured[depth]
        one = min(max(engine.probability(state, op.wires[0]), 0.0), 1.0)
        parts = [(1.0 - one) * weight, one * weight]
        if shots is not None:
            drawn = int(rng.binomial(weight, one))
            parts = [weight - drawn, drawn]
        for outcome in (1, 0):
            if parts[outcome] > (NEGLIGIBLE if shots is None else 0) and op.postselect in (None, outcome):
                after = engine.projected(state, op.wires[0], outcome, op.reset)
                stack.append((depth + 1, parts[outcome], {**record, op: outcome}, after))


def _runs(op, record):
    return not isinstance(op, Conditional) or bool(op.meas_val.concretize(record))


def execute(engine, tape, rng):
    """The results of a tape that is not broadcasted."""
    for mp in tape.measurements:
        if not isinstance(mp, TAKEN):
            raise DeviceError(f"{type(mp).__name__} cannot be read off mid-circuit measurements; take mcm_method='deferred'")
    if not tape.shots:
        return _packed(_analytic(engine, tape))
    results = tuple(_packed(_drawn(engine, tape, shots, rng)) for shots in tape.shots)
    return results if tape.shots.has_partitioned_shots else results[0]


def _packed(results):
    return results[0] if len(results) == 1 else tuple(results)


def _of_leaf(engine, mps, state, shots):
    """Results of measurements of a state."""
    if not mps:
        return []
    results = engine.measured(QuantumScript([], mps, shots=shots), state)
    return [results] if len(mps) == 1 else list(results)


def _mean(mp):
    """What has the mean and the mean square of a variance: expectation value and variance."""
    return [qml.expval(mp.obs), mp] if isinstance(mp, VarianceMP) else [mp]


def _analytic(engine, tape):
    """Means over all outcomes, weighted by their probabilities."""
    total, sums = 0.0, [0.0] * len(tape.measurements)
    plain = [part for mp in tape.measurements if mp.mv is None for part in _mean(mp)]
    for weight, record, state in leaves(engine, tape, None, None):
        total += weight
        results = iter(_of_leaf(engine, plain, state, None))
        values = {op: np.array([[value]]) for op, value in record.items()}
        for place, mp in enumerate(tape.measurements):
            if isinstance(mp, VarianceMP):
                if mp.mv is None:
                    mean, variance = next(results), next(results)
                else:
                    mean, variance = float(np.squeeze(mp.mv.concretize(values))), 0.0
                # of the square of the observable
                part = np.array([mean, variance + mean**2])
            elif mp.mv is None:
                part = next(results)
            else:
                part = gather_mcm(mp, values, np.array([True]))
            sums[place] = sums[place] + weight * np.asarray(part, dtype=float)
    if total == 0.0:
        return [measurement_with_no_shots(mp) for mp in tape.measurements]
    made = []
    for mp, value in zip(tape.measurements, sums):
        value = value / total
        made.append(value[1] - value[0] ** 2 if isinstance(mp, VarianceMP) else value)
    return made


def _drawn(engine, tape, shots, rng):
    """Results of shots; those that post-selection refuses are left out."""
    # a variance is that of all outcomes together
    plain = [qml.sample(mp.obs) if isinstance(mp, VarianceMP) else mp for mp in tape.measurements if mp.mv is None]
    counts, records, parts = [], [], []
    for count, record, state in leaves(engine, tape, shots, rng):
        counts.append(count)
        records.append(record)
        parts.append(_of_leaf(engine, plain, state, count))
    if not counts:
        return [measurement_with_no_shots(mp) for mp in tape.measurements]
    total = sum(counts)
    order = rng.permutation(total)
    values = {op: np.repeat([record[op] for record in records], counts)[order].reshape(-1, 1) for op in records[0]}
    made, column = [], 0
    for mp in tape.measurements:
        if mp.mv is not None:
            made.append(gather_mcm(mp, values, np.ones(total, dtype=bool)))
            continue
        made.append(_together(mp, [part[column] for part in parts], counts, order, engine.num_wires))
        column += 1
    return made


def _together(mp, parts, counts, order, num_wires):
    """The results of the ends of a tree as one."""
    total = len(order)
    if isinstance(mp, CountsMP):
        sums = {}
        for part in parts:
            for outcome, count in part.items():
                sums[outcome] = sums.get(outcome, 0) + count
        return dict(sorted(sums.items()))
    if isinstance(mp, (SampleMP, VarianceMP)):
        samples = np.concatenate([np.reshape(part, (count, -1)) for part, count in zip(parts, counts)])[order]
        return np.var(samples) if isinstance(mp, VarianceMP) else samples.reshape(mp.shape(total, num_wires))
    return sum(np.asarray(part) * count for part, count in zip(parts, counts)) / total
